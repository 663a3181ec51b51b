//! Prices weighed by what was traded.

use super::{
    price::typical,
    registry::{Indicator, PRICE, Param, at, bars, in_unit, within},
    state::{Cv, Hlcv, Of, State},
    window::{Amount, Seeded, Total, Wait},
};

/// Volume, added where the close rises and taken off where it falls.
#[derive(Default)]
struct Obv {
    before: Option<f64>,
    sum: f64,
}

impl State for Obv {
    type Row = Cv;
    type Out = f64;
    #[inline(always)]
    fn push(&mut self, it: Cv) -> Option<f64> {
        match self.before.replace(it.close) {
            None => self.sum = it.volume,
            Some(before) if it.close > before => self.sum += it.volume,
            Some(before) if it.close < before => self.sum -= it.volume,
            Some(_) => {}
        }
        Some(self.sum)
    }
}

/// Returns where the close stands in its bar, from -1 to 1, times the volume.
fn accumulated(it: Hlcv) -> f64 {
    let range = it.high - it.low;
    if range > 0.0 { ((it.close - it.low) - (it.high - it.close)) / range * it.volume } else { 0.0 }
}

#[derive(Default)]
struct Ad(f64);

impl State for Ad {
    type Row = Hlcv;
    type Out = f64;
    #[inline(always)]
    fn push(&mut self, it: Hlcv) -> Option<f64> {
        self.0 += accumulated(it);
        Some(self.0)
    }
}

/// A fast average of the line less a slow one; both start from its first value.
struct AdOsc {
    line: Ad,
    averages: Option<[f64; 2]>,
    shares: [f64; 2],
    wait: Wait,
}

impl AdOsc {
    fn new(fast: usize, slow: usize) -> Self {
        let shares = [fast, slow].map(|it| 2.0 / (it as f64 + 1.0));
        Self { line: Ad::default(), averages: None, shares, wait: Wait::new(fast.max(slow) - 1) }
    }
}

impl State for AdOsc {
    type Row = Hlcv;
    type Out = f64;
    #[inline(always)]
    fn push(&mut self, it: Hlcv) -> Option<f64> {
        let line = self.line.push(it)?;
        let ([a, b], [fast, slow]) = (self.shares, self.averages.unwrap_or([line; 2]));
        let [fast, slow] = [a * line + (1.0 - a) * fast, b * line + (1.0 - b) * slow];
        self.averages = Some([fast, slow]);
        self.wait.over()?;
        Some(fast - slow)
    }
}

/// Sums of what was traded at rising and at falling typical prices.
struct Mfi {
    before: Option<f64>,
    up: Amount,
    down: Amount,
    wait: Wait,
}

impl State for Mfi {
    type Row = Hlcv;
    type Out = f64;
    #[inline(always)]
    fn push(&mut self, it: Hlcv) -> Option<f64> {
        let price = typical(it.high, it.low, it.close);
        let before = self.before.replace(price)?;
        let flow = price * it.volume;
        let up = self.up.push(if price > before { flow } else { 0.0 });
        let down = self.down.push(if price < before { flow } else { 0.0 });
        self.wait.over()?;
        let sum = up + down;
        Some(if sum < 1.0 { 0.0 } else { 100.0 * (up / sum) })
    }
}

/// The mean typical price since the first bar, weighed by volume.
#[derive(Default)]
struct Vwap {
    traded: f64,
    volume: f64,
}

impl State for Vwap {
    type Row = Hlcv;
    type Out = f64;
    #[inline(always)]
    fn push(&mut self, it: Hlcv) -> Option<f64> {
        let price = typical(it.high, it.low, it.close);
        self.traded += price * it.volume;
        self.volume += it.volume;
        Some(if self.volume > 0.0 { self.traded / self.volume } else { price })
    }
}

/// Sums over a window, and their quotient.
struct Quotient<F> {
    of: F,
    sum: Total,
    volume: Amount,
    wait: Wait,
}

impl<F> Quotient<F> {
    fn new(period: usize, of: F) -> Self {
        Self { of, sum: Total::new(period), volume: Amount::new(period), wait: Wait::new(period - 1) }
    }

    #[inline(always)]
    fn push(&mut self, it: f64, volume: f64, otherwise: f64) -> Option<f64> {
        let (sum, volume) = (self.sum.push(it), self.volume.push(volume));
        self.wait.over()?;
        Some(if volume > 0.0 { sum / volume } else { otherwise })
    }
}

impl State for Quotient<fn(Hlcv) -> f64> {
    type Row = Hlcv;
    type Out = f64;
    #[inline(always)]
    fn push(&mut self, it: Hlcv) -> Option<f64> {
        Quotient::push(self, (self.of)(it), it.volume, 0.0)
    }
}

/// The mean of the close over a window, weighed by volume; the close where nothing was traded.
struct Vwma(Quotient<()>);

impl State for Vwma {
    type Row = Cv;
    type Out = f64;
    #[inline(always)]
    fn push(&mut self, it: Cv) -> Option<f64> {
        self.0.push(it.close * it.volume, it.volume, it.close)
    }
}

/// The change of the close times the volume, smoothed.
struct Force {
    before: Option<f64>,
    average: Seeded,
}

impl State for Force {
    type Row = Cv;
    type Out = f64;
    #[inline(always)]
    fn push(&mut self, it: Cv) -> Option<f64> {
        let before = self.before.replace(it.close)?;
        self.average.push((it.close - before) * it.volume)
    }
}

const VOLUME: &[super::registry::Output] = &[in_unit("value", "volume")];
const FOURTEEN: &[Param] = &[bars("period", 14.0, 2.0)];

pub(super) const ALL: &[Indicator] = &[
    Indicator::new("obv", "On-balance volume.", &Of(|_: &[f64]| Obv::default()), |_| 0)
        .outputs(VOLUME)
        .by("the first volume, then + volume where the close rises, - volume where it falls", "J. Granville, 1963"),
    Indicator::new("ad", "Accumulation and distribution line.", &Of(|_: &[f64]| Ad::default()), |_| 0)
        .outputs(VOLUME)
        .by("Σ volume·((close - low) - (high - close))/(high - low), nothing where the range is 0", "M. Chaikin, 1966"),
    Indicator::new(
        "adosc",
        "Chaikin oscillator: a fast average of the accumulation line less a slow one.",
        &Of(|p: &[f64]| AdOsc::new(at(p, 0), at(p, 1))),
        |p| at(p, 0).max(at(p, 1)) - 1,
    )
    .params(&[bars("fast", 3.0, 2.0), bars("slow", 10.0, 2.0)])
    .outputs(VOLUME)
    .by("EMA(ad, fast) - EMA(ad, slow), both starting from the first value of the line", "M. Chaikin, 1966"),
    Indicator::new(
        "cmf",
        "Chaikin money flow.",
        &Of(|p: &[f64]| Quotient::new(at(p, 0), accumulated as fn(Hlcv) -> f64)),
        |p| at(p, 0) - 1,
    )
    .params(&[bars("period", 20.0, 1.0)])
    .outputs(&[within("value", "ratio", -1.0, 1.0)])
    .by("Σ volume·((close - low) - (high - close))/(high - low) / Σ volume, 0 where nothing was traded", "M. Chaikin, 1982"),
    Indicator::new(
        "mfi",
        "Money flow index, 0 to 100.",
        &Of(|p: &[f64]| Mfi { before: None, up: Amount::new(at(p, 0)), down: Amount::new(at(p, 0)), wait: Wait::new(at(p, 0) - 1) }),
        |p| at(p, 0),
    )
    .params(FOURTEEN)
    .outputs(&[within("value", "percent", 0.0, 100.0)])
    .by(
        "100·U/(U + D), U and D the sums of typical price times volume where it rises and where it falls; 0 where the sum \
         is below 1",
        "G. Quong, A. Soudack, 1989",
    ),
    Indicator::new(
        "vwap",
        "Volume-weighted average price since the first bar, or the first behind a gap.",
        &Of(|_: &[f64]| Vwap::default()),
        |_| 0,
    )
    .outputs(&[in_unit("value", PRICE)])
    .by("Σ typical price·volume / Σ volume; the typical price while nothing was traded. It is not reset by day", "common"),
    Indicator::new("vwma", "Volume-weighted moving average of the close.", &Of(|p: &[f64]| Vwma(Quotient::new(at(p, 0), ()))), |p| {
        at(p, 0) - 1
    })
    .params(&[bars("period", 30.0, 1.0)])
    .by("Σ close·volume / Σ volume; the close where nothing was traded", "common"),
    Indicator::new(
        "efi",
        "Elder's force index.",
        &Of(|p: &[f64]| Force { before: None, average: Seeded::ema(at(p, 0)) }),
        |p| at(p, 0),
    )
    .aliases(&["force_index"])
    .params(&[bars("period", 13.0, 1.0)])
    .outputs(&[in_unit("value", "price times volume")])
    .by("EMA((close - close[t-1])·volume, p)", "A. Elder, 1993"),
];
