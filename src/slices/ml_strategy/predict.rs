//! `ml_strategy.predict_best` and `ml_strategy.fixed`.

use rust_decimal::{Decimal, prelude::FromPrimitive as _};
use schemars::JsonSchema;
use serde::Deserialize;

use super::{
    calibrate::Calibration,
    features::{FIRST, Market},
    forest::{Forest, TREES},
};
use crate::{
    market::{Bars, Patterns, Regime},
    slice::{Cancel, Fault, FaultKind, Pure},
    strategy::{self, ChoiceAt, ChoiceSeries, Record, Strategy, StrategyChoice, record},
    value::{BarCount, Percent},
};

/// How many windows must have ended before the first model.
const LEAST_WINDOWS: usize = 12;
/// After how many windows the model is trained anew.
const RETRAIN: usize = 6;

/// Returns which strategy suits the bars to come, decided every `horizon` bars from the bars up to then, and how sure
/// that is.
///
/// For each window of `horizon` bars and each candidate a random forest (60 trees) is asked how probable it is that the
/// candidate will earn more, after `cost`, than the median candidate; the most probable is chosen. It sees returns,
/// volatility, RSI, ADX, distance from the mean and the high, regime, patterns and the trailing record of the
/// candidate. It is trained walk-forward: on windows that had ended before the decision, anew every 6 windows, and
/// chooses first when 12 have ended (at bar 126 + 12 horizons). The confidence is what the model says, shrunk to 50 %
/// (chance) by as much as its own earlier choices did not bear it out; equal inputs and seed give the same choices.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct PredictBest {
    /// The bars, oldest first.
    bars: Bars,
    /// What kind of market it was.
    regime: Regime,
    /// What patterns there were.
    patterns: Option<Patterns>,
    /// What to choose from; the built-in strategies where it is not said.
    candidates: Option<Vec<Strategy>>,
    /// For how many bars a choice holds.
    #[serde(default = "horizon")]
    #[schemars(extend("x-within" = "in 5 bars..252 bars"))]
    horizon: BarCount,
    /// What a trade costs, as a share of what is traded.
    #[serde(default = "cost")]
    #[schemars(extend("x-within" = "in 0%..100%"))]
    cost: Percent,
    /// From what the randomness of the forest follows.
    #[serde(default)]
    seed: i64,
}

fn horizon() -> BarCount {
    BarCount(21)
}

fn cost() -> Percent {
    Percent(Decimal::new(5, 4))
}

pub(super) fn predict_best(grant: Pure, input: PredictBest) -> Result<StrategyChoice, Fault> {
    let PredictBest { bars, regime, patterns, candidates, horizon, cost, seed } = input;
    let candidates = candidates.unwrap_or_else(strategy::candidates);
    let horizon = usize::try_from(horizon.0).unwrap_or(usize::MAX);
    if candidates.is_empty() {
        return Err(Fault::input("`candidates` is empty: there is nothing to choose from"));
    }
    let needed = FIRST + LEAST_WINDOWS * horizon + 1;
    if bars.len() < needed {
        return Err(Fault::input(format_args!(
            "{} has {} bars, a choice needs at least {needed}: widen the period, or fix the strategy with \
             `ml_strategy.fixed`",
            bars.symbol.as_str(),
            bars.len(),
        )));
    }
    let cost = f64::try_from(cost.0).unwrap_or_default();
    let records: Result<Vec<_>, Fault> =
        candidates.iter().map(|it| Ok(record(&bars, &it.rules.signals(&bars)?, cost))).collect();
    let records = records?;
    let market = Market::new(&bars, &regime, patterns.as_ref());
    let (entries, calibration) =
        walk(&market, &records, bars.len(), horizon, u64::from_ne_bytes(seed.to_ne_bytes()), &grant.cancel)?;
    let last = entries.last().ok_or_else(|| Fault::input("there was nothing to choose"))?;
    let chosen = candidates.get(last.candidate).ok_or_else(|| Fault::permanent("the model chose what is not there"))?;
    Ok(ChoiceSeries {
        bars: Some(bars.clone()),
        strategy: chosen.clone(),
        confidence: percent(last.confidence),
        out_of_sample_accuracy: calibration.accuracy().map(percent),
        model: format!(
            "random forest of {TREES} trees, trained walk-forward every {RETRAIN} windows of {horizon} bars; \
             {} windows out of sample",
            calibration.windows()
        ),
        candidates: candidates.into(),
        entries: entries.into(),
    }
    .into())
}

/// A window: what was seen of each candidate at its start, and what came of each once it has ended.
struct Window {
    rows: Vec<Vec<f64>>,
    outcomes: Option<Vec<f64>>,
}

/// Returns the choices at every horizon, and how those came out whose windows have ended.
fn walk(
    market: &Market<'_>,
    records: &[Record],
    count: usize,
    horizon: usize,
    seed: u64,
    cancel: &Cancel,
) -> Result<(Vec<ChoiceAt>, Calibration), Fault> {
    let windows = windows(market, records, count, horizon);
    let mut calibration = Calibration::default();
    let mut entries = Vec::new();
    let mut forest: Option<Forest> = None;
    for (at, window) in windows.iter().enumerate().skip(LEAST_WINDOWS) {
        if cancel.is_cancelled() {
            return Err(Fault::new(FaultKind::Cancelled, "the choice was no longer wanted"));
        }
        // Every window before this one ended at this window's first bar or earlier, so its outcome is known.
        let past = windows.get(..at).unwrap_or_default();
        let forest = match &mut forest {
            Some(forest) if !(at - LEAST_WINDOWS).is_multiple_of(RETRAIN) => forest,
            other => other.insert(train(past, seed)?),
        };
        let predicted = forest.predict(&window.rows)?;
        let mut best = (0, f64::NEG_INFINITY);
        for (candidate, probability) in predicted.into_iter().enumerate() {
            if probability > best.1 {
                best = (candidate, probability);
            }
        }
        let (candidate, probability) = best;
        entries.push(ChoiceAt {
            bar: FIRST + at * horizon,
            candidate,
            confidence: calibration.confidence(probability),
        });
        if let Some(outcome) = window.outcomes.as_ref().and_then(|it| it.get(candidate)) {
            calibration.add(probability, *outcome);
        }
    }
    Ok((entries, calibration))
}

fn windows(market: &Market<'_>, records: &[Record], count: usize, horizon: usize) -> Vec<Window> {
    let mut history = vec![Vec::new(); records.len()];
    let mut windows = Vec::new();
    for bar in (FIRST..count).step_by(horizon) {
        let seen = market.at(bar);
        let row = |(record, outcomes): (&Record, &Vec<f64>)| {
            let own = market.of_candidate(bar, record, outcomes);
            seen.iter().copied().chain(own).collect()
        };
        let rows = records.iter().zip(&history).map(row).collect();
        let outcomes = (bar + horizon < count).then(|| outcomes(records, bar + 1..=bar + horizon));
        for (history, outcome) in history.iter_mut().zip(outcomes.iter().flatten()) {
            history.push(*outcome);
        }
        windows.push(Window { rows, outcomes });
    }
    windows
}

/// Returns for each candidate whether it earned more over these bars than the median candidate (1), as much (1/2) or
/// less (0): blind choice comes to one half.
fn outcomes(records: &[Record], bars: std::ops::RangeInclusive<usize>) -> Vec<f64> {
    let earned: Vec<f64> =
        records.iter().map(|it| it.returns.get(bars.clone()).unwrap_or_default().iter().sum()).collect();
    let mut sorted = earned.clone();
    sorted.sort_by(f64::total_cmp);
    let half = sorted.len() / 2;
    let upper = sorted.get(half).copied().unwrap_or_default();
    let lower =
        if sorted.len().is_multiple_of(2) { sorted.get(half.wrapping_sub(1)).copied().unwrap_or(upper) } else { upper };
    let median = f64::midpoint(lower, upper);
    let outcome = |it: f64| match it - median {
        gap if gap > 1e-9 => 1.0,
        gap if gap < -1e-9 => 0.0,
        _ => 0.5,
    };
    earned.into_iter().map(outcome).collect()
}

fn train(past: &[Window], seed: u64) -> Result<Forest, Fault> {
    let ended = past.iter().filter_map(|it| Some((&it.rows, it.outcomes.as_ref()?)));
    let pairs = ended.flat_map(|(rows, outcomes)| rows.iter().cloned().zip(outcomes.iter().copied()));
    let (rows, outcomes): (Vec<_>, Vec<_>) = pairs.unzip();
    Forest::fit(&rows, &outcomes, seed)
}

fn percent(share: f64) -> Percent {
    Percent(Decimal::from_f64(share).unwrap_or_default().round_dp(4))
}

/// Returns a choice that is made already: this strategy, at every bar.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Fixed {
    /// The strategy.
    strategy: Strategy,
    /// How sure it is; no model has a say in it.
    #[serde(default = "certain")]
    #[schemars(extend("x-within" = "in 0%..100%"))]
    confidence: Percent,
}

fn certain() -> Percent {
    Percent(Decimal::ONE)
}

pub(super) fn fixed(_: Pure, input: Fixed) -> Result<StrategyChoice, Fault> {
    let confidence = f64::try_from(input.confidence.0).unwrap_or(f64::NAN);
    Ok(ChoiceSeries {
        bars: None,
        strategy: input.strategy.clone(),
        confidence: input.confidence,
        out_of_sample_accuracy: None,
        model: "fixed".into(),
        candidates: [input.strategy].into(),
        entries: [ChoiceAt { bar: 0, candidate: 0, confidence }].into(),
    }
    .into())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may fail loudly")]

    use proptest::prelude::*;

    use super::*;
    use crate::{
        market::{RegimeAt, RegimeKind, RegimeSeries},
        slices::sample::{Noise, bars_of, candidates, head, moody},
    };

    fn neutral() -> Regime {
        let entries = [RegimeAt { kind: RegimeKind::Sideways, probabilities: [0.25; 4] }].into();
        RegimeSeries {
            bars: None,
            kind: RegimeKind::Sideways,
            probability: percent(0.25),
            since: None,
            first: 0,
            entries,
        }
        .into()
    }

    fn of(bars: &Bars) -> Result<StrategyChoice, Fault> {
        let input = PredictBest {
            bars: bars.clone(),
            regime: neutral(),
            patterns: None,
            candidates: Some(candidates()),
            horizon: horizon(),
            cost: cost(),
            seed: 0,
        };
        predict_best(Pure { cancel: Cancel::default() }, input)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(6))]
        #[test]
        fn later_bars_change_no_choice(seed in 0_u64..1_000, cut in 400_usize..900) {
            let bars = moody(900, seed);
            let (whole, part) = (of(&bars).unwrap(), of(&head(&bars, cut)).unwrap());
            let upto: Vec<_> = whole.entries.iter().filter(|it| it.bar < cut).copied().collect();
            prop_assert_eq!(&part.entries[..], &upto[..]);
            prop_assert_eq!(part.entries[0].bar, FIRST + 12 * 21);
        }
    }

    /// Moves that go on for 400 bars, then turn back for 400 bars, and so on.
    fn habits(count: usize, habit: f64, seed: u64) -> Bars {
        let mut noise = Noise::new(seed);
        let mut last = 0.0;
        let returns = (0..count).map(|at| {
            let sign = if (at / 400) % 2 == 0 { 1.0 } else { -1.0 };
            last = sign * habit * last + 0.01 * noise.normal();
            last
        });
        bars_of("HABIT", returns.collect::<Vec<_>>(), seed + 1)
    }

    #[test]
    fn learns_what_there_is_to_learn() {
        let choice = of(&habits(3_000, 0.6, 1)).unwrap();
        let accuracy = choice.out_of_sample_accuracy.unwrap().0;
        assert!(accuracy > Decimal::new(7, 1), "{accuracy}");
        let late: Vec<_> = choice.entries.iter().filter(|it| it.bar > 2_000).collect();
        let mean = late.iter().map(|it| it.confidence).sum::<f64>() / late.len() as f64;
        assert!(mean > 0.6, "{mean}");
    }

    #[test]
    fn is_no_surer_than_chance_where_there_is_nothing_to_learn() {
        let (mut accuracy, mut confidence) = (0.0, 0.0);
        for seed in 0..6 {
            let choice = of(&habits(2_500, 0.0, 100 + seed)).unwrap();
            accuracy += f64::try_from(choice.out_of_sample_accuracy.unwrap().0).unwrap() / 6.0;
            confidence +=
                choice.entries.iter().map(|it| it.confidence).sum::<f64>() / choice.entries.len() as f64 / 6.0;
        }
        assert!((accuracy - 0.5).abs() < 0.06, "{accuracy}");
        assert!((confidence - 0.5).abs() < 0.03, "{confidence}");
    }

    #[test]
    fn the_seed_decides_and_nothing_else() {
        let bars = moody(700, 4);
        assert_eq!(of(&bars).unwrap().entries, of(&bars).unwrap().entries);
    }

    #[test]
    fn too_few_bars_are_named() {
        let fault = of(&moody(300, 1)).unwrap_err();
        assert!(fault.message.starts_with("MOOD has 300 bars, a choice needs at least 379"), "{fault}");
    }
}
