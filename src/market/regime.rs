//! What kind of market it is: a series over bars.

use std::sync::Arc;

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
            _ => return None,
        })
    }
    fn to_json(&self, _: Detail) -> serde_json::Value {
        json!({
            "kind": self.kind.as_str(),
            "probability": self.probability.to_string(),
            "since": self.since,
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
