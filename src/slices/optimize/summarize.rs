//! `optimize.summarize`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{
    deflated::{Deflated, deflated},
    search::How,
    select::measured as value_of,
};
use crate::{
    market::{BacktestReport, Objective, metrics},
    slice::{Fault, Pure},
    value::{DateRange, Detail, Domain, Nominal, Shared, Value},
};

/// What a walk-forward came to, out of sample only.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct OptimizationReport {
    /// Which metric decided in each fold.
    objective: String,
    /// How many trials there were in all folds together.
    trials: usize,
    /// The return of the joined folds.
    total_return: Option<f64>,
    /// Compound growth a year of the joined folds.
    cagr: Option<f64>,
    /// Mean over standard deviation (ddof 1) of the joined returns, a year.
    sharpe: Option<f64>,
    /// Mean over downside deviation of the joined returns, a year.
    sortino: Option<f64>,
    /// The furthest that the joined equity fell: a negative share.
    max_drawdown: Option<f64>,
    /// The probability, from 0 to 1, that the true Sharpe ratio is above what the best of so many worthless trials would
    /// show (Bailey and López de Prado, 2014); the variance of the trials is taken to be that of the estimate.
    deflated_sharpe: Option<f64>,
    /// The Sharpe ratio, a year, that the best of so many worthless trials would show.
    expected_max_sharpe: Option<f64>,
    /// In what share of the folds the test earned something.
    profitable_folds: Option<f64>,
    /// How the sets of parameters were found, where that is known.
    search: Option<How>,
    /// The mean of the objectives with which the parameters were chosen, where they are known.
    in_sample: Option<f64>,
    /// The mean of the objectives of the tests.
    out_of_sample: Option<f64>,
    /// How likely a choice was to be overfitted, from 0 to 1: the mean of the folds where it is known.
    overfitting: Option<f64>,
    /// One row for each fold, by time.
    folds: Vec<FoldRow>,
    /// How steady each parameter was from fold to fold.
    parameters: Vec<Stability>,
    /// The equity of the joined folds, 1 at the start, at the close of each bar.
    equity: Vec<EquityPoint>,
}

/// What one fold came to.
#[derive(Clone, Debug, Serialize, JsonSchema)]
struct FoldRow {
    /// The days that the parameters were chosen on.
    train: DateRange,
    /// The days that they were tested on.
    test: DateRange,
    /// What was chosen; none where nothing could be.
    #[schemars(with = "serde_json::Value")]
    params: Value,
    /// The objective with which it was chosen, where that is known.
    in_sample: Option<f64>,
    /// The objective in the test.
    objective: Option<f64>,
    /// The return in the test.
    total_return: Option<f64>,
    /// The furthest that equity fell in the test: a negative share.
    max_drawdown: Option<f64>,
    /// How many trades were closed in the test.
    trades: usize,
    /// Among how many trials the parameters were chosen.
    trials: usize,
    /// How likely the choice was to be overfitted, from 0 to 1, where that is known.
    overfitting: Option<f64>,
}

/// How steady a parameter was.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
struct Stability {
    /// The parameter.
    name: String,
    /// What was chosen in each fold.
    values: Vec<String>,
    /// How many different values were chosen.
    distinct: usize,
    /// How often it changed from one fold to the next.
    changes: usize,
}

/// What the joined account was worth.
#[derive(Clone, Debug, Serialize, JsonSchema)]
struct EquityPoint {
    /// The time of the bar, ISO 8601.
    time: String,
    /// Equity, 1 at the start.
    equity: f64,
}

/// A fold of a walk-forward and what it came to.
#[derive(Deserialize, JsonSchema)]
#[expect(clippy::struct_field_names, reason = "it is what files call it")]
pub(super) struct Fold {
    /// When it was trained and tested.
    pub fold: Windows,
    /// What was chosen in the training window.
    #[serde(default)]
    #[schemars(with = "Option<serde_json::Value>")]
    pub params: Value,
    /// What that came to in the test window.
    pub report: BacktestReport,
    /// Among how many trials it was chosen.
    pub trials: usize,
    /// The objective with which it was chosen.
    pub in_sample: Option<f64>,
    /// How likely the choice was to be overfitted, from 0 to 1.
    pub overfitting: Option<f64>,
}

/// The windows of a fold.
#[derive(Deserialize, JsonSchema)]
pub(super) struct Windows {
    /// The days of training.
    pub train: DateRange,
    /// The days of testing.
    pub test: DateRange,
}

/// Returns what a walk-forward came to: its tests joined into one equity curve with its metrics, the folds in a table, all
/// trials counted, the Sharpe ratio deflated by them, and how steady the parameters were.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Summarize {
    /// The folds.
    folds: Vec<Fold>,
    /// Which metric decided in each fold.
    #[serde(default)]
    objective: Objective,
}

pub(super) fn summarize(_: Pure, input: Summarize) -> Result<Shared<OptimizationReport>, Fault> {
    joined(input.folds, input.objective, None)
}

/// Returns what folds came to together.
///
/// # Errors
/// No folds, or such whose joined result would be no walk-forward.
pub(super) fn joined(
    mut folds: Vec<Fold>,
    objective: Objective,
    search: Option<How>,
) -> Result<Shared<OptimizationReport>, Fault> {
    folds.sort_by_key(|it| it.fold.test.start);
    check(&folds)?;
    let trials = folds.iter().map(|it| it.trials).sum();
    let mut curve = vec![1.0];
    let mut returns = Vec::new();
    let mut equity = Vec::new();
    let mut rows = Vec::new();
    for fold in &folds {
        let own = fold.report.returns();
        let mut worth = curve.last().copied().unwrap_or(1.0);
        for it in &own {
            worth *= 1.0 + it;
            curve.push(worth);
        }
        // A curve may have a point before its first close; the times are those of closes.
        let closes = curve.iter().skip(curve.len().saturating_sub(fold.report.times.len()));
        let point =
            |(time, equity): (&i64, &f64)| EquityPoint { time: crate::market::time_text(*time), equity: *equity };
        equity.extend(fold.report.times.iter().zip(closes).map(point));
        returns.extend(own);
        rows.push(FoldRow {
            train: fold.fold.train,
            test: fold.fold.test,
            params: fold.params.clone(),
            in_sample: fold.in_sample,
            objective: value_of(&fold.report, objective.name()),
            total_return: value_of(&fold.report, "total_return"),
            max_drawdown: value_of(&fold.report, "max_drawdown"),
            trades: fold.report.trades.len(),
            trials: fold.trials,
            overfitting: fold.overfitting,
        });
    }
    let basis = metrics::Basis::of(timeframe(&folds));
    let measured = metrics::of_equity(&curve, &basis);
    let metric = |name| metrics::value_of(&measured, name);
    let skill = deflated(&returns, trials, None);
    let won = rows.iter().filter(|it| it.total_return.is_some_and(|it| it > 0.0)).count();
    Ok(OptimizationReport {
        objective: objective.name().to_owned(),
        trials,
        total_return: metric("total_return"),
        cagr: metric("cagr"),
        sharpe: metric("sharpe"),
        sortino: metric("sortino"),
        max_drawdown: metric("max_drawdown"),
        deflated_sharpe: skill.map(|it: Deflated| it.probability),
        expected_max_sharpe: skill.map(|it| it.benchmark * basis.periods.sqrt()),
        search,
        in_sample: mean(rows.iter().map(|it| it.in_sample)),
        out_of_sample: mean(rows.iter().map(|it| it.objective)),
        overfitting: mean(rows.iter().map(|it| it.overfitting)),
        profitable_folds: (!rows.is_empty()).then(|| won as f64 / rows.len() as f64),
        parameters: stability(&rows),
        folds: rows,
        equity,
    }
    .into())
}

/// Returns the mean of what is known.
fn mean(values: impl Iterator<Item = Option<f64>>) -> Option<f64> {
    let known: Vec<f64> = values.flatten().collect();
    (!known.is_empty()).then(|| known.iter().sum::<f64>() / known.len() as f64)
}

/// Refuses folds whose joined result would be no walk-forward: a test that overlaps its own training or another test.
fn check(folds: &[Fold]) -> Result<(), Fault> {
    if folds.is_empty() {
        return Err(Fault::input("`folds` is empty: there is nothing to sum up"));
    }
    for fold in folds {
        let Windows { train, test } = &fold.fold;
        if test.start <= train.end && train.start <= test.end {
            return Err(Fault::input(format_args!("the test {test} overlaps its training {train}")));
        }
        if fold.report.start < test.start || fold.report.end > test.end {
            let (start, end) = (fold.report.start, fold.report.end);
            return Err(Fault::input(format_args!("the report of {start}..{end} is not within its test {test}")));
        }
    }
    for pair in folds.windows(2) {
        if let [a, b] = pair
            && b.fold.test.start <= a.fold.test.end
        {
            return Err(Fault::input(format_args!("the tests {} and {} overlap", a.fold.test, b.fold.test)));
        }
    }
    Ok(())
}

/// Returns the usual distance of two bars: the median.
fn timeframe(folds: &[Fold]) -> crate::value::Duration {
    let mut gaps: Vec<i64> = folds
        .iter()
        .flat_map(|it| it.report.times.windows(2))
        .filter_map(|it| Some(it.last()? - it.first()?))
        .collect();
    gaps.sort_unstable();
    gaps.get(gaps.len() / 2).map_or(crate::value::Duration::DAY, |it| crate::value::Duration(it * 1_000))
}

fn stability(rows: &[FoldRow]) -> Vec<Stability> {
    let named = |it: &FoldRow| if let Value::Record(it) = &it.params { Some(it.clone()) } else { None };
    let Some(first) = rows.iter().find_map(named) else { return Vec::new() };
    let of = |name: &str| {
        let values: Vec<String> = rows.iter().filter_map(|it| Some(it.params.field(name)?.to_string())).collect();
        let mut distinct = values.clone();
        distinct.sort_unstable();
        distinct.dedup();
        let changes = values.iter().zip(values.iter().skip(1)).filter(|(a, b)| a != b).count();
        Stability { name: name.into(), distinct: distinct.len(), changes, values }
    };
    first.iter().map(|(name, _)| of(name)).collect()
}

impl Domain for OptimizationReport {
    fn name(&self) -> &'static str {
        Self::NAME
    }
    fn field(&self, name: &str) -> Option<Value> {
        Value::of(self).ok()?.field(name)
    }
    fn to_json(&self, detail: Detail) -> serde_json::Value {
        let mut shown = Value::of(self).map_or(serde_json::Value::Null, |it| it.to_json(detail));
        if let (Detail::Summary, Some(fields)) = (detail, shown.as_object_mut()) {
            let (count, last) = (self.equity.len(), self.equity.last().map(|it| it.equity));
            fields.insert("equity".into(), json!({ "count": count, "last": last }));
        }
        shown
    }
    fn encode(&self) -> Vec<u8> {
        crate::value::encode_record(self)
    }
}

impl Nominal for OptimizationReport {
    const NAME: &'static str = "OptimizationReport";
}
