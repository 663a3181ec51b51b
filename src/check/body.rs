//! The statements of a body: what is declared, and each resolved after what it names.

use super::{
    Body, Node, SlotInfo, Work,
    graph::{self, Draft},
    order,
    scope::{Entry, Frame, What},
    walk::{StepSite, Walk},
};
use crate::{
    expr::{self, Expr, Kind},
    slice::Effect,
    source::{Code, Diagnostic, Span},
    syntax::ast::{self, Stmt},
    value::Ty,
};

/// Where a body stands, which decides what may stand in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    Workflow,
    For,
    Arm,
    On,
}

impl Walk<'_, '_> {
    /// Enters a body at a place that begins with these entries.
    pub fn enter(&mut self, span: Span, entries: impl IntoIterator<Item = Entry>) {
        let mut frame = Frame { span, ..Frame::default() };
        for entry in entries {
            frame.add(entry);
        }
        self.scopes.frames.push(frame);
    }
}

impl<'a> Walk<'_, 'a> {
    /// Resolves the statements of the body that was entered last; the caller leaves it with [`leave`](Self::leave).
    pub fn statements(&mut self, stmts: &'a [Stmt], place: Place) -> Body {
        let slots = self.declare(stmts, place);
        let depth = self.scopes.depth();
        let mut drafts: Vec<(usize, Draft)> = Vec::with_capacity(stmts.len());
        let (order, early) = order::by_reference(stmts, self.session.registry);
        super::rules::early(self, stmts, &early);
        for at in order {
            let (Some(stmt), Some(Some(slot))) = (stmts.get(at), slots.get(at).copied()) else { continue };
            if let Some(frame) = self.scopes.frame() {
                frame.at = at;
            }
            let from = self.scopes.uses.len();
            let (node, after) = match stmt {
                Stmt::Let(it) => (self.let_(it, slot), Vec::new()),
                Stmt::Step(it) => self.step(it, slot),
                Stmt::On(it) => (self.on(it, slot), Vec::new()),
                _ => continue,
            };
            let own = |it: &&super::scope::Use| it.depth == depth;
            let reads = self.scopes.uses.iter().skip(from).filter(own).map(|it| (it.index, it.wired)).collect();
            drafts.push((at, Draft { node, reads, after, stmt: at }));
        }
        drafts.sort_by_key(|(at, _)| *at);
        if let Some(frame) = self.scopes.frame() {
            frame.at = stmts.len();
        }
        self.yielded = None;
        let result = self.result(stmts, place);
        let drafts = drafts.into_iter().map(|(_, it)| it).collect();
        let nodes = graph::connect(self, stmts, drafts);
        let slots = self.scopes.frame().map(|frame| {
            let info = |it: &Entry| SlotInfo { name: it.name.clone(), ty: it.ty.clone().unwrap_or(Ty::Unknown) };
            frame.entries.iter().map(info).collect()
        });
        Body { slots: slots.unwrap_or_default(), nodes, result }
    }

    /// Leaves the innermost body; reports what nothing in it used.
    pub fn leave(&mut self, nodes: &[Node], says_outputs: bool) {
        super::rules::unused(self, nodes, says_outputs);
        super::rules::hidden(self);
        if let Some(frame) = self.scopes.frames.pop() {
            self.session.note(|it| it.body(&frame));
        }
        let depth = self.scopes.frames.len();
        self.scopes.present.retain(|it| it.0 < depth);
        self.scopes.accepted.retain(|it| it.0 < depth);
    }

    /// Gives every step, let and handler its slot, and reports what does not belong here.
    fn declare(&mut self, stmts: &[Stmt], place: Place) -> Vec<Option<usize>> {
        let mut slots = Vec::with_capacity(stmts.len());
        for (at, stmt) in stmts.iter().enumerate() {
            let (name, what) = match stmt {
                Stmt::Let(it) => (&it.name, What::Let),
                Stmt::Step(it) => (&it.name, What::Step),
                Stmt::On(it) => (&it.var, What::On),
                other => {
                    self.misplaced(other, place);
                    slots.push(None);
                    continue;
                }
            };
            if what == What::On && place != Place::Workflow {
                let found = Diagnostic::new(Code::S006, name.span, "`on` stands at the top of a workflow only");
                self.report(
                    found.note("what is inside another body ends with it; a handler runs as long as its stream"),
                );
                slots.push(None);
                continue;
            }
            let Some(frame) = self.scopes.frames.last_mut() else { continue };
            if what != What::On
                && let Some(first) = frame.names.get(&name.text).and_then(|it| frame.entries.get(*it))
            {
                let whose =
                    if first.what == what { format!("two {}s are", what.word()) } else { "two things are".into() };
                let message = format!("{whose} called `{}`", name.text);
                let found =
                    Diagnostic::new(Code::N006, name.span, message).label(first.declared, "the first one is here");
                self.out.push(found);
            }
            slots.push(Some(frame.add(Entry::new(name, what, at))));
        }
        slots
    }

    fn misplaced(&mut self, stmt: &Stmt, place: Place) {
        let (word, span, where_) = match stmt {
            Stmt::Rule(it) => ("enter` and `exit", it.head, "in a strategy only"),
            Stmt::Orders(it) => ("orders", it.keyword, "in a strategy only"),
            Stmt::Yield { span, .. } if matches!(place, Place::Workflow | Place::On) => {
                ("yield", *span, "in a `for` or an arm of a `match` only; a workflow gives its `output`")
            }
            Stmt::Modes { span, .. } if place != Place::Workflow => ("modes", *span, "at the top of a workflow only"),
            Stmt::Param(it) if place != Place::Workflow => ("param", it.span, "at the top of a workflow only"),
            Stmt::Limits(it) if place != Place::Workflow => ("limits", it.keyword, "at the top of a workflow only"),
            Stmt::Deadline { span, .. } if place != Place::Workflow => {
                ("deadline", *span, "at the top of a workflow only")
            }
            Stmt::Output { span, .. } if place != Place::Workflow => {
                ("output", *span, "at the top of a workflow only; a body gives its value with `yield`")
            }
            _ => return,
        };
        let verb = if word.contains('`') || word.ends_with('s') { "stand" } else { "stands" };
        self.report(Diagnostic::new(Code::S006, span, format!("`{word}` {verb} {where_}")));
    }

    /// Checks the value of a body.
    fn result(&mut self, stmts: &'a [Stmt], place: Place) -> Option<Expr> {
        if matches!(place, Place::Workflow | Place::On) {
            return None;
        }
        let mut first: Option<(Span, Expr)> = None;
        let from = self.scopes.uses.len();
        for stmt in stmts {
            let Stmt::Yield { value, span } = stmt else { continue };
            if let Some((first, _)) = &first {
                let found =
                    Diagnostic::new(Code::S008, *span, "a body gives one value").label(*first, "it is given here");
                self.report(found);
                continue;
            }
            first = Some((*span, self.lower(value, None)));
        }
        self.yielded = self.degraded_since(from, &[]).map(|it| it.0);
        first.map(|it| it.1)
    }

    fn let_(&mut self, tree: &'a ast::Let, slot: usize) -> Node {
        let from = self.scopes.uses.len();
        let want = tree.ty.as_ref().map(|it| self.resolve_type(it));
        if let Some(on) = &tree.on {
            self.report(Diagnostic::new(Code::S006, on.span, "`on` a timeframe stands in a strategy only"));
        }
        let before = self.out.len();
        let value = self.lower(&tree.value, want.as_ref());
        self.offer_step(tree, before);
        // The type that is written counts, so that a reader need not know what its value happens to be.
        let ty = want.unwrap_or_else(|| value.ty.clone());
        let alias = is_path(&value);
        self.settle(slot, ty.clone(), from, None, None);
        if let Some(entry) = self.scopes.entry_mut((self.scopes.depth(), slot)) {
            entry.alias = alias;
        }
        let work = Work::Value(value);
        let plain = Node::plain(tree.name.text.clone(), number(slot), ty, work, Effect::Pure, tree.span);
        Node { is_let: true, ..plain }
    }

    /// Makes the type of a slot known, and what follows for its readers from all that was read since `from`.
    pub fn settle(&mut self, slot: usize, ty: Ty, from: usize, degraded: Option<Span>, absent: Option<Span>) {
        let given = self.given_since(from);
        let degraded = degraded.or_else(|| self.degraded_since(from, &[]).map(|it| it.0));
        let depth = self.scopes.depth();
        if let Some(entry) = self.scopes.entry_mut((depth, slot)) {
            entry.ty = Some(ty);
            entry.given = given;
            entry.degraded = degraded;
            entry.absent = absent;
        }
    }

    /// Returns the type that a file writes.
    pub fn resolve_type(&mut self, tree: &ast::TypeExpr) -> Ty {
        let mut out = Vec::new();
        let ty = expr::resolve_type(tree, &self.session.of_unit(self.at.unit), &mut out);
        self.out.append(&mut out);
        ty
    }

    fn step(&mut self, tree: &'a ast::Step, slot: usize) -> (Node, Vec<(usize, Span)>) {
        let from = self.scopes.uses.len();
        self.steps.push(StepSite::of(tree));
        let clauses = self.clauses(tree);
        let (present, accepted) = (self.scopes.present.len(), self.scopes.accepted.len());
        self.scopes.present.extend(clauses.present.iter().copied());
        self.scopes.accepted.extend(clauses.accepted.iter().copied());
        let want = tree.ty.as_ref().map(|it| self.resolve_type(it));
        let mut done = self.right_side(&tree.rhs, want.as_ref());
        let mut ty = self.as_written(tree, want, done.ty.clone());
        let mut otherwise = Vec::new();
        let (mut degraded, mut absent) = (done.degraded.or(lesser(&clauses, &done.ty)), None);
        for (rhs, clause) in &clauses.otherwise {
            let other = self.right_side(rhs, Some(&ty.clone().optional()));
            degraded = degraded.or(Some(*clause));
            if other.ty == Ty::None {
                absent = Some(*clause);
            }
            ty = self.joined(ty, &other.ty, rhs_span(rhs), tree);
            done.effect = done.effect.max(other.effect);
            done.orders |= other.orders;
            otherwise.push(other.work);
        }
        if let Some(when) = &clauses.when {
            ty = ty.optional();
            absent = Some(when.1);
        }
        self.scopes.present.truncate(present);
        super::rules::step(self, tree, &clauses, &done, from);
        self.scopes.accepted.truncate(accepted);
        self.steps.pop();
        self.settle(slot, ty.clone(), from, degraded, absent);
        let node = Node {
            name: tree.name.text.clone(),
            is_let: false,
            slot: number(slot),
            ty,
            work: done.work,
            otherwise,
            when: clauses.when.map(|it| it.0),
            timeout: clauses.timeout,
            retry: clauses.retry,
            every: clauses.every,
            cache: clauses.cache,
            tolerate: clauses.tolerate,
            needs: Vec::new(),
            order_only: Vec::new(),
            effect: done.effect,
            doc: tree.doc.clone(),
            span: tree.span,
        };
        (node, clauses.after)
    }

    /// Holds what a step gives against the type that the file writes for it.
    fn as_written(&mut self, tree: &ast::Step, want: Option<Ty>, found: Ty) -> Ty {
        let Some(want) = want else { return found };
        if found.fits(&want) {
            return want;
        }
        let span = tree.ty.as_ref().map_or(tree.name.span, |it| it.span);
        let message = format!("`{}` is said to be {want}, its value is {found}", tree.name.text);
        self.report(
            Diagnostic::new(Code::T001, span, message).label(rhs_span(&tree.rhs), format!("this gives {found}")),
        );
        Ty::Unknown
    }

    /// Returns the type that both a step and its `else` have a place in.
    fn joined(&mut self, ty: Ty, other: &Ty, span: Span, tree: &ast::Step) -> Ty {
        if let Some(joined) = ty.join(other) {
            return joined;
        }
        let message = format!("the `else` value is {other}, the step is {}", ty.required());
        let found = Diagnostic::new(Code::T011, span, message);
        self.report(found.label(rhs_span(&tree.rhs), format!("this gives {}", ty.required())));
        ty
    }
}

/// Returns the clause by which what a step gives may be of lesser worth than what it measured: it is of earlier, or of
/// fewer. What a stream drops is not in it, and takes nothing from the rest.
fn lesser(clauses: &super::clauses::Clauses<'_>, ty: &Ty) -> Option<Span> {
    let dropped = || clauses.span("tolerate").filter(|_| matches!(ty.required(), Ty::List(_)));
    clauses.span("cache").or_else(dropped)
}

/// Returns where the right side of a step stands.
pub(super) fn rhs_span(rhs: &ast::Rhs) -> Span {
    match rhs {
        ast::Rhs::Expr(it) => it.span,
        ast::Rhs::For(it) => it.span,
        ast::Rhs::Match(it) => it.span,
    }
}

/// Returns a slot as the IR counts them.
pub(super) fn number(slot: usize) -> u32 {
    u32::try_from(slot).unwrap_or(u32::MAX)
}

/// Says whether an expression merely names a value or a field of one.
fn is_path(expr: &Expr) -> bool {
    match &expr.kind {
        Kind::Slot(_) | Kind::Context(_) => true,
        Kind::Field(base, _) => is_path(base),
        _ => false,
    }
}
