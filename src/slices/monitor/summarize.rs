//! `monitor.summarize`.

use rust_decimal::Decimal;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    market::BacktestReport,
    records,
    slice::{Fault, Pure},
    value::{Money, Percent, Shared, Symbol},
};

/// What several backtests came to.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Summary {
    /// How many backtests there were.
    count: usize,
    /// How many of them earned something.
    profitable: usize,
    /// How many trades they closed together.
    trades: usize,
    /// The mean of their total returns.
    mean_return: Option<Percent>,
    /// The median of their total returns.
    median_return: Option<Percent>,
    /// The mean of their Sharpe ratios, of those that have one.
    mean_sharpe: Option<f64>,
    /// The deepest of their drawdowns: a negative share.
    worst_drawdown: Option<Percent>,
    /// Every commission paid; none where the currencies differ.
    fees: Option<Money>,
    /// The row of the greatest total return.
    best: Option<Row>,
    /// The row of the least total return.
    worst: Option<Row>,
    /// One row for each backtest, in their order.
    reports: Vec<Row>,
}

records!(Summary);

/// What one backtest came to.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
struct Row {
    /// What was traded, separated by commas.
    symbols: String,
    /// What was tested.
    strategy: String,
    /// Final equity over capital, less 1.
    total_return: Option<Percent>,
    /// Mean over standard deviation of the returns, a year.
    sharpe: Option<f64>,
    /// The furthest that equity fell below its highest so far: a negative share.
    max_drawdown: Option<Percent>,
    /// How many trades were closed.
    trades: usize,
    /// What the account was worth at the last close.
    final_equity: Money,
}

/// Returns a summary of backtests: a row for each, and what they come to together.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Summarize {
    /// The backtests.
    reports: Vec<BacktestReport>,
}

pub(super) fn summarize(_: Pure, input: Summarize) -> Result<Shared<Summary>, Fault> {
    let rows: Vec<Row> = input.reports.iter().map(row).collect();
    let mut returns: Vec<(Decimal, &Row)> = rows.iter().filter_map(|it| Some((it.total_return?.0, it))).collect();
    returns.sort_by_key(|it| it.0);
    let share = |it: Decimal| Percent(it.round_dp(8).normalize());
    let mean = |of: &[Decimal]| of.iter().sum::<Decimal>().checked_div(Decimal::from(of.len()));
    let sorted: Vec<Decimal> = returns.iter().map(|it| it.0).collect();
    let sharpes: Vec<f64> = rows.iter().filter_map(|it| it.sharpe).collect();
    let summary = Summary {
        count: rows.len(),
        profitable: sorted.iter().filter(|it| **it > Decimal::ZERO).count(),
        trades: rows.iter().map(|it| it.trades).sum(),
        mean_return: mean(&sorted).map(share),
        median_return: median(&sorted).map(share),
        mean_sharpe: (!sharpes.is_empty()).then(|| sharpes.iter().sum::<f64>() / sharpes.len() as f64),
        worst_drawdown: rows.iter().filter_map(|it| it.max_drawdown).min(),
        fees: fees(&input.reports),
        best: returns.last().map(|it| it.1.clone()),
        worst: returns.first().map(|it| it.1.clone()),
        reports: rows.clone(),
    };
    Ok(summary.into())
}

fn row(of: &BacktestReport) -> Row {
    let percent = |name: &str| of.measured(name).and_then(|it| it.value.ok()).map(Percent);
    let symbols: Vec<&str> = of.symbols.iter().map(Symbol::as_str).collect();
    Row {
        symbols: symbols.join(", "),
        strategy: of.strategy.clone(),
        total_return: percent("total_return"),
        sharpe: of.measured("sharpe").and_then(|it| it.value.ok()).and_then(|it| f64::try_from(it).ok()),
        max_drawdown: percent("max_drawdown"),
        trades: of.trades.len(),
        final_equity: of.final_equity,
    }
}

fn median(sorted: &[Decimal]) -> Option<Decimal> {
    let half = sorted.len() / 2;
    let upper = *sorted.get(half)?;
    let lower = if sorted.len().is_multiple_of(2) { *sorted.get(half - 1)? } else { upper };
    Some((lower + upper) / Decimal::TWO)
}

fn fees(of: &[BacktestReport]) -> Option<Money> {
    let currency = of.first()?.fees.currency;
    let same = of.iter().all(|it| it.fees.currency == currency);
    same.then(|| Money::new(of.iter().map(|it| it.fees.amount).sum::<Decimal>(), currency))
}
