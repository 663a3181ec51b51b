//! What each word is, for colours: what the checker knows of names, and the tokens of the language.

use std::collections::BTreeMap;

use lsp_types::{
    SemanticToken, SemanticTokenModifier, SemanticTokenType as Type, SemanticTokens, SemanticTokensParams,
    SemanticTokensResult,
};

use super::{
    Answer,
    state::{Analysis, State},
};
use crate::{
    check::index::{DeclKind, Target},
    source::Span,
    syntax::{
        ast::Form,
        dsl::{Kind, scan},
        words,
    },
};

/// The types, in the order in which the numbers of tokens count them.
pub(super) const TYPES: &[Type] = &[
    Type::NAMESPACE,
    Type::TYPE,
    Type::CLASS,
    Type::ENUM_MEMBER,
    Type::PARAMETER,
    Type::VARIABLE,
    Type::PROPERTY,
    Type::FUNCTION,
    Type::METHOD,
    Type::KEYWORD,
    Type::COMMENT,
    Type::STRING,
    Type::NUMBER,
    Type::OPERATOR,
];

/// The modifiers, by bit.
pub(super) const MODIFIERS: &[SemanticTokenModifier] =
    &[SemanticTokenModifier::DECLARATION, SemanticTokenModifier::READONLY, SemanticTokenModifier::DEFAULT_LIBRARY];

const DECLARATION: u32 = 1;
const READONLY: u32 = 2;
const LIBRARY: u32 = 4;

/// Words that are of the language only where it looks for them.
const SOFT: &[&str] =
    &["test", "deadline", "backoff", "max", "long", "short", "mock", "fail", "delay", "at", "run", "expect"];

/// Returns what every word of a file is.
pub(super) fn tokens(state: &mut State<'_>, params: SemanticTokensParams) -> Answer<Option<SemanticTokensResult>> {
    let Some(analysis) = state.of(&params.text_document.uri) else { return Ok(None) };
    let data = encoded(state, &analysis, &all(&analysis));
    Ok(Some(SemanticTokensResult::Tokens(SemanticTokens { result_id: None, data })))
}

/// Returns the kind of each word, by its place.
fn all(analysis: &Analysis) -> BTreeMap<Span, (Type, u32)> {
    let mut found = BTreeMap::new();
    let own = |it: Span| it.file == analysis.root && it.start < it.end;
    for it in analysis.index.decls.iter().filter(|it| own(it.span)) {
        let (kind, more) = of_declaration(it.kind);
        found.insert(it.span, (kind, more | DECLARATION));
    }
    for it in analysis.index.refs.iter().filter(|it| own(it.span)) {
        if let Some(token) = of_target(analysis, &it.target) {
            found.entry(it.span).or_insert(token);
        }
    }
    let Some(source) = analysis.source() else { return found };
    let text = source.text();
    if analysis.file().is_some_and(|it| it.form == Form::Yaml) {
        let comments = analysis.file().map_or(&[][..], |it| &it.comments);
        found.extend(comments.iter().map(|it| (it.span, (Type::COMMENT, 0))));
        return found;
    }
    for token in scan(text) {
        let span = Span { file: analysis.root, start: token.start, end: token.end };
        let word = token.text(text);
        let kind = match token.kind {
            Kind::Comment => Type::COMMENT,
            Kind::Text | Kind::OpenText | Kind::SingleQuoted => Type::STRING,
            Kind::Number => Type::NUMBER,
            Kind::Mark => Type::OPERATOR,
            Kind::Word if words::is_reserved(word) || words::CLAUSES.contains(&word) || SOFT.contains(&word) => {
                Type::KEYWORD
            }
            _ => continue,
        };
        if kind == Type::KEYWORD || kind == Type::STRING {
            found.entry(span).or_insert((kind, 0));
        } else {
            found.insert(span, (kind, 0));
        }
    }
    found
}

fn of_declaration(kind: DeclKind) -> (Type, u32) {
    match kind {
        DeclKind::Workflow => (Type::FUNCTION, 0),
        DeclKind::Strategy => (Type::CLASS, 0),
        DeclKind::Type => (Type::TYPE, 0),
        DeclKind::Test => (Type::STRING, 0),
        DeclKind::Namespace => (Type::NAMESPACE, 0),
        DeclKind::Param => (Type::PARAMETER, READONLY),
        DeclKind::Let | DeclKind::Step | DeclKind::Var => (Type::VARIABLE, READONLY),
        DeclKind::Output => (Type::PROPERTY, 0),
    }
}

fn of_target(analysis: &Analysis, target: &Target) -> Option<(Type, u32)> {
    Some(match target {
        Target::Declared(span) => of_declaration(analysis.index.declaration(*span)?.kind),
        Target::File(_) => return None,
        Target::Slice(_) => (Type::NAMESPACE, LIBRARY),
        Target::Method(..) => (Type::METHOD, LIBRARY),
        Target::Input(..) | Target::Field(..) | Target::Setting(_) => (Type::PROPERTY, 0),
        Target::Function(_) => (Type::FUNCTION, LIBRARY),
        Target::Price(_) | Target::Context(_) => (Type::VARIABLE, READONLY | LIBRARY),
        Target::Type(_) => (Type::TYPE, LIBRARY),
    })
}

/// Returns the tokens as the protocol has them: each by its distance from the one before, none over two lines or another.
fn encoded(state: &State<'_>, analysis: &Analysis, tokens: &BTreeMap<Span, (Type, u32)>) -> Vec<SemanticToken> {
    let Some(source) = analysis.source() else { return Vec::new() };
    let mut data = Vec::with_capacity(tokens.len());
    let (mut line, mut column, mut end) = (0, 0, 0);
    for (span, (kind, modifiers)) in tokens {
        let range = state.encoding.range(source, *span);
        let Some(number) = TYPES.iter().position(|it| it == kind).and_then(|it| u32::try_from(it).ok()) else {
            continue;
        };
        if range.start.line != range.end.line || span.start < end {
            continue;
        }
        end = span.end;
        let delta_line = range.start.line - line;
        let delta_start = if delta_line == 0 { range.start.character - column } else { range.start.character };
        (line, column) = (range.start.line, range.start.character);
        data.push(SemanticToken {
            delta_line,
            delta_start,
            length: range.end.character - range.start.character,
            token_type: number,
            token_modifiers_bitset: *modifiers,
        });
    }
    data
}
