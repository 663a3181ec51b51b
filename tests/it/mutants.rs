//! What share of the mistakes that people make in a workflow is caught before it runs: every shipped workflow is broken in
//! thousands of ways, and each mutant is checked.
//!
//! A mutant that breaks a name, a unit, a type, the structure or the safety must be caught; one that merely means
//! something else (another threshold, a dropped time-out) is legal and is counted apart; one that means the same must not
//! be flagged.

mod equal;
mod make;
mod words;

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
    sync::Mutex,
};

use schemars::JsonSchema;
use serde::Deserialize;
use wf::{
    check::{Options, check},
    expr::Context,
    market::Targets,
    slice::{Fault, Registry, Slice, Trading},
    slices,
    source::{Severity, Source, Sources},
};

use make::{Fate, Mutant};

/// What was found, without its place: a code and its message.
type Found = BTreeSet<(String, String)>;

/// Returns the errors and warnings of a text that stands where a shipped workflow stands.
fn found(registry: &Registry, name: &str, text: &str) -> Found {
    let mut sources = Sources::default();
    let root = sources.add(Source::new(name, Some(Path::new(name).to_owned()), text));
    // As the shipped `wf.yaml` gives them.
    let options = Options { given: vec![Context::Costs], ..Options::default() };
    let checked = check(&mut sources, root, registry, &options);
    let worth = checked.diagnostics.iter().filter(|it| it.severity != Severity::Hint);
    worth.map(|it| (it.code.to_string(), it.message.clone())).collect()
}

fn shipped() -> Vec<(String, String)> {
    let mut all = Vec::new();
    for folder in ["workflows", "workflows/strategies"] {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.extension().is_some_and(|it| it == "wf") {
                all.push((path.to_str().unwrap().to_owned(), std::fs::read_to_string(&path).unwrap()));
            }
        }
    }
    all.sort();
    assert!(all.len() >= 11, "{}", all.len());
    all
}

#[derive(Default)]
struct Tally {
    caught: usize,
    missed: Vec<String>,
    legal: usize,
    legal_flagged: usize,
}

/// The targets of an account, and what became of its orders.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Rebalance {
    /// What each symbol should weigh.
    #[allow(dead_code, reason = "only the signature is looked at")]
    targets: Targets,
}

/// The library, and a desk that places orders.
fn registry() -> Registry {
    let rebalance = |_: Trading, _: Rebalance| -> Result<bool, Fault> { Err(Fault::input("it only stands here")) };
    slices::library()
        .with(Slice::new("desk", "Places orders.").compute("rebalance", rebalance).with(|it| it.network = true))
}

#[test]
fn nearly_every_mutant_that_breaks_something_is_caught() {
    let registry = registry();
    let mut work: Vec<(String, Mutant)> = Vec::new();
    let mut before: BTreeMap<String, Found> = BTreeMap::new();
    for (name, text) in shipped() {
        before.insert(name.clone(), found(&registry, &name, &text));
        work.extend(make::all(&text).into_iter().map(|it| (name.clone(), it)));
    }
    let count = work.len();
    let tallies: Mutex<BTreeMap<&str, Tally>> = Mutex::default();
    let queue = Mutex::new(work);
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(1, Into::into) {
            scope.spawn(|| {
                loop {
                    let Some((name, mutant)) = queue.lock().unwrap().pop() else { return };
                    let now = found(&registry, &name, &mutant.text);
                    let base = mutant.base.as_ref().map(|it| found(&registry, &name, it));
                    let is_new = now.difference(base.as_ref().unwrap_or(&before[&name])).next().is_some();
                    let mut tallies = tallies.lock().unwrap();
                    let tally = tallies.entry(mutant.kind).or_default();
                    match (mutant.fate, is_new) {
                        (Fate::Broken, true) => tally.caught += 1,
                        (Fate::Broken, false) => tally.missed.push(format!("{name}: {}", mutant.what)),
                        (Fate::Legal, flagged) => {
                            tally.legal += 1;
                            tally.legal_flagged += usize::from(flagged);
                        }
                    }
                }
            });
        }
    });
    let tallies = tallies.into_inner().unwrap();
    println!(
        "{count} mutants\n{:12} {:>7} {:>7} {:>7}   {:>6} {:>8}",
        "kind", "broken", "caught", "share", "legal", "flagged"
    );
    let (mut broken, mut caught) = (0, 0);
    for (kind, it) in &tallies {
        let all = it.caught + it.missed.len();
        let share = 100.0 * it.caught as f64 / all.max(1) as f64;
        println!("{kind:12} {all:>7} {:>7} {share:>6.1}%   {:>6} {:>8}", it.caught, it.legal, it.legal_flagged);
        broken += all;
        caught += it.caught;
    }
    for it in tallies.values().flat_map(|it| &it.missed) {
        println!("missed: {it}");
    }
    println!("{caught} of {broken} are caught: {:.1}%", 100.0 * caught as f64 / broken as f64);
    assert!(count > 2_000, "{count} mutants");
    for (kind, it) in &tallies {
        let all = it.caught + it.missed.len();
        assert!(it.caught * 100 >= all * 95, "{kind}: {} of {all}, missed {:#?}", it.caught, it.missed);
    }
}

#[test]
fn nothing_that_means_the_same_is_flagged() {
    let registry = registry();
    let mut wrong = Vec::new();
    let mut count = 0;
    for (name, text) in shipped() {
        let before = found(&registry, &name, &text);
        for (what, name, text) in equal::all(&name, &text) {
            count += 1;
            let now = found(&registry, &name, &text);
            if now != before {
                wrong.push(format!("{name}, {what}: {now:#?}\n{text}"));
            }
        }
    }
    println!("{count} texts that mean the same");
    assert!(count > 100, "{count}");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
