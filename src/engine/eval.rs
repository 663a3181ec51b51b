//! The values of the simplest expressions.

use std::{
    any::Any,
    panic::{AssertUnwindSafe, catch_unwind},
};

use crate::{
    expr::{Env, Expr, Kind},
    slice::{Fault, FaultKind},
    value::Value,
};

/// Returns the value of an expression.
pub(crate) fn eval(expr: &Expr, env: &dyn Env) -> Result<Value, Fault> {
    Ok(match &expr.kind {
        Kind::Const(it) => it.clone(),
        Kind::Slot(it) => env.slot(*it),
        Kind::Context(it) => env.context(*it),
        Kind::Field(of, name) => eval(of, env)?.field(name).unwrap_or_default(),
        Kind::List(items) => Value::List(items.iter().map(|it| eval(it, env)).collect::<Result<_, _>>()?),
        _ => return Err(Fault::permanent("this expression cannot be computed")),
    })
}

/// Returns the value of an expression; a defect in a function of the language is a fault like any other.
pub(crate) fn guarded(expr: &Expr, env: &dyn Env) -> Result<Value, Fault> {
    catch_unwind(AssertUnwindSafe(|| eval(expr, env))).unwrap_or_else(|it| Err(panicked(&*it)))
}

/// Returns the fault of what panicked with `payload`.
pub(crate) fn panicked(payload: &(dyn Any + Send)) -> Fault {
    let text = payload.downcast_ref::<String>().map(String::as_str).or(payload.downcast_ref().copied());
    Fault::new(FaultKind::Panicked, text.unwrap_or("it panicked"))
}
