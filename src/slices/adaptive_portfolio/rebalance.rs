//! `adaptive_portfolio.rebalance`.

use rust_decimal::{Decimal, prelude::FromPrimitive as _};
use schemars::JsonSchema;
use serde::Deserialize;

use super::drift::Drift;
use crate::{
    market::{Bars, DAY_SECONDS, TargetSeries, Targets},
    slice::{Fault, Pure},
    value::Percent,
};

/// Returns targets that are traded only where a weight has drifted further than a band from its target; what is entered or
/// left is traded always.
///
/// `turnover` is what that is estimated to trade in a year, as a share of equity, and `notes` says what it costs, and what
/// it would without a band: of weights that are held from close to close, the first purchase not counted. The broker holds
/// each position against the band as it is by then.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Rebalance {
    /// The targets.
    targets: Targets,
    /// How far a weight may be from its target, as a share of equity.
    #[serde(default = "band")]
    #[schemars(extend("x-within" = "in 0%..100%"))]
    band: Percent,
    /// What trading costs, as a share of what is traded.
    #[serde(default)]
    #[schemars(extend("x-within" = "in 0%..100%"))]
    cost: Percent,
}

fn band() -> Percent {
    Percent(Decimal::new(2, 2))
}

pub(super) fn rebalance(_: Pure, input: Rebalance) -> Result<Targets, Fault> {
    let Rebalance { targets, band, cost } = input;
    let width = f64::try_from(band.0).unwrap_or_default();
    let rate = f64::try_from(cost.0).unwrap_or_default();
    let share = |it: f64| Percent(Decimal::from_f64(it).unwrap_or_default().round_dp(4).normalize());
    let (with, without) = (a_year(&targets, width, rate), a_year(&targets, 0.0, rate));
    let mut notes = targets.notes.clone();
    if let Some((with, without)) = with.zip(without) {
        notes.push(format!(
            "about {} of the account is traded in a year, at a cost of {}; without a band it would be {}, at {}",
            share(with),
            share(with * rate),
            share(without),
            share(without * rate)
        ));
    }
    let fresh = targets.with_entries(targets.entries.clone(), targets.approved, targets.reasons.clone());
    Ok(TargetSeries { band, turnover: with.map(share), notes, ..fresh }.into())
}

/// Estimates what is traded in a year, as a share of equity; none where there is less than one.
fn a_year(targets: &TargetSeries, band: f64, rate: f64) -> Option<f64> {
    let (first, last) = (targets.entries.first()?.time, targets.entries.last()?.time);
    let days = (last - first) / DAY_SECONDS;
    let mut account = Drift::new(1.0, targets.bars.len());
    let mut traded = 0.0;
    for entry in targets.entries.iter() {
        let close = |bars: &Bars| {
            let bar = bars.time.partition_point(|it| *it <= entry.time).checked_sub(1)?;
            bars.close.get(bar).copied()
        };
        let prices: Vec<f64> = targets.bars.iter().map(|it| close(it).unwrap_or(f64::NAN)).collect();
        let drifted = account.weights(&prices);
        let weights: Vec<f64> = drifted
            .iter()
            .zip(entry.weights.iter())
            .map(|(is, to)| if is * to > 0.0 && (is - to).abs() <= band { *is } else { *to })
            .collect();
        let took = account.hold(&prices, &weights, rate);
        traded += if entry.time == first { 0.0 } else { took };
    }
    (days >= 365).then(|| traded * 365.25 / days as f64)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail loudly")]

    use super::*;
    use crate::{market::TargetAt, slice::Cancel, slices::sample::moody};

    #[test]
    fn a_wider_band_trades_less_and_keeps_the_weights() {
        let bars: Vec<Bars> = (1..4).map(|seed| moody(800, seed)).collect();
        let days = bars.first().unwrap().time.clone();
        let entry = |time: &i64| TargetAt { time: *time, weights: vec![0.3; 3].into() };
        let entries: Vec<_> = days.iter().step_by(20).map(entry).collect();
        let targets: Targets = TargetSeries::new(bars, entries, "equal").into();
        let traded = |percent: i64| {
            let (band, cost) = (Percent(Decimal::new(percent, 2)), Percent(Decimal::new(1, 3)));
            let input = Rebalance { targets: targets.clone(), band, cost };
            let found = rebalance(Pure { cancel: Cancel::default() }, input).unwrap();
            assert_eq!(found.entries, targets.entries);
            found.turnover.unwrap()
        };
        assert!(traded(0) > traded(2) && traded(2) > traded(10), "{} {} {}", traded(0), traded(2), traded(10));
    }

    #[test]
    fn a_drift_is_what_one_computes_by_hand() {
        let mut account = Drift::new(1_000.0, 2);
        assert!((account.hold(&[10.0, 20.0], &[0.5, 0.25], 0.0) - 0.75).abs() < 1e-12);
        // 500 become 1,000 and 250 stay, of 1,500 in all
        assert!((account.worth(&[20.0, 20.0]) - 1_500.0).abs() < 1e-9);
        let drifted = account.weights(&[20.0, 20.0]);
        assert!(drifted.iter().zip([2.0 / 3.0, 1.0 / 6.0]).all(|(a, b)| (a - b).abs() < 1e-12));
        // back to a half and a quarter: a sixth is sold, a twelfth bought, at 1 %
        assert!((account.hold(&[20.0, 20.0], &[0.5, 0.25], 0.01) - 0.25).abs() < 1e-12);
        assert!((account.worth(&[20.0, 20.0]) - 1_500.0 * 0.9975).abs() < 1e-9);
    }
}
