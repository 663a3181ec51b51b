//! What holds for any text.

use proptest::prelude::*;

use super::{examples, format::formatted};

/// Words, marks and literals of the language, so that a random sequence goes deep.
const PIECES: &[&str] = &[
    "workflow",
    "strategy",
    "test",
    "use",
    "type",
    "w",
    "{",
    "}",
    "(",
    ")",
    "[",
    "]",
    "step",
    "let",
    "param",
    "on",
    "for",
    "in",
    "match",
    "=>",
    "->",
    "=",
    "==",
    ":",
    ",",
    ".",
    "..",
    "a",
    "b",
    "x",
    "if",
    "\"t\"",
    "\"",
    "`q`",
    "`",
    "1",
    "2%",
    "30s",
    "10_000 USD",
    "2020-01-01",
    "09:30",
    "500 bars",
    "when",
    "else",
    "timeout",
    "retry",
    "every",
    "by",
    "max",
    "as",
    "limits",
    "orders",
    "enter",
    "exit",
    "long",
    "yield",
    "output",
    "modes",
    "deadline",
    "not",
    "and",
    "or",
    "of",
    "-",
    "+",
    "<",
    ">",
    "?",
    "|",
    "&&",
    "!",
    ";",
    "//",
    "'",
    "# c\n",
    "\n",
    "\n\n",
    "é",
    "\u{200B}",
    "“",
    "mock",
    "expect",
    "run",
];

fn soup() -> impl Strategy<Value = String> {
    let piece = (prop::sample::select(PIECES), prop::sample::select(&["", " ", "\n"][..]));
    prop::collection::vec(piece, 0..60).prop_map(|it| it.into_iter().flat_map(|(piece, gap)| [piece, gap]).collect())
}

/// An expression that is right.
fn expr() -> impl Strategy<Value = String> {
    let leaf = prop::sample::select(
        &[
            "a",
            "b_2",
            "`in`",
            "1",
            "2.5",
            "30s",
            "2%",
            "10_000 USD",
            "2020-01-01",
            "2020-01-01..2021-01-01",
            "none",
            "true",
            "\"t\\n\\\"\"",
            "500 bars",
            "cache",
        ][..],
    )
    .prop_map(str::to_owned);
    leaf.prop_recursive(4, 24, 3, |inner| {
        let op =
            prop::sample::select(&["+", "-", "*", "/", "==", "!=", "<", ">=", "and", "or", "of", "in", "by", ".."][..]);
        prop_oneof![
            (inner.clone(), op, inner.clone()).prop_map(|(l, op, r)| format!("{l} {op} {r}")),
            inner.clone().prop_map(|it| format!("({it})")),
            inner.clone().prop_map(|it| format!("-{it}")),
            inner.clone().prop_map(|it| format!("not {it}")),
            inner.clone().prop_map(|it| format!("f.g(x: {it}, {it}, ..p)[0].h")),
            prop::collection::vec(inner.clone(), 0..4).prop_map(|it| format!("[{}]", it.join(","))),
            inner.prop_map(|it| format!("{{ k: {it}, ..r, match: 1 }}")),
        ]
    })
}

/// A statement that is right, with comments in odd places.
fn stmt() -> impl Strategy<Value = String> {
    (expr(), expr(), 0..12_usize, prop::sample::select(&[" ", "\n", " # c\n", "\n# own\n", "\n\n\n## d\n"][..])).prop_map(
        |(a, b, kind, gap)| match kind {
            0 => format!("step s = {a}{gap}when {b}{gap}timeout 5s{gap}"),
            1 => format!("let x: [Int?] = {a}{gap}"),
            2 => format!("param p: Money<USD> | \"a\" in {a} ={gap}{b}{gap}"),
            3 => format!("step r = for v in {a} where {b} {{{gap}step q = a.b{gap}yield q{gap}}}{gap}tolerate 5%{gap}"),
            4 => format!("step m = match {a} {{{gap}\"a\", true =>{gap}{b}{gap}_ => {{ yield 1 {gap}}}{gap}}}{gap}"),
            5 => format!("limits {{{gap}max_gross: {a},{gap}b: {b}{gap}}}{gap}"),
            6 => format!("on e in {a} where {b} every 5m by e.k max 1_000 as es {{{gap}}}{gap}"),
            7 => format!("output o = [{gap}{a},{gap}{b}{gap}]{gap}"),
            8 => format!("enter long when {a}{gap}orders {{ stop: {b} }}{gap}"),
            9 => format!("let t = {a} on 1h{gap}"),
            10 => format!("step e = a.b{gap}retry 3 backoff 1s..2s{gap}after x, y{gap}else for z in {a} {{ yield {b} }}{gap}else none{gap}"),
            _ => format!("yield f({gap}a: {a},{gap}b: {b}{gap}){gap}"),
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn no_text_makes_the_reader_panic(text in "\\PC{0,200}") {
        examples::read(&text);
        formatted(&text);
    }

    #[test]
    fn no_soup_of_words_makes_the_reader_panic(text in soup()) {
        examples::read(&text);
    }

    #[test]
    fn no_broken_example_makes_the_reader_panic(which in 0..6_usize, from in 0.0..1.0, length in 0..40_usize, put in soup()) {
        let (_, text) = examples::all()[which];
        let mut bytes = text.as_bytes().to_vec();
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a share of a small length")]
        let start = (bytes.len() as f64 * from) as usize;
        let end = (start + length).min(bytes.len());
        bytes.splice(start..end, put.into_bytes());
        let broken = String::from_utf8_lossy(&bytes).into_owned();
        let parsed = examples::read(&broken);
        for found in &parsed.diagnostics {
            prop_assert!(found.span.end as usize <= broken.len());
            prop_assert!(broken.get(found.span.range()).is_some(), "{found:?}");
        }
        let source = wf::source::Source::new("test.wf", None, broken);
        wf::syntax::write(&parsed.file, &source, wf::syntax::ast::Form::Wf);
    }

    #[test]
    fn the_canonical_text_says_the_same(stmts in prop::collection::vec(stmt(), 0..6)) {
        let text = format!("workflow w {{\n{}\n}}", stmts.concat());
        let parsed = examples::read(&text);
        prop_assert_eq!(parsed.diagnostics, vec![], "{}", text);
        formatted(&text);
    }
}
