//! Prices weighed by what was traded.

use super::{Hlc, column};

/// Returns the on-balance volume of Granville (1963): the volume of the first bar, then added where the close rises and taken
/// off where it falls; the first is at 0.
pub fn obv(close: &[f64], volume: &[f64]) -> Vec<f64> {
    let mut sum = volume.first().copied().unwrap_or_default();
    let changes = close.iter().zip(close.iter().skip(1)).zip(volume.iter().skip(1)).map(|((before, close), volume)| {
        if close > before {
            sum += volume;
        } else if close < before {
            sum -= volume;
        }
        sum
    });
    column(close.len().min(volume.len()), 0, volume.first().copied().into_iter().chain(changes))
}

/// Returns the money flow index of Quong and Soudack (1989): the share in percent of what was traded, typical price times
/// volume over `period` bars, at rising typical prices; 0 where next to nothing was traded. The first is at `period`.
pub fn mfi(bars: Hlc<'_>, volume: &[f64], period: usize) -> Vec<f64> {
    let period = period.max(2);
    let typical = bars.bars().map(|(high, low, close)| (high + low + close) / 3.0);
    // What was traded at a rising (first) and at a falling typical price, from the second bar on.
    let flows = typical.clone().zip(typical.skip(1)).zip(volume.iter().skip(1)).map(|((before, price), volume)| {
        let flow = price * volume;
        if price > before {
            (flow, 0.0)
        } else if price < before {
            (0.0, flow)
        } else {
            (0.0, 0.0)
        }
    });
    let (mut up, mut down) = flows.clone().take(period).fold((0.0, 0.0), |sum, it| (sum.0 + it.0, sum.1 + it.1));
    let share = |up: f64, down: f64| if up + down < 1.0 { 0.0 } else { 100.0 * (up / (up + down)) };
    let length = bars.len().min(volume.len());
    let seed = (length > period).then(|| share(up, down));
    // The flow that leaves is computed again rather than remembered.
    let rest = flows.clone().skip(period).zip(flows).map(|(new, old)| {
        up = up - old.0 + new.0;
        down = down - old.1 + new.1;
        share(up, down)
    });
    column(length, period, seed.into_iter().chain(rest))
}
