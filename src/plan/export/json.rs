//! A plan for programs.

use serde_json::{Value as Json, json};

use super::{BodyId, Cluster, Drawn, Plan, caption, edges, node};

/// Returns a plan as nodes and edges; what a step runs stands in its `clusters`, of the same form. A
/// workflow that is called again is only named there, by the `body` that it was the first time.
pub fn json(plan: &Plan) -> Json {
    let mut graph = body(plan, BodyId::ROOT, &mut Drawn::default());
    if let Some(fields) = graph.as_object_mut() {
        fields.insert("workflow".into(), (**plan.workflow().name()).into());
        fields.insert("mode".into(), (**plan.workflow().mode()).into());
    }
    graph
}

fn body(plan: &Plan, id: BodyId, drawn: &mut Drawn) -> Json {
    let planned = plan.body(id);
    let levels = planned.levels();
    let nodes = (0u32..).zip(&planned.steps).zip(levels).map(|((at, step), level)| {
        let inner: Vec<_> = drawn.clusters(step);
        let inner = inner.into_iter().map(|Cluster { title, body: inner, again }| {
            let mut graph =
                if again { json!({ "same_as": format!("b{}", inner.0) }) } else { body(plan, inner, drawn) };
            if let Some(fields) = graph.as_object_mut() {
                fields.insert("title".into(), title.into());
            }
            graph
        });
        json!({
            "id": node(id, at), "name": &*step.name, "let": step.is_let, "does": caption(step), "effect": step.effect,
            "level": level, "type": step.ty.to_string(), "clusters": inner.collect::<Vec<_>>(),
        })
    });
    let arrows = edges(planned);
    let arrows = arrows.iter().map(
        |(from, to, order_only)| json!({ "from": node(id, *from), "to": node(id, *to), "order_only": order_only }),
    );
    json!({ "body": format!("b{}", id.0), "nodes": nodes.collect::<Vec<_>>(), "edges": arrows.collect::<Vec<_>>() })
}
