//! Several instruments in one account, at target weights.

use schemars::JsonSchema;
use serde::Deserialize;

use super::terms::Terms;
use crate::{
    market::{Assumptions, BacktestReport, Costs, FillAt, Targets, report, run_targets},
    slice::{Fault, Limited},
    value::{Money, Percent, Quantity},
};

/// Replays target weights over the bars of their symbols, all in one account: decided at a close, traded at each symbol's
/// next open.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Portfolio {
    /// The weights over time, and the bars of each symbol.
    targets: Targets,
    /// The cash at the first entry of the targets.
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
    /// The maintenance margin: the least equity for each unit that is held, below which at a close everything is closed at
    /// the next open; 25% where it is not said.
    #[schemars(extend("x-within" = "in 0%..100%"))]
    margin: Option<Percent>,
}

pub(super) fn portfolio(limits: Limited, input: Portfolio) -> Result<BacktestReport, Fault> {
    let targets = &*input.targets;
    if !targets.approved {
        return Err(Fault::input(format_args!("the targets are not approved: {}", targets.reasons.join("; "))));
    }
    let (capital, costs) = (input.capital, input.costs);
    let terms = Terms {
        capital,
        costs,
        limits: limits.0,
        lot: input.lot,
        participation: input.participation,
        margin: input.margin,
    };
    let outcome = run_targets(targets, &terms.setup()?).map_err(Fault::input)?;
    let rule = format!(
        "weights decided at a close are orders for each symbol's next open, closing ones first; what is within {} of its \
         weight is not traded; between entries quantities stay as they are",
        targets.band
    );
    let made = Assumptions {
        label: format!("portfolio ({})", targets.method),
        bars: targets.bars.iter().map(|it| &**it).collect(),
        currency: capital.currency,
        costs,
        fill: FillAt::NextOpen,
        size: "the weight of each symbol times equity at each entry of the targets".into(),
        others: [
            ("rebalancing".into(), rule),
            ("symbols".into(), "a symbol without a bar at a time does not fill and keeps its last price".into()),
        ]
        .into_iter()
        .chain((!targets.notes.is_empty()).then(|| ("targets".into(), targets.notes.join("; "))))
        .collect(),
    };
    Ok(report(&outcome, &made).into())
}
