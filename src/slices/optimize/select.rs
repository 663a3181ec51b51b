//! `optimize.select_best`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    market::{BacktestReport, Objective},
    slice::{Fault, Pure},
    value::Value,
};

/// A trial: parameters and what they came to.
#[derive(Deserialize, JsonSchema)]
pub(super) struct Trial {
    /// The parameters.
    #[schemars(with = "serde_json::Value")]
    params: Value,
    /// What they came to.
    report: BacktestReport,
}

/// The trial that was chosen.
#[derive(Serialize, JsonSchema)]
pub(super) struct Selected {
    /// Its parameters.
    #[schemars(with = "serde_json::Value")]
    params: Value,
    /// What they came to.
    report: BacktestReport,
    /// Its objective.
    objective: f64,
    /// Among how many trials it was chosen: what is chosen from many is worth less.
    trials: usize,
}

/// Returns the trial with the greatest objective; of equal ones the first. Trials whose objective is undefined are passed
/// over.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SelectBest {
    /// The trials.
    trials: Vec<Trial>,
    /// Which metric of a report decides; of which less is better, the manual of the metrics says.
    #[serde(default)]
    objective: Objective,
}

pub(super) fn select_best(_: Pure, input: SelectBest) -> Result<Selected, Fault> {
    let count = input.trials.len();
    let tried = input.trials.into_iter();
    let found = best(input.objective, tried.map(|it| (measured(&it.report, input.objective.name()), it)));
    let (objective, trial) = found.ok_or_else(|| {
        let name = input.objective.name();
        Fault::input(format_args!("`{name}` is undefined in all of {count} trials: none can be chosen"))
    })?;
    Ok(Selected { params: trial.params, report: trial.report, objective, trials: count })
}

/// Returns what has the best objective; of equal ones the first, and none whose objective is undefined.
pub(super) fn best<T>(objective: Objective, tried: impl IntoIterator<Item = (Option<f64>, T)>) -> Option<(f64, T)> {
    let better = |value: f64, than: f64| if objective.wants_less() { value < than } else { value > than };
    let defined = tried.into_iter().filter_map(|(value, it)| Some((value?, it)));
    defined.reduce(|best, it| if better(it.0, best.0) { it } else { best })
}

/// Returns a metric of a report, none where it is undefined there.
pub(super) fn measured(report: &BacktestReport, name: &str) -> Option<f64> {
    report.measured(name).and_then(|it| f64::try_from(it.value.ok()?).ok())
}
