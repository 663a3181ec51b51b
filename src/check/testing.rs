//! Workflows without a file, for tests, benches and generated plans. Nothing here is checked: who drafts a workflow
//! answers for its types and for what each node needs.

use std::sync::Arc;

use super::{Body, Call, Filled, Input, Node, Output, Param, SlotInfo, Work, Workflow};
use crate::{
    expr::{Expr, Kind, Slot},
    slice::{Effect, Method},
    source::Span,
    value::{Name, Ty, Value},
};

/// A body under construction.
#[derive(Clone, Debug, Default)]
pub struct Draft {
    body: Body,
    params: Vec<Param>,
    outputs: Vec<Output>,
    limits: Vec<(Name, Expr)>,
    deadline: Option<Expr>,
    wants_symbol: bool,
}

impl Draft {
    /// Returns an empty draft.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a slot that no node fills: of the loop variable.
    pub fn variable(&mut self, name: &str, ty: Ty) -> u32 {
        self.body.slots.push(SlotInfo { name: name.into(), ty });
        index(self.body.slots.len() - 1)
    }

    /// Adds a parameter and returns it, so that more can be said of it; its slot is the next.
    pub fn param(&mut self, name: &str, ty: Ty, default: Option<Expr>) -> &mut Param {
        let slot = self.variable(name, ty.clone());
        let param = Param {
            name: name.into(),
            doc: None,
            ty,
            within: None,
            default,
            context: None,
            slot,
            span: Span::default(),
        };
        self.params.push_mut(param)
    }

    /// Adds a step that needs these nodes, and returns it, so that more can be said of it.
    pub fn step(&mut self, name: &str, work: Work, needs: &[u32]) -> &mut Node {
        let slot = self.variable(name, Ty::Any);
        let effect = if let Work::Call(call) = &work { call.method.effect } else { Effect::Pure };
        self.body.nodes.push_mut(Node {
            name: name.into(),
            is_let: false,
            slot,
            ty: Ty::Any,
            work,
            otherwise: Vec::new(),
            when: None,
            timeout: None,
            retry: None,
            every: None,
            cache: None,
            tolerate: None,
            needs: needs.to_vec(),
            order_only: Vec::new(),
            effect,
            doc: None,
            span: Span::default(),
        })
    }

    /// Adds an output.
    pub fn output(&mut self, name: &str, value: Expr) {
        self.outputs.push(Output { name: name.into(), value });
    }

    /// Adds a limit.
    pub fn limit(&mut self, name: &str, value: Expr) {
        self.limits.push((name.into(), value));
    }

    /// Says how long all of it may take.
    pub fn deadline(&mut self, time: Expr) {
        self.deadline = Some(time);
    }

    /// Says that it is about one symbol.
    pub fn wants_symbol(&mut self) {
        self.wants_symbol = true;
    }

    /// Returns the body of a `for`, a block or an arm, with what it gives.
    pub fn body(mut self, result: Option<Expr>) -> Body {
        self.body.result = result;
        self.body
    }

    /// Returns the workflow.
    pub fn workflow(self, name: &str) -> Workflow {
        let meaning = super::canon::digest(&format!("{:?}{:?}{:?}", self.body, self.params, self.outputs));
        Workflow {
            name: name.into(),
            doc: None,
            mode: "backtest".into(),
            params: self.params,
            limits: self.limits,
            deadline: self.deadline,
            body: self.body,
            outputs: self.outputs,
            wants_symbol: self.wants_symbol,
            span: Span::default(),
            meaning: meaning.into(),
        }
    }
}

fn index(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}

/// Returns an expression of no stated type.
pub fn expr(kind: Kind) -> Expr {
    Expr { kind, ty: Ty::Any, span: Span::default() }
}

/// Returns a constant.
pub fn constant(value: impl Into<Value>) -> Expr {
    expr(Kind::Const(value.into()))
}

/// Returns what is in a slot, `up` bodies further out.
pub fn slot(up: u16, index: u32) -> Expr {
    expr(Kind::Slot(Slot { up, index }))
}

/// Returns a call of a method.
pub fn call(method: &Arc<Method>, inputs: Vec<(&str, Expr)>) -> Work {
    let input = |(name, value): (&str, Expr)| Input { name: name.into(), value, filled: Filled::Argument };
    Work::Call(Call {
        method: method.clone(),
        written: method.path().into(),
        inputs: inputs.into_iter().map(input).collect(),
        span: Span::default(),
    })
}
