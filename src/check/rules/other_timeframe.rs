//! A strategy that reads a slower timeframe needs bars of which that one can be made.

use crate::{
    check::facts::{CallFacts, What},
    slice::Role,
    source::{Code, Diagnostic},
};

pub(super) fn check(call: &CallFacts<'_, '_, '_>) -> Option<Diagnostic> {
    let Some(Role::Decides { strategy, bars } | Role::Validates { strategy, bars }) = call.call.method.role else {
        return None;
    };
    let What::Strategy(made) = &call.of(strategy)?.what else { return None };
    let loaded = call.bars(bars)?;
    let given = loaded.timeframe?;
    let unfit = |wanted: i64| wanted < given.0 || wanted % given.0.max(1) != 0;
    let wanted = *made.strategy.rules.timeframes().iter().find(|it| unfit(it.0))?;
    let message = format!("`{}` reads bars of {wanted}, these are of {given}", made.template.name());
    let found = Diagnostic::new(Code::B011, call.span(bars), message);
    let found = found.here(if wanted < given {
        "shorter bars cannot be made of longer ones".to_owned()
    } else {
        format!("{wanted} is no whole multiple of {given}")
    });
    let found = if loaded.made == call.call.span { found } else { found.label(loaded.made, format!("of {given}")) };
    let Some((input, written)) = loaded.length else { return Some(found.help(format!("load bars of {wanted}"))) };
    let edit = match written {
        Some(span) => Some(crate::source::Edit { span, text: wanted.to_string() }),
        None => call.added(loaded.made, input, &wanted.to_string()),
    };
    let title = format!("load bars of {wanted}");
    Some(found.with_fix(crate::source::Fix { title, safe: false, edits: edit.into_iter().collect() }))
}
