//! Positions and weights on the bundled prices, against what other programs find: `golden/make_sizes.py`.

use rust_decimal::Decimal;
use serde_json::Value as Json;
use wf::{
    market::{Bars, SizingSeries, TargetSeries, date_of},
    value::{DateRange, Money, Percent, Quantity, QuantityUnit, Shared, Symbol, Value},
};

use super::world::{bars, call, typed};

fn golden() -> Json {
    serde_json::from_str(include_str!("../../golden/sizes.json")).unwrap()
}

fn numbers(of: &Json) -> Vec<f64> {
    of.as_array().unwrap().iter().map(|it| it.as_f64().unwrap()).collect()
}

fn close(found: &[f64], wanted: &[f64], tolerance: f64, what: &str) {
    assert_eq!(found.len(), wanted.len(), "{what}");
    for (a, b) in found.iter().zip(wanted) {
        assert!((a - b).abs() <= tolerance, "{what}: {found:?} instead of {wanted:?}");
    }
}

fn percent(it: f64) -> Value {
    Value::from(Percent(Decimal::try_from(it).unwrap()))
}

/// Returns a strategy that buys and holds, chosen with so much confidence.
fn held(confidence: f64) -> Value {
    let strategy = wf::strategy::candidates().into_iter().find(|it| it.name == "buy_and_hold").unwrap();
    call("ml_strategy.fixed", vec![("strategy", strategy.into()), ("confidence", percent(confidence))])
}

fn sized(symbol: &str, capital: i64, choice: Value, more: Vec<(&str, Value)>) -> Shared<SizingSeries> {
    let mut input = vec![("bars", bars(symbol)), ("choice", choice), ("capital", Money::usd(capital).into())];
    input.extend(more);
    typed(&call("position_sizing.calculate", input))
}

#[test]
fn sizes_are_those_of_their_formulas() {
    let golden = golden();
    for symbol in ["AAPL", "IBM"] {
        let wanted = &golden["sizing"][symbol];
        let days: Vec<String> =
            wanted["days"].as_array().unwrap().iter().map(|it| it.as_str().unwrap().into()).collect();
        let at_days = |of: &SizingSeries| -> Vec<f64> {
            let bar = |day: &String| of.bars.time.iter().position(|it| date_of(*it).to_string() == *day).unwrap();
            days.iter().map(|it| of.at(bar(it)).unwrap()).collect()
        };
        let lot = Quantity { amount: Decimal::TEN, unit: QuantityUnit::Shares };
        let by_volatility = vec![("target_volatility", percent(0.10)), ("lot", lot.into())];
        let sizing = sized(symbol, 250_000, held(1.0), by_volatility);
        close(&at_days(&sizing), &numbers(&wanted["volatility_target"]), 1e-9, "volatility_target");
        assert_eq!(sizing.quantity.amount, Decimal::from(wanted["lots_of_ten"].as_i64().unwrap()));
        let by_risk = vec![("method", "fixed_risk".into()), ("stop_atr", Value::Decimal(Decimal::new(25, 1)))];
        let sizing = sized(symbol, 250_000, held(1.0), by_risk);
        close(&at_days(&sizing), &numbers(&wanted["fixed_risk"]), 1e-9, "fixed_risk");
    }
}

#[test]
fn kelly_is_where_wealth_grows_fastest_and_nothing_against_the_odds() {
    for row in golden()["kelly"].as_array().unwrap() {
        let [p, payoff, wanted] = numbers(row)[..] else { panic!("{row}") };
        let method = |fraction: f64| {
            let payoff = Value::Decimal(Decimal::try_from(payoff).unwrap());
            let more = vec![("method", "kelly".into()), ("payoff", payoff), ("kelly_fraction", percent(fraction))];
            *sized("IBM", 10_000, held(p), more).fractions.last().unwrap()
        };
        // The search stops where growth no longer changes; a third is not written to the last digit.
        close(&[method(1.0), method(0.5)], &[wanted, wanted / 2.0], 2e-8, &row.to_string());
    }
}

#[test]
fn an_account_too_small_for_a_lot_holds_nothing() {
    let sizing = sized("IBM", 50, held(1.0), vec![("method", "fixed_fraction".into())]);
    assert_eq!((sizing.quantity.amount, sizing.value), (Decimal::ZERO, Money::usd(0)));
    assert!(sizing.approved);
}

/// Returns the targets of the golden symbols, bought and held, from bars up to a day.
fn targets(method: &str, until: Option<&str>) -> Shared<TargetSeries> {
    let golden = golden();
    let picks = golden["symbols"].as_array().unwrap().iter().map(|it| {
        let symbol = Symbol::new(it.as_str().unwrap()).unwrap();
        let mut input = vec![("symbol", symbol.clone().into())];
        if let Some(day) = until {
            let range = DateRange { start: "2000-01-01".parse().unwrap(), end: day.parse().unwrap() };
            input.push(("period", range.into()));
        }
        let bars = call("data.get_historical", input);
        Value::record([("symbol", symbol.into()), ("bars", bars), ("choice", held(1.0))])
    });
    let capital = Value::from(Money::usd(10_000_000));
    let input =
        vec![("picks", Value::list(picks.collect::<Vec<_>>())), ("capital", capital), ("method", method.into())];
    typed(&call("adaptive_portfolio.allocate", input))
}

#[test]
fn weights_are_those_that_other_programs_find() {
    for (method, tolerance) in [
        ("equal", 1e-12),
        ("inverse_volatility", 1e-9),
        ("risk_parity", 1e-8),
        ("minimum_variance", 1e-6),
        ("momentum", 1e-9),
    ] {
        let targets = targets(method, None);
        for month in golden()["portfolio"].as_array().unwrap() {
            let day = month["day"].as_str().unwrap();
            let entry = targets.entries.iter().find(|it| date_of(it.time).to_string() == day).unwrap();
            // A hundredth stays cash.
            let weights: Vec<f64> = entry.weights.iter().map(|it| it / 0.99).collect();
            close(&weights, &numbers(&month[method]), tolerance, &format!("{method} on {day}"));
        }
    }
}

#[test]
fn what_each_adds_to_the_risk_is_what_other_programs_say_and_all_of_it() {
    let golden = golden();
    let last = golden["portfolio"].as_array().unwrap().last().unwrap();
    let until = last["day"].as_str().unwrap();
    for (method, key) in [("equal", "risk_of_equal"), ("risk_parity", "risk_of_parity")] {
        let risk: Vec<Percent> = targets(method, Some(until)).weights.iter().map(|it| it.risk.unwrap()).collect();
        let found: Vec<f64> = risk.iter().map(|it| f64::try_from(it.0).unwrap()).collect();
        close(&found, &numbers(&last[key]), 1e-6, key);
        assert!((found.iter().sum::<f64>() - 1.0).abs() < 2e-6);
    }
}

#[test]
fn a_band_is_held_by_the_broker() {
    let weighed = targets("risk_parity", None);
    let traded = |band: f64| {
        let input = vec![("targets", Value::from(weighed.clone())), ("band", percent(band))];
        let banded: Shared<TargetSeries> = typed(&call("adaptive_portfolio.rebalance", input));
        let capital = ("capital", Value::from(Money::usd(10_000_000)));
        let report = call("backtest.portfolio", vec![("targets", banded.clone().into()), capital]);
        let report: Shared<wf::market::BacktestReportData> = typed(&report);
        let turnover = report.measured("turnover").unwrap().value.unwrap();
        let bought: usize = report.orders.orders().len();
        (f64::try_from(turnover).unwrap(), f64::try_from(banded.turnover.unwrap().0).unwrap(), bought)
    };
    let (without, with) = (traded(0.0), traded(0.05));
    assert!(with.0 < without.0 * 0.6 && with.2 < without.2 / 3, "{with:?} {without:?}");
    // The estimate is of a year, the report's figure of all twelve and a half, the first purchase included.
    for (measured, estimated, _) in [without, with] {
        assert!((measured / 12.5 - estimated).abs() < 0.1, "{with:?} {without:?}");
    }
}

#[test]
fn bars_of_all_symbols_are_the_ones_that_the_other_programs_read() {
    let first: Bars = bars("AAPL").to::<Bars>().unwrap();
    assert_eq!(date_of(first.time[100]).to_string(), golden()["sizing"]["AAPL"]["days"][0].as_str().unwrap());
}
