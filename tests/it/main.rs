//! Everything that is tested from outside, in one program: one links faster than many.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::float_cmp,
    reason = "a test may fail loudly, and compares numbers that are exactly so"
)]

mod backtest;
mod check;
mod docs;
mod engine;
mod expr;
mod market;
mod plan;
mod research;
mod schemas;
mod strategy;
mod syntax;
mod syntax_yaml;
