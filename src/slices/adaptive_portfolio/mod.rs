//! How to split an account over symbols.

mod allocate;
mod drift;
mod rebalance;
mod solve;
mod tier;
mod timeline;
mod weigh;

use crate::slice::Slice;

/// Returns the slice.
pub fn slice() -> Slice {
    Slice::new("adaptive_portfolio", "Splits an account over symbols by risk and by its size")
        .compute("allocate", allocate::allocate)
        .compute("rebalance", rebalance::rebalance)
        .compute("tier", tier::tier)
}
