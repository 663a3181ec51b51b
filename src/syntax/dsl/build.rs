//! From what pest matched to the syntax tree: files and statements.

use std::{collections::HashSet, sync::Arc};

use pest::iterators::{Pair, Pairs};

use super::{grammar::Rule, scan::Token};
use crate::{
    source::{Code, Diagnostic, FileId, Span},
    syntax::{
        ast::{
            Action, Arm, ArmBody, Batch, Block, Callee, Clause, ClauseKind, Comment, Expr, ExprKind, For, Item, Let,
            Match, Name, On, Param, Pattern, Rhs, Rule as TradeRule, Setting, Settings, Side, Step, Stmt, Strategy,
            Test, TestStmt, TypeDecl, TypeExpr, TypeKind, Use, UseWhat, Workflow,
        },
        comments,
    },
};

/// Makes nodes of what pest matched in a stretch of a text.
pub(super) struct Builder<'a> {
    /// The file.
    pub id: FileId,
    /// The byte of the file at which the stretch starts.
    pub base: usize,
    /// The file's tokens, comments left out: where one ends is where a node ends.
    pub tokens: &'a [Token],
    /// The file's comments.
    pub comments: &'a [Comment],
    /// The file's text.
    pub text: &'a str,
    /// What was wrong.
    pub diagnostics: Vec<Diagnostic>,
    /// The operators around the expression that is being read.
    pub operators: usize,
    /// Where a text without closing quote was, of which a `_` is left.
    pub holes: HashSet<u32>,
}

impl Builder<'_> {
    /// Returns the items of a whole file.
    pub fn items(&mut self, file: Pairs<'_, Rule>) -> Vec<Item> {
        file.flat_map(Pair::into_inner).filter(|it| it.as_rule() != Rule::EOI).map(|it| self.item(it)).collect()
    }

    /// Returns an item.
    pub fn item(&mut self, pair: Pair<'_, Rule>) -> Item {
        let span = self.span(&pair);
        match pair.as_rule() {
            Rule::use_decl => Item::Use(self.import(pair, span)),
            Rule::type_decl => {
                let (mut name, mut ty) = (Self::no_name(span), bad_type(span));
                for part in pair.into_inner() {
                    match part.as_rule() {
                        Rule::decl => name = self.decl(part),
                        Rule::type_expr => ty = self.type_expr(part),
                        _ => {}
                    }
                }
                Item::Type(TypeDecl { doc: self.doc(span), name, ty, span })
            }
            Rule::workflow => {
                let (name, body) = self.headed(pair, span);
                Item::Workflow(Workflow { doc: self.doc(span), name, body, span })
            }
            Rule::strategy => {
                let (name, body) = self.headed(pair, span);
                Item::Strategy(Strategy { doc: self.doc(span), name, body, span })
            }
            Rule::test => {
                let (mut name, mut name_span, mut stmts) = (Arc::from(""), span, Vec::new());
                for part in pair.into_inner() {
                    match part.as_rule() {
                        Rule::string => (name, name_span) = (self.quoted_text(&part), self.span(&part)),
                        Rule::k_test => {}
                        _ => stmts.push(self.test_stmt(part)),
                    }
                }
                Item::Test(Test { name, name_span, stmts, span })
            }
            _ => Item::Bad(span),
        }
    }

    fn import(&mut self, pair: Pair<'_, Rule>, span: Span) -> Use {
        let mut import = Use { path: Arc::from(""), path_span: span, what: UseWhat::All, span };
        for part in pair.into_inner() {
            match part.as_rule() {
                Rule::string => (import.path, import.path_span) = (self.quoted_text(&part), self.span(&part)),
                Rule::decl => import.what = UseWhat::As(self.decl(part)),
                Rule::import_list => import.what = UseWhat::Names(self.idents(part)),
                _ => {}
            }
        }
        import
    }

    fn headed(&mut self, pair: Pair<'_, Rule>, span: Span) -> (Name, Block) {
        let (mut name, mut body) = (Self::no_name(span), Block { stmts: Vec::new(), span });
        for part in pair.into_inner() {
            match part.as_rule() {
                Rule::decl => name = self.decl(part),
                Rule::block => body = self.block(part),
                _ => {}
            }
        }
        (name, body)
    }

    /// Returns a statement of a test.
    pub fn test_stmt(&mut self, pair: Pair<'_, Rule>) -> TestStmt {
        let span = self.span(&pair);
        let rule = pair.as_rule();
        if rule == Rule::let_stmt {
            return TestStmt::Let(self.let_stmt(pair, span));
        }
        let (mut callee, mut value, mut name, mut then) = (None, None, None, None);
        let (mut times, mut kind) = (None, None);
        for part in pair.into_inner() {
            match part.as_rule() {
                Rule::callee => callee = self.callee(part),
                Rule::expr | Rule::single => value = Some(self.expr(part)),
                Rule::times => times = part.into_inner().next().map(|it| self.expr(it)),
                Rule::kind => kind = last(part).map(|it| self.expr(it)),
                Rule::decl => name = Some(self.decl(part)),
                Rule::fail | Rule::delay | Rule::mock => then = Some(Box::new(self.test_stmt(part))),
                _ => {}
            }
        }
        match (rule, callee, value, then) {
            (Rule::mock, Some(callee), Some(value), _) => TestStmt::Mock { callee, value, span },
            (Rule::fail, Some(callee), ..) => TestStmt::Fail { callee, times, kind, span },
            (Rule::delay, Some(callee), Some(by), _) => TestStmt::Delay { callee, by, span },
            (Rule::at, _, Some(time), Some(then)) => TestStmt::At { time, then, span },
            (Rule::run, _, Some(call), _) => {
                let after = call.span.after();
                let (workflow, args, args_span) = match call.kind {
                    ExprKind::Call { callee, args, args_span } => (*callee, args, args_span),
                    _ => (call, Vec::new(), after),
                };
                TestStmt::Run { name, workflow, args, args_span, span }
            }
            (Rule::expect, _, Some(that), _) => TestStmt::Expect { that, span },
            _ => TestStmt::Bad(span),
        }
    }

    fn callee(&mut self, pair: Pair<'_, Rule>) -> Option<Callee> {
        let mut names = pair.into_inner().map(|it| self.name(&it));
        Some(Callee { slice: names.next()?, method: names.next()? })
    }

    fn block(&mut self, pair: Pair<'_, Rule>) -> Block {
        let span = self.span(&pair);
        Block { stmts: pair.into_inner().map(|it| self.stmt(it)).collect(), span }
    }

    /// Returns a statement.
    pub fn stmt(&mut self, pair: Pair<'_, Rule>) -> Stmt {
        let span = self.span(&pair);
        match pair.as_rule() {
            Rule::modes => Stmt::Modes { modes: self.idents(pair), span },
            Rule::param => Stmt::Param(self.param(pair, span)),
            Rule::limits => Stmt::Limits(self.settings(pair, span)),
            Rule::orders => Stmt::Orders(self.settings(pair, span)),
            Rule::let_stmt => Stmt::Let(self.let_stmt(pair, span)),
            Rule::step => Stmt::Step(self.step(pair, span)),
            Rule::on_stmt => Stmt::On(self.on(pair, span)),
            Rule::rule_stmt => Stmt::Rule(self.rule(pair, span)),
            Rule::deadline => Stmt::Deadline { value: self.only_expr(pair, span), span },
            Rule::yield_stmt => Stmt::Yield { value: self.only_expr(pair, span), span },
            Rule::output => {
                let (name, _, value) = self.declared(pair, span);
                Stmt::Output { name, value, span }
            }
            _ => Stmt::Bad(span),
        }
    }

    /// Reads a name, a type if there is one, and a value.
    fn declared(&mut self, pair: Pair<'_, Rule>, span: Span) -> (Name, Option<TypeExpr>, Expr) {
        let (mut name, mut ty, mut value) = (Self::no_name(span), None, bad(span));
        for part in pair.into_inner() {
            match part.as_rule() {
                Rule::decl => name = self.decl(part),
                Rule::type_expr => ty = Some(self.type_expr(part)),
                Rule::expr => value = self.expr(part),
                _ => {}
            }
        }
        (name, ty, value)
    }

    fn param(&mut self, pair: Pair<'_, Rule>, span: Span) -> Param {
        let (mut name, mut ty, mut within, mut default) = (Self::no_name(span), bad_type(span), None, None);
        for part in pair.into_inner() {
            match part.as_rule() {
                Rule::decl => name = self.decl(part),
                Rule::type_expr => ty = self.type_expr(part),
                Rule::within => within = Some(self.expr(part)),
                Rule::expr => default = Some(self.expr(part)),
                _ => {}
            }
        }
        Param { doc: self.doc(span), name, ty, within, default, span }
    }

    fn let_stmt(&mut self, pair: Pair<'_, Rule>, span: Span) -> Let {
        let mut parts = pair.clone().into_inner();
        let timeframe = parts.find(|it| it.as_rule() == Rule::timeframe).and_then(last);
        let on = timeframe.map(|it| self.expr(it));
        let (name, ty, value) = self.declared(pair, span);
        Let { name, ty, value, on, span }
    }

    fn settings(&mut self, pair: Pair<'_, Rule>, span: Span) -> Settings {
        let mut settings = Settings { fields: Vec::new(), keyword: span, span };
        for part in pair.into_inner() {
            if part.as_rule() == Rule::settings {
                settings.fields.extend(part.into_inner().filter_map(|it| self.field(it)));
            } else {
                settings.keyword = self.span(&part);
            }
        }
        settings
    }

    /// Returns a field of settings.
    pub fn field(&mut self, pair: Pair<'_, Rule>) -> Option<Setting> {
        let (mut name, mut value) = (None, None);
        for part in pair.into_inner() {
            match part.as_rule() {
                Rule::name => name = Some(self.name(&part)),
                Rule::expr => value = Some(self.expr(part)),
                Rule::foreign_colon => self.foreign_colon(&part),
                _ => {}
            }
        }
        Some(Setting { name: name?, value: value? })
    }

    fn step(&mut self, pair: Pair<'_, Rule>, span: Span) -> Step {
        let mut step = Step {
            doc: self.doc(span),
            name: Self::no_name(span),
            ty: None,
            rhs: Rhs::Expr(bad(span)),
            clauses: Vec::new(),
            span,
        };
        for part in pair.into_inner() {
            match part.as_rule() {
                Rule::decl => step.name = self.decl(part),
                Rule::type_expr => step.ty = Some(self.type_expr(part)),
                Rule::clause => step.clauses.extend(self.clause(part)),
                Rule::expr | Rule::for_rhs | Rule::match_rhs => step.rhs = self.rhs(part),
                _ => {}
            }
        }
        self.report_repeated(&step.clauses);
        step
    }

    /// Reports every clause but `else` that is there twice.
    pub fn report_repeated(&mut self, clauses: &[Clause]) {
        let clauses: Vec<_> = clauses.iter().filter(|it| !matches!(it.kind, ClauseKind::Bad)).collect();
        for (at, clause) in clauses.iter().enumerate() {
            let word = self.at(clause.keyword);
            let before = clauses.iter().take(at).find(|it| self.at(it.keyword) == word);
            if let Some(before) = before.filter(|_| word != "else") {
                let found = Diagnostic::new(Code::S008, clause.keyword, format!("`{word}` is given twice"));
                let found = found.label(before.keyword, "first here");
                self.diagnostics.push(found.fix("remove the second", clause.span, ""));
            }
        }
    }

    fn rhs(&mut self, pair: Pair<'_, Rule>) -> Rhs {
        let span = self.span(&pair);
        match pair.as_rule() {
            Rule::for_rhs => {
                let mut each = For {
                    var: Self::no_name(span),
                    list: bad(span),
                    filter: None,
                    parallel: None,
                    body: Block { stmts: Vec::new(), span },
                    span,
                };
                for part in pair.into_inner() {
                    match part.as_rule() {
                        Rule::decl => each.var = self.decl(part),
                        Rule::expr => each.list = self.expr(part),
                        Rule::where_part => each.filter = last(part).map(|it| self.expr(it)),
                        Rule::parallel_part => each.parallel = last(part).map(|it| self.expr(it)),
                        Rule::block => each.body = self.block(part),
                        _ => {}
                    }
                }
                Rhs::For(Box::new(each))
            }
            Rule::match_rhs => {
                let mut matched = Match { on: bad(span), arms: Vec::new(), span };
                for part in pair.into_inner() {
                    match part.as_rule() {
                        Rule::expr => matched.on = self.expr(part),
                        Rule::arm => matched.arms.push(self.arm(part)),
                        _ => {}
                    }
                }
                Rhs::Match(Box::new(matched))
            }
            _ => Rhs::Expr(self.expr(pair)),
        }
    }

    /// Returns an arm of a match.
    pub fn arm(&mut self, pair: Pair<'_, Rule>) -> Arm {
        let span = self.span(&pair);
        let span = if self.at(span).ends_with(',') { Span { end: span.end - 1, ..span } } else { span };
        let mut arm = Arm { patterns: Vec::new(), body: ArmBody::Expr(bad(span)), span };
        for part in pair.into_inner() {
            let here = self.span(&part);
            match part.as_rule() {
                Rule::pattern => arm.patterns.extend(last(part).map(|it| self.pattern(&it, here))),
                Rule::foreign_arrow => {
                    let message = format!("`{}` is not the arrow of an arm", self.at(here));
                    self.report(Diagnostic::new(Code::S006, here, message).safe_fix("write `=>`", here, "=>"));
                }
                Rule::block => arm.body = ArmBody::Block(self.block(part)),
                Rule::expr => arm.body = ArmBody::Expr(self.expr(part)),
                _ => {}
            }
        }
        arm
    }

    fn pattern(&mut self, pair: &Pair<'_, Rule>, span: Span) -> Pattern {
        match pair.as_rule() {
            Rule::wildcard => Pattern::Any(span),
            Rule::truth => Pattern::Bool(pair.as_str() == "true", span),
            Rule::string | Rule::foreign_string => Pattern::Text(self.quoted_text(pair), span),
            _ => Pattern::Name(self.name(pair)),
        }
    }

    /// Returns a clause of a step.
    pub fn clause(&mut self, pair: Pair<'_, Rule>) -> Option<Clause> {
        let span = self.span(&pair);
        let inner = last(pair)?;
        let rule = inner.as_rule();
        let (mut keyword, mut names, mut value, mut second, mut rhs) = (span, Vec::new(), None, None, None);
        for part in inner.into_inner() {
            match part.as_rule() {
                Rule::ident => names.push(self.name(&part)),
                Rule::backoff => second = last(part).map(|it| self.expr(it)),
                Rule::expr | Rule::for_rhs | Rule::match_rhs if rule == Rule::otherwise => rhs = Some(self.rhs(part)),
                Rule::expr => value = Some(self.expr(part)),
                _ => keyword = self.span(&part),
            }
        }
        let value = value.unwrap_or(bad(span));
        let kind = match rule {
            Rule::when => ClauseKind::When(value),
            Rule::after => ClauseKind::After(names),
            Rule::timeout => ClauseKind::Timeout(value),
            Rule::retry => ClauseKind::Retry { max: value, backoff: second },
            Rule::every => ClauseKind::Every(value),
            Rule::cache => ClauseKind::Cache(value),
            Rule::tolerate => ClauseKind::Tolerate(value),
            Rule::accept => ClauseKind::Accept(names),
            _ => ClauseKind::Else(rhs.unwrap_or(Rhs::Expr(bad(span)))),
        };
        Some(Clause { kind, span, keyword })
    }

    fn on(&mut self, pair: Pair<'_, Rule>, span: Span) -> On {
        let mut on = On {
            var: Self::no_name(span),
            stream: bad(span),
            filter: None,
            batch: None,
            body: Block { stmts: Vec::new(), span },
            span,
        };
        for part in pair.into_inner() {
            match part.as_rule() {
                Rule::decl => on.var = self.decl(part),
                Rule::expr => on.stream = self.expr(part),
                Rule::where_part => on.filter = last(part).map(|it| self.expr(it)),
                Rule::batch => on.batch = Some(self.batch(part)),
                Rule::block => on.body = self.block(part),
                _ => {}
            }
        }
        on
    }

    fn batch(&mut self, pair: Pair<'_, Rule>) -> Batch {
        let span = self.span(&pair);
        let mut batch = Batch { every: bad(span), by: None, max: None, name: Self::no_name(span), span };
        for part in pair.into_inner() {
            match part.as_rule() {
                Rule::single => batch.every = self.expr(part),
                Rule::by_part => batch.by = last(part).map(|it| self.expr(it)),
                Rule::max_part => batch.max = last(part).map(|it| self.expr(it)),
                Rule::decl => batch.name = self.decl(part),
                _ => {}
            }
        }
        batch
    }

    fn rule(&mut self, pair: Pair<'_, Rule>, span: Span) -> TradeRule {
        let mut rule =
            TradeRule { action: Action::Enter, side: Side::Long, when: bad(span), head: span.before(), span };
        for part in pair.into_inner() {
            match part.as_rule() {
                Rule::action if part.as_str() == "exit" => rule.action = Action::Exit,
                Rule::side => {
                    rule.side = if part.as_str() == "short" { Side::Short } else { Side::Long };
                    rule.head = rule.head.to(self.span(&part));
                }
                Rule::expr => rule.when = self.expr(part),
                _ => {}
            }
        }
        rule
    }

    fn only_expr(&mut self, pair: Pair<'_, Rule>, span: Span) -> Expr {
        last(pair).map_or(bad(span), |it| self.expr(it))
    }

    fn idents(&mut self, pair: Pair<'_, Rule>) -> Vec<Name> {
        pair.into_inner().filter(|it| it.as_rule() == Rule::ident).map(|it| self.name(&it)).collect()
    }

    /// Returns a declared name; a reserved word is reported.
    fn decl(&mut self, pair: Pair<'_, Rule>) -> Name {
        let span = self.span(&pair);
        match last(pair) {
            Some(it) if it.as_rule() == Rule::reserved_name => {
                let text = self.at(span).to_owned();
                self.report(reserved(&text, span));
                Name { text: text.into(), span }
            }
            Some(it) => self.name(&it),
            None => Self::no_name(span),
        }
    }

    /// Returns a name, backticks removed.
    pub fn name(&mut self, pair: &Pair<'_, Rule>) -> Name {
        let span = self.span(pair);
        Name { text: self.at(span).trim_matches('`').into(), span }
    }

    fn no_name(span: Span) -> Name {
        Name { text: Arc::from(""), span: span.before() }
    }

    /// Returns where a node stands, without the white space that pest has after an absent last part.
    pub fn span(&self, pair: &Pair<'_, Rule>) -> Span {
        let matched = pair.as_span();
        let (start, end) = (self.base + matched.start(), self.base + matched.end());
        // White space ends with a blank, and only at the end of the text with a comment.
        let blank = |byte: &u8| byte.is_ascii_whitespace() || !byte.is_ascii();
        if matched.end() < matched.get_input().len() && matched.as_str().as_bytes().last().is_some_and(|it| !blank(it))
        {
            return Span::new(self.id, start, end);
        }
        let count = self.tokens.partition_point(|it| it.end as usize <= end);
        let last = count.checked_sub(1).and_then(|at| self.tokens.get(at)).map_or(end, |it| it.end as usize);
        Span::new(self.id, start, if last > start { last } else { end })
    }

    /// Returns the text of the file at `span`.
    pub fn at(&self, span: Span) -> &str {
        self.text.get(span.range()).unwrap_or_default()
    }

    /// Notes a mistake.
    pub fn report(&mut self, diagnostic: Diagnostic) {
        self.diagnostics.push(diagnostic);
    }

    /// Returns what the `##` comments right above a place say.
    pub fn doc(&self, span: Span) -> Option<Arc<str>> {
        comments::doc(self.comments, self.text, span.start, usize::MAX)
    }
}

/// Returns the report that a reserved word stands where a name is wanted.
pub(super) fn reserved(word: &str, span: Span) -> Diagnostic {
    Diagnostic::new(Code::N009, span, format!("`{word}` is a reserved word")).here("a name is wanted here").safe_fix(
        "put it in backticks to use it as a name",
        span,
        format!("`{word}`"),
    )
}

/// Returns an expression that could not be read.
pub(super) fn bad(span: Span) -> Expr {
    Expr { kind: ExprKind::Bad, span }
}

/// Returns a type that could not be read.
pub(super) fn bad_type(span: Span) -> TypeExpr {
    TypeExpr { kind: TypeKind::Bad, span }
}

/// Returns the last part of a node.
pub(super) fn last(pair: Pair<'_, Rule>) -> Option<Pair<'_, Rule>> {
    pair.into_inner().next_back()
}
