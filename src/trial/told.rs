//! What is said of an expectation that does not hold: what it compares, and where the two differ.

use std::fmt::Write as _;

use serde_json::Value as Json;

use super::known::Known;
use crate::{
    engine::guarded,
    expr::{Expr, Kind},
    slice::Fault,
    source::{Code, Diagnostic, Sources, Span},
    syntax::ast::BinaryOp,
    value::{Detail, Value},
};

/// How many characters of a value are shown.
const LONGEST: usize = 90;
/// How many differences of two records or lists are told.
const MOST: usize = 12;

/// Returns what is said of an expectation that came to `held` instead of true.
pub(super) fn failure(sources: &Sources, that: &Expr, held: &Result<Value, Fault>, known: &Known<'_>) -> Diagnostic {
    let text = sources.slice(that.span).split_whitespace().collect::<Vec<_>>().join(" ");
    // In YAML a scalar that is an expression starts with a dollar.
    let text = text.strip_prefix('$').unwrap_or(&text);
    let message = if text.is_empty() || text.chars().count() > 80 {
        "this expectation does not hold".to_owned()
    } else {
        format!("`{text}` does not hold")
    };
    let mut found = Diagnostic::new(Code::E001, that.span, message);
    let absent: Vec<_> = slots(that).into_iter().filter_map(|it| known.why_absent(it)).collect();
    match held {
        // What follows from a value that is not there says nothing new.
        _ if !absent.is_empty() => absent.into_iter().fold(found, |it, why| it.note(why)),
        Ok(_) if matches!(that.kind, Kind::Const(_)) => found.note("it never holds, whatever a run gives"),
        Ok(_) => {
            explain(that, known, &mut found);
            found
        }
        Err(fault) => {
            explain(that, known, &mut found);
            let text = fault.to_string();
            let is_told = found.labels.iter().map(|it| &it.message).chain(&found.label).any(|it| *it == text);
            if is_told { found } else { found.note(format!("it cannot be computed: {text}")) }
        }
    }
}

/// Adds what the parts of an expectation are that keep it from holding.
fn explain(that: &Expr, known: &Known<'_>, found: &mut Diagnostic) {
    match &that.kind {
        Kind::Binary(op @ (BinaryOp::And | BinaryOp::Or), left, right) => {
            let holds = |it: &Expr| matches!(guarded(it, known), Ok(Value::Bool(true)));
            for part in [left, right] {
                if *op == BinaryOp::Or || !holds(part) {
                    explain(part, known, found);
                }
                // What stands behind a part that is false has not been looked at.
                if *op == BinaryOp::And && !holds(part) {
                    break;
                }
            }
        }
        Kind::Not(inner) => explain(inner, known, found),
        Kind::Binary(op, left, right) => {
            show(left, known, found);
            show(right, known, found);
            if let (BinaryOp::Eq, Ok(left), Ok(right)) = (op, guarded(left, known), guarded(right, known)) {
                found.notes.extend(differences(&left, &right));
            }
        }
        Kind::Const(_) => {}
        _ => show(that, known, found),
    }
}

/// Says at its place what a part is; a literal says it itself.
fn show(part: &Expr, known: &Known<'_>, found: &mut Diagnostic) {
    if matches!(part.kind, Kind::Const(_)) {
        return;
    }
    let said = match guarded(part, known) {
        Ok(value) => format!("is {}", shown(&value)),
        Err(fault) => fault.to_string(),
    };
    if part.span == found.span {
        found.label = Some(said);
    } else if part.span != Span::default() && !found.labels.iter().any(|it| it.span == part.span) {
        found.labels.push(crate::source::Label { span: part.span, message: said });
    }
}

/// Returns a value on one line.
fn shown(value: &Value) -> String {
    let text = match value {
        Value::Text(it) => format!("\"{it}\""),
        Value::Domain(it) => format!("{} {}", it.name(), it.to_json(Detail::Summary)),
        other => other.to_string(),
    };
    let text = text.replace('\n', " ");
    match text.char_indices().nth(LONGEST) {
        Some((at, _)) => format!("{}…", text.get(..at).unwrap_or_default()),
        None => text,
    }
}

/// Returns where two values with parts differ, a line each.
fn differences(left: &Value, right: &Value) -> Vec<String> {
    let has_parts = |it: &Value| matches!(it, Value::Record(_) | Value::List(_) | Value::Domain(_));
    if !has_parts(left) || !has_parts(right) {
        return Vec::new();
    }
    let mut lines = Vec::new();
    compare("", Some(&left.to_json(Detail::Full)), Some(&right.to_json(Detail::Full)), &mut lines);
    let more = lines.len().saturating_sub(MOST);
    lines.truncate(MOST);
    if more > 0 {
        lines.push(format!("and {more} more differences"));
    }
    lines
}

fn compare(path: &str, left: Option<&Json>, right: Option<&Json>, lines: &mut Vec<String>) {
    match (left, right) {
        (Some(Json::Object(a)), Some(Json::Object(b))) => {
            let names = a.keys().chain(b.keys().filter(|it| !a.contains_key(*it)));
            names.for_each(|name| compare(&format!("{path}.{name}"), a.get(name), b.get(name), lines));
        }
        (Some(Json::Array(a)), Some(Json::Array(b))) => {
            (0..a.len().max(b.len())).for_each(|at| compare(&format!("{path}[{at}]"), a.get(at), b.get(at), lines));
        }
        (a, b) if a == b => {}
        (a, b) => {
            let mut line = format!("`{path}`: ");
            let side = |it: Option<&Json>| it.map_or("nothing".to_owned(), |it| shown(&Value::text(it.to_string())));
            let _ = write!(line, "left {}, right {}", side(a).trim_matches('"'), side(b).trim_matches('"'));
            lines.push(line);
        }
    }
}

/// Returns the slots that an expression reads, those included of which it asks whether they are degraded.
pub(super) fn slots(expr: &Expr) -> Vec<usize> {
    let mut found = Vec::new();
    expr.visit(&mut |it| {
        if let Kind::Slot(slot) = &it.kind {
            found.push(slot.index as usize);
        }
    });
    found.sort_unstable();
    found.dedup();
    found
}

/// Says whether an expression asks of one of these slots whether it is degraded.
pub(super) fn asks_degraded(expr: &Expr, of: &dyn Fn(usize) -> bool) -> bool {
    let mut asks = false;
    expr.visit(&mut |it| {
        if let Kind::Builtin(builtin, args) = &it.kind
            && builtin.name == "degraded"
        {
            asks |= args.iter().flat_map(slots).any(of);
        }
    });
    asks
}
