//! What choices came to in windows that the model had not seen: whether its confidence holds, and what it goes by.

use rand_chacha::{
    ChaCha8Rng,
    rand_core::{Rng as _, SeedableRng as _},
};

use super::{features::FEATURES, learner::Predicts};
use crate::{
    slice::Fault,
    strategy::{Importance, Quality, Reliability},
};

/// How many windows a group of the reliability curve has at least, and how many groups there are at most.
const LEAST: usize = 12;
const GROUPS: usize = 5;
/// Confidences that differ by less are one.
const SAME: f64 = 1e-3;
/// How often each feature is exchanged among the rows.
const EXCHANGES: usize = 3;
/// No forecast counts as surer than this in the logarithmic loss.
const SURE: f64 = 1e-3;
/// The 97.5th percentile of the normal distribution.
const Z: f64 = 1.959_963_984_540_054;

/// A choice whose window has ended: how sure it was, and what came of it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Outcome {
    pub confidence: f64,
    pub outcome: f64,
}

/// The rows of windows that one model predicted without having seen them, with what came of each.
pub(super) struct Predicted<'a> {
    pub model: &'a dyn Predicts,
    pub rows: Vec<&'a [f64]>,
    pub outcomes: Vec<f64>,
}

/// Returns what the choices came to, none where none has ended.
pub(super) fn quality(chosen: &[Outcome], predicted: &[Predicted<'_>], seed: u64) -> Result<Option<Quality>, Fault> {
    if chosen.is_empty() {
        return Ok(None);
    }
    let mean = |of: &dyn Fn(&Outcome) -> f64| chosen.iter().map(of).sum::<f64>() / chosen.len() as f64;
    let rate = mean(&|it| it.outcome);
    Ok(Some(Quality {
        windows: chosen.len(),
        hit_rate: rate,
        brier: mean(&|it| (it.confidence - it.outcome).powi(2)),
        base_brier: mean(&|it| (rate - it.outcome).powi(2)),
        log_loss: mean(&|it| log_loss(it.confidence, it.outcome)),
        base_log_loss: mean(&|it| log_loss(rate, it.outcome)),
        reliability: reliability(chosen),
        importance: importance(predicted, seed)?,
    }))
}

fn log_loss(said: f64, outcome: f64) -> f64 {
    let said = said.clamp(SURE, 1.0 - SURE);
    -(outcome * said.ln() + (1.0 - outcome) * (1.0 - said).ln())
}

fn reliability(chosen: &[Outcome]) -> Vec<Reliability> {
    let mut sorted = chosen.to_vec();
    sorted.sort_by(|a, b| a.confidence.total_cmp(&b.confidence));
    let size = sorted.len().div_ceil((sorted.len() / LEAST).clamp(1, GROUPS));
    // Choices of one confidence are of one group, however many.
    let (mut groups, mut from): (Vec<&[Outcome]>, usize) = (Vec::new(), 0);
    while from < sorted.len() {
        let last = sorted.get(from + size - 1).map_or(1.0, |it| it.confidence);
        let end = sorted.partition_point(|it| it.confidence <= last + SAME);
        let end = if sorted.len() - end < LEAST { sorted.len() } else { end };
        groups.extend(sorted.get(from..end));
        from = end;
    }
    let group = |of: &[Outcome]| {
        let count = of.len().max(1) as f64;
        let observed = of.iter().map(|it| it.outcome).sum::<f64>() / count;
        let (low, high) = wilson(observed, count);
        let predicted = of.iter().map(|it| it.confidence).sum::<f64>() / count;
        Reliability { predicted, observed, count: of.len(), low, high }
    };
    groups.into_iter().map(group).collect()
}

/// Returns the 95 % interval of a share of so many: E. B. Wilson, "Probable Inference, the Law of Succession, and Statistical
/// Inference", Journal of the American Statistical Association 22(158), 1927.
fn wilson(share: f64, count: f64) -> (f64, f64) {
    let square = Z * Z / count;
    let middle = (share + square / 2.0) / (1.0 + square);
    let half = (share * (1.0 - share) / count * Z * Z + square * square / 4.0).sqrt() / (1.0 + square);
    ((middle - half).max(0.0), (middle + half).min(1.0))
}

/// Returns what the predictions lose where each feature is exchanged among all rows: L. Breiman, "Random Forests", Machine
/// Learning 45, 2001, section 10, on rows that no model had seen.
fn importance(predicted: &[Predicted<'_>], seed: u64) -> Result<Vec<Importance>, Fault> {
    let all: Vec<&[f64]> = predicted.iter().flat_map(|it| it.rows.iter().copied()).collect();
    if all.is_empty() {
        return Ok(Vec::new());
    }
    let mut draw = ChaCha8Rng::seed_from_u64(seed);
    let orders: Vec<Vec<usize>> = (0..EXCHANGES).map(|_| shuffled(all.len(), &mut draw)).collect();
    // For each feature and exchange the sum of squared errors; the last is that of the rows as they are.
    let mut errors = vec![0.0; FEATURES.len() * EXCHANGES + 1];
    let mut from = 0;
    for it in predicted {
        let mut rows = Vec::with_capacity(it.rows.len() * errors.len());
        for feature in 0..FEATURES.len() {
            for order in &orders {
                for (at, row) in it.rows.iter().enumerate() {
                    let other = order.get(from + at).and_then(|it| all.get(*it)).and_then(|it| it.get(feature));
                    let mut row = row.to_vec();
                    if let (Some(to), Some(other)) = (row.get_mut(feature), other) {
                        *to = *other;
                    }
                    rows.push(row);
                }
            }
        }
        rows.extend(it.rows.iter().map(|it| it.to_vec()));
        let said = it.model.predict(&rows)?;
        for (sum, said) in errors.iter_mut().zip(said.chunks(it.rows.len().max(1))) {
            *sum += said.iter().zip(&it.outcomes).map(|(said, came)| (said - came).powi(2)).sum::<f64>();
        }
        from += it.rows.len();
    }
    let count = all.len().max(1) as f64;
    let plain = errors.pop().unwrap_or_default() / count;
    let of = |((feature, _), errors): (&(&str, &str), &[f64])| {
        let losses = || errors.iter().map(|it| it / count - plain);
        let loss = losses().sum::<f64>() / EXCHANGES as f64;
        let variance = losses().map(|it| (it - loss).powi(2)).sum::<f64>() / (EXCHANGES - 1) as f64;
        Importance { feature: (*feature).to_owned(), loss, deviation: variance.sqrt() }
    };
    let mut found: Vec<Importance> = FEATURES.iter().zip(errors.chunks(EXCHANGES)).map(of).collect();
    found.sort_by(|a, b| b.loss.total_cmp(&a.loss));
    Ok(found)
}

/// Returns the places in random order (Fisher and Yates).
fn shuffled(count: usize, draw: &mut ChaCha8Rng) -> Vec<usize> {
    let mut order: Vec<usize> = (0..count).collect();
    for at in (1..count).rev() {
        let other = usize::try_from((u128::from(draw.next_u64()) * (at as u128 + 1)) >> 64).unwrap_or(0);
        order.swap(at, other);
    }
    order
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may fail loudly")]

    use super::*;
    use crate::slices::sample::Noise;

    #[test]
    fn wilson_is_as_published() {
        // R. G. Newcombe, Statistics in Medicine 17, 1998, table I: 81 of 263 and 0 of 20.
        let (low, high) = wilson(81.0 / 263.0, 263.0);
        assert!((low - 0.2553).abs() < 5e-5 && (high - 0.3662).abs() < 5e-5, "{low} {high}");
        let (low, high) = wilson(0.0, 20.0);
        assert!(low.abs() < 1e-12 && (high - 0.1611).abs() < 5e-5, "{low} {high}");
    }

    fn chosen(truth: fn(f64) -> f64) -> Vec<Outcome> {
        let mut noise = Noise::new(4);
        let mut one = || {
            let confidence = 0.5 + 0.4 * noise.uniform();
            Outcome { confidence, outcome: f64::from(u8::from(noise.uniform() < truth(confidence))) }
        };
        (0..2_000).map(|_| one()).collect()
    }

    #[test]
    fn an_honest_confidence_beats_the_base_rate_and_a_boast_does_not() {
        let honest = quality(&chosen(|it| it), &[], 0).unwrap().unwrap();
        assert!(honest.brier < honest.base_brier && honest.log_loss < honest.base_log_loss, "{honest:?}");
        assert_eq!((honest.windows, honest.reliability.len()), (2_000, 5));
        let within = honest.reliability.iter().filter(|it| it.low <= it.predicted && it.predicted <= it.high).count();
        assert!(within >= 4, "{honest:?}");
        let boast = quality(&chosen(|_| 0.5), &[], 0).unwrap().unwrap();
        assert!(boast.brier > boast.base_brier && boast.log_loss > boast.base_log_loss, "{boast:?}");
        assert_eq!(quality(&[], &[], 0).unwrap(), None);
    }

    /// Says what the eighth feature is.
    #[derive(Debug)]
    struct Eighth;

    impl Predicts for Eighth {
        fn predict(&self, rows: &[Vec<f64>]) -> Result<Vec<f64>, Fault> {
            Ok(rows.iter().map(|it| it[7]).collect())
        }
    }

    #[test]
    fn what_a_model_goes_by_is_what_it_loses_without() {
        let mut noise = Noise::new(2);
        let rows: Vec<Vec<f64>> =
            (0..300).map(|_| (0..FEATURES.len()).map(|_| noise.uniform().round()).collect()).collect();
        let outcomes: Vec<f64> = rows.iter().map(|it| it[7]).collect();
        let rows = rows.iter().map(Vec::as_slice).collect();
        let outcome = Outcome { confidence: 0.6, outcome: 1.0 };
        let found = quality(&[outcome], &[Predicted { model: &Eighth, rows, outcomes }], 1).unwrap().unwrap();
        let first = &found.importance[0];
        assert_eq!(first.feature, "adx");
        // Half of the exchanged are wrong.
        assert!((first.loss - 0.5).abs() < 0.06, "{first:?}");
        assert!(found.importance[1..].iter().all(|it| it.loss == 0.0));
    }
}
