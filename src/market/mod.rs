//! The trading domain: bars, indicators, orders, fills, accounts, costs, limits and metrics. It knows no workflow.

mod bars;
mod costs;
pub mod indicators;
mod limits;
mod regime;
mod signals;
mod sizing;

pub use bars::{Adjust, BadBars, BarRows, BarSeries, Bars, RowNames, bucket, date_of, seconds_of};
pub use costs::Costs;
pub use limits::{Amount, Limits, OnBreach};
pub use regime::{Regime, RegimeAt, RegimeKind, RegimeSeries};
pub use signals::{FillAt, OrderRules, Signals, Size, Target};
pub use sizing::{Sizing, SizingSeries};
