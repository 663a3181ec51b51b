//! Trades as reports show them.

use rust_decimal::Decimal;
use schemars::JsonSchema;

use super::Dated;
use crate::{
    market::OrderId,
    value::{Money, Percent, Symbol, Value},
};

/// A position, or a part of one, from entry to exit.
#[derive(Clone, Debug, PartialEq, JsonSchema)]
pub struct TradeRecord {
    /// The instrument.
    pub symbol: Symbol,
    /// `long` or `short`.
    #[schemars(with = "String")]
    pub side: &'static str,
    /// How much.
    #[schemars(with = "f64")]
    pub quantity: Decimal,
    /// The day of the bar at which it was opened.
    #[schemars(with = "String", extend("x-unit" = "Date"))]
    pub entry_date: i64,
    /// The average price of its entries, slippage included.
    #[schemars(with = "f64")]
    pub entry_price: Decimal,
    /// The day of the bar at which it was closed.
    #[schemars(with = "String", extend("x-unit" = "Date"))]
    pub exit_date: i64,
    /// The price of its exit, slippage included.
    #[schemars(with = "f64")]
    pub exit_price: Decimal,
    /// The commissions of entry and exit, and what borrowing cost in between.
    pub fees: Money,
    /// What it earned, commissions deducted.
    pub pnl: Money,
    /// `pnl` as a share of what was bought, or sold short.
    #[schemars(rename = "return")]
    pub gain: Percent,
    /// Over how many bars it was held.
    pub bars: usize,
    /// Why it was closed: signal, reversal, stop, `trailing_stop`, target, `max_holding`, rebalance, limit or `margin_call`.
    #[schemars(with = "String")]
    pub exit_reason: &'static str,
    /// The order that opened it, and the one that closed it.
    #[schemars(skip)]
    pub orders: (OrderId, OrderId),
}

/// What is held at the end.
#[derive(Clone, Debug, PartialEq, JsonSchema)]
pub struct OpenRecord {
    /// The instrument.
    pub symbol: Symbol,
    /// `long` or `short`.
    #[schemars(with = "String")]
    pub side: &'static str,
    /// How much.
    #[schemars(with = "f64")]
    pub quantity: Decimal,
    /// The day of the bar at which it was opened.
    #[schemars(with = "String", extend("x-unit" = "Date"))]
    pub entry_date: i64,
    /// The average price of its entries, slippage included.
    #[schemars(with = "f64")]
    pub entry_price: Decimal,
    /// The last close.
    #[schemars(with = "f64")]
    pub price: Decimal,
    /// What it is worth at that; negative for a short.
    pub value: Money,
    /// The commissions of its entries.
    pub fees: Money,
    /// What it would earn at that, the commissions of its entries deducted.
    pub pnl: Money,
    /// `pnl` as a share of what was bought, or sold short.
    #[schemars(rename = "return")]
    pub gain: Percent,
    /// Over how many bars it has been held.
    pub bars: usize,
}

fn count(it: usize) -> Value {
    Value::Int(i64::try_from(it).unwrap_or(i64::MAX))
}

impl TradeRecord {
    pub(super) fn value(&self, dated: Dated) -> Value {
        Value::record([
            ("symbol", self.symbol.clone().into()),
            ("side", self.side.into()),
            ("quantity", self.quantity.into()),
            ("entry_date", dated(self.entry_date)),
            ("entry_price", self.entry_price.into()),
            ("exit_date", dated(self.exit_date)),
            ("exit_price", self.exit_price.into()),
            ("fees", self.fees.into()),
            ("pnl", self.pnl.into()),
            ("return", self.gain.into()),
            ("bars", count(self.bars)),
            ("exit_reason", self.exit_reason.into()),
        ])
    }
}

impl OpenRecord {
    pub(super) fn value(&self, dated: Dated) -> Value {
        Value::record([
            ("symbol", self.symbol.clone().into()),
            ("side", self.side.into()),
            ("quantity", self.quantity.into()),
            ("entry_date", dated(self.entry_date)),
            ("entry_price", self.entry_price.into()),
            ("price", self.price.into()),
            ("value", self.value.into()),
            ("fees", self.fees.into()),
            ("pnl", self.pnl.into()),
            ("return", self.gain.into()),
            ("bars", count(self.bars)),
        ])
    }
}
