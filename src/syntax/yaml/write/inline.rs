//! Expressions and types on one line, as `.wf` writes them.

use crate::{
    source::Source,
    syntax::{
        ast::{Arg, ArgKind, BinaryOp, Expr, ExprKind, Name, TypeExpr, TypeKind, UnaryOp},
        words,
    },
};

/// Returns an expression as text; what could not be read is given back as it stands in the source.
pub(super) fn expr(it: &Expr, source: &Source) -> String {
    let inner = |it: &Expr| expr(it, source);
    match &it.kind {
        ExprKind::Literal { text, .. } => text.to_string(),
        ExprKind::Text(text) => quoted(text),
        ExprKind::Ref(it) => name(it),
        ExprKind::Field(of, field) => {
            let head = match &of.kind {
                // A reserved word may head a path.
                ExprKind::Ref(it)
                    if words::is_word(&it.text) && !["true", "false", "none", "not"].contains(&&*it.text) =>
                {
                    it.text.to_string()
                }
                _ => inner(of),
            };
            format!("{head}.{}", key(field))
        }
        ExprKind::Index(of, at) => format!("{}[{}]", inner(of), inner(at)),
        ExprKind::Call { callee, args, .. } => format!("{}({})", inner(callee), join(args, source)),
        ExprKind::List(items) => format!("[{}]", items.iter().map(inner).collect::<Vec<_>>().join(", ")),
        ExprKind::Record(args) if args.is_empty() => "{}".into(),
        ExprKind::Record(args) => format!("{{ {} }}", join(args, source)),
        ExprKind::Unary(UnaryOp::Neg, of) => format!("-{}", inner(of)),
        ExprKind::Unary(UnaryOp::Not, of) => format!("not {}", inner(of)),
        ExprKind::Binary { op: BinaryOp::Range, left, right, .. } => format!("{}..{}", inner(left), inner(right)),
        ExprKind::Binary { op, left, right, .. } => format!("{} {} {}", inner(left), op.as_str(), inner(right)),
        ExprKind::Paren(of) => format!("({})", inner(of)),
        ExprKind::Bad => source.slice(it.span).into(),
    }
}

fn join(args: &[Arg], source: &Source) -> String {
    let each = args.iter().map(|it| match &it.kind {
        ArgKind::Named(name, value) => format!("{}: {}", key(name), expr(value, source)),
        ArgKind::Positional(value) => expr(value, source),
        ArgKind::Spread(value) => format!("..{}", expr(value, source)),
    });
    each.collect::<Vec<_>>().join(", ")
}

/// Returns a type as text.
pub(super) fn ty(it: &TypeExpr, source: &Source) -> String {
    let inner = |it: &TypeExpr| ty(it, source);
    match &it.kind {
        TypeKind::Named { name: of, args } if args.is_empty() => name(of),
        TypeKind::Named { name: of, args } => {
            format!("{}<{}>", name(of), args.iter().map(inner).collect::<Vec<_>>().join(", "))
        }
        TypeKind::Text(text) => quoted(text),
        TypeKind::List(of) => format!("[{}]", inner(of)),
        TypeKind::Record(fields) => {
            let each = fields.iter().map(|(name, of)| format!("{}: {}", key(name), inner(of)));
            format!("{{ {} }}", each.collect::<Vec<_>>().join(", "))
        }
        TypeKind::Optional(of) => format!("{}?", inner(of)),
        TypeKind::Union(of) => of.iter().map(inner).collect::<Vec<_>>().join(" | "),
        TypeKind::Bad => source.slice(it.span).into(),
    }
}

/// Returns a name where a reserved word needs backticks.
fn name(it: &Name) -> String {
    if words::is_word(&it.text) && !words::is_reserved(&it.text) {
        it.text.to_string()
    } else {
        format!("`{}`", it.text)
    }
}

/// Returns a name behind `.` or before `:`.
fn key(it: &Name) -> String {
    if words::is_word(&it.text) { it.text.to_string() } else { format!("`{}`", it.text) }
}

fn quoted(text: &str) -> String {
    let text = text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n").replace('\t', "\\t");
    format!("\"{text}\"")
}
