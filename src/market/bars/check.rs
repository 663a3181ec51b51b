//! From rows of a file to bars: what is wrong is said with its row, what can be mended is mended and noted.

use std::{cmp::Reverse, collections::BTreeMap, fmt::Write as _, sync::Arc};

use super::{BadBars, BarRows, BarSeries, Finding, Oddity, Origin};
use crate::market::{
    calendar::Calendar,
    time::{DAY_SECONDS, date_of},
};
use crate::value::{Duration, Symbol};

/// How messages call the rows of a source, as in "`prices.csv` line 12".
#[derive(Clone, Debug)]
pub struct RowNames {
    /// What people call the source.
    pub source: String,
    /// What they call a row: `line` or `row`.
    pub row: &'static str,
}

/// How many bad rows a message describes; the rest are counted.
const SHOWN: usize = 3;
/// Opens and closes outside of low to high by at most this share come from rounding, and the bar is widened.
const ROUNDING: f64 = 1e-3;
/// Fewer distances than this between days do not tell how long a bar is.
const TELLING: usize = 10;
/// Bars further apart than this, and than three times their usual distance, are noted as a gap. Weekends with holidays and
/// storms leave up to five days.
const GAP: i64 = 5 * DAY_SECONDS;

/// One row, for the checks.
struct Row {
    time: i64,
    open: f64,
    high: f64,
    low: f64,
    close: f64,
    volume: f64,
    adjusted_close: f64,
    number: u64,
}

/// What was found while the rows were read.
struct Found<'a> {
    names: &'a RowNames,
    bad: Vec<(u64, String)>,
    empty: Vec<u64>,
    widened: Vec<u64>,
    repeated: Vec<u64>,
    without_volume: Vec<u64>,
}

impl BarSeries {
    /// Returns the bars that the rows of the parts of a source say: in order, once each, every price positive and inside its bar.
    ///
    /// Mended and noted: rows out of order, equal rows that come twice, rows without any price, opens and closes that lie
    /// outside of low to high by a rounding, volumes that are missing. Noted: gaps. `timeframe` is the usual distance
    /// of the bars where it is not said.
    ///
    /// # Errors
    /// A row with a missing or impossible figure, or two that contradict each other: the message names them and says how
    /// to mend them.
    pub fn from_rows(
        symbol: Symbol,
        timeframe: Option<Duration>,
        calendar: Calendar,
        parts: Vec<BarRows>,
        names: &RowNames,
    ) -> Result<Self, BadBars> {
        if BarRows::all_sound(&parts) {
            return Ok(Self::of_sound(symbol, timeframe, calendar, &parts));
        }
        let mut rows = BarRows::default();
        parts.into_iter().for_each(|it| rows.append(it));
        let mut found = Found {
            names,
            bad: Vec::new(),
            empty: Vec::new(),
            widened: Vec::new(),
            repeated: Vec::new(),
            without_volume: Vec::new(),
        };
        let (has_volume, has_adjusted) = (!rows.volume.is_empty(), !rows.adjusted_close.is_empty());
        let mut checked: Vec<Row> = split(rows).filter_map(|row| found.check(row, has_volume, has_adjusted)).collect();
        let disorderly = checked.iter().zip(checked.iter().skip(1)).filter(|(a, b)| a.time > b.time);
        let disordered: Vec<u64> = disorderly.map(|it| it.1.number).collect();
        let mut notes = Vec::new();
        if !disordered.is_empty() {
            let all = disordered.len() + 1 == checked.len();
            notes.push(if all {
                "the newest bar came first: put in order".into()
            } else {
                format!("{} bars out of order: put in order", disordered.len())
            });
            checked.sort_by_key(|it| it.time);
        }
        found.drop_repeated(&mut checked);
        found.verdict()?;
        if checked.is_empty() {
            return Err(BadBars(format!("`{}` has no bars of `{symbol}`", names.source)));
        }
        found.notes(&mut notes, has_volume);
        let time: Vec<i64> = checked.iter().map(|it| it.time).collect();
        let timeframe = timeframe.unwrap_or_else(|| usual_distance(&time));
        let column = |of: fn(&Row) -> f64| checked.iter().map(of).collect();
        let bars = Self {
            symbol,
            timeframe,
            time: time.into(),
            open: column(|it| it.open),
            high: column(|it| it.high),
            low: column(|it| it.low),
            close: column(|it| it.close),
            volume: column(|it| it.volume),
            adjusted_close: if has_adjusted { column(|it| it.adjusted_close) } else { [].into() },
            warmup: 0,
            notes: notes.into(),
            origin: Origin { calendar, findings: found.findings(disordered) },
        };
        Ok(bars.with_gaps_noted())
    }
}

/// Returns the rows one by one.
fn split(rows: BarRows) -> impl Iterator<Item = Row> {
    let missing = || std::iter::repeat(f64::NAN);
    let prices = rows.open.into_iter().zip(rows.high).zip(rows.low).zip(rows.close);
    let volume = rows.volume.into_iter().chain(missing());
    let adjusted = rows.adjusted_close.into_iter().chain(missing());
    let others = prices.zip(volume.zip(adjusted));
    rows.time.into_iter().zip(rows.row).zip(others).map(
        |((time, number), ((((open, high), low), close), (volume, adjusted_close)))| Row {
            time,
            open,
            high,
            low,
            close,
            volume,
            adjusted_close,
            number,
        },
    )
}

impl Found<'_> {
    /// Returns the row, mended where that is safe; none where it is empty or bad, which is remembered.
    fn check(&mut self, mut it: Row, has_volume: bool, has_adjusted: bool) -> Option<Row> {
        let prices = [("open", it.open), ("high", it.high), ("low", it.low), ("close", it.close)];
        if prices.iter().all(|(_, price)| price.is_nan()) {
            self.empty.push(it.number);
            return None;
        }
        let adjusted = ("adjusted close", if has_adjusted { it.adjusted_close } else { 1.0 });
        let problem = |(name, price): (&str, f64)| {
            if price.is_nan() {
                Some(format!("the {name} is missing"))
            } else if !(price > 0.0 && price.is_finite()) {
                Some(format!("the {name} is {price}, a price is above 0"))
            } else {
                None
            }
        };
        if let Some(problem) = prices.into_iter().chain([adjusted]).find_map(problem) {
            return self.reject(&it, &problem);
        }
        if it.high < it.low {
            let problem = format!("the high {} is below the low {}", it.high, it.low);
            return self.reject(&it, &problem);
        }
        for (name, price) in [("open", it.open), ("close", it.close)] {
            if price > it.high * (1.0 + ROUNDING) || price < it.low * (1.0 - ROUNDING) {
                let problem = format!("the {name} {price} is not between the low {} and the high {}", it.low, it.high);
                return self.reject(&it, &problem);
            }
        }
        let (low, high) = (it.low.min(it.open).min(it.close), it.high.max(it.open).max(it.close));
        if (low, high) != (it.low, it.high) {
            self.widened.push(it.number);
            (it.low, it.high) = (low, high);
        }
        if it.volume.is_nan() {
            if has_volume {
                self.without_volume.push(it.number);
            }
            it.volume = 0.0;
        } else if !(it.volume >= 0.0 && it.volume.is_finite()) {
            let problem = format!("the volume is {}, it cannot be less than 0", it.volume);
            return self.reject(&it, &problem);
        }
        Some(it)
    }

    fn reject(&mut self, row: &Row, problem: &str) -> Option<Row> {
        self.bad.push((row.number, format!("{}: {problem}", date_of(row.time))));
        None
    }

    /// Drops rows that say again what another said; two that contradict each other are remembered as bad.
    fn drop_repeated(&mut self, rows: &mut Vec<Row>) {
        let figures = |it: &Row| [it.open, it.high, it.low, it.close, it.volume].map(f64::to_bits);
        rows.dedup_by(|later, kept| {
            let same_time = later.time == kept.time;
            if same_time && figures(later) == figures(kept) {
                self.repeated.push(later.number);
            } else if same_time {
                let day = date_of(later.time);
                let problem = format!("{day}: {} {} has other figures for the same time", self.names.row, kept.number);
                self.bad.push((later.number, problem));
            }
            same_time
        });
    }

    /// Returns the error that names the bad rows, where there are any.
    fn verdict(&mut self) -> Result<(), BadBars> {
        self.bad.sort_by_key(|it| it.0);
        let Some(((row, problem), rest)) = self.bad.split_first() else { return Ok(()) };
        let name = &self.names.row;
        let mut message = format!("`{}` {name} {row}, {problem}", self.names.source);
        for (row, problem) in rest.iter().take(SHOWN - 1) {
            // Writing to a text cannot fail.
            let _ = write!(message, "; {name} {row}, {problem}");
        }
        if let Some(more @ 1..) = rest.len().checked_sub(SHOWN - 1) {
            let _ = write!(message, "; and {more} more");
        }
        let what = if rest.is_empty() { format!("that {name}") } else { format!("those {name}s") };
        let _ = write!(message, "; correct or delete {what}");
        Err(BadBars(message))
    }

    /// Returns what was mended.
    fn findings(&self, disordered: Vec<u64>) -> Arc<[Finding]> {
        let found = [
            (Oddity::OutOfOrder, &disordered),
            (Oddity::Repeated, &self.repeated),
            (Oddity::WithoutPrices, &self.empty),
            (Oddity::Widened, &self.widened),
            (Oddity::WithoutVolume, &self.without_volume),
        ];
        let place = |it: &u64| format!("{} {it}", self.names.row);
        found.into_iter().filter_map(|(what, rows)| Finding::of(what, rows.iter().map(place))).collect()
    }

    fn notes(&self, notes: &mut Vec<String>, has_volume: bool) {
        let mut note = |rows: &[u64], what: &str| {
            if let Some(first) = rows.first() {
                let (name, more) = (self.names.row, rows.len() - 1);
                let more = if more > 0 { format!(" and {more} more") } else { String::new() };
                notes.push(format!("`{}` {name} {first}{more}: {what}", self.names.source));
            }
        };
        note(&self.empty, "no prices, left out");
        note(&self.repeated, "the same bar again, left out");
        note(&self.widened, "open or close outside of low to high by a rounding, high and low widened");
        note(&self.without_volume, "no volume, taken as 0");
        if !has_volume {
            notes.push(format!("`{}` has no volume: taken as 0", self.names.source));
        }
    }
}

/// Returns the most frequent distance of bars, the shorter of two as frequent; a day where there are too few days to tell.
pub(super) fn usual_distance(time: &[i64]) -> Duration {
    if time.len() <= TELLING && time.iter().all(|it| it % DAY_SECONDS == 0) {
        return Duration::DAY;
    }
    let mut counts: BTreeMap<i64, usize> = BTreeMap::new();
    // Equal distances mostly stand together.
    let mut equal = (0, 0);
    for distance in time.iter().zip(time.get(1..).unwrap_or_default()).map(|(a, b)| b - a) {
        if distance != equal.0 {
            *counts.entry(equal.0).or_default() += equal.1;
            equal = (distance, 0);
        }
        equal.1 += 1;
    }
    *counts.entry(equal.0).or_default() += equal.1;
    counts.retain(|_, count| *count > 0);
    let usual = counts.into_iter().max_by_key(|(distance, count)| (*count, Reverse(*distance)));
    Duration(usual.map_or(DAY_SECONDS, |it| it.0) * 1_000)
}

impl BarSeries {
    /// Notes each stretch without bars that is longer than those of holidays; where there is a calendar, what it misses.
    pub(super) fn with_gaps_noted(mut self) -> Self {
        let date = |at: usize| self.date(at).unwrap_or_default();
        let found: Vec<String> = match self.gaps() {
            (None, _) => {
                let longest = GAP.max(3 * self.timeframe.0 / 1_000);
                let pairs = self.time.iter().zip(self.time.iter().skip(1)).filter(|(a, b)| *b - *a > longest);
                pairs.map(|(a, b)| format!("no bars between {} and {}", date_of(*a), date_of(*b))).collect()
            }
            (Some(missing), gaps) => {
                let first = gaps.first().map(|(a, b)| (date(*a), date(*b)));
                let name = self.origin.calendar.name();
                let note = |(a, b)| {
                    format!("{missing} bars of the calendar {name} are missing, the first between {a} and {b}")
                };
                first.map(note).into_iter().collect()
            }
        };
        if !found.is_empty() {
            self.notes = self.notes.iter().cloned().chain(found).collect();
        }
        self
    }
}
