//! The parts and groups of a tree that comments can belong to, in the order of the tree.

use super::Kind;
use crate::{
    source::Span,
    syntax::ast::{
        Arg, ArgKind, Arm, ArmBody, Block, ClauseKind, Expr, ExprKind, File, Form, Item, Match, Param, Rhs, Settings,
        Step, Stmt, TestStmt, TypeExpr, TypeKind,
    },
};

/// What has a line of its own.
pub(super) struct Part {
    pub kind: Kind,
    pub span: Span,
    /// Where it ends; a step ends where its clauses start.
    pub end: u32,
    /// The group that it is of.
    pub group: usize,
    /// The groups inside it.
    pub groups: Vec<usize>,
}

/// Parts between brackets.
pub(super) struct Group {
    pub span: Span,
    /// Where it is open: behind its opening bracket, or behind the word before it.
    pub from: u32,
    /// The part that it is inside of.
    pub owner: Option<usize>,
    pub parts: Vec<usize>,
}

/// All of them. The first group is the file.
pub(super) struct Places<'t> {
    pub parts: Vec<Part>,
    pub groups: Vec<Group>,
    /// The parts by where they start, the outer before the inner.
    pub order: Vec<usize>,
    /// What is given back as it stands, its comments with it.
    pub verbatim: Vec<Span>,
    form: Form,
    text: &'t str,
    group: usize,
    part: Option<usize>,
}

impl<'t> Places<'t> {
    pub fn of(file: &File, text: &'t str) -> Self {
        let span = Span::new(file.id, 0, u32::MAX as usize);
        let whole = Group { span, from: 0, owner: None, parts: Vec::new() };
        let mut places = Self {
            parts: Vec::new(),
            groups: vec![whole],
            order: Vec::new(),
            verbatim: Vec::new(),
            form: file.form,
            text,
            group: 0,
            part: None,
        };
        for item in &file.items {
            places.item(item);
        }
        places.verbatim.sort_unstable();
        places.order = (0..places.parts.len()).collect();
        let parts = &places.parts;
        places.order.sort_by_key(|it| (parts.get(*it).map(|it| it.span.start), *it));
        for group in &mut places.groups {
            group.parts.sort_by_key(|it| parts.get(*it).map(|it| it.span.start));
        }
        places
    }

    /// Says whether a place is in what is given back as it stands.
    pub fn is_verbatim(&self, at: u32) -> bool {
        let before = self.verbatim.partition_point(|it| it.start <= at);
        before.checked_sub(1).and_then(|it| self.verbatim.get(it)).is_some_and(|it| at < it.end)
    }

    /// Adds a part, whose groups `inner` finds.
    fn part(&mut self, kind: Kind, span: Span, end: u32, inner: impl FnOnce(&mut Self)) {
        let at = self.parts.len();
        self.parts.push(Part { kind, span, end, group: self.group, groups: Vec::new() });
        if let Some(group) = self.groups.get_mut(self.group) {
            group.parts.push(at);
        }
        let outer = self.part.replace(at);
        inner(self);
        self.part = outer;
    }

    /// Adds a group, whose parts `inner` finds.
    fn group(&mut self, span: Span, from: u32, inner: impl FnOnce(&mut Self)) {
        let at = self.groups.len();
        self.groups.push(Group { span, from, owner: self.part, parts: Vec::new() });
        if let Some(owner) = self.part.and_then(|it| self.parts.get_mut(it)) {
            owner.groups.push(at);
        }
        let outer = std::mem::replace(&mut self.group, at);
        inner(self);
        self.group = outer;
    }

    fn item(&mut self, item: &Item) {
        let span = item.span();
        self.part(Kind::Item, span, span.end, |it| match item {
            Item::Use(_) => {}
            Item::Type(each) => it.ty(&each.ty),
            Item::Workflow(each) => it.block(&each.body),
            Item::Strategy(each) => it.block(&each.body),
            Item::Test(each) => it.group(span, each.name_span.end, |it| {
                for stmt in &each.stmts {
                    let span = stmt.span();
                    it.part(Kind::Stmt, span, span.end, |it| it.test_stmt(stmt));
                }
            }),
            Item::Bad(span) => it.verbatim.push(*span),
        });
    }

    fn test_stmt(&mut self, stmt: &TestStmt) {
        match stmt {
            TestStmt::Let(it) => {
                it.ty.iter().for_each(|it| self.ty(it));
                self.expr(&it.value);
            }
            TestStmt::Mock { value, .. } => self.expr(value),
            TestStmt::Delay { by, .. } => self.expr(by),
            TestStmt::At { time, then, .. } => {
                self.expr(time);
                self.test_stmt(then);
            }
            TestStmt::Run { args, args_span, .. } => self.args(args, *args_span),
            TestStmt::Expect { that, .. } => self.expr(that),
            TestStmt::Fail { times, kind, .. } => times.iter().chain(kind).for_each(|it| self.expr(it)),
            TestStmt::Bad(span) => self.verbatim.push(*span),
        }
    }

    fn block(&mut self, block: &Block) {
        self.group(block.span, block.span.start, |it| {
            for stmt in &block.stmts {
                it.stmt(stmt);
            }
        });
    }

    fn stmt(&mut self, stmt: &Stmt) {
        if let Stmt::Step(step) = stmt {
            return self.step(step);
        }
        let span = stmt.span();
        self.part(Kind::Stmt, span, span.end, |places| match stmt {
            Stmt::Param(Param { ty, within, default, .. }) => {
                if default.as_ref().is_some_and(|it| is_lost(it, span)) {
                    return places.verbatim.push(span);
                }
                places.ty(ty);
                within.iter().chain(default).for_each(|it| places.expr(it));
            }
            Stmt::Limits(it) | Stmt::Orders(it) => places.settings(it),
            Stmt::Let(it) if is_lost(&it.value, span) => places.verbatim.push(span),
            Stmt::Let(it) => {
                it.ty.iter().for_each(|it| places.ty(it));
                places.expr(&it.value);
                it.on.iter().for_each(|it| places.expr(it));
            }
            Stmt::Output { value, .. } if is_lost(value, span) => places.verbatim.push(span),
            Stmt::Deadline { value, .. } | Stmt::Output { value, .. } | Stmt::Yield { value, .. } => {
                places.expr(value);
            }
            Stmt::On(it) => {
                places.expr(&it.stream);
                it.filter.iter().for_each(|it| places.expr(it));
                places.block(&it.body);
            }
            Stmt::Rule(it) => places.expr(&it.when),
            Stmt::Bad(span) => places.verbatim.push(*span),
            Stmt::Modes { .. } | Stmt::Step(_) => {}
        });
    }

    /// The clauses of a step stand beside it: each has its line.
    fn step(&mut self, step: &Step) {
        let end = if self.form == Form::Wf { step.rhs.span().end } else { step.span.end };
        self.part(Kind::Stmt, step.span, end, |it| {
            step.ty.iter().for_each(|ty| it.ty(ty));
            it.rhs(&step.rhs);
        });
        for clause in &step.clauses {
            self.part(Kind::Clause, clause.span, clause.span.end, |places| match &clause.kind {
                ClauseKind::When(it)
                | ClauseKind::Timeout(it)
                | ClauseKind::Every(it)
                | ClauseKind::Cache(it)
                | ClauseKind::Tolerate(it) => places.expr(it),
                ClauseKind::Retry { max, backoff } => {
                    std::iter::once(max).chain(backoff).for_each(|it| places.expr(it));
                }
                ClauseKind::Else(rhs) => places.rhs(rhs),
                ClauseKind::After(_) | ClauseKind::Accept(_) => {}
                ClauseKind::Bad => places.verbatim.push(clause.span),
            });
        }
    }

    fn settings(&mut self, settings: &Settings) {
        self.group(settings.inside(), settings.keyword.end, |it| {
            for field in &settings.fields {
                let span = field.span();
                it.part(Kind::Setting, span, span.end, |it| {
                    if is_lost(&field.value, span) {
                        it.verbatim.push(span);
                    } else {
                        it.expr(&field.value);
                    }
                });
            }
        });
    }

    fn rhs(&mut self, rhs: &Rhs) {
        match rhs {
            Rhs::Expr(it) => self.expr(it),
            Rhs::For(it) => {
                std::iter::once(&it.list).chain(&it.filter).chain(&it.parallel).for_each(|it| self.expr(it));
                self.block(&it.body);
            }
            Rhs::Match(it) => self.matched(it),
        }
    }

    fn matched(&mut self, matched: &Match) {
        self.expr(&matched.on);
        self.group(matched.span, matched.on.span.end, |it| matched.arms.iter().for_each(|arm| it.arm(arm)));
    }

    fn arm(&mut self, arm: &Arm) {
        self.part(Kind::Arm, arm.span, arm.span.end, |it| match &arm.body {
            _ if arm.patterns.is_empty() => it.verbatim.push(arm.span),
            ArmBody::Expr(value) => it.expr(value),
            ArmBody::Block(block) => it.block(block),
        });
    }

    fn args(&mut self, args: &[Arg], span: Span) {
        if args.is_empty() {
            return;
        }
        self.group(span, span.start, |places| {
            for arg in args {
                places.part(Kind::Arg, arg.span, arg.span.end, |places| match &arg.kind {
                    ArgKind::Named(_, it) | ArgKind::Positional(it) | ArgKind::Spread(it) => places.expr(it),
                });
            }
        });
    }

    /// Only what is broken over lines where it is too long has parts.
    fn expr(&mut self, expr: &Expr) {
        // What follows a `$` is one scalar of YAML, without lines of its own.
        let before = self.text.get(..expr.span.range().start).unwrap_or_default();
        if self.form == Form::Yaml && before.trim_end_matches(' ').ends_with('$') {
            return;
        }
        match &expr.kind {
            ExprKind::Call { args, args_span, .. } => self.args(args, *args_span),
            ExprKind::Record(fields) => self.args(fields, expr.span),
            ExprKind::List(items) if !items.is_empty() => self.group(expr.span, expr.span.start, |it| {
                for item in items {
                    it.part(Kind::Element, item.span, item.span.end, |it| it.expr(item));
                }
            }),
            ExprKind::Paren(inner) => self.expr(inner),
            ExprKind::Bad => self.verbatim.push(expr.span),
            _ => {}
        }
    }

    fn ty(&mut self, ty: &TypeExpr) {
        let TypeKind::Record(fields) = &ty.kind else { return };
        if fields.is_empty() {
            return;
        }
        self.group(ty.span, ty.span.start, |it| {
            for (name, of) in fields {
                let span = name.span.to(of.span);
                it.part(Kind::Member, span, span.end, |it| it.ty(of));
            }
        });
    }
}

/// Says whether a statement could not be read: its value is all of it.
pub(in crate::syntax) fn is_lost(value: &Expr, stmt: Span) -> bool {
    matches!(value.kind, ExprKind::Bad) && value.span.start == stmt.start
}
