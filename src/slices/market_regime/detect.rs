//! `market_regime.detect` and `market_regime.neutral`.

use rust_decimal::{Decimal, prelude::FromPrimitive as _};
use schemars::JsonSchema;
use serde::Deserialize;

use super::{
    features::{FIRST, Features},
    hmm::{Hmm, STATES},
    label::{kinds, kinds_of},
};
use crate::{
    market::{BarSeries, Bars, Regime, RegimeAt, RegimeKind, RegimeSeries},
    slice::{Cancel, Fault, FaultKind, Pure},
    value::{BarCount, Percent},
};

/// How many rounds the first fit has; the later ones start from the one before and need few.
const FIRST_ROUNDS: usize = 60;
const LATER_ROUNDS: usize = 5;

/// Returns what kind of market it is at each bar, from the bars up to it: filtered probabilities of bull, bear,
/// sideways and crisis.
///
/// A hidden Markov model of three states on returns and log-volatility (exponentially weighted, decay 0.94) is fitted
/// to the bars so far (Baum-Welch, no random start) and fitted anew every `refit` bars; between fits only the forward
/// filter runs. Nothing is smoothed: later bars never change an earlier entry. Each state counts as a mixture of kinds
/// by its mean and volatility; rules on the trend of 63 bars and on volatility against its mean so far do the same, and
/// `rules` weighs the two. The first entry is at bar `history`; fewer bars are an error.
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
    let entries = entries(&bars.close, history, refit, weight, &grant.cancel)?;
    series(bars, history - 1, entries)
}

/// Returns the entries for the bars from `history - 1` on.
fn entries(close: &[f64], history: usize, refit: usize, weight: f64, cancel: &Cancel) -> Result<Vec<RegimeAt>, Fault> {
    let Features { seen, trend } = Features::of(close);
    let mut usual = Usual::default();
    let mut model: Option<Fitted> = None;
    let mut entries = Vec::with_capacity(close.len().saturating_sub(history - 1));
    for (at, (now, trend)) in seen.iter().zip(&trend).enumerate() {
        let [_, volatility] = *now;
        usual.add(volatility);
        let Some(since) = (at + FIRST + 1).checked_sub(history) else { continue };
        if since % refit == 0 {
            if cancel.is_cancelled() {
                return Err(Fault::new(FaultKind::Cancelled, "the regime was no longer wanted"));
            }
            let past = seen.get(..=at).unwrap_or_default();
            let hmm = match model.take() {
                None => Hmm::initial(past).fitted(past, FIRST_ROUNDS),
                Some(fitted) => fitted.hmm.fitted(past, LATER_ROUNDS),
            };
            let states = hmm.states().map(|it| kinds_of(&it, usual.mean()));
            let now = hmm.filter(past).last().copied().unwrap_or([1.0 / STATES as f64; STATES]);
            model = Some(Fitted { hmm, states, now });
        } else if let Some(fitted) = &mut model {
            fitted.now = fitted.hmm.step(Some(&fitted.now), now);
        }
        let by_rule = kinds(*trend, volatility - usual.mean());
        let by_model = model.as_ref().map_or(by_rule, Fitted::kinds);
        entries.push(entry(by_model, by_rule, weight));
    }
    Ok(entries)
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

/// A model, what its states are called, and how probable each is now.
struct Fitted {
    hmm: Hmm,
    states: [[f64; 4]; STATES],
    now: [f64; STATES],
}

impl Fitted {
    fn kinds(&self) -> [f64; 4] {
        let mut kinds = [0.0; 4];
        for (chance, shares) in self.now.iter().zip(&self.states) {
            kinds.iter_mut().zip(shares).for_each(|(to, share)| *to += chance * share);
        }
        kinds
    }
}

fn entry(model: [f64; 4], rules: [f64; 4], weight: f64) -> RegimeAt {
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
    RegimeAt { kind: likeliest.0, probabilities }
}

fn series(bars: &Bars, first: usize, entries: Vec<RegimeAt>) -> Result<Regime, Fault> {
    let last = *entries.last().ok_or_else(|| Fault::input("there are no bars to read a regime from"))?;
    let spell = entries.iter().rev().take_while(|it| it.kind == last.kind).count();
    let begin = first + entries.len() - spell;
    let probability = last.probabilities.into_iter().fold(0.0, f64::max);
    Ok(RegimeSeries {
        bars: Some(bars.clone()),
        kind: last.kind,
        probability: percent(probability),
        since: day(bars, begin),
        first,
        entries: entries.into(),
    }
    .into())
}

fn percent(share: f64) -> Percent {
    Percent(Decimal::from_f64(share).unwrap_or_default().round_dp(4))
}

fn day(bars: &BarSeries, at: usize) -> Option<String> {
    let time = jiff::Timestamp::from_second(*bars.time.get(at)?).ok()?;
    Some(time.to_zoned(jiff::tz::TimeZone::UTC).date().to_string())
}

/// Returns a regime that knows nothing: sideways, every kind as probable as any other, at every bar.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Neutral {}

pub(super) fn neutral(_: Pure, _: Neutral) -> Result<Regime, Fault> {
    Ok(RegimeSeries {
        bars: None,
        kind: RegimeKind::Sideways,
        probability: percent(0.25),
        since: None,
        first: 0,
        entries: [RegimeAt { kind: RegimeKind::Sideways, probabilities: [0.25; 4] }].into(),
    }
    .into())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::float_cmp, clippy::indexing_slicing, reason = "a test may fail loudly")]

    use proptest::prelude::*;

    use super::*;
    use crate::slices::sample::{bars_of, head, moody};

    fn of(bars: &Bars, history: u64, refit: u64) -> Result<Regime, Fault> {
        let input = Detect { bars: bars.clone(), history: BarCount(history), refit: BarCount(refit), rules: rules() };
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
