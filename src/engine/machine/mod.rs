//! The run as a pure state machine: what came about goes in, what is to be done comes out. It reads no clock, starts no
//! task and opens no file, so that any history can be played to it, and any scheduler can follow it.
//!
//! Costs time in proportion to steps and edges: a step counts those that it waits for, and each that ends counts down
//! its dependents. The elements of a loop become frames only when somebody asks for work, so that a loop over a million
//! elements holds few of them at once.

mod nested;
mod settle;
mod state;
#[cfg(test)]
mod tests;

use std::{collections::VecDeque, sync::Arc, time::Duration};

use futures::stream::AbortHandle;

pub(crate) use state::{Expansion, FrameState, Phase, Shape, StepState};

use super::{
    backoff::Backoff,
    event::{Event, StepRef, What},
    frame::Frame,
};
use crate::{
    plan::Plan,
    slice::{Fault, FaultKind},
    value::{Name, Value},
};

/// The run of a plan.
pub(crate) struct Machine {
    pub(crate) plan: Arc<Plan>,
    pub(crate) frames: Vec<FrameState>,
    /// The steps of all frames.
    pub(crate) steps: Vec<StepState>,
    /// The frames of the workflow itself: one, or one for each symbol.
    pub(crate) roots: Vec<u32>,
    /// What each of them gives.
    pub(crate) outputs: Vec<Vec<(Name, Value)>>,
    ready: VecDeque<(u32, u32)>,
    growing: Vec<(u32, u32)>,
    /// Steps that have ended and whose dependents have not heard of it.
    settled: Vec<(u32, u32)>,
    /// What the scheduler has to do.
    pub(crate) actions: Vec<Action>,
    /// What subscribers have not seen; nothing is kept where there are none.
    pub(crate) events: Option<Vec<Event>>,
    unfinished: u32,
    /// Why no further step starts.
    pub(crate) stop: Option<Stop>,
    grace: Duration,
    /// Nanoseconds after the start of the run.
    pub(crate) at: u64,
}

/// Why a run is stopped before its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stop {
    /// Somebody asked for it.
    Cancelled,
    /// Its deadline passed.
    Deadline,
}

/// What came about.
pub(crate) enum Happened {
    /// A try ended; it started at this time.
    Ended(JobId, Outcome, u64),
    /// A try waits for something, and this ends it.
    Parked(JobId, AbortHandle),
    /// A time has passed.
    Fired(Timer),
    /// The run is to stop.
    Stopped(Stop),
}

/// What the scheduler has to do.
pub(crate) enum Action {
    /// Say so when this time has passed.
    Wait(Timer, Duration),
    /// End a try that waits.
    Abort(AbortHandle),
}

/// What a time was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Timer {
    /// The pause before a try, or the time-out of a step that runs frames.
    Step(JobId),
    /// The deadline of the run.
    Deadline,
    /// What running steps have to end in after a stop.
    Grace,
}

/// A try of a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct JobId {
    pub frame: u32,
    pub step: u32,
    pub epoch: u32,
}

/// What a worker has to do.
pub(crate) struct Job {
    pub frame: Arc<Frame>,
    pub id: JobId,
    /// Which work of the step.
    pub stage: u16,
    /// Whether `when` has still to be asked.
    pub first: bool,
}

/// What became of a try. A value has already been put into its slot.
pub(crate) enum Outcome {
    Done,
    Skipped,
    Failed(Fault, Option<Backoff>),
    Expand(Box<Expansion>),
}

/// How a frame is closed.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Close {
    /// What only computes or reads is dropped; what may have changed the world is waited for.
    Drop,
    /// What runs is waited for.
    Wait,
    /// Nothing is waited for.
    Abandon,
}

impl Machine {
    /// Returns the run of these frames of the workflow.
    pub(crate) fn new(plan: Arc<Plan>, roots: Vec<Arc<Frame>>, grace: Duration, events: bool) -> Self {
        let mut it = Self {
            frames: Vec::new(),
            steps: Vec::new(),
            roots: (0..crate::plan::number(roots.len())).collect(),
            outputs: vec![Vec::new(); roots.len()],
            ready: VecDeque::new(),
            growing: Vec::new(),
            settled: Vec::new(),
            actions: Vec::new(),
            events: events.then(Vec::new),
            unfinished: crate::plan::number(roots.len()),
            stop: None,
            grace,
            at: 0,
            plan,
        };
        for (element, frame) in (0..).zip(roots) {
            it.open(frame, None, 0, element);
        }
        it.drain();
        it
    }

    /// Says whether every step has ended.
    pub(crate) fn is_done(&self) -> bool {
        self.unfinished == 0
    }

    /// Says whether there is something to start.
    pub(crate) fn has_work(&self) -> bool {
        !self.ready.is_empty() || !self.growing.is_empty()
    }

    /// Takes in what came about at a time (nanoseconds after the start).
    pub(crate) fn apply(&mut self, at: u64, happened: Happened) {
        self.at = self.at.max(at);
        match happened {
            Happened::Ended(job, outcome, started) => self.end(job, outcome, started, at),
            Happened::Parked(job, abort) => {
                if self.is_current(job, Phase::Running) {
                    self.step(job.frame, job.step).extra().abort = Some(abort);
                } else {
                    self.actions.push(Action::Abort(abort));
                }
            }
            Happened::Fired(Timer::Step(job)) => self.fire(job),
            Happened::Fired(Timer::Deadline) => self.halt(Stop::Deadline),
            Happened::Fired(Timer::Grace) => self.close_all(Close::Abandon),
            Happened::Stopped(why) => self.halt(why),
        }
        self.drain();
    }

    /// Gives out work until there is `max` of it or no more.
    pub(crate) fn claim(&mut self, max: usize, at: u64, jobs: &mut VecDeque<Job>) {
        self.at = self.at.max(at);
        while jobs.len() < max {
            let Some((frame, step)) = self.ready.pop_front() else {
                if self.stop.is_none() && self.grow() {
                    continue;
                }
                break;
            };
            let Some(values) = self.frame(frame).frame.clone() else { continue };
            let state = self.step(frame, step);
            if state.phase != Phase::Queued {
                continue;
            }
            state.phase = Phase::Running;
            state.epoch += 1;
            state.attempts += 1;
            state.tries += 1;
            if state.attempts == 1 {
                state.started = at;
            }
            let (epoch, stage, attempts) = (state.epoch, state.stage, state.attempts);
            self.emit(frame, |it| What::Started(StepRef { frame: it, step }, attempts));
            let id = JobId { frame, step, epoch };
            jobs.push_back(Job { frame: values, id, stage, first: attempts == 1 });
        }
    }

    /// Abandons everything, as after the time of grace.
    pub(crate) fn abandon(&mut self) {
        self.stop.get_or_insert(Stop::Cancelled);
        self.close_all(Close::Abandon);
        self.drain();
    }

    /// Takes note of what a method said.
    pub(crate) fn notify(&mut self, at: u64, topic: &str, message: &str) {
        self.at = self.at.max(at);
        let at = Duration::from_nanos(self.at);
        if let Some(events) = &mut self.events {
            events.push(Event { at, what: What::Notified { topic: topic.into(), message: message.into() } });
        }
    }

    fn end(&mut self, job: JobId, outcome: Outcome, started: u64, ended: u64) {
        if !self.is_current(job, Phase::Running) {
            return;
        }
        let JobId { frame, step, .. } = job;
        let state = self.step(frame, step);
        state.ended = ended;
        if state.attempts == 1 {
            state.started = started;
        }
        if let Some(extra) = &mut state.extra {
            extra.abort = None;
        }
        match outcome {
            Outcome::Done => self.succeed(frame, step),
            Outcome::Skipped => self.settle(frame, step, super::Status::Skipped),
            Outcome::Failed(fault, backoff) => self.fail(frame, step, fault, backoff),
            Outcome::Expand(expansion) => self.expand(job, *expansion),
        }
    }

    /// A pause has passed, or the time-out of a step with frames.
    fn fire(&mut self, job: JobId) {
        if self.is_current(job, Phase::Pausing) {
            self.queue(job.frame, job.step);
        } else if self.is_current(job, Phase::Nested) {
            let limit = self.step(job.frame, job.step).nested().and_then(|it| it.expansion.timeout);
            self.stop_nested(job.frame, job.step, timed_out(limit.unwrap_or_default()), Close::Drop);
        }
    }

    fn halt(&mut self, why: Stop) {
        if self.stop.is_none() && !self.is_done() {
            self.stop = Some(why);
            self.ready.clear();
            self.growing.clear();
            self.actions.push(Action::Wait(Timer::Grace, self.grace));
            self.close_all(Close::Wait);
        }
    }

    fn is_current(&self, job: JobId, phase: Phase) -> bool {
        let state = self.frames.get(job.frame as usize).and_then(|it| it.steps(&self.steps).get(job.step as usize));
        state.is_some_and(|it| it.epoch == job.epoch && it.phase == phase)
    }

    /// Returns why steps are stopped now.
    fn reason(&self) -> Fault {
        match self.stop {
            Some(Stop::Deadline) => Fault::new(FaultKind::TimedOut, "the deadline of the workflow passed"),
            Some(Stop::Cancelled) => Fault::new(FaultKind::Cancelled, "the run was cancelled"),
            None => Fault::new(FaultKind::Cancelled, "it was stopped because another step failed"),
        }
    }

    fn emit(&mut self, frame: u32, what: impl FnOnce(Arc<Frame>) -> What) {
        if self.events.is_some()
            && let Some(values) = self.frame(frame).frame.clone()
        {
            let event = Event { at: Duration::from_nanos(self.at), what: what(values) };
            self.events.get_or_insert_default().push(event);
        }
    }

    #[expect(clippy::indexing_slicing, reason = "frames are never removed, and their ids are their places")]
    fn frame(&mut self, frame: u32) -> &mut FrameState {
        &mut self.frames[frame as usize]
    }

    #[expect(clippy::indexing_slicing, reason = "a frame has a state for each step of its body")]
    fn step(&mut self, frame: u32, step: u32) -> &mut StepState {
        &mut self.steps[(self.frames[frame as usize].first + step) as usize]
    }
}

/// Returns the fault of a try that took longer than `limit`.
pub(crate) fn timed_out(limit: Duration) -> Fault {
    let limit = crate::value::Duration(i64::try_from(limit.as_millis()).unwrap_or(i64::MAX));
    Fault::new(FaultKind::TimedOut, format_args!("it took longer than {limit}"))
}
