//! How many bars a year has.

use super::BarSeries;
use crate::value::Duration;

/// Trading days a year, and milliseconds a trading day, of a stock exchange.
const DAYS: f64 = 252.0;
const SESSION: f64 = 6.5 * 3_600_000.0;

impl BarSeries {
    /// Returns how many bars a year has, by the convention of stock exchanges: 252 days of 6.5 hours.
    pub fn periods_per_year(&self) -> f64 {
        let length = self.timeframe.0.max(1) as f64;
        let day = Duration::DAY.0 as f64;
        if length < day {
            return DAYS * (SESSION / length).max(1.0);
        }
        // A week has five trading days of its seven.
        let days = length / day;
        DAYS / if days < 2.0 { 1.0 } else { days * 5.0 / 7.0 }
    }
}
