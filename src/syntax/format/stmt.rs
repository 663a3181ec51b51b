//! Items, statements and clauses.

use super::{
    expr::{expr_to_wf, ident, key, pattern, quoted, type_to_wf},
    printer::Printer,
};
use crate::{
    source::Span,
    syntax::{
        ast::{
            Arm, ArmBody, Batch, Block, Callee, Clause, ClauseKind, Expr, ExprKind, For, Item, Let, Match, Name, On,
            Param, Rhs, Settings, Step, Stmt, TestStmt, TypeExpr, TypeKind, Use, UseWhat,
        },
        comments::{Kind, is_lost},
    },
};

impl Printer<'_> {
    /// Writes an item; `apart` puts a blank line above it and its comments.
    pub fn item(&mut self, item: &Item, apart: bool) {
        let span = item.span();
        if apart {
            self.blank();
        }
        self.start(Kind::Item, span);
        match item {
            Item::Use(it) => self.import(it),
            Item::Type(it) => {
                self.out.push_str(&format!("type {} = ", ident(&it.name.text)));
                self.ty(&it.ty);
            }
            Item::Workflow(it) => {
                self.out.push_str(&format!("workflow {} ", ident(&it.name.text)));
                self.block(&it.body);
            }
            Item::Strategy(it) => {
                self.out.push_str(&format!("strategy {} ", ident(&it.name.text)));
                self.block(&it.body);
            }
            Item::Test(it) => {
                self.out.push_str(&format!("test {} ", quoted(&it.name)));
                if it.stmts.is_empty() && !self.has_comment(span) {
                    self.out.push_str("{}");
                } else {
                    self.out.push('{');
                    self.open(span);
                    for stmt in &it.stmts {
                        self.start(Kind::Stmt, stmt.span());
                        self.test_stmt(stmt);
                        self.end(Kind::Stmt, stmt.span());
                    }
                    self.close(span, "}");
                }
            }
            Item::Bad(span) => self.verbatim(*span),
        }
        self.end(Kind::Item, span);
    }

    fn import(&mut self, import: &Use) {
        self.out.push_str(&format!("use {}", quoted(&import.path)));
        match &import.what {
            UseWhat::All => {}
            UseWhat::As(name) => self.out.push_str(&format!(" as {}", ident(&name.text))),
            UseWhat::Names(names) => self.out.push_str(&format!(" {{ {} }}", idents(names))),
        }
    }

    /// Writes a type; a record that is too long is broken, one field a line.
    fn ty(&mut self, ty: &TypeExpr) {
        let flat = type_to_wf(ty, self.source);
        match &ty.kind {
            TypeKind::Record(fields) if !fields.is_empty() && (flat.len() > 80 || self.is_noted(ty.span)) => {
                self.out.push('{');
                self.open(ty.span);
                for (name, ty) in fields {
                    let span = name.span.to(ty.span);
                    self.start_part(Kind::Member, span);
                    self.out.push_str(&format!("{}: ", key(&name.text)));
                    self.ty(ty);
                    self.out.push(',');
                    self.end(Kind::Member, span);
                }
                self.close(ty.span, "}");
            }
            _ => self.out.push_str(&flat),
        }
    }

    fn test_stmt(&mut self, stmt: &TestStmt) {
        let called = |callee: &Callee| format!("{}.{}", key(&callee.slice.text), key(&callee.method.text));
        match stmt {
            TestStmt::Let(it) => self.let_stmt(it),
            TestStmt::Mock { callee, value, .. } => {
                self.out.push_str(&format!("mock {} = ", called(callee)));
                self.expr(value);
            }
            TestStmt::Fail { callee, times, kind, .. } => {
                self.out.push_str(&format!("fail {}", called(callee)));
                if let Some(times) = times {
                    self.out.push(' ');
                    self.expr(times);
                    self.out.push_str(" times");
                }
                if let Some(kind) = kind {
                    self.worded(" as", kind);
                }
            }
            TestStmt::Delay { callee, by, .. } => self.worded(&format!("delay {}", called(callee)), by),
            TestStmt::At { time, then, .. } => {
                self.worded("at", time);
                self.out.push(' ');
                self.test_stmt(then);
            }
            TestStmt::Run { name, workflow, args, args_span, span } => {
                let call =
                    ExprKind::Call { callee: Box::new(workflow.clone()), args: args.clone(), args_span: *args_span };
                let word = name.as_ref().map_or("run".to_owned(), |it| format!("run {} =", ident(&it.text)));
                self.worded(&word, &Expr { kind: call, span: *span });
            }
            TestStmt::Expect { that, .. } => self.worded("expect", that),
            TestStmt::Bad(span) => self.verbatim(*span),
        }
    }

    /// Writes a word and a value.
    fn worded(&mut self, word: &str, value: &Expr) {
        self.out.push_str(word);
        self.out.push(' ');
        self.expr(value);
    }

    fn block(&mut self, block: &Block) {
        if block.stmts.is_empty() && !self.has_comment(block.span) {
            self.out.push_str("{}");
            return;
        }
        self.out.push('{');
        self.open(block.span);
        for stmt in &block.stmts {
            self.stmt(stmt);
        }
        self.close(block.span, "}");
    }

    fn stmt(&mut self, stmt: &Stmt) {
        let span = stmt.span();
        self.start(Kind::Stmt, span);
        match stmt {
            Stmt::Modes { modes, .. } => self.out.push_str(&format!("modes {}", idents(modes))),
            Stmt::Param(it) if it.default.as_ref().is_some_and(|it| is_lost(it, span)) => self.verbatim(span),
            Stmt::Param(it) => self.param(it),
            Stmt::Limits(it) => self.settings("limits", it),
            Stmt::Orders(it) => self.settings("orders", it),
            Stmt::Deadline { value, .. } => self.worded("deadline", value),
            Stmt::Let(it) if is_lost(&it.value, span) => self.verbatim(span),
            Stmt::Let(it) => self.let_stmt(it),
            Stmt::Step(it) => return self.step(it),
            Stmt::On(it) => self.on(it),
            Stmt::Output { value, .. } if is_lost(value, span) => self.verbatim(span),
            Stmt::Output { name, value, .. } => self.worded(&format!("output {} =", ident(&name.text)), value),
            Stmt::Yield { value, .. } => self.worded("yield", value),
            Stmt::Rule(it) => self.worded(&format!("{} {} when", it.action.as_str(), it.side.as_str()), &it.when),
            Stmt::Bad(span) => self.verbatim(*span),
        }
        self.end(Kind::Stmt, span);
    }

    fn param(&mut self, param: &Param) {
        self.out.push_str(&format!("param {}: ", ident(&param.name.text)));
        self.ty(&param.ty);
        if let Some(within) = &param.within {
            self.worded(" in", within);
        }
        if let Some(default) = &param.default {
            self.worded(" =", default);
        }
    }

    fn let_stmt(&mut self, it: &Let) {
        self.out.push_str(&format!("let {}", ident(&it.name.text)));
        self.typed(it.ty.as_ref());
        self.worded(" =", &it.value);
        if let Some(on) = &it.on {
            self.worded(" on", on);
        }
    }

    fn typed(&mut self, ty: Option<&TypeExpr>) {
        if let Some(ty) = ty {
            self.out.push_str(": ");
            self.ty(ty);
        }
    }

    fn settings(&mut self, word: &str, settings: &Settings) {
        self.out.push_str(word);
        if settings.fields.is_empty() && !self.has_comment(settings.inside()) {
            self.out.push_str(" {}");
            return;
        }
        self.out.push_str(" {");
        self.open(settings.inside());
        for field in &settings.fields {
            let span = field.span();
            self.start(Kind::Setting, span);
            if is_lost(&field.value, span) {
                self.verbatim(span);
            } else {
                self.worded(&format!("{}:", key(&field.name.text)), &field.value);
            }
            self.end(Kind::Setting, span);
        }
        self.close(settings.inside(), "}");
    }

    fn step(&mut self, step: &Step) {
        if let Rhs::Expr(it) = &step.rhs
            && is_lost(it, step.span)
        {
            self.verbatim(it.span);
        } else {
            self.out.push_str(&format!("step {}", ident(&step.name.text)));
            self.typed(step.ty.as_ref());
            self.out.push_str(" = ");
            self.rhs(&step.rhs);
        }
        self.end(Kind::Stmt, step.span);
        self.depth += 1;
        for clause in &step.clauses {
            self.start_part(Kind::Clause, clause.span);
            self.clause(clause);
            self.end(Kind::Clause, clause.span);
        }
        self.depth -= 1;
    }

    fn rhs(&mut self, rhs: &Rhs) {
        match rhs {
            Rhs::Expr(it) => self.expr(it),
            Rhs::For(it) => self.each(it),
            Rhs::Match(it) => self.matched(it),
        }
    }

    fn each(&mut self, each: &For) {
        self.worded(&format!("for {} in", ident(&each.var.text)), &each.list);
        if let Some(filter) = &each.filter {
            self.worded(" where", filter);
        }
        if let Some(parallel) = &each.parallel {
            self.worded(" parallel", parallel);
        }
        self.out.push(' ');
        self.block(&each.body);
    }

    fn matched(&mut self, matched: &Match) {
        self.worded("match", &matched.on);
        if matched.arms.is_empty() && !self.has_comment(matched.span) {
            self.out.push_str(" {}");
            return;
        }
        self.out.push_str(" {");
        self.open(matched.span);
        for arm in &matched.arms {
            self.start(Kind::Arm, arm.span);
            self.arm(arm);
            self.end(Kind::Arm, arm.span);
        }
        self.close(matched.span, "}");
    }

    fn arm(&mut self, arm: &Arm) {
        if arm.patterns.is_empty() {
            return self.verbatim(arm.span);
        }
        let patterns: Vec<_> = arm.patterns.iter().map(pattern).collect();
        self.out.push_str(&format!("{} => ", patterns.join(", ")));
        match &arm.body {
            ArmBody::Expr(it) => self.expr(it),
            ArmBody::Block(it) => self.block(it),
        }
    }

    fn clause(&mut self, clause: &Clause) {
        match &clause.kind {
            ClauseKind::When(it) => self.worded("when", it),
            ClauseKind::After(names) => self.out.push_str(&format!("after {}", idents(names))),
            ClauseKind::Timeout(it) => self.worded("timeout", it),
            ClauseKind::Retry { max, backoff } => {
                self.worded("retry", max);
                if let Some(backoff) = backoff {
                    self.worded(" backoff", backoff);
                }
            }
            ClauseKind::Every(it) => self.worded("every", it),
            ClauseKind::Cache(it) => self.worded("cache", it),
            ClauseKind::Tolerate(it) => self.worded("tolerate", it),
            ClauseKind::Accept(names) => self.out.push_str(&format!("accept {}", idents(names))),
            ClauseKind::Else(rhs) => {
                self.out.push_str("else ");
                self.rhs(rhs);
            }
            ClauseKind::Bad => self.verbatim(clause.span),
        }
    }

    fn on(&mut self, on: &On) {
        self.worded(&format!("on {} in", ident(&on.var.text)), &on.stream);
        if let Some(filter) = &on.filter {
            self.worded(" where", filter);
        }
        if let Some(batch) = &on.batch {
            let text = self.batch(batch);
            if self.column() + text.len() > 100 {
                self.out.push('\n');
                self.out.push_str(&"  ".repeat(self.depth + 2));
            } else {
                self.out.push(' ');
            }
            self.out.push_str(&text);
        }
        self.out.push(' ');
        self.block(&on.body);
    }

    fn batch(&self, batch: &Batch) -> String {
        let mut text = format!("every {}", expr_to_wf(&batch.every, self.source));
        for (word, value) in [("by", &batch.by), ("max", &batch.max)] {
            if let Some(value) = value {
                text.push_str(&format!(" {word} {}", expr_to_wf(value, self.source)));
            }
        }
        text.push_str(&format!(" as {}", ident(&batch.name.text)));
        text
    }

    /// Gives back what could not be read as it stands.
    fn verbatim(&mut self, span: Span) {
        let text = self.source.slice(span).trim_end();
        self.out.push_str(text);
    }
}

fn idents(names: &[Name]) -> String {
    names.iter().map(|it| ident(&it.text)).collect::<Vec<_>>().join(", ")
}
