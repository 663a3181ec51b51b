//! Which comments are the documentation of what stands below them: one rule for both forms.

use std::sync::Arc;

use super::ast::Comment;

/// Returns what the `##` comments right above a place say. Other comments among them are passed over, a blank line or
/// what stands further right than `indent` ends them: that belongs to the block above.
pub(super) fn above(comments: &[Comment], text: &str, place: u32, indent: usize) -> Option<Arc<str>> {
    let mut lines = Vec::new();
    let mut start = place as usize;
    let count = comments.partition_point(|it| it.span.start < place);
    for comment in comments.get(..count).unwrap_or_default().iter().rev() {
        let between = text.get(comment.span.range().end..start).unwrap_or("\n\n");
        let adjacent = between.bytes().filter(|it| *it == b'\n').count() == 1 && between.trim().is_empty();
        start = comment.span.range().start;
        let column = text.get(..start).map_or(0, |it| start - it.rfind('\n').map_or(0, |it| it + 1));
        if !adjacent || comment.trailing || column > indent {
            break;
        }
        if let Some(line) = comment.text.strip_prefix('#') {
            lines.push(line.strip_prefix(' ').unwrap_or(line));
        }
    }
    lines.reverse();
    (!lines.is_empty()).then(|| lines.join("\n").into())
}
