//! Diagnostics as a SARIF 2.1.0 log, which code scanning services and editors read.

use std::collections::{BTreeSet, HashMap};

use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::{ends, name, shown};
use crate::source::{Code, Diagnostic, FileId, Fix, Severity, Sources, Span};

/// Where the schema of the format is published.
const SCHEMA: &str = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

/// What a path in a URI cannot hold as it is.
const PATH: &AsciiSet =
    &CONTROLS.add(b' ').add(b'"').add(b'#').add(b'%').add(b'<').add(b'>').add(b'?').add(b'`').add(b'{').add(b'}');

/// Returns the diagnostics as one log of one run: the rules that were broken, each result with its fingerprint and fixes.
///
/// The fingerprint follows from the code and the text of its line, not from the line's number, so that a finding keeps it
/// when lines are added above.
pub fn sarif(sources: &Sources, diagnostics: &[Diagnostic]) -> Value {
    let shown = shown(diagnostics);
    let codes: BTreeSet<Code> = shown.diagnostics.iter().map(|it| it.code).collect();
    let index: HashMap<Code, usize> = codes.iter().enumerate().map(|(at, code)| (*code, at)).collect();
    let mut prints = Fingerprints::default();
    let results: Vec<Value> = shown
        .diagnostics
        .iter()
        .map(|it| {
            let mut value = result(sources, it, &prints.of(sources, it));
            if let Value::Object(value) = &mut value {
                value.insert("ruleIndex".into(), json!(index.get(&it.code)));
            }
            value
        })
        .collect();
    let hidden = shown.hidden.iter().map(|(file, hidden)| {
        let text = format!("{hidden} more in this file are not listed");
        let place = json!({ "physicalLocation": { "artifactLocation": artifact(sources, *file) } });
        json!({ "level": "note", "message": { "text": text }, "locations": [place] })
    });
    json!({
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "wf",
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "rules": codes.into_iter().map(rule).collect::<Vec<_>>(),
            } },
            "columnKind": "unicodeCodePoints",
            "invocations": [{
                "executionSuccessful": true,
                "toolExecutionNotifications": hidden.collect::<Vec<_>>(),
            }],
            "results": results,
        }],
    })
}

fn rule(code: Code) -> Value {
    json!({
        "id": code.as_str(),
        "shortDescription": { "text": code.title() },
        "fullDescription": { "text": code.summary() },
        "help": { "text": code.page(), "markdown": code.page() },
        "defaultConfiguration": { "level": level(code.severity()) },
    })
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Hint => "note",
    }
}

fn result(sources: &Sources, it: &Diagnostic, fingerprint: &str) -> Value {
    let mut text = it.message.clone();
    for more in it.label.iter().chain(&it.notes) {
        text.push('\n');
        text.push_str(more);
    }
    let related = it.labels.iter().map(|label| {
        let mut place = location(sources, label.span);
        if let Value::Object(place) = &mut place {
            place.insert("message".into(), json!({ "text": label.message }));
        }
        place
    });
    let fixes = it.fixes.iter().filter(|it| !it.edits.is_empty());
    json!({
        "ruleId": it.code.as_str(),
        "level": level(it.severity),
        "message": { "text": text },
        "locations": [location(sources, it.span)],
        "relatedLocations": related.collect::<Vec<_>>(),
        "partialFingerprints": { "wfFinding/v1": fingerprint },
        "fixes": fixes.map(|fix| changes(sources, fix)).collect::<Vec<_>>(),
    })
}

fn changes(sources: &Sources, fix: &Fix) -> Value {
    let files: BTreeSet<FileId> = fix.edits.iter().map(|it| it.span.file).collect();
    let of_file = |file: FileId| {
        let edits = fix.edits.iter().filter(|it| it.span.file == file);
        let replacements: Vec<Value> = edits
            .map(|it| json!({ "deletedRegion": region(sources, it.span), "insertedContent": { "text": it.text } }))
            .collect();
        json!({ "artifactLocation": artifact(sources, file), "replacements": replacements })
    };
    json!({
        "description": { "text": fix.title },
        "artifactChanges": files.into_iter().map(of_file).collect::<Vec<_>>(),
        "properties": { "safe": fix.safe },
    })
}

fn location(sources: &Sources, span: Span) -> Value {
    json!({ "physicalLocation": {
        "artifactLocation": artifact(sources, span.file),
        "region": region(sources, span),
    } })
}

fn artifact(sources: &Sources, file: FileId) -> Value {
    let name = name(sources, file).replace('\\', "/");
    let path = utf8_percent_encode(&name, PATH);
    let uri = if name.starts_with('/') { format!("file://{path}") } else { path.to_string() };
    json!({ "uri": uri })
}

fn region(sources: &Sources, span: Span) -> Value {
    let (start, end) = ends(sources, span);
    json!({ "startLine": start.line, "startColumn": start.column, "endLine": end.line, "endColumn": end.column })
}

/// Tells findings apart that have one code and stand on equal lines, by their order in the file.
#[derive(Default)]
struct Fingerprints {
    seen: HashMap<String, usize>,
}

impl Fingerprints {
    fn of(&mut self, sources: &Sources, it: &Diagnostic) -> String {
        let line = sources.get(it.span.file).map_or("", |source| {
            let (before, after) = source.text().split_at_checked(it.span.start as usize).unwrap_or_default();
            let start = before.rfind('\n').map_or(0, |at| at + 1);
            let end = before.len() + after.find('\n').unwrap_or(after.len());
            source.text().get(start..end).unwrap_or_default().trim()
        });
        let whole = Sha256::digest(format!("{}\0{}\0{line}", name(sources, it.span.file), it.code));
        let short: String = whole.iter().take(8).map(|it| format!("{it:02x}")).collect();
        let count = self.seen.entry(short.clone()).or_default();
        *count += 1;
        format!("{short}:{count}")
    }
}
