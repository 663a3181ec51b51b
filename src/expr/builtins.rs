//! The functions of the language: those that no slice can be, since they are generic over types.

use std::sync::Arc;

use super::{
    Builtin, Expr, apply, eval,
    folds::{MOST, folds},
    lower::{Call, Lowering, const_of, constant, unknown},
    ops,
    words::in_words,
};
use crate::{
    slice::Fault,
    source::{Code, Diagnostic},
    syntax::ast::{self, ArgKind},
    value::{Duration, Field, Money, Percent, RangeValue, Ty, Value},
};

/// The one that reads what the run knows of a value instead of the value.
pub(super) const DEGRADED: &str = "degraded";

macro_rules! builtins { ($($name:ident $signature:literal $folds:literal $eval:path, $infer:path, $doc:literal;)+) => {
    /// Every builtin.
    pub static BUILTINS: &[Builtin] = &[$(Builtin {
        name: stringify!($name), doc: $doc, signature: $signature, eval: $eval, folds: $folds, infer: $infer,
    }),+];
} }

builtins! {
    walk_forward "(period: DateRange, train: Period | Duration, test: Period | Duration, embargo: Period | Duration = 0d) -> [{ index: Int, train: DateRange, test: DateRange }]"
        true walk_forward, infer_walk_forward,
        "Cuts a period into folds: a window to choose on and, behind it, one to measure on. Test windows follow one another; an embargo leaves days out between the two.";
    grid "(name: RANGE by STEP, …) -> [{ name: T, … }]" true grid, infer_grid,
        "Gives every combination of the values of its axes, the last axis fastest. An axis is a range with a step or a list.";
    max_by "(list: [T], path: Text) -> T" true max_by, infer_extreme_by,
        "Gives the item with the greatest value at a path such as \"report.sharpe\"; the first of equals.";
    min_by "(list: [T], path: Text) -> T" true min_by, infer_extreme_by,
        "Gives the item with the least value at a path; the first of equals.";
    len "(list: [T]) -> Int" true len, infer_len, "Counts the items of a list.";
    min "(list: [T]) -> T" true min, infer_extreme, "Gives the least item of a list.";
    max "(list: [T]) -> T" true max, infer_extreme, "Gives the greatest item of a list.";
    sum "(list: [T]) -> T" true sum, infer_sum, "Adds the items of a list.";
    mean "(list: [T]) -> T" true mean, infer_mean, "Gives the mean of the items of a list.";
    any "(list: [Bool]) -> Bool" true any, infer_bools, "Says whether any item is true.";
    all "(list: [Bool]) -> Bool" true all, infer_bools, "Says whether every item is true.";
    degraded "(value: T) -> Bool" false not_degraded, infer_degraded,
        "Says whether a value came from an `else`, a cache or a `for` that dropped elements.";
    secret "(name: Text) -> Text" false secret, infer_secret,
        "Reads a secret from the environment when the run needs it; it is never written anywhere.";
}

/// Returns the builtin of this name.
pub(super) fn find(name: &str) -> Option<&'static Builtin> {
    BUILTINS.iter().find(|it| it.name == name)
}

// ---- checking --------------------------------------------------------------------------------------------------------

struct Param {
    name: &'static str,
    ty: Ty,
    default: Option<Value>,
}

fn param(name: &'static str, ty: Ty) -> Param {
    Param { name, ty, default: None }
}

impl Lowering<'_> {
    /// Matches arguments with parameters: the first `bare` of them may lack their names.
    fn arguments(&mut self, call: &Call<'_>, params: &[Param], bare: usize) -> Vec<Expr> {
        let mut given: Vec<Option<Expr>> = params.iter().map(|_| None).collect();
        let mut next = 0;
        let mut broken = false;
        let named = |name: &str| {
            call.args.iter().any(|it| matches!(&it.kind, ArgKind::Named(given, _) if *given.text == *name))
        };
        let mut unnamed = params.iter().skip(bare).map(|it| it.name).filter(|it| !named(it));
        for arg in call.args {
            let (at, value) =
                match &arg.kind {
                    ArgKind::Positional(value) if next < bare => {
                        next += 1;
                        (Some(next - 1), value)
                    }
                    ArgKind::Positional(value) => {
                        let open = unnamed.next();
                        let found =
                            match open {
                                Some(name) => Diagnostic::new(Code::T016, value.span, "this argument needs a name")
                                    .fix("name it", value.span.before(), format!("{name}: ")),
                                None => Diagnostic::new(
                                    Code::N004,
                                    value.span,
                                    format!("`{}` takes no more arguments", call.name.text),
                                ),
                            };
                        self.report(found);
                        broken = true;
                        continue;
                    }
                    ArgKind::Named(name, value) => {
                        let at = params.iter().position(|it| *it.name == *name.text);
                        if at.is_none() {
                            self.no_such_argument(call, name, params);
                            broken = true;
                        }
                        (at, value)
                    }
                    ArgKind::Spread(value) => {
                        self.report(Diagnostic::new(
                            Code::N004,
                            arg.span,
                            format!("`{}` takes no spread record", call.name.text),
                        ));
                        broken = true;
                        (None, value)
                    }
                };
            let param = at.and_then(|at| params.get(at));
            let value = self.expr(value, param.map(|it| &it.ty));
            if let Some(slot) = at.and_then(|at| given.get_mut(at)) {
                if slot.is_some() {
                    let name = param.map_or("", |it| it.name);
                    self.report(Diagnostic::new(Code::S008, arg.span, format!("`{name}` is given twice")));
                }
                *slot = Some(value);
            }
        }
        let args = given.into_iter().zip(params);
        args.map(|(it, param)| match (it, &param.default) {
            (Some(it), _) => it,
            (None, Some(default)) => constant(default.clone(), call.span),
            (None, None) => {
                if !broken {
                    let message = format!("`{}` is required by `{}`", param.name, call.name.text);
                    let signature = find(&call.name.text).map_or("", |it| it.signature);
                    self.report(
                        Diagnostic::new(Code::N005, call.span, message)
                            .note(format!("`{}{signature}`", call.name.text)),
                    );
                    broken = true;
                }
                unknown(call.span)
            }
        })
        .collect()
    }

    fn no_such_argument(&mut self, call: &Call<'_>, name: &ast::Name, params: &[Param]) {
        let message = format!("`{}` takes no argument `{}`", call.name.text, name.text);
        let found = Diagnostic::new(Code::N004, name.span, message);
        self.report(match super::nearest(&name.text, params.iter().map(|it| it.name)) {
            Some(like) => found.fix("an argument with a similar name exists", name.span, like),
            None => found,
        });
    }

    /// Checks the one list of a call and returns the type of its items.
    fn list_argument(&mut self, call: &Call<'_>, what: &str, takes: fn(&Ty) -> bool) -> (Vec<Expr>, Ty) {
        let mut args = self.arguments(call, &[param("list", Ty::Unknown)], 1);
        let Some(list) = args.first() else { return (args, Ty::Unknown) };
        let span = list.span;
        let item = match self.there(list) {
            Ty::List(item) => (*item).clone(),
            Ty::Unknown | Ty::Any => Ty::Unknown,
            Ty::Stream(_) => {
                self.stream_for_list(span);
                Ty::Unknown
            }
            other => {
                let message = format!("`{}` takes a list, this is {}", call.name.text, in_words(&other));
                self.report(Diagnostic::new(Code::T001, span, message));
                Ty::Unknown
            }
        };
        if ops::is_open(&item) || takes(&item) {
            return (args, item);
        }
        let message = format!("`{}` takes a list of {what}, this is a list of {}", call.name.text, in_words(&item));
        self.report(Diagnostic::new(Code::T001, span, message));
        args.clear();
        (vec![unknown(span)], Ty::Unknown)
    }
}

fn is_ordered(ty: &Ty) -> bool {
    ops::is_number(ty) || ops::is_unit(ty) || matches!(ty, Ty::Date | Ty::DateTime | Ty::Time)
}

fn infer_len(lowering: &mut Lowering<'_>, call: &Call<'_>) -> (Vec<Expr>, Ty) {
    (lowering.list_argument(call, "anything", |_| true).0, Ty::Int)
}

fn infer_extreme(lowering: &mut Lowering<'_>, call: &Call<'_>) -> (Vec<Expr>, Ty) {
    lowering.list_argument(call, "what has an order", is_ordered)
}

fn infer_sum(lowering: &mut Lowering<'_>, call: &Call<'_>) -> (Vec<Expr>, Ty) {
    let (mut args, item) =
        lowering.list_argument(call, "what can be added", |it| ops::is_number(it) || ops::is_unit(it));
    // What nothing adds up to depends on the type, which only the checker knows.
    let zero = match &item {
        Ty::Decimal => Value::Decimal(0.into()),
        Ty::Percent => Value::Percent(Percent::default()),
        Ty::Duration => Value::Duration(Duration(0)),
        Ty::Money(Some(currency)) => Value::Money(Money::new(0, *currency)),
        Ty::Int => Value::Int(0),
        _ => Value::None,
    };
    args.push(constant(zero, call.span));
    (args, item)
}

fn infer_mean(lowering: &mut Lowering<'_>, call: &Call<'_>) -> (Vec<Expr>, Ty) {
    let takes = |it: &Ty| ops::is_number(it) || (ops::is_unit(it) && !matches!(it, Ty::Period | Ty::BarCount));
    let (args, item) = lowering.list_argument(call, "what can be divided", takes);
    (args, if item == Ty::Int { Ty::Decimal } else { item })
}

fn infer_bools(lowering: &mut Lowering<'_>, call: &Call<'_>) -> (Vec<Expr>, Ty) {
    (lowering.list_argument(call, "truth values", |it| *it == Ty::Bool).0, Ty::Bool)
}

fn infer_degraded(lowering: &mut Lowering<'_>, call: &Call<'_>) -> (Vec<Expr>, Ty) {
    (lowering.arguments(call, &[param("value", Ty::Any)], 1), Ty::Bool)
}

fn infer_secret(lowering: &mut Lowering<'_>, call: &Call<'_>) -> (Vec<Expr>, Ty) {
    let args = lowering.arguments(call, &[param("name", Ty::Text)], 1);
    if let Some(name) = args.first()
        && const_of(name).is_none()
    {
        let message = "the name of a secret is a quoted text, so that it is known which secrets a file reads";
        lowering.report(Diagnostic::new(Code::T001, name.span, message));
    }
    (args, Ty::Text)
}

fn infer_walk_forward(lowering: &mut Lowering<'_>, call: &Call<'_>) -> (Vec<Expr>, Ty) {
    let span = Ty::Union(Arc::new([Ty::Period, Ty::Duration]));
    let embargo = Param { name: "embargo", ty: span.clone(), default: Some(Value::Duration(Duration(0))) };
    let params = [param("period", Ty::DateRange), param("train", span.clone()), param("test", span), embargo];
    let fold = [("index", Ty::Int), ("train", Ty::DateRange), ("test", Ty::DateRange)];
    (lowering.arguments(call, &params, 1), Ty::record(fold).list())
}

fn infer_grid(lowering: &mut Lowering<'_>, call: &Call<'_>) -> (Vec<Expr>, Ty) {
    let mut axes = Vec::new();
    let mut fields: Vec<Field> = Vec::new();
    for arg in call.args {
        let ArgKind::Named(name, value) = &arg.kind else {
            lowering
                .report(Diagnostic::new(Code::T016, arg.span, "an axis needs a name").help("write `fast: 5..50 by 5`"));
            continue;
        };
        if fields.iter().any(|it| it.name == name.text) {
            lowering.report(Diagnostic::new(Code::S008, name.span, format!("`{}` is given twice", name.text)));
            continue;
        }
        let mut value = lowering.free(value, None);
        let ty = match lowering.there(&value) {
            Ty::List(item) => (*item).clone(),
            Ty::Range(end) => {
                if let Some(Value::Range(range)) = const_of(&value)
                    && range.by.is_none()
                    && !matches!(range.low, Value::Int(_))
                {
                    let found = Diagnostic::new(Code::T001, value.span, "this axis needs a step");
                    lowering.report(found.help("say how far apart its values are, as in `0.5..3 by 0.5`"));
                    value = unknown(value.span);
                }
                (*end).clone()
            }
            Ty::Unknown | Ty::Any => Ty::Unknown,
            other => {
                let message = format!("an axis is a range or a list, this is {}", in_words(&other));
                lowering.report(Diagnostic::new(Code::T001, value.span, message));
                Ty::Unknown
            }
        };
        fields.push(Field::new(name.text.clone(), ty, ""));
        axes.push(super::Part::Field(name.text.clone(), value));
    }
    if call.args.is_empty() {
        lowering
            .report(Diagnostic::new(Code::N005, call.span, "`grid` needs an axis").help("write `fast: 5..50 by 5`"));
    }
    let record = Expr { kind: super::Kind::Record(axes), ty: Ty::Record(Arc::new([])), span: call.span };
    let record = lowering.folded(record);
    (vec![record], Ty::Record(fields.into()).list())
}

fn infer_extreme_by(lowering: &mut Lowering<'_>, call: &Call<'_>) -> (Vec<Expr>, Ty) {
    let args = lowering.arguments(call, &[param("list", Ty::Unknown), param("path", Ty::Text)], 2);
    let [list, path] = &args[..] else { return (args, Ty::Unknown) };
    let item = match lowering.there(list) {
        Ty::List(item) => (*item).clone(),
        Ty::Unknown | Ty::Any => return (args, Ty::Unknown),
        other => {
            let message = format!("`{}` takes a list, this is {}", call.name.text, in_words(&other));
            lowering.report(Diagnostic::new(Code::T001, list.span, message));
            return (args, Ty::Unknown);
        }
    };
    let Some(Value::Text(text)) = const_of(path) else {
        if path.ty != Ty::Unknown {
            let message = "the path is a quoted text, as in \"report.sharpe\"";
            lowering.report(Diagnostic::new(Code::T001, path.span, message));
        }
        return (args, item);
    };
    let mut ty = item.clone();
    for name in text.split('.') {
        let Some(next) = lowering.field_of(ty.required(), name) else {
            let fields: Vec<_> = lowering.names_of_fields(ty.required());
            let message = format!("{} has no field `{name}`", in_words(&ty));
            let mut found = Diagnostic::new(Code::N010, path.span, message);
            if let Some(like) = super::nearest(name, fields.iter().map(|it| &**it)) {
                let mended: Vec<_> = text.split('.').map(|it| if it == name { like } else { it }).collect();
                found = found.fix("a field with a similar name exists", path.span, format!("\"{}\"", mended.join(".")));
            } else if let Some(inside) = fields.iter().find(|it| {
                let inner = lowering.field_of(ty.required(), it);
                inner.is_some_and(|it| !ops::is_open(&it) && lowering.field_of(it.required(), name).is_some())
            }) {
                let before = |it| if it == name { Some(inside.as_str()) } else { None };
                let mended: Vec<_> = text.split('.').flat_map(|it| before(it).into_iter().chain([it])).collect();
                let title = format!("`{inside}` has one");
                found = found.fix(title, path.span, format!("\"{}\"", mended.join(".")));
            }
            lowering.report(found);
            return (args, item);
        };
        ty = next;
    }
    if !ops::is_open(ty.required()) && !is_ordered(ty.required()) {
        let message = format!("`{text}` is {}, which has no order", in_words(&ty));
        lowering.report(Diagnostic::new(Code::T001, path.span, message));
    }
    (args, item)
}

impl Lowering<'_> {
    fn names_of_fields(&self, ty: &Ty) -> Vec<String> {
        match ty {
            Ty::Record(fields) => fields.iter().map(|it| it.name.to_string()).collect(),
            other => self.scope.fields(other).iter().map(|it| it.name.to_string()).collect(),
        }
    }
}

// ---- computing -------------------------------------------------------------------------------------------------------

type Outcome = Result<Value, Fault>;

fn items(args: &[Value]) -> Result<&[Value], Fault> {
    match args.first() {
        Some(Value::List(items)) => Ok(items),
        Some(other) => Err(Fault::input(format_args!("a list is wanted, this is {}", other.kind()))),
        None => Err(Fault::input("a list is wanted")),
    }
}

fn empty(name: &str) -> Fault {
    Fault::input(format_args!("`{name}` of an empty list"))
}

fn len(args: &[Value]) -> Outcome {
    i64::try_from(items(args)?.len()).map(Value::Int).map_err(|_| Fault::input("the list is too long"))
}

/// Returns the item whose key is furthest in a direction, the first of equals. A key that is none counts for nothing.
fn extreme(items: &[Value], name: &str, greatest: bool, key: impl Fn(&Value) -> Outcome) -> Outcome {
    let mut best: Option<(Value, &Value)> = None;
    for item in items {
        let key = key(item)?;
        if key.is_none() {
            continue;
        }
        let better = match &best {
            None => true,
            Some((old, _)) => {
                let order = apply::compare(&key, old)
                    .ok_or_else(|| Fault::input(format_args!("`{key}` and `{old}` have no order")))?;
                if greatest { order.is_gt() } else { order.is_lt() }
            }
        };
        if better {
            best = Some((key, item));
        }
    }
    best.map(|(_, item)| item.clone()).ok_or_else(|| empty(name))
}

fn min(args: &[Value]) -> Outcome {
    extreme(items(args)?, "min", false, |it| Ok(it.clone()))
}

fn max(args: &[Value]) -> Outcome {
    extreme(items(args)?, "max", true, |it| Ok(it.clone()))
}

fn by_path(args: &[Value], name: &str, greatest: bool) -> Outcome {
    let path = args.get(1).and_then(Value::as_str).unwrap_or_default();
    extreme(items(args)?, name, greatest, |item| {
        path.split('.').try_fold(item.clone(), |value, name| {
            if value.is_none() { Ok(Value::None) } else { eval::field(&value, name) }
        })
    })
}

fn max_by(args: &[Value]) -> Outcome {
    by_path(args, "max_by", true)
}

fn min_by(args: &[Value]) -> Outcome {
    by_path(args, "min_by", false)
}

fn total(items: &[Value]) -> Option<Outcome> {
    let (first, rest) = items.split_first()?;
    Some(rest.iter().try_fold(first.clone(), |sum, it| apply::binary(ast::BinaryOp::Add, &sum, it)))
}

fn sum(args: &[Value]) -> Outcome {
    let nothing = || match args.get(1) {
        Some(Value::None) | None => Err(empty("sum")),
        Some(zero) => Ok(zero.clone()),
    };
    total(items(args)?).unwrap_or_else(nothing)
}

fn mean(args: &[Value]) -> Outcome {
    let items = items(args)?;
    let sum = total(items).unwrap_or_else(|| Err(empty("mean")))?;
    apply::binary(ast::BinaryOp::Div, &sum, &Value::Int(i64::try_from(items.len()).unwrap_or(i64::MAX)))
}

fn any(args: &[Value]) -> Outcome {
    items(args)?.iter().try_fold(false, |so_far, it| Ok(so_far | apply::truth(it)?)).map(Value::Bool)
}

fn all(args: &[Value]) -> Outcome {
    items(args)?.iter().try_fold(true, |so_far, it| Ok(so_far & apply::truth(it)?)).map(Value::Bool)
}

/// Is not reached in a run, which asks its environment; a constant is never degraded.
fn not_degraded(_: &[Value]) -> Outcome {
    Ok(Value::Bool(false))
}

#[expect(clippy::disallowed_methods, reason = "a secret is nowhere else")]
fn secret(args: &[Value]) -> Outcome {
    let name = args.first().and_then(Value::as_str).unwrap_or_default();
    match std::env::var(name) {
        Ok(it) if !it.is_empty() => Ok(Value::text(it)),
        _ => Err(Fault::input(format_args!("the secret `{name}` is not in the environment"))),
    }
}

fn walk_forward(args: &[Value]) -> Outcome {
    let [Value::DateRange(period), train, test, embargo] = args else {
        return Err(Fault::input("`walk_forward` needs a range of dates"));
    };
    let folds = folds(*period, train, test, embargo, false)?;
    if folds.is_empty() {
        return Err(Fault::input(format_args!("{period} is too short for one fold of {train} and {test}")));
    }
    Ok(Value::list((0..).zip(folds).map(|(index, (train, test))| {
        Value::record([("index", Value::Int(index)), ("train", train.into()), ("test", test.into())])
    })))
}

/// Returns the values of an axis: the items of a list, or those of a range, step by step.
///
/// # Errors
/// What is neither, or a range of numbers that are not whole without a step.
pub fn axis(value: &Value) -> Result<Vec<Value>, Fault> {
    match value {
        Value::List(items) => Ok(items.to_vec()),
        Value::Range(range) => {
            let RangeValue { low, high, by } = &**range;
            let step = match (by, low) {
                (Some(by), _) => by.clone(),
                (None, Value::Int(_)) => Value::Int(1),
                _ => return Err(Fault::input(format_args!("the range `{value}` needs a step"))),
            };
            let mut values = vec![low.clone()];
            let mut last = low.clone();
            while values.len() <= MOST {
                // Past the end of its type there is no further value either.
                let Ok(next) = apply::binary(ast::BinaryOp::Add, &last, &step) else { break };
                match (apply::compare(&next, high), apply::compare(&next, &last)) {
                    (Some(to_end), Some(up)) if to_end.is_le() && up.is_gt() => values.push(next.clone()),
                    _ => break,
                }
                last = next;
            }
            Ok(values)
        }
        other => Err(Fault::input(format_args!("an axis is a range or a list, this is {}", other.kind()))),
    }
}

fn grid(args: &[Value]) -> Outcome {
    let Some(Value::Record(axes)) = args.first() else { return Err(Fault::input("`grid` needs its axes")) };
    let axes = axes.iter().map(|(name, it)| Ok((name.clone(), axis(it)?))).collect::<Result<Vec<_>, Fault>>()?;
    let count = axes.iter().try_fold(1_usize, |count, (_, it)| count.checked_mul(it.len()));
    if count.is_none_or(|it| it > MOST) {
        return Err(Fault::input(format_args!("`grid` gives more than {MOST} combinations")));
    }
    let mut rows: Vec<Vec<(crate::value::Name, Value)>> = vec![Vec::new()];
    for (name, values) in &axes {
        let with = |row: &Vec<_>| -> Vec<Vec<_>> {
            let extend = |it: &Value| row.iter().cloned().chain([(name.clone(), it.clone())]).collect();
            values.iter().map(extend).collect()
        };
        rows = rows.iter().flat_map(with).collect();
    }
    Ok(Value::list(rows.into_iter().map(|it| Value::Record(it.into()))))
}
