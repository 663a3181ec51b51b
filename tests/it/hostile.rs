//! Texts that nobody writes by hand are answered in time with their length, in little memory, on a small stack.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may fail loudly")]

use std::time::{Duration, Instant};

use wf::{
    check::{Options, check},
    slices,
    source::{FileId, Source, Sources, github, render, report_json},
    syntax::{self, ast::Form},
};

/// The largest file that is read.
const LARGEST: usize = 8 * 1024 * 1024;

/// What a test may take on a slow machine that does other things, without optimization: ten times what it takes.
const BOUND: Duration = Duration::from_secs(60);

/// Checks a text and shows what was found in all ways, on a stack of 2 MB; returns how many findings there are.
fn answer(name: &str, text: String) -> usize {
    let name = name.to_owned();
    let work = move || {
        let begun = Instant::now();
        let mut sources = Sources::default();
        let start: String = text.chars().take(40).collect();
        let id = sources.add(Source::new(name, None, text));
        let found = check(&mut sources, id, &slices::library(), &Options::default()).diagnostics;
        assert!(render(&sources, &found, false).len() < 1_000_000, "{start:?}");
        assert!(report_json(&sources, 1, &found)["diagnostics"].as_array().unwrap().len() <= 100, "{start:?}");
        github(&sources, &found);
        let took = begun.elapsed();
        assert!(took < BOUND, "{start:?} took {took:?}");
        found.len()
    };
    on_a_small_stack(work)
}

fn on_a_small_stack<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    std::thread::Builder::new().stack_size(2 * 1024 * 1024).spawn(work).unwrap().join().unwrap()
}

fn many(statement: impl Fn(usize) -> String) -> String {
    (0..10_000).map(statement).collect()
}

#[test]
fn ten_thousand_mistakes_of_the_text() {
    let statements: [fn(usize) -> String; 8] = [
        |at| format!("  step a{at} = b c(x: 1)\n"),
        |at| format!("  stp a{at} = data.get(x: 1)\n"),
        |at| format!("  let a{at} = \"abc\n"),
        |at| format!("  let a{at} = (1 + 2\n"),
        |at| format!("  let a{at} = 1)\n"),
        |at| format!("  let a{at} = 1 && 2 // x\n"),
        |_| "  step a = b c(x: 1)\n".to_owned(),
        |_| "  step a = b.c() retry\n".to_owned(),
    ];
    for statement in statements {
        let found = answer("w.wf", format!("workflow w {{\n{}}}\n", many(statement)));
        assert!((1_000..=2_002).contains(&found), "{:?}: {found}", statement(1));
    }
    let arms = many(|at| format!("    \"a{at}\" = = 1\n"));
    assert!(answer("w.wf", format!("workflow w {{\n  step m = match mode {{\n{arms}  }}\n}}\n")) >= 1_000);
    assert!(answer("w.wf", many(|at| format!("step a{at} = 1\n"))) >= 1_000);
}

#[test]
fn ten_thousand_mistakes_of_the_names() {
    let statements: [fn(usize) -> String; 4] = [
        |at| format!("  let a{at} = nope{at} + 1\n"),
        |at| format!("  step a{at} = dta.get_historicl(symbl: x{at})\n"),
        |at| format!("  step a{at} = data.get_historical(symbol: a{})\n", at + 1),
        |at| format!("  let a{at} = 3 USD + 5%\n"),
    ];
    for statement in statements {
        let found = answer("w.wf", format!("workflow w {{\n{}}}\n", many(statement)));
        assert!(found >= 10_000, "{:?}: {found}", statement(1));
    }
    let yaml = many(|at| format!("    - a{at}: {{slice: dta, method: get}}\n"));
    assert!(answer("w.yaml", format!("w:\n  steps:\n{yaml}")) >= 10_000);
}

#[test]
fn one_mistake_before_many_comments() {
    let comments = "  # a comment\n".repeat(10_000);
    assert_eq!(answer("w.wf", format!("workflow w {{\n  step a = b c(x: 1)\n{comments}}}\n")), 1);
}

#[test]
fn the_largest_files() {
    for part in [
        "\"\n",
        "(",
        ")",
        "{",
        "step ",
        "#",
        "#\n",
        "x",
        "x ",
        "\"",
        "`",
        "<",
        "A<",
        "1+",
        "&&",
        "//",
        "\u{430}a ",
        "let a=1\n",
        "workflow a {\n",
        "workflow a { output b = 1 }\n",
        "step a = b c(x: 1)\n",
        " ",
        "\n",
    ] {
        let found = answer("w.wf", part.repeat(LARGEST / part.len()));
        assert!(found <= 1_002, "{part:?}: {found}");
    }
    for part in [
        "- a\n",
        "[",
        "{a: ",
        "&a [*a]\n",
        "&a [",
        "\"",
        "'\n",
        "{\n",
        "#",
        "#\n",
        "a: b\n",
        "- ",
        "*a ",
        "---\n",
        "? ",
        "a: &a {b: c}\n",
        "[],",
        "|\n",
        "\t",
        ":",
        "a: {steps: []}\n",
    ] {
        let found = answer("w.yaml", part.repeat(LARGEST / part.len()));
        assert!(found <= 1_002, "{part:?}: {found}");
    }
    let long = format!("workflow w {{\n  let a = [{}1]\n}}\n", "1, ".repeat(LARGEST / 3 - 100));
    assert_eq!(answer("w.wf", long), 1);
}

#[test]
fn aliases_that_stand_for_billions() {
    let mut text = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n".to_owned();
    for at in 1..12 {
        text += &format!("a{at}: &a{at} [{}]\n", vec![format!("*a{}", at - 1); 9].join(", "));
    }
    assert!(answer("w.yaml", text) < 100);
}

/// Checks, formats and converts a workflow without mistakes in its text, on a stack of 2 MB.
fn through_everything(text: String) {
    assert_eq!(answer("w.wf", text.clone()), 0);
    on_a_small_stack(move || {
        let source = Source::new("w.wf", None, text);
        let parsed = syntax::parse(FileId(0), &source);
        assert_eq!(parsed.diagnostics, []);
        assert!(syntax::write(&parsed.file, &source, Form::Wf).contains("output"));
        let yaml = syntax::write(&parsed.file, &source, Form::Yaml);
        let back = syntax::parse(FileId(0), &Source::new("w.yaml", None, yaml));
        assert_eq!(back.diagnostics, []);
    });
}

#[test]
fn the_largest_expressions() {
    through_everything(format!("workflow w {{\n  param n: Int = 1\n  output x = n{}\n}}\n", " + n".repeat(999)));
    let (open, close) = ("(".repeat(60), ")".repeat(60));
    through_everything(format!("workflow w {{\n  param n: Int = 1\n  output x = {open}n + 1{close}\n}}\n"));
    let lists = (open.replace('(', "["), close.replace(')', "]"));
    through_everything(format!("workflow w {{\n  param n: Int = 1\n  output x = {}n{}\n}}\n", lists.0, lists.1));
    through_everything(format!("workflow w {{\n  param n: Int = 1\n  output x = [{}n]\n}}\n", "n, ".repeat(9_999)));
}
