//! The `.wf` form: pest reads what is right; what is wrong is cut into statements and each mistake told apart.

mod brackets;
mod build;
mod build_expr;
mod cursor;
mod explain;
mod grammar;
mod marks;
mod recover;
mod scan;

pub(super) use marks::deceiving_name;

use std::{borrow::Cow, collections::HashSet};

use pest::Parser;

use build::{Builder, bad, bad_type};
use cursor::Cursor;
use grammar::{Grammar, Rule};
use recover::Recovery;
pub use scan::{Kind, Token, scan};

use super::{
    MAX_MISTAKES, MAX_PARTS, Parsed,
    ast::{Comment, Expr, File, Form, Item, TypeExpr},
    too_long, too_many, words,
};
use crate::source::{Code, Diagnostic, FileId, Source, Span};

/// The largest file that is read, in bytes.
pub const MAX_BYTES: usize = 8 * 1024 * 1024;

/// Reads a `.wf` file.
pub fn parse(id: FileId, source: &Source) -> Parsed {
    let text: &str = source.text();
    match out_of_bounds(id, text) {
        Some(found) => Parsed { file: empty(id), diagnostics: vec![found] },
        None => parse_text(id, text),
    }
}

/// Returns what is wrong with a text that is not even looked at: one for all forms of the language.
pub fn out_of_bounds(id: FileId, text: &str) -> Option<Diagnostic> {
    if text.len() > MAX_BYTES {
        let message =
            format!("this file has {} MB; at most {} are read", text.len() / (1024 * 1024), MAX_BYTES / (1024 * 1024));
        return Some(
            Diagnostic::new(Code::S010, Span::new(id, 0, 0), message).help("split it into several files with `use`"),
        );
    }
    let at = text.find('\0')?;
    let found = Diagnostic::new(Code::S011, Span::new(id, at, at + 1), "this file has a NUL byte, so it is not text");
    Some(found.help("save it as UTF-8 text"))
}

fn parse_text(id: FileId, text: &str) -> Parsed {
    let raw = scan::scan(text);
    if let Some(last) = raw.get(MAX_PARTS) {
        let found = too_long(Span::new(id, last.start as usize, last.end as usize), "words and signs");
        return Parsed { file: empty(id), diagnostics: vec![found] };
    }
    let marks = marks::find(id, text, &raw);
    if marks.diagnostics.len() > MAX_MISTAKES {
        return unread(id, marks.diagnostics);
    }
    let (text, raw) = match marks.text {
        Some(text) => {
            let raw = scan::scan(&text);
            (Cow::Owned(text), raw)
        }
        None => (Cow::Borrowed(text), raw),
    };
    let text: &str = &text;
    let (comments, tokens): (Vec<_>, Vec<_>) = raw.into_iter().partition(|it| it.kind == Kind::Comment);
    let comments = comments.into_iter().map(|it| comment(id, text, it)).collect::<Vec<_>>();
    let cursor = Cursor { id, source: text, tokens: &tokens };
    let brackets = brackets::pair(&cursor);
    let mut diagnostics = marks.diagnostics;
    let items = if let Some(span) = brackets.too_deep {
        let found = Diagnostic::new(Code::S010, span, "nested more than 64 levels deep");
        diagnostics.push(found.help("split it into workflows, or name parts of it with `let`"));
        Vec::new()
    } else {
        let mut builder = Builder {
            id,
            base: 0,
            tokens: &tokens,
            comments: &comments,
            text,
            diagnostics: Vec::new(),
            operators: 0,
            holes: marks.holes,
        };
        let items = items(&cursor, &brackets, &mut builder, &mut diagnostics);
        diagnostics.append(&mut builder.diagnostics);
        items
    };
    if diagnostics.len() > MAX_MISTAKES {
        return unread(id, diagnostics);
    }
    diagnostics.sort_by_key(|it| (it.span.start, it.code));
    Parsed { file: File { id, form: Form::Wf, items, comments }, diagnostics }
}

/// Returns what is left of a file with too many mistakes: the first of them.
fn unread(id: FileId, mut diagnostics: Vec<Diagnostic>) -> Parsed {
    diagnostics.sort_by_key(|it| (it.span.start, it.code));
    diagnostics.truncate(MAX_MISTAKES);
    diagnostics.insert(0, too_many(id));
    Parsed { file: empty(id), diagnostics }
}

fn empty(id: FileId) -> File {
    File { id, form: Form::Wf, items: Vec::new(), comments: Vec::new() }
}

/// Reads the items: at once where the file is right, else piece by piece.
fn items<'a>(
    cursor: &Cursor<'a>,
    brackets: &brackets::Brackets,
    builder: &mut Builder<'a>,
    diagnostics: &mut Vec<Diagnostic>,
) -> Vec<Item> {
    if brackets.stray.is_empty()
        && brackets.diagnostics.is_empty()
        && let Ok(pairs) = Grammar::parse(Rule::file, cursor.source)
    {
        return builder.items(pairs);
    }
    diagnostics.extend(brackets.diagnostics.iter().cloned());
    if diagnostics.len() > MAX_MISTAKES {
        return Vec::new();
    }
    // letters of two scripts in a name spoil nothing; every other mistake spoils its statement
    let spoils = |it: &&Diagnostic| {
        !(it.code == Code::S009 && words::is_word(cursor.source.get(it.span.range()).unwrap_or_default()))
    };
    let mut known: Vec<Span> = diagnostics.iter().filter(spoils).map(|it| it.span).collect();
    known.sort_unstable();
    let mut bytes = cursor.source.as_bytes().to_vec();
    for stray in &brackets.stray {
        if let Some(byte) = bytes.get_mut(cursor.span(*stray).start as usize) {
            *byte = b' ';
        }
    }
    Recovery { cursor, brackets, builder, bytes, known }.items()
}

fn comment(id: FileId, text: &str, token: Token) -> Comment {
    let span = Span::new(id, token.start as usize, token.end as usize);
    let said = token.text(text).strip_prefix('#').unwrap_or_default();
    Comment { text: said.into(), span, trailing: !token.first }
}

/// Reads the text at `span`, all of it, as one expression; spans are those of the whole file.
pub fn parse_expr(id: FileId, source: &Source, span: Span) -> (Expr, Vec<Diagnostic>) {
    stretch(id, source, span, Rule::one_expr, bad(span), |builder, pair| builder.expr(pair))
}

/// Reads the text at `span`, all of it, as one type; spans are those of the whole file.
pub fn parse_type(id: FileId, source: &Source, span: Span) -> (TypeExpr, Vec<Diagnostic>) {
    stretch(id, source, span, Rule::one_type, bad_type(span), |builder, pair| builder.type_expr(pair))
}

fn stretch<T>(
    id: FileId,
    source: &Source,
    span: Span,
    rule: Rule,
    bad: T,
    build: impl FnOnce(&mut Builder<'_>, pest::iterators::Pair<'_, Rule>) -> T,
) -> (T, Vec<Diagnostic>) {
    let text = source.slice(span);
    let shift = |it: Token| Token { start: it.start + span.start, end: it.end + span.start, ..it };
    let tokens: Vec<_> = scan::scan(text).into_iter().filter(|it| it.kind != Kind::Comment).map(shift).collect();
    let mut builder = Builder {
        id,
        base: span.start as usize,
        tokens: &tokens,
        comments: &[],
        text: source.text(),
        diagnostics: Vec::new(),
        operators: 0,
        holes: HashSet::new(),
    };
    if tokens.len() > MAX_PARTS {
        return (bad, vec![too_long(span, "words and signs")]);
    }
    let cursor = Cursor { id, source: source.text(), tokens: &tokens };
    let brackets = brackets::pair(&cursor);
    if let Some(deep) = brackets.too_deep {
        return (bad, vec![Diagnostic::new(Code::S010, deep, "nested more than 64 levels deep")]);
    }
    let marks = marks::find(id, source.text(), &tokens).diagnostics;
    if !brackets.diagnostics.is_empty() || marks.iter().any(Diagnostic::is_error) {
        return (bad, brackets.diagnostics.into_iter().chain(marks).collect());
    }
    let made = match Grammar::parse(rule, text) {
        Ok(mut pairs) => match pairs.next().and_then(|it| it.into_inner().next()) {
            Some(pair) => build(&mut builder, pair),
            None => bad,
        },
        Err(error) => {
            let (at, wanted) = recover::furthest(error);
            builder.report(explain::unexpected(&cursor, &(0..tokens.len()), span.start as usize + at, &wanted));
            bad
        }
    };
    builder.diagnostics.extend(marks);
    (made, builder.diagnostics)
}
