//! What `wf check` prints for programs, held against the definitions of the formats.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may fail loudly"
)]

use std::{path::PathBuf, process::Command};

use serde_json::Value as Json;
use wf::{
    check::{Options, check},
    slices,
    source::{Diagnostic, Severity, Source, Sources, junit, sarif},
};

/// Every kind of finding: errors, warnings, with and without fixes, labels in the same file, more than are listed.
fn findings() -> (Sources, Vec<Diagnostic>) {
    let many: String = (0..120).map(|it| format!("  let é{it} = nothing_{it}\n")).collect();
    let texts = [
        (
            "plain.wf",
            "workflow plain {\n  step prices = data.get_historic(symbol: AAPL)\n    timeout 30\n}\n".to_owned(),
        ),
        (
            "odd name #1.wf",
            "workflow w {\n  step a = data.get_historical && b\n  step a = data.get_historical\n}\n".to_owned(),
        ),
        ("six.yaml", "steps:\n  - prices: {slice: data, metod: get_historical}\n".to_owned()),
        ("many.wf", format!("workflow many {{\n{many}}}\n")),
    ];
    let registry = slices::library();
    let mut all = Sources::default();
    let mut found = Vec::new();
    for (name, text) in texts {
        let mut sources = Sources::default();
        let root = sources.add(Source::new(name, None, text));
        let checked = check(&mut sources, root, &registry, &Options::default());
        let offset = all.append(sources);
        found.extend(checked.diagnostics.into_iter().map(|mut it| {
            it.shift(offset);
            it
        }));
    }
    (all, found)
}

/// The schema of the format, as the crate `serde-sarif` carries it.
fn official_schema() -> Json {
    let said = |program: &str, args: &[&str]| {
        String::from_utf8(Command::new(program).args(args).output().unwrap().stdout).unwrap()
    };
    // Only what this machine builds with is sure to be here.
    let rustc = said("rustc", &["-vV"]);
    let host = rustc.lines().find_map(|it| it.strip_prefix("host: ")).unwrap();
    let args = ["metadata", "--format-version", "1", "--offline", "--filter-platform", host];
    let metadata: Json = serde_json::from_str(&said(env!("CARGO"), &args)).unwrap();
    let packages = metadata["packages"].as_array().unwrap();
    let package = packages.iter().find(|it| it["name"] == "serde-sarif").unwrap();
    let manifest = PathBuf::from(package["manifest_path"].as_str().unwrap());
    let text = std::fs::read_to_string(manifest.with_file_name("src/schema.json")).unwrap();
    let mut schema: Json = serde_json::from_str(&text).unwrap();
    // Its pattern for languages, which we do not use, has a `]` too many for the regular expressions of Unicode.
    for owner in ["run", "toolComponent"] {
        schema["definitions"][owner]["properties"]["language"].as_object_mut().unwrap().remove("pattern");
    }
    schema
}

#[test]
fn the_sarif_log_is_one() {
    let (sources, found) = findings();
    let log = sarif(&sources, &found);
    let validator = jsonschema::draft7::new(&official_schema()).unwrap();
    let faults: Vec<String> = validator.iter_errors(&log).map(|it| format!("{}: {it}", it.instance_path())).collect();
    assert_eq!(faults, [""; 0], "{log:#}");
    let typed: serde_sarif::sarif::Sarif = serde_json::from_value(log.clone()).unwrap();
    let run = &typed.runs[0];
    let results = run.results.as_ref().unwrap();
    let rules = run.tool.driver.rules.as_ref().unwrap();
    assert!(results.len() > 100 && rules.len() >= 5, "{} {}", results.len(), rules.len());
    for result in results {
        let rule = &rules[usize::try_from(result.rule_index.unwrap()).unwrap()];
        assert_eq!(Some(&rule.id), result.rule_id.as_ref());
    }
    assert!(results.iter().any(|it| it.fixes.as_ref().is_some_and(|it| !it.is_empty())));
    let hidden = &log["runs"][0]["invocations"][0]["toolExecutionNotifications"];
    assert!(hidden[0]["message"]["text"].as_str().unwrap().contains("more in this file"), "{hidden}");
    let uris: String = log["runs"][0]["results"].to_string();
    assert!(uris.contains("odd%20name%20%231.wf"), "{uris}");
}

#[test]
fn a_finding_keeps_its_fingerprint_when_lines_move() {
    let prints = |text: &str| {
        let mut sources = Sources::default();
        let root = sources.add(Source::new("a.wf", None, text));
        let found = check(&mut sources, root, &slices::library(), &Options::default());
        let log = sarif(&sources, &found.diagnostics);
        let results = log["runs"][0]["results"].as_array().unwrap().clone();
        results.iter().map(|it| it["partialFingerprints"]["wfFinding/v1"].clone()).collect::<Vec<_>>()
    };
    let text = "workflow a {\n  step b = data.get_historic\n  step c = data.get_historic\n}\n";
    let before = prints(text);
    assert_eq!(before.len(), 2);
    assert_ne!(before[0], before[1]);
    assert_eq!(before, prints(&format!("# a comment above\n\n{text}")));
}

#[test]
fn the_junit_report_counts_what_is_denied() {
    let (sources, found) = findings();
    let report = junit(&sources, &["plain.wf".into(), "clean.wf".into()], &found, Severity::Error);
    let read = quick_junit::Report::deserialize_from_str(&report).unwrap();
    let suite = |name: &str| read.test_suites.iter().find(|it| it.name.as_str() == name).unwrap();
    assert_eq!((suite("clean.wf").tests, suite("clean.wf").failures), (1, 0));
    assert!(suite("plain.wf").failures >= 2);
    assert_eq!(suite("many.wf").tests, 100);
    assert!(report.contains("WF-N002 plain.wf:2:"), "{report}");
}
