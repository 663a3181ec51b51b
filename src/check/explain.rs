//! What filled each input of a workflow, for people.

use std::fmt::Write as _;

use super::{Body, Call, Filled, Input, Work, Workflow};
use crate::{
    expr::{Expr, Kind, Part},
    value::{Field, Name, Value},
};

/// A line of the table: the input, what fills it, and why.
type Row = (String, String, String);

/// Returns what filled each input of each step: for every step its path and call, then `input <- source (why)`.
pub fn wiring(workflow: &Workflow) -> String {
    let mut out = format!("workflow {} (mode {})\n", workflow.name, workflow.mode);
    let mut frames = Vec::new();
    for param in &workflow.params {
        let mut line = format!("  param {}: {}", param.name, param.ty);
        match (&param.context, &param.default) {
            (Some(context), Some(default)) => {
                _ = write!(
                    line,
                    " <- context {} where it is given, else {}",
                    context.name(),
                    written(default, &frames)
                );
            }
            (Some(context), None) => _ = write!(line, " <- context {}", context.name()),
            (None, Some(default)) => _ = write!(line, " <- {}", written(default, &frames)),
            (None, None) => line.push_str(" <- who runs the workflow"),
        }
        _ = writeln!(out, "{line}");
    }
    body(&mut out, &workflow.body, "", &mut frames);
    frames.push(names(&workflow.body));
    for output in &workflow.outputs {
        _ = writeln!(out, "\n  output {} <- {}", output.name, written(&output.value, &frames));
    }
    out
}

fn names(body: &Body) -> Vec<Name> {
    body.slots.iter().map(|it| it.name.clone()).collect()
}

fn body(out: &mut String, it: &Body, path: &str, frames: &mut Vec<Vec<Name>>) {
    frames.push(names(it));
    for node in it.nodes.iter().filter(|it| !it.is_let) {
        let path = if path.is_empty() { node.name.to_string() } else { format!("{path}.{}", node.name) };
        work(out, &node.work, &path, "", frames);
        for other in &node.otherwise {
            work(out, other, &path, "else ", frames);
        }
    }
    frames.pop();
}

fn work(out: &mut String, it: &Work, path: &str, role: &str, frames: &mut Vec<Vec<Name>>) {
    match it {
        Work::Call(it) => call(out, it, path, role, frames),
        Work::Value(it) => _ = writeln!(out, "\n  {path} = {role}{}", written(it, frames)),
        Work::For(it) => {
            let var = it.body.slots.first().map_or("_", |it| &*it.name);
            _ = writeln!(out, "\n  {path} = {role}for {var} in {}", written(&it.list, frames));
            body(out, &it.body, &format!("{path}[]"), frames);
        }
        Work::Block(it) => body(out, it, path, frames),
        Work::Match(it) => {
            _ = writeln!(out, "\n  {path} = {role}match {}", written(&it.on, frames));
            for arm in &it.arms {
                let patterns: Vec<String> = arm.patterns.iter().map(literal).collect();
                let patterns = if patterns.is_empty() { "_".to_owned() } else { patterns.join(", ") };
                work(out, &arm.work, path, &format!("{patterns} => "), frames);
            }
        }
        Work::Workflow(it) => {
            _ = writeln!(out, "\n  {path} = {role}{}", it.workflow.name);
            table(out, it.inputs.iter().map(|it| row(it, frames)).collect());
        }
        Work::On(it) => {
            _ = writeln!(out, "\n  on {path} in {}", written(&it.stream, frames));
            body(out, &it.body, &format!("{path}[]"), frames);
        }
    }
}

fn call(out: &mut String, it: &Call, path: &str, role: &str, frames: &[Vec<Name>]) {
    _ = writeln!(out, "\n  {path} = {role}{}", it.written);
    let left = |field: &Field| {
        let (value, why) = match &field.default {
            Some(value) => (literal(value), Filled::Default),
            None => ("none".to_owned(), Filled::Nothing),
        };
        (field.name.to_string(), value, why_of(&why))
    };
    let rows = it.method.inputs.iter().map(|field| {
        it.inputs.iter().find(|it| it.name == field.name).map_or_else(|| left(field), |input| row(input, frames))
    });
    table(out, rows.collect());
}

fn row(it: &Input, frames: &[Vec<Name>]) -> Row {
    (it.name.to_string(), written(&it.value, frames), why_of(&it.filled))
}

fn why_of(filled: &Filled) -> String {
    match filled {
        Filled::Argument => "argument".to_owned(),
        Filled::Name(_) => "same name".to_owned(),
        Filled::Type(_) => "only value of its type".to_owned(),
        Filled::Context(_) => "context".to_owned(),
        Filled::Default => "default".to_owned(),
        Filled::Nothing => "optional, nothing fits".to_owned(),
    }
}

fn table(out: &mut String, rows: Vec<Row>) {
    let width = |pick: fn(&Row) -> &String| rows.iter().map(|it| pick(it).chars().count()).max().unwrap_or(0);
    let (names, values) = (width(|it| &it.0), width(|it| &it.1).min(40));
    for (name, value, why) in &rows {
        _ = writeln!(out, "      {name:<names$} <- {value:<values$}  ({why})");
    }
}

pub(super) fn literal(value: &Value) -> String {
    match value {
        Value::Text(it) => format!("\"{it}\""),
        other => other.to_string(),
    }
}

/// Returns an expression much as a file would write it; `frames` are the names of the slots, body by body.
pub(super) fn written(expr: &Expr, frames: &[Vec<Name>]) -> String {
    let all = |items: &[Expr]| items.iter().map(|it| written(it, frames)).collect::<Vec<_>>().join(", ");
    match &expr.kind {
        Kind::Const(it) => literal(it),
        Kind::Slot(it) => {
            let frame = frames.len().checked_sub(usize::from(it.up) + 1).and_then(|at| frames.get(at));
            frame.and_then(|names| names.get(it.index as usize)).map_or_else(|| "?".to_owned(), ToString::to_string)
        }
        Kind::Context(it) => it.name().to_owned(),
        Kind::Field(base, name) => format!("{}.{name}", written(base, frames)),
        Kind::Index(base, at) => format!("{}[{}]", written(base, frames), written(at, frames)),
        Kind::List(items) => format!("[{}]", all(items)),
        Kind::Record(parts) => {
            let part = |it: &Part| match it {
                Part::Field(name, it) => format!("{name}: {}", written(it, frames)),
                Part::Spread(it) => format!("..{}", written(it, frames)),
            };
            format!("{{ {} }}", parts.iter().map(part).collect::<Vec<_>>().join(", "))
        }
        Kind::Not(it) => format!("not {}", written(it, frames)),
        Kind::Neg(it) => format!("-{}", written(it, frames)),
        Kind::Binary(op, a, b) => format!("{} {} {}", written(a, frames), op.as_str(), written(b, frames)),
        Kind::Range(low, high, by) => {
            let by = by.as_ref().map(|it| format!(" by {}", written(it, frames))).unwrap_or_default();
            format!("{}..{}{by}", written(low, frames), written(high, frames))
        }
        Kind::Convert(it) => written(it, frames),
        Kind::Builtin(builtin, args) => format!("{}({})", builtin.name, all(args)),
        Kind::Make(template, params) => {
            let params = written(params, frames);
            format!("{}({})", template.name(), params.trim_start_matches("{ ").trim_end_matches(" }"))
        }
    }
}
