//! Pictures of a plan: for `wf graph`, the web page and documents.

mod dot;
mod json;
mod mermaid;
mod svg;

pub use dot::dot;
pub use json::json;
pub use mermaid::mermaid;
pub use svg::svg;

use super::{Body, BodyId, Plan, Step, Work};

/// Returns the name of a step's node, which no other step of the plan has.
fn node(body: BodyId, step: u32) -> String {
    format!("b{}s{step}", body.0)
}

/// Returns the bodies that a step runs, each under what a picture calls it.
fn clusters(step: &Step) -> Vec<(String, BodyId)> {
    fn of(work: &Work, found: &mut Vec<(String, BodyId)>) {
        match work {
            Work::For { body, .. } => found.push(("for each".into(), *body)),
            Work::Block(body) => found.push(("block".into(), *body)),
            Work::Workflow { workflow, body, .. } => found.push((workflow.name().to_string(), *body)),
            Work::On(body) => found.push(("on each event".into(), *body)),
            Work::Match { arms, .. } => {
                for (patterns, work) in arms {
                    let before = found.len();
                    of(work, found);
                    let names: Vec<_> = patterns.iter().map(ToString::to_string).collect();
                    let name = if names.is_empty() { "otherwise".into() } else { names.join(", ") };
                    found.iter_mut().skip(before).for_each(|it| it.0.clone_from(&name));
                }
            }
            Work::Call(_) | Work::Value(_) => {}
        }
    }
    let mut found = Vec::new();
    step.works.iter().for_each(|it| of(it, &mut found));
    found
}

/// Returns the second line of a step's box: what it does.
fn caption(step: &Step) -> String {
    if step.is_let {
        return "let".into();
    }
    step.works.iter().map(Work::label).collect::<Vec<_>>().join(" else ")
}

/// Returns the edges of a body: from, to, and whether only the order matters.
fn edges(body: &Body) -> Vec<(u32, u32, bool)> {
    let of = |from: u32| body.dependents(from).iter().map(move |it| (from, it.step, it.order_only));
    (0..super::number(body.steps.len())).flat_map(of).collect()
}
