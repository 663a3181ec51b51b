//! Characters that no `.wf` file has outside texts and comments: told, and made harmless so that the rest can be read.

use std::collections::HashSet;

use super::scan::{Kind, Token};
use crate::{
    source::{Code, Diagnostic, Edit, FileId, Fix, Span},
    syntax::MAX_MISTAKES,
};

/// A text made readable.
#[derive(Default)]
pub(super) struct Marks {
    /// The text with what is harmful replaced, byte for byte; nothing where nothing was.
    pub text: Option<String>,
    /// Where a text without closing quote was; a `_` stands there now.
    pub holes: HashSet<u32>,
    /// What is wrong.
    pub diagnostics: Vec<Diagnostic>,
}

/// Finds open quotes, foreign comments and marks, and characters that deceive the eye.
pub(super) fn find(id: FileId, text: &str, tokens: &[Token]) -> Marks {
    let mut marks = Marks::default();
    let mut bytes: Option<Vec<u8>> = None;
    let mut patch = |from: usize, to: usize, with: &[u8]| {
        let bytes = bytes.get_or_insert_with(|| text.as_bytes().to_vec());
        let fill = with.iter().copied().chain(std::iter::repeat(b' '));
        bytes.iter_mut().take(to).skip(from).zip(fill).for_each(|(byte, with)| *byte = with);
    };
    let (mut commented, mut quoted) = (0, 0);
    for (at, token) in tokens.iter().enumerate() {
        let (start, end) = (token.start as usize, token.end as usize);
        let span = Span::new(id, start, end);
        let here = token.text(text);
        if start < commented.max(quoted) {
            continue;
        }
        if marks.diagnostics.len() > MAX_MISTAKES {
            break;
        }
        if !here.is_ascii() || here.bytes().any(is_hidden_byte) {
            marks.diagnostics.extend(deceiving(here, span, token.kind));
        }
        match (token.kind, here) {
            (Kind::OpenText, _) => {
                let end = start + text_end(text, tokens, at);
                let found = Diagnostic::new(Code::S003, Span::new(id, start, end), "this text has no closing quote");
                marks.diagnostics.push(found.fix("insert `\"`", Span::new(id, end, end), "\""));
                marks.holes.insert(token.start);
                // As long as what it stands for, so that whatever holds it spans all of it.
                patch(start, end, &b"_".repeat(end - start));
            }
            (Kind::OpenQuoted, _) => {
                let word = here.get(1..).unwrap_or_default();
                let end =
                    start + 1 + word.find(|it: char| !crate::syntax::words::continues_word(it)).unwrap_or(word.len());
                let found = Diagnostic::new(Code::S003, Span::new(id, start, end), "this name has no closing backtick");
                marks.diagnostics.push(found.fix("insert `` ` ``", Span::new(id, end, end), "`"));
                marks.holes.insert(token.start);
                // As long as what it stands for, so that whatever holds it spans all of it.
                patch(start, end, &b"_".repeat(end - start));
            }
            (Kind::Mark, "//") => {
                let end = text.get(start..).and_then(|it| it.find('\n')).map_or(text.len(), |it| start + it);
                let found = Diagnostic::new(Code::S006, span, "a comment starts with `#`, not with `//`");
                marks.diagnostics.push(found.safe_fix("write `#`", span, "#"));
                patch(start, start + 2, b"#");
                commented = end;
            }
            (Kind::Mark, ";") => {
                let found = Diagnostic::new(Code::S006, span, "a statement ends without `;`");
                marks.diagnostics.push(found.safe_fix("remove it", span, ""));
                patch(start, end, b"");
            }
            (Kind::Mark, "\u{A0}" | "\u{202F}" | "\u{3000}") => {
                let found = Diagnostic::new(Code::S009, span, "this blank is not a plain space");
                marks.diagnostics.push(found.safe_fix("write a space", span, " "));
                patch(start, end, b"");
            }
            (Kind::Mark, "“" | "”" | "„" | "«" | "»" | "‘" | "’") => {
                let found = Diagnostic::new(Code::S006, span, format!("text is quoted with `\"`, not with `{here}`"));
                // Both ends of the text at once: one straight quote alone would open a text that does not end.
                let rest = text.get(end..).and_then(|it| it.lines().next()).unwrap_or_default();
                let quote = |span| Edit { span, text: "\"".into() };
                let mut edits = vec![quote(span)];
                if let Some((close, mark)) = rest.char_indices().find(|it| "“”„«»‘’".contains(it.1)) {
                    let close = end + close;
                    quoted = close + mark.len_utf8();
                    edits.push(quote(Span::new(id, close, quoted)));
                }
                marks.diagnostics.push(found.with_fix(Fix { title: "write `\"`".into(), safe: true, edits }));
            }
            (Kind::Mark, "–" | "—" | "−") => {
                let found = Diagnostic::new(Code::S006, span, format!("`{here}` is not the minus sign `-`"));
                marks.diagnostics.push(found.safe_fix("write `-`", span, "-"));
                patch(start, end, b"-");
            }
            _ => {}
        }
    }
    marks.text = bytes.and_then(|it| String::from_utf8(it).ok());
    marks
}

/// Guesses how long a text without closing quote was meant to be: brackets that its line closes are not of it.
fn text_end(text: &str, tokens: &[Token], at: usize) -> usize {
    let Some(token) = tokens.get(at) else { return 0 };
    let here = token.text(text);
    let line = tokens.iter().take(at).rev().take_while({
        let mut done = false;
        move |it| !std::mem::replace(&mut done, it.first)
    });
    let mut open: i32 = line.map(|it| i32::from(it.kind == Kind::Open) - i32::from(it.kind == Kind::Close)).sum();
    open -= i32::from(token.first) * open;
    let mut rest = here;
    // `"./x.wf { a }`: the braces are no part of the path
    if open <= 0
        && let Some((path, _)) = here.split_once(" {")
    {
        return path.len();
    }
    loop {
        rest = rest.trim_end();
        match rest.strip_suffix([')', ']', '}']) {
            Some(shorter) if open > 0 => (open, rest) = (open - 1, shorter),
            _ => break,
        }
    }
    rest.trim_end().trim_end_matches(',').len().max(1)
}

/// Says whether a byte is a control character that does no more than hide: a terminal may obey it.
fn is_hidden_byte(it: u8) -> bool {
    it.is_ascii_control() && !matches!(it, b'\t' | b'\n' | b'\r')
}

/// Reports letters of two scripts in a name, and characters that turn or hide text.
pub(in crate::syntax) fn deceiving_name(name: &str, span: Span) -> Option<Diagnostic> {
    deceiving(name, span, Kind::Word)
}

/// Reports letters of two scripts in one name, and characters that turn or hide text.
fn deceiving(here: &str, span: Span, kind: Kind) -> Option<Diagnostic> {
    let at = |it: (usize, char)| {
        let start = span.start + u32::try_from(it.0).unwrap_or(0);
        Span { start, end: start + u32::try_from(it.1.len_utf8()).unwrap_or(1), ..span }
    };
    let hidden = |it: char| {
        let controls = kind != Kind::Mark && u8::try_from(it).is_ok_and(is_hidden_byte);
        controls || matches!(it, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' | '\u{200B}'..='\u{200F}')
    };
    if let Some(found) = here.char_indices().find(|it| hidden(it.1)) {
        let message = format!(
            "a hidden character (U+{:04X}) stands here and can make text look like another",
            u32::from(found.1)
        );
        return Some(Diagnostic::new(Code::S009, at(found), message).fix("remove it", at(found), ""));
    }
    let (name, other) = match kind {
        Kind::Word | Kind::Quoted => (here, here.char_indices().find_map(|it| Some((it, script(it.1)?)))),
        _ => return None,
    };
    let (found, script) = other.filter(|_| name.chars().any(|it| it.is_ascii_alphabetic()))?;
    let message = format!("`{}` mixes Latin and {script} letters", name.trim_matches('`'));
    Some(Diagnostic::new(Code::S009, span, message).label(at(found), format!("this `{}` is {script}", found.1)))
}

fn script(it: char) -> Option<&'static str> {
    match it {
        '\u{0370}'..='\u{03FF}' => Some("Greek"),
        '\u{0400}'..='\u{052F}' => Some("Cyrillic"),
        '\u{FF00}'..='\u{FFEF}' => Some("full-width"),
        _ => None,
    }
}
