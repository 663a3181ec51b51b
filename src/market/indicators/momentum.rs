//! How fast prices change.

use super::{
    average::{Average, Both, Made, Then, kind, pair},
    registry::{Indicator, PRICE, Param, at, bars, in_unit, within},
    state::{Inputs, Of, Out, State, by_fours},
    window::{Lag, STEPS, Seeded, Smooth, Wait, at_place, is_zero},
};

/// What becomes of a value and the one of some bars ago.
pub(super) struct Change<F> {
    old: Lag,
    of: F,
}

impl<F: Fn(f64, f64) -> f64> Change<F> {
    pub(super) fn new(bars: usize, of: F) -> Self {
        Self { old: Lag::new(bars), of }
    }
}

impl<F: Fn(f64, f64) -> f64> State for Change<F> {
    type Row = f64;
    type Out = f64;
    #[inline(always)]
    fn push(&mut self, it: f64) -> Option<f64> {
        Some((self.of)(it, self.old.push(it)?))
    }
}

/// Returns a quotient, 0 where the divisor is.
fn ratio(a: f64, b: f64) -> f64 {
    if b == 0.0 { 0.0 } else { a / b }
}

fn percent(new: f64, old: f64) -> f64 {
    if old == 0.0 { 0.0 } else { (new / old - 1.0) * 100.0 }
}

/// Wilder's averages of gains and losses, and what is made of them.
struct Moves<F> {
    before: Option<f64>,
    averages: Seeded<2>,
    of: F,
}

impl<F: Fn(f64, f64) -> f64> Moves<F> {
    fn new(period: usize, of: F) -> Self {
        Self { before: None, averages: Seeded::wilder(period), of }
    }
}

impl<F: Fn(f64, f64) -> f64> State for Moves<F> {
    type Row = f64;
    type Out = f64;
    #[inline(always)]
    fn push(&mut self, it: f64) -> Option<f64> {
        let before = self.before.replace(it)?;
        let [gain, loss] = self.averages.push_all([rise(it - before), rise(before - it)])?;
        Some((self.of)(gain, loss))
    }

    #[inline(always)]
    fn takes_four(&self) -> bool {
        self.averages.takes_four()
    }

    #[inline(always)]
    fn push_four(&mut self, it: [f64; STEPS]) -> [f64; STEPS] {
        let [a, b, c, d] = it;
        let before = [self.before.unwrap_or(a), a, b, c];
        self.before = Some(d);
        let moves = std::array::from_fn(|at| {
            let (before, it) = (at_place(&before, at), at_place(&it, at));
            [rise(it - before), rise(before - it)]
        });
        self.averages.push_four(moves).map(|[gain, loss]| (self.of)(gain, loss))
    }

    #[inline(always)]
    fn column(self, of: &Inputs<'_>, slots: &mut <f64 as Out>::Slots<'_>) -> usize {
        by_fours(self, of, slots)
    }
}

/// Returns a change where it is a rise, else 0. Not `f64::max`, which also looks after NaN.
#[inline(always)]
pub(super) fn rise(change: f64) -> f64 {
    if change > 0.0 { change } else { 0.0 }
}

#[inline(always)]
fn strength(gain: f64, loss: f64) -> f64 {
    let sum = gain + loss;
    if is_zero(sum) { 0.0 } else { 100.0 * (gain / sum) }
}

#[inline(always)]
fn balance(gain: f64, loss: f64) -> f64 {
    let sum = gain + loss;
    if is_zero(sum) { 0.0 } else { 100.0 * ((gain - loss) / sum) }
}

pub(super) fn rsi(period: usize) -> impl State<Row = f64, Out = f64> {
    Moves::new(period, strength)
}

/// A fast EMA less a slow one, the EMA of that, and the difference. The fast EMA is seeded on the values that end the slow
/// one's seed.
struct Macd {
    late: Wait,
    fast: Seeded,
    slow: Seeded,
    both: Option<Smooth<2>>,
    signal: Seeded,
}

impl Macd {
    fn new(fast: usize, slow: usize, signal: usize) -> Self {
        let (fast, slow) = (fast.min(slow), fast.max(slow));
        let weight = |period: usize| 2.0 / (period as f64 + 1.0);
        Self::weighing(fast, slow, signal, [weight(fast), weight(slow)])
    }

    fn weighing(fast: usize, slow: usize, signal: usize, [quick, steady]: [f64; 2]) -> Self {
        Self {
            late: Wait::new(slow - fast),
            fast: Seeded::new(fast, quick),
            slow: Seeded::new(slow, steady),
            both: None,
            signal: Seeded::ema(signal),
        }
    }
}

impl State for Macd {
    type Row = f64;
    type Out = [f64; 3];
    #[inline(always)]
    fn push(&mut self, it: f64) -> Option<[f64; 3]> {
        let [fast, slow] = if let Some(both) = &mut self.both {
            both.push([it, it])
        } else {
            let slow = self.slow.push(it);
            self.late.over()?;
            let (fast, slow) = (self.fast.push(it)?, slow?);
            self.both = Some(Smooth::joined(&self.fast, &self.slow));
            [fast, slow]
        };
        let line = fast - slow;
        let signal = self.signal.push(line)?;
        Some([line, signal, line - signal])
    }

    #[inline(always)]
    fn takes_four(&self) -> bool {
        self.both.as_ref().is_some_and(Smooth::takes_four) && self.signal.takes_four()
    }

    #[inline(always)]
    fn push_four(&mut self, it: [f64; STEPS]) -> [[f64; 3]; STEPS] {
        let Some(both) = &mut self.both else { return [[f64::NAN; 3]; STEPS] };
        let lines = both.push_four(it.map(|it| [it, it])).map(|[fast, slow]| fast - slow);
        let signals = self.signal.push_four(lines.map(|it| [it])).map(|[it]| it);
        std::array::from_fn(|at| {
            let (line, signal) = (at_place(&lines, at), at_place(&signals, at));
            [line, signal, line - signal]
        })
    }

    #[inline(always)]
    fn column(self, of: &Inputs<'_>, slots: &mut [&mut [f64]; 3]) -> usize {
        by_fours(self, of, slots)
    }
}

/// The difference of two averages of any kind, an average of it, and the difference of both.
struct MacdExt<S> {
    line: S,
    signal: Average,
}

impl<S: State<Row = f64, Out = f64>> State for MacdExt<S> {
    type Row = f64;
    type Out = [f64; 3];
    #[inline(always)]
    fn push(&mut self, it: f64) -> Option<[f64; 3]> {
        let line = self.line.push(it)?;
        let signal = self.signal.push(line)?;
        Some([line, signal, line - signal])
    }
}

/// What is made of a fast and a slow average. In the oscillators both begin with the first bar; in the MACD the one whose first
/// value would come earlier begins that much later.
fn apart(fast: (usize, usize), slow: (usize, usize), of: fn([f64; 2]) -> f64) -> Apart {
    let (fast, slow) = if slow.1 < fast.1 { (slow, fast) } else { (fast, slow) };
    Made(Both(Average::new(fast.0, fast.1), Average::new(slow.0, slow.1)), of)
}

type Apart = Made<Both<Average, Average>, fn([f64; 2]) -> f64>;

fn less([fast, slow]: [f64; 2]) -> f64 {
    fast - slow
}

fn macd_ext(p: &[f64]) -> MacdExt<impl State<Row = f64, Out = f64> + use<>> {
    let (fast, slow) = ((at(p, 1), at(p, 0)), (at(p, 3), at(p, 2)));
    let line = Made(if slow.1 < fast.1 { pair(slow, fast) } else { pair(fast, slow) }, less);
    MacdExt { line, signal: Average::new(at(p, 5), at(p, 4)) }
}

fn slowest(p: &[f64], fast: usize, slow: usize, kinds: [usize; 2]) -> usize {
    Average::lookback(at(p, kinds[0]), at(p, fast)).max(Average::lookback(at(p, kinds[1]), at(p, slow)))
}

const PERIOD: &[Param] = &[bars("period", 10.0, 1.0)];
const WILDER: &[Param] = &[bars("period", 14.0, 2.0)];
const OSCILLATOR: &[Param] = &[bars("fast", 12.0, 2.0), bars("slow", 26.0, 2.0), kind("kind", 1.0)];

pub(super) const ALL: &[Indicator] = &[
    Indicator::new("mom", "Change over a number of bars.", &Of(|p: &[f64]| Change::new(at(p, 0), |new, old| new - old)), |p| at(p, 0))
        .params(PERIOD)
        .by("x[t] - x[t-p]", "common"),
    Indicator::new("roc", "Change over a number of bars in percent.", &Of(|p: &[f64]| Change::new(at(p, 0), percent)), |p| at(p, 0))
        .params(PERIOD)
        .outputs(&[in_unit("value", "percent")])
        .by("(x[t]/x[t-p] - 1)·100, 0 where x[t-p] is 0", "common"),
    Indicator::new(
        "rocp",
        "Change over a number of bars as a share.",
        &Of(|p: &[f64]| Change::new(at(p, 0), |new, old| ratio(new - old, old))),
        |p| at(p, 0),
    )
    .params(PERIOD)
    .outputs(&[in_unit("value", "share")])
    .by("(x[t] - x[t-p])/x[t-p], 0 where x[t-p] is 0", "common"),
    Indicator::new("rocr", "Ratio to the value of some bars ago.", &Of(|p: &[f64]| Change::new(at(p, 0), ratio)), |p| at(p, 0))
        .params(PERIOD)
        .outputs(&[in_unit("value", "ratio")])
        .by("x[t]/x[t-p], 0 where x[t-p] is 0", "common"),
    Indicator::new(
        "rocr100",
        "Ratio to the value of some bars ago, times 100.",
        &Of(|p: &[f64]| Change::new(at(p, 0), |new, old| ratio(new, old) * 100.0)),
        |p| at(p, 0),
    )
    .params(PERIOD)
    .outputs(&[in_unit("value", "percent")])
    .by("100·x[t]/x[t-p], 0 where x[t-p] is 0", "common"),
    Indicator::new("rsi", "Relative strength index of Wilder, 0 to 100.", &Of(|p: &[f64]| rsi(at(p, 0))), |p| at(p, 0))
        .params(WILDER)
        .outputs(&[within("value", "percent", 0.0, 100.0)])
        .by(
            "100·G/(G + L), G and L Wilder's averages of rises and falls, seeded with the means of the first p; 0 where \
             nothing has moved",
            "J. W. Wilder, 1978",
        ),
    Indicator::new("cmo", "Chande momentum oscillator, -100 to 100.", &Of(|p: &[f64]| Moves::new(at(p, 0), balance)), |p| at(p, 0))
        .params(WILDER)
        .outputs(&[within("value", "percent", -100.0, 100.0)])
        .by(
            "100·(G - L)/(G + L), G and L Wilder's averages of rises and falls (Chande takes plain sums); 0 where \
             nothing has moved",
            "T. Chande, 1994",
        ),
    Indicator::new(
        "macd",
        "Moving average convergence and divergence: fast EMA less slow EMA, its own EMA, and their difference.",
        &Of(|p: &[f64]| Macd::new(at(p, 0), at(p, 1), at(p, 2))),
        |p| at(p, 0).max(at(p, 1)) + at(p, 2) - 2,
    )
    .params(&[bars("fast", 12.0, 2.0), bars("slow", 26.0, 2.0), bars("signal", 9.0, 1.0)])
    .outputs(LINES)
    .by(
        "EMA(x, fast) - EMA(x, slow); the fast EMA is seeded on the values that end the slow one's seed, the signal on the \
         first values of the line",
        "G. Appel, 1979",
    ),
    Indicator::new(
        "macdfix",
        "MACD with the weights that Appel gave: 0.15 and 0.075.",
        &Of(|p: &[f64]| Macd::weighing(12, 26, at(p, 0), [0.15, 0.075])),
        |p| 24 + at(p, 0),
    )
    .params(&[bars("signal", 9.0, 1.0)])
    .outputs(LINES)
    .by("as MACD(12, 26), a new value weighing 0.15 and 0.075", "G. Appel, 1979"),
    Indicator::new("macdext", "MACD of any kind of averages.", &Of(macd_ext), |p| {
        slowest(p, 0, 2, [1, 3]) + Average::lookback(at(p, 5), at(p, 4))
    })
    .params(&[
        bars("fast", 12.0, 2.0),
        kind("fast_kind", 0.0),
        bars("slow", 26.0, 2.0),
        kind("slow_kind", 0.0),
        bars("signal", 9.0, 1.0),
        kind("signal_kind", 0.0),
    ])
    .outputs(LINES)
    .by("average(x, fast) - average(x, slow), the signal the average of that; the one whose first value would come earlier begins that \
         much later", "G. Appel, 1979"),
    Indicator::new(
        "apo",
        "Absolute price oscillator: a fast average less a slow one.",
        &Of(|p: &[f64]| apart((at(p, 2), at(p, 0)), (at(p, 2), at(p, 1)), less)),
        |p| slowest(p, 0, 1, [2, 2]),
    )
    .params(OSCILLATOR)
    .by("average(x, fast) - average(x, slow), both from the first bar", "common"),
    Indicator::new(
        "ppo",
        "Percentage price oscillator: a fast average less a slow one, in percent of the slow one.",
        &Of(|p: &[f64]| {
            let share = |[fast, slow]: [f64; 2]| if is_zero(slow) { 0.0 } else { (fast - slow) / slow * 100.0 };
            apart((at(p, 2), at(p, 0)), (at(p, 2), at(p, 1)), share)
        }),
        |p| slowest(p, 0, 1, [2, 2]),
    )
    .params(OSCILLATOR)
    .outputs(&[in_unit("value", "percent")])
    .by("100·(average(x, fast) - average(x, slow))/average(x, slow), 0 where that is 0", "common"),
    Indicator::new(
        "trix",
        "Change of an EMA of an EMA of an EMA, in percent.",
        &Of(|p: &[f64]| {
            let ema = || Seeded::ema(at(p, 0));
            Then(Then(Then(ema(), ema()), ema()), Change::new(1, percent))
        }),
        |p| 3 * (at(p, 0) - 1) + 1,
    )
    .params(&[bars("period", 30.0, 1.0)])
    .outputs(&[in_unit("value", "percent")])
    .by("(e3[t]/e3[t-1] - 1)·100", "J. Hutson, 1983"),
];

const LINES: &[super::registry::Output] =
    &[in_unit("macd", PRICE), in_unit("signal", PRICE), in_unit("histogram", PRICE)];
