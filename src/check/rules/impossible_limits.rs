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
const AMOUNTS: &[&str] =
    &["max_position", "max_gross", "max_leverage", "max_orders_per_minute", "max_consecutive_losses", "stale_data"];

/// The limits of which less than nothing is reached before the first order.
const LOSSES: &[&str] = &["max_daily_loss", "max_drawdown", "price_band"];

pub(super) fn check(walk: &mut Walk<'_, '_>, limit: &LimitView<'_>) {
    let loss = LOSSES.contains(&&*limit.name.text);
    if !loss && !AMOUNTS.contains(&&*limit.name.text) {
        return;
    }
    let known = match &limit.value.kind {
        Kind::Const(value) => Some(value.clone()),
        _ => share_of(limit.value),
    };
    let nothing = match known {
        Some(Value::Percent(Percent(it)) | Value::Money(Money { amount: it, .. }) | Value::Leverage(Leverage(it))) => {
            if loss {
                it < Decimal::ZERO
            } else {
                it <= Decimal::ZERO
            }
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
    let live = walk.modes.iter().any(|it| **it == *"live");
    walk.report(match written.strip_prefix('-').map(str::trim_start) {
        Some(amount) => found.fix("take the amount without its sign", limit.span, amount),
        None if live => found.help("drop `live` from `modes` where nothing may be traded, or say how much may be"),
        None => found.help("say how much may be traded, or leave the limit out"),
    });
}
