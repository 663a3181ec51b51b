//! What a test knows: its lets, and what its runs came to.

use std::sync::Arc;

use super::outcome::Outcome;
use crate::{
    check::Fact,
    expr::{Context, Env, Slot},
    slice::Fault,
    value::Value,
};

/// The values of the slots of a test.
pub(super) struct Known<'a> {
    facts: &'a [Fact],
    slots: Vec<Held>,
    context: Vec<Value>,
}

/// What is in a slot.
#[derive(Clone)]
struct Held {
    value: Value,
    degraded: bool,
    /// Why there is no value.
    absent: Option<String>,
}

impl<'a> Known<'a> {
    /// Returns one in which nothing has run.
    pub fn new(facts: &'a [Fact], context: Vec<Value>) -> Self {
        let nothing = Held { value: Value::None, degraded: false, absent: None };
        Self { facts, slots: vec![nothing; facts.len()], context }
    }

    /// Fills the slot of a `let`.
    pub fn set(&mut self, slot: usize, value: Result<Value, Fault>) {
        let held = match value {
            Ok(value) => Held { value, degraded: false, absent: None },
            Err(fault) => Held { value: Value::None, degraded: false, absent: Some(fault.to_string()) },
        };
        self.slots.iter_mut().skip(slot).take(1).for_each(|it| *it = held.clone());
    }

    /// Fills the slots of what a run gave.
    pub fn fill(&mut self, run: usize, outcome: &Outcome<'_>) {
        for (fact, slot) in self.facts.iter().zip(&mut self.slots).filter(|(it, _)| it.run() == Some(run)) {
            *slot = match outcome.gives(fact) {
                Ok((value, degraded)) => Held { value, degraded, absent: None },
                Err(why) => Held { value: Value::None, degraded: false, absent: Some(why) },
            };
        }
    }

    /// Says why a slot has no value, where it has none.
    pub fn why_absent(&self, slot: usize) -> Option<&String> {
        self.slots.get(slot)?.absent.as_ref()
    }

    /// Returns all values as they are now.
    pub fn values(&self) -> Arc<[Value]> {
        self.slots.iter().map(|it| it.value.clone()).collect()
    }
}

impl Env for Known<'_> {
    fn slot(&self, slot: Slot) -> Value {
        self.slots.get(slot.index as usize).map(|it| it.value.clone()).unwrap_or_default()
    }
    fn context(&self, name: Context) -> Value {
        self.context.get(name as usize).cloned().unwrap_or_default()
    }
    fn degraded(&self, slot: Slot) -> bool {
        self.slots.get(slot.index as usize).is_some_and(|it| it.degraded)
    }
}
