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

#[test]
fn a_grid_comes_to_what_each_of_its_sets_comes_to_alone() {
    let capital = Value::from(Money::usd(100_000));
    let template = wf::strategy::library().into_iter().find(|it| it.name() == "sma_cross").unwrap();
    let strategy = |params: &Value| template.make(params).unwrap();
    let costs = Value::record([("fee", Value::Percent(wf::value::Percent("0.0001".parse().unwrap())))]);
    let sets: Vec<Value> = [(5, 20), (5, 60), (20, 60), (40, 60), (40, 20)]
        .map(|(fast, slow)| Value::record([("fast", Value::Int(fast)), ("slow", Value::Int(slow))]))
        .into();
    let terms = || vec![("bars", bars("MSFT")), ("capital", capital.clone()), ("costs", costs.clone())];
    let of = |value: &Value, name: &str| value.field(name).unwrap_or_else(|| panic!("{name} of {value}"));
    for objective in ["sharpe", "max_drawdown", "profit_factor"] {
        let mut input = terms();
        input.extend([
            ("strategy", strategy(&Value::record::<&str>([]))),
            ("sets", Value::list(sets.clone())),
            ("objective", objective.into()),
        ]);
        let found = call("optimize.grid", input);
        let Value::List(table) = of(&found, "table") else { panic!() };
        assert_eq!((table.len(), of(&found, "trials")), (sets.len(), Value::Int(5)));
        let number = |it: Value| match it {
            Value::Decimal(it) => f64::try_from(it).unwrap(),
            Value::Percent(it) => f64::try_from(it.0).unwrap(),
            other => panic!("{other}"),
        };
        let mut best = f64::NEG_INFINITY;
        for (row, params) in table.iter().zip(&sets) {
            let alone = call("backtest.execute", [terms(), vec![("strategy", strategy(params))]].concat());
            assert_eq!(of(row, "params"), *params);
            for (name, same) in [("objective", objective), ("total_return", "total_return")] {
                let (swept, alone) = (number(of(row, name)), number(of(&alone, same)));
                assert!((swept - alone).abs() < 1e-9, "{name} of {params}: {swept}, alone {alone}");
            }
            let Value::List(trades) = of(&alone, "trades") else { panic!() };
            assert_eq!(of(row, "trades"), Value::Int(trades.len() as i64));
            best = best.max(number(of(row, "objective")));
        }
        assert!((number(of(&found, "objective")) - best).abs() < 1e-12);
        let chosen = call("backtest.execute", [terms(), vec![("strategy", strategy(&of(&found, "params")))]].concat());
        let report = of(&found, "report");
        assert_eq!(report.to_json(wf::value::Detail::Full), chosen.to_json(wf::value::Detail::Full));
    }
}

#[test]
fn a_grid_says_what_is_wrong_with_its_sets() {
    let template = wf::strategy::library().into_iter().find(|it| it.name() == "sma_cross").unwrap();
    let says = |sets: Vec<Value>| {
        let input = vec![
            ("bars", bars("MSFT")),
            ("capital", Value::from(Money::usd(100_000))),
            ("strategy", template.make(&Value::record::<&str>([])).unwrap()),
            ("sets", Value::list(sets)),
        ];
        call_within(Value::record::<&str>([]), "optimize.grid", input).unwrap_err().message
    };
    let set = |name: &str, value: i64| Value::record([(name, Value::Int(value))]);
    assert!(says(vec![]).starts_with("`sets` holds no set of parameters"));
    assert!(says(vec![set("fast", 5), set("slow", 20)]).contains("the parameters of the first (fast)"));
    assert!(says(vec![set("quick", 5)]).starts_with("`sma_cross` has no parameter `quick`: it takes fast, slow"));
    assert!(says(vec![set("fast", 500)]).contains("500 is outside `in 2..100`"), "{}", says(vec![set("fast", 500)]));
}

#[test]
fn limits_that_cannot_be_read_stop_what_would_trade_without_them() {
    let strategy = wf::strategy::candidates().into_iter().find(|it| it.name == "momentum").unwrap();
    let input = || {
        let capital = Value::from(Money::usd(100_000));
        vec![("bars", bars("IBM")), ("strategy", strategy.clone().into()), ("capital", capital)]
    };
    for limits in [Value::from("20%"), Value::record([("max_position", Value::from("a lot"))])] {
        let fault = call_within(limits, "backtest.execute", input()).unwrap_err();
        assert!(fault.message.starts_with("the limits cannot be held"), "{}", fault.message);
    }
    assert!(call_within(Value::None, "backtest.execute", input()).is_ok());
}
