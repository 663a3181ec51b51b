//! `test` blocks: what they mock is a method, what they run a workflow, what they expect true or false.

use std::{cell::OnceCell, sync::Arc};

use super::{
    Workflow,
    case::{Act, Change, Fact, Happens, Test, Trial},
    load::ItemRef,
    mocked::{sample, touches},
    mode,
    scope::{Entry, Scopes, What},
    session::Session,
    walk::{Walk, constant, indent},
    wire::{Port, Site},
};
use crate::{
    expr::{Context, Expr, dotted, nearest},
    slice::Method,
    source::{Code, Diagnostic, Edit, Fix, Span},
    syntax::ast::{self, ArgKind, TestStmt},
    value::{Name, Ty, Value},
};

/// A test that is being checked.
pub(super) struct Case<'s, 'a> {
    pub walk: Walk<'s, 'a>,
    acts: Vec<Act>,
    /// What each entry of the outermost frame holds.
    pub facts: Vec<Fact>,
    /// The runs so far, and what each gives.
    pub runs: Vec<Arc<Workflow>>,
    /// For each change so far, whether something that runs calls its method.
    called: Vec<bool>,
}

/// Checks a test of the root file.
pub(super) fn check<'a>(session: &mut Session<'a>, at: ItemRef, tree: &'a ast::Test) -> Test {
    let runs =
        tree.stmts.iter().filter_map(|it| if let TestStmt::Run { workflow, .. } = it { Some(workflow) } else { None });
    let runs: Vec<_> = runs.collect();
    let Some((_, first)) = runs.iter().find_map(|it| workflow_at(session, at, it)) else {
        let mut found: Vec<_> = runs.iter().map(|it| no_workflow(session, at, it)).collect();
        if found.is_empty() {
            let nothing = Diagnostic::new(Code::S006, tree.name_span, "this test runs nothing");
            found.push(nothing.help("add `run WORKFLOW(…)`"));
        }
        session.out.borrow_mut().append(&mut found);
        return Test { name: tree.name.clone(), span: tree.name_span, acts: Vec::new(), facts: Vec::new() };
    };
    let walk = walk(session, at, first);
    let mut case = Case { walk, acts: Vec::new(), facts: Vec::new(), runs: Vec::new(), called: Vec::new() };
    case.walk.enter(tree.span, []);
    for (order, stmt) in tree.stmts.iter().enumerate() {
        if let Some(frame) = case.walk.scopes.frame() {
            frame.at = order;
        }
        case.stmt(stmt, order);
    }
    case.unused(tree);
    if let Some(frame) = case.walk.scopes.frames.last() {
        case.walk.session.note(|it| it.body(frame));
    }
    let out = std::mem::take(&mut case.walk.out);
    let test = Test { name: tree.name.clone(), span: tree.name_span, acts: case.acts, facts: case.facts };
    session.out.borrow_mut().extend(out);
    test
}

/// A test stands for no workflow of its own; its places and modes are those of the first that it runs.
fn walk<'s, 'a>(session: &'s mut Session<'a>, at: ItemRef, tree: &'a ast::Workflow) -> Walk<'s, 'a> {
    let modes = mode::declared(tree);
    Walk {
        session,
        at,
        tree,
        mode: modes.first().cloned().unwrap_or_else(|| "backtest".into()),
        modes,
        scopes: Scopes::default(),
        out: Vec::new(),
        steps: Vec::new(),
        yielded: None,
        trusting: false,
        inside: OnceCell::new(),
    }
}

/// Returns what is said of a path that names no workflow.
fn no_workflow(session: &Session<'_>, at: ItemRef, path: &ast::Expr) -> Diagnostic {
    let Some(text) = dotted(path) else {
        let found = Diagnostic::new(Code::S006, path.span, "what a test runs is a workflow");
        return found.help("write its name, as in `run simple_backtest(…)`");
    };
    let found = Diagnostic::new(Code::N003, path.span, format!("there is no workflow `{text}`"));
    let all = session.callable(at.unit);
    let near = nearest(&text, all.iter().map(String::as_str));
    near.into_iter().fold(found, |it, near| it.fix("a workflow with a similar name exists", path.span, near))
}

/// Returns the workflow that a path names.
fn workflow_at<'a>(session: &Session<'a>, at: ItemRef, path: &ast::Expr) -> Option<(ItemRef, &'a ast::Workflow)> {
    let found = session.find(at.unit, &dotted(path)?)?;
    let project = session.project;
    if let Some(ast::Item::Workflow(it)) = project.item(found) { Some((found, it)) } else { None }
}

impl<'a> Case<'_, 'a> {
    fn stmt(&mut self, stmt: &'a TestStmt, order: usize) {
        match stmt {
            TestStmt::Let(it) => {
                let want = it.ty.as_ref().map(|it| self.walk.resolve_type(it));
                let value = self.lower(&it.value, want.as_ref());
                let ty = want.unwrap_or_else(|| value.ty.clone());
                let slot = self.put(Entry::new(&it.name, What::Let, order).of(ty), Fact::Let);
                self.acts.push(Act::Let(super::body::number(slot), value));
            }
            TestStmt::Run { name, workflow, args, span, .. } => self.run(name.as_ref(), workflow, args, *span),
            TestStmt::Expect { that, .. } => {
                let before = self.walk.out.len();
                // What is not there makes an expectation fail, so nothing has to be said for that case.
                self.walk.trusting = true;
                let value = self.lower(that, Some(&Ty::Bool));
                self.walk.trusting = false;
                // What compares two things that are never equal has been told.
                if let (Some(Value::Bool(it)), true) = (constant(&value), self.walk.out.len() == before) {
                    let message = format!("this expectation {} holds", if *it { "always" } else { "never" });
                    let found = Diagnostic::new(Code::T013, that.span, message);
                    self.walk.report(found.note("it looks at nothing that a run gives"));
                }
                self.acts.push(Act::Expect(value));
            }
            TestStmt::Bad(_) => {}
            other => {
                if let Some(change) = self.change(other) {
                    self.acts.push(Act::Change(change));
                    self.called.push(false);
                }
            }
        }
    }

    /// Adds a name of the test, and what it holds. What a run gives hides what the runs before it gave.
    pub fn put(&mut self, entry: Entry, fact: Fact) -> usize {
        let Some(frame) = self.walk.scopes.frame() else { return 0 };
        let name = entry.name.clone();
        let hides = entry.what == What::Ran
            && frame.names.get(&name).and_then(|it| frame.entries.get(*it)).is_some_and(|it| it.what == What::Ran);
        let slot = frame.add(entry);
        if hides {
            frame.names.insert(name, slot);
        }
        self.facts.push(fact);
        slot
    }

    /// Checks an expression, in which what is asked of runs and steps has a place of its own.
    pub fn lower(&mut self, tree: &ast::Expr, want: Option<&Ty>) -> Expr {
        let tree = self.resolved(tree);
        self.walk.lower(&tree, want)
    }

    fn run(&mut self, name: Option<&'a ast::Name>, path: &'a ast::Expr, args: &'a [ast::Arg], span: Span) {
        let at = self.walk.at;
        let Some((item, tree)) = workflow_at(self.walk.session, at, path) else {
            let found = no_workflow(self.walk.session, at, path);
            return self.walk.report(found);
        };
        let Some(mode) = self.mode_of(tree, args, path.span) else { return };
        let Some(built) = self.walk.session.workflow(item, &mode, None) else { return };
        let workflow = built.workflow.clone();
        let ports: Vec<Port> = workflow.params().iter().map(Port::of_param).collect();
        let (mut own, mut context) = (Vec::new(), Vec::new());
        for arg in args {
            let known = match &arg.kind {
                ArgKind::Named(name, value) if !ports.iter().any(|it| it.name == name.text) => {
                    Context::find(&name.text).map(|it| (it, value))
                }
                _ => None,
            };
            match known {
                Some((Context::Mode, _)) => {}
                Some((it, value)) => context.push((it, self.lower(value, Some(it.ty().required())))),
                None => own.push(self.resolved_arg(arg)),
            }
        }
        let parens = Span { start: path.span.end, ..span };
        let has_parens = self.walk.text(parens).trim_start().starts_with('(');
        let site = Site { head: path.span, args: &own, args_span: has_parens.then_some(parens) };
        let inputs = self.walk.inputs(&dotted(path).unwrap_or_default(), &ports, &site);
        self.walk.called(item, &ports, &built.ty, &inputs, &site);
        let symbol = |it: Context| context.iter().any(|(name, _)| *name == it);
        let says_one = symbol(Context::Symbol) || inputs.iter().any(|it| &*it.name == "symbol");
        if workflow.wants_symbol() && symbol(Context::Symbols) && !says_one {
            let message = format!("`{}` is about one symbol, and a test runs it for one", workflow.name());
            let found = Diagnostic::new(Code::N004, path.span, message);
            self.walk.report(found.help("give it `symbol: \"AAPL\"`, say, and run it once for each"));
        }
        self.look_at_calls(&workflow, path.span, span);
        let workflow = Arc::new(workflow.shown());
        self.add_results(name, &workflow, span);
        let name = name.map_or("run".into(), |it| it.text.clone());
        self.acts.push(Act::Run(Box::new(Trial { name, workflow, inputs, context, span })));
    }

    /// Returns the mode of a run: what its argument says, else the workflow's own default.
    fn mode_of(&mut self, tree: &ast::Workflow, args: &'a [ast::Arg], head: Span) -> Option<Name> {
        let declared = mode::declared(tree);
        let said = args.iter().find_map(|it| match &it.kind {
            ArgKind::Named(name, value) if &*name.text == "mode" => Some(value),
            _ => None,
        });
        let Some(said) = said else { return Some(declared.first().cloned().unwrap_or_else(|| "backtest".into())) };
        let value = self.lower(said, Some(&Context::Mode.ty()));
        let Some(mode) = constant(&value).and_then(Value::as_str).map(Name::from) else {
            if value.ty != Ty::Unknown {
                let found = Diagnostic::new(Code::T001, said.span, "the mode of a run is known before it");
                self.walk.report(found.help("write it here, as in `mode: \"paper\"`"));
            }
            return None;
        };
        if !declared.is_empty() && !declared.contains(&mode) {
            let message = format!("`{}` does not run in mode {mode}", tree.name.text);
            let found = Diagnostic::new(Code::T008, said.span, message).label(head, "run here");
            self.walk.report(found.note(format!("its modes: {}", declared.join(", "))));
            return None;
        }
        Some(mode)
    }

    /// Makes what a run gives known by its names: the run, its outputs, its steps.
    fn add_results(&mut self, name: Option<&ast::Name>, workflow: &Arc<Workflow>, span: Span) {
        let run = self.runs.len();
        self.runs.push(workflow.clone());
        let named = |text: &Name| ast::Name { text: text.clone(), span };
        let own: Vec<_> = workflow.outputs().iter().filter(|it| super::case::is_own_output(&it.name)).collect();
        let ty = Ty::record(own.iter().map(|it| (&*it.name, it.value.ty.clone())).collect::<Vec<_>>());
        for it in &own {
            let entry = Entry::new(&named(&it.name), What::Ran, 0).of(it.value.ty.clone());
            self.put(entry, Fact::Output(run, it.name.clone()));
        }
        for it in workflow.body().nodes.iter().filter(|node| !own.iter().any(|it| it.name == node.name)) {
            let entry = Entry::new(&named(&it.name), What::Ran, 0).of(it.ty.clone());
            self.put(entry, Fact::Value(run, it.name.clone()));
        }
        // The run itself comes first where a step of it has its name.
        for name in name.cloned().into_iter().chain([named(&"run".into())]) {
            self.put(Entry::new(&name, What::Ran, 0).of(ty.clone()), Fact::Outputs(run));
        }
    }

    /// Takes note of what a workflow calls, and refuses what would touch the world.
    fn look_at_calls(&mut self, workflow: &Workflow, head: Span, stmt: Span) {
        let changes: Vec<&Change> =
            self.acts.iter().filter_map(|it| if let Act::Change(it) = it { Some(it) } else { None }).collect();
        let mut real: Vec<(&Arc<Method>, Span)> = Vec::new();
        let called = &mut self.called;
        workflow.each_call(&mut |call| {
            let mut stands_in = false;
            for (change, called) in changes.iter().zip(called.iter_mut()) {
                if Arc::ptr_eq(&change.method, &call.method) {
                    *called = true;
                    let always = matches!(change.what, Happens::Gives(_) | Happens::Fails(None, _));
                    stands_in |= always && change.from.is_none();
                }
            }
            let known = real.iter().any(|(it, _)| Arc::ptr_eq(it, &call.method));
            if !stands_in && !known && touches(&call.method).is_some() {
                real.push((&call.method, call.span));
            }
        });
        let found: Vec<_> = real.into_iter().map(|(method, at)| self.would_touch(method, head, at, stmt)).collect();
        self.walk.out.extend(found);
    }

    fn would_touch(&self, method: &Method, head: Span, called: Span, stmt: Span) -> Diagnostic {
        let path = method.path();
        let what = touches(method).unwrap_or("touches the world");
        let found = Diagnostic::new(Code::E003, head, format!("`{path}` {what}, and a test touches nothing real"));
        let found = found.here("this run would call it").label(called, "called here");
        let sample = sample(&method.output);
        let title = format!("mock it: it gives {}", method.output);
        match sample {
            Some(sample) if self.walk.is_yaml() => found.help(format!("{title}, as in `- mock: {{{path}: {sample}}}`")),
            Some(sample) => {
                let source = self.walk.session.sources.get(stmt.file);
                let indent = source.map(|it| indent(it, stmt)).unwrap_or_default();
                let edit = Edit { span: stmt.before(), text: format!("mock {path} = {sample}\n{indent}") };
                found.with_fix(Fix { title, safe: false, edits: vec![edit] })
            }
            None => found.help(format!("{title}, as in `mock {path} = …`")),
        }
    }

    /// Reports what is declared and never used: lets, and changes of methods that nothing calls.
    fn unused(&mut self, tree: &ast::Test) {
        let unread = |it: &TestStmt| matches!(it, TestStmt::Bad(_));
        let runs_all = tree.stmts.iter().filter(|it| matches!(it, TestStmt::Run { .. })).count() == self.runs.len();
        if tree.stmts.iter().any(unread) || !runs_all {
            return;
        }
        let changes = self.acts.iter().filter_map(|it| if let Act::Change(it) = it { Some(it) } else { None });
        let mut found = Vec::new();
        for (change, _) in changes.zip(&self.called).filter(|(_, called)| !**called) {
            let message = format!("nothing that this test runs below calls `{}`", change.method.path());
            found.push(Diagnostic::new(Code::G003, change.span, message).fix("remove it", change.span, ""));
        }
        let lets = self.walk.scopes.frames.first().into_iter().flat_map(|it| &it.entries);
        for entry in lets.filter(|it| it.what == What::Let && !it.used) {
            found.push(Diagnostic::new(Code::G003, entry.declared, format!("the let `{}` is never used", entry.name)));
        }
        self.walk.out.append(&mut found);
    }
}
