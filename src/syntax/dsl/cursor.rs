//! The tokens of a file and what a place among them is: where items, statements and clauses start.

use super::scan::{Kind, Token};
use crate::{
    source::{FileId, Span},
    syntax::words,
};

/// The tokens of a text, comments left out.
pub(super) struct Cursor<'a> {
    pub id: FileId,
    pub source: &'a str,
    pub tokens: &'a [Token],
}

impl<'a> Cursor<'a> {
    /// Returns the text of a token; empty past the last.
    pub fn text(&self, at: usize) -> &'a str {
        self.tokens.get(at).map_or("", |it| it.text(self.source))
    }

    /// Returns what a token is.
    pub fn kind(&self, at: usize) -> Option<Kind> {
        self.tokens.get(at).map(|it| it.kind)
    }

    /// Returns where a token stands; past the last, the end of the text.
    pub fn span(&self, at: usize) -> Span {
        match self.tokens.get(at) {
            Some(token) => Span::new(self.id, token.start as usize, token.end as usize),
            None => Span::new(self.id, self.source.len(), self.source.len()),
        }
    }

    /// Says whether a token is the first on its line.
    pub fn first(&self, at: usize) -> bool {
        self.tokens.get(at).is_some_and(|it| it.first)
    }

    /// Says whether a token is this bracket.
    pub fn is_bracket(&self, at: usize, bracket: &str) -> bool {
        matches!(self.kind(at), Some(Kind::Open | Kind::Close)) && self.text(at) == bracket
    }

    /// Returns how many bytes stand before a token on its line.
    pub fn column(&self, at: usize) -> u32 {
        let start = self.tokens.get(at).map_or(0, |it| it.start);
        let before = self.source.get(..start as usize).unwrap_or_default();
        start - before.rfind('\n').map_or(0, |it| u32::try_from(it + 1).unwrap_or(start))
    }

    /// Says whether a token is a name or reserved word that starts no path and is no key.
    fn is_head(&self, at: usize) -> bool {
        self.kind(at) == Some(Kind::Word)
            && !matches!(self.text(at + 1), ":" | "." | ")" | ",")
            && at.checked_sub(1).is_none_or(|it| !matches!(self.text(it), "." | ".."))
    }

    /// Says whether an item starts at a token.
    pub fn starts_item(&self, at: usize) -> bool {
        self.is_head(at)
            && match self.text(at) {
                "workflow" | "strategy" => self.names(at + 1) || self.text(at + 1) == "{",
                "type" => self.names(at + 1) || self.text(at + 1) == "=",
                "use" | "test" => matches!(self.kind(at + 1), Some(Kind::Text | Kind::SingleQuoted | Kind::OpenText)),
                _ => false,
            }
    }

    /// Says whether a token is a word that starts a statement where one may start.
    pub fn is_stmt_word(&self, at: usize) -> bool {
        self.is_head(at)
            && match self.text(at) {
                "on" => self.names(at + 1) && (self.first(at) || self.text(at + 2) == "in"),
                "deadline" => self.first(at) && self.text(at + 1) != "=",
                word => words::STATEMENTS.contains(&word) && !self.is_named_so(at),
            }
    }

    /// Says whether a word stands where only a name or a value may: in `let output = 5%` or `let x = output`.
    fn is_named_so(&self, at: usize) -> bool {
        let before = at.checked_sub(1).filter(|_| !self.first(at)).map_or("", |it| self.text(it));
        let declares = matches!(before, "let" | "step" | "param" | "output") && matches!(self.text(at + 1), "=" | ":");
        declares || matches!(before, "=" | ":")
    }

    /// Says whether a token starts a line and a statement.
    pub fn starts_stmt_line(&self, at: usize) -> bool {
        self.first(at) && self.is_stmt_word(at)
    }

    /// Says whether a token starts a line as only a statement does, perhaps with its first word misspelt.
    pub fn breaks_in(&self, at: usize) -> bool {
        let misspelt = || self.names(at) && self.names(at + 1) && self.text(at + 2) == "=" && !self.is_clause(at);
        self.starts_stmt_line(at) || (self.first(at) && misspelt())
    }

    /// Says whether a statement starts at a token, perhaps a bad one: after a value, a line cannot go on with a value.
    pub fn starts_stmt(&self, at: usize) -> bool {
        self.is_stmt_word(at) || self.starts_junk(at)
    }

    /// Says whether a test's statement starts at a token, perhaps a bad one.
    pub fn starts_test_stmt(&self, at: usize) -> bool {
        let word = self.text(at);
        let nested = at.checked_sub(2).is_some_and(|it| self.text(it) == "at");
        (words::TEST_STATEMENTS.contains(&word) && self.is_head(at) && !nested && (self.first(at) || word != "at"))
            || (self.starts_junk(at) && !nested)
    }

    fn starts_junk(&self, at: usize) -> bool {
        let starts_value = match self.kind(at) {
            Some(Kind::Word) => {
                let word = self.text(at);
                !words::is_reserved(word) && !self.is_clause(at) && !matches!(word, "backoff" | "max")
            }
            Some(Kind::Number | Kind::Text | Kind::Quoted | Kind::SingleQuoted | Kind::OpenText | Kind::OpenQuoted) => {
                true
            }
            _ => false,
        };
        let opens = |it: usize| self.is_bracket(it, "{") && matches!(self.text(at + 1), "=") | self.names(at + 1);
        self.first(at)
            && starts_value
            && at.checked_sub(1).is_none_or(|it| self.ends_value(it) || opens(it) || self.is_clause(it))
    }

    /// Says whether a value may end with a token.
    pub fn ends_value(&self, at: usize) -> bool {
        match self.kind(at) {
            Some(Kind::Word) => {
                !words::is_reserved(self.text(at)) || matches!(self.text(at), "true" | "false" | "none")
            }
            Some(Kind::Mark) | None => self.text(at) == "?",
            Some(Kind::Open) => false,
            _ => true,
        }
    }

    /// Says whether a token is a word of a clause where a clause may start.
    pub fn is_clause(&self, at: usize) -> bool {
        self.is_head(at)
            && words::CLAUSES.contains(&self.text(at))
            && self.text(at + 1) != "="
            && (self.first(at) || at.checked_sub(1).is_some_and(|it| self.ends_value(it)))
    }

    /// Says whether a token is a name that is not reserved.
    pub fn names(&self, at: usize) -> bool {
        match self.kind(at) {
            Some(Kind::Word) => !words::is_reserved(self.text(at)),
            Some(Kind::Quoted) => true,
            _ => false,
        }
    }
}
