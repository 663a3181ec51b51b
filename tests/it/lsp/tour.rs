//! A tour: all that an editor and the server say to each other while `simple_backtest` is written from an empty file.

use std::{fmt::Write as _, path::Path};

use serde_json::{Value, json};

use super::support::{Editor, Folder, position, uri};

const FINISHED: &str = include_str!("../../../workflows/simple_backtest.wf");
const TOUR: &str = "tests/lsp/tour.jsonl";

/// Writes a text piece by piece, as a person would: with what is asked at the end of each piece.
fn tour(folder: &Path) -> Vec<(&'static str, Value)> {
    let file = folder.join("simple_backtest.wf");
    let mut editor = Editor::new(Some(folder));
    editor.open(&file, "");
    let mut written = String::new();
    let mut findings = editor.findings(&file);
    let mut rest = FINISHED;
    // Where something is asked: behind these pieces.
    for stop in [
        "step fetch_data = data.",
        "get_historical",
        "step detect_regime = ",
        "step run_backtest = backtest.execute",
        "tolerate 50",
        "reports: res",
    ] {
        let at = rest.find(stop).unwrap() + stop.len();
        let (piece, after) = rest.split_at(at);
        rest = after;
        let end = position(&written, written.len());
        written.push_str(piece);
        editor.change(&file, json!([{ "range": { "start": end, "end": end }, "text": piece }]));
        findings = editor.findings(&file);
        let at = json!({ "textDocument": { "uri": uri(&file) }, "position": position(&written, written.len()) });
        if stop.ends_with(['.', ' ']) || stop.ends_with("50") || stop.ends_with("res") {
            editor.ask_raw("textDocument/completion", at).unwrap();
        } else {
            editor.ask_raw("textDocument/hover", at).unwrap();
        }
    }
    assert!(!findings.is_empty(), "what is half written is not right");
    let end = position(&written, written.len());
    editor.change(&file, json!([{ "range": { "start": end, "end": end }, "text": rest }]));
    assert_eq!(editor.findings(&file), ["12:24 WF-B007 this backtest has no trading costs"]);
    let document = json!({ "uri": uri(&file) });
    let range = json!({ "start": { "line": 0, "character": 0 }, "end": { "line": 99, "character": 0 } });
    for (method, params) in [
        ("textDocument/inlayHint", json!({ "textDocument": document, "range": range })),
        ("textDocument/documentSymbol", json!({ "textDocument": document })),
        ("textDocument/definition", json!({ "textDocument": document, "position": { "line": 17, "character": 46 } })),
        (
            "textDocument/rename",
            json!({ "textDocument": document, "position": { "line": 5, "character": 9 }, "newName": "tests" }),
        ),
        (
            "textDocument/codeAction",
            json!({ "textDocument": document, "range": range, "context": { "diagnostics": [] } }),
        ),
        (
            "textDocument/formatting",
            json!({ "textDocument": document, "options": { "tabSize": 2, "insertSpaces": true } }),
        ),
    ] {
        editor.ask_raw(method, params).unwrap();
    }
    std::mem::take(&mut editor.log)
}

/// Returns one message a line, with what is long cut: a tour is read by people.
fn readable(log: &[(&'static str, Value)], folder: &Path) -> String {
    let mut out = String::new();
    for (who, message) in log {
        let mut message = message.clone();
        message.as_object_mut().unwrap().shift_remove("jsonrpc");
        shorten(&mut message);
        let line = format!("{{\"{who}\": {message}}}").replace(&folder.display().to_string(), "/project");
        _ = writeln!(out, "{line}");
    }
    out
}

fn shorten(value: &mut Value) {
    match value {
        Value::String(it) if it.chars().count() > 160 => {
            *it = format!("{} …", it.chars().take(160).collect::<String>())
        }
        Value::Array(items) => {
            // The first of many are the ones that an editor shows.
            if items.len() > 12 {
                let more = items.len() - 12;
                items.truncate(12);
                items.push(json!(format!("… {more} more")));
            }
            items.iter_mut().for_each(shorten);
        }
        Value::Object(fields) => {
            fields.shift_remove("serverInfo");
            fields.shift_remove("data");
            fields.shift_remove("documentation");
            fields.values_mut().for_each(shorten);
        }
        _ => {}
    }
}

/// With `UPDATE=1` the tour is written anew; read it before you keep it.
#[test]
fn writing_a_backtest_is_as_recorded() {
    let folder = Folder::new("tour");
    let said = readable(&tour(&folder.0), &folder.0);
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(TOUR, &said).unwrap();
    }
    let expected = std::fs::read_to_string(TOUR).unwrap_or_default();
    for (at, (said, expected)) in said.lines().zip(expected.lines()).enumerate() {
        assert_eq!(said, expected, "line {}", at + 1);
    }
    assert_eq!(said.lines().count(), expected.lines().count());
}
