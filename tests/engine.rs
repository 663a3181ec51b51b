//! The engine: what it promises of order, retries, failure, time and repeatability.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may fail loudly"
)]

#[path = "engine/failure.rs"]
mod failure;
#[path = "engine/order.rs"]
mod order;
#[path = "engine/support.rs"]
mod support;
#[path = "engine/time.rs"]
mod time;
#[path = "engine/told.rs"]
mod told;
