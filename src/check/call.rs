//! What a step calls: a method of a slice, a workflow, or nothing, so that it is a value.

use std::sync::Arc;

use super::{
    Call, Input, SubWorkflow, Work,
    index::{Expected, Target},
    load::ItemRef,
    walk::{Done, Walk, unknown},
    wire::{Port, Site},
};
use crate::{
    expr::{BUILTINS, nearest},
    slice::{Effect, Method},
    source::{Code, Diagnostic, Span},
    syntax::ast::{self, ArgKind, ExprKind},
    value::{Name, Ty},
};

impl<'a> Walk<'_, 'a> {
    /// Checks what stands where a step says what it does.
    pub fn callee(&mut self, tree: &'a ast::Expr, want: Option<&Ty>) -> Done {
        let (head, args, args_span) = match &tree.kind {
            ExprKind::Call { callee, args, args_span } => (&**callee, args.as_slice(), Some(*args_span)),
            _ => (tree, &[][..], None),
        };
        let site = Site { head: head.span, args, args_span };
        self.session.note(|it| it.expect(head.span, Expected::Callee));
        match &head.kind {
            ExprKind::Field(object, method) => match &object.kind {
                ExprKind::Ref(slice) => self.dotted(tree, slice, method, &site, want),
                _ => Done::value(self.lower(tree, want)),
            },
            ExprKind::Ref(name) => self.plain(tree, name, &site, want),
            _ => Done::value(self.lower(tree, want)),
        }
    }

    /// Checks `a.b`, which is a method, something imported, or a field.
    fn dotted(
        &mut self,
        tree: &'a ast::Expr,
        slice: &'a ast::Name,
        method: &'a ast::Name,
        site: &Site<'a>,
        want: Option<&Ty>,
    ) -> Done {
        let registry = self.session.registry;
        let called = site.args_span.is_some();
        self.session.note(|it| it.member(slice, method));
        if let Some(found) = registry.method(&slice.text, &method.text) {
            return self.method(found, slice, method, site);
        }
        let path = format!("{}.{}", slice.text, method.text);
        if let Some(at) = self.session.find(self.at.unit, &path) {
            return self.item(tree, at, site, want);
        }
        let value = self.scopes.locate(&slice.text);
        let slices = || registry.slices();
        if slices().any(|it| *it == *slice.text) {
            let ty = value.map(|it| self.scopes.ty(it));
            let is_field = ty.is_some_and(|ty| registry.fields(ty.required()).iter().any(|it| it.name == method.text));
            if !called && is_field {
                return Done::value(self.lower(tree, want));
            }
            self.no_method(slice, method);
        } else if value.is_some() && !called {
            return Done::value(self.lower(tree, want));
        } else if let Some(target) =
            self.session.project.units.get(self.at.unit).and_then(|it| it.namespaces.get(&slice.text))
        {
            let theirs = self.session.project.units.get(*target).into_iter().flat_map(|it| it.items.keys());
            let found = Diagnostic::new(Code::N011, method.span, format!("`{}` has no `{}`", slice.text, method.text));
            let near = nearest(&method.text, theirs.map(|it| &**it));
            let found = near.into_iter().fold(found, |it, near| it.fix("a similar name exists", method.span, near));
            self.report(found);
        } else if !called && self.nearer_value(&slice.text, &method.text) {
            return Done::value(self.lower(tree, want));
        } else {
            let mut found = Diagnostic::new(Code::N001, slice.span, format!("there is no slice `{}`", slice.text));
            let having = slices().find(|it| registry.method(it, &method.text).is_some());
            if value.is_some() {
                let message = format!("`{}` is a value, and values have no methods", slice.text);
                found = Diagnostic::new(Code::N001, slice.span, message)
                    .note("a step calls a method of a slice and gives it values: `slice.method(name: value)`");
                if let Some(having) = having {
                    found = found.fix(format!("`{having}` has a method `{}`", method.text), slice.span, having);
                }
            } else if let Some(near) = nearest(&slice.text, slices()) {
                found = found.fix("a slice with a similar name exists", slice.span, near);
            } else if let Some(having) = having {
                found = found.fix(format!("`{having}` has a method `{}`", method.text), slice.span, having);
            } else {
                found = found.note(format!("the slices are: {}", slices().collect::<Vec<_>>().join(", ")));
            }
            self.report(found);
        }
        self.lost(site)
    }

    /// Says whether a name that nothing has is more like a value's than like a slice's.
    fn nearer_value(&self, name: &str, method: &str) -> bool {
        let registry = self.session.registry;
        if registry.slices().any(|it| registry.method(it, method).is_some()) {
            return false;
        }
        let names = crate::expr::Scope::names(self);
        let distance = |other: &str| strsim::damerau_levenshtein(name, other);
        let value = nearest(name, names.iter().map(|(it, _)| &**it)).map(distance);
        let slice = nearest(name, registry.slices()).map(distance);
        match (value, slice) {
            (Some(value), Some(slice)) => value < slice,
            (value, None) => value.is_some(),
            (None, Some(_)) => false,
        }
    }

    fn no_method(&mut self, slice: &ast::Name, method: &ast::Name) {
        self.session.note(|it| it.refer(slice.span, Target::Slice(slice.text.clone())));
        let methods = self.session.registry.methods(&slice.text);
        let message = format!("slice `{}` has no method `{}`", slice.text, method.text);
        let found = Diagnostic::new(Code::N002, method.span, message).here("no such method");
        let found = found.label(slice.span, "in this slice");
        let known = methods.iter().map(|it| it.name).collect::<Vec<_>>().join(", ");
        let found = found.note(format!("`{}` has: {known}", slice.text));
        let all = methods.iter().flat_map(|it| std::iter::once(it.name).chain(it.aliases.iter().copied()));
        let found = match nearest(&method.text, all) {
            Some(near) => found.fix("a method with a similar name exists", method.span, near),
            None => found,
        };
        self.report(found);
    }

    /// Checks a name without a dot, which is a workflow, a strategy, a builtin or a value.
    fn plain(&mut self, tree: &'a ast::Expr, name: &'a ast::Name, site: &Site<'a>, want: Option<&Ty>) -> Done {
        if let Some(at) = self.session.find(self.at.unit, &name.text) {
            return self.item(tree, at, site, want);
        }
        let builtin = BUILTINS.iter().any(|it| it.name == &*name.text);
        if site.args_span.is_none() || builtin {
            return Done::value(self.lower(tree, want));
        }
        if self.session.registry.slices().any(|it| *it == *name.text) {
            let methods: Vec<_> = self.session.registry.methods(&name.text).iter().map(|it| it.name).collect();
            let message = format!("`{}` is a slice; say which of its methods is called", name.text);
            self.report(
                Diagnostic::new(Code::N002, name.span, message).note(format!("it has: {}", methods.join(", "))),
            );
            return self.lost(site);
        }
        let workflows = self.session.callable(self.at.unit);
        let templates = self.session.templates(self.at.unit);
        let all = workflows.iter().chain(&templates).map(String::as_str).chain(BUILTINS.iter().map(|it| it.name));
        if let Some(near) = nearest(&name.text, all).filter(|it| workflows.iter().any(|name| name == it)) {
            let found = Diagnostic::new(Code::N003, name.span, format!("nothing here is called `{}`", name.text));
            self.report(found.fix("a workflow with a similar name exists", name.span, near));
            return self.lost(site);
        }
        let registry = self.session.registry;
        let having: Vec<&str> = registry.slices().filter(|it| registry.method(it, &name.text).is_some()).collect();
        if !having.is_empty() && self.scopes.locate(&name.text).is_none() {
            let found = Diagnostic::new(Code::N003, name.span, format!("nothing here is called `{}`", name.text));
            let found = found.note("a method is called with its slice before it");
            let offer = |it: Diagnostic, of: &&str| {
                it.fix(format!("`{of}` has a method `{}`", name.text), name.span.before(), format!("{of}."))
            };
            self.report(having.iter().take(3).fold(found, offer));
            return self.lost(site);
        }
        Done::value(self.lower(tree, want))
    }

    /// Checks a call of something declared in a file.
    fn item(&mut self, tree: &'a ast::Expr, at: ItemRef, site: &Site<'a>, want: Option<&Ty>) -> Done {
        match self.session.project.item(at) {
            Some(ast::Item::Workflow(callee)) => {
                let head = if let ExprKind::Call { callee, .. } = &tree.kind { callee } else { tree };
                self.session.note(|it| _ = it.item(self.session.project, self.at.unit, head));
                self.call_workflow(callee, at, site)
            }
            _ => Done::value(self.lower(tree, want)),
        }
    }

    fn method(&mut self, method: &Arc<Method>, slice: &ast::Name, name: &ast::Name, site: &Site<'a>) -> Done {
        let written: Name = format!("{}.{}", slice.text, name.text).into();
        let ports: Vec<Port> = method.inputs.iter().map(Port::of).collect();
        let inputs = self.inputs(&written, &ports, site);
        self.session.note(|it| it.method(method, (slice, name), &self.scopes, &inputs, site));
        let span = site.args_span.map_or(site.head, |it| site.head.to(it));
        super::rules::call(self, method, &inputs, site);
        super::rules::old_names(self, method, slice, name);
        let call = Call { method: method.clone(), written, inputs, span };
        Done {
            work: Work::Call(call),
            ty: method.output.clone(),
            effect: method.effect,
            degraded: method.simulated.then_some(span),
            network: (method.network && !matches!(method.output, Ty::Stream(_))).then_some(span),
            orders: method.effect == Effect::Orders,
        }
    }

    fn call_workflow(&mut self, callee: &'a ast::Workflow, at: ItemRef, site: &Site<'a>) -> Done {
        let declared = super::mode::declared(callee);
        if !declared.is_empty() && !declared.contains(&self.mode) {
            let message = format!("`{}` does not run in mode {}", callee.name.text, self.mode);
            let found = Diagnostic::new(Code::T008, site.head, message);
            self.report(found.note(format!("its modes: {}", declared.join(", "))));
            return self.lost(site);
        }
        let mode = self.mode.clone();
        let Some(built) = self.session.workflow(at, &mode, Some(site.head)) else { return self.lost(site) };
        let workflow = built.workflow;
        let ports: Vec<Port> = workflow.params.iter().map(Port::of_param).collect();
        let inputs = self.inputs(&workflow.name, &ports, site);
        self.called(at, &ports, &built.ty, &inputs, site);
        // What the callee takes from the run is read in this workflow too.
        let symbol = |it: &super::Param| it.context == Some(crate::expr::Context::Symbol);
        let filled = workflow.params.iter().any(|it| symbol(it) && inputs.iter().any(|input| input.name == it.name));
        if workflow.wants_symbol && !filled {
            self.scopes.contexts.insert(crate::expr::Context::Symbol);
        }
        let effect = workflow.body.nodes.iter().map(|it| it.effect).max().unwrap_or(Effect::Pure);
        Done {
            work: Work::Workflow(Box::new(SubWorkflow { workflow, inputs, span: span_of(site) })),
            ty: built.ty,
            effect,
            degraded: built.degraded,
            network: None,
            orders: effect == Effect::Orders,
        }
    }

    /// Takes note of a call of a workflow for the index.
    pub fn called(&self, at: ItemRef, ports: &[Port], ty: &Ty, inputs: &[Input], site: &Site<'_>) {
        self.session.note(|it| it.workflow(self.session.project, at, ports, ty, (&self.scopes, inputs), site));
    }

    /// Checks the arguments of a call that could not be understood, so that their mistakes and uses count.
    fn lost(&mut self, site: &Site<'_>) -> Done {
        for arg in site.args {
            let (ArgKind::Named(_, it) | ArgKind::Positional(it) | ArgKind::Spread(it)) = &arg.kind;
            self.lower(it, None);
        }
        Done { effect: Effect::Orders, ..Done::value(unknown(span_of(site))) }
    }
}

fn span_of(site: &Site<'_>) -> Span {
    site.args_span.map_or(site.head, |it| site.head.to(it))
}
