//! Where a price stands in its recent range.

use super::{
    average::Then,
    mean::RunningMean,
    momentum::{rise, rsi},
    price::typical,
    range::TrueRange,
    registry::{Indicator, Output, Param, at, bars, in_unit, within},
    state::{Each, Hl, Hlc, Oc, Of, Ohlc, State},
    window::{Amount, Highest, Lowest, Place, Ring, Wait, is_zero},
};

/// Where a value stands between the lowest and the highest of a window.
struct Stand {
    high: Highest,
    low: Lowest,
}

impl Stand {
    fn new(period: usize) -> Self {
        Self { high: Highest::new(period), low: Lowest::new(period) }
    }

    /// Returns the highest and the lowest.
    fn range(&mut self, high: f64, low: f64) -> Option<(f64, f64)> {
        let (high, low) = (self.high.push(high), self.low.push(low));
        Some((high?, low?))
    }

    fn percent(&mut self, high: f64, low: f64, close: f64) -> Option<f64> {
        let (high, low) = self.range(high, low)?;
        let percent = (high - low) / 100.0;
        Some(if is_zero(percent) { 0.0 } else { (close - low) / percent })
    }
}

/// A value in its range, smoothed, and smoothed again.
struct Stoch {
    stand: Stand,
    slow: RunningMean,
    slower: RunningMean,
}

impl Stoch {
    fn new(fast: usize, slow: usize, slower: usize) -> Self {
        Self { stand: Stand::new(fast), slow: RunningMean::new(slow), slower: RunningMean::new(slower) }
    }

    fn of(&mut self, high: f64, low: f64, close: f64) -> Option<[f64; 2]> {
        let slow = self.slow.push(self.stand.percent(high, low, close)?)?;
        Some([slow, self.slower.push(slow)?])
    }
}

impl State for Stoch {
    type Row = Hlc;
    type Out = [f64; 2];
    #[inline(always)]
    fn push(&mut self, it: Hlc) -> Option<[f64; 2]> {
        self.of(it.high, it.low, it.close)
    }
}

/// The same of one series.
struct StochOf(Stoch);

impl State for StochOf {
    type Row = f64;
    type Out = [f64; 2];
    #[inline(always)]
    fn push(&mut self, it: f64) -> Option<[f64; 2]> {
        self.0.of(it, it, it)
    }
}

/// How far the close is below the highest high.
struct Willr(Stand);

impl State for Willr {
    type Row = Hlc;
    type Out = f64;
    #[inline(always)]
    fn push(&mut self, it: Hlc) -> Option<f64> {
        let (high, low) = self.0.range(it.high, it.low)?;
        let percent = (high - low) / -100.0;
        Some(if is_zero(percent) { 0.0 } else { (high - it.close) / percent })
    }
}

/// How far the typical price is from its mean. Each window is summed afresh.
struct Cci {
    ring: Ring,
    wait: Wait,
    period: f64,
}

impl State for Cci {
    type Row = Hlc;
    type Out = f64;
    #[inline(always)]
    fn push(&mut self, it: Hlc) -> Option<f64> {
        let price = typical(it.high, it.low, it.close);
        self.ring.swap(price);
        self.wait.over()?;
        let values = self.ring.unordered();
        // Of distances from the price, so that nothing is left where nothing moves.
        let mean = values.iter().map(|it| it - price).sum::<f64>() / self.period;
        let deviation: f64 = values.iter().map(|it| (it - price - mean).abs()).sum();
        let distance = -mean;
        let none = is_zero(distance) || is_zero(deviation);
        Some(if none { 0.0 } else { distance / (0.015 * (deviation / self.period)) })
    }
}

/// How long ago the highest high and the lowest low were.
struct Aroon {
    high: Place<true, true>,
    low: Place<false, true>,
    share: f64,
    period: usize,
}

impl Aroon {
    fn new(period: usize) -> Self {
        Self { high: Place::new(period + 1), low: Place::new(period + 1), share: 100.0 / period as f64, period }
    }

    fn of(&mut self, it: Hl) -> Option<[f64; 2]> {
        let (high, low) = (self.high.push(it.high), self.low.push(it.low));
        Some([low?, high?].map(|ago| self.share * (self.period - ago) as f64))
    }
}

impl State for Aroon {
    type Row = Hl;
    type Out = [f64; 2];
    #[inline(always)]
    fn push(&mut self, it: Hl) -> Option<[f64; 2]> {
        self.of(it)
    }
}

struct AroonOsc(Aroon);

impl State for AroonOsc {
    type Row = Hl;
    type Out = f64;
    #[inline(always)]
    fn push(&mut self, it: Hl) -> Option<f64> {
        let [down, up] = self.0.of(it)?;
        Some(up - down)
    }
}

/// Which part of the true range buyers won, over three windows.
struct Ultimate {
    before: Option<f64>,
    range: TrueRange,
    windows: [(Amount, Amount); 3],
    wait: Wait,
}

impl Ultimate {
    fn new(mut periods: [usize; 3]) -> Self {
        periods.sort_unstable();
        let longest = periods.iter().copied().max().unwrap_or(1);
        let windows = periods.map(|it| (Amount::new(it), Amount::new(it)));
        Self { before: None, range: TrueRange::default(), windows, wait: Wait::new(longest - 1) }
    }
}

impl State for Ultimate {
    type Row = Hlc;
    type Out = f64;
    #[inline(always)]
    fn push(&mut self, it: Hlc) -> Option<f64> {
        let range = self.range.push(it);
        let (before, range) = (self.before.replace(it.close)?, range?);
        let won = it.close - if before < it.low { before } else { it.low };
        let sums = self.windows.each_mut().map(|(wins, ranges)| (wins.push(won), ranges.push(range)));
        self.wait.over()?;
        let parts = sums.into_iter().zip([4.0, 2.0, 1.0]);
        let sum: f64 =
            parts.map(|((won, range), weight)| if is_zero(range) { 0.0 } else { weight * (won / range) }).sum();
        Some(100.0 * (sum / 7.0))
    }
}

/// Sums of rises and falls within bars.
struct Intraday {
    up: Amount,
    down: Amount,
    wait: Wait,
}

impl State for Intraday {
    type Row = Oc;
    type Out = f64;
    #[inline(always)]
    fn push(&mut self, it: Oc) -> Option<f64> {
        let (up, down) = (self.up.push(rise(it.close - it.open)), self.down.push(rise(it.open - it.close)));
        self.wait.over()?;
        let sum = up + down;
        Some(if is_zero(sum) { 50.0 } else { 100.0 * (up / sum) })
    }
}

fn power(it: Ohlc) -> f64 {
    let range = it.high - it.low;
    if range < 1e-14 { 0.0 } else { (it.close - it.open) / range }
}

/// Awesome oscillator: the momentum of median prices.
struct Awesome(RunningMean, RunningMean);

impl State for Awesome {
    type Row = Hl;
    type Out = f64;
    #[inline(always)]
    fn push(&mut self, it: Hl) -> Option<f64> {
        let middle = f64::midpoint(it.high, it.low);
        let (fast, slow) = (self.0.push(middle), self.1.push(middle));
        Some(fast? - slow?)
    }
}

const FOURTEEN: &[Param] = &[bars("period", 14.0, 2.0)];
const fn share(name: &'static str) -> Output {
    within(name, "percent", 0.0, 100.0)
}

pub(super) const ALL: &[Indicator] = &[
    Indicator::new(
        "stoch",
        "Slow stochastic oscillator: where the close stands in its recent range, smoothed, and smoothed again.",
        &Of(|p: &[f64]| Stoch::new(at(p, 0), at(p, 1), at(p, 2))),
        |p| at(p, 0) + at(p, 1) + at(p, 2) - 3,
    )
    .params(&[bars("fast_k", 14.0, 1.0), bars("slow_k", 3.0, 1.0), bars("slow_d", 3.0, 1.0)])
    .outputs(&[share("k"), share("d")])
    .by(
        "k = SMA(100·(close - lowest low)/(highest high - lowest low), slow_k), 0 where the range is 0; d = SMA(k, slow_d)",
        "G. Lane, 1957",
    ),
    Indicator::new(
        "stochf",
        "Fast stochastic oscillator: where the close stands in its recent range, and that smoothed.",
        &Of(|p: &[f64]| Stoch::new(at(p, 0), 1, at(p, 1))),
        |p| at(p, 0) + at(p, 1) - 2,
    )
    .params(&[bars("fast_k", 5.0, 1.0), bars("fast_d", 3.0, 1.0)])
    .outputs(&[share("k"), share("d")])
    .by("as stoch, k not smoothed", "G. Lane, 1957"),
    Indicator::new(
        "stochrsi",
        "Where the RSI stands in its own recent range, and that smoothed.",
        &Of(|p: &[f64]| Then(rsi(at(p, 0)), StochOf(Stoch::new(at(p, 1), 1, at(p, 2))))),
        |p| at(p, 0) + at(p, 1) + at(p, 2) - 2,
    )
    .params(&[bars("period", 14.0, 2.0), bars("fast_k", 5.0, 1.0), bars("fast_d", 3.0, 1.0)])
    .outputs(&[share("k"), share("d")])
    .by("stochf of RSI(x, period)", "T. Chande, S. Kroll, 1994"),
    Indicator::new(
        "willr",
        "Williams' %R: how far the close is below the recent high, -100 to 0.",
        &Of(|p: &[f64]| Willr(Stand::new(at(p, 0)))),
        |p| at(p, 0) - 1,
    )
    .params(FOURTEEN)
    .outputs(&[within("value", "percent", -100.0, 0.0)])
    .by("-100·(highest high - close)/(highest high - lowest low), 0 where the range is 0", "L. Williams, 1973"),
    Indicator::new(
        "cci",
        "Commodity channel index.",
        &Of(|p: &[f64]| Cci { ring: Ring::new(at(p, 0)), wait: Wait::new(at(p, 0) - 1), period: at(p, 0) as f64 }),
        |p| at(p, 0) - 1,
    )
    .params(FOURTEEN)
    .outputs(&[in_unit("value", "none")])
    .by("(T - SMA(T, p))/(0.015·mean|T[i] - SMA|), T the typical price; 0 where there is no deviation", "D. Lambert, 1980"),
    Indicator::new("aroon", "How long ago the lowest low and the highest high were.", &Of(|p: &[f64]| Aroon::new(at(p, 0))), |p| at(p, 0))
        .params(FOURTEEN)
        .outputs(&[share("down"), share("up")])
        .by("100·(p - bars since the extreme of the last p + 1 bars)/p, the latest of equals", "T. Chande, 1995"),
    Indicator::new(
        "aroonosc",
        "Aroon up less Aroon down.",
        &Of(|p: &[f64]| AroonOsc(Aroon::new(at(p, 0)))),
        |p| at(p, 0),
    )
    .params(FOURTEEN)
    .outputs(&[within("value", "percent", -100.0, 100.0)])
    .by("up - down of aroon", "T. Chande, 1995"),
    Indicator::new(
        "ultosc",
        "Ultimate oscillator: which part of the true range buyers won, over three windows.",
        &Of(|p: &[f64]| Ultimate::new([at(p, 0), at(p, 1), at(p, 2)])),
        |p| at(p, 0).max(at(p, 1)).max(at(p, 2)),
    )
    .params(&[bars("short", 7.0, 1.0), bars("middle", 14.0, 1.0), bars("long", 28.0, 1.0)])
    .outputs(&[share("value")])
    .by("100·(4·B1/R1 + 2·B2/R2 + B3/R3)/7, B the sums of close - min(low, close[t-1]), R those of true ranges", "L. Williams, 1976"),
    Indicator::new("bop", "Balance of power.", &Of(|_: &[f64]| Each::new(power)), |_| 0)
        .outputs(&[within("value", "ratio", -1.0, 1.0)])
        .by("(close - open)/(high - low), 0 where the range is 0", "I. Livshin, 2001"),
    Indicator::new(
        "imi",
        "Intraday momentum index.",
        &Of(|p: &[f64]| Intraday { up: Amount::new(at(p, 0)), down: Amount::new(at(p, 0)), wait: Wait::new(at(p, 0) - 1) }),
        |p| at(p, 0) - 1,
    )
    .params(FOURTEEN)
    .outputs(&[share("value")])
    .by("100·U/(U + D), U and D the sums of close - open of rising bars and open - close of falling ones; 50 where there are none", "T. Chande, 1994"),
    Indicator::new(
        "ao",
        "Awesome oscillator: a fast mean of median prices less a slow one.",
        &Of(|p: &[f64]| Awesome(RunningMean::new(at(p, 0)), RunningMean::new(at(p, 1)))),
        |p| at(p, 0).max(at(p, 1)) - 1,
    )
    .params(&[bars("fast", 5.0, 2.0), bars("slow", 34.0, 2.0)])
    .by("SMA((high + low)/2, fast) - SMA((high + low)/2, slow)", "B. Williams, 1995"),
];
