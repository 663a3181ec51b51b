//! What is told to people and other programs, and summaries of results.

mod notify;
mod summarize;

use crate::slice::Slice;

/// Returns the slice.
pub fn slice() -> Slice {
    Slice::new("monitor", "Tells people and programs what happened, and sums up results")
        .domain::<summarize::Summary>()
        .compute("log_event", notify::log_event)
        .compute("log_trade", notify::log_trade)
        .compute("update_metrics", notify::update_metrics)
        .compute("alert", notify::alert)
        .compute("summarize", summarize::summarize)
}
