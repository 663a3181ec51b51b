//! The walk through one workflow in one mode: what every part of it shares.

use std::{
    cell::OnceCell,
    collections::{HashMap, HashSet},
    sync::Arc,
};

use super::{
    Work,
    load::ItemRef,
    scope::{self, Scopes},
    session::Session,
};
use crate::{
    expr::{self, Context, Expr, Fact, Found, Kind, Scope, Template},
    slice::Effect,
    source::{Code, Diagnostic, Source, Span},
    syntax::ast,
    value::{Field, Name, Ty, Value},
};

/// The walk through one workflow in one mode.
pub(super) struct Walk<'s, 'a> {
    pub session: &'s mut Session<'a>,
    pub at: ItemRef,
    pub tree: &'a ast::Workflow,
    pub mode: Name,
    /// The modes that the workflow declares; none where it has those of its caller.
    pub modes: Vec<Name>,
    pub scopes: Scopes,
    pub out: Vec<Diagnostic>,
    /// The steps around this place, the outermost first.
    pub steps: Vec<StepSite>,
    /// Whether the value that the innermost body gives may be of lesser worth.
    pub yielded: Option<Span>,
    /// Whether a value that may be none is taken to be there.
    pub trusting: bool,
    /// Where the names of its inner blocks are declared; looked up once, for a file may have thousands of wrong names.
    pub inside: OnceCell<HashMap<&'a str, Span>>,
}

/// Where a step stands, for mends that add a clause to it.
#[derive(Clone, Copy, Debug)]
pub(super) struct StepSite {
    pub span: Span,
    /// What it does, clauses left out.
    pub work: Span,
    /// Its condition.
    pub when: Option<Span>,
    /// Whether it is a call or a value, without a body of its own.
    pub is_call: bool,
    /// Whether it says how long it may take.
    pub is_timed: bool,
}

/// What was made of the right side of a step.
pub(super) struct Done {
    pub work: Work,
    pub ty: Ty,
    pub effect: Effect,
    /// The clause inside by which its value may be of lesser worth.
    pub degraded: Option<Span>,
    /// The first call that waits for a network.
    pub network: Option<Span>,
    /// Whether an order is placed by this step itself, not by steps inside it.
    pub orders: bool,
}

impl Done {
    /// Returns a step that computes a value.
    pub fn value(value: Expr) -> Self {
        let ty = value.ty.clone();
        Self { work: Work::Value(value), ty, effect: Effect::Pure, degraded: None, network: None, orders: false }
    }

    /// Returns what stands for a step that could not be understood.
    pub fn unknown(span: Span) -> Self {
        Self::value(unknown(span))
    }
}

/// Returns an expression of which nothing is known, which agrees with everything.
pub(super) fn unknown(span: Span) -> Expr {
    Expr { kind: Kind::Const(Value::None), ty: Ty::Unknown, span }
}

/// Returns the value of a constant of known type.
pub(super) fn constant(expr: &Expr) -> Option<&Value> {
    match &expr.kind {
        Kind::Const(value) if expr.ty != Ty::Unknown => Some(value),
        _ => None,
    }
}

impl<'a> Walk<'_, 'a> {
    pub fn report(&mut self, diagnostic: Diagnostic) {
        self.out.push(diagnostic);
    }

    /// Checks an expression against what its place wants.
    pub fn lower(&mut self, tree: &ast::Expr, want: Option<&Ty>) -> Expr {
        let mut out = Vec::new();
        let lowered = expr::lower(tree, self, want, &mut out);
        self.advise(tree, want, &mut out);
        // What may be none is asked for once, however often it is read.
        let mut absent = HashSet::new();
        out.retain(|it| it.code != Code::T009 || absent.insert(it.message.clone()));
        self.out.append(&mut out);
        super::rules::listed_twice(self, tree, &lowered);
        lowered
    }

    /// Returns what the file says at a place.
    pub fn text(&self, span: Span) -> &'a str {
        let sources = self.session.sources;
        sources.slice(span)
    }

    /// Says whether the file is written in YAML.
    pub fn is_yaml(&self) -> bool {
        self.session.project.units.get(self.at.unit).is_some_and(|it| it.file.form == ast::Form::Yaml)
    }

    /// Returns the first clause by which a value read since `from` may be of lesser worth, and whose it is.
    pub fn degraded_since(&self, from: usize, accepted: &[(usize, usize)]) -> Option<(Span, Name)> {
        self.scopes.uses.iter().skip(from).find_map(|it| {
            let at = (it.depth, it.index);
            let entry = self.scopes.entry(at).filter(|_| !accepted.contains(&at) && it.depth <= self.scopes.depth())?;
            Some((entry.degraded?, entry.name.clone()))
        })
    }

    /// Returns the nominal types that went into what was read since `from`.
    pub fn given_since(&mut self, from: usize) -> HashSet<Name> {
        let depth = self.scopes.depth();
        let mut seen: Vec<(usize, usize)> = (self.scopes.uses.iter().skip(from))
            .filter(|it| it.depth <= depth)
            .map(|it| (it.depth, it.index))
            .collect();
        seen.sort_unstable();
        seen.dedup();
        let mut given = HashSet::new();
        for at in seen {
            let Some(entry) = self.scopes.entry(at) else { continue };
            given.extend(entry.given.iter().cloned());
            let ty = entry.ty.clone().unwrap_or(Ty::Unknown);
            given.extend(self.session.reach(&ty));
        }
        given
    }
}

/// Returns the blanks before the line that a place begins on.
pub(super) fn indent(source: &Source, span: Span) -> String {
    let before = source.text().get(..span.start as usize).unwrap_or_default();
    let line = before.rsplit('\n').next().unwrap_or_default();
    line.chars().take_while(|it| it.is_whitespace()).collect()
}

impl Scope for Walk<'_, '_> {
    fn find(&mut self, name: &str) -> Option<Found> {
        if let Some(at) = self.scopes.locate(name) {
            let declared = self.scopes.entry(at).map(|it| it.declared);
            let ty = self.scopes.ty(at);
            return Some(Found { kind: Kind::Slot(self.scopes.read(at, None)), ty, declared });
        }
        let (context, ty) = scope::context(name)?;
        self.scopes.contexts.insert(context);
        let ty = if self.session.options.given.contains(&context) { ty.required().clone() } else { ty };
        Some(Found { kind: Kind::Context(context), ty, declared: None })
    }

    fn names(&self) -> Vec<(Name, Ty)> {
        if !self.session.may_list(self.scopes.frames.iter().map(|it| it.entries.len()).sum()) {
            return Vec::new();
        }
        let mut all = Vec::new();
        for (depth, frame) in self.scopes.frames.iter().enumerate().rev() {
            let hidden = |name: &Name| self.scopes.frames.iter().skip(depth + 1).any(|it| it.names.contains_key(name));
            // The nearest above comes first: it is likeliest meant.
            for (index, entry) in frame.entries.iter().enumerate().rev() {
                if entry.first && !hidden(&entry.name) {
                    all.push((entry.name.clone(), self.scopes.ty((depth, index))));
                }
            }
        }
        let context = scope::contexts().iter().filter(|(it, _)| *it != Context::Mode);
        let context = context.filter(|(it, _)| self.scopes.locate(it.name()).is_none());
        all.extend(context.map(|(it, ty)| (Name::from(it.name()), ty.clone())));
        all
    }

    fn template(&mut self, path: &str) -> Option<Arc<dyn Template>> {
        self.session.template(self.at.unit, path)
    }

    fn templates(&self) -> Vec<String> {
        self.session.templates(self.at.unit)
    }

    fn fields(&self, ty: &Ty) -> Vec<Field> {
        self.session.registry.fields(ty).to_vec()
    }

    fn is_trusting(&self) -> bool {
        self.trusting
    }

    fn learn(&self, fact: Fact<'_>) {
        self.session.learn(self.at.unit, fact);
    }
}
