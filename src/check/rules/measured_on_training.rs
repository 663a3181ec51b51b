//! What was chosen by its results on some bars is not measured on them: it was chosen because it looked well there.

use crate::{
    check::facts::{Bars, CallFacts, Overlap},
    slice::Role,
    source::{Code, Diagnostic, Fix},
};

pub(super) fn check(call: &CallFacts<'_, '_, '_>) -> Option<Diagnostic> {
    let Some(Role::Decides { strategy, bars } | Role::Validates { strategy, bars }) = call.call.method.role else {
        return None;
    };
    let choice = call.of(strategy)?.choice.as_ref()?;
    let measured = call.bars(bars)?;
    let (on, overlap) = (choice.on.iter())
        .map(|on| (on, measured.overlap(on)))
        .find(|(_, overlap)| matches!(overlap, Overlap::Part | Overlap::Whole))?;
    let message = "the parameters are measured on the bars that chose them";
    let words = |it: &Bars, other: &str| match it.said.map(|it| call.text(it)) {
        Some(text) if !text.is_empty() && !text.contains('\n') => format!("`{text}`"),
        _ => other.to_owned(),
    };
    let covers = format!("covers {}", words(&measured, "bars that it was chosen on"));
    let found = Diagnostic::new(Code::B004, call.span(bars), message).here(covers);
    let how = if choice.fitted { "fitted to" } else { "chosen from runs on" };
    let found = found.label(choice.span, format!("{how} {}", words(on, "these bars")));
    let found = found.note(match overlap {
        Overlap::Whole => "the overlap is 100% of the window: this result is in-sample",
        _ => "the windows overlap: part of this result is in-sample",
    });
    let found = found.note("to report it on purpose, write `# wf: allow(WF-B004) in-sample reference`");
    let unseen = |it: &Bars| choice.on.iter().all(|on| it.overlap(on) == Overlap::None);
    // A result is worth something on what came after the choice.
    let later = |it: &Bars| choice.on.iter().all(|on| it.is_after(on));
    let sight = call.bars_in_sight();
    let other = sight.iter().find(|(_, it)| unseen(it) && later(it)).map(|it| &it.0);
    let before = sight.iter().find(|(_, it)| unseen(it)).map(|it| &it.0);
    let edit = other.and_then(|name| call.argument(bars, name));
    Some(match (other, edit, before) {
        (Some(name), Some(edit), _) => {
            let title = format!("measure on `{name}`, which the choice has not seen");
            found.with_fix(Fix { title, safe: false, edits: vec![edit] })
        }
        (None, _, Some(name)) => found.help(format!("choose on `{name}`, which lies before, and measure here")),
        _ => found.help("measure on bars that the choice has not seen: a test window behind it"),
    })
}
