//! What single cells of text mean.

use jiff::{Timestamp, civil, tz::TimeZone};

/// Reads a figure: NaN where the cell says that there is none, nothing where it is no number. `decimal_comma` is for files
/// whose cells are not separated by commas.
pub(super) fn number(cell: &str, decimal_comma: bool) -> Option<f64> {
    let cell = cell.trim();
    if let Ok(it) = cell.parse::<f64>() {
        return Some(it);
    }
    if ["", "-", "null", "none", "n/a", "na", "nan", "#n/a"].contains(&cell.to_lowercase().as_str()) {
        return Some(f64::NAN);
    }
    let plain = cell.trim_start_matches('$');
    if decimal_comma { plain.replace('.', "").replace(',', ".") } else { plain.replace(',', "") }.parse().ok()
}

/// Reads when a bar starts, in seconds since 1970 (UTC), or says what is wrong. Without an offset it is UTC; midnight at any
/// offset is that day, since exports of daily bars write days so.
pub(super) fn instant(date: &str, time: Option<&str>) -> Result<i64, String> {
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
    let rest = if rest.is_empty() { time.unwrap_or_default().trim() } else { rest };
    let (clock, offset) = split_offset(rest);
    let clock = clock_time(clock).ok_or_else(wrong)?;
    let local = day.to_datetime(clock).to_zoned(TimeZone::UTC).map_err(|_| wrong())?.timestamp().as_second();
    let offset = offset_seconds(offset).ok_or_else(wrong)?;
    Ok(if clock == civil::Time::midnight() { local } else { local - offset })
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
    use super::{instant, number};

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
    fn figures_are_read_and_missing_ones_are_nan() {
        assert_eq!(number(" 12.5 ", false), Some(12.5));
        assert_eq!(number("$1,234.50", false), Some(1234.5));
        assert_eq!(number("1.234,5", true), Some(1234.5));
        assert!(number("null", false).unwrap().is_nan());
        assert_eq!(number("12x", false), None);
    }
}
