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
    let lower = input.objective.wants_less();
    let mut best: Option<(f64, Trial)> = None;
    for trial in input.trials {
        let Some(value) = measured(&trial.report, input.objective.name()) else { continue };
        let better = |than: f64| if lower { value < than } else { value > than };
        if best.as_ref().is_none_or(|it| better(it.0)) {
            best = Some((value, trial));
        }
    }
    let (objective, trial) = best.ok_or_else(|| {
        let name = input.objective.name();
        Fault::input(format_args!("`{name}` is undefined in all of {count} trials: none can be chosen"))
    })?;
    Ok(Selected { params: trial.params, report: trial.report, objective, trials: count })
}

/// Returns a metric of a report, none where it is undefined there.
pub(super) fn measured(report: &BacktestReport, name: &str) -> Option<f64> {
    report.measured(name).and_then(|it| f64::try_from(it.value.ok()?).ok())
}
