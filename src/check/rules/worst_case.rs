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
        Stmt::Deadline { value, .. } => Some(&value.kind),
        _ => None,
    });
    let deadline = match deadline {
        Some(ExprKind::Literal { value: Value::Duration(it), .. }) => Some(it.0),
        _ => None,
    };
    look(walk, nodes, deadline);
}

fn look(walk: &mut Walk<'_, '_>, nodes: &[Node], bound: Option<i64>) {
    for node in nodes {
        if let (Some(worst), Some(bound)) = (worst(node), bound)
            && worst.millis > bound
        {
            let (total, waits) = (Duration(worst.millis), Duration(bound));
            let message = format!("{} can take {total}, the caller waits {waits}", worst.words);
            let found = Diagnostic::new(Code::G006, worst.span, message);
            walk.report(found.help("try less often or for a shorter time, or let the caller wait longer"));
        }
        // What a step waits for one try is all that the steps inside it have.
        let own = node.timeout.as_ref().and_then(millis);
        let inner = match (own, bound) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        };
        inside(walk, &node.work, inner);
        node.otherwise.iter().for_each(|it| inside(walk, it, inner));
    }
}

fn inside(walk: &mut Walk<'_, '_>, work: &Work, bound: Option<i64>) {
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
        return Some(Worst { millis: each, words: format!("a try of {}", Duration(each)), span: timeout.span });
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
    let words = format!("{tries} tries of {} plus backoff", Duration(each));
    Some(Worst { millis, words, span: retry.max.span })
}

fn millis(expr: &Expr) -> Option<i64> {
    if let Some(Value::Duration(it)) = constant(expr) { Some(it.0) } else { None }
}
