//! Backtests of strategies and of portfolios.

mod execute;
mod portfolio;
mod sensitivity;
mod terms;
mod together;

pub(super) use execute::{Decider, Execute, execute};
pub(super) use terms::{Terms, lot};

use crate::{
    market::{BacktestReportData, TargetSeries},
    slice::{Role, Slice},
};

/// Returns the slice `backtest`.
pub fn slice() -> Slice {
    Slice::new("backtest", "Decisions replayed over past bars, with fills, costs, limits and exact accounts.")
        .domain::<BacktestReportData>()
        .domain::<TargetSeries>()
        .compute("execute", execute::execute)
        .alias("run")
        .role(Role::Decides { strategy: "strategy", bars: "bars" })
        .compute("portfolio", portfolio::portfolio)
        .compute("sensitivity", sensitivity::sensitivity)
        .role(Role::Decides { strategy: "strategy", bars: "bars" })
        .compute("together", together::together)
}
