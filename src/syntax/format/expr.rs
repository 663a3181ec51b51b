//! Expressions, types and names as `.wf` text on one line.

use crate::{
    source::Source,
    syntax::{
        ast::{Arg, ArgKind, BinaryOp, Expr, ExprKind, Name, Pattern, TypeExpr, TypeKind, UnaryOp},
        words,
    },
    value::Value,
};

/// Returns an expression as `.wf` text on one line; what could not be read is given back as it stands in `source`.
pub fn expr_to_wf(expr: &Expr, source: &Source) -> String {
    let mut out = String::new();
    write_expr(&mut out, expr, source);
    out
}

/// Returns a type as `.wf` text on one line; what could not be read is given back as it stands in `source`.
pub fn type_to_wf(ty: &TypeExpr, source: &Source) -> String {
    let mut out = String::new();
    write_type(&mut out, ty, source);
    out
}

/// Returns a text in quotes.
pub fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for it in text.chars() {
        match it {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            '\r' => out.push_str("\\r"),
            it => out.push(it),
        }
    }
    out.push('"');
    out
}

/// Returns a name as a declaration or a reference writes it: what is reserved or no word stands in backticks.
pub fn ident(name: &str) -> String {
    if words::is_word(name) && !words::is_reserved(name) { name.to_owned() } else { format!("`{name}`") }
}

/// Returns a name as a key or a field writes it, where reserved words need no backticks.
pub fn key(name: &str) -> String {
    if words::is_word(name) { name.to_owned() } else { format!("`{name}`") }
}

/// Returns what an arm is for.
pub(super) fn pattern(pattern: &Pattern) -> String {
    match pattern {
        Pattern::Any(_) => "_".to_owned(),
        Pattern::Text(text, _) => quoted(text),
        Pattern::Bool(it, _) => it.to_string(),
        Pattern::Name(name) => ident(&name.text),
    }
}

fn write_expr(out: &mut String, expr: &Expr, source: &Source) {
    match &expr.kind {
        ExprKind::Literal { value: Value::None, .. } => out.push_str("none"),
        ExprKind::Literal { value: Value::Bool(it), .. } => out.push_str(if *it { "true" } else { "false" }),
        ExprKind::Literal { text, .. } => out.push_str(text),
        ExprKind::Text(text) => out.push_str(&quoted(text)),
        ExprKind::Ref(name) => out.push_str(&ident(&name.text)),
        ExprKind::Field(on, name) => {
            write_head(out, on, source);
            out.push('.');
            out.push_str(&key(&name.text));
        }
        ExprKind::Index(on, at) => {
            write_expr(out, on, source);
            out.push('[');
            write_expr(out, at, source);
            out.push(']');
        }
        ExprKind::Call { callee, args, .. } => {
            write_expr(out, callee, source);
            out.push('(');
            write_args(out, args, source);
            out.push(')');
        }
        ExprKind::List(items) => {
            out.push('[');
            for (at, item) in items.iter().enumerate() {
                out.push_str(if at > 0 { ", " } else { "" });
                write_expr(out, item, source);
            }
            out.push(']');
        }
        ExprKind::Record(fields) if fields.is_empty() => out.push_str("{}"),
        ExprKind::Record(fields) => {
            out.push_str("{ ");
            write_args(out, fields, source);
            out.push_str(" }");
        }
        ExprKind::Unary(op, on) => {
            out.push_str(match op {
                UnaryOp::Neg => "-",
                UnaryOp::Not => "not ",
            });
            write_expr(out, on, source);
        }
        ExprKind::Binary { op, left, right, .. } => {
            write_expr(out, left, source);
            if *op == BinaryOp::Range {
                out.push_str("..");
            } else {
                out.push(' ');
                out.push_str(op.as_str());
                out.push(' ');
            }
            write_expr(out, right, source);
        }
        ExprKind::Paren(inner) => {
            out.push('(');
            write_expr(out, inner, source);
            out.push(')');
        }
        ExprKind::Bad => out.push_str(source.slice(expr.span).trim()),
    }
}

/// Writes what a `.` follows: a reserved word may head a path, save those that are values or operators there.
fn write_head(out: &mut String, expr: &Expr, source: &Source) {
    match &expr.kind {
        ExprKind::Ref(Name { text, .. })
            if words::is_word(text) && !matches!(&**text, "not" | "true" | "false" | "none") =>
        {
            out.push_str(text);
        }
        _ => write_expr(out, expr, source),
    }
}

fn write_args(out: &mut String, args: &[Arg], source: &Source) {
    for (at, arg) in args.iter().enumerate() {
        out.push_str(if at > 0 { ", " } else { "" });
        let (before, value) = arg_parts(arg);
        out.push_str(&before);
        write_expr(out, value, source);
    }
}

/// Returns what stands before the value of an argument, and the value.
pub(super) fn arg_parts(arg: &Arg) -> (String, &Expr) {
    match &arg.kind {
        ArgKind::Named(name, value) => (format!("{}: ", key(&name.text)), value),
        ArgKind::Positional(value) => (String::new(), value),
        ArgKind::Spread(value) => ("..".to_owned(), value),
    }
}

fn write_type(out: &mut String, ty: &TypeExpr, source: &Source) {
    match &ty.kind {
        TypeKind::Named { name, args } => {
            out.push_str(&ident(&name.text));
            for (at, arg) in args.iter().enumerate() {
                out.push_str(if at > 0 { ", " } else { "<" });
                write_type(out, arg, source);
            }
            out.push_str(if args.is_empty() { "" } else { ">" });
        }
        TypeKind::Text(text) => out.push_str(&quoted(text)),
        TypeKind::List(of) => {
            out.push('[');
            write_type(out, of, source);
            out.push(']');
        }
        TypeKind::Record(fields) if fields.is_empty() => out.push_str("{}"),
        TypeKind::Record(fields) => {
            for (at, (name, ty)) in fields.iter().enumerate() {
                out.push_str(if at > 0 { ", " } else { "{ " });
                out.push_str(&key(&name.text));
                out.push_str(": ");
                write_type(out, ty, source);
            }
            out.push_str(" }");
        }
        TypeKind::Optional(of) => {
            write_type(out, of, source);
            out.push('?');
        }
        TypeKind::Union(of) => {
            for (at, ty) in of.iter().enumerate() {
                out.push_str(if at > 0 { " | " } else { "" });
                write_type(out, ty, source);
            }
        }
        TypeKind::Bad => out.push_str(source.slice(ty.span).trim()),
    }
}
