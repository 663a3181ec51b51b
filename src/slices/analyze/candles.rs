//! Candlestick patterns in their place.
//!
//! What a pattern looks like the table of indicators says; here is what it means: where it points, whether there is a move
//! for it to turn, and how marked it is.

use super::chart::Found;
use crate::market::{
    BarSeries, Direction,
    indicators::{self, Inputs},
};

/// Over how many bars before a pattern ranges are averaged.
const USUAL: usize = 10;
/// Over how many bars before a pattern the move is read that it turns.
const BEFORE: usize = 5;

/// A pattern of the table as it is reported.
struct Known {
    indicator: &'static str,
    /// What it is called where it points up and where it points down.
    up: &'static str,
    down: &'static str,
    /// How many candles it has.
    candles: usize,
    meaning: Meaning,
}

/// What a pattern says of the way ahead.
#[derive(Clone, Copy, PartialEq)]
enum Meaning {
    /// It turns a move, so that there must be one.
    Turns,
    /// It stands for itself.
    Goes,
    /// Nobody knows where to.
    Waits,
}

const fn known(indicator: &'static str, names: [&'static str; 2], candles: usize, meaning: Meaning) -> Known {
    Known { indicator, up: names[0], down: names[1], candles, meaning }
}

use Meaning::{Goes, Turns, Waits};

const KNOWN: &[Known] = &[
    known("cdldoji", ["doji"; 2], 1, Waits),
    known("cdldragonflydoji", ["dragonfly_doji"; 2], 1, Turns),
    known("cdlhammer", ["hammer"; 2], 1, Turns),
    known("cdlhangingman", ["hanging_man"; 2], 1, Turns),
    known("cdlinvertedhammer", ["inverted_hammer"; 2], 1, Turns),
    known("cdlshootingstar", ["shooting_star"; 2], 1, Turns),
    known("cdlmarubozu", ["bullish_marubozu", "bearish_marubozu"], 1, Goes),
    known("cdlengulfing", ["bullish_engulfing", "bearish_engulfing"], 2, Turns),
    known("cdlharami", ["bullish_harami", "bearish_harami"], 2, Turns),
    known("cdldojistar", ["bullish_doji_star", "bearish_doji_star"], 2, Turns),
    known("cdlpiercing", ["piercing_line"; 2], 2, Turns),
    known("cdldarkcloudcover", ["dark_cloud_cover"; 2], 2, Turns),
    known("cdlkicking", ["bullish_kicking", "bearish_kicking"], 2, Goes),
    known("cdlmorningstar", ["morning_star"; 2], 3, Turns),
    known("cdleveningstar", ["evening_star"; 2], 3, Turns),
    known("cdlabandonedbaby", ["bullish_abandoned_baby", "bearish_abandoned_baby"], 3, Turns),
    known("cdl3inside", ["three_inside_up", "three_inside_down"], 3, Turns),
    known("cdl3outside", ["three_outside_up", "three_outside_down"], 3, Turns),
    known("cdl3whitesoldiers", ["three_white_soldiers"; 2], 3, Goes),
    known("cdl3blackcrows", ["three_black_crows"; 2], 3, Goes),
];

/// Returns the patterns of bars, each at the bar that completes it.
pub(super) fn candles(bars: &BarSeries) -> Vec<Found> {
    let mut found = Vec::new();
    for known in KNOWN {
        let Some(indicator) = indicators::find(known.indicator) else { continue };
        let Ok(params) = indicator.parameters(&[]) else { continue };
        let signs = indicator.compute(&Inputs::of(bars), &params);
        for (bar, sign) in signs.iter().flatten().enumerate().filter(|it| it.1.abs() > 0.0) {
            found.extend(reported(known, bars, bar, *sign > 0.0));
        }
    }
    found
}

/// Returns a pattern as it is reported, where its place lets it mean something.
fn reported(known: &Known, bars: &BarSeries, bar: usize, up: bool) -> Option<Found> {
    let first = (bar + 1).checked_sub(known.candles)?;
    let usual = Usual::before(bars, first)?;
    let (highs, lows) = (bars.high.get(first..=bar)?, bars.low.get(first..=bar)?);
    let tall = highs.iter().copied().fold(f64::MIN, f64::max) - lows.iter().copied().fold(f64::MAX, f64::min);
    // As tall as usual says little, three times as tall all that there is to say.
    let strength = (0.2 + 0.4 * (tall / usual.range - 1.0)).clamp(0.2, 1.0);
    let (name, direction) = if up { (known.up, Direction::Up) } else { (known.down, Direction::Down) };
    match known.meaning {
        Meaning::Waits => Some((bar, name, Direction::Neutral, strength)),
        Meaning::Goes => Some((bar, name, direction, strength)),
        Meaning::Turns => {
            (if up { usual.moved <= -1.0 } else { usual.moved >= 1.0 }).then_some((bar, name, direction, strength))
        }
    }
}

/// What is usual before a pattern.
struct Usual {
    range: f64,
    /// The move of the closes over the bars before it, in mean ranges.
    moved: f64,
}

impl Usual {
    fn before(bars: &BarSeries, bar: usize) -> Option<Self> {
        let start = bar.checked_sub(USUAL)?;
        let ranges = bars.high.get(start..bar)?.iter().zip(bars.low.get(start..bar)?).map(|(high, low)| high - low);
        let range = ranges.sum::<f64>() / USUAL as f64;
        let moved = bars.close.get(bar - 1)? - bars.close.get(bar - 1 - BEFORE)?;
        (range > 0.0).then(|| Self { range, moved: moved / range })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may fail loudly")]

    use super::*;
    use crate::slices::sample::moody;

    /// Twelve bars that go `step` each, with bodies of 1 and ranges of 1.5, then these: what is found at the last.
    fn after(step: f64, last: &[[f64; 4]]) -> Vec<&'static str> {
        let steady = (0..12).map(|at| {
            let open = 100.0 + f64::from(at) * step - 12.0 * step;
            let close = open + step.signum();
            [open, open.max(close) + 0.25, open.min(close) - 0.25, close]
        });
        let all: Vec<[f64; 4]> = steady.chain(last.iter().copied()).collect();
        let column = |at: usize| all.iter().map(|it| it[at]).collect();
        let mut bars = (*moody(all.len(), 1)).clone();
        (bars.open, bars.high, bars.low, bars.close) = (column(0), column(1), column(2), column(3));
        candles(&bars).into_iter().filter(|it| it.0 == all.len() - 1).map(|it| it.1).collect()
    }

    #[test]
    fn knows_the_textbook_cases() {
        assert_eq!(after(-1.0, &[[98.5, 98.75, 96.0, 98.7]]), ["hammer"]);
        assert_eq!(after(1.0, &[[101.5, 101.75, 98.0, 101.7]]), ["hanging_man"]);
        assert_eq!(after(1.0, &[[101.5, 104.0, 101.4, 101.9]]), ["shooting_star"]);
        assert_eq!(after(-1.0, &[[98.5, 101.0, 98.0, 98.1]]), ["inverted_hammer"]);
        assert_eq!(after(-1.0, &[[100.0, 100.9, 99.1, 100.02]]), ["doji"]);
        assert_eq!(after(-1.0, &[[99.8, 100.0, 98.8, 99.0], [98.7, 101.2, 98.5, 101.0]]), ["bullish_engulfing"]);
        assert_eq!(after(1.0, &[[101.0, 102.0, 100.8, 101.8], [102.2, 102.4, 99.8, 100.0]]), ["bearish_engulfing"]);
        assert_eq!(after(-1.0, &[[100.0, 100.2, 97.8, 98.0], [98.6, 99.4, 98.4, 99.2]]), ["bullish_harami"]);
        assert_eq!(
            after(-1.0, &[[100.0, 100.2, 97.8, 98.0], [97.9, 98.3, 97.4, 97.7], [98.3, 100.2, 98.1, 99.8]]),
            ["morning_star"]
        );
        assert_eq!(
            after(1.0, &[[100.0, 102.2, 99.8, 102.0], [102.1, 102.6, 101.9, 102.4], [101.9, 102.1, 99.9, 100.2]]),
            ["evening_star"]
        );
        assert_eq!(after(-1.0, &[[100.0, 100.3, 97.7, 98.0], [97.6, 99.7, 97.4, 99.5]]), ["piercing_line"]);
    }

    #[test]
    fn a_turn_needs_something_to_turn() {
        assert!(after(-0.1, &[[99.0, 99.25, 96.0, 99.2]]).is_empty());
    }
}
