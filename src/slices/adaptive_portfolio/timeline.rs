//! Several symbols on one line of time: what is known of each at each time.

use crate::market::{Bars, date_of};

/// The times of all bars together, and for each symbol the last bar known at each of them.
pub(super) struct Timeline {
    /// Rising, each once.
    pub times: Vec<i64>,
    /// For each symbol and time the symbol's bar in force, none before its first.
    pub known: Vec<Vec<Option<usize>>>,
}

impl Timeline {
    pub(super) fn new<'a>(bars: impl Iterator<Item = &'a Bars> + Clone) -> Self {
        let mut times: Vec<i64> = bars.clone().flat_map(|it| it.time.iter().copied()).collect();
        times.sort_unstable();
        times.dedup();
        let known = bars.map(|bars| {
            let mut next = 0;
            let bar = |time: &i64| {
                while bars.time.get(next).is_some_and(|it| it <= time) {
                    next += 1;
                }
                next.checked_sub(1)
            };
            times.iter().map(bar).collect()
        });
        let known = known.collect();
        Self { times, known }
    }

    /// Says whether a time is the first of its month, as far as it and what was before it tell.
    pub(super) fn begins_month(&self, at: usize) -> bool {
        let month = |at: usize| self.times.get(at).map(|it| date_of(*it)).map(|it| (it.year(), it.month()));
        at.checked_sub(1).is_none_or(|before| month(before) != month(at))
    }

    /// Returns the last close of each symbol at a time; NaN before its first.
    pub(super) fn prices<'a>(&self, bars: impl Iterator<Item = &'a Bars>, at: usize) -> Vec<f64> {
        let close = |(bars, known): (&'a Bars, &Vec<Option<usize>>)| bars.close.get((*known.get(at)?)?).copied();
        bars.zip(&self.known).map(|it| close(it).unwrap_or(f64::NAN)).collect()
    }

    /// Returns the log returns of a symbol over the `count` times up to `at`; none where it has no bar that early. A time
    /// without a bar of its own has the return zero.
    pub(super) fn returns(&self, symbol: usize, bars: &Bars, at: usize, count: usize) -> Option<Vec<f64>> {
        let known = self.known.get(symbol)?.get(at.checked_sub(count)?..=at)?;
        let closes: Option<Vec<f64>> = known.iter().map(|it| bars.close.get((*it)?).copied()).collect();
        let closes = closes?;
        Some(closes.iter().zip(closes.iter().skip(1)).map(|(a, b)| (b / a).ln()).collect())
    }
}
