//! The languages of the engine, text to tree and back.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may fail loudly"
)]

mod around;
mod examples;
mod fixes;
mod format;
mod mistakes;
mod properties;
