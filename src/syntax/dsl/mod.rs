//! The `.wf` form: pest reads what is right; what is wrong is cut into statements and each mistake told apart.

mod build;
mod build_expr;
mod grammar;
mod scan;

use pest::Parser;

use build::{Builder, bad, bad_type};
use grammar::{Grammar, Rule};
use scan::{Kind, Token};

use super::{
    Parsed,
    ast::{Comment, Expr, File, Form, TypeExpr},
};
use crate::source::{Code, Diagnostic, FileId, Source, Span};

/// Reads a `.wf` file.
pub fn parse(id: FileId, source: &Source) -> Parsed {
    let text: &str = source.text();
    let (comments, tokens): (Vec<_>, Vec<_>) = scan::scan(text).into_iter().partition(|it| it.kind == Kind::Comment);
    let comments = comments.into_iter().map(|it| comment(id, text, it)).collect::<Vec<_>>();
    let mut builder =
        Builder { id, base: 0, tokens: &tokens, comments: &comments, text, diagnostics: Vec::new(), operators: 0 };
    let items = match Grammar::parse(Rule::file, text) {
        Ok(pairs) => builder.items(pairs),
        Err(error) => {
            let at = match error.location {
                pest::error::InputLocation::Pos(at) | pest::error::InputLocation::Span((at, _)) => at,
            };
            builder.report(Diagnostic::new(Code::S001, Span::new(id, at, at + 1), "this does not belong here"));
            Vec::new()
        }
    };
    let diagnostics = builder.diagnostics;
    Parsed { file: File { id, form: Form::Wf, items, comments }, diagnostics }
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
    let shifted =
        scan::scan(text).into_iter().map(|it| Token { start: it.start + span.start, end: it.end + span.start, ..it });
    let tokens: Vec<_> = shifted.filter(|it| it.kind != Kind::Comment).collect();
    let base = span.start as usize;
    let mut builder = Builder {
        id,
        base,
        tokens: &tokens,
        comments: &[],
        text: source.text(),
        diagnostics: Vec::new(),
        operators: 0,
    };
    let made = match Grammar::parse(rule, text) {
        Ok(mut pairs) => match pairs.next().and_then(|it| it.into_inner().next()) {
            Some(pair) => build(&mut builder, pair),
            None => bad,
        },
        Err(_) => {
            builder.report(Diagnostic::new(Code::S001, span, "this cannot be read"));
            bad
        }
    };
    (made, builder.diagnostics)
}
