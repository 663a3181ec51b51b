//! A backtest without fees and slippage overstates every strategy.

use super::CallView;
use crate::{
    check::walk::Walk,
    expr::Kind,
    source::{Code, Diagnostic},
    value::Value,
};

pub(super) fn check(walk: &mut Walk<'_, '_>, call: &CallView<'_, '_>) {
    if *walk.mode != *"backtest" || call.method.input("costs").is_none() {
        return;
    }
    let given = call.inputs.iter().find(|it| &*it.name == "costs");
    if given.is_some_and(|it| !matches!(it.value.kind, Kind::Const(Value::None))) {
        return;
    }
    let head = call.site.head;
    let found = Diagnostic::new(Code::B007, head, "this backtest has no trading costs");
    let found = found.here("`costs` is not set and nothing in context gives it");
    let found = found.note("results without fees and slippage overstate every strategy");
    let costs = "costs: { fee: 1bps, slippage: 2bps }";
    let title = "add costs here, or once in wf.yaml under `context`";
    let edit = match (call.site.args_span, call.site.args.last()) {
        _ if walk.is_yaml() || given.is_some() => None,
        (None, _) => Some((head.after(), format!("({costs})"))),
        (Some(_), Some(last)) => Some((last.span.after(), format!(", {costs}"))),
        (Some(span), None) => Some((span, format!("({costs})"))),
    };
    walk.report(match edit {
        Some((span, text)) => found.fix(title, span, text),
        None => found.help(format!("{title}: `{costs}`")),
    });
}
