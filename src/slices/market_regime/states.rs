//! How many states the market has: models of two, three and four side by side, each judged by how well it predicted the
//! bars after its fit. The judgement, too, is of the past alone.

use super::{
    hmm::{Hmm, Observation, PerState},
    label::kinds_of,
};
use crate::market::StatesScore;

/// The numbers of states to choose from.
pub(super) const CHOICES: std::ops::RangeInclusive<usize> = 2..=4;
/// How many rounds the first fit has; the later ones start from the one before and need few.
const FIRST_ROUNDS: usize = 60;
const LATER_ROUNDS: usize = 5;

/// A model that follows the market, whatever its number of states.
trait Follows {
    /// Fits it anew to all bars so far.
    fn fit(&mut self, past: &[Observation], usual: f64);
    /// Sees one more bar and returns the logarithm of the density that it predicted for it.
    fn see(&mut self, now: &Observation) -> f64;
    /// Returns how probable each kind of market is now.
    fn kinds(&self) -> [f64; 4];
}

/// A model, what its states are called, and how probable each is now.
struct Fitted<const N: usize> {
    hmm: Option<Hmm<N>>,
    kinds: [[f64; 4]; N],
    now: PerState<N>,
}

impl<const N: usize> Fitted<N> {
    fn none() -> Self {
        Self { hmm: None, kinds: [[0.25; 4]; N], now: [1.0 / N as f64; N] }
    }
}

impl<const N: usize> Follows for Fitted<N> {
    fn fit(&mut self, past: &[Observation], usual: f64) {
        let hmm = match self.hmm.take() {
            None => Hmm::initial(past).fitted(past, FIRST_ROUNDS),
            Some(hmm) => hmm.fitted(past, LATER_ROUNDS),
        };
        self.kinds = hmm.states().map(|it| kinds_of(&it, usual));
        self.now = hmm.filter(past).last().copied().unwrap_or([1.0 / N as f64; N]);
        self.hmm = Some(hmm);
    }

    fn see(&mut self, now: &Observation) -> f64 {
        let Some(hmm) = &self.hmm else { return 0.0 };
        let (next, density) = hmm.told(Some(&self.now), now);
        self.now = next;
        density
    }

    fn kinds(&self) -> [f64; 4] {
        let mut kinds = [0.0; 4];
        for (chance, shares) in self.now.iter().zip(&self.kinds) {
            kinds.iter_mut().zip(shares).for_each(|(to, share)| *to += chance * share);
        }
        kinds
    }
}

/// A model with what its predictions came to.
struct Candidate {
    states: usize,
    model: Box<dyn Follows>,
    density: f64,
    bars: usize,
}

/// The models to choose from, and which of them is in force.
pub(super) struct Candidates {
    all: Vec<Candidate>,
    chosen: usize,
    is_fitted: bool,
}

impl Candidates {
    /// Returns models of so many states, of each number to choose from where it is not said; none is fitted yet.
    pub(super) fn new(states: Option<usize>) -> Self {
        let wanted = CHOICES.filter(|it| states.is_none_or(|states| states == *it));
        let all = wanted.map(|states| Candidate { states, model: model(states), density: 0.0, bars: 0 }).collect();
        Self { all, chosen: 0, is_fitted: false }
    }

    /// Sees one more bar, which every model had predicted.
    pub(super) fn see(&mut self, now: &Observation) {
        if !self.is_fitted {
            return;
        }
        for it in &mut self.all {
            it.density += it.model.see(now);
            it.bars += 1;
        }
    }

    /// Fits every model to all bars so far and takes the one that has predicted best. Before the first fit each is judged
    /// by the last third of the bars after a fit to the others.
    pub(super) fn fit(&mut self, past: &[Observation], usual: f64) {
        for it in &mut self.all {
            if !self.is_fitted {
                let (before, after) = past.split_at(past.len() * 2 / 3);
                let mut trial = model(it.states);
                trial.fit(before, usual);
                it.density = after.iter().map(|it| trial.see(it)).sum();
                it.bars = after.len();
            }
            it.model.fit(past, usual);
        }
        self.is_fitted = true;
        let mut best = f64::NEG_INFINITY;
        for (at, it) in self.all.iter().enumerate() {
            if it.density > best {
                (self.chosen, best) = (at, it.density);
            }
        }
    }

    /// Returns how probable each kind is now by the model in force, none before the first fit.
    pub(super) fn kinds(&self) -> Option<[f64; 4]> {
        let chosen = self.all.get(self.chosen).filter(|_| self.is_fitted);
        chosen.map(|it| it.model.kinds())
    }

    /// Returns how many states the model in force has.
    pub(super) fn states(&self) -> usize {
        self.all.get(self.chosen).map_or(0, |it| it.states)
    }

    /// Returns what each model's predictions came to.
    pub(super) fn scores(&self) -> Vec<StatesScore> {
        let score = |it: &Candidate| StatesScore {
            states: it.states,
            log_likelihood: (it.density / it.bars.max(1) as f64 * 1e6).round() / 1e6,
            bars: it.bars,
        };
        self.all.iter().map(score).collect()
    }
}

fn model(states: usize) -> Box<dyn Follows> {
    match states {
        2 => Box::new(Fitted::<2>::none()),
        3 => Box::new(Fitted::<3>::none()),
        _ => Box::new(Fitted::<4>::none()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::slices::sample::Noise;

    /// Bars of states far apart, 40 bars each in turn.
    fn seen(states: usize, count: usize) -> Vec<Observation> {
        let mut noise = Noise::new(3);
        let bar = |at: usize| {
            let state = (at / 40 * 7 % states) as f64;
            [0.002 * (state - 1.0) + 0.005 * (1.0 + state) * noise.normal(), -5.0 + state + 0.2 * noise.normal()]
        };
        (0..count).map(bar).collect()
    }

    #[test]
    fn the_number_of_states_that_made_the_bars_predicts_them_best() {
        for states in [2, 3] {
            let seen = seen(states, 1_600);
            let mut models = Candidates::new(None);
            for (at, now) in seen.iter().enumerate() {
                models.see(now);
                if at >= 400 && at % 200 == 0 {
                    models.fit(seen.get(..=at).unwrap_or_default(), -5.0);
                }
            }
            let scores = models.scores();
            assert_eq!(models.states(), states, "{scores:?}");
            assert!(scores.iter().all(|it| it.bars > 1_200), "{scores:?}");
        }
    }

    #[test]
    fn what_a_person_says_is_kept_to() {
        let mut models = Candidates::new(Some(4));
        models.fit(&seen(2, 300), -5.0);
        assert_eq!((models.states(), models.scores().len()), (4, 1));
    }
}
