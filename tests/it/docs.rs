//! What the manuals show is what the program takes.

use std::{collections::BTreeSet, path::Path};

use super::schemas;
use wf::{
    check::{Options, check},
    cli::{args::SchemaKind, schemas::of},
    expr::Context,
    slices,
    source::{Severity, Source, Sources, render},
};

/// Returns the blocks of a page behind these words: the line on which each starts, and its text.
fn blocks(page: &str, word: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    let mut open: Option<(usize, bool, String)> = None;
    for (at, line) in page.lines().enumerate() {
        match (line.strip_prefix("```"), &mut open) {
            (Some(kind), None) => open = Some((at + 1, kind == word, String::new())),
            (Some(_), Some(_)) => found.extend(open.take().filter(|it| it.1).map(|it| (it.0, it.2))),
            (None, Some(block)) => {
                block.2.push_str(line);
                block.2.push('\n');
            }
            (None, None) => {}
        }
    }
    assert!(open.is_none(), "a block stays open");
    found
}

/// Returns the pages for those who use the program, save that of the checks, whose examples are tested beside them.
fn pages() -> Vec<String> {
    let docs = std::fs::read_dir("docs").unwrap().map(|it| it.unwrap().path());
    let pages = docs.filter(|it| it.extension().is_some_and(|it| it == "md") && !it.ends_with("checks.md"));
    let mut pages: Vec<String> = pages.map(|it| it.to_str().unwrap().to_owned()).collect();
    pages.push("README.md".into());
    pages.sort();
    pages
}

#[test]
fn every_example_passes_the_checker() {
    let registry = slices::library();
    // As a `wf.yaml` gives them, which every project has.
    let options = Options { given: vec![Context::Costs], ..Options::default() };
    let mut wrong = Vec::new();
    let mut count = 0;
    for page in pages() {
        let text = std::fs::read_to_string(&page).unwrap();
        for form in ["wf", "yaml"] {
            for (line, block) in blocks(&text, form) {
                let name = format!("{page}:{line}.{form}");
                let mut sources = Sources::default();
                if block.starts_with("context:") {
                    let faults = schemas::faults(&of(SchemaKind::Config), &schemas::yaml(&block));
                    assert_eq!(faults, [""; 0], "{name}");
                    continue;
                }
                // The examples import as the shipped workflows do.
                let path = Path::new("workflows/simple_backtest").with_extension(form);
                let id = sources.add(Source::new(name, Some(path), block));
                let found = check(&mut sources, id, &registry, &options).diagnostics;
                count += 1;
                if found.iter().any(|it| it.code.severity() != Severity::Hint) {
                    wrong.push(render(&sources, &found, false));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(count > 10, "{count} examples");
}

/// A fragment is no whole file, yet its statements are those of the language: inside a workflow it reads without a
/// mistake, and what stands at the top of files reads by itself.
#[test]
fn every_fragment_reads() {
    for page in pages() {
        for (line, block) in blocks(&std::fs::read_to_string(&page).unwrap(), "wf,fragment") {
            let is_top = block.starts_with("use ") || block.starts_with("test ");
            let text = if is_top { block } else { format!("workflow w {{\n{block}}}\n") };
            let mut sources = Sources::default();
            let id = sources.add(Source::new(format!("{page}:{line}.wf"), None, text));
            let found = wf::syntax::parse(id, sources.get(id).unwrap()).diagnostics;
            assert!(found.is_empty(), "{}", render(&sources, &found, false));
        }
    }
}

#[test]
fn the_manual_of_the_metrics_is_current() {
    let there = std::fs::read_to_string("docs/metrics.md").unwrap_or_default();
    let mend = "run `cargo run -- explain metrics --write docs/metrics.md`";
    assert!(there == wf::market::measures_page(), "docs/metrics.md is not current: {mend}");
}

/// Every setting, builtin and piece of context that there is has its word in the reference.
#[test]
fn the_reference_is_complete() {
    let page = std::fs::read_to_string("docs/language.md").unwrap();
    let words: BTreeSet<&str> = page.split(|it: char| !it.is_alphanumeric() && it != '_').collect();
    let limits = wf::value::fields_of::<wf::market::Limits>().unwrap();
    let mut wanted: Vec<String> = limits.iter().map(|it| it.name.to_string()).collect();
    wanted.extend(wf::expr::Context::ALL.iter().map(|it| it.name().to_owned()));
    wanted.extend(wf::expr::BUILTINS.iter().map(|it| it.name.to_owned()));
    for list in [wf::syntax::words::CLAUSES, wf::syntax::words::STATEMENTS, wf::syntax::words::TEST_STATEMENTS] {
        wanted.extend(list.iter().map(|it| (*it).to_owned()));
    }
    let missing: Vec<_> = wanted.iter().filter(|it| !words.contains(it.as_str())).collect();
    assert!(missing.is_empty(), "{missing:?}");
}
