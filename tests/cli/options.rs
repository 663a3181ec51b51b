//! Every option of `wf run`, used well and badly.

use std::{
    io::{BufRead as _, BufReader, Write as _},
    process::Stdio,
};

use serde_json::{Value as Json, json};

use crate::support::{Folder, QUICK, command};

fn quick() -> Folder {
    Folder::new().with("quick.wf", QUICK)
}

fn final_equity(json: &Json) -> f64 {
    json["outputs"]["report"]["final_equity"]["amount"].as_str().unwrap().parse().unwrap()
}

#[test]
fn set_gives_params_their_values() {
    let folder = quick();
    let base = ["run", "quick.wf", "--symbols", "AAPL", "--format", "json", "--set"];
    let with = |set: &str| folder.wf(&[&base[..], &[set]].concat());
    let said = with("capital=5_000 USD").ends(0);
    assert_eq!(said.json()["outputs"]["report"]["capital"], json!({"amount": "5000", "currency": "USD"}));
    assert_eq!(with("floor=50").ends(0).json()["status"], "succeeded");
    with("capitl=5_000 USD").ends(2).says("`quick` has no param `capitl`").says("did you mean `capital`?");
    with("capital=5%").ends(2).says("expected money in USD, found a percent");
    with("capital=5 USD").ends(2).says("is outside `in 1000 USD..1_000_000 USD`");
    with("floor=500").ends(2).says("1..100");
    with("capital").ends(2).says("`--set capital` has no `=`").says("help: write it as `--set fast=20`");
}

#[test]
fn capital_needs_its_currency() {
    let folder = quick();
    for wrong in ["5%", "10_000", "much"] {
        let said = folder.wf(&["run", "quick.wf", "--capital", wrong]).ends(2);
        said.says("`--capital`: expected Money").says("as in `--capital \"10_000 USD\"`");
    }
}

#[test]
fn what_is_said_at_the_start_keeps_the_bounds_of_the_inputs_that_it_reaches() {
    let text = "workflow bounded {\n  param count: BarCount = 20 bars\n  \
                step prices = data.get_recent(lookback: count)\n  output bars = prices\n}\n";
    let folder = || Folder::new().with("bounded.wf", text);
    let run = |more: &[&str]| folder().wf(&[&["run", "bounded.wf", "--symbols", "AAPL"], more].concat());
    run(&["--set", "count=30 bars"]).ends(0);
    run(&["--set", "count=0 bars"]).ends(2).says("`count`: must be at least 1 bars, not 0 bars");
    run(&["--capital", "0 USD"]).ends(2).says("`--capital`: must be above 0, not 0 USD");
    run(&["--set", "capital=-5 USD"]).ends(2).says("`--set capital`: must be above 0, not -5 USD");
    let given = |config: &str| folder().with("wf.yaml", config).wf(&["check", "bounded.wf"]).ends(2);
    given("context: {capital: 0 USD}").says("`context.capital`: must be above 0, not 0 USD");
    given("context: {costs: {fee: -1%}}").says("`context.costs.fee`: must be from 0% to 100%, not -1%");
    given("limits: {max_position: -5%}").says("`limits.max_position`: must be above 0, not -5%");
}

#[test]
fn modes_are_known_and_fit_the_workflow() {
    let folder = quick();
    folder
        .wf(&["run", "quick.wf", "--mode", "live"])
        .ends(2)
        .says("`quick` does not run in mode live")
        .says("its modes: backtest");
    folder.wf(&["run", "quick.wf", "--mode", "nonsense"]).ends(2).says("found `nonsense`");
    folder.wf(&["run", "--mode", "nonsense"]).ends(2).says("`--mode`: expected \"backtest\"").says("found `nonsense`");
    folder.wf(&["run", "--mode", "paper"]).ends(2).says("no workflow is bundled for mode `paper`");
}

#[test]
fn numbers_and_durations_are_checked() {
    let folder = quick();
    folder.wf(&["run", "quick.wf", "--deadline", "5"]).ends(2).says("`--deadline 5` is no duration");
    folder.wf(&["run", "quick.wf", "--parallel", "0"]).ends(2).says("0 is not in 1..");
    folder.wf(&["run", "quick.wf", "--seed", "-1"]).ends(2).says("invalid value '-1' for '--seed <N>'");
    folder.wf(&["run", "quick.wf", "--symbols", "a b"]).ends(2).says("`a b` is no symbol");
    folder.wf(&["run", "quick.wf", "--format", "jsonn"]).ends(2).says("a similar value exists: 'json'");
    let said = folder.wf(&["run", "quick.wf", "--symbols", "AAPL", "--deadline", "1ms", "--format", "json"]).ends(1);
    assert_eq!(said.json()["status"], "failed");
    assert!(said.json()["error"]["message"].as_str().unwrap().contains("deadline"), "{}", said.out);
}

#[test]
fn settings_are_found_upward_and_checked() {
    let folder =
        quick().with("wf.yaml", "context: {symbols: [IBM], capital: 20_000 USD}\n").with("deep/er/quick.wf", QUICK);
    let said = folder.wf(&["run", "deep/er/quick.wf", "--format", "json"]).ends(0);
    assert_eq!(said.json()["outputs"]["report"]["symbol"], "IBM", "{}", said.out);
    let said = folder.wf(&["run", "deep/er/quick.wf", "--symbols", "MSFT", "--format", "json"]).ends(0);
    assert_eq!(said.json()["outputs"]["report"]["symbol"], "MSFT");
    folder.wf(&["run", "quick.wf", "--config", "no.yaml"]).ends(2).says("there is no file `no.yaml`");
    for (text, message) in [
        ("context: {capitl: 5 USD}", "`context` has no `capitl`\nhelp: did you mean `capital`?"),
        ("contxt: {}", "there is no setting `contxt`\nhelp: did you mean `context`?"),
        ("context: 5", "`context` holds settings of its own"),
        ("context: {capital: 5}", "`context.capital`: expected Money, found `5`"),
        ("limits: {max_positon: 5%}", "`limits` has no `max_positon`\nhelp: did you mean `max_position`?"),
        ("data: {sorce: bundled}", "`data` has no `sorce`\nhelp: did you mean `source`?"),
        ("a: [", "this is not YAML: line "),
        (
            "data: {source: nonsense}",
            "there is no data source `nonsense`: there are `bundled`, `csv:PATH`, `parquet:PATH`, `arrow:PATH` and `catalogue:PATH`",
        ),
        ("data: {source: \"csv:no.csv\"}", "no.csv"),
    ] {
        let folder = quick().with("c.yaml", text);
        folder.wf(&["run", "quick.wf", "--symbols", "AAPL", "--config", "c.yaml"]).ends(2).says(message);
    }
}

#[test]
fn house_limits_bind_live_workflows() {
    let text = QUICK.replace("workflow quick {\n", "workflow quick {\n  modes backtest, live\n  limits {\n    max_position: 50% of capital\n    max_daily_loss: 2% of capital\n    max_drawdown: 10%\n    on_breach: \"flatten_and_halt\"\n  }\n");
    let folder = Folder::new().with("quick.wf", text).with("wf.yaml", "limits: {max_position: 10%}\n");
    folder.wf(&["check", "quick.wf"]).ends(1).says("WF-P003").says("quick.wf:11:19");
}

#[test]
fn prices_come_from_files() {
    let mut text = String::from("date,symbol,open,high,low,close,volume\n");
    for day in 1..=28 {
        for month in ["01", "02", "03"] {
            text.push_str(&format!("2020-{month}-{day:02},ACME,{day},{},{},{day},100\n", day + 1, day as f64 - 0.5));
        }
    }
    let mut lines: Vec<_> = text.lines().skip(1).collect();
    lines.sort_unstable();
    let good = format!("date,symbol,open,high,low,close,volume\n{}\n", lines.join("\n"));
    let run = ["run", "quick.wf", "--symbols", "ACME", "--format", "json"];
    let with = |csv: &str| {
        let folder = quick().with("wf.yaml", "data: {source: \"csv:prices.csv\"}\n").with("prices.csv", csv);
        folder.wf(&run)
    };
    assert!(final_equity(&with(&good).ends(0).json()) > 10_000.0);
    let error = |said: crate::support::Said| said.json()["steps"][0]["error"]["message"].as_str().unwrap().to_owned();
    let said = error(with(&good.replacen(",3,100", ",x,100", 1)).ends(1));
    assert!(said.contains("line 4, column `close`: `x`"), "{said}");
    let said = error(with("date,open,high,low\n2020-01-02,1,2,0.5\n").ends(1));
    assert!(said.contains("has no column `close`"), "{said}");
    let folder = quick().with("wf.yaml", "data: {source: \"parquet:wf.yaml\"}\n");
    let said = error(folder.wf(&run).ends(1));
    assert!(said.contains("is no Parquet file"), "{said}");
}

#[test]
fn strict_makes_a_degraded_run_a_failed_one() {
    let text = QUICK
        .replace(
            "  step prices",
            "  param symbols: [Symbol] = [\"AAPL\", \"NOPE\"]\n  step results = for symbol in symbols {\n  step prices",
        )
        .replace("  output report = report\n", "  yield report\n  }\n    tolerate 50%\n  output reports = results\n");
    let folder = Folder::new().with("each.wf", text);
    let said = folder.wf(&["run", "each.wf", "--format", "json"]).ends(0);
    assert_eq!(said.json()["status"], "degraded");
    folder.wf(&["run", "each.wf", "--strict"]).ends(1).shows("quick succeeded, degraded,");
    let said = folder.wf(&["run", "each.wf"]).ends(0);
    assert_eq!(said.out.matches("there is no `NOPE`").count(), 1, "said once: {}", said.out);
    assert!(said.out.lines().all(|it| it.chars().count() <= 120), "{}", said.out);
}

#[test]
fn quiet_and_verbose() {
    let folder = quick();
    let said = folder.wf(&["run", "quick.wf", "--symbols", "AAPL", "--quiet"]).ends(0).shows("quick succeeded");
    assert_eq!(said.err, "");
    folder.wf(&["run", "quick.wf", "--symbols", "AAPL", "--verbose"]).ends(0).says("✓");
    folder.wf(&["run", "quick.wf", "--symbols", "AAPL", "--format", "table"]).ends(0).shows("data.get_historical");
}

#[test]
fn every_line_of_jsonl_is_an_object() {
    let said = quick().wf(&["run", "quick.wf", "--symbols", "AAPL", "--format", "jsonl"]).ends(0);
    let lines: Vec<Json> = said.out.lines().map(|it| serde_json::from_str(it).unwrap()).collect();
    assert_eq!(lines[0]["event"], "run_started");
    assert!(lines.iter().any(|it| it["event"] == "ended" && it["path"] == "report" && it["status"] == "succeeded"));
    assert_eq!(lines[lines.len() - 1]["status"], "succeeded");
    assert!(lines[lines.len() - 1]["outputs"]["report"].is_object());
}

#[test]
fn the_standard_input_is_a_file() {
    let folder = Folder::new();
    let mut child = command(&folder.0, &["run", "-", "--symbols", "AAPL", "--quiet"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(QUICK.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    assert!(String::from_utf8_lossy(&output.stdout).contains("quick succeeded"));
}

#[test]
fn workflows_are_found_by_name() {
    let folder = quick().with("workflows/inner.wf", QUICK.replace("workflow quick", "workflow inner"));
    folder.wf(&["run", "quick", "--symbols", "AAPL", "--quiet"]).ends(0).shows("quick succeeded");
    folder.wf(&["run", "inner", "--symbols", "AAPL", "--quiet"]).ends(0).shows("inner succeeded");
    folder.wf(&["run", "inner.wf", "--symbols", "AAPL", "--quiet"]).ends(0).shows("inner succeeded");
    folder
        .wf(&["run", "quik"])
        .ends(2)
        .says("there is no workflow `quik`, here or bundled")
        .says("did you mean `quick.wf`?");
    folder
        .wf(&["run", "quick.wf", "quik"])
        .ends(2)
        .says("the file has no workflow `quik`")
        .says("did you mean `quick`?");
    // The bundled ones are found with and without their ending.
    folder.wf(&["plan", "simple_backtest"]).ends(0);
    folder.wf(&["plan", "simple_backtest.yaml"]).ends(0);
}

#[cfg(unix)]
#[test]
fn ctrl_c_stops_a_run_in_order() {
    let text = QUICK.replace("  step report", "  step spread = for n in [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16] parallel 1 {\n    step r = market_regime.detect(bars: prices)\n    yield r\n  }\n  output spread = len(spread)\n  step report");
    let folder = Folder::new().with("quick.wf", text);
    let mut child = command(&folder.0, &["run", "quick.wf", "--symbols", "AAPL", "--format", "json", "--verbose"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
    assert!(lines.any(|it| it.unwrap().contains('✓')), "a step ends");
    let rest = std::thread::spawn(move || lines.for_each(drop));
    std::process::Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    let output = child.wait_with_output().unwrap();
    rest.join().unwrap();
    assert_eq!(output.status.code(), Some(130));
    let json: Json = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(json["status"], "cancelled");
    assert_eq!(json["steps"][0]["status"], "succeeded");
}

#[test]
fn a_reader_that_leaves_breaks_nothing() {
    let folder = quick();
    for args in [
        &["run", "quick.wf", "--symbols", "AAPL"][..],
        &["run", "quick.wf", "--symbols", "AAPL", "--format", "json"],
        &["run", "quick.wf", "--symbols", "AAPL", "--format", "jsonl"],
        &["check", "quick.wf", "--format", "json"],
        &["convert", "quick.wf", "--to", "yaml"],
        &["explain", "quick.wf"],
        &["graph", "quick.wf"],
        &["plan", "quick.wf"],
        &["plan", "quick.wf", "--format", "json"],
        &["slices", "--format", "json"],
        &["schema", "result"],
        &["completions", "bash"],
    ] {
        let mut child = command(&folder.0, args).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        drop(child.stdout.take());
        let output = child.wait_with_output().unwrap();
        let err = String::from_utf8_lossy(&output.stderr);
        assert!(!err.contains("panicked"), "{args:?}: {err}");
        assert_eq!(output.status.code(), Some(0), "{args:?}: {err}");
    }
}
