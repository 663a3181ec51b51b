//! Expressions, guarded: no defect in a function of the language may end the run.

use std::{
    any::Any,
    panic::{AssertUnwindSafe, catch_unwind},
};

use crate::{
    expr::{Env, Expr, eval},
    slice::{Fault, FaultKind},
    value::Value,
};

/// Returns the value of an expression; a defect in a function of the language is a fault like any other.
pub(crate) fn guarded(expr: &Expr, env: &dyn Env) -> Result<Value, Fault> {
    catch_unwind(AssertUnwindSafe(|| eval(expr, env))).unwrap_or_else(|it| Err(panicked(&*it)))
}

/// Returns the fault of what panicked with `payload`.
pub(crate) fn panicked(payload: &(dyn Any + Send)) -> Fault {
    let text = payload.downcast_ref::<String>().map(String::as_str).or(payload.downcast_ref().copied());
    Fault::new(FaultKind::Panicked, text.unwrap_or("it panicked"))
}
