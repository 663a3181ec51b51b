//! `optimize.cross_validate`: combinatorial purged cross-validation, M. López de Prado, "Advances in Financial Machine
//! Learning", Wiley 2018, chapters 7 and 12.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;

use super::{
    judge::Tried,
    question::{Asked, question},
    search::{Found, How, Plan, returns},
    searches::{Overfit, budget},
    walk_forward::nothing,
};
use crate::{
    market::{
        BarSeries,
        metrics::{self, Basis, Sums, edges, performance, value_of},
    },
    slice::{Cancel, Fault, FaultKind, Limited, Pure},
    value::{BarCount, DateRange, Value},
};

/// How many splits there are at most.
const MOST_SPLITS: usize = 10_000;

question! {
    by sharpe
    /// Cuts the bars into groups, and for every way to hold some of them back chooses parameters by the Sharpe ratio on the
    /// others and measures them on those held back. What was held back joins into paths, each of which goes over all bars
    /// once, none of its bars measured by a choice that saw them: how their results are spread says what one history
    /// cannot. Groups that choose may lie behind those that are measured, which is no forecast but a test of the method.
    CrossValidate {
        /// Into how many groups the bars are cut.
        #[serde(default = "groups")]
        #[schemars(extend("x-within" = "in 3..20"))]
        groups: usize,
        /// How many of them are held back at a time.
        #[serde(default = "held")]
        #[schemars(extend("x-within" = "in 1..10"))]
        held: usize,
        /// How many bars before a group that is held back do not choose: those whose trades would reach into it.
        #[serde(default = "nothing")]
        #[schemars(extend("x-within" = "in 0 bars.."))]
        purge: BarCount,
        /// How many bars behind a group that is held back do not choose: those whose indicators still see it.
        #[serde(default = "nothing")]
        #[schemars(extend("x-within" = "in 0 bars.."))]
        embargo: BarCount,
        /// How the sets that are tried are found; `bayes` would have to learn from bars that are held back.
        #[serde(default)]
        search: Draw,
        /// How many sets are tried at most; a grid tries all.
        #[serde(default = "budget")]
        #[schemars(extend("x-within" = "in 1..1000000"))]
        budget: usize,
        /// From what the draws follow.
        #[serde(default)]
        seed: i64,
    }
}

/// How the sets that are tried are found, without learning from what they come to.
#[derive(Clone, Copy, Debug, Default, Serialize, serde::Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Draw {
    /// All of them.
    #[default]
    Grid,
    /// At random, none twice.
    Random,
}

/// What the paths of a cross-validation came to.
#[derive(Serialize, JsonSchema)]
pub(super) struct CrossValidated {
    /// How many sets were tried on all bars.
    trials: usize,
    /// The first and the last day of each group.
    groups: Vec<DateRange>,
    /// Every way to hold groups back.
    splits: Vec<Split>,
    /// Every path over all groups.
    paths: Vec<Path>,
    /// The mean of the paths' Sharpe ratios.
    mean_sharpe: f64,
    /// Their standard deviation (ddof 1); none of one path.
    sharpe_deviation: Option<f64>,
    /// The least of them.
    worst_sharpe: f64,
    /// The share of the paths that lost, from 0 to 1.
    losing_paths: f64,
    /// The mean of the Sharpe ratios with which the parameters were chosen.
    in_sample: f64,
    /// How likely a choice is to be overfitted, by the same groups; none where there are too few sets to say.
    overfitting: Option<Overfit>,
}

/// What was chosen where some groups were held back.
#[derive(Serialize, JsonSchema)]
struct Split {
    /// Which groups were held back, from 0.
    held: Vec<usize>,
    /// What was chosen on the others.
    #[schemars(with = "serde_json::Value")]
    params: Value,
    /// Its Sharpe ratio on the others, a year.
    in_sample: f64,
    /// Its Sharpe ratio on what was held back, a year.
    out_of_sample: f64,
}

/// What was held back, joined over all groups.
#[derive(Serialize, JsonSchema)]
struct Path {
    /// The Sharpe ratio, a year; none where the returns do not vary.
    sharpe: Option<f64>,
    /// The return of the whole path.
    total_return: Option<f64>,
    /// Compound growth a year.
    cagr: Option<f64>,
    /// The furthest that the joined equity fell: a negative share.
    max_drawdown: Option<f64>,
}

fn groups() -> usize {
    10
}

fn held() -> usize {
    2
}

/// The parts of the returns: of each group what follows another one, its middle, and what comes before another one.
struct Cut {
    /// Where each group begins, and where the last one ends.
    groups: Vec<usize>,
    /// Where each part begins: three of each group.
    parts: Vec<usize>,
}

impl Cut {
    fn new(bars: &BarSeries, input: &CrossValidate) -> Result<Self, Fault> {
        let count = returns(bars);
        let groups = edges(count, input.groups);
        let least = count / input.groups;
        let of = |it: BarCount| usize::try_from(it.0).unwrap_or(usize::MAX);
        let (purge, embargo) = (of(input.purge), of(input.embargo));
        if least < purge.saturating_add(embargo).saturating_add(2) {
            return Err(Fault::input(format_args!(
                "`{}` has {count} bars to measure, {least} in each of {} groups: too few to leave out {purge} before and \
                 {embargo} behind another and have two left; take fewer groups or load a longer period",
                bars.symbol, input.groups
            )));
        }
        let own = |ends: &[usize]| match ends {
            [from, to] => vec![*from, from + embargo, to - purge],
            _ => Vec::new(),
        };
        let parts = groups.windows(2).flat_map(own).chain([count]).collect();
        Ok(Self { groups, parts })
    }

    /// Says which parts choose where these groups are held back.
    fn choosing(&self, held: &[usize]) -> Vec<bool> {
        let of = |group: usize| {
            let is_held = |it: Option<usize>| it.is_some_and(|it| held.contains(&it));
            let own = !is_held(Some(group));
            [own && !is_held(group.checked_sub(1)), own, own && !is_held(group.checked_add(1))]
        };
        (0..self.groups.len() - 1).flat_map(of).collect()
    }

    /// Returns the days of each group; a return belongs to the bar that it ends with.
    fn days(&self, bars: &BarSeries) -> Vec<DateRange> {
        let day = |it: usize| bars.date(bars.warmup + 1 + it);
        let range = |ends: &[usize]| match ends {
            [from, to] => Some(DateRange { start: day(*from)?, end: day(to.checked_sub(1)?)? }),
            _ => None,
        };
        self.groups.windows(2).filter_map(range).collect()
    }
}

pub(super) fn cross_validate(
    (pure, limits): (Pure, Limited),
    mut input: CrossValidate,
) -> Result<CrossValidated, Fault> {
    let asked = Asked::new(input.question(), limits)?;
    let bars = asked.question.bars.clone();
    if input.held >= input.groups {
        let (held, groups) = (input.held, input.groups);
        return Err(Fault::input(format_args!(
            "{held} of {groups} groups held back leave none to choose on: hold fewer"
        )));
    }
    let ways = ways(input.groups, input.held);
    let ways = ways.ok_or_else(|| {
        let (held, groups) = (input.held, input.groups);
        Fault::input(format_args!(
            "there are more than {MOST_SPLITS} ways to hold {held} of {groups} groups back: take fewer groups"
        ))
    })?;
    let cut = Cut::new(&bars, &input)?;
    let how = if let Draw::Random = input.search { How::Random } else { How::Grid };
    let plan = Plan { how, budget: input.budget, patience: None, seed: input.seed.cast_unsigned() };
    let found = asked.search_by(&bars, &plan, Some(&cut.parts), &pure.cancel)?;
    let basis = Basis::of(bars.timeframe);
    let year = basis.periods.sqrt();
    let mut splits = Vec::with_capacity(ways.len());
    let mut chosen = Vec::with_capacity(ways.len());
    for held in ways {
        if pure.cancel.is_cancelled() {
            return Err(stopped());
        }
        let choosing = cut.choosing(&held);
        let measured: Vec<bool> = (0..input.groups).flat_map(|it| [held.contains(&it); 3]).collect();
        let sharpe = |it: &Tried, of: &[bool]| of_parts(&found, it, of);
        let tried = found.tried.iter().enumerate().filter(|it| it.1.1.ran);
        let best = tried
            .map(|(at, it)| (sharpe(&it.1, &choosing), at))
            .reduce(|best, it| if it.0 > best.0 { it } else { best });
        let (in_sample, at) = best.ok_or_else(|| Fault::permanent("no set was tried"))?;
        let (place, tried) = found.tried.get(at).ok_or_else(|| Fault::permanent("no set was tried"))?;
        let out_of_sample = sharpe(tried, &measured) * year;
        let params = asked.space.params(place);
        splits.push(Split { held, params, in_sample: in_sample * year, out_of_sample });
        chosen.push(at);
    }
    let own = own_returns(&asked, &found, &chosen, &pure.cancel)?;
    let paths = paths(&cut, &splits, &chosen, &own, &basis);
    let sharpes: Vec<f64> = paths.iter().map(|it| it.sharpe.unwrap_or(0.0)).collect();
    let mean = sharpes.iter().sum::<f64>() / sharpes.len() as f64;
    let squares: f64 = sharpes.iter().map(|it| (it - mean).powi(2)).sum();
    let counts: Vec<usize> =
        cut.groups.windows(2).map(|it| it.last().unwrap_or(&0) - it.first().unwrap_or(&0)).collect();
    let by_group =
        |it: &Tried| it.sums.chunks(3).map(|it| it.iter().fold(Sums::default(), |all, it| all.and(*it))).collect();
    let sums: Vec<Vec<Sums>> = found.ran().map(by_group).collect();
    Ok(CrossValidated {
        trials: found.trials(),
        groups: cut.days(&bars),
        mean_sharpe: mean,
        sharpe_deviation: (sharpes.len() > 1).then(|| (squares / (sharpes.len() as f64 - 1.0)).sqrt()),
        worst_sharpe: sharpes.iter().copied().fold(f64::INFINITY, f64::min),
        losing_paths: paths.iter().filter(|it| it.total_return.is_some_and(|it| it < 0.0)).count() as f64
            / paths.len() as f64,
        in_sample: splits.iter().map(|it| it.in_sample).sum::<f64>() / splits.len() as f64,
        overfitting: metrics::overfitting(&sums, &counts).map(Overfit::from),
        splits,
        paths,
    })
}

fn stopped() -> Fault {
    Fault::new(FaultKind::Cancelled, "the cross-validation was no longer wanted")
}

/// Returns every way to take so many of so many groups, none where there are too many ways.
fn ways(groups: usize, held: usize) -> Option<Vec<Vec<usize>>> {
    let mut all: Vec<Vec<usize>> = vec![Vec::new()];
    for taken in 0..held {
        let further = |way: &Vec<usize>| -> Vec<Vec<usize>> {
            let from = way.last().map_or(0, |it| it + 1);
            let until = groups + taken + 1 - held;
            (from..until).map(|it| way.iter().copied().chain([it]).collect()).collect()
        };
        all = all.iter().flat_map(further).take(MOST_SPLITS + 1).collect();
    }
    (all.len() <= MOST_SPLITS).then_some(all)
}

/// Returns the Sharpe ratio, a bar, of a trial over some parts of the bars.
fn of_parts(found: &Found, tried: &Tried, of: &[bool]) -> f64 {
    let parts = tried.sums.iter().zip(&found.counts).zip(of).filter(|it| *it.1);
    let (mut sums, mut count) = (Sums::default(), 0);
    for ((own, length), _) in parts {
        sums = sums.and(*own);
        count += length;
    }
    sums.sharpe(count as f64)
}

/// Returns the return of every bar for each set that was chosen.
fn own_returns(
    asked: &Asked,
    found: &Found,
    chosen: &[usize],
    cancel: &Cancel,
) -> Result<BTreeMap<usize, Vec<f64>>, Fault> {
    let count: usize = found.counts.iter().sum();
    let mut own = BTreeMap::new();
    for at in chosen {
        if own.contains_key(at) {
            continue;
        }
        if cancel.is_cancelled() {
            return Err(stopped());
        }
        let Some((place, _)) = found.tried.get(*at) else { continue };
        let returns = asked.execute(asked.question.bars.clone(), &asked.space.params(place))?.returns();
        own.insert(*at, returns.get(returns.len().saturating_sub(count)..).unwrap_or_default().to_vec());
    }
    Ok(own)
}

/// Joins what was held back: the nth path takes of each group the nth split that holds it back.
fn paths(cut: &Cut, splits: &[Split], chosen: &[usize], own: &BTreeMap<usize, Vec<f64>>, basis: &Basis) -> Vec<Path> {
    let groups = cut.groups.len() - 1;
    let holding = |group: usize| -> Vec<usize> {
        splits.iter().zip(chosen).filter(|it| it.0.held.contains(&group)).map(|it| *it.1).collect()
    };
    let by_group: Vec<Vec<usize>> = (0..groups).map(holding).collect();
    let count = by_group.first().map_or(0, Vec::len);
    let path = |path: usize| {
        let mut curve = vec![1.0];
        for (ends, chosen) in cut.groups.windows(2).zip(&by_group) {
            let returns = chosen.get(path).and_then(|it| own.get(it));
            let [from, to] = ends else { continue };
            for it in returns.and_then(|it| it.get(*from..*to)).unwrap_or_default() {
                curve.push(curve.last().copied().unwrap_or(1.0) * (1.0 + it));
            }
        }
        let measured = performance(&curve, basis);
        let metric = |name| value_of(&measured, name);
        Path {
            sharpe: metric("sharpe"),
            total_return: metric("total_return"),
            cagr: metric("cagr"),
            max_drawdown: metric("max_drawdown"),
        }
    };
    (0..count).map(path).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may fail loudly")]

    use super::*;

    #[test]
    fn there_are_as_many_ways_as_the_formula_says() {
        // n! / (k! (n − k)!) ways, and k / n of them paths.
        for (groups, held, wanted, paths) in
            [(6, 2, 15, 5), (10, 2, 45, 9), (10, 5, 252, 126), (5, 1, 5, 1), (16, 4, 1_820, 455)]
        {
            let all = ways(groups, held).unwrap();
            assert_eq!(all.len(), wanted);
            assert!((0..groups).all(|group| all.iter().filter(|it| it.contains(&group)).count() == paths));
            assert!(all.iter().all(|it| it.len() == held && it.windows(2).all(|it| it[0] < it[1])));
        }
        assert_eq!(ways(20, 10), None);
    }

    #[test]
    fn nothing_next_to_what_is_held_back_chooses() {
        let cut = Cut { groups: vec![0, 10, 20, 30, 40], parts: vec![0, 3, 8, 10, 13, 18, 20, 23, 28, 30, 33, 38, 40] };
        let choosing = cut.choosing(&[1]);
        // Of the group before, the end is purged; of the group behind, the start is under embargo.
        assert_eq!(choosing, [true, true, false, false, false, false, false, true, true, true, true, true]);
        assert_eq!(cut.choosing(&[0, 3])[3..9], [false, true, true, true, true, false]);
    }
}
