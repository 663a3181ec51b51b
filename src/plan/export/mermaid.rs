//! A plan for Mermaid, as Markdown pages show it.

use std::fmt::Write as _;

use super::{BodyId, Plan, caption, clusters, edges, node};
use crate::plan::describe::effect;

/// Returns a plan in the language of Mermaid; what a step runs is a subgraph.
pub fn mermaid(plan: &Plan) -> String {
    let mut text = "flowchart TD\n".to_string();
    body(plan, BodyId::ROOT, "", 1, &mut text);
    for (class, fill, line) in [
        ("pure", "#e8eefc", "#4a6fd4"),
        ("reads", "#e3f4ea", "#2f8f5b"),
        ("notifies", "#fdf3d8", "#b58105"),
        ("orders", "#fde6e4", "#c8413a"),
    ] {
        let _ = writeln!(text, "  classDef {class} fill:{fill},stroke:{line},color:#1c2330");
    }
    text
}

fn body(plan: &Plan, id: BodyId, within: &str, depth: usize, text: &mut String) {
    let (planned, indent) = (plan.body(id), "  ".repeat(depth));
    for (at, step) in (0u32..).zip(&planned.steps) {
        let name = format!("{within}{}", node(id, at));
        let label = format!("{}<br/>{}", escaped(&step.name), escaped(&caption(step)));
        let _ = writeln!(text, "{indent}{name}(\"{label}\"):::{}", effect(step.effect));
        for (number, (title, inner)) in clusters(step).into_iter().enumerate() {
            let cluster = format!("{name}c{number}");
            let title = escaped(&format!("{} {title}", step.name));
            let _ = writeln!(text, "{indent}subgraph {cluster}[\"{title}\"]");
            body(plan, inner, &cluster, depth + 1, text);
            let _ = writeln!(text, "{indent}end\n{indent}{name} -.- {cluster}");
        }
    }
    for (from, to, order_only) in edges(planned) {
        let arrow = if order_only { "-.->" } else { "-->" };
        let _ = writeln!(text, "{indent}{within}{} {arrow} {within}{}", node(id, from), node(id, to));
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('"', "&quot;").replace('<', "&lt;").replace('>', "&gt;")
}
