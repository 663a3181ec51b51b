//! Times of bars as text.

use super::date_of;

/// Seconds in a day.
pub const DAY_SECONDS: i64 = 86_400;

/// Returns a time in seconds since 1970 (UTC) in ISO 8601: the day alone at midnight, as bars of a day have it.
pub fn time_text(seconds: i64) -> String {
    if seconds.rem_euclid(DAY_SECONDS) == 0 {
        return date_of(seconds).to_string();
    }
    jiff::Timestamp::from_second(seconds).map_or_else(|_| seconds.to_string(), |it| it.to_string())
}
