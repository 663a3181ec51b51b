//! Between the bars that choose and those that measure some days are left out, or what spans both is known to the choice.

use super::FileView;
use crate::{
    check::{facts::CallFacts, visit},
    slice::Role,
    source::{Code, Diagnostic, Fix, Span},
    syntax::ast::{self, ArgKind, ExprKind},
    value::{BarCount, Duration, Period, Ty, Value},
};

const TOUCH: &str = "train and test touch: no embargo";
const WHY: &str = "an indicator or a trade that spans the border tells the choice of the test";
const MEND: &str = "leave some days out between the two";

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
        let found = Diagnostic::new(Code::B005, span, TOUCH).note(WHY);
        out.push(match edit {
            Some((at, text)) => found.fix(MEND, at, text),
            None => found.help(format!("{MEND}: `embargo: 5d`")),
        });
    });
}

/// Looks at a method that chooses on some bars and measures on others.
pub(super) fn of_call(call: &CallFacts<'_, '_, '_>) -> Option<Diagnostic> {
    let Some(Role::Validates { .. }) = call.call.method.role else { return None };
    let input = call.call.method.input("embargo")?;
    let given = match call.of("embargo") {
        Some(facts) => facts.value()?.clone(),
        None => input.default.clone()?,
    };
    let enough = if input.ty == Ty::BarCount { "5 bars" } else { "5d" };
    let found = Diagnostic::new(Code::B005, call.span("embargo"), TOUCH).note(WHY);
    let edits = call.argument("embargo", enough).into_iter().collect();
    let fix = Fix { title: MEND.to_owned(), safe: false, edits };
    is_no_time(&given).then(|| found.with_fix(fix))
}

/// Says whether a literal is no time at all.
fn is_nothing(value: &ast::Expr) -> bool {
    if let ExprKind::Literal { value, .. } = &value.kind { is_no_time(value) } else { false }
}

fn is_no_time(value: &Value) -> bool {
    matches!(value, Value::Duration(Duration(0)) | Value::Period(Period { months: 0 }) | Value::BarCount(BarCount(0)))
}
