//! The page of a run: whole, alone, and safe against what names say.

use std::{io::Write as _, process::Command};

use serde_json::Value as Json;

use crate::support::{Folder, here};

/// Returns the figures that a page carries.
fn data(page: &str) -> Json {
    let after = page.split_once("<script type=\"application/json\" id=\"data\">").unwrap().1;
    serde_json::from_str(after.split_once("</script>").unwrap().0).unwrap()
}

/// Returns the page of a workflow, and what the run printed as JSON.
fn page(folder: &Folder, workflow: &str, args: &[&str], code: i32) -> (String, Json) {
    let path = folder.0.join("out.html");
    let path = path.to_str().unwrap();
    let said = here(&[&["run", workflow, "--report", path, "--format", "json", "--full", "--quiet"], args].concat());
    let json = said.ends(code).json();
    (folder.text("out.html"), json)
}

fn file(folder: &Folder, name: &str) -> String {
    folder.0.join(name).to_str().unwrap().to_owned()
}

/// Returns the times of a packed column.
fn times(packed: &Json) -> Vec<i64> {
    let mut at = packed["start"].as_i64().unwrap();
    let unit = packed["unit"].as_i64().unwrap();
    let steps = packed["steps"].as_array().unwrap().iter().map(|it| {
        at += it.as_i64().unwrap() * unit;
        at
    });
    std::iter::once(packed["start"].as_i64().unwrap()).chain(steps).collect()
}

fn numbers(column: &Json) -> Vec<f64> {
    column.as_array().unwrap().iter().map(|it| it.as_f64().unwrap()).collect()
}

#[test]
fn a_page_needs_nothing_else() {
    let folder = Folder::new();
    let (page, _) = page(&folder, "simple_backtest", &["--symbols", "IBM"], 0);
    for it in [
        "http:",
        "https:",
        "//cdn",
        "@import",
        " src=",
        "fetch(",
        "XMLHttpRequest",
        "innerHTML",
        "eval(",
        "transition",
        "animation",
    ] {
        assert!(!page.contains(it), "{it}");
    }
    assert_eq!(page.matches("url(").count(), page.matches("url(#").count(), "only parts of the page itself");
    assert!(page.contains("default-src 'none'"));
    assert!(page.len() < 700_000, "{}", page.len());
    for it in ["<title>simple_backtest – wf</title>", "prefers-color-scheme", "@media print"] {
        assert!(page.contains(it), "{it}");
    }
}

#[test]
fn the_page_has_the_figures_of_the_run() {
    let folder = Folder::new();
    let (page, json) = page(&folder, "simple_backtest", &["--symbols", "AAPL", "MSFT", "--seed", "7"], 0);
    let data = data(&page);
    assert_eq!(data["run"]["id"], json["run"]);
    assert_eq!(data["steps"].as_array().unwrap().len(), json["steps"].as_array().unwrap().len());
    assert_eq!(data["reports"].as_array().unwrap().len(), 2);
    let measures = data["measures"].as_array().unwrap();
    assert_eq!(data["conventions"][0].as_array().unwrap().len(), measures.len());
    for (own, its) in data["reports"].as_array().unwrap().iter().zip(json["outputs"]["reports"].as_array().unwrap()) {
        assert_eq!(own["label"], its["symbol"]);
        let metrics = its["metrics"].as_object().unwrap();
        assert_eq!(metrics.len(), measures.len());
        for (measure, value) in measures.iter().zip(own["metrics"].as_array().unwrap()) {
            let wanted = &metrics[measure[0].as_str().unwrap()];
            let text = wanted.as_str().unwrap_or_default();
            let wanted = match text.strip_suffix('%') {
                Some(share) => share.parse::<f64>().unwrap() / 100.0,
                None => text.parse().unwrap(),
            };
            let value = value.as_f64().unwrap();
            assert!((value - wanted).abs() <= 1e-6 * wanted.abs(), "{measure}: {value}, {wanted}");
        }
        let (times, equity) = (times(&own["times"]), numbers(&own["equity"]));
        assert_eq!(times.len(), equity.len());
        assert_eq!(own["benchmark"].as_array().unwrap().len(), equity.len());
        assert!(times.windows(2).all(|it| it[0] < it[1]));
        assert_eq!(equity[0], 10_000.0);
        let last = its["final_equity"]["amount"].as_str().unwrap().parse::<f64>().unwrap();
        assert!((equity.last().unwrap() / last - 1.0).abs() < 1e-6);
        let whole = numbers(&own["months"].as_array().unwrap().iter().map(|it| it[2].clone()).collect());
        let whole: f64 = whole.iter().map(|it| 1.0 + it).product();
        assert!((whole / (last / 10_000.0) - 1.0).abs() < 1e-4, "months multiply to the whole");
        assert_eq!(own["trades"].as_array().unwrap().len(), its["trades"].as_array().unwrap().len());
        let counted: f64 = numbers(&own["histogram"]["counts"]).iter().sum();
        assert_eq!(counted as u64 + own["histogram"]["still"].as_u64().unwrap(), equity.len() as u64 - 1);
        assert_eq!(own["intervals"]["rows"].as_array().unwrap().len(), 3);
    }
    let sources = data["sources"].as_array().unwrap();
    assert!(sources[0][1].as_str().unwrap().contains("workflow simple_backtest"));
    assert_eq!(sources[0][2].as_str().unwrap().len(), 64);
}

#[test]
fn a_portfolio_has_the_prices_of_each_symbol() {
    let folder = Folder::new();
    let (page, _) = page(&folder, "portfolio", &[], 0);
    let data = data(&page);
    let report = &data["reports"][0];
    let prices: Vec<_> = report["prices"].as_array().unwrap().iter().map(|it| it["symbol"].clone()).collect();
    assert_eq!(prices, ["AAPL", "MSFT", "IBM", "GOOG"]);
    assert_eq!(times(&report["prices"][0]["times"]).len(), report["prices"][0]["close"].as_array().unwrap().len());
    assert!(!report["events"].as_array().unwrap().is_empty());
    // Held in equal parts from the first close on, it begins as the capital.
    assert_eq!(report["benchmark"][0], 100_000.0);
}

#[test]
fn a_search_has_its_folds_and_a_map_of_its_trials() {
    let folder = Folder::new().with(
        "grid.wf",
        "workflow grid_search {\n  param symbol: Symbol = \"IBM\"\n  step history = data.get_historical\n  \
         step trials = for p in grid(fast: 5..15 by 5, slow: 20..40 by 20) {\n    \
         step run = backtest.execute(strategy: cross(..p), bars: history, costs: { fee: 1bps })\n    \
         yield { params: p, report: run }\n  }\n  output trials = trials\n}\n\n\
         strategy cross {\n  param fast: Int = 5\n  param slow: Int = 20\n  \
         enter long when crosses_above(sma(close, fast), sma(close, slow))\n  \
         exit long when crosses_below(sma(close, fast), sma(close, slow))\n}\n",
    );
    let (searched, _) = page(&folder, &file(&folder, "grid.wf"), &[], 0);
    let trials = &data(&searched)["trials"][0];
    assert_eq!(trials["objective"], "sharpe");
    assert_eq!(trials["rows"].as_array().unwrap().len(), 6);
    assert_eq!(trials["rows"][0]["params"]["fast"], 5);
    assert!(trials["rows"][0]["objective"].is_f64());
    assert_eq!(data(&searched)["reports"].as_array().unwrap().len(), 0, "trials are a map, not a report each");

    let (page, _) = page(&folder, "optimization", &[], 0);
    let search = &data(&page)["searches"][0];
    assert!(search["folds"].as_array().unwrap().len() > 10);
    assert!(search["folds"][0]["params"]["fast"].is_number() && search["cagr"].is_number());
    assert_eq!(times(&search["times"]).len(), numbers(&search["equity"]).len());
    assert!(search["in_sample"].as_f64() > search["out_of_sample"].as_f64());
}

#[test]
fn a_search_says_what_was_chosen_and_how_far_to_believe_it() {
    let folder = Folder::new().with(
        "tuned.wf",
        "workflow tuned {\n  param symbol: Symbol = \"IBM\"\n  step history = data.get_historical\n  \
         step found = optimize.grid(strategy: cross(), ascending: [\"fast\", \"slow\"], costs: { fee: 1bps })\n  \
         output found = found\n}\n\n\
         strategy cross {\n  param fast: Int in 5..25 by 5 = 5\n  param slow: Int in 20..60 by 20 = 20\n  \
         enter long when crosses_above(sma(close, fast), sma(close, slow))\n  \
         exit long when crosses_below(sma(close, fast), sma(close, slow))\n}\n",
    );
    let (tuned, _) = page(&folder, &file(&folder, "tuned.wf"), &[], 0);
    let found = data(&tuned);
    let trials = &found["trials"][0];
    assert_eq!((trials["rows"].as_array().unwrap().len(), &trials["trials"]), (15, &13.into()));
    assert!(trials["rows"][12]["problem"].is_string() && trials["rows"][0]["mean"].is_number());
    assert!(trials["chosen"]["fast"].is_number() && trials["overfitting"].is_number());
    assert_eq!((&trials["stopped"], found["reports"].as_array().unwrap().len()), (&"every set was tried".into(), 1));

    let (walked, _) = page(&folder, "walk_forward", &["--set", "budget=12"], 0);
    let found = data(&walked);
    let search = &found["searches"][0];
    assert_eq!((&search["search"], search["folds"].as_array().unwrap().len()), (&"bayes".into(), 19));
    assert!(search["folds"][0]["in_sample"].is_number() && search["overfitting"].is_number());
    assert_eq!(found["validations"][0]["paths"].as_array().unwrap().len(), 9);
    assert!(found["others"].as_array().unwrap().is_empty());
}

#[test]
fn what_names_say_is_text_and_never_markup() {
    let hostile = "</script><script>alert(1)</script><img src=x onerror=alert(2)> & @@data@@";
    let text = format!(
        "## {hostile}\nworkflow odd {{\n  param note: Text = \"{hostile}\"\n  step history = data.get_historical(symbol: \
         \"IBM\")\n  output note = note\n  output symbol = history.symbol\n}}\n"
    );
    let folder = Folder::new().with("odd.wf", &text);
    let (page, _) = page(&folder, &file(&folder, "odd.wf"), &[], 0);
    assert_eq!(page.matches("</script>").count(), 2);
    assert_eq!(page.matches("<script").count(), 2);
    assert!(!page.contains("<img"));
    let data = data(&page);
    assert_eq!(data["run"]["doc"], hostile);
    assert_eq!(data["others"][0][1], hostile);
    assert_eq!(data["sources"][0][1], text);
}

#[test]
fn a_run_without_a_backtest_or_without_a_result_has_a_page() {
    let folder = Folder::new()
        .with("plain.wf", "workflow plain {\n  output three = 3\n  output rows = [{ a: 1, b: \"x\" }]\n}\n")
        .with("fails.wf", "workflow fails {\n  step history = data.get_historical(symbol: \"NOPE\")\n  output symbol = history.symbol\n}\n");
    let (plain, _) = page(&folder, &file(&folder, "plain.wf"), &[], 0);
    assert_eq!(data(&plain)["others"].as_array().unwrap().len(), 2);
    let (failed, _) = page(&folder, &file(&folder, "fails.wf"), &[], 1);
    let data = data(&failed);
    assert_eq!(data["run"]["status"], "failed");
    assert!(data["steps"][0][6].as_str().unwrap().contains("NOPE"));
}

#[test]
fn a_place_that_is_none_is_said_before_anything_runs() {
    let said = here(&["run", "simple_backtest", "--report", "no/such/folder/out.html"]).ends(2);
    assert!(said.err.contains("there is no folder `no/such/folder`"), "{}", said.err);
    assert!(said.out.is_empty());
}

/// Where there is a node, the script reads as one.
#[test]
fn the_script_reads() {
    if Command::new("node").arg("--version").output().is_err() {
        return;
    }
    let folder = Folder::new().with("plain.wf", "workflow plain {\n  output three = 3\n}\n");
    let (page, _) = page(&folder, &file(&folder, "plain.wf"), &[], 0);
    let script = page.rsplit_once("<script>").unwrap().1.split_once("</script>").unwrap().0;
    let path = folder.0.join("script.js");
    std::fs::File::create(&path).unwrap().write_all(script.as_bytes()).unwrap();
    let said = Command::new("node").arg("--check").arg(&path).output().unwrap();
    assert!(said.status.success(), "{}", String::from_utf8_lossy(&said.stderr));
}
