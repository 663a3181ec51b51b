//! Metrics equal those of empyrical (and the ulcer index that of quantstats) to 1e-9; what is undefined says why.

use wf::{
    market::metrics::{Basis, Metric, TradeResult, of_equity, of_trades, value_of},
    value::Duration,
};

use super::golden;

fn daily() -> Basis {
    Basis::of(Duration::DAY)
}

fn reason<'a>(metrics: &'a [Metric], name: &str) -> &'a str {
    let it = metrics.iter().find(|it| it.name == name).unwrap();
    assert_eq!(it.value, None, "{name}");
    it.reason.as_deref().unwrap()
}

#[test]
fn equal_to_the_golden_figures() {
    let (equity, golden) = (golden::column("close"), golden::metrics());
    assert_eq!(equity.len() as f64 - 1.0, golden["n"]);
    let found = of_equity(&equity, &daily());
    let pairs = [
        ("sharpe", "sharpe_empyrical"),
        ("sortino", "sortino_empyrical"),
        ("cagr", "cagr_empyrical"),
        ("max_drawdown", "maxdd"),
        ("calmar", "calmar"),
        ("volatility", "vol"),
        ("omega", "omega"),
        ("var_95", "var95_hist"),
        ("cvar_95", "cvar_ep"),
        ("ulcer_index", "ulcer"),
        ("tail_ratio", "tail"),
    ];
    for (name, golden_name) in pairs {
        let (value, wanted) = (value_of(&found, name).unwrap(), golden[golden_name]);
        assert!((value - wanted).abs() < 1e-9, "{name}: {value}, {golden_name} is {wanted}");
    }
    let total = value_of(&found, "total_return").unwrap();
    assert!((total - (equity[399] / equity[0] - 1.0)).abs() < 1e-12);
    assert!(found.iter().all(|it| !it.convention.is_empty() && it.reason.is_none()));
}

#[test]
fn with_another_year_the_sharpe_is_the_one_of_that_year() {
    let (equity, golden) = (golden::column("close"), golden::metrics());
    let basis = Basis { periods: 365.0, ..daily() };
    let sharpe = value_of(&of_equity(&equity, &basis), "sharpe").unwrap();
    assert!((sharpe - golden["sharpe_365"]).abs() < 1e-9);
}

#[test]
fn what_is_undefined_says_why() {
    let none = of_equity(&[100.0], &daily());
    assert!(none.iter().all(|it| it.value.is_none()));
    assert_eq!(reason(&none, "cagr"), "there are no returns");

    let flat = of_equity(&[100.0; 30], &daily());
    assert_eq!(reason(&flat, "sharpe"), "the returns do not vary");
    assert_eq!(reason(&flat, "sortino"), "no period is below the target");
    assert_eq!(reason(&flat, "calmar"), "there is no drawdown");
    assert_eq!(value_of(&flat, "max_drawdown"), Some(0.0));

    let steady: Vec<f64> = (0..30).map(|it| 100.0 * 1.01_f64.powi(it)).collect();
    assert_eq!(reason(&of_equity(&steady, &daily()), "sharpe"), "the returns do not vary");

    let ruin = of_equity(&[100.0, 50.0, 0.0, 0.0], &daily());
    assert_eq!(reason(&ruin, "sharpe"), "the equity is not above 0 throughout");

    let short = of_equity(&[100.0, 101.0, 99.0], &daily());
    assert_eq!(reason(&short, "var_95"), "there are fewer than 20 periods");
}

#[test]
fn trades_are_counted_after_costs() {
    let trade = |pnl, bars| TradeResult { pnl, bars };
    let found = of_trades(&[trade(30.0, 3), trade(-10.0, 1), trade(0.0, 2), trade(-5.0, 2)], 8, 20);
    let wanted = [
        ("trades", 4.0),
        ("win_rate", 0.25),
        ("profit_factor", 2.0),
        ("payoff_ratio", 4.0),
        ("expectancy", 3.75),
        ("average_bars", 2.0),
        ("exposure", 0.4),
    ];
    for (name, wanted) in wanted {
        assert_eq!(value_of(&found, name), Some(wanted), "{name}");
    }
    let none = of_trades(&[], 0, 20);
    assert_eq!(reason(&none, "win_rate"), "there are no closed trades");
    assert_eq!(value_of(&none, "exposure"), Some(0.0));
    assert_eq!(reason(&of_trades(&[trade(1.0, 1)], 1, 1), "profit_factor"), "no trade has lost");
}

#[test]
fn a_year_has_as_many_periods_as_its_bars() {
    let periods = |millis| Basis::of(Duration(millis)).periods;
    assert_eq!(periods(86_400_000), 252.0);
    assert_eq!(periods(7 * 86_400_000), 52.0);
    assert_eq!(periods(60_000), 252.0 * 390.0);
    assert_eq!(periods(30 * 86_400_000), 12.0);
}
