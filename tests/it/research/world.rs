//! Calls methods as a run does, on the bundled prices.

use std::sync::{Arc, OnceLock};

use futures::future::BoxFuture;
use wf::{
    slice::{
        Body, Cancel, Ctx, Fault, Registry, Services,
        ports::{Clock, Notifier},
    },
    slices::{data, library},
    value::{Nominal, Shared, Symbol, Value},
};

struct Still;

impl Clock for Still {
    fn now(&self) -> jiff::Timestamp {
        jiff::Timestamp::UNIX_EPOCH
    }
    fn sleep(&self, _: std::time::Duration) -> BoxFuture<'static, ()> {
        Box::pin(std::future::ready(()))
    }
}

struct Deaf;

impl Notifier for Deaf {
    fn notify(&self, _: &str, _: &str, _: Value) {}
}

/// Calls `slice.method` with these inputs under these limits.
pub fn call_within(limits: Value, method: &str, input: Vec<(&str, Value)>) -> Result<Value, Fault> {
    call_in(limits, &Cancel::default(), method, input)
}

/// Calls `slice.method` with these inputs, without limits, until it is told to stop.
pub fn call_until(cancel: &Cancel, method: &str, input: Vec<(&str, Value)>) -> Result<Value, Fault> {
    call_in(Value::record::<&str>([]), cancel, method, input)
}

fn call_in(limits: Value, cancel: &Cancel, method: &str, input: Vec<(&str, Value)>) -> Result<Value, Fault> {
    static LIBRARY: OnceLock<Registry> = OnceLock::new();
    let (slice, name) = method.split_once('.').unwrap();
    let method = LIBRARY.get_or_init(library).method(slice, name).unwrap_or_else(|| panic!("no {method}"));
    let market = data::source::open("bundled").unwrap();
    let services = Services { clock: Arc::new(Still), market, notifier: Arc::new(Deaf), limits };
    let ctx = Ctx { services: Arc::new(services), cancel: cancel.clone(), seed: 0 };
    let input = Value::record(input);
    match &method.body {
        Body::Compute(body) => body(&ctx, input),
        Body::Async(body) => tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(body(&ctx, input)),
    }
}

/// Calls `slice.method` with these inputs, without limits.
pub fn call(method: &str, input: Vec<(&str, Value)>) -> Value {
    call_within(Value::record::<&str>([]), method, input).unwrap_or_else(|fault| panic!("{method}: {fault}"))
}

/// Returns what a value is, typed.
pub fn typed<T: Nominal>(value: &Value) -> Shared<T> {
    Shared::try_from(value.clone()).unwrap()
}

/// Returns the bars of a symbol, adjusted, over all there is.
pub fn bars(symbol: &str) -> Value {
    call("data.get_historical", vec![("symbol", Symbol::new(symbol).unwrap().into())])
}
