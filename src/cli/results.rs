//! How a run went, for people.

use std::fmt::Write as _;

use super::{outputs, progress::time};
use crate::engine::{RunResult, Status, StepReport};

/// How many failed or degraded steps are listed at most.
const MOST: usize = 20;

/// Returns the outputs, what went wrong, and the summary; where everything is wanted, every metric too; and how the trades
/// of these numbers came about.
pub fn human(result: &RunResult, all: bool, trades: &[u32]) -> String {
    let mut out = outputs::text(&result.outputs, all);
    out.push_str(&outputs::walks(&result.outputs, trades));
    let steps = result.steps();
    let told = steps.iter().filter(|it| it.fault.is_some()).collect::<Vec<_>>();
    if !told.is_empty() {
        out.push('\n');
    }
    for step in told.iter().take(MOST) {
        let Some(fault) = &step.fault else { continue };
        // What elements failed of is told at their own steps.
        let inner = format!("{}[", step.path);
        let told_below = told.iter().any(|it| it.path.starts_with(&inner));
        let fault = if told_below { fault.message.clone() } else { fault.to_string() };
        let tries = if step.attempts > 1 { format!(" ({} tries)", step.attempts) } else { String::new() };
        let _ = writeln!(out, "{} {}{tries}: {fault}", step.path, step.status.as_str());
    }
    if told.len() > MOST {
        let _ = writeln!(out, "… {} more in `--format json`", told.len() - MOST);
    }
    let _ = writeln!(out, "\n{}", summary(result));
    let path = result.critical_path();
    if path.len() > 1 {
        let _ = writeln!(out, "slowest path: {}", chain(&path));
    }
    out
}

/// Returns a path of steps; what is around several in a row is said once.
fn chain(path: &[String]) -> String {
    let mut last = "";
    let names = path.iter().map(|it| {
        let (around, name) = it.rfind("].").map_or(("", &**it), |at| it.split_at(at + 2));
        let known = std::mem::replace(&mut last, around) == around;
        if known { name } else { it }
    });
    names.collect::<Vec<_>>().join(" -> ")
}

/// Returns every step in a table, then the summary.
pub fn table(result: &RunResult) -> String {
    let mut rows = vec![["step", "method", "status", "tries", "queued", "time"].map(String::from).to_vec()];
    rows.extend(result.steps().iter().map(row));
    format!("{}\n{}\n", outputs::table(&rows), summary(result))
}

fn row(step: &StepReport) -> Vec<String> {
    vec![
        step.path.clone(),
        step.method.as_ref().map(|it| it.path()).unwrap_or_default(),
        step.status.as_str().into(),
        step.attempts.to_string(),
        time(step.queued),
        time(step.running),
    ]
}

fn summary(result: &RunResult) -> String {
    let count = &result.summary;
    let parts = [
        (count.succeeded, "succeeded"),
        (count.degraded, "degraded"),
        (count.failed, "failed"),
        (count.skipped, "skipped"),
        (count.cached, "cached"),
        (count.not_run, "not run"),
        (count.cancelled, "cancelled"),
    ];
    let parts: Vec<_> =
        parts.iter().filter(|(count, _)| *count > 0).map(|(count, what)| format!("{count} {what}")).collect();
    let why = result.error.as_ref().map(|it| format!(": {it}")).unwrap_or_default();
    format!(
        "{} {}{why} in {}: {} {} ({}), mode {}, seed {}",
        result.workflow,
        match result.status {
            Status::Succeeded => "succeeded",
            Status::Degraded => "succeeded, degraded,",
            Status::Cancelled => "was cancelled",
            _ => "failed",
        },
        time(result.took),
        count.total,
        if count.total == 1 { "step" } else { "steps" },
        parts.join(", "),
        result.mode,
        result.seed,
    )
}
