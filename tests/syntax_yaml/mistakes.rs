//! What is wrong is said once, at its place, in plain words.

use wf::{
    source::{Source, Sources, render},
    syntax,
};

/// Returns each mistake as its code, the text it marks and its message.
fn mistakes(text: &str) -> Vec<String> {
    let mut sources = Sources::default();
    let id = sources.add(Source::new("a.yaml", None, text));
    let found = syntax::parse(id, sources.get(id).unwrap()).diagnostics;
    if std::env::var_os("SHOW").is_some() {
        println!("{}", render(&sources, &found, false));
    }
    found
        .iter()
        .map(|it| format!("{} `{}` {}", it.code, sources.slice(it.span).replace('\n', "⏎"), it.message))
        .collect()
}

/// Texts, and what is wrong with each.
const CASES: &[(&str, &[&str])] = &[
    ("", &[]),
    ("# only a comment\n", &[]),
    ("- a\n- b\n", &[]),
    ("w:\n  steps:\n    - a: {slice: data, metod: get, method: x}\n", &[]),
    ("w:\n  steps:\n    - a: {slice: data, slice: x, method: get}\n", &[]),
    ("w:\n  steps:\n    - a: {slice: data, method: get\n    - b: {slice: data, method: get}\nv:\n  stepz: []\n", &[]),
    ("w:\n  steps:\n    - a: {slice: data, method: get}}\n", &[]),
    ("w:\n  steps:\n    - a: {slice: [data, method: get}\n", &[]),
    ("w:\n  steps:\n    - a: {slice: data, method: \"get}\n    - b: {slice: \"data\", method: get}\n", &[]),
    ("w:\n\tsteps:\n    - a: {slice: data, method: get}\n", &[]),
    ("w:\n  steps:\n    - a:\n\t\tslice: data\n", &[]),
    ("w:\n  steps:\n    - a:\n        slice: data\n       method: get\n", &[]),
    ("w:\n  steps:\n    - a: {slice: data, method: get, timeout: 30sec, tolerate: 5%}\n", &[]),
    (
        "w:\n  deadline: 10_000USD\n  outputs: {a: 2024-02-30, b: 2020-01-01..2019-01-01, c: 3M, d: AAPL, e: 99999999999999999999999999999999}\n",
        &[],
    ),
    ("w:\n  steps:\n    - a: {slice: data, method: get, when: x > 3, after: [b]}\n", &[]),
    (
        "w:\n  steps:\n    - a: data.get_historical\n    - b:\n    - c: {slice: data}\n    - d: {slice: a, method: b, run: c}\n    - e: {timeout: 3s}\n",
        &[],
    ),
    (
        "w:\n  steps:\n    - name: a\n      slice: data\n      method: get\n    - b:\n      slice: data\n      method: get\n",
        &[],
    ),
    ("w:\n  steps:\n    - output: {slice: data, method: get}\n    - a: {slice: data, method: get, timeout: }\n", &[]),
    ("w:\n  steps:\n    a: {slice: data, method: get}\n", &[]),
    ("steps:\n  - a: {slice: data, method: get}\n", &[]),
    ("w:\n  steps: []\nw:\n  steps: []\n", &[]),
    ("w:\n  steps: []\n---\nv:\n  steps: []\n", &[]),
    ("w: &a\n  steps: [*a]\n", &[]),
    ("w:\n  steps: [*b]\n", &[]),
    (
        "w:\n  steps:\n    - l: {for: x, steps: []}\n    - m: {match: $x, cases: [{slice: a, method: b}]}\n    - on: x\n      every: 5s\n",
        &[],
    ),
    ("w:\n  params: {a: Int, b: {default: 3}}\n  limits: 5\n", &[]),
    ("w:\n  outputs: {a: $x +, b: \"$f(\\\"a\\\" 2)\", c: !foo x}\n", &[]),
    ("w:\n  a: b: c\nv:\n  @x\n", &[]),
    (
        "strategies:\n  s:\n    rules:\n      - enter: up\n        when: $x\n      - exit: long\ntests:\n  t:\n    - mok: {a.b: 1}\n    - mock: {ab: 1}\n    - at: 10:00\n",
        &[],
    ),
];

#[test]
fn are_told_apart() {
    for (text, want) in CASES {
        if std::env::var_os("SHOW").is_some() {
            println!("=======================\n{text}----");
        }
        let found = mistakes(text);
        if std::env::var_os("WRITE").is_some() {
            println!("    ({text:?}, &{found:?}),");
            continue;
        }
        assert_eq!(&found, want, "{text}");
    }
}
