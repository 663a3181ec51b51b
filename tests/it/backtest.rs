//! Backtests: by hand to the last digit, by law over generated markets, and against other engines.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may fail loudly"
)]

mod borrowing;
mod hand;
mod laws;
mod limits;
mod peers;
mod portfolio;
mod slices;
mod support;
mod together;
mod trades;
mod waiting;
