use wf::value::{DateRange, Money, Value};

use super::world::{bars, call, call_within};

fn range(from: &str, to: &str) -> DateRange {
    DateRange { start: from.parse().unwrap(), end: to.parse().unwrap() }
}

fn fold(year: i16, train: DateRange, params: i64) -> Value {
    let test = range(&format!("{year}-01-01"), &format!("{year}-12-31"));
    let strategy = wf::strategy::candidates().into_iter().find(|it| it.name == "momentum").unwrap();
    let held = call("data.slice", vec![("bars", bars("AAPL")), ("period", test.into())]);
    let capital = Value::from(Money::usd(100_000));
    let report = call("backtest.execute", vec![("bars", held), ("strategy", strategy.into()), ("capital", capital)]);
    let windows =
        Value::record([("index", Value::Int(i64::from(year))), ("train", train.into()), ("test", test.into())]);
    let params = Value::record([("window", Value::Int(params))]);
    Value::record([("fold", windows), ("params", params), ("report", report), ("trials", Value::Int(20))])
}

#[test]
fn folds_are_joined_in_the_order_of_time() {
    let folds = [
        fold(2008, range("2006-01-01", "2007-12-20"), 50),
        fold(2007, range("2005-01-01", "2006-12-20"), 20),
        fold(2009, range("2007-01-01", "2008-12-20"), 50),
    ];
    let returns: f64 = folds
        .iter()
        .map(|it| it.field("report").unwrap().field("total_return").unwrap())
        .map(|it| if let Value::Percent(it) = it { 1.0 + f64::try_from(it.0).unwrap() } else { panic!("{it}") })
        .product();
    let summary = call("optimize.summarize", vec![("folds", Value::list(folds))]);
    let number = |name: &str| match summary.field(name) {
        Some(Value::Decimal(it)) => f64::try_from(it).unwrap(),
        other => panic!("{name}: {other:?}"),
    };
    assert_eq!(summary.field("trials"), Some(Value::Int(60)));
    assert!((number("total_return") - (returns - 1.0)).abs() < 1e-6, "{} {returns}", number("total_return"));
    assert!((0.0..=1.0).contains(&number("deflated_sharpe")));
    assert!(number("expected_max_sharpe") > 0.0);
    let Some(Value::List(parameters)) = summary.field("parameters") else { panic!() };
    assert_eq!(parameters[0].field("changes"), Some(Value::Int(1)));
    assert_eq!(parameters[0].field("distinct"), Some(Value::Int(2)));
    let Some(Value::List(equity)) = summary.field("equity") else { panic!() };
    assert!(equity.len() > 700);
}

#[test]
fn a_test_that_overlaps_its_training_is_refused() {
    let folds = Value::list([fold(2007, range("2005-01-01", "2007-06-30"), 20)]);
    let fault = call_within(Value::record::<&str>([]), "optimize.summarize", vec![("folds", folds)]).unwrap_err();
    assert_eq!(fault.message, "the test 2007-01-01..2007-12-31 overlaps its training 2005-01-01..2007-06-30");
}

#[test]
fn the_best_trial_is_found_and_counted() {
    let capital = Value::from(Money::usd(100_000));
    let trial = |(at, strategy): (usize, wf::strategy::Strategy)| {
        let input = vec![("bars", bars("IBM")), ("strategy", strategy.into()), ("capital", capital.clone())];
        let params = Value::record([("number", Value::Int(i64::try_from(at).unwrap()))]);
        Value::record([("params", params), ("report", call("backtest.execute", input))])
    };
    let trials: Vec<Value> = wf::strategy::candidates().into_iter().enumerate().map(trial).collect();
    let sharpe = |of: &Value| match of.field("report").unwrap().field("sharpe") {
        Some(Value::Decimal(it)) => f64::try_from(it).unwrap(),
        _ => f64::NEG_INFINITY,
    };
    let most = trials.iter().map(sharpe).fold(f64::NEG_INFINITY, f64::max);
    let count = i64::try_from(trials.len()).unwrap();
    let best = call("optimize.select_best", vec![("trials", Value::list(trials.clone()))]);
    assert!((sharpe(&best) - most).abs() < 1e-12);
    assert_eq!(best.field("trials"), Some(Value::Int(count)));
    let wrong = vec![("trials", Value::list(trials)), ("objective", "sharp".into())];
    let fault = call_within(Value::record::<&str>([]), "optimize.select_best", wrong).unwrap_err();
    assert!(fault.message.starts_with("`objective`: expected \"total_return\""), "{}", fault.message);
}
