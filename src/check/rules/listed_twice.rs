//! A symbol that is in a list twice is traded twice.

use std::collections::HashMap;

use crate::{
    check::walk::Walk,
    expr::Expr,
    source::{Code, Diagnostic, Span},
    syntax::ast::{self, ExprKind},
    value::Ty,
};

pub(in crate::check) fn check(walk: &mut Walk<'_, '_>, tree: &ast::Expr, value: &Expr) {
    let (ExprKind::List(items), Ty::List(of)) = (&tree.kind, &value.ty) else { return };
    if **of != Ty::Symbol {
        return;
    }
    let mut seen: HashMap<&str, Span> = HashMap::new();
    let mut before: Option<Span> = None;
    for item in items {
        let previous = before.replace(item.span);
        let ExprKind::Text(text) = &item.kind else { continue };
        let Some(first) = seen.get(&**text).copied() else {
            seen.insert(text, item.span);
            continue;
        };
        let found = Diagnostic::new(Code::B016, item.span, format!("`{text}` is in this list twice"));
        let found = found.label(first, "the first one is here").note("what runs for each symbol runs for it twice");
        let whole = previous.map_or(item.span, |it| Span { start: it.end, ..item.span });
        let title = "list it once";
        walk.report(if walk.is_yaml() { found.help(title) } else { found.fix(title, whole, "") });
    }
}
