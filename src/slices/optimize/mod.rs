//! Choosing parameters, and what such a choice is worth.

mod cross_validate;
mod deflated;
mod draw;
mod judge;
mod question;
mod search;
mod searches;
mod select;
mod space;
mod summarize;
mod walk_forward;

use crate::slice::{Role, Slice};

/// Returns the slice.
pub fn slice() -> Slice {
    Slice::new("optimize", "Chooses parameters among trials, and says what the choice was worth out of sample")
        .domain::<summarize::OptimizationReport>()
        .compute("grid", searches::grid)
        .role(Role::Fits { bars: "bars" })
        .compute("random", searches::random)
        .role(Role::Fits { bars: "bars" })
        .random("seed")
        .compute("bayes", searches::bayes)
        .role(Role::Fits { bars: "bars" })
        .random("seed")
        .compute("select_best", select::select_best)
        .role(Role::Chooses { among: "trials" })
        .compute("summarize", summarize::summarize)
        .compute("walk_forward", walk_forward::walk_forward)
        .random("seed")
        .role(Role::Validates { strategy: "strategy", bars: "bars" })
        .compute("cross_validate", cross_validate::cross_validate)
        .random("seed")
        .role(Role::Validates { strategy: "strategy", bars: "bars" })
}
