//! Another name for a thing, everywhere, or a reason why not.

use std::{collections::BTreeMap, path::Path};

use lsp_types::{TextEdit, WorkspaceEdit};
use serde_json::json;

use super::{
    navigate::{LIB, MAIN},
    support::{Editor, Folder, at_byte},
};

fn rename(editor: &mut Editor, path: &Path, text: &str, word: &str, new: &str) -> Result<WorkspaceEdit, String> {
    let mut params = serde_json::to_value(at_byte(path, text, text.find(word).unwrap() + word.len())).unwrap();
    params["newName"] = json!(new);
    editor.ask_raw("textDocument/rename", params).map(|it| serde_json::from_value(it).unwrap())
}

/// Returns the texts with the edits in them, by the ends of their names.
fn applied(edit: WorkspaceEdit, texts: &[(&str, &str)]) -> BTreeMap<String, String> {
    let mut made = BTreeMap::new();
    for (uri, mut edits) in edit.changes.unwrap() {
        let (name, text) = texts.iter().find(|it| uri.as_str().ends_with(it.0)).unwrap();
        edits.sort_by_key(|it| std::cmp::Reverse((it.range.start.line, it.range.start.character)));
        let mut text = (*text).to_owned();
        for TextEdit { range, new_text } in edits {
            let byte = |at: lsp_types::Position| {
                let line: usize = text.split_inclusive('\n').take(at.line as usize).map(str::len).sum();
                let rest: String =
                    String::from_utf16(&text[line..].encode_utf16().take(at.character as usize).collect::<Vec<_>>())
                        .unwrap();
                line + rest.len()
            };
            let (start, end) = (byte(range.start), byte(range.end));
            text.replace_range(start..end, &new_text);
        }
        made.insert((*name).to_owned(), text);
    }
    made
}

#[test]
fn a_name_changes_in_every_file() {
    let folder = Folder::new("rename");
    let lib = folder.write("lib.wf", LIB);
    folder.write("main.wf", MAIN);
    let mut editor = Editor::new(Some(&folder.0));
    editor.open(&lib, LIB);
    let edit = rename(&mut editor, &lib, LIB, "strategy cross", "crossing").unwrap();
    let made = applied(edit, &[("lib.wf", LIB), ("main.wf", MAIN)]);
    assert_eq!(made["lib.wf"], LIB.replace("strategy cross", "strategy crossing"));
    assert_eq!(made["main.wf"], MAIN.replace("{ cross,", "{ crossing,").replace("cross(", "crossing("));
    let edit = rename(&mut editor, &lib, LIB, "param fast", "quick").unwrap();
    let made = applied(edit, &[("lib.wf", LIB), ("main.wf", MAIN)]);
    assert_eq!(made["lib.wf"], LIB.replace("fast", "quick"));
    assert_eq!(made["main.wf"], MAIN.replace("fast", "quick"));
}

#[test]
fn what_was_wired_by_the_old_name_is_written_out() {
    let folder = Folder::new("rename-wired");
    let file = folder.0.join("a.wf");
    let text = "workflow a {\n  step bars = data.get_historical\n  step other = data.get_historical\n  step regime = market_regime.detect\n  output regime = regime\n  output other = other\n}\n";
    let mut editor = Editor::new(Some(&folder.0));
    editor.open(&file, text);
    let edit = rename(&mut editor, &file, text, "step bars", "history").unwrap();
    let made = applied(edit, &[("a.wf", text)]);
    assert_eq!(
        made["a.wf"],
        text.replace("step bars", "step history")
            .replace("market_regime.detect", "market_regime.detect(bars: history)")
    );
    // A name by which an input would be filled that is filled otherwise now.
    let why = rename(&mut editor, &file, text, "step other", "bars").unwrap_err();
    assert_eq!(why, "`bars` is taken: a step is called so");
}

#[test]
fn columns_beyond_the_first_letters_are_right() {
    let folder = Folder::new("rename-wide");
    let file = folder.0.join("a.wf");
    let text = "workflow a {\n  let x = [\"𝄞\", \"é\"] let name = 1 output y = name output z = len(x) # 𝄞\n}\n";
    let mut editor = Editor::new(Some(&folder.0));
    editor.open(&file, text);
    let edit = rename(&mut editor, &file, text, "let name", "名前").unwrap();
    assert_eq!(applied(edit, &[("a.wf", text)])["a.wf"], text.replace("name", "名前"));
}

#[test]
fn yaml_is_renamed_too() {
    let folder = Folder::new("rename-yaml");
    let file = folder.0.join("a.yaml");
    let text = "a:\n  steps:\n    - h: {slice: data, method: get_historical}\n    - r: {slice: market_regime, method: detect, with: {bars: $h}}\n  outputs: {r: $r}\n";
    let mut editor = Editor::new(Some(&folder.0));
    editor.open(&file, text);
    let edit = rename(&mut editor, &file, text, "- h", "history").unwrap();
    assert_eq!(
        applied(edit, &[("a.yaml", text)])["a.yaml"],
        text.replace("- h:", "- history:").replace("$h", "$history")
    );
}

#[test]
fn what_was_wired_by_the_old_name_is_written_out_in_yaml() {
    let folder = Folder::new("rename-wired-yaml");
    let file = folder.0.join("a.yaml");
    let mut editor = Editor::new(Some(&folder.0));
    let head = "a:\n  steps:\n    - bars: {slice: data, method: get_historical}\n";
    let tail = "  outputs: {r: $r}\n";
    for (before, after) in [
        (
            "    - r: {slice: market_regime, method: detect}\n",
            "    - r: {slice: market_regime, method: detect, with: {bars: $prices}}\n",
        ),
        (
            "    - r: {slice: market_regime, method: detect, with: {history: 252 bars}}\n",
            "    - r: {slice: market_regime, method: detect, with: {history: 252 bars, bars: $prices}}\n",
        ),
        (
            "    - r:\n        slice: market_regime\n        method: detect\n        timeout: 5s\n",
            "    - r:\n        slice: market_regime\n        method: detect\n        with: {bars: $prices}\n        timeout: 5s\n",
        ),
        (
            "    - r:\n        slice: market_regime\n        method: detect\n        with:\n          history: 252 bars\n",
            "    - r:\n        slice: market_regime\n        method: detect\n        with:\n          bars: $prices\n          history: 252 bars\n",
        ),
    ] {
        let text = format!("{head}{before}{tail}");
        if before.starts_with("    - r: {slice: market_regime, method: detect}") {
            editor.open(&file, &text);
        } else {
            editor.write(&file, &text);
        }
        let edit = rename(&mut editor, &file, &text, "- bars", "prices").unwrap();
        let renamed = format!("{}{after}{tail}", head.replace("- bars:", "- prices:"));
        assert_eq!(applied(edit, &[("a.yaml", &text)])["a.yaml"], renamed);
    }
}

#[test]
fn what_cannot_be_renamed_is_refused_with_the_reason() {
    let folder = Folder::new("rename-refused");
    let file = folder.0.join("a.wf");
    let text = "workflow a {\n  param symbols: [Symbol] = [\"AAPL\"]\n  param n: Int = 2\n  step h = data.get_historical(symbol: \"AAPL\")\n  let s = h.symbol\n  step r = for x in symbols { let m = n yield m }\n  output s = s\n  output r = r\n}\n";
    let mut editor = Editor::new(Some(&folder.0));
    editor.open(&file, text);
    for (word, new, wanted) in [
        ("data", "x", "`data` is of the language or its catalogue"),
        ("get_historical", "x", "`data.get_historical` is of the catalogue"),
        ("(symbol", "x", "`symbol` is an input of a method of the catalogue"),
        ("h.symbol", "x", "`symbol` is a field of a value, named by who makes the value"),
        ("output s", "x", "who runs the workflow reads its output `s` by this name"),
        (
            "param symbols",
            "all",
            "the param `symbols` takes its value from the run by its name; another name would not",
        ),
        ("param n", "2x", "`2x` is no name: a letter or `_`, then letters, digits and `_`"),
        ("param n", "step", "`step` is a reserved word"),
        ("param n", "h", "`h` is taken: a step is called so"),
        ("param n", "m", "`m` is taken: a let is called so"),
        ("step h", "s", "`s` is taken: a let is called so"),
    ] {
        assert_eq!(rename(&mut editor, &file, text, word, new).unwrap_err(), wanted, "{word} -> {new}");
    }
    let prepare = serde_json::to_value(at_byte(&file, text, text.find("step h").unwrap() + 5)).unwrap();
    assert_eq!(editor.ask_raw("textDocument/prepareRename", prepare).unwrap()["placeholder"], "h");
}
