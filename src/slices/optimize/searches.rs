//! `optimize.grid`, `optimize.random` and `optimize.bayes`.

use schemars::JsonSchema;
use serde::Serialize;

use super::{
    deflated::deflated,
    question::{Asked, Question, question},
    search::{How, Neighbours, Plan},
};
use crate::{
    market::{BacktestReport, Objective, metrics},
    slice::{Fault, Limited, Pure},
    value::Value,
};

/// The set of parameters that was chosen, and what every set came to.
#[derive(Serialize, JsonSchema)]
pub(super) struct Searched {
    /// The parameters that were chosen.
    #[schemars(with = "serde_json::Value")]
    params: Value,
    /// What they came to.
    report: BacktestReport,
    /// Their objective.
    objective: f64,
    /// Which metric decided.
    metric: Objective,
    /// Among how many sets they were chosen: what is chosen from many is worth less.
    trials: usize,
    /// How many sets there were to try, with those that break a rule among their parameters.
    sets: u64,
    /// How the sets that were tried were found.
    search: How,
    /// Why no more were tried.
    stopped: String,
    /// The probability, from 0 to 1, that the true Sharpe ratio is above what the best of so many worthless trials would
    /// show (Bailey and López de Prado, 2014).
    deflated_sharpe: Option<f64>,
    /// The Sharpe ratio, a year, that the best of so many worthless trials would show.
    expected_max_sharpe: Option<f64>,
    /// How likely the choice is to be overfitted; none where there are too few sets or bars to say.
    overfitting: Option<Overfit>,
    /// Whether the chosen set stands alone: most of the sets next to it do no better than the median of all. None where
    /// fewer than two of those were tried.
    lone_peak: Option<bool>,
    /// Every set, in the order in which they were tried.
    table: Vec<Row>,
}

/// What a set of parameters came to.
#[derive(Serialize, JsonSchema)]
struct Row {
    /// The parameters.
    #[schemars(with = "serde_json::Value")]
    params: Value,
    /// The objective; none where it is undefined.
    objective: Option<f64>,
    /// Final equity over capital, less 1.
    total_return: Option<f64>,
    /// How many trades were closed.
    trades: usize,
    /// What the sets one step away on one axis came to.
    neighbours: Neighbours,
    /// Why the set could not be tried, or chosen, where it could not.
    problem: Option<String>,
}

/// How likely a choice is to be overfitted (Bailey, Borwein, López de Prado and Zhu, 2015): half of the bars choose the set
/// of the best Sharpe ratio, the other half says how it ranks among all; so for every way to take half of the bars.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(super) struct Overfit {
    /// The share of the ways in which what was best on the one half was at or below the median on the other, from 0 to 1.
    pub probability: f64,
    /// By how much the Sharpe ratio on the other half rises with that on the half that chose, by least squares. It is below
    /// 0 where one set is chosen throughout, since what one half of the bars earned the other did not.
    slope: Option<f64>,
    /// In what share of the ways what was best on the one half lost on the other, from 0 to 1.
    loss: f64,
    /// Into how many parts the bars were cut.
    parts: usize,
    /// How the logits of the ranks are spread: below 0 a choice was worse than the median.
    logits: Vec<Logits>,
}

/// How many logits are between two values.
#[derive(Clone, Debug, Serialize, JsonSchema)]
struct Logits {
    /// From where.
    from: f64,
    /// To where.
    to: f64,
    /// How many.
    count: usize,
}

/// Into how many stretches logits are counted.
const STRETCHES: usize = 16;

impl From<metrics::Overfitting> for Overfit {
    fn from(it: metrics::Overfitting) -> Self {
        let ends = it.logits.first().copied().zip(it.logits.last().copied());
        let (low, high) = ends.unwrap_or_default();
        let width = (high - low) / STRETCHES as f64;
        let below = |end: f64| it.logits.partition_point(|it| *it < end);
        let stretch = |at: usize| {
            let (from, to) = (low + width * at as f64, low + width * (at + 1) as f64);
            let end = if at + 1 == STRETCHES { it.logits.len() } else { below(to) };
            let count = end - below(from);
            // What is left of a sum that should be 0 tells nobody anything.
            let [from, to] = [from, to].map(|it| (it * 1e9).round() / 1e9);
            Logits { from, to, count }
        };
        let logits = if width > 0.0 {
            (0..STRETCHES).map(stretch).collect()
        } else {
            vec![Logits { from: low, to: high, count: it.logits.len() }]
        };
        Self { probability: it.probability, slope: it.slope, loss: it.loss, parts: it.parts, logits }
    }
}

question! {
    /// Tries a strategy with each set of parameters on the same bars, and returns the one with the best objective; of equal
    /// ones the first. What several sets have in common is computed once, and sets are tried side by side on all
    /// processors; each comes to exactly what `backtest.execute` gives for it.
    Grid {}
}

question! {
    /// Tries a strategy with sets of parameters that are drawn at random, none twice, and returns the one with the best
    /// objective. It finds about as much as a grid with far fewer trials where few of the parameters matter.
    Random {
        /// How many sets are tried at most.
        #[serde(default = "budget")]
        #[schemars(extend("x-within" = "in 1..1000000"))]
        budget: usize,
        /// After how many sets that brought nothing better the search stops; never where it is not said.
        #[schemars(extend("x-within" = "in 1.."))]
        patience: Option<usize>,
        /// From what the draws follow.
        #[serde(default)]
        seed: i64,
    }
}

question! {
    /// Tries a strategy with sets of parameters near those that did well so far, none twice, and returns the one with the
    /// best objective: the tree-structured Parzen estimator of Bergstra, Bardenet, Bengio and Kégl (2011), after ten sets
    /// that are drawn at random.
    Bayes {
        /// How many sets are tried at most.
        #[serde(default = "budget")]
        #[schemars(extend("x-within" = "in 1..5000"))]
        budget: usize,
        /// After how many sets that brought nothing better the search stops; never where it is not said.
        #[schemars(extend("x-within" = "in 1.."))]
        patience: Option<usize>,
        /// From what the draws follow.
        #[serde(default)]
        seed: i64,
    }
}

/// How many sets a search that does not try all of them tries, where nobody says.
pub(super) fn budget() -> usize {
    100
}

pub(super) fn grid(doors: (Pure, Limited), mut input: Grid) -> Result<Searched, Fault> {
    let plan = Plan { how: How::Grid, budget: usize::MAX, patience: None, seed: 0 };
    answer(doors, input.question(), &plan)
}

pub(super) fn random(doors: (Pure, Limited), mut input: Random) -> Result<Searched, Fault> {
    let Random { budget, patience, seed, .. } = input;
    answer(doors, input.question(), &Plan { how: How::Random, budget, patience, seed: seed.cast_unsigned() })
}

pub(super) fn bayes(doors: (Pure, Limited), mut input: Bayes) -> Result<Searched, Fault> {
    let Bayes { budget, patience, seed, .. } = input;
    answer(doors, input.question(), &Plan { how: How::Bayes, budget, patience, seed: seed.cast_unsigned() })
}

fn answer((pure, limits): (Pure, Limited), question: Question, plan: &Plan) -> Result<Searched, Fault> {
    let asked = Asked::new(question, limits)?;
    let Question { bars, objective, .. } = &asked.question;
    let found = asked.search(bars, plan, &pure.cancel)?;
    let (_, value) = found.chosen.clone()?;
    let params = asked.space.params(found.place());
    let report = asked.execute(bars.clone(), &params)?;
    let skill = deflated(&report.returns(), found.trials(), found.variance());
    let neighbours = found.neighbours(*objective);
    let rows = found.tried.iter().zip(neighbours).map(|((place, tried), neighbours)| Row {
        params: asked.space.params(place),
        objective: tried.objective,
        total_return: tried.total_return,
        trades: tried.trades,
        neighbours,
        problem: tried.problem.clone(),
    });
    Ok(Searched {
        objective: value,
        metric: *objective,
        trials: found.trials(),
        sets: asked.space.count().min(i64::MAX.unsigned_abs()),
        search: plan.how,
        deflated_sharpe: skill.map(|it| it.probability),
        expected_max_sharpe: skill.map(|it| it.benchmark * report.basis().periods.sqrt()),
        overfitting: found.overfitting().map(Overfit::from),
        lone_peak: found.is_lone_peak(*objective),
        table: rows.collect(),
        stopped: found.stopped,
        params,
        report,
    })
}
