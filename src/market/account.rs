//! An account: cash, positions, and what was earned, to the last digit; cash + positions is equity.

use rust_decimal::{Decimal, RoundingStrategy};

use super::{DECIMALS, Exact, Fill, Price, Side, Units};

/// What is held of one instrument.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Position {
    /// How much; negative for a short.
    pub quantity: Units,
    /// What it was bought for, or, negative, sold for: the sum of quantity times price.
    pub cost: Exact,
    /// The commissions of the entries that are still open, and what borrowing them cost.
    pub fees: Exact,
    /// When it was opened: the time of the bar.
    pub opened: i64,
}

/// What a fill closed of a position, at average cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Closed {
    /// The side of the entry.
    pub side: Side,
    /// How much was closed.
    pub quantity: Units,
    /// What it was bought for, or sold for where it was short.
    pub cost: Exact,
    /// When it was opened.
    pub opened: i64,
    /// The commissions of entry and exit, and what borrowing cost in between.
    pub fees: Exact,
    /// What was earned, commissions deducted.
    pub pnl: Exact,
}

/// Cash, positions, and what was earned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// What it began with.
    pub capital: Exact,
    /// What is not invested; proceeds of short sales are in it.
    pub cash: Exact,
    /// What is held, by instrument.
    pub positions: Vec<Position>,
    /// What closed positions earned, before commissions.
    pub realised: Exact,
    /// Every commission paid, and whatever borrowing cost.
    pub fees: Exact,
    /// What borrowed shares cost; it is in the fees.
    pub borrow: Exact,
    /// What borrowed cash cost; it is in the fees, and in those of no trade.
    pub interest: Exact,
}

/// Returns what a share cost of a quantity that cost so much.
fn each(cost: Exact, quantity: Units) -> Decimal {
    let average = cost.decimal().checked_div(quantity.decimal()).unwrap_or_default();
    average.round_dp_with_strategy(DECIMALS, RoundingStrategy::MidpointAwayFromZero)
}

impl Position {
    /// Says whether nothing is held.
    pub fn is_flat(&self) -> bool {
        self.quantity.0 == 0
    }

    /// Returns the average price of entry; 0 where nothing is held.
    pub fn average(&self) -> Decimal {
        each(self.cost, self.quantity)
    }

    /// Returns what it is worth at a price; negative for a short.
    pub fn value(&self, price: Price) -> Exact {
        self.quantity.at(price)
    }

    /// Returns what it has earned at a price, before commissions.
    pub fn unrealised(&self, price: Price) -> Exact {
        self.value(price) - self.cost
    }
}

impl Closed {
    /// Returns the average price of entry.
    pub fn entry_price(&self) -> Decimal {
        each(self.cost, self.quantity)
    }
}

impl Account {
    /// Returns an account of this capital that holds nothing of so many instruments.
    pub fn new(capital: Exact, instruments: usize) -> Self {
        let (positions, zero) = (vec![Position::default(); instruments], Exact::ZERO);
        Self { capital, cash: capital, positions, realised: zero, fees: zero, borrow: zero, interest: zero }
    }

    /// Returns what is held of an instrument.
    #[inline]
    pub fn position(&self, instrument: usize) -> Position {
        self.positions.get(instrument).copied().unwrap_or_default()
    }

    /// Books a fill and returns what it closed; one that is larger than the position opens the other side with the rest.
    pub fn book(&mut self, fill: &Fill) -> Option<Closed> {
        let position = self.positions.get_mut(fill.instrument)?;
        let held = position.quantity.0;
        let closes = if held.signum() == -fill.side.sign() { fill.quantity.0.min(held.abs()) } else { 0 };
        self.cash -= Units(fill.side.sign() * fill.quantity.0).at(fill.price) + fill.fee;
        self.fees += fill.fee;
        let exit_fee = fill.fee.part(Units(closes), fill.quantity);
        let trade = (closes > 0).then(|| {
            let (quantity, whole) = (Units(closes), Units(held.abs()));
            let (cost, entry_fee) = (position.cost.part(quantity, whole), position.fees.part(quantity, whole));
            let proceeds = Units(held.signum() * closes).at(fill.price);
            position.cost -= cost;
            position.fees -= entry_fee;
            position.quantity.0 -= held.signum() * closes;
            self.realised += proceeds - cost;
            let fees = entry_fee + exit_fee;
            let (side, opened, pnl) = (Side::of(held), position.opened, proceeds - cost - fees);
            Closed { side, quantity, cost: cost.abs(), opened, fees, pnl }
        });
        let opens = fill.quantity.0 - closes;
        if opens > 0 {
            if position.is_flat() {
                position.opened = fill.time;
            }
            position.quantity.0 += fill.side.sign() * opens;
            position.cost += Units(fill.side.sign() * opens).at(fill.price);
            position.fees += fill.fee - exit_fee;
        }
        trade
    }

    /// Books what holding a short position cost.
    pub fn pay_borrow(&mut self, instrument: usize, cost: Exact) {
        if let Some(position) = self.positions.get_mut(instrument) {
            position.fees += cost;
            self.cash -= cost;
            self.fees += cost;
            self.borrow += cost;
        }
    }

    /// Books what owing cash cost.
    pub fn pay_interest(&mut self, cost: Exact) {
        self.cash -= cost;
        self.fees += cost;
        self.interest += cost;
    }

    /// Returns what the account is worth at these prices, one for each instrument: cash and positions.
    #[inline]
    pub fn equity(&self, prices: &[Price]) -> Exact {
        self.positions.iter().zip(prices).fold(self.cash, |sum, (position, price)| sum + position.value(*price))
    }

    /// Returns what is held at these prices, longs and shorts added.
    pub fn gross(&self, prices: &[Price]) -> Exact {
        let sizes = self.positions.iter().zip(prices).map(|(position, price)| position.value(*price).abs());
        sizes.fold(Exact::ZERO, |sum, it| sum + it)
    }
}
