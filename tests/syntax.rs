//! The languages of the engine, text to tree and back.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may fail loudly"
)]

#[path = "syntax/examples.rs"]
mod examples;
#[path = "syntax/format.rs"]
mod format;
#[path = "syntax/mistakes.rs"]
mod mistakes;
#[path = "syntax/properties.rs"]
mod properties;
