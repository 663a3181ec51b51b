//! What a result was worth: return, risk and trades; a figure without a value has a reason.
//!
//! `r[t] = E[t] / E[t-1] - 1` over the equity E, the first value included; A is the number of periods a year. What each
//! figure is, by which formula and convention, stands in the table of `market::report`.

mod bootstrap;
mod calendar;
mod distribution;
mod drawdown;
mod normal;
mod overfitting;
mod performance;
mod relative;
mod rolling;
mod trades;

pub use bootstrap::{Interval, intervals};
pub use calendar::{Span, by, calendar};
pub use distribution::distribution;
pub use drawdown::{Fall, drawdowns, falls};
pub use normal::{normal, quantile};
pub use overfitting::{Overfitting, Sums, edges, overfitting, parts};
pub use performance::performance;
pub use relative::relative;
pub use rolling::{Rolling, rolling};
pub use trades::{Activity, TradeResult, of_trades};

use crate::value::Duration;

/// Why a figure is undefined.
pub type Undefined = &'static str;

/// One figure of a result.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Metric {
    /// What it is called.
    pub name: &'static str,
    /// Its value, or why it has none.
    pub value: Result<f64, Undefined>,
}

/// On what basis figures a year are computed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Basis {
    /// How many periods a year has.
    pub periods: f64,
    /// The risk-free return of a period, which the Sharpe ratio takes off.
    pub risk_free: f64,
    /// The least acceptable return of a period, below which the Sortino and the Omega ratio see a loss.
    pub target: f64,
}

/// Trading days of a year.
const DAYS: f64 = 252.0;
/// Hours of a trading session.
const SESSION: f64 = 6.5;
/// A spread smaller than this share of the mean is a rounding.
const ROUNDING: f64 = 1e-10;
const NO_RETURNS: Undefined = "there are no returns";
const FEW: Undefined = "there are fewer than two periods";
const RUIN: Undefined = "the equity is not above 0 throughout";
const NO_FALL: Undefined = "there is no drawdown";

impl Basis {
    /// Returns the basis of bars of this length: 252 days of 6.5 hours a year, no risk-free return, target 0.
    pub fn of(timeframe: Duration) -> Self {
        let days = timeframe.0.max(1) as f64 / Duration::DAY.0 as f64;
        let periods = if days < 1.0 {
            DAYS * (SESSION / (days * 24.0)).max(1.0)
        } else if days < 7.0 {
            DAYS / days
        } else {
            (365.25 / days).round().max(1.0)
        };
        Self { periods, risk_free: 0.0, target: 0.0 }
    }

    /// Returns what growth over so many periods is a year, less 1.
    fn annual(&self, growth: f64, periods: f64) -> f64 {
        growth.powf(self.periods / periods) - 1.0
    }

    /// Returns the risk-free return a year, compounded.
    fn risk_free_year(&self) -> f64 {
        (1.0 + self.risk_free).powf(self.periods) - 1.0
    }
}

impl Metric {
    /// Returns a figure, or the reason for which it is undefined; what is not finite is undefined.
    pub fn new(name: &'static str, value: Result<f64, Undefined>) -> Self {
        let value = value.and_then(|it| if it.is_finite() { Ok(it) } else { Err("it is not finite") });
        Self { name, value }
    }
}

/// Returns the value of the metric of this name, where it is there and defined.
pub fn value_of(metrics: &[Metric], name: &str) -> Option<f64> {
    metrics.iter().find(|it| it.name == name)?.value.ok()
}

/// Returns the figures of an equity curve, its starting capital first: [`performance`] and [`distribution`].
pub fn of_equity(equity: &[f64], basis: &Basis) -> Vec<Metric> {
    performance(equity, basis).into_iter().chain(distribution(equity, basis)).collect()
}

/// Returns the return of each period.
pub fn returns_of(equity: &[f64]) -> Vec<f64> {
    steps(equity).collect()
}

fn steps(equity: &[f64]) -> impl Iterator<Item = f64> {
    equity.iter().zip(equity.iter().skip(1)).map(|(old, new)| new / old - 1.0)
}

/// Returns figures by name, all of them undefined where there is a problem with the equity itself.
fn figures<const N: usize>(
    problem: Option<Undefined>,
    all: [(&'static str, Result<f64, Undefined>); N],
) -> Vec<Metric> {
    all.into_iter().map(|(name, value)| Metric::new(name, problem.map_or(value, Err))).collect()
}

/// Says what is wrong with an equity curve, where something is.
fn problem(equity: &[f64]) -> Option<Undefined> {
    let sound = equity.iter().all(|it| it.is_finite() && *it > 0.0);
    if equity.len() < 2 { Some(NO_RETURNS) } else { (!sound).then_some(RUIN) }
}

fn over(it: f64, by: f64, reason: Undefined) -> Result<f64, Undefined> {
    if by > 0.0 { Ok(it / by) } else { Err(reason) }
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

/// Returns the standard deviation (ddof 1).
fn deviation(values: &[f64]) -> f64 {
    let mean = mean(values);
    (values.iter().map(|it| (it - mean).powi(2)).sum::<f64>() / (values.len() as f64 - 1.0)).sqrt()
}
