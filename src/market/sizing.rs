//! How much to hold: a series over bars.

use std::sync::Arc;

use schemars::JsonSchema;
use serde_json::json;

use super::Bars;
use crate::value::{Detail, Domain, Money, Nominal, Percent, Quantity, Shared, Value};

/// How much to hold, for each bar: the entry at bar t uses bars up to t and nothing else.
#[derive(Clone, Debug, JsonSchema)]
#[schemars(rename = "Sizing")]
pub struct SizingSeries {
    /// The bars that it was sized on.
    pub bars: Bars,
    /// The share of equity to hold as a notional at the last bar.
    pub fraction: Percent,
    /// That share of the capital, rounded down to whole shares at the last close.
    pub quantity: Quantity,
    /// What that quantity is worth.
    pub value: Money,
    /// How it was sized.
    pub method: String,
    /// The first bar that has an entry.
    #[schemars(skip)]
    pub first: usize,
    /// The share of equity to hold, for each bar from `first` on: 0.5 is half of it.
    #[schemars(skip)]
    pub fractions: Arc<[f64]>,
}

/// A sizing as steps share it.
pub type Sizing = Shared<SizingSeries>;

impl SizingSeries {
    /// Returns the share of equity in force at a bar, where there is one yet.
    pub fn at(&self, bar: usize) -> Option<f64> {
        self.fractions.get(bar.checked_sub(self.first)?).or(self.fractions.last()).copied()
    }
}

impl Domain for SizingSeries {
    fn name(&self) -> &'static str {
        Self::NAME
    }
    fn field(&self, name: &str) -> Option<Value> {
        Some(match name {
            "bars" => self.bars.clone().into(),
            "fraction" => self.fraction.into(),
            "quantity" => self.quantity.into(),
            "value" => self.value.into(),
            "method" => self.method.as_str().into(),
            _ => return None,
        })
    }
    fn to_json(&self, detail: Detail) -> serde_json::Value {
        json!({
            "symbol": self.bars.symbol.as_str(),
            "fraction": self.fraction.to_string(),
            "quantity": self.quantity.amount.to_string(),
            "value": Value::from(self.value).to_json(detail),
            "method": self.method,
        })
    }
    fn encode(&self) -> Vec<u8> {
        let fractions = self.fractions.iter().flat_map(|it| it.to_le_bytes());
        self.bars.encode().into_iter().chain(self.first.to_le_bytes()).chain(fractions).collect()
    }
}

impl Nominal for SizingSeries {
    const NAME: &'static str = "Sizing";
}
