//! Work spread over all processors.

use std::{
    ops::Range,
    panic::resume_unwind,
    sync::atomic::{AtomicUsize, Ordering},
    thread,
};

/// Returns what `work` makes of every place from 0 to `count`, in order, computed side by side in parts.
pub(crate) fn spread<T: Send>(count: usize, work: &(dyn Fn(Range<usize>) -> Vec<T> + Sync)) -> Vec<T> {
    let threads = thread::available_parallelism().map_or(1, usize::from).min(count);
    if threads < 2 {
        return work(0..count);
    }
    // Parts small enough that nobody waits long for the last one.
    let part = (count / (threads * 8)).max(1);
    let next = AtomicUsize::new(0);
    let take = || {
        let mut made: Vec<(usize, Vec<T>)> = Vec::new();
        loop {
            let start = next.fetch_add(part, Ordering::Relaxed);
            if start >= count {
                return made;
            }
            made.push((start, work(start..(start + part).min(count))));
        }
    };
    let mut made = thread::scope(|scope| {
        let others: Vec<_> = (1..threads).map(|_| scope.spawn(take)).collect();
        let mut made = take();
        for other in others {
            made.extend(other.join().unwrap_or_else(|panic| resume_unwind(panic)));
        }
        made
    });
    made.sort_by_key(|it| it.0);
    made.into_iter().flat_map(|it| it.1).collect()
}

/// From so many rows on a second processor is worth its thread.
const MANY: usize = 65_536;

/// Returns the same of work on so many rows in all, of which there may be too few for that.
pub(crate) fn spread_over<T: Send>(
    rows: usize,
    count: usize,
    work: &(dyn Fn(Range<usize>) -> Vec<T> + Sync),
) -> Vec<T> {
    if rows < MANY { work(0..count) } else { spread(count, work) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_is_done_once_and_in_order() {
        for count in [0, 1, 2, 7, 1_000] {
            let doubled = spread(count, &|range| range.map(|it| 2 * it).collect());
            assert_eq!(doubled, (0..count).map(|it| 2 * it).collect::<Vec<_>>());
        }
    }
}
