//! Longer bars made of shorter ones.

use jiff::civil::Date;

use super::{BadBars, BarSeries};
use crate::{
    market::{
        calendar::{Calendar, Session},
        time::{date_of, seconds_of},
    },
    value::Duration,
};

/// The first Monday since 1970: where weeks start to be counted.
const FIRST_MONDAY: i64 = 4 * 86_400;
const WEEK: i64 = 7 * 86_400;
/// For how long before and after a session it is the same day for sure.
const AROUND: i64 = 4 * 3_600;

/// Returns when the bar of this length starts that holds an instant, in seconds since 1970 (UTC): days start at midnight,
/// weeks on Monday, months on their first day.
pub fn bucket(time: i64, timeframe: Duration) -> i64 {
    if let Some(months) = timeframe.months().and_then(|it| i32::try_from(it).ok()) {
        let day = date_of(time);
        let month = i32::from(day.year()) * 12 + i32::from(day.month()) - 1;
        let first = month.div_euclid(months) * months;
        let year = i16::try_from(first.div_euclid(12)).ok();
        let of_year = i8::try_from(first.rem_euclid(12) + 1).ok();
        return year.zip(of_year).and_then(|(year, month)| Date::new(year, month, 1).ok()).map_or(time, seconds_of);
    }
    let length = (timeframe.0 / 1_000).max(1);
    let origin = if length % WEEK == 0 { FIRST_MONDAY } else { 0 };
    (time - origin).div_euclid(length) * length + origin
}

/// Tells when longer bars start, by the sessions of a calendar.
struct Buckets {
    calendar: Calendar,
    /// How long the bars are that make them up.
    from: Duration,
    timeframe: Duration,
    /// The last day that was asked for, with its session: bars of a day stand together.
    last: Option<(Date, Session)>,
}

impl Buckets {
    /// Returns when the bar starts that holds an instant: those shorter than a day are counted from the open.
    fn start(&mut self, time: i64) -> i64 {
        if self.calendar != Calendar::Xnys {
            return bucket(time, self.timeframe);
        }
        let same = |it: &(Date, Session)| (it.1.open - AROUND..it.1.close + AROUND).contains(&time);
        if !self.last.as_ref().is_some_and(same) {
            let day = self.calendar.day(time, self.from);
            self.last = self.calendar.session(day).map(|it| (day, it));
        }
        let (whole, length) = (self.timeframe >= Duration::DAY, (self.timeframe.0 / 1_000).max(1));
        match self.last {
            Some((day, _)) if whole => bucket(seconds_of(day), self.timeframe),
            Some((_, session)) => session.open + (time - session.open).div_euclid(length) * length,
            None if whole => bucket(seconds_of(self.calendar.day(time, self.from)), self.timeframe),
            None => bucket(time, self.timeframe),
        }
    }
}

/// Says whether bars of one length make up bars of another.
fn divides(short: Duration, long: Duration) -> bool {
    match (short.months(), long.months()) {
        (Some(short), Some(long)) => long % short == 0,
        (None, Some(_)) => Duration::DAY.0 % short.0.max(1) == 0,
        (Some(_), None) => false,
        (None, None) => long.0 % short.0.max(1) == 0,
    }
}

impl BarSeries {
    /// Says whether bars of one length make up bars of another, or are such bars.
    pub fn makes_up(short: Duration, long: Duration) -> bool {
        short <= long && divides(short, long)
    }

    /// Returns bars of a longer timeframe: first open, highest high, lowest low, last close, volume added up. The first
    /// and the last may be made of fewer bars than the others. Days and sessions are those of the calendar of the bars. Bars are adjusted first: across a split they do not add up.
    ///
    /// # Errors
    /// Where the timeframe is no whole multiple of that of the bars.
    pub fn resampled(&self, timeframe: Duration) -> Result<Self, BadBars> {
        if timeframe == self.timeframe {
            return Ok(self.clone());
        }
        if !Self::makes_up(self.timeframe, timeframe) {
            let help = if timeframe < self.timeframe {
                "shorter ones cannot be made of them"
            } else {
                "others must be a whole multiple of that"
            };
            return Err(BadBars(format!(
                "`{}` has bars of {}, `{timeframe}` was asked for: {help}",
                self.symbol, self.timeframe
            )));
        }
        let mut out = Columns::default();
        let mut buckets = Buckets { calendar: self.origin.calendar, from: self.timeframe, timeframe, last: None };
        let prices = self.open.iter().zip(self.high.iter()).zip(self.low.iter()).zip(self.close.iter());
        for (at, ((time, (((open, high), low), close)), volume)) in
            self.time.iter().zip(prices).zip(self.volume.iter()).enumerate()
        {
            let start = buckets.start(*time);
            let adjusted = self.adjusted_close.get(at);
            match (
                out.time.last(),
                out.high.last_mut(),
                out.low.last_mut(),
                out.close.last_mut(),
                out.volume.last_mut(),
            ) {
                (Some(last), Some(highest), Some(lowest), Some(last_close), Some(sum)) if *last == start => {
                    *highest = highest.max(*high);
                    *lowest = lowest.min(*low);
                    *last_close = *close;
                    *sum += volume;
                    out.adjusted_close.pop();
                }
                _ => {
                    out.time.push(start);
                    out.open.push(*open);
                    out.high.push(*high);
                    out.low.push(*low);
                    out.close.push(*close);
                    out.volume.push(*volume);
                    out.warmup += usize::from(at < self.warmup);
                }
            }
            out.adjusted_close.extend(adjusted);
        }
        Ok(Self {
            symbol: self.symbol.clone(),
            timeframe,
            time: out.time.into(),
            open: out.open.into(),
            high: out.high.into(),
            low: out.low.into(),
            close: out.close.into(),
            volume: out.volume.into(),
            adjusted_close: out.adjusted_close.into(),
            warmup: out.warmup,
            notes: self.notes.clone(),
            origin: self.origin.clone(),
        })
    }
}

#[derive(Default)]
struct Columns {
    time: Vec<i64>,
    open: Vec<f64>,
    high: Vec<f64>,
    low: Vec<f64>,
    close: Vec<f64>,
    volume: Vec<f64>,
    adjusted_close: Vec<f64>,
    warmup: usize,
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail loudly")]
    use super::{bucket, date_of, seconds_of};
    use crate::value::Duration;

    #[test]
    fn months_start_on_their_first_day() {
        let start = |text: &str, months: i64| {
            date_of(bucket(seconds_of(text.parse().unwrap()), Duration(Duration::MONTH.0 * months)))
        };
        assert_eq!(start("2020-02-29", 1).to_string(), "2020-02-01");
        assert_eq!(start("2020-06-30", 3).to_string(), "2020-04-01");
        assert_eq!(start("1969-12-31", 12).to_string(), "1969-01-01");
    }

    #[test]
    fn weeks_start_on_monday_and_days_at_midnight() {
        let thursday = 0;
        assert_eq!(bucket(thursday, Duration(7 * 86_400_000)), -3 * 86_400);
        assert_eq!(bucket(thursday + 4 * 86_400, Duration(7 * 86_400_000)), 4 * 86_400);
        assert_eq!(bucket(90_000, Duration::DAY), 86_400);
        assert_eq!(bucket(-1, Duration(3_600_000)), -3_600);
    }
}
