use rust_decimal::Decimal;
use wf::{
    market::{BacktestReportData, TargetSeries},
    strategy::library,
    value::{Money, Percent, Shared, Symbol, Value},
};

use super::world::{bars, call, call_within, typed};

/// Returns the targets of three stocks that are bought and held.
fn targets(method: &str) -> Value {
    let strategy = wf::strategy::candidates().into_iter().find(|it| it.name == "buy_and_hold").unwrap();
    let picks = ["AAPL", "IBM", "MSFT"].map(|symbol| {
        let choice = call("ml_strategy.fixed", vec![("strategy", strategy.clone().into())]);
        Value::record([("symbol", Symbol::new(symbol).unwrap().into()), ("bars", bars(symbol)), ("choice", choice)])
    });
    let capital = Value::from(Money::usd(100_000));
    let input = vec![("picks", Value::list(picks)), ("capital", capital), ("method", method.into())];
    call("adaptive_portfolio.allocate", input)
}

#[test]
fn a_portfolio_is_weighed_limited_and_tested() {
    assert!(!library().is_empty());
    let weighed = targets("risk_parity");
    let series: Shared<TargetSeries> = typed(&weighed);
    // Thirteen years of months.
    assert!((120..200).contains(&series.entries.len()), "{}", series.entries.len());
    let limits = Value::record([("max_position", Value::from(Percent(Decimal::new(30, 2))))]);
    let checked = call_within(limits, "risk.check_targets", vec![("targets", weighed)]).unwrap();
    let limited: Shared<TargetSeries> = typed(&checked);
    assert!(limited.entries.iter().all(|it| it.weights.iter().all(|it| it.abs() <= 0.3 + 1e-12)));
    assert!(limited.approved && !limited.reasons.is_empty());
    let capital = Value::from(Money::usd(100_000));
    let report = call("backtest.portfolio", vec![("targets", checked), ("capital", capital)]);
    let report: Shared<BacktestReportData> = typed(&report);
    assert_eq!(report.symbols.len(), 3);
    assert!(report.final_equity.amount > Decimal::from(100_000));
}

#[test]
fn the_least_variance_is_less_than_that_of_equal_weights() {
    let volatility = |method: &str| {
        let capital = Value::from(Money::usd(1_000_000));
        let report = call("backtest.portfolio", vec![("targets", targets(method)), ("capital", capital)]);
        let report: Shared<BacktestReportData> = typed(&report);
        report.measured("volatility").unwrap().value.unwrap()
    };
    assert!(volatility("minimum_variance") < volatility("equal"));
}
