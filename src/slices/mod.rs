//! The library: every slice that comes with wf.

mod analyze;
mod market_regime;
mod ml_strategy;
#[cfg(test)]
mod sample;

use crate::slice::Registry;

/// Returns every slice that comes with wf.
pub fn library() -> Registry {
    Registry::new().with(ml_strategy::slice()).with(analyze::slice()).with(market_regime::slice())
}
