//! How a step ends, and what follows for those that wait for it.

use std::{cell::Cell, sync::Arc, time::Duration};

use super::{
    super::{
        Status,
        backoff::Backoff,
        eval,
        event::{Ended, StepRef, What},
        frame::{Frame, PartialEnv},
    },
    Action, Close, FrameState, JobId, Machine, Phase, StepState, Timer,
};
use crate::{
    plan::Gives,
    slice::{Effect, Fault, FaultKind},
    value::Value,
};

impl Machine {
    /// Takes in a frame; its steps that wait for nothing are ready.
    pub(super) fn open(&mut self, frame: Arc<Frame>, parent: Option<(u32, u32)>, epoch: u32, element: u32) {
        let id = crate::plan::number(self.frames.len());
        let plan = self.plan.clone();
        let body = plan.body(frame.body);
        let (first, count) = (crate::plan::number(self.steps.len()), crate::plan::number(body.waits.len()));
        self.steps.extend(body.waits.iter().map(|it| StepState::new(*it)));
        let called = frame.parent.as_ref().is_some_and(|it| !Arc::ptr_eq(&it.0.scope, &frame.scope));
        self.frames.push(FrameState {
            body: frame.body,
            key: frame.key.clone(),
            frame: Some(frame),
            parent,
            epoch,
            element,
            called,
            closing: false,
            left: count,
            first,
            count,
        });
        for (step, waits) in (0..).zip(&body.waits) {
            if *waits == 0 {
                self.make_ready(id, step);
            }
        }
        if body.waits.is_empty() {
            self.finish_frame(id);
        }
    }

    pub(super) fn queue(&mut self, frame: u32, step: u32) {
        self.step(frame, step).phase = Phase::Queued;
        self.ready.push_back((frame, step));
    }

    fn make_ready(&mut self, frame: u32, step: u32) {
        let at = self.at;
        self.step(frame, step).ready = at;
        self.emit(frame, |it| What::Ready(StepRef { frame: it, step }));
        self.queue(frame, step);
    }

    pub(super) fn succeed(&mut self, frame: u32, step: u32) {
        let status = if self.step(frame, step).stage > 0 { Status::Degraded } else { Status::Succeeded };
        self.settle(frame, step, status);
    }

    /// A try failed: there is another, or an `else`, or the step has failed.
    pub(super) fn fail(&mut self, frame: u32, step: u32, fault: Fault, backoff: Option<Backoff>) {
        let closing = self.frame(frame).closing || self.stop.is_some();
        let plan = self.plan.clone();
        let planned = plan.body(self.frame(frame).body).step(step);
        let seed = self.frame(frame).frame.as_ref().map_or(0, |it| it.step_seed(step));
        let state = self.step(frame, step);
        let tries = state.tries;
        if closing {
            let status = if fault.kind == FaultKind::Cancelled { Status::Cancelled } else { Status::Failed };
            state.extra().fault = Some(Arc::new(fault));
            return self.settle(frame, step, status);
        }
        if let Some(backoff) = backoff.filter(|it| state.stage == 0 && fault.kind.is_retryable() && tries <= it.max) {
            let pause = backoff.pause(seed, tries);
            state.phase = Phase::Pausing;
            state.epoch += 1;
            let (epoch, attempts) = (state.epoch, state.attempts);
            self.actions.push(Action::Wait(Timer::Step(JobId { frame, step, epoch }), pause));
            let fault = Arc::new(fault);
            return self.emit(frame, |it| What::Retried(StepRef { frame: it, step }, attempts, pause, fault));
        }
        // The first work's fault is the one to tell of; those of what stood in for it explain why nothing did.
        let fault = match state.fault() {
            Some(first) => {
                let mut first = Fault::clone(first);
                first.caused_by.push(format!("`else`: {fault}"));
                Arc::new(first)
            }
            None => Arc::new(fault),
        };
        state.extra().fault = Some(fault.clone());
        if usize::from(state.stage) + 1 < planned.works.len() {
            state.stage += 1;
            state.tries = 0;
            self.emit(frame, |it| What::FellBack(StepRef { frame: it, step }, fault));
            self.queue(frame, step);
        } else {
            self.settle(frame, step, Status::Failed);
        }
    }

    /// Ends a step.
    pub(super) fn settle(&mut self, frame: u32, step: u32, status: Status) {
        let at = self.at;
        let state = self.step(frame, step);
        if matches!(state.phase, Phase::Waiting) {
            state.ready = at;
        }
        if state.attempts == 0 {
            state.started = at;
        }
        // A try that ran on a worker has told when it ended, which may be a little ago.
        if state.phase != Phase::Running || state.ended < state.started {
            state.ended = at;
        }
        state.phase = Phase::Settled;
        state.status = status;
        self.settled.push((frame, step));
        if self.events.is_some() {
            let state = self.step(frame, step);
            let ended = Ended {
                status,
                attempts: state.attempts,
                queued: Duration::from_nanos(state.started.saturating_sub(state.ready)),
                running: Duration::from_nanos(state.ended.saturating_sub(state.started)),
                fault: state.fault().cloned(),
            };
            self.emit(frame, |it| What::Ended(StepRef { frame: it, step }, ended));
        }
    }

    /// Tells the dependents of all that has ended, and the frames that have.
    pub(super) fn drain(&mut self) {
        if self.settled.is_empty() {
            return;
        }
        let plan = self.plan.clone();
        while let Some((frame, step)) = self.settled.pop() {
            let body = plan.body(self.frame(frame).body);
            let gives = self.step(frame, step).status.gives();
            for it in body.dependents(step) {
                let state = self.step(frame, it.step);
                state.waits = state.waits.saturating_sub(1);
                state.blocked |= !gives && !it.order_only;
                if state.waits > 0 || state.phase != Phase::Waiting {
                    continue;
                }
                if state.blocked {
                    self.settle(frame, it.step, Status::NotRun);
                } else {
                    self.make_ready(frame, it.step);
                }
            }
            let state = self.frame(frame);
            state.left -= 1;
            if state.left == 0 {
                self.finish_frame(frame);
            }
        }
    }

    /// Ends a frame: its values go, what it gives goes on.
    fn finish_frame(&mut self, id: u32) {
        let plan = self.plan.clone();
        let state = self.frame(id);
        let Some(frame) = state.frame.take() else { return };
        let body = plan.body(frame.body);
        let (parent, epoch, element) = (state.parent, state.epoch, state.element);
        let (first, count) = (state.first as usize, state.count as usize);
        let steps = self.steps.get(first..first + count).unwrap_or_default();
        let whole = steps.iter().all(|it| it.status.gives());
        let broken = (!whole).then(|| {
            let failed = (0..).zip(steps).find(|(_, it)| it.status == Status::Failed);
            let fault = failed.and_then(|(step, it)| Some((step, Fault::clone(it.fault()?))));
            let Some((step, fault)) = fault else { return self.reason() };
            let caused_by = std::iter::once(fault.message).chain(fault.caused_by).collect();
            Fault { kind: fault.kind, message: format!("`{}` failed", frame.path(step)), caused_by }
        });
        let Some((around, step)) = parent else {
            let outputs = outputs(&frame, &body.gives);
            if let Some(place) = self.outputs.get_mut(element as usize) {
                *place = outputs;
            }
            self.unfinished -= 1;
            return;
        };
        let degraded = frame.any_degraded(&body.gives_from);
        let result = broken.map_or_else(|| give(&frame, &body.gives), Err);
        self.element_ended(around, step, epoch, element, result, degraded);
    }

    pub(super) fn close_all(&mut self, how: Close) {
        for root in self.roots.clone() {
            self.close(root, how);
        }
    }

    /// Sees to it that no further step of a frame starts, and ends what runs in it.
    pub(super) fn close(&mut self, id: u32, how: Close) {
        let plan = self.plan.clone();
        let state = self.frame(id);
        let Some(frame) = state.frame.clone() else { return };
        state.closing = true;
        frame.cancel.cancel();
        let body = plan.body(state.body);
        for step in 0..crate::plan::number(body.steps.len()) {
            let state = self.step(id, step);
            match state.phase {
                Phase::Settled => {}
                Phase::Waiting | Phase::Queued if state.attempts == 0 => self.settle(id, step, Status::NotRun),
                Phase::Waiting | Phase::Queued | Phase::Pausing => self.settle_stopped(id, step),
                Phase::Running => {
                    let drop = how == Close::Drop && body.step(step).effect <= Effect::Reads;
                    if how == Close::Abandon || drop {
                        state.epoch += 1;
                        let abort = state.extra.as_mut().and_then(|it| it.abort.take());
                        self.actions.extend(abort.map(Action::Abort));
                        self.step(id, step).ended = self.at;
                        self.settle_stopped(id, step);
                    }
                }
                Phase::Nested => {
                    let reason = self.reason();
                    self.stop_nested(id, step, reason, how);
                }
            }
        }
    }

    fn settle_stopped(&mut self, frame: u32, step: u32) {
        let reason = self.reason();
        self.step(frame, step).extra().fault = Some(Arc::new(reason));
        self.settle(frame, step, Status::Cancelled);
    }
}

/// Returns what a frame gives whose steps have all ended well.
fn give(frame: &Arc<Frame>, gives: &Gives) -> Result<Value, Fault> {
    match gives {
        Gives::Nothing => Ok(Value::None),
        Gives::Value(value) => eval::guarded(value, &**frame),
        Gives::Outputs(outputs) => {
            let fields = outputs.iter().map(|it| Ok((it.name.clone(), eval::guarded(&it.value, &**frame)?)));
            Ok(Value::Record(fields.collect::<Result<_, Fault>>()?))
        }
    }
}

/// Returns those outputs of a workflow whose steps have all ended well.
fn outputs(frame: &Frame, gives: &Gives) -> Vec<(crate::value::Name, Value)> {
    let Gives::Outputs(outputs) = gives else { return Vec::new() };
    let there = outputs.iter().filter_map(|it| {
        let env = PartialEnv { frame, missing: Cell::new(false) };
        let value = eval::guarded(&it.value, &env).ok()?;
        (!env.missing.get()).then(|| (it.name.clone(), value))
    });
    there.collect()
}
