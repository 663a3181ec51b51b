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

/// What may stand where white space may: mostly nothing much, else a comment.
fn gap() -> impl Strategy<Value = &'static str> {
    prop_oneof![12 => Just(" "), 1 => select(&["\n", "\n\n", " # behind\n", "\n# own\n", "\n## own doc\n", "\n\n# apart\n\n"][..])]
}

/// The end of a line.
fn end() -> impl Strategy<Value = &'static str> {
    prop_oneof![6 => Just("\n"), 1 => select(&[" # beside\n", " ## beside\n", "\n\n", "\n# below\n", "\n## below\n"][..])]
}

/// What a step does. YAML has a place for a comment among the arguments of a method or a workflow, and nowhere else
/// inside an expression but in lists and records.
fn call() -> impl Strategy<Value = String> {
    let args = (prop::collection::vec((gap(), value()), 0..3), gap()).prop_map(|(args, gap)| {
        let end = if args.is_empty() { "" } else { gap };
        let named = args.iter().zip(["x", "slice"]).map(|((gap, it), name)| format!("{gap}{name}: {it}"));
        format!("({}{end})", named.collect::<Vec<_>>().join(","))
    });
    prop_oneof![
        3 => value(),
        1 => Just("a.b.c(x: 1)".to_owned()),
        3 => (select(&["a.b", "f", "`x y`.z"][..]), args).prop_map(|(f, args)| format!("{f}{args}")),
    ]
}

fn value() -> impl Strategy<Value = String> {
    prop_oneof![
        8 => expr().prop_map(str::to_owned),
        1 => (gap(), expr(), gap(), expr(), gap()).prop_map(|(a, x, b, y, c)| format!("[{a}{x},{b}{y}{c}]")),
        1 => (gap(), expr(), gap(), expr(), gap()).prop_map(|(a, x, b, y, c)| format!("{{{a}k: {x},{b}l: {y}{c}}}")),
    ]
}

fn clauses(depth: u32) -> BoxedStrategy<String> {
    let clause = prop_oneof![
        expr().prop_map(|it| format!("when {it}")),
        Just("after a, b".to_owned()),
        expr().prop_map(|it| format!("timeout {it}")),
        Just("retry 3 backoff 1s..20s".to_owned()),
        Just("retry n".to_owned()),
        Just("accept a".to_owned()),
        expr().prop_map(|it| format!("every {it}")),
        expr().prop_map(|it| format!("cache {it}")),
        expr().prop_map(|it| format!("tolerate {it}")),
    ];
    let other = if depth == 0 {
        call().boxed()
    } else {
        prop_oneof![6 => call(), 1 => each(depth - 1), 1 => choice(depth - 1)].boxed()
    };
    let last = prop::collection::vec((end(), other).prop_map(|(end, it)| format!("{end}    else {it}")), 0..3);
    (prop::collection::vec((end(), clause), 0..3), last)
        .prop_map(|(mut clauses, last)| {
            let word = |it: &(&str, String)| it.1.split(' ').next().map(str::to_owned);
            clauses.sort_by_key(word);
            clauses.dedup_by_key(|it| word(it));
            clauses.into_iter().map(|(end, it)| format!("{end}    {it}")).chain(last).collect()
        })
        .boxed()
}

/// A loop.
fn each(depth: u32) -> BoxedStrategy<String> {
    let more = select(&["", " where a", " parallel 4", " where a parallel 4"][..]);
    (expr(), more, end(), statements(depth))
        .prop_map(|(it, more, end, body)| format!("for x in {it}{more} {{{end}{body}}}"))
        .boxed()
}

/// A choice.
fn choice(depth: u32) -> BoxedStrategy<String> {
    let arms = (call(), end(), end(), statements(depth), end()).prop_map(|(it, a, b, body, c)| {
        format!("\"a\", \"_\" => {it}{a}true => {{{b}{body}yield 1 }}{c}_ => {{ yield b }}{c}")
    });
    (expr(), end(), prop_oneof![4 => arms, 1 => Just(String::new())])
        .prop_map(|(it, end, arms)| format!("match {it} {{{end}{arms}}}"))
        .boxed()
}

/// `limits` or `orders`.
fn settings(word: &'static str) -> impl Strategy<Value = String> {
    let field = (expr(), end()).prop_map(|(it, end)| format!("{it}{end}"));
    (end(), prop::collection::vec(field, 0..3)).prop_map(move |(end, fields)| {
        let fields: String = fields.iter().zip(["x", "y", "`a b`"]).map(|(it, name)| format!("{name}: {it}")).collect();
        format!("{word} {{{end}{fields}}}")
    })
}

/// Statements of a block, one or several a line, each with its line break.
fn statements(depth: u32) -> BoxedStrategy<String> {
    let step = (name(), ty(), call(), clauses(depth))
        .prop_map(|(name, ty, rhs, clauses)| format!("step {name}{ty} = {rhs}{clauses}"));
    let within = select(&["1..5", "2..100 by 5", "a..b", "[1, 2]", "0%..5%"][..]);
    let simple = prop_oneof![
        4 => step,
        1 => (name(), ty(), expr(), select(&["", "", " on 1h", " on slow"][..])).prop_map(|(name, ty, it, on)| format!("let {name}{ty} = {it}{on}")),
        1 => (name(), value()).prop_map(|(name, it)| format!("output {name} = {it}")),
        1 => value().prop_map(|it| format!("yield {it}")),
        1 => (name(), select(TYPES), value()).prop_map(|(name, ty, it)| format!("param {name}: {ty} = {it}")),
        1 => (name(), within, select(&["", " = 3"][..])).prop_map(|(name, it, default)| format!("param {name}: Int in {it}{default}")),
        1 => settings("limits"),
        1 => settings("orders"),
        1 => Just("modes live, paper".to_owned()),
        1 => expr().prop_map(|it| format!("deadline {it}")),
        1 => (select(&["enter", "exit"][..]), select(&["long", "short"][..]), expr()).prop_map(|(a, b, it)| format!("{a} {b} when {it}")),
        3 => select(&["", "# a comment", "## doc", "# wf: allow(WF-T001) why"][..]).prop_map(str::to_owned),
    ];
    let one = if depth == 0 {
        simple.boxed()
    } else {
        let inner = move || statements(depth - 1);
        let batch = select(&["", " every 60s by x.s max 10 as ys", " every 5m as ys"][..]);
        prop_oneof![
            6 => simple,
            1 => (name(), each(depth - 1), clauses(depth - 1)).prop_map(|(name, it, clauses)| format!("step {name} = {it}{clauses}")),
            1 => (name(), choice(depth - 1), clauses(depth - 1)).prop_map(|(name, it, clauses)| format!("step {name} = {it}{clauses}")),
            1 => (expr(), select(&["", " where a.b > 1"][..]), batch, end(), inner())
                .prop_map(|(it, filter, batch, end, body)| format!("on x in {it}{filter}{batch} {{{end}{body}}}")),
        ]
        .boxed()
    };
    prop::collection::vec((one, end()).prop_map(|(it, end)| format!("{it}{end}")), 0..6)
        .prop_map(|it| it.concat())
        .boxed()
}

fn trial() -> impl Strategy<Value = String> {
    let event = prop_oneof![
        value().prop_map(|it| format!("mock a.b = {it}")),
        Just("fail a.b".to_owned()),
        Just("fail a.b 2 times as \"input\"".to_owned()),
        Just("delay a.b 5s".to_owned()),
    ];
    let one = prop_oneof![
        event.clone(),
        (select(&["10:00", "2020-01-01T10:00Z", "t"][..]), event).prop_map(|(time, it)| format!("at {time} {it}")),
        (name(), ty(), expr()).prop_map(|(name, ty, it)| format!("let {name}{ty} = {it}")),
        (gap(), value()).prop_map(|(gap, it)| format!("run w({gap}x: {it})")),
        Just("run w".to_owned()),
        Just("run first = ns.w(x: 1)".to_owned()),
        value().prop_map(|it| format!("expect {it}")),
        select(&["", "# a comment", "## doc"][..]).prop_map(str::to_owned),
    ];
    (end(), prop::collection::vec((one, end()).prop_map(|(it, end)| format!("{it}{end}")), 0..5))
        .prop_map(|(end, stmts)| format!("test \"it: works\" {{{end}{}}}", stmts.concat()))
}

fn file() -> impl Strategy<Value = String> {
    let record = (gap(), gap(), gap()).prop_map(|(a, b, c)| format!("type T = {{{a}x: Int,{b}y: {{ z: Text? }}{c}}}"));
    let item = prop_oneof![
        3 => (select(&["w", "v", "`use`", "`type x`"][..]), end(), statements(2)).prop_map(|(name, end, body)| format!("workflow {name} {{{end}{body}}}")),
        1 => (end(), statements(0)).prop_map(|(end, body)| format!("strategy s {{{end}{body}}}")),
        1 => select(TYPES).prop_map(|it| format!("type T = {it}")),
        1 => record,
        1 => select(&["", " { a, b }", " as ns"][..]).prop_map(|it| format!("use \"p.wf\"{it}")),
        1 => trial(),
        2 => select(&["", "# between", "## doc"][..]).prop_map(str::to_owned),
    ];
    let item = (item, end()).prop_map(|(it, end)| format!("{it}{end}"));
    // A key stands once in YAML, and a name once in a file.
    prop::collection::vec(item, 1..6).prop_map(|items| {
        let mut seen = std::collections::BTreeSet::new();
        let head = |it: &String| it.split([' ', '\n']).take(2).collect::<Vec<_>>().join(" ");
        items.into_iter().filter(|it| it.starts_with(['#', '\n', 'u', ' ']) || seen.insert(head(it))).collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn mean_the_same_in_yaml(text in file()) {
        let parsed = wf::syntax::dsl::parse(wf::source::FileId(0), &wf::source::Source::new("a.wf", None, text.as_str()));
        prop_assume!(parsed.diagnostics.is_empty() && !parsed.file.items.is_empty() && names_differ(&text));
        // The one place whose comments YAML moves: docs/language.md names it.
        prop_assume!(!notes_a_lone_yield(&to_wf_text("a.wf", &text)));
        let yaml = to_yaml("a.wf", &text);
        let again = read("a.yaml", &yaml);
        prop_assert_eq!(shape(&again), shape(&parsed.file), "{}\n-----\n{}", text, yaml);
        prop_assert_eq!(comments(&again), comments(&parsed.file), "{}\n-----\n{}", text, yaml);
        prop_assert!(to_yaml("a.yaml", &yaml) == yaml, "{}\n-----\n{}\n-----\n{}", text, yaml, first_difference(&yaml, &to_yaml("a.yaml", &yaml)));
        let canonical = to_wf_text("a.wf", &text);
        let twice = to_wf_text("a.wf", &canonical);
        prop_assert!(twice == canonical, "{}\n-----\n{}", text, first_difference(&canonical, &twice));
        let yaml = to_yaml("a.wf", &canonical);
        let back = to_wf_text("a.yaml", &yaml);
        if keeps_places(&canonical) {
            prop_assert!(back == canonical, "{}\n-----\n{}\n-----\n{}", canonical, yaml, first_difference(&canonical, &back));
        }
        let again = to_wf_text("a.yaml", &to_yaml("a.wf", &back));
        prop_assert!(again == back, "{}\n-----\n{}", text, first_difference(&back, &again));
    }
}

/// Says whether a block of a canonical text whose only statement is its `yield` has a comment.
fn notes_a_lone_yield(text: &str) -> bool {
    let lines: Vec<&str> = text.lines().collect();
    let indent = |it: &str| it.len() - it.trim_start().len();
    let is_comment = |it: &str| it.trim_start().starts_with('#');
    lines.iter().enumerate().any(|(at, line)| {
        let below = || lines.iter().skip(at + 1);
        let first = below().find(|it| !is_comment(it) && !it.trim().is_empty());
        let opens = line.contains('{') && first.is_some_and(|it| it.trim_start().starts_with("yield "));
        let inner = below().take_while(|it| it.trim().is_empty() || indent(it) > indent(line));
        let closes = below().find(|it| !it.trim().is_empty() && indent(it) <= indent(line));
        opens && std::iter::once(line).chain(inner).chain(closes).any(|it| it.contains('#'))
    })
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

/// Returns what the comments of a file say, whatever their order.
fn comments(file: &wf::syntax::ast::File) -> Vec<String> {
    let mut all: Vec<_> = file.comments.iter().map(|it| it.text.trim_start_matches('#').to_string()).collect();
    all.sort();
    all
}

/// Says whether YAML has a place for each comment of a canonical text: it has none behind the last brace of an item, and
/// none behind the opening brace of a block whose only statement is `yield`.
fn keeps_places(text: &str) -> bool {
    let yields = |it: &str| it.trim_start().starts_with("yield") || it.trim_start().starts_with('#');
    let mut lines = text.lines().peekable();
    while let Some(line) = lines.next() {
        let item = ["workflow ", "strategy ", "test "].iter().any(|it| line.starts_with(it));
        if line.starts_with("} #")
            || item && line.contains("{} #")
            || line.contains("{ #") && lines.peek().is_some_and(|it| yields(it))
        {
            return false;
        }
    }
    true
}
