//! Prices and quantities in whole units of 1e-8, so that accounts add up to the last digit at the speed of integers.

use std::ops::{Add, AddAssign, Neg, Sub, SubAssign};

use rust_decimal::{Decimal, RoundingStrategy, prelude::ToPrimitive as _};

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

/// A share of a whole, such as a rate of commission, as a fraction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ratio {
    numerator: i64,
    denominator: i64,
}

impl Price {
    /// Returns the nearest price; what is not a number, not above zero or above 90 billion is none.
    pub fn new(price: f64) -> Option<Self> {
        let scaled = price * UNIT as f64;
        // What has no room for a half is whole already. A call of `round` would cost more than all else here.
        let rounded = if scaled < 4e15 { scaled + 0.5 } else { scaled };
        #[expect(clippy::cast_possible_truncation, reason = "the range was checked")]
        (1.0..9e18).contains(&rounded).then_some(Self(rounded as i64))
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
        let units = quantity.checked_mul(Decimal::from(UNIT)).and_then(|it| it.trunc().to_i64()).unwrap_or(0).max(0);
        Self::lots(units, lot)
    }

    /// Returns the most whole lots in so many units.
    fn lots(units: i64, lot: Units) -> Self {
        Self(units - units % lot.0.max(1))
    }

    /// Returns one whole share.
    pub const fn one() -> Self {
        Self(UNIT)
    }

    /// Returns it as a float, for statistics.
    pub fn float(self) -> f64 {
        self.0 as f64 / UNIT as f64
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

impl Ratio {
    /// Nothing.
    pub const NOTHING: Self = Self { numerator: 0, denominator: 1 };

    /// The whole.
    pub const ONE: Self = Self { numerator: 1, denominator: 1 };

    /// Returns so many hundredths.
    pub const fn percent(it: i64) -> Self {
        Self { numerator: it, denominator: 100 }
    }

    /// Returns the nearest share of at most 12 decimals; none above 9 million.
    pub fn of(share: Decimal) -> Option<Self> {
        let share = share.round_dp(12).normalize();
        let denominator = 10_i64.checked_pow(share.scale())?;
        Some(Self { numerator: i64::try_from(share.mantissa()).ok()?, denominator })
    }

    /// Returns the nearest share of at most 12 decimals; what is not a number or above 9 million is none.
    pub fn float(share: f64) -> Option<Self> {
        const FINEST: f64 = 1e12;
        let scaled = (share * FINEST).round();
        #[expect(clippy::cast_possible_truncation, reason = "the range was checked")]
        (scaled.abs() < 9e18).then_some(Self { numerator: scaled as i64, denominator: FINEST as i64 })
    }

    /// Says whether it is nothing.
    pub fn is_zero(self) -> bool {
        self.numerator == 0
    }

    /// Returns it as a decimal.
    pub fn decimal(self) -> Decimal {
        Decimal::from(self.numerator) / Decimal::from(self.denominator)
    }

    /// Returns it as a float.
    pub fn fraction(self) -> f64 {
        self.numerator as f64 / self.denominator as f64
    }

    /// Returns 1 over this; of nothing it is the whole.
    #[must_use]
    pub fn inverse(self) -> Self {
        if self.is_zero() { Self::ONE } else { Self { numerator: self.denominator, denominator: self.numerator } }
    }

    /// Returns so many times this, over so many.
    #[must_use]
    pub fn scaled(self, times: i64, over: i64) -> Self {
        let (numerator, denominator) = (self.numerator.saturating_mul(times), self.denominator.saturating_mul(over));
        Self { numerator, denominator }
    }

    /// Returns 1 and this.
    #[must_use]
    pub fn above_one(self) -> Self {
        Self { numerator: self.denominator.saturating_add(self.numerator), ..self }
    }

    /// Returns 1 less this.
    #[must_use]
    pub fn below_one(self) -> Self {
        Self { numerator: self.denominator.saturating_sub(self.numerator), ..self }
    }
}

/// Returns `value · by / of`, rounded half away from zero to whole multiples of `step`.
fn portion(value: i128, by: i64, of: i64, step: i64) -> i128 {
    if by == of && step == 1 {
        return value;
    }
    let nearest = |product: i128, divisor: i128| {
        let (size, divisor) = (product.unsigned_abs(), divisor.unsigned_abs().max(1));
        let rounded = i128::try_from((size + divisor / 2) / divisor).unwrap_or(i128::MAX);
        if product < 0 { -rounded } else { rounded }
    };
    let (divisor, step) = (i128::from(of) * i128::from(step), i128::from(step));
    if let Some(product) = value.checked_mul(i128::from(by)).filter(|it| it.unsigned_abs() < 1 << 126) {
        return nearest(product, divisor) * step;
    }
    // Beyond 38 digits the last ones are a decimal's.
    let exact = Exact(value).decimal() * Decimal::from(by) / Decimal::from(of);
    let places = if step == 1 { 16 } else { DECIMALS };
    let rounded = exact.round_dp_with_strategy(places, RoundingStrategy::MidpointAwayFromZero);
    Exact::of(rounded).map_or(i128::MAX, |it| it.0)
}

impl Price {
    /// Returns it times a share, rounded half away from zero; none where that is no price.
    pub fn times(self, by: Ratio) -> Option<Self> {
        let price = i64::try_from(portion(self.0.into(), by.numerator, by.denominator, 1)).ok()?;
        (price > 0).then_some(Self(price))
    }
}

impl Add for Exact {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

impl AddAssign for Exact {
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

impl Sub for Exact {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }
}

impl SubAssign for Exact {
    fn sub_assign(&mut self, other: Self) {
        *self = *self - other;
    }
}

impl Neg for Exact {
    type Output = Self;
    fn neg(self) -> Self {
        Self(-self.0)
    }
}

impl Exact {
    /// Nothing.
    pub const ZERO: Self = Self(0);

    /// Returns its size, whatever its sign.
    #[must_use]
    pub fn abs(self) -> Self {
        Self(self.0.abs())
    }

    /// Returns a share of it, exact to 1e-16.
    #[must_use]
    pub fn times(self, by: Ratio) -> Self {
        Self(portion(self.0, by.numerator, by.denominator, 1))
    }

    /// Returns a share of it, rounded half away from zero to what fees are kept in.
    #[must_use]
    pub fn fee(self, by: Ratio) -> Self {
        Self(portion(self.0, by.numerator, by.denominator, UNIT))
    }

    /// Returns `part / of` of it, rounded as fees are, and all of it where `part` is all.
    #[must_use]
    pub fn part(self, part: Units, of: Units) -> Self {
        match part {
            Units(0) => Self::ZERO,
            part if part == of => self,
            part => Self(portion(self.0, part.0, of.0, UNIT)),
        }
    }

    /// Returns the most whole lots that it buys at a price; none where it is below zero.
    pub fn buys(self, price: Price, lot: Units) -> Units {
        let quantity = self.0.max(0).checked_div(i128::from(price.0)).unwrap_or(0);
        Units::lots(i64::try_from(quantity).unwrap_or(i64::MAX), lot)
    }

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
