//! Every text that once broke a law of the fuzz targets, held against all of them again.

use std::{
    path::Path,
    time::{Duration, Instant},
};

use wf::syntax::{ast::Form, literal, words};

#[path = "../../fuzz/src/laws.rs"]
mod laws;

/// What a text of a few kilobytes may take on a slow machine that does other things, without optimization.
const BOUND: Duration = Duration::from_secs(20);

fn hold(form: Form, text: &str) {
    let begun = Instant::now();
    laws::read(form, text);
    laws::format(form, text);
    laws::check(form, text);
    laws::expression(text);
    assert!(begun.elapsed() < BOUND, "it took {:?}", begun.elapsed());
}

/// Holds the laws for each text of a folder, and says which of them break one.
fn hold_all(folder: &str) -> usize {
    let mut paths: Vec<_> = std::fs::read_dir(folder).unwrap().map(|it| it.unwrap().path()).collect();
    paths.sort();
    let (mut count, mut broken) = (0, Vec::new());
    for path in paths {
        let form = match path.extension().and_then(|it| it.to_str()) {
            Some("wf") => Form::Wf,
            Some("yaml") => Form::Yaml,
            _ => continue,
        };
        let Ok(text) = std::fs::read_to_string(&path) else { continue };
        count += 1;
        if std::panic::catch_unwind(|| hold(form, &text)).is_err() {
            broken.push(path);
        }
    }
    assert!(broken.is_empty(), "these break a law: {broken:#?}");
    count
}

#[test]
fn what_was_found_is_mended() {
    assert!(hold_all("tests/fuzz") > 0);
}

#[test]
fn what_is_shipped_keeps_the_laws() {
    let counts =
        ["workflows", "workflows/strategies", "workflows/tests", "tests/check", "tests/syntax/files"].map(hold_all);
    assert!(counts.iter().all(|it| *it > 0), "{counts:?}");
}

/// The dictionary of the fuzz targets. With `UPDATE=1` it is written anew.
#[test]
fn the_dictionary_has_every_word() {
    let marks = [
        "=>",
        "==",
        "!=",
        "<=",
        ">=",
        "..",
        "->",
        "&&",
        "||",
        "\\\"",
        "`",
        "'",
        "#",
        "##",
        "# wf: allow(WF-",
        "\\x0a",
        "\\x0a\\x0a",
        "\\x0d\\x0a",
        "\\xef\\xbb\\xbf",
    ];
    let yaml = [
        "$",
        "$$",
        "- ",
        "    - ",
        "steps:",
        "slice:",
        "method:",
        "with:",
        "params:",
        "outputs:",
        "strategies:",
        "tests:",
        "types:",
        "rules:",
        "cases:",
        "is:",
        "value:",
        "- let:",
        "{",
        "}",
        "&a ",
        "*a",
        "|\\x0a",
        "---\\x0a",
        "!!str ",
    ];
    let values = [
        "1_000 USD",
        "2%",
        "5bps",
        "30s",
        "1d",
        "24mo",
        "2020-01-01",
        "2020-01-01..2021-01-01",
        "09:30",
        "2020-01-01T09:30Z",
        "500 bars",
        "100 shares",
        "2x",
        "3R",
        "none",
    ];
    let words = [
        words::RESERVED,
        words::ITEMS,
        words::STATEMENTS,
        words::TEST_STATEMENTS,
        words::CLAUSES,
        literal::UNITS,
        &marks,
        &yaml,
        &values,
    ];
    let mut all: Vec<&str> = words.into_iter().flatten().copied().collect();
    let library = wf::slices::library();
    all.extend(library.slices());
    all.sort_unstable();
    all.dedup();
    let text: String = all.iter().map(|it| format!("\"{it}\"\n")).collect();
    let path = Path::new("fuzz/wf.dict");
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(path, &text).unwrap();
    }
    assert_eq!(std::fs::read_to_string(path).unwrap_or_default(), text);
}
