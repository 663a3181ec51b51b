//! The tries of a step fit into the time that what is around it waits.

use std::time::Duration;

use super::WorkflowView;
use crate::{
    check::{
        Node, Work, known, span,
        walk::Walk,
        worst::{Worsts, written},
    },
    source::{Code, Diagnostic, Span},
    syntax::ast::{ExprKind, Stmt},
    value::Value,
};

/// How long what is around a step waits, and where that is said.
#[derive(Clone, Copy)]
struct Bound {
    time: Duration,
    span: Span,
}

pub(super) fn check(walk: &mut Walk<'_, '_>, view: &WorkflowView<'_>) {
    let deadline = walk.tree.body.stmts.iter().find_map(|it| match it {
        Stmt::Deadline { value, .. } => Some(value),
        _ => None,
    });
    let deadline = deadline.and_then(|it| match &it.kind {
        ExprKind::Literal { value: wait @ Value::Duration(_), .. } => Some(Bound { time: span(wait)?, span: it.span }),
        _ => None,
    });
    look(walk, &mut Worsts::new(view.counts), view.nodes, deadline);
}

fn look(walk: &mut Walk<'_, '_>, worsts: &mut Worsts<'_>, nodes: &[Node], bound: Option<Bound>) {
    for node in nodes {
        let own = node.timeout.as_ref();
        let own = own.and_then(|it| Some(Bound { time: known(it).and_then(|it| span(&it))?, span: it.span }));
        if let (Some(own), Some(bound)) = (own, bound) {
            let total = worsts.node(node).time;
            if total > bound.time {
                let place = node.retry.as_ref().map_or(own.span, |it| it.max.span);
                late(walk, place, &format!("{} can take {}", words(node, own.time), written(total)), bound);
            }
        }
        // What a step waits for one try is all that the steps inside it have.
        let inner = own.into_iter().chain(bound).min_by_key(|it| it.time);
        inside(walk, worsts, &node.work, inner);
        node.otherwise.iter().for_each(|it| inside(walk, worsts, it, inner));
    }
}

fn inside(walk: &mut Walk<'_, '_>, worsts: &mut Worsts<'_>, work: &Work, bound: Option<Bound>) {
    match work {
        Work::For(it) => look(walk, worsts, &it.body.nodes, bound),
        Work::Block(it) => look(walk, worsts, &it.nodes, bound),
        Work::Match(it) => it.arms.iter().for_each(|it| inside(walk, worsts, &it.work, bound)),
        Work::Workflow(it) => {
            let total = worsts.workflow(&it.workflow).time;
            if let Some(bound) = bound.filter(|bound| total > bound.time) {
                late(walk, it.span, &format!("`{}` can take {}", it.workflow.name(), written(total)), bound);
            }
        }
        // A handler runs as long as its stream.
        Work::Call(_) | Work::Value(_) | Work::On(_) => {}
    }
}

fn late(walk: &mut Walk<'_, '_>, span: Span, what: &str, bound: Bound) {
    let found = Diagnostic::new(Code::G006, span, format!("{what}, the caller waits {}", written(bound.time)));
    let found = found.label(bound.span, "the caller waits so long");
    walk.report(found.help("try less often or for a shorter time, or let the caller wait longer"));
}

/// Says what a step does in its worst case.
fn words(node: &Node, each: Duration) -> String {
    let tries = match node.retry.as_ref().and_then(|it| it.further()) {
        Some(further) => format!("{} tries of {} plus backoff", further + 1, written(each)),
        None => "one try".to_owned(),
    };
    match node.otherwise.len() {
        0 => tries,
        1 => format!("{tries} and an `else`"),
        many => format!("{tries} and {many} `else`"),
    }
}
