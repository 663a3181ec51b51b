//! The values of a workflow's params and limits.

use std::{cmp::Ordering, sync::Arc};

use super::{eval, frame::ParamEnv};
use crate::{
    check::{Param, Workflow},
    expr::{check_within, compare},
    slice::{Fault, Services},
    value::{Name, Symbol, Ty, Value},
};

/// Returns the values of all params, in the order of their slots: what was set, else what the context gives, else the
/// default.
///
/// # Errors
/// One fault for each value that is of the wrong type, out of range or missing.
pub(crate) fn fill(
    workflow: &Workflow,
    set: &dyn Fn(&str) -> Option<Value>,
    given: &dyn Fn(&Param) -> Option<Value>,
    context: &[Value],
) -> Result<Vec<Value>, Vec<Fault>> {
    let (mut values, mut faults) = (Vec::new(), Vec::new());
    for param in workflow.params() {
        let value = match set(&param.name).or_else(|| given(param)) {
            Some(value) => admit(param, value),
            None => default(param, &ParamEnv { slots: &values, context }),
        };
        let place = param.slot as usize;
        values.resize(values.len().max(place + 1), Value::None);
        match value {
            Ok(value) => values.iter_mut().skip(place).take(1).for_each(|it| *it = value.clone()),
            Err(fault) => faults.push(fault),
        }
    }
    if faults.is_empty() { Ok(values) } else { Err(faults) }
}

fn default(param: &Param, env: &ParamEnv) -> Result<Value, Fault> {
    match (&param.default, param.context) {
        (Some(default), _) => eval::guarded(default, env),
        (None, Some(name)) => Ok(env.context.get(name as usize).cloned().unwrap_or_default()),
        (None, None) if param.ty.takes_none() => Ok(Value::None),
        (None, None) => Err(Fault::input(format_args!("`{}` has no value: set it or give it a default", param.name))),
    }
}

/// Checks a value that was set.
fn admit(param: &Param, value: Value) -> Result<Value, Fault> {
    let value = shaped(&param.ty, value);
    if let Some(error) = param.ty.mismatch(&value) {
        return Err(Fault::input(format_args!("`{}`: {error}", param.name)));
    }
    let within = param.within.as_ref().map_or(Ok(()), |it| check_within(&value, it));
    let held = within.and_then(|()| param.bounds.iter().try_for_each(|it| it.check(&value)));
    held.map(|()| value).map_err(|error| error.at(&param.name).into())
}

/// Makes text a symbol or a path where one is wanted.
fn shaped(ty: &Ty, value: Value) -> Value {
    match (ty.required(), &value) {
        (Ty::Symbol, Value::Text(text)) => Symbol::new(text).map_or(value, Value::from),
        (Ty::Path, Value::Text(text)) => Value::Path(text.clone()),
        (Ty::List(item), Value::List(items)) => Value::list(items.iter().map(|it| shaped(item, it.clone()))),
        _ => value,
    }
}

/// Returns the services of a workflow: those around it, with its limits. Of two limits that can be compared the lower
/// holds, of others the one around it: what is called may be tighter, never looser.
pub(crate) fn limited(
    workflow: &Workflow,
    values: &[Value],
    context: &[Value],
    around: &Arc<Services>,
) -> Result<Arc<Services>, Fault> {
    if workflow.limits().is_empty() {
        return Ok(around.clone());
    }
    let env = ParamEnv { slots: values, context };
    let mut limits: Vec<(Name, Value)> = if let Value::Record(it) = &around.limits { it.to_vec() } else { Vec::new() };
    for (name, limit) in workflow.limits() {
        let limit = eval::guarded(limit, &env)?;
        match limits.iter_mut().find(|it| it.0 == *name) {
            Some((_, present)) if compare(&limit, present) == Some(Ordering::Less) => *present = limit,
            Some(_) => {}
            None => limits.push((name.clone(), limit)),
        }
    }
    Ok(Arc::new(Services { limits: Value::Record(limits.into()), ..Services::clone(around) }))
}
