//! What the detector sees at each bar, from bars up to it.

use super::hmm::Observation;

/// The decay of the exponentially weighted variance, as `RiskMetrics` has it for daily returns.
const DECAY: f64 = 0.94;
/// How many returns seed that variance.
const SEED: usize = 21;
/// Over how many bars the trend is read.
pub(super) const TREND: usize = 63;
/// The least volatility that is told from none: prices that never move have a logarithm all the same.
const QUIET: f64 = 1e-6;

/// What the detector sees of bars. Column entries are for the bars from `FIRST` on.
pub(super) struct Features {
    /// Log returns, from that of the second bar on.
    pub returns: Vec<f64>,
    /// Return and log-volatility, for the model.
    pub seen: Vec<Observation>,
    /// The return of the last 63 bars in units of its own standard deviation, for the rules.
    pub trend: Vec<f64>,
}

/// The first bar at which there is anything to see.
pub(super) const FIRST: usize = TREND;

impl Features {
    /// Reads the closes, which are positive.
    pub(super) fn of(close: &[f64]) -> Self {
        let logs: Vec<f64> = close.iter().map(|it| it.ln()).collect();
        let returns: Vec<f64> =
            logs.windows(2).map(|it| it.last().zip(it.first()).map_or(0.0, |(b, a)| b - a)).collect();
        let mut variance = returns.iter().take(SEED).map(|it| it * it).sum::<f64>() / SEED as f64;
        let volatility: Vec<f64> = returns
            .iter()
            .enumerate()
            .map(|(at, it)| {
                if at >= SEED {
                    variance = DECAY * variance + (1.0 - DECAY) * it * it;
                }
                variance.sqrt().max(QUIET)
            })
            .collect();
        // Return `i` is that of bar `i + 1`.
        let seen =
            returns.iter().zip(&volatility).skip(FIRST - 1).map(|(change, sigma)| [*change, sigma.ln()]).collect();
        let trend = returns
            .windows(TREND)
            .map(|window| {
                let squares: f64 = window.iter().map(|it| it * it).sum();
                window.iter().sum::<f64>() / squares.sqrt().max(QUIET)
            })
            .collect();
        Self { returns, seen, trend }
    }
}
