//! Strategies: rules over bars, written in the language, evaluated column by column.

mod audit;
mod choice;
mod columns;
mod compile;
mod functions;
mod graph;
mod infer;
mod instance;
mod library;
mod orders;
mod quality;
mod record;
mod sense;
mod sweep;
mod value;

pub use audit::{Peek, look_ahead};
pub use choice::{ChoiceAt, ChoiceSeries, StrategyChoice};
pub use compile::compile;
pub use infer::{FUNCTIONS, Function, PRICES};
pub use instance::with_defaults;
pub use library::{all_from, candidates, from_text, library, library_sources};
pub use quality::{Importance, Quality, Reliability};
pub use record::{Record, record};
pub use sweep::{Axis, Family};
pub use value::{Rules, Strategy, StrategyValue};
