//! What kind of market it is: a series over bars.

use std::sync::Arc;

use rust_decimal::Decimal;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::Bars;
use crate::value::{Detail, Domain, Nominal, Percent, Shared, Value};

/// A kind of market.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RegimeKind {
    /// Prices rise.
    Bull,
    /// Prices fall.
    Bear,
    /// Prices go nowhere.
    Sideways,
    /// Prices fall and swing widely.
    Crisis,
}

impl RegimeKind {
    /// Every kind, in the order of the probabilities.
    pub const ALL: [RegimeKind; 4] = [RegimeKind::Bull, RegimeKind::Bear, RegimeKind::Sideways, RegimeKind::Crisis];

    /// Returns its name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Bull => "bull",
            Self::Bear => "bear",
            Self::Sideways => "sideways",
            Self::Crisis => "crisis",
        }
    }
}

/// The regime at one bar, from bars up to it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RegimeAt {
    /// The likeliest kind.
    pub kind: RegimeKind,
    /// The probability of each kind, in the order of [`RegimeKind::ALL`]; they sum to 1.
    pub probabilities: [f64; 4],
    /// Whether the market has changed, where that was asked.
    pub change: Option<Change>,
}

/// Whether the market has changed, as known at one bar.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Change {
    /// How probable it is that returns have been of another kind for less than 21 bars.
    pub probability: f64,
    /// The likeliest number of bars since the last change.
    pub run: usize,
}

/// A change of the market that was found.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct ChangePoint {
    /// The first day of what is new.
    #[schemars(with = "Option<String>", extend("x-unit" = "Date"))]
    pub date: Option<Value>,
    /// The day on which it was more probable than not, and had lasted five bars.
    #[schemars(with = "Option<String>", extend("x-unit" = "Date"))]
    pub seen: Option<Value>,
}

/// How well a model of so many states predicted bars that it had not been fitted to.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct StatesScore {
    /// How many states it has.
    pub states: usize,
    /// The mean logarithm of the density that it predicted for a bar.
    pub log_likelihood: f64,
    /// How many bars it predicted.
    pub bars: usize,
}

/// What kind of market it is, for each bar: the entry at bar t uses bars up to t and nothing else.
#[derive(Clone, Debug, JsonSchema)]
#[schemars(rename = "Regime")]
pub struct RegimeSeries {
    /// The bars that it was read from, where there are any.
    pub bars: Option<Bars>,
    /// The kind at the last bar.
    pub kind: RegimeKind,
    /// How probable that kind is.
    pub probability: Percent,
    /// The day since when it has been that kind.
    #[schemars(extend("x-unit" = "Date"))]
    pub since: Option<String>,
    /// How probable it is that the market has changed within the last 21 bars; none where nobody looked.
    pub change_probability: Option<Percent>,
    /// The likeliest number of bars since the last change.
    pub bars_since_change: Option<usize>,
    /// The changes that were found, each when it was.
    pub changes: Vec<ChangePoint>,
    /// How many states the model in force has.
    pub states: Option<usize>,
    /// What the models of each number of states predicted; the best is in force.
    pub likelihoods: Vec<StatesScore>,
    /// The first bar that has an entry.
    #[schemars(skip)]
    pub first: usize,
    /// One entry for each bar from `first` on.
    #[schemars(skip)]
    pub entries: Arc<[RegimeAt]>,
}

/// A regime as steps share it.
pub type Regime = Shared<RegimeSeries>;

impl RegimeSeries {
    /// Returns a regime that knows nothing: sideways, every kind as probable as any other, at every bar.
    pub fn neutral() -> Self {
        Self {
            bars: None,
            kind: RegimeKind::Sideways,
            probability: Percent(Decimal::new(25, 2)),
            since: None,
            change_probability: None,
            bars_since_change: None,
            changes: Vec::new(),
            states: None,
            likelihoods: Vec::new(),
            first: 0,
            entries: [RegimeAt { kind: RegimeKind::Sideways, probabilities: [0.25; 4], change: None }].into(),
        }
    }

    /// Returns the regime in force at a bar, where there is one yet.
    pub fn at(&self, bar: usize) -> Option<RegimeAt> {
        self.entries.get(bar.checked_sub(self.first)?).or(self.entries.last()).copied()
    }
}

impl Domain for RegimeSeries {
    fn name(&self) -> &'static str {
        Self::NAME
    }
    fn field(&self, name: &str) -> Option<Value> {
        Some(match name {
            "bars" => self.bars.clone().map_or(Value::None, Value::from),
            "kind" => self.kind.as_str().into(),
            "probability" => self.probability.into(),
            "since" => self.since.as_ref().and_then(|it| it.parse().ok()).map_or(Value::None, Value::Date),
            "change_probability" => self.change_probability.map_or(Value::None, Value::from),
            "bars_since_change" => Value::of(&self.bars_since_change).ok()?,
            "changes" => Value::of(&self.changes).ok()?,
            "states" => Value::of(&self.states).ok()?,
            "likelihoods" => Value::of(&self.likelihoods).ok()?,
            _ => return None,
        })
    }
    fn to_json(&self, detail: Detail) -> serde_json::Value {
        let changes = Value::of(&self.changes).map_or(serde_json::Value::Null, |it| it.to_json(detail));
        json!({
            "kind": self.kind.as_str(),
            "probability": self.probability.to_string(),
            "since": self.since,
            "change_probability": self.change_probability.map(|it| it.to_string()),
            "bars_since_change": self.bars_since_change,
            "changes": changes,
            "states": self.states,
            "likelihoods": self.likelihoods,
        })
    }
    fn encode(&self) -> Vec<u8> {
        let entries = self.entries.iter().flat_map(|it| it.probabilities).flat_map(f64::to_le_bytes);
        self.first.to_le_bytes().into_iter().chain(self.kind.as_str().bytes()).chain(entries).collect()
    }
}

impl Nominal for RegimeSeries {
    const NAME: &'static str = "Regime";
}
