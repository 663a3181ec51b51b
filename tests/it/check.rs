//! What the checker says: every file of `tests/check` beside what is said of it, what it wires, and that it never panics.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may fail loudly"
)]

mod allow;
mod catalogue;
mod corpus;
mod desk;
mod pages;

use std::path::Path;

use wf::{
    check::{Checked, Filled, Options, Work, check, wiring},
    expr::Context,
    slice::Registry,
    source::{Code, FileId, Source, Sources, render},
    value::{Percent, Value},
};

fn checked(registry: &Registry, name: &str, text: &str, options: &Options) -> (Sources, Checked) {
    let mut sources = Sources::default();
    let path = Path::new("tests/check").join(name);
    let id: FileId = sources.add(Source::new(name, Some(path), text));
    let found = check(&mut sources, id, registry, options);
    (sources, found)
}

fn options() -> Options {
    let house = Value::Percent(Percent("0.4".parse().unwrap()));
    Options { house_limits: vec![("max_position".into(), house)], ..Options::default() }
}

fn said(registry: &Registry, name: &str, text: &str) -> String {
    let (sources, found) = checked(registry, name, text, &options());
    render(&sources, &found.diagnostics, false)
}

/// With `UPDATE=1` the expected texts are written anew; read them before you keep them.
#[test]
fn every_file_is_answered_as_written_beside_it() {
    let registry = catalogue::registry();
    let update = std::env::var_os("UPDATE").is_some();
    let mut wrong = Vec::new();
    let mut names: Vec<_> = std::fs::read_dir("tests/check").unwrap().map(|it| it.unwrap().path()).collect();
    names.sort();
    for path in names.iter().filter(|it| it.extension().is_some_and(|it| it == "wf" || it == "yaml")) {
        let name = path.file_name().unwrap().to_str().unwrap();
        let said = said(&registry, name, &std::fs::read_to_string(path).unwrap());
        let beside = path.with_file_name(format!("{name}.txt"));
        if update {
            std::fs::write(&beside, &said).unwrap();
        }
        let expected = std::fs::read_to_string(&beside).unwrap_or_default();
        if said != expected {
            wrong.push(format!("== {name}\n-- expected\n{expected}\n-- said\n{said}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_catalogue_is_sound() {
    catalogue::registry().validate().map_err(|it| it.to_string()).unwrap();
}

const SIMPLE: &str = include_str!("../check/simple_backtest.wf");

fn filled(found: &Checked, step: &str, input: &str) -> Filled {
    let workflow = found.workflow(None, None).unwrap();
    let Work::For(it) = &workflow.body().nodes[0].work else { panic!("the first step is a for") };
    let node = it.body.nodes.iter().find(|it| &*it.name == step).unwrap();
    let Work::Call(call) = &node.work else { panic!("{step} calls a method") };
    call.inputs.iter().find(|it| &*it.name == input).unwrap().filled.clone()
}

#[test]
fn the_shipped_backtest_wires_itself() {
    let (_, found) = checked(&catalogue::registry(), "simple_backtest.wf", SIMPLE, &options());
    let by_type = |name: &str| Filled::Type(name.into());
    let by_name = |name: &str| Filled::Name(name.into());
    for (step, input, expected) in [
        ("fetch_data", "symbol", by_name("symbol")),
        ("analyze", "bars", by_type("fetch_data")),
        ("detect_regime", "bars", by_type("fetch_data")),
        ("select_strategy", "bars", by_type("fetch_data")),
        ("select_strategy", "regime", by_type("detect_regime")),
        ("select_strategy", "patterns", by_type("analyze")),
        ("size_position", "choice", by_type("select_strategy")),
        ("size_position", "regime", by_type("detect_regime")),
        ("size_position", "capital", by_name("capital")),
        ("run_backtest", "strategy", by_type("select_strategy")),
        ("run_backtest", "sizing", by_type("size_position")),
        ("run_backtest", "bars", by_type("fetch_data")),
    ] {
        assert_eq!(filled(&found, step, input), expected, "{step}.{input}");
    }
}

#[test]
fn the_wiring_is_printed() {
    let (_, found) = checked(&catalogue::registry(), "simple_backtest.wf", SIMPLE, &options());
    let text = wiring(&found.workflow(None, None).unwrap());
    assert!(text.contains("results[].size_position = position_sizing.calculate"), "{text}");
    assert!(text.contains("capital  <- capital"), "{text}");
    assert!(text.contains("(only value of its type)"), "{text}");
    assert!(text.contains("(optional, nothing fits)"), "{text}");
}

#[test]
fn costs_from_the_context_are_no_warning() {
    let options = Options { given: vec![Context::Costs], ..options() };
    let (sources, found) = checked(&catalogue::registry(), "simple_backtest.wf", SIMPLE, &options);
    assert!(found.diagnostics.is_empty(), "{}", render(&sources, &found.diagnostics, false));
    assert_eq!(filled(&found, "run_backtest", "costs"), Filled::Context(Context::Costs));
}

#[test]
fn layout_and_comments_do_not_change_the_meaning() {
    let registry = catalogue::registry();
    let meaning = |text: &str| {
        let (_, found) = checked(&registry, "simple_backtest.wf", text, &options());
        found.workflow(None, None).unwrap().meaning().to_owned()
    };
    let spaced = SIMPLE.replace("\n", "\n\n").replace("# no patterns: go on without, degraded", "# else");
    assert_eq!(meaning(SIMPLE), meaning(&spaced));
    assert_ne!(meaning(SIMPLE), meaning(&SIMPLE.replace("parallel 4", "parallel 5")));
}

#[test]
fn which_workflow_is_meant() {
    let registry = catalogue::registry();
    let text = "workflow a { step x = market_regime.neutral }\nworkflow b {\n modes backtest, paper\n step x = market_regime.neutral\n}\n";
    let (_, found) = checked(&registry, "b.wf", text, &options());
    assert_eq!(&**found.workflow(None, None).unwrap().name(), "b");
    assert_eq!(&**found.workflow(Some("b"), Some("paper")).unwrap().mode(), "paper");
    let refused = found.workflow(Some("b"), Some("live")).unwrap_err();
    assert_eq!(refused.message, "`b` does not run in mode live");
    assert_eq!(refused.help.as_deref(), Some("its modes: backtest, paper"));
    assert_eq!(found.workflow(Some("bb"), None).unwrap_err().message, "the file has no workflow `bb`");
    let (_, found) = checked(&registry, "c.wf", text, &options());
    assert_eq!(&**found.workflow(None, None).unwrap().name(), "a");
}

#[test]
fn one_called_from_elsewhere_has_the_modes_of_its_callers() {
    let text = std::fs::read_to_string("tests/check/called_modes.wf").unwrap();
    let (_, found) = checked(&catalogue::registry(), "called_modes.wf", &text, &options());
    assert!(!found.has_errors());
    let refused = found.workflow(Some("act"), None).unwrap_err();
    assert!(refused.diagnostics.iter().any(|it| it.code == Code::T012), "{refused:?}");
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig { cases: 200, ..Default::default() })]

    /// Whatever is cut out of a file, doubled or swapped in it, the checker answers.
    #[test]
    fn a_changed_file_never_panics(file in 0_usize..64, at in 0.0..1.0_f64, length in 0_usize..60, word in 0_usize..8) {
        let mut names: Vec<_> = std::fs::read_dir("tests/check").unwrap().map(|it| it.unwrap().path()).collect();
        names.retain(|it| it.extension().is_some_and(|it| it == "wf" || it == "yaml"));
        names.sort();
        let path = &names[file % names.len()];
        let text: Vec<char> = std::fs::read_to_string(path).unwrap().chars().collect();
        let from = ((text.len() as f64) * at) as usize;
        let to = (from + length).min(text.len());
        let words = ["", "{", "}", " step x = ", " for y in z { ", "else none", "mode", "\"live\" => "];
        let changed: String = text[..from].iter().chain(words[word].chars().collect::<Vec<_>>().iter()).chain(&text[to..]).collect();
        let name = path.file_name().unwrap().to_str().unwrap();
        said(REGISTRY.with(|it| *it), name, &changed);
    }
}

thread_local! {
    static REGISTRY: &'static Registry = Box::leak(Box::new(catalogue::registry()));
}

/// What `wf fmt --explicit` writes says the same: every wired input becomes the argument that it was.
#[test]
fn what_is_wired_may_be_written_out() {
    use wf::syntax::{self, ast::Form};
    for (name, text) in [
        ("simple_backtest.wf", include_str!("../../workflows/simple_backtest.wf")),
        ("simple_backtest.yaml", include_str!("../../workflows/simple_backtest.yaml")),
    ] {
        let registry = wf::slices::library();
        let meaning = |text: &str| {
            let mut sources = Sources::default();
            let root = sources.add(Source::new(name, None, text));
            let checked = check(&mut sources, root, &registry, &Options::default());
            checked.workflow(None, None).unwrap()
        };
        let before = meaning(text);
        let source = Source::new(name, None, text);
        let mut file = syntax::parse(FileId::default(), &source).file;
        wf::check::make_explicit(&mut file, std::slice::from_ref(&before));
        let form: Form = file.form;
        let written = syntax::write(&file, &source, form);
        assert!(written.contains("detect_regime"), "{written}");
        assert_eq!(meaning(&written).meaning(), before.meaning(), "{written}");
    }
}
