//! Dispersion and extremes of a window.

use super::{FRESH, NEARLY_ZERO, average::sma, blank, from};

/// Returns `deviations` population standard deviations (ddof 0) of the last `period` values; the first is at `period - 1`.
pub fn stddev(values: &[f64], period: usize, deviations: f64) -> Vec<f64> {
    let mut out = blank(values.len(), period.max(1) - 1);
    each_deviation(values, period.max(1), &mut out);
    for it in &mut out {
        *it *= deviations;
    }
    out
}

/// Returns upper, middle and lower Bollinger bands: the mean of the last `period` values and so many population standard
/// deviations (ddof 0) above and below it; the first is at `period - 1`.
pub fn bbands(values: &[f64], period: usize, above: f64, below: f64) -> [Vec<f64>; 3] {
    let period = period.max(1);
    let middle = sma(values, period);
    let (mut upper, mut lower) = (blank(values.len(), period - 1), blank(values.len(), period - 1));
    each_deviation(values, period, &mut upper);
    for ((upper, lower), mean) in upper.iter_mut().zip(&mut lower).zip(&middle) {
        let deviation = *upper;
        *upper = mean + deviation * above;
        *lower = mean - deviation * below;
    }
    [upper, middle, lower]
}

/// Writes the standard deviation of each window where the window ends. The running sums are of distances from a value
/// near by, and are made afresh now and then: sums of the squares of prices themselves lose the small differences in which
/// a deviation lies, the more the longer they run.
fn each_deviation(values: &[f64], period: usize, out: &mut [f64]) {
    let stretch = FRESH.max(period);
    let share = 1.0 / period as f64;
    for (at, slots) in from(out, period - 1).chunks_mut(stretch).enumerate() {
        let windows = values.get(at * stretch..).unwrap_or_default();
        let (Some(centre), Some((head, rest))) = (windows.first().copied(), windows.split_at_checked(period - 1))
        else {
            return;
        };
        let mut sum: f64 = head.iter().map(|it| it - centre).sum();
        let mut squares: f64 = head.iter().map(|it| (it - centre) * (it - centre)).sum();
        for ((slot, new), old) in slots.iter_mut().zip(rest).zip(windows) {
            let (new, old) = (new - centre, old - centre);
            sum += new;
            squares += new * new;
            let mean = sum * share;
            let variance = squares * share - mean * mean;
            sum -= old;
            squares -= old * old;
            *slot = if variance < NEARLY_ZERO { 0.0 } else { variance.sqrt() };
        }
    }
}

/// Returns the highest of the last `period` values; the first is at `period - 1`.
pub fn highest(values: &[f64], period: usize) -> Vec<f64> {
    extremes(values, period, |a, b| if b > a { b } else { a })
}

/// Returns the lowest of the last `period` values; the first is at `period - 1`.
pub fn lowest(values: &[f64], period: usize) -> Vec<f64> {
    extremes(values, period, |a, b| if b < a { b } else { a })
}

/// Returns the extreme of each window at a constant cost a value, whatever the period: in blocks of `period`, a window is
/// the tail of one block and the head of the next, so its extreme is that of a suffix and a prefix (van Herk 1992,
/// Gil and Werman 1993). The suffixes are kept where the windows that start with them end.
pub(super) fn extremes(values: &[f64], period: usize, better: impl Fn(f64, f64) -> f64) -> Vec<f64> {
    let period = period.max(1);
    let mut out = blank(values.len(), period - 1);
    let windows = from(&mut out, period - 1);
    for (block, window) in values.chunks(period).zip(windows.chunks_mut(period)) {
        // Only whole blocks start windows, and the last of them may start fewer than it has values.
        let (starts, tail) = block.split_at_checked(window.len()).unwrap_or((block, &[]));
        let Some(mut suffix) = block.last().copied() else { continue };
        suffix = tail.iter().fold(suffix, |a, b| better(a, *b));
        for (value, slot) in starts.iter().zip(window).rev() {
            suffix = better(*value, suffix);
            *slot = suffix;
        }
    }
    for (block, ends) in values.chunks(period).zip(out.chunks_mut(period)) {
        let Some(mut prefix) = block.first().copied() else { continue };
        for (value, slot) in block.iter().zip(ends) {
            prefix = better(prefix, *value);
            // Where no window ends yet the slot is NaN, which no value betters.
            *slot = better(*slot, prefix);
        }
    }
    out
}
