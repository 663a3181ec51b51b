//! Findings as one types.

use std::collections::BTreeMap;

use lsp_server::{ErrorCode, Message, Notification, Request};
use serde_json::json;

use super::support::{Editor, Folder, uri};

#[test]
fn what_is_wrong_is_told_at_its_place_and_told_again_when_it_is_right() {
    let folder = Folder::new("diagnostics");
    let file = folder.0.join("a.wf");
    let mut editor = Editor::new(Some(&folder.0));
    editor.open(&file, "workflow a {\n  step x = data.get_historic\n}\n");
    assert_eq!(editor.findings(&file), ["1:16 WF-N002 slice `data` has no method `get_historic`"]);
    let told = &editor.told[&uri(&file)].diagnostics[0];
    assert_eq!(told.range.end.character, 28);
    assert!(told.message.contains("\nnote: `data` has: "), "{}", told.message);
    assert!(told.message.contains("\nhelp: a method with a similar name exists"), "{}", told.message);
    let related = told.related_information.as_ref().unwrap();
    assert_eq!((related[0].message.as_str(), related[0].location.range.start.character), ("in this slice", 11));
    // One letter more, where the name ends.
    let range = json!({ "start": { "line": 1, "character": 28 }, "end": { "line": 1, "character": 28 } });
    editor.change(&file, json!([{ "range": range, "text": "al" }]));
    assert_eq!(editor.findings(&file), [] as [&str; 0]);
}

#[test]
fn an_edit_of_an_imported_buffer_is_seen_by_its_importers() {
    let folder = Folder::new("importers");
    let lib = folder.write("lib.wf", "strategy s {\n  enter long when close > 1\n  exit long when close < 1\n}\n");
    let main = folder.write("main.wf", "");
    let mut editor = Editor::new(Some(&folder.0));
    let text = "use \"lib.wf\" { s }\n\nworkflow main {\n  step h = data.get_historical\n  step r = backtest.execute(strategy: s(fast: 2))\n}\n";
    editor.open(&main, text);
    let with_fast = "4:40 WF-N004 `s` takes no argument `fast`";
    assert!(editor.findings(&main).iter().any(|it| it == with_fast));
    // The buffer wins over the disk, and closing it brings the disk back.
    let buffer =
        "strategy s {\n  param fast: Int = 2\n  enter long when close > fast\n  exit long when close < fast\n}\n";
    editor.open(&lib, buffer);
    assert_eq!(editor.findings(&lib), [] as [&str; 0]);
    editor.write(&main, &format!("{text}\n"));
    assert!(!editor.findings(&main).iter().any(|it| it == with_fast));
    editor.tell("textDocument/didClose", json!({ "textDocument": { "uri": uri(&lib) } }));
    editor.write(&main, text);
    assert!(editor.findings(&main).iter().any(|it| it == with_fast));
    // An import that is not there until its buffer is.
    let new = folder.0.join("new.wf");
    editor.write(&main, "use \"new.wf\" { t }\nworkflow main { step x = t }\n");
    assert_eq!(editor.findings(&main)[0], "0:4 WF-N011 cannot import `new.wf`: there is no such file");
    editor.open(&new, "workflow t { step h = data.get_historical }\n");
    editor.write(&main, "use \"new.wf\" { t }\nworkflow main { step x = t }\n\n");
    assert_eq!(editor.findings(&main), [] as [&str; 0]);
}

#[test]
fn yaml_has_the_same_findings() {
    let folder = Folder::new("yaml");
    let file = folder.0.join("a.yaml");
    let mut editor = Editor::new(None);
    editor.open(&file, "a:\n  steps:\n    - x: {slice: data, method: get_historic}\n");
    assert_eq!(editor.findings(&file), ["2:31 WF-N002 slice `data` has no method `get_historic`"]);
    // What is written for other programs is none of this one's business.
    let other = folder.0.join("compose.yaml");
    editor.open(&other, "services:\n  db: {image: postgres}\n");
    assert_eq!(editor.findings(&other), [] as [&str; 0]);
}

#[test]
fn columns_are_counted_as_the_editor_counts_them() {
    let folder = Folder::new("columns");
    let file = folder.0.join("a.wf");
    let text = "workflow a {\n  step x = nothing(a: \"𝄞é\", b: nowhere)\n}\n";
    for (capabilities, column) in
        [(json!({}), 32), (json!({ "general": { "positionEncodings": ["utf-16", "utf-8"] } }), 35)]
    {
        let mut editor = Editor::with(None, capabilities);
        editor.open(&file, text);
        let findings = editor.findings(&file);
        let wanted = format!("1:{column} WF-N003 nothing here is called `nowhere`");
        assert!(findings.contains(&wanted), "{findings:?}");
        // An edit behind a letter beyond the first 65,536.
        let (start, end) = (column, column + 7);
        let range = json!({ "start": { "line": 1, "character": start }, "end": { "line": 1, "character": end } });
        editor.change(&file, json!([{ "range": range, "text": "capital" }]));
        assert!(!editor.findings(&file).contains(&wanted));
    }
}

#[test]
fn of_many_edits_only_the_last_text_is_looked_at() {
    let folder = Folder::new("coalesced");
    let file = folder.0.join("a.wf");
    let mut editor = Editor::new(None);
    editor.open(&file, "");
    for at in 0..200 {
        editor.write(&file, &format!("workflow a {{ step x = data.get_historical let y = {at} }}\n"));
    }
    assert_eq!(editor.findings(&file).len(), 1);
    let published = editor.log.iter().filter(|it| it.1["method"] == "textDocument/publishDiagnostics").count();
    assert!(published <= 201, "{published}");
}

/// Says that the editor no longer wants the answer to a request.
fn cancel(id: i32) -> Message {
    Message::Notification(Notification { method: "$/cancelRequest".into(), params: json!({ "id": id }) })
}

#[test]
fn what_is_cancelled_before_its_turn_is_answered_so_and_an_edit_that_another_supersedes_is_not_looked_at() {
    let folder = Folder::new("cancelled");
    let file = folder.0.join("a.wf");
    let mut editor = Editor::new(None);
    editor.open(&file, "");
    assert_eq!(editor.findings(&file).len(), 1);
    // What a hover takes in a file of so many steps is time for all that follows to come in.
    let steps: String = (0..2_000).map(|at| format!("  step s{at} = data.get_historical\n")).collect();
    editor.write(&file, &format!("workflow a {{\n{steps}}}\n"));
    let hover = |id: i32| {
        let params = json!({ "textDocument": { "uri": uri(&file) }, "position": { "line": 1, "character": 20 } });
        Message::Request(Request { id: id.into(), method: "textDocument/hover".into(), params })
    };
    let ids = 1_000..1_020;
    ids.clone().for_each(|id| editor.send(hover(id)));
    // The last one is asked and taken back in one go, as are two edits.
    ids.clone().rev().for_each(|id| editor.send(cancel(id)));
    editor.write(&file, "workflow a { step x = data.get_historic }\n");
    editor.write(&file, "workflow a { step x = data.get_historical let y = x }\n");
    let mut answers = BTreeMap::new();
    while answers.len() < ids.len() {
        if let Message::Response(it) = editor.receive() {
            answers.insert(it.id.to_string(), it.response_result.map_err(|it| it.code));
        }
    }
    let cancelled = answers.values().filter(|it| **it == Err(ErrorCode::RequestCanceled as i32)).count();
    assert!(cancelled >= 1 && answers.values().all(|it| it.is_ok() || *it == Err(ErrorCode::RequestCanceled as i32)));
    // What was taken back after its answer, or never asked, is none of anybody's business.
    editor.send(cancel(1_000));
    editor.send(cancel(7_777));
    assert_eq!(editor.findings(&file), ["0:46 WF-G003 the let `y` is never used"]);
    let of_the_one_between = |it: &&(&str, serde_json::Value)| it.1.to_string().contains("get_historic`");
    assert_eq!(editor.log.iter().filter(of_the_one_between).count(), 0);
}

#[test]
fn what_the_server_does_not_do_is_an_error_and_what_is_gone_is_nothing() {
    let folder = Folder::new("refused");
    let file = folder.0.join("a.wf");
    let mut editor = Editor::new(None);
    let error = editor.ask_raw("textDocument/paint", json!({})).unwrap_err();
    assert_eq!(error, "`textDocument/paint` is nothing that this server does");
    let position = json!({ "textDocument": { "uri": uri(&file) }, "position": { "line": 7, "character": 9 } });
    assert_eq!(editor.ask_raw("textDocument/hover", position.clone()), Ok(json!(null)));
    editor.open(&file, "workflow a { }\n");
    assert_eq!(editor.ask_raw("textDocument/hover", position), Ok(json!(null)));
    assert!(editor.ask_raw("textDocument/hover", json!({ "position": 5 })).is_err());
    // A change of a buffer that is not open, and a message that makes no sense, do no harm.
    editor.tell(
        "textDocument/didChange",
        json!({ "textDocument": { "uri": "file:///x.wf", "version": 2 }, "contentChanges": [] }),
    );
    editor.tell("textDocument/didOpen", json!({ "nothing": true }));
    editor.send(Message::Response(lsp_server::Response::new_ok(99.into(), ())));
    assert_eq!(editor.findings(&file), [] as [&str; 0]);
}
