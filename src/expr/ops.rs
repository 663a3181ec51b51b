//! What operators do to types: arithmetic by dimension.

use crate::{
    syntax::ast::BinaryOp,
    value::{Currency, Ty},
};

/// Why an operator does not take its operands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Clash {
    /// Amounts of two currencies.
    Currencies(Currency, Currency),
    /// Dimensions that do not go together.
    Dimensions,
}

/// Returns the type of `a op b`, or why there is none. Operands without `?`; unknown types agree with everything.
pub fn binary(op: BinaryOp, a: &Ty, b: &Ty) -> Result<Ty, Clash> {
    use BinaryOp as Op;
    if let (Ty::Money(Some(x)), Ty::Money(Some(y))) = (a, b)
        && x != y
        && op != Op::In
    {
        return Err(Clash::Currencies(*x, *y));
    }
    let known = match op {
        Op::And | Op::Or => both_bool(a, b).then_some(Ty::Bool),
        Op::Eq | Op::Ne => comparable(a, b).then_some(Ty::Bool),
        Op::Lt | Op::Le | Op::Gt | Op::Ge => ordered(a, b).map(|_| Ty::Bool),
        Op::In => contains(b, a).then_some(Ty::Bool),
        Op::Range => ordered(a, b).map(|it| if it == Ty::Date { Ty::DateRange } else { Ty::Range(it.into()) }),
        Op::By => step(a, b),
        _ if is_open(a) || is_open(b) => Some(Ty::Unknown),
        Op::Of => of(a, b),
        Op::Add => add(a, b).or_else(|| add(b, a)),
        Op::Sub => subtract(a, b),
        Op::Mul => multiply(a, b).or_else(|| multiply(b, a)),
        Op::Div => divide(a, b),
    };
    known.ok_or(Clash::Dimensions)
}

/// Says whether nothing is known of a type, or whether it may be anything.
pub fn is_open(ty: &Ty) -> bool {
    matches!(ty, Ty::Unknown | Ty::Any)
}

/// Says whether it is a number without unit.
pub fn is_number(ty: &Ty) -> bool {
    matches!(ty, Ty::Int | Ty::Decimal)
}

/// Says whether it is a number with a unit.
pub fn is_unit(ty: &Ty) -> bool {
    use Ty::{BarCount, Duration, Leverage, Money, Percent, Period, Quantity, RMultiple};
    matches!(ty, Percent | Money(_) | Duration | Period | BarCount | Quantity | Leverage | RMultiple)
}

/// Says whether its values are written as quoted text.
pub fn is_textual(ty: &Ty) -> bool {
    matches!(ty, Ty::Text | Ty::Symbol | Ty::Path | Ty::Members(_))
}

fn both_bool(a: &Ty, b: &Ty) -> bool {
    [a, b].into_iter().all(|it| *it == Ty::Bool || is_open(it))
}

fn comparable(a: &Ty, b: &Ty) -> bool {
    if let (Ty::Members(a), Ty::Members(b)) = (a, b) {
        return a.iter().any(|it| b.contains(it));
    }
    is_open(a) || a.fits(b) || b.fits(a) || (is_textual(a) && is_textual(b))
}

/// Returns the one dimension of both where its values have an order.
fn ordered(a: &Ty, b: &Ty) -> Option<Ty> {
    if is_open(a) || is_open(b) {
        return Some(if is_open(a) { b.clone() } else { a.clone() });
    }
    let has_order = |it: &Ty| is_number(it) || is_unit(it) || matches!(it, Ty::Date | Ty::Time | Ty::DateTime);
    (has_order(a) && has_order(b)).then(|| a.join(b)).flatten()
}

fn contains(whole: &Ty, part: &Ty) -> bool {
    match whole {
        Ty::List(item) => comparable(item, part),
        Ty::Range(end) => ordered(end, part).is_some(),
        Ty::DateRange => matches!(part, Ty::Date | Ty::Unknown | Ty::Any),
        other => is_open(other),
    }
}

fn step(range: &Ty, step: &Ty) -> Option<Ty> {
    match range {
        Ty::Range(end) => ordered(end, step).map(|it| Ty::Range(it.into())),
        other => is_open(other).then_some(Ty::Unknown),
    }
}

fn of(share: &Ty, whole: &Ty) -> Option<Ty> {
    match (share, whole) {
        (Ty::Percent, Ty::Int) => Some(Ty::Decimal),
        (Ty::Percent, Ty::Decimal | Ty::Money(_) | Ty::Quantity | Ty::Percent | Ty::Leverage | Ty::RMultiple) => {
            Some(whole.clone())
        }
        _ => None,
    }
}

fn number(a: &Ty, b: &Ty) -> Option<Ty> {
    match (a, b) {
        (Ty::Int, Ty::Int) => Some(Ty::Int),
        _ => (is_number(a) && is_number(b)).then_some(Ty::Decimal),
    }
}

fn same(a: &Ty, b: &Ty) -> Option<Ty> {
    match (a, b) {
        (Ty::Money(x), Ty::Money(y)) => Some(Ty::Money(x.or(*y))),
        _ => (is_unit(a) && a == b).then(|| a.clone()),
    }
}

fn add(a: &Ty, b: &Ty) -> Option<Ty> {
    match (a, b) {
        (Ty::Date | Ty::DateTime, Ty::Period | Ty::Duration) => Some(a.clone()),
        _ => number(a, b).or_else(|| same(a, b)),
    }
}

fn subtract(a: &Ty, b: &Ty) -> Option<Ty> {
    match (a, b) {
        (Ty::Date, Ty::Date) | (Ty::DateTime, Ty::DateTime) => Some(Ty::Duration),
        _ => add(a, b),
    }
}

fn multiply(a: &Ty, b: &Ty) -> Option<Ty> {
    match (a, b) {
        (Ty::Percent, Ty::Percent) => Some(Ty::Percent),
        (Ty::Leverage, Ty::Money(_)) => Some(b.clone()),
        (Ty::Period | Ty::BarCount, Ty::Int) => Some(a.clone()),
        (Ty::Period | Ty::BarCount, _) => None,
        _ if is_unit(a) && is_number(b) => Some(a.clone()),
        _ => number(a, b),
    }
}

fn divide(a: &Ty, b: &Ty) -> Option<Ty> {
    match (a, b) {
        (Ty::Period | Ty::BarCount, _) if is_number(b) => None,
        _ if is_unit(a) && is_number(b) => Some(a.clone()),
        _ if same(a, b).is_some() || number(a, b).is_some() => Some(Ty::Decimal),
        _ => None,
    }
}
