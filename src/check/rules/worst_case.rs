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

pub(super) fn check(walk: &mut Walk<'_, '_>, view: &WorkflowView<'_>) {
    let deadline = walk.tree.body.stmts.iter().find_map(|it| match it {
        Stmt::Deadline { value, .. } => Some(&value.kind),
        _ => None,
    });
    let deadline = match deadline {
        Some(ExprKind::Literal { value: it @ Value::Duration(_), .. }) => span(it),
        _ => None,
    };
    look(walk, &mut Worsts::new(view.counts), view.nodes, deadline);
}

fn look(walk: &mut Walk<'_, '_>, worsts: &mut Worsts<'_>, nodes: &[Node], bound: Option<Duration>) {
    for node in nodes {
        let own = node.timeout.as_ref().and_then(known).and_then(|it| span(&it));
        if let (Some(own), Some(bound)) = (own, bound) {
            let total = worsts.node(node).time;
            if total > bound {
                let message =
                    format!("{} can take {}, the caller waits {}", words(node, own), written(total), written(bound));
                late(walk, place(node), message);
            }
        }
        // What a step waits for one try is all that the steps inside it have.
        let inner = match (own, bound) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        };
        inside(walk, worsts, &node.work, inner, own.is_some());
        node.otherwise.iter().for_each(|it| inside(walk, worsts, it, inner, own.is_some()));
    }
}

/// Looks into bodies; `limited` says that the step around them has a time-out of its own.
fn inside(walk: &mut Walk<'_, '_>, worsts: &mut Worsts<'_>, work: &Work, bound: Option<Duration>, limited: bool) {
    match work {
        Work::For(it) => look(walk, worsts, &it.body.nodes, bound),
        Work::Block(it) => look(walk, worsts, &it.nodes, bound),
        Work::Match(it) => it.arms.iter().for_each(|it| inside(walk, worsts, &it.work, bound, limited)),
        Work::Workflow(it) => {
            let total = worsts.workflow(&it.workflow).time;
            if let Some(bound) = bound.filter(|bound| total > *bound) {
                let (name, total, bound) = (it.workflow.name(), written(total), written(bound));
                late(walk, it.span, format!("`{name}` can take {total}, the caller waits {bound}"));
            }
        }
        // A handler runs as long as its stream.
        Work::Call(_) | Work::Value(_) | Work::On(_) => {}
    }
}

fn late(walk: &mut Walk<'_, '_>, span: Span, message: String) {
    let found = Diagnostic::new(Code::G006, span, message);
    walk.report(found.help("try less often or for a shorter time, or let the caller wait longer"));
}

/// Returns where a step says how long it may take.
fn place(node: &Node) -> Span {
    let retry = node.retry.as_ref().map(|it| it.max.span);
    retry.or(node.timeout.as_ref().map(|it| it.span)).unwrap_or(node.span)
}

/// Says what a step does in its worst case.
fn words(node: &Node, each: Duration) -> String {
    let further = node.retry.as_ref().and_then(|it| it.further());
    let tries = match further {
        Some(further) => format!("{} tries of {} plus backoff", further + 1, written(each)),
        None => format!("a try of {}", written(each)),
    };
    match node.otherwise.len() {
        0 => tries,
        1 => format!("{tries} and an `else`"),
        many => format!("{tries} and {many} `else`"),
    }
}
