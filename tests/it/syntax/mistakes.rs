//! Files with mistakes: each is told once, at its place, with the mend where one is known.

use wf::source::{FileId, Source};

/// Returns what is reported: `S001 2:3 the message -> the text after the first mend at that line`.
fn told(text: &str) -> Vec<String> {
    let source = Source::new("test.wf", None, text);
    let parsed = wf::syntax::parse(FileId(0), &source);
    let line = |it: &wf::source::Diagnostic| {
        let place = source.line_column(it.span.start);
        let edit = it.fixes.first().and_then(|it| it.edits.first());
        let mend = edit.map(|it| {
            let mut mended = text.to_owned();
            mended.replace_range(it.span.range(), &it.text);
            let from = mended[..it.span.start as usize].rfind('\n').map_or(0, |it| it + 1);
            format!(" -> {}", mended[from..].lines().next().unwrap_or_default().trim())
        });
        let code = &it.code.as_str()[3..];
        format!("{code} {}:{} {}{}", place.line, place.column, it.message, mend.unwrap_or_default())
    };
    parsed.diagnostics.iter().map(line).collect()
}

/// Puts statements into a workflow; the first is on line 2.
fn inside(statements: &str) -> String {
    format!("workflow w {{\n{statements}\n}}\n")
}

#[test]
fn each_mistake_is_told_once_at_its_place() {
    let cases: &[(&str, &[&str])] = &[
        ("  stp x = a.b\n  step y = c.d(v: x)", &["S001 2:3 `stp` does not start a statement -> step x = a.b"]),
        ("  step x = a.b(p: 1\n  step y = c.d", &["S002 2:15 this `(` is never closed -> step x = a.b(p: 1)"]),
        (
            "  step x = a.b(p: \"AAPL)\n  step y = c.d",
            &["S003 2:19 this text has no closing quote -> step x = a.b(p: \"AAPL\")"],
        ),
        (
            "  step x = a.b\n    timeout\n    retry 3",
            &["S005 3:5 `timeout` needs a value on the same line -> timeout 30s"],
        ),
        (
            "  step x = a.b\n    when a && b || !c",
            &[
                "S006 3:12 `&&` is not an operator here -> when a and b || !c",
                "S006 3:17 `||` is not an operator here -> when a && b or !c",
                "S006 3:20 `!` is not an operator here -> when a && b || not c",
            ],
        ),
        ("  step x = a.b\n    when x = 3", &["S006 3:12 `=` does not compare -> when x == 3"]),
        (
            "  step x = match mode {\n    \"live\" -> a.b\n    \"paper\" => c.d(\n  }\n  step y = c.d",
            &[
                "S006 3:12 `->` is not the arrow of an arm -> \"live\" => a.b",
                "S002 4:19 this `(` is never closed -> \"paper\" => c.d()",
            ],
        ),
        (
            "  step r = for x in xs {\n    step a = b.c\n    yield a\n  output r = r",
            &["S002 2:24 this `{` is never closed -> yield a"],
        ),
        ("  step r = for x in xs {\n    yield x\n  }\n  }\n  output r = r", &["S002 5:3 this `}` closes nothing -> "]),
        (
            "  step match = a.b\n  let y = match",
            &[
                "N009 2:8 `match` is a reserved word -> step `match` = a.b",
                "N009 3:11 `match` is a reserved word -> let y = `match`",
            ],
        ),
        (
            "  step a = b.c(x = 3, y: 30 s, z: 100 usd)\n  step d = e.f(q: 10_000USD, r: 30sec)",
            &[
                "S006 2:18 a name and its value are parted by `:` here, not by `=` -> step a = b.c(x: 3, y: 30 s, z: 100 usd)",
                "S004 2:26 `30 s` is written without a space -> step a = b.c(x = 3, y: 30s, z: 100 usd)",
                "S004 2:35 a currency is written in capitals: `USD` -> step a = b.c(x = 3, y: 30 s, z: 100 USD)",
                "S004 3:19 `10_000USD` needs a space before the currency -> step d = e.f(q: 10_000 USD, r: 30sec)",
                "T006 3:33 there is no unit `sec` -> step d = e.f(q: 10_000USD, r: 30s)",
            ],
        ),
        (
            "  limits {\n    max_position 5%\n    max_drawdown: 10%\n    max_gross:\n    price_band: 3%\n  }",
            &["S001 3:18 expected `:`, found `5%`", "S001 5:14 a value is missing after `:`"],
        ),
        (
            "  prices = data.get()\n  x = 3",
            &[
                "S001 2:3 `prices = …` needs a word before it that says what it is -> step prices = data.get()",
                "S001 3:3 `x = …` needs a word before it that says what it is -> let x = 3",
            ],
        ),
        (
            "  step = a.b\n  let x\n  let y =\n  step z a.b",
            &[
                "S001 2:8 expected a name after `step`, found `=`",
                "S001 3:7 `let` needs `=` after `x`",
                "S001 4:9 a value is missing after `=`",
                "S001 5:10 expected `=`, found `a`",
            ],
        ),
        (
            "  step a = b.c(x: 1 y: 2)\n  step q = b.c(x: )",
            &[
                "S001 2:21 expected `,` or `)`, found `y` -> step a = b.c(x: 1, y: 2)",
                "S001 3:19 expected a value, found `)`",
            ],
        ),
        (
            "  // hi there\n  step a = b.c;\n  step b = c.d(x: 'abc')",
            &[
                "S006 2:3 a comment starts with `#`, not with `//` -> # hi there",
                "S006 3:15 a statement ends without `;` -> step a = b.c",
                "S006 4:19 text is quoted with `\"`, not with `'` -> step b = c.d(x: \"abc\")",
            ],
        ),
        ("  on x feed {\n    step a = b.c\n  }", &["S001 2:8 expected `in`, found `feed`"]),
        (
            "  step a = b.c(d: 2024-02-30, e: 2020-01-02..2019-01-01)",
            &[
                "T015 2:19 `2024-02-30` is not a date",
                "T015 2:34 the range `2020-01-02..2019-01-01` ends before it starts -> step a = b.c(d: 2024-02-30, e: 2019-01-01..2020-01-02)",
            ],
        ),
        ("  step a = b.c\n    timeout 5s\n    timeout 6s", &["S008 4:5 `timeout` is given twice -> "]),
        ("  let x\u{430} = 3", &["S009 2:7 `x\u{430}` mixes Latin and Cyrillic letters"]),
    ];
    for (text, wanted) in cases {
        assert_eq!(told(&inside(text)), *wanted, "in:\n{text}");
    }
}

#[test]
fn mistakes_at_the_top_are_told() {
    assert_eq!(
        told("wrkflow w {\n  step d = e.f\n}\nstep z = a.b\n"),
        [
            "S001 1:1 `wrkflow` does not start anything here -> workflow w {",
            "S006 4:1 `step` stands inside a workflow or a strategy, not at the top of a file",
        ]
    );
    assert_eq!(told("workflow w {\n  step r = a.b\n"), ["S002 1:12 this `{` is never closed -> step r = a.b"]);
    assert_eq!(told("use \"./x.wf { a }\n"), ["S003 1:5 this text has no closing quote -> use \"./x.wf\" { a }"]);
    assert_eq!(told(""), Vec::<String>::new());
    assert_eq!(told("workflow \0"), ["S011 1:10 this file has a NUL byte, so it is not text"]);
}

#[test]
fn a_bad_step_still_declares_its_name() {
    let parsed = super::examples::read(&inside("  step x = a.b(\n  step y = c.d(v: x)"));
    let tree = wf::syntax::same::canonical(&parsed.file);
    assert!(tree.contains("Step(Step { doc: None, name: Name { text: \"x\""), "{tree}");
}

#[test]
fn bounds_hold() {
    for bracket in
        ["(", "[", "{", "f(x: ", "step a = for x in y { ", "step a = for x in y { ) ", "A<", "match a { ", "=> {"]
    {
        let found = told(&format!("workflow w {{ let x = {}", bracket.repeat(100_000)));
        assert!(found.len() == 1 && found[0].starts_with("S010"), "{bracket}: {} {:?}", found.len(), found.first());
    }
    assert_eq!(told(&inside(&format!("  let x = 1{}", " + 1".repeat(1_000)))), Vec::<String>::new());
    let found = told(&inside(&format!("  let x = 1{}", " + 1".repeat(1_001))));
    assert_eq!(found, ["S010 2:11 more than 1000 operators in one expression"]);
    let found = told(&"a".repeat(9_000_000));
    assert_eq!(found, ["S010 1:1 this file has 8 MB; at most 8 are read"]);
}

#[test]
fn many_bad_statements_are_all_told() {
    for statement in ["step a = b c(x: 1)", "step a = b.c(", "stp a = b.c(x: 1", "step a = \"abc", "}", "step a"] {
        let found = told(&inside(&format!("  {statement}\n").repeat(1_000)));
        assert!((999..=1_001).contains(&found.len()), "{statement}: {} {:?}", found.len(), found.first());
    }
}
