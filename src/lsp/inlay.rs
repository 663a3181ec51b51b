//! What fills the inputs that a call does not write: shown where the arguments would stand.

use lsp_types::{InlayHint, InlayHintKind, InlayHintLabel, InlayHintParams, InlayHintTooltip};

use super::{Answer, state::State};
use crate::{
    check::{Filled, index::Call},
    source::Span,
};

/// Returns the wiring of the calls in a range.
pub(super) fn hints(state: &mut State<'_>, params: InlayHintParams) -> Answer<Option<Vec<InlayHint>>> {
    let Some(analysis) = state.of(&params.text_document.uri) else { return Ok(None) };
    let Some(source) = analysis.source() else { return Ok(None) };
    let encoding = state.encoding;
    let (start, end) = (encoding.offset(source, params.range.start), encoding.offset(source, params.range.end));
    let inside = |it: &&Call| it.head.file == analysis.root && it.head.start <= end && start <= it.head.end;
    let hint = |call: &Call| {
        let (at, label) = label(call, source.slice(call.args.unwrap_or_default()), analysis.is_yaml())?;
        Some(InlayHint {
            position: encoding.position(source, at),
            label: InlayHintLabel::String(label),
            kind: Some(InlayHintKind::PARAMETER),
            text_edits: None,
            tooltip: Some(InlayHintTooltip::String(reasons(call))),
            padding_left: Some(analysis.is_yaml()),
            padding_right: None,
            data: None,
        })
    };
    Ok(Some(analysis.index.calls.iter().filter(inside).filter_map(hint).collect()))
}

/// Returns where the hint of a call stands, and what it says.
fn label(call: &Call, args: &str, yaml: bool) -> Option<(u32, String)> {
    let wired: Vec<String> =
        call.wired.iter().filter_map(|it| Some(format!("{}: {}", it.input, it.source()?))).collect();
    if wired.is_empty() {
        return None;
    }
    let wired = wired.join(", ");
    match call.args.filter(|_| !yaml && args.ends_with(')')) {
        None => Some((call.args.unwrap_or(call.head).end.max(call.head.end), format!("({wired})"))),
        Some(span) => {
            let inner = args.trim_start_matches('(').trim_end_matches(')').trim_end();
            let comma = if inner.is_empty() || inner.ends_with(',') { "" } else { ", " };
            Some((span.end - 1, format!("{comma}{wired}")))
        }
    }
}

fn reasons(call: &Call) -> String {
    let why = call.wired.iter().filter_map(|it| {
        let why = match &it.filled {
            Filled::Name(_) => "a value of the same name",
            Filled::Type(_) => "the only value of its type",
            Filled::Context(_) => "what the run knows by itself",
            Filled::Argument | Filled::Default | Filled::Nothing => return None,
        };
        Some(format!("{} <- {} ({why})", it.input, it.source()?))
    });
    why.collect::<Vec<_>>().join("\n")
}

/// Returns the edit that writes arguments into a call: where, and what stands before and behind them.
pub(super) fn place_of_arguments(call: &Call, args: &str) -> (Span, &'static str, &'static str) {
    match call.args.filter(|_| args.ends_with(')')) {
        None => (call.head.after(), "(", ")"),
        Some(span) => {
            let inner = args.trim_start_matches('(').trim_end_matches(')').trim_end();
            let at = Span { start: span.end - 1, end: span.end - 1, ..span };
            let comma = if inner.is_empty() || inner.ends_with(',') { "" } else { ", " };
            (at, comma, "")
        }
    }
}
