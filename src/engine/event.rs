//! The facts of a run as they come about, for whoever wants them: progress lines, a journal, metrics.

use std::{sync::Arc, time::Duration};

use super::{frame::Frame, result::Status};
use crate::slice::Fault;

/// A fact of a run.
#[derive(Clone)]
pub struct Event {
    /// How long after the start of the run.
    pub at: Duration,
    /// What came about.
    pub what: What,
}

/// What came about.
#[derive(Clone)]
pub enum What {
    /// The run started.
    RunStarted {
        /// Its id.
        run: Arc<str>,
    },
    /// All that a step waits for has ended.
    Ready(StepRef),
    /// A step began a try.
    Started(StepRef, Try),
    /// A try failed; the next comes after a pause.
    Retried(StepRef, Try, Duration, Arc<Fault>),
    /// All tries failed; the step goes on with its next `else`.
    FellBack(StepRef, Arc<Fault>),
    /// A loop knows its elements.
    Expanded(StepRef, u32),
    /// An element of a loop ended: how many have, of how many.
    Progress(StepRef, u32, u32),
    /// A step ended.
    Ended(StepRef, Ended),
    /// A method said something that people should know of.
    Notified {
        /// The topic.
        topic: Arc<str>,
        /// What it said.
        message: Arc<str>,
    },
    /// The run ended.
    RunEnded {
        /// How.
        status: Status,
    },
}

/// Which try of a step, from 1.
pub type Try = u32;

/// How a step ended.
#[derive(Clone)]
pub struct Ended {
    /// Its status.
    pub status: Status,
    /// How many tries it took.
    pub attempts: u32,
    /// How long it waited for a place to run.
    pub queued: Duration,
    /// How long it ran, pauses between tries included.
    pub running: Duration,
    /// Why it failed, or what it survived.
    pub fault: Option<Arc<Fault>>,
}

/// A step of one frame; its names are made only for those who ask.
#[derive(Clone)]
pub struct StepRef {
    pub(crate) frame: Arc<Frame>,
    pub(crate) step: u32,
}

impl StepRef {
    /// Returns its name.
    pub fn name(&self) -> &str {
        &self.frame.step(self.step).name
    }

    /// Returns its path.
    pub fn path(&self) -> String {
        self.frame.path(self.step)
    }

    /// Says whether it is a `let`.
    pub fn is_let(&self) -> bool {
        self.frame.step(self.step).is_let
    }

    /// Returns how deep it is nested: 0 for a step of the workflow itself.
    pub fn depth(&self) -> usize {
        std::iter::successors(self.frame.parent.as_ref(), |it| it.0.parent.as_ref()).count()
    }
}

/// Reads the events of a run, in their order, a batch at a time. It is called by the threads that run the steps, so it
/// should be quick.
pub trait Subscriber: Send {
    /// Takes note of an event.
    fn on(&mut self, event: &Event);
    /// Is told that no event is at hand right now: the time to draw or to write.
    fn flush(&mut self) {}
}
