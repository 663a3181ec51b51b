//! The trading domain: bars, indicators, orders, fills, accounts, costs, limits and metrics. It knows no workflow.

mod bars;
mod costs;
mod limits;

pub use bars::{BarSeries, Bars};
pub use costs::Costs;
pub use limits::{Amount, Limits, OnBreach};
