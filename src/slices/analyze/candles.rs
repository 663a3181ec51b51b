//! Candlestick patterns.
//!
//! Shapes as S. Nison, "Japanese Candlestick Charting Techniques" (1991) describes them, made exact: a body is long or
//! short against the mean body of the ten bars before the pattern, and a reversal needs a move of at least one mean
//! range over the five bars before it.

use crate::market::{BarSeries, Direction};

/// Over how many bars before a pattern bodies and ranges are averaged.
const USUAL: usize = 10;
/// Over how many bars before a pattern the move is read that it turns.
const BEFORE: usize = 5;

/// One bar.
#[derive(Clone, Copy)]
pub(super) struct Candle {
    open: f64,
    high: f64,
    low: f64,
    close: f64,
}

impl Candle {
    fn body(self) -> f64 {
        (self.close - self.open).abs()
    }
    fn range(self) -> f64 {
        self.high - self.low
    }
    fn top(self) -> f64 {
        self.open.max(self.close)
    }
    fn bottom(self) -> f64 {
        self.open.min(self.close)
    }
    fn upper(self) -> f64 {
        self.high - self.top()
    }
    fn lower(self) -> f64 {
        self.bottom() - self.low
    }
    fn rises(self) -> bool {
        self.close > self.open
    }
    fn falls(self) -> bool {
        self.close < self.open
    }
    fn middle(self) -> f64 {
        f64::midpoint(self.open, self.close)
    }
}

/// A candlestick pattern: its name, where it points and how marked it is (from 0 to 1).
pub(super) type Found = (&'static str, Direction, f64);

/// What is usual before a pattern.
#[derive(Clone, Copy)]
struct Usual {
    body: f64,
    range: f64,
    /// The move of the closes over the bars before it, in mean ranges.
    moved: f64,
}

/// Returns the candles of bars.
pub(super) fn candles(bars: &BarSeries) -> Vec<Candle> {
    let prices = bars.open.iter().zip(&*bars.high).zip(&*bars.low).zip(&*bars.close);
    prices.map(|(((open, high), low), close)| Candle { open: *open, high: *high, low: *low, close: *close }).collect()
}

/// Adds the patterns that the last of these candles completes.
pub(super) fn complete(candles: &[Candle], mut found: impl FnMut(Found)) {
    if let [before @ .., a] = candles
        && let Some(usual) = usual(before)
    {
        single(*a, usual, &mut found);
    }
    if let [before @ .., a, b] = candles
        && let Some(usual) = usual(before)
    {
        double(*a, *b, usual, &mut found);
    }
    if let [before @ .., a, b, c] = candles
        && let Some(usual) = usual(before)
    {
        triple([*a, *b, *c], usual, &mut found);
    }
}

fn usual(before: &[Candle]) -> Option<Usual> {
    let recent = before.get(before.len().checked_sub(USUAL)?..)?;
    let mean = |of: fn(Candle) -> f64| recent.iter().map(|it| of(*it)).sum::<f64>() / USUAL as f64;
    let (body, range) = (mean(Candle::body), mean(Candle::range));
    let from = recent.get(USUAL - BEFORE - 1)?.close;
    let moved = (recent.last()?.close - from) / range;
    (range > 0.0 && body > 0.0).then_some(Usual { body, range, moved })
}

impl Usual {
    fn fell(self) -> bool {
        self.moved <= -1.0
    }
    fn rose(self) -> bool {
        self.moved >= 1.0
    }
}

/// Brings what is 1 at the border and `textbook` in a textbook case to 0..1.
fn graded(it: f64, textbook: f64) -> f64 {
    (0.2 + 0.8 * (it - 1.0) / (textbook - 1.0)).clamp(0.0, 1.0)
}

fn single(it: Candle, usual: Usual, found: &mut impl FnMut(Found)) {
    use Direction::{Down, Neutral, Up};
    if it.range() <= 0.0 {
        return;
    }
    let short = it.body() <= it.range() / 3.0 && it.range() >= 0.8 * usual.range;
    // A body of nothing still has a shadow ratio.
    let body = it.body().max(0.05 * it.range());
    if short && it.lower() >= 2.0 * body && it.upper() <= 0.15 * it.range() {
        let strength = graded(it.lower() / (2.0 * body), 2.0);
        if usual.fell() {
            found(("hammer", Up, strength));
        } else if usual.rose() {
            found(("hanging_man", Down, strength));
        }
    }
    if short && it.upper() >= 2.0 * body && it.lower() <= 0.15 * it.range() {
        let strength = graded(it.upper() / (2.0 * body), 2.0);
        if usual.fell() {
            found(("inverted_hammer", Up, strength));
        } else if usual.rose() {
            found(("shooting_star", Down, strength));
        }
    }
    if it.body() <= 0.1 * usual.body && it.range() >= 0.5 * usual.range {
        found(("doji", Neutral, (1.0 - it.body() / (0.1 * usual.body)).clamp(0.2, 1.0)));
    }
    if it.body() >= 0.95 * it.range() && it.body() >= 1.3 * usual.body {
        let (name, direction) = if it.rises() { ("bullish_marubozu", Up) } else { ("bearish_marubozu", Down) };
        found((name, direction, graded(it.body() / (1.3 * usual.body), 2.5)));
    }
}

fn double(a: Candle, b: Candle, usual: Usual, found: &mut impl FnMut(Found)) {
    use Direction::{Down, Up};
    let engulfs = b.top() >= a.top() && b.bottom() <= a.bottom() && b.body() > a.body() && b.body() >= usual.body;
    if engulfs && a.body() > 0.0 {
        let strength = graded(b.body() / usual.body, 2.5);
        if a.falls() && b.rises() && usual.fell() {
            found(("bullish_engulfing", Up, strength));
        } else if a.rises() && b.falls() && usual.rose() {
            found(("bearish_engulfing", Down, strength));
        }
    }
    let inside =
        a.top() >= b.top() && a.bottom() <= b.bottom() && a.body() >= 1.2 * usual.body && b.body() <= 0.5 * a.body();
    if inside {
        let strength = graded(a.body() / (1.2 * usual.body), 2.0);
        if a.falls() && b.rises() && usual.fell() {
            found(("bullish_harami", Up, strength));
        } else if a.rises() && b.falls() && usual.rose() {
            found(("bearish_harami", Down, strength));
        }
    }
    let long = a.body() >= usual.body && b.body() >= usual.body;
    if long && a.falls() && b.rises() && usual.fell() && b.open < a.close && b.close > a.middle() && b.close < a.open {
        found(("piercing_line", Up, graded((b.close - a.close) / (0.5 * a.body()), 2.0)));
    }
    if long && a.rises() && b.falls() && usual.rose() && b.open > a.close && b.close < a.middle() && b.close > a.open {
        found(("dark_cloud_cover", Down, graded((a.close - b.close) / (0.5 * a.body()), 2.0)));
    }
}

fn triple([a, b, c]: [Candle; 3], usual: Usual, found: &mut impl FnMut(Found)) {
    use Direction::{Down, Up};
    let star = a.body() >= usual.body && b.body() <= 0.4 * a.body() && c.body() >= 0.5 * a.body();
    if star && usual.fell() && a.falls() && c.rises() && b.top() <= a.middle() && c.close >= a.middle() {
        found(("morning_star", Up, graded(1.0 + (c.close - a.middle()) / a.body(), 1.5)));
    }
    if star && usual.rose() && a.rises() && c.falls() && b.bottom() >= a.middle() && c.close <= a.middle() {
        found(("evening_star", Down, graded(1.0 + (a.middle() - c.close) / a.body(), 1.5)));
    }
    let long = [a, b, c].iter().all(|it| it.body() >= usual.body && it.body() >= 0.5 * it.range());
    let strength = graded((a.body() + b.body() + c.body()) / (3.0 * usual.body), 2.0);
    if long && a.rises() && b.rises() && c.rises() && b.close > a.close && c.close > b.close {
        let within = b.open >= a.open && b.open <= a.close && c.open >= b.open && c.open <= b.close;
        if within {
            found(("three_white_soldiers", Up, strength));
        }
    }
    if long && a.falls() && b.falls() && c.falls() && b.close < a.close && c.close < b.close {
        let within = b.open <= a.open && b.open >= a.close && c.open <= b.open && c.open >= b.close;
        if within {
            found(("three_black_crows", Down, strength));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Ten bars that go `step` each, with bodies of 1 and ranges of 1.5, then these.
    fn after(step: f64, last: &[[f64; 4]]) -> Vec<&'static str> {
        let steady = (0..12).map(|at| {
            let open = 100.0 + f64::from(at) * step - 12.0 * step;
            let close = open + step.signum();
            Candle { open, high: open.max(close) + 0.25, low: open.min(close) - 0.25, close }
        });
        let last =
            last.iter().map(|[open, high, low, close]| Candle { open: *open, high: *high, low: *low, close: *close });
        let candles: Vec<_> = steady.chain(last).collect();
        let mut names = vec![];
        complete(&candles, |it| names.push(it.0));
        names
    }

    #[test]
    fn knows_the_textbook_cases() {
        assert_eq!(after(-1.0, &[[99.0, 99.6, 96.0, 99.5]]), ["hammer"]);
        assert_eq!(after(1.0, &[[101.0, 101.6, 98.0, 101.5]]), ["hanging_man"]);
        assert_eq!(after(1.0, &[[101.0, 104.0, 100.9, 101.5]]), ["shooting_star"]);
        assert_eq!(after(-1.0, &[[99.0, 102.0, 98.9, 99.5]]), ["inverted_hammer"]);
        assert_eq!(after(-1.0, &[[100.0, 100.9, 99.1, 100.02]]), ["doji"]);
        assert_eq!(after(-1.0, &[[99.8, 100.0, 98.8, 99.0], [98.7, 101.2, 98.5, 101.0]]), ["bullish_engulfing"]);
        assert_eq!(after(1.0, &[[101.0, 102.0, 100.8, 101.8], [102.2, 102.4, 99.8, 100.0]]), ["bearish_engulfing"]);
        assert_eq!(after(-1.0, &[[100.0, 100.2, 97.8, 98.0], [98.6, 99.4, 98.4, 99.2]]), ["bullish_harami"]);
        assert_eq!(
            after(-1.0, &[[100.0, 100.2, 97.8, 98.0], [97.9, 98.3, 97.4, 98.2], [98.3, 100.2, 98.1, 99.8]]),
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
        let hammer = [[99.0, 99.6, 96.0, 99.5]];
        assert!(after(-0.1, &hammer).is_empty());
    }
}
