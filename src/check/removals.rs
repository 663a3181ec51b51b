//! Mends that take something away take all of it: not the blanks of its line, nor the comma that parted it from the rest.

use std::ops::Range;

use crate::source::{Diagnostic, Sources, Span};

/// Widens every edit that only removes.
pub(super) fn widen(sources: &Sources, diagnostics: &mut [Diagnostic]) {
    let edits = diagnostics.iter_mut().flat_map(|it| &mut it.fixes).flat_map(|it| &mut it.edits);
    for edit in edits.filter(|it| it.text.is_empty() && it.span.start < it.span.end) {
        let Some(source) = sources.get(edit.span.file) else { continue };
        if let Some(whole) = whole(source.text(), edit.span.range()) {
            edit.span = Span::new(edit.span.file, whole.start, whole.end);
        }
    }
}

/// Returns what goes along with a stretch of text.
fn whole(text: &str, part: Range<usize>) -> Option<Range<usize>> {
    let (before, after) = (text.get(..part.start)?, text.get(part.end..)?);
    if text.get(part.clone())?.ends_with('\n') {
        return None;
    }
    let line = before.rfind('\n').map_or(0, |it| it + 1);
    let end = after.find('\n').map_or(text.len(), |it| part.end + it);
    let (before, after) = (before.get(line..)?, text.get(part.end..end)?);
    let (kept, next) = (before.trim_end(), after.trim_start());
    if next.is_empty() && matches!(kept.trim_start(), "" | "-") {
        return Some(line..(end + 1).min(text.len()));
    }
    let closes = next.starts_with(['}', ']', ')', ',']);
    if let Some(kept) = kept.strip_suffix(',').filter(|_| closes) {
        return Some(line + kept.len()..part.end);
    }
    if let Some(rest) = next.strip_prefix(',').filter(|_| kept.ends_with(['{', '[', '('])) {
        return Some(part.start..end - rest.trim_start().len());
    }
    next.is_empty().then_some(line + kept.len()..part.end)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail loudly")]

    use super::*;

    #[test]
    fn lines_blanks_and_commas_go_along() {
        for (text, part, left) in [
            ("a\n  let x = 1\nb\n", "let x = 1", "a\nb\n"),
            ("s:\n  - x: {a: b}\n  - y: c\n", "x: {a: b}", "s:\n  - y: c\n"),
            ("{a: 1, b: 2, c: 3}", "b: 2", "{a: 1, c: 3}"),
            ("{a: 1, b: 2}", "b: 2", "{a: 1}"),
            ("{a: 1, b: 2}", "a: 1", "{b: 2}"),
            ("step a = b.c # note\n", "# note", "step a = b.c\n"),
            ("a b\n", "a", " b\n"),
        ] {
            let start = text.find(part).unwrap();
            let part = start..start + part.len();
            let mut after = text.to_owned();
            after.replace_range(whole(text, part.clone()).unwrap_or(part), "");
            assert_eq!(after, left);
        }
    }
}
