//! The worst case of a plan: how many tries, how long, how many orders.

use std::{collections::HashMap, time::Duration};

use serde::Serialize;

use super::{Body, BodyId, Plan, Step, Work};
pub(crate) use crate::check::{known, span};
use crate::{
    expr::{Expr, Kind},
    slice::Effect,
    value::Value,
};

/// The worst case of a plan. What depends on values of the run is not known, and none.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Bounds {
    /// How many tries of methods there are at most.
    pub tries: Option<u64>,
    /// How long it takes at most: time-outs, tries and pauses along the longest path; none where something bounds no
    /// time.
    pub time: Option<Duration>,
    /// What bounds no time, in the order of the plan.
    pub endless: Vec<Endless>,
    /// How many calls may place orders.
    pub orders: Option<u64>,
    /// How many elements each loop has.
    pub fan_out: Vec<FanOut>,
}

/// A step that may take any time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Endless {
    /// Its path, with `[]` for the element of a loop.
    pub path: String,
    /// Why.
    pub why: &'static str,
}

/// A loop.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FanOut {
    /// Its path.
    pub path: String,
    /// How many elements it has, where that is known before the run.
    pub elements: Option<u64>,
    /// How many run at once.
    pub parallel: Option<u64>,
}

/// The worst case of one step or body.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Cost {
    pub tries: Option<u64>,
    pub time: Option<Duration>,
    pub orders: Option<u64>,
}

impl Cost {
    const NOTHING: Self = Self { tries: Some(0), time: Some(Duration::ZERO), orders: Some(0) };

    fn and(self, other: Self) -> Self {
        Self {
            tries: self.tries.zip(other.tries).map(|(a, b)| a.saturating_add(b)),
            time: self.time.zip(other.time).map(|(a, b)| a.saturating_add(b)),
            orders: self.orders.zip(other.orders).map(|(a, b)| a.saturating_add(b)),
        }
    }

    fn or(self, other: Self) -> Self {
        Self {
            tries: self.tries.zip(other.tries).map(|(a, b)| a.max(b)),
            time: self.time.zip(other.time).map(|(a, b)| a.max(b)),
            orders: self.orders.zip(other.orders).map(|(a, b)| a.max(b)),
        }
    }

    /// Of what runs a number of times, in this many rounds.
    fn times(self, count: Option<u64>, rounds: Option<u64>) -> Self {
        // What never happens in one round does not happen in any number of them.
        let product =
            |it: Option<u64>| if it == Some(0) { it } else { it.zip(count).map(|(a, b)| a.saturating_mul(b)) };
        let rounds = rounds.map(|it| u32::try_from(it).unwrap_or(u32::MAX));
        let time = match self.time {
            Some(Duration::ZERO) => self.time,
            time => time.zip(rounds).map(|(a, b)| a.saturating_mul(b)),
        };
        Self { tries: product(self.tries), time, orders: product(self.orders) }
    }
}

impl Plan {
    /// Returns the worst case of the whole plan.
    pub fn bounds(&self) -> Bounds {
        let mut walk = Walk::new(self);
        let cost = walk.body(BodyId::ROOT, "");
        let deadline = self.workflow().deadline().and_then(known).and_then(|it| span(&it));
        Bounds {
            tries: cost.tries,
            time: cost.time.into_iter().chain(deadline).min(),
            endless: walk.endless,
            orders: cost.orders,
            fan_out: walk.fan_out,
        }
    }

    /// Returns the worst case of each step by its body and its number.
    pub(crate) fn costs(&self) -> HashMap<(BodyId, u32), Cost> {
        let mut walk = Walk::new(self);
        walk.body(BodyId::ROOT, "");
        walk.steps
    }
}

struct Walk<'a> {
    plan: &'a Plan,
    /// Bodies are looked at once, however often they are called.
    known: HashMap<BodyId, Cost>,
    steps: HashMap<(BodyId, u32), Cost>,
    endless: Vec<Endless>,
    fan_out: Vec<FanOut>,
}

impl<'a> Walk<'a> {
    fn new(plan: &'a Plan) -> Self {
        Self { plan, known: HashMap::new(), steps: HashMap::new(), endless: Vec::new(), fan_out: Vec::new() }
    }

    fn body(&mut self, id: BodyId, prefix: &str) -> Cost {
        if let Some(cost) = self.known.get(&id) {
            return *cost;
        }
        let body = self.plan.body(id);
        let costs: Vec<_> = body.steps.iter().map(|it| self.step(it, prefix)).collect();
        self.steps.extend((0..).zip(&costs).map(|(at, it)| ((id, at), *it)));
        let sum = costs.iter().fold(Cost::NOTHING, |sum, it| sum.and(*it));
        let cost = Cost { time: longest(body, &costs), ..sum };
        self.known.insert(id, cost);
        cost
    }

    fn step(&mut self, step: &Step, prefix: &str) -> Cost {
        let path = format!("{prefix}{}", step.name);
        let limit = step.timeout.as_ref().map(|it| known(it).and_then(|it| span(&it)));
        let mut total = Cost::NOTHING;
        for (stage, work) in step.works.iter().enumerate() {
            let mut cost = self.work(work, &path, limit.is_some());
            if let Some(limit) = limit {
                cost.time = limit;
            }
            if stage == 0
                && let Some(retry) = &step.retry
            {
                let tries = retry.further().map(|it| it.saturating_add(1));
                cost = cost.times(tries, tries).and(Cost { time: retry.pauses(), ..Cost::NOTHING });
            }
            total = total.and(cost);
        }
        total
    }

    fn work(&mut self, work: &Work, path: &str, limited: bool) -> Cost {
        match work {
            Work::Call(call) => {
                if !limited {
                    self.endless(path, "it has no `timeout`");
                }
                let orders = u64::from(call.method.effect == Effect::Orders);
                Cost { tries: Some(1), time: None, orders: Some(orders) }
            }
            Work::Value(_) => Cost::NOTHING,
            Work::Block(body) => self.inner(*body, &format!("{path}."), limited),
            Work::Workflow { body, .. } => self.inner(*body, &format!("{path}/"), limited),
            Work::Match { arms, .. } => {
                let costs = arms.iter().map(|(_, it)| self.work(it, path, limited));
                costs.reduce(Cost::or).unwrap_or(Cost::NOTHING)
            }
            Work::On(_) => {
                self.endless(path, "it waits for events");
                Cost { tries: None, time: None, orders: None }
            }
            Work::For { list, filter, parallel, body } => {
                let elements = count(list).filter(|_| filter.is_none());
                let parallel = match parallel.as_ref().map(known) {
                    None => Some(1),
                    Some(Some(Value::Int(it))) => u64::try_from(it).ok().filter(|it| *it > 0),
                    Some(_) => None,
                };
                self.fan_out.push(FanOut { path: path.into(), elements, parallel });
                let one = self.inner(*body, &format!("{path}[]."), limited);
                if elements.is_none() && !limited && one.time.is_some_and(|it| !it.is_zero()) {
                    self.endless(path, "the number of its elements is not known before the run");
                }
                one.times(elements, elements.zip(parallel).map(|(elements, parallel)| elements.div_ceil(parallel)))
            }
        }
    }

    /// Looks into a body; inside of a time-out nothing is endless.
    fn inner(&mut self, body: BodyId, prefix: &str, limited: bool) -> Cost {
        let before = self.endless.len();
        let cost = self.body(body, prefix);
        if limited {
            self.endless.truncate(before);
        }
        cost
    }

    fn endless(&mut self, path: &str, why: &'static str) {
        self.endless.push(Endless { path: path.into(), why });
    }
}

/// Returns the time of the longest path.
fn longest(body: &Body, costs: &[Cost]) -> Option<Duration> {
    let mut ends: Vec<Option<Duration>> = vec![Some(Duration::ZERO); costs.len()];
    for at in body.order() {
        let needs = body.step(*at).needs.iter().map(|it| ends.get(*it as usize).copied().flatten());
        let start = needs.fold(Some(Duration::ZERO), |a, b| a.zip(b).map(|(a, b)| a.max(b)));
        let own = costs.get(*at as usize).and_then(|it| it.time);
        if let Some(end) = ends.get_mut(*at as usize) {
            *end = start.zip(own).map(|(a, b)| a.saturating_add(b));
        }
    }
    ends.into_iter().fold(Some(Duration::ZERO), |a, b| a.zip(b).map(|(a, b)| a.max(b)))
}

fn count(list: &Expr) -> Option<u64> {
    match &list.kind {
        Kind::List(items) => Some(items.len() as u64),
        _ => known(list).and_then(|it| if let Value::List(it) = it { Some(it.len() as u64) } else { None }),
    }
}
