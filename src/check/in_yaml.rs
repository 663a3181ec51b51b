//! Mends as YAML wants them: what is no literal and no plain text is an expression there, and begins with `$`.

use crate::{
    source::{Diagnostic, Edit, FileId, Sources, Span},
    syntax::{ast::Form, literal},
};

/// Makes the mends of findings in a YAML file fit its form; `form` says which form a file has.
pub(super) fn adapt(sources: &Sources, form: &dyn Fn(FileId) -> Form, diagnostics: &mut [Diagnostic]) {
    for diagnostic in diagnostics.iter_mut().filter(|it| form(it.span.file) == Form::Yaml) {
        let place = diagnostic.span;
        for edit in diagnostic.fixes.iter_mut().flat_map(|it| &mut it.edits) {
            if let Some(whole) = as_expression(sources, place, edit) {
                *edit = Edit { span: place, text: whole };
            }
        }
    }
}

/// Returns the whole scalar as an expression, where the edit would make one of what is none yet.
fn as_expression(sources: &Sources, place: Span, edit: &Edit) -> Option<String> {
    let within = place.start <= edit.span.start && edit.span.end <= place.end;
    if !within || is_expression(sources, place) {
        return None;
    }
    let before = sources.slice(Span { end: edit.span.start, ..place });
    let after = sources.slice(Span { start: edit.span.end, ..place });
    let mended = format!("{before}{}{after}", edit.text);
    let is_plain = literal::read(&mended).is_some() || mended.chars().all(|it| it.is_alphanumeric() || it == '_');
    let is_quoted = mended.starts_with(['"', '\'']);
    (!is_plain && !is_quoted).then(|| format!("${mended}"))
}

/// Says whether a place is within a scalar that is an expression: one that begins with `$`.
fn is_expression(sources: &Sources, place: Span) -> bool {
    let Some(source) = sources.get(place.file) else { return false };
    let line = source.text().get(..place.start as usize).map_or("", |it| it.rsplit('\n').next().unwrap_or(it));
    let scalar = line.rfind(": ").map(|at| at + 2).max(line.rfind("- ").map(|at| at + 2)).unwrap_or(0);
    let scalar = line.get(scalar..).unwrap_or_default().trim_start_matches(['"', '\'', '[', '{', ' ']);
    scalar.starts_with('$') || sources.slice(place).starts_with('$')
}
