//! Longer bars made of shorter ones.

use super::{BadBars, BarSeries};
use crate::value::Duration;

/// The first Monday since 1970: where weeks start to be counted.
const FIRST_MONDAY: i64 = 4 * 86_400;
const WEEK: i64 = 7 * 86_400;

/// Returns when the bar of this length starts that holds an instant, in seconds since 1970 (UTC): days start at midnight,
/// weeks on Monday.
pub fn bucket(time: i64, timeframe: Duration) -> i64 {
    let length = (timeframe.0 / 1_000).max(1);
    let origin = if length % WEEK == 0 { FIRST_MONDAY } else { 0 };
    (time - origin).div_euclid(length) * length + origin
}

impl BarSeries {
    /// Returns bars of a longer timeframe: first open, highest high, lowest low, last close, volume added up. The first
    /// and the last may be made of fewer bars than the others. Bars are adjusted first: across a split they do not add up.
    ///
    /// # Errors
    /// Where the timeframe is no whole multiple of that of the bars.
    pub fn resampled(&self, timeframe: Duration) -> Result<Self, BadBars> {
        if timeframe == self.timeframe {
            return Ok(self.clone());
        }
        if timeframe.0 < self.timeframe.0 || timeframe.0 % self.timeframe.0.max(1) != 0 {
            let help = if timeframe.0 < self.timeframe.0 {
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
        let prices = self.open.iter().zip(self.high.iter()).zip(self.low.iter()).zip(self.close.iter());
        for (at, ((time, (((open, high), low), close)), volume)) in
            self.time.iter().zip(prices).zip(self.volume.iter()).enumerate()
        {
            let start = bucket(*time, timeframe);
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
    use super::bucket;
    use crate::value::Duration;

    #[test]
    fn weeks_start_on_monday_and_days_at_midnight() {
        let thursday = 0;
        assert_eq!(bucket(thursday, Duration(7 * 86_400_000)), -3 * 86_400);
        assert_eq!(bucket(thursday + 4 * 86_400, Duration(7 * 86_400_000)), 4 * 86_400);
        assert_eq!(bucket(90_000, Duration::DAY), 86_400);
        assert_eq!(bucket(-1, Duration(3_600_000)), -3_600);
    }
}
