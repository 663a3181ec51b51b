//! Which set a search tries next. It knows sets by their numbers and places, and nothing of trading.

use std::collections::HashSet;

use rand_chacha::{
    ChaCha8Rng,
    rand_core::{Rng as _, SeedableRng as _},
};
use tpe::TpeOptimizer;

use super::space::{MOST, Place, Space};

/// How often a set is drawn anew that was drawn before, until those that are left are listed.
const TRIES: usize = 64;
/// How often it is drawn anew in a space too large to list.
const MANY_TRIES: usize = 10_000;
/// How often the estimator is asked anew where it gives what was tried.
const ASKS: usize = 16;

/// Draws sets at random, none of them twice.
pub(super) struct Untried<'a> {
    space: &'a Space,
    draw: ChaCha8Rng,
    seen: HashSet<u64>,
    /// The sets that are left, in the order in which they are drawn, the next one last; listed once they are few.
    left: Option<Vec<u64>>,
}

impl<'a> Untried<'a> {
    pub fn new(space: &'a Space, seed: u64) -> Self {
        Self { space, draw: ChaCha8Rng::seed_from_u64(seed), seen: HashSet::new(), left: None }
    }

    /// Says whether a set is one to be tried: not one that was listed before, or breaks a rule.
    fn is_legal(&self, number: u64) -> bool {
        let place = self.space.place(number);
        self.space.number(&place) == Some(number) && self.space.broken(&place).is_none()
    }

    fn list(&mut self) {
        let legal = |it: &u64| !self.seen.contains(it) && self.is_legal(*it);
        let mut left: Vec<u64> = (0..self.space.count()).filter(legal).collect();
        for at in (1..left.len()).rev() {
            left.swap(at, usize::try_from(below(&mut self.draw, at as u64 + 1)).unwrap_or(at));
        }
        self.left = Some(left);
    }

    /// Takes a set out of those that are drawn; says whether it was among them.
    pub fn take(&mut self, place: &[u32]) -> bool {
        let number = self.space.number(place).filter(|_| self.space.broken(place).is_none());
        number.is_some_and(|it| self.seen.insert(it))
    }

    /// Draws a set, none where all were drawn.
    pub fn next(&mut self) -> Option<Place> {
        let can_list = self.space.count() <= MOST;
        if self.left.is_none() {
            for _ in 0..if can_list { TRIES } else { MANY_TRIES } {
                let number = below(&mut self.draw, self.space.count());
                if !self.seen.contains(&number) && self.is_legal(number) {
                    self.seen.insert(number);
                    return Some(self.space.place(number));
                }
            }
            if can_list {
                self.list();
            }
        }
        while let Some(number) = self.left.as_mut()?.pop() {
            if self.seen.insert(number) {
                return Some(self.space.place(number));
            }
        }
        None
    }
}

/// Returns a number below another, each as likely.
fn below(draw: &mut ChaCha8Rng, end: u64) -> u64 {
    // What is left over at the top would make some more likely.
    let fair = u64::MAX - u64::MAX % end.max(1);
    loop {
        let it = draw.next_u64();
        if it < fair {
            return it % end.max(1);
        }
    }
}

/// Proposes sets near those that did well and far from those that did not: the tree-structured Parzen estimator, J.
/// Bergstra, R. Bardenet, Y. Bengio and B. Kégl, "Algorithms for Hyper-Parameter Optimization", NIPS 24, 2011.
pub(super) struct Parzen {
    axes: Vec<TpeOptimizer>,
    draw: ChaCha8Rng,
}

impl Parzen {
    /// Returns an estimator that has seen nothing, over axes of so many values; those without an order are categories.
    pub fn new(axes: impl IntoIterator<Item = (usize, bool)>, seed: u64) -> Option<Self> {
        let optimizer = |(length, ordered): (usize, bool)| {
            let (range, kind) = if ordered {
                (tpe::range(0.0, length.max(1) as f64), tpe::parzen_estimator())
            } else {
                (tpe::categorical_range(length.max(1)), tpe::histogram_estimator())
            };
            Some(TpeOptimizer::new(kind, range.ok()?))
        };
        let axes = axes.into_iter().map(optimizer).collect::<Option<_>>()?;
        Some(Self { axes, draw: ChaCha8Rng::seed_from_u64(seed) })
    }

    /// Proposes a place.
    pub fn ask(&mut self) -> Option<Place> {
        let Self { axes, draw } = self;
        let one = |it: &mut TpeOptimizer| {
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "it is in the range of the axis"
            )]
            it.ask(draw).ok().map(|it| it.floor() as u32)
        };
        axes.iter_mut().map(one).collect()
    }

    /// Proposes a set that was not tried, at random where it knows only of those that were.
    pub fn propose(&mut self, untried: &mut Untried<'_>) -> Option<Place> {
        for _ in 0..ASKS {
            let place = self.ask()?;
            if untried.take(&place) {
                return Some(place);
            }
        }
        untried.next()
    }

    /// Learns what a set came to: less is better, infinity is worst.
    pub fn tell(&mut self, place: &[u32], loss: f64) {
        for (axis, at) in self.axes.iter_mut().zip(place) {
            // The middle of a value, so that its neighbours are as far on either side. It is in the range and a number.
            let _ = axis.tell(f64::from(*at) + 0.5, loss);
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may fail loudly")]

    use super::*;
    use crate::{strategy::Axis, value::Value};

    fn space(lengths: &[i64]) -> Space {
        let axis = |(at, length): (usize, &i64)| Axis {
            name: format!("p{at}").into(),
            values: (0..*length).map(Value::from).collect(),
        };
        Space::of(lengths.iter().enumerate().map(axis).collect())
    }

    #[test]
    fn nothing_is_drawn_twice_and_everything_is_drawn() {
        let space = space(&[7, 11, 3]);
        for seed in 0..20 {
            let mut untried = Untried::new(&space, seed);
            let drawn: Vec<Place> = std::iter::from_fn(|| untried.next()).collect();
            assert_eq!(drawn.len(), 231);
            assert_eq!(drawn.iter().collect::<HashSet<_>>().len(), 231);
            assert!(drawn.iter().all(|it| it[0] < 7 && it[1] < 11 && it[2] < 3));
        }
        let (mut one, mut same) = (Untried::new(&space, 1), Untried::new(&space, 1));
        assert!((0..231).all(|_| one.next() == same.next()));
    }

    #[test]
    fn a_space_too_large_to_list_is_drawn_from_all_the_same() {
        let space = space(&[5_000, 5_000, 5_000]);
        let mut untried = Untried::new(&space, 3);
        let drawn: HashSet<Place> = std::iter::from_fn(|| untried.next()).take(2_000).collect();
        assert_eq!(drawn.len(), 2_000);
        let mean = drawn.iter().map(|it| f64::from(it[0])).sum::<f64>() / 2_000.0;
        assert!((mean - 2_500.0).abs() < 120.0, "{mean}");
    }

    /// Returns the least loss that a search of so many sets found of a bowl with its bottom off the middle.
    fn least(space: &Space, budget: usize, seed: u64, guided: bool) -> f64 {
        let loss = |it: &Place| {
            let far = |at: usize, low: f64| (f64::from(it[at]) - low).abs() / 60.0;
            far(0, 43.0) + far(1, 13.0) + far(2, 24.0)
        };
        let mut untried = Untried::new(space, seed);
        let mut parzen = Parzen::new([(60, true); 3], seed).unwrap();
        let mut found = f64::INFINITY;
        for tried in 0..budget {
            let drawn = if guided && tried >= 10 { parzen.propose(&mut untried) } else { untried.next() };
            let place = drawn.unwrap();
            parzen.tell(&place, loss(&place));
            found = found.min(loss(&place));
        }
        found
    }

    #[test]
    fn what_learns_from_trials_beats_chance_with_as_many() {
        let space = space(&[60, 60, 60]);
        let (mut won, mut guided, mut blind) = (0, 0.0, 0.0);
        for seed in 0..40 {
            let (with, without) = (least(&space, 60, seed, true), least(&space, 60, seed, false));
            won += usize::from(with < without);
            guided += with;
            blind += without;
        }
        assert!(won >= 30 && guided < 0.7 * blind, "{won} of 40, {guided} to {blind}");
    }

    #[test]
    fn proposals_end_where_every_set_was_tried() {
        let space = space(&[3, 3]);
        let mut untried = Untried::new(&space, 5);
        let mut parzen = Parzen::new([(3, true), (3, false)], 5).unwrap();
        let mut tried = HashSet::new();
        while let Some(place) = parzen.propose(&mut untried) {
            parzen.tell(&place, f64::from(place[0]));
            assert!(tried.insert(place));
        }
        assert_eq!(tried.len(), 9);
    }
}
