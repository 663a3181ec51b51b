//! What the engine costs for each step, beside a hand-written loop over the same graphs: petgraph for the edges, tokio
//! for the tasks. Both run in one process, in turn, so that their ratio means something on any machine.

#![allow(missing_docs, clippy::unwrap_used, clippy::indexing_slicing, reason = "a bench may fail loudly")]

use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::{Duration, Instant},
};

use petgraph::{Direction, graph::DiGraph};
use tokio::{runtime::Runtime, sync::mpsc};
use wf::{
    check::{
        For, Work, Workflow,
        testing::{Draft, call, constant, slot},
    },
    engine::{Event, RealClock, RunOptions, Status, Subscriber, run},
    market::BarSeries,
    plan::{Plan, plan},
    slice::{
        Fault, Method, Pure, Registry, Services, Slice,
        ports::{HistoryRequest, MarketData, Notifier},
    },
    value::{Symbol, Ty, Value},
};

struct Nowhere;

impl MarketData for Nowhere {
    fn history(&self, _: &HistoryRequest) -> Result<BarSeries, Fault> {
        Err(Fault::permanent("there are no prices here"))
    }
    fn symbols(&self) -> Vec<Symbol> {
        Vec::new()
    }
    fn describe(&self) -> String {
        "nothing".into()
    }
}

impl Notifier for Nowhere {
    fn notify(&self, _: &str, _: &str, _: Value) {}
}

/// Counts the events.
struct Count(Arc<AtomicU32>);

impl Subscriber for Count {
    fn on(&mut self, _: &Event) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

/// Does nothing.
#[derive(serde::Deserialize, schemars::JsonSchema)]
struct Nothing {}

fn no_op() -> Arc<Method> {
    let slice = Slice::new("bench", "for benches").compute("no_op", |_: Pure, _: Nothing| Ok(0i64));
    Registry::new().with(slice).method("bench", "no_op").unwrap().clone()
}

/// For each step, the steps that it needs.
type Graph = Vec<Vec<u32>>;

fn independent(count: u32) -> Graph {
    let mut graph = vec![Vec::new(); count as usize];
    graph.push((0..count).collect());
    graph
}

fn chain(count: u32) -> Graph {
    (0..count).map(|it| it.checked_sub(1).into_iter().collect()).collect()
}

fn layered(layers: u32, width: u32) -> Graph {
    let step = |layer: u32, at: u32| {
        let parents = [0, 1, 7].map(|it| (at + it) % width);
        if layer == 0 { Vec::new() } else { parents.map(|it| (layer - 1) * width + it).to_vec() }
    };
    (0..layers).flat_map(|layer| (0..width).map(move |at| step(layer, at))).collect()
}

fn workflow(graph: &Graph) -> Workflow {
    let method = no_op();
    let mut draft = Draft::new();
    for (at, needs) in graph.iter().enumerate() {
        let mut needs = needs.clone();
        needs.sort_unstable();
        draft.step(&format!("s{at}"), call(&method, Vec::new()), &needs);
    }
    draft.workflow("bench")
}

fn fan_out(count: i64, parallel: i64) -> Workflow {
    let method = no_op();
    let mut body = Draft::new();
    body.variable("n", Ty::Int);
    body.step("work", call(&method, Vec::new()), &[]);
    let mut draft = Draft::new();
    let list = constant(Value::list((0..count).map(Value::Int)));
    let work = For { list, filter: None, parallel: Some(constant(parallel)), body: body.body(Some(slot(0, 1))) };
    draft.step("all", Work::For(Box::new(work)), &[]);
    draft.workflow("bench")
}

fn options(events: Option<&Arc<AtomicU32>>) -> RunOptions {
    let (clock, market, notifier) = (Arc::new(RealClock), Arc::new(Nowhere), Arc::new(Nowhere));
    let mut options = RunOptions::new(Arc::new(Services { clock, market, notifier, limits: Value::None }));
    options.subscribers.extend(events.map(|it| Box::new(Count(it.clone())) as Box<dyn Subscriber>));
    options
}

/// The least of several runs.
fn best(times: u32, mut once: impl FnMut() -> Duration) -> Duration {
    (0..times).map(|_| once()).min().unwrap()
}

fn ours(runtime: &Runtime, plan: &Arc<Plan>, events: bool) -> Duration {
    let count = Arc::new(AtomicU32::new(0));
    let options = options(events.then_some(&count));
    let begun = Instant::now();
    let result = runtime.block_on(run(plan.clone(), options)).unwrap();
    let took = begun.elapsed();
    assert_eq!(result.status, Status::Succeeded);
    assert!(!events || count.load(Ordering::Relaxed) as usize >= 3 * result.summary.total);
    took
}

/// The hand-written loop: a task for each step that is ready, a channel back, counts of unmet edges.
fn floor(runtime: &Runtime, graph: &DiGraph<(), ()>) -> Duration {
    let begun = Instant::now();
    runtime.block_on(async {
        let (done, mut ended) = mpsc::unbounded_channel();
        let mut waits: Vec<_> =
            graph.node_indices().map(|it| graph.neighbors_directed(it, Direction::Incoming).count()).collect();
        let start = |node| {
            let done = done.clone();
            tokio::spawn(async move { done.send(node).unwrap() });
        };
        graph.node_indices().filter(|it| waits[it.index()] == 0).for_each(start);
        for _ in 0..graph.node_count() {
            let node = ended.recv().await.unwrap();
            for next in graph.neighbors(node) {
                waits[next.index()] -= 1;
                if waits[next.index()] == 0 {
                    start(next);
                }
            }
        }
    });
    begun.elapsed()
}

fn petgraph_of(graph: &Graph) -> DiGraph<(), ()> {
    let mut it = DiGraph::new();
    let nodes: Vec<_> = graph.iter().map(|_| it.add_node(())).collect();
    for (to, needs) in graph.iter().enumerate() {
        needs.iter().for_each(|from| drop(it.add_edge(nodes[*from as usize], nodes[to], ())));
    }
    it
}

fn main() {
    let runtime = Runtime::new().unwrap();
    println!(
        "{:32} {:>10} {:>12} {:>14} {:>12} {:>7}",
        "graph", "steps", "floor ns", "with events ns", "without ns", "ratio"
    );
    let per = |time: Duration, steps: usize| time.as_secs_f64() * 1e9 / steps as f64;
    let graphs = [
        ("10,000 independent + join", independent(10_000)),
        ("chain of 1,000", chain(1_000)),
        ("layered 100 x 100 x 3", layered(100, 100)),
    ];
    for (name, graph) in graphs {
        let (planned, hand) = (Arc::new(plan(Arc::new(workflow(&graph)))), petgraph_of(&graph));
        let steps = graph.len();
        let floor = per(best(15, || floor(&runtime, &hand)), steps);
        let with = per(best(15, || ours(&runtime, &planned, true)), steps);
        let without = per(best(15, || ours(&runtime, &planned, false)), steps);
        println!("{name:32} {steps:>10} {floor:>12.0} {with:>14.0} {without:>12.0} {:>7.2}", with / floor);
    }
    for (name, parallel) in [("for over 1,000,000, parallel 8", 8), ("for over 1,000,000, all at once", 1_000_000)] {
        let planned = Arc::new(plan(Arc::new(fan_out(1_000_000, parallel))));
        let hand = petgraph_of(&independent(1_000_000));
        let floor = per(best(2, || floor(&runtime, &hand)), 1_000_000);
        let with = per(best(2, || ours(&runtime, &planned, true)), 1_000_000);
        let without = per(best(2, || ours(&runtime, &planned, false)), 1_000_000);
        println!("{name:32} {:>10} {floor:>12.0} {with:>14.0} {without:>12.0} {:>7.2}", 1_000_000, with / floor);
    }
}
