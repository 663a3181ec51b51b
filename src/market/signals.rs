//! What a strategy says about bars: when to enter and leave, and with what orders.

use std::sync::Arc;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Bits, Numbers, OrderKind, Price, Side};

/// The decisions of a strategy over bars. Every column has the length of the bars; the entry at bar t uses bars up to t
/// and is decided at its close.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Signals {
    /// Bars before this one decide nothing.
    pub warmup: usize,
    /// Whether to open a long position.
    pub enter_long: Bits,
    /// Whether to close it.
    pub exit_long: Bits,
    /// Whether to open a short position.
    pub enter_short: Bits,
    /// Whether to close it.
    pub exit_short: Bits,
    /// With what orders.
    pub orders: OrderRules,
    /// The rules that enter, each by itself, where somebody may ask which of them did.
    pub rules: Vec<EntryRule>,
}

/// One of the rules that open a position.
#[derive(Clone, Debug, PartialEq)]
pub struct EntryRule {
    /// On which side.
    pub side: Side,
    /// As it was written.
    pub text: Arc<str>,
    /// At which bars it is true.
    pub at: Arc<Bits>,
}

impl Signals {
    /// Returns when to open a position on a side.
    pub fn entries(&self, side: Side) -> &Bits {
        if side == Side::Buy { &self.enter_long } else { &self.enter_short }
    }

    /// Returns when to close a position on a side.
    pub fn exits(&self, side: Side) -> &Bits {
        if side == Side::Buy { &self.exit_long } else { &self.exit_short }
    }

    /// Returns the first rule that enters on a side at a bar, where that is known.
    pub fn rule(&self, side: Side, bar: usize) -> Option<&EntryRule> {
        self.rules.iter().find(|it| it.side == side && it.at.get(bar))
    }
}

/// With what orders a strategy trades.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct OrderRules {
    /// How much is bought or sold.
    pub size: Size,
    /// How far from the entry the stop is, in price; NaN where there is none. Read at the bar that decided the entry.
    pub stop: Option<Numbers>,
    /// Where the profit is taken.
    pub target: Option<Target>,
    /// How far behind the best price since the entry the stop trails, in price.
    pub trail: Option<Numbers>,
    /// When orders fill.
    pub fill: FillAt,
    /// After how many bars a position is closed at the latest.
    pub max_holding: Option<usize>,
    /// How many entries may be added to a position that is open.
    pub pyramid: usize,
    /// The prices that long entries wait for.
    pub long: Waits,
    /// The prices that short entries wait for.
    pub short: Waits,
    /// For how many bars an entry works: until its price is reached, and until the volume has taken all of it. 1 where it is
    /// not said.
    pub valid: Option<usize>,
}

/// The prices that the entries of one side wait for, read at the bar that decided; NaN where there is none, and then no
/// entry.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Waits {
    /// The price at which, or better, they fill.
    pub limit: Option<Numbers>,
    /// The price that is to be reached first, against the holder, as that of a stop is.
    pub trigger: Option<Numbers>,
}

impl Waits {
    /// Returns at which price an entry decided at a bar may fill; none where a price is asked for and is not known.
    pub fn kind(&self, bar: usize) -> Option<OrderKind> {
        let price = |column: &Numbers| Price::new(*column.get(bar)?);
        Some(match (&self.trigger, &self.limit) {
            (None, None) => OrderKind::Market,
            (Some(trigger), None) => OrderKind::Stop(price(trigger)?),
            (None, Some(limit)) => OrderKind::Limit(price(limit)?),
            (Some(trigger), Some(limit)) => OrderKind::StopLimit { trigger: price(trigger)?, limit: price(limit)? },
        })
    }
}

impl OrderRules {
    /// Returns the prices that entries on a side wait for.
    pub fn waits(&self, side: Side) -> &Waits {
        if side == Side::Buy { &self.long } else { &self.short }
    }

    /// Says whether entries of either side wait for a price.
    pub fn have_prices(&self) -> bool {
        [&self.long, &self.short].into_iter().any(|it| it.limit.is_some() || it.trigger.is_some())
    }
}

/// How much is bought or sold.
#[derive(Clone, Debug, PartialEq)]
pub enum Size {
    /// A share of equity, as a notional: 0.01 is 1 %.
    EquityShare(f64),
    /// A share of equity that is lost where the stop is hit.
    EquityRisk(f64),
    /// A notional in the currency of the account.
    Notional(f64),
    /// A number of shares.
    Shares(f64),
}

impl Default for Size {
    /// All of it.
    fn default() -> Self {
        Size::EquityShare(1.0)
    }
}

/// Where the profit is taken.
#[derive(Clone, Debug, PartialEq)]
pub enum Target {
    /// So many times the distance of the stop.
    Risk(f64),
    /// At this distance from the entry, in price; NaN where there is none.
    Distance(Numbers),
}

/// When orders fill.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum FillAt {
    /// At the open of the next bar.
    #[default]
    NextOpen,
    /// At the close of the bar that decided.
    Close,
}
