//! What is declared and never used.

use std::collections::HashMap;

use crate::{
    check::{Node, scope::What, walk::Walk},
    slice::Effect,
    source::{Code, Diagnostic, Span},
    syntax::ast::Stmt,
};

/// Looks at the innermost body; `says_outputs` is false where the results that nothing uses are what it gives.
pub(in crate::check) fn check(walk: &mut Walk<'_, '_>, nodes: &[Node], says_outputs: bool) {
    let Some(frame) = walk.scopes.frames.last() else { return };
    let by_slot: HashMap<usize, &Node> = nodes.iter().map(|it| (it.slot as usize, it)).collect();
    let mut found = Vec::new();
    for (slot, entry) in frame.entries.iter().enumerate().filter(|(_, it)| !it.used) {
        // A second of the same name is reported as such.
        if frame.names.get(&entry.name) != Some(&slot) {
            continue;
        }
        let node = by_slot.get(&slot).copied();
        match (entry.what, node) {
            (What::Step, Some(node)) if says_outputs && node.effect <= Effect::Reads => {
                let message = format!("nothing uses the result of `{}` and it has no effect", entry.name);
                let it = Diagnostic::new(Code::G002, entry.declared, message);
                found.push(it.fix("remove the step", node.span, ""));
            }
            (What::Let, Some(node)) => found.push(never(entry.what, &entry.name, entry.declared, Some(node.span))),
            (What::Param, _) => {
                let statement = walk.tree.body.stmts.iter().find_map(|it| match it {
                    Stmt::Param(it) if it.name.span == entry.declared => Some(it.span),
                    _ => None,
                });
                found.push(never(entry.what, &entry.name, entry.declared, statement));
            }
            _ => {}
        }
    }
    walk.out.append(&mut found);
}

fn never(what: What, name: &str, span: Span, statement: Option<Span>) -> Diagnostic {
    let it = Diagnostic::new(Code::G003, span, format!("the {} `{name}` is never used", what.word()));
    match statement {
        Some(statement) => it.safe_fix("remove it", statement, ""),
        None => it,
    }
}
