//! Methods as a test has them: what they give, how they fail and how long they take.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use futures::FutureExt as _;
use serde_json::{Map, Value as Json};

use super::Bench;
use crate::{
    check::{Call, Change, Happens, Work},
    engine::{RunOptions, guarded},
    expr::{Context, Env, Expr, Slot},
    slice::{Body, Ctx, Fault, FaultKind, Method},
    value::{Detail, Domain, Field, Name, Ty, Value},
};

/// What the stand-ins of one run see.
pub(super) struct Setting<'a> {
    /// The values of the test so far.
    pub values: Arc<[Value]>,
    /// What the run is started with.
    pub options: &'a RunOptions,
    /// What the test is run with.
    pub bench: &'a Bench<'a>,
}

/// All that happens to one method in a run, in the order of the test.
struct Script {
    real: Arc<Method>,
    moments: Vec<Moment>,
    values: Arc<[Value]>,
    context: Arc<[Value]>,
    start: jiff::Timestamp,
    /// The fields of what it gives, where that is of a nominal type.
    nominal: Option<(&'static str, Arc<[Field]>)>,
}

/// What happens from some time on.
struct Moment {
    /// How long after the start of the run.
    from: Duration,
    what: What,
}

enum What {
    Gives(Work),
    /// How often it still fails; for ever where it is not said.
    Fails(Option<AtomicU64>, FaultKind),
    Takes(Duration),
}

impl Setting<'_> {
    /// Returns the methods that stand in the places of real ones.
    ///
    /// # Errors
    /// Where a time or a count of the test cannot be computed.
    pub fn methods(&self, changes: &[&Change]) -> Result<Vec<Method>, Fault> {
        let mut scripts: Vec<Script> = Vec::new();
        for change in changes {
            let moment = Moment { from: self.from(change)?, what: self.what(&change.what)? };
            match scripts.iter_mut().find(|it| Arc::ptr_eq(&it.real, &change.method)) {
                Some(script) => script.moments.push(moment),
                None => scripts.push(self.script(&change.method, moment)),
            }
        }
        Ok(scripts.into_iter().map(Script::method).collect())
    }

    fn script(&self, method: &Arc<Method>, first: Moment) -> Script {
        let nominal = match method.output.required() {
            Ty::Domain(name) => self.bench.registry.domain(name).map(|it| (it.name, it.fields.as_slice().into())),
            _ => None,
        };
        Script {
            real: method.clone(),
            moments: vec![first],
            values: self.values.clone(),
            context: self.options.context_values().into(),
            start: self.bench.start,
            nominal,
        }
    }

    fn from(&self, change: &Change) -> Result<Duration, Fault> {
        let Some(from) = &change.from else { return Ok(Duration::ZERO) };
        match self.eval(from)? {
            Value::Time(it) => {
                Ok(Duration::try_from(it.duration_since(jiff::civil::Time::midnight())).unwrap_or_default())
            }
            other => engine_span(&other),
        }
    }

    fn what(&self, happens: &Happens) -> Result<What, Fault> {
        Ok(match happens {
            Happens::Gives(work) => What::Gives(work.clone()),
            Happens::Takes(by) => What::Takes(engine_span(&self.eval(by)?)?),
            Happens::Fails(None, kind) => What::Fails(None, *kind),
            Happens::Fails(Some(times), kind) => {
                let times = if let Value::Int(it) = self.eval(times)? { u64::try_from(it).unwrap_or(0) } else { 0 };
                What::Fails(Some(AtomicU64::new(times)), *kind)
            }
        })
    }

    fn eval(&self, expr: &Expr) -> Result<Value, Fault> {
        let context = self.options.context_values();
        guarded(expr, &Given { inputs: &[], input: &Value::None, values: &self.values, context: &context, up: 0 })
    }
}

fn engine_span(value: &Value) -> Result<Duration, Fault> {
    match value {
        Value::Duration(it) => Ok(it.to_std()),
        other => Err(Fault::input(format_args!("`{other}` is no duration"))),
    }
}

impl Script {
    fn method(self) -> Method {
        let real = self.real.clone();
        let replaced = self.moments.iter().any(|it| !matches!(it.what, What::Takes(_)));
        let this = Arc::new(self);
        let body = move |ctx: &Ctx, input: Value| {
            let (this, ctx) = (this.clone(), ctx.clone());
            async move { this.answer(ctx, input).await }.boxed()
        };
        Method {
            slice: real.slice,
            name: real.name,
            aliases: real.aliases.clone(),
            doc: real.doc.clone(),
            effect: real.effect,
            inputs: real.inputs.clone(),
            output: real.output.clone(),
            deterministic: real.deterministic,
            network: real.network,
            simulated: real.simulated,
            repaints: real.repaints,
            seed: real.seed,
            role: real.role,
            fits: if replaced { None } else { real.fits },
            deprecated: real.deprecated.clone(),
            available: if replaced { || Ok(()) } else { real.available },
            body: Body::Async(Box::new(body)),
        }
    }

    async fn answer(&self, ctx: Ctx, input: Value) -> Result<Value, Fault> {
        let clock = ctx.services.clock.clone();
        let since = Duration::try_from(clock.now().duration_since(self.start)).unwrap_or_default();
        // What was said last counts; a failure that is used up leaves the place to what was said before it.
        let now = || self.moments.iter().rev().filter(|it| it.from <= since);
        let decided = now().find_map(|it| match &it.what {
            What::Gives(work) => Some(Ok(work)),
            What::Fails(None, kind) => Some(Err(*kind)),
            What::Fails(Some(left), kind) => {
                let less = |it: u64| it.checked_sub(1);
                left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, less).is_ok().then_some(Err(*kind))
            }
            What::Takes(_) => None,
        });
        let delay = now().find_map(|it| if let What::Takes(time) = &it.what { Some(*time) } else { None });
        if let Some(delay) = delay {
            clock.sleep(delay).await;
        }
        match decided {
            None => call(&self.real, &ctx, input).await,
            Some(Err(kind)) => Err(Fault::new(kind, format_args!("the test makes `{}` fail", self.real.path()))),
            Some(Ok(Work::Call(to))) => {
                let input = self.inputs(to, &input)?;
                call(&to.method, &ctx, input).await
            }
            Some(Ok(Work::Value(value))) => self.whole(guarded(value, &self.given(&input))?),
            Some(Ok(_)) => Err(Fault::permanent("a mock is a value or a call of a method")),
        }
    }

    fn given<'v>(&'v self, input: &'v Value) -> Given<'v> {
        Given { inputs: &self.real.inputs, input, values: &self.values, context: &self.context, up: 1 }
    }

    fn inputs(&self, to: &Call, input: &Value) -> Result<Value, Fault> {
        let given = self.given(input);
        let fields = to.inputs.iter().map(|it| Ok((it.name.clone(), guarded(&it.value, &given)?)));
        Ok(Value::Record(fields.collect::<Result<_, Fault>>()?))
    }

    /// Makes a record a value of the nominal type that is wanted.
    fn whole(&self, value: Value) -> Result<Value, Fault> {
        match (&self.nominal, value) {
            (Some((name, fields)), Value::Record(given)) => {
                Ok(Value::Domain(Arc::new(StandIn { name, fields: fields.clone(), given })))
            }
            (_, value) => match self.real.output.mismatch(&value) {
                Some(error) => Err(Fault::input(format_args!("the mock of `{}`: {error}", self.real.path()))),
                None => Ok(value),
            },
        }
    }
}

async fn call(method: &Method, ctx: &Ctx, input: Value) -> Result<Value, Fault> {
    match &method.body {
        Body::Compute(run) => run(ctx, input),
        Body::Async(run) => run(ctx, input).await,
    }
}

/// Sees the inputs of a call, and around them the values of the test.
struct Given<'v> {
    inputs: &'v [Field],
    input: &'v Value,
    values: &'v [Value],
    context: &'v [Value],
    /// How many bodies further out the values of the test are.
    up: u16,
}

impl Env for Given<'_> {
    fn slot(&self, slot: Slot) -> Value {
        let index = slot.index as usize;
        if slot.up == self.up {
            return self.values.get(index).cloned().unwrap_or_default();
        }
        let Some(field) = self.inputs.get(index) else { return Value::None };
        self.input.field(&field.name).or_else(|| field.default.clone()).unwrap_or_default()
    }
    fn context(&self, name: Context) -> Value {
        self.context.get(name as usize).cloned().unwrap_or_default()
    }
}

/// A value of a nominal type of which a test gives some fields: files can read it, methods cannot work with it.
#[derive(Debug)]
struct StandIn {
    name: &'static str,
    fields: Arc<[Field]>,
    given: Arc<[(Name, Value)]>,
}

impl Domain for StandIn {
    fn name(&self) -> &'static str {
        self.name
    }
    fn field(&self, name: &str) -> Option<Value> {
        let given = self.given.iter().find(|it| *it.0 == *name).map(|it| it.1.clone());
        given.or_else(|| self.fields.iter().any(|it| *it.name == *name).then_some(Value::None))
    }
    fn to_json(&self, detail: Detail) -> Json {
        Json::Object(self.given.iter().map(|(name, it)| (name.to_string(), it.to_json(detail))).collect::<Map<_, _>>())
    }
    fn encode(&self) -> Vec<u8> {
        crate::value::encode_record(self)
    }
    fn is_partial(&self) -> bool {
        true
    }
}
