//! What trading costs.

use rust_decimal::Decimal;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::value::{Money, Percent};

/// What trading costs; what is not said costs nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Costs {
    /// Commission as a share of what is traded.
    pub fee: Option<Percent>,
    /// Commission for each share.
    pub fee_per_share: Option<Money>,
    /// The least commission of an order.
    pub minimum_fee: Option<Money>,
    /// How much worse than its reference price an order fills.
    pub slippage: Option<Percent>,
    /// The whole spread between bid and ask as a share of the price; an order pays half of it.
    pub spread: Option<Percent>,
    /// What borrowing what is sold short costs in a year, as a share of its value.
    pub borrow: Option<Percent>,
    /// What borrowing cash costs in a year, as a share of it.
    pub interest: Option<Percent>,
}

impl Costs {
    /// Returns the share of the price by which a market order fills worse: slippage and half the spread.
    pub fn price_impact(&self) -> Decimal {
        let share = |it: Option<Percent>| it.unwrap_or_default().0;
        share(self.slippage) + share(self.spread) / Decimal::TWO
    }
}
