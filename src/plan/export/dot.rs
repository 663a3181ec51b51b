//! A plan for Graphviz.

use std::fmt::Write as _;

use super::{BodyId, Plan, caption, clusters, edges, node};
use crate::plan::describe::effect;

/// Returns a plan in the language of Graphviz; what a step runs is a cluster.
pub fn dot(plan: &Plan) -> String {
    let mut text = format!("digraph {} {{\n", quoted(plan.workflow().name()));
    text.push_str("  graph [compound=true, fontname=\"Helvetica\"];\n");
    text.push_str("  node [shape=box, style=rounded, fontname=\"Helvetica\"];\n");
    body(plan, BodyId::ROOT, "", 1, &mut text);
    text.push_str("}\n");
    text
}

fn body(plan: &Plan, id: BodyId, within: &str, depth: usize, text: &mut String) {
    let (planned, indent) = (plan.body(id), "  ".repeat(depth));
    for (at, step) in (0u32..).zip(&planned.steps) {
        // A body that is called twice is drawn twice, so names carry the way to it.
        let name = format!("{within}{}", node(id, at));
        let label = quoted(&format!("{}\n{}", step.name, caption(step)));
        let class = effect(step.effect);
        let inner = clusters(step);
        let _ = writeln!(text, "{indent}{name} [label={label}, class=\"{class}\"];");
        for (number, (title, inner)) in inner.into_iter().enumerate() {
            let cluster = format!("{name}c{number}");
            let title = quoted(&format!("{} {title}", step.name));
            let _ = writeln!(text, "{indent}subgraph cluster_{cluster} {{\n{indent}  label={title};");
            body(plan, inner, &cluster, depth + 1, text);
            let _ = writeln!(text, "{indent}}}");
            if !plan.body(inner).steps.is_empty() {
                let first = plan.body(inner).order().first().copied().unwrap_or(0);
                let _ = writeln!(
                    text,
                    "{indent}{name} -> {cluster}{} [lhead=\"cluster_{cluster}\", style=dotted];",
                    node(inner, first)
                );
            }
        }
    }
    for (from, to, order_only) in edges(planned) {
        let style = if order_only { " [style=dashed]" } else { "" };
        let _ = writeln!(text, "{indent}{within}{} -> {within}{}{style};", node(id, from), node(id, to));
    }
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n"))
}
