//! Rules that change with the size of an account.

use rust_decimal::Decimal;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    market::time_text,
    slice::{Fault, Pure},
    value::{Money, Percent},
};

/// What an account of a size should keep to.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub(super) struct Tier {
    /// What it is called: `micro`, `small`, `medium` or `large`.
    pub name: String,
    /// From which size on, in the account's own currency.
    pub from: Money,
    /// How many symbols it holds at most: fewer positions where commissions and whole shares would eat a small one.
    pub max_positions: usize,
    /// The share of it that stays cash, so that rounding and costs never borrow.
    pub reserve: Percent,
}

/// Name, least size, most positions and reserve in hundredths, by falling size.
const TIERS: [(&str, i64, usize, i64); 4] =
    [("large", 250_000, 50, 1), ("medium", 25_000, 20, 2), ("small", 5_000, 8, 2), ("micro", 0, 3, 5)];

/// Returns the rules for an account of this size: from 250,000 on `large` (50 positions, 1 % in reserve), from 25,000
/// `medium` (20, 2 %), from 5,000 `small` (8, 2 %), below `micro` (3, 5 %), in its own currency.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct TierOf {
    /// The size of the account.
    #[schemars(extend("x-within" = "above 0"))]
    capital: Money,
}

pub(super) fn tier(_: Pure, input: TierOf) -> Result<Tier, Fault> {
    of(input.capital)
}

impl Tier {
    /// Says what it asks for, and from when on.
    pub(super) fn told(&self, from: Option<i64>) -> String {
        let when = from.map_or_else(|| "at first".into(), |it| format!("from {} on", time_text(it)));
        format!("{when} {}: at most {} positions, {} in reserve", self.name, self.max_positions, self.reserve)
    }
}

/// Returns the rules for an account of this size.
pub(super) fn of(capital: Money) -> Result<Tier, Fault> {
    let fits = TIERS.into_iter().find(|it| capital.amount > Decimal::ZERO && capital.amount >= Decimal::from(it.1));
    let (name, from, max_positions, reserve) =
        fits.ok_or_else(|| Fault::input(format_args!("the capital is {capital}: it must be above 0")))?;
    let from = Money::new(from, capital.currency);
    Ok(Tier { name: name.into(), from, max_positions, reserve: Percent(Decimal::new(reserve, 2)) })
}
