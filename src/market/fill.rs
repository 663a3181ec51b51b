//! At what price orders fill, and what that costs.

use rust_decimal::{Decimal, RoundingStrategy};

use super::{Costs, DECIMALS, OrderKind, Price, Reason, Side, Units};

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
    pub fee: Decimal,
    /// Why.
    pub reason: Reason,
}

/// At what price orders fill, and what that costs.
#[derive(Clone, Copy, Debug)]
pub struct FillModel {
    costs: Costs,
    impact: Decimal,
    /// The smallest quantity that is traded; every order is a whole number of it.
    pub lot: Units,
    /// The share of a bar's volume that an order may take; all of it and more where it is not said.
    pub participation: Option<Decimal>,
}

/// Rounds an amount to what prices and fees are kept in.
fn rounded(amount: Decimal) -> Decimal {
    amount.round_dp_with_strategy(DECIMALS, RoundingStrategy::MidpointAwayFromZero)
}

impl FillModel {
    /// Returns the model of these costs, in whole shares and without a cap by volume.
    pub fn new(costs: Costs) -> Self {
        Self { costs, impact: costs.price_impact(), lot: Units::one(), participation: None }
    }

    /// Returns the price of a market order for which this is the price on the screen: worse by slippage and half the
    /// spread.
    pub fn market(&self, side: Side, reference: Price) -> Price {
        if self.impact.is_zero() {
            return reference;
        }
        let worse = reference.decimal() * (Decimal::ONE + Decimal::from(side.sign()) * self.impact);
        Price::from_decimal(rounded(worse)).unwrap_or(reference)
    }

    /// Returns the price at which a bar reaches an order, before slippage; none where it does not. What the open is
    /// already beyond fills at the open: a stop worse than its price, a limit better.
    pub fn reached(kind: OrderKind, side: Side, bar: &PriceBar) -> Option<Price> {
        let (trigger, rising) = match kind {
            OrderKind::Market => return Some(bar.open),
            OrderKind::Stop(at) => (at, side == Side::Buy),
            OrderKind::Limit(at) => (at, side == Side::Sell),
        };
        let beyond = |price: Price| if rising { price >= trigger } else { price <= trigger };
        if beyond(bar.open) {
            Some(bar.open)
        } else {
            beyond(if rising { bar.high } else { bar.low }).then_some(trigger)
        }
    }

    /// Returns the price of an order that was reached at `reference`: a limit pays no slippage, all else does.
    pub fn price(&self, kind: OrderKind, side: Side, reference: Price) -> Price {
        if let OrderKind::Limit(_) = kind { reference } else { self.market(side, reference) }
    }

    /// Returns the commission of a fill: the rate, and the amount for each share, but at least the minimum.
    pub fn fee(&self, quantity: Units, price: Price) -> Decimal {
        let Costs { fee, fee_per_share, minimum_fee, .. } = self.costs;
        if fee.is_none() && fee_per_share.is_none() && minimum_fee.is_none() {
            return Decimal::ZERO;
        }
        let quantity = quantity.decimal();
        let rate = fee.map_or(Decimal::ZERO, |it| quantity * price.decimal() * it.0);
        let shares = fee_per_share.map_or(Decimal::ZERO, |it| quantity * it.amount);
        rounded((rate + shares).max(minimum_fee.map_or(Decimal::ZERO, |it| it.amount)))
    }

    /// Returns how much of an order the volume of a bar can take.
    pub fn available(&self, quantity: Units, volume: f64) -> Units {
        let Some(share) = self.participation else { return quantity };
        let volume = Decimal::from_f64_retain(volume).unwrap_or_default();
        quantity.min(Units::floor(volume * share, self.lot))
    }

    /// Returns the most of an order that costs no more than a budget, its commission included.
    pub fn affordable(&self, quantity: Units, price: Price, budget: Decimal) -> Units {
        let cost = |it: Units| it.at(price).decimal() + self.fee(it, price);
        if cost(quantity) <= budget {
            return quantity;
        }
        let each = price.decimal() * (Decimal::ONE + self.costs.fee.unwrap_or_default().0)
            + self.costs.fee_per_share.map_or(Decimal::ZERO, |it| it.amount);
        let mut fits = quantity.min(Units::floor(budget.max(Decimal::ZERO) / each, self.lot));
        if cost(fits) > budget {
            // The minimum commission, or the rounding of a commission, is what does not fit.
            let left = budget - self.fee(fits, price);
            fits = fits.min(Units::floor(left.max(Decimal::ZERO) / price.decimal(), self.lot));
        }
        if cost(fits) <= budget { fits } else { Units(0) }
    }
}
