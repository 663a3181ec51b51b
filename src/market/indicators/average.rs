//! Moving averages.

use super::{
    mean::{RunningMean, Sma},
    registry::{Indicator, Param, at, bars, real, real_at},
    state::{Hl, Inputs, Of, Out, State, by_fours},
    window::{Amount, Highest, Lag, Lowest, STEPS, Seeded, Wait, Weighted, is_zero},
};

impl State for Seeded {
    type Row = f64;
    type Out = f64;
    #[inline(always)]
    fn push(&mut self, it: f64) -> Option<f64> {
        Seeded::push(self, it)
    }

    #[inline(always)]
    fn takes_four(&self) -> bool {
        Seeded::takes_four(self)
    }

    #[inline(always)]
    fn push_four(&mut self, it: [f64; STEPS]) -> [f64; STEPS] {
        Seeded::push_four(self, it.map(|it| [it])).map(|[it]| it)
    }

    #[inline(always)]
    fn column(self, of: &Inputs<'_>, slots: &mut <f64 as Out>::Slots<'_>) -> usize {
        by_fours(self, of, slots)
    }
}

/// The mean of a window, the newest the heaviest.
pub(super) struct Wma {
    weighted: Weighted,
    divisor: f64,
}

impl Wma {
    pub(super) fn new(period: usize) -> Self {
        Self { weighted: Weighted::new(period), divisor: (period * (period + 1)) as f64 / 2.0 }
    }
}

impl State for Wma {
    type Row = f64;
    type Out = f64;
    #[inline(always)]
    fn push(&mut self, it: f64) -> Option<f64> {
        let (centre, weighted, _) = self.weighted.push(it)?;
        Some(centre + weighted / self.divisor)
    }
}

/// Several EMAs, each of the one before, and what is made of them.
struct Chain<const N: usize, F> {
    links: [Seeded; N],
    of: F,
}

impl<const N: usize, F: Fn([f64; N]) -> f64> Chain<N, F> {
    fn new(period: usize, of: F) -> Self {
        Self { links: std::array::from_fn(|_| Seeded::ema(period)), of }
    }
}

impl<const N: usize, F: Fn([f64; N]) -> f64> State for Chain<N, F> {
    type Row = f64;
    type Out = f64;
    #[inline(always)]
    fn push(&mut self, it: f64) -> Option<f64> {
        let mut all = [0.0; N];
        let mut value = it;
        for (link, slot) in self.links.iter_mut().zip(&mut all) {
            value = link.push(value)?;
            *slot = value;
        }
        Some((self.of)(all))
    }
}

fn dema(period: usize) -> impl State<Row = f64, Out = f64> {
    Chain::new(period, |[once, twice]| 2.0 * once - twice)
}

fn tema(period: usize) -> impl State<Row = f64, Out = f64> {
    Chain::new(period, |[once, twice, thrice]| 3.0 * once - 3.0 * twice + thrice)
}

fn t3(period: usize, volume: f64) -> impl State<Row = f64, Out = f64> {
    let (square, cube) = (volume * volume, volume * volume * volume);
    let sixth = -cube;
    let fifth = 3.0 * (square + cube);
    let fourth = -6.0 * square - 3.0 * (volume + cube);
    let third = 1.0 + 3.0 * volume + cube + 3.0 * square;
    Chain::new(period, move |[_, _, e3, e4, e5, e6]| sixth * e6 + fifth * e5 + fourth * e4 + third * e3)
}

/// Returns the mean of a mean, which weighs the middle of a window the most.
fn trima(period: usize) -> impl State<Row = f64, Out = f64> {
    Then(RunningMean::new(period.div_ceil(2)), RunningMean::new(period / 2 + 1))
}

/// One state on what another gives.
pub(super) struct Then<A, B>(pub(super) A, pub(super) B);

impl<A: State<Out = f64>, B: State<Row = f64>> State for Then<A, B> {
    type Row = A::Row;
    type Out = B::Out;
    #[inline(always)]
    fn push(&mut self, it: A::Row) -> Option<B::Out> {
        self.1.push(self.0.push(it)?)
    }
}

/// What is made of what a state gives.
pub(super) struct Made<S, F>(pub(super) S, pub(super) F);

impl<S: State, O: Out, F: Fn(S::Out) -> O> State for Made<S, F> {
    type Row = S::Row;
    type Out = O;
    #[inline(always)]
    fn push(&mut self, it: S::Row) -> Option<O> {
        self.0.push(it).map(&self.1)
    }
}

/// A state that begins some bars later.
pub(super) struct Late<S>(Wait, S);

impl<S: State> Late<S> {
    pub(super) fn new(bars: usize, of: S) -> Self {
        Self(Wait::new(bars), of)
    }
}

impl<S: State> State for Late<S> {
    type Row = S::Row;
    type Out = S::Out;
    #[inline(always)]
    fn push(&mut self, it: S::Row) -> Option<S::Out> {
        self.0.over()?;
        self.1.push(it)
    }
}

/// Two states side by side on the same bars.
pub(super) struct Both<A, B>(pub(super) A, pub(super) B);

impl<A: State<Out = f64>, B: State<Row = A::Row, Out = f64>> State for Both<A, B> {
    type Row = A::Row;
    type Out = [f64; 2];
    #[inline(always)]
    fn push(&mut self, it: A::Row) -> Option<[f64; 2]> {
        let (a, b) = (self.0.push(it), self.1.push(it));
        Some([a?, b?])
    }
}

/// Kaufman's average, which follows quickly where prices go one way and slowly where they go to and fro.
struct Kama {
    old: Lag,
    before: Option<f64>,
    steps: Amount,
    average: Option<f64>,
}

impl Kama {
    fn new(period: usize) -> Self {
        Self { old: Lag::new(period), before: None, steps: Amount::new(period), average: None }
    }
}

impl State for Kama {
    type Row = f64;
    type Out = f64;
    #[inline(always)]
    fn push(&mut self, it: f64) -> Option<f64> {
        let old = self.old.push(it);
        let before = self.before.replace(it)?;
        let way = self.steps.push((it - before).abs());
        let net = it - old?;
        let efficiency = if way <= net || is_zero(way) { 1.0 } else { (net / way).abs() };
        let (fast, slow) = (2.0 / 3.0, 2.0 / 31.0);
        let share = efficiency * (fast - slow) + slow;
        let average = self.average.unwrap_or(before);
        let average = average + share * share * (it - average);
        self.average = Some(average);
        Some(average)
    }
}

/// Hull's average: a weighted average of twice a short one less a long one.
fn hma(period: usize) -> impl State<Row = f64, Out = f64> {
    let half = (period / 2).max(1);
    let root = root(period);
    let both = Both(Late::new(period - half, Wma::new(half)), Wma::new(period));
    Then(Made(both, |[short, long]: [f64; 2]| 2.0 * short - long), Wma::new(root))
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the root of a period is one")]
fn root(period: usize) -> usize {
    ((period as f64).sqrt() as usize).max(1)
}

/// The middle of the highest and the lowest of a window.
struct Middle(Highest, Lowest);

impl Middle {
    fn new(period: usize) -> Self {
        Self(Highest::new(period), Lowest::new(period))
    }
    fn of(&mut self, high: f64, low: f64) -> Option<f64> {
        let (high, low) = (self.0.push(high), self.1.push(low));
        Some(f64::midpoint(high?, low?))
    }
}

/// The middle of a series, and that of high and low.
struct Midpoint(Middle);
struct Midprice(Middle);

impl State for Midpoint {
    type Row = f64;
    type Out = f64;
    #[inline(always)]
    fn push(&mut self, it: f64) -> Option<f64> {
        self.0.of(it, it)
    }
}

impl State for Midprice {
    type Row = Hl;
    type Out = f64;
    #[inline(always)]
    fn push(&mut self, it: Hl) -> Option<f64> {
        self.0.of(it.high, it.low)
    }
}

/// A moving average of a kind that a parameter says.
pub(super) enum Average {
    Same,
    Sma(Sma),
    Ema(Seeded),
    Of(Box<dyn State<Row = f64, Out = f64> + Send>),
}

/// The parameter that says the kind of an average, numbered as in TA-Lib.
pub(super) const fn kind(name: &'static str, default: f64) -> Param {
    Param { name, default, min: 0.0, max: 6.0, whole: true }
}

/// What the numbers of [`kind`] mean.
pub(super) const KINDS: &str = "0 SMA, 1 EMA, 2 WMA, 3 DEMA, 4 TEMA, 5 TRIMA, 6 KAMA";

impl Average {
    pub(super) fn new(kind: usize, period: usize) -> Self {
        match (period, kind) {
            (1, _) => Self::Same,
            (_, 0) => Self::Sma(Sma::new(period)),
            (_, 1) => Self::Ema(Seeded::ema(period)),
            (_, 2) => Self::Of(Box::new(Wma::new(period))),
            (_, 3) => Self::Of(Box::new(dema(period))),
            (_, 4) => Self::Of(Box::new(tema(period))),
            (_, 5) => Self::Of(Box::new(trima(period))),
            _ => Self::Of(Box::new(Kama::new(period))),
        }
    }

    /// Returns how many bars come before the first value.
    pub(super) fn lookback(kind: usize, period: usize) -> usize {
        match (period, kind) {
            (1, _) => 0,
            (_, 3) => 2 * (period - 1),
            (_, 4) => 3 * (period - 1),
            (_, 6) => period,
            _ => period - 1,
        }
    }
}

impl State for Average {
    type Row = f64;
    type Out = f64;
    #[inline(always)]
    fn push(&mut self, it: f64) -> Option<f64> {
        match self {
            Self::Same => Some(it),
            Self::Sma(of) => of.push(it),
            Self::Ema(of) => of.push(it),
            Self::Of(of) => of.push(it),
        }
    }
}

/// Two averages of one series whose first values fall on the same bar: the shorter one begins that much later.
pub(super) fn pair(fast: (usize, usize), slow: (usize, usize)) -> Both<Late<Average>, Late<Average>> {
    let (a, b) = (Average::lookback(fast.0, fast.1), Average::lookback(slow.0, slow.1));
    let most = a.max(b);
    Both(Late::new(most - a, Average::new(fast.0, fast.1)), Late::new(most - b, Average::new(slow.0, slow.1)))
}

const PERIOD: &[Param] = &[bars("period", 30.0, 1.0)];

fn before_last(p: &[f64]) -> usize {
    at(p, 0) - 1
}

pub(super) const ALL: &[Indicator] = &[
    Indicator::new("sma", "Simple moving average.", &Of(|p: &[f64]| Sma::new(at(p, 0))), before_last)
        .params(PERIOD)
        .by("mean(x[t-p+1..t])", "common"),
    Indicator::new(
        "ema",
        "Exponential moving average, seeded with a simple one.",
        &Of(|p: &[f64]| Seeded::ema(at(p, 0))),
        before_last,
    )
    .params(PERIOD)
    .by("e[t] = e[t-1] + k·(x[t] - e[t-1]), k = 2/(p+1); e[p-1] = mean(x[0..p-1])", "common"),
    Indicator::new("rma", "Wilder's moving average.", &Of(|p: &[f64]| Seeded::wilder(at(p, 0))), before_last)
        .params(PERIOD)
        .by("e[t] = e[t-1] + (x[t] - e[t-1])/p; e[p-1] = mean(x[0..p-1])", "J. W. Wilder, 1978"),
    Indicator::new("wma", "Linearly weighted moving average.", &Of(|p: &[f64]| Wma::new(at(p, 0))), before_last)
        .params(PERIOD)
        .by("Σ i·x[t-p+i] / (p·(p+1)/2), i = 1..p", "common"),
    Indicator::new("dema", "Double exponential moving average.", &Of(|p: &[f64]| dema(at(p, 0))), |p| {
        2 * (at(p, 0) - 1)
    })
    .params(PERIOD)
    .by("2·e1 - e2, e1 = EMA(x), e2 = EMA(e1)", "P. Mulloy, 1994"),
    Indicator::new("tema", "Triple exponential moving average.", &Of(|p: &[f64]| tema(at(p, 0))), |p| {
        3 * (at(p, 0) - 1)
    })
    .params(PERIOD)
    .by("3·e1 - 3·e2 + e3, each the EMA of the one before", "P. Mulloy, 1994"),
    Indicator::new(
        "trima",
        "Triangular moving average: the mean of a mean.",
        &Of(|p: &[f64]| trima(at(p, 0))),
        before_last,
    )
    .params(PERIOD)
    .by("SMA(SMA(x, ⌈p/2⌉), ⌊p/2⌋ + 1)", "common"),
    Indicator::new(
        "kama",
        "Kaufman's adaptive moving average: quick where prices go one way, slow where they go to and fro.",
        &Of(|p: &[f64]| Kama::new(at(p, 0))),
        |p| at(p, 0),
    )
    .params(&[bars("period", 30.0, 2.0)])
    .by(
        "k[t] = k[t-1] + (E·(2/3 - 2/31) + 2/31)²·(x[t] - k[t-1]), E = |x[t] - x[t-p]| / Σ|x[i] - x[i-1]|, 1 where \
         that is not above the signed change; k[p-1] = x[p-1]",
        "P. Kaufman, 1995",
    ),
    Indicator::new("t3", "Tillson's T3: six EMAs in a row.", &Of(|p: &[f64]| t3(at(p, 0), real_at(p, 1))), |p| {
        6 * (at(p, 0) - 1)
    })
    .params(&[bars("period", 5.0, 1.0), real("volume_factor", 0.7, 0.0, 1.0)])
    .by(
        "-v³·e6 + 3(v² + v³)·e5 - (6v² + 3v + 3v³)·e4 + (1 + 3v + 3v² + v³)·e3, each e the EMA of the one before",
        "T. Tillson, 1998",
    ),
    Indicator::new("hma", "Hull moving average.", &Of(|p: &[f64]| hma(at(p, 0))), |p| at(p, 0) - 2 + root(at(p, 0)))
        .params(&[bars("period", 20.0, 2.0)])
        .by("WMA(2·WMA(x, ⌊p/2⌋) - WMA(x, p), ⌊√p⌋)", "A. Hull, 2005"),
    Indicator::new("ma", "Moving average of a kind.", &Of(|p: &[f64]| Average::new(at(p, 1), at(p, 0))), |p| {
        Average::lookback(at(p, 1), at(p, 0))
    })
    .params(&[bars("period", 30.0, 1.0), kind("kind", 0.0)])
    .by("the average of that kind", "common"),
    Indicator::new(
        "midpoint",
        "Middle of the highest and the lowest value.",
        &Of(|p: &[f64]| Midpoint(Middle::new(at(p, 0)))),
        before_last,
    )
    .params(&[bars("period", 14.0, 2.0)])
    .by("(max(x[t-p+1..t]) + min(x[t-p+1..t]))/2", "common"),
    Indicator::new(
        "midprice",
        "Middle of the highest high and the lowest low.",
        &Of(|p: &[f64]| Midprice(Middle::new(at(p, 0)))),
        before_last,
    )
    .params(&[bars("period", 14.0, 2.0)])
    .by("(max(high[t-p+1..t]) + min(low[t-p+1..t]))/2", "common"),
];
