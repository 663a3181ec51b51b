//! From a checked workflow to its graphs.

use std::{cmp::Reverse, collections::BinaryHeap, collections::HashMap, sync::Arc};

use petgraph::graph::DiGraph;

use super::{
    Body, BodyId, Dependent, Edge, Gives, Plan, Step, Work,
    reads::{self, reads},
};
use crate::{
    check::{self, Workflow},
    value::Name,
};

/// Plans a workflow. Costs time in proportion to its steps and edges.
pub fn plan(workflow: Arc<Workflow>) -> Plan {
    let mut build = Build::default();
    let root = build.reserve();
    build.called.insert(Arc::as_ptr(&workflow), root);
    build.fill(root, workflow.name(), workflow.body(), Gives::Outputs(workflow.outputs().to_vec()));
    // Every reserved place has been filled by now: a place is left only by its own `fill`.
    Plan { workflow, bodies: build.bodies.into_iter().flatten().collect() }
}

#[derive(Default)]
struct Build {
    bodies: Vec<Option<Body>>,
    /// By address; every workflow in it is alive as long as the one that is planned.
    called: HashMap<*const Workflow, BodyId>,
}

impl Build {
    fn reserve(&mut self) -> BodyId {
        self.bodies.push(None);
        BodyId(number(self.bodies.len() - 1))
    }

    fn add(&mut self, name: &Name, body: &check::Body) -> BodyId {
        let id = self.reserve();
        self.fill(id, name, body, body.result.clone().map_or(Gives::Nothing, Gives::Value));
        id
    }

    fn fill(&mut self, id: BodyId, name: &Name, body: &check::Body, gives: Gives) {
        let steps: Vec<_> = body.nodes.iter().map(|it| self.step(it)).collect();
        let planned = wire(name.clone(), number(body.slots.len()), steps, gives, &body.nodes);
        if let Some(place) = self.bodies.get_mut(id.0 as usize) {
            *place = Some(planned);
        }
    }

    fn step(&mut self, node: &check::Node) -> Step {
        let mut expressions = Vec::new();
        std::iter::once(&node.work).chain(&node.otherwise).for_each(|it| reads::expressions(it, &mut expressions));
        let works = std::iter::once(&node.work).chain(&node.otherwise).map(|it| self.work(&node.name, it)).collect();
        Step {
            name: node.name.clone(),
            is_let: node.is_let,
            slot: node.slot,
            ty: node.ty.clone(),
            works,
            when: node.when.clone(),
            timeout: node.timeout.clone(),
            retry: node.retry.clone(),
            tolerate: node.tolerate.clone(),
            needs: node.needs.clone(),
            effect: node.effect,
            doc: node.doc.clone(),
            span: node.span,
            reads: reads(expressions.into_iter().chain(&node.when)),
            salt: salt(&node.name),
        }
    }

    fn work(&mut self, name: &Name, work: &check::Work) -> Work {
        match work {
            check::Work::Call(call) => Work::Call(call.clone()),
            check::Work::Value(value) => Work::Value(value.clone()),
            check::Work::For(it) => Work::For {
                list: it.list.clone(),
                filter: it.filter.clone(),
                parallel: it.parallel.clone(),
                body: self.add(name, &it.body),
            },
            check::Work::Match(it) => Work::Match {
                on: it.on.clone(),
                arms: it.arms.iter().map(|arm| (arm.patterns.clone(), self.work(name, &arm.work))).collect(),
            },
            check::Work::Block(body) => Work::Block(self.add(name, body)),
            check::Work::Workflow(it) => {
                let address = Arc::as_ptr(&it.workflow);
                let body = self.called.get(&address).copied().unwrap_or_else(|| {
                    let id = self.reserve();
                    self.called.insert(address, id);
                    let gives = Gives::Outputs(it.workflow.outputs().to_vec());
                    self.fill(id, it.workflow.name(), it.workflow.body(), gives);
                    id
                });
                Work::Workflow { workflow: it.workflow.clone(), inputs: it.inputs.clone(), body }
            }
            check::Work::On(it) => Work::On(self.add(name, &it.body)),
        }
    }
}

/// Turns what each step needs into counts, lists and the graph.
fn wire(name: Name, slots: u32, steps: Vec<Step>, gives: Gives, nodes: &[check::Node]) -> Body {
    let edges = || {
        nodes.iter().zip(0u32..).flat_map(|(node, to)| {
            node.needs
                .iter()
                .map(move |from| (*from, Dependent { step: to, order_only: node.order_only.contains(from) }))
        })
    };
    let waits: Box<[u32]> = nodes.iter().map(|it| number(it.needs.len())).collect();
    let mut graph = DiGraph::with_capacity(steps.len(), waits.iter().map(|it| *it as usize).sum());
    let ids: Vec<_> = (0..number(steps.len())).map(|it| graph.add_node(it)).collect();
    let mut lists = vec![Vec::new(); steps.len()];
    for (from, dependent) in edges() {
        if let (Some(list), Some(from), Some(to)) =
            (lists.get_mut(from as usize), ids.get(from as usize), ids.get(dependent.step as usize))
        {
            list.push(dependent);
            graph.add_edge(*from, *to, if dependent.order_only { Edge::Order } else { Edge::Data });
        }
    }
    let ends = lists.iter().scan(0u32, |at, it| {
        *at += number(it.len());
        Some(*at)
    });
    let starts = std::iter::once(0).chain(ends).collect();
    let order = order(&waits, &lists);
    let gives_from = gives.reads();
    Body {
        name,
        slots,
        steps,
        gives,
        gives_from,
        waits,
        starts,
        dependents: lists.into_iter().flatten().collect(),
        graph,
        order,
    }
}

/// Sorts topologically; of several that could come next, the first in the file does.
fn order(waits: &[u32], dependents: &[Vec<Dependent>]) -> Vec<u32> {
    let mut waits = waits.to_vec();
    let mut ready: BinaryHeap<_> = (0u32..).zip(&waits).filter(|it| *it.1 == 0).map(|it| Reverse(it.0)).collect();
    let mut order = Vec::with_capacity(waits.len());
    while let Some(Reverse(step)) = ready.pop() {
        order.push(step);
        for it in dependents.get(step as usize).into_iter().flatten() {
            if let Some(left) = waits.get_mut(it.step as usize) {
                *left -= 1;
                if *left == 0 {
                    ready.push(Reverse(it.step));
                }
            }
        }
    }
    order
}

pub(crate) fn number(it: usize) -> u32 {
    u32::try_from(it).unwrap_or(u32::MAX)
}

/// Returns a number that follows from a text alone: FNV-1a of 64 bits.
pub(crate) fn salt(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}
