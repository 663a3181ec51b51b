//! Between the bars that choose and those that measure some days are left out, or what spans both is known to the choice.

use super::FileView;
use crate::{
    check::visit,
    source::{Code, Diagnostic, Span},
    syntax::ast::{self, ArgKind, ExprKind},
    value::{Duration, Period, Value},
};

pub(super) fn check(view: &FileView<'_>, out: &mut Vec<Diagnostic>) {
    visit::expressions(view.file, &mut |expr, _| {
        let ExprKind::Call { callee, args, args_span } = &expr.kind else { return };
        if !matches!(&callee.kind, ExprKind::Ref(it) if &*it.text == "walk_forward") {
            return;
        }
        let given = args.iter().find_map(|it| match &it.kind {
            ArgKind::Named(name, value) if &*name.text == "embargo" => Some(value),
            _ => None,
        });
        // A fourth argument without a name, or a spread one, is a mistake that is reported as such.
        let named = args.iter().filter(|it| matches!(it.kind, ArgKind::Named(..))).count();
        if given.is_none() && named + 1 < args.len() {
            return;
        }
        let (span, edit) = match given {
            Some(value) if is_nothing(value) => (value.span, Some((value.span, "5d".to_owned()))),
            Some(_) => return,
            None => {
                let end = args.last().map(|it| it.span.after()).filter(|_| args_span.end > args_span.start);
                (expr.span, end.map(|it: Span| (it, ", embargo: 5d".to_owned())))
            }
        };
        let found = Diagnostic::new(Code::B005, span, "train and test touch: no embargo");
        let found = found.note("an indicator or a trade that spans the border tells the choice of the test");
        let title = "leave some days out between the two";
        out.push(match edit {
            Some((at, text)) => found.fix(title, at, text),
            None => found.help(format!("{title}: `embargo: 5d`")),
        });
    });
}

/// Says whether a literal is no time at all.
fn is_nothing(value: &ast::Expr) -> bool {
    let ExprKind::Literal { value, .. } = &value.kind else { return false };
    matches!(value, Value::Duration(Duration(0)) | Value::Period(Period { months: 0 }))
}
