//! A checked workflow, for one mode. Only [`check`](super) makes one, so what is unchecked cannot be planned.

use std::sync::{Arc, OnceLock};

use super::canon;
use crate::{
    expr::{Context, Expr},
    slice::{Effect, Method},
    source::Span,
    value::{Name, Ty, Value},
};

/// A workflow that has been found right in one mode.
#[derive(Clone)]
pub struct Workflow {
    pub(super) name: Name,
    pub(super) doc: Option<Arc<str>>,
    pub(super) mode: Name,
    pub(super) params: Vec<Param>,
    pub(super) limits: Vec<(Name, Expr)>,
    pub(super) deadline: Option<Expr>,
    pub(super) body: Body,
    pub(super) outputs: Vec<Output>,
    pub(super) wants_symbol: bool,
    pub(super) span: Span,
    /// Found when somebody asks: most that is checked is never run.
    pub(super) meaning: OnceLock<String>,
}

impl std::fmt::Debug for Workflow {
    /// Names it only: written out, one that is called from many places would be as long as a run of it.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.name, self.meaning())
    }
}

impl Workflow {
    /// Returns its name.
    pub fn name(&self) -> &Name {
        &self.name
    }
    /// Returns what its doc comment says.
    pub fn doc(&self) -> Option<&str> {
        self.doc.as_deref()
    }
    /// Returns the mode that it was checked in.
    pub fn mode(&self) -> &Name {
        &self.mode
    }
    /// Returns its parameters; each has a slot of the body.
    pub fn params(&self) -> &[Param] {
        &self.params
    }
    /// Returns its limits; each expression sees the slots of the body, of which only params are read.
    pub fn limits(&self) -> &[(Name, Expr)] {
        &self.limits
    }
    /// Returns how long all of it may take.
    pub fn deadline(&self) -> Option<&Expr> {
        self.deadline.as_ref()
    }
    /// Returns what it does.
    pub fn body(&self) -> &Body {
        &self.body
    }
    /// Returns what it gives, each in terms of the slots of its body.
    pub fn outputs(&self) -> &[Output] {
        &self.outputs
    }
    /// Says whether it is about one symbol, so that several symbols are several runs.
    pub fn wants_symbol(&self) -> bool {
        self.wants_symbol
    }
    /// Returns where it stands.
    pub fn span(&self) -> Span {
        self.span
    }
    /// Returns the hash of its meaning: layout, comments and names of files do not change it.
    pub fn meaning(&self) -> &str {
        self.meaning.get_or_init(|| canon::meaning(self))
    }
}

/// A parameter.
#[derive(Clone, Debug)]
pub struct Param {
    /// Its name.
    pub name: Name,
    /// What its doc comment says.
    pub doc: Option<Arc<str>>,
    /// Its type.
    pub ty: Ty,
    /// What it must be in: a range or a list.
    pub within: Option<Value>,
    /// Its default, which may read parameters above it and the context.
    pub default: Option<Expr>,
    /// The context value of the same name and a fitting type, which comes before the default where a person gave it.
    pub context: Option<Context>,
    /// Its slot in the body.
    pub slot: u32,
    /// Where it stands.
    pub span: Span,
}

/// What a workflow gives.
#[derive(Clone, Debug)]
pub struct Output {
    /// Its name.
    pub name: Name,
    /// Its value.
    pub value: Expr,
}

/// Nodes that share slots: of a workflow, a `for`, an arm or a handler.
#[derive(Clone, Debug, Default)]
pub struct Body {
    /// Every slot: params or the loop variable first, then one for each node.
    pub slots: Vec<SlotInfo>,
    /// What is done, in the order of the file; `needs` says what must come first.
    pub nodes: Vec<Node>,
    /// The value of `yield`, or of the arm.
    pub result: Option<Expr>,
}

/// What is in a slot.
#[derive(Clone, Debug)]
pub struct SlotInfo {
    /// The name that files use.
    pub name: Name,
    /// Its type.
    pub ty: Ty,
}

/// A step or a `let`.
#[derive(Clone, Debug)]
pub struct Node {
    /// Its name.
    pub name: Name,
    /// Whether it is a `let`: it has no clauses, takes no time of its own, and is no step in results.
    pub is_let: bool,
    /// Where its value goes.
    pub slot: u32,
    /// The type of its value, `?` included where it may be skipped or end in `else none`.
    pub ty: Ty,
    /// What it does.
    pub work: Work,
    /// Tried in turn after the work has failed for good.
    pub otherwise: Vec<Work>,
    /// Runs only where this is true; else the value is none and the step is skipped.
    pub when: Option<Expr>,
    /// How long one try may take: a duration.
    pub timeout: Option<Expr>,
    /// How often it is tried again.
    pub retry: Option<Retry>,
    /// How often it is refreshed in the background: a duration.
    pub every: Option<Expr>,
    /// How long a result may be reused: a duration.
    pub cache: Option<Expr>,
    /// The share of failed elements that a `for` bears: a percent.
    pub tolerate: Option<Expr>,
    /// The nodes of this body that must have ended first, by index, each once, rising: what it reads (nested bodies
    /// included), its `after`, and the order of steps with effects.
    pub needs: Vec<u32>,
    /// Of those, the ones it merely comes after: they need not have succeeded.
    pub order_only: Vec<u32>,
    /// The greatest effect of its work.
    pub effect: Effect,
    /// What its doc comment says.
    pub doc: Option<Arc<str>>,
    /// Where it stands.
    pub span: Span,
}

impl Node {
    /// Returns a node without clauses that needs nothing yet.
    pub(super) fn plain(name: Name, slot: u32, ty: Ty, work: Work, effect: Effect, span: Span) -> Self {
        Self {
            name,
            is_let: false,
            slot,
            ty,
            work,
            otherwise: Vec::new(),
            when: None,
            timeout: None,
            retry: None,
            every: None,
            cache: None,
            tolerate: None,
            needs: Vec::new(),
            order_only: Vec::new(),
            effect,
            doc: None,
            span,
        }
    }
}

/// How often a step is tried again.
#[derive(Clone, Debug)]
pub struct Retry {
    /// How many further tries: an integer.
    pub max: Expr,
    /// How long to wait between tries.
    pub backoff: Backoff,
}

/// How long to wait between tries: exponential with jitter.
#[derive(Clone, Debug)]
pub enum Backoff {
    /// From 100 ms to 10 s.
    Default,
    /// A range of durations.
    Range(Expr),
}

/// What a step does.
#[derive(Clone, Debug)]
pub enum Work {
    /// Calls a method of a slice.
    Call(Call),
    /// Computes a value.
    Value(Expr),
    /// Runs a body for each element.
    For(Box<For>),
    /// Runs one of several.
    Match(Box<Match>),
    /// Runs a body once; its value is the body's result.
    Block(Box<Body>),
    /// Runs another workflow.
    Workflow(Box<SubWorkflow>),
    /// Runs a body for each event of a stream.
    On(Box<On>),
}

/// A call of a method.
#[derive(Clone, Debug)]
pub struct Call {
    /// The method.
    pub method: Arc<Method>,
    /// The name that the file calls it by, `slice.method`.
    pub written: Name,
    /// Its inputs; what has neither argument nor wire is left to the method's default and is not here.
    pub inputs: Vec<Input>,
    /// Where the call stands.
    pub span: Span,
}

/// What goes into an input, and why.
#[derive(Clone, Debug)]
pub struct Input {
    /// The input.
    pub name: Name,
    /// Its value.
    pub value: Expr,
    /// What filled it.
    pub filled: Filled,
}

/// What filled an input.
#[derive(Clone, Debug, PartialEq)]
pub enum Filled {
    /// The file says so.
    Argument,
    /// A value of the same name.
    Name(Name),
    /// The only value of its type: `history` or `history.bars`.
    Type(Name),
    /// What the run knows by itself.
    Context(Context),
    /// The method's default.
    Default,
    /// Nothing: the input is optional.
    Nothing,
}

/// A body for each element of a list.
#[derive(Clone, Debug)]
pub struct For {
    /// What it runs over.
    pub list: Expr,
    /// Which elements count; sees the body's slots, of which only the loop variable is filled.
    pub filter: Option<Expr>,
    /// How many run at once; one where it is not said: an integer.
    pub parallel: Option<Expr>,
    /// What runs for each; slot 0 is the loop variable.
    pub body: Body,
}

/// One of several, by a value.
#[derive(Clone, Debug)]
pub struct Match {
    /// What is looked at.
    pub on: Expr,
    /// The arms; together they cover every value.
    pub arms: Vec<Arm>,
}

/// An arm of a match.
#[derive(Clone, Debug)]
pub struct Arm {
    /// The values it is for; empty for any.
    pub patterns: Vec<Value>,
    /// What it does.
    pub work: Work,
}

/// A call of another workflow.
#[derive(Clone, Debug)]
pub struct SubWorkflow {
    /// The workflow.
    pub workflow: Arc<Workflow>,
    /// The values of its params; what is not here is the param's default.
    pub inputs: Vec<Input>,
    /// Where the call stands.
    pub span: Span,
}

/// A body for each event of a stream.
#[derive(Clone, Debug)]
pub struct On {
    /// The stream.
    pub stream: Expr,
    /// Which events count.
    pub filter: Option<Expr>,
    /// How they are gathered, where they are.
    pub batch: Option<Batch>,
    /// What runs; slot 0 is the event or the list of events.
    pub body: Body,
}

/// How events are gathered.
#[derive(Clone, Debug)]
pub struct Batch {
    /// How often a run starts: a duration.
    pub every: Expr,
    /// One run for each value of this.
    pub by: Option<Expr>,
    /// How many are kept: an integer.
    pub max: Option<Expr>,
}
