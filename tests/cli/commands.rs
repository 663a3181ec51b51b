//! The commands that write, draw and explain.

use std::{io::Write as _, path::Path, process::Stdio};

use serde_json::Value as Json;

use crate::support::{Folder, WF, command, here};

fn shipped() -> Vec<String> {
    let mut all = Vec::new();
    for folder in ["workflows", "workflows/strategies"] {
        for entry in std::fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join(folder)).unwrap() {
            let path = entry.unwrap().path();
            if path.is_file() {
                all.push(format!("{folder}/{}", path.file_name().unwrap().to_str().unwrap()));
            }
        }
    }
    all.sort();
    assert!(all.len() >= 12, "{all:?}");
    all
}

#[test]
fn everything_shipped_is_right_and_formatted() {
    here(&["check", "workflows", "--deny", "warnings"]).ends(0).says("0 errors");
    here(&["fmt", "--check", "workflows"]).ends(0);
}

#[test]
fn formatting_changes_layout_alone() {
    let ugly = WF.replace("  step ", "      step   ");
    let folder = Folder::new().with("a.wf", &ugly);
    folder.wf(&["fmt", "--check", "a.wf"]).ends(1).says("`a.wf` is not formatted");
    folder.wf(&["fmt", "--diff", "a.wf"]).ends(1).shows("+  step regime").shows("-      step   regime");
    assert_eq!(folder.text("a.wf"), ugly);
    folder.wf(&["fmt", "a.wf"]).ends(0).says("1 of 1 files formatted");
    folder.wf(&["fmt", "--check", "a.wf"]).ends(0);
    let mut child = command(&folder.0, &["fmt", "-"]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(ugly.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(String::from_utf8(output.stdout).unwrap(), folder.text("a.wf"));
    let broken = WF.replace("2bps })", "2bps)");
    let folder = Folder::new().with("a.wf", &broken);
    folder.wf(&["fmt", "a.wf"]).ends(1).says("this `{` is never closed");
    assert_eq!(folder.text("a.wf"), broken);
    let half = "workflow  w {\n step a  = b c(  x:1 )\n step  d=e.f\n}\n";
    let folder = Folder::new().with("a.wf", half).with("a.yaml", "w:\n  outputs: {x:   1}\n");
    folder.wf(&["fmt", "a.wf"]).ends(1).says("does not belong here");
    assert_eq!(folder.text("a.wf"), "workflow w {\n  step a  = b c(  x:1 )\n  step d = e.f\n}\n");
    folder.wf(&["fmt", "--check", "a.wf"]).ends(1);
    let yaml = std::fs::File::open(folder.0.join("a.yaml")).unwrap();
    let output = command(&folder.0, &["fmt", "-"]).stdin(yaml).output().unwrap();
    assert_eq!(String::from_utf8(output.stdout).unwrap(), "w:\n  outputs:\n    x: 1\n");
    folder.wf(&["fmt", "-", "a.wf"]).ends(2).says("goes with no other path");
}

#[test]
fn every_shipped_file_converts_there_and_back() {
    for file in shipped() {
        let (there, back) = if file.ends_with(".wf") { ("yaml", "wf") } else { ("wf", "yaml") };
        let other = here(&["convert", &file, "--to", there]).ends(0).out;
        let folder = Folder::new().with(&format!("a.{there}"), &other);
        let again = folder.wf(&["convert", &format!("a.{there}"), "--to", back]).ends(0).out;
        let same = here(&["convert", &file, "--to", back]).ends(0).out;
        assert_eq!(again, same, "{file}");
    }
}

#[test]
fn a_new_project_is_right_and_runs() {
    let folder = Folder::new();
    folder.wf(&["new", "my_desk"]).ends(0).shows("cd my_desk && wf run my_desk.wf");
    folder.wf(&["new", "my_desk"]).ends(2).says("`my_desk` exists already");
    folder.wf(&["new", "My Desk"]).ends(2).says("cannot name a workflow");
    let inside = folder.0.join("my_desk");
    crate::support::wf(&inside, &["check", "--deny", "hints"]).ends(0);
    crate::support::wf(&inside, &["fmt", "--check"]).ends(0);
    crate::support::wf(&inside, &["run", "my_desk.wf"]).ends(0).shows("AAPL").shows("MSFT").shows("my_desk succeeded");
}

#[test]
fn the_catalogue_tells_of_every_method() {
    let all: Json = here(&["slices", "--format", "json"]).ends(0).json();
    let mut count = 0;
    for slice in all["slices"].as_array().unwrap() {
        here(&["slices", slice["name"].as_str().unwrap()]).ends(0);
        for method in slice["methods"].as_array().unwrap() {
            let path = method["path"].as_str().unwrap();
            here(&["slices", path]).ends(0).shows(method["signature"].as_str().unwrap());
            count += 1;
        }
    }
    assert!(count >= 15);
    here(&["slices", "dat"]).ends(2).says("there is no slice `dat`").says("did you mean `data`?");
    here(&["slices", "data.get_historic"]).ends(2).says("did you mean `get_historical`?");
}

#[test]
fn graphs_and_plans() {
    let draw = |format: &str| here(&["graph", "simple_backtest", "--format", format]).ends(0);
    draw("svg").shows("<svg");
    draw("dot").shows("digraph");
    draw("mermaid").shows("flowchart");
    assert!(draw("json").json().is_object());
    here(&["plan", "portfolio"]).ends(0).shows("picks");
    assert!(here(&["plan", "portfolio", "--format", "json"]).ends(0).json().is_object());
}

#[test]
fn schemas_and_completions() {
    for of in ["catalogue", "result", "check", "config"] {
        assert!(here(&["schema", of]).ends(0).json()["title"].is_string(), "{of}");
    }
    for shell in ["bash", "zsh", "fish"] {
        here(&["completions", shell]).ends(0).shows("wf");
    }
}

#[test]
fn checks_are_explained() {
    let page = "WF-T010: several values can fill an input\n\nError. A fix is offered for review";
    for code in ["WF-T010", "wf-t010", "t010"] {
        here(&["explain", code]).ends(0).shows(page).shows("\n    workflow cut {\n");
    }
    let page = here(&["explain", "P005"]).ends(0).shows("workflow file; who owns the policy allows it in wf.yaml");
    page.shows("`allow: {WF-P005: reason}`");
    here(&["explain", "WF-"]).ends(0).shows("WF-S001  error    something does not belong here\n").shows("WF-F005");
    here(&["explain", "wf-f"]).ends(0).shows("WF-F004  warning  a suppression matches nothing");
    here(&["explain", "WF-T100"]).ends(2).says("there is no check `WF-T100`").says("did you mean `WF-T010`?");
    here(&["explain", "--check", "docs/checks.md"]).ends(0);
    here(&["explain", "metrics", "--check", "docs/metrics.md"]).ends(0);
    here(&["explain", "metrics"]).ends(0).shows("| `information_ratio` |");
    here(&["explain", "sharpe"]).ends(0).shows("mean(r − rf) / sd(r) · √A").shows("252 periods a year");
    let nearly = here(&["explain", "metrics", "--check", "README.md"]).ends(1);
    nearly.says("mend it with `wf explain metrics --write README.md`");
    here(&["explain", "nothing", "--check", "README.md"]).ends(2).says("there is no document of `nothing`");
    here(&["explain", "--check", "README.md"]).ends(1).says("mend it with `wf explain --write README.md`");
    here(&["explain"]).ends(2);
    here(&["explain", "WF-X999"]).ends(2).says("there is no check `WF-X999`");
}

#[test]
fn help_is_there_and_wrong_commands_are_refused() {
    here(&["--help"]).ends(0).shows("Exit status: 0 done");
    for it in [
        "run",
        "check",
        "fmt",
        "convert",
        "explain",
        "graph",
        "plan",
        "slices",
        "schema",
        "demo",
        "new",
        "lsp",
        "completions",
    ] {
        here(&[it, "--help"]).ends(0).shows("Usage: wf");
    }
    here(&["chek"]).ends(2).says("'check'");
}

#[test]
fn findings_are_printed_for_programs() {
    let folder = Folder::new().with("a.wf", WF.replace("get_historical", "get_historic")).with("b.wf", WF);
    let sarif = folder.wf(&["check", ".", "--format", "sarif"]).ends(1).json();
    assert_eq!(sarif["runs"][0]["results"][0]["ruleId"], "WF-N002");
    assert_eq!(sarif["runs"][0]["tool"]["driver"]["rules"][0]["id"], "WF-N002");
    let junit = folder.wf(&["check", ".", "--format", "junit"]).ends(1);
    junit.shows("<failure message=").shows("type=\"WF-N002\"").shows("<testsuite name=\"./b.wf\" tests=\"1\"");
    folder.wf(&["check", ".", "--format", "github"]).ends(1).shows("::error file=./a.wf,line=");
}

#[test]
fn safe_fixes_are_applied_until_there_are_none_and_no_others() {
    let text = "workflow a {\n  # kept\n  let unused = 3\n  let other = unused + 1\n  step b = data.get_historic\n    when true && other == 4\n}\n";
    let folder = Folder::new().with("a.wf", text);
    folder.wf(&["check", "a.wf", "--fix"]).ends(1).says("fixed").says("WF-N002");
    let mended = folder.text("a.wf");
    assert!(
        mended.contains("# kept")
            && mended.contains("get_historic\n    when true and other == 4")
            && !mended.contains("&&"),
        "{mended}"
    );
    folder.wf(&["check", "a.wf", "--fix"]).says("0 problems fixed");
    assert_eq!(folder.text("a.wf"), mended);
}

#[test]
fn a_diff_tells_meaning_and_not_text() {
    let folder = Folder::new().with("a.wf", WF);
    let same = |name: &str, text: &str| {
        let folder = Folder::new().with("a.wf", WF).with(name, text);
        folder.wf(&["diff", "a.wf", name, "--exit-code"]).ends(0).shows("mean the same");
    };
    same("layout.wf", &WF.replace("  step regime", "  # why\n\n      step   regime"));
    same("b.yaml", &folder.wf(&["convert", "a.wf", "--to", "yaml"]).ends(0).out);
    // A default that is written out, and an argument that would be wired anyway.
    same("wired.wf", &WF.replace("detect(bars: prices)", "detect"));
    let changed = WF
        .replace("step prices", "step history")
        .replace("bars: prices", "bars: history")
        .replace("timeout 30s", "timeout 40s")
        .replace("50% of capital", "60% of capital")
        .replace("  step regime", "  limits { max_position: 10% }\n  step regime");
    let folder = folder.with("b.wf", changed);
    let said = folder.wf(&["diff", "a.wf", "b.wf"]).ends(0);
    let said =
        said.shows("step `prices` is now called `history`").shows("timeout: 30s -> 40s").shows("+ max_position: 10%");
    said.shows("input capital: 50% of capital -> 60% of capital").shows("4 differences in meaning");
    let json = folder.wf(&["diff", "a.wf", "b.wf", "--exit-code", "--format", "json"]).ends(1).json();
    assert_eq!((json["same"].as_bool(), json["differences"].as_array().unwrap().len()), (Some(false), 4), "{json:#}");
    let folder = folder.with("bad.wf", WF.replace("get_historical", "get_historic"));
    folder.wf(&["diff", "a.wf", "bad.wf"]).ends(1).says("WF-N002");
    folder.wf(&["diff", "a.wf", "none.wf"]).ends(2);
}

#[test]
fn every_shipped_file_means_the_same_in_both_forms() {
    for file in shipped().iter().filter(|it| it.ends_with(".wf")) {
        let text = here(&["convert", file, "--to", "yaml"]).ends(0).out.replace("./strategies/", "");
        let settings = std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("wf.yaml")).unwrap();
        let folder = Folder::new().with("other.yaml", text).with("wf.yaml", settings);
        for entry in std::fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("workflows/strategies")).unwrap() {
            let path = entry.unwrap().path();
            std::fs::copy(&path, folder.0.join(path.file_name().unwrap())).unwrap();
        }
        let whole = Path::new(env!("CARGO_MANIFEST_DIR")).join(file);
        folder.wf(&["diff", whole.to_str().unwrap(), "other.yaml", "--exit-code"]).ends(0).shows("mean the same");
    }
}
