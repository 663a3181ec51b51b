//! In paper and live trading, a step that waits for a network says how long.

use super::StepView;
use crate::{
    check::walk::{Walk, indent},
    source::{Code, Diagnostic},
};

pub(super) fn check(walk: &mut Walk<'_, '_>, step: &StepView<'_, '_>) {
    let matters = matches!(&*walk.mode, "paper" | "live");
    if !matters || !step.done.network || step.clauses.span("timeout").is_some() {
        return;
    }
    let span = walk.steps.last().map_or(step.tree.span, |it| it.work);
    let found = Diagnostic::new(Code::P006, span, "a step that talks to the network has no time-out");
    let title = "say how long one try may take";
    walk.report(match walk.session.sources.get(span.file).filter(|_| !walk.is_yaml()) {
        Some(source) => {
            let text = format!("\n{}  timeout 30s", indent(source, step.tree.span));
            found.fix(title, span.after(), text)
        }
        None => found.help(format!("{title}: `timeout: 30s`")),
    });
}
