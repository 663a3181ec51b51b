//! The engine: what it promises of order, retries, failure, time and repeatability.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may fail loudly"
)]

mod failure;
mod order;
pub(crate) mod support;
mod time;
mod told;
