//! What the engine costs for each step, beside a hand-written loop over the same graphs: petgraph for the edges, tokio
//! for the tasks. Both run in one process, in turn, so that their ratio means something on any machine.

#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    reason = "a bench may fail loudly and reads the time"
)]

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
    let mut graph = vec![Vec::new(); usize::try_from(count).unwrap_or_default()];
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
    // The list is the result of a step, as in a file: nobody writes a million elements down.
    let slice = Slice::new("bench", "for benches")
        .compute("numbers", move |_: Pure, _: Nothing| Ok((0..count).collect::<Vec<i64>>()));
    let numbers = Registry::new().with(slice).method("bench", "numbers").unwrap().clone();
    let work =
        For { list: slot(0, 0), filter: None, parallel: Some(constant(parallel)), body: body.body(Some(slot(0, 1))) };
    draft.step("numbers", call(&numbers, Vec::new()), &[]);
    draft.step("all", Work::For(Box::new(work)), &[0]);
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
        for from in needs {
            it.add_edge(nodes[*from as usize], nodes[to], ());
        }
    }
    it
}

/// What the process has used of the processors.
fn used() -> Duration {
    // Of the fields after the name, 11 and 12 are its time and the kernel's for it, in hundredths of a second.
    let text = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let ticks = text.rsplit(')').next().into_iter().flat_map(str::split_whitespace).skip(11).take(2);
    Duration::from_millis(10 * ticks.filter_map(|it| it.parse::<u64>().ok()).sum::<u64>())
}

/// The most memory that the process has had.
fn peak() -> String {
    let text = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = text.lines().find_map(|it| it.strip_prefix("VmHWM:"));
    line.map_or("unknown".into(), |it| it.trim().to_string())
}

/// The least wall time and the mean processor time of a step, in nanoseconds.
struct Cost {
    wall: f64,
    cpu: f64,
}

fn cost(times: u32, steps: usize, once: impl FnMut() -> Duration) -> Cost {
    let before = used();
    let wall = best(times, once);
    let per = |time: Duration, steps: f64| time.as_secs_f64() * 1e9 / steps;
    Cost {
        wall: per(wall, steps as f64),
        cpu: per(used().checked_sub(before).unwrap(), f64::from(times) * steps as f64),
    }
}

fn compare(runtime: &Runtime, name: &str, times: u32, planned: &Arc<Plan>, hand: &DiGraph<(), ()>) {
    let steps = hand.node_count();
    let floor = cost(times, steps, || floor(runtime, hand));
    let with = cost(times, steps, || ours(runtime, planned, true));
    let without = cost(times, steps, || ours(runtime, planned, false));
    println!(
        "{name:32} {steps:>9} {:>9.0} {:>9.0} {:>11.0} {:>9.0} {:>9.0} {:>7.2}",
        floor.wall,
        floor.cpu,
        with.wall,
        with.cpu,
        without.wall,
        with.wall / floor.wall
    );
}

fn main() {
    let runtime = Runtime::new().unwrap();
    println!("nanoseconds a step: the least wall time of several runs, and the mean time of both cores (cpu)\n");
    println!(
        "{:32} {:>9} {:>9} {:>9} {:>11} {:>9} {:>9} {:>7}",
        "graph", "steps", "floor", "floor cpu", "with events", "cpu", "without", "ratio"
    );
    let graphs = [
        ("10,000 independent + join", independent(10_000)),
        ("chain of 1,000", chain(1_000)),
        ("layered 100 x 100 x 3", layered(100, 100)),
    ];
    for (name, graph) in graphs {
        let planned = Arc::new(plan(Arc::new(workflow(&graph))));
        let times = 300_000 / u32::try_from(graph.len()).unwrap();
        compare(&runtime, name, times, &planned, &petgraph_of(&graph));
    }
    for (count, times) in [(10_000, 30), (1_000_000, 2)] {
        for parallel in [8, i64::from(count)] {
            let planned = Arc::new(plan(Arc::new(fan_out(i64::from(count), parallel))));
            let at_once = if parallel == 8 { "8".into() } else { "all".to_string() };
            let name = format!("for over {count}, {at_once} at once");
            compare(
                &runtime,
                &name,
                times,
                &planned,
                &petgraph_of(&vec![Vec::new(); usize::try_from(count).unwrap_or_default()]),
            );
        }
    }
    println!("\npeak memory {}", peak());
}
