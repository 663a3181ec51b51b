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
    let costs = "{ fee: 1bps, slippage: 2bps }";
    let title = "add costs here, or once in wf.yaml under `context`";
    walk.report(match given {
        Some(_) => found.help(format!("{title}: `costs: {costs}`")),
        None => found.with_fix(walk.with_argument(title, call.site, "costs", costs)),
    });
}
