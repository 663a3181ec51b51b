//! Everything that is tested from outside, in one program: one links faster than many.
#![allow(
    clippy::pedantic,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    clippy::float_cmp,
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_sign_loss,
    reason = "a test may fail loudly, and its numbers are small and exactly what they are compared with"
)]

mod backtest;
mod check;
mod docs;
mod editors;
mod engine;
mod expr;
mod fuzz;
mod hostile;
mod lsp;
mod market;
mod mutants;
mod plan;
mod reports;
mod research;
mod schemas;
mod strategy;
mod syntax;
mod syntax_yaml;
mod trial;
