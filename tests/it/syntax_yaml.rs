//! The YAML form, to the tree and back.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may fail loudly"
)]

mod any_text;
mod comments;
mod generated;
mod mistakes;
mod round_trip;
mod same_tree;
