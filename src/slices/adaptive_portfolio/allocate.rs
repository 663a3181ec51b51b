//! `adaptive_portfolio.allocate`.

use rust_decimal::{
    Decimal,
    prelude::{FromPrimitive as _, ToPrimitive as _},
};
use schemars::JsonSchema;
use serde::Deserialize;

use super::{
    drift::Drift,
    tier::{self, Tier},
    timeline::Timeline,
    weigh::Weighting,
};
use crate::{
    market::{Bars, TargetAt, TargetSeries, Targets, bar_in_force},
    slice::{Cancel, Fault, FaultKind, Pure},
    strategy::{ChoiceAt, StrategyChoice, record},
    value::{BarCount, Money, Percent, Symbol},
};

/// A symbol, and the strategy that was chosen for it.
#[derive(Clone, Deserialize, JsonSchema)]
pub(super) struct Pick {
    /// The instrument.
    symbol: Symbol,
    /// Its bars.
    bars: Bars,
    /// What was chosen for it.
    choice: StrategyChoice,
}

/// Returns how to split an account over symbols, over time: at the first close of each month anew, from the bars up to
/// then, and in between as their strategies enter and leave.
///
/// A symbol takes part from the first choice with at least `min_confidence` on and with `lookback` bars behind it; of
/// more than the account's size is meant for (see `tier`) those with the most confidence do. The size is what the account
/// would be worth by then: the capital, held at these weights from close to close, `cost` of what is traded taken off. `method` weighs them by
/// their returns over `lookback` bars; covariances are shrunk (Ledoit and Wolf, 2004). The reserve of the tier stays
/// cash. Each weight is held long, short or not at all as the chosen strategy decided at that close.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Allocate {
    /// The symbols with their bars and choices.
    picks: Vec<Pick>,
    /// What the account begins with.
    #[schemars(extend("x-within" = "above 0"))]
    capital: Money,
    /// What trading costs, as a share of what is traded, for what the account would be worth.
    #[serde(default)]
    #[schemars(extend("x-within" = "in 0%..100%"))]
    cost: Percent,
    /// How sure a choice must be for its symbol to take part.
    #[serde(default)]
    #[schemars(extend("x-within" = "in 0%..100%"))]
    min_confidence: Percent,
    /// How the account is split over those that take part.
    #[serde(default)]
    method: Weighting,
    /// Over how many bars risk and momentum are measured.
    #[serde(default = "lookback")]
    #[schemars(extend("x-within" = "in 20 bars..2000 bars"))]
    lookback: BarCount,
}

fn lookback() -> BarCount {
    BarCount(63)
}

pub(super) fn allocate(grant: Pure, input: Allocate) -> Result<Targets, Fault> {
    let Allocate { picks, capital, cost, min_confidence, method, lookback } = input;
    let lookback = usize::try_from(lookback.0).unwrap_or(usize::MAX);
    for (at, pick) in picks.iter().enumerate() {
        if picks.iter().take(at).any(|it| it.symbol == pick.symbol) {
            return Err(Fault::input(format_args!("{} is picked twice", pick.symbol)));
        }
        if pick.bars.symbol != pick.symbol {
            return Err(Fault::input(format_args!("the bars of {} are those of {}", pick.symbol, pick.bars.symbol)));
        }
    }
    let least = f64::try_from(min_confidence.0).unwrap_or(f64::NAN);
    let rules = Rules { least, method, lookback, capital, rate: cost.0.to_f64().unwrap_or_default() };
    let (entries, notes) = entries(&picks, &rules, &grant.cancel)?;
    let bars: Vec<Bars> = picks.iter().map(|it| it.bars.clone()).collect();
    Ok(TargetSeries { notes, ..TargetSeries::new(bars, entries, method.as_str()) }.into())
}

struct Rules {
    least: f64,
    method: Weighting,
    lookback: usize,
    capital: Money,
    /// The share of what is traded that trading costs.
    rate: f64,
}

/// Returns the weights over time, and from when on which rules for the account's size were kept to.
fn entries(picks: &[Pick], rules: &Rules, cancel: &Cancel) -> Result<(Vec<TargetAt>, Vec<String>), Fault> {
    let mut tier = tier::of(rules.capital)?;
    let mut notes = vec![tier.told(None)];
    let mut account = Drift::new(rules.capital.amount.to_f64().unwrap_or(f64::NAN), picks.len());
    let timeline = Timeline::new(picks.iter().map(|it| &it.bars));
    let sides = picks.iter().map(sides).collect::<Result<Vec<_>, _>>()?;
    let mut shares = vec![0.0; picks.len()];
    let mut entries: Vec<TargetAt> = Vec::new();
    for (at, time) in timeline.times.iter().enumerate() {
        if cancel.is_cancelled() {
            return Err(Fault::new(FaultKind::Cancelled, "the weights were no longer wanted"));
        }
        let fresh = timeline.begins_month(at);
        let prices = timeline.prices(picks.iter().map(|it| &it.bars), at);
        if fresh {
            let worth = Decimal::from_f64(account.worth(&prices)).unwrap_or_default().round_dp(2).max(Decimal::ONE);
            let now = tier::of(Money::new(worth, rules.capital.currency))?;
            if now != tier {
                tier = now;
                notes.push(tier.told(Some(*time)));
            }
            shares = weigh(picks, rules, &tier, &timeline, at);
        }
        let side = |symbol: usize| {
            let bar = (*timeline.known.get(symbol)?.get(at)?)?;
            sides.get(symbol)?.get(bar).copied()
        };
        let weights = shares.iter().enumerate().map(|(symbol, share)| share * side(symbol).unwrap_or_default());
        // A weight of nothing is 0, never -0.
        let weights: Vec<f64> = weights.map(|it| if it == 0.0 { 0.0 } else { it }).collect();
        let changed = match entries.last() {
            Some(last) => fresh || last.weights.iter().ne(&weights),
            // Where no choice is sure enough yet, nothing is what is held.
            None => fresh && is_chosen(picks, &timeline, at),
        };
        if changed {
            account.hold(&prices, &weights, rules.rate);
            entries.push(TargetAt { time: *time, weights: weights.into() });
        }
    }
    Ok((entries, notes))
}

/// Says whether any pick has a choice at a time, sure enough or not.
fn is_chosen(picks: &[Pick], timeline: &Timeline, at: usize) -> bool {
    picks.iter().enumerate().any(|(symbol, pick)| {
        let bar = timeline.known.get(symbol).and_then(|it| it.get(at).copied().flatten());
        bar.is_some_and(|it| choice_at(pick, it).is_some())
    })
}

/// Returns what the strategy in force decided to hold at each bar of a pick: 1 long, -1 short, 0 nothing.
fn sides(pick: &Pick) -> Result<Vec<f64>, Fault> {
    let signals = pick.choice.candidates.iter().map(|it| Ok(record(&pick.bars, &it.rules.signals(&pick.bars)?, 0.0)));
    let records = signals.collect::<Result<Vec<_>, Fault>>()?;
    let side = |bar: usize| {
        let choice = choice_at(pick, bar)?;
        records.get(choice.candidate)?.decided.get(bar).copied()
    };
    Ok((0..pick.bars.len()).map(|it| side(it).unwrap_or_default()).collect())
}

/// Returns the choice in force at a bar of a pick; one made on other bars counts by its time.
fn choice_at(pick: &Pick, bar: usize) -> Option<ChoiceAt> {
    pick.choice.at(bar_in_force(pick.choice.bars.as_deref(), &pick.bars, bar)?)
}

/// Returns the share of each pick at a time.
fn weigh(picks: &[Pick], rules: &Rules, tier: &Tier, timeline: &Timeline, at: usize) -> Vec<f64> {
    let mut taking: Vec<(usize, f64, Vec<f64>)> = picks
        .iter()
        .enumerate()
        .filter_map(|(symbol, pick)| {
            let bar = (*timeline.known.get(symbol)?.get(at)?)?;
            let choice = choice_at(pick, bar).filter(|it| it.confidence >= rules.least)?;
            let returns = timeline.returns(symbol, &pick.bars, at, rules.lookback)?;
            Some((symbol, choice.confidence, returns))
        })
        .collect();
    // The sort is stable: of equal confidence those picked first.
    taking.sort_by(|a, b| b.1.total_cmp(&a.1));
    taking.truncate(tier.max_positions);
    let invested = 1.0 - f64::try_from(tier.reserve.0).unwrap_or_default();
    let returns: Vec<Vec<f64>> = taking.iter().map(|it| it.2.clone()).collect();
    let mut shares = vec![0.0; picks.len()];
    for ((symbol, _, _), weight) in taking.iter().zip(rules.method.weights(&returns)) {
        if let Some(share) = shares.get_mut(*symbol) {
            *share = weight * invested;
        }
    }
    shares
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may fail loudly")]

    use std::sync::Arc;

    use proptest::prelude::*;

    use super::*;
    use crate::{
        slices::sample::{Noise, bars_of, candidates, head},
        strategy::ChoiceSeries,
    };

    fn bars(symbol: &str, sigma: f64, count: usize, seed: u64) -> Bars {
        let mut noise = Noise::new(seed);
        bars_of(symbol, (0..count).map(|_| sigma * noise.normal()).collect::<Vec<_>>(), seed)
    }

    /// A choice that changes every 50 bars, from bar 100 on.
    fn pick(bars: &Bars, confidence: f64) -> Pick {
        let all: Arc<[_]> = candidates().into();
        let entries =
            (100..bars.len()).step_by(50).map(|bar| ChoiceAt { bar, candidate: bar / 50 % all.len(), confidence });
        let choice = ChoiceSeries {
            bars: Some(bars.clone()),
            strategy: all[0].clone(),
            confidence: Percent::default(),
            out_of_sample_accuracy: None,
            model: "test".into(),
            quality: None,
            entries: entries.collect(),
            candidates: all,
        };
        Pick { symbol: bars.symbol.clone(), bars: bars.clone(), choice: choice.into() }
    }

    fn of(picks: Vec<Pick>, capital: i64, method: Weighting) -> Targets {
        let input = Allocate {
            picks,
            capital: Money::usd(capital),
            cost: Percent::default(),
            min_confidence: Percent(rust_decimal::Decimal::new(55, 2)),
            method,
            lookback: lookback(),
        };
        allocate(Pure { cancel: Cancel::default() }, input).unwrap()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(12))]
        #[test]
        fn later_bars_change_no_entry(seed in 0_u64..1_000, cut in 170_usize..400) {
            let all = [bars("A", 0.01, 400, seed), bars("B", 0.02, 400, seed + 1)];
            let picks = |count: usize| all.iter().map(|it| pick(&head(it, count), 0.6)).collect::<Vec<_>>();
            let whole = of(picks(400), 25_100, Weighting::RiskParity);
            let part = of(picks(cut), 25_100, Weighting::RiskParity);
            let last = all[0].time[cut - 1];
            let upto: Vec<_> = whole.entries.iter().filter(|it| it.time <= last).cloned().collect();
            prop_assert_eq!(&part.entries[..], &upto[..]);
            prop_assert!(!upto.is_empty());
            prop_assert!(whole.notes.starts_with(&part.notes));
        }
    }

    #[test]
    fn only_the_sure_take_part_and_the_reserve_stays_cash() {
        let (a, b) = (bars("A", 0.01, 300, 1), bars("B", 0.02, 300, 2));
        let targets = of(vec![pick(&a, 0.6), pick(&b, 0.5)], 100_000, Weighting::Equal);
        assert!(targets.entries.iter().all(|it| it.weights[1] == 0.0));
        let held: Vec<f64> = targets.entries.iter().map(|it| it.weights[0]).filter(|it| *it != 0.0).collect();
        assert!(!held.is_empty() && held.iter().all(|it| (it - 0.98).abs() < 1e-12));
    }

    #[test]
    fn a_small_account_holds_the_surest_few() {
        let names = ["A", "B", "C", "D"];
        let all: Vec<Bars> = names.iter().zip(1..).map(|(it, seed)| bars(it, 0.01, 300, seed)).collect();
        let picks: Vec<Pick> = all.iter().zip([0.6, 0.9, 0.7, 0.8]).map(|(it, sure)| pick(it, sure)).collect();
        let targets = of(picks, 1_000, Weighting::Equal);
        assert!(targets.entries.iter().all(|it| it.weights[0] == 0.0));
        assert!(targets.entries.iter().any(|it| it.weights[1] != 0.0));
    }

    #[test]
    fn an_account_that_grows_keeps_to_the_rules_of_its_size() {
        let days = || (0..400).map(|it| 0.004 + 0.001 * f64::from(it % 3));
        let names = ["A", "B", "C", "D", "E"];
        let all: Vec<Bars> =
            names.iter().zip(1..).map(|(it, seed)| bars_of(it, days().collect::<Vec<_>>(), seed)).collect();
        let picks = || all.iter().map(|it| pick(it, 0.6)).collect::<Vec<_>>();
        // Three positions below 5,000, which it grows out of.
        let grown = of(picks(), 4_000, Weighting::Equal);
        let most = |it: &TargetAt| it.weights.iter().filter(|it| **it != 0.0).count();
        assert_eq!(most(&grown.entries[0]), 3);
        assert!(grown.entries.iter().any(|it| most(it) == 5), "{:?}", grown.notes);
        assert_eq!(grown.notes[0], "at first micro: at most 3 positions, 5% in reserve");
        assert!(grown.notes[1].contains("small: at most 8 positions, 2% in reserve"), "{:?}", grown.notes);
        // What trading costs keeps it small for longer.
        let input = Allocate {
            picks: picks(),
            capital: Money::usd(4_000),
            cost: Percent(Decimal::new(5, 2)),
            min_confidence: Percent::default(),
            method: Weighting::Equal,
            lookback: lookback(),
        };
        let held = allocate(Pure { cancel: Cancel::default() }, input).unwrap();
        let first = |it: &Targets| it.entries.iter().position(|it| most(it) == 5).unwrap_or(usize::MAX);
        assert!(first(&held) > first(&grown));
    }

    #[test]
    fn a_symbol_picked_twice_is_refused() {
        let a = bars("A", 0.01, 300, 1);
        let input = Allocate {
            picks: vec![pick(&a, 0.6), pick(&a, 0.6)],
            capital: Money::usd(1_000),
            cost: Percent::default(),
            min_confidence: Percent::default(),
            method: Weighting::Equal,
            lookback: lookback(),
        };
        let fault = allocate(Pure { cancel: Cancel::default() }, input).unwrap_err();
        assert_eq!(fault.message, "A is picked twice");
    }
}
