//! Technical indicators, equal to those of TA-Lib to 1e-9 and with the first value at the same bar.
//!
//! A kernel is a function from columns to a column of the same length: NaN before the first value, then a value at every
//! bar. It makes one pass, keeps running sums in the order in which TA-Lib keeps them, and allocates its outputs only.
//! Input is finite: a NaN stays in running sums for good, so that callers start a kernel behind a gap. A period larger
//! than the input gives NaN throughout. A period below the least that the list allows counts as that.
//!
//! Where old releases of TA-Lib let rounding build up in running sums (weighted average, deviation), these follow the newer
//! ones and make the sums afresh now and then: the difference is below 1e-9 on hundreds of bars, and grows with them.

mod average;
mod band;
mod momentum;
mod oscillator;
mod range;
mod registry;
mod trend;
mod volume;

pub use average::{ema, sma, wma};
pub use band::{bbands, highest, lowest, stddev};
pub use momentum::{macd, mom, roc, rsi};
pub use oscillator::{cci, stoch, willr};
pub use range::{atr, natr, trange};
pub use registry::{ALL, Column, Indicator, Inputs, Param, find};
pub use trend::{adx, minus_di, plus_di, sar};
pub use volume::{mfi, obv};

/// High, low and close of the same bars.
#[derive(Clone, Copy, Debug)]
pub struct Hlc<'a> {
    /// Highest prices.
    pub high: &'a [f64],
    /// Lowest prices.
    pub low: &'a [f64],
    /// Last prices.
    pub close: &'a [f64],
}

impl<'a> Hlc<'a> {
    fn len(self) -> usize {
        self.high.len().min(self.low.len()).min(self.close.len())
    }

    /// Returns high, low and close of each bar.
    fn bars(self) -> impl Iterator<Item = (f64, f64, f64)> + Clone + 'a {
        self.high.iter().zip(self.low).zip(self.close).map(|((high, low), close)| (*high, *low, *close))
    }
}

/// Below this TA-Lib takes a number for zero.
const NEARLY_ZERO: f64 = 1e-14;

/// For how many windows running sums are kept, where rounding would build up in them, before they are made afresh.
const FRESH: usize = 256;

fn is_zero(it: f64) -> bool {
    it.abs() < NEARLY_ZERO
}

/// Returns a column of `length` with NaN before `first`, and room for values from there on.
///
/// Kernels fill it in plain loops: a running sum in a variable of the loop stays in a register, in one that a closure has
/// borrowed it goes through memory at every bar.
fn blank(length: usize, first: usize) -> Vec<f64> {
    let mut out = vec![0.0; length];
    out.iter_mut().take(first).for_each(|it| *it = f64::NAN);
    out
}

/// Returns a column from its first value on.
fn from(column: &mut [f64], first: usize) -> &mut [f64] {
    column.get_mut(first..).unwrap_or_default()
}

/// Returns a column of `length` with NaN before `first`, then what `values` gives, which do not depend on each other.
fn column(length: usize, first: usize, values: impl Iterator<Item = f64>) -> Vec<f64> {
    let mut out = blank(length, first);
    from(&mut out, first).iter_mut().zip(values).for_each(|(slot, it)| *slot = it);
    out
}

/// Returns the first `count` items and the rest, or none where there are not as many.
fn split(values: &[f64], count: usize) -> Option<(&[f64], &[f64])> {
    values.split_at_checked(count)
}
