//! A strategy that needs more bars than there are never decides.

use crate::{
    check::facts::{CallFacts, What},
    slice::Role,
    source::{Code, Diagnostic, Fix},
};

pub(super) fn check(call: &CallFacts<'_, '_, '_>) -> Option<Diagnostic> {
    let Some(Role::Decides { strategy, bars }) = call.call.method.role else { return None };
    let What::Strategy(made) = &call.of(strategy)?.what else { return None };
    let loaded = call.bars(bars)?;
    let (most, timeframe) = (loaded.most?, loaded.timeframe?);
    let needed = u64::try_from(made.strategy.rules.lookback_on(timeframe)).ok()?;
    if needed < most {
        return None;
    }
    let name = made.template.name();
    let sure = made.among.as_ref().is_none_or(|it| it.sure);
    let (needs, so) = if sure { ("needs", "so it never decides") } else { ("may need", "so it may never decide") };
    let message = format!("`{name}` {needs} {needed} bars before it decides, at most {most} are loaded");
    let found = Diagnostic::new(Code::B003, call.span(bars), message).here(so);
    let found = found.label(loaded.said.unwrap_or(loaded.made), format!("at most {most} bars"));
    let found = if made.span == call.span(strategy) {
        found
    } else {
        found.label(made.span, format!("looks back by {needed} bars"))
    };
    let found = match &made.among {
        Some(it) if it.sure => found.note(format!("so it is with `{}`, which the loop tries", it.params)),
        Some(it) => found.note(format!("so it is with `{}`, which may be what was chosen", it.params)),
        None => found,
    };
    let Some(more) = &loaded.more else { return Some(found.help("load a longer period")) };
    // Bars that warm up come on top; of the latest ones some must be left to decide on.
    let wanted = if more.on_top { needed } else { needed.saturating_mul(2) };
    let title = format!("let more bars come along: `{}: {wanted} bars`", more.input);
    let text = format!("{wanted} bars");
    let edit = match more.written {
        Some(span) => Some(crate::source::Edit { span, text }),
        None => call.added(loaded.made, more.input, &text),
    };
    Some(found.with_fix(Fix { title, safe: false, edits: edit.into_iter().collect() }))
}
