//! What must come before what in a body: what is read, what is waited for, and the order of steps with effects.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BinaryHeap},
};

use petgraph::{algo::kosaraju_scc, graph::DiGraph};

use super::{Node, Work, body::number, order, walk::Walk};
use crate::{
    slice::Effect,
    source::{Code, Diagnostic, Span},
    syntax::ast::Stmt,
    value::Ty,
};

/// A node before its place in the graph is known.
pub(super) struct Draft {
    pub node: Node,
    /// The slots of its body that it reads, and where, if that is not written.
    pub reads: Vec<(usize, Option<Span>)>,
    /// The slots that it comes after, and where that is said.
    pub after: Vec<(usize, Span)>,
    /// Which statement it is.
    pub stmt: usize,
}

/// What one node needs of another.
#[derive(Clone, Copy)]
struct Edge {
    /// Whether the value is read, or it merely comes after.
    reads: bool,
    /// Where, if it is not written as a name in the statement.
    at: Option<Span>,
}

/// Says for each node what must have ended first; reports circles.
pub(super) fn connect(walk: &mut Walk<'_, '_>, stmts: &[Stmt], drafts: Vec<Draft>) -> Vec<Node> {
    let by_slot: BTreeMap<usize, usize> =
        (drafts.iter().enumerate()).map(|(at, it)| (it.node.slot as usize, at)).collect();
    let mut edges: Vec<BTreeMap<usize, Edge>> = Vec::with_capacity(drafts.len());
    for draft in &drafts {
        let mut needs: BTreeMap<usize, Edge> = BTreeMap::new();
        for (slot, at) in &draft.reads {
            if let Some(node) = by_slot.get(slot) {
                needs.entry(*node).or_insert(Edge { reads: true, at: *at });
            }
        }
        for (slot, span) in &draft.after {
            if let Some(node) = by_slot.get(slot) {
                needs.entry(*node).or_insert(Edge { reads: false, at: Some(*span) });
            }
        }
        edges.push(needs);
    }
    let sound = report_circles(walk, stmts, &drafts, &edges);
    let order = if sound { file_order(&edges) } else { (0..drafts.len()).collect() };
    let chain = effects_in_order(&drafts, &order);
    let mut nodes = Vec::with_capacity(drafts.len());
    for ((at, draft), needs) in drafts.into_iter().enumerate().zip(&edges) {
        let mut node = draft.node;
        let before = chain.get(&at).copied();
        let mut all: Vec<usize> = needs.keys().copied().filter(|it| *it != at).chain(before).collect();
        all.sort_unstable();
        all.dedup();
        let only = |it: &usize| !needs.get(it).is_some_and(|edge| edge.reads);
        node.order_only = all.iter().copied().filter(only).map(number).collect();
        node.needs = all.into_iter().map(number).collect();
        nodes.push(node);
    }
    nodes
}

/// Reports each circle once, by its nodes in the order in which they need each other.
fn report_circles(walk: &mut Walk<'_, '_>, stmts: &[Stmt], drafts: &[Draft], edges: &[BTreeMap<usize, Edge>]) -> bool {
    let mut graph: DiGraph<(), ()> = DiGraph::with_capacity(drafts.len(), drafts.len());
    let ids: Vec<_> = drafts.iter().map(|_| graph.add_node(())).collect();
    for (from, needs) in edges.iter().enumerate() {
        for to in needs.keys() {
            if let (Some(a), Some(b)) = (ids.get(from), ids.get(*to)) {
                graph.add_edge(*a, *b, ());
            }
        }
    }
    let mut sound = true;
    let registry = walk.session.registry;
    for group in kosaraju_scc(&graph) {
        let mut members: Vec<usize> = group.iter().map(|it| it.index()).collect();
        members.sort_unstable();
        let Some(&first) = members.first() else { continue };
        let itself = edges.get(first).is_some_and(|it| it.contains_key(&first));
        if members.len() == 1 && !itself {
            continue;
        }
        sound = false;
        let ring = ring(first, &members, edges);
        let name = |at: usize| drafts.get(at).map_or("", |it| &*it.node.name);
        let place = |from: usize, to: usize| {
            let edge = edges.get(from).and_then(|it| it.get(&to)).and_then(|it| it.at);
            let stmt = drafts.get(from).and_then(|it| stmts.get(it.stmt));
            let written = stmt.and_then(|it| order::mention(it, name(to), registry));
            edge.or(written).or_else(|| drafts.get(from).map(|it| it.node.span)).unwrap_or_default()
        };
        let second = ring.get(1).copied().unwrap_or(first);
        let found = if ring.len() <= 1 {
            let message = format!("`{}` depends on itself", name(first));
            Diagnostic::new(Code::G001, place(first, first), message)
        } else {
            let names: Vec<&str> = ring.iter().chain([&first]).map(|it| name(*it)).collect();
            let message = format!("these steps depend on each other: {}", names.join(" -> "));
            let mut found = Diagnostic::new(Code::G001, place(first, second), message);
            found = found.here(format!("`{}` needs `{}` ...", name(first), name(second)));
            for (at, from) in ring.iter().copied().enumerate().skip(1) {
                let to = ring.get(at + 1).copied().unwrap_or(first);
                found = found.label(place(from, to), format!("... and `{}` needs `{}`", name(from), name(to)));
            }
            found
        };
        walk.report(found.note("a workflow is a graph without cycles; to iterate, use `for` over rounds"));
    }
    sound
}

/// Returns the shortest way from a node back to itself, without the end.
fn ring(first: usize, members: &[usize], edges: &[BTreeMap<usize, Edge>]) -> Vec<usize> {
    let mut came: BTreeMap<usize, usize> = BTreeMap::new();
    let mut open = std::collections::VecDeque::from([first]);
    while let Some(at) = open.pop_front() {
        for to in edges.get(at).into_iter().flat_map(BTreeMap::keys).filter(|it| members.contains(it)) {
            if *to == first {
                let mut way = vec![at];
                let mut back = at;
                while let Some(before) = came.get(&back) {
                    way.push(*before);
                    back = *before;
                }
                way.reverse();
                return way;
            }
            if !came.contains_key(to) {
                came.insert(*to, at);
                open.push_back(*to);
            }
        }
    }
    vec![first]
}

/// Returns the nodes, each after what it needs, else as the file has them.
fn file_order(edges: &[BTreeMap<usize, Edge>]) -> Vec<usize> {
    let mut waiting: Vec<usize> = edges.iter().map(BTreeMap::len).collect();
    let mut readers: Vec<Vec<usize>> = vec![Vec::new(); edges.len()];
    for (at, needs) in edges.iter().enumerate() {
        for need in needs.keys() {
            if let Some(it) = readers.get_mut(*need) {
                it.push(at);
            }
        }
    }
    let mut ready: BinaryHeap<Reverse<usize>> =
        waiting.iter().enumerate().filter(|(_, count)| **count == 0).map(|(at, _)| Reverse(at)).collect();
    let mut order = Vec::with_capacity(edges.len());
    while let Some(Reverse(at)) = ready.pop() {
        order.push(at);
        for reader in readers.get(at).into_iter().flatten() {
            if let Some(count) = waiting.get_mut(*reader) {
                *count -= 1;
                if *count == 0 {
                    ready.push(Reverse(*reader));
                }
            }
        }
    }
    order
}

/// Returns for each step with an effect the one before it. What never ends (a handler, a stream, a step that is
/// refreshed) holds up nobody.
fn effects_in_order(drafts: &[Draft], order: &[usize]) -> BTreeMap<usize, usize> {
    let mut chain = BTreeMap::new();
    let mut last: Option<usize> = None;
    for at in order {
        let Some(node) = drafts.get(*at).map(|it| &it.node) else { continue };
        let endless = matches!(node.work, Work::On(_)) || matches!(node.ty, Ty::Stream(_)) || node.every.is_some();
        if node.effect > Effect::Reads && !endless {
            if let Some(before) = last {
                chain.insert(*at, before);
            }
            last = Some(*at);
        }
    }
    chain
}
