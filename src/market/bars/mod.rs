//! Bars of one symbol, as columns.

mod adjust;
mod check;
mod quality;
mod resample;
mod rows;

use std::{ops::Range, sync::Arc};

use jiff::civil::Date;
use schemars::JsonSchema;
use serde_json::json;

pub use adjust::Adjust;
pub use check::RowNames;
pub use quality::{Finding, Oddity, Origin, Quality};
pub use resample::bucket;
pub use rows::BarRows;

use super::time::{DAY_SECONDS, date_of, seconds_of};
use crate::value::{DateRange, Detail, Domain, Duration, Nominal, Shared, Symbol, Value};

/// Open, high, low, close and volume of one symbol, oldest first.
#[derive(Clone, Debug, JsonSchema)]
#[schemars(rename = "Bars")]
pub struct BarSeries {
    /// The instrument.
    pub symbol: Symbol,
    /// How long a bar is.
    pub timeframe: Duration,
    /// When each bar starts, in seconds since 1970 (UTC), strictly rising.
    #[schemars(skip)]
    pub time: Arc<[i64]>,
    /// First price of each bar.
    #[schemars(skip)]
    pub open: Arc<[f64]>,
    /// Highest price of each bar.
    #[schemars(skip)]
    pub high: Arc<[f64]>,
    /// Lowest price of each bar.
    #[schemars(skip)]
    pub low: Arc<[f64]>,
    /// Last price of each bar.
    #[schemars(skip)]
    pub close: Arc<[f64]>,
    /// How much was traded in each bar.
    #[schemars(skip)]
    pub volume: Arc<[f64]>,
    /// The close of each bar adjusted for the splits and dividends after it, where the prices are unadjusted and the
    /// source says; else empty. Divided by the close it is the factor for the other prices.
    #[schemars(skip)]
    pub adjusted_close: Arc<[f64]>,
    /// How many bars at the start only warm up indicators and are not traded.
    #[schemars(skip)]
    pub warmup: usize,
    /// What was noticed and mended when it was loaded.
    #[schemars(skip)]
    pub notes: Arc<[String]>,
    /// Whence they come: their calendar, and what was mended, as values.
    #[schemars(skip)]
    pub origin: Origin,
}

/// Bars as steps share them.
pub type Bars = Shared<BarSeries>;

impl BarSeries {
    /// Returns how many bars there are.
    pub fn len(&self) -> usize {
        self.time.len()
    }

    /// Says whether there are none.
    pub fn is_empty(&self) -> bool {
        self.time.is_empty()
    }

    /// Returns the day on which a bar starts (UTC).
    pub fn date(&self, bar: usize) -> Option<Date> {
        self.time.get(bar).map(|it| date_of(*it))
    }

    /// Returns the days on which the first and the last bar start, where there are bars.
    pub fn period(&self) -> Option<DateRange> {
        let (first, last) = (self.time.first()?, self.time.last()?);
        Some(DateRange { start: date_of(*first), end: date_of(*last) })
    }

    /// Returns the bars that start on days of `period`, with up to `warmup` bars before them that only warm up
    /// indicators; what it has no bars for is left out, and `notes` says so.
    ///
    /// # Errors
    /// Where no bar is in the period: the message says which days there are.
    pub fn between(&self, period: DateRange, warmup: usize) -> Result<Self, BadBars> {
        let first = self.time.partition_point(|it| *it < seconds_of(period.start));
        let end = self.time.partition_point(|it| *it < seconds_of(period.end) + DAY_SECONDS);
        if first >= end {
            let has = self
                .period()
                .map_or("there are no bars at all".into(), |it| format!("its bars are of {} to {}", it.start, it.end));
            return Err(BadBars(format!(
                "`{}` has no bars from {} to {}: {has}",
                self.symbol, period.start, period.end
            )));
        }
        let start = first.saturating_sub(warmup);
        let mut part = self.range(start..end);
        part.warmup = first - start;
        if part.warmup < warmup {
            part.note(format!("only {} of the {warmup} bars wanted to warm up are there", part.warmup));
        }
        Ok(part)
    }

    /// Returns the first bars, at most `count` of them.
    #[must_use]
    pub fn first(&self, count: usize) -> Self {
        self.range(0..count.min(self.len()))
    }

    /// Returns the last bars, at most `count` of them.
    #[must_use]
    pub fn last(&self, count: usize) -> Self {
        self.range(self.len().saturating_sub(count)..self.len())
    }

    /// Returns the bars that are complete at this instant (seconds since 1970, UTC).
    #[must_use]
    pub fn completed_by(&self, now: i64) -> Self {
        let complete = |it: &i64| self.origin.calendar.complete_at(*it, self.timeframe) <= now;
        self.range(0..self.time.partition_point(complete))
    }

    /// Adds a remark on what was noticed or mended.
    pub fn note(&mut self, note: String) {
        self.notes = self.notes.iter().cloned().chain([note]).collect();
    }

    /// Returns the bars of these places; those that are not there are left out. All of them share the columns.
    fn range(&self, range: Range<usize>) -> Self {
        if range == (0..self.len()) {
            return self.clone();
        }
        let floats = |it: &Arc<[f64]>| it.get(range.clone()).unwrap_or_default().into();
        Self {
            symbol: self.symbol.clone(),
            timeframe: self.timeframe,
            time: self.time.get(range.clone()).unwrap_or_default().into(),
            open: floats(&self.open),
            high: floats(&self.high),
            low: floats(&self.low),
            close: floats(&self.close),
            volume: floats(&self.volume),
            adjusted_close: floats(&self.adjusted_close),
            warmup: self.warmup.saturating_sub(range.start),
            notes: self.notes.clone(),
            origin: self.origin.clone(),
        }
    }
}

/// Why bars cannot be had: which row, what is wrong with it, and how to mend it.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("{0}")]
pub struct BadBars(pub String);

impl Domain for BarSeries {
    fn name(&self) -> &'static str {
        Self::NAME
    }
    fn field(&self, name: &str) -> Option<Value> {
        match name {
            "symbol" => Some(self.symbol.clone().into()),
            "timeframe" => Some(self.timeframe.into()),
            _ => None,
        }
    }
    fn to_json(&self, _: Detail) -> serde_json::Value {
        json!({ "symbol": self.symbol.as_str(), "bars": self.len() })
    }
    fn encode(&self) -> Vec<u8> {
        let columns = [&self.open, &self.high, &self.low, &self.close, &self.volume, &self.adjusted_close];
        let sizes =
            [self.timeframe.0.to_le_bytes(), (self.warmup as u64).to_le_bytes(), (self.len() as u64).to_le_bytes()];
        let mut bytes = Vec::with_capacity(64 + 8 * 7 * self.len());
        bytes.extend(self.symbol.as_str().bytes().chain([0]).chain(sizes.into_iter().flatten()));
        self.time.iter().for_each(|it| bytes.extend(it.to_le_bytes()));
        columns.into_iter().flat_map(|it| it.iter()).for_each(|it| bytes.extend(it.to_le_bytes()));
        bytes
    }
}

impl Nominal for BarSeries {
    const NAME: &'static str = "Bars";
}
