//! What a run gave, and how it went.

use std::{sync::Arc, time::Duration};

use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Map, Value as Json, json};

use super::{
    critical,
    machine::{FrameState, Machine, StepState, Stop},
    options::RunOptions,
};
use crate::{
    expr::{Context, Kind},
    plan::{Plan, Step, Work},
    slice::{Fault, FaultKind, Method},
    value::{Detail, Name, Symbol, Value},
};

/// How a step or a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// As it should.
    Succeeded,
    /// With an `else`, or without some of its elements.
    Degraded,
    /// Without a value.
    Failed,
    /// It was not to run: its `when` is false, and its value none.
    Skipped,
    /// Something that it reads has no value.
    NotRun,
    /// It was stopped.
    Cancelled,
    /// With a value from before.
    Cached,
}

impl Status {
    /// Says whether there is a value for those who read it.
    pub fn gives(self) -> bool {
        matches!(self, Self::Succeeded | Self::Degraded | Self::Skipped | Self::Cached)
    }

    /// Returns its name in results.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Succeeded => "succeeded",
            Self::Degraded => "degraded",
            Self::Failed => "failed",
            Self::Skipped => "skipped",
            Self::NotRun => "not_run",
            Self::Cancelled => "cancelled",
            Self::Cached => "cached",
        }
    }
}

/// What a run gave, and how it went.
pub struct RunResult {
    /// Its id.
    pub run: Arc<str>,
    /// The name of the workflow.
    pub workflow: Name,
    /// The mode.
    pub mode: Name,
    /// How it ended: succeeded, degraded, failed or cancelled.
    pub status: Status,
    /// From what its randomness followed.
    pub seed: i64,
    /// When it started.
    pub started: Timestamp,
    /// How long it took.
    pub took: Duration,
    /// What it gave; of several symbols a record for each. After a failure, those that could be computed.
    pub outputs: Vec<(Name, Value)>,
    /// How many steps ended how.
    pub summary: Summary,
    /// Why it was stopped before its end, where it was.
    pub error: Option<Fault>,
    /// What stands in the summary beside the counts.
    pub further: Vec<(&'static str, Json)>,
    trace: Trace,
}

/// How many steps ended how.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[expect(missing_docs, reason = "each is the count of the status of its name")]
pub struct Summary {
    pub total: usize,
    pub succeeded: usize,
    pub degraded: usize,
    pub failed: usize,
    pub skipped: usize,
    pub cached: usize,
    pub not_run: usize,
    pub cancelled: usize,
}

/// How one step went.
#[derive(Clone, Debug)]
pub struct StepReport {
    /// Its name.
    pub name: Name,
    /// Its path.
    pub path: String,
    /// The method that it called, where it called one.
    pub method: Option<Arc<Method>>,
    /// How it ended.
    pub status: Status,
    /// How many tries it took, `else` included; none where it did not run.
    pub attempts: u32,
    /// How long it waited for a place to run.
    pub queued: Duration,
    /// How long it ran, pauses between tries and frames of its own included.
    pub running: Duration,
    /// Why it failed; of a degraded step, what it survived.
    pub fault: Option<Arc<Fault>>,
}

/// What is left of a machine after its run.
pub(crate) struct Trace {
    pub plan: Arc<Plan>,
    pub frames: Vec<FrameState>,
    pub steps: Vec<StepState>,
    pub roots: Vec<u32>,
}

/// Takes the result out of a machine that is done.
pub(crate) fn finish(
    machine: &mut Machine,
    options: &RunOptions,
    run: Arc<str>,
    started: Timestamp,
    took: u64,
    symbols: Option<&[Symbol]>,
) -> RunResult {
    let trace = Trace {
        plan: machine.plan.clone(),
        frames: std::mem::take(&mut machine.frames),
        steps: std::mem::take(&mut machine.steps),
        roots: std::mem::take(&mut machine.roots),
    };
    let mut outputs = std::mem::take(&mut machine.outputs).into_iter();
    let outputs = match symbols {
        None => outputs.next().unwrap_or_default(),
        Some(symbols) => {
            let named = symbols.iter().zip(outputs);
            named.map(|(symbol, it)| (Name::from(symbol.as_str()), Value::Record(it.into()))).collect()
        }
    };
    let mut summary = Summary::default();
    trace.visit(&mut |_, step, at| summary.count(step, at.status));
    let failed = trace.roots.iter().filter_map(|it| trace.frames.get(*it as usize));
    let failed = failed.flat_map(|it| it.steps(&trace.steps)).any(|it| !it.status.gives());
    let stop = machine.stop.filter(|_| failed);
    let status = match stop {
        Some(Stop::Cancelled) => Status::Cancelled,
        _ if failed => Status::Failed,
        _ if summary.degraded > 0 => Status::Degraded,
        _ => Status::Succeeded,
    };
    let error = stop.map(|it| match it {
        Stop::Cancelled => Fault::new(FaultKind::Cancelled, "the run was cancelled"),
        Stop::Deadline => Fault::new(FaultKind::TimedOut, "the deadline of the workflow passed"),
    });
    let seed = options.context.get(&Context::Seed).cloned().unwrap_or_else(|| Context::Seed.default_value());
    RunResult {
        run,
        workflow: trace.plan.workflow().name().clone(),
        mode: trace.plan.workflow().mode().clone(),
        status,
        seed: if let Value::Int(it) = seed { it } else { 0 },
        started,
        took: Duration::from_nanos(took),
        further: (options.summarise)(&outputs),
        outputs,
        summary,
        error,
        trace,
    }
}

impl RunResult {
    /// Returns how each step went, in the order of the plan and of the elements.
    pub fn steps(&self) -> Vec<StepReport> {
        let mut reports = Vec::with_capacity(self.summary.total);
        self.trace.roots.iter().for_each(|it| self.trace.report(*it, "", &mut reports));
        reports
    }

    /// Returns the paths of the steps that the run would have to be quicker in to be quicker; through a loop the path
    /// follows its slowest element.
    pub fn critical_path(&self) -> Vec<String> {
        critical::path(&self.trace)
    }

    /// Returns it as `wf run --format json` prints it.
    pub fn to_json(&self, detail: Detail) -> Json {
        let outputs: Map<_, _> = self.outputs.iter().map(|(name, it)| (name.to_string(), it.to_json(detail))).collect();
        let mut summary = serde_json::to_value(self.summary).unwrap_or_default();
        if let Some(fields) = summary.as_object_mut() {
            fields.extend(self.further.iter().map(|(name, it)| ((*name).to_string(), it.clone())));
        }
        json!({
            "run": &*self.run,
            "workflow": &*self.workflow,
            "mode": &*self.mode,
            "status": self.status,
            "seed": self.seed,
            "started": self.started.to_string(),
            "seconds": self.took.as_secs_f64(),
            "outputs": outputs,
            "summary": summary,
            "error": self.error,
            "steps": self.steps().iter().map(StepReport::to_json).collect::<Vec<_>>(),
            "critical_path": self.critical_path(),
        })
    }
}

impl StepReport {
    /// Returns it as results have it.
    pub fn to_json(&self) -> Json {
        let error = self.fault.as_ref().map(|it| {
            json!({ "kind": it.kind, "message": it.message, "attempts": self.attempts, "caused_by": it.caused_by })
        });
        json!({
            "name": &*self.name,
            "path": self.path,
            "slice": self.method.as_ref().map(|it| it.slice),
            "method": self.method.as_ref().map(|it| it.name),
            "status": self.status,
            "attempts": self.attempts,
            "queued_seconds": self.queued.as_secs_f64(),
            "seconds": self.running.as_secs_f64(),
            "error": error,
        })
    }
}

impl Summary {
    /// A `let` is no step, unless it failed: then it is where people have to look.
    fn count(&mut self, step: &Step, status: Status) {
        if step.is_let && status != Status::Failed {
            return;
        }
        self.total += 1;
        *match status {
            Status::Succeeded => &mut self.succeeded,
            Status::Degraded => &mut self.degraded,
            Status::Failed => &mut self.failed,
            Status::Skipped => &mut self.skipped,
            Status::NotRun => &mut self.not_run,
            Status::Cancelled => &mut self.cancelled,
            Status::Cached => &mut self.cached,
        } += 1;
    }
}

impl Trace {
    /// Shows every step that was reached, without making its path.
    fn visit(&self, see: &mut impl FnMut(&FrameState, &Step, &StepState)) {
        let mut left: Vec<u32> = self.roots.iter().rev().copied().collect();
        while let Some(frame) = left.pop().and_then(|it| self.frames.get(it as usize)) {
            for (step, at) in self.plan.body(frame.body).steps.iter().zip(frame.steps(&self.steps)) {
                see(frame, step, at);
                left.extend(at.children());
            }
        }
    }

    fn report(&self, id: u32, around: &str, reports: &mut Vec<StepReport>) {
        let Some(frame) = self.frames.get(id as usize) else { return };
        let prefix = Self::prefix(frame, around);
        for (step, at) in self.plan.body(frame.body).steps.iter().zip(frame.steps(&self.steps)) {
            if step.is_let && at.status != Status::Failed {
                continue;
            }
            let path = format!("{prefix}{}", step.name);
            let between = |from: u64, to: u64| Duration::from_nanos(to.saturating_sub(from));
            let ran = !matches!(at.status, Status::Skipped | Status::NotRun);
            let at_report = reports.len();
            reports.push(StepReport {
                name: step.name.clone(),
                path: String::new(),
                method: step.works.first().and_then(|it| method(it, self.plan.workflow().mode())).cloned(),
                status: at.status,
                attempts: if ran { at.attempts } else { 0 },
                queued: between(at.ready, at.started),
                running: between(at.started, at.ended),
                fault: at.fault().cloned(),
            });
            at.children().iter().for_each(|it| self.report(*it, &path, reports));
            if let Some(report) = reports.get_mut(at_report) {
                report.path = path;
            }
        }
    }

    /// Returns what comes before the names of a frame's steps.
    pub(crate) fn prefix(frame: &FrameState, around: &str) -> String {
        let mut prefix = around.to_string();
        frame.key.write(&mut prefix);
        if !prefix.is_empty() {
            prefix.push(if frame.called { '/' } else { '.' });
        }
        prefix
    }
}

/// Returns the method that a work calls in this mode, where that is one.
fn method<'a>(work: &'a Work, mode: &Name) -> Option<&'a Arc<Method>> {
    match work {
        Work::Call(call) => Some(&call.method),
        Work::Match { on, arms } => {
            let value = match &on.kind {
                Kind::Const(it) => it.clone(),
                Kind::Context(Context::Mode) => Value::Text(mode.clone()),
                _ => return None,
            };
            let arm = arms.iter().find(|it| it.0.is_empty() || it.0.contains(&value))?;
            method(&arm.1, mode)
        }
        _ => None,
    }
}
