//! The worst case of steps before a plan is made of them: at least how long they may take, and how many orders they place.

use std::{collections::HashMap, time::Duration};

use super::{Backoff, For, Node, Retry, Work, Workflow, facts::in_order};
use crate::{
    expr::{Expr, Kind, NoEnv, eval},
    slice::Effect,
    source::Span,
    value::{self, Value},
};

/// How many items loops have at most, by the place of their list, where that is known.
pub(super) type Counts = HashMap<Span, u64>;

/// A worst case. What is not known counts for nothing, so that the true one is this at least.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Worst {
    pub time: Duration,
    pub orders: u64,
}

/// Finds worst cases; a called workflow is looked at once.
pub(super) struct Worsts<'c> {
    counts: &'c Counts,
    known: HashMap<*const Workflow, Worst>,
}

impl<'c> Worsts<'c> {
    pub fn new(counts: &'c Counts) -> Self {
        Self { counts, known: HashMap::new() }
    }

    /// Returns the worst case of nodes that share a body: the longest path, and all orders.
    pub fn body(&mut self, nodes: &[Node]) -> Worst {
        let mut ends = vec![Duration::ZERO; nodes.len()];
        let mut whole = Worst::default();
        for at in in_order(nodes) {
            let Some(node) = nodes.get(at) else { continue };
            let own = self.node(node);
            let start = node.needs.iter().filter_map(|it| ends.get(*it as usize).copied()).max();
            let end = start.unwrap_or_default().saturating_add(own.time);
            if let Some(it) = ends.get_mut(at) {
                *it = end;
            }
            whole.time = whole.time.max(end);
            whole.orders = whole.orders.saturating_add(own.orders);
        }
        whole
    }

    /// Returns the worst case of a node: all tries with the pauses between them, then each `else`.
    pub fn node(&mut self, node: &Node) -> Worst {
        let limit = node.timeout.as_ref().and_then(known).and_then(|it| span(&it));
        let mut one = |work: &Work| {
            let own = self.work(work);
            // Less may be known to be needed, but a call may take all the time that it has.
            Worst { time: limit.unwrap_or(own.time), ..own }
        };
        let mut whole = one(&node.work);
        if let Some(retry) = &node.retry {
            let tries = u32::try_from(retry.further().unwrap_or(0).saturating_add(1)).unwrap_or(u32::MAX);
            whole.time = whole.time.saturating_mul(tries).saturating_add(retry.pauses().unwrap_or_default());
        }
        for other in &node.otherwise {
            let other = one(other);
            whole.time = whole.time.saturating_add(other.time);
            whole.orders = whole.orders.max(other.orders);
        }
        whole
    }

    /// Returns the worst case of a workflow that is called.
    pub fn workflow(&mut self, workflow: &Workflow) -> Worst {
        if let Some(known) = self.known.get(&std::ptr::from_ref(workflow)) {
            return *known;
        }
        let mut worst = self.body(&workflow.body.nodes);
        if let Some(deadline) = workflow.deadline.as_ref().and_then(known).and_then(|it| span(&it)) {
            worst.time = worst.time.min(deadline);
        }
        self.known.insert(workflow, worst);
        worst
    }

    fn work(&mut self, work: &Work) -> Worst {
        match work {
            Work::Call(call) => Worst { orders: u64::from(call.method.effect == Effect::Orders), ..Worst::default() },
            Work::Value(_) => Worst::default(),
            Work::Block(body) => self.body(&body.nodes),
            Work::Workflow(it) => self.workflow(&it.workflow),
            Work::Match(it) => it
                .arms
                .iter()
                .map(|it| self.work(&it.work))
                .fold(Worst::default(), |a, b| Worst { time: a.time.max(b.time), orders: a.orders.max(b.orders) }),
            Work::For(it) => {
                let one = self.body(&it.body.nodes);
                let Some(count) = self.count(it) else { return one };
                let rounds = u32::try_from(count.div_ceil(at_once(it).unwrap_or(count).max(1))).unwrap_or(u32::MAX);
                Worst { time: one.time.saturating_mul(rounds), orders: one.orders.saturating_mul(count) }
            }
            // A handler runs as long as its stream.
            Work::On(_) => Worst::default(),
        }
    }

    /// Returns how many items a loop has at most.
    pub fn count(&self, it: &For) -> Option<u64> {
        self.counts.get(&it.list.span).copied()
    }
}

/// Returns how many items of a loop run at once, where that is known.
pub(super) fn at_once(it: &For) -> Option<u64> {
    match it.parallel.as_ref().map(known) {
        None => Some(1),
        Some(Some(Value::Int(it))) => u64::try_from(it).ok().filter(|it| *it > 0),
        Some(_) => None,
    }
}

/// Returns a length of time as files write it, rounded up to the second where that is close enough.
pub(super) fn written(time: Duration) -> value::Duration {
    let exact = time.as_millis();
    let shown = if exact > 10_000 { exact.div_ceil(1_000) * 1_000 } else { exact };
    value::Duration(i64::try_from(shown).unwrap_or(i64::MAX))
}

impl Retry {
    /// Returns how many further tries there are, where that is known before the run.
    pub(crate) fn further(&self) -> Option<u64> {
        if let Value::Int(it) = known(&self.max)? { u64::try_from(it).ok() } else { None }
    }

    /// Returns the sum of the greatest pauses between the tries, where it is known before the run.
    pub(crate) fn pauses(&self) -> Option<Duration> {
        let (low, high) = match &self.backoff {
            Backoff::Default => (Duration::from_millis(100), Duration::from_secs(10)),
            Backoff::Range(it) => match known(it)? {
                Value::Range(it) => span(&it.low).zip(span(&it.high))?,
                _ => return None,
            },
        };
        Some(all_pauses(self.further()?, low, high))
    }
}

/// Returns the value of an expression that reads nothing.
pub(crate) fn known(expr: &Expr) -> Option<Value> {
    fn is_constant(expr: &Expr) -> bool {
        match &expr.kind {
            Kind::Const(_) => true,
            Kind::List(items) => items.iter().all(is_constant),
            Kind::Range(low, high, by) => {
                is_constant(low) && is_constant(high) && by.as_ref().is_none_or(|it| is_constant(it))
            }
            Kind::Not(it) | Kind::Neg(it) | Kind::Convert(it) => is_constant(it),
            Kind::Binary(_, a, b) => is_constant(a) && is_constant(b),
            Kind::Builtin(_, args) => args.iter().all(is_constant),
            _ => false,
        }
    }
    if is_constant(expr) { eval(expr, &NoEnv).ok() } else { None }
}

/// Returns the length of time that a value is.
pub(crate) fn span(value: &Value) -> Option<Duration> {
    if let Value::Duration(it) = value { Some(it.to_std()) } else { None }
}

/// Returns the sum of the greatest pauses: they double from twice the least, up to the greatest.
fn all_pauses(max: u64, low: Duration, high: Duration) -> Duration {
    let (mut bound, mut sum) = (low, Duration::ZERO);
    for done in 0..max {
        bound = bound.saturating_mul(2).min(high).max(low);
        sum = sum.saturating_add(bound);
        if bound >= high || bound.is_zero() {
            let rest = u32::try_from(max - done - 1).unwrap_or(u32::MAX);
            return sum.saturating_add(bound.saturating_mul(rest));
        }
    }
    sum
}
