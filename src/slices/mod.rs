//! The library: one folder a slice, all of them listed here.

mod analyze;
pub mod data;
mod market_regime;
#[cfg(test)]
mod sample;

use crate::slice::Registry;

/// Returns every slice that comes with the program.
pub fn library() -> Registry {
    Registry::new().with(analyze::slice()).with(data::slice()).with(market_regime::slice())
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_method_is_documented_and_its_types_are_known() {
        let found = super::library().validate().map_err(|it| it.to_string());
        assert_eq!(found, Ok(()));
    }
}
