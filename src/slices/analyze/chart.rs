//! Chart patterns, and the levels at which a market turned.

use crate::market::{BarSeries, Direction, Level};

/// How many bars on each side a turning point is higher or lower than; so many bars later it is known.
const SIDE: usize = 5;
/// A close above the highs of so many bars breaks out.
const BREAKOUT: usize = 55;
/// How far apart the two ends of a double top may be, in bars, and how near in price.
const APART: std::ops::RangeInclusive<usize> = 10..=120;
const NEAR: f64 = 0.02;
/// How deep the valley between them is at least, as a share of the price.
const DEPTH: f64 = 0.04;
/// How many bars after its second end a double top may be completed.
const PATIENCE: usize = 60;
/// Over how many of the last bars levels are sought, and how near two turns must be to be one level.
const MEMORY: usize = 504;
const TOLERANCE: f64 = 0.015;
/// How many levels are told on each side.
const LEVELS: usize = 3;

/// A chart pattern: the bar that completes it, its name, direction and strength (from 0 to 1).
pub(super) type Found = (usize, &'static str, Direction, f64);

/// A turning point.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Turn {
    bar: usize,
    price: f64,
}

/// Returns the bars whose price no bar on either side reaches. `better(a, b)` says that price `a` lies further out.
/// Each is known `SIDE` bars later only.
fn turns(prices: &[f64], better: fn(f64, f64) -> bool) -> Vec<Turn> {
    let turn = |(at, window): (usize, &[f64])| {
        let (left, rest) = window.split_at_checked(SIDE)?;
        let (price, right) = rest.split_first()?;
        // Of equal neighbours the first is the turn.
        let out = left.iter().all(|it| better(*price, *it)) && right.iter().all(|it| !better(*it, *price));
        out.then_some(Turn { bar: at + SIDE, price: *price })
    };
    prices.windows(2 * SIDE + 1).enumerate().filter_map(turn).collect()
}

fn above(a: f64, b: f64) -> bool {
    a > b
}

fn below(a: f64, b: f64) -> bool {
    a < b
}

/// Returns the closes that leave the range of the 55 bars before them, where the close before did not.
pub(super) fn breakouts(bars: &BarSeries) -> Vec<Found> {
    let extreme = |prices: &[f64], better: fn(f64, f64) -> bool| -> Vec<f64> {
        prices
            .windows(BREAKOUT)
            .map(|it| it.iter().copied().reduce(|a, b| if better(b, a) { b } else { a }).unwrap_or(f64::NAN))
            .collect()
    };
    let (highs, lows) = (extreme(&bars.high, above), extreme(&bars.low, below));
    let mut found = Vec::new();
    let (mut was_above, mut was_below) = (true, true);
    // The range at index i is of the bars i..i + BREAKOUT; the bar after it is the first that can leave it.
    for (at, ((high, low), close)) in highs.iter().zip(&lows).zip(bars.close.iter().skip(BREAKOUT)).enumerate() {
        let width = (high - low).max(f64::MIN_POSITIVE);
        let strength = |beyond: f64| (0.2 + 4.0 * beyond / width).clamp(0.0, 1.0);
        if *close > *high && !was_above {
            found.push((at + BREAKOUT, "breakout_up", Direction::Up, strength(close - high)));
        }
        if *close < *low && !was_below {
            found.push((at + BREAKOUT, "breakout_down", Direction::Down, strength(low - close)));
        }
        (was_above, was_below) = (*close > *high, *close < *low);
    }
    found
}

/// Returns double tops and bottoms, each at the close that leaves the valley between its ends.
pub(super) fn doubles(bars: &BarSeries) -> Vec<Found> {
    let tops = doubled(&turns(&bars.high, above), &bars.low, &bars.close, below);
    let bottoms = doubled(&turns(&bars.low, below), &bars.high, &bars.close, above);
    let name = |name, direction| move |(bar, strength)| (bar, name, direction, strength);
    let tops = tops.into_iter().map(name("double_top", Direction::Down));
    tops.chain(bottoms.into_iter().map(name("double_bottom", Direction::Up))).collect()
}

/// `inner` are the prices on the far side of the ends (lows of a top), `beyond(a, b)` says that `a` lies further that way.
fn doubled(ends: &[Turn], inner: &[f64], close: &[f64], beyond: fn(f64, f64) -> bool) -> Vec<(usize, f64)> {
    let mut found: Vec<(usize, f64)> = Vec::new();
    for pair in ends.windows(2) {
        let [first, second] = pair else { continue };
        let gap = (second.price / first.price - 1.0).abs();
        let Some(between) = inner.get(first.bar..=second.bar) else { continue };
        let Some(valley) = between.iter().copied().reduce(|a, b| if beyond(b, a) { b } else { a }) else { continue };
        let depth = (valley / first.price - 1.0).abs();
        if !APART.contains(&(second.bar - first.bar)) || gap > NEAR || depth < DEPTH {
            continue;
        }
        // The second end is known SIDE bars after it; a close beyond the valley before that cannot complete it.
        let known = second.bar + SIDE;
        let tail = close.iter().enumerate().skip(second.bar + 1).take(PATIENCE);
        if let Some((bar, _)) = tail.into_iter().find(|(_, it)| beyond(**it, valley)) {
            let bar = bar.max(known);
            let still = close.get(bar).is_some_and(|it| beyond(*it, valley));
            if still && found.last().is_none_or(|it| it.0 != bar) {
                found.push((bar, (0.4 * (1.0 - gap / NEAR) + 0.6 * depth / (3.0 * DEPTH)).clamp(0.1, 1.0)));
            }
        }
    }
    found
}

/// Returns the levels below and above the last close, the nearest first.
pub(super) fn levels(bars: &BarSeries) -> (Vec<Level>, Vec<Level>) {
    let Some(last) = bars.close.last().copied() else { return (Vec::new(), Vec::new()) };
    let since = bars.len().saturating_sub(MEMORY);
    let mut prices: Vec<f64> = [turns(&bars.high, above), turns(&bars.low, below)]
        .into_iter()
        .flatten()
        .filter(|it| it.bar >= since)
        .map(|it| it.price)
        .collect();
    prices.sort_by(f64::total_cmp);
    let mut levels: Vec<(f64, usize)> = Vec::new();
    for price in prices {
        match levels.last_mut() {
            Some((sum, count)) if price / (*sum / *count as f64) - 1.0 <= TOLERANCE => {
                *sum += price;
                *count += 1;
            }
            _ => levels.push((price, 1)),
        }
    }
    let levels: Vec<_> =
        levels.into_iter().filter(|it| it.1 > 1).map(|(sum, count)| (sum / count as f64, count)).collect();
    let level = |(price, touches): &(f64, usize)| Level::new(*price, *touches);
    let support = levels.iter().rev().filter(|it| it.0 < last).take(LEVELS).map(level).collect();
    let resistance = levels.iter().filter(|it| it.0 >= last).take(LEVELS).map(level).collect();
    (support, resistance)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::indexing_slicing, reason = "a test may fail loudly")]

    use super::*;
    use crate::{market::Bars, slices::sample::candles};

    /// Bars through these closes, ten steps between each two.
    fn through(corners: &[f64]) -> Bars {
        let steps =
            corners.windows(2).flat_map(|it| (0..10).map(move |step| it[0] + (it[1] - it[0]) * f64::from(step) / 10.0));
        let close: Vec<f64> = steps.chain(corners.last().copied()).collect();
        let shifted = |by: f64| close.iter().map(|it| it + by).collect::<Vec<_>>();
        candles("DRAWN", &close, &shifted(0.1), &shifted(-0.1), &close, &vec![1e6; close.len()])
    }

    #[test]
    fn a_double_top_is_complete_when_the_valley_breaks() {
        let bars = through(&[80.0, 100.0, 92.0, 100.5, 85.0]);
        let found = doubles(&bars);
        assert_eq!(found.len(), 1, "{found:?}");
        let (bar, name, direction, _) = found[0];
        assert_eq!((name, direction), ("double_top", Direction::Down));
        assert!(bars.close[bar] < 91.9 && bars.close[bar - 1] >= 91.9, "{bar}");
        assert!(doubles(&through(&[80.0, 100.0, 92.0, 110.0, 85.0])).is_empty());
        assert_eq!(doubles(&through(&[100.0, 80.0, 88.0, 80.5, 95.0]))[0].1, "double_bottom");
    }

    #[test]
    fn breaks_out_once() {
        let bars = through(&[100.0, 104.0, 100.0, 104.0, 100.0, 104.0, 100.0, 120.0]);
        let found = breakouts(&bars);
        assert_eq!(found.iter().map(|it| it.1).collect::<Vec<_>>(), ["breakout_up"]);
        assert!(bars.close[found[0].0] > 104.1 && bars.close[found[0].0 - 1] <= 104.1);
    }

    #[test]
    fn levels_are_where_the_market_turned_more_than_once() {
        let (support, resistance) = levels(&through(&[102.0, 110.0, 95.0, 110.5, 95.2, 109.8, 102.0]));
        assert!((resistance[0].price - 110.2).abs() < 0.3, "{resistance:?}");
        assert_eq!(resistance[0].touches, 3);
        assert_eq!(support[0].touches, 2);
    }
}
