//! How much an entry buys, in what the account counts in.

use rust_decimal::{Decimal, prelude::FromPrimitive as _};

use super::{DECIMALS, Exact, Price, Ratio, Size, Units};

/// How much an entry buys: the size of a strategy in what the account counts in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stake {
    /// A share of equity, as a notional.
    Share(Ratio),
    /// A share of equity that is lost where the stop is hit.
    Risk(Ratio),
    /// A notional.
    Notional(Exact),
    /// A number of shares.
    Shares(Units),
}

impl Stake {
    /// Reads a size; none where it is no number above zero.
    pub fn of(size: &Size, lot: Units) -> Option<Self> {
        let decimal = |it: f64| Decimal::from_f64(it).filter(|it| *it > Decimal::ZERO);
        match *size {
            Size::EquityShare(it) => Self::share(it),
            Size::EquityRisk(it) => Ratio::float(it).filter(|_| it > 0.0).map(Self::Risk),
            Size::Notional(it) => Exact::of(decimal(it)?.round_dp(DECIMALS)).map(Self::Notional),
            Size::Shares(it) => Some(Self::Shares(Units::floor(decimal(it)?, lot))),
        }
    }

    /// Reads a share of equity; none where it is not above zero.
    pub fn share(it: f64) -> Option<Self> {
        Ratio::float(it).filter(|_| it > 0.0).map(Self::Share)
    }

    /// Returns the most whole lots that it buys at a price with so much equity; none where it counts in what the stop
    /// loses and there is none.
    pub fn buys(self, equity: Exact, price: Price, stop: Option<i64>, lot: Units) -> Option<Units> {
        Some(match self {
            Self::Share(share) => equity.times(share).buys(price, lot),
            Self::Risk(share) => equity.times(share).buys(Price(stop?), lot),
            Self::Notional(amount) => amount.buys(price, lot),
            Self::Shares(shares) => shares,
        })
    }
}
