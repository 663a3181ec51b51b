//! Live orders are not made from values of lesser worth, unless the step says that it accepts them.

use super::StepView;
use crate::{
    check::walk::Walk,
    source::{Code, Diagnostic, Span},
    value::Name,
};

pub(super) fn check(walk: &mut Walk<'_, '_>, step: &StepView<'_, '_>) {
    if !step.done.orders || *walk.mode != *"live" {
        return;
    }
    let mut known = walk.scopes.accepted.clone();
    let mut found: Vec<(Span, Name)> = Vec::new();
    while let Some((clause, name)) = walk.degraded_since(step.from, &known) {
        let Some(at) = walk.scopes.locate(&name).filter(|it| !known.contains(it)) else { break };
        known.push(at);
        found.push((clause, name));
    }
    if found.is_empty() {
        return;
    }
    let names: Vec<&str> = found.iter().map(|it| &*it.1).collect();
    let site = walk.steps.last().map_or(step.tree.span, |it| it.work);
    let message = format!("live orders can be made from degraded data: `{}`", names.join("`, `"));
    let mut diagnostic = Diagnostic::new(Code::P008, site, message).here("places orders");
    for (clause, _) in found.iter().take(3) {
        let what = match walk.text(*clause).split_whitespace().next() {
            Some("cache" | "cache:") => "may be of earlier",
            Some("tolerate" | "tolerate:") => "may leave some out",
            _ => "this may stand in for what was measured",
        };
        diagnostic = diagnostic.label(*clause, what);
    }
    let title = "say that the step accepts it, where that is safe";
    let names = names.join(", ");
    if let Some(accept) = step.clauses.span("accept") {
        diagnostic = diagnostic.note("`accept` names what the step itself reads, not what that was made of");
        if !walk.is_yaml() {
            return walk.report(diagnostic.fix(title, accept.after(), format!(", {names}")));
        }
        return walk.report(diagnostic.help(format!("{title}: add `{names}` to `accept`")));
    }
    let (place, names) = if walk.is_yaml() { (site, format!("[{names}]")) } else { (step.tree.span, names) };
    walk.report(diagnostic.with_fix(walk.with_clause(title, place, "accept", &names)));
}
