//! Expressions in a form that only their meaning decides: layout, brackets and places do not show.

use std::fmt::Write as _;

use super::{Expr, Kind, Part, Slot};
use crate::value::Value;

/// Returns a text that is the same for expressions of the same meaning; `slot` says what a slot is called.
pub fn canonical(expr: &Expr, slot: &dyn Fn(Slot) -> String) -> String {
    let mut out = String::new();
    write(expr, slot, &mut out);
    out
}

fn write(expr: &Expr, slot: &dyn Fn(Slot) -> String, out: &mut String) {
    let all = |out: &mut String, items: &mut dyn Iterator<Item = &Expr>| {
        for it in items {
            write(it, slot, out);
            out.push(';');
        }
    };
    match &expr.kind {
        Kind::Const(Value::Domain(it)) => _ = write!(out, "{}#{}", it.name(), it.hash()),
        Kind::Const(value) => _ = write!(out, "{}:{:?}", value.kind(), value.to_string()),
        Kind::Slot(it) => out.push_str(&slot(*it)),
        Kind::Context(it) => _ = write!(out, "@{}", it.name()),
        Kind::Field(base, name) => {
            write(base, slot, out);
            _ = write!(out, ".{name:?}");
        }
        Kind::Index(base, at) => {
            out.push_str("at(");
            all(out, &mut [&**base, &**at].into_iter());
            out.push(')');
        }
        Kind::List(items) => {
            out.push('[');
            all(out, &mut items.iter());
            out.push(']');
        }
        Kind::Record(parts) => {
            out.push('{');
            for part in parts {
                match part {
                    Part::Field(name, value) => {
                        _ = write!(out, "{name:?}=");
                        write(value, slot, out);
                    }
                    Part::Spread(value) => {
                        out.push_str("..");
                        write(value, slot, out);
                    }
                }
                out.push(';');
            }
            out.push('}');
        }
        Kind::Not(inner) | Kind::Neg(inner) | Kind::Convert(inner) => {
            let name = match &expr.kind {
                Kind::Not(_) => "not",
                Kind::Neg(_) => "neg",
                _ => "as",
            };
            _ = write!(out, "{name}(");
            write(inner, slot, out);
            out.push(')');
            if matches!(expr.kind, Kind::Convert(_)) {
                _ = write!(out, "{}", expr.ty);
            }
        }
        Kind::Binary(op, left, right) => {
            _ = write!(out, "{}(", op.as_str());
            all(out, &mut [&**left, &**right].into_iter());
            out.push(')');
        }
        Kind::Range(low, high, by) => {
            out.push_str("range(");
            all(out, &mut [&**low, &**high].into_iter().chain(by.as_deref()));
            out.push(')');
        }
        Kind::Builtin(builtin, args) => {
            _ = write!(out, "{}(", builtin.name);
            all(out, &mut args.iter());
            out.push(')');
        }
        Kind::Make(template, params) => {
            _ = write!(out, "make {}(", template.meaning());
            write(params, slot, out);
            out.push(')');
        }
    }
}
