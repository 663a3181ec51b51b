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

/// Returns the same bars in another order: each keeps its shape and its change from the close before.
fn shuffled(bars: &Value, count: usize, seed: u64) -> Value {
    let whole: Shared<BarSeries> = typed(bars);
    let mut state = seed;
    let mut draw = |below: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from((u128::from(state) * below as u128) >> 64).unwrap()
    };
    let mut order: Vec<usize> = (1..=count).collect();
    for at in (1..order.len()).rev() {
        order.swap(at, draw(at + 1));
    }
    let (mut open, mut high, mut low, mut close, mut last) = (vec![], vec![], vec![], vec![], whole.close[0]);
    for at in &order {
        let by = last / whole.close[at - 1];
        let priced = |of: &[f64]| of[*at] * by;
        open.push(priced(&whole.open));
        high.push(priced(&whole.high));
        low.push(priced(&whole.low));
        last = priced(&whole.close);
        close.push(last);
    }
    let part = BarSeries {
        time: whole.time.iter().take(count).copied().collect(),
        open: open.into(),
        high: high.into(),
        low: low.into(),
        close: close.into(),
        volume: order.iter().map(|it| whole.volume[*it]).collect(),
        adjusted_close: std::sync::Arc::new([]),
        ..(*whole).clone()
    };
    Shared::from(part).into()
}

#[test]
fn on_shuffled_prices_the_confidence_falls_to_chance() {
    let (mut confidence, mut skill, mut windows) = (0.0, 0.0, 0);
    let runs = [("AAPL", 1), ("IBM", 2), ("MSFT", 3), ("AAPL", 4)];
    for (symbol, seed) in runs {
        let choice: Shared<ChoiceSeries> = typed(&chosen(&shuffled(&bars(symbol), 1_500, seed)));
        let mean = choice.entries.iter().map(|it| it.confidence).sum::<f64>() / choice.entries.len() as f64;
        assert!((mean - 0.5).abs() < 0.03, "{symbol} {seed}: {mean}");
        let quality = choice.quality.as_ref().unwrap();
        confidence += mean / runs.len() as f64;
        skill += (1.0 - quality.brier / quality.base_brier) / runs.len() as f64;
        windows += quality.windows;
    }
    assert!((confidence - 0.5).abs() < 0.015, "{confidence}");
    // Always saying how often it came out well is known in hindsight, and is not beaten where there is nothing to know.
    assert!(skill < 0.01, "{skill}");
    assert!(windows > 200);
}

#[test]
fn every_model_chooses_as_of_its_bar_and_says_how_good_it_was() {
    let whole = bars("IBM");
    let regime = call("market_regime.detect", vec![("bars", whole.clone())]);
    let by = |bars: &Value, model: &str| -> Shared<ChoiceSeries> {
        let input = vec![("bars", bars.clone()), ("regime", regime.clone()), ("model", model.into())];
        typed(&call("ml_strategy.predict_best", input))
    };
    let part = head(&whole, 1_200);
    for model in ["boosted", "logistic"] {
        let part = by(&part, model);
        let whole = by(&head(&whole, 1_800), model);
        let upto: Vec<_> = whole.entries.iter().filter(|it| it.bar < 1_200).copied().collect();
        assert_eq!(part.entries[..], upto[..], "{model}");
        let quality = whole.quality.as_ref().unwrap();
        assert_eq!(quality.reliability.iter().map(|it| it.count).sum::<usize>(), quality.windows);
        assert!(quality.reliability.iter().all(|it| it.low <= it.observed && it.observed <= it.high));
        assert_eq!(quality.importance.len(), 24);
    }
}

#[test]
fn regimes_say_when_the_market_changed_and_how_many_states_it_has() {
    let regime: Shared<RegimeSeries> = typed(&call("market_regime.detect", vec![("bars", bars("IBM"))]));
    // The days on which the crisis of 2008 came to this stock, and went.
    let found: Vec<String> = regime.changes.iter().map(|it| it.date.as_ref().unwrap().to_string()).collect();
    assert!(found.iter().any(|it| ("2008-09-01".."2008-10-15").contains(&it.as_str())), "{found:?}");
    assert!((3..60).contains(&found.len()), "{found:?}");
    let best = regime.likelihoods.iter().max_by(|a, b| a.log_likelihood.total_cmp(&b.log_likelihood)).unwrap();
    assert_eq!(regime.likelihoods.iter().map(|it| it.states).collect::<Vec<_>>(), [2, 3, 4]);
    // In force is what was best at the last fit, which is at most 63 bars ago.
    assert_eq!(regime.states, Some(best.states));
}
