//! Several strategies on several symbols, all in one account.

use rust_decimal::Decimal;
use schemars::JsonSchema;
use serde::Deserialize;

use super::{
    execute::{Decider, Play, size_of},
    terms::Terms,
};
use crate::{
    market::{Assumptions, BacktestReport, Bars, Costs, FillAt, Part, Ratio, report, run_together},
    slice::{Fault, Limited},
    value::{Money, Percent, Quantity},
};

/// A strategy and the bars that it trades on.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Pick {
    /// The bars to trade on.
    bars: Bars,
    /// What decides.
    strategy: Decider,
    /// The share of the account that it counts as its own when it decides how much to buy; an equal share where it is not
    /// said.
    share: Option<Percent>,
}

/// Replays several strategies over the bars of several symbols, all in one account, whose cash they share.
///
/// Each decides at its closes and fills at its next opens, as in `execute`: first what closes, then what opens, in the order
/// of the picks. Limits see what all of them hold. A symbol that is picked twice is held twice, once for each strategy.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Together {
    /// The strategies, each with its bars.
    picks: Vec<Pick>,
    /// The cash at the first bar.
    capital: Money,
    /// What trading costs; nothing where it is not said.
    costs: Option<Costs>,
    /// The smallest quantity that is traded: `1 share` where it is not said.
    lot: Option<Quantity>,
    /// The share of a bar's volume that an order may take; what is more does not fill in that bar.
    participation: Option<Percent>,
    /// The maintenance margin; 25% where it is not said.
    margin: Option<Percent>,
}

pub(super) fn together(limits: Limited, input: Together) -> Result<BacktestReport, Fault> {
    let Together { picks, capital, costs, lot, participation, margin } = input;
    let setup = Terms { capital, costs, limits: limits.0, lot, participation, margin }.setup()?;
    let equal = Decimal::ONE.checked_div(Decimal::from(picks.len())).unwrap_or_default();
    let mut plays = Vec::with_capacity(picks.len());
    for pick in &picks {
        let share = pick.share.map_or(equal, |it| it.0);
        let legal = Ratio::of(share).filter(|_| share > Decimal::ZERO && share <= Decimal::ONE);
        let wrong =
            || Fault::input(format_args!("a `share` is `{}`: it must be above 0% and at most 100%", Percent(share)));
        plays.push((Play::new(&pick.strategy, None, &pick.bars)?, legal.ok_or_else(wrong)?));
    }
    let parts = picks.iter().zip(&plays);
    let parts: Vec<_> =
        parts.map(|(pick, (play, share))| Part { bars: &pick.bars, script: play.script(), share: *share }).collect();
    let outcome = run_together(&parts, &setup).map_err(Fault::input)?;
    let told = picks.iter().zip(&plays).map(|(pick, (play, share))| {
        let share = Percent(share.decimal());
        format!("{} on {} with {share} of the account: {}", play.label(), pick.bars.symbol, size_of(&play.signals))
    });
    let signals = || plays.iter().flat_map(|it| &it.0.signals);
    let made = Assumptions {
        label: format!("{} strategies in one account", picks.len()),
        bars: picks.iter().map(|it| &*it.bars).collect(),
        currency: capital.currency,
        costs,
        fill: signals().next().map_or(FillAt::default(), |it| it.orders.fill),
        size: told.collect::<Vec<_>>().join("; "),
        others: [("symbols".into(), "a symbol without a bar at a time does not fill and keeps its last price".into())]
            .into_iter()
            .chain(plays.iter().find_map(|it| it.0.waiting()))
            .collect(),
    };
    Ok(report(&outcome, &made).into())
}
