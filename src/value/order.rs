//! The order of values of one dimension.

use std::cmp::Ordering;

use rust_decimal::Decimal;

use super::Value;

/// Compares two values of one dimension; nothing where they are of two.
pub fn compare(a: &Value, b: &Value) -> Option<Ordering> {
    Some(match (a, b) {
        (Value::Int(a), Value::Int(b)) => a.cmp(b),
        (Value::Percent(a), Value::Percent(b)) => a.cmp(b),
        (Value::Money(a), Value::Money(b)) if a.currency == b.currency => a.amount.cmp(&b.amount),
        (Value::Duration(a), Value::Duration(b)) => a.cmp(b),
        (Value::Period(a), Value::Period(b)) => a.cmp(b),
        (Value::Date(a), Value::Date(b)) => a.cmp(b),
        (Value::Time(a), Value::Time(b)) => a.cmp(b),
        (Value::DateTime(a), Value::DateTime(b)) => a.cmp(b),
        (Value::BarCount(a), Value::BarCount(b)) => a.cmp(b),
        (Value::Quantity(a), Value::Quantity(b)) if a.unit == b.unit => a.amount.cmp(&b.amount),
        (Value::Leverage(a), Value::Leverage(b)) => a.cmp(b),
        (Value::RMultiple(a), Value::RMultiple(b)) => a.cmp(b),
        _ => number(a)?.cmp(&number(b)?),
    })
}

/// Returns a bare number.
pub fn number(value: &Value) -> Option<Decimal> {
    match value {
        Value::Int(it) => Some(Decimal::from(*it)),
        Value::Decimal(it) => Some(*it),
        _ => None,
    }
}

/// Compares a value of any unit with nothing of that unit.
pub(super) fn sign(value: &Value) -> Option<Ordering> {
    Some(match value {
        Value::Percent(it) => it.0.cmp(&Decimal::ZERO),
        Value::Money(it) => it.amount.cmp(&Decimal::ZERO),
        Value::Duration(it) => it.0.cmp(&0),
        Value::Period(it) => it.months.cmp(&0),
        Value::BarCount(it) => it.0.cmp(&0),
        Value::Quantity(it) => it.amount.cmp(&Decimal::ZERO),
        Value::Leverage(it) => it.0.cmp(&Decimal::ZERO),
        Value::RMultiple(it) => it.0.cmp(&Decimal::ZERO),
        _ => number(value)?.cmp(&Decimal::ZERO),
    })
}
