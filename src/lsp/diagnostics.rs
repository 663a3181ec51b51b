//! What is wrong, as you type: the same findings, codes, places and words as in the terminal.

use std::{collections::BTreeMap, path::PathBuf};

use lsp_types::{
    DiagnosticRelatedInformation, DiagnosticSeverity, DiagnosticTag, NumberOrString, PublishDiagnosticsParams,
};

use super::state::{Analysis, State};
use crate::source::{Code, Diagnostic, Severity, shown};

/// Returns what has changed since the editor was last told, file by file.
pub(super) fn news(state: &mut State<'_>) -> Vec<PublishDiagnosticsParams> {
    let open: Vec<PathBuf> = state.documents.keys().cloned().collect();
    let mut found: BTreeMap<PathBuf, Vec<lsp_types::Diagnostic>> = BTreeMap::new();
    for path in open {
        found.entry(path.clone()).or_default();
        let Some(analysis) = state.analysis(&path) else { continue };
        for each in shown(&analysis.checked.diagnostics).diagnostics {
            let Some(diagnostic) = diagnostic(state, &analysis, each) else { continue };
            let Some(file) = analysis.path_of(each.span.file) else { continue };
            let known = found.entry(file.to_owned()).or_default();
            // A file that several import is reported once.
            if !known.contains(&diagnostic) {
                known.push(diagnostic);
            }
        }
    }
    // What had findings and has none any more is told so.
    for path in state.told.keys() {
        found.entry(path.clone()).or_default();
    }
    let mut news = Vec::new();
    for (path, diagnostics) in found {
        let told = (state.documents.get(&path).map(|it| it.version), diagnostics);
        if state.told.get(&path) != Some(&told)
            && let Some(uri) = state.uri(&path)
        {
            news.push(PublishDiagnosticsParams { uri, diagnostics: told.1.clone(), version: told.0 });
        }
        if told.0.is_none() && told.1.is_empty() {
            state.told.remove(&path);
        } else {
            state.told.insert(path, told);
        }
    }
    news
}

/// Returns a finding as the protocol has it.
pub(super) fn diagnostic(state: &State<'_>, analysis: &Analysis, it: &Diagnostic) -> Option<lsp_types::Diagnostic> {
    let related = it.labels.iter().filter_map(|it| {
        let location = state.location(analysis, it.span)?;
        Some(DiagnosticRelatedInformation { location, message: it.message.clone() })
    });
    let related: Vec<_> = related.collect();
    let tags = match it.code {
        Code::G002 | Code::G003 | Code::G004 => Some(vec![DiagnosticTag::UNNECESSARY]),
        Code::F005 => Some(vec![DiagnosticTag::DEPRECATED]),
        _ => None,
    };
    Some(lsp_types::Diagnostic {
        range: state.range(analysis, it.span)?,
        severity: Some(match it.severity {
            Severity::Error => DiagnosticSeverity::ERROR,
            Severity::Warning => DiagnosticSeverity::WARNING,
            Severity::Hint => DiagnosticSeverity::HINT,
        }),
        code: Some(NumberOrString::String(it.code.as_str().to_owned())),
        source: Some("wf".to_owned()),
        message: text(it),
        related_information: (!related.is_empty()).then_some(related),
        tags,
        ..lsp_types::Diagnostic::default()
    })
}

/// Returns all that is said of a finding at its place.
fn text(it: &Diagnostic) -> String {
    let mut text = it.message.clone();
    if let Some(label) = &it.label {
        text.push_str(&format!("\n{label}"));
    }
    for note in &it.notes {
        text.push_str(&format!("\nnote: {note}"));
    }
    for fix in &it.fixes {
        text.push_str(&format!("\nhelp: {}", fix.title));
    }
    text
}
