//! Choices window by window, each by a model that had seen only windows that had ended.

use std::sync::Arc;

use super::{
    calibrate::Calibration,
    features::{FIRST, Market},
    learner::{Kind, Predicts},
    quality::{Outcome, Predicted, quality},
};
use crate::{
    slice::{Cancel, Fault, FaultKind},
    strategy::{ChoiceAt, Quality, Record},
};

/// How many windows must have ended before the first model.
pub(super) const LEAST_WINDOWS: usize = 12;
/// After how many windows the model is trained anew.
pub(super) const RETRAIN: usize = 6;

/// A window: what was seen of each candidate at its start, and what came of each once it has ended.
pub(super) struct Window {
    /// Its first bar: the choice is made at its close, and held for the bars after it.
    pub bar: usize,
    pub rows: Vec<Vec<f64>>,
    pub outcomes: Option<Vec<f64>>,
}

/// What chooses.
pub(super) enum Chooser<'a> {
    /// Models that are trained on the way.
    Trained { kind: Kind, seed: u64 },
    /// A model that is there already, and may choose in windows from this bar on.
    Given { model: &'a Arc<dyn Predicts>, from: usize },
}

/// The choices, and how good they were.
pub(super) struct Walked {
    pub entries: Vec<ChoiceAt>,
    pub quality: Option<Quality>,
}

/// A model and the windows that it was asked about.
struct Block {
    model: Arc<dyn Predicts>,
    windows: std::ops::Range<usize>,
}

/// Returns the choices at every horizon, and how those came out whose windows have ended.
pub(super) fn walk(windows: &[Window], chooser: &Chooser<'_>, seed: u64, cancel: &Cancel) -> Result<Walked, Fault> {
    let mut calibration = Calibration::default();
    let (mut entries, mut chosen) = (Vec::new(), Vec::new());
    let mut blocks: Vec<Block> = Vec::new();
    let first = match chooser {
        Chooser::Trained { .. } => LEAST_WINDOWS,
        Chooser::Given { from, .. } => windows.partition_point(|it| it.bar < *from),
    };
    for (at, window) in windows.iter().enumerate().skip(first) {
        if cancel.is_cancelled() {
            return Err(Fault::new(FaultKind::Cancelled, "the choice was no longer wanted"));
        }
        match chooser {
            Chooser::Trained { kind, seed } if (at - first).is_multiple_of(RETRAIN) => {
                // Every window before this one ended at this window's first bar or earlier, so its outcome is known.
                let model = Arc::new(kind.train(windows.get(..at).unwrap_or_default(), *seed)?);
                blocks.push(Block { model, windows: at..at });
            }
            Chooser::Given { model, .. } if blocks.is_empty() => {
                blocks.push(Block { model: (*model).clone(), windows: at..at });
            }
            _ => {}
        }
        let Some(block) = blocks.last_mut() else { continue };
        block.windows.end = at + 1;
        let (candidate, probability) = best(&block.model.predict(&window.rows)?);
        let confidence = calibration.confidence(probability);
        entries.push(ChoiceAt { bar: window.bar, candidate, confidence });
        if let Some(outcome) = window.outcomes.as_ref().and_then(|it| it.get(candidate)) {
            calibration.add(probability, *outcome);
            chosen.push(Outcome { confidence, outcome: *outcome });
        }
    }
    let predicted: Vec<_> = blocks.iter().map(|it| it.predicted(windows)).collect();
    Ok(Walked { entries, quality: quality(&chosen, &predicted, seed)? })
}

/// Returns the likeliest candidate, the first among equals.
fn best(predicted: &[f64]) -> (usize, f64) {
    let mut best = (0, f64::NEG_INFINITY);
    for (candidate, probability) in predicted.iter().enumerate() {
        if *probability > best.1 {
            best = (candidate, *probability);
        }
    }
    best
}

impl Block {
    fn predicted<'a>(&'a self, windows: &'a [Window]) -> Predicted<'a> {
        let asked = windows.get(self.windows.clone()).unwrap_or_default();
        let (rows, outcomes) = ended(asked).unzip();
        Predicted { model: &*self.model, rows, outcomes }
    }
}

/// Returns the rows of the windows that have ended, with what came of each.
fn ended(windows: &[Window]) -> impl Iterator<Item = (&[f64], f64)> {
    let ended = windows.iter().filter_map(|it| Some((&it.rows, it.outcomes.as_ref()?)));
    ended.flat_map(|(rows, outcomes)| rows.iter().map(Vec::as_slice).zip(outcomes.iter().copied()))
}

impl Kind {
    /// Trains a model on the windows that have ended.
    pub(super) fn train(self, past: &[Window], seed: u64) -> Result<super::learner::Fitted, Fault> {
        let (rows, outcomes): (Vec<_>, Vec<_>) = ended(past).map(|(row, it)| (row.to_vec(), it)).unzip();
        self.fit(&rows, &outcomes, seed)
    }
}

/// Returns the windows of `horizon` bars, from the first bar with every feature on.
pub(super) fn windows(market: &Market<'_>, records: &[Record], count: usize, horizon: usize) -> Vec<Window> {
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
        windows.push(Window { bar, rows, outcomes });
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

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may fail loudly")]

    use super::*;
    use crate::{
        market::RegimeSeries,
        slices::{
            ml_strategy::features::FEATURES,
            sample::{candidates, head, moody},
        },
        strategy::record,
    };

    fn windows_of(count: usize) -> Vec<Window> {
        let bars = head(&moody(900, 3), count);
        let records: Vec<_> =
            candidates().iter().map(|it| record(&bars, &it.rules.signals(&bars).unwrap(), 0.001)).collect();
        windows(&Market::new(&bars, &RegimeSeries::neutral().into(), None), &records, bars.len(), 21)
    }

    #[test]
    fn a_window_is_seen_as_of_its_first_bar_and_ends_before_the_next_is_chosen_in() {
        let whole = windows_of(900);
        for window in &whole {
            // Bars up to the choice, and none after it, give the same features.
            let part = windows_of(window.bar + 1);
            let last = part.last().unwrap();
            assert_eq!((last.bar, &last.rows), (window.bar, &window.rows));
            assert!(last.outcomes.is_none());
            assert!(part[..part.len() - 1].iter().all(|it| it.outcomes.is_some() && it.bar + 21 <= window.bar));
            assert!(window.rows.iter().all(|it| it.len() == FEATURES.len() && it.iter().all(|it| it.is_finite())));
        }
    }
}
