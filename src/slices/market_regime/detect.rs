//! `market_regime.detect` and `market_regime.neutral`.

use rust_decimal::{Decimal, prelude::FromPrimitive as _};
use schemars::JsonSchema;
use serde::Deserialize;

use super::{
    changes::{Found, changes},
    features::{FIRST, Features},
    label::kinds,
    states::{CHOICES, Candidates},
};
use crate::{
    market::{Bars, Change, ChangePoint, Regime, RegimeAt, RegimeKind, RegimeSeries, StatesScore},
    slice::{Cancel, Fault, FaultKind, Pure},
    value::{BarCount, Percent, Value},
};

/// Returns what kind of market it is at each bar, from the bars up to it: filtered probabilities of bull, bear,
/// sideways and crisis, and how probable it is that the market has changed of late.
///
/// Hidden Markov models of two, three and four states on returns and log-volatility (exponentially weighted, decay
/// 0.94) are fitted to the bars so far (Baum-Welch, no random start) and fitted anew every `refit` bars; between fits
/// only the forward filter runs. At each fit the one takes over that has predicted the bars after its earlier fits
/// best. Nothing is smoothed: later bars never change an earlier entry. Each state counts as a mixture of kinds by its
/// mean and volatility; rules on the trend of 63 bars and on volatility against its mean so far do the same, and `rules`
/// weighs the two. Changes come from Bayesian online change-point detection on returns. The first entry is at bar
/// `history`; fewer bars are an error.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Detect {
    /// The bars, oldest first.
    bars: Bars,
    /// How many bars there must be before the first entry; at least 126.
    #[serde(default = "history")]
    #[schemars(extend("x-within" = format!("in {LEAST_HISTORY} bars..")))]
    history: BarCount,
    /// After how many bars the model is fitted anew.
    #[serde(default = "refit")]
    #[schemars(extend("x-within" = "in 1 bars.."))]
    refit: BarCount,
    /// How much the rules on trend and volatility count against the model: 0 % is the model alone.
    #[serde(default = "rules")]
    #[schemars(extend("x-within" = "in 0%..100%"))]
    rules: Percent,
    /// How many states the model has; chosen by what each number predicted, where it is not said.
    #[schemars(extend("x-within" = format!("in {}..{}", CHOICES.start(), CHOICES.end())))]
    states: Option<i64>,
    /// How many bars the market stays the same on average, before any are seen.
    #[serde(default = "expected_run")]
    #[schemars(extend("x-within" = "in 10 bars.."))]
    expected_run: BarCount,
}

fn history() -> BarCount {
    BarCount(252)
}

fn refit() -> BarCount {
    BarCount(63)
}

fn rules() -> Percent {
    Percent(Decimal::new(5, 1))
}

fn expected_run() -> BarCount {
    BarCount(250)
}

/// The least that `history` may be: 63 bars before the first observation, and as many observations for a first fit.
const LEAST_HISTORY: usize = 2 * FIRST;

pub(super) fn detect(grant: Pure, input: Detect) -> Result<Regime, Fault> {
    let count = |it: BarCount| usize::try_from(it.0).unwrap_or(usize::MAX);
    let (history, refit) = (count(input.history), count(input.refit));
    let weight = f64::try_from(input.rules.0).unwrap_or(f64::NAN);
    let bars = &input.bars;
    if bars.len() < history {
        return Err(Fault::input(format_args!(
            "{} has {} bars, a regime needs at least {history}: widen the period, or set `history` lower",
            bars.symbol.as_str(),
            bars.len(),
        )));
    }
    if let Some(at) = bars.close.iter().position(|it| !it.is_finite() || *it <= 0.0) {
        return Err(Fault::input(format_args!("{} has no positive close at bar {at}", bars.symbol.as_str())));
    }
    let states = input.states.and_then(|it| usize::try_from(it).ok());
    let found = read(&bars.close, history, refit, weight, states, count(input.expected_run) as f64, &grant.cancel)?;
    series(bars, history - 1, found)
}

/// What the bars said.
struct Seen {
    entries: Vec<RegimeAt>,
    states: usize,
    scores: Vec<StatesScore>,
    changes: Vec<Found>,
}

/// Returns the entries for the bars from `history - 1` on, and what came along with them.
fn read(
    close: &[f64],
    history: usize,
    refit: usize,
    weight: f64,
    states: Option<usize>,
    expected_run: f64,
    cancel: &Cancel,
) -> Result<Seen, Fault> {
    let Features { returns, seen, trend } = Features::of(close);
    // What is known after a return is known at the bar after it, and the first `FIRST` of them only say how large they are.
    let (known, changes) = changes(&returns, FIRST, expected_run);
    let mut usual = Usual::default();
    let mut models = Candidates::new(states);
    let mut entries = Vec::with_capacity(close.len().saturating_sub(history - 1));
    for (at, (now, trend)) in seen.iter().zip(&trend).enumerate() {
        let [_, volatility] = *now;
        usual.add(volatility);
        models.see(now);
        let Some(since) = (at + FIRST + 1).checked_sub(history) else { continue };
        if since % refit == 0 {
            if cancel.is_cancelled() {
                return Err(Fault::new(FaultKind::Cancelled, "the regime was no longer wanted"));
            }
            models.fit(seen.get(..=at).unwrap_or_default(), usual.mean());
        }
        let by_rule = kinds(*trend, volatility - usual.mean());
        let by_model = models.kinds().unwrap_or(by_rule);
        let change = at.checked_sub(1).and_then(|it| known.get(it)).copied();
        entries.push(entry(by_model, by_rule, weight, change));
    }
    Ok(Seen { entries, states: models.states(), scores: models.scores(), changes })
}

/// The mean of the log-volatility so far.
#[derive(Default)]
struct Usual {
    sum: f64,
    count: f64,
}

impl Usual {
    fn add(&mut self, it: f64) {
        self.sum += it;
        self.count += 1.0;
    }
    fn mean(&self) -> f64 {
        self.sum / self.count.max(1.0)
    }
}

fn entry(model: [f64; 4], rules: [f64; 4], weight: f64, change: Option<Change>) -> RegimeAt {
    let mut probabilities = model;
    probabilities.iter_mut().zip(rules).for_each(|(to, rule)| *to = (1.0 - weight) * *to + weight * rule);
    let total: f64 = probabilities.iter().sum();
    for it in &mut probabilities {
        *it /= total;
    }
    let mut likeliest = (RegimeKind::Sideways, 0.0);
    for (kind, probability) in RegimeKind::ALL.into_iter().zip(probabilities) {
        if probability > likeliest.1 {
            likeliest = (kind, probability);
        }
    }
    RegimeAt { kind: likeliest.0, probabilities, change }
}

fn series(bars: &Bars, first: usize, seen: Seen) -> Result<Regime, Fault> {
    let Seen { entries, states, scores, changes } = seen;
    let last = *entries.last().ok_or_else(|| Fault::input("there are no bars to read a regime from"))?;
    let spell = entries.iter().rev().take_while(|it| it.kind == last.kind).count();
    let begin = first + entries.len() - spell;
    let probability = last.probabilities.into_iter().fold(0.0, f64::max);
    let date = |at| bars.date(at).map(Value::Date);
    Ok(RegimeSeries {
        bars: Some(bars.clone()),
        kind: last.kind,
        probability: percent(probability),
        since: bars.date(begin).map(|it| it.to_string()),
        change_probability: last.change.map(|it| percent(it.probability)),
        bars_since_change: last.change.map(|it| it.run),
        changes: changes.iter().map(|it| ChangePoint { date: date(it.bar), seen: date(it.seen) }).collect(),
        states: Some(states),
        likelihoods: scores,
        first,
        entries: entries.into(),
    }
    .into())
}

fn percent(share: f64) -> Percent {
    Percent(Decimal::from_f64(share).unwrap_or_default().round_dp(4))
}

/// Returns a regime that knows nothing: sideways, every kind as probable as any other, at every bar.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Neutral {}

pub(super) fn neutral(_: Pure, _: Neutral) -> Result<Regime, Fault> {
    Ok(RegimeSeries::neutral().into())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::float_cmp, clippy::indexing_slicing, reason = "a test may fail loudly")]

    use proptest::prelude::*;

    use super::*;
    use crate::slices::sample::{bars_of, head, moody};

    fn of(bars: &Bars, history: u64, refit: u64) -> Result<Regime, Fault> {
        let input = Detect {
            bars: bars.clone(),
            history: BarCount(history),
            refit: BarCount(refit),
            rules: rules(),
            states: None,
            expected_run: expected_run(),
        };
        detect(Pure { cancel: Cancel::default() }, input)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(12))]
        #[test]
        fn later_bars_change_no_entry(seed in 0_u64..1_000, cut in 160_usize..500, refit in 20_u64..80) {
            let bars = moody(500, seed);
            let whole = of(&bars, 150, refit).unwrap();
            let part = of(&head(&bars, cut), 150, refit).unwrap();
            prop_assert_eq!(part.first, whole.first);
            prop_assert_eq!(&part.entries[..], &whole.entries[..part.entries.len()]);
            prop_assert_eq!(part.entries.len(), cut - 149);
            // What was found by then is found all the same, and with it which number of states was in force.
            prop_assert!(whole.changes.starts_with(&part.changes));
        }
    }

    #[test]
    fn tells_a_rise_from_a_crash() {
        let regime = of(&moody(1_800, 3), 252, 63).unwrap();
        // Bars 60 to 150 of each spell of a mood, so that the detector has had time to see it.
        let shares = |mood: usize| {
            let bars = (252..1_800).filter(|at| (at / 150) % 3 == mood && at % 150 > 60);
            let entries: Vec<_> = bars.map(|at| regime.at(at).unwrap()).collect();
            let mean =
                |kind: usize| entries.iter().map(|it| it.probabilities[kind]).sum::<f64>() / entries.len() as f64;
            [mean(0), mean(1), mean(2), mean(3)]
        };
        let (rise, crash) = (shares(0), shares(2));
        assert!(rise[0] > 0.6, "{rise:?}");
        assert!(crash[1] + crash[3] > 0.6 && crash[3] > 5.0 * rise[3], "{crash:?}");
    }

    #[test]
    fn too_few_bars_are_named() {
        let fault = of(&moody(100, 1), 252, 63).unwrap_err();
        assert_eq!(
            fault.message,
            "MOOD has 100 bars, a regime needs at least 252: widen the period, or set `history` lower"
        );
    }

    #[test]
    fn prices_that_never_move_are_sideways() {
        let regime = of(&bars_of("FLAT", vec![0.0; 400], 1), 252, 63).unwrap();
        assert_eq!(regime.kind, RegimeKind::Sideways);
        assert!(regime.entries.iter().all(|it| (it.probabilities.iter().sum::<f64>() - 1.0).abs() < 1e-9));
    }

    #[test]
    fn neutral_knows_nothing() {
        let regime = neutral(Pure { cancel: Cancel::default() }, Neutral {}).unwrap();
        assert_eq!(regime.at(12_345).unwrap().probabilities, [0.25; 4]);
    }
}
