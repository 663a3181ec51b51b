//! Metrics equal those of empyrical, quantstats and backtesting.py to 1e-9; what is undefined says why.

use serde_json::Value as Json;
use wf::{
    market::metrics::{
        Activity, Basis, Fall, Metric, Span, Sums, TradeResult, by, calendar, drawdowns, edges, falls, intervals,
        of_equity, of_trades, overfitting, relative, returns_of, rolling, value_of,
    },
    market::{Adjust, MEASURES, measures_page},
    slice::ports::HistoryRequest,
    value::Duration,
};

use super::{golden, sources};

fn daily() -> Basis {
    Basis::of(Duration::DAY)
}

fn reason(metrics: &[Metric], name: &str) -> &'static str {
    metrics.iter().find(|it| it.name == name).unwrap().value.unwrap_err()
}

/// Returns the times and the adjusted closes of a bundled symbol.
fn prices(symbol: &str) -> (Vec<i64>, Vec<f64>) {
    let request = HistoryRequest { adjust: Adjust::All, ..sources::request(symbol) };
    let bars = sources::bundled(&request);
    (bars.time.to_vec(), bars.close.to_vec())
}

/// Returns the times and values of a case of the golden file.
fn curve(golden: &Json, name: &str) -> (Vec<i64>, Vec<f64>) {
    let case = &golden["curves"][name];
    match case["curve"].as_array() {
        Some(values) => {
            let times = case["times"].as_array().unwrap().iter().map(|it| it.as_i64().unwrap()).collect();
            (times, values.iter().map(|it| it.as_f64().unwrap()).collect())
        }
        None => prices(name),
    }
}

fn compare(case: &str, found: &[Metric], golden: &Json) -> usize {
    let golden = golden.as_object().unwrap();
    for metric in found.iter().filter(|it| golden.contains_key(it.name)) {
        let (value, wanted) = (metric.value.unwrap(), golden[metric.name].as_f64().unwrap());
        let close = (value - wanted).abs() <= 1e-9 * wanted.abs().max(1.0);
        assert!(close, "{case}, {}: {value}, golden is {wanted}", metric.name);
    }
    found.iter().filter(|it| golden.contains_key(it.name)).count()
}

#[test]
fn equal_to_the_golden_figures() {
    let golden = golden::metrics();
    let market = returns_of(&prices("IBM").1);
    for name in ["AAPL", "IBM", "MSFT", "made_up"] {
        let (times, values) = curve(&golden, name);
        let case = &golden["curves"][name];
        assert_eq!(values.len(), case["values"].as_u64().unwrap() as usize);
        let mut found = of_equity(&values, &daily());
        found.extend(drawdowns(&times, &values, &daily()));
        found.extend(calendar(&times, &values));
        if case["metrics"].get("alpha").is_some() {
            found.extend(relative(&returns_of(&values), &market, &daily()));
        }
        let held = compare(name, &found, &case["metrics"]);
        assert_eq!(held, found.len(), "every figure of a curve has a golden one");
        assert_eq!(held, case["metrics"].as_object().unwrap().len(), "every golden figure was found");
    }
}

#[test]
fn with_another_year_figures_are_those_of_that_year() {
    let golden = golden::metrics();
    let basis = Basis { periods: 365.0, ..daily() };
    let found = of_equity(&curve(&golden, "made_up").1, &basis);
    assert_eq!(compare("365", &found, &golden["of_365_periods"]), 5);
}

#[test]
fn trades_are_those_of_backtesting_py() {
    let golden = golden::metrics();
    let case = &golden["trades"];
    let trade = |it: &Json| TradeResult {
        pnl: it["pnl"].as_f64().unwrap(),
        gain: it["gain"].as_f64().unwrap(),
        bars: it["bars"].as_u64().unwrap() as usize,
        days: it["days"].as_f64().unwrap(),
    };
    let trades: Vec<_> = case["trades"].as_array().unwrap().iter().map(trade).collect();
    let activity = Activity { bars: 200, exposed: 150, turnover: 3.5, years: 199.0 / 252.0 };
    let found = of_trades(&trades, &activity);
    assert_eq!(compare("trades", &found, &case["metrics"]), found.len() - 1, "all but the turnover");
}

#[test]
fn what_is_undefined_says_why() {
    let none = of_equity(&[100.0], &daily());
    assert!(none.iter().all(|it| it.value.is_err()));
    assert_eq!(reason(&none, "cagr"), "there are no returns");

    let flat = of_equity(&[100.0; 30], &daily());
    assert_eq!(reason(&flat, "sharpe"), "the returns do not vary");
    assert_eq!(reason(&flat, "sortino"), "no period is below the target");
    assert_eq!(reason(&flat, "calmar"), "there is no drawdown");
    assert_eq!(reason(&flat, "stability"), "equity never moved");
    assert_eq!(reason(&flat, "kurtosis"), "the returns do not vary");
    assert_eq!(value_of(&flat, "max_drawdown"), Some(0.0));

    let steady: Vec<f64> = (0..30).map(|it| 100.0 * 1.01_f64.powi(it)).collect();
    assert_eq!(reason(&of_equity(&steady, &daily()), "sharpe"), "the returns do not vary");
    let times: Vec<i64> = (0..30).map(|it| it * 86_400).collect();
    let never = drawdowns(&times, &steady, &daily());
    assert_eq!(reason(&never, "burke"), "there is no drawdown");
    assert_eq!(value_of(&never, "longest_drawdown"), Some(0.0));

    let ruin = of_equity(&[100.0, 50.0, 0.0, 0.0], &daily());
    assert_eq!(reason(&ruin, "sharpe"), "the equity is not above 0 throughout");

    let short = of_equity(&[100.0, 101.0, 99.0], &daily());
    assert_eq!(reason(&short, "var_95"), "there are fewer than 20 periods");

    let beside = relative(&[0.01, 0.02, -0.01], &[0.0, 0.0, 0.0], &daily());
    assert_eq!(reason(&beside, "beta"), "the benchmark does not vary");
    assert_eq!(reason(&beside, "up_capture"), "the benchmark never rose");
    assert_eq!(reason(&relative(&[0.01], &[], &daily()), "alpha"), "the benchmark has other periods");

    let activity = Activity { bars: 20, exposed: 0, turnover: 0.0, years: 1.0 };
    let none = of_trades(&[], &activity);
    assert_eq!(reason(&none, "win_rate"), "there are no closed trades");
    assert_eq!(value_of(&none, "exposure"), Some(0.0));
    let won = TradeResult { pnl: 1.0, gain: 0.1, bars: 1, days: 1.0 };
    assert_eq!(reason(&of_trades(&[won], &activity), "profit_factor"), "no trade has lost");
}

#[test]
fn a_year_has_as_many_periods_as_its_bars() {
    let periods = |millis| Basis::of(Duration(millis)).periods;
    assert_eq!(periods(86_400_000), 252.0);
    assert_eq!(periods(7 * 86_400_000), 52.0);
    assert_eq!(periods(60_000), 252.0 * 390.0);
    assert_eq!(periods(30 * 86_400_000), 12.0);
}

#[test]
fn a_fall_lasts_from_its_high_until_that_is_reached_again() {
    let found = falls(&[10.0, 9.0, 8.0, 10.0, 12.0, 12.0, 6.0, 9.0]);
    let first = Fall { high: 0, low: 2, back: Some(3), depth: -0.2 };
    let second = Fall { high: 5, low: 6, back: None, depth: -0.5 };
    assert_eq!(found.len(), 2);
    for (found, wanted) in found.iter().zip([first, second]) {
        assert_eq!((found.high, found.low, found.back), (wanted.high, wanted.low, wanted.back));
        assert!((found.depth - wanted.depth).abs() < 1e-12);
    }
}

#[test]
fn months_multiply_to_the_whole() {
    let (times, values) = prices("IBM");
    let whole = values.last().unwrap() / values[0];
    for span in [Span::Day, Span::Month, Span::Year] {
        let product: f64 = by(&times, &values, span).iter().map(|it| 1.0 + it.1).product();
        assert!((product / whole - 1.0).abs() < 1e-9, "{span:?}");
    }
    assert_eq!(by(&times, &values, Span::Year).len(), 14);
}

#[test]
fn a_rolling_figure_is_that_of_its_window() {
    let (own, its) = (returns_of(&prices("AAPL").1), returns_of(&prices("IBM").1));
    let found = rolling(&own, &its, 126, &daily());
    assert_eq!(found.sharpe.len(), own.len() - 125);
    for at in [0, 1, 125, 126, 1_000, own.len() - 126] {
        let mut worth = 1.0;
        let mut curve = vec![1.0];
        curve.extend(own[at..at + 126].iter().map(|it| {
            worth *= 1.0 + it;
            worth
        }));
        let alone = of_equity(&curve, &daily());
        let beta = value_of(&relative(&own[at..at + 126], &its[at..at + 126], &daily()), "beta").unwrap();
        assert!((found.sharpe[at].unwrap() - value_of(&alone, "sharpe").unwrap()).abs() < 1e-9);
        assert!((found.volatility[at] - value_of(&alone, "volatility").unwrap()).abs() < 1e-9);
        assert!((found.beta[at].unwrap() - beta).abs() < 1e-9);
    }
    assert_eq!(rolling(&[0.0; 20], &[0.0; 20], 10, &daily()).sharpe, vec![None; 11]);
    assert_eq!(rolling(&own[..100], &its[..100], 126, &daily()).sharpe, []);
}

/// For returns that are independent the error of a Sharpe ratio S a period is about √((1 + S²/2) / n).
#[test]
fn the_bootstrap_is_as_sure_as_theory() {
    let returns = returns_of(&curve(&golden::metrics(), "made_up").1);
    let found = intervals(&returns, &daily(), 1_000, 7);
    let names: Vec<_> = found.iter().map(|it| it.name).collect();
    assert_eq!(names, ["sharpe", "cagr", "max_drawdown"]);
    assert!(found.iter().all(|it| it.low < it.high));
    assert!(found[..2].iter().all(|it| it.low < it.value && it.value < it.high), "{found:?}");
    assert_eq!(found, intervals(&returns, &daily(), 1_000, 7), "the same seed gives the same");
    assert_ne!(found, intervals(&returns, &daily(), 1_000, 8));
    assert_eq!(intervals(&returns[..29], &daily(), 10, 0), []);

    // A hash of the place: without a memory from one to the next.
    let noise = |it: u64| {
        let it = (it + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let it = (it ^ (it >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        ((it ^ (it >> 27)) >> 40) as f64 / f64::from(1 << 24) - 0.5
    };
    let free: Vec<f64> = (0..2_000).map(|it| 0.0005 + 0.03 * noise(it)).collect();
    let sharpe = intervals(&free, &daily(), 1_000, 1)[0];
    let wanted = 2.0 * 1.96 * (252.0_f64 / 2_000.0).sqrt();
    assert!(((sharpe.high - sharpe.low) / wanted - 1.0).abs() < 0.15, "{sharpe:?} against {wanted}");
}

#[test]
fn every_metric_has_its_formula_and_its_page() {
    let page = measures_page();
    for it in MEASURES {
        assert!(!it.formula.is_empty() && !it.convention(&daily()).contains('{'), "{}", it.name);
        assert!(page.contains(&format!("| `{}` |", it.name)), "{}", it.name);
        assert_eq!(MEASURES.iter().filter(|other| other.name == it.name).count(), 1, "{}", it.name);
    }
    assert!(MEASURES.len() >= 60);
}

#[test]
fn overfitting_is_as_likely_as_the_golden_splits_say() {
    for case in golden::overfitting().as_array().unwrap() {
        let parts = case["parts"].as_u64().unwrap() as usize;
        let trials: Vec<Vec<f64>> = serde_json::from_value(case["trials"].clone()).unwrap();
        let edges = edges(trials[0].len(), parts);
        let sums = |it: &Vec<f64>| edges.windows(2).map(|ends| Sums::of(&it[ends[0]..ends[1]])).collect::<Vec<_>>();
        let counts: Vec<usize> = edges.windows(2).map(|it| it[1] - it[0]).collect();
        let found = overfitting(&trials.iter().map(sums).collect::<Vec<_>>(), &counts).unwrap();
        let close = |what: &str, value: f64, wanted: &Json| {
            let wanted = wanted.as_f64().unwrap();
            assert!((value - wanted).abs() < 1e-9, "{}, {what}: {value}, golden is {wanted}", case["name"]);
        };
        close("probability", found.probability, &case["probability"]);
        close("loss", found.loss, &case["loss"]);
        close("slope", found.slope.unwrap(), &case["slope"]);
        let wanted = case["logits"].as_array().unwrap();
        assert_eq!((found.logits.len(), found.parts), (wanted.len(), parts));
        found.logits.iter().zip(wanted).for_each(|(logit, wanted)| close("logit", *logit, wanted));
    }
}
