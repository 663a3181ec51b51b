//! Choosing parameters, and what such a choice is worth.

mod deflated;
mod grid;
mod select;
mod summarize;

use crate::slice::{Role, Slice};

/// Returns the slice.
pub fn slice() -> Slice {
    Slice::new("optimize", "Chooses parameters among trials, and says what the choice was worth out of sample")
        .domain::<summarize::OptimizationReport>()
        .compute("grid", grid::grid)
        .role(Role::Fits { bars: "bars" })
        .compute("select_best", select::select_best)
        .role(Role::Chooses { among: "trials" })
        .compute("summarize", summarize::summarize)
}
