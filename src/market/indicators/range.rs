//! How far prices swing.

use super::{
    average::{Sma, Then},
    registry::{Indicator, PRICE, Param, at, bars, positive},
    state::{Each, Hl, Hlc, Of, State},
    window::{Seeded, is_zero},
};

/// The true range of each bar from the second on: the furthest of high and low from each other and from the close before.
#[derive(Default)]
pub(super) struct TrueRange {
    before: Option<f64>,
}

impl State for TrueRange {
    type Row = Hlc;
    type Out = f64;
    #[inline(always)]
    fn push(&mut self, it: Hlc) -> Option<f64> {
        let before = self.before.replace(it.close)?;
        // Not `f64::max`: these are never NaN, and a plain comparison is one instruction.
        let (swing, up, down) = (it.high - it.low, (before - it.high).abs(), (before - it.low).abs());
        let wider = if up > swing { up } else { swing };
        Some(if down > wider { down } else { wider })
    }
}

/// Wilder's average of true ranges.
pub(super) type Atr = Then<TrueRange, Seeded>;

pub(super) fn atr(period: usize) -> Atr {
    Then(TrueRange::default(), Seeded::wilder(period))
}

/// The average true range against the close.
struct Natr(Atr);

impl State for Natr {
    type Row = Hlc;
    type Out = f64;
    #[inline(always)]
    fn push(&mut self, it: Hlc) -> Option<f64> {
        let range = self.0.push(it)?;
        Some(if is_zero(it.close) { 0.0 } else { range / it.close * 100.0 })
    }
}

const PERIOD: &[Param] = &[bars("period", 14.0, 1.0)];

pub(super) const ALL: &[Indicator] = &[
    Indicator::new(
        "trange",
        "True range: the swing of a bar, a gap to the close before included.",
        &Of(|_: &[f64]| TrueRange::default()),
        |_| 1,
    )
    .aliases(&["true_range"])
    .outputs(&[positive("value", PRICE)])
    .by("max(high - low, |high - close[t-1]|, |low - close[t-1]|)", "J. W. Wilder, 1978"),
    Indicator::new("atr", "Average true range of Wilder.", &Of(|p: &[f64]| atr(at(p, 0))), |p| at(p, 0))
        .params(PERIOD)
        .outputs(&[positive("value", PRICE)])
        .by("a[t] = (a[t-1]·(p-1) + TR[t])/p; a[p] = mean(TR[1..p])", "J. W. Wilder, 1978"),
    Indicator::new("natr", "Average true range in percent of the close.", &Of(|p: &[f64]| Natr(atr(at(p, 0)))), |p| {
        at(p, 0)
    })
    .params(PERIOD)
    .outputs(&[positive("value", "percent")])
    .by("100·ATR/close, 0 where the close is 0", "J. Forman, 2006"),
    Indicator::new(
        "adr",
        "Average daily range: the mean swing of a bar, gaps left out.",
        &Of(|p: &[f64]| Then(Each::new(|it: Hl| it.high - it.low), Sma::new(at(p, 0)))),
        |p| at(p, 0) - 1,
    )
    .params(PERIOD)
    .outputs(&[positive("value", PRICE)])
    .by("mean(high - low)", "common"),
];
