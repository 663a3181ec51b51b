//! Tests of workflows as a program that embeds wf runs them: on slices of its own, with whatever they do to methods.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use schemars::JsonSchema;
use serde::Deserialize;
use wf::{
    check::{Options, check},
    slice::{Fault, Market, Pure, Registry, Slice, Trading},
    source::{Diagnostic, Source, Sources, render},
    trial::{Bench, Tested, attempt},
};

use crate::engine::support::Nowhere;

/// Works on a number.
#[derive(Deserialize, JsonSchema)]
struct Number {
    /// The number.
    x: i64,
    /// What is added to it.
    #[serde(default)]
    more: i64,
}

async fn slow(market: Market, it: Number) -> Result<i64, Fault> {
    market.clock.sleep(Duration::from_secs(60)).await;
    Ok(it.x + it.more)
}

fn registry() -> Registry {
    let slice = Slice::new("desk", "What tests replace.")
        .compute("same", |_: Pure, it: Number| Ok::<_, Fault>(it.x))
        .compute("twice", |_: Pure, it: Number| Ok::<_, Fault>(2 * it.x))
        .compute("fails", |_: Pure, _: Number| Err::<i64, _>(Fault::permanent("no luck")))
        .method("slow", slow)
        .method("far", slow)
        .with(|it| it.network = true)
        .compute("order", |_: Trading, it: Number| Ok::<_, Fault>(it.x))
        .compute("feed", |_: Market, it: Number| Ok::<_, Fault>(it.x))
        .with(|it| it.output = wf::value::Ty::Stream(wf::value::Ty::Int.into()));
    let registry = Registry::new().with(slice);
    registry.validate().unwrap();
    registry
}

const FLOW: &str = r#"
workflow flow {
  param n: Int in 1..10 = 3
  step a = desk.same(x: n)
    retry 2 backoff 1s..2s
  step b = desk.slow(x: a, more: 1)
    timeout 2m
  step each = for i in [1, 2, 3] parallel 2 {
    step inner = desk.same(x: i)
    yield { i: i, inner: inner }
  }
    tolerate 50%
  step chosen = match a == 3 {
    true => {
      step deep = desk.twice(x: a)
      yield deep
    }
    false => 0
  }
  step called = other(x: a)
    else none
  output sum = a + b
  output each = each
  output chosen = chosen
}

workflow other {
  param x: Int
  step y = desk.twice(x: x)
  output y = y
}
"#;

/// Returns what is said of each test of a file.
fn tried(text: &str) -> Vec<(String, Vec<Diagnostic>)> {
    let registry = registry();
    let mut sources = Sources::default();
    let root = sources.add(Source::new("flow.wf", None, text));
    let options = Options::default();
    let checked = check(&mut sources, root, &registry, &options);
    assert!(!checked.has_errors(), "{}", render(&sources, &checked.diagnostics, false));
    let bench = Bench {
        registry: &registry,
        options: &options,
        market: Arc::new(Nowhere),
        start: "2020-01-01T00:00:00Z".parse().unwrap(),
        context: BTreeMap::new(),
    };
    let file = Tested { sources: &sources, root, checked: &checked };
    let tests = checked.tests().iter().enumerate();
    tests.map(|(at, it)| (it.name.to_string(), attempt(file, at, &bench))).collect()
}

#[track_caller]
fn passes(tests: &str) {
    let text = format!("{FLOW}{tests}");
    for (name, found) in tried(&text) {
        let mut sources = Sources::default();
        sources.add(Source::new("flow.wf", None, &*text));
        assert!(found.is_empty(), "{name}\n{}", render(&sources, &found, false));
    }
}

#[track_caller]
fn messages(tests: &str) -> Vec<String> {
    let found = tried(&format!("{FLOW}{tests}"));
    found.into_iter().flat_map(|it| it.1).map(|it| format!("{} {}", it.code, it.message)).collect()
}

#[test]
fn methods_compute_and_time_is_virtual() {
    passes(
        r#"test "as it is" {
          run flow
          expect sum == 7 and run.took == 1m
          expect a == 3 and b == 4 and chosen == 6
          expect each == [{ i: 1, inner: 1 }, { i: 2, inner: 2 }, { i: 3, inner: 3 }]
          expect called == { y: 6 } and called.y == 6
        }"#,
    );
}

#[test]
fn a_mock_stands_in_the_place_of_the_method() {
    passes(
        r#"test "a value, one that sees the inputs, another call, one with a let" {
          let big = 100
          mock desk.slow = 5
          mock desk.twice = x + big + more
          mock desk.same = desk.twice
          run flow(n: 2)
          expect a == 4 and b == 5 and sum == 9 and run.took == 0s
          expect chosen == 0 and called.y == 104
          mock desk.same = desk.twice(x: 50)
          run again = flow(n: big - 90)
          expect again.a == 100 and run.sum == 105
        }"#,
    );
}

#[test]
fn steps_are_asked_by_their_paths() {
    passes(
        r#"test "everywhere" {
          fail desk.twice as "input"
          run flow
          expect run.status == "failed"
          expect each[0].inner == 1 and each["1"].inner.status == "not_run" or each["0"].inner.status == "succeeded"
          expect chosen.deep.status == "failed" and chosen.deep.error.kind == "input"
          expect called.y.status == "failed" and called.status == "degraded" and degraded(called)
          expect not degraded(a) and not degraded(sum)
          expect called == none and run.error.kind == chosen.error.kind
        }

        test "elements" {
          fail desk.same 1 times as "permanent"
          run flow
          expect run.status == "failed" and a.attempts == 1
        }"#,
    );
}

#[test]
fn failures_are_counted_anew_for_each_run() {
    passes(
        r#"test "twice" {
          fail desk.same 2 times
          run one = flow
          run two = flow
          expect one.status == two.status and one.took == two.took
          expect one.a.attempts == two.a.attempts
          expect one.a.attempts > 1
          fail desk.same 9 times
          run three = flow
          expect three.status == "failed" and three.a.attempts == 3
          expect one.a.attempts > 1
        }"#,
    );
}

#[test]
fn what_happens_last_counts_and_times_pass() {
    passes(
        r#"test "in the meantime" {
          mock desk.slow = 1
          delay desk.slow 30s
          at 00:00 mock desk.slow = 2
          at 10s mock desk.same = 50
          run flow
          expect b == 2 and run.took == 30s and a == 3
        }

        test "too slow" {
          delay desk.slow 3m
          run flow
          expect b.status == "failed" and b.error.kind == "timed_out" and b.took == 2m
        }"#,
    );
}

#[test]
fn what_is_wrong_is_said() {
    assert_eq!(
        messages(
            r#"test "wrong" {
              run flow(n: 2)
              expect sum == 8
              expect sum == 5 and each == []
              expect 1 / (a - 2) == 1
            }
            test "not expected" {
              fail desk.same as "panicked"
              run flow
              expect b == 3
            }
            test "out of range" {
              let n = 5 + len([1, 2])
              run flow
              run second = flow(n: sum * 2)
              expect second.a == 1
            }"#
        ),
        [
            "WF-E001 `sum == 8` does not hold",
            "WF-E001 `sum == 5 and each == []` does not hold",
            "WF-E001 `1 / (a - 2) == 1` does not hold",
            "WF-E002 `flow` failed, and the test does not expect it",
            "WF-E002 `flow` could not start",
        ]
    );
}

fn refused(text: &str) -> Vec<String> {
    let mut sources = Sources::default();
    let root = sources.add(Source::new("flow.wf", None, text));
    let checked = check(&mut sources, root, &registry(), &Options::default());
    checked.diagnostics.iter().map(|it| format!("{} {}", it.code, it.message)).collect()
}

#[test]
fn the_world_is_refused_before_the_run() {
    let flow = "workflow w {\n  step a = desk.far(x: 1)\n  step b = desk.order(x: a)\n  output b = b\n}\n";
    let test = |before: &str| refused(&format!("{flow}test \"t\" {{\n{before}\nrun w\nexpect b == 1\n}}"));
    let far = "WF-E003 `desk.far` talks to a network, and a test touches nothing real";
    let order = "WF-E003 `desk.order` places orders, and a test touches nothing real";
    assert_eq!(test(""), [far, order]);
    assert_eq!(test("mock desk.far = 3"), [order]);
    assert_eq!(test("mock desk.far = 3\nfail desk.order"), [""; 0]);
    assert_eq!(
        test("mock desk.far = 3\nmock desk.order = desk.far"),
        ["WF-E003 `desk.far` talks to a network, and a test touches nothing real"]
    );
    // What fails at times only, or from some time on, is real at others.
    assert_eq!(test("fail desk.far 2 times\nat 10:00 mock desk.order = 1"), [far, order]);
}

#[test]
fn what_does_not_run_yet_is_said_where_it_stands() {
    let text = "workflow w {\n  step a = desk.same(x: 1)\n    cache 1d\n  output a = a\n}\ntest \"t\" { run w expect a == 1 }\n";
    let found: Vec<_> = tried(text).into_iter().flat_map(|it| it.1).map(|it| it.message).collect();
    assert_eq!(found, ["`cache` of `a` is not run yet"]);
}
