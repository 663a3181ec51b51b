//! What single cells of text mean.

use jiff::{Timestamp, civil, tz::TimeZone};

use super::table::Layout;
use crate::{market::seconds_of, value::Duration};

/// How many digits a figure may have for its value to be a whole number of at most 2^53 over a power of ten, both of which
/// are exact, so that their quotient is the nearest figure there is.
const EXACT_DIGITS: usize = 15;
const POWERS: [f64; EXACT_DIGITS + 1] =
    [1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15];

/// Reads a figure: NaN where the cell says that there is none. An error says why it is no number.
pub(super) fn number(cell: &[u8]) -> Result<f64, &'static str> {
    if let Some(it) = plain(cell) {
        return Ok(it);
    }
    let text = std::str::from_utf8(cell).map_err(|_| "is no number")?.trim();
    if let Ok(it) = text.parse::<f64>() {
        return Ok(it);
    }
    if ["", "-", "null", "none", "n/a", "na", "nan", "#n/a"].contains(&text.to_lowercase().as_str()) {
        return Ok(f64::NAN);
    }
    let text = text.trim_start_matches('$');
    if text.contains(',') && !has_thousands(text) {
        return Err("has a comma that may be a decimal comma; write the figure with a point, as in `1234.5`");
    }
    text.replace(',', "").parse().map_err(|_| "is no number")
}

/// Reads what is only digits and at most one point.
fn plain(cell: &[u8]) -> Option<f64> {
    figure_until(cell, b',').filter(|it| it.1 == cell.len()).map(|it| it.0)
}

/// Reads what is only digits and at most one point before a separator or the end, and tells where that is.
#[inline]
pub(super) fn figure_until(text: &[u8], separator: u8) -> Option<(f64, usize)> {
    let (mut value, mut point) = (0_u64, None);
    let mut end = text.len();
    for (at, byte) in text.iter().enumerate() {
        let digit = byte.wrapping_sub(b'0');
        if digit < 10 {
            value = value.wrapping_mul(10).wrapping_add(u64::from(digit));
        } else if *byte == b'.' && point.is_none() {
            point = Some(at);
        } else if *byte == separator {
            end = at;
            break;
        } else {
            return None;
        }
    }
    let decimals = point.map_or(0, |it| end - it - 1);
    let digits = end - usize::from(point.is_some());
    let divisor = POWERS.get(decimals)?;
    (1..=EXACT_DIGITS).contains(&digits).then(|| (value as f64 / divisor, end))
}

/// Says whether the commas of a figure can only separate thousands: `1,234.50`, `1,234,567`.
fn has_thousands(text: &str) -> bool {
    let (whole, decimals) = text.split_once('.').map_or((text, None), |(whole, rest)| (whole, Some(rest)));
    let mut groups = whole.trim_start_matches('-').split(',');
    let first = groups.next().is_some_and(|it| (1..=3).contains(&it.len()));
    let groups: Vec<_> = groups.collect();
    // `1,234` alone may be either.
    first && groups.iter().all(|it| it.len() == 3) && (decimals.is_some_and(|it| !it.contains(',')) || groups.len() > 1)
}

/// Reads when bars start. Days mostly come many times in a row, so the last is kept.
pub(super) struct Dates {
    /// The zone of times that are written without one, where it is not UTC.
    zone: Option<TimeZone>,
    /// Whether midnight is a time of day like others, not a way to write the day.
    intraday: bool,
    last: Vec<u8>,
    start: i64,
}

impl Dates {
    pub(super) fn new(layout: &Layout) -> Self {
        let zone = layout.timezone.clone().filter(|it| *it != TimeZone::UTC);
        let intraday = layout.timeframe.is_some_and(|it| it < Duration::DAY);
        Self { zone, intraday, last: Vec::new(), start: 0 }
    }

    /// Reads when a bar starts, in seconds since 1970 (UTC), or says what is wrong. Without an offset it is in the zone of
    /// the layout; midnight at any offset is that day, since exports of daily bars write days so.
    pub(super) fn instant(&mut self, date: &[u8], time: Option<&[u8]>) -> Result<i64, String> {
        if self.zone.is_none()
            && let Some(it) = self.usual(date, time.unwrap_or_default())
        {
            return Ok(it);
        }
        let date = String::from_utf8_lossy(date);
        self.instant_of(&date, time.map(String::from_utf8_lossy).as_deref().unwrap_or_default())
    }

    /// Reads `2020-01-31` and `20200131`, either with `15:30`, `15:30:00` or `153000` behind or beside it.
    fn usual(&mut self, date: &[u8], time: &[u8]) -> Option<i64> {
        let length = match date.get(4)? {
            b'-' if date.get(7) == Some(&b'-') => 10,
            b'0'..=b'9' if date.len() == 8 => 8,
            _ => return None,
        };
        let (day, rest) = date.split_at_checked(length)?;
        let clock = match rest {
            [] => time,
            [b'T' | b' ', clock @ ..] => clock.strip_suffix(b"Z").unwrap_or(clock),
            _ => return None,
        };
        let of_day = match *clock {
            [] => 0,
            [h, hh, b':', m, mm] => seconds([h, hh], [m, mm], [b'0', b'0'])?,
            [h, hh, b':', m, mm, b':', s, ss] | [h, hh, m, mm, s, ss] => seconds([h, hh], [m, mm], [s, ss])?,
            _ => return None,
        };
        if day != self.last {
            let (month, of_month) = if length == 10 { (5..7, 8..10) } else { (4..6, 6..8) };
            let part = |range| whole(day.get(range)?).and_then(|it| i8::try_from(it).ok());
            let year = i16::try_from(whole(day.get(..4)?)?).ok()?;
            self.start = seconds_of(civil::Date::new(year, part(month)?, part(of_month)?).ok()?);
            self.last.clear();
            self.last.extend(day);
        }
        Some(self.start + of_day)
    }

    /// Reads a date in any of the forms that are known.
    pub(super) fn instant_of(&self, date: &str, time: &str) -> Result<i64, String> {
        let date = date.trim();
        let wrong = || {
            let hint = if date.contains('/') || date.matches('.').count() == 2 {
                "days and months can be confused in it"
            } else {
                "it is no date"
            };
            format!("`{date}` cannot be read, {hint}; write it as 2020-01-31 or 2020-01-31T15:30:00Z")
        };
        if date.is_empty() {
            return Err("the date is missing".into());
        }
        if date.bytes().all(|it| it.is_ascii_digit()) && date.len() != 8 {
            return unix(date).ok_or_else(wrong);
        }
        let (day, rest) = split_day(date).ok_or_else(wrong)?;
        let rest = if rest.is_empty() { time.trim() } else { rest };
        let (clock, offset) = split_offset(rest);
        let at = day.to_datetime(clock_time(clock).ok_or_else(wrong)?);
        let zoned = |zone| at.to_zoned(zone).map(|it| it.timestamp().as_second()).map_err(|_| wrong());
        if at.time() == civil::Time::midnight() && (clock.is_empty() || !self.intraday) {
            return zoned(TimeZone::UTC);
        }
        match (&self.zone, offset) {
            (Some(zone), "") => zoned(zone.clone()),
            _ => Ok(zoned(TimeZone::UTC)? - offset_seconds(offset).ok_or_else(wrong)?),
        }
    }
}

/// Reads what is only digits.
fn whole(digits: &[u8]) -> Option<i64> {
    let add = |sum: i64, byte: &u8| byte.is_ascii_digit().then(|| sum * 10 + i64::from(byte - b'0'));
    digits.iter().try_fold(0, add)
}

/// Returns the seconds since midnight.
fn seconds(hours: [u8; 2], minutes: [u8; 2], seconds: [u8; 2]) -> Option<i64> {
    let (hours, minutes, seconds) = (whole(&hours)?, whole(&minutes)?, whole(&seconds)?);
    (hours < 24 && minutes < 60 && seconds < 60).then_some(hours * 3_600 + minutes * 60 + seconds)
}

/// Reads seconds, milliseconds, microseconds or nanoseconds since 1970, by how many digits there are.
fn unix(digits: &str) -> Option<i64> {
    let divisor = match digits.len() {
        9..=10 => 1,
        12..=13 => 1_000,
        15..=16 => 1_000_000,
        18..=19 => 1_000_000_000,
        _ => return None,
    };
    let seconds = digits.parse::<i64>().ok()? / divisor;
    Timestamp::from_second(seconds).ok().map(Timestamp::as_second)
}

/// Splits `2020-01-31`, `2020/01/31`, `2020.01.31` or `20200131` from what follows it.
fn split_day(text: &str) -> Option<(civil::Date, &str)> {
    let compact = text.get(..8).filter(|it| it.bytes().all(|it| it.is_ascii_digit()));
    let (day, rest) = match compact {
        Some(it) => (format!("{}-{}-{}", it.get(..4)?, it.get(4..6)?, it.get(6..)?), text.get(8..)?),
        None => (text.get(..10)?.replace(['/', '.'], "-"), text.get(10..)?),
    };
    let well_formed = day.len() == 10 && day.bytes().enumerate().all(|(at, it)| (it == b'-') == (at == 4 || at == 7));
    let rest = rest.trim_start_matches(['T', 't', ' ', ';']);
    Some((if well_formed { day.parse().ok()? } else { return None }, rest))
}

/// Splits the time of day from `Z` or `+01:00` behind it.
fn split_offset(text: &str) -> (&str, &str) {
    let at = text.find(['Z', 'z', '+', '-']).unwrap_or(text.len());
    let (clock, offset) = text.split_at(at);
    (clock.trim(), offset)
}

/// Reads `15:30`, `15:30:00.000`, `153000` or nothing at all.
fn clock_time(text: &str) -> Option<civil::Time> {
    let digits = |it: &str| it.bytes().all(|it| it.is_ascii_digit());
    match text.len() {
        0 => Some(civil::Time::midnight()),
        6 if digits(text) => format!("{}:{}:{}", text.get(..2)?, text.get(2..4)?, text.get(4..)?).parse().ok(),
        5.. if text.contains(':') => text.parse().ok(),
        _ => None,
    }
}

/// Reads `Z`, `+01:00`, `-0500` or nothing as seconds east of UTC.
fn offset_seconds(text: &str) -> Option<i64> {
    if matches!(text, "" | "Z" | "z" | "+00:00") {
        return Some(0);
    }
    let (sign, rest) = match text.split_at_checked(1)? {
        ("+", rest) => (1, rest),
        ("-", rest) => (-1, rest),
        _ => return None,
    };
    let digits: String = rest.chars().filter(char::is_ascii_digit).collect();
    let part = |range: std::ops::Range<usize>| digits.get(range).and_then(|it| it.parse::<i64>().ok());
    let (hours, minutes) = (part(0..2)?, part(2..4).unwrap_or(0));
    (hours <= 15 && minutes < 60).then_some(sign * (hours * 3_600 + minutes * 60))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail loudly")]
    use super::{super::table::Layout, Dates, number};
    use crate::value::Duration;

    fn instant(date: &str, time: Option<&str>) -> Result<i64, String> {
        let mut dates = Dates::new(&Layout::default());
        let (fast, slow) =
            (dates.instant(date.as_bytes(), time.map(str::as_bytes)), dates.instant_of(date, time.unwrap_or("")));
        assert_eq!(fast, slow, "{date}");
        fast
    }

    #[test]
    fn dates_are_read_as_the_usual_exports_write_them() {
        let midnight = 1_577_923_200;
        for text in ["2020-01-02", "20200102", "2020/01/02", "2020-01-02 00:00:00-05:00", "1577923200", "1577923200000"]
        {
            assert_eq!(instant(text, None), Ok(midnight), "{text}");
        }
        let half_past_nine = midnight + 9 * 3_600 + 1_800;
        for text in ["2020-01-02T09:30:00Z", "2020-01-02 09:30", "2020-01-02 04:30:00-05:00", "2020-01-02T09:30:00.000"]
        {
            assert_eq!(instant(text, None), Ok(half_past_nine), "{text}");
        }
        assert_eq!(instant("20200102", Some("093000")), Ok(half_past_nine));
        assert!(instant("01/02/2020", None).unwrap_err().contains("can be confused"));
        assert!(instant("2020-02-30", None).unwrap_err().contains("no date"));
    }

    #[test]
    fn times_without_an_offset_are_in_the_zone_of_the_layout() {
        let zone = jiff::tz::TimeZone::get("America/New_York").unwrap();
        let layout = Layout { timezone: Some(zone), ..Layout::default() };
        let mut dates = Dates::new(&layout);
        assert_eq!(dates.instant(b"2020-07-02 09:30", None), instant("2020-07-02T13:30:00Z", None));
        assert_eq!(dates.instant(b"2020-01-02", Some(b"09:30:00")), instant("2020-01-02T14:30:00Z", None));
        assert_eq!(dates.instant(b"2020-01-02T09:30:00Z", None), instant("2020-01-02T09:30:00Z", None));
        assert_eq!(dates.instant(b"2020-01-02 00:00", None), instant("2020-01-02", None));
        let mut minutes = Dates::new(&Layout { timeframe: Some(Duration(60_000)), ..layout });
        assert_eq!(minutes.instant(b"2020-01-02 00:00", None), instant("2020-01-02T05:00:00Z", None));
    }

    #[test]
    fn figures_are_read_and_missing_ones_are_nan() {
        let number = |it: &str| number(it.as_bytes());
        assert_eq!(number(" 12.5 "), Ok(12.5));
        assert_eq!(number("$1,234.50"), Ok(1234.5));
        assert_eq!(number("1,234,567"), Ok(1_234_567.0));
        assert!(number("null").unwrap().is_nan());
        assert_eq!(number("12x"), Err("is no number"));
        for comma in ["1.234,5", "11,0", "1,234", "1,23,456"] {
            assert!(number(comma).unwrap_err().contains("decimal comma"), "{comma}");
        }
    }

    proptest::proptest! {
        /// The short way to read a figure gives the same as the standard library's.
        #[test]
        fn figures_are_read_to_the_last_bit(text in "[0-9]{1,12}(\\.[0-9]{0,9})?") {
            let nearest: f64 = text.parse().unwrap();
            proptest::prop_assert_eq!(number(text.as_bytes()).map(f64::to_bits), Ok(nearest.to_bits()));
        }
    }
}
