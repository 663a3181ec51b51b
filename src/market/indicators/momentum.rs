//! How fast prices change.

use super::{
    average::{seed, weight},
    blank, column, from, is_zero, split,
};

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
    let mut out = blank(values.len(), period);
    let (head, rest) = split(values, period + 1).unwrap_or_default();
    let (mut gain, mut loss) = (0.0, 0.0);
    for (old, new) in head.iter().zip(head.iter().skip(1)) {
        gain += rise(new - old);
        loss += rise(old - new);
    }
    let new_share = 1.0 / period as f64;
    let kept = 1.0 - new_share;
    gain *= new_share;
    loss *= new_share;
    let mut slots = from(&mut out, period).iter_mut();
    slots.by_ref().take(1).for_each(|it| *it = index(gain, loss));
    for ((slot, new), old) in slots.zip(rest).zip(values.iter().skip(period)) {
        gain = gain * kept + rise(new - old) * new_share;
        loss = loss * kept + rise(old - new) * new_share;
        *slot = index(gain, loss);
    }
    out
}

/// Returns a change where it is a rise, else 0. Not `f64::max`, which also looks after NaN.
fn rise(change: f64) -> f64 {
    if change > 0.0 { change } else { 0.0 }
}

fn index(gain: f64, loss: f64) -> f64 {
    let sum = gain + loss;
    if is_zero(sum) { 0.0 } else { 100.0 * (gain / sum) }
}

/// Returns the MACD line (fast EMA less slow EMA), its signal (an EMA of the line) and the histogram (line less signal).
/// The fast EMA is seeded on the values that end the slow one's seed; all three start at `slow + signal - 2`.
pub fn macd(values: &[f64], fast: usize, slow: usize, signal: usize) -> [Vec<f64>; 3] {
    let (fast, slow) = (fast.min(slow).max(2), fast.max(slow).max(2));
    let signal = signal.max(1);
    let first = slow + signal - 2;
    let [mut line, mut signals, mut histogram] = [(); 3].map(|()| blank(values.len(), first));
    let late = values.get(slow - fast..).unwrap_or_default();
    let (Some((mut quick, _)), Some((mut steady, rest))) = (seed(late, fast), seed(values, slow)) else {
        return [line, signals, histogram];
    };
    let (quick_weight, steady_weight, signal_weight) = (weight(fast), weight(slow), weight(signal));
    // The signal starts from the mean of the first lines.
    let mut sum = quick - steady;
    let (warming, rest) = split(rest, signal - 1).unwrap_or_default();
    for it in warming {
        quick += (it - quick) * quick_weight;
        steady += (it - steady) * steady_weight;
        sum += quick - steady;
    }
    let mut average = sum / signal as f64;
    let mut slots = from(&mut line, first).iter_mut().zip(from(&mut signals, first)).zip(from(&mut histogram, first));
    if let Some(((line, signal), histogram)) = slots.next() {
        (*line, *signal, *histogram) = (quick - steady, average, quick - steady - average);
    }
    for (((line, signal), histogram), it) in slots.zip(rest) {
        quick += (it - quick) * quick_weight;
        steady += (it - steady) * steady_weight;
        let apart = quick - steady;
        average += (apart - average) * signal_weight;
        (*line, *signal, *histogram) = (apart, average, apart - average);
    }
    [line, signals, histogram]
}
