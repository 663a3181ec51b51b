//! Prices weighed by what was traded.

use super::{Hlc, blank, from};

/// Returns the on-balance volume of Granville (1963): the volume of the first bar, then added where the close rises and taken
/// off where it falls; the first is at 0.
pub fn obv(close: &[f64], volume: &[f64]) -> Vec<f64> {
    let mut out = blank(close.len().min(volume.len()), 0);
    let mut before = close.first().copied().unwrap_or_default();
    let mut sum = volume.first().copied().unwrap_or_default();
    for ((slot, close), volume) in out.iter_mut().zip(close).zip(volume) {
        sum += if *close > before { *volume } else { 0.0 };
        sum -= if *close < before { *volume } else { 0.0 };
        before = *close;
        *slot = sum;
    }
    out
}

/// Returns the money flow index of Quong and Soudack (1989): the share in percent of what was traded, typical price times
/// volume over `period` bars, at rising typical prices; 0 where next to nothing was traded. The first is at `period`.
pub fn mfi(bars: Hlc<'_>, volume: &[f64], period: usize) -> Vec<f64> {
    let period = period.max(2);
    let typical = bars.bars().map(|(high, low, close)| (high + low + close) / 3.0);
    // What was traded at a rising (first) and at a falling typical price, from the second bar on.
    let flows = typical.clone().zip(typical.skip(1)).zip(volume.iter().skip(1)).map(|((before, price), volume)| {
        let flow = price * volume;
        (if price > before { flow } else { 0.0 }, if price < before { flow } else { 0.0 })
    });
    let (mut up, mut down) = flows.clone().take(period).fold((0.0, 0.0), |sum, it| (sum.0 + it.0, sum.1 + it.1));
    let share = |up: f64, down: f64| if up + down < 1.0 { 0.0 } else { 100.0 * (up / (up + down)) };
    let length = bars.len().min(volume.len());
    let mut out = blank(length, period);
    let mut slots = from(&mut out, period).iter_mut();
    slots.by_ref().take(1).for_each(|it| *it = share(up, down));
    // The flow that leaves is computed again rather than remembered.
    for ((slot, new), old) in slots.zip(flows.clone().skip(period)).zip(flows) {
        up = up - old.0 + new.0;
        down = down - old.1 + new.1;
        *slot = share(up, down);
    }
    out
}
