//! Methods that fail, wait and count as a test tells them, and the least that a run needs.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
    time::Duration,
};

use futures::FutureExt as _;
use wf::{
    check::{
        Backoff, Body, For, Retry, Work, Workflow,
        testing::{Draft, call, constant, slot},
    },
    engine::{Event, RealClock, RunOptions, RunResult, Subscriber, VirtualClock, What, run},
    expr::Expr,
    market::BarSeries,
    plan::plan,
    slice::{
        self, Ctx, Effect, Fault, Method, Services,
        ports::{Clock, HistoryRequest, MarketData, Notifier},
    },
    value::{Detail, Field, RangeValue, Symbol, Ty, Value},
};

pub struct Nowhere;

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

pub fn services(clock: Arc<dyn Clock>) -> Arc<Services> {
    Arc::new(Services { clock, market: Arc::new(Nowhere), notifier: Arc::new(Nowhere), limits: Value::None })
}

pub fn virtual_clock() -> Arc<dyn Clock> {
    Arc::new(VirtualClock::new("2026-01-01T00:00:00Z".parse().unwrap()))
}

pub fn method(name: &'static str, body: slice::Body) -> Arc<Method> {
    let field = |name: &str| Field::new(name, Ty::Any, "");
    Arc::new(Method {
        fits: None,
        slice: "test",
        name,
        aliases: Vec::new(),
        doc: "".into(),
        effect: Effect::Pure,
        inputs: vec![field("x")],
        output: Ty::Any,
        deterministic: true,
        network: false,
        simulated: false,
        repaints: false,
        seed: None,
        role: None,
        deprecated: Vec::new(),
        available: || Ok(()),
        body,
    })
}

pub fn compute(
    name: &'static str,
    body: impl Fn(&Ctx, Value) -> Result<Value, Fault> + Send + Sync + 'static,
) -> Arc<Method> {
    method(name, slice::Body::Compute(Arc::new(body)))
}

/// Gives back its input.
pub fn echo() -> Arc<Method> {
    compute("echo", |_, input| Ok(input.field("x").unwrap_or_default()))
}

/// Sleeps so many milliseconds of the run's clock, then gives its input back.
pub fn sleep() -> Arc<Method> {
    let body = |ctx: &Ctx, input: Value| {
        let x = input.field("x").unwrap_or_default();
        let millis = if let Value::Int(it) = x { u64::try_from(it).unwrap() } else { 0 };
        let sleep = ctx.services.clock.sleep(Duration::from_millis(millis));
        sleep.map(move |()| Ok(x)).boxed()
    };
    method("sleep", slice::Body::Async(Box::new(body)))
}

/// Fails the first `times` calls with each input, then gives it back.
pub fn flaky(times: u32, fault: fn() -> Fault) -> Arc<Method> {
    let calls = Mutex::new(BTreeMap::new());
    compute("flaky", move |_, input| {
        let x = input.field("x").unwrap_or_default();
        let mut calls = calls.lock().unwrap();
        let count = calls.entry(x.to_string()).or_insert(0);
        *count += 1;
        if *count <= times { Err(fault()) } else { Ok(x) }
    })
}

pub fn fails() -> Arc<Method> {
    compute("fails", |_, _| Err(Fault::permanent("no luck")))
}

pub fn millis(it: i64) -> Expr {
    constant(wf::value::Duration(it))
}

pub fn retry(max: i64, low: i64, high: i64) -> Retry {
    let bound = |it| wf::value::Duration(it).into();
    let range = RangeValue { low: bound(low), high: bound(high), by: None };
    Retry { max: constant(max), backoff: Backoff::Range(constant(Value::Range(Arc::new(range)))) }
}

pub fn one(method: &Arc<Method>, x: i64) -> Work {
    call(method, vec![("x", constant(x))])
}

pub fn of(method: &Arc<Method>, up: u16, index: u32) -> Work {
    call(method, vec![("x", slot(up, index))])
}

pub fn each(list: Expr, parallel: i64, body: Body) -> Work {
    Work::For(Box::new(For { list, filter: None, parallel: Some(constant(parallel)), body }))
}

pub fn symbols(names: &[&str]) -> Value {
    Value::list(names.iter().map(|it| Symbol::new(it).unwrap().into()))
}

pub fn go(workflow: Workflow, options: RunOptions) -> RunResult {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let result = runtime.block_on(run(Arc::new(plan(Arc::new(workflow))), options)).unwrap();
    runtime.shutdown_background();
    result
}

pub fn real() -> RunOptions {
    RunOptions::new(services(Arc::new(RealClock)))
}

pub fn simulated() -> RunOptions {
    RunOptions::new(services(virtual_clock()))
}

pub fn parallel(mut options: RunOptions, count: usize) -> RunOptions {
    options.parallel = Some(count);
    options
}

/// Returns the statuses of all steps by path.
pub fn statuses(result: &RunResult) -> Vec<(String, &'static str)> {
    result.steps().into_iter().map(|it| (it.path, it.status.as_str())).collect()
}

pub fn listed<'a>(them: &'a [(String, &'static str)]) -> Vec<(&'a str, &'static str)> {
    them.iter().map(|it| (&*it.0, it.1)).collect()
}

/// Returns the whole result without what differs between equal runs: times and ids.
pub fn timeless(result: &RunResult) -> serde_json::Value {
    let mut json = result.to_json(Detail::Full);
    for it in ["run", "started", "seconds", "critical_path"] {
        json.as_object_mut().unwrap().remove(it);
    }
    for step in json["steps"].as_array_mut().unwrap() {
        step.as_object_mut().unwrap().retain(|name, _| !name.ends_with("seconds"));
    }
    json
}

/// Keeps what came about, in words.
#[derive(Clone, Default)]
pub struct Notes(pub Arc<Mutex<Vec<String>>>);

impl Subscriber for Notes {
    fn on(&mut self, event: &Event) {
        let note = match &event.what {
            What::RunStarted { .. } => "run started".into(),
            What::Ready(step) => format!("{} ready", step.path()),
            What::Started(step, attempt) => format!("{} started {attempt}", step.path()),
            What::Retried(step, attempt, _, fault) => format!("{} retried {attempt}: {fault}", step.path()),
            What::FellBack(step, fault) => format!("{} fell back: {fault}", step.path()),
            What::Expanded(step, count) => format!("{} has {count}", step.path()),
            What::Progress(step, ended, count) => format!("{} {ended} of {count}", step.path()),
            What::Ended(step, it) => format!("{} {}", step.path(), it.status.as_str()),
            What::Notified { topic, .. } => format!("notified {topic}"),
            What::RunEnded { status } => format!("run {}", status.as_str()),
        };
        self.0.lock().unwrap().push(note);
    }
}

pub fn draft() -> Draft {
    Draft::new()
}
