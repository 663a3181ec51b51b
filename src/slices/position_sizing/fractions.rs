//! The share of equity that each method would hold at each bar, from bars up to it.

use crate::market::{
    BarSeries,
    indicators::{Inputs, atr},
};

/// Returns the standard deviation (ddof 1) of the last `window` returns at each bar, times the root of the bars a year;
/// NaN before there are as many.
pub(super) fn volatility(bars: &BarSeries, window: usize, periods: f64) -> Vec<f64> {
    let close = &bars.close;
    let returns: Vec<f64> =
        close.iter().zip(close.iter().skip(1)).map(|(before, after)| after / before - 1.0).collect();
    let mut out = vec![f64::NAN; bars.len().min(window)];
    if window < 2 {
        return vec![f64::NAN; bars.len()];
    }
    out.extend(returns.windows(window).map(|it| {
        let mean = it.iter().sum::<f64>() / window as f64;
        let squares: f64 = it.iter().map(|it| (it - mean).powi(2)).sum();
        (squares / (window - 1) as f64 * periods).sqrt()
    }));
    out
}

/// Returns the distance of a stop of so many average true ranges as a share of the close, at each bar.
pub(super) fn stop_distance(bars: &BarSeries, window: usize, times: f64) -> Vec<f64> {
    let range = atr(&Inputs::of(bars), window);
    range.iter().zip(bars.close.iter()).map(|(range, close)| times * range / close).collect()
}

/// Returns the share that makes capital grow fastest where a bet of 1 wins `payoff` with probability `p` and is lost else;
/// 0 where the odds are against it or nothing is won. Source: J. L. Kelly, "A New Interpretation of Information Rate", 1956.
pub(super) fn kelly(p: f64, payoff: f64) -> f64 {
    if payoff > 0.0 { (p - (1.0 - p) / payoff).max(0.0) } else { 0.0 }
}
