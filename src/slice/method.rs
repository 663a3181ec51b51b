//! Slices and their methods.

use std::{
    any::Any,
    future::Future,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, LazyLock},
};

use futures::{FutureExt as _, future::BoxFuture};
use schemars::JsonSchema;
use serde::{Serialize, de::DeserializeOwned};

use super::{Ctx, Effect, Fault, FaultKind, Grant, Role};
use crate::value::{Field, Mismatch, Nominal, Ty, Value, doc_of, fields_of, fields_of_output, ty_of};

/// A named set of methods, and the nominal types that they bring.
pub struct Slice {
    /// Its name.
    pub name: &'static str,
    /// What it is for, in a sentence.
    pub doc: &'static str,
    /// Its methods.
    pub methods: Vec<Method>,
    /// The nominal types that it brings.
    pub domains: Vec<DomainType>,
    /// What was wrong with its declaration; `Registry::validate` reports it.
    pub(super) problems: Vec<String>,
}

/// A method: one typed function and what follows from its types.
pub struct Method {
    /// The slice that it is of.
    pub slice: &'static str,
    /// Its name.
    pub name: &'static str,
    /// Other names of it.
    pub aliases: Vec<&'static str>,
    /// Names that it had: they are still understood, and reported.
    pub deprecated: Vec<&'static str>,
    /// What it does; the first line is one sentence.
    pub doc: Arc<str>,
    /// What it may do to the world.
    pub effect: Effect,
    /// What it takes.
    pub inputs: Vec<Field>,
    /// What it gives.
    pub output: Ty,
    /// Whether equal inputs give equal results.
    pub deterministic: bool,
    /// Whether it waits for a network, so that it needs a time-out in modes paper and live.
    pub network: bool,
    /// Whether what it gives was stored or made up rather than measured now.
    pub simulated: bool,
    /// Whether the last bar of what it gives may still be open, so that its values still change.
    pub repaints: bool,
    /// The input from which its randomness follows, where it draws at random.
    pub seed: Option<&'static str>,
    /// What it does with bars and decisions.
    pub role: Option<Role>,
    /// What may be looked at before a run where an input is known by then: its name, and what finds it unfit.
    pub fits: Option<(&'static str, Look)>,
    /// Says what is missing on this machine, where something is.
    pub available: fn() -> Result<(), String>,
    /// Runs it.
    pub body: Body,
}

/// Looks at what an input names.
pub type Look = fn(&Value) -> Result<(), Unfit>;

/// Why what an input names cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unfit {
    /// What is wrong, and where.
    pub message: String,
    /// What would be right.
    pub note: String,
}

impl From<Unfit> for Fault {
    fn from(it: Unfit) -> Self {
        Self::input(format_args!("{}: {}", it.message, it.note))
    }
}

/// How a method runs.
pub enum Body {
    /// Waits for something; polled.
    Async(Box<AsyncCall>),
    /// Computes; keeps a processor busy until it returns.
    Compute(Arc<ComputeCall>),
}

/// A call that waits for something.
pub type AsyncCall = dyn Fn(&Ctx, Value) -> BoxFuture<'static, Result<Value, Fault>> + Send + Sync;

/// A call that computes.
pub type ComputeCall = dyn Fn(&Ctx, Value) -> Result<Value, Fault> + Send + Sync;

/// A nominal type of the catalogue.
pub struct DomainType {
    /// Its name.
    pub name: &'static str,
    /// What it is.
    pub doc: Arc<str>,
    /// The fields that files may read.
    pub fields: Vec<Field>,
}

impl Slice {
    /// Returns a slice without methods.
    pub fn new(name: &'static str, doc: &'static str) -> Self {
        Self { name, doc, methods: Vec::new(), domains: Vec::new(), problems: Vec::new() }
    }

    /// Adds a nominal type; its doc and its fields follow from it.
    #[must_use]
    pub fn domain<T: Nominal>(mut self) -> Self {
        match fields_of_output::<T>() {
            Ok(fields) => self.domains.push(DomainType { name: T::NAME, doc: doc_of::<T>(), fields }),
            Err(error) => self.problems.push(format!("type `{}`: {error}", T::NAME)),
        }
        self
    }

    /// Adds a method that waits for something; its signature follows from the types of `body`, its doc from the input's.
    #[must_use]
    pub fn method<G, I, O, F, Fut>(self, name: &'static str, body: F) -> Self
    where
        G: Grant,
        I: DeserializeOwned + JsonSchema + Send,
        O: Serialize + JsonSchema,
        F: Fn(G, I) -> Fut + Copy + Send + Sync + 'static,
        Fut: Future<Output = Result<O, Fault>> + Send,
    {
        let bounded: Arc<LazyLock<Vec<Field>>> = Arc::new(LazyLock::new(bounded::<I>));
        let call = move |ctx: &Ctx, input: Value| {
            let (grant, bounded) = (G::take(ctx), bounded.clone());
            let run = async move {
                let typed = read::<I>(&input, &bounded)?;
                write(&body(grant?, typed).await?)
            };
            AssertUnwindSafe(run).catch_unwind().map(|it| it.unwrap_or_else(|it| Err(panicked(&*it)))).boxed()
        };
        self.add::<G, I, O>(name, Body::Async(Box::new(call)))
    }

    /// Adds a method that computes without waiting.
    #[must_use]
    pub fn compute<G, I, O, F>(self, name: &'static str, body: F) -> Self
    where
        G: Grant,
        I: DeserializeOwned + JsonSchema,
        O: Serialize + JsonSchema,
        F: Fn(G, I) -> Result<O, Fault> + Copy + Send + Sync + 'static,
    {
        let bounded: LazyLock<Vec<Field>> = LazyLock::new(bounded::<I>);
        let call = move |ctx: &Ctx, input: Value| {
            let run = || write(&body(G::take(ctx)?, read::<I>(&input, &bounded)?)?);
            catch_unwind(AssertUnwindSafe(run)).unwrap_or_else(|it| Err(panicked(&*it)))
        };
        self.add::<G, I, O>(name, Body::Compute(Arc::new(call)))
    }

    fn add<G: Grant, I: JsonSchema, O: JsonSchema>(mut self, name: &'static str, body: Body) -> Self {
        match (fields_of::<I>(), ty_of::<O>()) {
            (Ok(inputs), Ok(output)) => self.methods.push(Method {
                slice: self.name,
                name,
                aliases: Vec::new(),
                deprecated: Vec::new(),
                doc: doc_of::<I>(),
                effect: G::EFFECT,
                inputs,
                output,
                deterministic: true,
                network: false,
                simulated: false,
                repaints: false,
                seed: None,
                role: None,
                fits: None,
                available: || Ok(()),
                body,
            }),
            (Err(error), _) | (_, Err(error)) => self.problems.push(format!("method `{}.{name}`: {error}", self.name)),
        }
        self
    }

    /// Changes the method just added.
    #[must_use]
    pub fn with(mut self, change: impl FnOnce(&mut Method)) -> Self {
        match self.methods.last_mut() {
            Some(method) => change(method),
            None => self.problems.push(format!("slice `{}`: a property without a method before it", self.name)),
        }
        self
    }

    /// Gives the method just added another name.
    #[must_use]
    pub fn alias(self, name: &'static str) -> Self {
        self.with(|it| it.aliases.push(name))
    }

    /// Gives the method just added a name that it had: it is still understood, and reported.
    #[must_use]
    pub fn deprecated(self, name: &'static str) -> Self {
        self.with(|it| it.deprecated.push(name))
    }

    /// Says what the method just added does with bars and decisions.
    #[must_use]
    pub fn role(self, role: Role) -> Self {
        self.with(|it| it.role = Some(role))
    }

    /// Says that the method just added draws at random, all of which follows from this input.
    #[must_use]
    pub fn random(self, seed: &'static str) -> Self {
        self.with(|it| it.seed = Some(seed))
    }

    /// Says that what an input of the method just added names can be looked at before a run.
    #[must_use]
    pub fn fits(self, input: &'static str, look: Look) -> Self {
        self.with(|it| it.fits = Some((input, look)))
    }

    /// Says that the last bar of what the method just added gives may still be open.
    #[must_use]
    pub fn repaints(self) -> Self {
        self.with(|it| it.repaints = true)
    }

    /// Says that the method just added needs something of the machine; without it a call fails with the message.
    #[must_use]
    pub fn needs(self, available: fn() -> Result<(), String>) -> Self {
        self.with(|it| it.available = available)
    }
}

/// Returns the inputs that have bounds: only these are looked at in each call, and sought at the first.
fn bounded<I: JsonSchema>() -> Vec<Field> {
    fields_of::<I>().unwrap_or_default().into_iter().filter(Field::is_bounded).collect()
}

/// Reads the typed input; the words of a refusal come from the types of the language, and are sought only then.
fn read<I: DeserializeOwned + JsonSchema>(input: &Value, bounded: &[Field]) -> Result<I, Fault> {
    let typed = input.to::<I>().map_err(|error| {
        let reworded = ty_of::<I>().ok().and_then(|it| it.mismatch(input));
        Fault::input(reworded.unwrap_or(error))
    })?;
    match bounded.iter().find_map(|it| it.mismatch(input)) {
        Some(outside) => Err(outside.into()),
        None => Ok(typed),
    }
}

fn write<O: Serialize>(output: &O) -> Result<Value, Fault> {
    Value::of(output).map_err(|error: Mismatch| Fault::permanent(format_args!("its result is no value: {error}")))
}

/// Returns the fault of a method that panicked with `payload`.
fn panicked(payload: &(dyn Any + Send)) -> Fault {
    let text = payload.downcast_ref::<String>().map(String::as_str).or(payload.downcast_ref().copied());
    Fault::new(FaultKind::Panicked, text.unwrap_or("it panicked"))
}

impl Method {
    /// Returns `slice.method`.
    pub fn path(&self) -> String {
        format!("{}.{}", self.slice, self.name)
    }

    /// Says whether this is its name or an alias of it, deprecated or not.
    pub fn is_called(&self, name: &str) -> bool {
        self.name == name || self.aliases.contains(&name) || self.deprecated.contains(&name)
    }

    /// Returns the input of this name.
    pub fn input(&self, name: &str) -> Option<&Field> {
        self.inputs.iter().find(|it| *it.name == *name)
    }

    /// Returns the signature as the catalogue shows it.
    pub fn signature(&self) -> String {
        let inputs: Vec<_> = self.inputs.iter().map(Field::to_string).collect();
        format!("{}({}) -> {}", self.path(), inputs.join(", "), self.output)
    }
}

impl std::fmt::Debug for Method {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.path())
    }
}
