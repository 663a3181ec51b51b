//! A search for parameters: which sets are tried, what they come to, and which of them is chosen.

use std::collections::HashMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    draw::{Parzen, Untried},
    judge::{Judge, Rule, Tried},
    select::best,
    space::{MOST, Place, Space, neighbours},
};
use crate::{
    market::{
        Assumptions, BarSeries, Costs, FillAt, Objective, Setup,
        metrics::{self, Overfitting, Sums},
    },
    slice::{Cancel, Fault},
    strategy::{Family, Strategy},
    value::{Money, compare},
};

/// How the sets that are tried are found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum How {
    /// All of them.
    #[default]
    Grid,
    /// At random, none twice.
    Random,
    /// Near those that did well: the tree-structured Parzen estimator.
    Bayes,
}

/// How long a search goes on.
#[derive(Clone, Copy, Debug)]
pub(super) struct Plan {
    pub how: How,
    /// How many sets are tried at most.
    pub budget: usize,
    /// After how many sets that brought nothing better it stops.
    pub patience: Option<usize>,
    pub seed: u64,
}

/// Among what and by what a search chooses.
pub(super) struct Search<'a> {
    pub strategy: &'a Strategy,
    pub family: &'a Family,
    pub space: &'a Space,
    pub objective: Objective,
    pub rules: &'a [Rule],
    pub setup: &'a Setup,
    pub capital: Money,
    pub costs: Option<Costs>,
    /// Where the parts of the returns begin for which sums are kept, and where the last ends; as many as there is room for
    /// where it is not said.
    pub edges: Option<&'a [usize]>,
}

/// What a search came to.
pub(super) struct Found {
    /// Every set that was looked at, and what it came to.
    pub tried: Vec<(Place, Tried)>,
    /// Which of them was chosen, with its objective; or why none can be.
    pub chosen: Result<(usize, f64), Fault>,
    /// Why no more were tried.
    pub stopped: String,
    /// How many returns each part of the bars has.
    pub counts: Vec<usize>,
}

/// How many sets are drawn at random before an estimator has something to learn from.
const FIRST: usize = 10;
/// How many sets an estimator proposes before it learns what they came to. It does not follow from the processors of a
/// machine, so that every machine finds the same.
const BATCH: usize = 4;
/// How many sets are tried at most before a search that may stop early looks whether it should.
const ROUND: usize = 32;

impl Search<'_> {
    /// Tries sets on bars and chooses the best of them.
    ///
    /// # Errors
    /// A space without end, or values that the parameters may not have.
    pub fn run(&self, bars: &BarSeries, plan: &Plan, cancel: &Cancel) -> Result<Found, Fault> {
        let count = self.space.count();
        if plan.how == How::Grid && count > MOST {
            return Err(Fault::input(format_args!(
                "there are {count} sets, more than the {MOST} that a grid tries: vary less, or search by `optimize.random` \
                 or `optimize.bayes`"
            )));
        }
        let returns = returns(bars);
        let most = usize::try_from(count).unwrap_or(usize::MAX);
        let most = if plan.how == How::Grid { most } else { most.min(plan.budget) };
        let by_room = || metrics::parts(most, returns).map_or(vec![0, returns], |it| metrics::edges(returns, it));
        let edges = self.edges.map_or_else(by_room, <[usize]>::to_vec);
        let made = Assumptions {
            label: String::new(),
            bars: vec![bars],
            currency: self.capital.currency,
            costs: self.costs,
            fill: FillAt::default(),
            size: String::new(),
            others: Vec::new(),
        };
        let judge =
            Judge { bars, setup: self.setup, made: &made, objective: self.objective, rules: self.rules, edges: &edges };
        let mut run = Run { search: self, judge, cancel, tried: Vec::new(), best: None, since: 0 };
        let stopped = run.go(plan)?;
        let Run { tried, .. } = run;
        let values = tried.iter().enumerate().map(|(at, (_, it))| (it.value(), at));
        let chosen = best(self.objective, values).map(|(objective, at)| (at, objective));
        let chosen = chosen.ok_or_else(|| self.none_of(&tried));
        let counts = edges.windows(2).map(|it| it.last().unwrap_or(&0) - it.first().unwrap_or(&0)).collect();
        Ok(Found { tried, chosen, stopped, counts })
    }

    /// Says why no set can be chosen.
    fn none_of(&self, tried: &[(Place, Tried)]) -> Fault {
        let (name, count) = (self.objective.name(), tried.len());
        let problem = tried.iter().find_map(|it| it.1.problem.as_deref());
        let problem = problem.map_or(String::new(), |it| format!(": {it}"));
        if tried.iter().any(|it| it.1.objective.is_some()) {
            return Fault::input(format_args!("none of {count} sets keeps the constraints{problem}"));
        }
        Fault::input(format_args!("`{name}` is undefined for all of {count} sets, so none can be chosen{problem}"))
    }
}

/// Returns how many returns the bars have that are traded.
pub(super) fn returns(bars: &BarSeries) -> usize {
    bars.len().saturating_sub(bars.warmup + 1)
}

/// A search under way.
struct Run<'a> {
    search: &'a Search<'a>,
    judge: Judge<'a>,
    cancel: &'a Cancel,
    tried: Vec<(Place, Tried)>,
    best: Option<f64>,
    /// How many sets in a row have brought nothing better.
    since: usize,
}

impl Run<'_> {
    /// Tries sets until the plan ends; says why it did.
    fn go(&mut self, plan: &Plan) -> Result<String, Fault> {
        let space = self.search.space;
        let all = || Ok("every set was tried".to_owned());
        if plan.how == How::Grid {
            self.attempt((0..space.count()).map(|it| space.place(it)).collect())?;
            return all();
        }
        let mut untried = Untried::new(space, plan.seed);
        let ordered =
            |it: &crate::strategy::Axis| it.values.windows(2).all(|it| matches!(it, [a, b] if compare(a, b).is_some()));
        let axes = space.axes.iter().map(|it| (it.values.len(), ordered(it)));
        let mut parzen = Parzen::new(axes, !plan.seed).filter(|_| plan.how == How::Bayes);
        loop {
            let left = plan.budget.saturating_sub(self.tried.len());
            if left == 0 {
                return Ok(format!("the budget of {} sets was used up", plan.budget));
            }
            if self.best.is_some() && plan.patience.is_some_and(|it| self.since >= it) {
                return Ok(format!("{} sets in a row brought nothing better", self.since));
            }
            let first = self.tried.len() < FIRST;
            let wanted = match (&parzen, plan.patience) {
                (Some(_), _) if first => FIRST - self.tried.len(),
                (Some(_), _) => BATCH,
                (None, Some(patience)) => patience.min(ROUND),
                (None, None) => left,
            };
            let mut places = Vec::new();
            for _ in 0..wanted.min(left) {
                let place = match &mut parzen {
                    Some(parzen) if !first => parzen.propose(&mut untried),
                    _ => untried.next(),
                };
                places.extend(place);
            }
            if places.is_empty() {
                return all();
            }
            let from = self.tried.len();
            self.attempt(places)?;
            let Some(parzen) = &mut parzen else { continue };
            for (place, tried) in self.tried.iter().skip(from) {
                let loss = |it: f64| if self.search.objective.wants_less() { it } else { -it };
                parzen.tell(place, tried.value().map_or(f64::INFINITY, loss));
            }
        }
    }

    /// Tries these sets; those that break a rule among their parameters are only noted.
    fn attempt(&mut self, places: Vec<Place>) -> Result<(), Fault> {
        let Search { strategy, family, space, objective, .. } = self.search;
        let broken: Vec<Option<String>> = places.iter().map(|it| space.broken(it)).collect();
        let legal: Vec<Place> = places.iter().zip(&broken).filter(|it| it.1.is_none()).map(|it| it.0.clone()).collect();
        let judge = &self.judge;
        let tried = family.sweep(judge.bars, &strategy.params, &space.axes, &legal, self.cancel, &|_, signals| {
            signals.map_or_else(|why| Tried::refused(why.to_string()), |it| judge.judge(it))
        })?;
        let mut tried = tried.into_iter();
        for (place, broken) in places.into_iter().zip(broken) {
            let it = broken.map(Tried::refused).or_else(|| tried.next());
            let Some(it) = it else { continue };
            let better = |value: f64, than: f64| if objective.wants_less() { value < than } else { value > than };
            match it.value() {
                Some(value) if self.best.is_none_or(|best| better(value, best)) => {
                    (self.best, self.since) = (Some(value), 0);
                }
                _ => self.since += 1,
            }
            self.tried.push((place, it));
        }
        Ok(())
    }
}

impl Found {
    /// Returns how many sets were tried: those that make no strategy, or break a rule, were not.
    pub fn trials(&self) -> usize {
        self.ran().count()
    }

    /// Returns what was tried.
    pub fn ran(&self) -> impl Iterator<Item = &Tried> {
        self.tried.iter().map(|it| &it.1).filter(|it| it.ran)
    }

    /// Returns the place of the set that was chosen.
    pub fn place(&self) -> &[u32] {
        let chosen = self.chosen.as_ref().ok().and_then(|it| self.tried.get(it.0));
        chosen.map_or(&[], |it| &it.0)
    }

    /// Returns how likely the choice is to be overfitted, where there are sets and bars enough to say.
    pub fn overfitting(&self) -> Option<Overfitting> {
        let sums: Vec<Vec<Sums>> = self.ran().map(|it| it.sums.clone()).collect();
        metrics::overfitting(&sums, &self.counts)
    }

    /// Returns the variance of the Sharpe ratios, a bar, of all trials; none of a single one.
    pub fn variance(&self) -> Option<f64> {
        let count = self.counts.iter().sum::<usize>() as f64;
        let whole = |it: &Tried| it.sums.iter().fold(Sums::default(), |all, it| all.and(*it)).sharpe(count);
        let sharpes: Vec<f64> = self.ran().map(whole).collect();
        let mean = sharpes.iter().sum::<f64>() / sharpes.len() as f64;
        let squares: f64 = sharpes.iter().map(|it| (it - mean).powi(2)).sum();
        (sharpes.len() > 1).then(|| squares / (sharpes.len() as f64 - 1.0))
    }

    /// Returns what the neighbours of each set came to, in the order of the sets.
    pub fn neighbours(&self, objective: Objective) -> Vec<Neighbours> {
        let values: HashMap<&[u32], f64> =
            self.tried.iter().filter_map(|(place, it)| Some((&**place, it.objective?))).collect();
        let of = |place: &Place| {
            let near = neighbours(place).filter_map(|it| values.get(&*it).copied());
            let near: Vec<f64> = near.collect();
            let worse = if objective.wants_less() { f64::max } else { f64::min };
            Neighbours {
                count: near.len(),
                mean: (!near.is_empty()).then(|| near.iter().sum::<f64>() / near.len() as f64),
                worst: near.iter().copied().reduce(worse),
            }
        };
        self.tried.iter().map(|it| of(&it.0)).collect()
    }

    /// Says whether the set that was chosen stands alone: most of its neighbours do no better than the median of all. None
    /// where fewer than two neighbours were tried.
    pub fn is_lone_peak(&self, objective: Objective) -> Option<bool> {
        let mut values: Vec<f64> = self.tried.iter().filter_map(|it| it.1.objective).collect();
        values.sort_unstable_by(f64::total_cmp);
        let median = values.get(values.len() / 2)?;
        let of = |place: &Place| self.tried.iter().find(|it| it.0 == *place).and_then(|it| it.1.objective);
        let near: Vec<f64> = neighbours(self.place()).filter_map(|it| of(&it)).collect();
        let beats = |it: &&f64| if objective.wants_less() { *it < median } else { *it > median };
        (near.len() > 1).then(|| near.iter().filter(beats).count() * 2 < near.len())
    }
}

/// What the sets one step away on one axis came to.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, JsonSchema)]
pub(super) struct Neighbours {
    /// How many of them were tried and have an objective.
    pub count: usize,
    /// The mean of their objectives.
    pub mean: Option<f64>,
    /// The worst of them.
    pub worst: Option<f64>,
}
