//! In paper and live trading, a step that waits for a network says how long.

use super::StepView;
use crate::{
    check::walk::Walk,
    source::{Code, Diagnostic},
};

pub(super) fn check(walk: &mut Walk<'_, '_>, step: &StepView<'_, '_>) {
    let matters = matches!(&*walk.mode, "paper" | "live");
    let Some(call) = step.done.network.filter(|_| matters && step.clauses.span("timeout").is_none()) else { return };
    let found = Diagnostic::new(Code::P006, call, "a step that talks to the network has no time-out");
    let place = walk.steps.last().map_or(step.tree.span, |it| it.work);
    walk.report(found.with_fix(walk.with_clause("say how long one try may take", place, "timeout", "30s")));
}
