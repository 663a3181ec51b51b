//! A plan for Mermaid, as Markdown pages show it.

use std::fmt::Write as _;

use super::{BodyId, COLOURS, Cluster, Drawn, Plan, edges, lines, node};

/// Returns a plan in the language of Mermaid; what a step runs is a subgraph.
pub fn mermaid(plan: &Plan) -> String {
    let mut text = "flowchart TD\n".to_string();
    body(plan, BodyId::ROOT, 1, &mut Drawn::default(), &mut text);
    for (class, fill, line) in COLOURS {
        let _ = writeln!(text, "  classDef {class} fill:{fill},stroke:{line},color:#1c2330");
    }
    text
}

fn body(plan: &Plan, id: BodyId, depth: usize, drawn: &mut Drawn, text: &mut String) {
    let (planned, indent) = (plan.body(id), "  ".repeat(depth));
    for (at, step) in (0u32..).zip(&planned.steps) {
        let name = node(id, at);
        let does: Vec<_> = lines(step).iter().map(|it| escaped(it)).collect();
        let label = format!("{}<br/>{}", escaped(&step.name), does.join("<br/>"));
        let class = if step.is_let { "let" } else { step.effect.as_str() };
        let _ = writeln!(text, "{indent}{name}(\"{label}\"):::{class}");
        for Cluster { title, body: inner, again } in drawn.clusters(step) {
            let cluster = format!("b{}", inner.0);
            if again {
                let _ = writeln!(text, "{indent}{name} -.- {cluster}");
                continue;
            }
            let title = escaped(&format!("{}: {title}", step.name));
            let _ = writeln!(text, "{indent}subgraph {cluster}[\"{title}\"]");
            body(plan, inner, depth + 1, drawn, text);
            let _ = writeln!(text, "{indent}end\n{indent}{name} -.- {cluster}");
        }
    }
    for (from, to, order_only) in edges(planned) {
        let arrow = if order_only { "-.->" } else { "-->" };
        let _ = writeln!(text, "{indent}{} {arrow} {}", node(id, from), node(id, to));
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('"', "&quot;").replace('<', "&lt;").replace('>', "&gt;")
}
