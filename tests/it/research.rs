//! The slices that research and choose, through the catalogue and on the prices that come with the program.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::float_cmp,
    missing_docs,
    reason = "a test may fail loudly"
)]

mod choice;
mod optimize;
mod portfolio;
mod search;
mod sizes;
mod walk;
mod world;
