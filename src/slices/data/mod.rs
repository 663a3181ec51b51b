//! Bars: loaded, cut and described.

mod history;
pub mod source;
mod window;

use crate::{market::BarSeries, slice::Slice};

/// Returns the slice `data`.
pub fn slice() -> Slice {
    Slice::new("data", "Price bars: loaded from a source, checked, adjusted, cut.")
        .domain::<BarSeries>()
        .compute("get_historical", history::get_historical)
        .alias("get_data")
        .alias("fetch_market_data")
        .compute("get_recent", history::get_recent)
        .compute("slice", window::slice)
        .compute("describe", window::describe)
}
