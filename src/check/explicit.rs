//! Writes what was wired into the tree, so that a file says itself what fills each input.

use std::{collections::HashMap, sync::Arc};

use super::{Body, Filled, Input, Work, Workflow};
use crate::{
    source::Span,
    syntax::ast::{Arg, ArgKind, ArmBody, Block, ClauseKind, Expr, ExprKind, File, Item, Name, Rhs, Stmt},
    value,
};

/// Adds to every call of `file` the arguments that were wired in any of these workflows; defaults stay unwritten.
pub fn make_explicit(file: &mut File, workflows: &[Arc<Workflow>]) {
    let mut wired = Wired::default();
    for workflow in workflows {
        wired.body(&workflow.body);
    }
    for item in &mut file.items {
        if let Item::Workflow(workflow) = item {
            wired.write_block(&mut workflow.body);
        }
    }
}

/// What was wired into each call, by where the call stands.
#[derive(Default)]
struct Wired {
    calls: HashMap<Span, Vec<(value::Name, value::Name)>>,
}

impl Wired {
    fn body(&mut self, body: &Body) {
        for node in &body.nodes {
            std::iter::once(&node.work).chain(&node.otherwise).for_each(|it| self.work(it));
        }
    }

    fn work(&mut self, work: &Work) {
        match work {
            Work::Call(it) => self.call(it.span, &it.inputs),
            Work::Workflow(it) => self.call(it.span, &it.inputs),
            Work::For(it) => self.body(&it.body),
            Work::Match(it) => it.arms.iter().for_each(|arm| self.work(&arm.work)),
            Work::Block(it) => self.body(it),
            Work::On(it) => self.body(&it.body),
            Work::Value(_) => {}
        }
    }

    fn call(&mut self, span: Span, inputs: &[Input]) {
        let call = self.calls.entry(span).or_default();
        for input in inputs {
            let from: value::Name = match &input.filled {
                Filled::Name(name) | Filled::Type(name) => name.clone(),
                Filled::Context(context) => context.name().into(),
                Filled::Argument | Filled::Default | Filled::Nothing => continue,
            };
            // A mode that wires otherwise than one before it would need a `match`; the first one stands.
            if call.iter().all(|(name, _)| *name != input.name) {
                call.push((input.name.clone(), from));
            }
        }
    }

    fn write_block(&self, block: &mut Block) {
        for stmt in &mut block.stmts {
            match stmt {
                Stmt::Step(step) => {
                    self.write_rhs(&mut step.rhs);
                    for clause in &mut step.clauses {
                        if let ClauseKind::Else(rhs) = &mut clause.kind {
                            self.write_rhs(rhs);
                        }
                    }
                }
                Stmt::On(on) => self.write_block(&mut on.body),
                _ => {}
            }
        }
    }

    fn write_rhs(&self, rhs: &mut Rhs) {
        match rhs {
            Rhs::Expr(expr) => self.write_call(expr),
            Rhs::For(it) => self.write_block(&mut it.body),
            Rhs::Match(it) => it.arms.iter_mut().for_each(|arm| match &mut arm.body {
                ArmBody::Expr(expr) => self.write_call(expr),
                ArmBody::Block(block) => self.write_block(block),
            }),
        }
    }

    fn write_call(&self, expr: &mut Expr) {
        let Some(wired) = self.calls.get(&expr.span).filter(|it| !it.is_empty()) else { return };
        // The new arguments stand where the call ends, so that comments keep their places.
        let place = Span { start: expr.span.end, ..expr.span };
        let new = wired.iter().map(|(name, from)| argument(name, from, place));
        if let ExprKind::Call { args, .. } = &mut expr.kind {
            args.extend(new);
            return;
        }
        let args = new.collect();
        let callee = std::mem::replace(&mut expr.kind, ExprKind::Bad);
        let callee = Box::new(Expr { kind: callee, span: expr.span });
        expr.kind = ExprKind::Call { callee, args, args_span: place };
    }
}

/// Returns `name: a.b`.
fn argument(name: &value::Name, from: &str, span: Span) -> Arg {
    let part = |text: &str| Name { text: text.into(), span };
    let mut parts = from.split('.');
    let head = Expr { kind: ExprKind::Ref(part(parts.next().unwrap_or_default())), span };
    let value = parts.fold(head, |object, field| Expr { kind: ExprKind::Field(Box::new(object), part(field)), span });
    Arg { kind: ArgKind::Named(part(name), value), span }
}
