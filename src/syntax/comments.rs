//! What comments belong to: what stands below them, or what ends above them.

use std::{ops::Range, sync::Arc};

use super::ast::{Arg, Comment, Expr, Form, Name, TypeExpr};
use crate::source::Span;

/// Returns what the `##` comments right above a place say. Other comments among them are passed over, a blank line or
/// what stands further right than `indent` ends them: that belongs to the block above.
pub(super) fn doc(comments: &[Comment], text: &str, place: u32, indent: usize) -> Option<Arc<str>> {
    let mut lines = Vec::new();
    let mut start = place as usize;
    let count = comments.partition_point(|it| it.span.start < place);
    for comment in comments.get(..count).unwrap_or_default().iter().rev() {
        let between = text.get(comment.span.range().end..start).unwrap_or("\n\n");
        let adjacent = between.bytes().filter(|it| *it == b'\n').count() == 1 && between.trim().is_empty();
        start = comment.span.range().start;
        if !adjacent || comment.trailing || column(text, start) > indent {
            break;
        }
        if let Some(line) = comment.text.strip_prefix('#') {
            lines.push(line.strip_prefix(' ').unwrap_or(line));
        }
    }
    lines.reverse();
    (!lines.is_empty()).then(|| lines.join("\n").into())
}

/// What tells which comments stand inside a list or a record.
#[derive(Clone, Copy)]
pub(super) struct Inside<'a> {
    pub comments: &'a [Comment],
    pub text: &'a str,
    pub form: Form,
}

impl Inside<'_> {
    /// Returns from where to where a comment stands inside a list.
    pub fn list(self, span: Span, items: &[Expr]) -> Range<u32> {
        self.range(span, items.first().map(|it| it.span), true)
    }

    /// Returns from where to where a comment stands inside a record or among arguments.
    pub fn args(self, span: Span, args: &[Arg]) -> Range<u32> {
        self.range(span, args.first().map(|it| it.span), false)
    }

    /// Returns from where to where a comment stands inside the type of a record.
    pub fn fields(self, span: Span, fields: &[(Name, TypeExpr)]) -> Range<u32> {
        self.range(span, fields.first().map(|it| it.0.span), false)
    }

    /// In YAML what has no brackets (one where it starts may be its first part's) has no ends of its own: a comment behind the key
    /// that holds it or behind its last line is inside, and so are those above and below it that stand no further left.
    fn range(self, span: Span, first: Option<Span>, list: bool) -> Range<u32> {
        let Self { comments, text, form } = self;
        let mut inside = span.start..span.end;
        let bracket = text.get(span.range().start..).is_some_and(|it| it.starts_with(['{', '[']));
        if form == Form::Wf || first.is_none_or(|it| bracket && it.start != span.start) {
            return inside;
        }
        let dash =
            text.get(..span.range().start).map(|it| it.trim_end_matches(' ')).filter(|it| list && it.ends_with('-'));
        let own = column(text, dash.map_or(span.range().start, |it| it.len() - 1));
        let blank = |from: u32, to: u32| {
            text.get(from as usize..to as usize).is_some_and(|it| it.trim_matches([' ', '\r', '\n', '-']).is_empty())
        };
        let first = comments.partition_point(|it| it.span.start < span.start);
        for comment in comments.get(..first).unwrap_or_default().iter().rev() {
            let start = comment.span.range().start;
            let key = comment.trailing && text.get(..start).is_some_and(|it| it.trim_end().ends_with(':'));
            if !blank(comment.span.end, inside.start) || !key && (comment.trailing || column(text, start) < own) {
                break;
            }
            inside.start = comment.span.start;
        }
        let first = comments.partition_point(|it| it.span.start < span.end);
        for comment in comments.get(first..).unwrap_or_default() {
            let start = comment.span.range().start;
            let behind = comment.trailing && inside.end == span.end;
            if !blank(inside.end, comment.span.start) || !behind && (comment.trailing || column(text, start) < own) {
                break;
            }
            inside.end = comment.span.end;
        }
        inside
    }
}

/// Returns how many bytes stand before a byte on its line.
fn column(text: &str, at: usize) -> usize {
    text.get(..at).map_or(0, |it| at - it.rfind('\n').map_or(0, |it| it + 1))
}
