//! How likely a choice among trials is to be overfitted: combinatorially symmetric cross-validation, D. H. Bailey, J. M.
//! Borwein, M. López de Prado and Q. J. Zhu, "The Probability of Backtest Overfitting", Journal of Computational Finance
//! 20(4), 2017 (first published 2015).

/// Sums of returns over a stretch of bars: the Sharpe ratio of any stretches together follows from theirs.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Sums {
    /// The sum of the returns.
    pub sum: f64,
    /// The sum of their squares.
    pub squares: f64,
}

/// What a choice among trials is worth on bars that it has not seen.
#[derive(Clone, Debug, PartialEq)]
pub struct Overfitting {
    /// The share of the splits in which the trial that was best on the one half was at or below the median of all trials
    /// on the other.
    pub probability: f64,
    /// The logits of its relative rank on the other half, one for each split, sorted: 0 is the median.
    pub logits: Vec<f64>,
    /// By how much its Sharpe ratio on the other half rises with that on the half that chose it, by least squares; none
    /// where it was the same in all splits.
    pub slope: Option<f64>,
    /// In what share of the splits it lost on the other half.
    pub loss: f64,
    /// Into how many parts the bars were cut.
    pub parts: usize,
}

/// A variance smaller than this is a rounding.
const LEAST_VARIANCE: f64 = 1e-24;
/// Into how many parts bars are cut, the most first.
const PARTS: [usize; 6] = [16, 12, 10, 8, 6, 4];
/// Fewer returns than this make no part.
const LEAST: usize = 8;
/// How many Sharpe ratios are computed at most, where fewer parts would do.
const ROOM: usize = 4_000_000;

impl Sums {
    /// Returns the sums of these returns.
    pub fn of(returns: &[f64]) -> Self {
        let (mut sum, mut squares) = (0.0, 0.0);
        for it in returns {
            sum += it;
            squares += it * it;
        }
        Self { sum, squares }
    }

    /// Returns the sums of both stretches together.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self { sum: self.sum + other.sum, squares: self.squares + other.squares }
    }

    /// Returns the Sharpe ratio a period (ddof 1) of so many returns; 0 where they do not vary, as where nothing is held.
    pub fn sharpe(self, count: f64) -> f64 {
        let score = score(self.sum, self.squares, count);
        score.abs().sqrt().copysign(score)
    }
}

/// Returns the square of the Sharpe ratio with its sign, which orders as the ratio itself does and takes no root.
#[inline]
fn score(sum: f64, squares: f64, count: f64) -> f64 {
    let mean = sum / count;
    let variance = (squares - sum * mean) / (count - 1.0);
    if variance > LEAST_VARIANCE { mean * mean.abs() / variance } else { 0.0 }
}

/// Returns into how many parts so many returns of so many trials are cut; none where they are too few.
pub fn parts(trials: usize, returns: usize) -> Option<usize> {
    let splits = |parts: usize| (0..parts / 2).fold(1, |all, it| all * (parts - it) / (it + 1));
    let fits = |it: &usize| returns / it >= LEAST && (splits(*it).saturating_mul(trials) <= ROOM || *it <= 8);
    if trials < 2 { None } else { PARTS.into_iter().find(fits) }
}

/// Returns where each of so many parts of a whole begins, and where the last one ends.
pub fn edges(length: usize, parts: usize) -> Vec<usize> {
    (0..=parts).map(|it| length * it / parts.max(1)).collect()
}

/// The trials by part, and what the splits so far came to.
struct Splits<'a> {
    /// How many returns each part has.
    counts: &'a [usize],
    /// The sums of each trial: by part.
    columns: Vec<Columns>,
    whole: Columns,
    /// The sums of the parts that are on the one half, one level for each of them.
    levels: Vec<Columns>,
    chosen: Vec<Chosen>,
}

/// The sums of all trials.
#[derive(Clone, Debug, Default)]
struct Columns {
    sums: Vec<f64>,
    squares: Vec<f64>,
}

/// The best trial of one half: its Sharpe ratios on both, and the logit of its rank on the other.
struct Chosen {
    here: f64,
    there: f64,
    logit: f64,
}

/// Returns how likely the best of these trials is to be overfitted; none where there are fewer than two trials or parts.
///
/// `trials` has the sums of each trial by part, `counts` the number of returns of each part. Half of the parts, taken
/// together in every way, choose the trial of the best Sharpe ratio; where it ranks among all on the other half says what
/// the choice is worth. Equal ranks share their mean.
pub fn overfitting(trials: &[Vec<Sums>], counts: &[usize]) -> Option<Overfitting> {
    let parts = counts.len() / 2 * 2;
    if trials.len() < 2 || parts < 2 {
        return None;
    }
    let column = |part: usize| {
        let of = |it: &Vec<Sums>| it.get(part).copied().unwrap_or_default();
        let all = trials.iter().map(of);
        Columns { sums: all.clone().map(|it| it.sum).collect(), squares: all.map(|it| it.squares).collect() }
    };
    let columns: Vec<Columns> = (0..parts).map(column).collect();
    let nothing = Columns { sums: vec![0.0; trials.len()], squares: vec![0.0; trials.len()] };
    let mut whole = nothing.clone();
    columns.iter().for_each(|it| whole = whole.with(it, 1.0));
    let mut splits = Splits { counts, columns, whole, levels: Vec::new(), chosen: Vec::new() };
    splits.levels.push(nothing);
    // The first part is always on the one half: the splits with it on the other are the same ones, seen from there.
    splits.descend(0, 1, 0);
    let chosen = splits.chosen;
    let count = chosen.len() as f64;
    let share = |holds: fn(&Chosen) -> bool| chosen.iter().filter(|it| holds(it)).count() as f64 / count;
    let mean = |of: fn(&Chosen) -> f64| chosen.iter().map(of).sum::<f64>() / count;
    let (here, there) = (mean(|it| it.here), mean(|it| it.there));
    let (mut spread, mut both) = (0.0, 0.0);
    for it in &chosen {
        spread += (it.here - here).powi(2);
        both += (it.here - here) * (it.there - there);
    }
    let mut logits: Vec<f64> = chosen.iter().map(|it| it.logit).collect();
    logits.sort_unstable_by(f64::total_cmp);
    Some(Overfitting {
        probability: share(|it| it.logit <= 0.0),
        slope: (spread > LEAST_VARIANCE).then(|| both / spread),
        loss: share(|it| it.there < 0.0),
        logits,
        parts,
    })
}

impl Columns {
    fn with(&self, other: &Self, sign: f64) -> Self {
        let add = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a + sign * b).collect();
        Self { sums: add(&self.sums, &other.sums), squares: add(&self.squares, &other.squares) }
    }

    fn scores(&self, count: f64) -> Vec<f64> {
        self.sums.iter().zip(&self.squares).map(|(sum, squares)| score(*sum, *squares, count)).collect()
    }
}

impl Splits<'_> {
    /// Takes a part to the one half, and goes on to every further one until half of them are there.
    fn descend(&mut self, part: usize, taken: usize, returns: usize) {
        let parts = self.columns.len();
        let (Some(level), Some(column)) = (self.levels.last(), self.columns.get(part)) else { return };
        let with = level.with(column, 1.0);
        let returns = returns + self.counts.get(part).copied().unwrap_or_default();
        if taken == parts / 2 {
            self.split(&with, returns);
            return;
        }
        self.levels.push(with);
        // As many must be left as are still wanted.
        for next in part + 1..=parts / 2 + taken {
            self.descend(next, taken + 1, returns);
        }
        self.levels.pop();
    }

    /// Lets each of two halves choose, and looks at the choice on the other.
    fn split(&mut self, half: &Columns, returns: usize) {
        let all: usize = self.counts.iter().take(self.columns.len()).sum();
        let other = self.whole.with(half, -1.0);
        let here = half.scores(returns as f64);
        let there = other.scores((all - returns) as f64);
        for (on, off) in [(&here, &there), (&there, &here)] {
            let best = on.iter().enumerate().fold(
                (0, f64::NEG_INFINITY),
                |best, (at, it)| {
                    if *it > best.1 { (at, *it) } else { best }
                },
            );
            let own = off.get(best.0).copied().unwrap_or_default();
            let below = off.iter().filter(|it| **it < own).count() as f64;
            let equal = off.len() as f64 - below - off.iter().filter(|it| **it > own).count() as f64;
            let rank = (below + f64::midpoint(equal, 1.0)) / (off.len() as f64 + 1.0);
            let root = |it: f64| it.abs().sqrt().copysign(it);
            self.chosen.push(Chosen { here: root(best.1), there: root(own), logit: (rank / (1.0 - rank)).ln() });
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail loudly")]

    use rand_chacha::{
        ChaCha8Rng,
        rand_core::{Rng as _, SeedableRng as _},
    };

    use super::*;

    /// Returns a number that is about normal: twelve uniform ones, added.
    fn normal(draw: &mut ChaCha8Rng) -> f64 {
        (0..12).map(|_| f64::from(draw.next_u32()) / f64::from(u32::MAX)).sum::<f64>() - 6.0
    }

    /// Returns how likely overfitting is among trials of noise, of which the first earns something too.
    fn of(trials: usize, skill: f64, seed: u64) -> Overfitting {
        let mut noise = ChaCha8Rng::seed_from_u64(seed);
        let counts = vec![60; 10];
        let returns =
            |mean: f64, noise: &mut ChaCha8Rng| (0..60).map(|_| mean + 0.01 * normal(noise)).collect::<Vec<_>>();
        let trial = |at: usize, noise: &mut ChaCha8Rng| {
            let mean = if at == 0 { skill } else { 0.0 };
            (0..10).map(|_| Sums::of(&returns(mean, noise))).collect::<Vec<_>>()
        };
        let all: Vec<_> = (0..trials).map(|at| trial(at, &mut noise)).collect();
        overfitting(&all, &counts).unwrap()
    }

    #[test]
    fn the_best_of_noise_is_as_likely_above_as_below_the_median() {
        let found: Vec<f64> = (0..40).map(|seed| of(30, 0.0, seed).probability).collect();
        let mean = found.iter().sum::<f64>() / 40.0;
        assert!((mean - 0.5).abs() < 0.1, "{mean}: {found:?}");
    }

    #[test]
    fn what_truly_wins_is_not_called_luck() {
        for seed in 0..10 {
            let found = of(30, 0.004, seed);
            assert!(found.probability < 0.02 && found.loss < 0.02, "{found:?}");
        }
    }

    #[test]
    fn every_half_is_split_off_once() {
        let found = of(3, 0.0, 1);
        assert_eq!((found.logits.len(), found.parts), (252, 10));
        assert_eq!(overfitting(&[vec![Sums::default(); 4]], &[10; 4]), None);
        // Trials that are all the same share one rank: the median.
        let same = overfitting(&vec![vec![Sums { sum: 0.1, squares: 0.2 }; 4]; 7], &[10; 4]).unwrap();
        assert!(same.logits.iter().all(|it| it.abs() < 1e-12) && same.slope.is_none(), "{same:?}");
    }

    #[test]
    fn the_parts_are_fewer_where_trials_are_many() {
        assert_eq!(parts(2, 1_000), Some(16));
        assert_eq!(parts(1_000, 1_000), Some(12));
        assert_eq!(parts(1_000_000, 1_000), Some(8));
        assert_eq!(parts(100, 40), Some(4));
        assert_eq!(parts(100, 20), None);
        assert_eq!(parts(1, 1_000), None);
        assert_eq!(edges(10, 4), [0, 2, 5, 7, 10]);
    }
}
