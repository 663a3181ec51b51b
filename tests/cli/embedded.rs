//! A program that embeds wf: slices of its own, text, check, plan, run; what each step came to stands in the result.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value as Json;
use wf::{
    check::{Options, check},
    engine::{self, RunOptions, VirtualClock},
    market::BarSeries,
    plan::plan,
    slice::{
        Fault, Market, Pure, Registry, Services, Slice,
        ports::{HistoryRequest, MarketData, Notifier},
    },
    source::{Source, Sources, render},
    value::{Detail, Symbol, Value},
};

struct Nowhere;

impl MarketData for Nowhere {
    fn history(&self, _: &HistoryRequest) -> Result<BarSeries, Fault> {
        Err(Fault::permanent("there are no prices here"))
    }
    fn symbols(&self) -> Vec<Symbol> {
        Vec::new()
    }
    fn describe(&self) -> String {
        "nothing".into()
    }
}

impl Notifier for Nowhere {
    fn notify(&self, _: &str, _: &str, _: Value) {}
}

/// Works on a number.
#[derive(Deserialize, JsonSchema)]
struct Number {
    /// The number.
    x: i64,
}

static CALLS: AtomicU32 = AtomicU32::new(0);

fn flaky(_: Pure, it: Number) -> Result<i64, Fault> {
    let call = CALLS.fetch_add(1, Ordering::SeqCst);
    if call < 3 { Err(Fault::transient(format!("call {call} fails"))) } else { Ok(it.x) }
}

async fn slow(market: Market, it: Number) -> Result<i64, Fault> {
    market.clock.sleep(Duration::from_secs(60)).await;
    Ok(it.x)
}

fn broken(_: Pure, it: Number) -> Result<i64, Fault> {
    assert!(it.x < 0, "a bug shows");
    Ok(it.x)
}

fn fails(_: Pure, _: Number) -> Result<i64, Fault> {
    Err(Fault::permanent("no luck"))
}

fn same(_: Pure, it: Number) -> Result<i64, Fault> {
    Ok(it.x)
}

fn registry() -> Registry {
    let slice = Slice::new("desk", "What goes wrong on purpose.")
        .compute("flaky", flaky)
        .method("slow", slow)
        .compute("broken", broken)
        .compute("fails", fails)
        .compute("same", same);
    let registry = Registry::new().with(slice);
    registry.validate().unwrap();
    registry
}

const TEXT: &str = "workflow day {
  param wanted: Bool = false
  step flaky = desk.flaky(x: 1)
    retry 3 backoff 1s..4s
  step after_flaky = desk.same(x: flaky)
  step slow = desk.slow(x: 2)
    timeout 5s
  step after_slow = desk.same(x: slow)
  step broken = desk.broken(x: 3)
  step after_broken = desk.same(x: broken)
  step saved = desk.fails(x: 4)
    else desk.same(x: 40)
  step after_saved = desk.same(x: saved)
  step skipped = desk.same(x: 5)
    when wanted
  step without = desk.same(x: 6)
    when skipped == none
  output flaky = after_flaky
  output saved = after_saved
  output without = without
  output slow = after_slow
  output broken = after_broken
}
";

fn run(text: &str) -> Json {
    let registry = registry();
    let mut sources = Sources::default();
    let root = sources.add(Source::new("day.wf", None, text));
    let checked = check(&mut sources, root, &registry, &Options::default());
    assert!(!checked.has_errors(), "{}", render(&sources, &checked.diagnostics, false));
    let plan = Arc::new(plan(checked.workflow(None, None).unwrap()));
    let clock = Arc::new(VirtualClock::new("2026-01-01T00:00:00Z".parse().unwrap()));
    let (market, notifier) = (Arc::new(Nowhere), Arc::new(Nowhere));
    let options = RunOptions::new(Arc::new(Services { clock, market, notifier, limits: Value::None }));
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(engine::run(plan, options)).unwrap().to_json(Detail::Full)
}

#[test]
fn each_step_comes_to_what_it_should() {
    let json = run(TEXT);
    let step = |name: &str| json["steps"].as_array().unwrap().iter().find(|it| it["name"] == name).unwrap().clone();
    let is = |name: &str, status: &str, attempts: u64| {
        let it = step(name);
        assert_eq!((it["status"].as_str(), it["attempts"].as_u64()), (Some(status), Some(attempts)), "{it:#}");
    };
    is("flaky", "succeeded", 4);
    is("after_flaky", "succeeded", 1);
    is("slow", "failed", 1);
    is("after_slow", "not_run", 0);
    is("broken", "failed", 1);
    is("after_broken", "not_run", 0);
    is("saved", "degraded", 2);
    is("after_saved", "succeeded", 1);
    is("skipped", "skipped", 0);
    is("without", "succeeded", 1);
    let seconds = |name: &str| step(name)["seconds"].as_f64().unwrap();
    assert!((seconds("slow") - 5.0).abs() < 0.1, "{}", seconds("slow"));
    assert!(step("slow")["error"]["kind"] == "timed_out");
    assert!(step("broken")["error"]["kind"] == "panicked");
    assert!(step("broken")["error"]["message"].as_str().unwrap().contains("a bug shows"));
    assert!(step("saved")["error"]["message"].as_str().unwrap().contains("no luck"));
    assert!(step("flaky")["error"].is_null());
    assert_eq!(json["status"], "failed");
    assert_eq!(json["outputs"]["flaky"], 1);
    assert_eq!(json["outputs"]["saved"], 40);
    assert_eq!(json["outputs"]["without"], 6);
    for (what, count) in [("total", 10), ("succeeded", 4), ("degraded", 1), ("failed", 2), ("skipped", 1)] {
        assert_eq!(json["summary"][what], count, "{what}: {}", json["summary"]);
    }
}
