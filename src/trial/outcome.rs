//! What a run of a test came to.

use crate::{
    check::{About, Fact, Trial, degraded_output, is_own_output, step_output},
    engine::{RunResult, Status, StepReport},
    slice::Fault,
    value::{Duration, Value},
};

/// How many failed or degraded steps are told.
const MOST: usize = 12;

/// What a run of a test came to.
pub(super) struct Outcome<'a> {
    /// The run as the test says it.
    pub trial: &'a Trial,
    /// What came of it, or why it could not start.
    pub result: Result<RunResult, Vec<Fault>>,
    /// What has been told of its going otherwise than expected, by place among all that was found.
    pub told: Option<usize>,
    /// How many expectations look at what it did not give, after that.
    pub unseen: usize,
}

impl Outcome<'_> {
    /// Returns what a fact is, and whether it is degraded; or why there is no value.
    pub fn gives(&self, fact: &Fact) -> Result<(Value, bool), String> {
        let Ok(result) = &self.result else { return Err("the run did not start".to_owned()) };
        let output = |name: &str| result.outputs.iter().find(|it| *it.0 == *name).map(|it| it.1.clone());
        let with_degraded = |name: &str, what: &str| {
            let value = output(name).ok_or_else(|| self.why_no_value(what))?;
            Ok((value, matches!(output(&degraded_output(name)), Some(Value::Bool(true)))))
        };
        match fact {
            Fact::Let => Err("it is no result".to_owned()),
            Fact::Outputs(_) => {
                let own = result.outputs.iter().filter(|it| is_own_output(&it.0)).cloned();
                Ok((Value::Record(own.collect()), result.status == Status::Degraded))
            }
            Fact::Output(_, name) => with_degraded(name, name),
            Fact::Value(_, step) => with_degraded(&step_output(step), step),
            Fact::Run(_, about) => Ok((of_run(result, *about), false)),
            Fact::Step(_, path, about) => {
                let step = result.steps().into_iter().find(|it| it.path == *path);
                let step = step.ok_or_else(|| format!("no step `{path}` was reached"))?;
                Ok((of_step(&step, *about), false))
            }
        }
    }

    fn why_no_value(&self, name: &str) -> String {
        let Ok(result) = &self.result else { return "the run did not start".to_owned() };
        match result.steps().iter().find(|it| it.path == *name) {
            Some(step) => format!("`{name}` has no value: the step {}", said(step.status)),
            None => format!("`{name}` has no value: the run {}", said(result.status)),
        }
    }

    /// Returns the steps that failed or are degraded, a line each.
    pub fn steps(&self) -> Vec<String> {
        let Ok(result) = &self.result else { return Vec::new() };
        let steps = result.steps();
        let told: Vec<_> = steps.iter().filter(|it| it.fault.is_some()).collect();
        let mut lines: Vec<String> = result.error.iter().map(ToString::to_string).collect();
        for step in told.iter().take(MOST) {
            let Some(fault) = &step.fault else { continue };
            // What elements failed of is told at their own steps.
            let inner = [format!("{}[", step.path), format!("{}/", step.path), format!("{}.", step.path)];
            let is_below = told.iter().any(|it| inner.iter().any(|inner| it.path.starts_with(inner)));
            let fault = if is_below { fault.message.clone() } else { fault.to_string() };
            let tries = if step.attempts > 1 { format!(" after {} tries", step.attempts) } else { String::new() };
            lines.push(format!("`{}` {}{tries}: {fault}", step.path, said(step.status)));
        }
        if told.len() > MOST {
            lines.push(format!("and {} more steps", told.len() - MOST));
        }
        lines
    }
}

fn said(status: Status) -> &'static str {
    match status {
        Status::Succeeded => "succeeded",
        Status::Degraded => "is degraded",
        Status::Failed => "failed",
        Status::Skipped => "was skipped",
        Status::NotRun => "was not run",
        Status::Cancelled => "was cancelled",
        Status::Cached => "was not run anew",
    }
}

fn of_run(result: &RunResult, about: About) -> Value {
    match about {
        About::Status => Value::text(result.status.as_str()),
        About::Took => took(result.took),
        About::Attempts => Value::None,
        About::Error => {
            let steps = result.steps();
            let failed = steps.iter().find(|it| it.status == Status::Failed).and_then(|it| it.fault.as_deref());
            result.error.as_ref().or(failed).map_or(Value::None, error)
        }
    }
}

fn of_step(step: &StepReport, about: About) -> Value {
    match about {
        About::Status => Value::text(step.status.as_str()),
        About::Attempts => step.attempts.into(),
        About::Took => took(step.running),
        About::Error => step.fault.as_deref().map_or(Value::None, error),
    }
}

fn error(fault: &Fault) -> Value {
    let kind = Value::of(&fault.kind).unwrap_or_default();
    Value::record([("kind", kind), ("message", Value::text(fault.to_string()))])
}

fn took(time: std::time::Duration) -> Value {
    Duration(i64::try_from(time.as_millis()).unwrap_or(i64::MAX)).into()
}
