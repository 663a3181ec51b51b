//! Applies the fixes that are safe.

use std::collections::BTreeMap;

use super::{files, stop::Stop};
use crate::{
    source::{Diagnostic, Edit, FileId, Source, Sources, safe_fixes},
    syntax,
};

/// Writes every safe fix into its file and returns how many there were. Of two that overlap the first counts.
///
/// A file that could be read before is read again first: what would break it is not written.
pub fn apply(sources: &Sources, diagnostics: &[Diagnostic]) -> Result<usize, Stop> {
    let mut by_file: BTreeMap<FileId, (usize, Vec<&Edit>)> = BTreeMap::new();
    for (diagnostic, fix) in safe_fixes(diagnostics) {
        for edit in &fix.edits {
            by_file.entry(edit.span.file).or_default().1.push(edit);
        }
        by_file.entry(diagnostic.span.file).or_default().0 += 1;
    }
    let mut applied = 0;
    for (file, (count, edits)) in by_file {
        let Some((source, path)) = sources.get(file).and_then(|it| Some((it, it.path()?))) else { continue };
        let text = source.edited(edits);
        let mended = Source::new(source.name(), None, text.as_str());
        if errors(&mended) <= errors(source) {
            files::replace(path, &text)?;
            applied += count;
        }
    }
    Ok(applied)
}

fn errors(source: &Source) -> usize {
    let parsed = syntax::parse(FileId::default(), source);
    parsed.diagnostics.iter().filter(|it| it.is_error()).count()
}
