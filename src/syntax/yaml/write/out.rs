//! What is written: scalars, lists and maps with the places they come from, and how YAML spells them.

use std::fmt::Write;

use crate::{
    source::Span,
    syntax::{
        comments::{Kind, is_printable},
        literal,
    },
};

/// The widest line on which a list or map is written with brackets.
const WIDTH: usize = 100;

/// A value to be written.
#[derive(Debug)]
pub(super) enum Out {
    /// A literal, a name or a type, of which the text is known to mean itself.
    Word(String),
    /// A text, which must not read as anything else.
    Text(String),
    /// An expression, without its `$`, and where it stands.
    Expr(String, Span),
    /// A list, and the group of the tree that it is.
    List(Vec<Pair>, Option<Span>),
    /// A map, and the group of the tree that it is.
    Map(Vec<Pair>, Option<Span>),
}

/// An entry of a list, or of a map if it has a key.
#[derive(Debug)]
pub(super) struct Pair {
    pub key: Option<String>,
    pub value: Out,
    /// The part of the tree that it is.
    pub part: Option<(Kind, Span)>,
    /// The group of the tree that ends with it.
    pub last: Option<Span>,
    /// The block that ends with it, where it is a statement that is a key of the block.
    pub closes: Option<Span>,
    /// Whether a blank line before it is kept.
    pub statement: bool,
    /// Whether each of its entries must have a line of its own.
    pub tall: bool,
}

impl Pair {
    pub fn new(key: &str, part: Option<(Kind, Span)>, value: Out) -> Self {
        Self { key: Some(key.into()), ..Self::item(part, value) }
    }

    pub fn item(part: Option<(Kind, Span)>, value: Out) -> Self {
        let last = value.group();
        Self { key: None, value, part, last, closes: None, statement: false, tall: false }
    }

    pub fn statement(mut self) -> Self {
        self.statement = true;
        self
    }

    pub fn tall(mut self) -> Self {
        self.tall = true;
        self
    }

    /// Returns the first part that it is or holds.
    pub fn first(&self) -> Option<(Kind, Span)> {
        self.part.or_else(|| self.value.pairs().iter().find_map(Self::first))
    }

    /// Says whether it fits on one line, `indent` from its start.
    pub fn flat(&self, indent: usize) -> Option<String> {
        if self.tall && !self.value.pairs().is_empty() || self.value.is_tall() {
            return None;
        }
        let text = self.value.flow(matches!(self.value, Out::List(..) | Out::Map(..)));
        let scalar = self.value.pairs().is_empty();
        let width = indent + self.key.as_ref().map_or(0, |it| it.chars().count() + 2) + text.chars().count();
        (scalar || width <= WIDTH).then_some(text)
    }
}

impl Out {
    pub fn pairs(&self) -> &[Pair] {
        match self {
            Self::List(it, _) | Self::Map(it, _) => it,
            _ => &[],
        }
    }

    /// Returns the group of the tree that it is.
    pub fn group(&self) -> Option<Span> {
        match self {
            Self::List(_, group) | Self::Map(_, group) => *group,
            _ => None,
        }
    }

    fn is_tall(&self) -> bool {
        self.pairs().iter().any(|it| it.tall || it.value.is_tall())
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
            Self::Expr(text, _) => plain_or(&format!("${text}"), inside, single),
            Self::List(items, _) => format!("[{}]", join(items)),
            Self::Map(pairs, _) => format!("{{{}}}", join(pairs)),
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
    let brackets = inside && text.contains([',', '[', ']', '{', '}']);
    starts && !ends && !brackets && text.chars().all(is_printable)
}

fn single(text: &str) -> String {
    if !text.chars().all(is_printable) {
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
            it if !is_printable(it) => {
                let _ = write!(quoted, "\\u{:04X}", u32::from(it));
            }
            it => quoted.push(it),
        }
    }
    quoted.push('"');
    quoted
}
