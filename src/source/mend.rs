//! The fixes that may be applied without a person's look, and a text with edits applied.

use std::collections::HashMap;

use super::{Diagnostic, Edit, FileId, Fix, Source};

/// Returns of each finding the safe fix that has edits; of two that overlap the first counts.
pub fn safe_fixes<'d>(found: impl IntoIterator<Item = &'d Diagnostic>) -> Vec<(&'d Diagnostic, &'d Fix)> {
    let mut taken: HashMap<FileId, Vec<&Edit>> = HashMap::new();
    let mut fixes = Vec::new();
    for diagnostic in found {
        let Some(fix) = diagnostic.fixes.iter().find(|it| it.safe && !it.edits.is_empty()) else { continue };
        // An insertion takes the place that it stands at.
        let end = |it: &Edit| it.span.end.max(it.span.start + 1);
        let overlaps = |edit: &Edit| {
            let mut others = taken.get(&edit.span.file).into_iter().flatten();
            others.any(|it| it.span.start < end(edit) && edit.span.start < end(it))
        };
        if fix.edits.iter().any(overlaps) {
            continue;
        }
        for edit in &fix.edits {
            taken.entry(edit.span.file).or_default().push(edit);
        }
        fixes.push((diagnostic, fix));
    }
    fixes
}

impl Source {
    /// Returns the text with edits applied that do not overlap; what is not in this text is left out.
    pub fn edited(&self, mut edits: Vec<&Edit>) -> String {
        edits.sort_by_key(|it| std::cmp::Reverse(it.span.start));
        let mut text = self.text().to_string();
        for edit in edits {
            if text.get(edit.span.range()).is_some() {
                text.replace_range(edit.span.range(), &edit.text);
            }
        }
        text
    }
}
