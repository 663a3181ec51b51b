//! Pictures of a plan: for `wf graph`, the web page and documents.

mod dot;
mod json;
mod mermaid;
mod svg;

pub use dot::dot;
pub use json::json;
pub use mermaid::mermaid;
pub use svg::svg;

use std::collections::HashSet;

use super::{Body, BodyId, Plan, Step, Work};

/// Returns the name of a step's node, which no other step of the plan has.
fn node(body: BodyId, step: u32) -> String {
    format!("b{}s{step}", body.0)
}

/// The colours of effects on a light page: the class, the fill and the line.
const COLOURS: [(&str, &str, &str); 6] = [
    ("pure", "#e8eefc", "#4a6fd4"),
    ("reads", "#e1f4e9", "#2f8f5b"),
    ("writes", "#f1e8fb", "#8a55c8"),
    ("notifies", "#fdf3d8", "#b58105"),
    ("orders", "#fde6e4", "#c8413a"),
    ("let", "#eef0f4", "#9aa4b5"),
];

/// What a picture shows inside of a step.
struct Cluster {
    title: String,
    body: BodyId,
    /// Whether it is a workflow that has been drawn before, and is only named here.
    again: bool,
}

/// The bodies that a picture shows already: a workflow that is called often is drawn once, so that no picture is larger
/// than its files.
#[derive(Default)]
struct Drawn(HashSet<BodyId>);

impl Drawn {
    /// Returns the bodies that a step runs, each under what a picture calls it.
    fn clusters(&mut self, step: &Step) -> Vec<Cluster> {
        let cluster = |(title, body)| Cluster { title, body, again: !self.0.insert(body) };
        bodies(step).into_iter().map(cluster).collect()
    }
}

fn bodies(step: &Step) -> Vec<(String, BodyId)> {
    fn of(work: &Work, found: &mut Vec<(String, BodyId)>) {
        match work {
            Work::For { body, .. } => found.push(("each".into(), *body)),
            Work::Block(body) => found.push(("block".into(), *body)),
            Work::Workflow { workflow, body, .. } => found.push((workflow.name().to_string(), *body)),
            Work::On(body) => found.push(("each event".into(), *body)),
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

/// Returns what a step does on one line.
fn caption(step: &Step) -> String {
    lines(step).join(" ")
}

/// Returns what a step does, and on a line of its own each that stands in for it.
fn lines(step: &Step) -> Vec<String> {
    if step.is_let {
        return vec!["let".into()];
    }
    let line = |(at, work): (usize, &Work)| format!("{}{}", if at == 0 { "" } else { "else " }, work.label());
    step.works.iter().enumerate().map(line).collect()
}

/// Returns the edges of a body: from, to, and whether only the order matters.
fn edges(body: &Body) -> Vec<(u32, u32, bool)> {
    let of = |from: u32| body.dependents(from).iter().map(move |it| (from, it.step, it.order_only));
    (0..super::number(body.steps.len())).flat_map(of).collect()
}
