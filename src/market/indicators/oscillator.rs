//! Where a price stands in its recent range.

use super::{
    Hlc,
    average::sma,
    band::{highest, lowest},
    blank, column, from,
};

/// Returns slow %K and %D of the stochastic oscillator: where the close stands between the lowest low and the highest high
/// of `fast_k` bars, in percent (0 where they are equal), averaged over `slow_k` bars, and that averaged over `slow_d`.
/// Both start at `fast_k + slow_k + slow_d - 3`.
pub fn stoch(bars: Hlc<'_>, fast_k: usize, slow_k: usize, slow_d: usize) -> [Vec<f64>; 2] {
    let (fast_k, slow_k, slow_d) = (fast_k.max(1), slow_k.max(1), slow_d.max(1));
    let mut fast = highest(bars.high, fast_k);
    let lows = lowest(bars.low, fast_k);
    for ((high, low), close) in fast.iter_mut().zip(&lows).zip(bars.close) {
        let percent = (*high - low) / 100.0;
        *high = if percent == 0.0 { 0.0 } else { (close - low) / percent };
    }
    let slow = |values: &[f64], first: usize, period: usize| {
        let averages = sma(values.get(first..).unwrap_or_default(), period);
        column(values.len(), first, averages.into_iter())
    };
    let mut k = slow(&fast, fast_k - 1, slow_k);
    let d = slow(&k, fast_k + slow_k - 2, slow_d);
    k.iter_mut().take(fast_k + slow_k + slow_d - 3).for_each(|it| *it = f64::NAN);
    [k, d]
}

/// Returns Williams' %R: how far the close is below the highest high of `period` bars, in percent of their range, from -100
/// to 0 (0 where the range is 0); the first is at `period - 1`.
pub fn willr(bars: Hlc<'_>, period: usize) -> Vec<f64> {
    let mut out = highest(bars.high, period);
    for ((high, low), close) in out.iter_mut().zip(lowest(bars.low, period)).zip(bars.close) {
        let percent = (*high - low) / -100.0;
        *high = if percent == 0.0 { 0.0 } else { (*high - close) / percent };
    }
    out
}

/// How many windows are summed side by side.
const LANES: usize = 8;

/// Returns the commodity channel index of Lambert (1980): how far the typical price, (high + low + close)/3, is from its
/// mean over `period` bars, in units of 0.015 mean absolute deviations (0 where there is none); the first is at
/// `period - 1`.
pub fn cci(bars: Hlc<'_>, period: usize) -> Vec<f64> {
    let period = period.max(2);
    let typical: Vec<f64> = bars.bars().map(|(high, low, close)| (high + low + close) / 3.0).collect();
    let divisor = period as f64;
    let mut out = blank(typical.len(), period - 1);
    let windows = typical.len().saturating_sub(period - 1);
    let mut first = 0;
    // Each window is summed afresh in order of time, since a running mean would not be exactly the price where nothing
    // moves; several windows side by side keep the sums independent, so that they are added in parallel.
    while first < windows {
        let lanes = LANES.min(windows - first);
        let span = typical.get(first..first + period + lanes - 1).unwrap_or_default();
        let means = sums(span, period, |sum, it, _| sum + it, &[0.0; LANES]).map(|it| it / divisor);
        let deviations = sums(span, period, |sum, it, mean| sum + (it - mean).abs(), &means);
        let last = typical.iter().skip(first + period - 1);
        let slots = from(&mut out, first + period - 1).iter_mut();
        for (((slot, price), mean), deviation) in slots.zip(last).zip(means).zip(deviations) {
            let distance = price - mean;
            let none = distance == 0.0 || deviation == 0.0;
            *slot = if none { 0.0 } else { distance / (0.015 * (deviation / divisor)) };
        }
        first += lanes;
    }
    out
}

/// Sums up windows of `period` values that start one after the other at the start of `span`; those that `span` is too
/// short for are not to be read.
fn sums(span: &[f64], period: usize, add: impl Fn(f64, f64, f64) -> f64, with: &[f64; LANES]) -> [f64; LANES] {
    let mut sums = [0.0; LANES];
    for start in 0..period {
        let values = span.get(start..).unwrap_or_default();
        if let Some(values) = values.first_chunk::<LANES>() {
            sums.iter_mut().zip(values).zip(with).for_each(|((sum, it), with)| *sum = add(*sum, *it, *with));
        } else {
            sums.iter_mut().zip(values).zip(with).for_each(|((sum, it), with)| *sum = add(*sum, *it, *with));
        }
    }
    sums
}
