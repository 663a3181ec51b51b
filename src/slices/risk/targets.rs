//! `risk.check_targets`.

use rust_decimal::prelude::ToPrimitive as _;
use schemars::JsonSchema;
use serde::Deserialize;

use super::share::{ROUNDING, percent, share};
use crate::{
    market::{TargetAt, Targets},
    slice::{Fault, Limited},
    value::Money,
};

/// Returns targets within the limits of the workflow: each weight at most `max_position`, all together at most
/// `max_gross` and `max_leverage`; what is more is reduced, and `reasons` says so.
///
/// A limit that is an amount counts as a share of `capital`; the broker holds every order against the amount itself.
/// They are not approved where a weight is no number or a limit leaves nothing at all of them.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct CheckTargets {
    /// The targets.
    targets: Targets,
    /// The size of the account; limits that are amounts need it.
    #[schemars(extend("x-within" = "above 0"))]
    capital: Option<Money>,
}

pub(super) fn check_targets(Limited(limits): Limited, input: CheckTargets) -> Result<Targets, Fault> {
    let CheckTargets { targets, capital } = input;
    let position = share(limits.max_position.as_ref(), "max_position", capital)?;
    let leverage = limits.max_leverage.map_or(f64::INFINITY, |it| it.0.to_f64().unwrap_or_default());
    let gross = share(limits.max_gross.as_ref(), "max_gross", capital)?;
    let together = [("max_gross", gross), ("max_leverage", leverage)];
    let (limit, most) = if leverage < gross { together[1] } else { together[0] };

    let mut noted = Notes::new(&targets);
    let mut entries = Vec::with_capacity(targets.entries.len());
    for entry in targets.entries.iter() {
        let mut weights: Vec<f64> = entry.weights.to_vec();
        for (symbol, weight) in weights.iter_mut().enumerate() {
            if !weight.is_finite() {
                noted.broken = true;
                *weight = 0.0;
            }
            if weight.abs() > position + ROUNDING {
                noted.reduce(symbol, weight.abs());
                *weight = position.copysign(*weight);
            }
        }
        let sum: f64 = weights.iter().map(|it| it.abs()).sum();
        if sum > most + ROUNDING {
            noted.gross = (noted.gross.0 + 1, noted.gross.1.max(sum));
            for it in &mut weights {
                *it *= most / sum;
            }
        }
        entries.push(TargetAt { time: entry.time, weights: weights.into() });
    }
    let nothing = |it: &[TargetAt]| it.iter().all(|it| it.weights.iter().all(|it| *it == 0.0));
    let emptied = nothing(&entries) && !nothing(&targets.entries);
    let approved = targets.approved && !noted.broken && !emptied;
    let reasons = targets.reasons.iter().cloned().chain(noted.reasons(position, limit, most, emptied)).collect();
    Ok(targets.with_entries(entries, approved, reasons).into())
}

/// What was reduced.
struct Notes<'a> {
    targets: &'a Targets,
    /// For each symbol how often, and the greatest weight that was asked for.
    symbols: Vec<(usize, f64)>,
    gross: (usize, f64),
    broken: bool,
}

impl<'a> Notes<'a> {
    fn new(targets: &'a Targets) -> Self {
        Self { targets, symbols: vec![(0, 0.0); targets.symbols.len()], gross: (0, 0.0), broken: false }
    }

    fn reduce(&mut self, symbol: usize, asked: f64) {
        if let Some(it) = self.symbols.get_mut(symbol) {
            *it = (it.0 + 1, it.1.max(asked));
        }
    }

    fn reasons(&self, position: f64, limit: &str, most: f64, emptied: bool) -> Vec<String> {
        let of = self.targets.entries.len();
        let mut reasons = Vec::new();
        for (symbol, (count, asked)) in self.targets.symbols.iter().zip(&self.symbols).filter(|it| it.1.0 > 0) {
            let (asked, to) = (percent(*asked), percent(position));
            reasons.push(format!(
                "{symbol} was reduced from up to {asked} to {to} by max_position, {count} of {of} times"
            ));
        }
        if self.gross.0 > 0 {
            let (asked, to) = (percent(self.gross.1), percent(most));
            reasons.push(format!(
                "all were reduced from up to {asked} to {to} by {limit}, {} of {of} times",
                self.gross.0
            ));
        }
        if self.broken {
            reasons.push("a weight is no number".into());
        }
        if emptied {
            reasons.push("the limits leave nothing of it".into());
        }
        reasons
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may fail loudly")]

    use rust_decimal::Decimal;

    use super::*;
    use crate::{
        market::{Amount, Limits, TargetSeries},
        slices::sample::moody,
        value::{Leverage, Percent},
    };

    fn targets(weights: &[f64]) -> Targets {
        let bars: Vec<_> = weights.iter().zip(1..).map(|(_, seed)| moody(3, seed)).collect();
        TargetSeries::new(bars, [TargetAt { time: 946_857_600, weights: weights.into() }], "equal").into()
    }

    fn check(weights: &[f64], limits: Limits, capital: Option<Money>) -> Result<Targets, Fault> {
        check_targets(Limited(limits), CheckTargets { targets: targets(weights), capital })
    }

    fn percent(it: i64) -> Amount {
        Amount::Percent(Percent(Decimal::new(it, 2)))
    }

    #[test]
    fn caps_each_and_all() {
        let limits = Limits { max_position: Some(percent(30)), max_gross: Some(percent(50)), ..Limits::default() };
        let checked = check(&[0.5, -0.4, 0.1], limits, None).unwrap();
        let weights = &checked.entries[0].weights;
        let scale = 0.5 / 0.7;
        for (weight, expected) in weights.iter().zip([0.3 * scale, -0.3 * scale, 0.1 * scale]) {
            assert!((weight - expected).abs() < 1e-12);
        }
        assert!(checked.approved);
        assert_eq!(checked.reasons.len(), 3);
        assert_eq!(checked.reasons[2], "all were reduced from up to 70% to 50% by max_gross, 1 of 1 times");
    }

    #[test]
    fn an_amount_needs_the_capital() {
        let limits = || Limits { max_position: Some(Amount::Money(Money::usd(3_000))), ..Limits::default() };
        let checked = check(&[0.5], limits(), Some(Money::usd(10_000))).unwrap();
        assert!((checked.entries[0].weights[0] - 0.3).abs() < 1e-12);
        let fault = check(&[0.5], limits(), None).unwrap_err();
        assert_eq!(fault.message, "`max_position` is 3000 USD: give `capital`, of which it is a share");
    }

    #[test]
    fn within_the_limits_nothing_changes() {
        let limits = Limits { max_leverage: Some(Leverage(Decimal::ONE)), ..Limits::default() };
        let checked = check(&[0.5, 0.5], limits, None).unwrap();
        assert_eq!(
            (&checked.entries[0].weights[..], checked.approved, checked.reasons.len()),
            (&[0.5, 0.5][..], true, 0)
        );
    }

    #[test]
    fn what_is_nothing_or_no_number_is_not_approved() {
        let none = Limits { max_gross: Some(percent(0)), ..Limits::default() };
        assert!(!check(&[0.5], none, None).unwrap().approved);
        assert!(!check(&[f64::NAN], Limits::default(), None).unwrap().approved);
    }
}
