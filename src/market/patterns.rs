//! Patterns of bars: where they are, which way they point and how marked they are.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Bars;
use crate::value::{Detail, Domain, Nominal, Percent, Shared, Value};

/// Which way a pattern points.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// Higher prices.
    Up,
    /// Lower prices.
    Down,
    /// Neither.
    Neutral,
}

/// What a pattern is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum PatternKind {
    /// One to three bars.
    Candlestick,
    /// Many bars.
    Chart,
}

/// A pattern: complete at its bar, from bars up to it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Pattern {
    /// What it is called, as in `bullish_engulfing`.
    pub name: String,
    /// What it is made of.
    pub kind: PatternKind,
    /// The day of the bar that completes it.
    #[schemars(with = "Option<String>", extend("x-unit" = "Date"))]
    pub date: Option<Value>,
    /// That bar's place in the bars, from 0.
    pub bar: usize,
    /// Which way it points.
    pub direction: Direction,
    /// How marked it is: 0 % is barely there, 100 % is a textbook case.
    pub strength: Percent,
}

/// A price at which the market turned more than once.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Level {
    /// The mean of the prices at which it turned.
    pub price: f64,
    /// How often it turned there.
    pub touches: usize,
}

/// Which way prices go.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Trend {
    /// Close above the 50-bar mean and the 20-bar mean above it too.
    Up,
    /// Close below the 50-bar mean and the 20-bar mean below it too.
    Down,
    /// Neither.
    Sideways,
}

/// The patterns of bars, and how things stand at the last of them.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "Patterns")]
pub struct PatternSeries {
    /// The bars that they were found in.
    pub bars: Bars,
    /// What was found, by rising bar.
    pub found: Vec<Pattern>,
    /// Which way prices go at the last bar; none with fewer than 50 bars.
    pub trend: Option<Trend>,
    /// The standard deviation of the log returns of the last 63 bars, a year; none with fewer than 22 bars.
    pub volatility: Option<Percent>,
    /// Levels below the last close, the nearest first, at most three.
    pub support: Vec<Level>,
    /// Levels above the last close, the nearest first, at most three.
    pub resistance: Vec<Level>,
}

/// Patterns as steps share them.
pub type Patterns = Shared<PatternSeries>;

impl PatternSeries {
    /// Returns how the patterns of the last `window` bars up to `bar` point on balance: the sum of their strengths, those
    /// that point down counted negative. What came after `bar` plays no part.
    pub fn balance(&self, bar: usize, window: usize) -> f64 {
        let upto = self.found.partition_point(|it| it.bar <= bar);
        let recent = self.found.iter().take(upto).rev().take_while(|it| it.bar + window > bar);
        let signed = recent.map(|it| match it.direction {
            Direction::Up => f64::try_from(it.strength.0).unwrap_or_default(),
            Direction::Down => -f64::try_from(it.strength.0).unwrap_or_default(),
            Direction::Neutral => 0.0,
        });
        signed.sum()
    }
}

impl Level {
    /// Returns a level at this price, to four decimals.
    pub fn new(price: f64, touches: usize) -> Self {
        Self { price: (price * 1e4).round() / 1e4, touches }
    }
}

impl Domain for PatternSeries {
    fn name(&self) -> &'static str {
        Self::NAME
    }
    fn field(&self, name: &str) -> Option<Value> {
        match name {
            "bars" => Some(self.bars.clone().into()),
            "found" => Value::of(&self.found).ok(),
            "trend" => Value::of(&self.trend).ok(),
            "volatility" => Value::of(&self.volatility).ok(),
            "support" => Value::of(&self.support).ok(),
            "resistance" => Value::of(&self.resistance).ok(),
            _ => None,
        }
    }
    fn to_json(&self, detail: Detail) -> serde_json::Value {
        /// How many of the last patterns a summary shows.
        const SHOWN: usize = 10;
        let skip = if detail == Detail::Full { 0 } else { self.found.len().saturating_sub(SHOWN) };
        let found: Vec<_> = self.found.iter().skip(skip).map(|it| show(it, detail)).collect();
        serde_json::json!({
            "symbol": self.bars.symbol.as_str(),
            "found": found,
            "count": self.found.len(),
            "trend": show(&self.trend, detail),
            "volatility": show(&self.volatility, detail),
            "support": show(&self.support, detail),
            "resistance": show(&self.resistance, detail),
        })
    }
    fn encode(&self) -> Vec<u8> {
        let own = self.to_json(Detail::Full).to_string().into_bytes();
        self.bars.encode().into_iter().chain(own).collect()
    }
}

fn show(it: &impl Serialize, detail: Detail) -> serde_json::Value {
    Value::of(it).map_or(serde_json::Value::Null, |it| it.to_json(detail))
}

impl Nominal for PatternSeries {
    const NAME: &'static str = "Patterns";
}
