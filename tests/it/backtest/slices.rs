//! The methods as workflows call them.

use std::{borrow::Cow, sync::Arc};

use futures::future::BoxFuture;
use rust_decimal::Decimal;
use serde_json::json;
use wf::{
    market::{
        BacktestReport, BarSeries, Bars, Bits, Regime, RegimeAt, RegimeKind, RegimeSeries, Signals, Sizing, TargetAt,
        TargetSeries, Targets, indicators::sma,
    },
    slice::{
        Body, Cancel, Ctx, Fault, Registry, Services,
        ports::{Clock, Notifier},
    },
    slices::{backtest, data::source::Bundled, position_sizing},
    strategy::{ChoiceAt, ChoiceSeries, Rules, Strategy, StrategyChoice, StrategyValue},
    value::{Detail, Money, Percent, Value},
};

use super::support::{DAY, bars_of, d, flat, percent, usd};

/// Long while the close is above its average.
#[derive(Debug)]
struct Above(usize);

impl Rules for Above {
    fn lookback(&self) -> usize {
        self.0
    }
    fn meaning(&self) -> Cow<'_, str> {
        "above".into()
    }
    fn signals(&self, bars: &BarSeries) -> Result<Signals, Fault> {
        let average = sma(&bars.close, self.0);
        let above = bars.close.iter().zip(&average).map(|(close, average)| close > average).collect();
        let below = bars.close.iter().zip(&average).map(|(close, average)| close < average).collect();
        let never = Bits::none(bars.len());
        let (enter_short, exit_short) = (never.clone(), never);
        Ok(Signals {
            warmup: self.0,
            enter_long: above,
            exit_long: below,
            enter_short,
            exit_short,
            ..Signals::default()
        })
    }
}

fn above(window: i64) -> Strategy {
    StrategyValue {
        name: "above".into(),
        params: Value::record([("window", Value::Int(window))]),
        rules: Arc::new(Above(window as usize)),
    }
    .into()
}

fn choice(bars: &Bars, entries: &[(usize, usize, f64)]) -> StrategyChoice {
    let candidates = [above(2), above(3)];
    let entries: Vec<_> = entries
        .iter()
        .map(|(bar, candidate, confidence)| ChoiceAt { bar: *bar, candidate: *candidate, confidence: *confidence })
        .collect();
    let last = entries[entries.len() - 1];
    ChoiceSeries {
        bars: Some(bars.clone()),
        strategy: candidates[last.candidate].clone(),
        confidence: Percent(d(&last.confidence.to_string())),
        out_of_sample_accuracy: None,
        model: "by hand".into(),
        quality: None,
        candidates: candidates.into(),
        entries: entries.into(),
    }
    .into()
}

struct Nothing;
impl Clock for Nothing {
    fn now(&self) -> jiff::Timestamp {
        jiff::Timestamp::UNIX_EPOCH
    }
    fn sleep(&self, _: std::time::Duration) -> BoxFuture<'static, ()> {
        Box::pin(std::future::ready(()))
    }
}
impl Notifier for Nothing {
    fn notify(&self, _: &str, _: &str, _: Value) {}
}

fn call(limits: Value, slice: &str, method: &str, input: Vec<(&str, Value)>) -> Result<Value, Fault> {
    let registry = Registry::new().with(backtest::slice()).with(position_sizing::slice());
    let (clock, market, notifier) = (Arc::new(Nothing), Arc::new(Bundled), Arc::new(Nothing));
    let services = Arc::new(Services { clock, market, notifier, limits });
    let ctx = Ctx { services, cancel: Cancel::default(), seed: 0 };
    match &registry.method(slice, method).unwrap().body {
        Body::Compute(run) => run(&ctx, Value::record(input)),
        Body::Async(_) => panic!("it computes"),
    }
}

fn no_limits() -> Value {
    Value::record::<&str>([])
}

fn capital() -> (&'static str, Value) {
    ("capital", Money::usd(10_000).into())
}

fn execute(input: Vec<(&str, Value)>) -> Result<BacktestReport, Fault> {
    call(no_limits(), "backtest", "execute", input).map(|it| it.to().unwrap())
}

fn rising() -> Bars {
    flat(&[10.0, 10.0, 11.0, 12.0, 13.0, 12.0, 11.0, 10.0, 11.0, 12.0]).into()
}

#[test]
fn a_report_says_what_the_contract_names() {
    let costs = Value::record([("fee", percent("0.1").unwrap().into())]);
    let input = vec![("bars", rising().into()), ("strategy", above(2).into()), capital(), ("costs", costs)];
    let report = execute(input).unwrap();
    let shown = Value::from(report.clone()).to_json(Detail::Summary);
    // above its average from bar 2 on: bought at the open of bar 3; below it at bar 5: sold at the open of bar 6. At 12
    // and 0.1 % 10,000 pays for 832: 9,984 + 9.984 commission; sold for 9,152 - 9.152
    assert_eq!(
        shown["trades"],
        json!([{
            "symbol": "TEST", "side": "long", "quantity": "832", "entry_date": "1970-01-05", "entry_price": "12",
            "exit_date": "1970-01-08", "exit_price": "11", "fees": { "amount": "19.136", "currency": "USD" },
            "pnl": { "amount": "-851.136", "currency": "USD" }, "return": "-8.525%", "bars": 3, "exit_reason": "signal"
        }])
    );
    assert_eq!(shown["strategy"], "above(window: 2)");
    assert_eq!(
        (&shown["start"], &shown["end"], &shown["bars"]),
        (&json!("1970-01-02"), &json!("1970-01-11"), &json!(10))
    );
    assert_eq!(shown["open"][0]["quantity"], "761");
    assert_eq!(shown["equity"]["count"], 10);
    assert_eq!(shown["equity"]["first"], "10000");
    assert_eq!(shown["equity"]["last"], shown["final_equity"]["amount"]);
    assert_eq!(shown["metrics"]["win_rate"], "0%");
    assert_eq!(shown["metrics"]["profit_factor"], "0");
    assert!(shown["conventions"]["costs"].as_str().unwrap().contains("0.1%"));
    let full = Value::from(report.clone()).to_json(Detail::Full);
    assert_eq!(full["equity"][0], json!({ "date": "1970-01-02", "equity": "10000" }));
    assert_eq!(full["equity"].as_array().unwrap().len(), 10);
    // every field that the catalogue names can be read
    let registry = Registry::new().with(backtest::slice());
    for field in &registry.domain("BacktestReport").unwrap().fields {
        let value = Value::from(report.clone()).field(&field.name);
        let mismatch = value.as_ref().map(|it| field.ty.mismatch(it));
        assert_eq!(mismatch, Some(None), "`{}`: {value:?}", field.name);
    }
}

#[test]
fn a_metric_that_is_undefined_says_why_and_no_costs_are_said() {
    let flat: Bars = flat(&[10.0; 5]).into();
    let report = execute(vec![("bars", flat.into()), ("strategy", above(2).into()), capital()]).unwrap();
    let shown = Value::from(report.clone()).to_json(Detail::Summary);
    assert_eq!(shown["metrics"]["sharpe"], json!({ "value": null, "reason": "the returns do not vary" }));
    assert_eq!(shown["metrics"]["win_rate"], json!({ "value": null, "reason": "there are no closed trades" }));
    assert_eq!(shown["metrics"]["total_return"], "0%");
    assert!(Value::from(report).field("sharpe").unwrap().is_none());
    assert!(shown["conventions"]["costs"].as_str().unwrap().starts_with("no costs"));
}

#[test]
fn a_choice_is_traded_from_its_first_entry_on() {
    let bars = rising();
    let choice = choice(&bars, &[(4, 1, 0.6), (8, 0, 0.7)]);
    let report = execute(vec![("bars", bars.into()), ("strategy", choice.into()), capital()]).unwrap();
    assert_eq!((report.start.to_string().as_str(), report.bars), ("1970-01-06", 6));
    assert_eq!(report.strategy, "2 strategies, by choice");
    let named = |it: &&(String, String)| it.1.contains("above(window: 3)") && it.1.contains("above(window: 2)");
    assert!(report.conventions.iter().any(|it| named(&it)), "{:?}", report.conventions);
    assert_eq!(report.trades.len(), 1);
    // decided by above(3) at bar 4; its average of 13, 12 and 11 is first above the close at bar 6
    assert_eq!((report.trades[0].entry_date, report.trades[0].exit_date), (6 * DAY, 7 * DAY));
}

#[test]
fn a_choice_made_on_other_bars_counts_by_time() {
    let all = rising();
    let chosen = choice(&all, &[(1, 0, 0.6), (4, 1, 0.6)]);
    let later: Bars = all.between("1970-01-08..1970-01-11".parse_range(), 0).unwrap().into();
    let report = execute(vec![("bars", later.into()), ("strategy", chosen.into()), capital()]).unwrap();
    assert_eq!((report.strategy.as_str(), report.bars), ("2 strategies, by choice", 4));
}

trait ParseRange {
    fn parse_range(&self) -> wf::value::DateRange;
}
impl ParseRange for str {
    fn parse_range(&self) -> wf::value::DateRange {
        let (start, end) = self.split_once("..").unwrap();
        wf::value::DateRange { start: start.parse().unwrap(), end: end.parse().unwrap() }
    }
}

#[test]
fn what_does_not_fit_is_refused_with_reason() {
    let bars = rising();
    let other: Bars = bars_of("OTHER", &[[10.0; 4]; 10]).into();
    let with = |input: Vec<(&'static str, Value)>| execute(input).err().map(|it| it.to_string()).unwrap_or_default();
    let chosen = choice(&other, &[(1, 0, 0.5)]);
    let refused = with(vec![("bars", bars.clone().into()), ("strategy", chosen.into()), capital()]);
    assert_eq!(refused, "the choice is of `OTHER`, the bars are of `TEST`");
    let no_money = ("capital", Value::from(usd("0").unwrap()));
    let refused = with(vec![("bars", bars.clone().into()), ("strategy", above(2).into()), no_money]);
    assert_eq!(refused, "`capital`: must be above 0, not 0 USD");
    let costs = Value::record([("fee", percent("-1").unwrap().into())]);
    let refused = with(vec![("bars", bars.into()), ("strategy", above(2).into()), capital(), ("costs", costs)]);
    assert_eq!(refused, "`costs.fee`: must be from 0% to 100%, not -1%");
}

fn calculate(limits: Value, input: Vec<(&str, Value)>) -> Sizing {
    call(limits, "position_sizing", "calculate", input).unwrap().to().unwrap()
}

fn wavy(bars: usize) -> Bars {
    let prices: Vec<_> = (0..bars).map(|it| 100.0 + (it % 7) as f64 + (it % 3) as f64 / 2.0).collect();
    flat(&prices).into()
}

#[test]
fn a_sizing_knows_no_later_bar() {
    let all = wavy(60);
    for method in ["volatility_target", "fixed_fraction", "fixed_risk", "kelly"] {
        let size = |bars: Bars| {
            let choice = choice(&bars, &[(5, 0, 0.8), (30, 1, 0.6)]);
            calculate(
                no_limits(),
                vec![("bars", bars.into()), ("choice", choice.into()), capital(), ("method", method.into())],
            )
        };
        let whole = size(all.clone());
        for length in [31, 40, 59] {
            let part = size(
                all.between(format!("1970-01-02..{}", all.date(length - 1).unwrap()).parse_range(), 0).unwrap().into(),
            );
            assert_eq!(part.first, whole.first, "{method}");
            let known = part.fractions.len();
            assert_eq!(&part.fractions[..], &whole.fractions[..known], "{method} over {length} bars");
        }
    }
}

#[test]
fn a_size_is_its_share_times_confidence_and_regime_within_the_limits() {
    let bars = wavy(40);
    let fixed = |limits: Value, regime: Option<Regime>| {
        let choice = choice(&bars, &[(5, 0, 0.8)]);
        let mut input = vec![
            ("bars", bars.clone().into()),
            ("choice", choice.into()),
            capital(),
            ("method", "fixed_fraction".into()),
            ("fraction", percent("50").unwrap().into()),
        ];
        if let Some(regime) = regime {
            input.push(("regime", regime.into()));
        }
        calculate(limits, input)
    };
    let alone = fixed(no_limits(), None);
    assert_eq!((alone.first, alone.fraction), (5, percent("40").unwrap()));
    // 4,000 at the last close of 104: 38 shares
    assert_eq!((alone.quantity.amount, alone.value), (d("38"), usd("3952").unwrap()));
    let at = RegimeAt { kind: RegimeKind::Bear, probabilities: [0.5, 0.5, 0.0, 0.0], change: None };
    let regime = RegimeSeries {
        bars: Some(bars.clone()),
        kind: at.kind,
        probability: percent("50").unwrap(),
        first: 10,
        entries: vec![at; 30].into(),
        ..RegimeSeries::neutral()
    };
    // half bull at 100 %, half bear at 50 %
    let by_regime = fixed(no_limits(), Some(regime.into()));
    assert_eq!((by_regime.first, by_regime.fraction), (10, percent("30").unwrap()));
    let limits = Value::record([("max_position", Value::from(usd("1000").unwrap()))]);
    assert_eq!(fixed(limits, None).fraction, percent("10").unwrap());
}

#[test]
fn a_volatility_target_is_the_target_over_what_was_measured() {
    let bars = wavy(40);
    let choice = choice(&bars, &[(0, 0, 1.0)]);
    let input = vec![("bars", bars.clone().into()), ("choice", choice.into()), capital()];
    let sizing = calculate(no_limits(), input);
    let returns: Vec<f64> = bars.close.windows(2).map(|it| it[1] / it[0] - 1.0).collect();
    let last = &returns[returns.len() - 20..];
    let mean = last.iter().sum::<f64>() / 20.0;
    let deviation = (last.iter().map(|it| (it - mean).powi(2)).sum::<f64>() / 19.0).sqrt();
    let wanted = 0.15 / (deviation * 252.0_f64.sqrt());
    assert!((sizing.fractions.last().unwrap() - wanted).abs() < 1e-12);
    assert_eq!(sizing.first, 20);
}

#[test]
fn a_sizing_is_what_execute_holds() {
    let bars = rising();
    let choice = choice(&bars, &[(1, 0, 1.0)]);
    let half = calculate(
        no_limits(),
        vec![
            ("bars", bars.clone().into()),
            ("choice", choice.clone().into()),
            capital(),
            ("method", "fixed_fraction".into()),
            ("fraction", percent("50").unwrap().into()),
        ],
    );
    let input = vec![("bars", bars.into()), ("strategy", choice.into()), ("sizing", half.into()), capital()];
    // half of 10,000 at the close of 11
    assert_eq!(execute(input).unwrap().trades[0].quantity, d("454"));
}

#[test]
fn a_portfolio_is_reported_with_all_its_symbols() {
    let rows = [[10.0; 4], [10.0; 4], [12.0; 4]];
    let bars: Vec<Bars> = vec![bars_of("A", &rows).into(), bars_of("B", &rows).into()];
    let entry = TargetAt { time: DAY, weights: vec![0.5, 0.25].into() };
    let targets: Targets = TargetSeries::new(bars, vec![entry], "by hand").into();
    let report = call(no_limits(), "backtest", "portfolio", vec![("targets", targets.into()), capital()]).unwrap();
    let shown = report.to_json(Detail::Summary);
    assert_eq!(shown["symbols"], json!(["A", "B"]));
    assert_eq!(shown["final_equity"], json!({ "amount": "11500", "currency": "USD" }));
    assert_eq!(shown["metrics"]["total_return"], "15%");
    assert_eq!(shown["open"].as_array().unwrap().len(), 2);
}

#[test]
fn targets_that_are_not_approved_are_not_traded() {
    let bars: Vec<Bars> = vec![flat(&[10.0; 3]).into()];
    let entry = TargetAt { time: DAY, weights: vec![0.5].into() };
    let mut targets = TargetSeries::new(bars, vec![entry], "by hand");
    (targets.approved, targets.reasons) = (false, vec!["too much".into()]);
    let input = vec![("targets", Targets::from(targets).into()), capital()];
    let refused = call(no_limits(), "backtest", "portfolio", input).err().map(|it| it.to_string());
    assert_eq!(refused.as_deref(), Some("the targets are not approved: too much"));
}

#[test]
fn a_report_tells_every_order_and_why_each_trade_was_made() {
    let input = vec![("bars", rising().into()), ("strategy", above(2).into()), capital()];
    let report = Value::from(execute(input).unwrap());
    // bought, sold, and bought again
    let expected = json!({ "count": 3, "became": { "filled": 2, "reduced": 1 } });
    let shown = report.to_json(Detail::Summary);
    assert_eq!(shown["orders"]["count"], expected["count"]);
    assert!(shown["trades"][0]["why"].is_null());
    let full = report.to_json(Detail::Full);
    assert_eq!(full["orders"].as_array().unwrap().len(), 3);
    // decided at the close of 11, of which 10,000 buy 909; filled at 12, at which they buy 833
    assert_eq!(
        full["orders"][0],
        json!({
            "id": 1, "parent": null, "symbol": "TEST", "decided": "1970-01-04", "side": "buy", "quantity": "909",
            "kind": "market", "trigger": null, "limit": null, "why": "entry", "became": "partly_filled",
            "ended": "1970-01-05", "filled": "833", "note": "the account can pay for no more",
            "fills": [{
                "date": "1970-01-05", "price": "12", "quantity": "833", "fee": { "amount": "0", "currency": "USD" }
            }]
        })
    );
    let why = &full["trades"][0]["why"];
    assert_eq!((&why["entry_order"], &why["exit_order"]), (&json!(1), &json!(2)));
    assert_eq!((&why["size"], &why["price"]), (&json!("100 % of equity"), &json!("11")));
    assert_eq!(why["equity"], json!({ "amount": "10000", "currency": "USD" }));
    assert_eq!(why["exit_fills"][0]["price"], "11");
}

#[test]
fn a_result_is_seen_under_each_model_of_fills() {
    let input = vec![("bars", rising().into()), ("strategy", above(2).into()), capital()];
    let table = call(no_limits(), "backtest", "sensitivity", input).unwrap().to_json(Detail::Full);
    let rows: Vec<_> = table["rows"].as_array().unwrap().iter().map(|it| (&it["fill"], &it["trades"])).collect();
    // no stop and no target, so three rows; a bar later the exit of bar 5 fills at bar 7
    assert_eq!(
        rows,
        [(&json!("close"), &json!(1)), (&json!("next_open"), &json!(1)), (&json!("one_bar_later"), &json!(1)),]
    );
    // at the close: 909 at 11, sold at 12; at the open: 833 at 12, sold at 11; later: 769 at 13, sold at 10
    let equity = |at: usize| table["rows"][at]["final_equity"]["amount"].as_str().unwrap().parse::<f64>().unwrap();
    assert!(equity(0) > equity(1) && equity(1) > equity(2), "{table}");
}

#[test]
fn several_strategies_trade_in_one_account() {
    let pick = |share: &str| {
        Value::record([
            ("bars", Value::from(rising())),
            ("strategy", above(2).into()),
            ("share", percent(share).unwrap().into()),
        ])
    };
    let run = |picks: Vec<Value>| {
        let input = vec![("picks", Value::list(picks)), capital()];
        call(no_limits(), "backtest", "together", input).map(|it| it.to_json(Detail::Summary))
    };
    let report = run(vec![pick("50"), pick("25")]).unwrap();
    assert_eq!(report["strategy"], "2 strategies in one account");
    // 5,000 and 2,500 at the close of 11
    let bought: Vec<_> = report["trades"].as_array().unwrap().iter().map(|it| &it["quantity"]).collect();
    assert_eq!(bought, [&json!("454"), &json!("227")]);
    let refused = run(vec![pick("120")]).err().map(|it| it.to_string());
    assert_eq!(refused.as_deref(), Some("`picks[0].share`: must be above 0% and at most 100%, not 120%"));
}

#[test]
fn what_each_symbol_came_to_is_all_that_the_account_did() {
    let walk = |seed: usize| -> Vec<[f64; 4]> {
        let price = |it: usize| 50.0 + ((it * seed) % 11) as f64 + it as f64 / 9.0;
        (0..60).map(|it| [price(it); 4]).collect()
    };
    let bars: Vec<Bars> = vec![bars_of("A", &walk(3)).into(), bars_of("B", &walk(7)).into()];
    let weights = |day: i64| -> Arc<[f64]> { [0.5 - (day % 5) as f64 / 10.0, (day % 7) as f64 / 20.0].into() };
    let entries: Vec<_> = (1..50).map(|day| TargetAt { time: day * DAY, weights: weights(day) }).collect();
    let targets: Targets = TargetSeries::new(bars.clone(), entries, "by hand").into();
    let costs = Value::record([("fee", percent("0.1").unwrap().into())]);
    let input = vec![("targets", targets.into()), capital(), ("costs", costs)];
    let report = call(no_limits(), "backtest", "portfolio", input).unwrap().to::<BacktestReport>().unwrap();
    let all = report.by_symbol();
    let earned: Decimal = all.iter().map(|it| it.pnl.amount).sum();
    assert_eq!(earned, report.final_equity.amount - report.capital.amount);
    assert_eq!(all.iter().map(|it| it.fees.amount).sum::<Decimal>(), report.fees.amount);
    let risk: f64 = all.iter().map(|it| f64::try_from(it.risk.unwrap().0).unwrap()).sum();
    assert!((risk - 1.0).abs() < 1e-5, "{risk}");
    // At the last close a position is what is open.
    let (held, equity) = (report.holdings(), report.final_equity.amount);
    for (weights, open) in held.weights.iter().zip(&report.open) {
        let share = f64::try_from(open.value.amount / equity).unwrap();
        assert!((weights.last().unwrap() - share).abs() < 1e-9);
    }
    assert_eq!(held.gross().len(), report.bars);
    let told: Vec<_> = report.walk(0).into_iter().map(|it| it.0).collect();
    assert_eq!(told, ["decided", "ordered", "entered", "left", "exited", "result"]);
}
