//! What is odd about bars is found, counted and placed; longer bars keep the laws of prices and volume.

use proptest::prelude::*;
use wf::{
    market::{Adjust, BarRows, BarSeries, Calendar, Oddity, RowNames, seconds_of, time_text},
    slice::ports::HistoryRequest,
    slices::data::source,
    value::{Duration, Symbol},
};

const MINUTE: i64 = 60;

/// Bars that start at these seconds, of these opens, highs, lows, closes and volumes.
fn bars(calendar: Calendar, timeframe: Duration, rows: &[(i64, [f64; 5])]) -> BarSeries {
    let column = |at: usize| rows.iter().map(|it| it.1[at]).collect();
    let rows = BarRows {
        time: rows.iter().map(|it| it.0).collect(),
        open: column(0),
        high: column(1),
        low: column(2),
        close: column(3),
        volume: column(4),
        adjusted_close: Vec::new(),
        row: (1..=rows.len() as u64).collect(),
    };
    let names = RowNames { source: "bars.csv".into(), row: "line" };
    BarSeries::from_rows(Symbol::new("X").unwrap(), Some(timeframe), calendar, vec![rows], &names).unwrap()
}

fn at(text: &str) -> i64 {
    text.parse::<jiff::Timestamp>().unwrap().as_second()
}

/// Thirteen years of trading days are the days of the calendar, no more and no less.
#[test]
fn the_bundled_bars_are_on_the_days_of_new_york() {
    let data = source::open("bundled").unwrap();
    for symbol in data.symbols() {
        let request = HistoryRequest { symbol, period: None, timeframe: Duration::DAY, adjust: Adjust::All };
        let bars = data.history(&request).unwrap();
        let quality = bars.quality();
        assert_eq!((quality.expected, quality.missing), (Some(bars.len() as u64), Some(0)), "{}", bars.symbol);
        assert!(
            bars.time.iter().all(|it| Calendar::Xnys.session(Calendar::Xnys.day(*it, Duration::DAY)).is_some()),
            "{}",
            bars.symbol
        );
    }
}

#[test]
fn what_is_odd_is_counted_with_its_first_places() {
    let start = at("2024-01-02T00:00:00Z");
    let mut rows: Vec<(i64, [f64; 5])> = (0..60)
        .filter(|it| ![10, 11, 30].contains(it))
        .map(|it| (start + it * 86_400, if it % 2 == 0 { 10.0 } else { 10.1 }))
        .map(|(time, close)| (time, [close, close + 0.1, close - 0.1, close, 1.0]))
        .collect();
    rows[5].1 = [30.0, 30.0, 30.0, 30.0, 1.0];
    for row in &mut rows[40..52] {
        row.1 = [10.0, 10.0, 10.0, 10.0, 1.0];
    }
    rows.swap(0, 1);
    rows.push(rows[56]);
    let bars = bars(Calendar::Always, Duration::DAY, &rows);
    let quality = bars.quality();
    assert_eq!((quality.calendar.as_str(), quality.expected, quality.missing), ("24/7", Some(60), Some(3)));
    let found: Vec<_> = quality.findings.iter().map(|it| (it.what, it.count, it.first.join(" "))).collect();
    let wanted = [
        (Oddity::OutOfOrder, 1, "line 1"),
        (Oddity::Repeated, 1, "line 58"),
        (Oddity::Gap, 2, "2024-01-11..2024-01-14 2024-01-31..2024-02-02"),
        (Oddity::Jump, 2, "2024-01-07 2024-01-08"),
        (Oddity::Stale, 1, "2024-02-14..2024-02-25"),
    ];
    let found: Vec<_> = found.iter().map(|it| (it.0, it.1, it.2.as_str())).collect();
    assert_eq!(found.len(), wanted.len(), "{found:?}");
    for (found, wanted) in found.iter().zip(wanted) {
        assert_eq!((found.0, found.1), (wanted.0, wanted.1), "{found:?}");
        if wanted.0 != Oddity::OutOfOrder {
            assert_eq!(found.2, wanted.2);
        }
    }
    assert!(bars.notes.iter().any(|it| it.contains("3 bars of the calendar 24/7 are missing, the first between")));
}

#[test]
fn bars_of_a_session_are_counted_from_its_open() {
    let minutes = |day: &str, count: i64| {
        let open = Calendar::Xnys.session(day.parse().unwrap()).unwrap().open;
        (0..count).map(move |it| (open + it * MINUTE, [1.0, 2.0, 0.5, 1.5, 10.0]))
    };
    let rows: Vec<_> = minutes("2024-07-02", 390).chain(minutes("2024-07-03", 210)).collect();
    let bars = bars(Calendar::Xnys, Duration(60_000), &rows);
    assert_eq!(bars.quality().missing, Some(0));
    let hours = bars.resampled(Duration(3_600_000)).unwrap();
    let starts: Vec<_> = hours.time.iter().map(|it| time_text(*it)).collect();
    assert_eq!(
        (starts.len(), starts[0].as_str(), starts[6].as_str()),
        (11, "2024-07-02T13:30:00Z", "2024-07-02T19:30:00Z")
    );
    assert_eq!((starts[7].as_str(), hours.volume[6], hours.volume[10]), ("2024-07-03T13:30:00Z", 300.0, 300.0));
    let days = bars.resampled(Duration::DAY).unwrap();
    assert_eq!(*days.volume, [3_900.0, 2_100.0]);
    assert_eq!(days.time[1], seconds_of("2024-07-03".parse().unwrap()));
    assert_eq!(days.completed_by(at("2024-07-03T17:00:00Z")).len(), 2);
    assert_eq!(days.completed_by(at("2024-07-03T16:59:00Z")).len(), 1);
    let month = bars.resampled(Duration::MONTH).unwrap();
    assert_eq!(
        (month.len(), month.timeframe.to_string().as_str(), month.date(0).unwrap().to_string().as_str()),
        (1, "1mo", "2024-07-01")
    );
    let refused = bars.resampled(Duration(90_000)).unwrap_err().to_string();
    assert!(refused.contains("others must be a whole multiple of that"), "{refused}");
}

proptest! {
    /// Whatever the calendar and the length: the highest high, the lowest low, the first open, the last close and all of
    /// the volume of bars are in the longer bars made of them, each of which starts at or before its first.
    #[test]
    fn longer_bars_keep_the_laws_of_prices(
        steps in prop::collection::vec((1_i64..40, 1_u32..100, 1_u32..100, 0_u32..100), 1..300),
        calendar in prop::sample::select(Calendar::ALL.to_vec()),
        length in prop::sample::select(vec![5 * MINUTE, 60 * MINUTE, 86_400, 7 * 86_400, Duration::MONTH.0 / 1_000]),
        start in 0_i64..20_000,
    ) {
        let mut time = start * 86_400;
        let rows: Vec<_> = steps.iter().map(|(step, open, close, volume)| {
            time += step * MINUTE * 7;
            let (open, close) = (f64::from(*open), f64::from(*close));
            (time, [open, open.max(close) + 1.0, open.min(close) / 2.0, close, f64::from(*volume)])
        }).collect();
        let short = bars(calendar, Duration(60_000), &rows);
        let long = short.resampled(Duration(length * 1_000)).unwrap();
        prop_assert!(long.time.windows(2).all(|it| it[0] < it[1]));
        let extreme = |it: &[f64], of: fn(f64, f64) -> f64| it.iter().copied().reduce(of);
        prop_assert_eq!(extreme(&long.high, f64::max), extreme(&short.high, f64::max));
        prop_assert_eq!(extreme(&long.low, f64::min), extreme(&short.low, f64::min));
        prop_assert_eq!((long.open.first(), long.close.last()), (short.open.first(), short.close.last()));
        prop_assert_eq!(long.volume.iter().sum::<f64>(), short.volume.iter().sum::<f64>());
        let inside = |at: usize| [long.open[at], long.close[at]].iter().all(|it| (long.low[at]..=long.high[at]).contains(it));
        prop_assert!((0..long.len()).all(inside));
        // Every bar is in one longer bar, which starts at or before it and ends after it.
        let mut at = 0;
        for (bar, time) in short.time.iter().enumerate() {
            while long.time.get(at + 1).is_some_and(|it| it <= time) && at + 1 < long.len() {
                at += 1;
            }
            prop_assert!(long.time[at] <= *time || length >= 86_400, "{} {}", long.time[at], time);
            prop_assert!(length >= 86_400 || *time < long.time[at] + length);
            prop_assert!(length >= 86_400 || (long.low[at] <= short.low[bar] && short.high[bar] <= long.high[at]));
        }
    }
}
