//! A checked test. Only [`check`](super) makes one, so what is unchecked cannot be tried.

use std::sync::Arc;

use super::{Body, Call, Input, Output, Work, Workflow};
use crate::{
    expr::{BUILTINS, Expr, Kind, Slot},
    slice::{FaultKind, Method},
    source::Span,
    value::{Name, Ty},
};

/// A test that has been found right.
#[derive(Clone, Debug)]
pub struct Test {
    /// What it is called.
    pub name: Name,
    /// Where its name stands.
    pub span: Span,
    /// What it does, in the order of the file.
    pub acts: Vec<Act>,
    /// What each slot of its expressions holds.
    pub facts: Vec<Fact>,
}

/// A statement of a test.
#[derive(Clone, Debug)]
pub enum Act {
    /// `let x = e`: its slot and its value.
    Let(u32, Expr),
    /// `mock`, `fail` or `delay`: what happens to a method from here on.
    Change(Change),
    /// `run w(…)`.
    Run(Box<Trial>),
    /// `expect e`.
    Expect(Expr),
}

/// What happens to a method.
#[derive(Clone, Debug)]
pub struct Change {
    /// The method.
    pub method: Arc<Method>,
    /// From when on: a time of day or a time after the start of the run; from the start where it is not said.
    pub from: Option<Expr>,
    /// What happens.
    pub what: Happens,
    /// Where it stands.
    pub span: Span,
}

/// What happens to a method in a test.
#[derive(Clone, Debug)]
pub enum Happens {
    /// It gives this: a value, or what the call of another method gives. The innermost slots are its own inputs, those
    /// one body further out the test's.
    Gives(Work),
    /// It fails: so many times, or each time.
    Fails(Option<Expr>, FaultKind),
    /// It takes so long.
    Takes(Expr),
}

/// A run of a workflow in a test.
#[derive(Clone, Debug)]
pub struct Trial {
    /// What the test calls it.
    pub name: Name,
    /// The workflow, which gives its steps too; see [`Workflow::shown`].
    pub workflow: Arc<Workflow>,
    /// The values of its params.
    pub inputs: Vec<Input>,
    /// What the run knows by itself.
    pub context: Vec<(crate::expr::Context, Expr)>,
    /// Where it stands.
    pub span: Span,
}

/// What a slot of a test holds. Runs are counted from 0 in the order of the test.
#[derive(Clone, Debug, PartialEq)]
pub enum Fact {
    /// The value of a `let`.
    Let,
    /// All outputs of a run: a record.
    Outputs(usize),
    /// An output of a run.
    Output(usize, Name),
    /// The value of a step of a run.
    Value(usize, Name),
    /// How a run went.
    Run(usize, About),
    /// How a step of a run went, by its path.
    Step(usize, String, About),
}

/// What can be asked of a run or a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum About {
    /// How it ended.
    Status,
    /// How many tries it took.
    Attempts,
    /// Why it failed, or what it survived.
    Error,
    /// How long it ran, in the time of the test.
    Took,
}

impl About {
    /// Returns what is asked by this name.
    pub(super) fn find(name: &str) -> Option<Self> {
        [Self::Status, Self::Attempts, Self::Error, Self::Took].into_iter().find(|it| it.name() == name)
    }

    /// Returns its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Status => "status",
            Self::Attempts => "attempts",
            Self::Error => "error",
            Self::Took => "took",
        }
    }

    /// Returns its type, of a run or of a step.
    pub(super) fn ty(self, of_run: bool) -> Ty {
        const KINDS: [&str; 6] = ["input", "transient", "permanent", "timed_out", "cancelled", "panicked"];
        match self {
            Self::Status if of_run => Ty::members(["succeeded", "degraded", "failed", "cancelled"]),
            Self::Status => {
                Ty::members(["succeeded", "degraded", "failed", "skipped", "not_run", "cancelled", "cached"])
            }
            Self::Attempts => Ty::Int,
            Self::Error => Ty::record([("kind", Ty::members(KINDS)), ("message", Ty::Text)]),
            Self::Took => Ty::Duration,
        }
    }
}

impl Fact {
    /// Returns the run that it is of.
    pub fn run(&self) -> Option<usize> {
        match self {
            Self::Let => None,
            Self::Outputs(run)
            | Self::Output(run, _)
            | Self::Value(run, _)
            | Self::Run(run, _)
            | Self::Step(run, ..) => Some(*run),
        }
    }

    /// Says whether a test that looks at it expects that a run may end otherwise than well.
    pub fn is_outcome(&self) -> bool {
        matches!(self, Self::Run(_, About::Status | About::Error) | Self::Step(_, _, About::Status | About::Error))
    }
}

/// What stands before the name of a step among the outputs of a shown workflow: no name has it.
const STEP: char = '`';
/// What stands before the name of what says whether an output or a step is degraded.
const DEGRADED: char = '\n';

/// Returns under which name a shown workflow gives the value of a step.
pub fn step_output(step: &str) -> Name {
    format!("{STEP}{step}").into()
}

/// Returns under which name a shown workflow says whether one of its outputs is degraded.
pub fn degraded_output(output: &str) -> Name {
    format!("{DEGRADED}{output}").into()
}

/// Says whether an output of a shown workflow is one that its file says.
pub fn is_own_output(name: &str) -> bool {
    !name.starts_with([STEP, DEGRADED])
}

impl Workflow {
    /// Returns it as tests run it: beside its outputs it gives what each of its steps gave, and says of each value
    /// whether it is degraded. It means the same.
    #[must_use]
    pub fn shown(&self) -> Self {
        let degraded = BUILTINS.iter().find(|it| it.name == "degraded");
        let mut outputs = self.outputs.clone();
        outputs.extend(self.body.nodes.iter().map(|it| {
            let kind = Kind::Slot(Slot { up: 0, index: it.slot });
            Output { name: step_output(&it.name), value: Expr { kind, ty: it.ty.clone(), span: it.span } }
        }));
        let says = |it: &Output| {
            let kind = Kind::Builtin(degraded?, vec![it.value.clone()]);
            let value = Expr { kind, ty: Ty::Bool, span: it.value.span };
            Some(Output { name: degraded_output(&it.name), value })
        };
        let said: Vec<_> = outputs.iter().filter_map(says).collect();
        outputs.extend(said);
        let meaning = self.meaning().to_owned().into();
        Self { outputs, meaning, ..self.clone() }
    }

    /// Shows every call that a run of it may make, those of the workflows that it calls included.
    pub fn each_call<'a>(&'a self, see: &mut dyn FnMut(&'a Call)) {
        calls(&self.body, &mut Vec::new(), see);
    }
}

fn calls<'a>(body: &'a Body, seen: &mut Vec<*const Workflow>, see: &mut dyn FnMut(&'a Call)) {
    let mut open: Vec<&'a Work> =
        body.nodes.iter().flat_map(|it| std::iter::once(&it.work).chain(&it.otherwise)).collect();
    while let Some(work) = open.pop() {
        match work {
            Work::Call(it) => see(it),
            Work::Value(_) => {}
            Work::For(it) => calls(&it.body, seen, see),
            Work::Block(it) => calls(it, seen, see),
            Work::On(it) => calls(&it.body, seen, see),
            Work::Match(it) => open.extend(it.arms.iter().map(|it| &it.work)),
            Work::Workflow(it) => {
                // What is called often is looked at once.
                if !seen.contains(&Arc::as_ptr(&it.workflow)) {
                    seen.push(Arc::as_ptr(&it.workflow));
                    calls(it.workflow.body(), seen, see);
                }
            }
        }
    }
}
