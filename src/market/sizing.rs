//! How much to hold: a series over bars.

use std::sync::Arc;

use rust_decimal::{Decimal, prelude::FromPrimitive as _};
use schemars::JsonSchema;
use serde_json::json;

use super::{Bars, Units};
use crate::value::{Detail, Domain, Money, Nominal, Percent, Quantity, QuantityUnit, Shared, Value};

/// How much to hold, for each bar: the entry at bar t uses bars up to t and nothing else.
#[derive(Clone, Debug, JsonSchema)]
#[schemars(rename = "Sizing")]
pub struct SizingSeries {
    /// The bars that it was sized on.
    pub bars: Bars,
    /// The share of equity to hold as a notional at the last bar.
    pub fraction: Percent,
    /// That share of the capital, rounded down to whole lots at the last close.
    pub quantity: Quantity,
    /// What that quantity is worth.
    pub value: Money,
    /// How it was sized.
    pub method: String,
    /// Whether the limits allow it.
    pub approved: bool,
    /// Why not, or what was reduced.
    pub reasons: Vec<String>,
    /// What the account begins with.
    #[schemars(skip)]
    pub capital: Money,
    /// The smallest quantity that is traded.
    #[schemars(skip)]
    pub lot: Units,
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
    /// Returns an approved sizing of these shares of equity, the first of them at the bar `first`.
    pub fn new(bars: Bars, capital: Money, lot: Units, first: usize, fractions: impl Into<Arc<[f64]>>) -> Self {
        let fractions = fractions.into();
        let fraction = fractions.last().and_then(|it| Decimal::from_f64(*it)).unwrap_or_default();
        let fraction = fraction.round_dp(8).normalize();
        let close = bars.close.last().and_then(|it| Decimal::from_f64(*it)).unwrap_or_default();
        let shares = capital.amount.checked_mul(fraction).and_then(|it| it.checked_div(close)).unwrap_or_default();
        let amount = Units::floor(shares, lot).decimal();
        Self {
            bars,
            fraction: Percent(fraction),
            quantity: Quantity { amount, unit: QuantityUnit::Shares },
            value: Money::new((amount * close).round_dp(8).normalize(), capital.currency),
            method: String::new(),
            approved: true,
            reasons: Vec::new(),
            capital,
            lot,
            first,
            fractions,
        }
    }

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
            "approved" => self.approved.into(),
            "reasons" => Value::list(self.reasons.iter().map(|it| it.as_str().into())),
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
            "approved": self.approved,
            "reasons": self.reasons,
        })
    }
    fn encode(&self) -> Vec<u8> {
        let fractions = self.fractions.iter().flat_map(|it| it.to_le_bytes());
        let said = self.reasons.iter().flat_map(|it| it.bytes().chain([0])).chain([u8::from(self.approved)]);
        let known = self.bars.encode().into_iter().chain(self.first.to_le_bytes());
        known.chain(self.quantity.amount.serialize()).chain(fractions).chain(said).collect()
    }
}

impl Nominal for SizingSeries {
    const NAME: &'static str = "Sizing";
}
