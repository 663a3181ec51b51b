//! The library: one folder a slice, all of them listed here.

pub mod adaptive_portfolio;
pub mod analyze;
pub mod backtest;
pub mod data;
pub mod market_regime;
pub mod ml_strategy;
pub mod monitor;
pub mod optimize;
pub mod position_sizing;
pub mod risk;
#[cfg(test)]
pub(crate) mod sample;

use crate::slice::Registry;

/// Returns every slice that comes with the program.
pub fn library() -> Registry {
    Registry::new()
        .with(data::slice())
        .with(position_sizing::slice())
        .with(backtest::slice())
        .with(analyze::slice())
        .with(market_regime::slice())
        .with(ml_strategy::slice())
        .with(adaptive_portfolio::slice())
        .with(risk::slice())
        .with(monitor::slice())
        .with(optimize::slice())
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_method_is_documented_and_its_types_are_known() {
        let found = super::library().validate().map_err(|it| it.to_string());
        assert_eq!(found, Ok(()));
    }
}
