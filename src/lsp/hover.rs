//! What stands under the cursor: signature, type, units, default and documentation.

use lsp_types::{Hover, HoverContents, HoverParams, MarkupContent, MarkupKind};

use super::{
    Answer, describe,
    state::{Analysis, State},
};
use crate::{
    source::{Span, shown},
    syntax::words,
};

/// Says what stands under the cursor.
pub(super) fn hover(state: &mut State<'_>, params: HoverParams) -> Answer<Option<Hover>> {
    let it = params.text_document_position_params;
    let Some((analysis, at)) = state.at(&it.text_document.uri, it.position) else { return Ok(None) };
    let said = said(state, &analysis, at);
    Ok(said.and_then(|(text, span)| {
        let contents = HoverContents::Markup(MarkupContent { kind: MarkupKind::Markdown, value: text });
        Some(Hover { contents, range: Some(state.range(&analysis, span)?) })
    }))
}

fn said(state: &State<'_>, analysis: &Analysis, at: u32) -> Option<(String, Span)> {
    let known = analysis.index.target(analysis.root, at);
    let known = known.and_then(|(it, span)| Some((describe::target(state.registry, analysis, &it)?, span)));
    let known = known.or_else(|| literal(analysis, at)).or_else(|| word(analysis, at));
    match (known, finding(analysis, at)) {
        (Some((text, span)), Some((page, _))) => Some((format!("{text}\n\n---\n\n{page}"), span)),
        (known, found) => known.or(found),
    }
}

/// Says what type a literal has and what its place wants.
fn literal(analysis: &Analysis, at: u32) -> Option<(String, Span)> {
    let inside = |it: Span| it.file == analysis.root && it.start <= at && at < it.end;
    let around = analysis.index.typed.iter().filter(|it| inside(it.span));
    let it = around.min_by_key(|it| it.span.end - it.span.start)?;
    let text = analysis.sources.slice(it.span);
    let is_literal = text.starts_with(|it: char| it.is_ascii_digit() || it == '"') && !text.contains('\n');
    is_literal.then(|| (describe::block(&format!("{text}: {}", it.ty), &crate::expr::in_words(&it.ty)), it.span))
}

/// Says what a word of the language means.
fn word(analysis: &Analysis, at: u32) -> Option<(String, Span)> {
    let text = analysis.source()?.text();
    let span = word_at(text, at as usize);
    let span = Span::new(analysis.root, span.start, span.end);
    let word = analysis.sources.slice(span);
    Some((format!("`{word}`: {}", words::meaning(word)?), span))
}

/// Returns the page of the check that found something at a place, its examples left out.
fn finding(analysis: &Analysis, at: u32) -> Option<(String, Span)> {
    let found = shown(&analysis.checked.diagnostics).diagnostics;
    let it = found.into_iter().find(|it| it.span.file == analysis.root && it.span.start <= at && at <= it.span.end)?;
    // The sections of a page: what it is about, why it matters, what fails, what passes, and how to mend it.
    let sections = it.code.text().split("\n## ");
    let told: Vec<&str> = sections.filter(|it| !it.starts_with("Fails\n") && !it.starts_with("Passes\n")).collect();
    let page = told.join("\n#### ");
    Some((
        format!("**{}: {}**\n\n{}\n\n`wf explain {0}` has examples.", it.code, it.code.title(), page.trim()),
        it.span,
    ))
}

/// Returns the bytes of the word around a byte.
pub(super) fn word_at(text: &str, at: usize) -> std::ops::Range<usize> {
    let (before, after) = (text.get(..at).unwrap_or_default(), text.get(at..).unwrap_or_default());
    let start = before.char_indices().rev().take_while(|it| words::continues_word(it.1)).last().map_or(at, |it| it.0);
    let end = at + after.find(|it| !words::continues_word(it)).unwrap_or(after.len());
    start..end
}
