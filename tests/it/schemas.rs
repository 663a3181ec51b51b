//! The JSON Schemas, held against files that are read and against what the program prints.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test may fail loudly")]

use std::{
    path::{Path, PathBuf},
    process::Command,
};

use serde_json::Value as Json;
use wf::{
    cli::{args::SchemaKind, schemas},
    slices,
    source::{FileId, Source},
    syntax::{self, ast::Form},
};

/// Returns what is wrong with a document, one line each.
pub fn faults(schema: &Json, document: &Json) -> Vec<String> {
    let validator = jsonschema::draft202012::new(schema).expect("the schema is one");
    validator.iter_errors(document).map(|it| format!("{}: {it}", it.instance_path())).collect()
}

/// Returns what a YAML text says.
pub fn yaml(text: &str) -> Json {
    serde_yaml::from_str(text).unwrap_or_else(|error| panic!("{error}\n{text}"))
}

/// Returns every file of the folders whose name ends so.
fn files(folders: &[&str], ending: &str) -> Vec<PathBuf> {
    let mut left: Vec<PathBuf> = folders.iter().map(PathBuf::from).collect();
    let mut found = Vec::new();
    while let Some(path) = left.pop() {
        if path.is_dir() {
            left.extend(std::fs::read_dir(path).unwrap().map(|it| it.unwrap().path()));
        } else if path.extension().is_some_and(|it| it == ending) {
            found.push(path);
        }
    }
    found.sort();
    found
}

fn converted(path: &Path) -> String {
    let text = std::fs::read_to_string(path).unwrap();
    let source = Source::new(path.to_str().unwrap(), None, text);
    let parsed = syntax::parse(FileId::default(), &source);
    syntax::write(&parsed.file, &source, Form::Yaml)
}

#[test]
fn what_the_yaml_form_can_say_is_accepted() {
    let schema = syntax::yaml::schema();
    let six_lines = std::fs::read_to_string("workflows/simple_backtest.yaml").unwrap();
    assert_eq!(faults(&schema, &yaml(&six_lines)), [""; 0]);
    let files = files(&["workflows", "tests/syntax/files"], "wf");
    assert!(files.len() > 10, "{files:?}");
    for path in files {
        let text = converted(&path);
        assert_eq!(faults(&schema, &yaml(&text)), [""; 0], "{}\n{text}", path.display());
    }
}

#[test]
fn what_it_cannot_say_is_refused() {
    let schema = syntax::yaml::schema();
    let wrong = [
        "w: {steps: [{fetch: {slice: data, metod: get_historical}}]}",
        "w: {steps: [{fetch: {slice: data}}]}",
        "w: {step: []}",
        "w: {steps: [{a: {for: x, steps: [], yield: 1}}]}",
        "w: {steps: [{a: {run: f, retry: {tries: 3}}}]}",
        "w: {steps: [{a: {run: f}, b: {run: f}}]}",
        "w: {steps: [{enter: long, when: $x}]}",
        "w: {params: {p: {in: 1..2}}}",
        "strategies: {s: {rules: [{enter: up, when: $x}]}}",
        "strategies: {s: {rules: [{fetch: {slice: data, method: get_historical}}]}}",
        "tests: {t: [{mock: {}}]}",
        "use: [{names: [a]}]",
    ];
    for text in wrong {
        assert!(!faults(&schema, &yaml(text)).is_empty(), "{text}");
    }
}

#[test]
fn the_folder_holds_what_the_program_would_write() {
    let files = schemas::files(&slices::library());
    for (name, text) in &files {
        let there = std::fs::read_to_string(Path::new("schemas").join(name)).unwrap_or_default();
        assert!(there == *text, "schemas/{name} is not current: run `cargo run -- schema --write schemas`");
    }
    assert_eq!(std::fs::read_dir("schemas").unwrap().count(), files.len());
}

fn printed(args: &[&str]) -> Json {
    let output = Command::new(env!("CARGO_BIN_EXE_wf")).args(args).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{args:?}: {error}\n{text}"))
}

#[test]
fn what_the_program_prints_is_as_its_schema_says() {
    let broken = std::env::temp_dir().join(format!("wf-schemas-{}.wf", std::process::id()));
    std::fs::write(&broken, "workflow w {\n  step a = data.get_historicl()\n}\n").unwrap();
    let broken_path = broken.to_str().unwrap();
    let cases: [(&[&str], SchemaKind); 7] = [
        (&["check", "workflows", "--format", "json"], SchemaKind::Check),
        (&["check", broken_path, "--format", "json"], SchemaKind::Check),
        (&["test", "workflows/tests/strategies.wf", "--format", "json"], SchemaKind::Test),
        (&["test", broken_path, "--format", "json"], SchemaKind::Test),
        (&["slices", "--format", "json"], SchemaKind::Catalogue),
        (&["run", "workflows/simple_backtest.yaml", "--symbols", "AAPL", "--format", "json"], SchemaKind::Result),
        (&["run", "workflows/simple_backtest.yaml", "--symbols", "NONE", "--format", "json"], SchemaKind::Result),
    ];
    for (args, kind) in cases {
        let document = printed(args);
        assert_eq!(faults(&schemas::of(kind), &document), [""; 0], "{args:?}\n{document:#}");
    }
    let found = printed(&["check", broken_path, "--format", "json"]);
    assert_eq!(found["errors"], 1);
    std::fs::remove_file(broken).unwrap();
}
