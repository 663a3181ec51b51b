//! `# wf: allow(WF-B007) reason`: what a file says is meant, on the line or the line above.

use std::collections::HashMap;

use super::load::Project;
use crate::{
    expr::nearest,
    source::{self, Code, Diagnostic, FileId, Source, Sources, Span},
    syntax::ast::Comment,
};

/// A suppression of one code.
struct Allow {
    code: Code,
    /// The lines that it is for: its own, and the next that says something.
    lines: [usize; 2],
    span: Span,
    used: bool,
}

/// Removes what the files allow, and reports what is wrong with their suppressions.
pub(super) fn apply(project: &Project, sources: &Sources, diagnostics: Vec<Diagnostic>) -> Vec<Diagnostic> {
    let mut allows: HashMap<FileId, Vec<Allow>> = HashMap::new();
    let mut out = Vec::new();
    for unit in &project.units {
        let Some(source) = sources.get(unit.file.id) else { continue };
        for comment in &unit.file.comments {
            let found = read(comment, source, &mut out);
            if !found.is_empty() {
                allows.entry(unit.file.id).or_default().extend(found);
            }
        }
    }
    if allows.is_empty() {
        out.extend(diagnostics);
        return out;
    }
    for found in diagnostics {
        let line = sources.get(found.span.file).map(|it| it.line_column(found.span.start).line);
        let own = allows.get_mut(&found.span.file);
        let allow = own.and_then(|it| {
            it.iter_mut().find(|it| it.code == found.code && line.is_some_and(|line| it.lines.contains(&line)))
        });
        match allow {
            Some(allow) => allow.used = true,
            None => out.push(found),
        }
    }
    // Of imported files only what the root uses is checked, so nothing is known of the rest.
    let root = project.units.first().map(|it| it.file.id);
    for allow in root.and_then(|it| allows.get(&it)).into_iter().flatten().filter(|it| !it.used) {
        let message = format!("this `allow({})` matches nothing", allow.code);
        let found = Diagnostic::new(Code::F004, allow.span, message);
        out.push(found.note("it stands on the line that it is for, or on the line above").safe_fix(
            "remove it",
            allow.span,
            "",
        ));
    }
    out
}

/// Reads a comment that is a suppression.
fn read(comment: &Comment, source: &Source, out: &mut Vec<Diagnostic>) -> Vec<Allow> {
    let Some(rest) = comment.text.trim_start_matches('#').trim().strip_prefix("wf:") else { return Vec::new() };
    let Some((codes, reason)) =
        rest.trim().strip_prefix("allow").and_then(|it| it.trim().strip_prefix('(')?.split_once(')'))
    else {
        let found = Diagnostic::new(Code::F004, comment.span, "this comment is not understood");
        out.push(found.note("a suppression is written `# wf: allow(WF-B007) reason`"));
        return Vec::new();
    };
    if reason.trim().is_empty() {
        let message = format!("this `allow({})` gives no reason", codes.trim());
        out.push(Diagnostic::new(Code::F004, comment.span, message).help("say behind it why this is meant"));
        return Vec::new();
    }
    let line = source.line_column(comment.span.start).line;
    let says_nothing = |it: &&str| it.trim().is_empty() || it.trim_start().starts_with('#');
    let below = source.text().get(comment.span.end as usize..).unwrap_or_default().lines().skip(1);
    let before = source.text().get(..comment.span.start as usize).unwrap_or_default();
    // Behind something it is for that; alone on its line for what comes next.
    let alone = before.rsplit('\n').next().is_none_or(|it| it.trim().is_empty());
    let lines = [line, if alone { line + 1 + below.take_while(says_nothing).count() } else { line }];
    let mut allows = Vec::new();
    for text in codes.split(',').map(str::trim) {
        let Some(code) = Code::parse(text) else {
            let found = Diagnostic::new(Code::F004, comment.span, format!("there is no check `{text}`"));
            let near = nearest(text, Code::ALL.iter().map(|it| it.as_str()));
            out.push(found.help(near.map_or_else(
                || "`wf explain WF-` lists the checks".to_owned(),
                |near| format!("did you mean `{near}`?"),
            )));
            continue;
        };
        if let Some(why) = never(code) {
            let message = format!("{code} cannot be allowed in a file");
            out.push(Diagnostic::new(Code::F004, comment.span, message).note(why));
            continue;
        }
        allows.push(Allow { code, lines, span: comment.span, used: false });
    }
    allows
}

/// Says why a check cannot be suppressed in a file.
fn never(code: Code) -> Option<&'static str> {
    match code.allow() {
        source::Allow::File => None,
        source::Allow::Policy => Some("who owns the policy allows it in wf.yaml, under `allow`"),
        source::Allow::Never => Some("what it reports cannot run"),
    }
}
