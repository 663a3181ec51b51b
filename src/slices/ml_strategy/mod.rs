//! Which strategy suits the coming bars.

mod calibrate;
mod features;
mod forest;
mod predict;

use crate::{
    slice::Slice,
    strategy::{ChoiceSeries, StrategyValue},
};

/// Returns the slice.
pub fn slice() -> Slice {
    Slice::new("ml_strategy", "Chooses the strategy for the coming bars with a model trained on the past only")
        .domain::<StrategyValue>()
        .domain::<ChoiceSeries>()
        .compute("predict_best", predict::predict_best)
        .alias("select")
        .alias("select_strategy")
        .random("seed")
        .compute("fixed", predict::fixed)
}
