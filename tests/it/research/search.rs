use std::{collections::BTreeSet, ops::RangeInclusive};

use wf::value::{Money, Percent, RangeValue, Value};

use super::world::{bars, call, call_until, call_within};

/// Returns what a record holds under a name.
pub fn of(value: &Value, name: &str) -> Value {
    value.field(name).unwrap_or_else(|| panic!("no {name} in {value}"))
}

/// Returns a number, be it a share or not.
pub fn number(it: &Value) -> f64 {
    match it {
        Value::Int(it) => *it as f64,
        Value::Decimal(it) => f64::try_from(*it).unwrap(),
        Value::Percent(it) => f64::try_from(it.0).unwrap(),
        other => panic!("{other} is no number"),
    }
}

pub fn items(it: &Value) -> Vec<Value> {
    if let Value::List(it) = it { it.to_vec() } else { panic!("{it} is no list") }
}

pub fn percent(text: &str) -> Value {
    Value::Percent(Percent(text.parse().unwrap()))
}

/// Returns the shipped crossover with its defaults.
pub fn crossover() -> Value {
    let all = wf::strategy::library();
    let template = all.iter().find(|it| it.name() == "sma_cross").unwrap();
    template.make(&Value::record::<&str>([])).unwrap()
}

/// Returns the sets of a fast by a slow average.
pub fn sets() -> Value {
    let all = (1..=6).flat_map(|fast| (1..=6).map(move |slow| (5 * fast, 10 * slow + 2)));
    Value::list(all.map(|(fast, slow)| set(fast, slow)))
}

fn set(fast: i64, slow: i64) -> Value {
    Value::record([("fast", Value::Int(fast)), ("slow", Value::Int(slow))])
}

fn grid(fast: RangeInclusive<i64>, slow: RangeInclusive<i64>) -> Value {
    Value::list(fast.flat_map(|fast| slow.clone().map(move |slow| set(fast, slow))))
}

/// Returns the input of a search over these sets, with more.
pub fn input(more: Vec<(&'static str, Value)>) -> Vec<(&'static str, Value)> {
    let common = [
        ("bars", bars("MSFT")),
        ("strategy", crossover()),
        ("capital", Value::from(Money::usd(100_000))),
        ("costs", Value::record([("fee", percent("0.0001"))])),
    ];
    common.into_iter().chain(more).collect()
}

fn says(method: &str, more: Vec<(&'static str, Value)>) -> String {
    call_within(Value::record::<&str>([]), method, input(more)).unwrap_err().message
}

#[test]
fn what_is_drawn_is_never_drawn_twice_and_comes_to_what_the_grid_says() {
    let ascending = || ("ascending", Value::list(["fast".into(), "slow".into()]));
    let whole = call("optimize.grid", input(vec![("sets", sets()), ascending()]));
    let table = items(&of(&whole, "table"));
    assert_eq!(table.len(), 36);
    let broken: Vec<&Value> = table.iter().filter(|it| !of(it, "problem").is_none()).collect();
    assert_eq!(broken.len(), 6);
    assert_eq!(of(broken[0], "problem"), Value::from("`fast` is 15, which is not below `slow`, 12"));
    assert_eq!((of(&whole, "trials"), of(&whole, "sets")), (Value::Int(30), Value::Int(36)));
    for (method, budget) in [("optimize.random", 15), ("optimize.bayes", 15), ("optimize.bayes", 100)] {
        let more = |seed: i64| {
            let own = [("budget", Value::Int(budget)), ("seed", Value::Int(seed))];
            input([vec![("sets", sets()), ascending()], own.to_vec()].concat())
        };
        let found = call(method, more(7));
        let rows = items(&of(&found, "table"));
        let params: BTreeSet<String> = rows.iter().map(|it| of(it, "params").to_string()).collect();
        assert_eq!((params.len(), rows.len()), (rows.len(), 30.min(budget as usize)), "{method}");
        for row in &rows {
            let same = table.iter().find(|it| of(it, "params") == of(row, "params")).unwrap();
            let told = |it: &Value| (of(it, "objective"), of(it, "total_return"), of(it, "trades"));
            assert_eq!(told(row), told(same));
        }
        assert_eq!(of(&found, "trials"), Value::Int(rows.len() as i64));
        let stopped = if budget > 30 { "every set was tried" } else { "the budget of 15 sets was used up" };
        assert_eq!(of(&found, "stopped"), Value::from(stopped));
        assert_eq!(call(method, more(7)), found);
        assert_ne!(of(&call(method, more(8)), "table"), of(&found, "table"));
    }
}

#[test]
fn a_search_goes_over_what_the_strategy_itself_says() {
    let found = call("optimize.random", input(vec![("budget", Value::Int(20))]));
    // 99 fast ones by 80 slow ones; the stop has a range but no step.
    assert_eq!(of(&found, "sets"), Value::Int(99 * 80));
    let rows = items(&of(&found, "table"));
    assert!(rows.iter().all(|it| number(&of(&of(it, "params"), "slow")) % 5.0 == 0.0));
    let said = says("optimize.bayes", vec![("ascending", Value::list(["quick".into()]))]);
    assert_eq!(said, "`ascending` names `quick`, which does not vary: fast, slow do");
}

#[test]
fn a_search_stops_where_nothing_better_comes() {
    for method in ["optimize.random", "optimize.bayes"] {
        let own = vec![("sets", sets()), ("patience", Value::Int(3)), ("budget", Value::Int(36))];
        let found = call(method, input(own));
        let rows = items(&of(&found, "table"));
        if rows.len() < 36 {
            assert!(of(&found, "stopped").to_string().contains(" sets in a row brought nothing better"));
        }
        let best = number(&of(&found, "objective"));
        let before = rows.iter().position(|it| number(&of(it, "objective")) == best).unwrap();
        assert!(before + 3 < rows.len() && rows.len() <= 36, "{method}: best at {before} of {}", rows.len());
    }
}

#[test]
fn what_breaks_a_constraint_is_told_and_never_chosen() {
    let free = call("optimize.grid", input(vec![("sets", sets())]));
    let most = items(&of(&of(&free, "report"), "trades")).len() as i64;
    let trades = Value::record([("metric", "closed_trades".into()), ("at_most", Value::Int(most - 1))]);
    let rule = Value::record([("metric", "max_drawdown".into()), ("at_least", percent("-0.5"))]);
    let rules = ("constraints", Value::list([rule, trades]));
    let held = call("optimize.grid", input(vec![("sets", sets()), rules]));
    assert!((items(&of(&of(&held, "report"), "trades")).len() as i64) < most);
    assert_ne!(of(&held, "params"), of(&free, "params"));
    assert_eq!(of(&held, "trials"), Value::Int(36));
    let rows = items(&of(&held, "table"));
    let row = rows.iter().find(|it| of(it, "params") == of(&free, "params")).unwrap();
    assert_eq!(of(row, "objective"), of(&free, "objective"));
    let told = format!("`closed_trades` is {most}, above {}", most - 1);
    assert_eq!(of(row, "problem"), Value::text(told));
    let rule =
        |fields: Vec<(&str, Value)>| vec![("sets", sets()), ("constraints", Value::list([Value::record(fields)]))];
    let never = says("optimize.grid", rule(vec![("metric", "closed_trades".into()), ("at_least", Value::Int(9_999))]));
    assert!(never.starts_with("none of 36 sets keeps the constraints: `closed_trades` is "), "{never}");
    let unit = says("optimize.grid", rule(vec![("metric", "max_drawdown".into()), ("at_least", Value::Int(-20))]));
    assert_eq!(unit, "`max_drawdown` is a percent: write `-20%`");
    let none = says("optimize.grid", rule(vec![("metric", "sharpe".into())]));
    assert!(none.contains("neither `at_least` nor `at_most`"), "{none}");
}

#[test]
fn a_search_says_what_its_choice_is_worth() {
    let found = call("optimize.grid", input(vec![("sets", sets())]));
    let likely = of(&found, "overfitting");
    assert!((0.0..=1.0).contains(&number(&of(&likely, "probability"))));
    assert_eq!(of(&likely, "parts"), Value::Int(16));
    let counts: f64 = items(&of(&likely, "logits")).iter().map(|it| number(&of(it, "count"))).sum();
    assert!((counts - 12_870.0).abs() < 0.5, "{counts}");
    assert!((0.0..=1.0).contains(&number(&of(&found, "deflated_sharpe"))));
    assert!(number(&of(&found, "expected_max_sharpe")) > 0.0);
    // The neighbours of a corner are two, of an edge three, else four.
    let rows = items(&of(&found, "table"));
    let objective = |fast: i64, slow: i64| {
        let wanted = set(fast, slow);
        let row = rows.iter().find(|it| of(it, "params") == wanted).unwrap();
        (number(&of(row, "objective")), of(row, "neighbours"))
    };
    let (_, corner) = objective(5, 12);
    let near = [objective(10, 12).0, objective(5, 22).0];
    assert_eq!(of(&corner, "count"), Value::Int(2));
    assert!((number(&of(&corner, "mean")) - f64::midpoint(near[0], near[1])).abs() < 1e-12);
    assert!((number(&of(&corner, "worst")) - near[0].min(near[1])).abs() < 1e-12);
    assert_eq!(of(&objective(15, 32).1, "count"), Value::Int(4));
    assert!(matches!(of(&found, "lone_peak"), Value::Bool(_)));
}

#[test]
fn a_search_that_is_no_longer_wanted_ends() {
    let long = grid(2..=99, 5..=400);
    for method in ["optimize.grid", "optimize.bayes", "optimize.walk_forward", "optimize.cross_validate"] {
        let mut more = vec![("sets", long.clone())];
        if method == "optimize.walk_forward" {
            let days = |it: i64| Value::Duration(wf::value::Duration(it * 86_400_000));
            more.extend([("train", days(700)), ("test", days(200)), ("embargo", days(5))]);
        }
        let cancel = wf::slice::Cancel::default();
        cancel.cancel();
        let started = std::time::Instant::now();
        let fault = call_until(&cancel, method, input(more)).unwrap_err();
        assert_eq!(fault.kind, wf::slice::FaultKind::Cancelled, "{method}: {fault}");
        assert!(started.elapsed().as_secs() < 20, "{method}: {:?}", started.elapsed());
    }
}

#[test]
fn decimals_vary_as_whole_numbers_do() {
    let step = |low: &str, high: &str, by: &str| {
        let decimal = |it: &str| Value::Decimal(it.parse().unwrap());
        let range = RangeValue { low: decimal(low), high: decimal(high), by: Some(decimal(by)) };
        wf::expr::axis(&Value::Range(range.into())).unwrap()
    };
    let sets = step("0.5", "3", "0.25").into_iter().map(|it| Value::record([("atr_stop", it)]));
    let found = call("optimize.bayes", input(vec![("sets", Value::list(sets)), ("budget", Value::Int(50))]));
    assert_eq!((of(&found, "trials"), of(&found, "sets")), (Value::Int(11), Value::Int(11)));
}

#[test]
fn the_margin_of_a_grid_is_that_of_its_trials() {
    let found = call("optimize.grid", input(vec![("sets", sets()), ("margin", percent("0.4"))]));
    let conventions = of(&of(&found, "report"), "conventions");
    assert!(of(&conventions, "margin").to_string().contains("below 40 %"), "{conventions}");
}
