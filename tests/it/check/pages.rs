//! The page of every check: its shape, and that its examples are what they say.

use std::path::Path;

use super::desk::{bad_fixes, check_text};
use wf::source::{Code, Diagnostic, all_pages, render};

/// A block of a page.
struct Block {
    fails: bool,
    form: &'static str,
    /// The checks that find something only because of this mistake.
    also: Vec<Code>,
    line: usize,
    text: String,
}

fn blocks(code: Code) -> Vec<Block> {
    let (mut heading, mut open, mut found) = ("", None, Vec::new());
    for (at, line) in code.text().lines().enumerate() {
        match (&mut open, line.strip_prefix("```")) {
            (None, Some(kind)) => {
                let mut words = kind.split_whitespace();
                let form = words.next().unwrap_or_default();
                let also = words.filter_map(|it| it.strip_prefix("also=")).flat_map(|it| it.split(','));
                let also = also.map(|it| Code::parse(it).unwrap()).collect();
                open = Some(Block { fails: heading == "Fails", form, also, line: at + 1, text: String::new() });
            }
            (Some(_), Some(_)) => found.extend(open.take()),
            // The sign for a NUL byte stands for one.
            (Some(block), None) => block.text += &format!("{}\n", line.replace('␀', "\0")),
            (None, None) => heading = line.strip_prefix("## ").unwrap_or(heading),
        }
    }
    assert!(open.is_none(), "{code}: a block stays open");
    found
}

/// The examples import as the shipped workflows do.
fn path_of(block: &Block) -> &'static Path {
    Path::new(if block.form == "wf" { "workflows/simple_backtest.wf" } else { "workflows/simple_backtest.yaml" })
}

#[test]
fn every_page_has_its_shape() {
    let parts = ["Why it matters", "Fails", "Passes", "Mending it"];
    for code in Code::ALL.iter().copied() {
        let text = code.text();
        let headings: Vec<&str> = text.lines().filter_map(|it| it.strip_prefix("## ")).collect();
        assert!(headings == parts || headings == parts[..3], "{code}: {headings:?}");
        let first = text.split("\n\n").next().unwrap();
        assert!(first.len() > 30 && !first.starts_with('#'), "{code} does not say what it finds");
        assert!(text.ends_with('\n') && !text.ends_with("\n\n"), "{code}");
        let blocks = blocks(code);
        assert!(blocks.iter().any(|it| it.fails) && blocks.iter().any(|it| !it.fails), "{code} lacks an example");
        assert!(blocks.iter().all(|it| matches!(it.form, "wf" | "yaml")), "{code}");
        let prose = text.split("```").step_by(2).flat_map(str::lines);
        let long: Vec<&str> = prose.filter(|it| it.chars().count() > 80).collect();
        assert!(long.is_empty(), "{code}: over 80 columns: {long:?}");
    }
    assert_eq!(std::fs::read_dir("docs/checks").unwrap().count(), Code::ALL.len());
}

#[test]
fn every_example_is_what_it_says() {
    let mut wrong = Vec::new();
    for code in Code::ALL.iter().copied() {
        for block in blocks(code) {
            let said = check_text(code, path_of(&block), &block.text);
            let other = |it: &&Diagnostic| it.is_error() && it.code != code && !block.also.contains(&it.code);
            let others = said.findings.iter().any(|it| other(&it));
            if said.has(code) != block.fails || others {
                let what = if said.has(code) { "finds" } else { "does not find" };
                let all = render(&said.sources, &said.findings, false);
                wrong.push(format!("docs/checks/{}.md:{} {what} it\n{all}", code.short(), block.line));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_fix_of_an_example_mends_it() {
    let blocks = Code::ALL.iter().flat_map(|code| blocks(*code).into_iter().map(|it| (*code, it)));
    let wrong: Vec<_> = blocks.flat_map(|(code, it)| bad_fixes(code, path_of(&it), &it.text)).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_page_of_all_checks_is_current() {
    let there = std::fs::read_to_string("docs/checks.md").unwrap_or_default();
    assert!(there == all_pages(), "docs/checks.md is not current: run `cargo run -- explain --write docs/checks.md`");
}
