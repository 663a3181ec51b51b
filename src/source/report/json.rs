//! Diagnostics as JSON.

use serde_json::{Value, json};

use super::{count, ends, name, shown};
use crate::source::{Diagnostic, Severity, Sources, Span};

/// Returns one diagnostic as `wf check --format json` prints it: lines and columns from 1, columns in characters.
///
/// A label is `{file, range, message, primary}`; the primary one, where there is one, comes first.
pub fn to_json(sources: &Sources, diagnostic: &Diagnostic) -> Value {
    let place = |span: Span, more: Value| {
        let mut value = json!({ "file": name(sources, span.file), "range": range(sources, span) });
        if let (Value::Object(value), Value::Object(more)) = (&mut value, more) {
            value.extend(more);
        }
        value
    };
    let primary = diagnostic.label.iter().map(|it| place(diagnostic.span, json!({ "message": it, "primary": true })));
    let context = diagnostic.labels.iter().map(|it| place(it.span, json!({ "message": it.message, "primary": false })));
    let fixes: Vec<Value> = diagnostic
        .fixes
        .iter()
        .map(|fix| {
            let edits: Vec<Value> = fix.edits.iter().map(|it| place(it.span, json!({ "text": it.text }))).collect();
            json!({ "title": fix.title, "safe": fix.safe, "edits": edits })
        })
        .collect();
    json!({
        "code": diagnostic.code.as_str(),
        "severity": diagnostic.severity,
        "message": diagnostic.message,
        "file": name(sources, diagnostic.span.file),
        "range": range(sources, diagnostic.span),
        "labels": primary.chain(context).collect::<Vec<_>>(),
        "notes": diagnostic.notes,
        "fixes": fixes,
    })
}

/// Returns all that `wf check --format json` prints of `files` files: `{version, files, errors, warnings, diagnostics}`.
///
/// Where a file has more diagnostics than are shown, `hidden` says how many; the counts are of all.
pub fn report_json(sources: &Sources, files: usize, diagnostics: &[Diagnostic]) -> Value {
    let shown = shown(diagnostics);
    let mut report = json!({
        "version": 1,
        "files": files,
        "errors": count(diagnostics, Severity::Error),
        "warnings": count(diagnostics, Severity::Warning),
        "diagnostics": shown.diagnostics.iter().map(|it| to_json(sources, it)).collect::<Vec<_>>(),
    });
    if let (Value::Object(report), false) = (&mut report, shown.hidden.is_empty()) {
        report.insert("hidden".into(), json!(shown.hidden.values().sum::<usize>()));
    }
    report
}

fn range(sources: &Sources, span: Span) -> Value {
    let (start, end) = ends(sources, span);
    json!({ "start": start, "end": end })
}
