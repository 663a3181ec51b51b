//! Not everything starts at once: sources of data and brokers refuse, or fall over.

use super::WorkflowView;
use crate::{
    check::{
        Node, Work,
        control::greatest,
        walk::Walk,
        worst::{Worsts, at_once},
    },
    slice::Effect,
    source::{Code, Diagnostic},
};

/// How many may start at once before it is said.
const MANY: u64 = 64;

pub(super) fn check(walk: &mut Walk<'_, '_>, view: &WorkflowView<'_>) {
    look(walk, &Worsts::new(view.counts), view.nodes, 1);
}

/// Looks at nodes of which so many run at once.
fn look(walk: &mut Walk<'_, '_>, worsts: &Worsts<'_>, nodes: &[Node], around: u64) {
    for node in nodes {
        std::iter::once(&node.work).chain(&node.otherwise).for_each(|it| inside(walk, worsts, it, around));
    }
}

fn inside(walk: &mut Walk<'_, '_>, worsts: &Worsts<'_>, work: &Work, around: u64) {
    match work {
        Work::For(it) => {
            let own = at_once(it).unwrap_or(1).min(worsts.count(it).unwrap_or(u64::MAX));
            let total = around.saturating_mul(own);
            if let Some(parallel) = it.parallel.as_ref().filter(|_| own > 1 && total > MANY)
                && greatest(&it.body.nodes) > Effect::Pure
            {
                let found = Diagnostic::new(Code::G005, parallel.span, format!("{total} of these start at once"));
                let found =
                    if around > 1 { found.note(format!("the loop around it runs {around} at a time")) } else { found };
                let found =
                    found.note("each asks the outside world at the same moment, which refuses or slows all of them");
                let few = (MANY / around).clamp(1, 8);
                walk.report(if few < own {
                    found.fix("let fewer run at a time", parallel.span, few.to_string())
                } else {
                    found.help("let fewer run at a time, here or in the loop around it")
                });
                return;
            }
            look(walk, worsts, &it.body.nodes, total);
        }
        Work::Block(it) => look(walk, worsts, &it.nodes, around),
        Work::Match(it) => it.arms.iter().for_each(|it| inside(walk, worsts, &it.work, around)),
        Work::On(it) => look(walk, worsts, &it.body.nodes, around),
        // A called workflow is looked at by itself.
        Work::Call(_) | Work::Value(_) | Work::Workflow(_) => {}
    }
}
