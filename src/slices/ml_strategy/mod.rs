//! Which strategy suits the coming bars.

mod calibrate;
mod features;
mod learner;
mod onnx;
mod predict;
mod quality;
mod trained;
mod walk;

use crate::{
    slice::{Role, Slice},
    strategy::{ChoiceSeries, StrategyValue},
};

/// Returns the slice.
pub fn slice() -> Slice {
    Slice::new("ml_strategy", "Chooses the strategy for the coming bars with a model trained on the past only")
        .domain::<StrategyValue>()
        .domain::<ChoiceSeries>()
        .domain::<trained::TrainedModel>()
        .compute("predict_best", predict::predict_best)
        .alias("select")
        .alias("select_strategy")
        .random("seed")
        .compute("train", trained::train)
        .random("seed")
        .role(Role::Fits { bars: "bars" })
        .compute("save", trained::save)
        .compute("load", trained::load)
        .fits("path", trained::fits)
        .compute("fixed", predict::fixed)
}
