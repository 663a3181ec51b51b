//! Series over bars, read at the bars of another series: always what was known by then.

use std::sync::Arc;

use super::BarSeries;

/// Returns the bar of `from` that was the last by the start of a bar of `bars`; none before its first. A series that names
/// no bars counts in those of `bars`.
pub fn bar_in_force(from: Option<&BarSeries>, bars: &BarSeries, bar: usize) -> Option<usize> {
    match from {
        Some(from) if !Arc::ptr_eq(&from.time, &bars.time) => {
            let time = bars.time.get(bar)?;
            from.time.partition_point(|it| it <= time).checked_sub(1)
        }
        _ => Some(bar),
    }
}

/// Returns the first bar of `bars` at which what was known at a bar of `from` is known; none where that is after its last.
pub fn bar_from(from: Option<&BarSeries>, bars: &BarSeries, bar: usize) -> Option<usize> {
    let place = match from {
        Some(from) if !Arc::ptr_eq(&from.time, &bars.time) => {
            let time = from.time.get(bar)?;
            bars.time.partition_point(|it| it < time)
        }
        _ => bar,
    };
    (place < bars.len()).then_some(place)
}
