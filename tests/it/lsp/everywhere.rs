//! Everything is asked everywhere, in right files and in broken ones: nothing may fail, and every answer must be in the text.

use serde_json::{Value, json};

use super::support::{Editor, Folder, uri};

/// Returns the shipped workflows and the files with mistakes, and each cut off in the middle.
fn texts() -> Vec<(String, String)> {
    let mut all = Vec::new();
    for folder in ["workflows", "workflows/strategies", "tests/check", "tests/syntax/files"] {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_str().unwrap().to_owned();
            if !name.ends_with(".wf") && !name.ends_with(".yaml") {
                continue;
            }
            let text = std::fs::read_to_string(&path).unwrap();
            let cut = (0..=text.len() * 2 / 3).rev().find(|it| text.is_char_boundary(*it)).unwrap();
            all.push((format!("cut_{name}"), text[..cut].to_owned()));
            all.push((name, text));
        }
    }
    all
}

/// Says that every place in an answer is in the text.
fn inside(text: &str, answer: &Value, of: &str) {
    match answer {
        Value::Object(fields) if fields.contains_key("line") && fields.contains_key("character") => {
            let (line, column) =
                (fields["line"].as_u64().unwrap() as usize, fields["character"].as_u64().unwrap() as usize);
            let mut lines = text.split('\n');
            let length = lines.nth(line).map(|it| it.encode_utf16().count());
            assert!(length.is_some_and(|it| column <= it), "{of}: {line}:{column}");
        }
        Value::Object(fields) => fields.values().for_each(|it| inside(text, it, of)),
        Value::Array(items) => items.iter().for_each(|it| inside(text, it, of)),
        _ => {}
    }
}

#[test]
fn nothing_fails_anywhere() {
    let folder = Folder::new("everywhere");
    let mut editor = Editor::new(None);
    for (name, text) in texts() {
        let path = folder.0.join(&name);
        editor.open(&path, &text);
        let document = json!({ "uri": uri(&path) });
        let lines = text.lines().count() as u32;
        let whole = json!({ "start": { "line": 0, "character": 0 }, "end": { "line": lines + 5, "character": 0 } });
        for method in ["documentSymbol", "foldingRange", "semanticTokens/full", "formatting", "inlayHint", "codeAction"]
        {
            let params = json!({
                "textDocument": document, "range": whole, "options": { "tabSize": 2, "insertSpaces": true },
                "context": { "diagnostics": [] },
            });
            let answer = editor.ask_raw(&format!("textDocument/{method}"), params).unwrap();
            if method != "codeAction" {
                inside(&text, &answer, &format!("{method} of {name}"));
            }
        }
        // Every fifth place, and some behind the ends of lines and of the text.
        let places = text
            .split('\n')
            .enumerate()
            .flat_map(|(line, it)| (0..it.encode_utf16().count() + 3).map(move |column| (line, column)));
        let places: Vec<(usize, usize)> = places.step_by(23).chain([(99_999, 7)]).collect();
        for (line, character) in places {
            let position = json!({ "line": line, "character": character });
            for method in ["hover", "completion", "definition", "documentHighlight", "signatureHelp", "selectionRange"]
            {
                let params = json!({ "textDocument": document, "position": position, "positions": [position] });
                let answer = editor.ask_raw(&format!("textDocument/{method}"), params);
                let of = format!("{method} of {name} at {line}:{character}");
                let answer = answer.unwrap_or_else(|error| panic!("{of}: {error}"));
                if !matches!(method, "selectionRange" | "definition") {
                    inside(&text, &answer, &of);
                }
            }
            let params = json!({ "textDocument": document, "position": position, "newName": "another" });
            if let Err(why) = editor.ask_raw("textDocument/rename", params) {
                assert_ne!(why, "the server failed on this", "rename in {name} at {line}:{character}");
            }
        }
        editor.tell("textDocument/didClose", json!({ "textDocument": document }));
    }
}
