//! What is wrong with a text that is not YAML, in plain words.

use granit_parser::ErrorKind;

use super::tree::Open;
use crate::{
    source::{Code, Diagnostic, Edit, FileId, Fix, Source, Span},
    syntax::too_long,
};

/// Returns what stopped the reading at byte `at`, given what is still open and how far all was well.
#[expect(clippy::too_many_lines, reason = "one table of causes")]
pub(super) fn explain(
    id: FileId,
    source: &Source,
    kind: &ErrorKind,
    at: usize,
    reached: usize,
    open: &[Open],
) -> Diagnostic {
    let text: &str = source.text();
    let at = text.floor_char_boundary(at);
    let span = here(id, text, at);
    let word = source.slice(span).to_owned();
    if let Some(found) = tab(id, text, at, kind) {
        return found;
    }
    if let Some(found) = quote(id, text, at, reached, kind) {
        return found;
    }
    match kind {
        ErrorKind::UnclosedFlowCollection { open } => unclosed(text, Span::new(id, at, at + 1), *open),
        ErrorKind::MismatchedFlowCollectionEnd { open, close } => {
            let what = format!("this `{open}` is closed by `{close}`");
            let mend = if *open == '[' { ']' } else { '}' };
            Diagnostic::new(Code::S002, Span::new(id, at, at + 1), what).help(format!("close it with `{mend}`"))
        }
        ErrorKind::MisplacedFlowCollectionEnd => {
            Diagnostic::new(Code::S002, span, format!("this `{word}` closes nothing")).fix("remove it", span, "")
        }
        ErrorKind::ExpectedFlowMappingSeparator
        | ErrorKind::ExpectedFlowSequenceSeparator
        | ErrorKind::BlockEntryInFlowCollection
        | ErrorKind::BlockSequenceEntryNotAllowed
        | ErrorKind::UnexpectedEofFlowSequence
        | ErrorKind::UnexpectedEofFlowMapping
        | ErrorKind::UnexpectedEofImplicitFlowMapping
        | ErrorKind::InvalidFlowScalarIndent
        | ErrorKind::InvalidSimpleKey
        | ErrorKind::SimpleKeyExpected
        | ErrorKind::MappingValueNotAllowed
            if open.last().is_some_and(|it| it.flow) =>
        {
            let start = open.last().map_or(at, |it| it.start);
            let bracket = text.get(start..).and_then(|it| it.chars().next()).unwrap_or('{');
            if source.slice(Span::new(id, start, at)).contains('\n') {
                return unclosed(text, Span::new(id, start, start + 1), bracket);
            }
            let close = if bracket == '[' { ']' } else { '}' };
            let found = Diagnostic::new(Code::S001, span, format!("expected `,` or `{close}` here"));
            found.help("put a text that holds `:`, `,` or brackets in quotes")
        }
        ErrorKind::MappingValueNotAllowed | ErrorKind::InvalidColonPlacement | ErrorKind::MappingKeyNotAllowed => {
            let found =
                Diagnostic::new(Code::S001, span, "a second `:` on this line, or a line that is indented too deep");
            found.help("put a text that holds `: ` in quotes, or write the inner map on lines of its own")
        }
        ErrorKind::InvalidMappingValueWhitespace => Diagnostic::new(Code::S001, span, "a blank is missing after `:`"),
        ErrorKind::InvalidBlockEntryWhitespace => Diagnostic::new(Code::S001, span, "a blank is missing after `-`"),
        ErrorKind::SimpleKeyExpected | ErrorKind::InvalidSimpleKey => {
            let line = first_word_of_line(id, text, at);
            Diagnostic::new(Code::S001, line, "this line has no `:`, where `key: value` is wanted")
        }
        ErrorKind::InvalidIndentation
        | ErrorKind::ExpectedBlockMappingKey
        | ErrorKind::ExpectedBlockSequenceEntry
        | ErrorKind::UnexpectedEofBlockMapping
        | ErrorKind::UnexpectedEofBlockSequence
        | ErrorKind::BlockSequenceEntryNotAllowed
        | ErrorKind::InvalidBlockScalarIndent
        | ErrorKind::InvalidQuotedScalarIndent
        | ErrorKind::InvalidFlowScalarIndent => {
            let found = Diagnostic::new(Code::S001, span, "this does not stand in line with anything above it");
            found.help("indent it like the lines it belongs to")
        }
        ErrorKind::UnexpectedCharacter { character } => {
            let found = Diagnostic::new(Code::S001, span, format!("a value cannot start with `{character}`"));
            found.help("put it in quotes")
        }
        ErrorKind::PlainScalarStartsWithDashFlowIndicator => {
            Diagnostic::new(Code::S001, span, "a value cannot start with `-` here").help("put it in quotes")
        }
        ErrorKind::CommentNotSeparated | ErrorKind::CommentInterceptedScalar | ErrorKind::ExpectedWhitespace => {
            let found = Diagnostic::new(Code::S001, span, "a blank is missing here, or a comment cuts a text in two");
            found.help("put a text that holds `#` in quotes")
        }
        ErrorKind::TooManyComments => too_long(span, "comments in a row"),
        ErrorKind::RecursionLimitExceeded => {
            Diagnostic::new(Code::S010, span, "nested too deep").help("split it into several workflows")
        }
        ErrorKind::UnknownQuotedScalarEscape
        | ErrorKind::InvalidQuotedScalarHexEscape
        | ErrorKind::InvalidLowSurrogateHexEscape
        | ErrorKind::InvalidLowSurrogate
        | ErrorKind::MissingLowSurrogate
        | ErrorKind::UnpairedLowSurrogate
        | ErrorKind::InvalidUnicodeEscape => {
            let found = Diagnostic::new(Code::S001, span, "no such escape in a text between double quotes");
            found.help("write `\\\\` for a backslash, or use single quotes")
        }
        ErrorKind::BomInsideDocument => {
            Diagnostic::new(Code::S001, span, "a byte order mark stands inside the text").help("delete it")
        }
        ErrorKind::InvalidDocumentEnd
        | ErrorKind::MissingDocumentEndBeforeDirective
        | ErrorKind::ExpectedDocumentStart => {
            Diagnostic::new(Code::S001, span, "a file holds one document, and this is behind its end")
        }
        ErrorKind::ExpectedNodeContent => {
            Diagnostic::new(Code::S001, span, format!("expected a value, found `{word}`"))
        }
        _ => {
            let what = if word.is_empty() {
                "something is missing here".into()
            } else {
                format!("`{word}` does not belong here")
            };
            Diagnostic::new(Code::S001, span, what)
        }
    }
}

/// Returns the word, or else the character, at a byte.
fn here(id: FileId, text: &str, at: usize) -> Span {
    let rest = text.get(at..).unwrap_or_default();
    let word = rest.find(|it: char| !it.is_alphanumeric() && it != '_').unwrap_or(rest.len());
    let first = rest.chars().next().filter(|it| *it != '\n' && *it != '\r').map_or(0, char::len_utf8);
    Span::new(id, at, at + word.max(first))
}

fn first_word_of_line(id: FileId, text: &str, at: usize) -> Span {
    let start = text.get(..at).and_then(|it| it.rfind('\n')).map_or(0, |it| it + 1);
    let line = text.get(start..).unwrap_or_default().lines().next().unwrap_or_default();
    let indent = line.len() - line.trim_start().len();
    Span::new(id, start + indent, start + line.trim_end().len().max(indent))
}

/// Says that a bracket is not closed. It most likely holds its line and the deeper ones below, up to a list.
fn unclosed(text: &str, span: Span, bracket: char) -> Diagnostic {
    let close = if bracket == '[' { ']' } else { '}' };
    let found = Diagnostic::new(Code::S002, span, format!("this `{bracket}` is never closed"));
    let start = span.range().start;
    let indent = |line: &str| line.len() - line.trim_start_matches(' ').len();
    let line_start = text.get(..start).and_then(|it| it.rfind('\n')).map_or(0, |it| it + 1);
    let outer = indent(text.get(line_start..).unwrap_or_default());
    let mut edits: Vec<Edit> = Vec::new();
    let mut open: Vec<char> = Vec::new();
    let (mut at, mut end) = (start, start);
    for line in text.get(start..).unwrap_or_default().split_inclusive('\n') {
        let said = line.find(" #").and_then(|it| line.get(..it)).unwrap_or(line).trim_end();
        let (blank, listed) = (said.trim().is_empty(), said.trim_start().starts_with("- "));
        if at > start && !blank && (listed || indent(line) <= outer || said.trim_start().starts_with('#')) {
            break;
        }
        if !blank {
            let parted = text.get(..end).is_none_or(|it| it.ends_with([',', '{', '[']));
            if at > start && !parted && !said.trim_start().starts_with(['}', ']', ',']) {
                edits.push(Edit { span: Span::new(span.file, end, end), text: ",".into() });
            }
            brackets(said, &mut open);
            end = at + said.len();
        }
        at += line.len();
    }
    let closers: String = open.into_iter().rev().collect();
    edits.push(Edit { span: Span::new(span.file, end, end), text: closers });
    found.with_fix(Fix { title: format!("close it with `{close}`"), safe: false, edits })
}

/// Adds what must close the brackets that a line opens outside quotes, and takes away what it closes.
fn brackets(line: &str, open: &mut Vec<char>) {
    let mut quote = None;
    for it in line.chars() {
        match (quote, it) {
            (Some(mark), _) => quote = (mark != it).then_some(mark),
            (None, '"') => quote = Some(it),
            (None, '{') => open.push('}'),
            (None, '[') => open.push(']'),
            (None, '}' | ']') if open.last() == Some(&it) => {
                open.pop();
            }
            _ => {}
        }
    }
}

/// Finds a tab in the indentation of the line, which looks right in an editor and is not.
fn tab(id: FileId, text: &str, at: usize, kind: &ErrorKind) -> Option<Diagnostic> {
    let start = text.get(..at)?.rfind('\n').map_or(0, |it| it + 1);
    let line = text.get(start..)?.lines().next().unwrap_or_default();
    let indent = line.get(..line.len() - line.trim_start().len())?;
    let by_kind = matches!(
        kind,
        ErrorKind::TabNotAllowed
            | ErrorKind::TabInBlockIndentation
            | ErrorKind::TabInIndentation
            | ErrorKind::TabAtBlockScalarStart
            | ErrorKind::TabInPlainScalar
    );
    if indent.contains('\t') {
        let span = Span::new(id, start, start + indent.len());
        let found = Diagnostic::new(Code::S001, span, "a tab indents this line, where only spaces may");
        // As deep as the line above it, which is where it looks to be.
        let above = text.get(..start)?.lines().rev().find(|it| !it.trim().is_empty()).unwrap_or_default();
        let above = above.len() - above.trim_start().len();
        return Some(found.fix("indent it with spaces", span, " ".repeat(above)));
    }
    let tab = by_kind.then(|| line.find('\t')).flatten()?;
    let span = Span::new(id, start + tab, start + tab + 1);
    let found = Diagnostic::new(Code::S001, span, "a tab stands where only spaces may");
    Some(found.safe_fix("write a space", span, " "))
}

/// Finds the quote without a partner: a text runs on over the lines until some other quote ends it.
fn quote(id: FileId, text: &str, at: usize, reached: usize, kind: &ErrorKind) -> Option<Diagnostic> {
    let mark = match kind {
        ErrorKind::UnclosedQuotedScalar
        | ErrorKind::DocumentIndicatorInQuotedScalar
        | ErrorKind::InvalidQuotedScalarIndent => None,
        ErrorKind::InvalidTrailingSingleQuotedScalar => Some('\''),
        ErrorKind::InvalidTrailingDoubleQuotedScalar => Some('"'),
        _ => return None,
    };
    let from = text.get(..reached.min(at))?.rfind('\n').map_or(0, |it| it + 1);
    let mut start = from;
    for line in text.get(from..)?.split_inclusive('\n') {
        if start > at {
            break;
        }
        for quote in ['"', '\''].into_iter().filter(|it| mark.is_none_or(|mark| mark == *it)) {
            let starts_text = |place: usize| {
                let before = line.get(..place).unwrap_or_default().trim_end();
                before.is_empty() || before.ends_with([':', ',', '[', '{', '-', '('])
            };
            let places: Vec<usize> = line.match_indices(quote).map(|it| it.0).collect();
            if let Some(last) = places.last().filter(|_| !places.len().is_multiple_of(2))
                && starts_text(*last)
            {
                // Brackets that the line closes behind it are no part of the text.
                let mut open = Vec::new();
                brackets(line.get(..*last).unwrap_or_default(), &mut open);
                let mut said = line.get(*last..).unwrap_or_default().trim_end();
                for close in open.into_iter().rev() {
                    said = said.strip_suffix(close).unwrap_or(said);
                }
                let end = start + last + said.len();
                let span = Span::new(id, start + last, end);
                let found = Diagnostic::new(Code::S003, span, "this text has no closing quote");
                return Some(found.fix(format!("insert `{quote}`"), Span::new(id, end, end), quote.to_string()));
            }
        }
        start += line.len();
    }
    let what =
        if mark.is_none() { "this text has no closing quote" } else { "something stands right behind a closing quote" };
    let code = if mark.is_none() { Code::S003 } else { Code::S001 };
    Some(Diagnostic::new(code, here(id, text, at), what))
}
