//! A small catalogue for tests of the checker: the names and types of the trading library, without its bodies.

#![allow(dead_code, reason = "only the signatures are looked at")]

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use wf::{
    market::{BacktestReport, Bars, Costs, Patterns, Regime, Sizing, Targets},
    records,
    slice::{Fault, Market, Notify, Pure, Registry, Role, Slice, Trading},
    strategy::{Strategy, StrategyChoice, StrategyValue},
    union,
    value::{BarCount, DateRange, Duration, Money, Percent, Shared, Symbol, Value},
};

union! {
    /// What a backtest trades.
    pub enum Traded { Strategy(Strategy), StrategyChoice(StrategyChoice) }
}

/// What an account was told.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct OrderResult {
    /// What became of it.
    pub status: String,
}

/// A message.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Message {
    /// What it says.
    pub text: String,
}

/// Which way a message points.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Opinion {
    /// What it is about.
    pub symbol: Symbol,
    /// How sure it is.
    pub confidence: Percent,
    /// Which way.
    pub direction: Direction,
}

/// Which way.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// Up.
    Up,
    /// Down.
    Down,
    /// Neither.
    Neutral,
}

records!(OrderResult, Message, Opinion);

macro_rules! inputs { ($($Name:ident { $($(#[$meta:meta])* $field:ident: $ty:ty),* $(,)? })+) => { $(
    /// An input of the tests.
    #[derive(Deserialize, JsonSchema)]
    struct $Name { $($(#[$meta])* #[doc = stringify!($field)] $field: $ty),* }
)+ } }

inputs! {
    History { symbol: Symbol, period: Option<DateRange>, #[serde(default = "day")] timeframe: Duration }
    Recent { symbol: Symbol, #[serde(default = "some_bars")] lookback: BarCount }
    Clean { bars: Bars }
    Feed { symbols: Vec<Symbol> }
    Detect { bars: Bars }
    Predict { bars: Bars, regime: Regime, patterns: Option<Patterns> }
    Fixed { strategy: Strategy }
    Calculate { bars: Bars, choice: StrategyChoice, regime: Option<Regime>, capital: Money, fraction: Option<Percent> }
    Backtest { bars: Bars, strategy: Traded, sizing: Option<Sizing>, capital: Money, costs: Option<Costs> }
    Picks { picks: Vec<Pick>, capital: Money }
    Checked { targets: Shared<wf::market::TargetSeries> }
    Order { sizing: Sizing }
    Summarize { reports: Vec<BacktestReport> }
    Log { event: String, data: Option<Value> }
    Read { message: Shared<Message> }
    Limit { kind: Kind }
    Source { source: String, api_key: Option<String> }
    Latest { symbol: Symbol, api_key: Option<String> }
    Quote { symbol: Symbol }
    Members { index: String, as_of: Option<wf::value::Value> }
    Shuffled { bars: Bars, draws_from: Option<i64> }
    Nothing {}
}

/// How an order is placed.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Kind {
    NextOpen,
    Close,
    Limit,
}

#[derive(Deserialize, JsonSchema)]
#[expect(dead_code, reason = "only the signature is looked at")]
struct Pick {
    symbol: Symbol,
    bars: Bars,
    choice: StrategyChoice,
}

fn day() -> Duration {
    Duration::DAY
}

fn some_bars() -> BarCount {
    BarCount(500)
}

fn never<T>() -> Result<T, Fault> {
    Err(Fault::permanent("the tests of the checker run nothing"))
}

/// Returns the real library with what it does not have yet: accounts, and messages that come from a network.
pub fn desk() -> Registry {
    trading(wf::slices::library())
        .with(
            Slice::new("news", "Messages and quotes of a vendor.")
                .compute("stream", |_: Market, _: Feed| never::<Shared<Message>>())
                .with(|it| it.output = wf::value::Ty::Stream(wf::value::Ty::domain("Message").into()))
                .compute("latest", |_: Market, _: Latest| never::<Bars>())
                .with(|it| it.network = true)
                .compute("replayed", |_: Market, _: Latest| never::<Bars>())
                .with(|it| it.simulated = true),
        )
        .with(
            Slice::new("vendor", "What else a vendor of data sells.")
                .compute("members", |_: Market, _: Members| never::<Vec<Symbol>>())
                .role(Role::Lists { as_of: "as_of" })
                .compute("today", |_: Market, _: Quote| never::<Bars>())
                .role(Role::Loads { symbol: "symbol", period: None, timeframe: None, count: None })
                .repaints()
                .with(|it| it.network = true)
                .compute("replayed", |_: Market, _: Quote| never::<Bars>())
                .with(|it| it.simulated = true)
                .compute("shuffled", |_: Pure, _: Shuffled| never::<Bars>())
                .random("draws_from")
                .compute("fitted", |_: Pure, _: Clean| never::<Strategy>())
                .role(Role::Fits { bars: "bars" }),
        )
}

/// Adds what a desk has beside prices and decisions: accounts, checks of risk, opinions.
fn trading(registry: Registry) -> Registry {
    registry
        .with(Slice::new("risk", "Limits.").compute("check", |_: Pure, _: Order| never::<Sizing>()).role(Role::Guards))
        .with(
            Slice::new("paper_trade", "Paper.")
                .domain::<OrderResult>()
                .compute("execute", |_: Trading, _: Order| never::<Shared<OrderResult>>())
                .compute("rebalance", |_: Trading, _: Checked| never::<Shared<OrderResult>>()),
        )
        .with(
            Slice::new("live_trade", "Live.")
                .compute("execute", |_: Trading, _: Order| never::<Shared<OrderResult>>())
                .compute("rebalance", |_: Trading, _: Checked| never::<Shared<OrderResult>>()),
        )
        .with(
            Slice::new("sentiment", "Opinions.")
                .domain::<Message>()
                .domain::<Opinion>()
                .compute("analyze", |_: Pure, _: Read| never::<Shared<Opinion>>()),
        )
}

/// Returns the catalogue.
pub fn registry() -> Registry {
    trading(Registry::new())
        .with(
            Slice::new("data", "Prices.")
                .domain::<wf::market::BarSeries>()
                .compute("get_historical", |_: Market, _: History| never::<Bars>())
                .compute("get_recent", |_: Market, _: Recent| never::<Bars>())
                .with(|it| it.network = true)
                .compute("clean", |_: Pure, _: Clean| never::<Bars>())
                .compute("symbols", |_: Market, _: Feed| never::<Vec<Symbol>>())
                .compute("stream", |_: Market, _: Feed| never::<Shared<Message>>())
                .with(|it| it.output = wf::value::Ty::Stream(wf::value::Ty::domain("Message").into())),
        )
        .with(
            Slice::new("analyze", "Patterns.")
                .domain::<wf::market::PatternSeries>()
                .compute("find_patterns", |_: Pure, _: Detect| never::<Patterns>()),
        )
        .with(
            Slice::new("market_regime", "Regimes.")
                .domain::<wf::market::RegimeSeries>()
                .compute("detect", |_: Pure, _: Detect| never::<Regime>())
                .compute("neutral", |_: Pure, _: Nothing| never::<Regime>()),
        )
        .with(
            Slice::new("ml_strategy", "Choices.")
                .domain::<wf::strategy::ChoiceSeries>()
                .domain::<StrategyValue>()
                .compute("predict_best", |_: Pure, _: Predict| never::<StrategyChoice>())
                .compute("fixed", |_: Pure, _: Fixed| never::<StrategyChoice>()),
        )
        .with(
            Slice::new("position_sizing", "Sizes.")
                .domain::<wf::market::SizingSeries>()
                .compute("calculate", |_: Pure, _: Calculate| never::<Sizing>()),
        )
        .with(
            Slice::new("backtest", "Backtests.")
                .domain::<wf::market::BacktestReportData>()
                .compute("execute", |_: Pure, _: Backtest| never::<BacktestReport>()),
        )
        .with(
            Slice::new("adaptive_portfolio", "Weights.")
                .domain::<wf::market::TargetSeries>()
                .compute("allocate", |_: Pure, _: Picks| never::<Targets>()),
        )
        .with(
            Slice::new("monitor", "Reports.")
                .compute("log_event", |_: Notify, _: Log| never::<()>())
                .compute("summarize", |_: Pure, _: Summarize| never::<String>()),
        )
        .with(
            Slice::new("orders", "Kinds of orders, and where messages come from.")
                .compute("kind", |_: Pure, _: Limit| never::<String>())
                .compute("source", |_: Market, _: Source| never::<String>()),
        )
}
