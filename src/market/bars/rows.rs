//! Rows of a source in columns, and bars of rows in which nothing is wrong.

use std::{ops::Range, sync::Arc};

use super::{BarSeries, Origin, check::usual_distance};
use crate::{
    market::{calendar::Calendar, spread_over},
    value::{Duration, Symbol},
};

/// The rows of one symbol as a source has them, in any order. NaN stands for what is missing.
#[derive(Clone, Debug, Default)]
pub struct BarRows {
    /// When each bar starts, in seconds since 1970 (UTC).
    pub time: Vec<i64>,
    /// First prices.
    pub open: Vec<f64>,
    /// Highest prices.
    pub high: Vec<f64>,
    /// Lowest prices.
    pub low: Vec<f64>,
    /// Last prices.
    pub close: Vec<f64>,
    /// Volumes; empty where the source has none.
    pub volume: Vec<f64>,
    /// Adjusted closes; empty where the source has none.
    pub adjusted_close: Vec<f64>,
    /// The number of each row in its source, for messages.
    pub row: Vec<u64>,
}

impl BarRows {
    /// Adds rows of others of the same columns.
    pub fn extend_from(&mut self, other: &Self, rows: Range<usize>) {
        let figures = |to: &mut Vec<f64>, from: &[f64]| to.extend(from.get(rows.clone()).unwrap_or_default());
        self.time.extend(other.time.get(rows.clone()).unwrap_or_default());
        self.row.extend(other.row.get(rows.clone()).unwrap_or_default());
        figures(&mut self.open, &other.open);
        figures(&mut self.high, &other.high);
        figures(&mut self.low, &other.low);
        figures(&mut self.close, &other.close);
        figures(&mut self.volume, &other.volume);
        figures(&mut self.adjusted_close, &other.adjusted_close);
    }

    /// Makes room for so many further rows.
    pub fn reserve(&mut self, count: usize) {
        self.time.reserve(count);
        self.row.reserve(count);
        for column in [&mut self.open, &mut self.high, &mut self.low, &mut self.close, &mut self.volume] {
            column.reserve(count);
        }
    }

    /// Says whether there is nothing to mend, drop or report, so that the columns can be taken as they are.
    fn are_sound(&self) -> bool {
        let pairs = self.time.iter().zip(self.time.get(1..).unwrap_or_default());
        let rises = pairs.fold(true, |all, (a, b)| all & (a < b));
        let prices = self.open.iter().zip(&self.high).zip(&self.low).zip(&self.close);
        // What is NaN compares to nothing, and an infinite low or high is no bar of finite ones.
        let sound = |(((open, high), low), close): (((&f64, &f64), &f64), &f64)| {
            (*low > 0.0) & (low <= open) & (low <= close) & (open <= high) & (close <= high) & (*high < f64::INFINITY)
        };
        let volumes = self.volume.iter().fold(true, |all, it| all & (*it >= 0.0) & (*it < f64::INFINITY));
        let adjusted = self.adjusted_close.iter().fold(true, |all, it| all & (*it > 0.0) & (*it < f64::INFINITY));
        let count = self.time.len();
        let lengths = [&self.open, &self.high, &self.low, &self.close, &self.volume].map(Vec::len);
        let complete = lengths.iter().all(|it| *it == count) && [0, count].contains(&self.adjusted_close.len());
        count > 0 && complete && rises && prices.map(sound).fold(true, |all, it| all & it) && volumes && adjusted
    }

    /// Says so of all parts of a source together.
    pub(super) fn all_sound(parts: &[Self]) -> bool {
        let rising = |(a, b): (&Self, &Self)| a.time.last() < b.time.first();
        let alike = |(a, b): (&Self, &Self)| a.adjusted_close.is_empty() == b.adjusted_close.is_empty();
        let pairs = || parts.iter().zip(parts.iter().skip(1));
        let sound = |range: Range<usize>| parts.get(range).unwrap_or_default().iter().map(Self::are_sound).collect();
        let rows = parts.iter().map(|it| it.time.len()).sum();
        !parts.is_empty()
            && pairs().all(rising)
            && pairs().all(alike)
            && !spread_over(rows, parts.len(), &sound).contains(&false)
    }

    /// Adds the rows of another file of the same columns.
    pub fn append(&mut self, mut other: Self) {
        self.time.append(&mut other.time);
        self.open.append(&mut other.open);
        self.high.append(&mut other.high);
        self.low.append(&mut other.low);
        self.close.append(&mut other.close);
        self.volume.append(&mut other.volume);
        self.adjusted_close.append(&mut other.adjusted_close);
        self.row.append(&mut other.row);
    }
}

impl BarSeries {
    /// Returns the bars of rows that need no mending.
    pub(super) fn of_sound(symbol: Symbol, timeframe: Option<Duration>, calendar: Calendar, parts: &[BarRows]) -> Self {
        let time: Arc<[i64]> = one_behind_the_other(parts.iter().map(|it| &*it.time));
        let figures: [fn(&BarRows) -> &Vec<f64>; 6] =
            [|it| &it.open, |it| &it.high, |it| &it.low, |it| &it.close, |it| &it.volume, |it| &it.adjusted_close];
        let column = |of: &fn(&BarRows) -> &Vec<f64>| one_behind_the_other(parts.iter().map(|it| of(it).as_slice()));
        let columns = |range: Range<usize>| figures.get(range).unwrap_or_default().iter().map(column).collect();
        let mut columns = spread_over(time.len(), figures.len(), &columns).into_iter();
        let mut next = || columns.next().unwrap_or_else(|| [].into());
        Self {
            symbol,
            timeframe: timeframe.unwrap_or_else(|| usual_distance(&time)),
            time,
            open: next(),
            high: next(),
            low: next(),
            close: next(),
            volume: next(),
            adjusted_close: next(),
            warmup: 0,
            notes: [].into(),
            origin: Origin { calendar, findings: [].into() },
        }
        .with_gaps_noted()
    }
}

/// Returns the figures of parts of a column in one.
fn one_behind_the_other<'a, T: Copy + Default + 'a>(mut parts: impl Iterator<Item = &'a [T]> + Clone) -> Arc<[T]> {
    let count = parts.clone().map(<[T]>::len).sum();
    match (parts.next(), parts.next()) {
        (Some(only), None) => return only.into(),
        (Some(first), Some(second)) => {
            let mut column: Arc<[T]> = std::iter::repeat_n(T::default(), count).collect();
            let mut rest = Arc::get_mut(&mut column).unwrap_or_default();
            for part in [first, second].into_iter().chain(parts) {
                let (to, after) = std::mem::take(&mut rest).split_at_mut(part.len());
                to.copy_from_slice(part);
                rest = after;
            }
            column
        }
        (None, _) => [].into(),
    }
}
