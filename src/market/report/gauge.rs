//! The metrics of a backtest whose report nobody asks for: a search wants one or two of each of thousands of trials.

use std::cell::OnceCell;

use super::{
    Assumptions, BacktestReportData, Measured,
    figures::of_found,
    measures::{Measure, MeasureGroup},
    report,
};
use crate::market::{
    Exact, Outcome,
    metrics::{Basis, Metric, distribution, performance},
};

/// What a backtest came to, measured as its report would, which is made only for metrics that need more than equity.
pub struct Gauge<'a> {
    outcome: &'a Outcome,
    made: &'a Assumptions<'a>,
    curve: Vec<f64>,
    basis: Basis,
    performance: Vec<Metric>,
    report: OnceCell<BacktestReportData>,
}

impl<'a> Gauge<'a> {
    /// Returns the gauge of what a backtest came to.
    pub fn new(outcome: &'a Outcome, made: &'a Assumptions<'a>) -> Self {
        let basis = made.basis();
        let curve = curve_of(outcome.book.account().capital, &outcome.equity);
        Self { outcome, made, performance: performance(&curve, &basis), curve, basis, report: OnceCell::new() }
    }

    /// Returns a metric to 8 decimals, none where it is undefined.
    pub fn measured(&self, measure: &'static Measure) -> Option<f64> {
        let of = |found: &[Metric]| of_found(measure, found);
        let measured = match (measure.group, measure.name) {
            (_, "closed_trades") => return Some(self.trades() as f64),
            (MeasureGroup::Performance, _) => of(&self.performance),
            (MeasureGroup::Distribution, _) => of(&distribution(&self.curve, &self.basis)),
            _ => *self.report.get_or_init(|| report(self.outcome, self.made)).measured(measure.name)?,
        };
        measured.float()
    }

    /// Returns how many trades were closed.
    pub fn trades(&self) -> usize {
        self.outcome.book.trips().len()
    }

    /// Returns what the account was worth before its first bar's orders and at each close.
    pub fn curve(&self) -> &[f64] {
        &self.curve
    }
}

impl Measured {
    /// Returns its value as a float, none where it is undefined.
    pub fn float(&self) -> Option<f64> {
        f64::try_from(self.value.ok()?).ok()
    }
}

/// At its first close an account has its capital; only an order that filled at that very close shows before it.
pub(super) fn capital_before(capital: Exact, equity: &[Exact]) -> Option<Exact> {
    equity.first().filter(|it| **it != capital).map(|_| capital)
}

/// Returns what an account was worth before its first bar's orders and at each close.
pub(super) fn curve_of(capital: Exact, equity: &[Exact]) -> Vec<f64> {
    capital_before(capital, equity).iter().chain(equity).map(|it| it.float()).collect()
}
