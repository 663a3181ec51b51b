//! `ml_strategy.predict_best` and `ml_strategy.fixed`.

use rust_decimal::{Decimal, prelude::FromPrimitive as _};
use schemars::JsonSchema;
use serde::Deserialize;

use super::{
    features::{FIRST, Market},
    learner::Kind,
    trained::Trained,
    walk::{Chooser, LEAST_WINDOWS, RETRAIN, Walked, Window, walk, windows},
};
use crate::{
    market::{Bars, Patterns, Regime},
    slice::{Fault, Pure},
    strategy::{self, ChoiceAt, ChoiceSeries, Strategy, StrategyChoice, record},
    value::{BarCount, Percent},
};

/// Returns which strategy suits the bars to come, decided every `horizon` bars from the bars up to then, and how sure
/// that is.
///
/// For each window of `horizon` bars and each candidate a model is asked how probable it is that the candidate will earn
/// more, after `cost`, than the median candidate; the most probable is chosen. It sees returns, volatility, RSI, ADX,
/// distance from the mean and the high, regime, change, patterns and the trailing record of the candidate. It is
/// trained walk-forward: on windows that had ended before the decision, anew every 6 windows, and chooses first when 12
/// have ended (at bar 126 + 12 horizons). A model that is `trained` already is asked about bars after its training
/// only. The confidence is what the model says, shrunk to 50 % (chance) by as much as its own earlier choices did not
/// bear it out; `quality` says whether it held. Equal inputs and seed give the same choices.
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
    /// Which model is trained, where none is given.
    #[serde(default)]
    model: Kind,
    /// A model that is trained already.
    trained: Option<Trained>,
    /// For how many bars a choice holds; what a trained model says of that comes first.
    #[serde(default = "horizon")]
    #[schemars(extend("x-within" = "in 5 bars..252 bars"))]
    horizon: BarCount,
    /// What a trade costs, as a share of what is traded.
    #[serde(default = "cost")]
    #[schemars(extend("x-within" = "in 0%..100%"))]
    cost: Percent,
    /// From what the randomness of the model follows.
    #[serde(default)]
    seed: i64,
}

pub(super) fn horizon() -> BarCount {
    BarCount(21)
}

pub(super) fn cost() -> Percent {
    Percent(Decimal::new(5, 4))
}

/// What is chosen from: at least one strategy.
pub(super) struct Candidates(Vec<Strategy>);

impl Candidates {
    /// Returns what a person named, else the strategies that come with wf.
    pub(super) fn of(named: Option<Vec<Strategy>>) -> Result<Self, Fault> {
        let candidates = named.unwrap_or_else(strategy::candidates);
        if candidates.is_empty() {
            return Err(Fault::input("`candidates` is empty: there is nothing to choose from"));
        }
        Ok(Self(candidates))
    }

    /// Returns the windows of bars, of which so many must have ended.
    pub(super) fn windows(
        &self,
        bars: &Bars,
        regime: &Regime,
        patterns: Option<&Patterns>,
        horizon: BarCount,
        cost: Percent,
        least: usize,
    ) -> Result<Vec<Window>, Fault> {
        let horizon = usize::try_from(horizon.0).unwrap_or(usize::MAX).max(1);
        let needed = least.saturating_mul(horizon).saturating_add(FIRST + 1);
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
            self.0.iter().map(|it| Ok(record(bars, &it.rules.signals(bars)?, cost))).collect();
        Ok(windows(&Market::new(bars, regime, patterns), &records?, bars.len(), horizon))
    }
}

pub(super) fn predict_best(grant: Pure, input: PredictBest) -> Result<StrategyChoice, Fault> {
    let PredictBest { bars, regime, patterns, candidates, model, trained, horizon, cost, seed } = input;
    let candidates = Candidates::of(candidates)?;
    let seed = u64::from_ne_bytes(seed.to_ne_bytes());
    let horizon = trained.as_ref().and_then(|it| it.horizon).unwrap_or(horizon);
    let least = if trained.is_some() { 0 } else { LEAST_WINDOWS };
    let windows = candidates.windows(&bars, &regime, patterns.as_ref(), horizon, cost, least)?;
    let (chooser, what) = match &trained {
        None => {
            let what = format!("{}, trained walk-forward every {RETRAIN} windows", model.describe());
            (Chooser::Trained { kind: model, seed }, what)
        }
        Some(it) => (Chooser::Given { model: &it.predicts, from: it.first_unseen(&bars)? }, it.model.clone()),
    };
    let Walked { entries, quality } = walk(&windows, &chooser, seed, &grant.cancel)?;
    let none = "no window begins after the bars that the model was trained on: ask it about more bars";
    let last = entries.last().ok_or_else(|| Fault::input(none))?;
    let chosen = candidates.0.get(last.candidate);
    let ended = quality.as_ref().map_or(0, |it| it.windows);
    Ok(ChoiceSeries {
        bars: Some(bars.clone()),
        strategy: chosen.ok_or_else(|| Fault::permanent("the model chose what is not there"))?.clone(),
        confidence: percent(last.confidence),
        out_of_sample_accuracy: quality.as_ref().map(|it| percent(it.hit_rate)),
        model: format!("{what}; {ended} windows of {} bars out of sample", horizon.0),
        quality,
        candidates: candidates.0.into(),
        entries: entries.into(),
    }
    .into())
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
        quality: None,
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
        market::RegimeSeries,
        slice::Cancel,
        slices::sample::{Noise, bars_of, candidates, head, moody},
    };

    fn neutral() -> Regime {
        RegimeSeries::neutral().into()
    }

    fn of(bars: &Bars) -> Result<StrategyChoice, Fault> {
        by(bars, Kind::default())
    }

    fn by(bars: &Bars, model: Kind) -> Result<StrategyChoice, Fault> {
        let input = PredictBest {
            bars: bars.clone(),
            regime: neutral(),
            patterns: None,
            candidates: Some(candidates()),
            model,
            trained: None,
            horizon: horizon(),
            cost: cost(),
            seed: 0,
        };
        predict_best(Pure { cancel: Cancel::default() }, input)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(6))]
        #[test]
        fn later_bars_change_no_choice(seed in 0_u64..1_000, cut in 400_usize..900, model in 0_usize..3) {
            let model = [Kind::Forest, Kind::Boosted, Kind::Logistic][model];
            let bars = moody(900, seed);
            let (whole, part) = (by(&bars, model).unwrap(), by(&head(&bars, cut), model).unwrap());
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
