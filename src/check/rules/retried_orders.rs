//! Order steps take no `retry`: a second try would trade on an old decision, and perhaps twice.

use super::StepView;
use crate::{
    check::walk::Walk,
    slice::Effect,
    source::{Code, Diagnostic},
    value::Ty,
};

pub(super) fn check(walk: &mut Walk<'_, '_>, step: &StepView<'_, '_>) {
    // What could not be understood counts as an order elsewhere; its own mistake is enough here.
    let places = step.done.effect == Effect::Orders && step.done.ty != Ty::Unknown;
    let Some(span) = step.clauses.span("retry").filter(|_| places) else { return };
    let found = Diagnostic::new(Code::P005, span, "a step that places orders takes no `retry`");
    let found = found.label(step.tree.name.span, "places orders");
    let note = "the broker settles what became of an order; a retry would trade again on an old decision";
    walk.report(found.note(note).fix("remove it", span, ""));
}
