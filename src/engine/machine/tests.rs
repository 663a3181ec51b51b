//! The machine alone: any graph, any failures, any order in which tries end, without threads or clocks. What should come
//! of a graph is worked out beside it, a step at a time.

#![allow(
    clippy::pedantic,
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may fail loudly"
)]

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use proptest::{prelude::*, sample::Index};
use rust_decimal::Decimal;

use super::*;
use crate::{
    check::{
        For, Work,
        testing::{Draft, constant, slot},
    },
    engine::{
        RealClock, Status,
        frame::{Key, Scope},
    },
    expr::Context,
    market::BarSeries,
    plan::{BodyId, plan},
    slice::{
        Cancel, Services,
        ports::{HistoryRequest, MarketData, Notifier},
    },
    value::{Symbol, Ty},
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

/// What a step of the graph does.
#[derive(Clone, Debug)]
struct Planned {
    needs: Vec<u32>,
    order_only: Vec<u32>,
    /// How many of its first tries fail.
    failures: u32,
    retries: u32,
    has_else: bool,
    skipped: bool,
    /// Of a loop: for each element whether it fails, and how many run at once.
    elements: Option<(Vec<bool>, u32)>,
    tolerate: bool,
}

/// A graph, and at each point which of the things that could come about does.
#[derive(Clone, Debug)]
struct History {
    graph: Vec<Planned>,
    choices: Vec<Index>,
    /// After how many choices somebody stops the run.
    stop: Option<usize>,
}

fn planned() -> impl Strategy<Value = (Planned, Vec<(Index, bool)>)> {
    let needs = prop::collection::vec((any::<Index>(), prop::bool::weighted(0.2)), 0..4);
    let failures = prop_oneof![6 => Just(0u32), 1 => 1u32..4];
    let flags = (prop::bool::weighted(0.2), prop::bool::weighted(0.1), any::<bool>());
    let elements = prop::option::weighted(0.2, (prop::collection::vec(prop::bool::weighted(0.15), 0..6), 1u32..4));
    (needs, failures, 0u32..3, flags, elements).prop_map(|(needs, failures, retries, flags, elements)| {
        let (has_else, skipped, tolerate) = flags;
        let (failures, has_else) = if elements.is_some() { (0, false) } else { (failures, has_else) };
        let (needs_list, order_only) = (Vec::new(), Vec::new());
        let step = Planned { needs: needs_list, order_only, failures, retries, has_else, skipped, elements, tolerate };
        (step, needs)
    })
}

fn histories(may_stop: bool) -> impl Strategy<Value = History> {
    let stop = if may_stop { (0usize..60).prop_map(Some).boxed() } else { Just(None).boxed() };
    let choices = prop::collection::vec(any::<Index>(), 64);
    (prop::collection::vec(planned(), 1..16), choices, stop).prop_map(|(steps, choices, stop)| {
        let steps = steps.into_iter().enumerate().map(|(at, (mut step, needs))| {
            let needs: BTreeMap<u32, bool> = needs
                .iter()
                .filter(|_| at > 0)
                .map(|(it, order)| (crate::plan::number(it.index(at)), *order))
                .collect();
            step.needs = needs.keys().copied().collect();
            step.order_only = needs.into_iter().filter(|it| it.1).map(|it| it.0).collect();
            step
        });
        History { graph: steps.collect(), choices, stop }
    })
}

/// What should come of a step: its status, its value and how often it is tried.
type Wanted = (Status, Option<Value>, u32);

fn wanted(graph: &[Planned]) -> Vec<Wanted> {
    let mut found: Vec<Wanted> = Vec::new();
    for step in graph {
        let given = |it: &&u32| !step.order_only.contains(it);
        let inputs: Vec<_> = step.needs.iter().filter(given).map(|it| &found[*it as usize]).collect();
        let sum = || inputs.iter().filter_map(|it| it.1.as_ref()).fold(1, |sum, it| sum + int(it));
        let result = if inputs.iter().any(|it| !it.0.gives()) {
            (Status::NotRun, None, 0)
        } else if step.skipped {
            (Status::Skipped, Some(Value::None), 1)
        } else if let Some((elements, _)) = &step.elements {
            let failed = elements.iter().filter(|it| **it).count();
            let allowed = if step.tolerate { elements.len() / 2 } else { 0 };
            let value = Value::list((0..).zip(elements).filter(|it| !it.1).map(|it| Value::Int(it.0)));
            match failed {
                0 => (Status::Succeeded, Some(value), 1),
                failed if failed <= allowed => (Status::Degraded, Some(value), 1),
                _ => (Status::Failed, None, 1),
            }
        } else if step.failures <= step.retries {
            (Status::Succeeded, Some(Value::Int(sum())), step.failures + 1)
        } else if step.has_else {
            (Status::Degraded, Some(Value::Int(sum())), step.retries + 2)
        } else {
            (Status::Failed, None, step.retries + 1)
        };
        found.push(result);
    }
    found
}

/// What a reader takes a value for; wrapping is not reached by sums of so few steps.
fn int(value: &Value) -> i64 {
    match value {
        Value::Int(it) => *it % 1_000_003,
        Value::List(items) => items.len() as i64,
        _ => 0,
    }
}

fn machine_of(graph: &[Planned]) -> Machine {
    let mut draft = Draft::new();
    for (at, step) in graph.iter().enumerate() {
        let work = match &step.elements {
            None => Work::Value(constant(0i64)),
            Some((elements, parallel)) => {
                let mut body = Draft::new();
                body.variable("n", Ty::Int);
                body.step("first", Work::Value(slot(0, 0)), &[]);
                body.step("second", Work::Value(slot(0, 1)), &[0]);
                let list = constant(Value::list((0..elements.len() as i64).map(Value::Int)));
                let parallel = Some(constant(i64::from(*parallel)));
                Work::For(Box::new(For { list, filter: None, parallel, body: body.body(Some(slot(0, 2))) }))
            }
        };
        let node = draft.step(&format!("s{at}"), work, &step.needs);
        node.order_only.clone_from(&step.order_only);
        if step.has_else {
            node.otherwise = vec![Work::Value(constant(0i64))];
        }
    }
    let plan = Arc::new(plan(Arc::new(draft.workflow("random"))));
    let (clock, market, notifier) = (Arc::new(RealClock), Arc::new(Nowhere), Arc::new(Nowhere));
    let scope = Scope {
        plan: plan.clone(),
        services: Arc::new(Services { clock, market, notifier, limits: Value::None }),
        context: Context::ALL.iter().map(|it| it.default_value()).collect(),
        degraded: Arc::default(),
    };
    let root = Frame::new(BodyId::ROOT, Arc::new(scope), None, Key::Only, Cancel::default(), []);
    Machine::new(plan, vec![Arc::new(root)], Duration::from_secs(5), true)
}

/// Plays a history and sees to it that nothing runs twice, or before its inputs, or more at once than it may.
struct Player<'a> {
    graph: &'a [Planned],
    machine: Machine,
    running: Vec<Job>,
    timers: Vec<Timer>,
    /// Every try that was given out.
    given: BTreeSet<(u32, u32, u32)>,
    at: u64,
}

impl Player<'_> {
    fn claim(&mut self, max: usize) {
        let mut jobs = VecDeque::new();
        self.machine.claim(max, self.at, &mut jobs);
        for job in jobs {
            assert_eq!(self.machine.stop, None, "nothing starts after a stop");
            let JobId { frame, step, epoch } = job.id;
            assert!(self.given.insert((frame, step, epoch)), "a try was given out twice");
            let twin = self.running.iter().any(|it| (it.id.frame, it.id.step) == (frame, step) && self.is_current(it));
            assert!(!twin, "two tries of one step at once");
            let planned = job.frame.step(step);
            for it in &planned.needs {
                let state = &self.machine.frames[frame as usize].steps(&self.machine.steps)[*it as usize];
                assert_eq!(state.phase, Phase::Settled, "it was given out before what it needs had ended");
                let order_only = frame == 0 && self.graph[step as usize].order_only.contains(it);
                assert!(order_only || state.status.gives(), "it was given out without its inputs");
            }
            self.running.push(job);
        }
    }

    fn is_current(&self, job: &Job) -> bool {
        self.machine.is_current(job.id, Phase::Running)
    }

    fn end(&mut self, at: usize) {
        let job = self.running.swap_remove(at);
        let outcome = if job.id.frame == 0 { self.root_outcome(&job) } else { self.element_outcome(&job) };
        self.machine.apply(self.at, Happened::Ended(job.id, outcome, self.at - 1));
    }

    fn root_outcome(&self, job: &Job) -> Outcome {
        let (step, planned) = (job.frame.step(job.id.step), &self.graph[job.id.step as usize]);
        let attempt = self.machine.steps[job.id.step as usize].attempts;
        if planned.skipped {
            job.frame.set(step, Value::None, false);
            return Outcome::Skipped;
        }
        if let Some((elements, parallel)) = &planned.elements {
            let crate::plan::Work::For { body, .. } = step.works[0] else { panic!("no loop") };
            let items = (0..elements.len() as i64).map(Value::Int).collect();
            let tolerate = planned.tolerate.then(|| Decimal::new(5, 1));
            let shape = Shape::Each { items, keys: Vec::new(), parallel: *parallel, tolerate };
            let expansion = Expansion { body, backoff: None, timeout: None, shape, degraded: Vec::new() };
            return Outcome::Expand(Box::new(expansion));
        }
        if job.stage == 0 && attempt <= planned.failures {
            let (low, high) = Backoff::PAUSES;
            return Outcome::Failed(Fault::transient("as told"), Some(Backoff { max: planned.retries, low, high }));
        }
        let given = planned.needs.iter().filter(|it| !planned.order_only.contains(it));
        let read = |it: &u32| int(job.frame.get(crate::expr::Slot { up: 0, index: *it }).unwrap());
        job.frame.set(step, Value::Int(given.fold(1, |sum, it| sum + read(it))), job.stage > 0);
        Outcome::Done
    }

    /// The first step of an element gives its number, the second fails where that is told.
    fn element_outcome(&self, job: &Job) -> Outcome {
        let state = &self.machine.frames[job.id.frame as usize];
        let (_, around) = state.parent.unwrap();
        let (elements, _) = self.graph[around as usize].elements.as_ref().unwrap();
        if job.id.step == 1 && elements[state.element as usize] {
            return Outcome::Failed(Fault::transient("as told"), None);
        }
        let step = job.frame.step(job.id.step);
        job.frame.set(step, Value::Int(i64::from(state.element)), false);
        Outcome::Done
    }

    /// Lets one of the things come about that could.
    fn choose(&mut self, choice: &Index) {
        self.at += 1;
        for action in std::mem::take(&mut self.machine.actions) {
            match action {
                Action::Wait(timer, _) => self.timers.push(timer),
                Action::Abort(handle) => handle.abort(),
            }
        }
        let could = 2 + self.running.len() + self.timers.len();
        match choice.index(could) {
            at @ 0..=1 => self.claim(1 + at * 3),
            at if at < 2 + self.running.len() => self.end(at - 2),
            at => {
                let timer = self.timers.swap_remove(at - 2 - self.running.len());
                self.machine.apply(self.at, Happened::Fired(timer));
            }
        }
        for (planned, state) in self.graph.iter().zip(&self.machine.steps) {
            let live = state.extra.as_ref().and_then(|it| it.nested.as_ref()).map_or(0, |it| it.live);
            assert!(planned.elements.as_ref().is_none_or(|it| live <= it.1), "more elements at once than allowed");
        }
    }
}

/// Plays a history to its end and returns the machine with how often each step of the graph was tried.
fn play(history: &History) -> (Machine, Vec<u32>, Arc<Frame>) {
    let machine = machine_of(&history.graph);
    let root = machine.frames[0].frame.clone().unwrap();
    let (running, timers, given) = (Vec::new(), Vec::new(), BTreeSet::new());
    let mut player = Player { graph: &history.graph, machine, running, timers, given, at: 1 };
    let mut done = 0;
    while !player.machine.is_done() {
        if history.stop == Some(done) {
            player.machine.apply(player.at, Happened::Stopped(Stop::Cancelled));
        }
        player.choose(&history.choices[done % history.choices.len()]);
        // The same choice again and again could miss what is left to do.
        if done % 7 == 0 {
            player.claim(8);
            (!player.running.is_empty()).then(|| player.end(0));
        }
        done += 1;
        assert!(done < 100_000, "it comes to no end");
    }
    let mut tries = vec![0; history.graph.len()];
    player.given.iter().filter(|it| it.0 == 0).for_each(|it| tries[it.1 as usize] += 1);
    (player.machine, tries, root)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn whatever_the_order_what_comes_out_is_what_the_graph_says(history in histories(false)) {
        let (machine, tries, root) = play(&history);
        for (at, (status, value, count)) in wanted(&history.graph).into_iter().enumerate() {
            let state = &machine.steps[at];
            prop_assert_eq!((state.status, state.attempts, tries[at]), (status, count, count), "s{}", at);
            let index = crate::plan::number(at);
            prop_assert_eq!(root.get(crate::expr::Slot { up: 0, index }).cloned(), value, "s{}", at);
        }
        let events = machine.events.unwrap_or_default();
        let ended = events.iter().filter(|it| matches!(&it.what, What::Ended(step, _) if step.depth() == 0)).count();
        prop_assert_eq!(ended, history.graph.len(), "each step ends once");
    }

    #[test]
    fn a_stopped_run_ends_and_starts_nothing_more(history in histories(true)) {
        let (machine, ..) = play(&history);
        let settled = machine.steps.iter().all(|it| it.phase == Phase::Settled);
        prop_assert!(settled, "something is left over");
        for (at, (status, ..)) in wanted(&history.graph).into_iter().enumerate() {
            let found = machine.steps[at].status;
            let stopped = matches!(found, Status::Cancelled | Status::NotRun | Status::Failed);
            prop_assert!(found == status || stopped && machine.stop.is_some(), "s{}: {:?}", at, found);
        }
    }
}
