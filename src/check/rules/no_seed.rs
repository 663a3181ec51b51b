//! What draws at random gives the same again only from the same seed.

use crate::{
    check::facts::CallFacts,
    source::{Code, Diagnostic, Fix},
    value::Value,
};

pub(super) fn check(call: &CallFacts<'_, '_, '_>) -> Option<Diagnostic> {
    let method = &call.call.method;
    let seed = method.seed?;
    let without = match call.of(seed) {
        Some(facts) => facts.value() == Some(&Value::None),
        None => method.input(seed)?.default.as_ref().is_none_or(Value::is_none),
    };
    if !without {
        return None;
    }
    let path = &call.call.written;
    let found = Diagnostic::new(Code::B013, call.span(seed), format!("`{path}` is random and has no seed"));
    let found = found.note("two runs of it differ, and no result can be made again");
    let edits = call.argument(seed, "42").into_iter().collect();
    Some(found.with_fix(Fix { title: format!("give it a seed: `{seed}: 42`"), safe: true, edits }))
}
