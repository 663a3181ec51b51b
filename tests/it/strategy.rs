//! Strategies: what their rules decide, and what is said about rules that cannot be.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may fail loudly"
)]

mod stream;

use std::sync::Arc;

use proptest::prelude::*;
use wf::{
    expr::{Template, Types},
    market::{BarSeries, Bits, FillAt, FillModel, Ground, Numbers, Script, Setup, Signals, Size, Target, run_signals},
    source::{Diagnostic, FileId, Source},
    strategy::{Axis, Strategy, compile, library, library_sources},
    syntax::{self, ast::Item},
    value::{Duration, Name, Symbol, Ty, Value},
};

const DAY: i64 = 86_400;

struct Basic;

impl Types for Basic {
    fn named(&self, _: &str) -> Option<Ty> {
        None
    }
    fn names(&self) -> Vec<Name> {
        Vec::new()
    }
}

fn read(text: &str) -> (Option<Arc<dyn Template>>, Vec<Diagnostic>) {
    let parsed = syntax::parse(FileId(0), &Source::new("test.wf", None, text));
    let mut out = parsed.diagnostics;
    let def = parsed.file.items.iter().find_map(|it| if let Item::Strategy(it) = it { Some(it) } else { None });
    let template = compile(def.expect("a strategy"), &Basic, &mut out);
    (template, out)
}

fn make(text: &str, params: &[(&str, Value)]) -> Strategy {
    let (template, out) = read(text);
    assert!(!out.iter().any(Diagnostic::is_error), "{out:#?}");
    let params = Value::record(params.iter().map(|(name, it)| (*name, it.clone())));
    template.expect("a template").make(&params).expect("a strategy").to().expect("a strategy")
}

fn bars(close: &[f64]) -> BarSeries {
    let open: Vec<f64> = std::iter::once(close[0]).chain(close.iter().copied()).take(close.len()).collect();
    let pairs = || open.iter().zip(close);
    BarSeries {
        symbol: Symbol::new("TEST").unwrap(),
        timeframe: Duration::DAY,
        // From a Monday on, every day.
        time: (0..close.len()).map(|it| (4 + i64::try_from(it).unwrap()) * DAY).collect(),
        high: pairs().map(|(a, b)| a.max(*b) + 0.5).collect(),
        low: pairs().map(|(a, b)| a.min(*b) - 0.5).collect(),
        volume: close.iter().enumerate().map(|(at, it)| 100.0 + it + (at % 7) as f64).collect(),
        close: close.into(),
        open: open.into(),
        adjusted_close: Arc::new([]),
        warmup: 0,
        notes: Arc::new([]),
        origin: wf::market::Origin::default(),
    }
}

/// A price that wanders, always the same for a seed.
fn walk(seed: u64, length: usize) -> Vec<f64> {
    let mut state = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
    let mut price = 100.0;
    (0..length)
        .map(|_| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            price *= 1.0 + ((state >> 33) as f64 / f64::from(1_u32 << 31) - 0.5) * 0.06;
            price
        })
        .collect()
}

fn signals(text: &str, close: &[f64]) -> Signals {
    make(text, &[]).rules.signals(&bars(close)).expect("signals")
}

fn at(column: &Bits) -> Vec<usize> {
    column.ones().collect()
}

fn rule(when: &str) -> String {
    format!("strategy s {{ enter long when {when}\n exit long when close < 0 }}")
}

/// Asserts that a strategy has exactly one mistake, and returns it with the text after its first fix.
#[track_caller]
fn says(text: &str, message: &str, fixed: Option<&str>) {
    let (_, out) = read(text);
    assert_eq!(out.len(), 1, "{text}: {out:#?}");
    let mended = out[0].fixes.iter().find(|it| !it.edits.is_empty()).map(|fix| {
        let edit = &fix.edits[0];
        format!("{}{}{}", &text[..edit.span.start as usize], edit.text, &text[edit.span.end as usize..])
    });
    assert_eq!(format!("{} {}", out[0].code, out[0].message), message, "{text}");
    if let Some(fixed) = fixed {
        assert_eq!(mended.as_deref(), Some(fixed), "{text}");
    }
}

#[track_caller]
fn rule_says(when: &str, message: &str, fixed: Option<&str>) {
    says(&rule(when), message, fixed.map(rule).as_deref());
}

#[test]
fn every_strategy_that_comes_with_wf_passes_and_decides() {
    assert_eq!(library().len(), library_sources().len());
    let close = walk(7, 900);
    for (template, (name, text)) in library().iter().zip(library_sources()) {
        let (_, out) = read(text);
        let out: Vec<_> =
            out.iter().filter(|it| *name != "buy_and_hold" || it.code != wf::source::Code::B010).collect();
        assert!(out.is_empty(), "{name}: {out:#?}");
        assert_eq!(template.name(), *name);
        for param in template.params() {
            assert!(param.default.is_some() && template.within(&param.name).is_some(), "{name}: {param}");
        }
        let strategy = make(text, &[]);
        let decided = strategy.rules.signals(&bars(&close)).unwrap();
        assert!(decided.enter_long.next(0).is_some(), "{name} never enters");
        assert_eq!(decided.warmup, strategy.rules.lookback(), "{name}");
        for column in [&decided.enter_long, &decided.exit_long, &decided.enter_short, &decided.exit_short] {
            assert_eq!(column.len(), close.len());
            assert!(column.next(0).is_none_or(|it| it >= decided.warmup), "{name} decides too early");
        }
    }
}

#[test]
fn signals_are_what_one_computes_by_hand() {
    let close = [1.0, 2.0, 3.0, 4.0, 3.0, 2.0, 1.0, 2.0, 4.0, 6.0];
    // Means of two: -, 1.5, 2.5, 3.5, 3.5, 2.5, 1.5, 1.5, 3, 5.
    assert_eq!(at(&signals(&rule("close > sma(close, 2)"), &close).enter_long), [1, 2, 3, 7, 8, 9]);
    assert_eq!(at(&signals(&rule("crosses_above(close, sma(close, 2))"), &close).enter_long), [7]);
    assert_eq!(at(&signals(&rule("close > close[2]"), &close).enter_long), [2, 3, 8, 9]);
    assert_eq!(at(&signals(&rule("change(close) >= 2"), &close).enter_long), [8, 9]);
    assert_eq!(at(&signals(&rule("close in 2..3 and not (close == 2)"), &close).enter_long), [2, 4]);
    assert_eq!(at(&signals(&rule("close > highest(close, 3)[1]"), &close).enter_long), [3, 8, 9]);
    assert_eq!(at(&signals(&rule("close * 2 - 1 >= 100% of close + 2"), &close).enter_long), [2, 3, 4, 8, 9]);
    assert_eq!(at(&signals(&rule("close / (close - 2) > 2"), &close).enter_long), [2, 4]);
}

#[test]
fn the_look_back_is_inferred() {
    let lookback = |when: &str| make(&rule(when), &[]).rules.lookback();
    assert_eq!(lookback("close > 5"), 0);
    assert_eq!(lookback("close > sma(close, 20)"), 19);
    assert_eq!(lookback("close > sma(close, 20)[5]"), 24);
    assert_eq!(lookback("crosses_above(close, sma(close, 20))"), 20);
    assert_eq!(lookback("sma(rsi(close, 14), 5) > 50"), 18);
    assert_eq!(lookback("macd(close).signal > 0 and atr(14) > 0"), 33);
    let slower =
        make("strategy s { let t = sma(close, 4) on 1w\n enter long when close > t\n exit long when close < t }", &[]);
    assert_eq!(slower.rules.lookback_on(Duration::DAY), 28);
    let text =
        "strategy s { param n: Int in 2..90 = 10\n enter long when close > sma(close, n)\n exit long when close < 1 }";
    assert_eq!(make(text, &[("n", Value::Int(50))]).rules.lookback(), 49);
}

#[test]
fn a_slower_bar_is_seen_once_it_has_closed() {
    // Weeks of seven days from a Monday on; the close of a week is that of its Sunday.
    let close: Vec<f64> = (0..28).map(f64::from).collect();
    let text =
        "strategy s { let week = close on 1w\n enter long when close - week == 1\n exit long when close - week == 0 }";
    let decided = signals(text, &close);
    assert_eq!(decided.warmup, 6);
    assert_eq!(at(&decided.exit_long), [6, 13, 20, 27], "the close of a week is known at its last close");
    assert_eq!(at(&decided.enter_long), [7, 14, 21]);
}

#[test]
fn orders_say_for_which_price_an_entry_waits_and_rules_say_themselves() {
    let text = "strategy s {
        param n: Int in 1..5 = 1
        enter long when close > 11
        enter long when (close < close[n])
        exit long when close > 50
        orders { limit: close - n trigger: close[1] valid: 3 bars }
    }";
    let decided = signals(text, &[10.0, 11.0, 12.0, 11.0, 12.0]);
    let orders = &decided.orders;
    assert_eq!(orders.long.limit.as_deref().map(|it| it[4]), Some(11.0));
    assert_eq!(orders.short.trigger.as_deref().map(|it| (it[0].is_nan(), it[4])), Some((true, 11.0)));
    assert_eq!((orders.valid, decided.warmup), (Some(3), 1));
    let rule = |bar| decided.rule(wf::market::Side::Buy, bar).map(|it| it.text.to_string());
    assert_eq!([2, 3].map(rule), [Some("close > 11".into()), Some("(close < close[n])".into())]);
    assert_eq!(rule(1), None);
}

#[test]
fn orders_say_how_much_and_where_to_leave() {
    let text = "strategy s {
        param wide: Decimal in 1..5 = 2
        enter long when close > 1
        orders { risk: 1% of equity stop: wide * atr(2) target: 3R trail: 10% fill: \"next_open\" max_holding: 5 bars pyramid: 1 }
    }";
    let close = [10.0, 11.0, 12.0, 11.0, 12.0];
    let orders = signals(text, &close).orders;
    assert_eq!(orders.size, Size::EquityRisk(0.01));
    assert_eq!(orders.target, Some(Target::Risk(3.0)));
    assert_eq!((orders.fill, orders.max_holding, orders.pyramid), (FillAt::NextOpen, Some(5), 1));
    // Every bar swings by one, and half more on either side.
    let stop = orders.stop.unwrap();
    assert!(stop[1].is_nan());
    assert!((stop[2] - 4.0).abs() < 1e-12, "{stop:?}");
    assert!((orders.trail.unwrap()[2] - 1.2).abs() < 1e-12);
    let size = |text: &str| {
        signals(
            &format!(
                "strategy s {{ enter long when close > 1\n exit long when close < 1\n orders {{ size: {text} }} }}"
            ),
            &close,
        )
        .orders
        .size
    };
    assert_eq!(size("25% of equity"), Size::EquityShare(0.25));
    assert_eq!(size("5_000 USD"), Size::Notional(5_000.0));
    assert_eq!(size("100 shares"), Size::Shares(100.0));
}

#[test]
fn rules_that_cannot_be_are_reported_once() {
    rule_says("close > close[-1]", "WF-B001 this rule reads a bar that has not happened yet", Some("close > close[1]"));
    rule_says("clos > 1", "WF-N003 nothing here is called `clos`", Some("close > 1"));
    rule_says("smaa(close, 5) > 1", "WF-N003 there is no indicator `smaa`", Some("sma(close, 5) > 1"));
    rule_says("sma(close, 5)", "WF-T001 expected true or false, found a number", None);
    rule_says("rsi(close, 14) < 70%", "WF-T003 cannot compare a number and a percent", None);
    rule_says("sma(close, 0) > 1", "WF-T007 `period` of `sma` is from 1 to 100000, not 0", Some("sma(close, 1) > 1"));
    rule_says("sma(close, 2.5) > 1", "WF-T001 expected a whole number, found a number", None);
    rule_says("sma(close, perod: 5) > 1", "WF-N004 `sma` takes no argument `perod`", Some("sma(close, period: 5) > 1"));
    rule_says(
        "macd(close) > 1",
        "WF-T001 `macd` gives several series: macd, signal, histogram",
        Some("macd(close).macd > 1"),
    );
    rule_says("macd(close).sginal > 1", "WF-N010 this series has no field `sginal`", Some("macd(close).signal > 1"));
    rule_says("atr(close, 14) > 1", "WF-N004 `atr` takes no series: it reads the bars themselves", None);
    rule_says("equity > 5", "WF-N003 `equity` is not known to a rule: it says how much, not when", None);
    rule_says("close[volume] > 1", "WF-T001 how far back a rule looks must be the same at every bar", None);
    rule_says("data.get(close) > 1", "WF-S006 a rule reads bars only: nothing else can be called in a strategy", None);
}

#[test]
fn a_strategy_as_a_whole_is_checked() {
    let with = |rest: &str| format!("strategy s {{ enter long when close > 1\n exit long when close < 1\n {rest} }}");
    says("strategy s { enter long when close > 1 }", "WF-B010 `enter long` has neither an exit nor a stop", None);
    says("strategy s { exit long when close > 1 }", "WF-N005 `s` never enters", None);
    says(&with("let x = sma(close, 5)"), "WF-G003 `x` is never used", Some(&with("")));
    says(&with("param n: Int = 5"), "WF-G003 the parameter `n` is never used", None);
    says(
        &with("orders { szie: 1% of equity }"),
        "WF-N004 `orders` has no field `szie`",
        Some(&with("orders { size: 1% of equity }")),
    );
    says(
        &with("orders { size: 5% }"),
        "WF-T002 expected a share of equity, found a percent",
        Some(&with("orders { size: 5% of equity }")),
    );
    says(
        &with("orders { target: 3R }"),
        "WF-N005 this `target` is counted in what the stop loses, and there is no `stop`",
        None,
    );
    says(
        &with("orders { fill: \"close\" }"),
        "WF-B002 the signal uses the close and the order fills at the same close",
        Some(&with("orders { fill: \"next_open\" }")),
    );
    says(&with("orders { fill: \"next_opn\" }"), "WF-T008 \"next_opn\" is not one of \"next_open\", \"close\"", None);
    says(&with("orders { max_holding: 5 }"), "WF-T004 `5` needs a unit: a number of bars is wanted", None);
    says(&with("step x = data.get"), "WF-S006 `step` does not belong in a strategy", None);
    says(
        "strategy s { param n: Int in 2..9 = 20\n enter long when close > n\n exit long when close < n }",
        "WF-T007 20 is outside `in 2..9`",
        None,
    );
    says(
        "strategy s { let x = x + close\n enter long when x > 1\n exit long when x < 1 }",
        "WF-G001 `x` is made of itself",
        None,
    );
    let open = "strategy s { enter long when close[1] > 1\n exit long when open < 1\n orders { fill: \"close\" } }";
    assert!(read(open).1.is_empty(), "what reads no close may fill at it");
}

#[test]
fn what_a_run_gives_is_checked_then() {
    let (template, _) = read(
        "strategy s { param n: Int in 2..90 = 10\n enter long when close > sma(close, n - 2)\n exit long when close < 1 }",
    );
    let make =
        |n: Value| template.as_ref().unwrap().make(&Value::record([("n", n)])).map(|_| ()).map_err(|it| it.to_string());
    assert_eq!(make(Value::Int(10)), Ok(()));
    assert_eq!(make(Value::Int(1)), Err("`n`: 1 is outside `in 2..90`".into()));
    assert_eq!(make(Value::Int(2)), Err("`period` of `sma` is from 1 to 100000, not 0".into()));
    assert_eq!(make(Value::text("x")), Err("`n`: expected Int, found `x`".into()));
}

#[test]
fn the_meaning_is_that_of_the_rules_and_not_of_their_names() {
    let meaning = |text: &str| make(text, &[]).rules.meaning().into_owned();
    let a = meaning(
        "strategy s { let x = sma(close, 5)\n let y = rsi(close, 9)\n enter long when close > x and y < 30\n exit long when close < x }",
    );
    let b = meaning(
        "strategy t { # a comment\n let up = rsi(close, 9)\n let mean = sma(close, 5)\n exit long when (close < mean)\n enter long when close > mean and up < 30 }",
    );
    let c = meaning(
        "strategy s { let x = sma(close, 6)\n let y = rsi(close, 9)\n enter long when close > x and y < 30\n exit long when close < x }",
    );
    assert_eq!(a, b);
    assert_ne!(a, c);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn no_decision_knows_the_future(seed in any::<u64>(), cut in 260_usize..420) {
        let close = walk(seed, 420);
        let own = "strategy own {
            let week = rsi(close, 3) on 1w
            enter long when week > 40 and crosses_above(ema(close, 5), sma(close, 9)) or stoch(14).k < 20
            exit long when cci(20) > 100 or bbands(close, 20).upper < close
            enter short when sar() > close and willr(14) > -20
            exit short when mfi(14) < 20 or obv() > obv()[3]
            orders { stop: 2 * atr(14) trail: 3% }
        }";
        for (_, text) in library_sources().iter().copied().chain([("own", own)]) {
            let strategy = make(text, &[]);
            let all = strategy.rules.signals(&bars(&close)).unwrap();
            let some = strategy.rules.signals(&bars(&close[..cut])).unwrap();
            prop_assert_eq!(all.warmup, some.warmup);
            prop_assert_eq!(&all.enter_long.first(cut), &some.enter_long);
            prop_assert_eq!(&all.exit_long.first(cut), &some.exit_long);
            prop_assert_eq!(&all.enter_short.first(cut), &some.enter_short);
            prop_assert_eq!(&all.exit_short.first(cut), &some.exit_short);
            let bits = |it: &Option<Numbers>| it.as_ref().map(|it| it[..cut].iter().map(|it| it.to_bits()).collect::<Vec<_>>());
            prop_assert_eq!(bits(&all.orders.stop), bits(&some.orders.stop));
            prop_assert_eq!(bits(&all.orders.trail), bits(&some.orders.trail));
        }
    }
}

/// A sweep decides what each of its strategies decides alone, whatever the parameters are of and however its sets are
/// chosen; and the account comes to the same.
#[test]
fn a_sweep_decides_what_each_strategy_decides_alone() {
    let bars = bars(&walk(11, 500));
    let own = "strategy own {
        param fast: Int = 5
        param wide: Int = 9
        param times: Decimal = 2
        param hold: BarCount = 9 bars
        param share: Percent = 50%
        let band = bbands(close, wide, times, times)
        enter long when crosses_above(ema(close, fast), sma(close, wide)) or close < band.lower
        exit long when close > band.upper[fast] or change(close, fast) < -times
        enter short when close > band.upper and rsi(close, fast) > 80 - wide
        exit short when crosses_below(close, band.middle)
        orders { stop: times * atr(wide) target: 2R trail: 9% size: share of equity max_holding: hold }
    }";
    let integers = |all: &[i64]| all.iter().map(|it| Value::from(*it)).collect::<Vec<_>>();
    let axis = |name: &str, values: Vec<Value>| Axis { name: name.into(), values };
    let axes = [
        axis("fast", integers(&[2, 5, 8, 13])),
        axis("wide", integers(&[9, 21, 34])),
        axis("times", ["1", "2.5"].iter().map(|it| Value::Decimal(it.parse().unwrap())).collect()),
        axis("hold", [3, 30].iter().map(|it| Value::BarCount(wf::value::BarCount(*it))).collect()),
    ];
    let family = make(own, &[]).rules.family().unwrap();
    let base = Value::record([("share", Value::Percent(wf::value::Percent("0.7".parse().unwrap())))]);
    let all: Vec<Vec<u32>> = (0..48).map(|it| vec![it / 12, it / 4 % 3, it / 2 % 2, it % 2]).collect();
    let some: Vec<Vec<u32>> = all.iter().rev().step_by(7).cloned().collect();
    let setup = Setup::new(10_000.into(), FillModel::new(wf::market::Costs::default()));
    let ground = Ground::new(&bars, 0).unwrap();
    for sets in [all, some, vec![vec![1, 1, 1, 1]]] {
        let judge = |at: usize, signals: Result<&Signals, &wf::value::Mismatch>| {
            let signals = signals.unwrap();
            (at, signals.clone(), ground.run(signals, &setup).unwrap())
        };
        let found = family.sweep(&bars, &base, &axes, &sets, &wf::slice::Cancel::default(), &judge).unwrap();
        assert_eq!(found.len(), sets.len());
        for (place, (at, signals, trial)) in found.iter().enumerate() {
            assert_eq!(place, *at);
            let chosen =
                axes.iter().zip(&sets[place]).map(|(axis, at)| (&*axis.name, axis.values[*at as usize].clone()));
            let params: Vec<_> = chosen.chain([("share", base.field("share").unwrap())]).collect();
            // Which rule fired is asked of one strategy, not of every set.
            let alone = Signals { rules: Vec::new(), ..make(own, &params).rules.signals(&bars).unwrap() };
            assert_eq!(*signals, alone, "{params:?}");
            let script = Script { signals: &[alone], turns: &[(0, 0)], shares: None, start: 0 };
            let outcome = run_signals(&bars, &script, &setup).unwrap();
            assert_eq!(outcome.book.trips(), trial.book.trips());
            assert_eq!(outcome.book.account(), trial.book.account());
            assert_eq!((outcome.exposed, *outcome.equity.last().unwrap()), (trial.exposed, trial.book.equity()));
        }
    }
}

#[test]
fn a_sweep_says_what_is_wrong_with_its_axes() {
    let bars = bars(&walk(3, 60));
    let text = "strategy s {
        param n: Int in 2..20 = 5
        enter long when close > sma(close, n)
        exit long when close < sma(close, n)[n]
    }";
    let family = make(text, &[]).rules.family().unwrap();
    let sweep = |name: &str, values: &[i64], sets: &[Vec<u32>]| {
        let axis = Axis { name: name.into(), values: values.iter().map(|it| Value::from(*it)).collect() };
        let none = Value::record::<&str>([]);
        family.sweep(&bars, &none, &[axis], sets, &wf::slice::Cancel::default(), &|_, it| {
            it.map(|_| ()).map_err(ToString::to_string)
        })
    };
    let says = |name: &str, values: &[i64], sets: &[Vec<u32>]| sweep(name, values, sets).unwrap_err().to_string();
    assert_eq!(says("m", &[3], &[vec![0]]), "`s` has no parameter `m`: it takes n");
    assert!(says("n", &[3, 21], &[vec![0]]).contains("21 is outside `in 2..20`"));
    assert!(says("n", &[3], &[vec![1]]).contains("no place on the axes"));
    assert_eq!(sweep("n", &[3, 4], &[vec![1], vec![0]]).unwrap(), [Ok(()), Ok(())]);
}

#[test]
fn a_parameter_cannot_have_an_entry_fill_where_it_cannot() {
    let made = |rule: &str, orders: &str| {
        let text = format!(
            "strategy s {{
                param at: \"next_open\" | \"close\" = \"next_open\"
                enter long when {rule}
                exit long when {rule}
                orders {{ fill: at {orders} }}
            }}"
        );
        let template = read(&text).0.unwrap();
        template.make(&Value::record([("at", Value::from("close"))])).map(|_| ()).map_err(|it| it.to_string())
    };
    assert_eq!(made("open > 11", ""), Ok(()));
    let waits = made("open > 11", "limit: open * 0.99");
    assert_eq!(waits.unwrap_err(), "an entry with a `limit` waits for a later bar, so `fill` cannot be \"close\"");
    let reads = made("close > 11", "");
    assert_eq!(reads.unwrap_err(), "the rules read the close, so `fill` cannot be \"close\" as well");
}
