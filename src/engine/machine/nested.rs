//! Steps that run frames of their own: loops, blocks, arms and called workflows.

use std::sync::Arc;

use super::{
    super::{
        Status,
        event::{StepRef, What},
        frame::Frame,
    },
    Action, Close, Expansion, JobId, Machine, Phase, Shape, Timer,
    state::Nested,
};
use crate::{
    slice::{Fault, FaultKind},
    value::Value,
};

impl Machine {
    /// A step knows its frames: the first may start.
    pub(super) fn expand(&mut self, job: JobId, expansion: Expansion) {
        let JobId { frame, step, .. } = job;
        if self.frame(frame).closing || self.stop.is_some() {
            let reason = self.reason();
            return self.fail(frame, step, reason, None);
        }
        let count = expansion.count();
        self.actions.extend(expansion.timeout.map(|it| Action::Wait(Timer::Step(job), it)));
        let looping = matches!(expansion.shape, Shape::Each { .. });
        let state = self.step(frame, step);
        state.phase = Phase::Nested;
        let extra = state.extra();
        extra.children.clear();
        let nested = extra.nested.insert(Nested::new(expansion));
        nested.growing = count > 0;
        if looping {
            self.emit(frame, |it| What::Expanded(StepRef { frame: it, step }, count));
        }
        if count > 0 {
            self.growing.push((frame, step));
        } else {
            self.finish_nested(frame, step);
        }
    }

    /// Starts an element of the loop that was the last to become ready, so that what has begun ends first.
    pub(super) fn grow(&mut self) -> bool {
        while let Some((frame, step)) = self.growing.last().copied() {
            let values = self.frame(frame).frame.clone();
            let id = crate::plan::number(self.frames.len());
            let state = self.step(frame, step);
            let epoch = state.epoch;
            let started = state.nested().filter(|it| it.may_grow()).zip(values).map(|(nested, values)| {
                let element = nested.next;
                nested.next += 1;
                nested.live += 1;
                let (slots, key, scope) = nested.expansion.take(element);
                let scope = scope.unwrap_or_else(|| values.scope.clone());
                let (body, cancel) = (nested.expansion.body, nested.cancel.clone());
                nested.growing = nested.may_grow();
                let opened = Frame::new(body, scope, Some((values, step)), key, cancel, slots);
                nested.expansion.degraded.iter().for_each(|it| opened.mark(*it));
                (Arc::new(opened), element, nested.growing)
            });
            if !started.as_ref().is_some_and(|it| it.2) {
                self.growing.pop();
            }
            match started {
                Some((opened, element, _)) => {
                    self.step(frame, step).extra().children.push(id);
                    self.open(opened, Some((frame, step)), epoch, element);
                    self.drain();
                    return true;
                }
                None => {
                    self.step(frame, step).nested().into_iter().for_each(|it| it.growing = false);
                }
            }
        }
        false
    }

    /// An element ended.
    pub(super) fn element_ended(
        &mut self,
        frame: u32,
        step: u32,
        epoch: u32,
        element: u32,
        result: Result<Value, Fault>,
        degraded: bool,
    ) {
        if !self.is_current(JobId { frame, step, epoch }, Phase::Nested) {
            return;
        }
        let Some(nested) = self.step(frame, step).nested() else { return };
        nested.live -= 1;
        nested.ended += 1;
        let mut stop = None;
        match result {
            Ok(value) => {
                nested.degraded |= degraded;
                if let Some(place) = nested.results.get_mut(element as usize) {
                    *place = Some(value);
                }
            }
            Err(fault) if nested.stopping && fault.kind == FaultKind::Cancelled => {}
            Err(fault) => {
                nested.failed += 1;
                if nested.failed > nested.allowed && !nested.stopping {
                    stop = Some(fault.clone());
                }
                // The least element is the one to tell of, whichever came first.
                if nested.fault.as_ref().is_none_or(|it| element < it.0) {
                    nested.fault = Some((element, fault));
                }
            }
        }
        let (ended, count) = (nested.ended, nested.expansion.count());
        let looping = matches!(nested.expansion.shape, Shape::Each { .. });
        if looping {
            self.emit(frame, |it| What::Progress(StepRef { frame: it, step }, ended, count));
        }
        if let Some(fault) = stop {
            return self.stop_nested(frame, step, fault, Close::Drop);
        }
        let Some(nested) = self.step(frame, step).nested() else { return };
        if nested.may_grow() && !nested.growing {
            nested.growing = true;
            self.growing.push((frame, step));
        } else if nested.is_over() {
            self.finish_nested(frame, step);
        }
    }

    /// Stops what a step runs; once the last of it has ended, the step ends with this fault.
    pub(super) fn stop_nested(&mut self, frame: u32, step: u32, why: Fault, how: Close) {
        let Some(nested) = self.step(frame, step).nested() else { return };
        nested.stopping = true;
        nested.cancel.cancel();
        nested.fault.get_or_insert((u32::MAX, why));
        let children = std::mem::take(&mut self.step(frame, step).extra().children);
        for child in &children {
            self.close(*child, how);
        }
        let state = self.step(frame, step);
        state.extra().children = children;
        if state.phase == Phase::Nested && state.nested().is_some_and(|it| it.is_over()) {
            self.finish_nested(frame, step);
        }
    }

    fn finish_nested(&mut self, frame: u32, step: u32) {
        let at = self.at;
        let state = self.step(frame, step);
        state.ended = at;
        let Some(nested) = state.extra().nested.take() else { return };
        let (count, failed) = (nested.expansion.count(), nested.failed);
        let backoff = nested.expansion.backoff;
        let degraded = nested.degraded || failed > 0 || self.step(frame, step).stage > 0;
        let single = matches!(nested.expansion.shape, Shape::Once(..));
        if nested.stopping || failed > nested.allowed {
            let tolerated = nested.allowed > 0 && failed > nested.allowed;
            let fault = nested.fault.map_or_else(|| self.reason(), |it| it.1);
            let fault = if tolerated { summed(&fault, failed, count) } else { fault };
            if self.frame(frame).closing && failed == 0 {
                self.step(frame, step).extra().fault = Some(Arc::new(fault));
                return self.settle(frame, step, Status::Cancelled);
            }
            return self.fail(frame, step, fault, backoff);
        }
        let mut results = nested.results.into_iter().flatten();
        let value = if single { results.next().unwrap_or_default() } else { Value::List(results.collect()) };
        let plan = self.plan.clone();
        let planned = plan.body(self.frame(frame).body).step(step);
        if let Some(values) = &self.frame(frame).frame {
            values.set(planned, value, degraded);
        }
        if failed == 0 {
            return self.succeed(frame, step);
        }
        let survived = nested.fault.map(|it| Arc::new(summed(&it.1, failed, count)));
        self.step(frame, step).extra().fault = survived;
        self.settle(frame, step, Status::Degraded);
    }
}

/// Returns the fault of a loop of which some elements failed.
fn summed(first: &Fault, failed: u32, count: u32) -> Fault {
    let caused_by = std::iter::once(first.message.clone()).chain(first.caused_by.iter().cloned()).collect();
    Fault { kind: first.kind, message: format!("{failed} of {count} elements failed"), caused_by }
}
