//! Strategies: rules over bars, written in the language, evaluated column by column.

mod choice;
mod record;
mod value;

pub use choice::{ChoiceAt, ChoiceSeries, StrategyChoice};
pub use record::{Record, record};
pub use value::{Rules, Strategy, StrategyValue};
