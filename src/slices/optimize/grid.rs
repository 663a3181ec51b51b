//! `optimize.grid`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::select::{best, measured};
use crate::{
    market::{
        Assumptions, BacktestReport, Bars, Costs, FillAt, Objective, Script, Setup, Signals, report, run_signals,
    },
    slice::{Fault, Limited},
    slices::backtest::{Decider, Execute, Terms, execute},
    strategy::{Axis, Strategy},
    value::{Mismatch, Money, Name, Percent, Quantity, Value},
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
    /// Among how many sets they were chosen: what is chosen from many is worth less.
    trials: usize,
    /// Every set, in the order in which they were given.
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
    /// Why the set could not be tried, where it could not.
    problem: Option<String>,
}

/// Tries a strategy with each set of parameters on the same bars, and returns the one with the best objective; of equal
/// ones the first. What several sets have in common is computed once, and sets are tried side by side on all processors;
/// each comes to exactly what `backtest.execute` gives for it.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Grid {
    /// The strategy; its parameters that do not vary stay as they are.
    strategy: Strategy,
    /// The bars to try it on.
    bars: Bars,
    /// The sets of parameters, as `grid(fast: 5..50 by 5, slow: 20..200 by 20)` gives them.
    #[schemars(with = "Vec<serde_json::Value>")]
    sets: Vec<Value>,
    /// Which metric of a report decides.
    #[serde(default)]
    objective: Objective,
    /// The cash at the first bar.
    #[schemars(extend("x-within" = "above 0"))]
    capital: Money,
    /// What trading costs; nothing where it is not said.
    costs: Option<Costs>,
    /// The smallest quantity that is traded: `1 share` where it is not said.
    #[schemars(extend("x-within" = "above 0"))]
    lot: Option<Quantity>,
    /// The share of a bar's volume that an order may take; what is more does not fill in that bar.
    #[schemars(extend("x-within" = "above 0%..100%"))]
    participation: Option<Percent>,
}

pub(super) fn grid(limits: Limited, input: Grid) -> Result<Searched, Fault> {
    let Grid { strategy, bars, sets, objective, capital, costs, lot, participation } = input;
    let family = strategy.rules.family().ok_or_else(|| Fault::input("the parameters of this strategy cannot vary"))?;
    let (axes, places) = axes(&sets)?;
    let terms = Terms { capital, costs, limits: limits.0.clone(), lot, participation, margin: None };
    // What became of each order is asked of the one that is chosen alone.
    let setup = Setup { keeps_orders: false, ..terms.setup()? };
    let made = Assumptions {
        label: strategy.label(),
        bars: vec![&*bars],
        currency: capital.currency,
        costs,
        fill: FillAt::default(),
        size: String::new(),
        others: Vec::new(),
    };
    let start = bars.warmup;
    let try_one = |signals: &Signals| {
        let script = Script { signals: std::slice::from_ref(signals), turns: &[(0, 0)], shares: None, start };
        let outcome = run_signals(&bars, &script, &setup).map_err(|it| it.to_string())?;
        let report: BacktestReport = report(&outcome, &made).into();
        Ok((measured(&report, objective.name()), measured(&report, "total_return"), report.trades.len()))
    };
    let judge = |_: usize, signals: Result<&Signals, &Mismatch>| -> Result<_, String> {
        try_one(signals.map_err(ToString::to_string)?)
    };
    let tried = family.sweep(&bars, &strategy.params, &axes, &places, &judge)?;
    let row = |(params, tried): (Value, Result<_, String>)| match tried {
        Ok((objective, total_return, trades)) => Row { params, objective, total_return, trades, problem: None },
        Err(why) => Row { params, objective: None, total_return: None, trades: 0, problem: Some(why) },
    };
    let table: Vec<Row> = sets.into_iter().zip(tried).map(row).collect();
    let found = best(objective, table.iter().map(|it| (it.objective, it)));
    let (value, row) = found.ok_or_else(|| {
        let problem = table.iter().find_map(|it| it.problem.as_deref()).map_or(String::new(), |it| format!(": {it}"));
        let (name, count) = (objective.name(), table.len());
        Fault::input(format_args!("`{name}` is undefined for all of {count} sets, so none can be chosen{problem}"))
    })?;
    let params = row.params.clone();
    let chosen = family.with(&strategy.params, &params).map_err(Fault::input)?;
    let strategy = Decider::Strategy(chosen);
    let input = Execute { bars, strategy, sizing: None, capital, costs, lot, participation, margin: None };
    Ok(Searched { report: execute(limits, input)?, params, objective: value, trials: table.len(), table })
}

/// Returns the parameters that sets name, each with the values that it takes in them, and where on these each set is.
fn axes(sets: &[Value]) -> Result<(Vec<Axis>, Vec<Vec<u32>>), Fault> {
    let Some(Value::Record(first)) = sets.first() else {
        return Err(Fault::input(
            "`sets` holds no set of parameters: say which to try, as in `grid(fast: 5..50 by 5)`",
        ));
    };
    let mut axes: Vec<Axis> = first.iter().map(|(name, _)| Axis { name: name.clone(), values: Vec::new() }).collect();
    let mut places = Vec::with_capacity(sets.len());
    for set in sets {
        let fields = if let Value::Record(it) = set { &**it } else { &[] };
        let value = |name: &Name| fields.iter().find(|it| it.0 == *name).map(|it| &it.1);
        let mut place = Vec::with_capacity(axes.len());
        for axis in &mut axes {
            let Some(value) = value(&axis.name) else { break };
            let at = axis.values.iter().position(|it| it == value).unwrap_or_else(|| {
                axis.values.push(value.clone());
                axis.values.len() - 1
            });
            place.push(u32::try_from(at).unwrap_or(u32::MAX));
        }
        if place.len() != axes.len() || fields.len() != axes.len() {
            let names: Vec<_> = axes.iter().map(|it| &*it.name).collect();
            let names = names.join(", ");
            return Err(Fault::input(format_args!(
                "every set must have the parameters of the first ({names}), not {set}"
            )));
        }
        places.push(place);
    }
    Ok((axes, places))
}
