//! Lines, indentation and comments: where each comment comes out again.

use super::expr::{arg_parts, expr_to_wf};
use crate::{
    source::{Source, Span},
    syntax::{
        ast::{Arg, Expr, ExprKind, File, Form},
        comments::{Kind, Lines, Note, Notes, Slot},
    },
};

/// The width over which a call, a list or a record is broken, one part a line.
const WIDTH: usize = 100;

/// Writes lines and puts the comments between them.
pub(super) struct Printer<'a> {
    pub source: &'a Source,
    pub out: String,
    pub depth: usize,
    notes: Notes,
    form: Form,
    /// Whether the next line opens a block, so that no blank line is wanted before it.
    opening: bool,
}

impl<'a> Printer<'a> {
    pub fn new(source: &'a Source, file: &File) -> Self {
        let notes = Notes::of(file, source, Form::Wf);
        Self { source, out: String::new(), depth: 0, notes, form: file.form, opening: true }
    }

    /// Starts the line of a part: first the comments above it.
    pub fn start(&mut self, kind: Kind, span: Span) {
        self.above(kind, span);
        let lines = Lines { text: self.source.text() };
        self.begin(lines.blank_above(span.start, self.form));
    }

    /// Starts the line of a part above which no blank line is kept.
    pub fn start_part(&mut self, kind: Kind, span: Span) {
        self.above(kind, span);
        self.begin(false);
    }

    fn above(&mut self, kind: Kind, span: Span) {
        let notes = self.notes.take(kind, span, Slot::Above);
        self.lines(notes);
    }

    /// Ends the line of a part, with the comment behind it.
    pub fn end(&mut self, kind: Kind, span: Span) {
        self.end_line(kind, span, Slot::Behind);
    }

    /// Ends the line that opens a group, with the comment behind it.
    pub fn open(&mut self, group: Span) {
        self.end_line(Kind::Group, group, Slot::Open);
        self.depth += 1;
        self.opening = true;
    }

    /// Starts the line that closes a group.
    pub fn close(&mut self, group: Span, bracket: &str) {
        let notes = self.notes.take(Kind::Group, group, Slot::Last);
        self.lines(notes);
        self.depth -= 1;
        self.begin(false);
        self.out.push_str(bracket);
    }

    /// Writes the comments that are left.
    pub fn finish(mut self, file: Span) -> String {
        let mut notes = self.notes.take(Kind::Group, file, Slot::Last);
        notes.extend(self.notes.rest());
        self.lines(notes);
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

    /// Says whether a group without parts has a comment.
    pub fn has_comment(&self, group: Span) -> bool {
        self.notes.has(Kind::Group, group, Slot::Open) || self.notes.has(Kind::Group, group, Slot::Last)
    }

    /// Says whether a comment stands somewhere in a stretch that could be written on one line.
    pub fn is_noted(&self, inside: Span) -> bool {
        self.notes.inside(inside, self.form)
    }

    /// Writes an expression, broken where it is too long or has comments inside.
    pub fn expr(&mut self, expr: &Expr) {
        let flat = expr_to_wf(expr, self.source);
        let group = match &expr.kind {
            ExprKind::Call { args_span, .. } => *args_span,
            _ => expr.span,
        };
        if !self.is_noted(group) && self.column() + flat.chars().count() <= WIDTH {
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
                self.open(expr.span);
                for item in items {
                    self.start_part(Kind::Element, item.span);
                    self.expr(item);
                    self.out.push(',');
                    self.end(Kind::Element, item.span);
                }
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

    /// Writes arguments or fields, one a line.
    pub fn args(&mut self, bracket: char, args: &[Arg], span: Span, closer: &str) {
        self.out.push(bracket);
        self.open(span);
        for arg in args {
            self.start_part(Kind::Arg, arg.span);
            let (before, value) = arg_parts(arg);
            self.out.push_str(&before);
            self.expr(value);
            self.out.push(',');
            self.end(Kind::Arg, arg.span);
        }
        self.close(span, closer);
    }

    fn end_line(&mut self, kind: Kind, span: Span, slot: Slot) {
        for note in self.notes.take(kind, span, slot) {
            self.out.push(' ');
            self.out.push_str(&written(&note));
        }
        self.out.push('\n');
    }

    /// Writes comments, each on its line.
    fn lines(&mut self, notes: Vec<Note>) {
        for note in notes {
            self.begin(note.blank);
            self.out.push_str(&written(&note));
            self.out.push('\n');
        }
    }

    fn begin(&mut self, blank: bool) {
        if blank && !self.opening {
            self.blank();
        }
        self.opening = false;
        self.out.push_str(&"  ".repeat(self.depth));
    }
}

/// Returns a comment as it is written: a blank after its `#`.
fn written(note: &Note) -> String {
    let text = note.text.as_str();
    let bare = text.trim_start_matches('#');
    let marks = text.len() - bare.len();
    let gap = if bare.is_empty() || bare.starts_with([' ', '\t', '!']) { "" } else { " " };
    format!("#{}{gap}{bare}", "#".repeat(marks))
}
