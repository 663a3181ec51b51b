//! Which slots an expression or a step reads, so that a run can tell what came of degraded data.

use super::Gives;
use crate::{
    check::Arm,
    expr::{Expr, Kind, Slot},
};

/// Returns the slots that expressions read, each once; asking whether a value is degraded does not read it.
pub(crate) fn reads<'a>(expressions: impl IntoIterator<Item = &'a Expr>) -> Vec<Slot> {
    let mut found = Vec::new();
    expressions.into_iter().for_each(|it| of(it, &mut found));
    found.sort_unstable_by_key(|it| (it.up, it.index));
    found.dedup();
    found
}

/// Adds the expressions of a work that are evaluated in the frame of its step. What the bodies of it read comes back
/// with what they give.
pub(super) fn expressions<'a>(work: &'a crate::check::Work, found: &mut Vec<&'a Expr>) {
    use crate::check::Work;
    match work {
        Work::Call(call) => found.extend(call.inputs.iter().map(|it| &it.value)),
        Work::Value(value) => found.push(value),
        // A filter sees the element's own slots, which are none of the step's.
        Work::For(it) => found.push(&it.list),
        Work::Match(it) => {
            found.push(&it.on);
            it.arms.iter().for_each(|Arm { work, .. }| expressions(work, found));
        }
        Work::Workflow(it) => found.extend(it.inputs.iter().map(|it| &it.value)),
        Work::Block(_) | Work::On(_) => {}
    }
}

impl Gives {
    /// Returns the slots that it is computed from.
    pub(super) fn reads(&self) -> Vec<Slot> {
        match self {
            Gives::Nothing => Vec::new(),
            Gives::Value(value) => reads([value]),
            Gives::Outputs(outputs) => reads(outputs.iter().map(|it| &it.value)),
        }
    }
}

fn of(expr: &Expr, found: &mut Vec<Slot>) {
    match &expr.kind {
        Kind::Slot(slot) => found.push(*slot),
        // It asks how a value came to be, which is known without the value.
        Kind::Builtin(builtin, _) if builtin.name == "degraded" => {}
        _ => expr.parts().into_iter().for_each(|it| of(it, found)),
    }
}
