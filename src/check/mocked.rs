//! What a test does to methods: `mock`, `fail`, `delay`, and which of them touch the world.

use std::sync::Arc;

use super::{
    Work,
    case::{Change, Happens},
    scope::{Entry, What},
    trial::Case,
    walk::{Done, constant},
};
use crate::{
    expr::{Expr, in_words, nearest},
    slice::{Effect, FaultKind, Method},
    source::{Code, Diagnostic},
    syntax::ast::{self, ExprKind, TestStmt},
    value::{Field, Ty, Value},
};

/// The faults that a test may ask for.
const FAULTS: [(&str, FaultKind); 5] = [
    ("transient", FaultKind::Transient),
    ("permanent", FaultKind::Permanent),
    ("input", FaultKind::Input),
    ("timed_out", FaultKind::TimedOut),
    ("panicked", FaultKind::Panicked),
];

impl<'a> Case<'_, 'a> {
    /// Checks what a test does to a method.
    pub fn change(&mut self, stmt: &'a TestStmt) -> Option<Change> {
        let (callee, span) = match stmt {
            TestStmt::At { time, then, .. } => {
                let from = self.lower(time, None);
                if !matches!(from.ty, Ty::Time | Ty::Duration | Ty::Unknown) {
                    let message = format!("expected a time of day, found {}", in_words(&from.ty));
                    let found = Diagnostic::new(Code::T001, time.span, message);
                    self.walk.report(found.note("a test starts at midnight: `at 10:00` and `at 10h` are the same"));
                }
                let change = self.change(then)?;
                return Some(Change { from: Some(from), span: stmt.span(), ..change });
            }
            TestStmt::Mock { callee, span, .. }
            | TestStmt::Fail { callee, span, .. }
            | TestStmt::Delay { callee, span, .. } => (callee, *span),
            _ => return None,
        };
        let method = self.mocked(callee);
        let what = match stmt {
            TestStmt::Mock { value, .. } => self.gives(method.as_ref()?, value)?,
            TestStmt::Fail { times, kind, .. } => {
                let times = times.as_ref().map(|it| self.times(it));
                Happens::Fails(times, kind.as_ref().map_or(Some(FaultKind::Transient), |it| self.kind(it))?)
            }
            TestStmt::Delay { by, .. } => Happens::Takes(self.lower(by, Some(&Ty::Duration))),
            _ => return None,
        };
        Some(Change { method: method?, from: None, what, span })
    }

    fn times(&mut self, tree: &ast::Expr) -> Expr {
        let times = self.lower(tree, Some(&Ty::Int));
        if let Some(Value::Int(..=0)) = constant(&times) {
            self.walk.report(Diagnostic::new(Code::T007, tree.span, "it fails at least 1 time, or not at all"));
        }
        times
    }

    fn kind(&mut self, tree: &ast::Expr) -> Option<FaultKind> {
        let kind = self.lower(tree, Some(&Ty::members(FAULTS.map(|it| it.0))));
        let text = constant(&kind)?.as_str()?.to_owned();
        FAULTS.iter().find(|it| it.0 == text).map(|it| it.1)
    }

    fn mocked(&mut self, callee: &ast::Callee) -> Option<Arc<Method>> {
        let registry = self.walk.session.registry;
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
        self.walk.report(near.into_iter().fold(found, |it, near| it.fix("a similar name exists", name.span, near)));
        None
    }

    /// Checks a stand-in for what a method gives: a call of another, a record of its fields, or a value of its type. It
    /// sees what the method is given.
    fn gives(&mut self, method: &Arc<Method>, value: &'a ast::Expr) -> Option<Happens> {
        let inputs = method.inputs.iter().map(|it| {
            let name = ast::Name { text: it.name.clone(), span: value.span };
            Entry::new(&name, What::Param, 0).of(it.ty.clone())
        });
        self.walk.enter(value.span, inputs);
        let work = self.stand_in(method, value);
        self.walk.scopes.frames.pop();
        work.map(Happens::Gives)
    }

    fn stand_in(&mut self, method: &Method, value: &'a ast::Expr) -> Option<Work> {
        let walk = &mut self.walk;
        let is_call = matches!(&value.kind, ExprKind::Call { .. } | ExprKind::Field(..));
        let is_record = matches!(&value.kind, ExprKind::Record(_));
        let found = if is_call {
            walk.callee(value, Some(&method.output))
        } else if let (true, Ty::Domain(name)) = (is_record, method.output.required()) {
            let fields = walk.session.registry.domain(name).map_or(&[][..], |it| &it.fields);
            // A test gives the fields that matter to it; the others are none.
            let partial = fields.iter().map(|it| Field { ty: it.ty.clone().optional(), ..it.clone() });
            let partial = Ty::Record(partial.collect());
            return Some(Work::Value(walk.lower(value, Some(&partial))));
        } else {
            Done::value(walk.lower(value, Some(&method.output)))
        };
        match &found.work {
            Work::Call(call) => {
                if let Some(what) = touches(&call.method) {
                    let message = format!("`{}` {what}, and a test touches nothing real", call.method.path());
                    walk.report(Diagnostic::new(Code::E003, call.span, message).help("mock with a value"));
                }
            }
            Work::Value(_) => {}
            _ => {
                let found = Diagnostic::new(Code::S006, value.span, "a mock is a value or a call of a method");
                walk.report(found);
                return None;
            }
        }
        if !found.ty.fits(&method.output) {
            let message = format!("`{}` gives {}, this is {}", method.path(), method.output, found.ty);
            walk.report(Diagnostic::new(Code::T001, value.span, message));
        }
        Some(found.work)
    }
}

/// Says how a method touches the world, where it does. Prices come from the program itself in a test, so reading them is
/// no such thing.
pub(super) fn touches(method: &Method) -> Option<&'static str> {
    match method.effect {
        Effect::Orders => Some("places orders"),
        Effect::Writes => Some("writes files"),
        Effect::Notifies => Some("tells people of something"),
        _ if method.network => Some("talks to a network"),
        Effect::Pure | Effect::Reads => None,
    }
}

/// Returns a value of a type as it is written, where one can be made up.
pub(super) fn sample(ty: &Ty) -> Option<String> {
    Some(match ty {
        Ty::None | Ty::Any | Ty::Optional(_) => "none".to_owned(),
        Ty::Bool => "true".to_owned(),
        Ty::Int | Ty::Decimal => "1".to_owned(),
        Ty::Text => "\"\"".to_owned(),
        Ty::Percent => "50%".to_owned(),
        Ty::Money(_) => "100 USD".to_owned(),
        Ty::List(_) => "[]".to_owned(),
        Ty::Members(names) => format!("\"{}\"", names.first()?),
        Ty::Record(fields) => {
            let needed = fields.iter().filter(|it| !it.is_optional());
            let written: Option<Vec<_>> = needed.map(|it| Some(format!("{}: {}", it.name, sample(&it.ty)?))).collect();
            format!("{{ {} }}", written?.join(", "))
        }
        _ => return None,
    })
}
