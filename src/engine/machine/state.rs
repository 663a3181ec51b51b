//! What the machine knows of each frame and each step.

use std::{sync::Arc, time::Duration};

use futures::stream::AbortHandle;
use rust_decimal::{Decimal, prelude::ToPrimitive as _};

use super::super::{
    backoff::Backoff,
    frame::{Frame, Key, Scope},
    result::Status,
};
use crate::{
    plan::BodyId,
    slice::{Cancel, Fault},
    value::Value,
};

/// Where a step stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Phase {
    /// Something that it needs has not ended.
    Waiting,
    /// It may start.
    Queued,
    /// A worker has it.
    Running,
    /// It waits for its next try.
    Pausing,
    /// Frames of its own run.
    Nested,
    /// It has ended.
    Settled,
}

/// A step of a frame.
pub(crate) struct StepState {
    /// How many of the steps that it needs have not ended.
    pub waits: u32,
    /// Tells a try from those before, so that what comes late is known as such.
    pub epoch: u32,
    /// How many tries there were.
    pub attempts: u32,
    /// How many of them with the present work.
    pub tries: u32,
    /// Which of its works it is at; from 1 on an `else`.
    pub stage: u16,
    pub phase: Phase,
    pub status: Status,
    /// Whether something that it reads has no value.
    pub blocked: bool,
    /// Nanoseconds after the start of the run.
    pub ready: u64,
    pub started: u64,
    pub ended: u64,
    /// What few steps have.
    pub extra: Option<Box<Extra>>,
}

/// What few steps have.
#[derive(Default)]
pub(crate) struct Extra {
    /// Why it failed, or what it survived.
    pub fault: Option<Arc<Fault>>,
    /// Stops the try where it waits.
    pub abort: Option<AbortHandle>,
    /// The frames that it runs.
    pub nested: Option<Nested>,
    /// The frames of its last try that had some, by element.
    pub children: Vec<u32>,
}

/// A step that runs frames of its own.
pub(crate) struct Nested {
    pub expansion: Expansion,
    /// The next element to start.
    pub next: u32,
    /// How many have started and not ended.
    pub live: u32,
    /// How many have ended.
    pub ended: u32,
    /// Whether it is among those that may start elements.
    pub growing: bool,
    /// Whether no further element starts, because of a failure or from outside.
    pub stopping: bool,
    /// What each element gave.
    pub results: Vec<Option<Value>>,
    /// Whether what an element gave is degraded.
    pub degraded: bool,
    pub failed: u32,
    /// How many may fail.
    pub allowed: u32,
    /// The failure of the least element, or why all were stopped.
    pub fault: Option<(u32, Fault)>,
    /// Tells the frames of this try to stop.
    pub cancel: Cancel,
}

/// What a step that runs frames found out when it started.
pub(crate) struct Expansion {
    pub body: BodyId,
    pub backoff: Option<Backoff>,
    pub timeout: Option<Duration>,
    pub shape: Shape,
    /// Which of the first slots of each frame are degraded.
    pub degraded: Vec<u32>,
}

/// How many frames there are.
pub(crate) enum Shape {
    /// One, with these first slots, and with a scope of its own where it is of another workflow.
    Once(Vec<Value>, Option<Arc<Scope>>),
    /// One for each element.
    Each { items: Vec<Value>, keys: Vec<Key>, parallel: u32, tolerate: Option<Decimal> },
}

/// A frame: one execution of a body.
pub(crate) struct FrameState {
    /// Its values, until it has ended.
    pub frame: Option<Arc<Frame>>,
    pub body: BodyId,
    /// The frame around it, and the step there.
    pub parent: Option<(u32, u32)>,
    /// Which try of that step it belongs to.
    pub epoch: u32,
    /// Which element.
    pub element: u32,
    pub key: Key,
    /// Whether it is of another workflow than the frame around it.
    pub called: bool,
    /// Whether no further step of it starts.
    pub closing: bool,
    /// How many steps have not ended.
    pub left: u32,
    /// Where its steps begin among those of all frames, which lie together so that a frame costs no memory of its own.
    pub first: u32,
    /// How many steps it has.
    pub count: u32,
}

impl FrameState {
    /// Returns its steps out of those of all frames.
    pub(crate) fn steps<'a>(&self, all: &'a [StepState]) -> &'a [StepState] {
        let first = self.first as usize;
        all.get(first..first + self.count as usize).unwrap_or_default()
    }
}

impl StepState {
    pub(crate) fn new(waits: u32) -> Self {
        Self {
            waits,
            epoch: 0,
            attempts: 0,
            tries: 0,
            stage: 0,
            phase: Phase::Waiting,
            status: Status::NotRun,
            blocked: false,
            ready: 0,
            started: 0,
            ended: 0,
            extra: None,
        }
    }

    pub(crate) fn extra(&mut self) -> &mut Extra {
        self.extra.get_or_insert_default()
    }

    pub(crate) fn nested(&mut self) -> Option<&mut Nested> {
        self.extra.as_mut()?.nested.as_mut()
    }

    /// Returns the frames of its last try that had some, by element.
    pub(crate) fn children(&self) -> &[u32] {
        self.extra.as_ref().map_or(&[], |it| &it.children)
    }

    pub(crate) fn fault(&self) -> Option<&Arc<Fault>> {
        self.extra.as_ref()?.fault.as_ref()
    }
}

impl Nested {
    pub(crate) fn new(expansion: Expansion) -> Self {
        let count = expansion.count();
        let allowed = match &expansion.shape {
            // A share that comes out between two counts allows the lesser.
            Shape::Each { tolerate: Some(share), .. } => (*share * Decimal::from(count)).floor().to_u32().unwrap_or(0),
            _ => 0,
        };
        Self {
            results: vec![None; count as usize],
            expansion,
            next: 0,
            live: 0,
            ended: 0,
            growing: false,
            stopping: false,
            degraded: false,
            failed: 0,
            allowed,
            fault: None,
            cancel: Cancel::default(),
        }
    }

    /// Says whether another element may start now.
    pub(crate) fn may_grow(&self) -> bool {
        !self.stopping && self.next < self.expansion.count() && self.live < self.expansion.parallel()
    }

    /// Says whether nothing runs and nothing will.
    pub(crate) fn is_over(&self) -> bool {
        self.live == 0 && (self.stopping || self.next == self.expansion.count())
    }
}

impl Expansion {
    pub(crate) fn count(&self) -> u32 {
        match &self.shape {
            Shape::Once(..) => 1,
            Shape::Each { items, .. } => crate::plan::number(items.len()),
        }
    }

    fn parallel(&self) -> u32 {
        match &self.shape {
            Shape::Once(..) => 1,
            Shape::Each { parallel, .. } => *parallel,
        }
    }

    /// Takes what the frame of an element starts with; each is started once.
    pub(crate) fn take(&mut self, element: u32) -> (impl Iterator<Item = Value> + use<>, Key, Option<Arc<Scope>>) {
        // The element or the params: neither makes a list of one.
        let slots = |one: Option<Value>, many: Vec<Value>| one.into_iter().chain(many);
        match &mut self.shape {
            Shape::Once(values, scope) => (slots(None, std::mem::take(values)), Key::Only, scope.clone()),
            Shape::Each { items, keys, .. } => {
                let item = items.get_mut(element as usize).map(std::mem::take).unwrap_or_default();
                let key = keys.get_mut(element as usize).map_or(Key::Index(element), std::mem::take);
                (slots(Some(item), Vec::new()), key, None)
            }
        }
    }
}
