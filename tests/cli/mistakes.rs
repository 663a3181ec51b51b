//! One mistake, one message, at its place, with the fix that mends it; in both forms.

use serde_json::Value as Json;

use crate::support::{Folder, Said, WF, YAML, found};

fn check(name: &str, text: &str) -> (Folder, Said) {
    let folder = Folder::new().with(name, text);
    let said = folder.wf(&["check", name, "--format", "json"]);
    (folder, said)
}

/// Returns a text with the first fix of a diagnostic applied.
fn mended(text: &str, diagnostic: &Json) -> String {
    let byte = |place: &Json| {
        let (line, column) = (place["line"].as_u64().unwrap() as usize, place["column"].as_u64().unwrap() as usize);
        let start: usize = text.split_inclusive('\n').take(line - 1).map(str::len).sum();
        let rest = &text[start..];
        start + rest.char_indices().nth(column - 1).map_or(rest.len(), |it| it.0)
    };
    let mut edits: Vec<_> = (diagnostic["fixes"][0]["edits"].as_array().unwrap().iter())
        .map(|it| (byte(&it["range"]["start"]), byte(&it["range"]["end"]), it["text"].as_str().unwrap()))
        .collect();
    assert!(!edits.is_empty(), "no edit: {diagnostic:#}");
    edits.sort();
    let mut out = text.to_owned();
    for (start, end, new) in edits.into_iter().rev() {
        out.replace_range(start..end, new);
    }
    out
}

/// Makes one mistake and asserts that it is said once, in its words and at its place, and that the fix mends it.
#[track_caller]
fn one(form: &str, from: &str, to: &str, code: &str, message: &str, line: usize, column: usize, mends: bool) {
    let (name, good) = if form == "wf" { ("demo.wf", WF) } else { ("demo.yaml", YAML) };
    assert!(good.contains(from), "{from}");
    let text = good.replacen(from, to, 1);
    let (_folder, said) = check(name, &text);
    assert_eq!(said.code, 1, "{said:?}");
    let all = said.json()["diagnostics"].as_array().unwrap().clone();
    assert_eq!(all.len(), 1, "{all:#?}");
    let it = &all[0];
    let start = &it["range"]["start"];
    assert_eq!((it["code"].as_str(), it["message"].as_str()), (Some(code), Some(message)));
    assert_eq!((start["line"].as_u64(), start["column"].as_u64()), (Some(line as u64), Some(column as u64)), "{it:#}");
    if mends {
        let mended = mended(&text, it);
        let (_folder, said) = check(name, &mended);
        assert_eq!(said.json()["diagnostics"].as_array().unwrap().len(), 0, "{mended}\n{said:?}");
    }
}

#[test]
fn what_is_right_is_not_blamed() {
    for (name, text) in [("demo.wf", WF), ("demo.yaml", YAML)] {
        let (_folder, said) = check(name, text);
        assert_eq!(said.code, 0);
        assert_eq!(said.json()["diagnostics"], serde_json::json!([]));
    }
}

#[test]
fn a_wrong_method() {
    let message = "slice `data` has no method `get_historic`";
    one("wf", "get_historical", "get_historic", "WF-N002", message, 4, 22, true);
    one("yaml", "get_historical", "get_historic", "WF-N002", message, 5, 37, true);
}

#[test]
fn a_symbol_without_quotes() {
    one("wf", "\"AAPL\"", "AAPL", "WF-N003", "nothing here is called `AAPL`", 4, 45, true);
}

#[test]
fn a_number_without_a_unit() {
    let message = "`30` needs a unit: a duration is wanted";
    one("wf", "30s", "30", "WF-T004", message, 5, 13, true);
    one("yaml", "30s", "30", "WF-T004", message, 5, 84, true);
}

#[test]
fn a_percent_for_money() {
    let message = "expected money, found a percent";
    one("wf", "50% of capital", "2%", "WF-T002", message, 8, 96, true);
    one("yaml", "$50% of capital", "2%", "WF-T002", message, 8, 122, true);
}

#[test]
fn swapped_arguments() {
    let message = "`bars` and `regime` are in each other's place";
    one("wf", "bars: prices, regime: regime)", "bars: regime, regime: prices)", "WF-T001", message, 7, 48, true);
    let (from, to) = ("bars: $prices, regime: $regime}}\n    - size", "bars: $regime, regime: $prices}}\n    - size");
    one("yaml", from, to, "WF-T001", message, 7, 72, true);
}

#[test]
fn a_circle() {
    let message = "these steps depend on each other: size -> report -> size";
    one("wf", "50% of capital", "report.final_equity", "WF-G001", message, 8, 96, false);
    one("yaml", "$50% of capital", "$report.final_equity", "WF-G001", message, 8, 123, false);
}

#[test]
fn an_unknown_key() {
    one("yaml", "timeout:", "timout:", "WF-S007", "unknown key `timout` in the step `prices`", 5, 75, true);
    one("yaml", "  steps:", "  stepps:", "WF-S007", "unknown key `stepps` in the workflow `demo`", 4, 3, true);
}

#[test]
fn a_missing_brace() {
    let message = "this `{` is never closed";
    one("wf", "report = report\n}", "report = report\n", "WF-S002", message, 1, 15, true);
    one("wf", "2bps })", "2bps)", "WF-S002", message, 9, 87, true);
    one("yaml", "2bps}}}", "2bps}}", "WF-S002", message, 9, 15, true);
    one("yaml", "timeout: 30s}", "timeout: 30s", "WF-S002", message, 5, 15, true);
    one("yaml", "AAPL}, timeout", "AAPL, timeout", "WF-S002", message, 5, 15, false);
}

#[test]
fn several_are_all_reported() {
    let broken = |it: &str| {
        (it.replacen("get_historical", "get_historic", 1).replacen("30s", "30", 1).replacen("$50% of capital", "2%", 1))
            .replacen("50% of capital", "2%", 1)
            .replacen("strategy: ", "stratgy: ", 1)
    };
    for (name, text, places) in [
        ("demo.wf", WF, [("WF-N002", 4), ("WF-T004", 5), ("WF-T002", 8), ("WF-N004", 9)]),
        ("demo.yaml", YAML, [("WF-N002", 5), ("WF-T004", 5), ("WF-T002", 8), ("WF-N004", 9)]),
    ] {
        let (_folder, said) = check(name, &broken(text));
        let all = found(&said, "error");
        let all: Vec<_> = (all.iter())
            .map(|it| (it["code"].as_str().unwrap(), it["range"]["start"]["line"].as_u64().unwrap()))
            .collect();
        assert_eq!(all, places, "{name}");
        assert_eq!(said.json()["errors"], 4);
    }
}

#[test]
fn a_fix_of_a_file_with_two_byte_line_ends_shows_no_control_picture() {
    let folder = Folder::new().with("demo.wf", WF.replace("30s", "30").replace('\n', "\r\n"));
    let said = folder.wf(&["check", "demo.wf"]).ends(1).says("demo.wf:5:13").says("timeout 30s");
    assert!(!said.err.contains('␍'), "{}", said.err);
}

#[test]
fn what_follows_from_a_failed_import_is_not_said() {
    let folder = Folder::new()
        .with("a.wf", "use \"./b.wf\" { hold }\nworkflow a {\n  step x = hold()\n  output x = x\n}\n")
        .with("c.wf", "use \"./q.wf\" { hold }\nworkflow c {\n  step x = hold()\n  output x = x\n}\n")
        .with("q.wf", "strategy other {\n  enter long when close > 1\n  exit long when close < 1\n}\n");
    let said = folder.wf(&["check", "a.wf", "--format", "json"]).ends(1);
    assert_eq!(found(&said, "error").len(), 1, "{}", said.out);
    assert_eq!(said.json()["diagnostics"][0]["message"], "cannot import `./b.wf`: there is no such file");
    let said = folder.wf(&["check", "c.wf", "--format", "json"]).ends(1);
    assert_eq!(found(&said, "error").len(), 1, "{}", said.out);
    assert_eq!(said.json()["diagnostics"][0]["message"], "`./q.wf` has no `hold`");
}
