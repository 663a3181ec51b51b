//! Lines, indentation and comments: where each comment of the tree's text comes out again.

use std::ops::Range;

use super::expr::{arg_parts, expr_to_wf};
use crate::{
    source::{Source, Span},
    syntax::{
        ast::{Arg, Comment, Expr, ExprKind, File, Form},
        comments::Inside,
    },
};

/// The width over which a call, a list or a record is broken, one part a line.
const WIDTH: usize = 100;

/// The keys of the YAML form that hold statements and are none.
pub const HOLDERS: &[&str] = &["steps:", "params:", "outputs:", "rules:", "let:"];

/// Writes lines and puts the comments between them.
pub(super) struct Printer<'a> {
    pub source: &'a Source,
    pub out: String,
    pub depth: usize,
    comments: &'a [Comment],
    form: Form,
    /// The comments that are out already.
    done: usize,
    /// Whether the next line opens a block, so that no blank line is wanted before it.
    opening: bool,
    /// The byte at which the current line starts in `out`.
    line: usize,
}

impl<'a> Printer<'a> {
    pub fn new(source: &'a Source, file: &'a File) -> Self {
        let (comments, form) = (file.comments.as_slice(), file.form);
        Self { source, out: String::new(), depth: 0, comments, form, done: 0, opening: true, line: 0 }
    }

    /// Starts the line of something that stands at `span`: first the comments above it.
    pub fn start(&mut self, span: Span) {
        self.comments_before(span.start);
        self.begin(span.start);
    }

    /// Starts the line of a part of a statement, above which no blank line is kept.
    pub fn start_part(&mut self, span: Span) {
        self.comments_before(span.start);
        self.opening = true;
        self.begin(span.start);
    }

    /// Ends the line of something that ends with `span`, with the comment behind it.
    pub fn end(&mut self, span: Span) {
        self.end_before(span, u32::MAX);
    }

    /// Ends a line as [`Self::end`] does, where a comment from `next` on belongs to what comes next on the same line.
    pub fn end_before(&mut self, span: Span, next: u32) {
        self.inner_comments(span.end);
        if let Some(comment) = self.comments.get(self.done)
            && comment.trailing
            && comment.span.start >= span.end
            && comment.span.start < next
            && !self.between(span.end, comment.span.start).contains('\n')
        {
            self.done += 1;
            self.out.push(' ');
            self.push_comment(comment);
        }
        self.out.push('\n');
    }

    /// Ends a line that opens a block or a list, with the comment behind it: one that stands before byte `inside`, where
    /// the first part starts. With no part, a comment is inside.
    pub fn open(&mut self, before: u32, inside: u32) {
        self.inner_comments(before);
        if let Some(comment) = self.comments.get(self.done)
            && comment.trailing
            && comment.span.start >= before
            && comment.span.start < inside
            && !self.between(before, comment.span.start).contains('\n')
        {
            self.done += 1;
            self.out.push(' ');
            self.push_comment(comment);
        }
        self.out.push('\n');
        self.depth += 1;
        self.opening = true;
    }

    /// Starts the line that closes a block which ends with `span`.
    pub fn close(&mut self, span: Span, bracket: &str) {
        self.comments_before(span.end.saturating_sub(1));
        self.depth -= 1;
        self.opening = true;
        self.begin(span.end);
        self.out.push_str(bracket);
    }

    /// Writes the comments that are left.
    pub fn finish(mut self) -> String {
        self.comments_before(u32::MAX);
        self.out
    }

    /// Makes sure that a blank line comes next, unless nothing is written yet.
    pub fn blank(&mut self) {
        if !self.out.is_empty() && !self.out.ends_with("\n\n") {
            self.out.push('\n');
        }
    }

    /// Returns how many characters the current line has.
    pub fn column(&self) -> usize {
        let start = self.out.rfind('\n').map_or(0, |it| it + 1);
        self.out.get(start..).map_or(0, |it| it.chars().count())
    }

    /// Skips the comments inside a stretch that is given back as it stands.
    pub fn skip(&mut self, span: Span) {
        while self.comments.get(self.done).is_some_and(|it| it.span.start < span.end) {
            self.done += 1;
        }
    }

    /// Returns what tells which comments stand inside a list or a record.
    pub fn inside(&self) -> Inside<'a> {
        Inside { comments: self.comments, text: self.source.text(), form: self.form }
    }

    /// Says whether a comment stands in a stretch.
    pub fn has_comment(&self, within: Range<u32>) -> bool {
        let from = self.comments.iter().skip(self.done);
        from.take_while(|it| it.span.start < within.end).any(|it| it.span.start >= within.start)
    }

    /// Writes an expression, broken where it is too long or has comments inside.
    pub fn expr(&mut self, expr: &Expr) {
        let flat = expr_to_wf(expr, self.source);
        let column = self.column();
        let whole = match &expr.kind {
            ExprKind::Call { args, args_span, .. } => {
                expr.span.start..self.inside().args(*args_span, args).end.max(expr.span.end)
            }
            ExprKind::List(items) => self.inside().list(expr.span, items),
            ExprKind::Record(fields) => self.inside().args(expr.span, fields),
            _ => expr.span.start..expr.span.end,
        };
        let inside = self.has_comment(whole);
        if !inside && column + flat.chars().count() <= WIDTH {
            self.out.push_str(&flat);
            return;
        }
        match &expr.kind {
            ExprKind::Call { callee, args, args_span } if !args.is_empty() => {
                self.out.push_str(&expr_to_wf(callee, self.source));
                self.args('(', args, *args_span, ")");
            }
            ExprKind::Record(fields) if !fields.is_empty() => self.args('{', fields, expr.span, "}"),
            ExprKind::List(items) if !items.is_empty() => {
                self.out.push('[');
                self.open(
                    self.inside().list(expr.span, items).start,
                    items.first().map_or(expr.span.end, |it| it.span.start),
                );
                for item in items {
                    self.start_part(item.span);
                    self.expr(item);
                    self.part_end(item.span);
                }
                self.comments_before(self.inside().list(expr.span, items).end);
                self.close(expr.span, "]");
            }
            ExprKind::Paren(inner) => {
                self.out.push('(');
                self.expr(inner);
                self.out.push(')');
            }
            _ => self.out.push_str(&flat),
        }
    }

    fn args(&mut self, bracket: char, args: &[Arg], span: Span, closer: &str) {
        self.out.push(bracket);
        self.open(self.inside().args(span, args).start, args.first().map_or(span.end, |it| it.span.start));
        for arg in args {
            self.start_part(arg.span);
            let (before, value) = arg_parts(arg);
            self.out.push_str(&before);
            self.expr(value);
            self.part_end(arg.span);
        }
        self.comments_before(self.inside().args(span, args).end);
        self.close(span, closer);
    }

    /// Ends the line of a part, behind whose comma its comment may stand.
    pub fn part_end(&mut self, span: Span) {
        self.out.push(',');
        let rest = self.source.text().get(span.end as usize..).unwrap_or_default();
        let comma = rest.trim_start_matches([' ', '\t']).starts_with(',');
        let skip = rest.find(',').filter(|_| comma).map_or(0, |it| it + 1);
        self.end(Span { end: span.end + u32::try_from(skip).unwrap_or(0), ..span });
    }

    /// Writes the comments that stand before a place, each on its line.
    pub fn comments_before(&mut self, place: u32) {
        while let Some(comment) = self.comments.get(self.done).filter(|it| it.span.start < place) {
            self.done += 1;
            self.begin(comment.span.start);
            self.push_comment(comment);
            self.out.push('\n');
        }
    }

    /// Moves comments that stand inside what is written on one line to above that line.
    fn inner_comments(&mut self, before: u32) {
        let indent = "  ".repeat(self.depth);
        let mut above = String::new();
        while let Some(comment) = self.comments.get(self.done).filter(|it| it.span.start < before) {
            self.done += 1;
            above.push_str(&indent);
            // it stood inside, so it does not become the doc of what it now stands above
            let plain = comment.text.trim_start_matches('#');
            above.push_str(&written(&Comment { text: plain.into(), ..comment.clone() }));
            above.push('\n');
        }
        self.out.insert_str(self.line, &above);
        self.line += above.len();
    }

    fn begin(&mut self, place: u32) {
        if !self.opening && self.after_blank_line(place) {
            self.blank();
        }
        self.opening = false;
        self.line = self.out.len();
        self.out.push_str(&"  ".repeat(self.depth));
    }

    /// Says whether the line of the text on which `place` stands follows an empty one.
    fn after_blank_line(&self, place: u32) -> bool {
        let before = self.source.text().get(..place as usize).unwrap_or_default();
        let Some((mut above, line)) = before.rsplit_once('\n') else { return false };
        // In YAML the key that holds the statements stands between the blank line and the first of them.
        while let Some((more, key)) = above.rsplit_once('\n')
            && HOLDERS.contains(&key.split('#').next().unwrap_or_default().trim())
        {
            above = more;
        }
        let first = line.chars().all(|it| it.is_whitespace() || matches!(it, '-' | '?'));
        let above = above.strip_suffix('\r').unwrap_or(above);
        first && above.rsplit('\n').next().is_some_and(|it| it.trim().is_empty()) && !above.trim().is_empty()
    }

    fn between(&self, from: u32, to: u32) -> &str {
        self.source.text().get(from as usize..to as usize).unwrap_or("\n")
    }

    fn push_comment(&mut self, comment: &Comment) {
        self.out.push_str(&written(comment));
    }
}

/// Returns a comment as it is written: a blank after its `#`.
fn written(comment: &Comment) -> String {
    let text = comment.text.trim_end();
    let bare = text.trim_start_matches('#');
    let marks = text.len() - bare.len();
    let gap = if bare.is_empty() || bare.starts_with([' ', '\t', '!']) { "" } else { " " };
    format!("#{}{gap}{bare}", "#".repeat(marks))
}
