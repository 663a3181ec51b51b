//! The words and signs of a text, as a mutation needs them.

use std::ops::Range;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Word,
    /// With its unit, if one stands right behind it.
    Number,
    Text,
    Sign,
}

#[derive(Clone, Debug)]
pub struct Token {
    pub kind: Kind,
    pub at: Range<usize>,
}

/// Returns the tokens of a `.wf` text, comments left out.
pub fn tokens(text: &str) -> Vec<Token> {
    let bytes = text.as_bytes();
    let until = |from: usize, go: fn(u8) -> bool| (from..bytes.len()).find(|at| !go(bytes[*at])).unwrap_or(bytes.len());
    let word = |it: u8| it.is_ascii_alphanumeric() || it == b'_';
    let mut all = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        let (kind, end) = match bytes[at] {
            b'#' => {
                at = until(at, |it| it != b'\n');
                continue;
            }
            b' ' | b'\n' | b'\t' | b'\r' => {
                at += 1;
                continue;
            }
            b'"' => (Kind::Text, until(at + 1, |it| it != b'"') + 1),
            it if it.is_ascii_digit() => {
                // `2001-01-01`, `1.5`, `10_000`, `30s`, `2%`; not the dots of a range.
                let mut end = at;
                while end < bytes.len()
                    && (word(bytes[end])
                        || bytes[end] == b'%'
                        || (matches!(bytes[end], b'.' | b'-')
                            && bytes.get(end + 1).is_some_and(u8::is_ascii_digit)
                            && (bytes[end] == b'.' || end >= at + 4)))
                {
                    end += 1;
                }
                (Kind::Number, end)
            }
            it if word(it) => (Kind::Word, until(at, word)),
            _ => {
                let two = bytes.get(at..at + 2).unwrap_or_default();
                let long = [&b"=="[..], b"!=", b"<=", b">=", b"=>", b".."].contains(&two);
                (Kind::Sign, at + if long { 2 } else { 1 })
            }
        };
        all.push(Token { kind, at: at..end });
        at = end;
    }
    all
}
