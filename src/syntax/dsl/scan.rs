//! A text cut into tokens: enough to find brackets, statements and comments in a file of any quality, in one pass.

use crate::syntax::{
    MAX_PARTS,
    words::{continues_word, starts_word},
};

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A name or a reserved word.
    Word,
    /// A number with its unit, a date or a time.
    Number,
    /// `"text"`.
    Text,
    /// `"text` to the end of its line.
    OpenText,
    /// `` `name` ``.
    Quoted,
    /// `` `name `` to the end of its line.
    OpenQuoted,
    /// `'text'`, which other languages write.
    SingleQuoted,
    /// `(`, `[` or `{`.
    Open,
    /// `)`, `]` or `}`.
    Close,
    /// An operator or another mark.
    Mark,
    /// `# …`.
    Comment,
}

/// A token: bytes `start..end` of the text.
#[derive(Clone, Copy, Debug)]
pub struct Token {
    /// What it is.
    pub kind: Kind,
    /// The first byte.
    pub start: u32,
    /// The byte after the last.
    pub end: u32,
    /// Whether only blanks stand before it on its line.
    pub first: bool,
}

impl Token {
    /// Returns its text.
    pub fn text(self, text: &str) -> &str {
        text.get(self.start as usize..self.end as usize).unwrap_or_default()
    }
}

const MARKS: &[&str] = &["==", "!=", "<=", ">=", "=>", "->", "&&", "||", "..", "//", "<>", "/*", "*/"];

/// Cuts a text into tokens, comments among them; white space is dropped. What comes behind one token more than
/// [`MAX_PARTS`] is not looked at, nor are bytes over 4 GB.
pub fn scan(text: &str) -> Vec<Token> {
    let mut tokens = Vec::with_capacity((text.len() / 5).min(MAX_PARTS));
    let mut at = 0;
    let mut first = true;
    while tokens.len() <= MAX_PARTS
        && let Some(rest) = text.get(at..)
        && let Some(head) = rest.chars().next()
    {
        if matches!(head, ' ' | '\t' | '\r' | '\n' | '\u{FEFF}') {
            first |= head == '\n';
            at += head.len_utf8();
            continue;
        }
        let (kind, length) = token(rest, head);
        let end = at + length.max(head.len_utf8());
        let (Ok(start), Ok(stop)) = (u32::try_from(at), u32::try_from(end)) else { break };
        tokens.push(Token { kind, start, end: stop, first });
        first = false;
        at = end;
    }
    tokens
}

fn token(rest: &str, head: char) -> (Kind, usize) {
    let to_line_end =
        || rest.find('\n').map_or(rest.len(), |end| rest.get(..end).map_or(end, |it| it.trim_end().len()));
    match head {
        '#' => (Kind::Comment, to_line_end()),
        '"' => closing(rest, b'"', true).map_or_else(|| (Kind::OpenText, to_line_end()), |end| (Kind::Text, end)),
        '`' => match closing(rest, b'`', false) {
            Some(end) if end > 2 => (Kind::Quoted, end),
            _ => (Kind::OpenQuoted, to_line_end()),
        },
        '\'' => closing(rest, b'\'', false).map_or((Kind::Mark, 1), |end| (Kind::SingleQuoted, end)),
        '(' | '[' | '{' => (Kind::Open, 1),
        ')' | ']' | '}' => (Kind::Close, 1),
        _ if head.is_ascii_digit() => (Kind::Number, number(rest)),
        _ if starts_word(head) => (Kind::Word, rest.find(|it| !continues_word(it)).unwrap_or(rest.len())),
        _ => (Kind::Mark, MARKS.iter().find(|it| rest.starts_with(**it)).map_or(head.len_utf8(), |it| it.len())),
    }
}

/// Returns the length of a quoted stretch that closes on its line.
fn closing(rest: &str, quote: u8, escapes: bool) -> Option<usize> {
    let mut bytes = rest.bytes().enumerate().skip(1);
    while let Some((at, byte)) = bytes.next() {
        match byte {
            b'\n' => return None,
            b'\\' if escapes && bytes.next()?.1 == b'\n' => return None,
            byte if byte == quote => return Some(at + 1),
            _ => {}
        }
    }
    None
}

/// Returns the length of a number with what sticks to it, of a date or of a time.
fn number(rest: &str) -> usize {
    let shape = |from: usize, pattern: &str| {
        let like = |(it, like): (u8, u8)| if like == b'0' { it.is_ascii_digit() } else { it == like };
        rest.as_bytes()
            .get(from..from + pattern.len())
            .is_some_and(|it| it.iter().copied().zip(pattern.bytes()).all(like))
    };
    let clock = |from: usize| match (shape(from, "00:00:00"), shape(from, "00:00")) {
        (true, _) => from + 8,
        (_, true) => from + 5,
        _ => from,
    };
    let word = |from: usize| {
        let tail = rest.get(from..).unwrap_or_default();
        from + tail.find(|it: char| !continues_word(it) && it != '%').unwrap_or(tail.len())
    };
    if shape(0, "0000-00-00T00:00") {
        let end = clock(11);
        return if shape(end, "+00:00") || shape(end, "-00:00") { end + 6 } else { word(end) };
    }
    if shape(0, "0000-00-00") {
        return word(10);
    }
    if shape(0, "00:00") {
        return word(clock(0));
    }
    let whole = word(0);
    let fraction = rest
        .get(whole..)
        .and_then(|it| it.strip_prefix('.'))
        .is_some_and(|it| it.starts_with(|it: char| it.is_ascii_digit()));
    if fraction { word(whole + 1) } else { whole }
}
