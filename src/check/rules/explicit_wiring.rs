//! An argument that would be wired anyway says nothing; whoever wants short files leaves it out.

use super::CallView;
use crate::{
    check::{Filled, walk::Walk, wire::Port},
    source::{Code, Diagnostic},
    syntax::ast::ArgKind,
};

pub(super) fn check(walk: &mut Walk<'_, '_>, call: &CallView<'_, '_>) {
    if !walk.session.options.style {
        return;
    }
    let args = call.site.args;
    let redundant: Vec<bool> = (args.iter())
        .map(|arg| {
            let ArgKind::Named(name, _) = &arg.kind else { return false };
            let input = call.inputs.iter().find(|it| it.name == name.text && it.filled == Filled::Argument);
            let port = call.method.input(&name.text).map(Port::of);
            input.zip(port).is_some_and(|(input, port)| walk.is_wired_anyway(&port, &input.value))
        })
        .collect();
    let texts = |which: bool| {
        let all = args.iter().zip(&redundant).filter(|it| *it.1 == which);
        all.map(|(arg, _)| walk.text(arg.span).trim()).collect::<Vec<_>>()
    };
    let Some(first) = args.iter().zip(&redundant).find(|it| *it.1).map(|it| it.0.span) else { return };
    let (dropped, kept) = (texts(true), texts(false).join(", "));
    let is = if dropped.len() == 1 { "is" } else { "are" };
    let message = format!("`{}` {is} what would be wired anyway", dropped.join("`, `"));
    let found = Diagnostic::new(Code::F003, first, message);
    let kept = if kept.is_empty() { kept } else { format!("({kept})") };
    walk.report(match call.site.args_span.filter(|_| !walk.is_yaml()) {
        Some(span) => found.safe_fix("leave it out", span, kept),
        None => found.help("leave it out"),
    });
}
