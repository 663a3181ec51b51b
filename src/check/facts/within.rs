//! Holds what is known of the inputs of a call against the bounds that the method declares.

use std::sync::Arc;

use super::{Facts, What, flow::Flow};
use crate::{
    check::Call,
    expr::{Expr, Kind, Part},
    source::{Code, Diagnostic},
    syntax::literal,
    value::{Bounds, Field, Mismatch, Name, Ty, Value, compare},
};

/// Bounds that a param of the workflow must keep, since it goes into an input that has them.
pub(in crate::check) type Held = (u32, Arc<Bounds>);

impl<'v> Flow<'v, '_> {
    /// Reports the inputs of a call that are out of their bounds.
    pub(super) fn hold_bounds(&mut self, call: &'v Call, inputs: &[(&'v Name, Facts)]) {
        for (input, (_, facts)) in call.inputs.iter().zip(inputs) {
            let field = call.method.input(&input.name).filter(|it| it.is_bounded());
            field.into_iter().for_each(|it| self.hold(&it.name, it, &input.value, facts));
        }
    }

    fn hold(&mut self, path: &str, field: &Field, expr: &Expr, facts: &Facts) {
        if let Some(bounds) = &field.within {
            self.hold_value(path, bounds, expr, facts);
        }
        let Ty::Record(fields) = field.ty.required() else { return };
        for field in fields.iter().filter(|it| it.is_bounded()) {
            let written = match &expr.kind {
                Kind::Record(parts) => parts.iter().rev().find_map(|it| match it {
                    Part::Field(name, value) if *name == field.name => Some(value),
                    _ => None,
                }),
                _ => None,
            };
            let written = written.unwrap_or(expr);
            // A field of a constant that is written here was held where it was read.
            if !matches!(written.kind, Kind::Const(_)) {
                self.hold(&format!("{path}.{}", field.name), field, written, &facts.field(&field.name));
            }
        }
    }

    fn hold_value(&mut self, path: &str, bounds: &Arc<Bounds>, expr: &Expr, facts: &Facts) {
        let is_literal = matches!(expr.kind, Kind::Const(_));
        // What is not written here may be the very thing that the condition around this place asks about.
        if self.conditions > 0 && !is_literal {
            return;
        }
        let values: Vec<Value> = match &facts.what {
            What::Const(it) => vec![it.clone()],
            What::Each(it) if it.sure => it.values().collect(),
            _ => Vec::new(),
        };
        let param = facts.param.and_then(|slot| self.params.iter().find(|it| it.slot == slot));
        if let Some((value, outside)) = worst(bounds, values) {
            let mut found = Diagnostic::new(Code::T007, expr.span, outside.at(path).to_string());
            let written = self.session.sources.slice(expr.span).trim();
            let fits = |it: &&str| literal::read(it).is_some_and(|it| bounds.check(&it).is_ok());
            if let Some(positive) = written.strip_prefix('-').filter(|_| is_literal).filter(fits) {
                found = found.fix("take it without its sign", expr.span, positive);
            } else if let Some(bound) = bounds.nearest(&value).filter(|_| is_literal) {
                found = found.fix("take the nearest bound", expr.span, bound.to_string());
            }
            if let What::Each(_) = facts.what {
                found = found.note("the loop tries it, and that round fails");
                found = found.help("let the loop go over what is within the bounds alone");
            }
            if let Some(param) = param {
                found = found.label(param.span, format!("{value} where nobody says otherwise"));
            }
            return self.report(found);
        }
        let Some(param) = param else { return };
        self.held.push((param.slot, bounds.clone()));
        let ends = match &param.within {
            Some(Value::Range(it)) => vec![it.low.clone(), it.high.clone()],
            Some(Value::List(items)) => items.to_vec(),
            _ => Vec::new(),
        };
        if let Some((value, outside)) = worst(bounds, ends) {
            let found = Diagnostic::new(Code::T007, expr.span, outside.at(path).to_string());
            let found = found.label(param.span, format!("`{}` may be {value}", param.name));
            self.report(found.help(format!("let `{}` be {bounds}", param.name)));
        }
    }
}

/// Returns the value that is the farthest outside, and what is wrong with it.
fn worst(bounds: &Bounds, values: Vec<Value>) -> Option<(Value, Mismatch)> {
    let outside = values.into_iter().filter_map(|it| bounds.check(&it).err().map(|error| (it, error)));
    outside.reduce(|a, b| {
        let order = compare(&b.0, &a.0);
        let farther =
            if bounds.is_below(&a.0) { order.is_some_and(|it| it.is_lt()) } else { order.is_some_and(|it| it.is_gt()) };
        if farther { b } else { a }
    })
}
