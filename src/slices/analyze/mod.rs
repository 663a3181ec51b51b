//! What can be read off bars: patterns, trend, volatility, levels.

mod candles;
mod chart;
mod find;
mod indicators;

use crate::{market::PatternSeries, slice::Slice};

/// Returns the slice.
pub fn slice() -> Slice {
    Slice::new(
        "analyze",
        "Reads bars: candlestick and chart patterns, trend, volatility, support and resistance, indicators",
    )
    .domain::<PatternSeries>()
    .domain::<indicators::IndicatorColumns>()
    .compute("find_patterns", find::find_patterns)
    .alias("analyze")
    .compute("indicators", indicators::indicators)
}
