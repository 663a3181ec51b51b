//! Values of checked expressions.

use std::sync::Arc;

use super::{Context, Env, Expr, Found, Kind, Part, Scope, Slot, Template, apply, builtins};
use crate::{
    slice::Fault,
    syntax::ast::BinaryOp,
    value::{Field, Name, Symbol, Ty, Value, one_of},
};

/// Where nothing has a name: what constants are checked and computed in.
#[derive(Clone, Copy, Debug)]
pub struct NoEnv;

impl Scope for NoEnv {
    fn find(&mut self, _: &str) -> Option<Found> {
        None
    }
    fn names(&self) -> Vec<(Name, Ty)> {
        Vec::new()
    }
    fn template(&mut self, _: &str) -> Option<Arc<dyn Template>> {
        None
    }
    fn templates(&self) -> Vec<String> {
        Vec::new()
    }
    fn fields(&self, ty: &Ty) -> Vec<Field> {
        if let Ty::Record(fields) = ty { fields.to_vec() } else { Vec::new() }
    }
}

impl Env for NoEnv {
    fn slot(&self, _: Slot) -> Value {
        Value::None
    }
    fn context(&self, _: Context) -> Value {
        Value::None
    }
}

/// Computes the value of an expression.
///
/// # Errors
/// What only the values show: an overflow, a division by zero, a list without an item asked for, a missing secret.
pub fn eval(expr: &Expr, env: &dyn Env) -> Result<Value, Fault> {
    match &expr.kind {
        Kind::Const(value) => Ok(value.clone()),
        Kind::Slot(slot) => Ok(env.slot(*slot)),
        Kind::Context(name) => Ok(env.context(*name)),
        Kind::Field(base, name) => field(&eval(base, env)?, name),
        Kind::Index(base, at) => index(&eval(base, env)?, &eval(at, env)?),
        Kind::List(items) => items.iter().map(|it| eval(it, env)).collect::<Result<Arc<[_]>, _>>().map(Value::List),
        Kind::Record(parts) => record(parts, env),
        Kind::Not(inner) => Ok(Value::Bool(!apply::truth(&eval(inner, env)?)?)),
        Kind::Neg(inner) => apply::negate(&eval(inner, env)?),
        Kind::Binary(op, left, right) => binary(*op, left, right, env),
        Kind::Range(low, high, by) => {
            let by = by.as_ref().map(|it| eval(it, env)).transpose()?;
            apply::range(&eval(low, env)?, &eval(high, env)?, by.as_ref())
        }
        Kind::Convert(inner) => convert(&eval(inner, env)?, &expr.ty),
        Kind::Builtin(builtin, args) => call(builtin, args, env),
        Kind::Make(template, params) => Ok(template.make(&eval(params, env)?)?),
    }
}

/// Long chains lean to the left; they are walked, not recursed into.
fn binary(op: BinaryOp, left: &Expr, right: &Expr, env: &dyn Env) -> Result<Value, Fault> {
    let mut chain = vec![(op, right)];
    let mut first = left;
    while let Kind::Binary(op, left, right) = &first.kind {
        chain.push((*op, right));
        first = left;
    }
    let mut value = eval(first, env)?;
    while let Some((op, right)) = chain.pop() {
        value = match (op, &value) {
            (BinaryOp::And, Value::Bool(false)) | (BinaryOp::Or, Value::Bool(true)) => value,
            _ => apply::binary(op, &value, &eval(right, env)?)?,
        };
    }
    Ok(value)
}

fn call(builtin: &'static super::Builtin, args: &[Expr], env: &dyn Env) -> Result<Value, Fault> {
    if builtin.name == builtins::DEGRADED {
        return Ok(Value::Bool(args.iter().any(|it| is_degraded(it, env))));
    }
    let args = args.iter().map(|it| eval(it, env)).collect::<Result<Vec<_>, _>>()?;
    (builtin.eval)(&args)
}

fn is_degraded(expr: &Expr, env: &dyn Env) -> bool {
    match &expr.kind {
        Kind::Slot(slot) => env.degraded(*slot),
        Kind::Field(base, _) | Kind::Index(base, _) => is_degraded(base, env),
        _ => false,
    }
}

pub(super) fn field(value: &Value, name: &str) -> Result<Value, Fault> {
    let own = match (value, name) {
        (Value::DateRange(it), "start") => Some(Value::Date(it.start)),
        (Value::DateRange(it), "end") => Some(Value::Date(it.end)),
        // A field that may be left out of a record is none.
        (Value::Record(_), _) => Some(value.field(name).unwrap_or_default()),
        _ => value.field(name),
    };
    own.ok_or_else(|| match value {
        Value::None => Fault::input(format_args!("`{name}` is asked of none")),
        other => Fault::input(format_args!("{} has no field `{name}`", other.kind())),
    })
}

fn index(list: &Value, at: &Value) -> Result<Value, Fault> {
    let (Value::List(items), Value::Int(at)) = (list, at) else {
        return Err(Fault::input(format_args!("{} has no items to number", list.kind())));
    };
    let item = usize::try_from(*at).ok().and_then(|it| items.get(it)).cloned();
    item.ok_or_else(|| Fault::input(format_args!("the list has {} items, item [{at}] is not one of them", items.len())))
}

fn record(parts: &[Part], env: &dyn Env) -> Result<Value, Fault> {
    let mut fields: Vec<(Name, Value)> = Vec::with_capacity(parts.len());
    let mut put = |name: &Name, value: Value| match fields.iter_mut().find(|(it, _)| it == name) {
        Some((_, old)) => *old = value,
        None => fields.push((name.clone(), value)),
    };
    for part in parts {
        match part {
            Part::Field(name, value) => put(name, eval(value, env)?),
            Part::Spread(value) => match eval(value, env)? {
                Value::Record(more) => more.iter().for_each(|(name, value)| put(name, value.clone())),
                other => return Err(Fault::input(format_args!("{} cannot be spread into a record", other.kind()))),
            },
        }
    }
    Ok(Value::Record(fields.into()))
}

/// Turns a text into what `ty` is written as.
pub(super) fn convert(value: &Value, ty: &Ty) -> Result<Value, Fault> {
    match (value, ty.required()) {
        (Value::Text(it), Ty::Symbol) => Ok(Value::Symbol(Symbol::new(it)?)),
        (Value::Text(it), Ty::Path) => Ok(Value::Path(it.clone())),
        (Value::Text(it), Ty::Members(names)) if !names.contains(it) => {
            Err(Fault::input(format_args!("`{it}` is not one of {}", one_of(names, ", "))))
        }
        _ => Ok(value.clone()),
    }
}
