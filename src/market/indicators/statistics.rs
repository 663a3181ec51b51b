//! Statistics of a window.

use super::{
    average::Made,
    registry::{Indicator, PRICE, Param, at, bars, in_unit, positive, real, real_at, within},
    state::{Of, Pair, State},
    window::{Highest, Lowest, Moments, Place, Ring, Total, Wait, Weighted, is_zero},
};

impl<const HIGH: bool> State for super::window::Extreme<HIGH> {
    type Row = f64;
    type Out = f64;
    #[inline(always)]
    fn push(&mut self, it: f64) -> Option<f64> {
        super::window::Extreme::push(self, it)
    }
}

impl State for Moments {
    type Row = f64;
    type Out = [f64; 2];
    #[inline(always)]
    fn push(&mut self, it: f64) -> Option<[f64; 2]> {
        Moments::push(self, it).map(|(mean, variance)| [mean, variance])
    }
}

fn deviation(period: usize, times: f64) -> impl State<Row = f64, Out = f64> {
    Made(Moments::new(period), move |[_, variance]: [f64; 2]| variance.sqrt() * times)
}

/// The sum of a window, from its first whole one on.
struct Sum(Total, Wait);

impl State for Sum {
    type Row = f64;
    type Out = f64;
    #[inline(always)]
    fn push(&mut self, it: f64) -> Option<f64> {
        let sum = self.0.push(it);
        self.1.over()?;
        Some(sum)
    }
}

/// The mean distance from the mean.
struct AvgDev(Ring, Wait);

impl State for AvgDev {
    type Row = f64;
    type Out = f64;
    #[inline(always)]
    fn push(&mut self, it: f64) -> Option<f64> {
        self.0.swap(it);
        self.1.over()?;
        let values = self.0.unordered();
        let count = values.len() as f64;
        let mean = values.iter().sum::<f64>() / count;
        Some(values.iter().map(|it| (it - mean).abs()).sum::<f64>() / count)
    }
}

/// The place of an extreme, counted from the first bar, or from the first behind a gap.
struct Index<const HIGH: bool>(Place<HIGH, false>);

impl<const HIGH: bool> State for Index<HIGH> {
    type Row = f64;
    type Out = f64;
    #[inline(always)]
    fn push(&mut self, it: f64) -> Option<f64> {
        self.0.push(it)?;
        Some(self.0.index())
    }
}

/// The highest and the lowest.
struct MinMax(Lowest, Highest);

impl State for MinMax {
    type Row = f64;
    type Out = [f64; 2];
    #[inline(always)]
    fn push(&mut self, it: f64) -> Option<[f64; 2]> {
        let (low, high) = (self.0.push(it), self.1.push(it));
        Some([low?, high?])
    }
}

struct MinMaxIndex(Place<false, false>, Place<true, false>);

impl State for MinMaxIndex {
    type Row = f64;
    type Out = [f64; 2];
    #[inline(always)]
    fn push(&mut self, it: f64) -> Option<[f64; 2]> {
        let (low, high) = (self.0.push(it), self.1.push(it));
        low.and(high)?;
        Some([self.0.index(), self.1.index()])
    }
}

/// The line of least squares through a window, and what is asked of it: of its slope, its value at the first bar of the
/// window, and how many bars that is ago.
pub(super) struct Line<F> {
    weighted: Weighted,
    /// Mean of the bars' places 0, 1, …, and how much they vary.
    middle: f64,
    spread: f64,
    period: f64,
    of: F,
}

impl<F: Fn(f64, f64, f64) -> f64> Line<F> {
    fn new(period: usize, of: F) -> Self {
        let count = period as f64;
        Self {
            weighted: Weighted::new(period),
            middle: (count - 1.0) / 2.0,
            spread: count * (count * count - 1.0) / 12.0,
            period: count,
            of,
        }
    }
}

impl<F: Fn(f64, f64, f64) -> f64> State for Line<F> {
    type Row = f64;
    type Out = f64;
    #[inline(always)]
    fn push(&mut self, it: f64) -> Option<f64> {
        let (centre, weighted, sum) = self.weighted.push(it)?;
        // The weights are places plus one.
        let slope = (weighted - sum * (self.middle + 1.0)) / self.spread;
        let start = centre + (sum / self.period - slope * self.middle);
        Some((self.of)(slope, start, self.period - 1.0))
    }
}

/// Sums over a window of two series: of both, of their squares and of their products, of distances from values near by.
struct Joint {
    first: Ring,
    second: Ring,
    centre: [f64; 2],
    sums: Sums,
    count: f64,
    wait: Wait,
    stale: usize,
    peak: [f64; 2],
}

#[derive(Clone, Copy, Default)]
struct Sums {
    x: f64,
    y: f64,
    xx: f64,
    yy: f64,
    xy: f64,
}

impl Sums {
    fn add(&mut self, x: f64, y: f64, times: f64) {
        self.x += times * x;
        self.y += times * y;
        self.xx += times * (x * x);
        self.yy += times * (y * y);
        self.xy += times * (x * y);
    }
}

/// For how many windows the sums are kept before they are made afresh.
const FRESH: usize = 64;
/// How small a variance may be against what has gone through its sum that its digits still tell.
const TELLING: f64 = 1e-3;

impl Joint {
    fn new(period: usize) -> Self {
        Self {
            first: Ring::new(period),
            second: Ring::new(period),
            centre: [0.0; 2],
            sums: Sums::default(),
            count: period as f64,
            wait: Wait::new(period - 1),
            stale: 0,
            peak: [0.0; 2],
        }
    }

    /// Returns the variations of the first, of the second, and of both together, each times the count.
    #[inline(always)]
    fn push(&mut self, x: f64, y: f64) -> Option<[f64; 3]> {
        let old = (self.first.swap(x), self.second.swap(y));
        self.wait.over()?;
        let [cx, cy] = self.centre;
        self.sums.add(x - cx, y - cy, 1.0);
        self.sums.add(old.0 - cx, old.1 - cy, -1.0);
        self.peak = [self.peak[0].max(self.sums.xx), self.peak[1].max(self.sums.yy)];
        let [xx, yy, _] = self.varied();
        if self.stale == 0 || xx < self.peak[0] * TELLING || yy < self.peak[1] * TELLING {
            self.renew();
        }
        self.stale -= 1;
        Some(self.varied())
    }

    fn varied(&self) -> [f64; 3] {
        let Sums { x, y, xx, yy, xy } = self.sums;
        [xx - x * x / self.count, yy - y * y / self.count, xy - x * y / self.count]
    }

    fn renew(&mut self) {
        let mean = |of: &Ring| of.values().sum::<f64>() / self.count;
        let [cx, cy] = [mean(&self.first), mean(&self.second)];
        let mut sums = Sums::default();
        self.first.values().zip(self.second.values()).for_each(|(x, y)| sums.add(x - cx, y - cy, 1.0));
        (self.centre, self.sums, self.peak) = ([cx, cy], sums, [sums.xx, sums.yy]);
        self.stale = FRESH.max(self.first.unordered().len());
    }
}

struct Correl(Joint);

impl State for Correl {
    type Row = Pair;
    type Out = f64;
    #[inline(always)]
    fn push(&mut self, it: Pair) -> Option<f64> {
        let [xx, yy, xy] = self.0.push(it.first, it.second)?;
        let square = xx * yy;
        Some(if square < 1e-14 { 0.0 } else { xy / square.sqrt() })
    }
}

/// How much the changes of the second series follow those of the first.
struct Beta {
    before: Option<(f64, f64)>,
    joint: Joint,
}

impl State for Beta {
    type Row = Pair;
    type Out = f64;
    #[inline(always)]
    fn push(&mut self, it: Pair) -> Option<f64> {
        let before = self.before.replace((it.first, it.second))?;
        let change = |new: f64, old: f64| if is_zero(old) { 0.0 } else { (new - old) / old };
        let [xx, _, xy] = self.joint.push(change(it.first, before.0), change(it.second, before.1))?;
        Some(if is_zero(xx) { 0.0 } else { xy / xx })
    }
}

fn before_last(p: &[f64]) -> usize {
    at(p, 0) - 1
}

const FOURTEEN: &[Param] = &[bars("period", 14.0, 2.0)];
const THIRTY: &[Param] = &[bars("period", 30.0, 2.0)];
const EXTREME: &[Param] = &[bars("period", 30.0, 1.0)];
const BAR: &str = "bars from the first";

pub(super) const ALL: &[Indicator] = &[
    Indicator::new(
        "stddev",
        "Population standard deviation (ddof 0) of the last values.",
        &Of(|p: &[f64]| deviation(at(p, 0), real_at(p, 1))),
        before_last,
    )
    .params(&[bars("period", 5.0, 2.0), real("deviations", 1.0, -1e3, 1e3)])
    .by("d·√(Σ(x[i] - mean)²/p)", "common"),
    Indicator::new(
        "var",
        "Population variance (ddof 0) of the last values.",
        &Of(|p: &[f64]| Made(Moments::new(at(p, 0)), |[_, variance]: [f64; 2]| variance)),
        before_last,
    )
    .aliases(&["variance"])
    .params(&[bars("period", 5.0, 1.0)])
    .outputs(&[positive("value", "square of the input")])
    .by("Σ(x[i] - mean)²/p", "common"),
    Indicator::new(
        "avgdev",
        "Mean distance of the last values from their mean.",
        &Of(|p: &[f64]| AvgDev(Ring::new(at(p, 0)), Wait::new(at(p, 0) - 1))),
        before_last,
    )
    .params(FOURTEEN)
    .outputs(&[positive("value", PRICE)])
    .by("Σ|x[i] - mean|/p", "common"),
    Indicator::new(
        "linearreg",
        "Line of least squares at its last bar.",
        &Of(|p: &[f64]| Line::new(at(p, 0), |m, b, last| b + m * last)),
        before_last,
    )
    .params(FOURTEEN)
    .by("b + m·(p-1), m and b the slope and the start of the line of least squares through x[t-p+1..t]", "common"),
    Indicator::new(
        "linearreg_slope",
        "Slope of the line of least squares.",
        &Of(|p: &[f64]| Line::new(at(p, 0), |m, _, _| m)),
        before_last,
    )
    .params(FOURTEEN)
    .outputs(&[in_unit("value", "input a bar")])
    .by("m of linearreg", "common"),
    Indicator::new(
        "linearreg_intercept",
        "Line of least squares at its first bar.",
        &Of(|p: &[f64]| Line::new(at(p, 0), |_, b, _| b)),
        before_last,
    )
    .params(FOURTEEN)
    .by("b of linearreg", "common"),
    Indicator::new(
        "linearreg_angle",
        "Slope of the line of least squares as an angle.",
        &Of(|p: &[f64]| Line::new(at(p, 0), |m, _, _| m.atan().to_degrees())),
        before_last,
    )
    .params(FOURTEEN)
    .outputs(&[within("value", "degrees", -90.0, 90.0)])
    .by("atan(m)·180/π, m of linearreg", "common"),
    Indicator::new(
        "tsf",
        "Line of least squares at the next bar.",
        &Of(|p: &[f64]| Line::new(at(p, 0), |m, b, last| b + m * (last + 1.0))),
        before_last,
    )
    .params(FOURTEEN)
    .by("b + m·p of linearreg", "common"),
    Indicator::new("correl", "Correlation of two series.", &Of(|p: &[f64]| Correl(Joint::new(at(p, 0)))), before_last)
        .params(&[bars("period", 30.0, 1.0)])
        .outputs(&[within("value", "ratio", -1.0, 1.0)])
        .by("Pearson's r over p bars, 0 where one of them does not vary", "K. Pearson, 1895"),
    Indicator::new(
        "beta",
        "How much the changes of the second series follow those of the first.",
        &Of(|p: &[f64]| Beta { before: None, joint: Joint::new(at(p, 0)) }),
        |p| at(p, 0),
    )
    .params(&[bars("period", 5.0, 1.0)])
    .outputs(&[in_unit("value", "ratio")])
    .by("cov(r1, r2)/var(r1) over p changes r = x[t]/x[t-1] - 1, 0 where the first does not vary", "common"),
    Indicator::new("highest", "Highest of the last values.", &Of(|p: &[f64]| Highest::new(at(p, 0))), before_last)
        .aliases(&["max"])
        .params(EXTREME)
        .by("max(x[t-p+1..t])", "common"),
    Indicator::new("lowest", "Lowest of the last values.", &Of(|p: &[f64]| Lowest::new(at(p, 0))), before_last)
        .aliases(&["min"])
        .params(EXTREME)
        .by("min(x[t-p+1..t])", "common"),
    Indicator::new(
        "maxindex",
        "Bar of the highest of the last values.",
        &Of(|p: &[f64]| Index::<true>(Place::new(at(p, 0)))),
        before_last,
    )
    .params(THIRTY)
    .outputs(&[positive("value", BAR)])
    .by(
        "the bar of max(x[t-p+1..t]), from 0; of equals the latest, or the earliest once a higher one has left",
        "common",
    ),
    Indicator::new(
        "minindex",
        "Bar of the lowest of the last values.",
        &Of(|p: &[f64]| Index::<false>(Place::new(at(p, 0)))),
        before_last,
    )
    .params(THIRTY)
    .outputs(&[positive("value", BAR)])
    .by(
        "the bar of min(x[t-p+1..t]), from 0; of equals the latest, or the earliest once a lower one has left",
        "common",
    ),
    Indicator::new(
        "minmax",
        "Lowest and highest of the last values.",
        &Of(|p: &[f64]| MinMax(Lowest::new(at(p, 0)), Highest::new(at(p, 0)))),
        before_last,
    )
    .params(THIRTY)
    .outputs(&[in_unit("min", PRICE), in_unit("max", PRICE)])
    .by("min and max of x[t-p+1..t]", "common"),
    Indicator::new(
        "minmaxindex",
        "Bars of the lowest and of the highest of the last values.",
        &Of(|p: &[f64]| MinMaxIndex(Place::new(at(p, 0)), Place::new(at(p, 0)))),
        before_last,
    )
    .params(THIRTY)
    .outputs(&[positive("min", BAR), positive("max", BAR)])
    .by("minindex and maxindex", "common"),
    Indicator::new(
        "sum",
        "Sum of the last values.",
        &Of(|p: &[f64]| Sum(Total::new(at(p, 0)), Wait::new(at(p, 0) - 1))),
        before_last,
    )
    .params(THIRTY)
    .by("Σ x[t-p+1..t]", "common"),
];
