//! Moving averages.

use super::{FRESH, blank, from, split};

/// Returns the simple moving average of the last `period` values; the first is at `period - 1`.
pub fn sma(values: &[f64], period: usize) -> Vec<f64> {
    let period = period.max(1);
    let mut out = blank(values.len(), period - 1);
    let (head, rest) = split(values, period - 1).unwrap_or_default();
    let mut sum: f64 = head.iter().sum();
    let divisor = period as f64;
    for ((slot, new), old) in from(&mut out, period - 1).iter_mut().zip(rest).zip(values) {
        sum += new;
        *slot = sum / divisor;
        sum -= old;
    }
    out
}

/// Returns the exponential moving average with weight 2/(period + 1), whose first value, at `period - 1`, is the mean of
/// the first `period` values.
pub fn ema(values: &[f64], period: usize) -> Vec<f64> {
    let period = period.max(1);
    let mut out = blank(values.len(), period - 1);
    let Some((mut average, rest)) = seed(values, period) else { return out };
    let weight = weight(period);
    let mut slots = from(&mut out, period - 1).iter_mut();
    slots.by_ref().take(1).for_each(|it| *it = average);
    for (slot, it) in slots.zip(rest) {
        average += (it - average) * weight;
        *slot = average;
    }
    out
}

/// Returns the mean of the first `period` values, from which an average starts, and what follows them.
pub(super) fn seed(values: &[f64], period: usize) -> Option<(f64, &[f64])> {
    let (head, rest) = split(values, period)?;
    Some((head.iter().sum::<f64>() / period as f64, rest))
}

/// Returns the weight of a new value in an EMA.
pub(super) fn weight(period: usize) -> f64 {
    2.0 / (period as f64 + 1.0)
}

/// Returns the moving average with weights 1, 2, … `period`, the newest the heaviest; the first is at `period - 1`.
pub fn wma(values: &[f64], period: usize) -> Vec<f64> {
    let period = period.max(1);
    let mut out = blank(values.len(), period - 1);
    let heaviest = period as f64;
    let divisor = heaviest * (heaviest + 1.0) / 2.0;
    let stretch = FRESH.max(period);
    for (at, slots) in from(&mut out, period - 1).chunks_mut(stretch).enumerate() {
        let windows = values.get(at * stretch..).unwrap_or_default();
        let (head, rest) = split(windows, period - 1).unwrap_or_default();
        let mut sum: f64 = head.iter().sum();
        let mut weighted: f64 = head.iter().zip(1_u32..).map(|(it, weight)| it * f64::from(weight)).sum();
        // Each step takes every value's weight down by one: the plain sum, with the one that leaves still in it.
        let mut leaving = 0.0;
        for ((slot, new), old) in slots.iter_mut().zip(rest).zip(windows) {
            sum += new;
            sum -= leaving;
            weighted += new * heaviest;
            leaving = *old;
            *slot = weighted / divisor;
            weighted -= sum;
        }
    }
    out
}
