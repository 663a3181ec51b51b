//! How fast prices change.

use super::{average::smoothed, column, is_zero, split};

/// Returns the change over `period` bars, `x[t] - x[t - period]`; the first is at `period`.
pub fn mom(values: &[f64], period: usize) -> Vec<f64> {
    let period = period.max(1);
    column(values.len(), period, values.iter().skip(period).zip(values).map(|(new, old)| new - old))
}

/// Returns the change over `period` bars in percent, `(x[t] / x[t - period] - 1)·100`, 0 where the old value is 0; the first
/// is at `period`.
pub fn roc(values: &[f64], period: usize) -> Vec<f64> {
    let period = period.max(1);
    let change = |(new, old): (&f64, &f64)| if *old == 0.0 { 0.0 } else { (new / old - 1.0) * 100.0 };
    column(values.len(), period, values.iter().skip(period).zip(values).map(change))
}

/// Returns the relative strength index of Wilder (1978): 100·G/(G + L) of the smoothed gains and losses, seeded with their
/// means over the first `period` changes; 0 where nothing has moved. The first is at `period`.
pub fn rsi(values: &[f64], period: usize) -> Vec<f64> {
    let period = period.max(2);
    let changes = values.iter().zip(values.iter().skip(1)).map(|(old, new)| new - old);
    let (mut gain, mut loss) = (0.0, 0.0);
    for change in changes.clone().take(period) {
        if change < 0.0 {
            loss -= change;
        } else {
            gain += change;
        }
    }
    let divisor = period as f64;
    let kept = divisor - 1.0;
    gain /= divisor;
    loss /= divisor;
    let index = |gain: f64, loss: f64| if is_zero(gain + loss) { 0.0 } else { 100.0 * (gain / (gain + loss)) };
    let seed = (values.len() > period).then(|| index(gain, loss));
    let rest = changes.skip(period).map(|change| {
        gain = (gain * kept + change.max(0.0)) / divisor;
        loss = (loss * kept + (-change).max(0.0)) / divisor;
        index(gain, loss)
    });
    column(values.len(), period, seed.into_iter().chain(rest))
}

/// Returns the MACD line (fast EMA less slow EMA), its signal (an EMA of the line) and the histogram (line less signal).
/// The fast EMA is seeded on the values that end the slow one's seed; all three start at `slow + signal - 2`.
pub fn macd(values: &[f64], fast: usize, slow: usize, signal: usize) -> [Vec<f64>; 3] {
    let (fast, slow) = (fast.min(slow).max(2), fast.max(slow).max(2));
    let signal = signal.max(1);
    let first = slow + signal - 2;
    let start = || column(values.len(), first, std::iter::empty());
    let (mut line, mut signals, mut histogram) = (start(), start(), start());
    let late = split(values, slow - fast).unwrap_or_default().1;
    let mut lines = smoothed(late, fast).zip(smoothed(values, slow)).map(|(fast, slow)| fast - slow);
    let (mut sum, mut last) = (0.0, f64::NAN);
    for it in lines.by_ref().take(signal) {
        (sum, last) = (sum + it, it);
    }
    if values.len() <= first {
        return [line, signals, histogram];
    }
    let mut average = sum / signal as f64;
    let weight = 2.0 / (signal as f64 + 1.0);
    let mut push = |value: f64, average: f64| {
        line.push(value);
        signals.push(average);
        histogram.push(value - average);
    };
    push(last, average);
    for value in lines {
        average += (value - average) * weight;
        push(value, average);
    }
    [line, signals, histogram]
}
