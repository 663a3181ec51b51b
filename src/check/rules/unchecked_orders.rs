//! What is sent to a broker was held against the limits first.

use crate::{
    check::facts::{CallFacts, Guard},
    slice::Effect,
    source::{Code, Diagnostic, Fix},
};

pub(super) fn check(call: &CallFacts<'_, '_, '_>) -> Option<Diagnostic> {
    let method = &call.call.method;
    if method.effect != Effect::Orders || !matches!(call.mode(), "paper" | "live") {
        return None;
    }
    let unchecked = method.inputs.iter().find_map(|it| match call.of(&it.name)?.guard {
        Guard::No(made) => Some((it, made, call.guard_of(it.ty.required())?)),
        _ => None,
    });
    let (input, made, guard) = unchecked?;
    let path = guard.split('(').next().unwrap_or_default();
    let message = format!("orders reach the broker without passing `{path}`");
    let found = Diagnostic::new(Code::P004, call.span(&input.name), message).here("places orders");
    let found = found.label(made, format!("`{}` comes from here", input.name));
    let (name, title) = (call.free_name("checked"), format!("check it first with `{path}`"));
    let value = call.value_text(&input.name);
    let edits = value.and_then(|value| {
        let above = call.step_above(&format!("step {name} = {guard}{value})"))?;
        Some(vec![above, call.argument(&input.name, &name)?])
    });
    Some(found.with_fix(Fix { title, safe: false, edits: edits.unwrap_or_default() }))
}
