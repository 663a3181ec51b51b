//! How far prices swing.

use super::{Hlc, blank, column, from, is_zero};

/// Returns the true range: the furthest of high and low from each other and from the close before; the first is at 1.
pub fn trange(bars: Hlc<'_>) -> Vec<f64> {
    column(bars.len(), 1, true_ranges(bars))
}

/// Returns the true range of each bar from the second on.
pub(super) fn true_ranges(bars: Hlc<'_>) -> impl Iterator<Item = f64> + Clone + '_ {
    bars.bars().skip(1).zip(bars.close).map(|((high, low, _), before)| {
        // Not `f64::max`: these are never NaN, and a plain comparison is one instruction.
        let (swing, up, down) = (high - low, (before - high).abs(), (before - low).abs());
        let wider = if up > swing { up } else { swing };
        if down > wider { down } else { wider }
    })
}

/// Returns the average true range of Wilder (1978), seeded with the mean of the first `period` true ranges; the first is
/// at `period`.
pub fn atr(bars: Hlc<'_>, period: usize) -> Vec<f64> {
    let period = period.max(1);
    let mut out = blank(bars.len(), period);
    let mut ranges = true_ranges(bars);
    let new_share = 1.0 / period as f64;
    let kept = 1.0 - new_share;
    let mut average = 0.0;
    for range in ranges.by_ref().take(period) {
        average += range * new_share;
    }
    let mut slots = from(&mut out, period).iter_mut();
    slots.by_ref().take(1).for_each(|it| *it = average);
    for (slot, range) in slots.zip(ranges) {
        average = average * kept + range * new_share;
        *slot = average;
    }
    out
}

/// Returns the average true range in percent of the close, 0 where the close is 0; the first is at `period`.
pub fn natr(bars: Hlc<'_>, period: usize) -> Vec<f64> {
    let mut out = atr(bars, period);
    for (slot, close) in out.iter_mut().zip(bars.close) {
        *slot = if is_zero(*close) && !slot.is_nan() { 0.0 } else { *slot / close * 100.0 };
    }
    out
}
