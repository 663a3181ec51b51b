//! Diagnostics for programs: JSON, SARIF, JUnit and the annotations of GitHub.

mod github;
mod json;
mod junit;
mod sarif;

use std::{cmp::Reverse, collections::BTreeMap};

pub use github::github;
pub use json::{report_json, to_json};
pub use junit::junit;
pub use sarif::sarif;

use super::{Diagnostic, FileId, LineColumn, Severity, Sources, Span};

/// How many diagnostics of one file are shown; the rest is counted.
pub const MAX_PER_FILE: usize = 100;

/// The diagnostics that are shown, and how many of each file are not.
#[derive(Debug)]
pub struct Shown<'a> {
    /// At most [`MAX_PER_FILE`] of a file, by their place.
    pub diagnostics: Vec<&'a Diagnostic>,
    /// How many more each file has.
    pub hidden: BTreeMap<FileId, usize>,
}

/// Returns what is shown of `diagnostics`: the worst of each file, by place.
pub fn shown(diagnostics: &[Diagnostic]) -> Shown<'_> {
    let mut by_file: BTreeMap<FileId, Vec<&Diagnostic>> = BTreeMap::new();
    for each in diagnostics {
        by_file.entry(each.span.file).or_default().push(each);
    }
    let mut shown = Shown { diagnostics: Vec::new(), hidden: BTreeMap::new() };
    for (file, mut found) in by_file {
        found.sort_by_key(|it| (Reverse(it.severity), it.span, it.code));
        let hidden = found.len().saturating_sub(MAX_PER_FILE);
        if hidden > 0 {
            shown.hidden.insert(file, hidden);
            found.truncate(MAX_PER_FILE);
        }
        found.sort_by_key(|it| (it.span, it.code));
        shown.diagnostics.extend(found);
    }
    shown
}

/// Returns how many of `diagnostics` are as bad as `severity`.
pub fn count(diagnostics: &[Diagnostic], severity: Severity) -> usize {
    diagnostics.iter().filter(|it| it.severity == severity).count()
}

/// Returns how many errors and warnings there are in how many files, as in `2 errors, 1 warning in 3 files`.
pub fn summary(files: usize, diagnostics: &[Diagnostic]) -> String {
    let plural = |count: usize, what: &str| format!("{count} {what}{}", if count == 1 { "" } else { "s" });
    let mut parts = vec![plural(count(diagnostics, Severity::Error), "error")];
    for (severity, what) in [(Severity::Warning, "warning"), (Severity::Hint, "hint")] {
        let found = count(diagnostics, severity);
        if found > 0 {
            parts.push(plural(found, what));
        }
    }
    format!("{} in {}", parts.join(", "), plural(files, "file"))
}

/// Returns what messages call a file.
pub(super) fn name(sources: &Sources, file: FileId) -> String {
    sources.get(file).map_or_else(String::new, |it| it.name().to_owned())
}

/// Returns where a span starts and ends.
fn ends(sources: &Sources, span: Span) -> (LineColumn, LineColumn) {
    let first = LineColumn { line: 1, column: 1 };
    sources.get(span.file).map_or((first, first), |it| (it.line_column(span.start), it.line_column(span.end)))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may fail loudly")]

    use serde_json::json;

    use super::*;
    use crate::source::{Code, Source};

    fn one() -> (Sources, Diagnostic) {
        let mut sources = Sources::default();
        let id = sources.add(Source::new("a,b.wf", None, "é = get\nnext\n"));
        let diagnostic = Diagnostic::new(Code::N002, Span::new(id, 5, 8), "no `get`: 100%")
            .here("here")
            .label(Span::new(id, 0, 2), "there")
            .note("background")
            .safe_fix("write it out", Span::new(id, 5, 8), "get_all");
        (sources, diagnostic)
    }

    #[test]
    fn json_follows_the_contract() {
        let (sources, diagnostic) = one();
        let want = json!({"version": 1, "files": 1, "errors": 1, "warnings": 0, "diagnostics": [{
            "code": "WF-N002", "severity": "error", "message": "no `get`: 100%", "file": "a,b.wf",
            "range": {"start": {"line": 1, "column": 5}, "end": {"line": 1, "column": 8}},
            "labels": [
                {"file": "a,b.wf", "range": {"start": {"line": 1, "column": 5}, "end": {"line": 1, "column": 8}},
                 "message": "here", "primary": true},
                {"file": "a,b.wf", "range": {"start": {"line": 1, "column": 1}, "end": {"line": 1, "column": 2}},
                 "message": "there", "primary": false}],
            "notes": ["background"],
            "fixes": [{"title": "write it out", "safe": true, "edits": [
                {"file": "a,b.wf", "range": {"start": {"line": 1, "column": 5}, "end": {"line": 1, "column": 8}},
                 "text": "get_all"}]}]}]});
        assert_eq!(report_json(&sources, 1, &[diagnostic]), want);
    }

    #[test]
    fn github_commands_are_escaped() {
        let (sources, diagnostic) = one();
        assert_eq!(
            github(&sources, &[diagnostic]),
            "::error file=a%2Cb.wf,line=1,col=5,endColumn=8,title=WF-N002::no `get`: 100%25%0Ahere%0Abackground%0Awrite it out\n"
        );
    }

    #[test]
    fn a_file_shows_its_hundred_worst() {
        let (sources, error) = one();
        let warning =
            Diagnostic { severity: Severity::Warning, span: Span::new(error.span.file, 0, 1), ..error.clone() };
        let mut all = vec![warning; 150];
        all.push(error);
        let report = report_json(&sources, 1, &all);
        assert_eq!((&report["errors"], &report["warnings"], &report["hidden"]), (&json!(1), &json!(150), &json!(51)));
        let shown = report["diagnostics"].as_array().unwrap();
        assert_eq!((shown.len(), &shown[99]["severity"]), (100, &json!("error")));
        assert_eq!(summary(1, &all), "1 error, 150 warnings in 1 file");
    }
}
