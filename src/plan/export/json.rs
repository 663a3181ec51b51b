//! A plan for programs.

use serde_json::{Value as Json, json};

use super::{BodyId, Plan, caption, clusters, edges, node};

/// Returns a plan as nodes and edges; what a step runs stands in its `clusters`, of the same form.
pub fn json(plan: &Plan) -> Json {
    let mut graph = body(plan, BodyId::ROOT);
    if let Some(fields) = graph.as_object_mut() {
        fields.insert("workflow".into(), (**plan.workflow().name()).into());
        fields.insert("mode".into(), (**plan.workflow().mode()).into());
    }
    graph
}

fn body(plan: &Plan, id: BodyId) -> Json {
    let planned = plan.body(id);
    let levels = planned.levels();
    let nodes = (0u32..).zip(&planned.steps).zip(levels).map(|((at, step), level)| {
        let inner = clusters(step).into_iter().map(|(title, inner)| {
            let mut graph = body(plan, inner);
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
    json!({ "nodes": nodes.collect::<Vec<_>>(), "edges": arrows.collect::<Vec<_>>() })
}
