//! A mend that is offered mends: applied, its mistake is gone, and no other has come.

use wf::{
    source::{Diagnostic, FileId, Source},
    syntax,
};

fn told(name: &str, text: &str) -> Vec<Diagnostic> {
    syntax::parse(FileId(0), &Source::new(name, None, text)).diagnostics
}

/// Applies the first mend that has edits, one after the other, until the text is right or `steps` are done.
fn mended(name: &str, text: &str) -> (String, usize) {
    let mut text = text.to_owned();
    let mut steps = 0;
    loop {
        let found = told(name, &text);
        let Some(fix) = found.iter().find_map(|it| it.fixes.iter().find(|it| !it.edits.is_empty())) else {
            assert!(found.is_empty(), "no mend for {found:#?} in:\n{text}");
            return (text, steps);
        };
        let before = found.len();
        let mut edits = fix.edits.clone();
        edits.sort_by_key(|it| std::cmp::Reverse(it.span.start));
        for edit in edits {
            text.replace_range(edit.span.range(), &edit.text);
        }
        assert!(told(name, &text).len() < before, "{fix:?} does not mend, it gives:\n{text}");
        steps += 1;
    }
}

#[test]
fn in_wf_make_the_mistake_go_away() {
    let statements = [
        // S001
        ("stp x = a.b", "step x = a.b"),
        ("x = a.b()", "step x = a.b()"),
        ("step x = a.b(p: 1 q: 2)", "step x = a.b(p: 1, q: 2)"),
        ("let x = \"a\\d\"", "let x = \"a\\\\d\""),
        // S002
        ("step x = a.b(p: [1, 2)", "step x = a.b(p: [1, 2])"),
        ("step x = a.b(p: 1", "step x = a.b(p: 1)"),
        ("step x = a.b(p: 1))", "step x = a.b(p: 1)"),
        // S003
        ("let x = \"AAPL", "let x = \"AAPL\""),
        ("step x = a.b(p: \"AAPL)", "step x = a.b(p: \"AAPL\")"),
        ("let `x = 3", "let `x` = 3"),
        // S004
        ("let x = 10_000USD", "let x = 10_000 USD"),
        ("let x = 30 s", "let x = 30s"),
        ("let x = 100 usd", "let x = 100 USD"),
        ("let x = a.b(c: 5 %)", "let x = a.b(c: 5%)"),
        // S006
        ("let x = a && b || !c", "let x = a and b or not c"),
        ("let x = a <> b", "let x = a != b"),
        ("step x = a.b\n    when c = 3", "step x = a.b\n    when c == 3"),
        ("step x = match m {\n    \"a\" -> 1\n  }", "step x = match m {\n    \"a\" => 1\n  }"),
        ("step x = a.b(c = 1)", "step x = a.b(c: 1)"),
        ("let x = 'text'", "let x = \"text\""),
        ("let x = “text”", "let x = \"text\""),
        ("let x = a − 1", "let x = a - 1"),
        ("let x = 1;", "let x = 1"),
        ("let x = 1 // why", "let x = 1 # why"),
        // S008
        ("step x = a.b\n    timeout 5s\n    timeout 6s", "step x = a.b\n    timeout 5s\n    "),
        // S009
        ("let x =\u{A0}1", "let x = 1"),
        ("let x = \"a\u{200B}b\"", "let x = \"ab\""),
        // N009, T006, T015
        ("step match = a.b", "step `match` = a.b"),
        ("let x = 30sec", "let x = 30s"),
        ("let x = 2020-01-02..2019-01-01", "let x = 2019-01-01..2020-01-02"),
    ];
    for (broken, right) in statements {
        let inside = |it: &str| format!("workflow w {{\n  {it}\n  step z = y.z\n}}\n");
        assert_eq!(mended("a.wf", &inside(broken)).0, inside(right));
    }
    assert_eq!(mended("a.wf", "wrkflow w {\n}\n").0, "workflow w {\n}\n");
    assert_eq!(mended("a.wf", "workflow w {\n  step a = b.c\n").0, "workflow w {\n  step a = b.c\n}\n");
    assert_eq!(mended("a.wf", "use \"x.wf\" }\n").0, "use \"x.wf\" \n");
}

#[test]
fn in_yaml_make_the_mistake_go_away() {
    let steps = [
        // S002: what follows deeper belongs inside
        ("- a: {slice: b, method: c", "- a: {slice: b, method: c}"),
        ("- a: {slice: b, method: c\n      timeout: 5s", "- a: {slice: b, method: c,\n      timeout: 5s}"),
        (
            "- a: {slice: b,\n        method: c # why\n        timeout: 5s",
            "- a: {slice: b,\n        method: c, # why\n        timeout: 5s}",
        ),
        ("- a: {slice: b, method: c}}", "- a: {slice: b, method: c}"),
        // S003
        ("- a: {slice: b, method: \"c}", "- a: {slice: b, method: \"c\"}"),
        // S001, S004, S007, S008
        ("- a: b.c", "- a: $b.c"),
        ("- a: {slice: b, method: c, when: x > 3}", "- a: {slice: b, method: c, when: $x > 3}"),
        ("- a: {slice: b, method: c, with: {x: 10_000USD}}", "- a: {slice: b, method: c, with: {x: 10_000 USD}}"),
        ("- a: {slice: b, metod: c}", "- a: {slice: b, method: c}"),
        ("- output: {slice: b, method: c}", "- '`output`': {slice: b, method: c}"),
    ];
    for (broken, right) in steps {
        let inside = |it: &str| format!("w:\n  steps:\n    {it}\n    - z: {{slice: y, method: z}}\n");
        assert!(!told("a.yaml", &inside(broken)).is_empty(), "nothing is wrong with:\n{broken}");
        assert_eq!(mended("a.yaml", &inside(broken)).0, inside(right));
    }
}

#[test]
fn and_safe_ones_are_marked() {
    for (name, text) in [
        ("a.wf", "workflow w {\n  let x = 10_000USD\n}\n"),
        ("a.wf", "workflow w {\n  let x = 30 s\n}\n"),
        ("a.yaml", "w:\n  outputs: {x: 10_000USD}\n"),
    ] {
        let found = told(name, text);
        assert!(found.iter().all(|it| it.code.as_str() == "WF-S004" && it.fixes[0].safe), "{found:?}");
    }
}
