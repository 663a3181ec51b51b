//! The tries of a step fit into the time that what is around it waits.

use crate::{
    check::{
        Backoff, Node, Work,
        walk::{Walk, constant},
    },
    expr::Expr,
    source::{Code, Diagnostic, Span},
    syntax::ast::{ExprKind, Stmt},
    value::{Duration, Name, Value},
};

/// The longest wait between two tries, in ms, where the step says nothing.
const LONGEST_WAIT: i64 = 10_000;

pub(super) fn check(walk: &mut Walk<'_, '_>, nodes: &[Node], _: &[(Name, Expr)]) {
    let deadline = walk.tree.body.stmts.iter().find_map(|it| match it {
        Stmt::Deadline { value, .. } => Some(value),
        _ => None,
    });
    let deadline = deadline.and_then(|it| match &it.kind {
        ExprKind::Literal { value: Value::Duration(wait), .. } => Some(Bound { millis: wait.0, span: it.span }),
        _ => None,
    });
    look(walk, nodes, deadline);
}

/// How long what is around a step waits, and where that is said.
#[derive(Clone, Copy)]
struct Bound {
    millis: i64,
    span: Span,
}

fn look(walk: &mut Walk<'_, '_>, nodes: &[Node], bound: Option<Bound>) {
    for node in nodes {
        if let (Some(worst), Some(bound)) = (worst(node), bound)
            && worst.millis > bound.millis
        {
            let message = format!("{}, the caller waits {}", worst.words, Duration(bound.millis));
            let found = Diagnostic::new(Code::G006, worst.span, message).label(bound.span, "the caller waits so long");
            walk.report(found.help("try less often or for a shorter time, or let the caller wait longer"));
        }
        // What a step waits for one try is all that the steps inside it have.
        let own = node.timeout.as_ref().and_then(|it| Some(Bound { millis: millis(it)?, span: it.span }));
        let inner = own.into_iter().chain(bound).min_by_key(|it| it.millis);
        inside(walk, &node.work, inner);
        node.otherwise.iter().for_each(|it| inside(walk, it, inner));
    }
}

fn inside(walk: &mut Walk<'_, '_>, work: &Work, bound: Option<Bound>) {
    match work {
        Work::For(it) => look(walk, &it.body.nodes, bound),
        Work::Block(it) => look(walk, &it.nodes, bound),
        Work::Match(it) => it.arms.iter().for_each(|it| inside(walk, &it.work, bound)),
        // A handler runs as long as its stream; a workflow is looked at by itself.
        Work::Call(_) | Work::Value(_) | Work::Workflow(_) | Work::On(_) => {}
    }
}

struct Worst {
    millis: i64,
    words: String,
    span: Span,
}

/// Returns how long all tries of a step may take, where that is known.
fn worst(node: &Node) -> Option<Worst> {
    let timeout = node.timeout.as_ref()?;
    let each = millis(timeout)?;
    let Some(retry) = &node.retry else {
        return Some(Worst { millis: each, words: format!("one try can take {}", Duration(each)), span: timeout.span });
    };
    let Some(Value::Int(further)) = constant(&retry.max) else { return None };
    let tries = further.saturating_add(1);
    let longest = match &retry.backoff {
        Backoff::Default => LONGEST_WAIT,
        Backoff::Range(it) => match constant(it) {
            Some(Value::Range(it)) => {
                if let Value::Duration(it) = &it.high {
                    it.0
                } else {
                    0
                }
            }
            _ => 0,
        },
    };
    let millis = each.saturating_mul(tries).saturating_add(longest.saturating_mul(*further));
    let words = format!("{tries} tries of {} plus backoff can take {}", Duration(each), Duration(millis));
    Some(Worst { millis, words, span: retry.max.span })
}

fn millis(expr: &Expr) -> Option<i64> {
    if let Some(Value::Duration(it)) = constant(expr) { Some(it.0) } else { None }
}
