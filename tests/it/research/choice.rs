use wf::{
    market::{BacktestReportData, BarSeries, PatternSeries, RegimeKind, RegimeSeries},
    strategy::ChoiceSeries,
    value::{Money, Shared, Value},
};

use super::world::{bars, call, typed};

fn chosen(bars: &Value) -> Value {
    let regime = call("market_regime.detect", vec![("bars", bars.clone())]);
    let patterns = call("analyze.analyze", vec![("bars", bars.clone())]);
    let input = vec![("bars", bars.clone()), ("regime", regime), ("patterns", patterns)];
    call("ml_strategy.select_strategy", input)
}

/// Returns the first bars of a series.
fn head(bars: &Value, count: usize) -> Value {
    let whole: Shared<BarSeries> = typed(bars);
    let cut = |it: &[f64]| it.iter().take(count).copied().collect();
    let part = BarSeries {
        time: whole.time.iter().take(count).copied().collect(),
        open: cut(&whole.open),
        high: cut(&whole.high),
        low: cut(&whole.low),
        close: cut(&whole.close),
        volume: cut(&whole.volume),
        adjusted_close: cut(&whole.adjusted_close),
        ..(*whole).clone()
    };
    Shared::from(part).into()
}

#[test]
fn the_crash_of_2008_is_no_bull_market() {
    let bars = bars("IBM");
    let regime: Shared<RegimeSeries> = typed(&call("market_regime.detect_regime", vec![("bars", bars.clone())]));
    let series: Shared<BarSeries> = typed(&bars);
    let kinds = |from: &str, to: &str| -> Vec<RegimeKind> {
        let (from, to): (jiff::civil::Date, jiff::civil::Date) = (from.parse().unwrap(), to.parse().unwrap());
        let days = (0..series.len()).filter(|it| series.date(*it).is_some_and(|it| it >= from && it <= to));
        days.filter_map(|it| regime.at(it)).map(|it| it.kind).collect()
    };
    let crash = kinds("2008-10-06", "2008-11-28");
    let fallen = crash.iter().filter(|it| matches!(it, RegimeKind::Crisis | RegimeKind::Bear)).count();
    assert!(fallen * 10 >= crash.len() * 8, "{crash:?}");
    let rise = kinds("2010-09-15", "2010-12-31");
    assert!(rise.iter().filter(|it| **it == RegimeKind::Bull).count() * 2 > rise.len(), "{rise:?}");
    assert!(regime.since.is_some());
}

#[test]
fn what_comes_later_changes_nothing_on_real_prices() {
    let whole = bars("MSFT");
    let part = head(&whole, 1_500);
    let (whole, part): (Shared<ChoiceSeries>, Shared<ChoiceSeries>) = (typed(&chosen(&whole)), typed(&chosen(&part)));
    let upto: Vec<_> = whole.entries.iter().filter(|it| it.bar < 1_500).copied().collect();
    assert_eq!(part.entries[..], upto[..]);
    assert!(upto.len() > 40);
}

#[test]
fn a_choice_can_be_tested_and_says_how_good_it_was() {
    let bars = bars("AAPL");
    let choice = chosen(&bars);
    let series: Shared<ChoiceSeries> = typed(&choice);
    assert!(series.out_of_sample_accuracy.is_some());
    assert!(series.entries.len() > 100, "{}", series.model);
    assert!(series.entries.iter().all(|it| (0.0..=1.0).contains(&it.confidence)));
    let capital = Value::from(Money::usd(100_000));
    let report = call("backtest.execute", vec![("bars", bars), ("strategy", choice), ("capital", capital)]);
    let report: Shared<BacktestReportData> = typed(&report);
    assert!(!report.trades.is_empty());
    let summary = call("monitor.summarize", vec![("reports", Value::list([report.into()]))]);
    assert_eq!(summary.field("count"), Some(Value::Int(1)));
    assert!(summary.field("best").unwrap().field("total_return").is_some());
}

#[test]
fn real_bars_have_patterns_of_every_family() {
    let patterns: Shared<PatternSeries> = typed(&call("analyze.find_patterns", vec![("bars", bars("GOOG"))]));
    let names: std::collections::BTreeSet<_> = patterns.found.iter().map(|it| it.name.as_str()).collect();
    for name in ["doji", "hammer", "bullish_engulfing", "bearish_harami", "morning_star", "breakout_up", "double_top"] {
        assert!(names.contains(name), "{name} is not among {names:?}");
    }
    let per_bar = patterns.found.len() as f64 / patterns.bars.len() as f64;
    assert!((0.05..0.6).contains(&per_bar), "{per_bar}");
}
