//! What a run will do: one graph for each body of a workflow, with the counts and lists that the engine follows.
//!
//! Bodies are numbered, the workflow's own is 0. A workflow that is called from several places is planned once, so that
//! a plan is never larger than its files.

mod bounds;
mod build;
mod critical;
mod describe;
pub mod export;
mod reads;
mod unsupported;

use std::sync::Arc;

use petgraph::graph::DiGraph;

pub use bounds::{Bounds, Endless, FanOut};
pub use build::plan;
pub(crate) use build::{number, salt};
pub use describe::{PlanStep, describe, describe_json, steps};
pub(crate) use reads::reads;
pub use unsupported::unsupported;

use crate::{
    check::{Call, Input, Output, Retry, Workflow},
    expr::{Expr, Kind, Slot},
    slice::Effect,
    source::Span,
    value::{Name, Ty, Value},
};

/// A planned workflow. Only [`plan`] makes one, and only from a checked workflow.
#[derive(Clone, Debug)]
pub struct Plan {
    workflow: Arc<Workflow>,
    bodies: Vec<Body>,
}

/// Which body of a plan.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct BodyId(pub(crate) u32);

/// The graph of one body: steps, what each waits for and what waits for it.
#[derive(Clone, Debug)]
pub struct Body {
    /// What people call it: the workflow, or the step that it belongs to.
    pub name: Name,
    /// How many slots a frame of it has.
    pub slots: u32,
    /// Its steps and lets, in the order of the file; a step's number is its place here.
    pub steps: Vec<Step>,
    /// What it gives.
    pub gives: Gives,
    /// From what it gives that.
    pub(crate) gives_from: Vec<Slot>,
    /// For each step, how many must end before it.
    pub(crate) waits: Box<[u32]>,
    /// Where the dependents of each step start in `dependents`; one longer than the steps.
    starts: Box<[u32]>,
    dependents: Box<[Dependent]>,
    graph: DiGraph<u32, Edge>,
    order: Vec<u32>,
}

/// A step that waits for another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Dependent {
    /// Its number.
    pub step: u32,
    /// Whether it waits for the end alone, so that a failure does not concern it.
    pub order_only: bool,
}

/// Why a step waits for another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Edge {
    /// It reads its value.
    Data,
    /// It comes after it.
    Order,
}

/// What a body gives.
#[derive(Clone, Debug)]
pub enum Gives {
    /// Nothing.
    Nothing,
    /// The value of `yield`, or of the arm.
    Value(Expr),
    /// The outputs of a workflow: a record.
    Outputs(Vec<Output>),
}

/// A step or a `let` of a body.
#[derive(Clone, Debug)]
pub struct Step {
    /// Its name.
    pub name: Name,
    /// Whether it is a `let`, which is no step in results.
    pub is_let: bool,
    /// Where its value goes.
    pub slot: u32,
    /// The type of its value.
    pub ty: Ty,
    /// What it does, and after that what is tried in turn where that has failed for good.
    pub works: Vec<Work>,
    /// Runs only where this is true.
    pub when: Option<Expr>,
    /// How long one try may take.
    pub timeout: Option<Expr>,
    /// How often it is tried again.
    pub retry: Option<Retry>,
    /// The share of failed elements that it bears.
    pub tolerate: Option<Expr>,
    /// What must have ended first.
    pub needs: Vec<u32>,
    /// The greatest effect of its work.
    pub effect: Effect,
    /// What its doc comment says.
    pub doc: Option<Arc<str>>,
    /// Where it stands.
    pub span: Span,
    /// What it reads, of its own frame and those around it.
    pub(crate) reads: Vec<Slot>,
    /// Sets its randomness apart from that of other steps.
    pub(crate) salt: u64,
}

/// What a step does.
#[derive(Clone, Debug)]
pub enum Work {
    /// Calls a method.
    Call(Call),
    /// Computes a value.
    Value(Expr),
    /// Runs a body for each element.
    For {
        /// What it runs over.
        list: Expr,
        /// Which elements count.
        filter: Option<Expr>,
        /// How many run at once.
        parallel: Option<Expr>,
        /// What runs for each.
        body: BodyId,
    },
    /// Runs one of several.
    Match {
        /// What is looked at.
        on: Expr,
        /// For which values, and what; no values are any.
        arms: Vec<(Vec<Value>, Work)>,
    },
    /// Runs a body once.
    Block(BodyId),
    /// Runs another workflow.
    Workflow {
        /// The workflow.
        workflow: Arc<Workflow>,
        /// The values of its params.
        inputs: Vec<Input>,
        /// Its body.
        body: BodyId,
    },
    /// Runs a body for each event.
    On(BodyId),
}

impl Plan {
    /// Returns the workflow that it plans.
    pub fn workflow(&self) -> &Arc<Workflow> {
        &self.workflow
    }

    /// Returns a body.
    #[expect(clippy::indexing_slicing, reason = "only the plan makes ids, one for each body that it has")]
    pub fn body(&self, id: BodyId) -> &Body {
        &self.bodies[id.0 as usize]
    }

    /// Returns the workflow's own body.
    pub fn root(&self) -> &Body {
        self.body(BodyId::ROOT)
    }

    /// Returns every body with its id.
    pub fn bodies(&self) -> impl Iterator<Item = (BodyId, &Body)> {
        (0..).map(BodyId).zip(&self.bodies)
    }
}

impl BodyId {
    /// The body of the workflow itself.
    pub const ROOT: Self = Self(0);
}

impl Body {
    /// Returns a step.
    #[expect(clippy::indexing_slicing, reason = "steps are numbered by their places")]
    pub fn step(&self, step: u32) -> &Step {
        &self.steps[step as usize]
    }

    /// Returns what waits for a step.
    pub fn dependents(&self, step: u32) -> &[Dependent] {
        let at = |step: usize| self.starts.get(step).map_or(0, |it| *it as usize);
        self.dependents.get(at(step as usize)..at(step as usize + 1)).unwrap_or_default()
    }

    /// Returns the graph; nodes carry the numbers of the steps.
    pub fn graph(&self) -> &DiGraph<u32, Edge> {
        &self.graph
    }

    /// Returns the steps so that each comes after what it waits for; as in the file, where that allows it.
    pub fn order(&self) -> &[u32] {
        &self.order
    }
}

impl Work {
    /// Returns the bodies that it may run, in order.
    pub fn bodies(&self) -> Vec<BodyId> {
        match self {
            Work::Call(_) | Work::Value(_) => Vec::new(),
            Work::For { body, .. } | Work::Block(body) | Work::Workflow { body, .. } | Work::On(body) => vec![*body],
            Work::Match { arms, .. } => arms.iter().flat_map(|(_, work)| work.bodies()).collect(),
        }
    }

    /// Returns what it is in a word or two, as pictures and tables show it.
    pub fn label(&self) -> String {
        match self {
            Work::Call(call) => call.method.path(),
            Work::Value(value) => match &value.kind {
                Kind::Const(it) if it.to_string().chars().count() <= 24 => it.to_string(),
                _ => "a value".into(),
            },
            Work::For { parallel, .. } => match parallel.as_ref().map(bounds::known) {
                None => "for each, one at a time".into(),
                Some(Some(it)) => format!("for each, {it} at once"),
                Some(None) => "for each, some at once".into(),
            },
            Work::Match { .. } => "match".into(),
            Work::Block(_) => "block".into(),
            Work::Workflow { workflow, .. } => workflow.name().to_string(),
            Work::On(_) => "on".into(),
        }
    }
}
