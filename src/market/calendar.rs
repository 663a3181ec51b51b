//! When markets are open: which bars are to be expected, and where days begin and end.

use std::sync::LazyLock;

use jiff::{
    ToSpan as _,
    civil::{Date, Time, Weekday},
    tz::TimeZone,
};

use super::time::{DAY_SECONDS, date_of, seconds_of};
use crate::value::Duration;

/// When a market is open.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Calendar {
    /// Days from midnight to midnight UTC, of which nobody says which are traded.
    #[default]
    Utc,
    /// Open at all times, as markets of currencies are: days from midnight to midnight UTC.
    Always,
    /// The New York Stock Exchange: 09:30 to 16:00 of New York, 13:00 on half days.
    Xnys,
}

/// The hours in which a market is open on a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Session {
    /// The second since 1970 (UTC) at which it opens.
    pub open: i64,
    /// The second since 1970 (UTC) at which it closes.
    pub close: i64,
}

/// Days on which New York was closed by no rule: attacks, storms, days of mourning.
const CLOSED: &[(i16, i8, i8)] = &[
    (2001, 9, 11),
    (2001, 9, 12),
    (2001, 9, 13),
    (2001, 9, 14),
    (2004, 6, 11),
    (2007, 1, 2),
    (2012, 10, 29),
    (2012, 10, 30),
    (2018, 12, 5),
    (2025, 1, 9),
];
const OPEN: Time = Time::constant(9, 30, 0, 0);
const CLOSE: Time = Time::constant(16, 0, 0, 0);
const EARLY: Time = Time::constant(13, 0, 0, 0);

/// The zone of New York; UTC where the table of zones has none, which it has.
static NEW_YORK: LazyLock<TimeZone> = LazyLock::new(|| TimeZone::get("America/New_York").unwrap_or(TimeZone::UTC));

impl Calendar {
    /// All of them.
    pub const ALL: &[Self] = &[Self::Utc, Self::Always, Self::Xnys];

    /// Returns what people call it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Utc => "UTC",
            Self::Always => "24/7",
            Self::Xnys => "XNYS",
        }
    }

    /// Returns the calendar of this name.
    pub fn find(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|it| it.name().eq_ignore_ascii_case(name))
    }

    /// Returns when the market is open on a day, where it is.
    pub fn session(self, day: Date) -> Option<Session> {
        let start = seconds_of(day);
        match self {
            Self::Utc | Self::Always => Some(Session { open: start, close: start + DAY_SECONDS }),
            Self::Xnys if is_holiday(day) => None,
            Self::Xnys => {
                let at = |time| {
                    let zoned = day.to_datetime(time).to_zoned(NEW_YORK.clone());
                    zoned.map_or(start, |it| it.timestamp().as_second())
                };
                Some(Session { open: at(OPEN), close: at(if is_half_day(day) { EARLY } else { CLOSE }) })
            }
        }
    }

    /// Returns the day to which a bar of this length belongs, in the zone of the market. Bars of a day and longer are written
    /// with their day at midnight UTC.
    pub fn day(self, time: i64, timeframe: Duration) -> Date {
        match self {
            Self::Utc | Self::Always => date_of(time),
            Self::Xnys if timeframe >= Duration::DAY => date_of(time),
            Self::Xnys => {
                let at = jiff::Timestamp::from_second(time);
                at.map_or_else(|_| date_of(time), |it| it.to_zoned(NEW_YORK.clone()).date())
            }
        }
    }

    /// Returns how many bars are missing between two that follow each other, of a day at most; none where the calendar does
    /// not say which days are traded.
    pub fn missing(self, before: i64, after: i64, timeframe: Duration) -> Option<u64> {
        let length = (timeframe.0 / 1_000).max(1);
        if length > DAY_SECONDS || self == Self::Utc {
            return None;
        }
        if self == Self::Always {
            return u64::try_from((after - before) / length - 1).ok().or(Some(0));
        }
        let last = self.day(after, timeframe);
        let days = self.day(before, timeframe).series(1.day()).take_while(|it| *it <= last);
        let missing = days.filter_map(|day| {
            if length == DAY_SECONDS {
                let start = seconds_of(day);
                return (before < start && start < after && !is_holiday(day)).then_some(1);
            }
            let session = self.session(day)?;
            u64::try_from((session.close.min(after) - session.open.max(before + length)) / length).ok()
        });
        Some(missing.sum())
    }

    /// Returns when a bar is complete: at the close of its session where that is before its full length. Bars of a day or
    /// longer are so at the close of their last day.
    pub fn complete_at(self, start: i64, timeframe: Duration) -> i64 {
        let end = next_start(start, timeframe);
        if self != Self::Xnys {
            return end;
        }
        if timeframe < Duration::DAY {
            return self
                .session(self.day(start, timeframe))
                .map_or(end, |it| if start < it.close { end.min(it.close) } else { end });
        }
        let last = date_of(end).saturating_sub(1.day());
        let first = date_of(start);
        let mut days = last.series(-1.day()).take_while(|it| *it >= first);
        days.find_map(|it| self.session(it)).map_or(end, |it| it.close)
    }
}

/// Returns where the bar after the one that starts here would start.
fn next_start(start: i64, timeframe: Duration) -> i64 {
    match timeframe.months() {
        Some(months) => seconds_of(date_of(start).saturating_add(months.months())),
        None => start.saturating_add(timeframe.0 / 1_000),
    }
}

/// Says whether New York is closed: weekends, the holidays by the rules as they are since 1998 (Juneteenth since 2022), and what
/// no rule foresaw.
fn is_holiday(day: Date) -> bool {
    let weekday = day.weekday();
    if matches!(weekday, Weekday::Saturday | Weekday::Sunday) {
        return true;
    }
    let (year, month, of_month) = (day.year(), day.month(), day.day());
    let nth = |nth: i8, weekday| day.nth_weekday_of_month(nth, weekday).is_ok_and(|it| it == day);
    // A holiday on a Sunday is kept on Monday, one on a Saturday on Friday.
    let kept = |on: i8| {
        of_month == on
            || (of_month == on + 1 && weekday == Weekday::Monday)
            || (of_month == on - 1 && weekday == Weekday::Friday)
    };
    let by_rule = match month {
        // A New Year's Day on a Saturday is not kept: the Friday before closes the books of the year.
        1 => {
            of_month == 1 || (of_month == 2 && weekday == Weekday::Monday) || (nth(3, Weekday::Monday) && year >= 1998)
        }
        2 => nth(3, Weekday::Monday),
        3 | 4 => easter(year).is_some_and(|it| it.saturating_sub(2.days()) == day),
        5 => nth(-1, Weekday::Monday),
        6 => year >= 2022 && kept(19),
        7 => kept(4),
        9 => nth(1, Weekday::Monday),
        11 => nth(4, Weekday::Thursday),
        12 => kept(25),
        _ => false,
    };
    by_rule || CLOSED.contains(&(year, month, of_month))
}

/// Says whether New York closes at 13:00, by the rules as they are since 2013.
fn is_half_day(day: Date) -> bool {
    let before_holiday = !matches!(day.weekday(), Weekday::Friday);
    match (day.month(), day.day()) {
        (7, 3) | (12, 24) => before_holiday,
        (11, _) => {
            day.yesterday().is_ok_and(|it| it.nth_weekday_of_month(4, Weekday::Thursday).is_ok_and(|at| at == it))
        }
        _ => false,
    }
}

/// Returns Easter Sunday, by the Gregorian computus in the form of Meeus, Jones and Butcher.
fn easter(year: i16) -> Option<Date> {
    let of = i32::from(year);
    let (cycle, century, of_century) = (of % 19, of / 100, of % 100);
    let shift = (century - (century + 8) / 25 + 1) / 3;
    let epact = (19 * cycle + century - century / 4 - shift + 15) % 30;
    let weekday = (32 + 2 * (century % 4) + 2 * (of_century / 4) - epact - of_century % 4) % 7;
    let at = epact + weekday - 7 * ((cycle + 11 * epact + 22 * weekday) / 451) + 114;
    Date::new(year, i8::try_from(at / 31).ok()?, i8::try_from(at % 31 + 1).ok()?).ok()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail loudly")]
    use super::*;

    fn day(text: &str) -> Date {
        text.parse().unwrap()
    }

    fn second(text: &str) -> i64 {
        text.parse::<jiff::Timestamp>().unwrap().as_second()
    }

    #[test]
    fn new_york_is_closed_on_its_holidays() {
        let closed = |year: i16| {
            let days = Date::new(year, 1, 1).unwrap().series(1.day()).take_while(|it| it.year() == year);
            let weekday = |it: &Date| !matches!(it.weekday(), Weekday::Saturday | Weekday::Sunday);
            days.filter(weekday)
                .filter(|it| is_holiday(*it))
                .map(|it| it.strftime("%m-%d").to_string())
                .collect::<Vec<_>>()
        };
        let of_2021 = ["01-01", "01-18", "02-15", "04-02", "05-31", "07-05", "09-06", "11-25", "12-24"];
        let of_2022 = ["01-17", "02-21", "04-15", "05-30", "06-20", "07-04", "09-05", "11-24", "12-26"];
        let of_2024 = ["01-01", "01-15", "02-19", "03-29", "05-27", "06-19", "07-04", "09-02", "11-28", "12-25"];
        assert_eq!(
            (closed(2021), closed(2022)),
            (of_2021.map(String::from).to_vec(), of_2022.map(String::from).to_vec())
        );
        assert_eq!(closed(2024), of_2024);
    }

    #[test]
    fn sessions_follow_the_clocks_of_new_york() {
        let session = |text| Calendar::Xnys.session(day(text));
        let of = |open, close| Some(Session { open: second(open), close: second(close) });
        assert_eq!(session("2024-01-02"), of("2024-01-02T14:30:00Z", "2024-01-02T21:00:00Z"));
        assert_eq!(session("2024-07-02"), of("2024-07-02T13:30:00Z", "2024-07-02T20:00:00Z"));
        assert_eq!(session("2024-07-03"), of("2024-07-03T13:30:00Z", "2024-07-03T17:00:00Z"));
        assert_eq!(session("2023-11-24").unwrap().close, second("2023-11-24T18:00:00Z"));
        assert_eq!(session("2021-12-24"), None);
    }

    #[test]
    fn what_is_missing_is_counted_in_open_hours() {
        let missing =
            |calendar: Calendar, a, b, minutes: i64| calendar.missing(second(a), second(b), Duration(minutes * 60_000));
        let at = |calendar, a, b| missing(calendar, a, b, 1);
        assert_eq!(at(Calendar::Xnys, "2024-01-02T20:59:00Z", "2024-01-03T14:30:00Z"), Some(0));
        assert_eq!(at(Calendar::Xnys, "2024-01-02T20:58:00Z", "2024-01-03T14:32:00Z"), Some(3));
        assert_eq!(at(Calendar::Xnys, "2024-01-02T20:59:00Z", "2024-01-04T14:30:00Z"), Some(390));
        assert_eq!(at(Calendar::Always, "2024-01-02T20:59:00Z", "2024-01-02T21:01:00Z"), Some(1));
        assert_eq!(at(Calendar::Utc, "2024-01-02T20:59:00Z", "2024-01-02T21:01:00Z"), None);
        let days = |a, b| missing(Calendar::Xnys, a, b, 1_440);
        assert_eq!(days("2024-01-12T00:00:00Z", "2024-01-16T00:00:00Z"), Some(0));
        assert_eq!(days("2024-01-12T00:00:00Z", "2024-01-18T00:00:00Z"), Some(2));
    }

    #[test]
    fn a_bar_is_complete_at_the_close_of_its_session() {
        let complete = |start, timeframe| Calendar::Xnys.complete_at(second(start), timeframe);
        assert_eq!(complete("2024-07-03T00:00:00Z", Duration::DAY), second("2024-07-03T17:00:00Z"));
        assert_eq!(complete("2024-07-03T16:30:00Z", Duration(3_600_000)), second("2024-07-03T17:00:00Z"));
        assert_eq!(complete("2024-07-01T00:00:00Z", Duration(7 * 86_400_000)), second("2024-07-05T20:00:00Z"));
        assert_eq!(complete("2024-03-01T00:00:00Z", Duration::MONTH), second("2024-03-28T20:00:00Z"));
        assert_eq!(
            Calendar::Utc.complete_at(second("2024-03-01T00:00:00Z"), Duration::MONTH),
            second("2024-04-01T00:00:00Z")
        );
    }
}
