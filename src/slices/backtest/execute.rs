//! One instrument, traded by a strategy or by the choice among several.

use schemars::JsonSchema;
use serde::Deserialize;

use super::terms::Terms;
use crate::{
    market::{
        Assumptions, BacktestReport, BarSeries, Bars, Costs, FillAt, Script, Signals, Size, Sizing, bar_from,
        bar_in_force, report, run_signals,
    },
    slice::{Fault, Limited},
    strategy::{Strategy, StrategyChoice},
    union,
    value::{Money, Percent, Quantity},
};

union! {
    /// What decides.
    pub(in crate::slices) enum Decider { Strategy(Strategy), Choice(StrategyChoice) }
}

/// Replays a strategy over bars: what it decides at a close fills at the next open, unless it says otherwise.
///
/// With a choice among strategies, the one in force at a bar decides entries, from the first choice on; a position stays
/// with the strategy that opened it, whose exits close it.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::slices) struct Execute {
    /// The bars to trade on; those that only warm up indicators are not traded.
    pub(in crate::slices) bars: Bars,
    /// What decides.
    pub(in crate::slices) strategy: Decider,
    /// How much to hold, in the place of the strategy's own size: the share of equity known at the bar of the decision.
    pub(in crate::slices) sizing: Option<Sizing>,
    /// The cash at the first bar.
    #[schemars(extend("x-within" = "above 0"))]
    pub(in crate::slices) capital: Money,
    /// What trading costs; nothing where it is not said.
    pub(in crate::slices) costs: Option<Costs>,
    /// The smallest quantity that is traded: `1 share` where it is not said.
    #[schemars(extend("x-within" = "above 0"))]
    pub(in crate::slices) lot: Option<Quantity>,
    /// The share of a bar's volume that an order may take; what is more does not fill in that bar.
    #[schemars(extend("x-within" = "above 0%..100%"))]
    pub(in crate::slices) participation: Option<Percent>,
    /// The maintenance margin: the least equity for each unit that is held, below which at a close everything is closed at
    /// the next open; 25% where it is not said.
    #[schemars(extend("x-within" = "in 0%..100%"))]
    pub(in crate::slices) margin: Option<Percent>,
}

/// The strategies that are traded, and from which bar on each.
struct Cast {
    label: String,
    strategies: Vec<Strategy>,
    turns: Vec<(usize, usize)>,
    start: usize,
}

/// What is traded on one instrument: the decisions of the cast, and how much of the account they may hold.
pub(super) struct Play {
    cast: Cast,
    pub(super) signals: Vec<Signals>,
    pub(super) turns: Vec<(usize, usize)>,
    pub(super) shares: Option<Vec<f64>>,
    pub(super) start: usize,
}

impl Play {
    pub(super) fn new(strategy: &Decider, sizing: Option<&Sizing>, bars: &BarSeries) -> Result<Self, Fault> {
        let cast = cast(strategy, bars)?;
        let (shares, sized_from) = match sizing {
            Some(sizing) => shares(sizing, bars).map(|(shares, first)| (Some(shares), first))?,
            None => (None, 0),
        };
        let signals = cast.strategies.iter().map(|it| it.rules.signals(bars)).collect::<Result<Vec<_>, _>>()?;
        let start = cast.start.max(sized_from).max(bars.warmup);
        Ok(Self { signals, turns: cast.turns.clone(), shares, start, cast })
    }

    pub(super) fn label(&self) -> &str {
        &self.cast.label
    }

    pub(super) fn script(&self) -> Script<'_> {
        Script { signals: &self.signals, turns: &self.turns, shares: self.shares.as_deref(), start: self.start }
    }

    /// Returns the convention of entries that wait, where there are any.
    pub(super) fn waiting(&self) -> Option<(String, String)> {
        let rule = "an entry with a price fills at the open or, within a bar, at its price; in that bar it may meet its \
                    stop, its target only from the next one; what is not filled in time expires";
        self.signals.iter().any(|it| it.orders.have_prices()).then(|| ("waiting_entries".into(), rule.into()))
    }
}

pub(in crate::slices) fn execute(limits: Limited, input: Execute) -> Result<BacktestReport, Fault> {
    let bars = &*input.bars;
    if let Some(refused) = input.sizing.as_ref().filter(|it| !it.approved) {
        return Err(Fault::input(format_args!("the sizing is not approved: {}", refused.reasons.join("; "))));
    }
    let play = Play::new(&input.strategy, input.sizing.as_ref(), bars)?;
    let (capital, costs) = (input.capital, input.costs);
    let terms = Terms {
        capital,
        costs,
        limits: limits.0,
        lot: input.lot,
        participation: input.participation,
        margin: input.margin,
    };
    let outcome = run_signals(bars, &play.script(), &terms.setup()?).map_err(Fault::input)?;
    let Play { cast, signals, .. } = &play;
    let size = match &input.sizing {
        Some(it) => format!("the share of equity of the sizing at each decision ({})", it.method),
        None => size_of(signals),
    };
    let mut others = vec![(
        "entries".into(),
        "an entry on the other side reverses; both sides at once, or an exit with it, is no entry".into(),
    )];
    if let Decider::Choice(choice) = &input.strategy {
        let rule =
            "the choice in force decides entries; a position stays with the strategy that opened it until it closes";
        let chosen: Vec<_> = cast.strategies.iter().map(|it| it.label()).collect();
        others.push(("choice".into(), format!("{}; {rule}", choice.model)));
        others.push(("chosen".into(), chosen.join("; ")));
    }
    others.extend(play.waiting());
    if !bars.notes.is_empty() {
        others.push(("data".into(), bars.notes.join("; ")));
    }
    let made = Assumptions {
        label: cast.label.clone(),
        bars: vec![bars],
        currency: capital.currency,
        costs,
        fill: signals.first().map_or(FillAt::default(), |it| it.orders.fill),
        size,
        others,
    };
    Ok(report(&outcome, &made).into())
}

fn cast(decider: &Decider, bars: &BarSeries) -> Result<Cast, Fault> {
    let choice = match decider {
        Decider::Strategy(it) => {
            return Ok(Cast { label: it.label(), strategies: vec![it.clone()], turns: vec![(0, 0)], start: 0 });
        }
        Decider::Choice(choice) => choice,
    };
    let of = choice.bars.as_deref();
    same_symbol("choice", of, bars)?;
    let mut cast = Cast { label: String::new(), strategies: Vec::new(), turns: Vec::new(), start: 0 };
    // Only what was ever chosen is traded, and so only that is evaluated.
    let mut chosen: Vec<usize> = Vec::new();
    for entry in choice.entries.iter() {
        let Some(bar) = bar_from(of, bars, entry.bar) else { continue };
        let place = chosen.iter().position(|it| *it == entry.candidate).unwrap_or(chosen.len());
        if place == chosen.len() {
            let missing = || Fault::permanent("the choice names a candidate that it does not have");
            cast.strategies.push(choice.candidates.get(entry.candidate).ok_or_else(missing)?.clone());
            chosen.push(entry.candidate);
        }
        cast.turns.push((bar, place));
    }
    let Some(first) = cast.turns.first() else {
        return Err(Fault::input(
            "no strategy was chosen at any of the bars: they are too few, or all before the first choice",
        ));
    };
    cast.start = first.0;
    cast.label = match &cast.strategies[..] {
        [only] => only.label(),
        several => format!("{} strategies, by choice", several.len()),
    };
    Ok(cast)
}

/// Returns the share of equity known at each bar, NaN where none is, and the first bar that has one.
fn shares(sizing: &Sizing, bars: &BarSeries) -> Result<(Vec<f64>, usize), Fault> {
    same_symbol("sizing", Some(&sizing.bars), bars)?;
    let share = |bar| bar_in_force(Some(&sizing.bars), bars, bar).and_then(|it| sizing.at(it)).unwrap_or(f64::NAN);
    let shares: Vec<_> = (0..bars.len()).map(share).collect();
    let first = shares.iter().position(|it| !it.is_nan());
    first.map(|first| (shares, first)).ok_or_else(|| Fault::input("the sizing knows no size at any of the bars"))
}

fn same_symbol(what: &str, of: Option<&BarSeries>, bars: &BarSeries) -> Result<(), Fault> {
    match of {
        Some(of) if of.symbol != bars.symbol => {
            Err(Fault::input(format_args!("the {what} is of `{}`, the bars are of `{}`", of.symbol, bars.symbol)))
        }
        _ => Ok(()),
    }
}

pub(super) fn size_of(signals: &[Signals]) -> String {
    let told = |it: &Signals| match it.orders.size {
        Size::EquityShare(share) => format!("{} % of equity at each decision", share * 100.0),
        Size::EquityRisk(share) => format!("{} % of equity lost where the stop is hit at its price", share * 100.0),
        Size::Notional(amount) => format!("a notional of {amount}"),
        Size::Shares(shares) => format!("{shares} shares"),
    };
    let mut all: Vec<_> = signals.iter().map(told).collect();
    all.dedup();
    all.join("; by strategy: ")
}
