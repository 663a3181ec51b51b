//! `test` blocks: what they mock is a method, what they run a workflow, what they expect true or false.

use super::{
    load::ItemRef,
    mode,
    scope::{Entry, Scopes, What},
    session::Session,
    walk::Walk,
    wire::{Port, Site},
};
use crate::{
    expr::nearest,
    slice::Method,
    source::{Code, Diagnostic},
    syntax::ast::{self, TestStmt},
    value::Ty,
};

/// Checks a test of the root file.
pub(super) fn check<'a>(session: &mut Session<'a>, at: ItemRef, tree: &'a ast::Test) {
    let project = session.project;
    // A test stands for no workflow of its own; its places and modes are those of the one that it runs.
    let run =
        tree.stmts.iter().find_map(|it| if let TestStmt::Run { workflow, .. } = it { Some(workflow) } else { None });
    let ran = run.and_then(|it| session.find(at.unit, &it.text));
    let Some(ast::Item::Workflow(workflow)) = ran.and_then(|it| project.item(it)) else {
        let found = match run {
            None => Diagnostic::new(Code::S006, tree.name_span, "this test runs nothing").help("add `run WORKFLOW(…)`"),
            Some(name) => {
                let found = Diagnostic::new(Code::N003, name.span, format!("there is no workflow `{}`", name.text));
                let all = session.callable(at.unit);
                let near = nearest(&name.text, all.iter().map(String::as_str));
                near.into_iter()
                    .fold(found, |it, near| it.fix("a workflow with a similar name exists", name.span, near))
            }
        };
        session.out.borrow_mut().push(found);
        return;
    };
    let declared = mode::declared(workflow);
    let mode = declared.first().cloned().unwrap_or_else(|| "backtest".into());
    let built = ran.and_then(|it| session.workflow(it, &mode, None));
    let mut walk = Walk {
        session,
        at,
        tree: workflow,
        mode,
        modes: declared,
        scopes: Scopes::default(),
        out: Vec::new(),
        steps: Vec::new(),
        yielded: None,
    };
    walk.enter([]);
    for (order, stmt) in tree.stmts.iter().enumerate() {
        if let Some(frame) = walk.scopes.frame() {
            frame.at = order;
        }
        match stmt {
            TestStmt::Let(it) => {
                let want = it.ty.as_ref().map(|it| walk.resolve_type(it));
                let value = walk.lower(&it.value, want.as_ref());
                let entry = Entry::new(&it.name, What::Let, order).of(want.unwrap_or(value.ty));
                walk.scopes.frame().map(|it| it.add(entry));
            }
            TestStmt::Run { args, span, workflow } => {
                let Some(built) = &built else { continue };
                let ports: Vec<Port> = built.workflow.params().iter().map(Port::of_param).collect();
                let site = Site { head: workflow.span, args, args_span: Some(*span) };
                walk.inputs(&workflow.text, &ports, &site);
                // After the run, what it gave and what its steps gave can be named.
                let outputs = built.workflow.outputs().iter().map(|it| (it.name.clone(), it.value.ty.clone()));
                let body = built.workflow.body();
                let steps = body.nodes.iter().map(|it| (it.name.clone(), it.ty.clone().optional()));
                for (name, ty) in outputs.chain(steps) {
                    let name = ast::Name { text: name, span: *span };
                    walk.scopes.frame().map(|it| it.add(Entry::new(&name, What::Step, order).of(ty)));
                }
            }
            TestStmt::Expect { that, .. } if built.is_some() => {
                walk.lower(that, Some(&Ty::Bool));
            }
            other => walk.fault(other),
        }
    }
    let out = std::mem::take(&mut walk.out);
    session.out.borrow_mut().extend(out);
}

impl<'a> Walk<'_, 'a> {
    /// Checks what a test does to a method.
    fn fault(&mut self, stmt: &'a TestStmt) {
        match stmt {
            TestStmt::Mock { callee, value, .. } => {
                let Some(method) = self.mocked(callee) else { return };
                self.mock(&method, value);
            }
            TestStmt::Fail { callee, .. } => {
                self.mocked(callee);
            }
            TestStmt::Delay { callee, by, .. } => {
                self.mocked(callee);
                self.lower(by, Some(&Ty::Duration));
            }
            TestStmt::At { time, then, .. } => {
                self.lower(time, Some(&Ty::Time));
                self.fault(then);
            }
            TestStmt::Let(_) | TestStmt::Run { .. } | TestStmt::Expect { .. } | TestStmt::Bad(_) => {}
        }
    }

    fn mocked(&mut self, callee: &ast::Callee) -> Option<std::sync::Arc<Method>> {
        let registry = self.session.registry;
        let (slice, method) = (&callee.slice, &callee.method);
        if let Some(found) = registry.method(&slice.text, &method.text) {
            return Some(found.clone());
        }
        let known = registry.slices().any(|it| *it == *slice.text);
        let (code, name, message) = if known {
            (Code::N002, method, format!("slice `{}` has no method `{}`", slice.text, method.text))
        } else {
            (Code::N001, slice, format!("there is no slice `{}`", slice.text))
        };
        let methods: Vec<&str> = registry.methods(&slice.text).iter().map(|it| it.name).collect();
        let near = if known { nearest(&name.text, methods) } else { nearest(&name.text, registry.slices()) };
        let found = Diagnostic::new(code, name.span, message);
        self.report(near.into_iter().fold(found, |it, near| it.fix("a similar name exists", name.span, near)));
        None
    }

    /// Checks a stand-in for what a method gives: another call, a record of its fields, or a value of its type.
    fn mock(&mut self, method: &Method, value: &'a ast::Expr) {
        let is_call = matches!(&value.kind, ast::ExprKind::Call { .. } | ast::ExprKind::Field(..));
        let is_record = matches!(&value.kind, ast::ExprKind::Record(_));
        let span = value.span;
        let found = if is_call {
            self.callee(value, Some(&method.output)).ty
        } else if let (true, Ty::Domain(name)) = (is_record, method.output.required()) {
            let fields = self.session.registry.domain(name).map_or(&[][..], |it| &it.fields);
            // A test gives the fields that matter to it; the others are left out.
            let partial = fields.iter().map(|it| crate::value::Field { ty: it.ty.clone().optional(), ..it.clone() });
            let partial = Ty::Record(partial.collect());
            self.lower(value, Some(&partial));
            return;
        } else {
            self.lower(value, Some(&method.output)).ty
        };
        if !found.fits(&method.output) {
            let message = format!("`{}` gives {}, this is {found}", method.path(), method.output);
            self.report(Diagnostic::new(Code::T001, span, message));
        }
    }
}
