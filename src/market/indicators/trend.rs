//! Which way prices go, and how surely.

use super::{
    average::Made,
    range::TrueRange,
    registry::{Indicator, PRICE, Param, at, bars, positive, real, real_at, within},
    state::{Hl, Hlc, Of, State},
    window::{Amount, Lag, Seeded, Smooth, Wait, is_zero},
};

/// What Wilder counts of a bar: only the larger of the rise of the high and the fall of the low, and neither where they are
/// equal.
#[inline(always)]
fn movement(before: Hl, now: Hl) -> [f64; 2] {
    let (up, down) = (now.high - before.high, before.low - now.low);
    [if up > down && up > 0.0 { up } else { 0.0 }, if down > up && down > 0.0 { down } else { 0.0 }]
}

/// Wilder's running sums: each step lets go of a `period`th and adds the new.
struct Sums<const N: usize> {
    wait: Wait,
    first: [f64; N],
    smooth: Option<Smooth<N>>,
    kept: f64,
}

impl<const N: usize> Sums<N> {
    /// Returns some that start with the plain sums of `count` values.
    fn new(period: usize, count: usize) -> Self {
        Self { wait: Wait::new(count), first: [0.0; N], smooth: None, kept: 1.0 - 1.0 / period as f64 }
    }

    #[inline(always)]
    fn push(&mut self, it: [f64; N]) -> Option<[f64; N]> {
        if let Some(smooth) = &mut self.smooth {
            return Some(smooth.push(it));
        }
        self.wait.over()?;
        let smooth = self.smooth.insert(Smooth::new(self.first, [self.kept; N], [1.0; N]));
        Some(smooth.push(it))
    }

    #[inline(always)]
    fn add(&mut self, it: [f64; N]) {
        if self.smooth.is_none() {
            self.first.iter_mut().zip(it).for_each(|(sum, it)| *sum += it);
        }
    }
}

/// Upward and downward movement and true range, each summed up.
struct Directional {
    before: Option<Hl>,
    range: TrueRange,
    sums: Sums<3>,
}

impl Directional {
    fn new(period: usize) -> Self {
        Self { before: None, range: TrueRange::default(), sums: Sums::new(period, period - 1) }
    }
}

impl State for Directional {
    type Row = Hlc;
    type Out = [f64; 3];
    #[inline(always)]
    fn push(&mut self, it: Hlc) -> Option<[f64; 3]> {
        let now = Hl { high: it.high, low: it.low };
        let range = self.range.push(it);
        let [plus, minus] = movement(self.before.replace(now)?, now);
        let all = [plus, minus, range?];
        let given = self.sums.push(all);
        if given.is_none() {
            self.sums.add(all);
        }
        given
    }
}

/// Movements alone, summed up; the plain sum of the first is a value too.
struct Movements {
    before: Option<Hl>,
    wait: Wait,
    sums: [f64; 2],
    smooth: Option<Smooth<2>>,
    kept: f64,
}

impl Movements {
    fn new(period: usize) -> Self {
        let first = (period - 1).max(1);
        Self { before: None, wait: Wait::new(first - 1), sums: [0.0; 2], smooth: None, kept: 1.0 - 1.0 / period as f64 }
    }
}

impl State for Movements {
    type Row = Hl;
    type Out = [f64; 2];
    #[inline(always)]
    fn push(&mut self, it: Hl) -> Option<[f64; 2]> {
        let [plus, minus] = movement(self.before.replace(it)?, it);
        if let Some(smooth) = &mut self.smooth {
            return Some(smooth.push([plus, minus]));
        }
        self.sums = [self.sums[0] + plus, self.sums[1] + minus];
        self.wait.over()?;
        self.smooth = Some(Smooth::new(self.sums, [self.kept; 2], [1.0; 2]));
        Some(self.sums)
    }
}

/// Returns one of the sums in percent of the range; 0 where nothing has moved.
fn share(of: f64, range: f64) -> f64 {
    if is_zero(range) { 0.0 } else { 100.0 * (of / range) }
}

/// Returns the directional index in percent, where there is one.
#[inline(always)]
fn index([plus, minus, range]: [f64; 3]) -> Option<f64> {
    let sum = plus + minus;
    let none = is_zero(range) || 100.0 * sum < 1e-14 * range;
    (!none).then(|| 100.0 * ((minus - plus).abs() / sum))
}

/// The directional index; where there is none the value before is kept.
struct Dx {
    sums: Directional,
    last: f64,
}

impl State for Dx {
    type Row = Hlc;
    type Out = f64;
    #[inline(always)]
    fn push(&mut self, it: Hlc) -> Option<f64> {
        self.last = index(self.sums.push(it)?).unwrap_or(self.last);
        Some(self.last)
    }
}

/// Wilder's average of the directional index; where there is none the value before is kept.
pub(super) struct Adx {
    sums: Directional,
    average: Seeded,
    last: Option<f64>,
}

impl Adx {
    pub(super) fn new(period: usize) -> Self {
        Self { sums: Directional::new(period), average: Seeded::wilder(period), last: None }
    }
}

impl State for Adx {
    type Row = Hlc;
    type Out = f64;
    #[inline(always)]
    fn push(&mut self, it: Hlc) -> Option<f64> {
        let index = index(self.sums.push(it)?);
        // Among the first, what has no index counts as none.
        if let Some(index) = index.or(if self.last.is_none() { Some(0.0) } else { None }) {
            self.last = self.average.push(index);
        }
        self.last
    }
}

/// The mean of the index and what it was.
struct Adxr {
    index: Adx,
    old: Lag,
}

impl State for Adxr {
    type Row = Hlc;
    type Out = f64;
    #[inline(always)]
    fn push(&mut self, it: Hlc) -> Option<f64> {
        let now = self.index.push(it)?;
        Some(f64::midpoint(now, self.old.push(now)?))
    }
}

/// The stop of a position that is always in the market.
struct Sar {
    acceleration: f64,
    most: f64,
    before: Option<Hl>,
    run: Option<Run>,
}

struct Run {
    long: bool,
    extreme: f64,
    stop: f64,
    speed: f64,
}

impl State for Sar {
    type Row = Hl;
    type Out = f64;
    #[inline(always)]
    fn push(&mut self, it: Hl) -> Option<f64> {
        let Hl { high, low } = it;
        let before = self.before.replace(it)?;
        // The first step looks at its own bar only.
        let (highest, lowest) = match &self.run {
            Some(_) => (high.max(before.high), low.min(before.low)),
            None => (high, low),
        };
        let (acceleration, most) = (self.acceleration, self.most);
        let run = self.run.get_or_insert_with(|| {
            let fall = before.low - low;
            let long = !(fall > 0.0 && fall > high - before.high);
            let (extreme, stop) = if long { (high, before.low) } else { (low, before.high) };
            Run { long, extreme, stop, speed: acceleration }
        });
        let reversed = if run.long { low <= run.stop } else { high >= run.stop };
        let mut shown = run.stop;
        if reversed {
            shown = if run.long { run.extreme.max(highest) } else { run.extreme.min(lowest) };
            run.long = !run.long;
            run.speed = acceleration;
            run.extreme = if run.long { high } else { low };
            run.stop = shown;
        } else if if run.long { high > run.extreme } else { low < run.extreme } {
            run.extreme = if run.long { high } else { low };
            run.speed = (run.speed + acceleration).min(most);
        }
        run.stop += run.speed * (run.extreme - run.stop);
        run.stop = if run.long { run.stop.min(lowest) } else { run.stop.max(highest) };
        Some(shown)
    }
}

/// How far highs are from the lows before, and lows from the highs before, against the true range.
struct Vortex {
    before: Option<Hl>,
    range: TrueRange,
    sums: [Amount; 3],
    wait: Wait,
}

impl State for Vortex {
    type Row = Hlc;
    type Out = [f64; 2];
    #[inline(always)]
    fn push(&mut self, it: Hlc) -> Option<[f64; 2]> {
        let range = self.range.push(it);
        let before = self.before.replace(Hl { high: it.high, low: it.low })?;
        let [plus, minus, ranges] = &mut self.sums;
        let (plus, minus) = (plus.push((it.high - before.low).abs()), minus.push((it.low - before.high).abs()));
        let range = ranges.push(range?);
        self.wait.over()?;
        Some([plus, minus].map(|it| if is_zero(range) { 0.0 } else { it / range }))
    }
}

const ONE: &[Param] = &[bars("period", 14.0, 1.0)];
const TWO: &[Param] = &[bars("period", 14.0, 2.0)];
const PERCENT: &[super::registry::Output] = &[within("value", "percent", 0.0, 100.0)];
const WILDER: &str = "J. W. Wilder, 1978";

pub(super) const ALL: &[Indicator] = &[
    Indicator::new("adx", "Average directional index of Wilder: how strong a trend is.", &Of(|p: &[f64]| Adx::new(at(p, 0))), |p| {
        2 * at(p, 0) - 1
    })
    .params(TWO)
    .outputs(PERCENT)
    .by("a[t] = (a[t-1]·(p-1) + DX[t])/p; a[2p-1] = mean(DX[p..2p-1]); where there is no DX the value before is kept", WILDER),
    Indicator::new(
        "adxr",
        "Mean of the average directional index and what it was.",
        &Of(|p: &[f64]| Adxr { index: Adx::new(at(p, 0)), old: Lag::new(at(p, 0) - 1) }),
        |p| 3 * at(p, 0) - 2,
    )
    .params(TWO)
    .outputs(PERCENT)
    .by("(ADX[t] + ADX[t-p+1])/2", WILDER),
    Indicator::new(
        "dx",
        "Directional index of Wilder.",
        &Of(|p: &[f64]| Dx { sums: Directional::new(at(p, 0)), last: 0.0 }),
        |p| at(p, 0),
    )
    .params(TWO)
    .outputs(PERCENT)
    .by("100·|DI+ - DI-|/(DI+ + DI-); where nothing has moved the value before is kept", WILDER),
    Indicator::new(
        "plus_di",
        "Positive directional indicator of Wilder.",
        &Of(|p: &[f64]| Made(Directional::new(at(p, 0)), |[plus, _, range]: [f64; 3]| share(plus, range))),
        |p| at(p, 0),
    )
    .params(TWO)
    .outputs(PERCENT)
    .by("100·S(+DM)/S(TR), S[t] = S[t-1] - S[t-1]/p + x[t], started as the sum of the first p-1", WILDER),
    Indicator::new(
        "minus_di",
        "Negative directional indicator of Wilder.",
        &Of(|p: &[f64]| Made(Directional::new(at(p, 0)), |[_, minus, range]: [f64; 3]| share(minus, range))),
        |p| at(p, 0),
    )
    .params(TWO)
    .outputs(PERCENT)
    .by("100·S(-DM)/S(TR), S[t] = S[t-1] - S[t-1]/p + x[t], started as the sum of the first p-1", WILDER),
    Indicator::new(
        "plus_dm",
        "Upward movement of Wilder, summed up.",
        &Of(|p: &[f64]| Made(Movements::new(at(p, 0)), |[plus, _]: [f64; 2]| plus)),
        |p| (at(p, 0) - 1).max(1),
    )
    .params(ONE)
    .outputs(&[positive("value", PRICE)])
    .by("S(+DM), +DM the rise of the high where it is above the fall of the low, else 0", WILDER),
    Indicator::new(
        "minus_dm",
        "Downward movement of Wilder, summed up.",
        &Of(|p: &[f64]| Made(Movements::new(at(p, 0)), |[_, minus]: [f64; 2]| minus)),
        |p| (at(p, 0) - 1).max(1),
    )
    .params(ONE)
    .outputs(&[positive("value", PRICE)])
    .by("S(-DM), -DM the fall of the low where it is above the rise of the high, else 0", WILDER),
    Indicator::new(
        "sar",
        "Parabolic stop and reverse of Wilder.",
        &Of(|p: &[f64]| Sar {
            acceleration: real_at(p, 0).min(real_at(p, 1)),
            most: real_at(p, 1),
            before: None,
            run: None,
        }),
        |_| 1,
    )
    .aliases(&["psar"])
    .params(&[real("acceleration", 0.02, 0.0, 1.0), real("maximum", 0.2, 0.0, 1.0)])
    .by(
        "s[t+1] = s[t] + a·(extreme - s[t]), a growing by the acceleration at each new extreme; not beyond the last two \
         bars; long at first unless the second bar falls more than it rises",
        WILDER,
    ),
    Indicator::new(
        "vortex",
        "Vortex indicator: upward and downward swings against the true range.",
        &Of(|p: &[f64]| Vortex {
            before: None,
            range: TrueRange::default(),
            sums: [(); 3].map(|()| Amount::new(at(p, 0))),
            wait: Wait::new(at(p, 0) - 1),
        }),
        |p| at(p, 0),
    )
    .params(TWO)
    .outputs(&[positive("plus", "ratio"), positive("minus", "ratio")])
    .by("Σ|high - low[t-1]|/Σ TR and Σ|low - high[t-1]|/Σ TR", "E. Botes, D. Siepman, 2009"),
];
