//! A plan for Graphviz.

use std::fmt::Write as _;

use super::COLOURS;
use super::{BodyId, Cluster, Drawn, Plan, edges, lines, node};

/// Returns a plan in the language of Graphviz; what a step runs is a cluster.
pub fn dot(plan: &Plan) -> String {
    let mut text = format!("digraph {} {{\n", quoted(plan.workflow().name()));
    text.push_str("  graph [compound=true, fontname=\"Helvetica\"];\n");
    text.push_str("  node [shape=box, style=\"rounded,filled\", fontname=\"Helvetica\"];\n");
    body(plan, BodyId::ROOT, 1, &mut Drawn::default(), &mut text);
    text.push_str("}\n");
    text
}

fn body(plan: &Plan, id: BodyId, depth: usize, drawn: &mut Drawn, text: &mut String) {
    let (planned, indent) = (plan.body(id), "  ".repeat(depth));
    for (at, step) in (0u32..).zip(&planned.steps) {
        let name = node(id, at);
        let label = quoted(&format!("{}\n{}", step.name, lines(step).join("\n")));
        let class = if step.is_let { "let" } else { step.effect.as_str() };
        let fill = COLOURS.iter().find(|it| it.0 == class).map_or("#ffffff", |it| it.1);
        let line = COLOURS.iter().find(|it| it.0 == class).map_or("#000000", |it| it.2);
        let _ = writeln!(
            text,
            "{indent}{name} [label={label}, class=\"{class}\", fillcolor=\"{fill}\", color=\"{line}\"];"
        );
        for Cluster { title, body: inner, again } in drawn.clusters(step) {
            let cluster = format!("b{}", inner.0);
            if again && plan.body(inner).steps.is_empty() {
                continue;
            }
            if again {
                let _ =
                    writeln!(text, "{indent}{name} -> {} [lhead=\"cluster_{cluster}\", style=dotted];", node(inner, 0));
                continue;
            }
            let title = quoted(&format!("{}: {title}", step.name));
            let _ = writeln!(text, "{indent}subgraph cluster_{cluster} {{\n{indent}  label={title};");
            body(plan, inner, depth + 1, drawn, text);
            let _ = writeln!(text, "{indent}}}");
            if !plan.body(inner).steps.is_empty() {
                let first = plan.body(inner).order().first().copied().unwrap_or(0);
                let _ = writeln!(
                    text,
                    "{indent}{name} -> {} [lhead=\"cluster_{cluster}\", style=dotted];",
                    node(inner, first)
                );
            }
        }
    }
    for (from, to, order_only) in edges(planned) {
        let style = if order_only { " [style=dashed]" } else { "" };
        let _ = writeln!(text, "{indent}{} -> {}{style};", node(id, from), node(id, to));
    }
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n"))
}
