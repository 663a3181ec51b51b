//! Limits as shares of equity.

use rust_decimal::prelude::ToPrimitive as _;

use crate::{market::Amount, slice::Fault, value::Money};

/// What counts as no more than rounding.
pub(super) const ROUNDING: f64 = 1e-12;

/// Returns a limit as a share of equity; none is no limit.
pub(in crate::slices) fn share(limit: Option<&Amount>, name: &str, capital: Option<Money>) -> Result<f64, Fault> {
    let share = match (limit, capital) {
        (None, _) => return Ok(f64::INFINITY),
        (Some(Amount::Percent(it)), _) => it.0.to_f64(),
        (Some(Amount::Money(limit)), Some(capital)) if limit.currency == capital.currency => {
            limit.amount.checked_div(capital.amount).and_then(|it| it.to_f64())
        }
        (Some(Amount::Money(limit)), Some(capital)) => {
            let text = format!("`{name}` is {limit}, the capital {capital}: they are not in one currency");
            return Err(Fault::input(text));
        }
        (Some(Amount::Money(limit)), None) => {
            return Err(Fault::input(format_args!("`{name}` is {limit}: give `capital`, of which it is a share")));
        }
    };
    match share {
        Some(it) if it >= 0.0 => Ok(it),
        _ => Err(Fault::input(format_args!("`{name}` is no share of the capital: it must be 0 or more"))),
    }
}

/// Returns a share as people read it.
pub(super) fn percent(share: f64) -> String {
    format!("{}%", (share * 1e4).round() / 1e2)
}
