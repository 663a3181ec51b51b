//! Columns of numbers, as few and as short as a picture needs.

use std::ops::Range;

use serde_json::{Value as Json, json};

use crate::market::{BarSeries, DAY_SECONDS};

/// How many points a line has at most.
pub(super) const POINTS: usize = 5_000;

/// Returns the places of a line's points that a picture needs: the least and the greatest of each of many equal stretches,
/// the first and the last; all where they are few.
pub(super) fn extremes(values: &[f64], most: usize) -> Vec<usize> {
    if values.len() <= most {
        return (0..values.len()).collect();
    }
    let mut kept = Vec::with_capacity(most);
    kept.push(0);
    for stretch in stretches(values.len(), most / 2 - 1) {
        let part = values.get(stretch.clone()).unwrap_or_default().iter().enumerate();
        let by_value = |a: &(usize, &f64), b: &(usize, &f64)| a.1.total_cmp(b.1);
        let ends = part.clone().min_by(by_value).zip(part.max_by(by_value));
        let mut ends = ends.map(|(low, high)| [low.0, high.0]).unwrap_or_default();
        ends.sort_unstable();
        kept.extend(ends.map(|it| stretch.start + it));
    }
    kept.push(values.len() - 1);
    kept.dedup();
    kept
}

/// Returns every stretch of a whole cut into so many parts.
fn stretches(length: usize, count: usize) -> impl Iterator<Item = Range<usize>> {
    let count = count.max(1);
    (0..count).map(move |it| length * it / count..length * (it + 1) / count).filter(|it| !it.is_empty())
}

/// Returns times as a start, a unit in seconds, and the distances in it: `{start, unit, steps}`.
pub(super) fn times(times: &[i64]) -> Json {
    let steps = times.iter().zip(times.iter().skip(1)).map(|(a, b)| b - a);
    let unit = [DAY_SECONDS, 60].into_iter().find(|unit| steps.clone().all(|it| it % unit == 0)).unwrap_or(1);
    let steps: Vec<i64> = steps.map(|it| it / unit).collect();
    json!({ "start": times.first(), "unit": unit, "steps": steps })
}

/// Returns numbers with seven digits that count.
pub(super) fn numbers(values: &[f64]) -> Json {
    values.iter().map(|it| number(*it)).collect()
}

/// Returns a number with seven digits that count; one that is none is null.
pub(super) fn number(value: f64) -> Json {
    format!("{value:.6e}").parse::<f64>().map_or(Json::Null, Json::from)
}

/// Returns the prices of a symbol from a time on, in at most so many candles: several bars become one where there are more.
pub(super) fn candles(bars: &BarSeries, from: i64, most: usize) -> Json {
    let first = bars.time.partition_point(|it| *it < from);
    let length = bars.len() - first;
    let mut columns: [Vec<f64>; 4] = Default::default();
    let mut at = Vec::new();
    for stretch in stretches(length, length.min(most)) {
        let stretch = stretch.start + first..stretch.end + first;
        let of = |column: &[f64]| column.get(stretch.clone()).unwrap_or_default().to_vec();
        let (open, high, low, close) = (of(&bars.open), of(&bars.high), of(&bars.low), of(&bars.close));
        at.extend(bars.time.get(stretch.start));
        let candle = [
            open.first().copied(),
            high.into_iter().reduce(f64::max),
            low.into_iter().reduce(f64::min),
            close.last().copied(),
        ];
        columns.iter_mut().zip(candle).for_each(|(column, it)| column.push(it.unwrap_or(f64::NAN)));
    }
    let [open, high, low, close] = columns.map(|it| numbers(&it));
    json!({
        "symbol": bars.symbol.as_str(), "times": times(&at), "bars": length.div_ceil(most.max(1)).max(1),
        "open": open, "high": high, "low": low, "close": close,
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may fail loudly")]

    use super::*;

    #[test]
    fn a_long_line_keeps_its_ends_and_its_extremes() {
        let values: Vec<f64> = (0..1_000_000).map(|it| (f64::from(it) * 0.001).sin()).collect();
        let mut spiked = values;
        spiked[654_321] = 9.0;
        spiked[123_456] = -9.0;
        let kept = extremes(&spiked, POINTS);
        assert!(kept.len() <= POINTS && kept.len() > POINTS / 2, "{}", kept.len());
        assert!(kept.windows(2).all(|it| it[0] < it[1]));
        assert!([0, 123_456, 654_321, 999_999].iter().all(|it| kept.contains(it)));
        assert_eq!(extremes(&spiked[..10], POINTS).len(), 10);
        assert_eq!(extremes(&[], POINTS).len(), 0);
        assert!(extremes(&[f64::NAN; 20], 10).len() <= 10);
    }

    #[test]
    fn times_and_numbers_are_short() {
        assert_eq!(times(&[86_400, 172_800, 432_000]), json!({ "start": 86_400, "unit": 86_400, "steps": [1, 3] }));
        assert_eq!(times(&[60, 180]), json!({ "start": 60, "unit": 60, "steps": [2] }));
        assert_eq!(times(&[]), json!({ "start": null, "unit": 86_400, "steps": [] }));
        assert_eq!(numbers(&[1.0 / 3.0, f64::NAN, 18_963.446_653_95]), json!([0.333_333_3, null, 18_963.45]));
    }

    #[test]
    fn many_bars_become_one_candle() {
        let column = |of: fn(f64) -> f64| (0..10).map(|it| of(f64::from(it))).collect();
        let bars = BarSeries {
            symbol: crate::value::Symbol::new("X").unwrap(),
            timeframe: crate::value::Duration::DAY,
            time: (0..10).map(|it| it * DAY_SECONDS).collect(),
            open: column(|it| it + 1.0),
            high: column(|it| it + 3.0),
            low: column(|it| it),
            close: column(|it| it + 2.0),
            volume: column(|_| 1.0),
            adjusted_close: [].into(),
            warmup: 0,
            notes: [].into(),
            origin: crate::market::Origin::default(),
        };
        let found = candles(&bars, 2 * DAY_SECONDS, 4);
        assert_eq!(found["open"], json!([3.0, 5.0, 7.0, 9.0]));
        assert_eq!(found["high"], json!([6.0, 8.0, 10.0, 12.0]));
        assert_eq!(found["low"], json!([2.0, 4.0, 6.0, 8.0]));
        assert_eq!(found["close"], json!([5.0, 7.0, 9.0, 11.0]));
        assert_eq!(found["bars"], 2);
        assert_eq!(candles(&bars, 2 * DAY_SECONDS, 100)["bars"], 1);
        assert_eq!(candles(&bars, i64::MAX, 100)["open"], json!([]));
    }
}
