//! Does the work of one try: what the machine is told, and nothing that it has to know.

use std::{
    collections::HashMap,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
    time::Duration,
};

use futures::{
    FutureExt as _,
    future::{BoxFuture, Either, select},
};
use tokio::sync::Semaphore;

use super::{
    backoff::Backoff,
    eval::{guarded, panicked},
    frame::{ElementEnv, Frame, Key, Scope},
    machine::{Expansion, Job, Outcome, Shape, timed_out},
    params,
};
use crate::{
    check::{self, Call, Input, Workflow},
    expr::{Expr, eval},
    plan::{BodyId, Step, Work, reads},
    slice::{Body, Cancel, Ctx, Fault, Method},
    value::Value,
};

/// What became of a try at once.
pub(crate) enum Performed {
    Now(Outcome),
    Later(BoxFuture<'static, Outcome>),
}

/// What all tries of a run share.
#[derive(Clone)]
pub(crate) struct Means {
    /// How many steps with a time-out compute at once.
    pub computing: Arc<Semaphore>,
    /// Whether time is virtual: what computes takes none of it.
    pub is_virtual: bool,
}

enum Got {
    Value(Value),
    Skipped,
    Expand(Box<Expansion>),
    Later(BoxFuture<'static, Result<Value, Fault>>),
}

/// Tries a step once.
pub(crate) fn perform(job: &Job, means: &Means) -> Performed {
    let (frame, step) = (&job.frame, job.frame.step(job.id.step));
    let got = catch_unwind(AssertUnwindSafe(|| attempt(job, step, means))).unwrap_or_else(|it| Err(panicked(&*it)));
    match got {
        Ok(Got::Value(value)) => Performed::Now(conclude(frame, step, job.stage, Ok(value))),
        Ok(Got::Skipped) => {
            frame.set(step, Value::None, false);
            Performed::Now(Outcome::Skipped)
        }
        Ok(Got::Expand(expansion)) => Performed::Now(Outcome::Expand(expansion)),
        Err(fault) => Performed::Now(conclude(frame, step, job.stage, Err(fault))),
        Ok(Got::Later(future)) => {
            let (frame, id, stage) = (frame.clone(), job.id.step, job.stage);
            let done = AssertUnwindSafe(future).catch_unwind().map(move |it| {
                let result = it.unwrap_or_else(|it| Err(panicked(&*it)));
                conclude(&frame, frame.step(id), stage, result)
            });
            Performed::Later(done.boxed())
        }
    }
}

fn conclude(frame: &Frame, step: &Step, stage: u16, result: Result<Value, Fault>) -> Outcome {
    match result {
        Ok(value) => {
            frame.set(step, value, stage > 0);
            Outcome::Done
        }
        Err(fault) => {
            let backoff = if stage == 0 { backoff(frame, step) } else { Ok(None) };
            backoff.map_or_else(|it| Outcome::Failed(it, None), |it| Outcome::Failed(fault, it))
        }
    }
}

fn attempt(job: &Job, step: &Step, means: &Means) -> Result<Got, Fault> {
    let frame = &job.frame;
    if job.first
        && let Some(when) = &step.when
        && !matches!(eval(when, &**frame)?, Value::Bool(true))
    {
        return Ok(Got::Skipped);
    }
    let mut work = step.works.get(usize::from(job.stage));
    while let Some(Work::Match { on, arms }) = work {
        let value = eval(on, &**frame)?;
        let arm = arms.iter().find(|(patterns, _)| patterns.is_empty() || patterns.contains(&value));
        let (_, chosen) = arm.ok_or_else(|| Fault::permanent(format_args!("no arm is for `{value}`")))?;
        work = Some(chosen);
    }
    Ok(match work {
        Some(Work::Call(call)) => return call_method(job, step, call, means),
        Some(Work::Value(value)) => Got::Value(eval(value, &**frame)?),
        Some(Work::For { list, filter, parallel, body }) => {
            let shape = elements(frame, step, list, filter.as_ref(), parallel.as_ref())?;
            let degraded = if frame.any_degraded(&reads([list])) { vec![0] } else { Vec::new() };
            expand(frame, step, job.stage, *body, shape, degraded)?
        }
        Some(Work::Block(body)) => expand(frame, step, job.stage, *body, Shape::Once(Vec::new(), None), Vec::new())?,
        Some(Work::Workflow { workflow, inputs, body }) => {
            let (slots, scope) = enter(frame, workflow, inputs)?;
            let degraded = degraded_params(frame, workflow, inputs);
            expand(frame, step, job.stage, *body, Shape::Once(slots, Some(scope)), degraded)?
        }
        Some(Work::On(_)) => return Err(Fault::permanent("events of streams are not run yet")),
        Some(Work::Match { .. }) | None => return Err(Fault::permanent("there is nothing to do")),
    })
}

fn expand(
    frame: &Frame,
    step: &Step,
    stage: u16,
    body: BodyId,
    shape: Shape,
    degraded: Vec<u32>,
) -> Result<Got, Fault> {
    let backoff = if stage == 0 { backoff(frame, step)? } else { None };
    let timeout = timeout(frame, step)?;
    Ok(Got::Expand(Box::new(Expansion { body, backoff, timeout, shape, degraded })))
}

fn call_method(job: &Job, step: &Step, call: &Call, means: &Means) -> Result<Got, Fault> {
    let frame = &job.frame;
    let method = &call.method;
    (method.available)().map_err(Fault::permanent)?;
    let mut fields = Vec::with_capacity(call.inputs.len());
    for it in &call.inputs {
        fields.push((it.name.clone(), eval(&it.value, &**frame)?));
    }
    // An empty list is shared by all that are empty.
    let input = Value::Record(if fields.is_empty() { Arc::default() } else { fields.into() });
    let limit = timeout(frame, step)?;
    let cancel = if limit.is_some() { Cancel::default() } else { frame.cancel.clone() };
    let ctx = Ctx { services: frame.scope.services.clone(), cancel, seed: frame.step_seed(job.id.step) };
    let Some(limit) = limit else {
        return match &method.body {
            Body::Compute(run) => run(&ctx, input).map(Got::Value),
            Body::Async(run) => Ok(Got::Later(run(&ctx, input))),
        };
    };
    let clock = ctx.services.clock.clone();
    let guard = CancelOnDrop(ctx.cancel.clone());
    let running = match &method.body {
        // What cannot be left alone would hold up its worker, so it goes to a thread that can be abandoned.
        Body::Compute(_) if !means.is_virtual => elsewhere(method.clone(), ctx, input),
        Body::Compute(run) => return run(&ctx, input).map(Got::Value),
        Body::Async(run) => run(&ctx, input),
    };
    let permits = matches!(&method.body, Body::Compute(_)).then(|| means.computing.clone());
    let timed = async move {
        let _guard = guard;
        let _permit = match permits {
            Some(it) => it.acquire_owned().await.ok(),
            None => None,
        };
        match select(running, clock.sleep(limit)).await {
            Either::Left((result, _)) => result,
            Either::Right(_) => Err(timed_out(limit)),
        }
    };
    Ok(Got::Later(timed.boxed()))
}

/// Runs a computing method on a thread of its own; starts when it is first polled.
fn elsewhere(method: Arc<Method>, ctx: Ctx, input: Value) -> BoxFuture<'static, Result<Value, Fault>> {
    let run = async move {
        let compute = move || match &method.body {
            Body::Compute(run) => run(&ctx, input),
            Body::Async(_) => Err(Fault::permanent("it waits where it should compute")),
        };
        tokio::task::spawn_blocking(compute).await.unwrap_or_else(|it| match it.try_into_panic() {
            Ok(payload) => Err(panicked(&*payload)),
            Err(error) => Err(Fault::new(crate::slice::FaultKind::Cancelled, error)),
        })
    };
    run.boxed()
}

/// Tells a call to stop once nobody waits for it.
struct CancelOnDrop(Cancel);

impl Drop for CancelOnDrop {
    fn drop(&mut self) {
        self.0.cancel();
    }
}

fn elements(
    frame: &Arc<Frame>,
    step: &Step,
    source: &Expr,
    filter: Option<&Expr>,
    parallel: Option<&Expr>,
) -> Result<Shape, Fault> {
    let list = eval(source, &**frame)?;
    let Value::List(items) = &list else {
        return Err(Fault::input(format_args!("`{}` runs over {}, which is no list", step.name, list.kind())));
    };
    let items = match filter {
        None => items.to_vec(),
        Some(filter) => {
            let degraded = frame.any_degraded(&reads([source]));
            let counts = |it: &Value| eval(filter, &ElementEnv { around: frame, element: it, degraded });
            let mut kept = Vec::new();
            for it in items.iter() {
                if matches!(counts(it)?, Value::Bool(true)) {
                    kept.push(it.clone());
                }
            }
            kept
        }
    };
    let parallel = match parallel.map(|it| eval(it, &**frame)).transpose()? {
        None => 1,
        Some(Value::Int(it)) if it > 0 => u32::try_from(it).unwrap_or(u32::MAX),
        Some(other) => {
            return Err(Fault::input(format_args!("`parallel` of `{}` is {other}, not one or more", step.name)));
        }
    };
    let tolerate = match step.tolerate.as_ref().map(|it| eval(it, &**frame)).transpose()? {
        Some(Value::Percent(it)) => Some(it.0),
        _ => None,
    };
    let keys = keys(&items);
    Ok(Shape::Each { items, keys, parallel, tolerate })
}

/// Returns how paths name the elements: by their text, equal ones counted; by place where not all are text.
fn keys(items: &[Value]) -> Vec<Key> {
    let Some(texts) = items.iter().map(Value::as_str).collect::<Option<Vec<_>>>() else { return Vec::new() };
    let mut seen = HashMap::with_capacity(texts.len());
    let key = |text| {
        let count = seen.entry(text).or_insert(0);
        *count += 1;
        Key::Text(Arc::from(text), *count - 1)
    };
    texts.into_iter().map(key).collect()
}

/// Fills the params of a called workflow; it sees its own limits, and none looser than those around it.
fn enter(frame: &Frame, workflow: &Workflow, inputs: &[Input]) -> Result<(Vec<Value>, Arc<Scope>), Fault> {
    let mut values = Vec::with_capacity(inputs.len());
    for it in inputs {
        values.push((&*it.name, eval(&it.value, frame)?));
    }
    let set = |name: &str| values.iter().find(|it| it.0 == name).map(|it| it.1.clone());
    let scope = &frame.scope;
    let slots = params::fill(workflow, &set, &|_| None, &scope.context).map_err(|faults| {
        let all: Vec<_> = faults.iter().map(Fault::to_string).collect();
        Fault::input(all.join(", "))
    })?;
    let services = params::limited(workflow, &slots, &scope.context, &scope.services)?;
    Ok((slots, Arc::new(Scope { services, ..Scope::clone(scope) })))
}

/// Returns the slots of those params that come of degraded data.
fn degraded_params(frame: &Frame, workflow: &Workflow, inputs: &[Input]) -> Vec<u32> {
    let mut found: Vec<u32> = Vec::new();
    for param in workflow.params() {
        let degraded = match (inputs.iter().find(|it| it.name == param.name), &param.default) {
            (Some(input), _) => frame.any_degraded(&reads([&input.value])),
            (None, Some(default)) => reads([default]).iter().any(|it| found.contains(&it.index)),
            (None, None) => false,
        };
        found.extend(degraded.then_some(param.slot));
    }
    found
}

fn timeout(frame: &Frame, step: &Step) -> Result<Option<Duration>, Fault> {
    let Some(limit) = &step.timeout else { return Ok(None) };
    span(&eval(limit, frame)?, "timeout").map(Some)
}

fn backoff(frame: &Frame, step: &Step) -> Result<Option<Backoff>, Fault> {
    let Some(retry) = &step.retry else { return Ok(None) };
    let max = match guarded(&retry.max, frame)? {
        Value::Int(it) => u32::try_from(it.max(0)).unwrap_or(u32::MAX),
        other => return Err(Fault::input(format_args!("`retry` is {other}, not a number of tries"))),
    };
    let (low, high) = match &retry.backoff {
        check::Backoff::Default => Backoff::PAUSES,
        check::Backoff::Range(range) => match guarded(range, frame)? {
            Value::Range(it) => (span(&it.low, "backoff")?, span(&it.high, "backoff")?),
            other => return Err(Fault::input(format_args!("`backoff` is {other}, not a range of durations"))),
        },
    };
    Ok(Some(Backoff { max, low, high }))
}

/// Reads a duration.
pub(crate) fn span(value: &Value, what: &str) -> Result<Duration, Fault> {
    match value {
        Value::Duration(it) => Ok(it.to_std()),
        other => Err(Fault::input(format_args!("`{what}` is {other}, not a duration"))),
    }
}
