//! A limit of nothing lets no order through, which is no way to say so.

use rust_decimal::Decimal;

use super::LimitView;
use crate::{
    check::{program::share_of, walk::Walk},
    expr::Kind,
    source::{Code, Diagnostic},
    value::{Leverage, Money, Percent, Value},
};

/// The limits of which nothing leaves nothing.
const AMOUNTS: &[&str] = &["max_position", "max_gross", "max_leverage", "max_orders_per_minute", "stale_data"];

pub(super) fn check(walk: &mut Walk<'_, '_>, limit: &LimitView<'_>) {
    if !AMOUNTS.contains(&&*limit.name.text) {
        return;
    }
    let known = match &limit.value.kind {
        Kind::Const(value) => Some(value.clone()),
        _ => share_of(limit.value),
    };
    let nothing = match known {
        Some(Value::Percent(Percent(it)) | Value::Money(Money { amount: it, .. }) | Value::Leverage(Leverage(it))) => {
            it <= Decimal::ZERO
        }
        Some(Value::Int(it)) => it <= 0,
        Some(Value::Duration(it)) => it.0 <= 0,
        _ => false,
    };
    if !nothing {
        return;
    }
    let (name, written) = (&limit.name.text, walk.text(limit.span).trim());
    let found = Diagnostic::new(Code::P010, limit.span, format!("no order can pass `{name}: {written}`"));
    walk.report(found.help("drop `live` from `modes` where nothing may be traded, or say how much may be"));
}
