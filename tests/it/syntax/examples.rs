//! Whole files that are right.

use wf::{
    source::{FileId, Source},
    syntax::{self, Parsed},
};

/// Every file of the examples, shipped or for tests only: its name and text.
pub fn all() -> Vec<(&'static str, &'static str)> {
    vec![
        ("simple_backtest.wf", include_str!("../../../workflows/simple_backtest.wf")),
        ("portfolio.wf", include_str!("../../../workflows/portfolio.wf")),
        ("optimization.wf", include_str!("../../../workflows/optimization.wf")),
        ("strategies/sma_cross.wf", include_str!("../../../workflows/strategies/sma_cross.wf")),
        ("paper_trading.wf", include_str!("../../syntax/files/paper_trading.wf")),
        ("signal_trading.wf", include_str!("../../syntax/files/signal_trading.wf")),
    ]
}

pub fn read(text: &str) -> Parsed {
    syntax::parse(FileId(0), &Source::new("test.wf", None, text))
}

#[test]
fn parse_without_a_word() {
    for (name, text) in all() {
        assert_eq!(read(text).diagnostics, vec![], "{name}");
    }
}
