//! Reading a file that is not right: cut into items, statements and clauses, each of which is read alone.
//!
//! What is inside the braces of a statement is read first and then blanked, so that a mistake spoils its own statement
//! only. A statement that cannot be read still declares its name, so that its readers are not reported too.

use std::{collections::HashMap, ops::Range};

use pest::{Parser, iterators::Pair};

use super::{
    brackets::Brackets,
    build::{Builder, bad, bad_type},
    cursor::Cursor,
    explain,
    grammar::{Grammar, Rule},
    scan::Kind,
};
use crate::{
    source::{Diagnostic, Span},
    syntax::{
        MAX_MISTAKES,
        ast::{
            Arm, ArmBody, Block, Clause, ClauseKind, Item, Let, Name, Param, Rhs, Step, Stmt, Strategy, Test, TestStmt,
            Workflow,
        },
        words,
    },
};

/// What stands where a block has been read: white space to the grammar, and in no file's place of a mistake.
const READ: u8 = b'\r';

/// Reads what can be read of a file whose whole does not fit the grammar.
pub(super) struct Recovery<'a, 'b> {
    pub cursor: &'b Cursor<'a>,
    pub brackets: &'b Brackets,
    pub builder: &'b mut Builder<'a>,
    /// The text, in which what has been read is blanked.
    pub bytes: Vec<u8>,
    /// Where mistakes were reported before anything was read, in order: what is broken by them is not reported again.
    pub known: Vec<Span>,
}

/// The statements of the blocks inside a statement, by the byte of the brace that opens each.
type Inner = HashMap<u32, Vec<Stmt>>;

impl<'a> Recovery<'a, '_> {
    /// Returns the items of the file.
    pub fn items(&mut self) -> Vec<Item> {
        let cursor = self.cursor;
        // a statement out here is a mistake, and each is told
        let starts = |at: usize| cursor.starts_item(at) || cursor.starts_stmt(at);
        let mut items = Vec::new();
        for chunk in self.cut(0..cursor.tokens.len(), starts) {
            if self.has_enough() {
                break;
            }
            self.item(chunk, &mut items);
        }
        items
    }

    /// Cuts a stretch of tokens at those that `starts` accepts and no bracket of the stretch encloses.
    fn cut(&self, within: Range<usize>, starts: impl Fn(usize) -> bool) -> Vec<Range<usize>> {
        let mut chunks: Vec<Range<usize>> = Vec::new();
        let mut at = within.start;
        while at < within.end {
            match chunks.last_mut() {
                Some(last) if !starts(at) => last.end = at + 1,
                _ => chunks.push(at..at + 1),
            }
            let past = self.past(at);
            if let Some(last) = chunks.last_mut() {
                last.end = past.clamp(at + 1, within.end);
            }
            at = past.max(at + 1);
        }
        chunks
    }

    /// Returns the token after one, or after what it opens.
    fn past(&self, at: usize) -> usize {
        if self.cursor.kind(at) != Some(Kind::Open) {
            return at + 1;
        }
        let partner = self.partner(at);
        if self.closes(at, partner) { partner + 1 } else { partner.max(at + 1) }
    }

    fn partner(&self, at: usize) -> usize {
        self.brackets.partner.get(at).copied().unwrap_or(0)
    }

    fn closes(&self, open: usize, close: usize) -> bool {
        let fits = matches!((self.cursor.text(open), self.cursor.text(close)), ("(", ")") | ("[", "]") | ("{", "}"));
        fits && self.cursor.kind(close) == Some(Kind::Close) && self.brackets.stray.binary_search(&close).is_err()
    }

    fn item(&mut self, chunk: Range<usize>, items: &mut Vec<Item>) {
        let head = self.cursor.text(chunk.start);
        let span = self.span(&chunk);
        let word = if words::ITEMS.contains(&head) {
            head
        } else {
            explain::nearest(head, &["workflow", "strategy"]).unwrap_or("")
        };
        let open = chunk.clone().find(|it| self.cursor.is_bracket(*it, "{"));
        if let ("workflow" | "strategy" | "test", Some(open)) = (word, open) {
            let close = self.partner(open);
            let inside = open + 1..close.min(chunk.end);
            let header = chunk.start..open + 1;
            let mut made = None;
            if head == word {
                made = self.read(Rule::one_item, &header, |it, pair| it.item(pair));
            } else {
                self.report_unless_known(&header, |it| explain::no_item(it.cursor, chunk.start, word));
            }
            let name = self.name_at(chunk.start + 1);
            let doc = self.builder.doc(span);
            items.push(if word == "test" {
                let name_span = self.cursor.span(chunk.start + 1);
                let stmts = self.test_stmts(inside);
                let name = match made {
                    Some(Item::Test(made)) => made.name,
                    _ => name.text,
                };
                Item::Test(Test { name, name_span, stmts, span })
            } else {
                let stmts = self.stmts(inside);
                let body = Block { stmts, span: self.span(&(open..(close + 1).min(chunk.end))) };
                match (made, word) {
                    (Some(Item::Workflow(made)), _) => Item::Workflow(Workflow { body, span, ..made }),
                    (Some(Item::Strategy(made)), _) => Item::Strategy(Strategy { body, span, ..made }),
                    (_, "strategy") => Item::Strategy(Strategy { doc, name, body, span }),
                    _ => Item::Workflow(Workflow { doc, name, body, span }),
                }
            });
            let rest = self.past(open)..chunk.end;
            if !rest.is_empty() {
                self.report_unless_known(&rest, |it| explain::outside(it.cursor, rest.start));
                items.push(Item::Bad(self.span(&rest)));
            }
        } else {
            let item = if words::ITEMS.contains(&head) {
                self.read(Rule::one_item, &chunk, |it, pair| it.item(pair))
            } else {
                self.report_unless_known(&chunk, |it| explain::outside(it.cursor, chunk.start));
                None
            };
            items.push(item.unwrap_or(Item::Bad(span)));
        }
    }

    fn test_stmts(&mut self, within: Range<usize>) -> Vec<TestStmt> {
        let cursor = self.cursor;
        let chunks = self.cut(within, |at| cursor.starts_test_stmt(at));
        chunks.into_iter().map_while(|chunk| (!self.has_enough()).then(|| self.test_stmt(&chunk))).collect()
    }

    fn test_stmt(&mut self, chunk: &Range<usize>) -> TestStmt {
        let head = self.cursor.text(chunk.start);
        let made = if words::TEST_STATEMENTS.contains(&head) {
            self.read(Rule::one_test_stmt, chunk, |it, pair| it.test_stmt(pair))
        } else {
            self.report_unless_known(chunk, |it| explain::no_statement(it.cursor, chunk, words::TEST_STATEMENTS));
            None
        };
        made.unwrap_or(TestStmt::Bad(self.span(chunk)))
    }

    fn stmts(&mut self, within: Range<usize>) -> Vec<Stmt> {
        let cursor = self.cursor;
        let chunks = self.cut(within, |at| cursor.starts_stmt(at));
        chunks.into_iter().map_while(|chunk| (!self.has_enough()).then(|| self.stmt(&chunk))).collect()
    }

    fn stmt(&mut self, chunk: &Range<usize>) -> Stmt {
        let head = self.cursor.text(chunk.start);
        let inner = self.inner(chunk);
        let mut made = if !self.cursor.is_stmt_word(chunk.start) {
            self.report_unless_known(chunk, |it| explain::no_statement(it.cursor, chunk, words::STATEMENTS));
            let word = explain::nearest(head, words::STATEMENTS).unwrap_or("");
            self.salvage(word, chunk)
        } else if let Ok(stmt) = self.attempt(Rule::one_stmt, chunk, |it, pair| it.stmt(pair)) {
            stmt
        } else {
            self.pieces(head, chunk)
        };
        graft(&mut made, inner);
        made
    }

    /// Reads the blocks inside a statement and blanks them.
    fn inner(&mut self, chunk: &Range<usize>) -> Inner {
        let mut found = Inner::new();
        let mut at = chunk.start;
        while at < chunk.end {
            let close = self.partner(at);
            if self.cursor.is_bracket(at, "{") && self.cursor.kind(at) == Some(Kind::Open) && self.is_block(at) {
                let inside = at + 1..close.min(chunk.end);
                let stmts = self.stmts(inside.clone());
                let blank = self.span(&inside).range();
                if let Some(blank) = self.bytes.get_mut(blank).filter(|_| !inside.is_empty()) {
                    blank.fill(READ);
                }
                found.insert(self.cursor.span(at).start, stmts);
                at = self.past(at);
            } else {
                at += 1;
            }
        }
        found
    }

    /// Says whether a brace holds statements.
    fn is_block(&self, open: usize) -> bool {
        let before = open.saturating_sub(1);
        if self.cursor.kind(before) == Some(Kind::Mark) && self.cursor.text(before) != "=>"
            || matches!(self.cursor.text(before), "limits" | "orders")
        {
            return false;
        }
        let mut at = open + 1;
        while at < self.partner(open).min(self.cursor.tokens.len()) {
            if self.cursor.is_stmt_word(at) {
                return true;
            }
            at = self.past(at);
        }
        false
    }

    /// Reads a statement part by part, and tells what is wrong with each.
    fn pieces(&mut self, head: &str, chunk: &Range<usize>) -> Stmt {
        match head {
            "step" => self.step(chunk),
            "limits" | "orders" => self.settings(head, chunk),
            _ => match self.read(Rule::one_stmt, chunk, |it, pair| it.stmt(pair)) {
                Some(stmt) => stmt,
                None => self.salvage(head, chunk),
            },
        }
    }

    fn step(&mut self, chunk: &Range<usize>) -> Stmt {
        let cursor = self.cursor;
        let mut parts = self.cut(chunk.clone(), |at| at > chunk.start + 2 && cursor.is_clause(at)).into_iter();
        let Some(head) = parts.next() else { return Stmt::Bad(self.span(chunk)) };
        let arms = head.clone().find(|it| cursor.text(*it) == "match").and_then(|from| {
            let mut at = from;
            while at < head.end && !cursor.is_bracket(at, "{") {
                at = self.past(at);
            }
            (at < head.end).then_some(at)
        });
        let mut step = match (self.attempt(Rule::one_stmt, &head, |it, pair| it.stmt(pair)), arms) {
            (Ok(stmt), _) => stmt,
            (Err(_), Some(open)) => {
                let start = head.start..open + 1;
                let mut step = match self.read(Rule::one_stmt, &start, |it, pair| it.stmt(pair)) {
                    Some(stmt) => stmt,
                    None => self.salvage("step", &head),
                };
                let arms = self.arms(open + 1..self.partner(open).min(head.end));
                if let Stmt::Step(Step { rhs: Rhs::Match(made), .. }) = &mut step {
                    made.arms = arms;
                    made.span = made.span.to(self.span(&head));
                }
                step
            }
            (Err((at, wanted)), None) => {
                self.report_unless_known(&head, |it| explain::unexpected(it.cursor, &head, at, &wanted));
                self.salvage("step", &head)
            }
        };
        let clauses: Vec<_> = parts.map_while(|part| (!self.has_enough()).then(|| self.clause(&part))).collect();
        self.builder.report_repeated(&clauses);
        if let Stmt::Step(step) = &mut step {
            step.clauses = clauses;
            step.span = self.span(chunk);
        }
        step
    }

    fn clause(&mut self, part: &Range<usize>) -> Clause {
        let (span, keyword) = (self.span(part), self.cursor.span(part.start));
        let made = self.attempt(Rule::one_clause, part, Builder::clause).ok().flatten();
        made.unwrap_or_else(|| {
            if self.cursor.text(part.start) == "else"
                && let Some(open) = part.clone().find(|it| self.cursor.is_bracket(*it, "{"))
                && self.cursor.text(part.start + 1) == "match"
            {
                self.arms(open + 1..self.partner(open).min(part.end));
            } else {
                self.read(Rule::one_clause, part, Builder::clause);
            }
            Clause { kind: ClauseKind::Bad, span, keyword }
        })
    }

    fn arms(&mut self, within: Range<usize>) -> Vec<Arm> {
        let cursor = self.cursor;
        let goes_on = |at: usize| matches!(cursor.text(at), "," | "=>" | "->" | "=" | ":" | "==");
        let starts = |at: usize| {
            let value = cursor.names(at)
                || matches!(cursor.kind(at), Some(Kind::Text | Kind::SingleQuoted))
                || matches!(cursor.text(at), "true" | "false");
            cursor.first(at)
                && value
                && goes_on(at + 1)
                && at.checked_sub(1).is_none_or(|it| cursor.ends_value(it) || cursor.text(it) == ",")
        };
        // a line of patterns may go on after a comma, an arm may end with one
        let chunks =
            self.cut(within, |at| starts(at) && (cursor.text(at.saturating_sub(1)) != "," || self.arm_before(at)));
        let mut arms = Vec::new();
        for chunk in chunks {
            if self.has_enough() {
                break;
            }
            let bad_arm =
                Arm { patterns: Vec::new(), body: ArmBody::Expr(bad(self.span(&chunk))), span: self.span(&chunk) };
            arms.push(self.read(Rule::one_arm, &chunk, |it, pair| it.arm(pair)).unwrap_or(bad_arm));
        }
        arms
    }

    /// Says whether the line that ends before a token has an arrow.
    fn arm_before(&self, at: usize) -> bool {
        let line = (0..at).rev().take(64);
        for before in line {
            if matches!(self.cursor.text(before), "=>" | "->") {
                return true;
            }
            if self.cursor.first(before) {
                return false;
            }
        }
        false
    }

    fn settings(&mut self, head: &str, chunk: &Range<usize>) -> Stmt {
        let cursor = self.cursor;
        let open = chunk.start + 1;
        let header = chunk.start..(open + 1).min(chunk.end);
        let Some(mut made) = self.read(Rule::one_stmt, &header, |it, pair| it.stmt(pair)) else {
            return self.salvage(head, chunk);
        };
        let within = open + 1..self.partner(open).min(chunk.end);
        let is_name = |at: usize| matches!(cursor.kind(at), Some(Kind::Word | Kind::Quoted));
        let starts = |at: usize| {
            is_name(at) && (cursor.first(at) || cursor.text(at.saturating_sub(1)) == "," || cursor.text(at + 1) == ":")
        };
        let mut fields = Vec::new();
        for field in self.cut(within, starts) {
            if self.has_enough() {
                break;
            }
            fields.extend(self.read(Rule::one_field, &field, Builder::field).flatten().or_else(|| {
                let name = is_name(field.start).then(|| self.name_at(field.start))?;
                Some(crate::syntax::ast::Setting { name, value: bad(self.span(&field)) })
            }));
        }
        if let Stmt::Limits(settings) | Stmt::Orders(settings) = &mut made {
            settings.fields = fields;
            settings.span = self.span(chunk);
        }
        made
    }

    /// Returns what a statement that cannot be read declares.
    fn salvage(&mut self, word: &str, chunk: &Range<usize>) -> Stmt {
        let span = self.span(chunk);
        let declares = matches!(self.cursor.kind(chunk.start + 1), Some(Kind::Word | Kind::Quoted)) && chunk.len() > 1;
        if !declares {
            return Stmt::Bad(span);
        }
        let name = self.name_at(chunk.start + 1);
        let doc = self.builder.doc(span);
        match word {
            "step" => Stmt::Step(Step { doc, name, ty: None, rhs: Rhs::Expr(bad(span)), clauses: Vec::new(), span }),
            "let" => Stmt::Let(Let { name, ty: None, value: bad(span), on: None, span }),
            "param" => {
                Stmt::Param(Param { doc, name, ty: bad_type(span), within: None, default: Some(bad(span)), span })
            }
            "output" => Stmt::Output { name, value: bad(span), span },
            _ => Stmt::Bad(span),
        }
    }

    fn name_at(&self, at: usize) -> Name {
        let name = matches!(self.cursor.kind(at), Some(Kind::Word | Kind::Quoted | Kind::Text));
        let text = if name { self.cursor.text(at).trim_matches(['`', '"']) } else { "" };
        Name { text: text.into(), span: self.cursor.span(at) }
    }

    /// Returns where the tokens of a chunk stand.
    fn span(&self, chunk: &Range<usize>) -> Span {
        let start = self.cursor.span(chunk.start);
        if chunk.is_empty() { start.before() } else { start.to(self.cursor.span(chunk.end - 1)) }
    }

    /// Reads a chunk, or says where it cannot be read.
    fn attempt<T>(
        &mut self,
        rule: Rule,
        chunk: &Range<usize>,
        build: impl FnOnce(&mut Builder<'a>, Pair<'_, Rule>) -> T,
    ) -> Result<T, (usize, Vec<Rule>)> {
        let span = self.span(chunk);
        let text = self.bytes.get(span.range()).and_then(|it| std::str::from_utf8(it).ok()).unwrap_or_default();
        match Grammar::parse(rule, text) {
            Ok(mut pairs) => {
                let pair =
                    pairs.next().and_then(|it| it.into_inner().next()).ok_or((span.start as usize, Vec::new()))?;
                self.builder.base = span.start as usize;
                Ok(build(self.builder, pair))
            }
            Err(error) => {
                let (at, wanted) = furthest(error);
                Err((span.start as usize + at, wanted))
            }
        }
    }

    /// Reads a chunk; what is wrong is reported.
    fn read<T>(
        &mut self,
        rule: Rule,
        chunk: &Range<usize>,
        build: impl FnOnce(&mut Builder<'a>, Pair<'_, Rule>) -> T,
    ) -> Option<T> {
        match self.attempt(rule, chunk, build) {
            Ok(made) => Some(made),
            Err((at, wanted)) => {
                self.report_unless_known(chunk, |it| explain::unexpected(it.cursor, chunk, at, &wanted));
                None
            }
        }
    }

    /// Says whether there are so many mistakes that nothing further is read.
    fn has_enough(&self) -> bool {
        self.builder.diagnostics.len() > MAX_MISTAKES
    }

    fn report_unless_known(&mut self, chunk: &Range<usize>, make: impl FnOnce(&Self) -> Diagnostic) {
        let span = self.span(chunk);
        let first = self.known.partition_point(|it| it.end < span.start);
        let read =
            |it: &Span| self.bytes.get(it.range()).is_some_and(|it| !it.is_empty() && it.iter().all(|it| *it == READ));
        let known = self.known.iter().skip(first).take_while(|it| it.start <= span.end).any(|it| !read(it));
        if !known {
            let found = make(self);
            self.builder.report(found);
        }
    }
}

/// Returns the byte up to which pest could read, and what it would have read there.
pub(super) fn furthest(error: pest::error::Error<Rule>) -> (usize, Vec<Rule>) {
    let at = match error.location {
        pest::error::InputLocation::Pos(at) | pest::error::InputLocation::Span((at, _)) => at,
    };
    match error.variant {
        pest::error::ErrorVariant::ParsingError { positives, .. } => (at, positives),
        pest::error::ErrorVariant::CustomError { .. } => (at, Vec::new()),
    }
}

/// Puts the statements of inner blocks where their braces are.
fn graft(stmt: &mut Stmt, mut inner: Inner) {
    let mut fill = |block: &mut Block| block.stmts = inner.remove(&block.span.start).unwrap_or_default();
    let mut rhs = |rhs: &mut Rhs| match rhs {
        Rhs::For(each) => fill(&mut each.body),
        Rhs::Match(made) => {
            for arm in &mut made.arms {
                if let ArmBody::Block(block) = &mut arm.body {
                    fill(block);
                }
            }
        }
        Rhs::Expr(_) => {}
    };
    match stmt {
        Stmt::Step(step) => {
            rhs(&mut step.rhs);
            for clause in &mut step.clauses {
                if let ClauseKind::Else(other) = &mut clause.kind {
                    rhs(other);
                }
            }
        }
        Stmt::On(on) => fill(&mut on.body),
        _ => {}
    }
}
