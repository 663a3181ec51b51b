//! A condition that is false whatever happens keeps its step from ever running.

use super::StepView;
use crate::{
    check::walk::Walk,
    expr::{Context, Env, Expr, Kind, Slot, eval},
    source::{Code, Diagnostic},
    value::{Name, Ty, Value},
};

/// What is known before the run: the mode.
struct Known(Name);

impl Env for Known {
    fn slot(&self, _: Slot) -> Value {
        Value::None
    }
    fn context(&self, name: Context) -> Value {
        if name == Context::Mode { Value::Text(self.0.clone()) } else { Value::None }
    }
}

pub(super) fn check(walk: &mut Walk<'_, '_>, step: &StepView<'_, '_>) {
    let Some((when, span)) = &step.clauses.when else { return };
    if !is_known(when) || !matches!(eval(when, &Known(walk.mode.clone())), Ok(Value::Bool(false))) {
        return;
    }
    // A comparison that can only be false is that mistake, and no second one.
    if walk.out.iter().any(|it| it.code == Code::T013 && span.contains(it.span)) {
        return;
    }
    let found = Diagnostic::new(Code::G004, *span, "this step never runs: the condition is always false");
    walk.report(found.label(step.tree.name.span, "never runs").fix("remove the step", step.tree.span, ""));
}

/// Says whether nothing but the mode and constants decide an expression.
fn is_known(expr: &Expr) -> bool {
    match &expr.kind {
        Kind::Const(_) => expr.ty != Ty::Unknown,
        Kind::Context(it) => *it == Context::Mode,
        Kind::Not(it) => is_known(it),
        Kind::Binary(_, a, b) => is_known(a) && is_known(b),
        _ => false,
    }
}
