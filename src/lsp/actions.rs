//! The mends of findings: those that are safe are preferred, and `source.fixAll` applies all of those.

use std::collections::HashMap;

use lsp_types::{
    CodeAction, CodeActionKind, CodeActionOrCommand, CodeActionParams, CodeActionResponse, TextEdit, Uri, WorkspaceEdit,
};

use super::{
    Answer, diagnostics,
    state::{Analysis, State},
};
use crate::source::{Diagnostic, Edit, Fix, safe_fixes, shown};

/// What applies every safe mend of a file.
pub(super) const FIX_ALL: CodeActionKind = CodeActionKind::SOURCE_FIX_ALL;

/// Returns the mends of what is wrong in a range.
pub(super) fn actions(state: &mut State<'_>, params: CodeActionParams) -> Answer<Option<CodeActionResponse>> {
    let Some(analysis) = state.of(&params.text_document.uri) else { return Ok(None) };
    let Some(source) = analysis.source() else { return Ok(None) };
    let (start, end) =
        (state.encoding.offset(source, params.range.start), state.encoding.offset(source, params.range.end));
    let wanted = |kind: &CodeActionKind| match &params.context.only {
        None => *kind == CodeActionKind::QUICKFIX,
        Some(only) => only
            .iter()
            .any(|it| kind.as_str() == it.as_str() || kind.as_str().starts_with(&format!("{}.", it.as_str()))),
    };
    let mut actions = Vec::new();
    let found = shown(&analysis.checked.diagnostics).diagnostics;
    if wanted(&CodeActionKind::QUICKFIX) {
        let here = |it: &&&Diagnostic| it.span.file == analysis.root && it.span.start <= end && start <= it.span.end;
        for diagnostic in found.iter().filter(here) {
            for fix in diagnostic.fixes.iter().filter(|it| !it.edits.is_empty()) {
                actions.extend(action(state, &analysis, diagnostic, fix));
            }
        }
    }
    if wanted(&FIX_ALL) {
        let own = found.into_iter().filter(|it| it.span.file == analysis.root);
        let edits: Vec<&Edit> = safe_fixes(own).into_iter().flat_map(|(_, fix)| &fix.edits).collect();
        if !edits.is_empty() {
            actions.push(CodeActionOrCommand::CodeAction(CodeAction {
                title: "apply every mend that is safe".to_owned(),
                kind: Some(FIX_ALL),
                edit: change(state, &analysis, &edits),
                ..CodeAction::default()
            }));
        }
    }
    Ok(Some(actions))
}

fn action(state: &State<'_>, analysis: &Analysis, it: &Diagnostic, fix: &Fix) -> Option<CodeActionOrCommand> {
    let edits: Vec<&Edit> = fix.edits.iter().collect();
    Some(CodeActionOrCommand::CodeAction(CodeAction {
        title: fix.title.clone(),
        kind: Some(CodeActionKind::QUICKFIX),
        diagnostics: Some(vec![diagnostics::diagnostic(state, analysis, it)?]),
        edit: Some(change(state, analysis, &edits)?),
        is_preferred: Some(fix.safe),
        ..CodeAction::default()
    }))
}

/// Returns edits as the protocol has them, file by file.
fn change(state: &State<'_>, analysis: &Analysis, edits: &[&Edit]) -> Option<WorkspaceEdit> {
    #[expect(clippy::mutable_key_type, reason = "the protocol's own type")]
    let mut changes: HashMap<Uri, Vec<TextEdit>> = HashMap::new();
    for edit in edits {
        let location = state.location(analysis, edit.span)?;
        let edit = TextEdit { range: location.range, new_text: edit.text.clone() };
        changes.entry(location.uri).or_default().push(edit);
    }
    Some(WorkspaceEdit { changes: Some(changes), ..WorkspaceEdit::default() })
}
