//! Files of every shape: to YAML and back they mean the same, and no comment is lost.

use proptest::{prelude::*, sample::select};

use super::{
    round_trip::{first_difference, to_wf_text, to_yaml},
    same_tree::{read, shape},
};

const EXPRS: &[&str] = &[
    "1",
    "-2.5",
    "2%",
    "10_000 USD",
    "none",
    "true",
    "2020-01-01",
    "2001-01-01..2012-12-31",
    "09:30",
    "3R",
    "500 bars",
    "\"text\"",
    "\"yes\"",
    "\"$a: b # c\"",
    "\"2%\"",
    "\"\"",
    "\"_\"",
    "\"a\\\"b\\\\c\\n\"",
    "\" x \"",
    "\"null\"",
    "\"1..2\"",
    "a",
    "a.b",
    "a.b.c",
    "`my name`.x",
    "`match`",
    "strategy.evaluate",
    "f()",
    "f(a, 1)",
    "f(x: 1, ..p)",
    "a.b(x: 1)",
    "[]",
    "[a, \"b\", [1]]",
    "{}",
    "{ a: 1, b: { c: \"d\" } }",
    "{ ..p, a: 1 }",
    "a + 1 * (2 - b)",
    "not a and b or c",
    "-x[3]",
    "2..100 by 5",
    "1% of equity",
    "a in [1, 2]",
    "x != \"y\"",
    "\"é, {漢}\"",
    "a[\"k: v\"]",
    "\"- a\"",
    "\"it's\"",
];

const TYPES: &[&str] =
    &["Int", "[Symbol]", "Money<USD>", "Text?", "{ a: Int, b: [Text]? }", "\"limit\" | \"market\"", "[{ x: Int }]?"];

const NAMES: &[&str] =
    &["a", "bb", "c_1", "`let`", "`my name`", "`on`", "`use`", "`a.b`", "true_", "slice", "`é x`", "`output`"];

fn name() -> impl Strategy<Value = &'static str> {
    select(NAMES)
}

fn expr() -> impl Strategy<Value = &'static str> {
    select(EXPRS)
}

fn ty() -> impl Strategy<Value = String> {
    prop_oneof![Just(String::new()), select(TYPES).prop_map(|it| format!(": {it}"))]
}

fn call() -> impl Strategy<Value = String> {
    let arg = (select(&["x", "y", "slice"][..]), expr()).prop_map(|(name, it)| format!("{name}: {it}"));
    prop_oneof![
        3 => expr().prop_map(str::to_owned),
        3 => (select(&["a.b", "f", "a.b.c", "`x y`.z"][..]), prop::collection::vec(arg, 0..3)).prop_map(|(f, args)| format!("{f}({})", args.join(", "))),
    ]
}

fn clauses() -> impl Strategy<Value = String> {
    let clause = prop_oneof![
        expr().prop_map(|it| format!("when {it}")),
        Just("after a, b".to_owned()),
        expr().prop_map(|it| format!("timeout {it}")),
        Just("retry 3 backoff 1s..20s".to_owned()),
        Just("retry n".to_owned()),
        Just("accept a".to_owned()),
        expr().prop_map(|it| format!("tolerate {it}")),
    ];
    let last = prop::collection::vec(call().prop_map(|it| format!("else {it}")), 0..3);
    (prop::collection::vec(clause, 0..3), last).prop_map(|(mut clauses, last)| {
        clauses.sort_by_key(|it| it.split(' ').next().map(str::to_owned));
        clauses.dedup_by_key(|it| it.split(' ').next().map(str::to_owned));
        clauses.into_iter().chain(last).map(|it| format!("\n    {it}")).collect()
    })
}

/// Statements of a block, one or several a line, each with its line break.
fn statements(depth: u32) -> BoxedStrategy<String> {
    let step = (name(), ty(), call(), clauses())
        .prop_map(|(name, ty, rhs, clauses)| format!("step {name}{ty} = {rhs}{clauses}\n"));
    let simple = prop_oneof![
        4 => step,
        1 => (name(), ty(), expr()).prop_map(|(name, ty, it)| format!("let {name}{ty} = {it}\n")),
        1 => (name(), expr()).prop_map(|(name, it)| format!("output {name} = {it}\n")),
        1 => expr().prop_map(|it| format!("yield {it}\n")),
        1 => (name(), select(TYPES), expr()).prop_map(|(name, ty, it)| format!("param {name}: {ty} = {it}\n")),
        1 => (name(), select(&["1..5", "2..100 by 5", "a..b", "[1, 2]", "0%..5%"][..])).prop_map(|(name, it)| format!("param {name}: Int in {it}\n")),
        1 => (name(), expr()).prop_map(|(name, it)| format!("limits {{\n {name}: {it} # beside\n # in the limits\n }}\n")),
        1 => Just("modes live, paper\n".to_owned()),
        1 => Just("deadline 2h\n".to_owned()),
        1 => (select(&["enter", "exit"][..]), select(&["long", "short"][..]), expr()).prop_map(|(a, b, it)| format!("{a} {b} when {it}\n")),
        1 => Just("# a comment\n".to_owned()),
        1 => Just("\n".to_owned()),
        1 => Just("## doc\n".to_owned()),
    ];
    let one = if depth == 0 {
        simple.boxed()
    } else {
        let inner = move || statements(depth - 1);
        prop_oneof![
            6 => simple,
            1 => (name(), expr(), inner(), clauses()).prop_map(|(name, it, body, clauses)| format!("step {name} = for x in {it} where a parallel 4 {{\n{body}}}{clauses}\n")),
            1 => (name(), call(), inner()).prop_map(|(name, it, body)| format!("step {name} = match mode {{\n\"a\", \"_\" => {it}\ntrue => {{\n{body}yield 1 }}\n_ => {{ yield b }} }}\n")),
            1 => (expr(), inner()).prop_map(|(it, body)| format!("on x in xs where {it} every 60s by x.s max 10 as ys {{\n{body}}}\n")),
            1 => (expr(), inner()).prop_map(|(it, body)| format!("on x in {it} {{\n{body}}}\n")),
        ]
        .boxed()
    };
    prop::collection::vec(one, 0..6).prop_map(|it| it.concat()).boxed()
}

fn file() -> impl Strategy<Value = String> {
    let item = prop_oneof![
        3 => (select(&["w", "v", "`use`", "`type x`"][..]), statements(2)).prop_map(|(name, body)| format!("workflow {name} {{\n{body}}}\n")),
        1 => statements(0).prop_map(|body| format!("strategy s {{\n{body}}}\n")),
        1 => select(TYPES).prop_map(|it| format!("type T = {it}\n")),
        1 => select(&["", " { a, b }", " as ns"][..]).prop_map(|it| format!("use \"p.wf\"{it}\n")),
        1 => (expr(), expr()).prop_map(|(a, b)| format!("test \"it: works\" {{\nlet x = {a}\nmock a.b = {b} # beside\nfail a.b\nfail a.b 2 times as \"input\"\ndelay a.b 5s\nat 10:00 fail a.b\nrun w(x: {a})\nrun r = ns.w\nexpect {b}\n}}\n")),
        1 => Just("# between\n".to_owned()),
        1 => Just("\n".to_owned()),
    ];
    // A key stands once in YAML, and a name once in a file.
    prop::collection::vec(item, 1..5).prop_map(|items| {
        let mut seen = std::collections::BTreeSet::new();
        let head = |it: &String| it.lines().next().unwrap_or_default().to_owned();
        items
            .into_iter()
            .filter(|it| {
                it.starts_with(['#', '\n', 'u']) || seen.insert(head(it).split(" =").next().map(str::to_owned))
            })
            .collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn mean_the_same_in_yaml(text in file()) {
        let parsed = wf::syntax::dsl::parse(wf::source::FileId(0), &wf::source::Source::new("a.wf", None, text.as_str()));
        prop_assume!(parsed.diagnostics.is_empty() && !parsed.file.items.is_empty() && names_differ(&text));
        let yaml = to_yaml("a.wf", &text);
        let again = read("a.yaml", &yaml);
        prop_assert_eq!(shape(&again), shape(&parsed.file), "{}\n-----\n{}", text, yaml);
        let comments = |it: &wf::syntax::ast::File| it.comments.iter().map(|it| it.text.to_string()).collect::<Vec<_>>();
        prop_assert_eq!(comments(&again), comments(&parsed.file), "{}\n-----\n{}", text, yaml);
        prop_assert_eq!(to_yaml("a.yaml", &yaml), yaml);
        let canonical = to_wf_text("a.wf", &text);
        let yaml = to_yaml("a.wf", &canonical);
        let back = to_wf_text("a.yaml", &yaml);
        prop_assert!(back == canonical, "{}\n-----\n{}\n-----\n{}", canonical, yaml, first_difference(&canonical, &back));
    }
}

/// Says whether no two statements that share a map in YAML have one name.
fn names_differ(text: &str) -> bool {
    ["param ", "output ", "let "].iter().all(|word| {
        let mut seen = std::collections::BTreeSet::new();
        text.lines()
            .filter_map(|it| it.strip_prefix(word))
            .all(|it| seen.insert(it.split([' ', ':']).next().map(str::to_owned)))
    })
}
