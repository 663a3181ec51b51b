//! Moving averages.

use super::{column, split};

/// Returns the simple moving average of the last `period` values; the first is at `period - 1`.
pub fn sma(values: &[f64], period: usize) -> Vec<f64> {
    let period = period.max(1);
    let Some((head, rest)) = split(values, period - 1) else { return vec![f64::NAN; values.len()] };
    let mut sum: f64 = head.iter().sum();
    let divisor = period as f64;
    let averages = rest.iter().zip(values).map(|(new, old)| {
        sum += new;
        let average = sum / divisor;
        sum -= old;
        average
    });
    column(values.len(), period - 1, averages)
}

/// Returns the exponential moving average with weight 2/(period + 1), whose first value, at `period - 1`, is the mean of
/// the first `period` values.
pub fn ema(values: &[f64], period: usize) -> Vec<f64> {
    let period = period.max(1);
    column(values.len(), period - 1, smoothed(values, period))
}

/// Returns the values of an EMA from its first on; none where there are too few.
pub(super) fn smoothed(values: &[f64], period: usize) -> impl Iterator<Item = f64> {
    let (head, rest) = split(values, period).unwrap_or_default();
    let seed = (!head.is_empty()).then(|| head.iter().sum::<f64>() / period as f64);
    let mut average = seed.unwrap_or(f64::NAN);
    let weight = 2.0 / (period as f64 + 1.0);
    seed.into_iter().chain(rest.iter().map(move |it| {
        average += (it - average) * weight;
        average
    }))
}

/// Returns the moving average with weights 1, 2, … `period`, the newest the heaviest; the first is at `period - 1`.
pub fn wma(values: &[f64], period: usize) -> Vec<f64> {
    let period = period.max(1);
    let Some((head, rest)) = split(values, period - 1) else { return vec![f64::NAN; values.len()] };
    let mut sum: f64 = head.iter().sum();
    let mut weighted: f64 = head.iter().zip(1_u32..).map(|(it, weight)| it * f64::from(weight)).sum();
    let heaviest = period as f64;
    let divisor = heaviest * (heaviest + 1.0) / 2.0;
    // Each step takes every value's weight down by one: the plain sum, with the one that leaves still in it.
    let mut leaving = 0.0;
    let averages = rest.iter().zip(values).map(|(new, old)| {
        sum += new - leaving;
        weighted += new * heaviest;
        leaving = *old;
        let average = weighted / divisor;
        weighted -= sum;
        average
    });
    column(values.len(), period - 1, averages)
}
