//! What is odd about bars, as values: what was mended when they were loaded, and what they themselves show.

use std::sync::Arc;

use schemars::JsonSchema;
use serde::Serialize;

use super::BarSeries;
use crate::market::{calendar::Calendar, time::time_text};

/// What may be odd about bars.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Oddity {
    /// Rows that came before an earlier bar; they were put in order.
    OutOfOrder,
    /// The same bar again; it was left out.
    Repeated,
    /// Rows without any price; they were left out.
    WithoutPrices,
    /// Opens and closes outside of low to high by a rounding; low and high were widened.
    Widened,
    /// No volume; it was taken as 0.
    WithoutVolume,
    /// Stretches in which the calendar wants bars and there are none.
    Gap,
    /// A close that is far from the one before it, for these bars.
    Jump,
    /// Stretches in which no price moves.
    Stale,
}

/// What was found odd: how often, and where first.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Finding {
    /// What was found.
    pub what: Oddity,
    /// How often.
    pub count: u64,
    /// The first places: lines or rows of the source, or times of bars.
    pub first: Vec<String>,
}

/// Whence bars come.
#[derive(Clone, Debug, Default)]
pub struct Origin {
    /// When their market is open.
    pub calendar: Calendar,
    /// What was mended when they were loaded.
    pub findings: Arc<[Finding]>,
}

/// What bars are like beside their prices.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Quality {
    /// The calendar by which bars are expected.
    pub calendar: String,
    /// How many bars the calendar expects between the first and the last; none where it does not say.
    pub expected: Option<u64>,
    /// How many of them are missing; none where the calendar does not say.
    pub missing: Option<u64>,
    /// What is odd.
    pub findings: Vec<Finding>,
}

/// How many places a finding names.
const PLACES: usize = 3;
/// How many times the usual size a move must have to be a jump: a normal one is so once in a lifetime.
const JUMP: f64 = 20.0;
/// The median of the size of normal moves is this part of their standard deviation.
const MEDIAN_OF_NORMAL: f64 = 0.674_49;
/// From how many bars on it is odd that no price moves.
const STALE: usize = 10;

impl Finding {
    /// Returns what was found at these places, where there are any.
    pub(super) fn of(what: Oddity, places: impl ExactSizeIterator<Item = String>) -> Option<Self> {
        let count = places.len() as u64;
        (count > 0).then(|| Self { what, count, first: places.take(PLACES).collect() })
    }
}

impl BarSeries {
    /// Returns what is odd about the bars: what was mended when they were loaded, gaps by their calendar, jumps of more than 20
    /// times the usual move (its median over the closes, as for a normal distribution), ten bars and more without any move.
    pub fn quality(&self) -> Quality {
        let (missing, gaps) = self.gaps();
        let at = |bar: usize| self.time.get(bar).map_or(String::new(), |it| time_text(*it));
        let between = |(a, b): &(usize, usize)| format!("{}..{}", at(*a), at(*b));
        let (jumps, stale) = (self.jumps(), self.stale());
        let shown = [
            Finding::of(Oddity::Gap, gaps.iter().map(between)),
            Finding::of(Oddity::Jump, jumps.iter().map(|it| at(*it))),
            Finding::of(Oddity::Stale, stale.iter().map(between)),
        ];
        Quality {
            calendar: self.origin.calendar.name().into(),
            expected: missing.map(|it| it + self.len() as u64),
            missing,
            findings: self.origin.findings.iter().cloned().chain(shown.into_iter().flatten()).collect(),
        }
    }

    /// Returns how many bars are missing, and between which.
    pub(super) fn gaps(&self) -> (Option<u64>, Vec<(usize, usize)>) {
        let length = self.timeframe.0 / 1_000;
        let mut gaps = Vec::new();
        let mut all = Some(0);
        for (at, (before, after)) in self.time.iter().zip(self.time.iter().skip(1)).enumerate() {
            if after - before == length {
                continue;
            }
            let missing = self.origin.calendar.missing(*before, *after, self.timeframe);
            if missing.is_some_and(|it| it > 0) {
                gaps.push((at, at + 1));
            }
            all = all.zip(missing).map(|(all, more)| all + more);
        }
        (all.filter(|_| self.origin.calendar != Calendar::Utc), gaps)
    }

    fn jumps(&self) -> Vec<usize> {
        let moves = self.close.iter().zip(self.close.iter().skip(1)).map(|(before, after)| (after / before).ln().abs());
        let moves: Vec<f64> = moves.collect();
        let mut sorted: Vec<f64> = moves.iter().copied().filter(|it| *it > 0.0).collect();
        let middle = sorted.len() / 2;
        if sorted.len() < STALE {
            return Vec::new();
        }
        let (_, median, _) = sorted.select_nth_unstable_by(middle, f64::total_cmp);
        let bound = JUMP * *median / MEDIAN_OF_NORMAL;
        moves.iter().enumerate().filter(|it| *it.1 > bound).map(|it| it.0 + 1).collect()
    }

    /// Returns the first and the last bar of each stretch without any move.
    fn stale(&self) -> Vec<(usize, usize)> {
        let range = self.high.iter().zip(self.low.iter()).zip(self.close.iter());
        let still: Vec<_> = range.map(|((high, low), close)| (high <= low).then_some(close.to_bits())).collect();
        let mut start = 0;
        let mut found = Vec::new();
        for run in still.chunk_by(|a, b| a == b) {
            if run.len() >= STALE && run.first().is_some_and(Option::is_some) {
                found.push((start, start + run.len() - 1));
            }
            start += run.len();
        }
        found
    }
}
