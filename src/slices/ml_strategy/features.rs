//! What the model sees of the market and of each candidate at a bar, from bars up to it.

use crate::{
    market::{
        BarSeries, Patterns, Regime, bar_in_force,
        indicators::{Inputs, adx, rsi},
    },
    strategy::Record,
};

/// The first bar with every feature: the longest window looks so many bars back.
pub(super) const FIRST: usize = 126;
/// The windows over which returns are taken.
const WINDOWS: [usize; 4] = [5, 21, 63, FIRST];
/// The period of RSI and ADX, and how many bars of patterns are weighed up.
const PERIOD: usize = 14;
const PATTERNS: usize = 10;

/// What a model sees of a candidate at a bar, in this order, each with what it is: the names of a user's own model, too.
pub(super) const FEATURES: [(&str, &str); 24] = [
    ("return_5", "log return of 5 bars over its usual size: that of `volatility` times the root of 5"),
    ("return_21", "the same of 21 bars"),
    ("return_63", "the same of 63 bars"),
    ("return_126", "the same of 126 bars"),
    ("volatility", "logarithm of the root mean square of the log returns of 126 bars"),
    ("volatility_change", "logarithm of the same of 21 bars, less `volatility`"),
    ("rsi", "relative strength index of 14 bars, 0 to 100"),
    ("adx", "average directional index of 14 bars, 0 to 100"),
    ("from_mean", "logarithm of the close over its mean of 50 bars, over the volatility of a bar"),
    ("from_high", "logarithm of the close over the highest close of 126 bars, over the volatility of a bar"),
    ("persistence", "first autocorrelation of the log returns of 63 bars"),
    ("bull", "probability of a bull market"),
    ("bear", "probability of a bear market"),
    ("sideways", "probability of a market without a direction"),
    ("crisis", "probability of a crisis"),
    ("change", "probability that the market has changed within 21 bars"),
    ("patterns", "strengths of the patterns of the last 10 bars, those that point down counted negative"),
    ("own_return_21", "what the candidate's trades made in 21 bars, as `return_21`, costs taken off"),
    ("own_return_63", "the same of 63 bars"),
    ("own_return_126", "the same of 126 bars"),
    ("exposure", "mean of what the candidate held over 63 bars: 1 long, -1 short, 0 nothing"),
    ("held", "what the candidate holds now"),
    ("wins", "share of the windows so far in which it beat the median candidate, as if it had won 3 of 6 before"),
    ("recent_wins", "the same of the last 6 windows"),
];

/// What there is to see of the market: columns over bars.
pub(super) struct Market<'a> {
    bars: &'a BarSeries,
    regime: &'a Regime,
    patterns: Option<&'a Patterns>,
    /// Log returns, the first of them zero.
    returns: Vec<f64>,
    rsi: Vec<f64>,
    adx: Vec<f64>,
}

impl<'a> Market<'a> {
    pub(super) fn new(bars: &'a BarSeries, regime: &'a Regime, patterns: Option<&'a Patterns>) -> Self {
        let changes = bars.close.iter().zip(bars.close.iter().skip(1)).map(|(a, b)| (b / a).ln());
        let returns = std::iter::once(0.0).chain(changes).map(|it| if it.is_finite() { it } else { 0.0 }).collect();
        Self { bars, regime, patterns, returns, rsi: rsi(&bars.close, PERIOD), adx: adx(&Inputs::of(bars), PERIOD) }
    }

    /// Returns the volatility of the last bars up to `bar`, per bar.
    fn volatility(&self, bar: usize, window: usize) -> f64 {
        let recent = last(&self.returns, bar, window);
        (recent.iter().map(|it| it * it).sum::<f64>() / recent.len().max(1) as f64).sqrt().max(1e-6)
    }

    /// Returns what the model sees of the market at a bar.
    pub(super) fn at(&self, bar: usize) -> Vec<f64> {
        let at = |of: &[f64]| of.get(bar).copied().filter(|it| it.is_finite()).unwrap_or_default();
        let (fast, slow) = (self.volatility(bar, WINDOWS[1]), self.volatility(bar, FIRST));
        let mut row: Vec<f64> = WINDOWS
            .into_iter()
            .map(|it| last(&self.returns, bar, it).iter().sum::<f64>() / (slow * (it as f64).sqrt()))
            .collect();
        let closes = last(&self.bars.close, bar, FIRST);
        let top = closes.iter().copied().fold(f64::MIN_POSITIVE, f64::max);
        let mean = closes.iter().rev().take(50).sum::<f64>() / 50.0;
        let close = at(&self.bars.close).max(f64::MIN_POSITIVE);
        row.extend([
            slow.ln(),
            (fast / slow).ln(),
            at(&self.rsi),
            at(&self.adx),
            (close / mean).ln() / slow,
            (close / top).ln() / slow,
            persistence(last(&self.returns, bar, WINDOWS[2])),
        ]);
        let regime = bar_in_force(self.regime.bars.as_deref(), self.bars, bar).and_then(|it| self.regime.at(it));
        row.extend(regime.map_or([0.25; 4], |it| it.probabilities));
        row.push(regime.and_then(|it| it.change).map_or(0.0, |it| it.probability));
        let patterns =
            self.patterns.and_then(|it| Some(it.balance(bar_in_force(Some(&it.bars), self.bars, bar)?, PATTERNS)));
        row.push(patterns.unwrap_or_default());
        row
    }

    /// Returns what the model sees of a candidate at a bar: its trailing returns in units of the market's volatility, how
    /// much it held, what it holds now, and what its windows so far came to.
    pub(super) fn of_candidate(&self, bar: usize, record: &Record, outcomes: &[f64]) -> Vec<f64> {
        let slow = self.volatility(bar, FIRST);
        let trailing = WINDOWS
            .iter()
            .skip(1)
            .map(|it| last(&record.returns, bar, *it).iter().sum::<f64>() / (slow * (*it as f64).sqrt()));
        let held = last(&record.held, bar, WINDOWS[2]);
        let exposure = held.iter().sum::<f64>() / held.len().max(1) as f64;
        let shrunk = |of: &[f64]| (of.iter().sum::<f64>() + 3.0) / (of.len() as f64 + 6.0);
        let recent = outcomes.get(outcomes.len().saturating_sub(6)..).unwrap_or_default();
        let own = [exposure, held.last().copied().unwrap_or_default(), shrunk(outcomes), shrunk(recent)];
        trailing.chain(own).collect()
    }
}

/// Returns the last `window` entries up to `bar`.
fn last(of: &[f64], bar: usize, window: usize) -> &[f64] {
    let end = (bar + 1).min(of.len());
    of.get(end.saturating_sub(window)..end).unwrap_or_default()
}

/// Returns the first autocorrelation: whether moves go on or turn back.
fn persistence(returns: &[f64]) -> f64 {
    let mean = returns.iter().sum::<f64>() / returns.len().max(1) as f64;
    let pairs: f64 = returns.iter().zip(returns.iter().skip(1)).map(|(a, b)| (a - mean) * (b - mean)).sum();
    let own: f64 = returns.iter().map(|it| (it - mean).powi(2)).sum();
    if own > 0.0 { pairs / own } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::FEATURES;

    #[test]
    fn the_manual_lists_every_feature_in_its_order() {
        let table: String = FEATURES.iter().map(|(name, what)| format!("| `{name}` | {what} |\n")).collect();
        let manual = include_str!("../../../docs/models.md");
        assert!(manual.contains(&format!("|---|---|\n{table}\n")), "docs/models.md is not current, wanted:\n{table}");
    }
}
