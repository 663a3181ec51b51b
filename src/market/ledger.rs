//! What every order was, and what became of it.

use std::sync::Arc;

use super::{Exact, Fill, Order, OrderId, OrderKind, Price, Reason, Side, Stake, Units};

/// How an order ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It has not: it waits, or the bars ended first.
    Waiting,
    /// It filled, as far as anything of it could.
    Filled,
    /// It was withdrawn.
    Cancelled,
    /// Its time ran out.
    Expired,
    /// A limit refused it.
    Refused,
}

/// What an order was, and what became of it.
#[derive(Clone, Debug, PartialEq)]
pub struct OrderRecord {
    /// The order that it belongs to: the entry whose stop or target it is; 0 where it stands alone.
    pub parent: OrderId,
    /// Which instrument.
    pub instrument: usize,
    /// When it was decided: the time of the bar.
    pub decided: i64,
    /// Buy or sell.
    pub side: Side,
    /// How much was asked for.
    pub asked: Units,
    /// How much of that the limits allowed.
    pub allowed: Units,
    /// How much was filled.
    pub filled: Units,
    /// At which price.
    pub kind: OrderKind,
    /// Why.
    pub reason: Reason,
    /// How it ended.
    pub fate: Fate,
    /// When: the time of the bar; that of the decision where it has not ended.
    pub ended: i64,
    /// What was done to it, in words.
    pub note: Option<Arc<str>>,
}

/// A fill of an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OrderFill {
    /// Which order.
    pub order: OrderId,
    /// When: the time of the bar.
    pub time: i64,
    /// At what price.
    pub price: Price,
    /// How much.
    pub quantity: Units,
    /// The commission.
    pub fee: Exact,
}

/// Why an entry was given, and why it was as large as it was.
#[derive(Clone, Debug, PartialEq)]
pub struct EntryReason {
    /// Which order.
    pub order: OrderId,
    /// The rule that fired, as it was written; none where that is not known.
    pub rule: Option<Arc<str>>,
    /// What the account was worth, or the share of it that the strategy trades with.
    pub equity: Exact,
    /// How much it was to buy.
    pub stake: Stake,
    /// The price that was counted with.
    pub price: Price,
    /// How far the stop was from the entry, in units of price.
    pub stop: Option<i64>,
}

/// Every order of an account, in the order in which they were given; or nothing, where none is kept.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Ledger {
    kept: bool,
    orders: Vec<OrderRecord>,
    fills: Vec<OrderFill>,
    reasons: Vec<EntryReason>,
}

impl OrderRecord {
    /// Returns what became of it in a word.
    pub fn what(&self) -> &'static str {
        match self.fate {
            Fate::Waiting if self.filled.0 > 0 => "partly_filled",
            Fate::Waiting => "waiting",
            Fate::Cancelled | Fate::Expired | Fate::Refused if self.filled.0 > 0 => "partly_filled",
            Fate::Cancelled => "cancelled",
            Fate::Expired => "expired",
            Fate::Refused => "refused",
            Fate::Filled if self.filled < self.allowed => "partly_filled",
            Fate::Filled if self.allowed < self.asked => "reduced",
            Fate::Filled => "filled",
        }
    }
}

impl Ledger {
    /// Returns an empty ledger that is kept.
    pub(super) fn kept() -> Self {
        Self { kept: true, ..Self::default() }
    }

    /// Says whether it is kept.
    pub fn is_kept(&self) -> bool {
        self.kept
    }

    /// Returns every order with its number, in the order in which they were given.
    pub fn orders(&self) -> impl ExactSizeIterator<Item = (OrderId, &OrderRecord)> {
        let id = |at: usize| OrderId(u32::try_from(at + 1).unwrap_or_default());
        self.orders.iter().enumerate().map(move |(at, it)| (id(at), it))
    }

    /// Returns an order.
    pub fn order(&self, id: OrderId) -> Option<&OrderRecord> {
        self.orders.get((id.0 as usize).checked_sub(1)?)
    }

    /// Returns the number of the last order; none where there is none, or none is kept.
    pub fn last(&self) -> Option<OrderId> {
        u32::try_from(self.orders.len()).ok().filter(|it| *it > 0).map(OrderId)
    }

    /// Returns every fill, by time.
    pub fn fills(&self) -> &[OrderFill] {
        &self.fills
    }

    /// Returns why an entry was given.
    pub fn reason(&self, id: OrderId) -> Option<&EntryReason> {
        self.reasons.binary_search_by_key(&id, |it| it.order).ok().and_then(|at| self.reasons.get(at))
    }

    /// Writes down an order that is given, and returns its number.
    pub(super) fn give(&mut self, order: &Order, parent: OrderId, time: i64) -> OrderId {
        if !self.kept {
            return OrderId::default();
        }
        self.orders.push(OrderRecord {
            parent,
            instrument: order.instrument,
            decided: time,
            side: order.side,
            asked: order.quantity,
            allowed: order.quantity,
            filled: Units(0),
            kind: order.kind,
            reason: order.reason,
            fate: Fate::Waiting,
            ended: time,
            note: None,
        });
        OrderId(u32::try_from(self.orders.len()).unwrap_or_default())
    }

    /// Writes down why an entry is given.
    pub(super) fn explain(&mut self, reason: EntryReason) {
        if self.kept {
            self.reasons.push(reason);
        }
    }

    /// Writes down how much of an order the limits allow.
    pub(super) fn allow(&mut self, id: OrderId, quantity: Units, time: i64, why: &str) {
        if let Some(it) = self.find(id) {
            it.allowed = quantity;
            it.note = Some(why.into());
            if quantity.0 == 0 {
                (it.fate, it.ended) = (Fate::Refused, time);
            }
        }
    }

    /// Writes down a fill.
    pub(super) fn fill(&mut self, id: OrderId, fill: &Fill) {
        let Some(it) = self.find(id) else { return };
        it.filled.0 += fill.quantity.0;
        (it.ended, it.reason) = (fill.time, fill.reason);
        if it.filled >= it.allowed {
            it.fate = Fate::Filled;
        }
        let Fill { time, price, quantity, fee, .. } = *fill;
        self.fills.push(OrderFill { order: id, time, price, quantity, fee });
    }

    /// Writes down how an order ended that had not yet.
    pub(super) fn end(&mut self, id: OrderId, fate: Fate, time: i64, why: &str) {
        if let Some(it) = self.find(id).filter(|it| it.fate == Fate::Waiting) {
            (it.fate, it.ended) = (fate, time);
            it.note = Some(match &it.note {
                Some(before) => format!("{before}; {why}").into(),
                None => why.into(),
            });
        }
    }

    fn find(&mut self, id: OrderId) -> Option<&mut OrderRecord> {
        self.orders.get_mut((id.0 as usize).checked_sub(1)?)
    }
}
