//! Bars: loaded, cut and described.

mod history;
pub mod source;
mod window;

use crate::{
    market::BarSeries,
    slice::{Role, Slice},
};

/// Returns the slice `data`.
pub fn slice() -> Slice {
    Slice::new("data", "Price bars: loaded from a source, checked, adjusted, cut.")
        .domain::<BarSeries>()
        .compute("get_historical", history::get_historical)
        .alias("get_data")
        .alias("fetch_market_data")
        .deprecated("get_bars")
        .role(Role::Loads { symbol: "symbol", period: Some("period"), timeframe: Some("timeframe"), count: None })
        .compute("get_recent", history::get_recent)
        .role(Role::Loads { symbol: "symbol", period: None, timeframe: Some("timeframe"), count: Some("lookback") })
        .compute("slice", window::slice)
        .role(Role::Cuts { bars: "bars", period: "period", warmup: Some("warmup") })
        .compute("resample", window::resample)
        .compute("describe", window::describe)
}
