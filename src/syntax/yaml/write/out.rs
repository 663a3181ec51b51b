//! What is written: scalars, lists and maps with the places they come from, and how YAML spells them.

use std::{fmt::Write, ops::Range};

use crate::syntax::literal;

/// The widest line on which a list or map is written with brackets.
const WIDTH: usize = 100;

/// A value to be written.
#[derive(Debug)]
pub(super) enum Out {
    /// A literal, a name or a type, of which the text is known to mean itself.
    Word(String),
    /// A text, which must not read as anything else.
    Text(String),
    /// An expression, without its `$`.
    Expr(String),
    /// A list.
    List(Vec<Pair>),
    /// A map.
    Map(Vec<Pair>),
}

/// An entry of a list, or of a map if it has a key.
#[derive(Debug)]
pub(super) struct Pair {
    pub key: Option<String>,
    pub value: Out,
    /// Where it stands in the file that is written; comments before that are written before it.
    pub at: Option<u32>,
    /// Where what it holds ends; comments up to there are written inside.
    pub end: Option<u32>,
    /// Where the list or map starts whose first entry it is; comments from there on are inside.
    pub from: Option<u32>,
    /// Where the list or map ends whose last entry it is; comments up to there are written behind and below it.
    pub reach: Option<u32>,
    /// Whether a blank line before it is kept.
    pub statement: bool,
    /// Whether each of its entries must have a line of its own.
    pub tall: bool,
}

impl Pair {
    pub fn new(key: &str, at: Option<u32>, value: Out) -> Self {
        Self { key: Some(key.into()), value, at, end: None, from: None, reach: None, statement: false, tall: false }
    }

    pub fn item(at: Option<u32>, value: Out) -> Self {
        Self { key: None, value, at, end: None, from: None, reach: None, statement: false, tall: false }
    }

    pub fn statement(mut self) -> Self {
        self.statement = true;
        self
    }

    pub fn tall(mut self) -> Self {
        self.tall = true;
        self
    }

    pub fn until(mut self, end: u32) -> Self {
        self.end = Some(end);
        self
    }

    /// Returns the first place of it or inside it.
    pub fn first(&self) -> Option<u32> {
        self.at.or_else(|| self.value.pairs().iter().find_map(Pair::first))
    }

    /// Returns the places inside it, its own aside, from the first to the last.
    fn inside(&self) -> Option<Range<u32>> {
        let from = self.value.pairs().first().and_then(|it| it.from);
        let first = self.at.or(from).or_else(|| self.first())?;
        let mut last = first;
        self.value.last(&mut last);
        Some(first..last)
    }

    /// Says whether it may be written on one line, `room` wide, without losing the place of a comment.
    pub fn flat(&self, indent: usize, commented: impl Fn(Range<u32>) -> bool) -> Option<String> {
        if self.tall && !self.value.pairs().is_empty() || self.value.is_tall() {
            return None;
        }
        if matches!(self.value, Out::List(_) | Out::Map(_)) && self.inside().is_some_and(commented) {
            return None;
        }
        let text = self.value.flow(matches!(self.value, Out::List(_) | Out::Map(_)));
        let scalar = self.value.pairs().is_empty();
        let width = indent + self.key.as_ref().map_or(0, |it| it.chars().count() + 2) + text.chars().count();
        (scalar || width <= WIDTH).then_some(text)
    }
}

impl Out {
    /// Says from where to where comments stand inside a list or map.
    pub fn within(mut self, inside: &Range<u32>) -> Self {
        if let Self::List(pairs) | Self::Map(pairs) = &mut self {
            pairs.first_mut().into_iter().for_each(|it| it.from = Some(inside.start));
            pairs.last_mut().into_iter().for_each(|it| it.reach = Some(inside.end));
        }
        self
    }

    pub fn pairs(&self) -> &[Pair] {
        match self {
            Self::List(it) | Self::Map(it) => it,
            _ => &[],
        }
    }

    fn is_tall(&self) -> bool {
        self.pairs().iter().any(|it| it.tall || it.value.is_tall())
    }

    fn last(&self, last: &mut u32) {
        for pair in self.pairs() {
            *last = [pair.at, pair.reach, pair.end].into_iter().flatten().fold(*last, u32::max);
            pair.value.last(last);
        }
    }

    /// Returns it on one line; inside of brackets more must be quoted.
    pub fn flow(&self, inside: bool) -> String {
        let join = |pairs: &[Pair]| {
            let each = pairs.iter().map(|it| {
                let value = it.value.flow(true);
                it.key.as_ref().map_or_else(|| value.clone(), |key| format!("{}: {value}", spell_key(key)))
            });
            each.collect::<Vec<_>>().join(", ")
        };
        match self {
            Self::Word(text) => plain_or(text, inside, single),
            Self::Text(text) => {
                let dollars = if text.starts_with('$') { format!("${text}") } else { text.clone() };
                if text.starts_with('$') || !reads_otherwise(text) {
                    plain_or(&dollars, inside, double)
                } else {
                    double(text)
                }
            }
            Self::Expr(text) => plain_or(&format!("${text}"), inside, single),
            Self::List(items) => format!("[{}]", join(items)),
            Self::Map(pairs) => format!("{{{}}}", join(pairs)),
        }
    }
}

/// Says whether a plain text would be read as a literal, here or by other readers of YAML.
fn reads_otherwise(text: &str) -> bool {
    let other = ["", "null", "~", "yes", "no", "on", "off", "y", "n", "true", "false", "none", "_"];
    literal::parse(text).is_some() || text.contains("..") || other.contains(&text.to_ascii_lowercase().as_str())
}

/// Returns a key as it is written.
pub(super) fn spell_key(key: &str) -> String {
    plain_or(key, true, double)
}

fn plain_or(text: &str, inside: bool, quoted: fn(&str) -> String) -> String {
    if is_plain(text, inside) { text.into() } else { quoted(text) }
}

/// Says whether a text may stand without quotes.
fn is_plain(text: &str, inside: bool) -> bool {
    let mut chars = text.chars();
    let Some(first) = chars.next() else { return false };
    let second = chars.next();
    let starts = match first {
        '-' => second.is_some_and(|it| !it.is_whitespace() && !"-,[]{}".contains(it)),
        '.' => !text.starts_with("..."),
        _ => !first.is_whitespace() && !"?:,[]{}#&*!|>'\"%@`=<".contains(first),
    };
    let ends = text.ends_with([' ', ':']) || text.contains(": ") || text.contains(" #");
    let breaks =
        text.chars().any(|it| it.is_control() || matches!(it, '\u{feff}' | '\u{85}' | '\u{2028}' | '\u{2029}'));
    let brackets = inside && text.contains([',', '[', ']', '{', '}']);
    starts && !ends && !breaks && !brackets
}

fn single(text: &str) -> String {
    if text.chars().any(|it| it.is_control() || matches!(it, '\u{feff}' | '\u{85}' | '\u{2028}' | '\u{2029}')) {
        return double(text);
    }
    format!("'{}'", text.replace('\'', "''"))
}

fn double(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for it in text.chars() {
        match it {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\n' => quoted.push_str("\\n"),
            '\t' => quoted.push_str("\\t"),
            '\r' => quoted.push_str("\\r"),
            it if it.is_control() || matches!(it, '\u{feff}' | '\u{2028}' | '\u{2029}') => {
                let _ = write!(quoted, "\\u{:04X}", u32::from(it));
            }
            it => quoted.push(it),
        }
    }
    quoted.push('"');
    quoted
}
