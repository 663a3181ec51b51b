//! Loading bars from the source of the run.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::{
    market::{Adjust, Bars, DAY_SECONDS, date_of},
    slice::{Fault, Market, ports::HistoryRequest},
    value::{BarCount, DateRange, Duration, Symbol},
};

/// Loads the bars of a symbol: checked, adjusted, oldest first.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct GetHistorical {
    /// The instrument.
    symbol: Symbol,
    /// From the first to the last day; all that the source has where it is not said.
    period: Option<DateRange>,
    /// How long a bar is; longer bars are made of what the source has.
    #[serde(default = "a_day")]
    #[schemars(extend("x-within" = "above 0"))]
    timeframe: Duration,
    /// For what prices are adjusted: splits and dividends, splits alone, or nothing.
    #[serde(default)]
    adjust: Adjust,
}

/// Loads the latest complete bars of a symbol, adjusted for splits and dividends.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct GetRecent {
    /// The instrument.
    symbol: Symbol,
    /// How long a bar is.
    #[serde(default = "a_day")]
    #[schemars(extend("x-within" = "above 0"))]
    timeframe: Duration,
    /// How many bars, where the source has as many.
    #[serde(default = "five_hundred")]
    #[schemars(extend("x-within" = "in 1 bars.."))]
    lookback: BarCount,
}

/// A last bar older than this, and than three bars, is noted as old: longer than a weekend with holidays.
const STALE: i64 = 7 * DAY_SECONDS;

fn a_day() -> Duration {
    Duration::DAY
}

fn five_hundred() -> BarCount {
    BarCount(500)
}

pub(super) fn get_historical(market: Market, input: GetHistorical) -> Result<Bars, Fault> {
    let GetHistorical { symbol, period, timeframe, adjust } = input;
    market.data.history(&HistoryRequest { symbol, period, timeframe, adjust }).map(Bars::from)
}

pub(super) fn get_recent(market: Market, input: GetRecent) -> Result<Bars, Fault> {
    let GetRecent { symbol, timeframe, lookback } = input;
    let request = HistoryRequest { symbol, period: None, timeframe, adjust: Adjust::All };
    let all = market.data.history(&request)?;
    let now = market.clock.now().as_second();
    let known = all.completed_by(now);
    if known.is_empty() {
        let first = all.period().map_or(String::new(), |it| format!(": its first is of {}", it.start));
        return Err(Fault::input(format_args!("no bar of `{}` is complete on {}{first}", all.symbol, date_of(now))));
    }
    let wanted = usize::try_from(lookback.0).unwrap_or(usize::MAX);
    let mut recent = known.last(wanted);
    if recent.len() < wanted {
        recent.note(format!("only {} of the {wanted} bars wanted are there", recent.len()));
    }
    let last = recent.time.last().copied().unwrap_or(now);
    if now - last > STALE.max(3 * timeframe.0 / 1_000) {
        recent.note(format!("the last bar is of {}, today is {}", date_of(last), date_of(now)));
    }
    Ok(recent.into())
}
