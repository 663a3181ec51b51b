//! Cutting and describing bars.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    market::{Bars, Quality},
    slice::{Fault, Pure},
    value::{BarCount, DateRange, Duration, Symbol, Timeframe},
};

/// Returns the bars of a period, with bars before it that only warm up indicators.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SliceBars {
    /// The bars.
    bars: Bars,
    /// From the first to the last day.
    period: DateRange,
    /// How many bars before the period are kept to warm up indicators; they are not traded.
    #[serde(default = "none")]
    warmup: BarCount,
}

/// Describes bars: how many, from when to when, at what prices, and what was noticed when they were loaded.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Describe {
    /// The bars.
    bars: Bars,
}

/// What bars are like.
#[derive(Serialize, JsonSchema)]
pub(super) struct Description {
    /// The instrument.
    symbol: Symbol,
    /// How long a bar is.
    timeframe: Duration,
    /// How many bars there are.
    count: BarCount,
    /// How many of them, at the start, only warm up indicators.
    warmup: BarCount,
    /// From the first to the last day, where there are bars.
    period: Option<DateRange>,
    /// The highest price.
    high: Option<f64>,
    /// The lowest price.
    low: Option<f64>,
    /// The last close.
    close: Option<f64>,
    /// The mean volume of a bar.
    volume: Option<f64>,
    /// What is odd about them, with how often and where first.
    quality: Quality,
    /// What was noticed, mended or left out when they were loaded.
    notes: Vec<String>,
}

/// Makes longer bars: first open, highest high, lowest low, last close, volume added up. Days and sessions are those of the
/// calendar of the bars.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Resample {
    /// The bars, adjusted: across a split they do not add up.
    bars: Bars,
    /// How long the new bars are, a whole multiple of what they are: `15m`, `4h`, `1d`, `1w`, `1mo`.
    timeframe: Timeframe,
}

fn none() -> BarCount {
    BarCount(0)
}

pub(super) fn slice(_: Pure, input: SliceBars) -> Result<Bars, Fault> {
    let warmup = usize::try_from(input.warmup.0).unwrap_or(usize::MAX);
    input.bars.between(input.period, warmup).map(Bars::from).map_err(Fault::input)
}

pub(super) fn resample(_: Pure, input: Resample) -> Result<Bars, Fault> {
    input.bars.resampled(input.timeframe.0).map(Bars::from).map_err(Fault::input)
}

pub(super) fn describe(_: Pure, input: Describe) -> Result<Description, Fault> {
    let bars = &input.bars;
    let mean = |it: &[f64]| (!it.is_empty()).then(|| it.iter().sum::<f64>() / it.len() as f64);
    Ok(Description {
        symbol: bars.symbol.clone(),
        timeframe: bars.timeframe,
        count: BarCount(bars.len() as u64),
        warmup: BarCount(bars.warmup as u64),
        period: bars.period(),
        high: bars.high.iter().copied().reduce(f64::max),
        low: bars.low.iter().copied().reduce(f64::min),
        close: bars.close.last().copied(),
        volume: mean(&bars.volume),
        quality: bars.quality(),
        notes: bars.notes.to_vec(),
    })
}
