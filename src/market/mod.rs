//! The trading domain: bars, indicators, orders, fills, accounts, costs, limits and metrics. It knows no workflow.

mod account;
mod as_of;
mod backtest;
mod bars;
mod bits;
mod book;
mod calendar;
mod costs;
mod covariance;
mod exact;
mod fill;
mod guard;
pub mod indicators;
mod ledger;
mod limits;
pub mod metrics;
mod numbers;
mod order;
mod patterns;
mod regime;
mod report;
mod signals;
mod sizing;
mod spread;
mod stake;
mod targets;
mod time;

pub use account::{Account, Closed, Position};
pub use as_of::{bar_from, bar_in_force};
pub use backtest::{Ground, Outcome, Part, Script, Setup, Trial, Unfit, run_signals, run_targets, run_together};
pub use bars::{Adjust, BadBars, BarRows, BarSeries, Bars, Finding, Oddity, Origin, Quality, RowNames, bucket};
pub use bits::{Against, Bits, Compared, compare};
pub use book::{Book, Event, Filling, Happening, Moment, RoundTrip};
pub use calendar::{Calendar, Session};
pub use costs::Costs;
pub use covariance::{Matrix, risk_shares, shrunk};
pub use exact::{DECIMALS, Exact, Price, Ratio, Units};
pub use fill::{Fill, FillModel, PriceBar};
pub use guard::{Breach, Guard, Reading, Standing, Verdict};
pub use ledger::{EntryReason, Fate, Ledger, OrderFill, OrderRecord};
pub use limits::{Amount, Limits, OnBreach};
pub use numbers::Numbers;
pub use order::{Order, OrderId, OrderKind, Reason, Side};
pub use patterns::{Direction, Level, Pattern, PatternKind, PatternSeries, Patterns, Trend};
pub use regime::{Change, ChangePoint, Regime, RegimeAt, RegimeKind, RegimeSeries, StatesScore};
pub use report::{
    AnyMetric, Assumptions, BacktestReport, BacktestReportData, Better, Gauge, Holdings, MEASURES, Measure,
    MeasureGroup, MeasureUnit, Measured, Objective, OpenRecord, SymbolRecord, TradeRecord, measures_page, report,
};
pub use signals::{EntryRule, FillAt, OrderRules, Signals, Size, Target, Waits};
pub use sizing::{Sizing, SizingSeries};
pub(crate) use spread::{spread, spread_over};
pub use stake::Stake;
pub use targets::{TargetAt, TargetSeries, TargetWeight, Targets};
pub use time::{DAY_SECONDS, date_of, seconds_of, time_text};
