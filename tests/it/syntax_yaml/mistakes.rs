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
    assert_eq!(render(&sources, &found, false).matches("[WF-").count(), found.len());
    found
        .iter()
        .map(|it| format!("{} `{}` {}", it.code, sources.slice(it.span).replace('\n', "⏎"), it.message))
        .collect()
}

/// Texts, and what is wrong with each.
const CASES: &[(&str, &[&str])] = &[
    ("", &["WF-S001 `` nothing is written here"]),
    ("# only a comment\n", &["WF-S001 `` nothing is written here"]),
    ("- a\n- b\n", &["WF-S001 `a` expected workflows by their names, found a list"]),
    (
        "w:\n  steps:\n    - a: {slice: data, metod: get, method: x}\n",
        &["WF-S007 `metod` unknown key `metod` in the step `a`"],
    ),
    ("w:\n  steps:\n    - a: {slice: data, slice: x, method: get}\n", &["WF-S008 `slice` `slice` is given twice"]),
    (
        "w:\n  steps:\n    - a: {slice: data, method: get\n    - b: {slice: data, method: get}\nv:\n  stepz: []\n",
        &["WF-S002 `{` this `{` is never closed", "WF-S007 `stepz` unknown key `stepz` in the workflow `v`"],
    ),
    ("w:\n  steps:\n    - a: {slice: data, method: get}}\n", &["WF-S002 `}` this `}` closes nothing"]),
    ("w:\n  steps:\n    - a: {slice: [data, method: get}\n", &["WF-S002 `[` this `[` is closed by `}`"]),
    (
        "w:\n  steps:\n    - a: {slice: data, method: \"get}\n    - b: {slice: \"data\", method: get}\n",
        &["WF-S003 `\"get` this text has no closing quote"],
    ),
    (
        "w:\n\tsteps:\n    - a: {slice: data, method: get}\n",
        &["WF-S001 `\t` a tab indents this line, where only spaces may"],
    ),
    ("w:\n  steps:\n    - a:\n\t\tslice: data\n", &["WF-S001 `\t\t` a tab indents this line, where only spaces may"]),
    (
        "w:\n  steps:\n    - a:\n        slice: data\n       method: get\n",
        &["WF-S001 `method` this does not stand in line with anything above it"],
    ),
    (
        "w:\n  steps:\n    - a: {slice: data, method: get, timeout: 30sec, tolerate: 5%}\n",
        &["WF-T006 `30sec` there is no unit `sec`"],
    ),
    (
        "w:\n  deadline: 10_000USD\n  outputs: {a: 2024-02-30, b: 2020-01-01..2019-01-01, c: 3M, d: AAPL, e: 99999999999999999999999999999999}\n",
        &[
            "WF-S004 `10_000USD` `10_000USD` needs a space before the currency",
            "WF-T015 `2024-02-30` `2024-02-30` is not a date",
            "WF-T015 `2020-01-01..2019-01-01` the range `2020-01-01..2019-01-01` ends before it starts",
            "WF-T007 `99999999999999999999999999999999` `99999999999999999999999999999999` is larger or finer than a value can be",
        ],
    ),
    (
        "w:\n  steps:\n    - a: {slice: data, method: get, when: x > 3, after: [b]}\n",
        &["WF-S001 `x > 3` `when` takes an expression, and this is a text"],
    ),
    (
        "w:\n  steps:\n    - a: data.get_historical\n    - b:\n    - c: {slice: data}\n    - d: {slice: a, method: b, run: c}\n    - e: {timeout: 3s}\n",
        &[
            "WF-S001 `data.get_historical` `data.get_historical` is only a text in a step",
            "WF-S001 `b` the step `b` does nothing",
            "WF-S001 `slice` `method` is missing in the step `c`",
            "WF-S001 `run` `slice` and `run` exclude each other",
            "WF-S001 `e` the step `e` does nothing",
        ],
    ),
    (
        "w:\n  steps:\n    - name: a\n      slice: data\n      method: get\n    - b:\n      slice: data\n      method: get\n",
        &["WF-S007 `name` the name of a step is its key", "WF-S001 `b` the keys of `b` stand beside it, not inside"],
    ),
    (
        "w:\n  steps:\n    - output: {slice: data, method: get}\n    - a: {slice: data, method: get, timeout: }\n",
        &["WF-N009 `output` `output` is a reserved word", "WF-S005 `timeout` `timeout` has no value"],
    ),
    (
        "w:\n  steps:\n    a: {slice: data, method: get}\n",
        &["WF-S001 `a: {slice: data, method: get}` `steps` is a list, and this is a map"],
    ),
    ("steps:\n  - a: {slice: data, method: get}\n", &["WF-S007 `steps` `steps` stands outside a workflow"]),
    ("w:\n  steps: []\nw:\n  steps: []\n", &["WF-S008 `w` `w` is given twice"]),
    ("w:\n  steps: []\n---\nv:\n  steps: []\n", &["WF-S001 `---` a file holds one document; a second starts here"]),
    ("w: &a\n  steps: [*a]\n", &["WF-S001 `*a` `*a` stands inside what it stands for"]),
    ("w:\n  steps: [*b]\n", &["WF-N003 `*b` no anchor above is called `b`"]),
    (
        "w:\n  steps:\n    - l: {for: x, steps: []}\n    - m: {match: $x, cases: [{slice: a, method: b}]}\n    - on: x\n      every: 5s\n",
        &[
            "WF-S001 `x` `in` is missing: what the loop runs over",
            "WF-S001 `{slice: a, method: b}` `is` is missing: which value this case is for",
            "WF-S001 `x` `in` is missing: which stream the events come from",
            "WF-S001 `every` `as` is missing: what the gathered events are called",
        ],
    ),
    (
        "w:\n  params: {a: Int, b: {default: 3}}\n  limits: 5\n",
        &[
            "WF-S001 `Int` expected the keys of the param `a`, found a text",
            "WF-S001 `b` the param `b` has no `type`",
            "WF-S001 `5` expected settings by their names, found a text",
        ],
    ),
    (
        "w:\n  outputs: {a: $x +, b: \"$f(\\\"a\\\" 2)\", c: !foo x}\n",
        &[
            "WF-S001 `+` a value is missing after `+`",
            "WF-S001 `2` expected `,` or `)`, found `2`",
            "WF-S001 `!foo` `!foo` means nothing here",
        ],
    ),
    (
        "w:\n  deadline: b: c\nv:\n  @x\n",
        &[
            "WF-S001 `:` a second `:` on this line, or a line that is indented too deep",
            "WF-S001 `@` a value cannot start with `@`",
        ],
    ),
    (
        "strategies:\n  s:\n    rules:\n      - enter: up\n        when: $x\n      - exit: long\ntests:\n  t:\n    - mok: {a.b: 1}\n    - mock: {ab: 1}\n    - at: 10:00\n",
        &[
            "WF-S001 `up` `enter` is `long` or `short`",
            "WF-S001 `exit: long` this rule has no `when`: it says not when to exit",
            "WF-S007 `mok` unknown key `mok` in a test",
            "WF-S001 `ab` a method is written as `slice.method`",
            "WF-S001 `at` `at` needs `fail`, `delay` or `mock` beside it",
        ],
    ),
];

#[test]
fn are_told_apart() {
    for (text, want) in CASES {
        assert_eq!(&mistakes(text), want, "{text}");
    }
}

#[test]
fn of_size_are_refused_quickly() {
    let mut bomb = "x: &a0 [a, a, a, a, a, a, a, a, a, a]\n".to_owned();
    for level in 1..30 {
        let aliases = vec![format!("*a{}", level - 1); 10].join(", ");
        bomb.push_str(&format!("x{level}: &a{level} [{aliases}]\n"));
    }
    let deep =
        |open: &str, close: &str, many| format!("w:\n  outputs: {{x: {}{}}}\n", open.repeat(many), close.repeat(many));
    let steps = |many: usize| {
        let mut text = "w:\n  steps:\n".to_owned();
        for level in 0..many {
            let pad = " ".repeat(4 + 6 * level);
            text.push_str(&format!("{pad}- s:\n{pad}    for: x\n{pad}    in: $y\n{pad}    steps:\n"));
        }
        text
    };
    let texts =
        [bomb, deep("[", "]", 70), deep("{a: ", "}", 70), deep("[", "]", 100_000), steps(70), "- ".repeat(100_000)];
    for text in texts {
        let start = std::time::Instant::now();
        let found = mistakes(&text);
        let head: String = text.chars().take(60).collect();
        assert_eq!(found.iter().filter(|it| it.starts_with("WF-S010")).count(), 1, "{head} {found:?}");
        assert!(start.elapsed().as_secs() < 5, "{head}");
    }
    assert_eq!(mistakes(&steps(60)), ["WF-S001 `steps` `steps` holds nothing"]);
}
