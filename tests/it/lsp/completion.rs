//! What may stand at the cursor.

use super::support::{Editor, Folder};

/// Says that these are offered, in this order, before anything that is not named.
fn first(labels: &[String], wanted: &[&str]) {
    assert_eq!(labels.iter().take(wanted.len()).collect::<Vec<_>>(), wanted, "{labels:?}");
}

fn has(labels: &[String], wanted: &[&str]) {
    for it in wanted {
        assert!(labels.iter().any(|label| label == it), "no {it} in {labels:?}");
    }
}

fn has_not(labels: &[String], unwanted: &[&str]) {
    for it in unwanted {
        assert!(!labels.iter().any(|label| label == it), "{it} in {labels:?}");
    }
}

#[test]
fn a_workflow_is_written_with_what_is_offered() {
    let folder = Folder::new("complete");
    folder.write("lib/cross.wf", "## A cross.\nstrategy cross {\n  param fast: Int = 5\n  enter long when close > fast\n  exit long when close < fast\n}\n");
    let file = folder.0.join("a.wf");
    let mut editor = Editor::new(Some(&folder.0));
    let mut at = |text: &str| editor.labels(&file, text);
    has(&at("¦"), &["workflow", "strategy", "use", "type", "test"]);
    has(&at("wor¦"), &["workflow"]);
    has(&at("workflow a {\n  ¦\n}\n"), &["step", "let", "param", "output", "limits", "modes"]);
    has_not(&at("workflow a {\n  ¦\n}\n"), &["enter", "yield", "timeout"]);
    has(&at("workflow a {\n  step x = ¦\n}\n"), &["data", "backtest", "for", "match", "capital", "max_by"]);
    has(&at("workflow a {\n  step x = ¦\n  step y = data.get_historical\n}\n"), &["data", "y"]);
    has(&at("workflow a {\n  step x = data.¦\n}\n"), &["get_historical", "slice"]);
    has(&at("workflow a {\n  step x = data.get¦\n  step y = x\n}\n"), &["get_historical"]);
    has(&at("workflow a {\n  step x = data.get_historical\n    ¦\n}\n"), &["timeout", "retry", "step"]);
    has_not(&at("workflow a {\n  step x = data.get_historical\n    timeout 3s\n    ¦\n}\n"), &["timeout"]);
    has(&at("workflow a {\n  step x = data.get_historical ¦\n}\n"), &["timeout", "else"]);
    let open = at("workflow a {\n  step h = data.get_historical\n  step x = backtest.execute(bars: h, ¦\n}\n");
    has(&open, &["costs", "strategy"]);
    has_not(&open, &["bars", "h"]);
    let closed = at("workflow a {\n  step h = data.get_historical\n  step x = backtest.execute(¦)\n}\n");
    has(&closed, &["bars", "costs"]);
    first(
        &at(
            "workflow a {\n  param n: Int = 2\n  step h = data.get_historical\n  step x = backtest.execute(bars: ¦)\n}\n",
        ),
        &["h"],
    );
    has(&at("workflow a {\n  step x = backtest.execute(costs: { ¦ })\n}\n"), &["fee", "slippage"]);
    has_not(&at("workflow a {\n  step x = backtest.execute(costs: { fee: 1bps, ¦ })\n}\n"), &["fee"]);
    has(&at("workflow a {\n  limits {\n    max_position: 5%\n    ¦\n  }\n}\n"), &["max_daily_loss", "on_breach"]);
    has_not(&at("workflow a {\n  limits {\n    max_position: 5%\n    ¦\n  }\n}\n"), &["max_position"]);
    first(&at("workflow a {\n  limits { on_breach: ¦ }\n}\n"), &["\"flatten_and_halt\""]);
    has(&at("workflow a {\n  limits { on_breach: \"¦\" }\n}\n"), &["flatten_and_halt"]);
    has(&at("workflow a {\n  step h = data.get_historical\n  let s = h.¦\n}\n"), &["symbol"]);
    has(&at("workflow a {\n  step h = data.get_historical\n    timeout 30¦\n}\n"), &["30s", "30m"]);
    has_not(&at("workflow a {\n  step h = data.get_historical\n    timeout 30¦\n}\n"), &["30%", "30 USD"]);
    has(&at("workflow a {\n  param m: Money<EUR> = 5¦\n}\n"), &["5 EUR"]);
    has(&at("workflow a {\n  param m: ¦\n}\n"), &["Int", "Money", "Bars"]);
    has(&at("workflow a {\n  modes ¦\n}\n"), &["backtest", "live"]);
    has(&at("workflow a {\n  step h = data.get_historical\n  step x = data.get_historical\n    after ¦\n}\n"), &["h"]);
    has(&at("workflow a {\n  step x = for s in ¦\n}\n"), &["symbols"]);
    has(
        &at("workflow a {\n  step x = for s in symbols {\n    step h = data.get_historical(symbol: ¦)\n  }\n}\n"),
        &["s"],
    );
    has(&at("workflow a {\n  modes backtest, live\n  step x = match mode {\n    ¦\n  }\n}\n"), &["\"live\"", "_"]);
    has(&at("use \"¦\"\n"), &["./lib/"]);
    has(&at("use \"./lib/¦\"\n"), &["./lib/cross.wf"]);
    has(&at("use \"./lib/cross.wf\" { ¦ }\n"), &["cross"]);
    let cross = at(
        "use \"./lib/cross.wf\" { cross }\nworkflow a {\n  step h = data.get_historical\n  step x = backtest.execute(strategy: ¦)\n}\n",
    );
    first(&cross, &["cross"]);
    has(
        &at("use \"./lib/cross.wf\" { cross }\nworkflow a {\n  step x = backtest.execute(strategy: cross(¦))\n}\n"),
        &["fast"],
    );
    has(
        &at("use \"./lib/cross.wf\" as lib\nworkflow a {\n  step x = backtest.execute(strategy: lib.¦)\n}\n"),
        &["cross"],
    );
    has_not(&at("workflow a {\n  step x = data.get_historical # ¦\n}\n"), &["step"]);
}

#[test]
fn a_strategy_is_written_with_what_is_offered() {
    let folder = Folder::new("complete-strategy");
    let file = folder.0.join("a.wf");
    let mut editor = Editor::new(None);
    let mut at = |text: &str| editor.labels(&file, text);
    has(&at("strategy s {\n  ¦\n}\n"), &["param", "let", "enter", "exit", "orders"]);
    has_not(&at("strategy s {\n  ¦\n}\n"), &["step", "limits"]);
    has(&at("strategy s {\n  let f = ¦\n}\n"), &["sma", "close", "crosses_above"]);
    has(&at("strategy s {\n  param n: Int = 2\n  let f = sma(close, ¦)\n}\n"), &["n"]);
    has(&at("strategy s {\n  let f = sma(close, 5)\n  enter long when close > ¦\n}\n"), &["f", "open"]);
    has(&at("strategy s {\n  enter ¦\n}\n"), &["long", "short"]);
    has(&at("strategy s {\n  orders {\n    ¦\n  }\n}\n"), &["size", "stop", "fill"]);
    has(&at("strategy s {\n  orders { fill: ¦ }\n}\n"), &["\"next_open\""]);
    has(&at("strategy s {\n  let m = macd(close).¦\n}\n"), &["signal"]);
}

#[test]
fn yaml_is_written_with_what_is_offered() {
    let folder = Folder::new("complete-yaml");
    folder.write("strategies/trend.wf", "");
    let file = folder.0.join("a.yaml");
    let mut editor = Editor::new(None);
    let mut at = |text: &str| editor.labels(&file, text);
    has(&at("a:\n  steps:\n    - x: {slice: ¦}\n"), &["data", "backtest"]);
    has(&at("a:\n  steps:\n    - x: {slice: data, method: ¦}\n"), &["get_historical"]);
    has(&at("a:\n  steps:\n    - x: {slice: data, method: get_historical, ¦}\n"), &["with", "timeout"]);
    has(&at("a:\n  steps:\n    - x:\n        slice: data\n        method:¦\n"), &["get_historical"]);
    has(&at("a:\n  steps:\n    - x:\n        slice: data\n        me¦\n"), &["method"]);
    let steps = "a:\n  steps:\n    - h: {slice: data, method: get_historical}\n";
    has(&at(&format!("{steps}    - x: {{slice: backtest, method: execute, with: {{¦}}}}\n")), &["bars", "costs"]);
    first(&at(&format!("{steps}    - x: {{slice: backtest, method: execute, with: {{bars: ¦}}}}\n")), &["$h"]);
    first(&at(&format!("{steps}    - x: {{slice: backtest, method: execute, with: {{bars: $¦}}}}\n")), &["h"]);
    has(&at(&format!("{steps}    - x: $h.¦\n")), &["symbol"]);
    has(&at("a:\n  steps:\n    - h: {slice: data, method: get_historical, timeout: 30¦}\n"), &["30s", "30m"]);
    has(&at("a:\n  li¦\n  steps: []\n"), &["limits", "params"]);
    has(&at("a:\n  steps:\n    - ¦\n"), &["let", "output", "on"]);
    has(&at("a:\n  steps:\n    - o¦\n    - x: {slice: data, method: get_historical}\n"), &["output", "on"]);
    has(&at("a:\n  steps:\n    - x: {slice: data, method: get_historical}\n    - out¦: 1\n"), &["output"]);
    has(&at("¦\n"), &["use", "types", "strategies", "tests"]);
    has(&at("st¦"), &["strategies"]);
    has(&at("str¦\na:\n  steps: []\n"), &["strategies"]);
    has(&at("a:\n  steps: []\nte¦\n"), &["tests"]);
    has(&at("a:\n  steps: []\nte¦:\n"), &["tests"]);
    let steps = "a:\n  steps: []\n";
    has(&at(&format!("use:\n  - ¦\n{steps}")), &["./strategies/"]);
    has(&at(&format!("use:\n  - ./stra¦\n{steps}")), &["./strategies/"]);
    has(&at(&format!("use:\n  - {{path: ./strategies/t¦, as: s}}\n{steps}")), &["./strategies/trend.wf"]);
    has(&at(&format!("use:¦\n{steps}")), &["./strategies/"]);
    first(&at("a:\n  limits: {on_breach: ¦}\n  steps: []\n"), &["flatten_and_halt"]);
}
