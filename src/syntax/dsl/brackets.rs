//! Which bracket closes which, in a text where some may be missing.

use super::{
    cursor::Cursor,
    scan::{Kind, Token},
};
use crate::{
    source::{Code, Diagnostic, Span},
    syntax::{MAX_MISTAKES, words},
};

/// How deep brackets may nest: deeper is for no reader, and for no stack.
const MAX_DEPTH: usize = 64;

/// What was found about the brackets of a text.
pub(super) struct Brackets {
    /// For the token of an opening bracket the token that closes it, or before which it should have been closed.
    pub partner: Vec<usize>,
    /// What is wrong.
    pub diagnostics: Vec<Diagnostic>,
    /// Closing brackets that close nothing.
    pub stray: Vec<usize>,
    /// The bracket that goes too deep, if one does.
    pub too_deep: Option<Span>,
}

/// What a brace holds.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Holds {
    /// Statements.
    Block,
    /// Arguments, elements, fields, settings or arms: no statement may start in it.
    Parts,
}

struct Open {
    token: usize,
    closer: &'static str,
    holds: Holds,
    indent: u32,
}

/// Pairs the brackets of a text.
pub(super) fn pair(cursor: &Cursor<'_>) -> Brackets {
    let mut found = naive(cursor);
    found.too_deep = found.too_deep.or_else(|| deep_type(cursor));
    if found.too_deep.is_some() || found.stray.is_empty() {
        return found;
    }
    Matcher::new(cursor).run()
}

/// Pairs brackets as they come, up to the first that shows that some are missing: then `stray` is not empty.
fn naive(cursor: &Cursor<'_>) -> Brackets {
    let partner = vec![0; cursor.tokens.len()];
    let mut found = Brackets { partner, diagnostics: Vec::new(), stray: Vec::new(), too_deep: None };
    let mut stack: Vec<(usize, &str)> = Vec::new();
    for (at, token) in cursor.tokens.iter().enumerate() {
        let inside = stack.last().is_some_and(|(_, closer)| *closer != "}");
        match token.kind {
            Kind::Open => {
                stack.push((at, closer(cursor.text(at))));
                if stack.len() > MAX_DEPTH {
                    found.too_deep = Some(cursor.span(at));
                    return found;
                }
            }
            Kind::Close => match stack.pop() {
                Some((open, closer)) if closer == cursor.text(at) => {
                    if let Some(partner) = found.partner.get_mut(open) {
                        *partner = at;
                    }
                }
                _ => found.stray.push(at),
            },
            Kind::Word if inside && cursor.breaks_in(at) => found.stray.push(at),
            _ => {}
        }
        if !found.stray.is_empty() {
            return found;
        }
    }
    found.stray.extend(stack.first().map(|(open, _)| *open));
    found
}

/// Finds a type such as `A<A<A<…` that goes too deep: what may stand between two of its `<`.
fn deep_type(cursor: &Cursor<'_>) -> Option<Span> {
    let mut depth = 0_usize;
    for (at, token) in cursor.tokens.iter().enumerate() {
        match (token.kind, cursor.text(at)) {
            (Kind::Mark, "<") | (Kind::Open, "[" | "{") => depth += usize::from(depth > 0 || token.kind == Kind::Mark),
            (Kind::Mark, ">") | (Kind::Close, "]" | "}") => depth = depth.saturating_sub(1),
            (Kind::Word, "and" | "or" | "not") => depth = 0,
            (Kind::Word | Kind::Quoted | Kind::Text, _) | (Kind::Mark, ":" | "," | "|" | "?") => {}
            _ => depth = 0,
        }
        if depth > MAX_DEPTH {
            return Some(cursor.span(at));
        }
    }
    None
}

fn closer(open: &str) -> &'static str {
    match open {
        "(" => ")",
        "[" => "]",
        _ => "}",
    }
}

/// Pairs brackets where some are missing or too many, by what stands between them and by the indentation.
struct Matcher<'a, 'b> {
    cursor: &'b Cursor<'a>,
    found: Brackets,
    stack: Vec<Open>,
    /// Closing braces are missing, rather than too many.
    missing: bool,
    /// Closing braces are too many.
    surplus: bool,
    /// How far the current line is indented.
    indent: u32,
    /// The word that says what the next brace holds.
    head: Option<Holds>,
}

impl<'a, 'b> Matcher<'a, 'b> {
    fn new(cursor: &'b Cursor<'a>) -> Self {
        let count = |bracket: &str| (0..cursor.tokens.len()).filter(|at| cursor.is_bracket(*at, bracket)).count();
        let (opened, closed) = (count("{"), count("}"));
        let partner = vec![0; cursor.tokens.len()];
        let found = Brackets { partner, diagnostics: Vec::new(), stray: Vec::new(), too_deep: None };
        Self {
            cursor,
            found,
            stack: Vec::new(),
            missing: opened > closed,
            surplus: closed > opened,
            indent: 0,
            head: None,
        }
    }

    fn run(mut self) -> Brackets {
        for (at, token) in self.cursor.tokens.iter().enumerate() {
            if token.first {
                self.indent = self.cursor.column(at);
            }
            if self.found.too_deep.is_some() || self.found.diagnostics.len() > MAX_MISTAKES {
                return self.found;
            }
            match token.kind {
                Kind::Word => self.word(at, *token),
                Kind::Open => self.open(at),
                Kind::Close => self.close(at, *token),
                _ => {}
            }
        }
        while let Some(open) = self.stack.pop() {
            self.unclosed(&open, self.cursor.tokens.len());
        }
        self.found
    }

    fn word(&mut self, at: usize, token: Token) {
        if self.cursor.starts_item(at) && (token.first || self.stack.is_empty()) {
            while let Some(open) = self.stack.pop() {
                self.unclosed(&open, at);
            }
        } else if self.cursor.breaks_in(at) || (token.first && self.cursor.is_clause(at)) {
            let clause = words::CLAUSES.contains(&self.cursor.text(at));
            let ends = |it: &Open| it.holds == Holds::Parts && !(clause && it.closer == "}");
            while let Some(open) = self.stack.pop_if(|it| ends(it)) {
                self.unclosed(&open, at);
            }
        }
        match self.cursor.text(at) {
            "for" | "on" | "workflow" | "strategy" | "test" => self.head = Some(Holds::Block),
            "match" | "limits" | "orders" | "use" => self.head = Some(Holds::Parts),
            _ => {}
        }
    }

    fn open(&mut self, at: usize) {
        let text = self.cursor.text(at);
        let before = at.checked_sub(1).map(|it| (self.cursor.kind(it), self.cursor.text(it)));
        let holds = match before {
            _ if text != "{" => Holds::Parts,
            Some((_, "=>")) if self.cursor.starts_stmt_line(at + 1) || self.cursor.is_stmt_word(at + 1) => Holds::Block,
            Some((Some(Kind::Mark | Kind::Open), _)) => Holds::Parts,
            _ => self.head.take().unwrap_or(Holds::Block),
        };
        self.stack.push(Open { token: at, closer: closer(text), holds, indent: self.indent });
        if self.stack.len() > MAX_DEPTH && self.found.too_deep.is_none() {
            self.found.too_deep = Some(self.cursor.span(at));
        }
    }

    fn close(&mut self, at: usize, token: Token) {
        let text = self.cursor.text(at);
        if text == "}" && token.first && self.missing {
            // a brace further left than the innermost block belongs to a block around it
            let fits = |it: &Open| it.closer == "}" && it.indent == self.indent;
            if self.stack.iter().any(fits) {
                while let Some(open) = self.stack.pop_if(|it| it.indent > self.indent) {
                    self.unclosed(&open, at);
                }
            }
        }
        let odd =
            self.surplus && token.first && text == "}" && self.stack.last().is_some_and(|it| it.indent != self.indent);
        let block = self.stack.iter().rposition(|it| it.holds == Holds::Block).unwrap_or(0);
        let fits = self.stack.iter().rposition(|it| it.closer == text).filter(|it| *it >= block && !odd);
        let Some(fits) = fits else {
            let found = Diagnostic::new(Code::S002, self.cursor.span(at), format!("this `{text}` closes nothing"));
            self.found.diagnostics.push(found.fix("remove it", self.cursor.span(at), ""));
            self.found.stray.push(at);
            return;
        };
        while self.stack.len() > fits + 1 {
            if let Some(open) = self.stack.pop() {
                self.unclosed(&open, at);
            }
        }
        if let Some(open) = self.stack.pop()
            && let Some(partner) = self.found.partner.get_mut(open.token)
        {
            *partner = at;
        }
    }

    /// Returns where the lines of an indented block end, at the latest before a token.
    fn dedent(&self, open: &Open, before: usize) -> usize {
        let mut lines = (open.token + 1..before).filter(|it| self.cursor.first(*it));
        let indented = lines.next().is_some_and(|it| self.cursor.column(it) > open.indent);
        lines.find(|it| indented && self.cursor.column(*it) <= open.indent).unwrap_or(before)
    }

    /// Reports a bracket that should have been closed before a token.
    fn unclosed(&mut self, open: &Open, before: usize) {
        let before = if open.holds == Holds::Block { self.dedent(open, before) } else { before };
        if let Some(partner) = self.found.partner.get_mut(open.token) {
            *partner = before;
        }
        let text = self.cursor.text(open.token);
        let found = Diagnostic::new(Code::S002, self.cursor.span(open.token), format!("this `{text}` is never closed"));
        let place = before.checked_sub(1).map_or(self.cursor.span(open.token), |it| self.cursor.span(it)).after();
        let closer = open.closer;
        let insert = if open.holds == Holds::Block {
            format!("\n{}{closer}", " ".repeat(open.indent as usize))
        } else {
            closer.to_owned()
        };
        self.found.diagnostics.push(found.fix(format!("insert `{closer}`"), place, insert));
    }
}
