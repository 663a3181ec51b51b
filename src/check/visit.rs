//! Every expression of a file, with the name that it stands under.

use std::collections::HashMap;

use crate::{
    source::Span,
    syntax::ast::{
        self, Arg, ArgKind, ArmBody, Block, Clause, ClauseKind, Expr, ExprKind, File, Item, Rhs, Stmt, TestStmt,
    },
};

/// Shows each expression and its parts, with the name of the argument, field, param or let that it stands under.
pub(super) fn expressions<'a>(file: &'a File, see: &mut dyn FnMut(&'a Expr, Option<&'a str>)) {
    file.items.iter().for_each(|it| of_item(it, see));
}

/// Shows each expression of an item in the same way.
pub(super) fn of_item<'a>(item: &'a Item, see: &mut dyn FnMut(&'a Expr, Option<&'a str>)) {
    match item {
        Item::Workflow(it) => block(&it.body, see),
        Item::Strategy(it) => block(&it.body, see),
        Item::Test(it) => it.stmts.iter().for_each(|it| test(it, see)),
        Item::Use(_) | Item::Type(_) | Item::Bad(_) => {}
    }
}

/// Returns where the steps and lets of the blocks inside of this one are declared, the first of each name.
pub(super) fn inside(outer: &Block) -> HashMap<&str, Span> {
    let mut found = HashMap::new();
    gather(outer, &mut found);
    found
}

fn gather<'a>(outer: &'a Block, found: &mut HashMap<&'a str, Span>) {
    let blocks = outer.stmts.iter().flat_map(|it| match it {
        Stmt::On(it) => vec![&it.body],
        Stmt::Step(it) => match &it.rhs {
            Rhs::For(it) => vec![&it.body],
            Rhs::Match(it) => it
                .arms
                .iter()
                .filter_map(|it| if let ArmBody::Block(it) = &it.body { Some(it) } else { None })
                .collect(),
            Rhs::Expr(_) => Vec::new(),
        },
        _ => Vec::new(),
    });
    for block in blocks {
        for stmt in &block.stmts {
            if let Stmt::Step(ast::Step { name, .. }) | Stmt::Let(ast::Let { name, .. }) = stmt {
                found.entry(&name.text).or_insert(name.span);
            }
        }
        gather(block, found);
    }
}

type See<'s, 'a> = &'s mut dyn FnMut(&'a Expr, Option<&'a str>);

fn block<'a>(it: &'a Block, see: See<'_, 'a>) {
    it.stmts.iter().for_each(|it| stmt(it, see));
}

fn stmt<'a>(it: &'a Stmt, see: See<'_, 'a>) {
    match it {
        Stmt::Param(it) => {
            let name = Some(&*it.name.text);
            it.within.iter().chain(&it.default).for_each(|it| expr(it, name, see));
        }
        Stmt::Limits(it) | Stmt::Orders(it) => {
            it.fields.iter().for_each(|it| expr(&it.value, Some(&it.name.text), see));
        }
        Stmt::Let(it) => expr(&it.value, Some(&it.name.text), see),
        Stmt::Step(it) => {
            rhs(&it.rhs, see);
            it.clauses.iter().for_each(|it| clause(it, see));
        }
        Stmt::On(it) => {
            expr(&it.stream, None, see);
            it.filter.iter().for_each(|it| expr(it, None, see));
            if let Some(batch) = &it.batch {
                let parts = std::iter::once(&batch.every).chain(&batch.by).chain(&batch.max);
                parts.for_each(|it| expr(it, None, see));
            }
            block(&it.body, see);
        }
        Stmt::Output { value, .. } | Stmt::Yield { value, .. } | Stmt::Deadline { value, .. } => expr(value, None, see),
        Stmt::Rule(it) => expr(&it.when, None, see),
        Stmt::Modes { .. } | Stmt::Bad(_) => {}
    }
}

fn rhs<'a>(it: &'a Rhs, see: See<'_, 'a>) {
    match it {
        Rhs::Expr(it) => expr(it, None, see),
        Rhs::For(it) => {
            std::iter::once(&it.list).chain(&it.filter).chain(&it.parallel).for_each(|it| expr(it, None, see));
            block(&it.body, see);
        }
        Rhs::Match(it) => {
            expr(&it.on, None, see);
            for arm in &it.arms {
                match &arm.body {
                    ArmBody::Expr(it) => expr(it, None, see),
                    ArmBody::Block(it) => block(it, see),
                }
            }
        }
    }
}

fn clause<'a>(it: &'a Clause, see: See<'_, 'a>) {
    match &it.kind {
        ClauseKind::When(it)
        | ClauseKind::Timeout(it)
        | ClauseKind::Every(it)
        | ClauseKind::Cache(it)
        | ClauseKind::Tolerate(it) => expr(it, None, see),
        ClauseKind::Retry { max, backoff } => std::iter::once(max).chain(backoff).for_each(|it| expr(it, None, see)),
        ClauseKind::Else(it) => rhs(it, see),
        ClauseKind::After(_) | ClauseKind::Accept(_) | ClauseKind::Bad => {}
    }
}

fn test<'a>(it: &'a TestStmt, see: See<'_, 'a>) {
    match it {
        TestStmt::Let(it) => expr(&it.value, Some(&it.name.text), see),
        TestStmt::Mock { value, .. } => expr(value, None, see),
        TestStmt::Delay { by, .. } => expr(by, None, see),
        TestStmt::At { time, then, .. } => {
            expr(time, None, see);
            test(then, see);
        }
        TestStmt::Run { args, .. } => args.iter().for_each(|it| arg(it, see)),
        TestStmt::Expect { that, .. } => expr(that, None, see),
        TestStmt::Fail { times, kind, .. } => times.iter().chain(kind).for_each(|it| expr(it, None, see)),
        TestStmt::Bad(_) => {}
    }
}

fn arg<'a>(it: &'a Arg, see: See<'_, 'a>) {
    match &it.kind {
        ArgKind::Named(name, it) => expr(it, Some(&name.text), see),
        ArgKind::Positional(it) | ArgKind::Spread(it) => expr(it, None, see),
    }
}

fn expr<'a>(it: &'a Expr, name: Option<&'a str>, see: See<'_, 'a>) {
    see(it, name);
    match &it.kind {
        ExprKind::Field(it, _) | ExprKind::Unary(_, it) | ExprKind::Paren(it) => expr(it, name, see),
        ExprKind::Index(a, b) | ExprKind::Binary { left: a, right: b, .. } => {
            expr(a, None, see);
            expr(b, None, see);
        }
        ExprKind::Call { callee, args, .. } => {
            expr(callee, None, see);
            // `secret("NAME")` names a secret and is none.
            let names_it = matches!(&callee.kind, ExprKind::Ref(it) if &*it.text == "secret");
            if !names_it {
                args.iter().for_each(|it| arg(it, see));
            }
        }
        ExprKind::List(items) => items.iter().for_each(|it| expr(it, name, see)),
        ExprKind::Record(fields) => fields.iter().for_each(|it| arg(it, see)),
        ExprKind::Literal { .. } | ExprKind::Text(_) | ExprKind::Ref(_) | ExprKind::Bad => {}
    }
}
