//! Bands and channels around prices.

use super::{
    average::{Late, Made},
    mean::RunningMean,
    price::typical,
    range::{Atr, atr},
    registry::{Indicator, Output, PRICE, Param, at, bars, in_unit, real, real_at, within},
    state::{Hl, Hlc, Of, State},
    window::{Highest, Lowest, Moments, Seeded},
};

fn bollinger(period: usize, above: f64, below: f64) -> impl State<Row = f64, Out = [f64; 3]> {
    Made(Moments::new(period), move |[mean, variance]: [f64; 2]| {
        let deviation = variance.sqrt();
        [mean + deviation * above, mean, mean - deviation * below]
    })
}

/// Means of highs, closes and lows that are moved apart by how far prices swing.
struct Acceleration(RunningMean, RunningMean, RunningMean);

impl State for Acceleration {
    type Row = Hlc;
    type Out = [f64; 3];
    #[inline]
    fn push(&mut self, it: Hlc) -> Option<[f64; 3]> {
        let sum = it.high + it.low;
        let swing = if super::window::is_zero(sum) { 0.0 } else { 4.0 * (it.high - it.low) / sum };
        let upper = self.0.push(it.high * (1.0 + swing));
        let middle = self.1.push(it.close);
        let lower = self.2.push(it.low * (1.0 - swing));
        Some([upper?, middle?, lower?])
    }
}

struct Donchian(Highest, Lowest);

impl State for Donchian {
    type Row = Hl;
    type Out = [f64; 3];
    #[inline]
    fn push(&mut self, it: Hl) -> Option<[f64; 3]> {
        let (high, low) = (self.0.push(it.high), self.1.push(it.low));
        let (high, low) = (high?, low?);
        Some([high, f64::midpoint(high, low), low])
    }
}

/// An average of the typical price and so many average true ranges above and below it.
struct Keltner {
    middle: Late<Seeded>,
    range: Late<Atr>,
    times: f64,
}

impl Keltner {
    /// Returns one whose middle and range have their first values at the same bar: the shorter one begins later.
    fn new(period: usize, range: usize, times: f64) -> Self {
        let most = (period - 1).max(range);
        Self {
            middle: Late::new(most - (period - 1), Seeded::ema(period)),
            range: Late::new(most - range, atr(range)),
            times,
        }
    }
}

impl State for Keltner {
    type Row = Hlc;
    type Out = [f64; 3];
    #[inline]
    fn push(&mut self, it: Hlc) -> Option<[f64; 3]> {
        let (middle, range) = (self.middle.push(typical(it.high, it.low, it.close)), self.range.push(it));
        let (middle, range) = (middle?, range? * self.times);
        Some([middle + range, middle, middle - range])
    }
}

/// A stop so many average true ranges from the middle of the bar, which moves only towards the price until the close is
/// beyond it.
struct Supertrend {
    range: Atr,
    times: f64,
    last: Option<Last>,
}

struct Last {
    upper: f64,
    lower: f64,
    close: f64,
    up: bool,
}

impl State for Supertrend {
    type Row = Hlc;
    type Out = [f64; 2];
    #[inline]
    fn push(&mut self, it: Hlc) -> Option<[f64; 2]> {
        let range = self.range.push(it)? * self.times;
        let middle = f64::midpoint(it.high, it.low);
        let (mut upper, mut lower, mut up) = (middle + range, middle - range, true);
        if let Some(last) = &self.last {
            if upper > last.upper && last.close <= last.upper {
                upper = last.upper;
            }
            if lower < last.lower && last.close >= last.lower {
                lower = last.lower;
            }
            up = if last.up { it.close >= lower } else { it.close > upper };
        }
        self.last = Some(Last { upper, lower, close: it.close, up });
        Some(if up { [lower, 1.0] } else { [upper, -1.0] })
    }
}

const BANDS: &[Output] = &[in_unit("upper", PRICE), in_unit("middle", PRICE), in_unit("lower", PRICE)];
const TWENTY: &[Param] = &[bars("period", 20.0, 2.0)];

pub(super) const ALL: &[Indicator] = &[
    Indicator::new(
        "bbands",
        "Bollinger bands: a simple moving average and population standard deviations above and below it.",
        &Of(|p: &[f64]| bollinger(at(p, 0), real_at(p, 1), real_at(p, 2))),
        |p| at(p, 0) - 1,
    )
    .aliases(&["bollinger"])
    .params(&[bars("period", 20.0, 2.0), real("above", 2.0, 0.0, 1e3), real("below", 2.0, 0.0, 1e3)])
    .outputs(BANDS)
    .by("SMA(x, p) ± d·√(Σ(x[i] - mean)²/p)", "J. Bollinger, 1983"),
    Indicator::new(
        "accbands",
        "Acceleration bands: means of high and low, moved apart by how far prices swing.",
        &Of(|p: &[f64]| {
            Acceleration(RunningMean::new(at(p, 0)), RunningMean::new(at(p, 0)), RunningMean::new(at(p, 0)))
        }),
        |p| at(p, 0) - 1,
    )
    .params(TWENTY)
    .outputs(BANDS)
    .by("SMA(high·(1 + s)), SMA(close), SMA(low·(1 - s)), s = 4·(high - low)/(high + low)", "P. Headley, 2002"),
    Indicator::new(
        "donchian",
        "Donchian channel: the highest high and the lowest low, this bar included.",
        &Of(|p: &[f64]| Donchian(Highest::new(at(p, 0)), Lowest::new(at(p, 0)))),
        |p| at(p, 0) - 1,
    )
    .params(&[bars("period", 20.0, 1.0)])
    .outputs(BANDS)
    .by(
        "max(high[t-p+1..t]), the middle of both, min(low[t-p+1..t]); a breakout compares with the bar before",
        "R. Donchian, 1960",
    ),
    Indicator::new(
        "keltner",
        "Keltner channel: an EMA and average true ranges above and below it.",
        &Of(|p: &[f64]| Keltner::new(at(p, 0), at(p, 1), real_at(p, 2))),
        |p| (at(p, 0) - 1).max(at(p, 1)),
    )
    .aliases(&["kc"])
    .params(&[bars("period", 20.0, 2.0), bars("range", 10.0, 1.0), real("times", 2.0, 0.0, 1e3)])
    .outputs(BANDS)
    .by(
        "EMA(typical price, p) ± times·ATR(range), the shorter one seeded so much later that both start at one bar",
        "C. Keltner, 1960; L. Raschke",
    ),
    Indicator::new(
        "supertrend",
        "A stop that follows the price, and whether it is below (1) or above it (-1).",
        &Of(|p: &[f64]| Supertrend { range: atr(at(p, 0)), times: real_at(p, 1), last: None }),
        |p| at(p, 0),
    )
    .params(&[bars("period", 10.0, 1.0), real("times", 3.0, 0.0, 1e3)])
    .outputs(&[in_unit("stop", PRICE), within("direction", "sign", -1.0, 1.0)])
    .by(
        "(high + low)/2 ∓ times·ATR(p), moved only towards the price until a close is beyond it; it starts below",
        "O. Seban, 2009",
    ),
];
