//! How to split an account over symbols: a series over time.

use std::sync::Arc;

use rust_decimal::{Decimal, prelude::FromPrimitive as _};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{Bars, time_text};
use crate::value::{Detail, Domain, Nominal, Percent, Shared, Symbol, Value};

/// The weights decided at one instant, from bars up to it; in force until the next entry.
#[derive(Clone, Debug, PartialEq)]
pub struct TargetAt {
    /// The time of the bars at whose close it was decided, as in `BarSeries::time`.
    pub time: i64,
    /// For each symbol the share of equity to hold as a notional, negative for a short: 0.25 is a quarter. What is left
    /// to 1 is cash.
    pub weights: Arc<[f64]>,
}

/// The share of equity to hold of one symbol.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct TargetWeight {
    /// The instrument.
    pub symbol: Symbol,
    /// The share of equity, negative for a short.
    pub weight: Percent,
}

/// How to split an account over symbols, for each rebalance: an entry at time t uses bars up to t and nothing else.
#[derive(Clone, Debug, JsonSchema)]
#[schemars(rename = "Targets")]
pub struct TargetSeries {
    /// What to hold, in the order of the weights.
    pub symbols: Vec<Symbol>,
    /// The weights in force at the end.
    pub weights: Vec<TargetWeight>,
    /// Whether the limits allow them.
    pub approved: bool,
    /// Why not, or what was reduced.
    pub reasons: Vec<String>,
    /// How they were found.
    pub method: String,
    /// The bars of each symbol, in the order of `symbols`.
    #[schemars(skip)]
    pub bars: Arc<[Bars]>,
    /// The weights over time, by rising time.
    #[schemars(skip)]
    pub entries: Arc<[TargetAt]>,
}

/// Targets as steps share them.
pub type Targets = Shared<TargetSeries>;

impl TargetSeries {
    /// Returns approved targets of these bars; each entry has one weight for each of them.
    pub fn new(bars: impl Into<Arc<[Bars]>>, entries: impl Into<Arc<[TargetAt]>>, method: impl Into<String>) -> Self {
        let (bars, entries): (Arc<[Bars]>, Arc<[TargetAt]>) = (bars.into(), entries.into());
        let symbols: Vec<_> = bars.iter().map(|it| it.symbol.clone()).collect();
        let last = entries.last().map(|it| it.weights.clone()).unwrap_or_default();
        let weights = symbols.iter().zip(last.iter()).map(|(symbol, weight)| {
            let weight = Percent(Decimal::from_f64(*weight).unwrap_or_default().round_dp(6));
            TargetWeight { symbol: symbol.clone(), weight }
        });
        let (weights, method) = (weights.collect(), method.into());
        Self { weights, symbols, approved: true, reasons: Vec::new(), method, bars, entries }
    }

    /// Returns the weights in force at a time, where there are any yet.
    pub fn at(&self, time: i64) -> Option<&TargetAt> {
        let after = self.entries.partition_point(|it| it.time <= time);
        self.entries.get(after.checked_sub(1)?)
    }
}

impl Domain for TargetSeries {
    fn name(&self) -> &'static str {
        Self::NAME
    }
    fn field(&self, name: &str) -> Option<Value> {
        Some(match name {
            "symbols" => Value::list(self.symbols.iter().cloned().map(Value::from)),
            "weights" => Value::of(&self.weights).ok()?,
            "approved" => self.approved.into(),
            "reasons" => Value::list(self.reasons.iter().map(|it| it.as_str().into())),
            "method" => self.method.as_str().into(),
            _ => return None,
        })
    }
    fn to_json(&self, detail: Detail) -> serde_json::Value {
        let weights: serde_json::Map<_, _> =
            self.weights.iter().map(|it| (it.symbol.to_string(), json!(it.weight.to_string()))).collect();
        let mut shown = json!({
            "weights": weights,
            "approved": self.approved,
            "reasons": self.reasons,
            "method": self.method,
            "rebalances": self.entries.len(),
        });
        if let (Detail::Full, Some(fields)) = (detail, shown.as_object_mut()) {
            let entry = |it: &TargetAt| json!({ "time": time_text(it.time), "weights": &*it.weights });
            fields.insert("entries".into(), self.entries.iter().map(entry).collect());
        }
        shown
    }
    fn encode(&self) -> Vec<u8> {
        let entries = self
            .entries
            .iter()
            .flat_map(|it| it.time.to_le_bytes().into_iter().chain(it.weights.iter().flat_map(|it| it.to_le_bytes())));
        let said = self.reasons.iter().flat_map(|it| it.bytes().chain([0])).chain([u8::from(self.approved)]);
        self.bars.iter().flat_map(|it| it.encode()).chain(entries).chain(said).collect()
    }
}

impl Nominal for TargetSeries {
    const NAME: &'static str = "Targets";
}
