//! In paper and live trading, a step that waits for a network says how long.

use super::StepView;
use crate::{
    check::walk::Walk,
    source::{Code, Diagnostic},
    syntax::ast::Stmt,
};

pub(super) fn check(walk: &mut Walk<'_, '_>, step: &StepView<'_, '_>) {
    let matters = matches!(&*walk.mode, "paper" | "live");
    // What a step around it waits is all that it has.
    let timed = walk.steps.iter().any(|it| it.is_timed)
        || walk.tree.body.stmts.iter().any(|it| matches!(it, Stmt::Deadline { .. }));
    let Some(call) = step.done.network.filter(|_| matters && !timed) else { return };
    let found = Diagnostic::new(Code::P006, call, "a step that talks to the network has no time-out");
    let place = walk.steps.last().map_or(step.tree.span, |it| it.work);
    walk.report(found.with_fix(walk.with_clause("say how long one try may take", place, "timeout", "30s")));
}
