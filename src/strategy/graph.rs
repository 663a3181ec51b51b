//! The checked rules of a strategy as a graph of columns: what is written twice is in it once.

use std::collections::HashMap;

use sha2::{Digest as _, Sha256};

use crate::{
    expr::{Expr, canonical},
    market::indicators::{Column, Indicator},
    syntax::ast::BinaryOp,
    value::{Name, hex},
};

/// A node of a [`Graph`]; what it needs comes before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Id(usize);

/// Which bars a column is about: their own, or those of a slower timeframe.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Frame {
    /// The bars' own.
    Base,
    /// That of `on 1h`.
    Slower(usize),
}

/// What a node computes.
#[derive(Debug)]
pub(super) enum Op {
    /// The same at every bar: it follows from the parameters.
    Scalar(Expr),
    /// A column of the bars.
    Price(Column),
    /// All outputs of an indicator.
    Indicator { which: &'static Indicator, series: Vec<Id>, params: Vec<Id> },
    /// One output of an indicator.
    Output(Id, usize),
    /// `-x`.
    Neg(Id),
    /// `not x`.
    Not(Id),
    /// `x + y`, `x < y`, `x and y`.
    Binary(BinaryOp, Id, Id),
    /// `x[n]`.
    Back(Id, Id),
    /// `change(x, n)`.
    Change(Id, Id),
    /// Whether `a` has just gone above `b`, or below.
    Cross { above: bool, a: Id, b: Id },
    /// A column of a slower timeframe, seen once its bar has closed.
    Slower(Id, usize),
}

impl Op {
    /// Returns the nodes that it reads.
    pub(super) fn needs(&self) -> Vec<Id> {
        match self {
            Self::Scalar(_) | Self::Price(_) => Vec::new(),
            Self::Indicator { series, params, .. } => series.iter().chain(params).copied().collect(),
            Self::Output(it, _) | Self::Neg(it) | Self::Not(it) | Self::Slower(it, _) => vec![*it],
            Self::Binary(_, a, b) | Self::Back(a, b) | Self::Change(a, b) | Self::Cross { a, b, .. } => vec![*a, *b],
        }
    }
}

/// A node: what it computes, on which bars.
#[derive(Debug)]
pub(super) struct Node {
    pub(super) op: Op,
    pub(super) frame: Frame,
}

/// Columns that need one another, in an order in which they can be computed.
#[derive(Debug)]
pub(super) struct Graph {
    nodes: Vec<Node>,
    by_text: HashMap<String, Id>,
    /// The lengths of the slower timeframes: durations.
    pub(super) frames: Vec<Expr>,
    params: Vec<Name>,
}

impl Id {
    /// Returns its place among the nodes.
    pub(super) fn index(self) -> usize {
        self.0
    }
}

impl Graph {
    pub(super) fn new(params: Vec<Name>) -> Self {
        Self { nodes: Vec::new(), by_text: HashMap::new(), frames: Vec::new(), params }
    }

    /// Returns every node with its id, what is needed first.
    pub(super) fn nodes(&self) -> impl Iterator<Item = (Id, &Node)> {
        (0..).map(Id).zip(&self.nodes)
    }

    /// Returns a node.
    pub(super) fn get(&self, id: Id) -> Option<&Node> {
        self.nodes.get(id.0)
    }

    /// Returns what identifies the meaning of each node, whatever the order in which they were added.
    pub(super) fn digests(&self) -> Vec<String> {
        let mut digests: Vec<String> = Vec::with_capacity(self.nodes.len());
        for node in &self.nodes {
            let digest = hash(&self.text(&node.op, node.frame, &|id| digests.get(id.0).cloned().unwrap_or_default()));
            digests.push(digest);
        }
        digests
    }

    /// Returns an expression over the parameters in a form that only its meaning decides.
    pub(super) fn canonical(&self, expr: &Expr) -> String {
        canonical(expr, &|slot| {
            let name = self.params.get(slot.index as usize);
            format!("param {}", name.map_or("", |it| &**it))
        })
    }

    /// Returns the frame of a slower timeframe.
    pub(super) fn slower(&mut self, timeframe: Expr) -> usize {
        let text = self.canonical(&timeframe);
        if let Some(known) = self.frames.iter().position(|it| self.canonical(it) == text) {
            return known;
        }
        self.frames.push(timeframe);
        self.frames.len() - 1
    }

    /// Adds a node, or returns the one that means the same.
    pub(super) fn add(&mut self, op: Op, frame: Frame) -> Id {
        let text = self.text(&op, frame, &|id| id.0.to_string());
        let id = *self.by_text.entry(text).or_insert(Id(self.nodes.len()));
        if id.0 == self.nodes.len() {
            self.nodes.push(Node { op, frame });
        }
        id
    }

    /// Returns a text that is the same for nodes of the same meaning, where `named` is so for those that it needs.
    fn text(&self, op: &Op, frame: Frame, named: &dyn Fn(Id) -> String) -> String {
        let own = |id: &Id| named(*id);
        let slow = |at: usize| self.frames.get(at).map_or_else(String::new, |it| self.canonical(it));
        let on = match frame {
            Frame::Base => String::new(),
            Frame::Slower(at) => format!(" on {}", slow(at)),
        };
        let what = match op {
            // A number that follows from the parameters is the same on all bars.
            Op::Scalar(expr) => return format!("scalar {}", self.canonical(expr)),
            Op::Price(column) => format!("price {column:?}"),
            Op::Indicator { which, series, params } => {
                let all = |of: &[Id]| of.iter().map(own).collect::<Vec<_>>().join(",");
                format!("{}({};{})", which.name, all(series), all(params))
            }
            Op::Output(of, at) => format!("output {at} of {}", own(of)),
            Op::Neg(it) => format!("neg {}", own(it)),
            Op::Not(it) => format!("not {}", own(it)),
            Op::Binary(op, a, b) => format!("{} {} {}", own(a), op.as_str(), own(b)),
            Op::Back(it, n) => format!("{}[{}]", own(it), own(n)),
            Op::Change(it, n) => format!("change {} {}", own(it), own(n)),
            Op::Cross { above, a, b } => format!("cross {above} {} {}", own(a), own(b)),
            Op::Slower(it, at) => format!("slower {} {}", own(it), slow(*at)),
        };
        what + &on
    }

    /// Says whether the value at a bar depends on what is known only at its close.
    pub(super) fn reads_close(&self, id: Id) -> bool {
        let Some(node) = self.get(id) else { return false };
        match &node.op {
            Op::Scalar(_) | Op::Price(Column::Open) | Op::Slower(..) => false,
            Op::Price(_) => true,
            // Without a series an indicator reads the bar itself.
            Op::Indicator { series, .. } => series.is_empty() || series.iter().any(|it| self.reads_close(*it)),
            Op::Output(it, _) | Op::Neg(it) | Op::Not(it) | Op::Change(it, _) => self.reads_close(*it),
            Op::Binary(_, a, b) | Op::Cross { a, b, .. } => self.reads_close(*a) || self.reads_close(*b),
            // A shift by what a parameter says may be none.
            Op::Back(it, n) => {
                let known = self.get(*n).and_then(|it| if let Op::Scalar(it) = &it.op { Some(it) } else { None });
                let zero =
                    known.is_none_or(|it| !matches!(it.kind, crate::expr::Kind::Const(crate::value::Value::Int(1..))));
                zero && self.reads_close(*it)
            }
        }
    }
}

/// Returns the SHA-256 of a text in hex.
pub(super) fn hash(text: &str) -> String {
    hex(&Sha256::digest(text))
}
