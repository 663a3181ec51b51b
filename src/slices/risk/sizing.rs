//! `risk.check`.

use rust_decimal::prelude::ToPrimitive as _;
use schemars::JsonSchema;
use serde::Deserialize;

use super::share::{ROUNDING, percent, share};
use crate::{
    market::{Sizing, SizingSeries},
    slice::{Fault, Limited},
};

/// Returns a sizing within the limits of the workflow: at each bar at most `max_position`, `max_gross` and `max_leverage`;
/// what is more is reduced, and `reasons` says so.
///
/// A limit that is an amount counts as a share of the capital that was sized for; the broker holds every order against the
/// amount itself, and against all other limits, which ask for what happened by then. It is not approved where a size is no
/// number or a limit leaves nothing at all of it.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Check {
    /// The sizing.
    sizing: Sizing,
}

pub(super) fn check(Limited(limits): Limited, Check { sizing }: Check) -> Result<Sizing, Fault> {
    let capital = Some(sizing.capital);
    let caps = [
        ("max_position", share(limits.max_position.as_ref(), "max_position", capital)?),
        ("max_gross", share(limits.max_gross.as_ref(), "max_gross", capital)?),
        ("max_leverage", limits.max_leverage.and_then(|it| it.0.to_f64()).unwrap_or(f64::INFINITY)),
    ];
    let (limit, most) = caps.into_iter().fold(("", f64::INFINITY), |least, it| if it.1 < least.1 { it } else { least });
    let (mut count, mut asked, mut broken) = (0_usize, 0.0_f64, false);
    let mut hold = |size: &f64| {
        if !size.is_finite() {
            broken = true;
            return 0.0;
        }
        if size.abs() <= most + ROUNDING {
            return *size;
        }
        (count, asked) = (count + 1, asked.max(size.abs()));
        most.copysign(*size)
    };
    let sizes: Vec<f64> = sizing.fractions.iter().map(&mut hold).collect();
    let nothing = |it: &[f64]| it.iter().all(|it| *it == 0.0);
    let emptied = nothing(&sizes) && !nothing(&sizing.fractions);
    let mut reasons = sizing.reasons.clone();
    if count > 0 {
        let (of, from, to) = (sizes.len(), percent(asked), percent(most));
        reasons.push(format!("the size was reduced from up to {from} to {to} by {limit}, {count} of {of} times"));
    }
    if broken {
        reasons.push("a size is no number".into());
    }
    if emptied {
        reasons.push("the limits leave nothing of it".into());
    }
    let checked = SizingSeries::new(sizing.bars.clone(), sizing.capital, sizing.lot, sizing.first, sizes);
    let (method, approved) = (sizing.method.clone(), sizing.approved && !broken && !emptied);
    Ok(SizingSeries { method, approved, reasons, ..checked }.into())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may fail loudly")]

    use rust_decimal::Decimal;

    use super::*;
    use crate::{
        market::{Amount, Limits, Units},
        slices::sample::candles,
        value::{Leverage, Money, Percent},
    };

    fn sized(limits: Limits, sizes: &[f64]) -> Result<Sizing, Fault> {
        let prices = vec![33.0; sizes.len()];
        let bars = candles("A", &prices, &prices, &prices, &prices, &prices);
        let sizing = SizingSeries::new(bars, Money::usd(10_000), Units::one(), 0, sizes.to_vec());
        check(Limited(limits), Check { sizing: sizing.into() })
    }

    fn percent_of(it: i64) -> Option<Amount> {
        Some(Amount::Percent(Percent(Decimal::new(it, 2))))
    }

    #[test]
    fn the_tightest_limit_reduces_and_the_quantity_follows() {
        let limits = Limits {
            max_position: percent_of(30),
            max_gross: percent_of(80),
            max_leverage: Some(Leverage(Decimal::ONE)),
            ..Limits::default()
        };
        let checked = sized(limits, &[0.1, 0.5, -0.4]).unwrap();
        assert_eq!(checked.fractions[..], [0.1, 0.3, -0.3]);
        assert_eq!(checked.reasons, ["the size was reduced from up to 50% to 30% by max_position, 2 of 3 times"]);
        assert!(checked.approved);
        let limits = Limits { max_position: Some(Amount::Money(Money::usd(2_000))), ..Limits::default() };
        let checked = sized(limits, &[0.5]).unwrap();
        // 2,000 at 33 are 60 shares, for 1,980
        assert_eq!((checked.quantity.amount, checked.value), (Decimal::from(60), Money::usd(1_980)));
    }

    #[test]
    fn what_is_nothing_or_no_number_is_not_approved() {
        assert!(sized(Limits::default(), &[0.0]).unwrap().approved);
        let checked = sized(Limits { max_gross: percent_of(0), ..Limits::default() }, &[0.5]).unwrap();
        assert_eq!((checked.approved, &checked.reasons[1][..]), (false, "the limits leave nothing of it"));
        assert!(!sized(Limits::default(), &[f64::NAN]).unwrap().approved);
    }
}
