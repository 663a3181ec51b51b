//! Prices and quantities in whole units of 1e-8, so that accounts add up to the last digit at the speed of integers.

use rust_decimal::{Decimal, prelude::ToPrimitive as _};

/// How many decimals prices, quantities and fees have.
pub const DECIMALS: u32 = 8;

const UNIT: i64 = 100_000_000;

/// A price in units of 1e-8 of the currency.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Price(pub i64);

/// A quantity in units of 1e-8 of a share; negative for a short position.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Units(pub i64);

/// An amount in units of 1e-16 of the currency: what a price times a quantity is in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Exact(pub i128);

impl Price {
    /// Returns the nearest price; what is not a number, not above zero or above 90 billion is none.
    pub fn new(price: f64) -> Option<Self> {
        let scaled = (price * UNIT as f64).round();
        #[expect(clippy::cast_possible_truncation, reason = "the range was checked")]
        (1.0..9e18).contains(&scaled).then_some(Self(scaled as i64))
    }

    /// Returns the nearest distance between prices; what is not a number or below zero is none.
    pub fn distance(distance: f64) -> Option<i64> {
        if distance == 0.0 { Some(0) } else { Self::new(distance).map(|it| it.0) }
    }

    /// Returns the price that this decimal rounds to; none where it is not above zero or too large.
    pub fn from_decimal(price: Decimal) -> Option<Self> {
        let units = (price * Decimal::from(UNIT)).round().to_i64()?;
        (units > 0).then_some(Self(units))
    }

    /// Returns it as a decimal.
    pub fn decimal(self) -> Decimal {
        Decimal::new(self.0, DECIMALS)
    }

    /// Returns it as a float, for statistics.
    pub fn float(self) -> f64 {
        self.0 as f64 / UNIT as f64
    }
}

impl Units {
    /// Returns the most whole lots that fit into a quantity, none of them where it is below zero.
    pub fn floor(quantity: Decimal, lot: Units) -> Self {
        let lots = quantity.checked_mul(Decimal::from(UNIT)).and_then(|it| it.trunc().to_i64()).unwrap_or(0).max(0);
        Self(lots - lots % lot.0.max(1))
    }

    /// Returns one whole share.
    pub const fn one() -> Self {
        Self(UNIT)
    }

    /// Returns it as a decimal, without zeros at its end.
    pub fn decimal(self) -> Decimal {
        if self.0 % UNIT == 0 { Decimal::from(self.0 / UNIT) } else { Decimal::new(self.0, DECIMALS).normalize() }
    }

    /// Returns what it is worth at a price.
    pub fn at(self, price: Price) -> Exact {
        Exact(i128::from(self.0) * i128::from(price.0))
    }
}

impl Exact {
    /// Returns a decimal of at most 16 decimals; a finer or a larger one is none.
    pub fn of(amount: Decimal) -> Option<Self> {
        let factor = 10_i128.checked_pow(16_u32.checked_sub(amount.scale())?)?;
        amount.mantissa().checked_mul(factor).map(Self)
    }

    /// Returns it as a decimal; above 79 billion billion it keeps 8 decimals.
    pub fn decimal(self) -> Decimal {
        let wide = |places: u32| {
            Decimal::try_from_i128_with_scale(self.0 / 10_i128.pow(16 - places), places).unwrap_or(Decimal::MAX)
        };
        if self.0 % i128::from(UNIT) == 0 {
            wide(DECIMALS)
        } else {
            Decimal::try_from_i128_with_scale(self.0, 16).unwrap_or_else(|_| wide(DECIMALS))
        }
    }

    /// Returns it as a float, for statistics.
    pub fn float(self) -> f64 {
        self.0 as f64 / 1e16
    }
}
