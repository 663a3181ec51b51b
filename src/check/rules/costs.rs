//! A backtest without fees and slippage overstates every strategy.

use super::CallView;
use crate::{
    check::{
        Filled, in_yaml,
        walk::{Walk, constant},
    },
    source::{Code, Diagnostic},
    syntax::ast::{Arg, ArgKind},
    value::{Money, Percent, Ty, Value},
};

pub(super) fn check(walk: &mut Walk<'_, '_>, call: &CallView<'_, '_>) {
    if !matches!(&*walk.mode, "backtest" | "optimize") || call.method.input("costs").is_none() {
        return;
    }
    let unknown = |it: &Arg| matches!(&it.kind, ArgKind::Named(it, _) if call.method.input(&it.text).is_none());
    let given = call.inputs.iter().find(|it| &*it.name == "costs");
    // An argument that cannot be read may have been meant to give them; its own mistake is enough.
    if call.site.args.iter().any(unknown) || given.is_some_and(|it| it.value.ty == Ty::Unknown) {
        return;
    }
    let nothing = match given {
        None => "`costs` is not set and nothing in context gives it",
        Some(it) => match constant(&it.value) {
            Some(Value::None) => "`costs` is not set and nothing in context gives it",
            Some(costs) if is_nothing(costs) => "every one of these is nothing",
            _ => return,
        },
    };
    let (place, written) = match given {
        Some(it) if it.filled == Filled::Argument => (it.value.span, true),
        _ => (call.site.head, false),
    };
    let found = Diagnostic::new(Code::B007, place, "this backtest has no trading costs").here(nothing);
    let found = found.note("results without fees and slippage overstate every strategy");
    let costs = "{ fee: 1bps, slippage: 2bps }";
    let title = "add costs here, or once in wf.yaml under `context`";
    walk.report(if written {
        found.fix(title, place, if walk.is_yaml() { in_yaml::value(costs) } else { costs.to_owned() })
    } else {
        found.with_fix(walk.with_argument(title, call.site, "costs", costs))
    });
}

/// Says whether costs come to nothing, whatever is traded.
fn is_nothing(costs: &Value) -> bool {
    match costs {
        Value::Record(fields) => fields.iter().all(|(_, it)| is_nothing(it)),
        Value::Percent(Percent(it)) | Value::Money(Money { amount: it, .. }) => it.is_zero(),
        other => other.is_none(),
    }
}
