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
    use crate::value::{Field, Ty};

    /// Inputs of which every value has a meaning.
    const UNBOUNDED: &[&str] = &["warmup", "seed"];

    /// Returns what measures something and has no bounds, of an input and what is in it.
    fn without_bounds(owner: &str, field: &Field) -> Vec<String> {
        let path = format!("{owner}: {}", field.name);
        match field.ty.required() {
            Ty::Record(fields) => fields.iter().flat_map(|it| without_bounds(&path, it)).collect(),
            _ if field.within.is_some() || UNBOUNDED.contains(&&*field.name) => Vec::new(),
            Ty::Int
            | Ty::Decimal
            | Ty::Percent
            | Ty::Money(_)
            | Ty::Duration
            | Ty::Period
            | Ty::BarCount
            | Ty::Quantity
            | Ty::Leverage
            | Ty::RMultiple => vec![path],
            _ => Vec::new(),
        }
    }

    #[test]
    fn every_input_that_measures_says_its_bounds() {
        let registry = super::library();
        let methods = registry.slices().flat_map(|it| registry.methods(it));
        let inputs = methods.flat_map(|it| it.inputs.iter().flat_map(move |field| without_bounds(&it.path(), field)));
        assert_eq!(inputs.collect::<Vec<_>>(), Vec::<String>::new());
    }

    #[test]
    fn every_method_is_documented_and_its_types_are_known() {
        let found = super::library().validate().map_err(|it| it.to_string());
        assert_eq!(found, Ok(()));
    }
}
