//! `wf test`: what passes, what fails and how it is told, what is refused, and time that costs none.

use std::time::{Duration, Instant};

use crate::support::{Folder, here};

/// A workflow with something for every fault, and no tests.
const FLOW: &str = r#"strategy hold {
  enter long when close > 1
  exit long when close < 1
  orders { size: 50% of equity }
}

workflow flow {
  param symbol: Symbol = "AAPL"
  step prices = data.get_historical
    timeout 30s
    retry 3 backoff 1s..20s
  step regime = market_regime.detect
    else market_regime.neutral
  step kind = { name: regime.kind, calm: regime.kind == "bull" }
  step report = backtest.execute(strategy: hold(), costs: { fee: 1bps, slippage: 2bps })
  output kind = kind
  output report = report
}
"#;

fn folder(tests: &str) -> Folder {
    Folder::new().with("flow.wf", format!("{FLOW}\n{tests}"))
}

#[test]
fn what_holds_passes() {
    let said = folder(
        r#"test "it trades what it is told to" {
  mock market_regime.detect = { kind: "bull" }
  run flow(symbol: "IBM", capital: 20_000 USD)
  expect run.status == "succeeded"
  expect report.symbols == ["IBM"] and report.capital == 20_000 USD
  expect kind == { name: "bull", calm: true }
  expect prices.attempts == 1 and prices.symbol == "IBM"
}
"#,
    )
    .wf(&["test", "flow.wf"])
    .ends(0);
    said.shows("flow.wf\n  ✓ it trades what it is told to (").shows("\n1 passed in 0.");
}

#[test]
fn what_does_not_hold_is_shown_with_its_values() {
    let said = folder(
        r#"test "two of three are wrong" {
  mock market_regime.detect = { kind: "bull" }
  run flow
  expect len(report.open) == 2
  expect report.symbols == ["AAPL"]
  expect kind == { name: "bear", calm: true }
}

test "and this is right" {
  mock market_regime.detect = { kind: "bull" }
  run flow
  expect report.capital == 10_000 USD and kind.calm
}
"#,
    )
    .wf(&["test", "flow.wf"])
    .ends(1);
    let said = said.shows(
        "error[WF-E001]: `len(report.open) == 2` does not hold
  --> flow.wf:23:10
   |
23 |   expect len(report.open) == 2
   |          ----------------^^^^^
   |          |
   |          is 1
",
    );
    let said = said.shows("is { name: bull, calm: true }").shows("= note: `.name`: left bull, right bear");
    let said = said.shows("  ✓ and this is right (").shows("\n1 passed, 1 failed in ");
    assert!(!said.out.contains("AAPL"), "what holds is not told: {}", said.out);
}

#[test]
fn a_run_that_fails_unexpectedly_is_told_once() {
    let said = folder(
        r#"test "prices come" {
  mock market_regime.detect = market_regime.neutral
  fail data.get_historical as "permanent"
  run flow
  expect report.bars > 10
  expect len(report.trades) == 0
}

test "no prices come" {
  mock market_regime.detect = market_regime.neutral
  fail data.get_historical as "permanent"
  run flow
  expect run.status == "failed" and run.error.kind == "permanent"
  expect report.status == "not_run"
}

test "regimes are neutral" {
  fail market_regime.detect as "permanent"
  run flow
  expect kind.name == "sideways"
}
"#,
    )
    .wf(&["test", "flow.wf"])
    .ends(1);
    let said = said.shows("error[WF-E002]: `flow` failed, and the test does not expect it\n  --> flow.wf:23:3");
    let said = said.shows("= note: `prices` failed: the test makes `data.get_historical` fail");
    let said = said.shows("= note: 2 expectations look at what it did not give");
    let said = said.shows("`flow` is degraded, and the test does not expect it").shows("`regime` is degraded");
    let said = said.shows("  ✓ no prices come (").shows("1 passed, 2 failed");
    assert_eq!(said.out.matches("error[").count(), 2, "{}", said.out);
}

#[test]
fn virtual_time_costs_no_real_time() {
    let started = Instant::now();
    folder(
        r#"test "it is asked again after a pause" {
  mock market_regime.detect = market_regime.neutral
  fail data.get_historical 2 times
  run flow
  expect run.status == "succeeded"
  expect prices.attempts == 3 and prices.took >= 2s
}

test "it hangs" {
  delay data.get_historical 1d
  run flow
  expect prices.status == "failed" and prices.error.kind == "timed_out"
  expect prices.attempts == 4 and run.took >= 2m
}

test "it is slow, and that is fine" {
  mock market_regime.detect = market_regime.neutral
  delay data.get_historical 29s
  run flow
  expect prices.status == "succeeded" and run.took == 29s
}

test "regimes break down a minute after midnight" {
  mock market_regime.detect = market_regime.neutral
  delay data.get_historical 29s
  fail data.get_historical 2 times
  at 00:01 fail market_regime.detect as "permanent"
  at 10:00 mock market_regime.detect = market_regime.neutral
  run flow
  expect regime.status == "degraded" and prices.took > 1m
}
"#,
    )
    .wf(&["test", "flow.wf"])
    .ends(0)
    .shows("4 passed");
    assert!(started.elapsed() < Duration::from_secs(60));
}

#[test]
fn nothing_real_is_touched() {
    let folder = Folder::new().with(
        "told.wf",
        "workflow told {\n  step said = monitor.alert(message: \"x\", value: 3, threshold: 2)\n  output raised = said.raised\n}\n\n\
         test \"it alerts\" {\n  run told()\n  expect raised\n}\n",
    );
    let said = folder.wf(&["test", "told.wf"]).ends(1);
    let said = said.shows("error[WF-E003]: `monitor.alert` tells people of something, and a test touches nothing real");
    said.shows("7 ~   mock monitor.alert = { raised: true }\n").shows("0 passed, 1 file could not be tested");
    folder.wf(&["check", "told.wf"]).ends(1).says("WF-E003");
    let text = folder.text("told.wf").replace("  run told", "  mock monitor.alert = { raised: true }\n  run told");
    let folder = folder.with("told.wf", text);
    folder.wf(&["test", "told.wf"]).ends(0).shows("1 passed");
    folder.wf(&["run", "told.wf"]).ends(0);
}

#[test]
fn tests_are_chosen_by_name_and_told_as_data() {
    let folder = folder(
        "test \"One <passes>\" {\n  mock market_regime.detect = market_regime.neutral\n  run flow\n}\n\n\
         test \"one fails\" {\n  mock market_regime.detect = market_regime.neutral\n  run flow\n  expect report.bars < 5\n}\n\n\
         test \"another\" {\n  mock market_regime.detect = market_regime.neutral\n  run flow\n}\n",
    );
    let folder = folder.with("broken.wf", "workflow w {\n  step a = data.get_historicl\n}\n");
    let json = folder.wf(&["test", ".", "--filter", "ONE", "--format", "json"]).ends(1).json();
    let tests: Vec<_> = json["tests"].as_array().unwrap().iter().map(|it| (&it["name"], &it["status"])).collect();
    assert_eq!(
        format!("{tests:?}"),
        r#"[(String("One <passes>"), String("passed")), (String("one fails"), String("failed"))]"#
    );
    assert_eq!(json["tests"][1]["diagnostics"][0]["code"], "WF-E001");
    assert_eq!((&json["passed"], &json["failed"]), (&1.into(), &1.into()));
    assert_eq!(json["diagnostics"][0]["code"], "WF-N002");
    let xml = folder.wf(&["test", ".", "--format", "junit"]).ends(1).out;
    for part in [
        r#"<testsuites name="wf test" tests="4" skipped="0" failures="1" errors="1""#,
        r#"<testcase name="One &lt;passes&gt;" classname="./flow.wf""#,
        r#"<failure message="`report.bars &lt; 5` does not hold" type="WF-E001">"#,
        r#"<error message="slice `data` has no method `get_historicl`" type="WF-N002">"#,
    ] {
        assert!(xml.contains(part), "{part}\n{xml}");
    }
}

#[test]
fn no_test_is_no_success() {
    let folder = folder("");
    folder.wf(&["test", "flow.wf"]).ends(2).says("no test was found in 1 file");
    folder.wf(&["test", "absent.wf"]).ends(2).says("there is no file `absent.wf`");
    let folder = folder.with("t.wf", "use \"./flow.wf\"\n\ntest \"imported\" {\n  fail data.get_historical\n  run flow\n  expect run.status == \"failed\"\n}\n");
    folder.wf(&["test", "t.wf", "--filter", "other"]).ends(2).says("no test has `other` in its name");
    folder.wf(&["test", "."]).ends(0).shows("1 passed");
}

#[test]
fn tests_in_yaml_are_the_same() {
    let folder = Folder::new().with(
        "six.yaml",
        "six:\n  steps:\n    - prices: {slice: data, method: get_historical, retry: {max: 2, backoff: 1s..2s}}\n    \
         - about: {slice: data, method: describe}\n\
         tests:\n  it is asked again:\n    - {fail: data.get_historical, times: 1, as: transient}\n    \
         - {run: six, as: first, with: {symbol: IBM}}\n    - expect: $first.prices.attempts == 2\n    \
         - expect: $prices.symbol == \"MSFT\"\n",
    );
    let said = folder.wf(&["test", "six.yaml"]).ends(1).shows("`prices.symbol == \"MSFT\"` does not hold");
    assert_eq!(said.out.matches("error[").count(), 1, "{}", said.out);
    let wf = folder.wf(&["convert", "six.yaml", "--to", "wf"]).ends(0).out;
    assert!(
        wf.contains("  fail data.get_historical 1 times as \"transient\"\n  run first = six(symbol: \"IBM\")\n"),
        "{wf}"
    );
}

#[test]
fn the_same_seed_gives_the_same_and_settings_count() {
    let tests = "test \"it pays\" {\n  mock market_regime.detect = market_regime.neutral\n  run flow\n  expect report.capital == 7_000 USD\n}\n";
    let folder = folder(tests).with("wf.yaml", "context: {capital: 7_000 USD}\ndata: {source: \"csv:nowhere\"}\n");
    folder.wf(&["test", "flow.wf", "--seed", "7"]).ends(0).shows("1 passed");
}

/// Returns what stands in the code block of a text that begins like this.
fn block(text: &str, start: &str) -> String {
    let at = text.find(start).unwrap_or_else(|| panic!("`{start}` is not there"));
    text[at..].split_once("```").unwrap().0.to_owned()
}

/// Returns a text without the times in it.
fn timeless(text: &str) -> String {
    let line = |it: &str| it.split(" (").next().unwrap().split(" in ").next().unwrap().to_owned();
    text.lines().map(line).collect::<Vec<_>>().join("\n")
}

#[test]
fn the_examples_of_the_pages_come_out_as_they_say() {
    let readme = include_str!("../../README.md");
    let flow = block(readme, "use \"./strategies/sma_cross.wf\" { sma_cross }\n\n## One strategy");
    let tests = block(readme, "test \"a source that fails for a while");
    let tested = block(include_str!("../../docs/language.md"), "workflow tested {");
    let folder = Folder::new()
        .with("strategies/sma_cross.wf", include_str!("../../workflows/strategies/sma_cross.wf"))
        .with("cross.wf", format!("{flow}\n{tests}"))
        .with("tested.wf", tested);
    folder.wf(&["fmt", "--check", "."]).ends(0);
    folder.wf(&["test", "tested.wf"]).ends(0).shows("2 passed");
    let said = folder.wf(&["test", "cross.wf"]).ends(1).out;
    assert_eq!(timeless(&said), timeless(block(readme, "cross.wf\n  ✓ a source").trim_end()));
}

#[test]
fn the_shipped_tests_pass() {
    for name in ["portfolio", "optimization", "strategies"] {
        here(&["test", &format!("workflows/tests/{name}.wf")]).ends(0);
    }
    here(&["test", "workflows/tests/simple_backtest.wf", "--filter", "source"]).ends(0).shows("1 passed");
}
