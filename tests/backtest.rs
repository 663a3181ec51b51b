//! Backtests: by hand to the last digit, by law over generated markets, and against other engines.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may fail loudly"
)]

#[path = "backtest/hand.rs"]
mod hand;
#[path = "backtest/laws.rs"]
mod laws;
#[path = "backtest/limits.rs"]
mod limits;
#[path = "backtest/peers.rs"]
mod peers;
#[path = "backtest/portfolio.rs"]
mod portfolio;
#[path = "backtest/slices.rs"]
mod slices;
#[path = "backtest/support.rs"]
mod support;
