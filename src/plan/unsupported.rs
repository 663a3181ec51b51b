//! What a plan may say and this engine does not run yet, found before the run.

use std::{collections::HashSet, sync::Arc};

use crate::{
    check::{Body, Node, Work, Workflow},
    source::{Code, Diagnostic, Span},
    value::Ty,
};

/// Returns an error for every part of a workflow that cannot be run yet, where it stands: streams, handlers of their
/// events, steps that are refreshed in the background, and results that are kept.
pub fn unsupported(workflow: &Workflow) -> Vec<Diagnostic> {
    let mut look = Look::default();
    look.body(workflow.body());
    look.found.sort_by_key(|it| it.span);
    look.found
}

#[derive(Default)]
struct Look {
    found: Vec<Diagnostic>,
    /// The called workflows that have been looked at, by address: what is called often is looked at once.
    called: HashSet<*const Workflow>,
}

impl Look {
    fn body(&mut self, body: &Body) {
        for node in &body.nodes {
            if let Some(every) = &node.every {
                let message = format!("`every` of `{}` is not run yet", node.name);
                let note = "steps that are refreshed in the background come with streams";
                self.found.push(Diagnostic::new(Code::S012, every.span, message).note(note));
            }
            if let Some(cache) = &node.cache {
                let message = format!("`cache` of `{}` is not run yet", node.name);
                let note = "results are not kept between runs: without the clause the step runs each time";
                self.found.push(Diagnostic::new(Code::S012, cache.span, message).note(note));
            }
            std::iter::once(&node.work).chain(&node.otherwise).for_each(|it| self.work(node, it));
        }
    }

    fn work(&mut self, node: &Node, work: &Work) {
        match work {
            Work::Call(call) if matches!(call.method.output, Ty::Stream(_)) => {
                self.refuse(call.span, &format!("`{}` gives a stream, and streams are", call.written));
            }
            Work::For(it) if matches!(it.list.ty, Ty::Stream(_)) => {
                self.refuse(it.list.span, &format!("`{}` runs over a stream, and streams are", node.name));
            }
            Work::On(it) => {
                self.refuse(
                    node.span,
                    &format!("`on {}` waits for the events of a stream, and streams are", node.name),
                );
                self.body(&it.body);
            }
            Work::Call(_) | Work::Value(_) => {}
            Work::For(it) => self.body(&it.body),
            Work::Match(it) => it.arms.iter().for_each(|arm| self.work(node, &arm.work)),
            Work::Block(body) => self.body(body),
            Work::Workflow(it) => {
                if self.called.insert(Arc::as_ptr(&it.workflow)) {
                    self.body(it.workflow.body());
                }
            }
        }
    }

    fn refuse(&mut self, span: Span, what: &str) {
        let note = "`wf check` checks streams; runs over stored data take no events";
        self.found.push(Diagnostic::new(Code::S012, span, format!("{what} not run yet")).note(note));
    }
}
