//! What kind of market it is.

mod changes;
mod detect;
mod features;
mod hmm;
mod label;
mod states;

#[cfg(test)]
mod golden;

use crate::{market::RegimeSeries, slice::Slice};

/// Returns the slice.
pub fn slice() -> Slice {
    Slice::new(
        "market_regime",
        "Says what kind of market it is: bull, bear, sideways or crisis, and how probable that is",
    )
    .domain::<RegimeSeries>()
    .compute("detect", detect::detect)
    .alias("detect_regime")
    .compute("neutral", detect::neutral)
}
