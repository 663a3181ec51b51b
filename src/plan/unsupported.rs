//! What a plan may say and this engine does not run yet, found before the run.

use crate::{
    check::{Body, Node, Work, Workflow},
    source::{Code, Diagnostic},
    value::Ty,
};

/// Returns an error for every part of a workflow that cannot be run yet, where it stands: streams, handlers of their
/// events, and steps that are refreshed in the background.
pub fn unsupported(workflow: &Workflow) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    walk(workflow.body(), &mut found);
    // A workflow may be called from several places; what stands once is said once.
    found.sort_by_key(|it: &Diagnostic| it.span);
    found.dedup();
    found
}

fn walk(body: &Body, found: &mut Vec<Diagnostic>) {
    for node in &body.nodes {
        if let Some(every) = &node.every {
            let message = format!("`every` of `{}` is not run yet", node.name);
            let note = "steps that are refreshed in the background come with streams";
            found.push(Diagnostic::new(Code::S012, every.span, message).note(note));
        }
        std::iter::once(&node.work).chain(&node.otherwise).for_each(|it| work(node, it, found));
    }
}

fn work(node: &Node, it: &Work, found: &mut Vec<Diagnostic>) {
    let mut refuse = |span, what: &str| {
        let note = "`wf check` checks streams; runs over stored data take no events";
        found.push(Diagnostic::new(Code::S012, span, format!("{what} not run yet")).note(note));
    };
    match it {
        Work::Call(call) if matches!(call.method.output, Ty::Stream(_)) => {
            refuse(call.span, &format!("`{}` gives a stream, and streams are", call.written));
        }
        Work::For(it) if matches!(it.list.ty, Ty::Stream(_)) => {
            refuse(it.list.span, &format!("`{}` runs over a stream, and streams are", node.name));
        }
        Work::On(it) => {
            refuse(node.span, &format!("`on {}` waits for the events of a stream, and streams are", node.name));
            walk(&it.body, found);
        }
        Work::Call(_) | Work::Value(_) => {}
        Work::For(it) => walk(&it.body, found),
        Work::Match(it) => it.arms.iter().for_each(|arm| work(node, &arm.work, found)),
        Work::Block(body) => walk(body, found),
        Work::Workflow(it) => walk(it.workflow.body(), found),
    }
}
