//! A bar that is still open changes until it closes, and a decision on it with it: it repaints.

use crate::{
    check::facts::CallFacts,
    slice::Role,
    source::{Code, Diagnostic},
};

pub(super) fn check(call: &CallFacts<'_, '_, '_>) -> Option<Diagnostic> {
    let Some(Role::Decides { bars, .. } | Role::Validates { bars, .. }) = call.call.method.role else { return None };
    let open = call.of(bars)?.open.filter(|_| matches!(call.mode(), "paper" | "live"))?;
    let length = call.bars(bars).and_then(|it| it.timeframe).map_or(String::new(), |it| format!("{it} "));
    let message = format!("the last {length}bar still changes until it closes (it repaints)");
    let found = Diagnostic::new(Code::B009, call.span(bars), message);
    let found = found.label(open, "its last bar may still be open");
    Some(found.help("decide on complete bars, as `data.get_recent` gives them"))
}
