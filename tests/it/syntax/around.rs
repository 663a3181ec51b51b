//! A file with mistakes is formatted around them.

use proptest::{prelude::*, sample::select};
use wf::{
    source::{Diagnostic, FileId, Source},
    syntax::{self, ast::Form},
};

use super::examples;

fn formatted(name: &str, text: &str) -> String {
    let source = Source::new(name, None, text);
    let parsed = syntax::parse(FileId(0), &source);
    syntax::format_around(&parsed, &source)
}

#[test]
fn in_wf_the_broken_statement_stays() {
    let text = "workflow  w{\n# why\nstep a=b c(  x:1 ) # here\nstep r = for x in xs{ let y = \"abc\n step b=c.d }\nlet z  =  1 ;\nlet v=2\n}\ntest \"t\"{ fail   a.b\nfail a b }\n";
    let wanted = "workflow w {\n  # why\n  step a=b c(  x:1 ) # here\n  step r = for x in xs {\n    let y = \"abc\n    step b = c.d\n  }\n  let z  =  1 ;\n  let v = 2\n}\n\ntest \"t\" {\n  fail a.b\n  fail a b\n}\n";
    assert_eq!(formatted("a.wf", text), wanted);
}

#[test]
fn in_yaml_the_broken_entry_stays() {
    let text = "w:\n  steps:\n  # why\n  - a: {slice: b,   metod: c} # here\n  - b: {slice: b,   method: c}\n  - c:\n      slice:   b\n\n  - d: { slice: b, method: c }\nv:\n    steps: [{a: 1]\nu:\n    outputs: {x:   1}\n";
    let wanted = "w:\n  steps:\n    # why\n    - a: {slice: b,   metod: c} # here\n    - b: {slice: b, method: c}\n    - c:\n        slice:   b\n\n    - d: {slice: b, method: c}\n\nv:\n    steps: [{a: 1]\n\nu:\n  outputs:\n    x: 1\n";
    assert_eq!(formatted("a.yaml", text), wanted);
}

#[test]
fn without_a_brace_all_stays() {
    let text = "workflow  w {\n step a  = b.c\nworkflow v {  }\n";
    assert_eq!(formatted("a.wf", text), text);
}

const BROKEN: &[&str] = &[
    "step q = b c(  x:1 )",
    "stp  q = 3",
    "let q = (1 +\n     2",
    "let q = \"abc",
    "step q  =  a.b( x : 1 && 2 )",
    "let q  = 10_000USD",
    "step q =  a.b\n        timeout",
    "}}",
    "limits {  x 5% }",
    "let y  =  = 3",
];

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_statement_put_into_an_example_stays(which in 0..6_usize, line in 0..60_usize, broken in select(BROKEN), yaml in any::<bool>()) {
        let (name, text) = examples::all()[which];
        let source = Source::new(name, None, text);
        let (name, text, broken) = if yaml {
            let yaml = syntax::write(&examples::read(text).file, &source, Form::Yaml);
            ("a.yaml", yaml, "    - q: {slice: x,   metod: y, timeout: 5s}")
        } else {
            (name, text.to_owned(), broken)
        };
        let mut lines: Vec<&str> = text.lines().collect();
        let starts = |it: &str| match yaml {
            true => it.starts_with("    - "),
            false => ["step ", "let ", "output ", "yield "].iter().any(|word| it.trim_start().starts_with(word)),
        };
        let places: Vec<usize> = (0..lines.len()).filter(|at| starts(lines[*at])).collect();
        prop_assume!(!places.is_empty());
        lines.insert(places[line % places.len()], broken);
        let text = lines.join("\n") + "\n";
        let read = |text: &str| syntax::parse(FileId(0), &Source::new(name, None, text));
        prop_assert!(read(&text).diagnostics.iter().any(Diagnostic::is_error), "{}", text);
        let out = formatted(name, &text);
        prop_assert!(out.contains(broken), "{}\n-----\n{}", text, out);
        prop_assert_eq!(out.matches('#').count(), text.matches('#').count(), "{}\n-----\n{}", text, out);
        prop_assert_eq!(formatted(name, &out), out.as_str(), "{}", text);
    }
}
