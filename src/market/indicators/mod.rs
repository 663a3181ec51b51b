//! Technical indicators, equal to those of TA-Lib to 1e-9 and with the first value at the same bar.
//!
//! An indicator is written once, as a state that takes a bar and gives a value as soon as there are enough bars. A column is
//! what that state gives bar after bar, so a stream and a column are equal to the last bit. One table, [`GROUPS`], says of
//! each what it reads, its parameters with defaults and ranges, its outputs, when its first value comes and how it is
//! computed; the language, its checker, the catalogue and `docs/indicators.md` follow from it.
//!
//! A bar of which something that the indicator reads is not finite is a gap: it has no value, and the indicator starts anew
//! behind it, for running sums would keep a NaN for good. Running sums that would lose digits are made afresh now and then.

#![allow(
    clippy::inline_always,
    reason = "a state that is pushed in a function of its own lives in memory, which costs up to seven times as much a bar"
)]

mod average;
mod band;
mod candle;
mod mean;
mod momentum;
mod oscillator;
mod page;
mod price;
mod range;
mod registry;
mod state;
mod statistics;
mod trend;
mod volume;
mod window;

use state::{Kind, Of};

pub use page::page;
pub use registry::{GROUPS, Group, Indicator, Output, Param, all, find};
pub use state::{Column, Inputs, Sample, Stream};

/// Returns the simple moving average of the last `period` values; the first is at `period - 1`.
pub fn sma(values: &[f64], period: usize) -> Vec<f64> {
    column(Of(|p: &[f64]| mean::Sma::new(registry::at(p, 0))), &Inputs { values, ..Inputs::default() }, period)
}

/// Returns the relative strength index of Wilder; the first is at `period`.
pub fn rsi(values: &[f64], period: usize) -> Vec<f64> {
    column(Of(|p: &[f64]| momentum::rsi(registry::at(p, 0))), &Inputs { values, ..Inputs::default() }, period)
}

/// Returns the average true range of Wilder; the first is at `period`.
pub fn atr(inputs: &Inputs<'_>, period: usize) -> Vec<f64> {
    column(Of(|p: &[f64]| range::atr(registry::at(p, 0))), inputs, period)
}

/// Returns the average directional index of Wilder; the first is at `2·period - 1`.
pub fn adx(inputs: &Inputs<'_>, period: usize) -> Vec<f64> {
    column(Of(|p: &[f64]| trend::Adx::new(registry::at(p, 0))), inputs, period)
}

/// Returns the column of an indicator of one output and a period, at least 1.
fn column(kind: impl Kind, inputs: &Inputs<'_>, period: usize) -> Vec<f64> {
    let mut column = vec![0.0; kind.length(inputs)];
    kind.fill(&[period.max(1) as f64], inputs, &mut [&mut column]);
    column
}
