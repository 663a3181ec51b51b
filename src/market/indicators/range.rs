//! How far prices swing.

use super::{
    average::Then,
    mean::RunningMean,
    registry::{Indicator, PRICE, Param, at, bars, positive},
    state::{Each, Hl, Hlc, Inputs, Of, Out, State, head, tail},
    window::{STEPS, Seeded, at_place, is_zero},
};

/// The true range of each bar from the second on: the furthest of high and low from each other and from the close before.
#[derive(Default)]
pub(super) struct TrueRange {
    before: Option<f64>,
}

/// Returns the true range of a bar behind such a close: how far apart the higher of close and high, and the lower of close and
/// low are.
#[inline(always)]
fn true_range(before: f64, it: Hlc) -> f64 {
    // Not `f64::max`: these are never NaN, and a plain comparison is one instruction.
    let top = if before > it.high { before } else { it.high };
    let bottom = if before < it.low { before } else { it.low };
    top - bottom
}

impl State for TrueRange {
    type Row = Hlc;
    type Out = f64;
    #[inline(always)]
    fn push(&mut self, it: Hlc) -> Option<f64> {
        Some(true_range(self.before.replace(it.close)?, it))
    }
}

/// Wilder's average of true ranges.
pub(super) struct Atr {
    range: TrueRange,
    average: Seeded,
}

pub(super) fn atr(period: usize) -> Atr {
    Atr { range: TrueRange::default(), average: Seeded::wilder(period) }
}

impl State for Atr {
    type Row = Hlc;
    type Out = f64;
    #[inline(always)]
    fn push(&mut self, it: Hlc) -> Option<f64> {
        self.average.push(self.range.push(it)?)
    }

    #[inline(always)]
    fn takes_four(&self) -> bool {
        self.average.takes_four()
    }

    #[inline(always)]
    fn column(mut self, of: &Inputs<'_>, slots: &mut <f64 as Out>::Slots<'_>) -> usize {
        let mut at = head(&mut self, of, slots);
        // Variables that nothing else has a reference to stay in registers.
        let Self { mut range, mut average } = self;
        if at > 0 && average.takes_four() {
            let bars = blocks(of.high, at).iter().zip(blocks(of.low, at)).zip(blocks(of.close, at));
            let before = blocks(of.close, at - 1);
            for (((high, low), close), (before, slots)) in bars.zip(before.iter().zip(blocks_mut(slots, at))) {
                let start = average.clone();
                let bars = high.iter().zip(low).zip(close).zip(before);
                for ((((high, low), close), before), slots) in bars.zip(slots.iter_mut()) {
                    let [high, low, close, before] = [high, low, close, before].map(|it| move |at| at_place(it, at));
                    let ranges = std::array::from_fn(|at| {
                        let range = true_range(before(at), Hlc { high: high(at), low: low(at), close: close(at) });
                        // A price that is missing may not show in the range; it does in its sum with nothing.
                        [range + (high(at) + low(at) + before(at)) * 0.0]
                    });
                    *slots = average.push_four(ranges).map(|[it]| it);
                }
                // What is missing stays so in the average, and need not be looked for at each bar.
                let [.., [.., close]] = close;
                let [.., [.., last]] = slots;
                if !(*last + close).is_finite() {
                    average = start;
                    break;
                }
                at += BLOCK;
            }
            range.before = of.close.get(at - 1).copied();
        }
        tail(Self { range, average }, of, slots, at)
    }
}

/// So many bars are run before something missing is looked for.
const BLOCK: usize = 64;
type Block = [[f64; STEPS]; BLOCK / STEPS];

fn blocks(it: &[f64], at: usize) -> &[Block] {
    it.get(at..).unwrap_or_default().as_chunks().0.as_chunks().0
}

fn blocks_mut(it: &mut [f64], at: usize) -> &mut [Block] {
    it.get_mut(at..).unwrap_or_default().as_chunks_mut().0.as_chunks_mut().0
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
        &Of(|p: &[f64]| Then(Each::new(|it: Hl| it.high - it.low), RunningMean::new(at(p, 0)))),
        |p| at(p, 0) - 1,
    )
    .params(PERIOD)
    .outputs(&[positive("value", PRICE)])
    .by("mean(high - low)", "common"),
];
