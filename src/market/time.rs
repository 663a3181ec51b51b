//! Times of bars as text.

use jiff::{Timestamp, tz::TimeZone};

/// Seconds in a day.
pub const DAY_SECONDS: i64 = 86_400;

/// Returns the day of a time in seconds since 1970 (UTC).
pub fn date_of(seconds: i64) -> jiff::civil::Date {
    Timestamp::from_second(seconds).map_or(jiff::civil::Date::ZERO, |it| it.to_zoned(TimeZone::UTC).date())
}

/// Returns the second since 1970 at which a day starts (UTC).
pub fn seconds_of(day: jiff::civil::Date) -> i64 {
    day.to_zoned(TimeZone::UTC).map_or(0, |it| it.timestamp().as_second())
}

/// Returns a time in seconds since 1970 (UTC) in ISO 8601: the day alone at midnight, as bars of a day have it.
pub fn time_text(seconds: i64) -> String {
    if seconds.rem_euclid(DAY_SECONDS) == 0 {
        return date_of(seconds).to_string();
    }
    Timestamp::from_second(seconds).map_or_else(|_| seconds.to_string(), |it| it.to_string())
}
