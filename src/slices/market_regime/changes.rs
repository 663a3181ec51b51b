//! Change points: since when returns have been of one kind, by Bayesian online change-point detection.
//!
//! Formulas: R. P. Adams and D. J. C. `MacKay`, "Bayesian Online Changepoint Detection", arXiv:0710.3742 (2007), algorithm 1,
//! with normal returns of unknown mean and variance (normal-gamma prior, so that a run predicts a Student t). Only the
//! forward recursion is here: what is said of a bar comes from the bars up to it.

use std::f64::consts::PI;

use crate::market::Change;

/// How recent a change is that the probability is of, in bars.
pub(super) const RECENT: usize = 21;
/// A change counts as found when it has lasted so many bars: one wild bar is none.
const LASTING: usize = 5;
/// Another is looked for when the one before is no longer recent, or was none: its probability is below this.
const OVER: f64 = 0.1;
/// Runs less probable than this are followed no further; there would be one for each bar so far.
const FAINT: f64 = 1e-9;
/// The least variance of returns: prices that never move have one all the same.
const QUIET: f64 = 1e-12;

/// One length that the present run may have.
#[derive(Clone, Copy, Debug)]
struct Run {
    length: usize,
    /// How probable it is.
    chance: f64,
    /// The mean of its returns, the prior's 0 counted as one of them.
    mean: f64,
    /// The rate of the gamma distribution of its precision.
    rate: f64,
}

/// How long the present run has lasted: a distribution over its length, brought on bar by bar.
pub(super) struct Runs {
    hazard: f64,
    rate: f64,
    lengths: Vec<Run>,
    /// The logarithm of the gamma function at 1, 3/2, 2, …
    gammas: Vec<f64>,
}

impl Runs {
    /// Returns the state before any return is seen, where a run lasts `expected` bars on average and a new one has a
    /// variance of this order.
    pub(super) fn new(expected: f64, variance: f64) -> Self {
        let rate = variance.max(QUIET);
        let lengths = vec![Run { length: 0, chance: 1.0, mean: 0.0, rate }];
        Self { hazard: 1.0 / expected.max(1.0), rate, lengths, gammas: vec![0.0, (PI.sqrt() / 2.0).ln()] }
    }

    /// Sees one more return.
    pub(super) fn see(&mut self, x: f64) {
        let longest = self.lengths.last().map_or(0, |it| it.length);
        while self.gammas.len() < longest + 2 {
            let at = self.gammas.len() as f64;
            let before = self.gammas.get(self.gammas.len() - 2).copied().unwrap_or_default();
            // Γ(x + 1) = x Γ(x), where x = 1 + (at - 2) / 2.
            self.gammas.push(before + (at / 2.0).ln());
        }
        let logs: Vec<f64> = self.lengths.iter().map(|it| self.density(it, x)).collect();
        let greatest = logs.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let (mut ended, mut total) = (0.0, 0.0);
        for (run, log) in self.lengths.iter_mut().zip(&logs) {
            let chance = run.chance * (log - greatest).exp();
            total += chance;
            ended += chance * self.hazard;
            let count = (run.length + 1) as f64;
            run.chance = chance * (1.0 - self.hazard);
            run.rate += count / (2.0 * (count + 1.0)) * (x - run.mean).powi(2);
            run.mean += (x - run.mean) / (count + 1.0);
            run.length += 1;
        }
        self.lengths.insert(0, Run { length: 0, chance: ended, mean: 0.0, rate: self.rate });
        self.lengths.iter_mut().for_each(|it| it.chance /= total);
        self.lengths.retain(|it| it.chance > FAINT);
        let kept: f64 = self.lengths.iter().map(|it| it.chance).sum();
        self.lengths.iter_mut().for_each(|it| it.chance /= kept);
    }

    /// Returns the logarithm of the density that a run predicts at `x`: a Student t of 2 + length degrees of freedom.
    fn density(&self, run: &Run, x: f64) -> f64 {
        let gamma = |at: usize| self.gammas.get(at).copied().unwrap_or_default();
        let (freedom, count) = ((run.length + 2) as f64, (run.length + 1) as f64);
        let square = run.rate * (count + 1.0) / (freedom / 2.0 * count);
        gamma(run.length + 1)
            - gamma(run.length)
            - 0.5 * (freedom * PI * square).ln()
            - f64::midpoint(freedom, 1.0) * ((x - run.mean).powi(2) / (freedom * square)).ln_1p()
    }

    /// Returns what is known now: how probable a recent change is, and the likeliest length of the present run.
    pub(super) fn now(&self) -> Change {
        let probability = self.lengths.iter().take_while(|it| it.length < RECENT).map(|it| it.chance).sum();
        Change { probability, run: likeliest(&self.lengths) }
    }

    /// Returns how probable it is that a recent change has lasted, and the likeliest length of the run since it.
    fn recent(&self) -> (f64, usize) {
        let recent = || self.lengths.iter().filter(|it| (LASTING..RECENT).contains(&it.length));
        (recent().map(|it| it.chance).sum(), likeliest(recent()))
    }
}

fn likeliest<'a>(runs: impl IntoIterator<Item = &'a Run>) -> usize {
    runs.into_iter().max_by(|a, b| a.chance.total_cmp(&b.chance)).map_or(0, |it| it.length)
}

/// A change that was found: the first bar of the new run, and the bar at which it was more probable than not that there had
/// been one and that it had lasted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Found {
    pub bar: usize,
    pub seen: usize,
}

/// Reads changes off the returns, of which the first `seed` only say how large returns are: what is known after each of the
/// others, and the changes that were found. Return `i` is that of bar `i + 1`.
pub(super) fn changes(returns: &[f64], seed: usize, expected: f64) -> (Vec<Change>, Vec<Found>) {
    let (before, after) = returns.split_at(seed.min(returns.len()));
    let variance = before.iter().map(|it| it * it).sum::<f64>() / before.len().max(1) as f64;
    let mut runs = Runs::new(expected, variance);
    let (mut known, mut found) = (Vec::with_capacity(after.len()), Vec::new());
    // At the start every run is short, which is no change.
    let mut told = true;
    for (bar, x) in (before.len() + 1..).zip(after) {
        runs.see(*x);
        let (probability, length) = runs.recent();
        if probability > 0.5 && !told {
            found.push(Found { bar: bar + 1 - length, seen: bar });
        }
        told = probability > 0.5 || (told && probability > OVER);
        known.push(runs.now());
    }
    (known, found)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::indexing_slicing, reason = "a test may fail loudly")]

    use super::*;
    use crate::slices::{market_regime::golden::golden, sample::Noise};

    #[test]
    fn agrees_with_the_exact_recursion_of_another_program() {
        let golden = golden();
        let returns = &golden.changes.returns;
        let (known, found) = changes(returns, golden.changes.seed, golden.changes.expected);
        for (at, (own, its)) in known.iter().zip(&golden.changes.known).enumerate() {
            assert!((own.probability - its.0).abs() < 1e-6, "{at}: {own:?}, {its:?}");
            assert_eq!(own.run, its.1, "{at}");
        }
        assert_eq!(known.len(), golden.changes.known.len());
        assert!(found.len() >= 2, "{found:?}");
    }

    #[test]
    fn finds_where_the_market_changed_and_nothing_else() {
        let mut noise = Noise::new(5);
        let sigma = |at: usize| if (at / 400).is_multiple_of(2) { 0.006 } else { 0.025 };
        let returns: Vec<f64> = (0..1_600).map(|at| sigma(at) * noise.normal()).collect();
        let (_, found) = changes(&returns, 63, 250.0);
        for change in [400, 800, 1_200] {
            let near = found.iter().find(|it| it.bar.abs_diff(change) < 15);
            assert!(near.is_some_and(|it| it.seen < change + 40), "{change}: {found:?}");
        }
        assert!(found.len() <= 5, "{found:?}");
    }
}
