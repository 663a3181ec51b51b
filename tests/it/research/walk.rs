use proptest::prelude::*;
use wf::{
    market::{BacktestReportData, BarSeries},
    value::{BarCount, DateRange, Detail, Duration, Period, Shared, Value},
};

use super::{
    search::{crossover, input, items, number, of, sets},
    world::{bars, call, call_within, typed},
};

fn months(months: i32) -> Value {
    Value::Period(Period { months })
}

fn days(days: i64) -> Value {
    Value::Duration(Duration(days * Duration::DAY.0))
}

fn range(it: &Value) -> DateRange {
    if let Value::DateRange(it) = it { *it } else { panic!("{it}") }
}

/// Returns the input of a walk-forward of two years by half a year.
fn walk(more: Vec<(&'static str, Value)>) -> Vec<(&'static str, Value)> {
    let own = vec![("train", months(24)), ("test", months(6)), ("embargo", days(5)), ("sets", sets())];
    input([own, more].concat())
}

fn slice(from: &str, to: &str) -> Value {
    let period = DateRange { start: from.parse().unwrap(), end: to.parse().unwrap() };
    call("data.slice", vec![("bars", bars("MSFT")), ("period", period.into())])
}

/// Puts other bars in the place of those of an input.
fn on(input: Vec<(&'static str, Value)>, bars: &Value) -> Vec<(&'static str, Value)> {
    input.into_iter().map(|(name, it)| if name == "bars" { (name, bars.clone()) } else { (name, it) }).collect()
}

#[test]
fn each_fold_is_what_its_parts_come_to_alone() {
    let found = call("optimize.walk_forward", walk(vec![]));
    let folds = items(&of(&found, "folds"));
    assert!(folds.len() > 15);
    let trials: f64 = folds.iter().map(|it| number(&of(it, "trials"))).sum();
    assert!((number(&of(&found, "trials")) - trials).abs() < 0.5 && trials > 36.0);
    // The third fold, by hand: 60 bars warm up, as the slowest average looks back by 60 at most.
    let fold = &folds[2];
    let cut = |period: &Value| {
        let warmup = Value::BarCount(BarCount(lookback()));
        call("data.slice", vec![("bars", bars("MSFT")), ("period", period.clone()), ("warmup", warmup)])
    };
    let chosen = call("optimize.grid", on(input(vec![("sets", sets())]), &cut(&of(fold, "train"))));
    assert_eq!(of(&chosen, "params"), of(fold, "params"));
    assert!((number(&of(&chosen, "objective")) - number(&of(fold, "in_sample"))).abs() < 1e-12);
    let strategy = wf::strategy::library().into_iter().find(|it| it.name() == "sma_cross").unwrap();
    let strategy = strategy.make(&of(fold, "params")).unwrap();
    let alone: Vec<_> = on(input(vec![]), &cut(&of(fold, "test")))
        .into_iter()
        .map(|(name, it)| if name == "strategy" { (name, strategy.clone()) } else { (name, it) })
        .collect();
    let report = call("backtest.execute", alone);
    for name in ["total_return", "max_drawdown"] {
        assert!((number(&of(&report, name)) - number(&of(fold, name))).abs() < 1e-12, "{name}");
    }
    assert!((number(&of(&report, "sharpe")) - number(&of(fold, "objective"))).abs() < 1e-12);
    let report: Shared<BacktestReportData> = typed(&report);
    assert_eq!(number(&of(fold, "trades")) as usize, report.trades.len());
}

/// Returns how many bars the slowest of the sets looks back.
fn lookback() -> u64 {
    let all = wf::strategy::library();
    let template = all.iter().find(|it| it.name() == "sma_cross").unwrap();
    let made = |it: &Value| wf::strategy::Strategy::try_from(template.make(it).unwrap()).unwrap();
    items(&sets()).iter().map(|it| made(it).rules.lookback() as u64).max().unwrap()
}

#[test]
fn later_bars_change_no_earlier_fold() {
    for search in ["grid", "random", "bayes"] {
        let more = || vec![("search", search.into()), ("budget", Value::Int(14)), ("anchored", Value::Bool(true))];
        let short = call("optimize.walk_forward", on(walk(more()), &slice("2003-01-01", "2006-12-31")));
        let long = call("optimize.walk_forward", on(walk(more()), &slice("2003-01-01", "2008-12-31")));
        let (short, long) = (items(&of(&short, "folds")), items(&of(&long, "folds")));
        assert_eq!((short.len(), long.len()), (3, 7));
        assert_eq!(short[..], long[..3], "{search}");
    }
}

#[test]
fn a_fold_does_not_look_past_its_window() {
    // Other prices from the first test on leave the first choice as it was.
    let whole = slice("2003-01-01", "2005-12-31");
    let series: Shared<BarSeries> = typed(&whole);
    let found = call("optimize.walk_forward", on(walk(vec![]), &whole));
    let first = &items(&of(&found, "folds"))[0];
    let end = range(&of(first, "train")).end;
    let turned = |it: &[f64], other: &[f64]| -> std::sync::Arc<[f64]> {
        let keep = |at: usize| series.date(at).unwrap() <= end;
        it.iter().zip(other).enumerate().map(|(at, (it, other))| if keep(at) { *it } else { 1_000.0 - other }).collect()
    };
    let other = BarSeries {
        open: turned(&series.open, &series.open),
        high: turned(&series.high, &series.low),
        low: turned(&series.low, &series.high),
        close: turned(&series.close, &series.close),
        ..(*series).clone()
    };
    let other: Value = Shared::from(other).into();
    let changed = call("optimize.walk_forward", on(walk(vec![]), &other));
    let same = &items(&of(&changed, "folds"))[0];
    for name in ["params", "in_sample", "trials", "overfitting"] {
        assert_eq!(of(first, name), of(same, name), "{name}");
    }
    assert_ne!(of(first, "objective"), of(same, "objective"));
}

#[test]
fn too_few_bars_for_a_fold_are_told_apart() {
    let says = |more: Vec<(&'static str, Value)>, bars: &Value| {
        call_within(Value::record::<&str>([]), "optimize.walk_forward", on(walk(more), bars)).unwrap_err().message
    };
    assert_eq!(
        says(vec![], &slice("2003-01-01", "2004-12-31")),
        "`MSFT` has 504 bars, of 2003-01-02 to 2004-12-31: too few for one fold, which takes 2y to choose, 5d between and \
         6mo to measure; load a longer period or take shorter windows"
    );
    let purged = says(vec![("purge", Value::BarCount(BarCount(600)))], &slice("2003-01-01", "2006-12-31"));
    assert!(purged.contains("`purge` leaves out 600 bars of the 50"), "{purged}");
    let few = Value::list([Value::record([("metric", "closed_trades".into()), ("at_least", Value::Int(999))])]);
    let kept = says(vec![("constraints", few)], &slice("2003-01-01", "2006-12-31"));
    assert!(kept.starts_with("in the fold that chooses on 2003-01-02..2005-01-01 and measures on "), "{kept}");
}

#[test]
fn behind_a_window_without_a_choice_nothing_is_traded() {
    let rule = Value::list([Value::record([("metric", "sharpe".into()), ("at_least", Value::Int(1))])]);
    let found = call("optimize.walk_forward", walk(vec![("constraints", rule)]));
    let folds = items(&of(&found, "folds"));
    let idle: Vec<&Value> = folds.iter().filter(|it| of(it, "params").is_none()).collect();
    assert!(!idle.is_empty() && idle.len() < folds.len(), "{} of {}", idle.len(), folds.len());
    for fold in idle {
        assert_eq!((number(&of(fold, "total_return")), number(&of(fold, "trades"))), (0.0, 0.0));
        assert_eq!((number(&of(fold, "trials")), of(fold, "in_sample")), (36.0, Value::None));
    }
    assert!(folds.iter().all(|it| of(it, "params").is_none() || number(&of(it, "in_sample")) >= 1.0));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn windows_keep_their_distance(train in 3..30_i32, test in 1..13_i32, embargo in 0..40_i64, anchored: bool) {
        let one = Value::list([Value::record([("fast", Value::Int(3))])]);
        let own = vec![
            ("train", months(train)), ("test", months(test)), ("embargo", days(embargo)),
            ("anchored", Value::Bool(anchored)), ("sets", one), ("objective", "total_return".into()),
        ];
        let found = call("optimize.walk_forward", input(own));
        let folds = items(&of(&found, "folds"));
        prop_assert!(!folds.is_empty());
        let window = |fold: &Value, name: &str| range(&of(fold, name));
        let first = window(&folds[0], "train").start;
        for (at, fold) in folds.iter().enumerate() {
            let (train, test) = (window(fold, "train"), window(fold, "test"));
            prop_assert_eq!((test.start - train.end).get_days(), i32::try_from(embargo).unwrap() + 1);
            prop_assert!(!anchored || train.start == first);
            if let Some(next) = folds.get(at + 1) {
                prop_assert_eq!(window(next, "test").start, test.end.tomorrow().unwrap());
            }
        }
    }
}

fn cross(more: Vec<(&'static str, Value)>) -> Vec<(&'static str, Value)> {
    input([vec![("sets", sets())], more].concat())
}

#[test]
fn a_cross_validation_goes_over_all_bars_on_every_path() {
    let more = vec![
        ("groups", Value::Int(6)),
        ("held", Value::Int(2)),
        ("purge", Value::BarCount(BarCount(60))),
        ("embargo", Value::BarCount(BarCount(20))),
    ];
    let found = call("optimize.cross_validate", cross(more));
    assert_eq!(items(&of(&found, "splits")).len(), 15);
    assert_eq!(items(&of(&found, "paths")).len(), 5);
    assert_eq!(of(&found, "trials"), Value::Int(36));
    let groups: Vec<DateRange> = items(&of(&found, "groups")).iter().map(range).collect();
    assert!(groups.windows(2).all(|it| it[0].end < it[1].start));
    assert!(number(&of(&found, "in_sample")) > number(&of(&found, "mean_sharpe")), "a choice looks better than it is");
    assert_eq!(of(&of(&found, "overfitting"), "parts"), Value::Int(6));
}

#[test]
fn one_set_is_the_same_on_every_path_as_alone() {
    let one = Value::list([Value::record([("fast", Value::Int(10)), ("slow", Value::Int(40))])]);
    let found = call("optimize.cross_validate", input(vec![("sets", one.clone()), ("groups", Value::Int(5))]));
    let alone = call("optimize.grid", input(vec![("sets", one)]));
    let report = of(&alone, "report");
    let paths = items(&of(&found, "paths"));
    assert_eq!(paths.len(), 4);
    for path in paths {
        for name in ["sharpe", "total_return", "max_drawdown"] {
            let (joined, whole) = (number(&of(&path, name)), number(&of(&report, name)));
            assert!((joined - whole).abs() < 1e-7, "{name}: {joined}, alone {whole}");
        }
    }
    assert!(of(&found, "overfitting").is_none());
}

#[test]
fn a_cross_validation_says_what_cannot_be() {
    let says = |more: Vec<(&'static str, Value)>| {
        call_within(Value::record::<&str>([]), "optimize.cross_validate", cross(more)).unwrap_err().message
    };
    let held = says(vec![("groups", Value::Int(4)), ("held", Value::Int(4))]);
    assert_eq!(held, "4 of 4 groups held back leave none to choose on: hold fewer");
    let short = says(vec![("groups", Value::Int(20)), ("purge", Value::BarCount(BarCount(5_000)))]);
    assert!(short.contains("too few to leave out 5000 before and 0 behind another"), "{short}");
    assert!(says(vec![("groups", Value::Int(20)), ("held", Value::Int(10))]).contains("more than 10000 ways"));
}

#[test]
fn a_report_of_a_walk_can_be_kept_and_read() {
    let found = call("optimize.walk_forward", walk(vec![("search", "bayes".into()), ("budget", Value::Int(12))]));
    let json = found.to_json(Detail::Full);
    assert_eq!(json["search"], "bayes");
    assert!(json["folds"][0]["overfitting"].is_string() || json["folds"][0]["overfitting"].is_number(), "{json}");
    assert_eq!(crossover().field("name"), Some(Value::from("sma_cross")));
}
