//! Bars, indicators and metrics against figures made with other people's libraries, and sources against real files.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::float_cmp,
    clippy::unnecessary_wraps,
    missing_docs,
    reason = "a test may fail loudly"
)]

#[path = "market/golden.rs"]
mod golden;
#[path = "market/indicators.rs"]
mod indicators;
#[path = "market/metrics.rs"]
mod metrics;
#[path = "market/sources.rs"]
mod sources;
