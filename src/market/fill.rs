//! At what price orders fill, and what that costs.

use rust_decimal::{Decimal, prelude::FromPrimitive as _};

use super::{Costs, DECIMALS, Exact, OrderId, OrderKind, Price, Ratio, Reason, Side, Units};
use crate::value::Percent;

/// A bar as orders meet it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PriceBar {
    /// When it starts, in seconds since 1970 (UTC).
    pub time: i64,
    /// Its first price.
    pub open: Price,
    /// Its highest price.
    pub high: Price,
    /// Its lowest price.
    pub low: Price,
    /// Its last price.
    pub close: Price,
    /// How much was traded in it.
    pub volume: f64,
}

/// What was bought or sold, at what price.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fill {
    /// When: the time of the bar.
    pub time: i64,
    /// Which of the account's instruments.
    pub instrument: usize,
    /// Bought or sold.
    pub side: Side,
    /// How much, above zero.
    pub quantity: Units,
    /// At what price, with slippage and half the spread in it.
    pub price: Price,
    /// The commission.
    pub fee: Exact,
    /// Why.
    pub reason: Reason,
    /// Of which order.
    pub order: OrderId,
}

/// At what price orders fill, and what that costs.
#[derive(Clone, Copy, Debug)]
pub struct FillModel {
    /// By how much a market order fills worse than the price on the screen, where it does: for buys and for sells.
    impact: Option<(Ratio, Ratio)>,
    /// The commission as a share of what is traded.
    rate: Option<Ratio>,
    /// The commission of a share, as a price.
    per_share: Option<Price>,
    /// The least commission of an order.
    minimum: Exact,
    /// What borrowed shares, and borrowed cash, cost in a year.
    borrow: Option<Ratio>,
    interest: Option<Ratio>,
    /// The smallest quantity that is traded; every order is a whole number of it.
    pub lot: Units,
    /// The share of a bar's volume that an order may take; all of it and more where it is not said.
    pub participation: Option<Decimal>,
}

impl FillModel {
    /// Returns the model of these costs, in whole shares and without a cap by volume. Rates are kept to 12 decimals,
    /// amounts to 8.
    pub fn new(costs: Costs) -> Self {
        let impact = Ratio::of(costs.price_impact()).filter(|it| !it.is_zero());
        let share = |it: Option<Percent>| it.and_then(|it| Ratio::of(it.0)).filter(|it| !it.is_zero());
        let minimum = costs.minimum_fee.and_then(|it| Exact::of(it.amount.round_dp(DECIMALS)));
        Self {
            impact: impact.map(|it| (it.above_one(), it.below_one())),
            rate: share(costs.fee),
            per_share: costs.fee_per_share.and_then(|it| Price::from_decimal(it.amount)),
            minimum: minimum.unwrap_or_default(),
            borrow: share(costs.borrow),
            interest: share(costs.interest),
            lot: Units::one(),
            participation: None,
        }
    }

    /// Returns the price of a market order for which this is the price on the screen: worse by slippage and half the
    /// spread.
    #[inline]
    pub fn market(&self, side: Side, reference: Price) -> Price {
        let worse = self.impact.and_then(|(buy, sell)| reference.times(if side == Side::Buy { buy } else { sell }));
        worse.unwrap_or(reference)
    }

    /// Returns the price at which a bar reaches an order, before slippage; none where it does not. What the open is
    /// already beyond fills at the open: a stop worse than its price, a limit better.
    pub fn reached(kind: OrderKind, side: Side, bar: &PriceBar) -> Option<Price> {
        let (trigger, rising) = match kind {
            OrderKind::Market => return Some(bar.open),
            OrderKind::Stop(at) => (at, side == Side::Buy),
            OrderKind::Limit(at) => (at, side == Side::Sell),
            OrderKind::StopLimit { trigger, limit } => {
                let started = Self::reached(OrderKind::Stop(trigger), side, bar)?;
                if side.sign() * started.0 <= side.sign() * limit.0 {
                    return Some(started);
                }
                // What started at the open has the whole bar to come back; of what started later a bar does not say.
                return (started == bar.open).then(|| Self::reached(OrderKind::Limit(limit), side, bar)).flatten();
            }
        };
        let beyond = |price: Price| if rising { price >= trigger } else { price <= trigger };
        if beyond(bar.open) {
            Some(bar.open)
        } else {
            beyond(if rising { bar.high } else { bar.low }).then_some(trigger)
        }
    }

    /// Returns what an order is after a bar that did not fill it: one with a trigger and a limit has only the limit left
    /// once the trigger was reached.
    pub fn after(kind: OrderKind, side: Side, bar: &PriceBar) -> OrderKind {
        match kind {
            OrderKind::StopLimit { trigger, limit } if Self::reached(OrderKind::Stop(trigger), side, bar).is_some() => {
                OrderKind::Limit(limit)
            }
            other => other,
        }
    }

    /// Returns the price of an order that was reached at `reference`: a limit pays no slippage, all else does, but none
    /// beyond its limit.
    #[inline]
    pub fn price(&self, kind: OrderKind, side: Side, reference: Price) -> Price {
        match kind {
            OrderKind::Limit(_) => reference,
            OrderKind::Market | OrderKind::Stop(_) => self.market(side, reference),
            OrderKind::StopLimit { limit, .. } if side == Side::Buy => self.market(side, reference).min(limit),
            OrderKind::StopLimit { limit, .. } => self.market(side, reference).max(limit),
        }
    }

    /// Returns what a short position of this value costs over some days, and what so much borrowed cash does; neither
    /// where nothing is charged.
    pub fn borrowing(&self, days: i64, short: Exact, cash: Exact) -> (Exact, Exact) {
        let cost = |rate: Option<Ratio>, of: Exact| rate.map_or(Exact::ZERO, |it| of.abs().fee(it.scaled(days, 365)));
        (cost(self.borrow, short), cost(self.interest, cash))
    }

    /// Says whether borrowed shares cost anything, and whether borrowed cash does.
    #[inline]
    pub fn lends(&self) -> (bool, bool) {
        (self.borrow.is_some(), self.interest.is_some())
    }

    /// Returns the commission of a fill: the rate, and the amount for each share, but at least the minimum.
    #[inline]
    pub fn fee(&self, quantity: Units, price: Price) -> Exact {
        let rate = self.rate.map_or(Exact::ZERO, |it| quantity.at(price).fee(it));
        let shares = self.per_share.map_or(Exact::ZERO, |it| quantity.at(it).fee(Ratio::ONE));
        (rate + shares).max(self.minimum)
    }

    /// Returns how much of an order the volume of a bar can take.
    #[inline]
    pub fn available(&self, quantity: Units, volume: f64) -> Units {
        let Some(share) = self.participation else { return quantity };
        let volume = Decimal::from_f64(volume).unwrap_or_default();
        quantity.min(Units::floor(volume * share, self.lot))
    }

    /// Returns the most of an order that costs no more than a budget, its commission included.
    pub fn affordable(&self, quantity: Units, price: Price, budget: Exact) -> Units {
        let over = |it: Units| it.at(price) + self.fee(it, price) - budget;
        if over(quantity) <= Exact::ZERO {
            return quantity;
        }
        // What a budget of (price · (1 + rate) + amount a share) for each share buys.
        let less = self.rate.map(|it| it.above_one().inverse());
        let net = less.map_or(budget, |it| budget.times(it));
        let amount = self.per_share.map_or(0, |it| less.and_then(|less| it.times(less)).unwrap_or(it).0);
        let mut most = quantity.min(net.buys(Price(price.0.saturating_add(amount)), self.lot));
        // The minimum commission, or the rounding of a commission, may not fit yet.
        while most.0 > 0 && over(most) > Exact::ZERO {
            let fewer = over(most).buys(price, self.lot).0.max(self.lot.0).max(1);
            most = Units((most.0 - fewer).max(0));
        }
        most
    }
}
