//! Candlestick patterns, with TA-Lib's candle settings.
//!
//! What is long, short, near or equal is measured against the bars before: [`Setting`] says what is averaged over how many.

mod one;
mod several;

use super::{
    registry::{Output, Param, real, real_at, within},
    state::{Ohlc, State},
};

/// What a candle is held against.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Setting {
    BodyLong,
    BodyShort,
    BodyDoji,
    ShadowLong,
    ShadowVeryLong,
    ShadowShort,
    ShadowVeryShort,
    Near,
    Far,
    Equal,
}

/// Which extent of a candle is averaged.
#[derive(Clone, Copy, Debug)]
enum Extent {
    Body,
    Range,
    Shadows,
}

impl Setting {
    /// Returns what is averaged, over how many bars before (0 is the candle itself), and by what that is multiplied.
    const fn measure(self) -> (Extent, usize, f64) {
        match self {
            Self::BodyLong | Self::BodyShort => (Extent::Body, 10, 1.0),
            Self::BodyDoji | Self::ShadowVeryShort => (Extent::Range, 10, 0.1),
            Self::ShadowLong => (Extent::Body, 0, 1.0),
            Self::ShadowVeryLong => (Extent::Body, 0, 2.0),
            // The two shadows of a candle are counted as one and a half each.
            Self::ShadowShort => (Extent::Shadows, 10, 0.5),
            Self::Near => (Extent::Range, 5, 0.2),
            Self::Far => (Extent::Range, 5, 0.6),
            Self::Equal => (Extent::Range, 5, 0.05),
        }
    }
}

/// One candle.
#[derive(Clone, Copy, Debug)]
struct Candle {
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
        if self.rises() { self.close } else { self.open }
    }
    fn bottom(self) -> f64 {
        if self.rises() { self.open } else { self.close }
    }
    fn upper(self) -> f64 {
        self.high - self.top()
    }
    fn lower(self) -> f64 {
        self.bottom() - self.low
    }
    /// Says whether it is white; one that closes where it opened is.
    fn rises(self) -> bool {
        self.close >= self.open
    }
    fn falls(self) -> bool {
        !self.rises()
    }
    /// Says whether its body lies wholly above that of another.
    fn body_above(self, other: Self) -> bool {
        self.bottom() > other.top()
    }
    fn body_below(self, other: Self) -> bool {
        self.top() < other.bottom()
    }
    /// Says whether even its shadows lie wholly above those of another.
    fn above(self, other: Self) -> bool {
        self.low > other.high
    }
    fn below(self, other: Self) -> bool {
        self.high < other.low
    }
    fn extent(self, of: Extent) -> f64 {
        match of {
            Extent::Body => self.body(),
            Extent::Range => self.range(),
            Extent::Shadows => self.upper() + self.lower(),
        }
    }
    /// Returns 100 where it is white, -100 where it is black.
    fn sign(self) -> f64 {
        if self.rises() { 100.0 } else { -100.0 }
    }
}

/// A setting and of which candle it is asked, counted back from the last.
type Asked = (Setting, usize);

/// How many candles are remembered: four before the last and ten before those.
const MOST: usize = 16;
/// How many averages a pattern may ask for.
const AVERAGES: usize = 9;

/// The last candles and what is usual before them.
struct View {
    candles: [Candle; MOST],
    /// How many bars there were.
    bars: usize,
    asked: &'static [Asked],
    totals: [f64; AVERAGES],
    penetration: f64,
}

impl View {
    /// Returns the candle of so many bars ago.
    fn at(&self, back: usize) -> Candle {
        const NOTHING: Candle = Candle { open: f64::NAN, high: f64::NAN, low: f64::NAN, close: f64::NAN };
        self.bars.checked_sub(back + 1).and_then(|it| self.candles.get(it % MOST)).copied().unwrap_or(NOTHING)
    }

    /// Returns what a setting comes to for the candle of so many bars ago.
    fn usual(&self, setting: Setting, back: usize) -> f64 {
        let (extent, period, factor) = setting.measure();
        if period == 0 {
            return factor * self.at(back).extent(extent);
        }
        let total = self.asked.iter().zip(self.totals).find(|(it, _)| **it == (setting, back));
        factor * (total.map_or(f64::NAN, |it| it.1) / period as f64)
    }

    fn is_long(&self, back: usize) -> bool {
        self.at(back).body() > self.usual(Setting::BodyLong, back)
    }
    fn is_small(&self, back: usize) -> bool {
        self.at(back).body() <= self.usual(Setting::BodyShort, back)
    }
    fn is_doji(&self, back: usize) -> bool {
        self.at(back).body() <= self.usual(Setting::BodyDoji, back)
    }
    fn has_no_upper(&self, back: usize) -> bool {
        self.at(back).upper() < self.usual(Setting::ShadowVeryShort, back)
    }
    fn has_no_lower(&self, back: usize) -> bool {
        self.at(back).lower() < self.usual(Setting::ShadowVeryShort, back)
    }
    /// Says whether two prices are equal by the measure of a candle.
    fn equal(&self, a: f64, b: f64, back: usize) -> bool {
        let slack = self.usual(Setting::Equal, back);
        a <= b + slack && a >= b - slack
    }
}

/// What is found at a bar: 100 up, -100 down, 80 and -80 for less clear cases of some, 0 nothing.
struct Pattern {
    view: View,
    lookback: usize,
    test: fn(&View) -> f64,
}

impl Pattern {
    fn new(extra: usize, asked: &'static [Asked], params: &[f64], test: fn(&View) -> f64) -> Self {
        let nothing = Candle { open: 0.0, high: 0.0, low: 0.0, close: 0.0 };
        let view =
            View { candles: [nothing; MOST], bars: 0, asked, totals: [0.0; AVERAGES], penetration: real_at(params, 0) };
        Self { view, lookback: lookback(extra, asked), test }
    }
}

fn lookback(extra: usize, asked: &[Asked]) -> usize {
    asked.iter().map(|(it, _)| it.measure().1).max().unwrap_or(0) + extra
}

impl State for Pattern {
    type Row = Ohlc;
    type Out = f64;
    #[inline]
    fn push(&mut self, it: Ohlc) -> Option<f64> {
        let view = &mut self.view;
        if let Some(slot) = view.candles.get_mut(view.bars % MOST) {
            *slot = Candle { open: it.open, high: it.high, low: it.low, close: it.close };
        }
        view.bars += 1;
        if view.bars <= self.lookback {
            return None;
        }
        let mut totals = view.totals;
        if view.bars == self.lookback + 1 {
            for (total, (setting, back)) in totals.iter_mut().zip(view.asked) {
                let (extent, period, _) = setting.measure();
                *total = (1..=period).rev().map(|it| view.at(back + it).extent(extent)).sum();
            }
            view.totals = totals;
        }
        let found = (self.test)(view);
        for (total, (setting, back)) in totals.iter_mut().zip(view.asked) {
            let (extent, period, _) = setting.measure();
            *total += view.at(*back).extent(extent) - view.at(back + period).extent(extent);
        }
        view.totals = totals;
        Some(found)
    }
}

/// Returns 100 where something is found.
fn up(found: bool) -> f64 {
    if found { 100.0 } else { 0.0 }
}

/// Returns -100 where something is found.
fn down(found: bool) -> f64 {
    if found { -100.0 } else { 0.0 }
}

/// Returns so much where something is found.
fn signed(found: bool, sign: f64) -> f64 {
    if found { sign } else { 0.0 }
}

const FOUND: &[Output] = &[within("value", "100 up, -100 down, 0 none", -100.0, 100.0)];

const fn penetration(default: f64) -> Param {
    real("penetration", default, 0.0, 1e6)
}

/// An entry of the table: its name and shorter name, what it looks like, how many candles before the last it looks at, and
/// what it asks of which candle.
macro_rules! pattern {
    ($name:literal, $alias:literal, $doc:literal, $shape:literal, $extra:literal, [$($asked:expr),*], $test:expr) => {
        pattern!($name, $alias, $doc, $shape, $extra, [$($asked),*], $test, [])
    };
    ($name:literal, $alias:literal, $doc:literal, $shape:literal, $extra:literal, [$($asked:expr),*], $test:expr, [$($param:expr),*]) => {
        Indicator::new(
            $name,
            $doc,
            &Of(|p: &[f64]| Pattern::new($extra, &[$($asked),*], p, $test)),
            |_| lookback($extra, &[$($asked),*]),
        )
        .aliases(&[$alias])
        .params(&[$($param),*])
        .outputs(FOUND)
        .by($shape, "S. Nison, 1991, as TA-Lib measures it")
    };
}
use pattern;

pub(super) use one::ALL as ONE;
pub(super) use several::ALL as SEVERAL;
