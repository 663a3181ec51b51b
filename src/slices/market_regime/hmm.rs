//! A hidden Markov model with Gaussian emissions: fitted by Baum-Welch, read by the forward filter.
//!
//! Formulas: L. R. Rabiner, "A Tutorial on Hidden Markov Models", Proceedings of the IEEE 77(2), 1989, with the scaled
//! recursions of its section V. There is no smoother here for anyone to call: the backward pass lives inside the fit.

use std::f64::consts::TAU;

/// How many numbers are observed at each bar: the return and the logarithm of the volatility.
pub(super) const FEATURES: usize = 2;

/// What is observed at one bar.
pub(super) type Observation = [f64; FEATURES];
/// One number for each of `N` states.
pub(super) type PerState<const N: usize> = [f64; N];

/// The least variance of a state, as a share of the variance of all observations: a state cannot collapse on one bar.
const VARIANCE_FLOOR: f64 = 1e-3;
/// Transitions thought to have been seen before any: states last, and no transition is impossible.
const PRIOR_STAY: f64 = 10.0;
const PRIOR_MOVE: f64 = 0.5;

/// A model of `N` states: where it starts, how it moves, what each state emits (independent Gaussians).
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Hmm<const N: usize> {
    start: PerState<N>,
    moves: [PerState<N>; N],
    states: [State; N],
}

/// What one state emits.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct State {
    /// Mean of each feature.
    pub mean: Observation,
    /// Variance of each feature.
    pub variance: Observation,
}

/// Sums over the expected states of all bars, from which the next parameters follow.
struct Expected<const N: usize> {
    first: PerState<N>,
    moves: [PerState<N>; N],
    weight: PerState<N>,
    sum: [Observation; N],
    squares: [Observation; N],
}

impl<const N: usize> Hmm<N> {
    /// Returns the model that a fit starts from: states are equal groups of the bars by their volatility. It draws no
    /// random number.
    pub(super) fn initial(seen: &[Observation]) -> Self {
        let mut order: Vec<&Observation> = seen.iter().collect();
        order.sort_by(|a, b| last(a).total_cmp(&last(b)));
        let size = order.len().div_ceil(N).max(1);
        let floor = floor(seen);
        let mut states = [State { mean: [0.0; FEATURES], variance: [1.0; FEATURES] }; N];
        for (state, group) in states.iter_mut().zip(order.chunks(size)) {
            let count = group.len() as f64;
            state.mean = std::array::from_fn(|at| group.iter().map(|it| nth(it, at)).sum::<f64>() / count);
            let mean = state.mean;
            state.variance = std::array::from_fn(|at| {
                let squares = group.iter().map(|it| (nth(it, at) - nth(&mean, at)).powi(2));
                (squares.sum::<f64>() / count).max(nth(&floor, at))
            });
        }
        let others = N.saturating_sub(1).max(1) as f64;
        let moves = std::array::from_fn(|from| std::array::from_fn(|to| if from == to { 0.95 } else { 0.05 / others }));
        Self { start: [1.0 / N as f64; N], moves, states }
    }

    /// Returns what the states emit.
    pub(super) fn states(&self) -> &[State; N] {
        &self.states
    }

    /// Returns the model after at most `rounds` of Baum-Welch on what was seen; it stops where the likelihood of a bar
    /// gains less than 1e-5.
    pub(super) fn fitted(mut self, seen: &[Observation], rounds: usize) -> Self {
        let floor = floor(seen);
        let mut before = f64::NEG_INFINITY;
        for _ in 0..rounds {
            let (expected, likelihood) = self.expect(seen);
            self = self.maximised(&expected, &floor);
            if likelihood - before < 1e-5 * seen.len() as f64 {
                break;
            }
            before = likelihood;
        }
        self
    }

    /// Returns the probability of each state at each bar given the bars up to it.
    pub(super) fn filter(&self, seen: &[Observation]) -> Vec<PerState<N>> {
        let mut previous = None;
        let step = |it| {
            let next = self.step(previous.as_ref(), it);
            previous = Some(next);
            next
        };
        seen.iter().map(step).collect()
    }

    /// Returns the probability of each state after one more bar, from those after the bar before it.
    pub(super) fn step(&self, previous: Option<&PerState<N>>, seen: &Observation) -> PerState<N> {
        self.told(previous, seen).0
    }

    /// Returns the probability of each state after one more bar, and the logarithm of the density that was predicted for
    /// what was seen there from the bars before it.
    pub(super) fn told(&self, previous: Option<&PerState<N>>, seen: &Observation) -> (PerState<N>, f64) {
        let (emitted, greatest) = self.emissions(seen);
        let (next, scale) = self.forward(previous, &emitted);
        (next, greatest + scale.ln())
    }

    /// Returns the normalised forward variable and what it was divided by.
    fn forward(&self, previous: Option<&PerState<N>>, emitted: &PerState<N>) -> (PerState<N>, f64) {
        let mut next = match previous {
            None => self.start,
            Some(previous) => {
                let mut next = [0.0; N];
                for (probability, moves) in previous.iter().zip(&self.moves) {
                    next.iter_mut().zip(moves).for_each(|(to, chance)| *to += probability * chance);
                }
                next
            }
        };
        next.iter_mut().zip(emitted).for_each(|(to, density)| *to *= density);
        let scale: f64 = next.iter().sum::<f64>().max(f64::MIN_POSITIVE);
        for it in &mut next {
            *it /= scale;
        }
        (next, scale)
    }

    /// Returns the density of what was seen in each state, the greatest scaled to 1, and the logarithm of that scale.
    fn emissions(&self, seen: &Observation) -> (PerState<N>, f64) {
        let logs = self.states.map(|state| {
            let parts = seen.iter().zip(state.mean).zip(state.variance);
            parts.map(|((x, mean), variance)| -0.5 * ((x - mean).powi(2) / variance + (TAU * variance).ln())).sum()
        });
        let greatest = logs.into_iter().fold(f64::NEG_INFINITY, f64::max);
        (logs.map(|it: f64| (it - greatest).exp()), greatest)
    }

    /// The E step: expected states and moves, and the log-likelihood.
    fn expect(&self, seen: &[Observation]) -> (Expected<N>, f64) {
        let emitted: Vec<_> = seen.iter().map(|it| self.emissions(it)).collect();
        let mut forward: Vec<(PerState<N>, f64)> = Vec::with_capacity(seen.len());
        for (densities, _) in &emitted {
            forward.push(self.forward(forward.last().map(|it| &it.0), densities));
        }
        let likelihood = emitted.iter().zip(&forward).map(|(it, (_, scale))| it.1 + scale.ln()).sum();

        let mut sums = Expected::none();
        let mut backward = [1.0; N];
        // What the bar after this one adds to the backward recursion: its densities times its backward variable.
        let mut after: Option<PerState<N>> = None;
        for ((seen, (densities, _)), (alpha, scale)) in seen.iter().zip(&emitted).zip(&forward).rev() {
            if let Some(after) = after {
                backward = [0.0; N];
                for (((chance, moves), back), sums) in
                    alpha.iter().zip(&self.moves).zip(&mut backward).zip(&mut sums.moves)
                {
                    for ((to, next), sum) in moves.iter().zip(&after).zip(sums) {
                        *back += to * next;
                        *sum += chance * to * next;
                    }
                }
            }
            let states: PerState<N> = zip(alpha, &backward, |a, b| a * b);
            let total = states.iter().sum::<f64>().max(f64::MIN_POSITIVE);
            sums.first = states.map(|it| it / total);
            sums.add(seen);
            after = Some(zip(densities, &backward, |a, b| a * b / scale));
        }
        (sums, likelihood)
    }

    /// The M step.
    fn maximised(&self, expected: &Expected<N>, floor: &Observation) -> Self {
        let mut next = self.clone();
        next.start = expected.first.map(|it| (it + 1e-3) / (1.0 + 1e-3 * N as f64));
        for (from, (moves, counts)) in next.moves.iter_mut().zip(&expected.moves).enumerate() {
            let prior = |to| if from == to { PRIOR_STAY } else { PRIOR_MOVE };
            let total: f64 = counts.iter().enumerate().map(|(to, it)| it + prior(to)).sum();
            for (to, (chance, count)) in moves.iter_mut().zip(counts).enumerate() {
                *chance = (count + prior(to)) / total;
            }
        }
        let sums = expected.weight.iter().zip(&expected.sum).zip(&expected.squares);
        for (state, ((weight, sum), squares)) in next.states.iter_mut().zip(sums) {
            // A state that no bar is in keeps what it emitted.
            if *weight < 1e-6 {
                continue;
            }
            state.mean = sum.map(|it| it / weight);
            let moments = squares.iter().zip(&state.mean).zip(floor);
            let variances = moments.map(|((square, mean), floor)| (square / weight - mean * mean).max(*floor));
            state.variance.iter_mut().zip(variances).for_each(|(to, it)| *to = it);
        }
        next
    }
}

impl<const N: usize> Expected<N> {
    fn none() -> Self {
        let nothing = [[0.0; FEATURES]; N];
        Self { first: [0.0; N], moves: [[0.0; N]; N], weight: [0.0; N], sum: nothing, squares: nothing }
    }

    /// Adds one bar, whose expected states are in `first`.
    fn add(&mut self, seen: &Observation) {
        let sums = self.weight.iter_mut().zip(&mut self.sum).zip(&mut self.squares);
        for (chance, ((weight, sum), squares)) in self.first.iter().zip(sums) {
            *weight += chance;
            for ((sum, square), x) in sum.iter_mut().zip(squares).zip(seen) {
                *sum += chance * x;
                *square += chance * x * x;
            }
        }
    }
}

fn zip<const N: usize>(a: &PerState<N>, b: &PerState<N>, with: impl Fn(f64, f64) -> f64) -> PerState<N> {
    let mut out = *a;
    out.iter_mut().zip(b).for_each(|(a, b)| *a = with(*a, *b));
    out
}

fn nth(it: &Observation, at: usize) -> f64 {
    it.get(at).copied().unwrap_or_default()
}

fn last(it: &Observation) -> f64 {
    nth(it, FEATURES - 1)
}

/// Returns the least variance that a state may have in each feature.
fn floor(seen: &[Observation]) -> Observation {
    let count = seen.len().max(1) as f64;
    std::array::from_fn(|at| {
        let mean = seen.iter().map(|it| nth(it, at)).sum::<f64>() / count;
        let variance = seen.iter().map(|it| (nth(it, at) - mean).powi(2)).sum::<f64>() / count;
        (variance * VARIANCE_FLOOR).max(1e-12)
    })
}

#[cfg(test)]
mod tests {
    #![allow(
        clippy::unwrap_used,
        clippy::needless_range_loop,
        clippy::indexing_slicing,
        reason = "a test may fail loudly"
    )]

    use super::{
        super::golden::{Golden, golden},
        *,
    };
    use crate::slices::sample::Noise;

    const STATES: usize = 3;

    /// Two regimes, 200 bars each in turn: calm and rising, wild and falling.
    fn two_regimes(count: usize) -> (Vec<Observation>, Vec<bool>) {
        let mut noise = Noise::new(7);
        let bar = |at: usize| {
            let wild = (at / 200) % 2 == 1;
            let (mean, sigma) = if wild { (-0.002, 0.03) } else { (0.001, 0.006) };
            let volatility = f64::ln(sigma) + 0.15 * noise.normal();
            ([mean + sigma * noise.normal(), volatility], wild)
        };
        (0..count).map(bar).unzip()
    }

    #[test]
    fn finds_the_states_that_made_the_data() {
        let (seen, wild) = two_regimes(2_000);
        let model = Hmm::<STATES>::initial(&seen).fitted(&seen, 50);
        let wildest =
            (0..STATES).max_by(|a, b| model.states()[*a].mean[1].total_cmp(&model.states()[*b].mean[1])).unwrap();
        assert!((model.states()[wildest].mean[1].exp() - 0.03).abs() < 0.003, "{model:?}");
        let filtered = model.filter(&seen);
        let right = filtered.iter().zip(&wild).filter(|(it, wild)| (it[wildest] > 0.5) == **wild).count();
        assert!(right as f64 > 0.95 * 2_000.0, "{right}");
    }

    #[test]
    fn each_round_makes_the_data_likelier() {
        let (seen, _) = two_regimes(600);
        let mut model = Hmm::<STATES>::initial(&seen);
        let floor = floor(&seen);
        let mut before = f64::NEG_INFINITY;
        for _ in 0..10 {
            let (expected, likelihood) = model.expect(&seen);
            // The prior on the moves may cost a little likelihood, near the optimum only.
            assert!(likelihood > before - 1e-2, "{likelihood} after {before}");
            before = likelihood;
            model = model.maximised(&expected, &floor);
        }
    }

    fn agrees<const N: usize>(golden: &Golden) {
        let its = golden.models.iter().find(|it| it.states == N).unwrap();
        let floor = floor(&golden.seen);
        let mut model = Hmm::<N>::initial(&golden.seen);
        for _ in 0..golden.rounds {
            model = model.maximised(&model.expect(&golden.seen).0, &floor);
        }
        let near = |own: f64, its: f64, of: &str| {
            assert!((own - its).abs() <= 1e-8 * its.abs().max(1.0), "{N} states, {of}: {own}, {its}");
        };
        for state in 0..N {
            near(model.start[state], its.start[state], "start");
            for to in 0..N {
                near(model.moves[state][to], its.moves[state][to], "moves");
            }
            for at in 0..FEATURES {
                near(model.states[state].mean[at], its.means[state][at], "mean");
                near(model.states[state].variance[at], its.variances[state][at], "variance");
            }
        }
        let mut now = None;
        let mut likelihood = 0.0;
        for (bar, seen) in golden.seen.iter().enumerate() {
            let (next, density) = model.told(now.as_ref(), seen);
            likelihood += density;
            now = Some(next);
            if bar % 25 == 0 {
                next.iter().zip(&its.filtered[bar / 25]).for_each(|(own, its)| near(*own, *its, "filtered"));
            }
        }
        near(likelihood, its.likelihood, "likelihood");
        near(model.expect(&golden.seen).1, its.likelihood, "likelihood of the fit");
    }

    #[test]
    fn agrees_with_another_program_fitted_and_filtered() {
        let golden = golden();
        agrees::<2>(&golden);
        agrees::<3>(&golden);
        agrees::<4>(&golden);
    }

    #[test]
    fn the_filter_is_the_exact_posterior_of_a_short_sequence() {
        let (seen, _) = two_regimes(400);
        let model = Hmm::<STATES>::initial(&seen).fitted(&seen, 5);
        let seen = &seen[..3];
        // By enumeration of every path through three bars.
        let density = |state: usize, bar: usize| -> f64 {
            let State { mean, variance } = model.states[state];
            (0..FEATURES)
                .map(|at| {
                    let x = seen[bar][at] - mean[at];
                    (-0.5 * x * x / variance[at]).exp() / (TAU * variance[at]).sqrt()
                })
                .product()
        };
        let mut posterior = [0.0; STATES];
        for a in 0..STATES {
            for b in 0..STATES {
                for c in 0..STATES {
                    posterior[c] += model.start[a]
                        * density(a, 0)
                        * model.moves[a][b]
                        * density(b, 1)
                        * model.moves[b][c]
                        * density(c, 2);
                }
            }
        }
        let total: f64 = posterior.iter().sum();
        for (exact, filtered) in posterior.iter().zip(model.filter(seen)[2]) {
            assert!((exact / total - filtered).abs() < 1e-12);
        }
    }
}
