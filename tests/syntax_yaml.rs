//! The YAML form, to the tree and back.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may fail loudly"
)]

#[path = "syntax_yaml/any_text.rs"]
mod any_text;
#[path = "syntax_yaml/comments.rs"]
mod comments;
#[path = "syntax_yaml/generated.rs"]
mod generated;
#[path = "syntax_yaml/mistakes.rs"]
mod mistakes;
#[path = "syntax_yaml/round_trip.rs"]
mod round_trip;
#[path = "syntax_yaml/same_tree.rs"]
mod same_tree;
