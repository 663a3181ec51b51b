//! How much of a result hangs on what bars do not say.

use rust_decimal::prelude::ToPrimitive as _;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    execute::{Decider, Play},
    terms::Terms,
};
use crate::{
    market::{Assumptions, Bars, Costs, FillAt, Numbers, Setup, Signals, Sizing, Target, report, run_signals},
    slice::{Fault, Limited},
    value::{Money, Percent, Quantity},
};

/// Replays a strategy as `execute` does, with its orders filled at the close that decides, at the next open and one bar
/// later, and with the stop or the target first where one bar holds both: what differs much hangs on the model of fills.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Sensitivity {
    /// The bars to trade on; those that only warm up indicators are not traded.
    bars: Bars,
    /// What decides.
    strategy: Decider,
    /// How much to hold, in the place of the strategy's own size.
    sizing: Option<Sizing>,
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
    /// The maintenance margin; 25% where it is not said.
    #[schemars(extend("x-within" = "in 0%..100%"))]
    margin: Option<Percent>,
}

/// The same backtest under each assumption.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct SensitivityTable {
    /// One row for each assumption.
    rows: Vec<SensitivityRow>,
    /// The highest total return of the rows less the lowest.
    spread: Option<f64>,
}

/// What a backtest came to under one assumption.
#[derive(Debug, Serialize, JsonSchema)]
struct SensitivityRow {
    /// When orders fill: `close`, `next_open` or `one_bar_later`.
    fill: &'static str,
    /// What is met first where a bar holds both: `stop` or `target`; only `stop` where no strategy has both.
    first: &'static str,
    /// How many trades were closed.
    trades: usize,
    /// Cash and positions at the last close.
    final_equity: Money,
    /// What equity grew by, as a share of the capital.
    total_return: Option<f64>,
    /// Mean over standard deviation of the returns, a year; none where it is undefined.
    sharpe: Option<f64>,
    /// The furthest that equity fell: a negative share.
    max_drawdown: Option<f64>,
}

pub(super) fn sensitivity(limits: Limited, input: Sensitivity) -> Result<SensitivityTable, Fault> {
    let bars = &*input.bars;
    let play = Play::new(&input.strategy, input.sizing.as_ref(), bars)?;
    let (capital, costs, margin) = (input.capital, input.costs, input.margin);
    let terms = Terms { capital, costs, limits: limits.0, lot: input.lot, participation: input.participation, margin };
    let setup = Setup { keeps_orders: false, ..terms.setup()? };
    let at = |fill: FillAt| -> Vec<Signals> { play.signals.iter().map(|it| filled(it, fill)).collect() };
    let fills = [
        ("close", at(FillAt::Close), 0),
        ("next_open", at(FillAt::NextOpen), 0),
        ("one_bar_later", at(FillAt::NextOpen).iter().map(later).collect(), 1),
    ];
    let both = |it: &Signals| it.orders.target.is_some() && (it.orders.stop.is_some() || it.orders.trail.is_some());
    let firsts = if play.signals.iter().any(both) { &["stop", "target"][..] } else { &["stop"] };
    let mut rows = Vec::new();
    for (fill, signals, delay) in &fills {
        let turns: Vec<_> = play.turns.iter().map(|(bar, owner)| (bar + delay, *owner)).collect();
        let shares = play.shares.as_ref().map(|it| back(it, *delay));
        let mut script = play.script();
        (script.signals, script.turns, script.shares) = (signals, &turns, shares.as_deref());
        for first in firsts {
            let setup = Setup { target_first: *first == "target", ..setup.clone() };
            let outcome = run_signals(bars, &script, &setup).map_err(Fault::input)?;
            let made = Assumptions {
                label: play.label().into(),
                bars: vec![bars],
                currency: capital.currency,
                costs,
                fill: FillAt::NextOpen,
                size: String::new(),
                others: Vec::new(),
            };
            let report = report(&outcome, &made);
            let measured = |name: &str| report.measured(name).and_then(|it| it.value.ok()?.to_f64());
            rows.push(SensitivityRow {
                fill,
                first,
                trades: report.trades.len(),
                final_equity: report.final_equity,
                total_return: measured("total_return"),
                sharpe: measured("sharpe"),
                max_drawdown: measured("max_drawdown"),
            });
        }
    }
    let returns = || rows.iter().filter_map(|it| it.total_return);
    let spread = returns().reduce(f64::max).zip(returns().reduce(f64::min)).map(|(most, least)| most - least);
    Ok(SensitivityTable { rows, spread })
}

/// Returns signals whose orders fill at another time.
fn filled(signals: &Signals, fill: FillAt) -> Signals {
    let mut signals = signals.clone();
    signals.orders.fill = fill;
    signals
}

/// Returns a column one bar or none later.
fn back(column: &[f64], bars: usize) -> Vec<f64> {
    std::iter::repeat_n(f64::NAN, bars).chain(column.iter().copied()).take(column.len()).collect()
}

/// Returns signals that are acted on one bar after they were decided, with what was known when they were.
fn later(signals: &Signals) -> Signals {
    let moved = |it: &Option<Numbers>| it.as_ref().map(|it| back(it, 1).into());
    let mut later = signals.clone();
    let orders = &mut later.orders;
    let (long, short) = (&mut orders.long, &mut orders.short);
    for column in [&mut orders.stop, &mut long.limit, &mut long.trigger, &mut short.limit, &mut short.trigger] {
        *column = moved(column);
    }
    if let Some(Target::Distance(column)) = &mut orders.target {
        *column = back(column, 1).into();
    }
    for bits in [&mut later.enter_long, &mut later.exit_long, &mut later.enter_short, &mut later.exit_short] {
        *bits = bits.back(1);
    }
    later.warmup += 1;
    later
}
