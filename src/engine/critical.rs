//! The critical path of a run, by measured time.

use super::{
    machine::{FrameState, StepState},
    result::Trace,
};
use crate::plan::Step;

/// Returns the paths of the steps that the end of the run waited for, from the first to the last.
pub(crate) fn path(trace: &Trace) -> Vec<String> {
    let mut found = Vec::new();
    let last = trace.roots.iter().max_by_key(|it| trace.frames.get(**it as usize).map(|it| ended(trace, it)));
    if let Some(root) = last {
        follow(trace, *root, "", &mut found);
    }
    found
}

/// Goes back from the step that ended last, each time to the one that it waited for longest.
fn follow(trace: &Trace, frame: u32, around: &str, found: &mut Vec<String>) {
    let Some(frame) = trace.frames.get(frame as usize) else { return };
    let prefix = Trace::prefix(frame, around);
    let body = trace.plan.body(frame.body);
    let steps = || body.steps.iter().zip(frame.steps(&trace.steps));
    let mut chain: Vec<(&Step, &StepState)> = Vec::new();
    let mut next = steps().filter(|it| it.1.attempts > 0).max_by_key(|it| it.1.ended);
    while let Some((step, at)) = next {
        chain.push((step, at));
        let needs = step
            .needs
            .iter()
            .filter_map(|it| Some((body.steps.get(*it as usize)?, frame.steps(&trace.steps).get(*it as usize)?)));
        next = needs.filter(|it| it.1.attempts > 0).max_by_key(|it| it.1.ended);
    }
    for (step, at) in chain.into_iter().rev() {
        let path = format!("{prefix}{}", step.name);
        let children = at.children().iter().filter(|it| trace.frames.get(**it as usize).is_some_and(|it| it.count > 0));
        let slowest =
            children.max_by_key(|it| trace.frames.get(**it as usize).map(|it| ended(trace, it) - began(trace, it)));
        match slowest {
            Some(child) => follow(trace, *child, &path, found),
            None if step.is_let => {}
            None => found.push(path),
        }
    }
}

fn ended(trace: &Trace, frame: &FrameState) -> u64 {
    frame.steps(&trace.steps).iter().map(|it| it.ended).max().unwrap_or(0)
}

fn began(trace: &Trace, frame: &FrameState) -> u64 {
    frame.steps(&trace.steps).iter().map(|it| it.ready).min().unwrap_or(0)
}
