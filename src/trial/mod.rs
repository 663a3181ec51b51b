//! Runs the tests of files: mocks stand in the catalogue in the places of methods, time is virtual, and what is expected
//! is held against what came.

mod known;
mod outcome;
mod stand_in;
mod told;

use std::{collections::BTreeMap, sync::Arc};

use jiff::Timestamp;

use known::Known;
use outcome::Outcome;

use crate::{
    check::{self, Act, Change, Checked, Test, Trial, Workflow},
    engine::{self, RunOptions, VirtualClock, guarded},
    expr::{Context, Expr},
    plan::{self, reads},
    slice::{
        Fault, FaultKind, Registry, Services,
        ports::{MarketData, Notifier},
    },
    source::{Code, Diagnostic, FileId, Sources},
    value::Value,
};

/// What tests are run with, beside what they say themselves.
pub struct Bench<'a> {
    /// The catalogue.
    pub registry: &'a Registry,
    /// What the file was checked with.
    pub options: &'a check::Options,
    /// Where prices come from: the same for every run of every test, or tests would not agree with themselves.
    pub market: Arc<dyn MarketData>,
    /// When the clock of each run starts: a midnight.
    pub start: Timestamp,
    /// What runs know by themselves where a test says nothing else.
    pub context: BTreeMap<Context, Value>,
}

/// A file that has been checked.
#[derive(Clone, Copy)]
pub struct Tested<'a> {
    /// The texts of the check.
    pub sources: &'a Sources,
    /// The file itself among them.
    pub root: FileId,
    /// What the check made of it.
    pub checked: &'a Checked,
}

/// Runs a test of a file, by its place there. Returns what was not as it expects: nothing where it passes.
pub fn attempt(file: Tested<'_>, test: usize, bench: &Bench<'_>) -> Vec<Diagnostic> {
    let Some(tested) = file.checked.tests().get(test) else { return Vec::new() };
    let context = Context::ALL.iter().map(|it| bench.context.get(it).cloned().unwrap_or_else(|| it.default_value()));
    let known = Known::new(&tested.facts, context.collect());
    let attempt = Attempt {
        file,
        place: test,
        test: tested,
        bench,
        known,
        changes: Vec::new(),
        runs: Vec::new(),
        found: Vec::new(),
    };
    attempt.all()
}

/// A test on its way.
struct Attempt<'a> {
    file: Tested<'a>,
    place: usize,
    test: &'a Test,
    bench: &'a Bench<'a>,
    known: Known<'a>,
    /// What happens to methods in the runs to come.
    changes: Vec<&'a Change>,
    runs: Vec<Outcome<'a>>,
    found: Vec<Diagnostic>,
}

impl<'a> Attempt<'a> {
    fn all(mut self) -> Vec<Diagnostic> {
        let test = self.test;
        for act in &test.acts {
            match act {
                Act::Let(slot, value) => {
                    let value = guarded(value, &self.known);
                    self.known.set(*slot as usize, value);
                }
                Act::Change(change) => self.changes.push(change),
                Act::Run(trial) => self.run(trial),
                Act::Expect(that) => self.expect(that),
            }
        }
        for run in self.runs.iter().filter(|it| it.unseen > 0) {
            let looks =
                if run.unseen == 1 { "1 expectation looks" } else { &format!("{} expectations look", run.unseen) };
            if let Some(told) = run.told.and_then(|it| self.found.get_mut(it)) {
                told.notes.push(format!("{looks} at what it did not give"));
            }
        }
        self.found.sort_by_key(|it| it.span);
        self.found
    }

    fn run(&mut self, trial: &'a Trial) {
        let nth = self.runs.len();
        let unsupported = plan::unsupported(&trial.workflow);
        let result = if unsupported.is_empty() { self.result(trial, nth) } else { Err(Vec::new()) };
        let outcome = Outcome { trial, result, told: None, unseen: 0 };
        let told =
            if unsupported.is_empty() { outcome.told(self.expects(nth)).into_iter().collect() } else { unsupported };
        self.known.fill(nth, &outcome);
        self.runs.push(Outcome { told: (!told.is_empty()).then_some(self.found.len()), ..outcome });
        self.found.extend(told);
    }

    /// Says whether the test looks at how a run or a step of it ended.
    fn expects(&self, run: usize) -> bool {
        let is_of_run = |slot: usize, any: bool| {
            self.test.facts.get(slot).is_some_and(|it| it.run() == Some(run) && (any || it.is_outcome()))
        };
        let reads_one = |expr: &Expr| reads([expr]).iter().any(|it| it.up == 0 && is_of_run(it.index as usize, false));
        let looks = |expr: &Expr| reads_one(expr) || told::asks_degraded(expr, &|slot| is_of_run(slot, true));
        self.test.acts.iter().any(|it| match it {
            Act::Let(_, value) | Act::Expect(value) => looks(value),
            Act::Run(trial) => trial.inputs.iter().any(|it| looks(&it.value)),
            Act::Change(_) => false,
        })
    }

    fn result(&self, trial: &Trial, nth: usize) -> Result<engine::RunResult, Vec<Fault>> {
        let one = |it: Fault| vec![it];
        let clock = Arc::new(VirtualClock::new(self.bench.start));
        let services =
            Services { clock, market: self.bench.market.clone(), notifier: Arc::new(Nobody), limits: Value::None };
        let mut options = RunOptions::new(Arc::new(services));
        for (name, value) in &self.bench.context {
            options.give(*name, value.clone());
        }
        for (name, value) in &trial.context {
            options.give(*name, guarded(value, &self.known).map_err(one)?);
        }
        for it in &trial.inputs {
            options.inputs.insert(it.name.clone(), guarded(&it.value, &self.known).map_err(one)?);
        }
        // A workflow about one symbol runs for the first of several.
        if !options.context.contains_key(&Context::Symbol)
            && let Some(Value::List(symbols)) = options.context.get(&Context::Symbols)
            && let Some(first) = symbols.first()
        {
            options.context.insert(Context::Symbol, first.clone());
        }
        if !options.given.contains(&Context::Seed) {
            options.give(Context::Seed, Context::Seed.default_value());
        }
        let workflow = self.with_changes(trial, nth, &options).map_err(one)?;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(|it| one(Fault::permanent("no run could be started").because(&it)))?;
        runtime.block_on(engine::run(Arc::new(plan::plan(workflow)), options))
    }

    /// Returns the workflow of a run as it is checked against a catalogue in which mocks stand in the places of methods.
    fn with_changes(&self, trial: &Trial, nth: usize, options: &RunOptions) -> Result<Arc<Workflow>, Fault> {
        if self.changes.is_empty() {
            return Ok(trial.workflow.clone());
        }
        let script = stand_in::Setting { values: self.known.values(), options, bench: self.bench };
        let registry = self.bench.registry.replacing(script.methods(&self.changes)?);
        let mut sources = Sources::default();
        let root = self.file.sources.get(self.file.root).cloned();
        let root = root.map(|it| sources.add(it)).unwrap_or_default();
        let checked = check::check(&mut sources, root, &registry, self.bench.options);
        let runs = checked.tests().get(self.place).into_iter().flat_map(|it| &it.acts);
        let mut runs = runs.filter_map(|it| if let Act::Run(it) = it { Some(&it.workflow) } else { None });
        let found = runs.nth(nth).filter(|it| !checked.has_errors() && it.meaning() == trial.workflow.meaning());
        found.cloned().ok_or_else(|| Fault::new(FaultKind::Cancelled, "a file that it imports has changed meanwhile"))
    }

    fn expect(&mut self, that: &Expr) {
        let held = guarded(that, &self.known);
        if matches!(held, Ok(Value::Bool(true))) {
            return;
        }
        let slots = told::slots(that);
        // That a run went wrong has been told: what it did not give is no further mistake.
        let absent = slots.iter().filter(|it| self.known.why_absent(**it).is_some());
        let of: Vec<usize> = absent.filter_map(|it| self.test.facts.get(*it)?.run()).collect();
        let mut known_wrong = self.runs.iter_mut().enumerate().filter(|(at, it)| it.told.is_some() && of.contains(at));
        if let Some((_, run)) = known_wrong.next() {
            run.unseen += 1;
            return;
        }
        drop(known_wrong);
        let mut told = told::failure(self.file.sources, that, &held, &self.known);
        let mut explained: Vec<usize> = Vec::new();
        for slot in slots {
            let Some(fact) = self.test.facts.get(slot) else { continue };
            let outcome = fact.is_outcome() || self.known.why_absent(slot).is_some();
            let Some(at) = fact.run().filter(|it| outcome && !explained.contains(it)) else { continue };
            explained.push(at);
            if let Some(run) = self.runs.get_mut(at) {
                told.notes.extend(run.steps());
                run.told = run.told.or(Some(self.found.len()));
            }
        }
        self.found.push(told);
    }
}

impl Outcome<'_> {
    /// Returns what is said of a run that ended as nobody expected.
    fn told(&self, expected: bool) -> Option<Diagnostic> {
        let name = self.trial.workflow.name();
        let span = self.trial.span;
        match &self.result {
            Err(faults) if faults.is_empty() => None,
            Err(faults) => {
                let found = Diagnostic::new(Code::E002, span, format!("`{name}` could not start"));
                Some(faults.iter().fold(found, |it, fault| it.note(fault.to_string())))
            }
            Ok(result) => {
                let (what, status) = match result.status {
                    engine::Status::Failed => ("failed", "failed"),
                    engine::Status::Cancelled => ("was cancelled", "cancelled"),
                    engine::Status::Degraded => ("is degraded", "degraded"),
                    _ => return None,
                };
                if expected {
                    return None;
                }
                let found =
                    Diagnostic::new(Code::E002, span, format!("`{name}` {what}, and the test does not expect it"));
                let found = self.steps().into_iter().fold(found, Diagnostic::note);
                let run = &self.trial.name;
                Some(found.help(format!("where it should, say so: `expect {run}.status == \"{status}\"`")))
            }
        }
    }
}

/// Hears nothing: what a test's methods say is nobody's business.
struct Nobody;

impl Notifier for Nobody {
    fn notify(&self, _: &str, _: &str, _: Value) {}
}
