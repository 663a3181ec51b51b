//! One workflow in one mode: its params, limits, body and outputs.

use std::{
    cell::OnceCell,
    collections::HashSet,
    sync::{LazyLock, OnceLock},
};

use super::{
    Node, Output, Param, Workflow,
    body::{Place, number},
    load::ItemRef,
    mode,
    scope::{self, Entry, Scopes, What},
    session::{Built, Session},
    walk::{Walk, constant},
    wire::out_of_range,
};
use crate::{
    expr::{self, Context, Expr, Kind, nearest},
    market::Limits,
    source::{Code, Diagnostic, Span},
    syntax::ast::{self, Stmt},
    value::{Field, Name, Ty, Value, fields_of},
};

/// The limits that a workflow can set, read from their type once.
static LIMITS: LazyLock<Vec<Field>> = LazyLock::new(|| fields_of::<Limits>().unwrap_or_default());

/// Checks a workflow in a mode. Returns it where it is right, and what was found in it.
pub(super) fn check<'a>(
    session: &mut Session<'a>,
    at: ItemRef,
    tree: &'a ast::Workflow,
    mode: &Name,
) -> (Option<Built>, Vec<Diagnostic>) {
    let modes = mode::declared(tree);
    let mut walk = Walk {
        session,
        at,
        tree,
        mode: mode.clone(),
        modes,
        scopes: Scopes::default(),
        out: Vec::new(),
        steps: Vec::new(),
        yielded: None,
        trusting: false,
        inside: OnceCell::new(),
    };
    let before = walk.session.out.borrow().iter().filter(|it| it.breaks()).count();
    let (workflow, degraded) = walk.workflow();
    let mut out = walk.out;
    let sound = !out.iter().any(Diagnostic::breaks);
    if !sound {
        // What uses a value may be what could not be understood.
        out.retain(|it| !matches!(it.code, Code::G002 | Code::G003 | Code::N007));
    }
    let others = session.out.borrow().iter().filter(|it| it.breaks()).count() > before;
    let fields = workflow.outputs.iter().map(|it| (&*it.name, it.value.ty.clone()));
    let ty = Ty::record(fields.collect::<Vec<_>>());
    let readable = !tree.body.stmts.iter().any(|it| matches!(it, Stmt::Bad(_)));
    let built = (sound && !others && readable).then(|| Built { workflow: workflow.into(), degraded, ty });
    (built, out)
}

impl<'a> Walk<'_, 'a> {
    fn workflow(&mut self) -> (Workflow, Option<Span>) {
        let stmts: &'a [Stmt] = &self.tree.body.stmts;
        self.check_modes(stmts);
        self.enter(self.tree.body.span, []);
        let params = self.params(stmts);
        let body = self.statements(stmts, Place::Workflow);
        let limits = self.limits(stmts, params.len());
        let deadline = self.deadline(stmts);
        let from = self.scopes.uses.len();
        let outputs = self.outputs(stmts, &body.nodes);
        let degraded = self.degraded_since(from, &[]).map(|it| it.0);
        let counts = super::facts::follow(self, &params, &body, &outputs);
        super::rules::workflow(self, &body.nodes, &limits, &counts);
        let explicit = stmts.iter().any(|it| matches!(it, Stmt::Output { .. }));
        self.steps.clear();
        self.leave(&body.nodes, explicit);
        let symbol = |it: &Param| it.context == Some(Context::Symbol);
        let wants_symbol = params.iter().any(symbol) || self.scopes.contexts.contains(&Context::Symbol);
        let workflow = Workflow {
            name: self.tree.name.text.clone(),
            doc: self.tree.doc.clone(),
            mode: self.mode.clone(),
            params,
            limits,
            deadline,
            body,
            outputs,
            wants_symbol,
            span: self.tree.span,
            meaning: OnceLock::new(),
        };
        (workflow, degraded)
    }

    fn check_modes(&mut self, stmts: &[Stmt]) {
        let mut seen: Vec<&ast::Name> = Vec::new();
        let mut first: Option<Span> = None;
        for stmt in stmts {
            let Stmt::Modes { modes, span } = stmt else { continue };
            if let Some(first) = first {
                let found = Diagnostic::new(Code::S008, *span, "`modes` is given twice");
                self.report(found.label(first, "first here").fix("remove the second", *span, ""));
                continue;
            }
            first = Some(*span);
            for name in modes {
                self.session.note(|it| it.expect(name.span, super::index::Expected::Mode));
                if !super::MODES.contains(&&*name.text) {
                    let message = format!("`{}` is no mode", name.text);
                    let found = Diagnostic::new(Code::T008, name.span, message);
                    let found = match nearest(&name.text, super::MODES) {
                        Some(near) => found.fix("a mode with a similar name exists", name.span, near),
                        None => found.note(format!("the modes are: {}", super::MODES.join(", "))),
                    };
                    self.report(found);
                } else if let Some(first) = seen.iter().find(|it| it.text == name.text) {
                    let message = format!("mode `{}` is given twice", name.text);
                    let found = Diagnostic::new(Code::S008, name.span, message).label(first.span, "first here");
                    self.report(found.fix("remove the second", name.span, ""));
                }
                seen.push(name);
            }
        }
    }

    fn params(&mut self, stmts: &'a [Stmt]) -> Vec<Param> {
        let mut params: Vec<Param> = Vec::new();
        for stmt in stmts {
            let Stmt::Param(tree) = stmt else { continue };
            let ty = self.resolve_type(&tree.ty);
            if let Some(why) = not_a_param(&ty) {
                self.report(Diagnostic::new(Code::T017, tree.ty.span, format!("a param cannot be {ty}")).note(why));
            }
            // A default sees the params above it, not its own.
            let default = tree.default.as_ref().map(|it| self.lower(it, Some(&ty)));
            let within = tree.within.as_ref().and_then(|it| self.within(it, &ty));
            if let (Some(value), Some(within), Some(at)) = (default.as_ref().and_then(constant), &within, &tree.default)
                && let Err(outside) = expr::check_within(value, within)
            {
                let found = out_of_range(outside.to_string(), at.span, value, within);
                let span = tree.within.as_ref().map_or(at.span, |it| it.span);
                self.report(found.label(span, "said here"));
            }
            let Some(frame) = self.scopes.frame() else { continue };
            if let Some(first) = frame.names.get(&tree.name.text).and_then(|it| frame.entries.get(*it)) {
                let message = format!("two params are called `{}`", tree.name.text);
                let found =
                    Diagnostic::new(Code::N006, tree.name.span, message).label(first.declared, "the first one is here");
                self.report(found);
                continue;
            }
            let slot = frame.add(Entry::new(&tree.name, What::Param, 0).of(ty.clone()));
            let fits = |known: &Ty| known.required().fits(&ty) || ty.required().fits(known.required());
            let context = scope::context(&tree.name.text).filter(|(it, known)| *it != Context::Mode && fits(known));
            params.push(Param {
                name: tree.name.text.clone(),
                doc: tree.doc.clone(),
                ty,
                within,
                default,
                context: context.map(|it| it.0),
                slot: number(slot),
                span: tree.span,
            });
        }
        params
    }

    /// Returns what a param must be in.
    fn within(&mut self, tree: &ast::Expr, ty: &Ty) -> Option<Value> {
        let item = ty.required().clone();
        let value = self.lower(tree, None);
        if value.ty == Ty::Unknown {
            return None;
        }
        // Quoted texts become what the param is.
        let value = if matches!(value.ty, Ty::List(_)) { self.lower(tree, Some(&item.clone().list())) } else { value };
        let Some(known) = constant(&value) else {
            if value.ty != Ty::Unknown {
                let message = "what a param must be in is known before the run: a range or a list of literals";
                self.report(Diagnostic::new(Code::T001, tree.span, message));
            }
            return None;
        };
        let dates = matches!(value.ty, Ty::DateRange) && item == Ty::Date;
        let range = Ty::Range(item.clone().into());
        if !(value.ty.fits(&range) || value.ty.fits(&item.list()) || dates) {
            let message = format!("a param of type {ty} cannot be in {}", expr::in_words(&value.ty));
            self.report(Diagnostic::new(Code::T001, tree.span, message));
            return None;
        }
        Some(known.clone())
    }

    fn limits(&mut self, stmts: &'a [Stmt], params: usize) -> Vec<(Name, Expr)> {
        let mut limits: Vec<(Name, Expr)> = Vec::new();
        let mut first: Option<Span> = None;
        for stmt in stmts {
            let Stmt::Limits(tree) = stmt else { continue };
            self.session.note(|it| it.settings(tree, &LIMITS));
            if let Some(first) = first {
                let found = Diagnostic::new(Code::S008, tree.keyword, "`limits` is given twice");
                self.report(found.label(first, "the first one is here"));
            }
            first = first.or(Some(tree.keyword));
            for (at, field) in tree.fields.iter().enumerate() {
                let name = &field.name;
                let Some(known) = LIMITS.iter().find(|it| it.name == name.text) else {
                    let found = Diagnostic::new(Code::N004, name.span, format!("there is no limit `{}`", name.text));
                    self.report(if let Some(near) = nearest(&name.text, LIMITS.iter().map(|it| &*it.name)) {
                        found.fix("a limit with a similar name exists", name.span, near)
                    } else {
                        let all = LIMITS.iter().map(|it| &*it.name).collect::<Vec<_>>().join(", ");
                        found.note(format!("the limits are: {all}"))
                    });
                    self.lower(&field.value, None);
                    continue;
                };
                if let Some(first) = tree.fields.iter().take(at).find(|it| it.name.text == name.text) {
                    let message = format!("`{}` is given twice", name.text);
                    let found = Diagnostic::new(Code::S008, name.span, message);
                    let found = found.label(first.name.span, "first here");
                    self.report(found.fix("remove the second", name.span.to(field.value.span), ""));
                    continue;
                }
                let from = self.scopes.uses.len();
                let value = self.lower(&field.value, Some(known.ty.required()));
                if self.scopes.uses.iter().skip(from).any(|it| it.index >= params) {
                    let found = Diagnostic::new(Code::T001, field.value.span, "a limit is known before the first step");
                    self.report(found.note("it can read params and the context, not what a step gives"));
                }
                super::rules::limit(self, name, &value, field.value.span);
                limits.push((name.text.clone(), value));
            }
        }
        limits
    }

    fn deadline(&mut self, stmts: &'a [Stmt]) -> Option<Expr> {
        let mut deadline: Option<(Span, Expr)> = None;
        for stmt in stmts {
            let Stmt::Deadline { value, span } = stmt else { continue };
            if let Some((first, _)) = &deadline {
                let found = Diagnostic::new(Code::S008, *span, "`deadline` is given twice");
                let found = found.label(*first, "the first one is here");
                self.report(found);
                continue;
            }
            deadline = Some((*span, self.duration(value, "deadline")));
        }
        deadline.map(|it| it.1)
    }

    /// Returns what the workflow gives: what it says, else the results that nothing uses.
    fn outputs(&mut self, stmts: &'a [Stmt], nodes: &[Node]) -> Vec<Output> {
        let mut outputs: Vec<Output> = Vec::new();
        let mut places: Vec<(Name, Span)> = Vec::new();
        for stmt in stmts {
            let Stmt::Output { name, value, .. } = stmt else { continue };
            if let Some((_, first)) = places.iter().find(|(it, _)| *it == name.text) {
                let found = Diagnostic::new(Code::N006, name.span, format!("two outputs are called `{}`", name.text));
                self.report(found.label(*first, "the first one is here"));
            }
            places.push((name.text.clone(), name.span));
            let span = value.span;
            let value = self.lower(value, None);
            if let Ty::Stream(_) = value.ty {
                let found = Diagnostic::new(Code::T017, span, "a stream cannot be an output");
                self.report(found.note("a stream has no end, so a run would never give it"));
            }
            outputs.push(Output { name: name.text.clone(), value });
        }
        if !places.is_empty() {
            return outputs;
        }
        let depth = self.scopes.depth();
        let mut seen = HashSet::new();
        for node in nodes.iter().filter(|it| !it.is_let && !matches!(it.ty, Ty::None | Ty::Stream(_))) {
            let at = (depth, node.slot as usize);
            if self.scopes.entry(at).is_some_and(|it| !it.used) && seen.insert(node.name.clone()) {
                let value = self.scopes.read_as_expr(at, None, node.span);
                outputs.push(Output { name: node.name.clone(), value });
            }
        }
        outputs
    }
}

/// Says why a param cannot be of a type.
fn not_a_param(ty: &Ty) -> Option<&'static str> {
    match ty {
        Ty::Stream(_) => Some("a stream is the value of a step, and handlers read it there"),
        Ty::Series(_) => Some("a series is known in strategies only"),
        Ty::List(it) | Ty::Optional(it) => not_a_param(it),
        Ty::Record(fields) => fields.iter().find_map(|it| not_a_param(&it.ty)),
        _ => None,
    }
}

/// Returns the share that a limit is of the capital or equity, where it is said as one.
pub(super) fn share_of(value: &Expr) -> Option<Value> {
    match &value.kind {
        Kind::Const(it @ Value::Percent(_)) => Some(it.clone()),
        Kind::Binary(ast::BinaryOp::Of, share, whole) => match (&share.kind, &whole.kind) {
            (Kind::Const(it @ Value::Percent(_)), Kind::Slot(_) | Kind::Context(Context::Capital)) => Some(it.clone()),
            _ => None,
        },
        _ => None,
    }
}
