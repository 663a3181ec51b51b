//! Figures of a window that moves along.

use super::{Basis, ROUNDING};

/// What the returns of the last so many periods were worth, at each period from the first whole window on.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Rolling {
    /// The Sharpe ratio a year; none where the returns of the window do not vary.
    pub sharpe: Vec<Option<f64>>,
    /// The volatility a year.
    pub volatility: Vec<f64>,
    /// The beta to the benchmark; none where that does not vary.
    pub beta: Vec<Option<f64>>,
}

/// Returns the figures of each window of so many returns, and of the benchmark's over the same periods.
///
/// Sums run along and are taken anew every window, so that roundings do not grow.
pub fn rolling(returns: &[f64], benchmark: &[f64], window: usize, basis: &Basis) -> Rolling {
    let mut found = Rolling::default();
    let n = window as f64;
    if window < 2 {
        return found;
    }
    let windows = returns.windows(window).zip(benchmark.windows(window));
    let mut sums = Sums::default();
    for (at, (own, its)) in windows.enumerate() {
        if at % window == 0 {
            sums = Sums::default();
            own.iter().zip(its).for_each(|it| sums.add(it, 1.0));
        } else if let (Some(new), Some(newer)) = (own.last(), its.last()) {
            sums.add((new, newer), 1.0);
        }
        let spread = |squares: f64, sum: f64| (squares - sum * sum / n).max(0.0);
        let (own_spread, its_spread) = (spread(sums.own_squares, sums.own), spread(sums.its_squares, sums.its));
        let (mean, deviation) = (sums.own / n, (own_spread / (n - 1.0)).sqrt());
        // A spread that is lost in the roundings of its sums is none.
        let varies = |spread: f64, squares: f64| spread > squares * ROUNDING;
        let sharpe = (mean - basis.risk_free) / deviation * basis.periods.sqrt();
        found.sharpe.push(varies(own_spread, sums.own_squares).then_some(sharpe));
        found.volatility.push(deviation * basis.periods.sqrt());
        let beta = (sums.both - sums.own * sums.its / n) / its_spread;
        found.beta.push(varies(its_spread, sums.its_squares).then_some(beta));
        if let (Some(old), Some(older)) = (own.first(), its.first()) {
            sums.add((old, older), -1.0);
        }
    }
    found
}

#[derive(Default)]
struct Sums {
    own: f64,
    own_squares: f64,
    its: f64,
    its_squares: f64,
    both: f64,
}

impl Sums {
    fn add(&mut self, (own, its): (&f64, &f64), sign: f64) {
        self.own += sign * own;
        self.own_squares += sign * own * own;
        self.its += sign * its;
        self.its_squares += sign * its * its;
        self.both += sign * own * its;
    }
}
