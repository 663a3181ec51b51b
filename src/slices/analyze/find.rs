//! `analyze.find_patterns`.

use rust_decimal::{Decimal, prelude::FromPrimitive as _};
use schemars::JsonSchema;
use serde::Deserialize;

use super::{candles, chart};
use crate::{
    market::{BarSeries, Bars, Direction, Pattern, PatternKind, PatternSeries, Patterns, Trend, metrics::Basis},
    slice::{Fault, Pure},
    value::{Percent, Value},
};

/// Over how many returns volatility is measured, and the least that will do.
const VOLATILITY: usize = 63;
const LEAST_RETURNS: usize = 21;

/// Returns the patterns of bars (each complete at its bar, from bars up to it), and trend, volatility, support and
/// resistance at the last.
///
/// Candlesticks, shaped as TA-Lib measures them; those that turn a move need one of a mean range over the five bars before
/// them: `hammer`, `hanging_man`, `inverted_hammer`, `shooting_star`, `doji`, `dragonfly_doji`, `bullish_marubozu`,
/// `bullish_engulfing`, `bullish_harami`, `bullish_doji_star`, `bullish_kicking`, `bullish_abandoned_baby` (and `bearish_`
/// alike), `piercing_line`, `dark_cloud_cover`, `morning_star`, `evening_star`, `three_inside_up`, `three_outside_up` (and
/// `_down` alike), `three_white_soldiers`, `three_black_crows`. Charts: `breakout_up` and `breakout_down` (of the range of 55 bars), `double_top` and `double_bottom`.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct FindPatterns {
    /// The bars, oldest first.
    bars: Bars,
}

pub(super) fn find_patterns(_: Pure, input: FindPatterns) -> Result<Patterns, Fault> {
    let bars = &input.bars;
    if bars.is_empty() {
        return Err(Fault::input("there are no bars to find patterns in"));
    }
    let candles = candles::candles(bars).into_iter();
    let mut found: Vec<_> =
        candles.map(|(bar, name, way, it)| pattern(bars, PatternKind::Candlestick, bar, name, way, it)).collect();
    let charts = chart::breakouts(bars).into_iter().chain(chart::doubles(bars));
    found.extend(charts.map(|(bar, name, direction, it)| pattern(bars, PatternKind::Chart, bar, name, direction, it)));
    found.sort_by(|a, b| (a.bar, &a.name).cmp(&(b.bar, &b.name)));
    let (support, resistance) = chart::levels(bars);
    Ok(PatternSeries {
        found,
        trend: trend(&bars.close),
        volatility: volatility(bars),
        support,
        resistance,
        bars: input.bars.clone(),
    }
    .into())
}

fn pattern(
    bars: &BarSeries,
    kind: PatternKind,
    bar: usize,
    name: &str,
    direction: Direction,
    strength: f64,
) -> Pattern {
    Pattern {
        name: name.into(),
        kind,
        date: bars.date(bar).map(Value::Date),
        bar,
        direction,
        strength: Percent(Decimal::from_f64(strength).unwrap_or_default().round_dp(2)),
    }
}

fn trend(close: &[f64]) -> Option<Trend> {
    let mean = |count: usize| Some(close.get(close.len().checked_sub(count)?..)?.iter().sum::<f64>() / count as f64);
    let (last, short, long) = (*close.last()?, mean(20)?, mean(50)?);
    Some(match () {
        () if last > long && short > long => Trend::Up,
        () if last < long && short < long => Trend::Down,
        () => Trend::Sideways,
    })
}

fn volatility(bars: &BarSeries) -> Option<Percent> {
    let since = bars.len().saturating_sub(VOLATILITY + 1);
    let returns: Vec<f64> =
        bars.close.get(since..)?.windows(2).filter_map(|it| Some((it.last()? / it.first()?).ln())).collect();
    if returns.len() < LEAST_RETURNS {
        return None;
    }
    let count = returns.len() as f64;
    let mean = returns.iter().sum::<f64>() / count;
    let variance = returns.iter().map(|it| (it - mean).powi(2)).sum::<f64>() / (count - 1.0);
    let yearly = (variance * Basis::of(bars.timeframe).periods).sqrt();
    Decimal::from_f64(yearly).map(|it| Percent(it.round_dp(4)))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::float_cmp, clippy::indexing_slicing, reason = "a test may fail loudly")]

    use proptest::prelude::*;

    use super::*;
    use crate::{
        slice::Cancel,
        slices::sample::{head, moody},
    };

    fn of(bars: &Bars) -> Patterns {
        find_patterns(Pure { cancel: Cancel::default() }, FindPatterns { bars: bars.clone() }).unwrap()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]
        #[test]
        fn later_bars_change_no_pattern(seed in 0_u64..1_000, cut in 20_usize..600) {
            let bars = moody(600, seed);
            let (whole, part) = (of(&bars), of(&head(&bars, cut)));
            let upto: Vec<_> = whole.found.iter().filter(|it| it.bar < cut).cloned().collect();
            prop_assert_eq!(&part.found, &upto);
            for bar in [cut / 2, cut - 1] {
                prop_assert_eq!(part.balance(bar, 10), whole.balance(bar, 10));
            }
        }
    }

    #[test]
    fn says_how_things_stand() {
        let patterns = of(&moody(149, 5));
        assert_eq!(patterns.trend, Some(Trend::Up));
        let volatility = f64::try_from(patterns.volatility.unwrap().0).unwrap();
        assert!((volatility - 0.007 * 252_f64.sqrt()).abs() < 0.03, "{volatility}");
        assert!(patterns.found.len() > 5);
        assert_eq!(patterns.found[0].date, Some(Value::Date(patterns.bars.date(patterns.found[0].bar).unwrap())));
    }

    #[test]
    fn a_single_bar_has_no_patterns() {
        let patterns = of(&moody(1, 5));
        assert_eq!((patterns.found.len(), patterns.trend, patterns.volatility), (0, None, None));
    }
}
