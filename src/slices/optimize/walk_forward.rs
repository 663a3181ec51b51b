//! `optimize.walk_forward`.

use super::{
    question::{Asked, question},
    search::{How, Plan},
    searches::budget,
    summarize::{Fold, OptimizationReport, Windows, joined},
};
use crate::{
    expr::folds,
    market::BarSeries,
    slice::{Fault, Limited, Pure},
    union,
    value::{BarCount, DateRange, Duration, Period, Shared, Value},
};

union! {
    /// A length of time: calendar months, or days.
    pub(super) enum Length { Period(Period), Duration(Duration) }
}

impl From<&Length> for Value {
    fn from(it: &Length) -> Self {
        match it {
            Length::Period(it) => (*it).into(),
            Length::Duration(it) => (*it).into(),
        }
    }
}

question! {
    /// Chooses parameters on a window of the bars and measures them on the next, again and again, and returns what the
    /// measured windows came to together. Neither a choice nor a measurement sees bars that come later; the bars before a
    /// window warm up its indicators. Behind a window in which no set can be chosen nothing is traded.
    WalkForward {
        /// How long a window is that chooses, as in `24mo`.
        #[schemars(extend("x-within" = "above 0"))]
        train: Length,
        /// How long a window is that measures; the next ones follow at this distance.
        #[schemars(extend("x-within" = "above 0"))]
        test: Length,
        /// How long the time between the two is, which neither sees.
        #[schemars(extend("x-within" = "in 0.."))]
        embargo: Length,
        /// Whether all windows that choose begin at the first bar, and so grow; else they go along.
        #[serde(default)]
        anchored: bool,
        /// How many bars are left out at the end of a window that chooses: those whose trades would reach behind it.
        #[serde(default = "nothing")]
        #[schemars(extend("x-within" = "in 0 bars.."))]
        purge: BarCount,
        /// How the sets that are tried are found.
        #[serde(default)]
        search: How,
        /// How many sets are tried in a window at most; a grid tries all.
        #[serde(default = "budget")]
        #[schemars(extend("x-within" = "in 1..1000000"))]
        budget: usize,
        /// After how many sets that brought nothing better the search in a window stops; never where it is not said.
        #[schemars(extend("x-within" = "in 1.."))]
        patience: Option<usize>,
        /// From what draws follow.
        #[serde(default)]
        seed: i64,
    }
}

/// How many bars are purged where nobody says.
pub(super) fn nothing() -> BarCount {
    BarCount(0)
}

pub(super) fn walk_forward(
    (pure, limits): (Pure, Limited),
    mut input: WalkForward,
) -> Result<Shared<OptimizationReport>, Fault> {
    let asked = Asked::new(input.question(), limits)?;
    let bars = asked.question.bars.clone();
    let windows = windows(&bars, &input)?;
    let warmup = asked.lookback(&bars);
    let mut found = Vec::with_capacity(windows.len());
    let mut none = None;
    for (at, (train, test)) in (0..).zip(windows) {
        let within = |it: Fault| {
            Fault::new(it.kind, format!("in the fold that chooses on {train} and measures on {test}: {}", it.message))
        };
        let on = purged(&bars, train, warmup, input.purge).map_err(within)?;
        // Each fold draws anew, and the same however many follow; a seed's folds are not those of the next seed.
        let seed = input.seed.cast_unsigned().wrapping_add(u64::wrapping_mul(at, 0x9e37_79b9_7f4a_7c15));
        let plan = Plan { how: input.search, budget: input.budget, patience: input.patience, seed };
        let chosen = asked.search(&on, &plan, &pure.cancel).map_err(within)?;
        let held = bars.between(test, warmup).map_err(|it| within(Fault::input(it)))?.into();
        let (params, report) = match &chosen.chosen {
            Ok(_) => {
                let params = asked.space.params(chosen.place());
                (params.clone(), asked.execute(held, &params))
            }
            Err(why) => {
                none.get_or_insert_with(|| within(why.clone()));
                (Value::None, asked.idle(&held))
            }
        };
        found.push(Fold {
            fold: Windows { train, test },
            report: report.map_err(within)?,
            params,
            trials: chosen.trials(),
            in_sample: chosen.chosen.as_ref().ok().map(|it| it.1),
            overfitting: chosen.overfitting().map(|it| it.probability),
        });
    }
    match none {
        Some(why) if found.iter().all(|it| it.params.is_none()) => Err(why),
        _ => joined(found, asked.question.objective, Some(input.search)),
    }
}

/// Returns the windows of every fold.
fn windows(bars: &BarSeries, input: &WalkForward) -> Result<Vec<(DateRange, DateRange)>, Fault> {
    let first = bars.date(bars.warmup).zip(bars.period());
    let (start, end) = first.map(|(start, it)| (start, it.end)).ok_or_else(|| {
        Fault::input(format_args!("there are no bars of `{}` to walk over: they only warm up", bars.symbol))
    })?;
    let [train, test, embargo] = [&input.train, &input.test, &input.embargo].map(Value::from);
    let windows = folds(DateRange { start, end }, &train, &test, &embargo, input.anchored)?;
    if windows.is_empty() {
        let (symbol, count) = (&bars.symbol, bars.len() - bars.warmup);
        return Err(Fault::input(format_args!(
            "`{symbol}` has {count} bars, of {start} to {end}: too few for one fold, which takes {train} to choose, {embargo} \
             between and {test} to measure; load a longer period or take shorter windows"
        )));
    }
    Ok(windows)
}

/// Returns the bars of a window that chooses, with those before it that warm up and without those at its end that are
/// purged.
fn purged(bars: &BarSeries, train: DateRange, warmup: usize, purge: BarCount) -> Result<BarSeries, Fault> {
    let whole = bars.between(train, warmup).map_err(Fault::input)?;
    let purge = usize::try_from(purge.0).unwrap_or(usize::MAX);
    let count = whole.len() - whole.warmup;
    if purge >= count {
        return Err(Fault::input(format_args!(
            "`purge` leaves out {purge} bars of the {count} to choose on, so none is left: purge fewer, or train longer"
        )));
    }
    Ok(if purge == 0 { whole } else { whole.first(whole.len() - purge) })
}
