//! What the call around the cursor takes.

use lsp_types::{
    Documentation, MarkupContent, MarkupKind, ParameterInformation, ParameterLabel, SignatureHelp, SignatureHelpParams,
    SignatureInformation,
};

use super::{
    Answer, describe, place,
    state::{Analysis, State},
};
use crate::{
    check::index::{Call, Target},
    source::Source,
    syntax::dsl::{Kind, scan},
    value::Ty,
};

/// Returns the signature of the call around the cursor, and which of its inputs the cursor is in.
pub(super) fn help(state: &mut State<'_>, params: SignatureHelpParams) -> Answer<Option<SignatureHelp>> {
    let it = params.text_document_position_params;
    let path = place::path(&it.text_document.uri);
    let Some((analysis, at)) = state.at(&it.text_document.uri, it.position) else { return Ok(None) };
    if let Some(call) = analysis.index.call_around(analysis.root, at) {
        return Ok(Some(shown(state, &analysis, call, at)));
    }
    // A call that is not closed yet is closed here, so that the checker can read it.
    let Some(source) = analysis.source() else { return Ok(None) };
    let Some(text) = closed(source.text(), at as usize) else { return Ok(None) };
    let source = Source::new(source.name(), source.path().map(ToOwned::to_owned), text);
    let probe = state.analyse(&path, source);
    Ok(probe.index.call_around(probe.root, at).map(|call| shown(state, &probe, call, at)))
}

/// Returns the text with the parentheses of the line closed at a byte, where any are open.
fn closed(text: &str, at: usize) -> Option<String> {
    let line = text.get(..at)?.rfind('\n').map_or(0, |it| it + 1);
    let tokens = scan(text.get(line..at)?);
    let mut open = Vec::new();
    for token in tokens.iter().filter(|it| it.kind != Kind::Comment) {
        match token.kind {
            Kind::Open => open.push(match token.text(text.get(line..at)?) {
                "(" => ')',
                "[" => ']',
                _ => '}',
            }),
            Kind::Close => _ = open.pop(),
            _ => {}
        }
    }
    let closers: String = open.iter().rev().collect();
    let tail = text.get(line..at)?.trim_end();
    // `execute(bars: ` wants a value, `execute(bars: x, ` none.
    let filler = if tail.ends_with([':', '=']) { "none" } else { "" };
    (!closers.is_empty()).then(|| {
        format!("{}{filler}{closers}{}", text.get(..at).unwrap_or_default(), text.get(at..).unwrap_or_default())
    })
}

fn shown(state: &State<'_>, analysis: &Analysis, call: &Call, at: u32) -> SignatureHelp {
    let name = match &call.target {
        Target::Method(slice, name) => format!("{slice}.{name}"),
        _ => analysis.sources.slice(call.head).to_owned(),
    };
    let mut label = format!("{name}(");
    let mut parameters = Vec::new();
    for (number, input) in call.inputs.iter().enumerate() {
        if number > 0 {
            label.push_str(", ");
        }
        let (text, doc) =
            if input.ty == Ty::Unknown { (input.doc.to_string(), "") } else { (input.to_string(), &*input.doc) };
        let start = units(&label);
        label.push_str(&text);
        parameters.push(ParameterInformation {
            label: ParameterLabel::LabelOffsets([start, units(&label)]),
            documentation: (!doc.is_empty()).then(|| Documentation::String(doc.to_owned())),
        });
    }
    label.push_str(&format!(") -> {}", call.output));
    let doc = describe::target(state.registry, analysis, &call.target);
    let value = doc.as_deref().and_then(|it| it.split_once("```\n\n")).map_or("", |it| it.1);
    let value = value.split("\n- ").next().unwrap_or_default().trim().to_owned();
    let active_parameter = active(call, at).and_then(|it| u32::try_from(it).ok());
    let signature = SignatureInformation {
        label,
        documentation: (!value.is_empty())
            .then_some(Documentation::MarkupContent(MarkupContent { kind: MarkupKind::Markdown, value })),
        parameters: Some(parameters),
        active_parameter,
    };
    SignatureHelp { signatures: vec![signature], active_signature: Some(0), active_parameter }
}

/// Returns the input that a byte is in: the one that is named there, else the first that is not given.
fn active(call: &Call, at: u32) -> Option<usize> {
    let here = call.given.iter().find(|(_, span)| span.start <= at && at <= span.end);
    let position = |name: &str| call.inputs.iter().position(|it| *it.name == *name);
    if let Some((name, _)) = here {
        return position(name);
    }
    if call.positional {
        let before = call.unnamed.iter().filter(|it| it.end < at).count();
        return Some(before.min(call.inputs.len().saturating_sub(1)));
    }
    call.inputs.iter().position(|it| !call.given.iter().any(|(name, _)| *name == it.name))
}

/// Returns the length of a text as the protocol counts it here, whatever the encoding of places.
fn units(text: &str) -> u32 {
    u32::try_from(text.encode_utf16().count()).unwrap_or(u32::MAX)
}
