//! How much to hold.

mod calculate;
mod fractions;

use crate::{market::SizingSeries, slice::Slice};

/// Returns the slice `position_sizing`.
pub fn slice() -> Slice {
    Slice::new("position_sizing", "How much to hold: from volatility, risk or confidence, within the limits.")
        .domain::<SizingSeries>()
        .compute("calculate", calculate::calculate)
        .alias("calculate_size")
}
