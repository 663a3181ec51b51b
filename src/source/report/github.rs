//! Diagnostics as annotations of a pull request on GitHub.

use std::fmt::Write;

use super::{ends, name, shown};
use crate::source::{Diagnostic, Severity, Sources};

/// Returns the diagnostics as commands that make GitHub annotate the lines of a pull request, one a line.
pub fn github(sources: &Sources, diagnostics: &[Diagnostic]) -> String {
    let mut text = String::new();
    let shown = shown(diagnostics);
    for each in &shown.diagnostics {
        let command = match each.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Hint => "notice",
        };
        let mut message = each.message.clone();
        for more in each.label.iter().chain(&each.notes).chain(each.fixes.iter().map(|it| &it.title)) {
            message.push('\n');
            message.push_str(more);
        }
        let (start, end) = ends(sources, each.span);
        let file = escape(&name(sources, each.span.file), true);
        let _ = write!(text, "::{command} file={file},line={},col={}", start.line, start.column);
        // GitHub takes an end column only within one line.
        if start.line == end.line {
            let _ = write!(text, ",endColumn={}", end.column.max(start.column + 1));
        } else {
            let _ = write!(text, ",endLine={}", end.line);
        }
        let _ = writeln!(text, ",title={}::{}", each.code, escape(&message, false));
    }
    for (file, hidden) in &shown.hidden {
        let _ = writeln!(text, "::notice file={}::{hidden} more not shown", escape(&name(sources, *file), true));
    }
    text
}

/// Writes a text as the commands of GitHub want it, in a property more strictly than in the message.
fn escape(text: &str, property: bool) -> String {
    let text = text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A");
    if property { text.replace(':', "%3A").replace(',', "%2C") } else { text }
}
