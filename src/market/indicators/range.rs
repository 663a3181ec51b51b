//! How far prices swing.

use super::{Hlc, column, is_zero};

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
    column(bars.len(), period.max(1), averages(bars, period.max(1)))
}

/// Returns the average true range in percent of the close, 0 where the close is 0; the first is at `period`.
pub fn natr(bars: Hlc<'_>, period: usize) -> Vec<f64> {
    let period = period.max(1);
    let closes = bars.close.iter().skip(period);
    let share = |(atr, close): (f64, &f64)| if is_zero(*close) { 0.0 } else { atr / close * 100.0 };
    column(bars.len(), period, averages(bars, period).zip(closes).map(share))
}

fn averages(bars: Hlc<'_>, period: usize) -> impl Iterator<Item = f64> + '_ {
    let ranges = true_ranges(bars);
    let divisor = period as f64;
    let kept = divisor - 1.0;
    let mut average = ranges.clone().take(period).sum::<f64>() / divisor;
    let seed = (bars.len() > period).then_some(average);
    seed.into_iter().chain(ranges.skip(period).map(move |range| {
        average = (average * kept + range) / divisor;
        average
    }))
}
