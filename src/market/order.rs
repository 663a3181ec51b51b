//! What is to be bought and sold.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Price, Units};

/// Buy or sell.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    /// Buys.
    Buy,
    /// Sells.
    Sell,
}

impl Side {
    /// Returns 1 for a purchase and -1 for a sale.
    pub fn sign(self) -> i64 {
        if self == Side::Buy { 1 } else { -1 }
    }

    /// Returns the side that undoes it.
    #[must_use]
    pub fn opposite(self) -> Self {
        if self == Side::Buy { Side::Sell } else { Side::Buy }
    }

    /// Returns the side that makes a position of this sign.
    pub fn of(quantity: i64) -> Self {
        if quantity < 0 { Side::Sell } else { Side::Buy }
    }
}

/// At which price an order may fill.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OrderKind {
    /// At the next price.
    Market,
    /// At the next price once this one is reached, against the holder.
    Stop(Price),
    /// At this price or a better one.
    Limit(Price),
    /// At the limit or better, once the trigger is reached as that of a stop is.
    StopLimit {
        /// What starts it.
        trigger: Price,
        /// The worst price at which it fills.
        limit: Price,
    },
}

impl OrderKind {
    /// Returns what is left to reach once it filled in part: a trigger has been reached.
    #[must_use]
    pub fn rest(self) -> Self {
        match self {
            Self::Market | Self::Stop(_) => Self::Market,
            Self::Limit(limit) | Self::StopLimit { limit, .. } => Self::Limit(limit),
        }
    }

    /// Returns the worst price that it names; none where it takes what comes.
    pub fn price(self) -> Option<Price> {
        match self {
            Self::Market => None,
            Self::Stop(it) | Self::Limit(it) | Self::StopLimit { limit: it, .. } => Some(it),
        }
    }
}

/// Which order of a ledger: its place there, counted from 1; 0 where no ledger is kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct OrderId(pub u32);

/// Why an order was given.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// The strategy enters.
    Entry,
    /// The strategy leaves.
    Signal,
    /// The strategy enters on the other side.
    Reversal,
    /// The stop was reached.
    Stop,
    /// The stop that trails was reached.
    TrailingStop,
    /// The target was reached.
    Target,
    /// The position was held for as long as it may be.
    MaxHolding,
    /// The weights changed.
    Rebalance,
    /// A limit was breached.
    Limit,
    /// Equity fell below the maintenance margin.
    MarginCall,
}

impl Reason {
    /// Returns its name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Entry => "entry",
            Self::Signal => "signal",
            Self::Reversal => "reversal",
            Self::Stop => "stop",
            Self::TrailingStop => "trailing_stop",
            Self::Target => "target",
            Self::MaxHolding => "max_holding",
            Self::Rebalance => "rebalance",
            Self::Limit => "limit",
            Self::MarginCall => "margin_call",
        }
    }
}

/// What is to be bought or sold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Order {
    /// Which of the account's instruments.
    pub instrument: usize,
    /// Buy or sell.
    pub side: Side,
    /// How much, above zero.
    pub quantity: Units,
    /// At which price.
    pub kind: OrderKind,
    /// Why.
    pub reason: Reason,
    /// Under which number the ledger has it.
    pub id: OrderId,
}
