//! No workflow is looser than the house.

use std::cmp::Ordering;

use super::LimitView;
use crate::{
    check::{program::share_of, walk::Walk},
    expr::Kind,
    source::{Code, Diagnostic},
    value::Value,
};

pub(super) fn check(walk: &mut Walk<'_, '_>, limit: &LimitView<'_>) {
    let options = walk.session.options;
    let Some((_, house)) = options.house_limits.iter().find(|(name, _)| *name == limit.name.text) else { return };
    let known = match &limit.value.kind {
        Kind::Const(value) => Some(value.clone()),
        _ => share_of(limit.value),
    };
    if known.and_then(|it| compare(&it, house)) != Some(Ordering::Greater) {
        return;
    }
    let written = walk.text(limit.span).trim();
    let message = format!("`{}: {written}` is looser than the house policy ({house}) in wf.yaml", limit.name.text);
    let found = Diagnostic::new(Code::P003, limit.span, message);
    walk.report(found.fix("the most that the house allows", limit.span, house.to_string()));
}

fn compare(a: &Value, b: &Value) -> Option<Ordering> {
    match (a, b) {
        (Value::Percent(a), Value::Percent(b)) => Some(a.cmp(b)),
        (Value::Money(a), Value::Money(b)) if a.currency == b.currency => Some(a.amount.cmp(&b.amount)),
        (Value::Leverage(a), Value::Leverage(b)) => Some(a.cmp(b)),
        (Value::Duration(a), Value::Duration(b)) => Some(a.cmp(b)),
        (Value::Int(a), Value::Int(b)) => Some(a.cmp(b)),
        _ => None,
    }
}
