//! What operators do to values. Every overflow is a fault: nothing wraps, nothing panics.

use std::{cmp::Ordering, sync::Arc};

use jiff::{SignedDuration, Span, tz::TimeZone};
use rust_decimal::{Decimal, prelude::ToPrimitive as _};

use crate::{
    slice::Fault,
    syntax::ast::BinaryOp,
    value::{
        BarCount, DateRange, Duration, Leverage, Money, Percent, Period, Quantity, RMultiple, RangeValue, Value, number,
    },
};

pub use crate::value::compare;

type Outcome = Result<Value, Fault>;

/// Computes `a op b`; `and` and `or` look at both.
pub fn binary(op: BinaryOp, a: &Value, b: &Value) -> Outcome {
    use BinaryOp as Op;
    match op {
        Op::And => Ok(Value::Bool(truth(a)? && truth(b)?)),
        Op::Or => Ok(Value::Bool(truth(a)? || truth(b)?)),
        Op::Eq => Ok(Value::Bool(a == b)),
        Op::Ne => Ok(Value::Bool(a != b)),
        Op::Lt => order(op, a, b).map(|it| Value::Bool(it.is_lt())),
        Op::Le => order(op, a, b).map(|it| Value::Bool(it.is_le())),
        Op::Gt => order(op, a, b).map(|it| Value::Bool(it.is_gt())),
        Op::Ge => order(op, a, b).map(|it| Value::Bool(it.is_ge())),
        Op::In => contains(b, a).map(Value::Bool),
        Op::Range => range(a, b, None),
        Op::By => match a {
            Value::Range(it) => range(&it.low, &it.high, Some(b)),
            _ => Err(unfit(op, a, b)),
        },
        Op::Add => add(a, b).or_else(|| add(b, a)).unwrap_or_else(|| Err(unfit(op, a, b))),
        Op::Sub => subtract(a, b).unwrap_or_else(|| Err(unfit(op, a, b))),
        Op::Mul => multiply(a, b).or_else(|| multiply(b, a)).unwrap_or_else(|| Err(unfit(op, a, b))),
        Op::Div => divide(a, b).unwrap_or_else(|| Err(unfit(op, a, b))),
        Op::Of => match (a, b) {
            (Value::Percent(share), _) => {
                scale(b, share.0, Decimal::checked_mul).unwrap_or_else(|| Err(unfit(op, a, b)))
            }
            _ => Err(unfit(op, a, b)),
        },
    }
}

/// Returns the truth of a value.
pub fn truth(value: &Value) -> Result<bool, Fault> {
    if let Value::Bool(it) = value {
        Ok(*it)
    } else {
        Err(Fault::input(format_args!("`{value}` is not true or false")))
    }
}

/// Computes `-a`.
pub fn negate(value: &Value) -> Outcome {
    match value {
        Value::Int(it) => it.checked_neg().map(Value::Int).ok_or_else(overflow),
        Value::Duration(it) => it.0.checked_neg().map(|it| Value::Duration(Duration(it))).ok_or_else(overflow),
        Value::Period(it) => it.months.checked_neg().map(period).ok_or_else(overflow),
        other => scale(other, Decimal::NEGATIVE_ONE, Decimal::checked_mul)
            .unwrap_or_else(|| Err(Fault::input(format_args!("`{other}` has no negative")))),
    }
}

/// Returns a range after a look at its ends.
pub fn range(low: &Value, high: &Value, by: Option<&Value>) -> Outcome {
    if order(BinaryOp::Range, low, high)?.is_gt() {
        return Err(Fault::input(format_args!("the range `{low}..{high}` ends before it starts")));
    }
    if let (Value::Date(start), Value::Date(end)) = (low, high) {
        return Ok(Value::DateRange(DateRange { start: *start, end: *end }));
    }
    if let Some(by) = by {
        let zero = subtract(low, low).unwrap_or_else(|| Err(unfit(BinaryOp::By, low, by)))?;
        if !order(BinaryOp::By, by, &zero)?.is_gt() {
            return Err(Fault::input(format_args!("the step `{by}` of a range must be above zero")));
        }
    }
    Ok(Value::Range(Arc::new(RangeValue { low: low.clone(), high: high.clone(), by: by.cloned() })))
}

/// Says whether `part` is in a list or a range.
pub fn contains(whole: &Value, part: &Value) -> Result<bool, Fault> {
    match (whole, part) {
        (Value::List(items), _) => Ok(items.contains(part)),
        (Value::DateRange(range), Value::Date(it)) => Ok((range.start..=range.end).contains(it)),
        (Value::Range(range), _) => {
            let (low, high) = (order(BinaryOp::In, &range.low, part)?, order(BinaryOp::In, part, &range.high)?);
            Ok(low.is_le() && high.is_le())
        }
        _ => Err(unfit(BinaryOp::In, part, whole)),
    }
}

fn order(op: BinaryOp, a: &Value, b: &Value) -> Result<Ordering, Fault> {
    compare(a, b).ok_or_else(|| unfit(op, a, b))
}

fn unfit(op: BinaryOp, a: &Value, b: &Value) -> Fault {
    let op = op.as_str();
    Fault::input(match (a, b) {
        (Value::None, _) | (_, Value::None) => format!("`{op}` needs two values, one of them is none"),
        _ => format!("`{a}` and `{b}` cannot be combined with `{op}`"),
    })
}

fn overflow() -> Fault {
    Fault::input("the result of a calculation is too large")
}

fn period(months: i32) -> Value {
    Value::Period(Period { months })
}

/// Applies `by` to the number inside a value with a unit of arbitrary precision.
fn scale(value: &Value, by: Decimal, op: fn(Decimal, Decimal) -> Option<Decimal>) -> Option<Outcome> {
    let on = |it: Decimal| op(it, by).ok_or_else(overflow);
    Some(match value {
        Value::Int(it) => on(Decimal::from(*it)).map(Value::Decimal),
        Value::Decimal(it) => on(*it).map(Value::Decimal),
        Value::Percent(it) => on(it.0).map(|it| Value::Percent(Percent(it))),
        Value::Money(it) => on(it.amount).map(|amount| Value::Money(Money { amount, ..*it })),
        Value::Quantity(it) => on(it.amount).map(|amount| Value::Quantity(Quantity { amount, ..*it })),
        Value::Leverage(it) => on(it.0).map(|it| Value::Leverage(Leverage(it))),
        Value::RMultiple(it) => on(it.0).map(|it| Value::RMultiple(RMultiple(it))),
        // Durations are whole milliseconds; what is left over of one is rounded.
        Value::Duration(it) => on(Decimal::from(it.0))
            .and_then(|it| it.round().to_i64().ok_or_else(overflow))
            .map(|it| Value::Duration(Duration(it))),
        _ => return None,
    })
}

/// Applies `op` to two amounts of one unit.
fn join(a: &Value, b: &Value, op: fn(Decimal, Decimal) -> Option<Decimal>) -> Option<Outcome> {
    let on = |a, b| op(a, b).ok_or_else(overflow);
    Some(match (a, b) {
        (Value::Percent(a), Value::Percent(b)) => on(a.0, b.0).map(|it| Value::Percent(Percent(it))),
        (Value::Money(a), Value::Money(b)) if a.currency == b.currency => {
            on(a.amount, b.amount).map(|amount| Value::Money(Money { amount, ..*a }))
        }
        (Value::Quantity(a), Value::Quantity(b)) if a.unit == b.unit => {
            on(a.amount, b.amount).map(|amount| Value::Quantity(Quantity { amount, ..*a }))
        }
        (Value::Leverage(a), Value::Leverage(b)) => on(a.0, b.0).map(|it| Value::Leverage(Leverage(it))),
        (Value::RMultiple(a), Value::RMultiple(b)) => on(a.0, b.0).map(|it| Value::RMultiple(RMultiple(it))),
        _ => on(number(a)?, number(b)?).map(Value::Decimal),
    })
}

fn add(a: &Value, b: &Value) -> Option<Outcome> {
    Some(match (a, b) {
        (Value::Int(a), Value::Int(b)) => a.checked_add(*b).map(Value::Int).ok_or_else(overflow),
        (Value::Duration(a), Value::Duration(b)) => {
            a.0.checked_add(b.0).map(|it| Value::Duration(Duration(it))).ok_or_else(overflow)
        }
        (Value::Period(a), Value::Period(b)) => a.months.checked_add(b.months).map(period).ok_or_else(overflow),
        (Value::BarCount(a), Value::BarCount(b)) => {
            a.0.checked_add(b.0).map(|it| Value::BarCount(BarCount(it))).ok_or_else(overflow)
        }
        (Value::Date(_) | Value::DateTime(_), Value::Period(_) | Value::Duration(_)) => return Some(shift(a, b)),
        _ => return join(a, b, Decimal::checked_add),
    })
}

fn subtract(a: &Value, b: &Value) -> Option<Outcome> {
    Some(match (a, b) {
        (Value::Int(a), Value::Int(b)) => a.checked_sub(*b).map(Value::Int).ok_or_else(overflow),
        (Value::Date(a), Value::Date(b)) => {
            let midnight =
                |it: &jiff::civil::Date| it.to_zoned(TimeZone::UTC).map(|it| it.timestamp().as_millisecond());
            match (midnight(a), midnight(b)) {
                (Ok(a), Ok(b)) => Ok(Value::Duration(Duration(a - b))),
                _ => Err(overflow()),
            }
        }
        (Value::DateTime(a), Value::DateTime(b)) => {
            Ok(Value::Duration(Duration(a.as_millisecond() - b.as_millisecond())))
        }
        (Value::BarCount(a), Value::BarCount(b)) => {
            a.0.checked_sub(b.0)
                .map(|it| Value::BarCount(BarCount(it)))
                .ok_or_else(|| Fault::input("a number of bars cannot be below zero"))
        }
        (Value::Date(_) | Value::DateTime(_), Value::Period(_) | Value::Duration(_)) => {
            return Some(negate(b).and_then(|b| shift(a, &b)));
        }
        (Value::Duration(_), Value::Duration(_)) | (Value::Period(_), Value::Period(_)) => {
            return negate(b).map_or_else(|fault| Some(Err(fault)), |b| add(a, &b));
        }
        _ => return join(a, b, Decimal::checked_sub),
    })
}

/// Moves a day or an instant. A period is calendar months and ends on the last day where a month is too short.
fn shift(at: &Value, by: &Value) -> Outcome {
    let too_far = |_| Fault::input("the date is outside of the calendar");
    match (at, by) {
        (Value::Date(at), Value::Period(by)) => {
            let months = Span::new().try_months(by.months).map_err(too_far)?;
            at.checked_add(months).map(Value::Date).map_err(too_far)
        }
        (Value::Date(at), Value::Duration(by)) => {
            let day = Duration::DAY.0;
            if by.0 % day != 0 {
                return Err(Fault::input(format_args!("a date is moved by whole days, `{by}` is not")));
            }
            let days = Span::new().try_days(by.0 / day).map_err(too_far)?;
            at.checked_add(days).map(Value::Date).map_err(too_far)
        }
        (Value::DateTime(at), Value::Period(by)) => {
            let months = Span::new().try_months(by.months).map_err(too_far)?;
            at.to_zoned(TimeZone::UTC).checked_add(months).map(|it| Value::DateTime(it.timestamp())).map_err(too_far)
        }
        (Value::DateTime(at), Value::Duration(by)) => {
            at.checked_add(SignedDuration::from_millis(by.0)).map(Value::DateTime).map_err(too_far)
        }
        _ => Err(unfit(BinaryOp::Add, at, by)),
    }
}

fn multiply(a: &Value, b: &Value) -> Option<Outcome> {
    Some(match (a, b) {
        (Value::Int(a), Value::Int(b)) => a.checked_mul(*b).map(Value::Int).ok_or_else(overflow),
        (Value::Percent(_), Value::Percent(_)) => return join(a, b, Decimal::checked_mul),
        (Value::Leverage(times), Value::Money(_)) => return scale(b, times.0, Decimal::checked_mul),
        (Value::Period(a), Value::Int(b)) => {
            i32::try_from(*b).ok().and_then(|b| a.months.checked_mul(b)).map(period).ok_or_else(overflow)
        }
        (Value::BarCount(a), Value::Int(b)) => u64::try_from(*b)
            .ok()
            .and_then(|b| a.0.checked_mul(b))
            .map(|it| Value::BarCount(BarCount(it)))
            .ok_or_else(overflow),
        _ => return scale(a, number(b)?, Decimal::checked_mul),
    })
}

fn divide(a: &Value, b: &Value) -> Option<Outcome> {
    let ratio = |a: Decimal, b: Decimal| {
        if b.is_zero() {
            return Err(Fault::input("division by zero"));
        }
        a.checked_div(b).ok_or_else(overflow)
    };
    if let Some(by) = number(b) {
        return if by.is_zero() {
            Some(Err(Fault::input("division by zero")))
        } else {
            scale(a, by, Decimal::checked_div)
        };
    }
    let pair = match (a, b) {
        (Value::Percent(a), Value::Percent(b)) => (a.0, b.0),
        (Value::Money(a), Value::Money(b)) if a.currency == b.currency => (a.amount, b.amount),
        (Value::Quantity(a), Value::Quantity(b)) if a.unit == b.unit => (a.amount, b.amount),
        (Value::Duration(a), Value::Duration(b)) => (a.0.into(), b.0.into()),
        (Value::Period(a), Value::Period(b)) => (a.months.into(), b.months.into()),
        (Value::BarCount(a), Value::BarCount(b)) => (a.0.into(), b.0.into()),
        (Value::Leverage(a), Value::Leverage(b)) => (a.0, b.0),
        (Value::RMultiple(a), Value::RMultiple(b)) => (a.0, b.0),
        _ => return None,
    };
    Some(ratio(pair.0, pair.1).map(Value::Decimal))
}
