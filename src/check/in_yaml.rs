//! Mends as YAML wants them: keys of maps in either style, and expressions, which begin with `$` there.

use crate::{
    source::{Code, Diagnostic, Edit, FileId, Sources, Span},
    syntax::{
        ast::{ExprKind, Form},
        dsl, literal,
    },
};

/// Makes the mends of findings in a YAML file fit its form; `form` says which form a file has.
pub(super) fn adapt(sources: &Sources, form: &dyn Fn(FileId) -> Form, diagnostics: &mut [Diagnostic]) {
    // What is wrong with the text itself stands in no scalar; its reader knows what it mends.
    let in_scalar = |it: &Diagnostic| form(it.span.file) == Form::Yaml && !it.code.short().starts_with('S');
    for diagnostic in diagnostics.iter_mut().filter(|it| in_scalar(it)) {
        let place = diagnostic.span;
        for edit in diagnostic.fixes.iter_mut().flat_map(|it| &mut it.edits) {
            if let Some(whole) = as_expression(sources, place, edit) {
                *edit = Edit { span: place, text: whole };
            }
        }
        if let Some(text) = meant_as_expression(sources, diagnostic) {
            diagnostic.fixes.clear();
            let found = std::mem::replace(diagnostic, Diagnostic::new(diagnostic.code, place, ""));
            *diagnostic = found.fix("an expression starts with `$`", place, text);
        }
    }
}

/// Returns the edit that puts `entry`, as in `timeout: 30s`, behind the value at `span` into the map that it is in.
pub(super) fn behind(sources: &Sources, span: Span, entry: &str) -> Option<Edit> {
    let text = sources.get(span.file)?.text();
    let before = text.get(..span.range().start)?;
    // A span is of what stands within quotes.
    let quoted = text.get(span.range().end..).is_some_and(|it| it.starts_with(['"', '\'']));
    let at = Span { start: span.end, ..span }.after();
    let at = if quoted { Span { start: at.start + 1, end: at.end + 1, ..at } } else { at };
    if is_flow(before) {
        return Some(Edit { span: at, text: format!(", {entry}") });
    }
    let line = before.rsplit('\n').next().unwrap_or_default();
    let indent = line.len() - line.trim_start_matches([' ', '-']).len();
    Some(Edit { span: at, text: format!("\n{}{entry}", " ".repeat(indent)) })
}

/// Returns the edit that puts an entry into a map, whose span is from its first key or brace to its last value or brace.
pub(super) fn into_map(sources: &Sources, map: Span, entry: &str) -> Option<Edit> {
    let Some(inner) = sources.slice(map).strip_suffix('}') else { return behind(sources, map, entry) };
    let inner = inner.trim_end();
    let at = map.start + u32::try_from(inner.len()).ok()?;
    let comma = if inner.ends_with(['{', ',']) { "" } else { ", " };
    Some(Edit { span: Span { start: at, end: at, ..map }, text: format!("{comma}{entry}") })
}

/// Returns a value of the language as YAML writes it.
pub(super) fn value(text: &str) -> String {
    let is_plain = literal::read(text).is_some() || text.starts_with(['"', '{', '[']);
    if is_plain { text.to_owned() } else { format!("${text}") }
}

/// Says whether what comes behind a text is within the braces of a map or the brackets of a list.
fn is_flow(before: &str) -> bool {
    let (mut depth, mut quote, mut comment) = (0_usize, None, false);
    for letter in before.chars() {
        match (letter, quote) {
            ('\n', _) => (comment, quote) = (false, None),
            (_, Some(mark)) => quote = Some(mark).filter(|it| *it != letter),
            _ if comment => {}
            ('#', None) => comment = true,
            ('"' | '\'', None) => quote = Some(letter),
            ('{' | '[', None) => depth += 1,
            ('}' | ']', None) => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    depth > 0
}

/// Returns the whole scalar as an expression, where the edit would make one of what is none yet.
fn as_expression(sources: &Sources, place: Span, edit: &Edit) -> Option<String> {
    let is_map = edit.text.starts_with([',', '\n']);
    if !place.contains(edit.span) || is_map || is_expression(sources, place) {
        return None;
    }
    let before = sources.slice(Span { end: edit.span.start, ..place });
    let after = sources.slice(Span { start: edit.span.end, ..place });
    let mended = format!("{before}{}{after}", edit.text);
    let is_plain = literal::read(&mended).is_some() || mended.chars().all(|it| it.is_alphanumeric() || it == '_');
    let is_done = mended.starts_with(['"', '\'', '$', '[']);
    (!is_plain && !is_done).then(|| format!("${mended}"))
}

/// Returns the expression that a plain text was evidently meant to be: one with an operator, where no text is wanted.
fn meant_as_expression(sources: &Sources, found: &Diagnostic) -> Option<String> {
    let text = sources.slice(found.span);
    let wants_no_text = matches!(found.code, Code::T001 | Code::T002) && text.contains(' ');
    let is_plain =
        wants_no_text && !text.starts_with(['$', '"', '\'', '[', '{']) && !is_expression(sources, found.span);
    let source = sources.get(found.span.file).filter(|_| is_plain)?;
    let (tree, mistakes) = dsl::parse_expr(found.span.file, source, found.span);
    let is_one = mistakes.is_empty() && matches!(tree.kind, ExprKind::Binary { .. });
    is_one.then(|| format!("${text}"))
}

/// Says whether a place is within a scalar that is an expression: one that begins with `$`.
fn is_expression(sources: &Sources, place: Span) -> bool {
    let Some(source) = sources.get(place.file) else { return false };
    let line = source.text().get(..place.start as usize).map_or("", |it| it.rsplit('\n').next().unwrap_or(it));
    let scalar = line.rfind(": ").map(|at| at + 2).max(line.rfind("- ").map(|at| at + 2)).unwrap_or(0);
    let scalar = line.get(scalar..).unwrap_or_default().trim_start_matches(['"', '\'', '[', '{', ' ']);
    scalar.starts_with('$') || sources.slice(place).starts_with('$')
}
