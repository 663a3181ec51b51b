//! An account: cash, positions, and what was earned. Every fill is booked in decimals; cash + positions is equity.

use rust_decimal::{Decimal, RoundingStrategy};

use super::{DECIMALS, Exact, Fill, Price, Side, Units};

/// What is held of one instrument.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Position {
    /// How much; negative for a short.
    pub quantity: Units,
    /// What it was bought for, or, negative, sold for: the sum of quantity times price.
    pub cost: Decimal,
    /// The commissions of the entries that are still open.
    pub fees: Decimal,
    /// When it was opened: the time of the bar.
    pub opened: i64,
}

/// What a fill closed of a position, at average cost.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Closed {
    /// The side of the entry.
    pub side: Side,
    /// How much was closed.
    pub quantity: Units,
    /// What it was bought for, or sold for where it was short.
    pub cost: Decimal,
    /// Its average price of entry.
    pub entry_price: Decimal,
    /// When it was opened.
    pub opened: i64,
    /// The commissions of entry and exit.
    pub fees: Decimal,
    /// What was earned, commissions deducted.
    pub pnl: Decimal,
}

/// Cash, positions, and what was earned.
#[derive(Clone, Debug, PartialEq)]
pub struct Account {
    /// What it began with.
    pub capital: Decimal,
    /// What is not invested; proceeds of short sales are in it.
    pub cash: Decimal,
    /// What is held, by instrument.
    pub positions: Vec<Position>,
    /// What closed positions earned, before commissions.
    pub realised: Decimal,
    /// Every commission paid.
    pub fees: Decimal,
}

impl Position {
    /// Says whether nothing is held.
    pub fn is_flat(&self) -> bool {
        self.quantity.0 == 0
    }

    /// Returns the average price of entry; 0 where nothing is held.
    pub fn average(&self) -> Decimal {
        if self.is_flat() { Decimal::ZERO } else { places(self.cost / self.quantity.decimal()) }
    }

    /// Returns what it is worth at a price; negative for a short.
    pub fn value(&self, price: Price) -> Decimal {
        self.quantity.at(price).decimal()
    }

    /// Returns what it has earned at a price, before commissions.
    pub fn unrealised(&self, price: Price) -> Decimal {
        self.value(price) - self.cost
    }
}

fn places(amount: Decimal) -> Decimal {
    amount.round_dp_with_strategy(DECIMALS, RoundingStrategy::MidpointAwayFromZero)
}

/// Returns `whole · part / of`, rounded to what amounts are kept in, and all of it where `part` is all.
fn share(whole: Decimal, part: i64, of: i64) -> Decimal {
    if part == of { whole } else { places(whole * Decimal::from(part) / Decimal::from(of)) }
}

impl Account {
    /// Returns an account of this capital that holds nothing of so many instruments.
    pub fn new(capital: Decimal, instruments: usize) -> Self {
        let (positions, zero) = (vec![Position::default(); instruments], Decimal::ZERO);
        Self { capital, cash: capital, positions, realised: zero, fees: zero }
    }

    /// Returns what is held of an instrument.
    pub fn position(&self, instrument: usize) -> Position {
        self.positions.get(instrument).copied().unwrap_or_default()
    }

    /// Books a fill and returns what it closed; one that is larger than the position opens the other side with the rest.
    pub fn book(&mut self, fill: &Fill) -> Option<Closed> {
        let position = self.positions.get_mut(fill.instrument)?;
        let held = position.quantity.0;
        let closes = if held.signum() == -fill.side.sign() { fill.quantity.0.min(held.abs()) } else { 0 };
        let amount = fill.quantity.at(fill.price).decimal();
        self.cash -= Decimal::from(fill.side.sign()) * amount + fill.fee;
        self.fees += fill.fee;
        let exit_fee = share(fill.fee, closes, fill.quantity.0);
        let trade = (closes > 0).then(|| {
            let cost = share(position.cost, closes, held.abs());
            let entry_fee = share(position.fees, closes, held.abs());
            let quantity = Units(closes);
            let proceeds = Decimal::from(held.signum()) * quantity.at(fill.price).decimal();
            position.cost -= cost;
            position.fees -= entry_fee;
            position.quantity.0 -= held.signum() * closes;
            self.realised += proceeds - cost;
            let (fees, side) = (entry_fee + exit_fee, Side::of(held));
            let entry_price = places(cost.abs() / quantity.decimal());
            let (opened, pnl) = (position.opened, proceeds - cost - fees);
            Closed { side, quantity, cost: cost.abs(), entry_price, opened, fees, pnl }
        });
        let opens = fill.quantity.0 - closes;
        if opens > 0 {
            if position.is_flat() {
                position.opened = fill.time;
            }
            position.quantity.0 += fill.side.sign() * opens;
            position.cost += Decimal::from(fill.side.sign()) * Units(opens).at(fill.price).decimal();
            position.fees += fill.fee - exit_fee;
        }
        trade
    }

    /// Returns what the account is worth at these prices, one for each instrument: cash and positions.
    pub fn equity(&self, prices: &[Price]) -> Decimal {
        self.positions.iter().zip(prices).fold(self.cash, |sum, (position, price)| sum + position.value(*price))
    }

    /// Returns the same in integers, where `cash` is [`Account::exact_cash`]: what a bar costs to mark.
    pub fn exact_equity(&self, cash: Exact, prices: &[Price]) -> Exact {
        let value = |(position, price): (&Position, &Price)| position.quantity.at(*price).0;
        Exact(cash.0 + self.positions.iter().zip(prices).map(value).sum::<i128>())
    }

    /// Returns the cash in integers.
    pub fn exact_cash(&self) -> Exact {
        Exact::of(self.cash).unwrap_or_default()
    }

    /// Returns what is held at these prices, longs and shorts added.
    pub fn gross(&self, prices: &[Price]) -> Decimal {
        self.positions.iter().zip(prices).map(|(position, price)| position.value(*price).abs()).sum()
    }
}
