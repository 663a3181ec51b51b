//! Applies the fixes that are safe.

use std::collections::BTreeMap;

use super::stop::Stop;
use crate::source::{Diagnostic, Edit, FileId, Sources};

/// Writes every safe fix into its file and returns how many there were. Of two that overlap the first counts.
pub fn apply(sources: &Sources, diagnostics: &[Diagnostic]) -> Result<usize, Stop> {
    let mut by_file: BTreeMap<FileId, Vec<&Edit>> = BTreeMap::new();
    let mut applied = 0;
    for diagnostic in diagnostics {
        let Some(fix) = diagnostic.fixes.iter().find(|it| it.safe && !it.edits.is_empty()) else { continue };
        let overlaps = |edit: &Edit| {
            let others = by_file.get(&edit.span.file).into_iter().flatten();
            others.clone().any(|it| {
                it.span.start < edit.span.end.max(edit.span.start + 1)
                    && edit.span.start < it.span.end.max(it.span.start + 1)
            })
        };
        if !fix.edits.iter().any(overlaps) {
            applied += 1;
            fix.edits.iter().for_each(|it| by_file.entry(it.span.file).or_default().push(it));
        }
    }
    for (file, mut edits) in by_file {
        let Some((source, path)) = sources.get(file).and_then(|it| Some((it, it.path()?))) else { continue };
        edits.sort_by_key(|it| std::cmp::Reverse(it.span.start));
        let mut text = source.text().to_string();
        for edit in edits {
            text.replace_range(edit.span.range(), &edit.text);
        }
        std::fs::write(path, text)
            .map_err(|error| Stop::usage(format_args!("cannot write `{}`: {error}", path.display())))?;
    }
    Ok(applied)
}
