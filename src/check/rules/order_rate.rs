//! The orders that a workflow may place in a minute fit into its limit: what is over it is refused.

use super::WorkflowView;
use crate::{
    check::{
        Node, Work, known, span,
        walk::Walk,
        worst::{Worst, Worsts},
    },
    source::{Code, Diagnostic},
    value::Value,
};

/// A minute, in ms.
const MINUTE: u128 = 60_000;

pub(super) fn check(walk: &mut Walk<'_, '_>, view: &WorkflowView<'_>) {
    let limit = view.limits.iter().find(|(name, _)| &**name == "max_orders_per_minute");
    let Some((_, limit)) = limit else { return };
    let Some(Value::Int(most)) = known(limit) else { return };
    let Ok(most) = u64::try_from(most) else { return };
    let mut worsts = Worsts::new(view.counts);
    let placing = view.nodes.iter().map(|it| (it, orders(&mut worsts, it))).filter(|it| it.1 > 0);
    let placing: Vec<(&Node, u64)> = placing.collect();
    let total = placing.iter().fold(0_u64, |sum, it| sum.saturating_add(it.1));
    // No order at all is another mistake.
    if total <= most || most == 0 {
        return;
    }
    let message =
        format!("up to {total} orders can be placed in a minute, `max_orders_per_minute` lets {most} through");
    let mut found = Diagnostic::new(Code::P009, limit.span, message);
    for (node, orders) in placing.iter().take(3) {
        let plural = if *orders == 1 { "" } else { "s" };
        found = found.label(name_of(walk, node), format!("up to {orders} order{plural}"));
    }
    let found = found.note("orders over the limit are refused, and which ones depends on which step is the faster");
    walk.report(found.help("place fewer at a time, or raise the limit"));
}

/// Returns where the first line of a step stands.
fn name_of(walk: &Walk<'_, '_>, node: &Node) -> crate::source::Span {
    let line = walk.text(node.span).lines().next().unwrap_or_default();
    let end = node.span.start + u32::try_from(line.len()).unwrap_or(0);
    crate::source::Span { end, ..node.span }
}

/// Returns how many orders a node may place in a minute.
fn orders(worsts: &mut Worsts<'_>, node: &Node) -> u64 {
    let a_run = |it: Worst, every: Option<&crate::expr::Expr>| {
        let every = every.and_then(known).and_then(|it| span(&it)).map_or(MINUTE, |it| it.as_millis());
        let runs = u64::try_from(MINUTE.div_ceil(every.max(1))).unwrap_or(u64::MAX);
        it.orders.saturating_mul(runs)
    };
    match &node.work {
        // How many events come, nobody knows; a batch runs at most so often for one key.
        Work::On(on) => on.batch.as_ref().map_or(0, |batch| a_run(worsts.body(&on.body.nodes), Some(&batch.every))),
        _ => a_run(worsts.node(node), node.every.as_ref()),
    }
}
