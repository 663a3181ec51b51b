//! Expressions: what they mean, and what is said where they mean nothing.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may fail loudly"
)]

use std::sync::Arc;

use proptest::prelude::*;
use wf::{
    expr::{Context, Env, Expr, Found, Kind, Scope, Slot, Template, eval, lower},
    source::{Diagnostic, FileId, Source, Span},
    syntax::dsl,
    value::{Currency, Field, Name, Ty, Value},
};

/// Names with types and values, as a workflow has them.
#[derive(Default)]
struct World {
    names: Vec<(Name, Ty, Value)>,
}

impl World {
    fn with(mut self, name: &str, ty: Ty, value: &str) -> Self {
        let value = if value.is_empty() { Value::None } else { run(value).expect("a value") };
        self.names.push((name.into(), ty, value));
        self
    }
}

impl Scope for World {
    fn find(&mut self, name: &str) -> Option<Found> {
        let at = self.names.iter().position(|it| *it.0 == *name)?;
        let kind = Kind::Slot(Slot { up: 0, index: u32::try_from(at).unwrap() });
        Some(Found { kind, ty: self.names[at].1.clone(), declared: None })
    }
    fn names(&self) -> Vec<(Name, Ty)> {
        self.names.iter().map(|it| (it.0.clone(), it.1.clone())).collect()
    }
    fn template(&mut self, path: &str) -> Option<Arc<dyn Template>> {
        wf::strategy::library().into_iter().find(|it| it.name() == path)
    }
    fn templates(&self) -> Vec<String> {
        wf::strategy::library().iter().map(|it| it.name().to_owned()).collect()
    }
    fn fields(&self, ty: &Ty) -> Vec<Field> {
        match ty {
            Ty::Domain(name) if &**name == "History" => {
                vec![Field::new("bars", Ty::domain("Bars"), "")]
            }
            _ => Vec::new(),
        }
    }
}

impl Env for World {
    fn slot(&self, slot: Slot) -> Value {
        self.names[slot.index as usize].2.clone()
    }
    fn context(&self, name: Context) -> Value {
        name.default_value()
    }
    fn degraded(&self, slot: Slot) -> bool {
        &*self.names[slot.index as usize].0 == "spoilt"
    }
}

fn check(text: &str, world: &mut World, want: Option<&Ty>) -> (Expr, Vec<Diagnostic>) {
    let source = Source::new("test.wf", None, text);
    let (tree, mut out) = dsl::parse_expr(FileId(0), &source, Span::new(FileId(0), 0, text.len()));
    let expr = lower(&tree, world, want, &mut out);
    (expr, out)
}

/// Checks and computes in an empty world.
fn run(text: &str) -> Result<Value, String> {
    let mut world = World::default();
    let (expr, out) = check(text, &mut world, None);
    match out.first() {
        Some(it) => Err(format!("{}: {}", it.code, it.message)),
        None => eval(&expr, &world).map_err(|it| it.to_string()),
    }
}

#[track_caller]
fn gives(text: &str, wanted: &str) {
    assert_eq!(run(text).map(|it| it.to_string()), Ok(wanted.to_owned()), "{text}");
}

/// Asserts that an expression has exactly one mistake, and returns it with the text after its first fix.
#[track_caller]
fn mistake(text: &str, world: &mut World, want: Option<&Ty>) -> (String, Option<String>) {
    let (_, out) = check(text, world, want);
    assert_eq!(out.len(), 1, "{text}: {out:#?}");
    let fixed = out[0].fixes.iter().find(|it| !it.edits.is_empty()).map(|fix| {
        let edit = &fix.edits[0];
        format!("{}{}{}", &text[..edit.span.start as usize], edit.text, &text[edit.span.end as usize..])
    });
    (format!("{} {}", out[0].code, out[0].message), fixed)
}

#[track_caller]
fn says(text: &str, want: Option<&Ty>, message: &str, fixed: Option<&str>) {
    let found = mistake(text, &mut world(), want);
    assert_eq!((found.0.as_str(), found.1.as_deref()), (message, fixed), "{text}");
}

fn world() -> World {
    let report = Ty::record([("sharpe", Ty::Decimal), ("name", Ty::Text)]);
    World::default()
        .with("capital", Ty::Money(Some(Currency::USD)), "10_000 USD")
        .with("symbol", Ty::Symbol, "")
        .with("mode", Ty::members(["backtest", "paper", "live"]), "\"paper\"")
        .with("share", Ty::Percent, "60%")
        .with("count", Ty::Int, "7")
        .with("maybe", report.clone().optional(), "")
        .with("trials", report.list(), "[{ sharpe: 1.5, name: \"a\" }, { sharpe: 2.5, name: \"b\" }]")
        .with("feed", Ty::Stream(Ty::Int.into()), "")
        .with("history", Ty::domain("History"), "")
        .with("bars", Ty::domain("Bars"), "")
        .with("spoilt", Ty::Int, "1")
}

#[test]
fn a_share_of_a_whole_binds_like_a_product() {
    gives("5% of 10_000 USD + 100 USD", "600 USD");
    gives("100 USD + 5% of 10_000 USD", "600 USD");
    gives("10_000 USD - 10% of 5_000 USD", "9500 USD");
    gives("5% of (10_000 USD + 100 USD)", "505 USD");
    gives("50% of 100 USD / 2", "25 USD");
    gives("2 * 10% of 50 USD", "10 USD");
    gives("5% of 200 > 9 and 10% in 5% of 100%..20%", "true");
}

#[test]
fn arithmetic_goes_by_dimension() {
    gives("1 + 2 * 3", "7");
    gives("7 / 2", "3.5");
    gives("5% of 10_000 USD", "500 USD");
    gives("5% of 200", "10");
    gives("2% + 50bps", "2.5%");
    gives("10% * 3", "30%");
    gives("100 USD + 50 USD * 2", "200 USD");
    gives("100 USD / 50 USD", "2");
    gives("2020-01-31 + 1mo", "2020-02-29");
    gives("2020-03-01 - 1d", "2020-02-29");
    gives("2020-03-01 - 2020-02-01", "29d");
    gives("90s + 30s", "2m");
    gives("1h / 15m", "4");
    gives("10 bars + 5 bars", "15 bars");
    gives("3 * 2R", "6R");
    gives("2x * 100 USD", "200 USD");
    gives("-5%", "-5%");
    gives("2020-01-01..2020-12-31", "2020-01-01..2020-12-31");
    gives("(2020-01-01..2020-12-31).end", "2020-12-31");
    gives("5..50 by 5", "5..50 by 5");
}

#[test]
fn comparisons_stay_within_a_dimension() {
    gives("1 < 1.5", "true");
    gives("5bps < 1%", "true");
    gives("1d == 24h", "true");
    gives("12mo == 1y", "true");
    gives("3 in 1..5", "true");
    gives("6 in 1..5", "false");
    gives("\"a\" in [\"a\", \"b\"]", "true");
    gives("2020-05-05 in 2020-01-01..2020-12-31", "true");
    gives("not (1 > 2) and true or false", "true");
    says("share >= 60", None, "WF-T004 `60` needs a unit: a percent is wanted", Some("share >= 60%"));
    says("share >= capital", None, "WF-T003 cannot compare a percent and money in USD", None);
    says("share == \"60%\"", None, "WF-T014 \"60%\" in quotes is text; a percent is wanted", Some("share == 60%"));
    says(
        "share == mode",
        None,
        "WF-T013 this is always false: a percent is never \"backtest\" | \"paper\" | \"live\"",
        None,
    );
}

#[test]
fn units_that_do_not_go_together_are_reported_once() {
    says("1 USD + 1 EUR", None, "WF-T003 cannot add USD and EUR", None);
    says("capital + 5%", None, "WF-T003 cannot add money in USD and a percent", None);
    says("capital * capital", None, "WF-T003 money in USD cannot be multiplied", None);
    says("1 USD + 1 EUR + 1 GBP", None, "WF-T003 cannot add USD and EUR", None);
    says("capital + 1", None, "WF-T004 `1` needs a unit: money in USD is wanted", Some("capital + 1 USD"));
    says("3 of capital", None, "WF-T003 `of` takes a percent on its left, this is a whole number", None);
}

#[test]
fn what_is_computed_before_a_run_may_fail_before_it() {
    says(
        "9_000_000_000_000_000_000 + 9_000_000_000_000_000_000",
        None,
        "WF-T007 the result of a calculation is too large",
        None,
    );
    says("1 / 0", None, "WF-T007 division by zero", None);
    says("5..2", None, "WF-T015 the range `5..2` ends before it starts", Some("2..5"));
    says("2020-01-01 + 30h", None, "WF-T015 a date is moved by whole days, `30h` is not", None);
    let mut world = world();
    let (expr, out) = check("count / (count - 7)", &mut world, None);
    assert!(out.is_empty());
    assert_eq!(eval(&expr, &world).unwrap_err().to_string(), "division by zero");
}

#[test]
fn a_place_that_wants_a_unit_says_so() {
    says("30", Some(&Ty::Duration), "WF-T004 `30` needs a unit: a duration is wanted", Some("30s"));
    says("\"60s\"", Some(&Ty::Duration), "WF-T014 \"60s\" in quotes is text; a duration is wanted", Some("60s"));
    says("5%", Some(&Ty::Money(None)), "WF-T002 expected money, found a percent", Some("5% of capital"));
    says("5%", Some(&Ty::Int), "WF-T002 expected a whole number, found a percent", Some("5"));
    says("24mo", Some(&Ty::Duration), "WF-T002 expected a duration, found a period of months", None);
    says("5 EUR", Some(&Ty::Money(Some(Currency::USD))), "WF-T003 expected USD, found EUR", None);
    says("1.5", Some(&Ty::Int), "WF-T001 expected a whole number, found a number", None);
    says("history", Some(&Ty::domain("Bars")), "WF-T001 expected Bars, found History", Some("history.bars"));
    says("feed", Some(&Ty::Int.list()), "WF-T017 a stream is given where a value is wanted", None);
    says(
        "2..100%",
        Some(&Ty::Range(Ty::Percent.into())),
        "WF-T004 `2` needs a unit: a percent is wanted",
        Some("2%..100%"),
    );
}

#[test]
fn quoted_text_becomes_what_is_wanted() {
    let as_ = |text: &str, want: Ty| {
        let (expr, out) = check(text, &mut world(), Some(&want));
        assert!(out.is_empty(), "{out:#?}");
        (expr.ty.to_string(), eval(&expr, &world()).unwrap().kind())
    };
    assert_eq!(as_("\"AAPL\"", Ty::Symbol), ("Symbol".into(), "Symbol"));
    assert_eq!(as_("\"a.csv\"", Ty::Path.optional()), ("Path".into(), "Path"));
    assert_eq!(as_("[\"AAPL\", \"MSFT\"]", Ty::Symbol.list()), ("[Symbol]".into(), "a list"));
    assert_eq!(as_("symbol == \"AAPL\"", Ty::Bool), ("Bool".into(), "Bool"));
    let fill = Ty::members(["next_open", "close"]);
    says(
        "\"next_opn\"",
        Some(&fill),
        "WF-T008 \"next_opn\" is not one of \"next_open\", \"close\"",
        Some("\"next_open\""),
    );
    says(
        "mode == \"papr\"",
        None,
        "WF-T008 \"papr\" is not one of \"backtest\", \"paper\", \"live\"",
        Some("mode == \"paper\""),
    );
}

#[test]
fn unknown_names_are_reported_with_what_was_meant() {
    says("AAPL", Some(&Ty::Symbol), "WF-N003 nothing here is called `AAPL`", Some("\"AAPL\""));
    says("symbl", Some(&Ty::Symbol), "WF-N003 nothing here is called `symbl`", Some("symbol"));
    says("captal * 2 + 1", None, "WF-N003 nothing here is called `captal`", Some("capital * 2 + 1"));
    says("trials[0].sharp", None, "WF-N010 this record has no field `sharp`", Some("trials[0].sharpe"));
    says("lenn(trials)", None, "WF-N003 there is nothing called `lenn` to call", Some("len(trials)"));
    says("data.get(x: 1)", None, "WF-S006 `data.get` cannot be called inside an expression", None);
    // A name of another type is no suggestion.
    says("capitl", Some(&Ty::Duration), "WF-N003 nothing here is called `capitl`", None);
}

#[test]
fn what_may_be_none_must_be_shown_to_be_there() {
    let message = "WF-T009 `maybe` may be none here";
    says("maybe.sharpe > 1", None, message, None);
    says("maybe != none or maybe.sharpe > 1", None, message, None);
    for text in [
        "maybe != none and maybe.sharpe > 1",
        "maybe == none or maybe.sharpe > 1",
        "not (maybe == none) and maybe.sharpe > 1",
    ] {
        let (_, out) = check(text, &mut world(), Some(&Ty::Bool));
        assert!(out.is_empty(), "{text}: {out:#?}");
    }
    let (condition, _) = check("share > 5% and maybe != none", &mut world(), None);
    assert_eq!(wf::expr::present_when(&condition), [Slot { up: 0, index: 5 }]);
    let (expr, _) = check("maybe != none and maybe.sharpe > 1", &mut world(), None);
    assert_eq!(eval(&expr, &world()).unwrap(), Value::Bool(false), "the right side is not looked at");
}

#[test]
fn records_are_spread_and_checked_against_what_is_wanted() {
    gives("{ a: 1, ..{ a: 2, b: 3 } }", "{ a: 2, b: 3 }");
    let costs = Ty::record([("fee", Ty::Percent.optional()), ("slippage", Ty::Percent)]);
    says(
        "{ fee: 1bps, slipage: 2bps }",
        Some(&costs),
        "WF-N004 there is no field `slipage` here",
        Some("{ fee: 1bps, slippage: 2bps }"),
    );
    says("{ fee: 1bps }", Some(&costs), "WF-N005 `slippage` is required in this record", None);
    says("{ slippage: 2 }", Some(&costs), "WF-T004 `2` needs a unit: a percent is wanted", Some("{ slippage: 2% }"));
    says("[1, \"a\"]", None, "WF-T001 a list has items of one type, this is text among a whole number", None);
}

#[test]
fn a_call_of_a_strategy_is_checked() {
    let strategy = Ty::domain("Strategy");
    let (expr, out) = check("sma_cross(fast: 10)", &mut world(), Some(&strategy));
    assert!(out.is_empty(), "{out:#?}");
    let made = eval(&expr, &world()).unwrap();
    assert_eq!(made.field("name"), Some(Value::text("sma_cross")));
    says("sma_cross(fast: 500)", None, "WF-T007 500 is outside `in 2..100`", Some("sma_cross(fast: 100)"));
    says("sma_cross(fst: 5)", None, "WF-N004 `sma_cross` takes no argument `fst`", Some("sma_cross(fast: 5)"));
    says("sma_cross(fast: 5%)", None, "WF-T002 expected a whole number, found a percent", Some("sma_cross(fast: 5)"));
    says("sma_cross(..{ fast: 5, deep: 1 })", None, "WF-N004 `sma_cross` takes no argument `deep`", None);
    says("sma_crss(fast: 5)", None, "WF-N003 there is nothing called `sma_crss` to call", Some("sma_cross(fast: 5)"));
    let (expr, out) = check("sma_cross(..grid(fast: 5..10 by 5, slow: [20, 40])[3])", &mut world(), None);
    assert!(out.is_empty(), "{out:#?}");
    let made = eval(&expr, &world()).unwrap();
    let label = made.to::<wf::strategy::Strategy>().unwrap().label();
    assert!(label.starts_with("sma_cross(fast: 10, slow: 40, "), "{label}");
    // What only a run shows is a fault of the run.
    let (expr, out) = check("sma_cross(fast: count - 6)", &mut world(), None);
    assert!(out.is_empty());
    assert_eq!(eval(&expr, &world()).unwrap_err().to_string(), "`fast`: 1 is outside `in 2..100`");
}

#[test]
fn builtins_compute() {
    gives("len([1, 2, 3])", "3");
    gives("max([1, 3, 2])", "3");
    gives("min([2%, 1%])", "1%");
    gives("sum([1 USD, 2 USD])", "3 USD");
    gives("mean([1, 2])", "1.5");
    gives("any([false, true]) and not all([false, true])", "true");
    gives("grid(a: 1..3, b: [10, 20])[1]", "{ a: 1, b: 20 }");
    gives("len(grid(fast: 5..50 by 5, slow: 20..200 by 20))", "100");
    gives("degraded(1)", "false");
    let folds = "walk_forward(2001-01-01..2004-12-31, train: 24mo, test: 6mo, embargo: 5d)";
    gives(&format!("{folds}[0]"), "{ index: 0, train: 2001-01-01..2002-12-31, test: 2003-01-06..2003-07-05 }");
    gives(&format!("{folds}[1].train"), "2001-07-01..2003-06-30");
    // Day 2005-01-05 would be outside.
    gives(&format!("len({folds})"), "3");
    let (best, out) = check("max_by(trials, \"sharpe\").name", &mut world(), None);
    assert!(out.is_empty(), "{out:#?}");
    assert_eq!(eval(&best, &world()).unwrap(), Value::text("b"));
    let (it, _) = check("degraded(spoilt)", &mut world(), None);
    assert_eq!(eval(&it, &world()).unwrap(), Value::Bool(true));
    let (it, out) = check("secret(\"WF_NO_SUCH_SECRET\")", &mut world(), None);
    assert!(out.is_empty(), "{out:#?}");
    assert!(eval(&it, &world()).unwrap_err().to_string().contains("`WF_NO_SUCH_SECRET` is not in the environment"));
}

#[test]
fn calls_of_builtins_are_checked() {
    says(
        "max_by(trials, \"sharp\")",
        None,
        "WF-N010 { sharpe: Decimal, name: Text } has no field `sharp`",
        Some("max_by(trials, \"sharpe\")"),
    );
    says("max_by(trials, \"name\")", None, "WF-T001 `name` is text, which has no order", None);
    says("len(capital)", None, "WF-T001 `len` takes a list, this is money in USD", None);
    says("sum([\"a\"])", None, "WF-T001 `sum` takes a list of what can be added, this is a list of text", None);
    says(
        "walk_forward(2001-01-01..2002-12-31, 24mo, test: 6mo)",
        None,
        "WF-T016 this argument needs a name",
        Some("walk_forward(2001-01-01..2002-12-31, train: 24mo, test: 6mo)"),
    );
    says("grid(a: 0.5..2)", None, "WF-T001 this axis needs a step", None);
    says("len()", None, "WF-N005 `list` is required by `len`", None);
}

fn any_value() -> impl Strategy<Value = String> {
    let number = -1_000_000_i64..1_000_000;
    prop_oneof![
        number.clone().prop_map(|it| it.to_string()),
        (number.clone(), 0_u32..100).prop_map(|(a, b)| format!("{a}.{b}")),
        number.clone().prop_map(|it| format!("{it}%")),
        number.clone().prop_map(|it| format!("{it} USD")),
        number.clone().prop_map(|it| format!("{it}s")),
        number.clone().prop_map(|it| format!("{it}R")),
        (1_i64..100_000).prop_map(|it| format!("{it} bars")),
        (1_i64..2_000).prop_map(|it| format!("{it}mo")),
        (1_900_u32..2_100, 1_u32..13, 1_u32..29).prop_map(|(y, m, d)| format!("{y}-{m:02}-{d:02}")),
        Just("true".to_owned()),
        Just("none".to_owned()),
        Just("\"text\"".to_owned()),
        Just("9223372036854775807".to_owned()),
        Just("79228162514264337593543950335".to_owned()),
        Just("2147483647mo".to_owned()),
        Just("count".to_owned()),
        Just("maybe".to_owned()),
    ]
}

fn any_expr() -> impl Strategy<Value = String> {
    let op = prop_oneof![
        Just("+"),
        Just("-"),
        Just("*"),
        Just("/"),
        Just("of"),
        Just("=="),
        Just("<"),
        Just("and"),
        Just("in"),
        Just("..")
    ];
    any_value().prop_recursive(4, 24, 3, move |inner| {
        prop_oneof![
            (inner.clone(), op.clone(), inner.clone()).prop_map(|(a, op, b)| format!("({a} {op} {b})")),
            inner.clone().prop_map(|it| format!("(-{it})")),
            inner.clone().prop_map(|it| format!("sum([{it}, {it}])")),
            inner.clone().prop_map(|it| format!("grid(a: {it})")),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("[{a}][{b}]")),
            (inner.clone(), inner.clone(), inner)
                .prop_map(|(a, b, c)| format!("walk_forward({a}, train: {b}, test: {c})")),
        ]
    })
}

proptest! {
    #[test]
    fn nothing_panics_and_what_is_checked_has_its_type(text in any_expr()) {
        let mut world = world();
        let (expr, out) = check(&text, &mut world, None);
        if !out.iter().any(Diagnostic::is_error)
            && let Ok(value) = eval(&expr, &world)
        {
            prop_assert!(expr.ty == Ty::Unknown || value.is_none() || expr.ty.mismatch(&value).is_none(), "{text}: {} is {value:?}", expr.ty);
        }
    }

    #[test]
    fn money_adds_like_numbers(a in -1_000_000_i64..1_000_000, b in -1_000_000_i64..1_000_000) {
        let plain = run(&format!("{a} + {b}")).unwrap();
        let money = run(&format!("({a} USD + {b} USD) / 1 USD")).unwrap();
        prop_assert_eq!(&plain, &money);
        prop_assert_eq!(run(&format!("{b} USD + {a} USD")).unwrap(), run(&format!("{a} USD + {b} USD")).unwrap());
    }

    #[test]
    fn a_share_of_the_whole_and_the_rest_is_the_whole(share in 0_i64..=100, whole in 0_i64..1_000_000) {
        let parts = run(&format!("({share}% of {whole} USD) + ((100% - {share}%) of {whole} USD)")).unwrap();
        prop_assert_eq!(parts, run(&format!("{whole} USD")).unwrap());
    }

    #[test]
    fn a_day_there_and_back_is_the_same_day(days in -10_000_i64..10_000, y in 1950_u32..2050, m in 1_u32..13, d in 1_u32..29) {
        let date = format!("{y}-{m:02}-{d:02}");
        prop_assert_eq!(run(&format!("{date} + {days}d - {days}d")).unwrap().to_string(), date);
    }
}
