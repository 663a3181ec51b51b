//! What a test asks of its runs: `run.status`, `prices.attempts`, `results["AAPL"].prices.error`. Each has a place of its
//! own among the names of the test, so that all else is an expression as any other.

use super::{
    Body, Node, Work,
    case::{About, Fact},
    scope::{Entry, What},
    trial::Case,
};
use crate::{
    syntax::ast::{self, ArgKind, ExprKind},
    value::{Ty, Value},
};

/// A part of a path: a name, or the key of an element.
enum Part<'e> {
    Name(&'e ast::Name),
    Key(String),
}

impl Case<'_, '_> {
    /// Returns an expression in which everything that is asked of runs and steps is a name.
    pub fn resolved(&mut self, tree: &ast::Expr) -> ast::Expr {
        if let Some((fact, ty)) = path(tree).and_then(|it| self.asked(&it)) {
            return self.named(fact, ty, tree);
        }
        let mut boxed = |it: &ast::Expr| Box::new(self.resolved(it));
        let kind = match &tree.kind {
            ExprKind::Field(base, name) => ExprKind::Field(boxed(base), name.clone()),
            ExprKind::Index(base, at) => ExprKind::Index(boxed(base), boxed(at)),
            ExprKind::Call { callee, args, args_span } => {
                let args = args.iter().map(|it| self.resolved_arg(it)).collect();
                ExprKind::Call { callee: callee.clone(), args, args_span: *args_span }
            }
            ExprKind::List(items) => ExprKind::List(items.iter().map(|it| self.resolved(it)).collect()),
            ExprKind::Record(fields) => ExprKind::Record(fields.iter().map(|it| self.resolved_arg(it)).collect()),
            ExprKind::Unary(op, of) => ExprKind::Unary(*op, boxed(of)),
            ExprKind::Binary { op, op_span, left, right } => {
                ExprKind::Binary { op: *op, op_span: *op_span, left: boxed(left), right: boxed(right) }
            }
            ExprKind::Paren(of) => ExprKind::Paren(boxed(of)),
            ExprKind::Literal { .. } | ExprKind::Text(_) | ExprKind::Ref(_) | ExprKind::Bad => tree.kind.clone(),
        };
        ast::Expr { kind, span: tree.span }
    }

    /// Returns an argument in which everything that is asked of runs and steps is a name.
    pub fn resolved_arg(&mut self, arg: &ast::Arg) -> ast::Arg {
        let kind = match &arg.kind {
            ArgKind::Named(name, value) => ArgKind::Named(name.clone(), self.resolved(value)),
            ArgKind::Positional(value) => ArgKind::Positional(self.resolved(value)),
            ArgKind::Spread(value) => ArgKind::Spread(self.resolved(value)),
        };
        ast::Arg { kind, span: arg.span }
    }

    /// Returns the name under which a fact can be read.
    fn named(&mut self, fact: Fact, ty: Ty, tree: &ast::Expr) -> ast::Expr {
        // Braces are in no name of a file, and a fact is told from another by its number.
        let slot = self.facts.iter().position(|it| *it == fact).unwrap_or(self.facts.len());
        let known = self.walk.scopes.frames.first().and_then(|it| it.entries.get(slot)).map(|it| it.name.clone());
        let visible = known.filter(|it| self.walk.scopes.locate(it) == Some((0, slot)));
        let text = visible.unwrap_or_else(|| format!("{{{}}}", self.facts.len()).into());
        let name = ast::Name { text, span: tree.span };
        if self.walk.scopes.locate(&name.text).is_none() {
            self.put(Entry::new(&name, What::Ran, 0).of(ty), fact);
        }
        ast::Expr { kind: ExprKind::Ref(name), span: tree.span }
    }

    /// Returns what a path asks of a run or of a step of it; nothing where it is a value like any other.
    fn asked(&self, parts: &[Part<'_>]) -> Option<(Fact, Ty)> {
        let (Part::Name(first), rest) = parts.split_first()? else { return None };
        let (_, slot) = self.walk.scopes.locate(&first.text).filter(|it| it.0 == 0)?;
        let (run, parts) = match self.facts.get(slot)? {
            Fact::Outputs(run) => match rest {
                [Part::Name(name)] => return self.of_run(*run, &name.text),
                _ => (*run, rest),
            },
            Fact::Output(run, _) | Fact::Value(run, _) => (*run, parts),
            _ => return None,
        };
        let (Part::Name(last), steps) = parts.split_last()? else { return None };
        let about = About::find(&last.text)?;
        if let [Part::Name(only)] = steps {
            // A field of the value comes first.
            let (_, ty) = self.given(run, &only.text)?;
            if self.walk.session.registry.fields(ty.required()).iter().any(|it| it.name == last.text) {
                return None;
            }
        }
        let path = step_path(self.runs.get(run)?.body(), steps)?;
        Some((Fact::Step(run, path, about), about.ty(false)))
    }

    fn of_run(&self, run: usize, name: &str) -> Option<(Fact, Ty)> {
        match About::find(name).filter(|it| *it != About::Attempts) {
            Some(about) => Some((Fact::Run(run, about), about.ty(true))),
            None => self.given(run, name),
        }
    }

    /// Returns an output of a run or the value of a step of it, with its type.
    fn given(&self, run: usize, name: &str) -> Option<(Fact, Ty)> {
        let workflow = self.runs.get(run)?;
        if let Some(it) = workflow.outputs().iter().find(|it| *it.name == *name) {
            return Some((Fact::Output(run, it.name.clone()), it.value.ty.clone()));
        }
        let node = workflow.body().nodes.iter().find(|it| *it.name == *name)?;
        Some((Fact::Value(run, node.name.clone()), node.ty.clone()))
    }
}

/// Returns the parts of a path; nothing where an expression is none.
fn path(tree: &ast::Expr) -> Option<Vec<Part<'_>>> {
    let mut parts = Vec::new();
    let mut next = tree;
    loop {
        match &next.kind {
            ExprKind::Ref(name) => {
                parts.push(Part::Name(name));
                parts.reverse();
                return (parts.len() > 1).then_some(parts);
            }
            ExprKind::Field(base, name) => {
                parts.push(Part::Name(name));
                next = base;
            }
            ExprKind::Index(base, at) => {
                parts.push(Part::Key(match &at.kind {
                    ExprKind::Text(it) => it.to_string(),
                    ExprKind::Literal { value: Value::Int(it), .. } => it.to_string(),
                    _ => return None,
                }));
                next = base;
            }
            _ => return None,
        }
    }
}

/// Returns the path of a step as results have it; nothing where there is no such step.
fn step_path(body: &Body, parts: &[Part<'_>]) -> Option<String> {
    let mut path = String::new();
    let mut bodies = vec![body];
    let mut parts = parts.iter().peekable();
    while let Some(part) = parts.next() {
        let Part::Name(name) = part else { return None };
        let node = bodies.iter().flat_map(|it| &it.nodes).find(|it| it.name == name.text && !it.is_let)?;
        path.push_str(&name.text);
        bodies = Vec::new();
        if let Some(Part::Key(key)) = parts.peek() {
            parts.next();
            path.push_str(&format!("[{key}]."));
            inside(node, &mut |work| {
                if let Work::For(it) = work {
                    bodies.push(&it.body);
                }
            });
            // An element by itself is no step.
            parts.peek()?;
        } else if parts.peek().is_some() {
            let mut called = false;
            inside(node, &mut |work| match work {
                Work::Block(it) => bodies.push(it),
                Work::Workflow(it) => {
                    called = true;
                    bodies.push(it.workflow.body());
                }
                _ => {}
            });
            path.push(if called { '/' } else { '.' });
        }
    }
    Some(path)
}

/// Shows what a step does, arm by arm, and what it does instead.
fn inside<'a>(node: &'a Node, see: &mut dyn FnMut(&'a Work)) {
    let mut open: Vec<&'a Work> = std::iter::once(&node.work).chain(&node.otherwise).collect();
    while let Some(work) = open.pop() {
        if let Work::Match(it) = work {
            open.extend(it.arms.iter().map(|it| &it.work));
        }
        see(work);
    }
}
