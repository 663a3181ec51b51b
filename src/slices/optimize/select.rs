//! `optimize.select_best`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    market::{BacktestReport, MEASURES},
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
    /// Which metric of a report decides; more is better in all but `volatility` and `turnover`.
    #[serde(default = "sharpe")]
    objective: String,
}

pub(super) fn sharpe() -> String {
    "sharpe".into()
}

pub(super) fn select_best(_: Pure, input: SelectBest) -> Result<Selected, Fault> {
    let count = input.trials.len();
    let lower = less_is_better(&input.objective);
    let mut best: Option<(f64, Trial)> = None;
    for trial in input.trials {
        let Some(value) = objective(&trial.report, &input.objective)? else { continue };
        let better = |than: f64| if lower { value < than } else { value > than };
        if best.as_ref().is_none_or(|it| better(it.0)) {
            best = Some((value, trial));
        }
    }
    let (objective, trial) = best.ok_or_else(|| {
        Fault::input(format_args!("`{}` is undefined in all of {count} trials: none can be chosen", input.objective))
    })?;
    Ok(Selected { params: trial.params, report: trial.report, objective, trials: count })
}

fn less_is_better(objective: &str) -> bool {
    ["volatility", "turnover"].contains(&objective)
}

/// Returns a metric of a report, none where it is undefined there.
///
/// # Errors
/// A name that no metric has: the message says the one that was meant, or all.
pub(super) fn objective(report: &BacktestReport, name: &str) -> Result<Option<f64>, Fault> {
    if let Some(measured) = report.measured(name) {
        return Ok(measured.value.ok().and_then(|it| f64::try_from(it).ok()));
    }
    let near = MEASURES.iter().map(|it| (strsim::damerau_levenshtein(it.name, name), it.name)).min();
    Err(Fault::input(match near {
        Some((distance, near)) if distance <= 2 => format!("`{name}` is no metric; did you mean `{near}`?"),
        _ => {
            let names: Vec<_> = MEASURES.iter().map(|it| it.name).collect();
            format!("`{name}` is no metric; there are {}", names.join(", "))
        }
    }))
}
