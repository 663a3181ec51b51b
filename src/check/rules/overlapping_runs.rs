//! What runs again and again ends before it starts again.

use super::WorkflowView;
use crate::{
    check::{
        Node, Work, known, span,
        walk::Walk,
        worst::{Worst, Worsts, written},
    },
    expr::Expr,
    source::{Code, Diagnostic},
};

pub(super) fn check(walk: &mut Walk<'_, '_>, view: &WorkflowView<'_>) {
    look(walk, &mut Worsts::new(view.counts), view.nodes);
}

fn look(walk: &mut Walk<'_, '_>, worsts: &mut Worsts<'_>, nodes: &[Node]) {
    for node in nodes {
        if let Some(every) = &node.every {
            let worst = worsts.node(node);
            hold(walk, every, worst);
        }
        if let Work::On(on) = &node.work
            && let Some(batch) = &on.batch
        {
            let worst = worsts.body(&on.body.nodes);
            hold(walk, &batch.every, worst);
        }
    }
}

fn hold(walk: &mut Walk<'_, '_>, every: &Expr, worst: Worst) {
    let Some(between) = known(every).and_then(|it| span(&it)).filter(|it| worst.time > *it) else { return };
    let (between, time) = (written(between), written(worst.time));
    let message = format!("this runs every {between} and may take {time}: runs would overlap");
    let found = Diagnostic::new(Code::G007, every.span, message);
    walk.report(found.help(format!("run it every {time} or less often, or give it less time")));
}
