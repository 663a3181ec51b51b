//! What a workflow means, as one hash: layout, comments and names of files do not change it.

use std::fmt::Write as _;

use sha2::{Digest as _, Sha256};

use super::{Backoff, Body, Call, Input, Node, Work, Workflow};
use crate::{
    expr::{Expr, canonical},
    value::{Value, hex},
};

/// Returns the hash of what a workflow means, in 64 hex digits.
pub(super) fn meaning(workflow: &Workflow) -> String {
    let mut text = String::new();
    write_workflow(&mut text, workflow);
    digest(&text)
}

/// Returns the hash of a text, in 64 hex digits.
pub(super) fn digest(text: &str) -> String {
    hex(&Sha256::digest(text))
}

// Writing to a text cannot fail.
macro_rules! put { ($out:expr, $($arg:tt)*) => { let _ = write!($out, $($arg)*); } }

fn write_workflow(out: &mut String, it: &Workflow) {
    put!(out, "workflow {} mode {}\n", it.name, it.mode);
    for param in &it.params {
        put!(out, "param {}: {} slot {} context {:?}", param.name, param.ty, param.slot, param.context);
        if let Some(within) = &param.within {
            put!(out, " in ");
            value(out, within);
        }
        optional(out, "default", param.default.as_ref());
        out.push('\n');
    }
    for (name, limit) in &it.limits {
        optional(out, name, Some(limit));
    }
    optional(out, "deadline", it.deadline.as_ref());
    body(out, &it.body);
    for output in &it.outputs {
        optional(out, &output.name, Some(&output.value));
    }
}

fn body(out: &mut String, it: &Body) {
    out.push('{');
    for slot in &it.slots {
        put!(out, "{}: {};", slot.name, slot.ty);
    }
    it.nodes.iter().for_each(|it| node(out, it));
    optional(out, "yield", it.result.as_ref());
    out.push('}');
}

fn node(out: &mut String, it: &Node) {
    put!(
        out,
        "\n{} {}: {} let {} needs {:?} after {:?} = ",
        it.slot,
        it.name,
        it.ty,
        it.is_let,
        it.needs,
        it.order_only
    );
    work(out, &it.work);
    for other in &it.otherwise {
        out.push_str(" else ");
        work(out, other);
    }
    let clauses = [("when", &it.when), ("timeout", &it.timeout), ("every", &it.every), ("cache", &it.cache)];
    for (word, value) in clauses.into_iter().chain([("tolerate", &it.tolerate)]) {
        optional(out, word, value.as_ref());
    }
    if let Some(retry) = &it.retry {
        optional(out, "retry", Some(&retry.max));
        if let Backoff::Range(range) = &retry.backoff {
            optional(out, "backoff", Some(range));
        }
    }
}

fn work(out: &mut String, it: &Work) {
    match it {
        Work::Call(it) => call(out, it),
        Work::Value(it) => expr(out, it),
        Work::For(it) => {
            optional(out, "for", Some(&it.list));
            optional(out, "where", it.filter.as_ref());
            optional(out, "parallel", it.parallel.as_ref());
            body(out, &it.body);
        }
        Work::Match(it) => {
            optional(out, "match", Some(&it.on));
            for arm in &it.arms {
                arm.patterns.iter().for_each(|it| value(out, it));
                out.push_str(" => ");
                work(out, &arm.work);
            }
        }
        Work::Block(it) => body(out, it),
        Work::Workflow(it) => {
            put!(out, "run {}", it.workflow.meaning());
            inputs(out, &it.inputs);
        }
        Work::On(it) => {
            optional(out, "on", Some(&it.stream));
            optional(out, "where", it.filter.as_ref());
            if let Some(batch) = &it.batch {
                optional(out, "every", Some(&batch.every));
                optional(out, "by", batch.by.as_ref());
                optional(out, "max", batch.max.as_ref());
            }
            body(out, &it.body);
        }
    }
}

fn call(out: &mut String, it: &Call) {
    put!(out, "{}.{}", it.method.slice, it.method.name);
    inputs(out, &it.inputs);
}

fn inputs(out: &mut String, inputs: &[Input]) {
    out.push('(');
    for input in inputs {
        optional(out, &input.name, Some(&input.value));
    }
    out.push(')');
}

fn optional(out: &mut String, word: &str, it: Option<&Expr>) {
    if let Some(it) = it {
        put!(out, " {word} ");
        expr(out, it);
    }
}

fn value(out: &mut String, it: &Value) {
    put!(out, "{} {it};", it.kind());
}

fn expr(out: &mut String, it: &Expr) {
    out.push_str(&canonical(it, &|slot| format!("@{}.{}", slot.up, slot.index)));
}
