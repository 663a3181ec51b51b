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

mod golden;
mod indicators;
mod metrics;
mod quality;
mod sources;
mod talib;
