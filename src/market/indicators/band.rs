//! Dispersion and extremes of a window.

use super::{NEARLY_ZERO, column, split};

/// Returns `deviations` population standard deviations (ddof 0) of the last `period` values; the first is at `period - 1`.
pub fn stddev(values: &[f64], period: usize, deviations: f64) -> Vec<f64> {
    let period = period.max(1);
    let mut moments = Moments::new(values, period);
    let out = values.iter().skip(period - 1).zip(values).map(|(new, old)| moments.step(*new, *old).1 * deviations);
    column(values.len(), period - 1, out)
}

/// Returns upper, middle and lower Bollinger bands: the mean of the last `period` values and so many population standard
/// deviations (ddof 0) above and below it; the first is at `period - 1`.
pub fn bbands(values: &[f64], period: usize, above: f64, below: f64) -> [Vec<f64>; 3] {
    let period = period.max(1);
    let start = || column(values.len(), period - 1, std::iter::empty());
    let (mut upper, mut middle, mut lower) = (start(), start(), start());
    let mut moments = Moments::new(values, period);
    for (new, old) in values.iter().skip(period - 1).zip(values) {
        let (mean, deviation) = moments.step(*new, *old);
        upper.push(mean + deviation * above);
        middle.push(mean);
        lower.push(mean - deviation * below);
    }
    [upper, middle, lower]
}

/// Running sums of a window's values and of their squares.
struct Moments {
    sum: f64,
    squares: f64,
    period: f64,
}

impl Moments {
    /// Starts with all of the first window but its last value.
    fn new(values: &[f64], period: usize) -> Self {
        let head = split(values, period - 1).unwrap_or_default().0;
        Self { sum: head.iter().sum(), squares: head.iter().map(|it| it * it).sum(), period: period as f64 }
    }

    /// Takes the newest value, returns mean and standard deviation, lets go of the oldest.
    fn step(&mut self, new: f64, old: f64) -> (f64, f64) {
        self.sum += new;
        self.squares += new * new;
        let mean = self.sum / self.period;
        let variance = self.squares / self.period - mean * mean;
        self.sum -= old;
        self.squares -= old * old;
        (mean, if variance < NEARLY_ZERO { 0.0 } else { variance.sqrt() })
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
    let mut out = vec![f64::NAN; values.len()];
    let Some(windows) = out.get_mut(period - 1..) else { return out };
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
