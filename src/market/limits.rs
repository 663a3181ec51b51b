//! What every order is held against.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    union,
    value::{Duration, Leverage, Money, Percent, Value},
};

union! {
    /// An amount, or a share of equity.
    pub enum Amount { Money(Money), Percent(Percent) }
}

impl From<Amount> for Value {
    fn from(it: Amount) -> Self {
        match it {
            Amount::Money(it) => it.into(),
            Amount::Percent(it) => it.into(),
        }
    }
}

impl Serialize for Amount {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        Value::from(self.clone()).serialize(to)
    }
}

/// What every order is held against; what is not said is no limit.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Limits {
    /// The most that may be held of one symbol.
    pub max_position: Option<Amount>,
    /// The most that may be held of all symbols together, longs and shorts added.
    pub max_gross: Option<Amount>,
    /// The most that may be lost in a day.
    pub max_daily_loss: Option<Amount>,
    /// The furthest that equity may fall from its highest.
    pub max_drawdown: Option<Amount>,
    /// The most orders in a minute.
    pub max_orders_per_minute: Option<u32>,
    /// The most that may be held for each unit of equity.
    pub max_leverage: Option<Leverage>,
    /// The most trades in a row that may lose. Where a breach refuses orders it does for the rest of the day, and the count
    /// begins anew.
    pub max_consecutive_losses: Option<u32>,
    /// How far from the last price what opens a position may be given or filled.
    pub price_band: Option<Percent>,
    /// How old the last price may be where a position is opened.
    pub stale_data: Option<Duration>,
    /// What happens when a limit is breached.
    #[serde(default)]
    pub on_breach: OnBreach,
}

/// What happens when a limit is breached.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum OnBreach {
    /// The order is refused.
    #[default]
    Refuse,
    /// Nothing more is traded.
    Halt,
    /// Every position is closed, then nothing more is traded.
    FlattenAndHalt,
}
