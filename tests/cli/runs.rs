//! Whole runs of what is shipped: each symbol, failures apart, and the same again with the same seed.

use serde_json::{Value as Json, json};

use crate::support::{Folder, QUICK, here};

/// Returns a result without what differs between equal runs: times.
fn timeless(mut json: Json) -> Json {
    for it in ["started", "seconds", "critical_path"] {
        json.as_object_mut().unwrap().remove(it);
    }
    for step in json["steps"].as_array_mut().unwrap() {
        step.as_object_mut().unwrap().retain(|name, _| !name.ends_with("seconds"));
    }
    json
}

#[test]
fn the_six_lines_run_as_they_stand() {
    let file = "workflows/simple_backtest.yaml";
    let said = here(&["run", file, "--symbols", "AAPL", "MSFT", "--format", "json", "--seed", "7", "--parallel", "1"]);
    let json = said.ends(0).json();
    for symbol in ["AAPL", "MSFT"] {
        let report = &json["outputs"][symbol]["run_backtest"];
        assert_eq!(report["symbol"], symbol);
        assert!(report["bars"].as_u64().unwrap() > 2_000);
        assert!(!report["trades"].as_array().unwrap().is_empty());
    }
    assert_eq!(json["summary"]["succeeded"], 12);
    let again = here(&["run", file, "--symbols", "AAPL", "MSFT", "--format", "json", "--seed", "7", "--parallel", "8"]);
    assert_eq!(timeless(json), timeless(again.ends(0).json()));
}

#[test]
fn the_wiring_is_explained() {
    let said = here(&["explain", "workflows/simple_backtest.yaml"]).ends(0);
    for line in
        ["fetch_data = data.get_historical", "<- fetch_data", "(only value of its type)", "<- capital", "(context)"]
    {
        assert!(said.out.contains(line), "{line}: {}", said.out);
    }
}

#[test]
fn one_symbol_that_fails_does_not_stop_the_other() {
    let message = "there is no `NOPE` in the bundled prices (it has AAPL, FB, GOOG, IBM, MSFT)";
    let check = |json: &Json, path: &str| {
        let step = |name: &str| {
            let path = format!("{path}[NOPE].{name}");
            json["steps"].as_array().unwrap().iter().find(|it| it["path"] == *path).unwrap().clone()
        };
        assert_eq!(step("fetch_data")["status"], "failed");
        assert_eq!(step("fetch_data")["error"]["message"], message);
        assert_eq!(step("run_backtest")["status"], "not_run");
        assert_eq!(json["summary"]["failed"], 1);
    };
    // In the file that tolerates it, the run is degraded.
    let said = here(&["run", "simple_backtest", "--symbols", "AAPL", "NOPE", "--format", "json"]).ends(0);
    let json = said.json();
    assert_eq!(json["status"], "degraded");
    assert_eq!(json["outputs"]["reports"].as_array().unwrap().len(), 1);
    assert_eq!(json["outputs"]["reports"][0]["symbol"], "AAPL");
    check(&json, "results");
    // In the six lines nothing is tolerated: the run failed, and what AAPL gave is there.
    let file = "workflows/simple_backtest.yaml";
    let json = here(&["run", file, "--symbols", "AAPL", "NOPE", "--format", "json"]).ends(1).json();
    assert_eq!(json["status"], "failed");
    assert_eq!(json["outputs"]["AAPL"]["run_backtest"]["symbol"], "AAPL");
    assert_eq!(json["outputs"]["NOPE"], json!({}));
    check(&json, "");
}

#[test]
fn the_same_seed_gives_the_same_result() {
    for name in ["simple_backtest", "portfolio", "optimization"] {
        let run = |parallel: &str| {
            let args = ["run", name, "--format", "json", "--full", "--seed", "7", "--parallel", parallel];
            timeless(here(&args).ends(0).json())
        };
        let (one, eight) = (run("1"), run("8"));
        assert!(one == eight, "{name} differs");
        assert_eq!(one["seed"], 7);
    }
}

#[test]
fn what_people_see_fits_their_terminal() {
    for name in ["simple_backtest", "portfolio", "optimization"] {
        let said = here(&["run", name]).ends(0).shows(&format!("{name} succeeded"));
        assert!(said.out.lines().all(|it| it.chars().count() <= 130), "{}", said.out);
        assert!(said.out.lines().count() < 60, "{}", said.out);
        assert!(!said.out.contains("e-3"), "shares are percents: {}", said.out);
    }
}

#[test]
fn a_run_is_called_as_one_says() {
    let folder = Folder::new().with("quick.wf", QUICK);
    let said = folder.wf(&["run", "quick.wf", "--symbols", "AAPL", "--run-id", "mine", "--format", "json"]).ends(0);
    assert_eq!(said.json()["run"], json!("mine"));
}

#[test]
fn a_trade_is_told_step_by_step() {
    let crossing = "strategy crossing {
  enter long when crosses_above(sma(close, 20), sma(close, 50))
  exit long when crosses_below(sma(close, 20), sma(close, 50))
  orders { size: 50% of equity stop: 3 * atr(14) }
}
workflow told {
  step prices = data.get_historical(symbol: \"IBM\")
  step report = backtest.execute(bars: prices, strategy: crossing, capital: 10_000 USD, costs: { fee: 1bps })
}
";
    let said =
        Folder::new().with("told.wf", crossing).wf(&["run", "told.wf", "--trade", "1", "--trade", "999"]).ends(0);
    for line in [
        "trade 1 of ",
        "  decided    `crosses_above(sma(close, 20), sma(close, 50))` was true at the close of 2000-",
        "  sized      50% of the equity of 10000 USD, at ",
        "  ordered    buy ",
        "  protected  stop at ",
        "  result     ",
        "IBM: there is no trade 999 among ",
    ] {
        assert!(said.out.contains(line), "{line}: {}", said.out);
    }
}
