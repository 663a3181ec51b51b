//! A list of the symbols of today, tested on years past, leaves out all that went under since: survivorship bias.

use crate::{
    check::facts::{CallFacts, What, Window, days_of},
    slice::Role,
    source::{Code, Diagnostic, Fix},
};

/// How many days back a list of today is still as good as one of then.
const YEAR: i32 = 365;

/// How many years make a list that a person wrote one of survivors.
const LONG: i32 = 5 * YEAR;

pub(super) fn check(call: &CallFacts<'_, '_, '_>) -> Option<Diagnostic> {
    let Some(Role::Loads { symbol, .. }) = call.call.method.role else { return None };
    let today = call.of(symbol)?.today?;
    let What::Bars(loaded) = &call.given.what else { return None };
    let first = match &loaded.window {
        Window::Days(days) => {
            let long = if today.as_of.is_some() { YEAR } else { LONG };
            let ranges = days_of(days);
            let first = ranges.iter().map(|it| it.start).min()?;
            let last = ranges.iter().map(|it| it.end).max()?;
            if first.until(last).ok()?.get_days() < long {
                return None;
            }
            Some(first)
        }
        Window::All if today.as_of.is_some() => None,
        _ => return None,
    };
    let past = first.map_or_else(|| "all of the past".to_owned(), |it| it.year().to_string());
    let message = format!("today's list of symbols is used for {past}: survivorship bias");
    let found = Diagnostic::new(Code::B006, call.span(symbol), message);
    let found = found.label(today.span, "listed as they are today");
    let found =
        found.note("what went under, was taken over or left an index since is not in it, so results look better");
    let (Some(as_of), Some(first)) = (today.as_of, first) else {
        return Some(found.help("list them as they were then, or say with `allow` why this list is right"));
    };
    let edits = call.added(today.span, as_of, &first.to_string()).into_iter().collect();
    Some(found.with_fix(Fix { title: format!("list them as they were then: `{as_of}: {first}`"), safe: false, edits }))
}
