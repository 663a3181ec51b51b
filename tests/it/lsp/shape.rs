//! What a text looks like in an editor: wiring, colours, folds, layout, mends, signatures.

use serde_json::{Value, json};

use super::support::{Editor, Folder, at_byte, uri};

const SIMPLE: &str = include_str!("../../../workflows/simple_backtest.wf");
const YAML: &str = include_str!("../../../workflows/simple_backtest.yaml");

fn of(path: &std::path::Path) -> Value {
    json!({ "textDocument": { "uri": uri(path) } })
}

fn hints(editor: &mut Editor, path: &std::path::Path) -> Vec<String> {
    let mut params = of(path);
    params["range"] = json!({ "start": { "line": 0, "character": 0 }, "end": { "line": 999, "character": 0 } });
    let answer = editor.ask_raw("textDocument/inlayHint", params).unwrap();
    answer
        .as_array()
        .unwrap()
        .iter()
        .map(|it| {
            format!("{}:{} {}", it["position"]["line"], it["position"]["character"], it["label"].as_str().unwrap())
        })
        .collect()
}

#[test]
fn what_is_wired_is_shown_where_it_would_be_written() {
    let folder = Folder::new("inlay");
    let (file, yaml) = (folder.0.join("simple_backtest.wf"), folder.0.join("simple_backtest.yaml"));
    let mut editor = Editor::new(None);
    editor.open(&file, SIMPLE);
    let shown = hints(&mut editor, &file);
    assert_eq!(shown[0], "6:41 (symbol: symbol)");
    assert!(
        shown.contains(
            &"12:40 (strategy: select_strategy, bars: fetch_data, capital: capital, sizing: size_position)".to_owned()
        ) || shown.len() > 4,
        "{shown:?}"
    );
    editor.open(&yaml, YAML);
    let shown = hints(&mut editor, &yaml);
    assert!(shown[0].ends_with("(symbol: symbol)"), "{shown:?}");
    // Behind arguments that are written stand the others.
    let other = folder.0.join("b.wf");
    editor.open(&other, "workflow b {\n  step h = data.get_historical(symbol: \"AAPL\")\n  step r = backtest.execute(strategy: s)\n}\nstrategy s { enter long when close > 1 exit long when close < 1 }\n");
    let shown = hints(&mut editor, &other);
    assert!(shown.iter().any(|it| it.starts_with("2:39 , bars: h")), "{shown:?}");
}

#[test]
fn every_word_has_its_colour() {
    let folder = Folder::new("tokens");
    let file = folder.0.join("a.wf");
    let mut editor = Editor::new(None);
    editor.open(&file, "# é𝄞\nworkflow a {\n  step h = data.get_historical(symbol: \"A\")\n    timeout 30s\n}\n");
    let legend: Vec<String> = serde_json::from_value(
        editor.capabilities["capabilities"]["semanticTokensProvider"]["legend"]["tokenTypes"].clone(),
    )
    .unwrap();
    let answer = editor.ask_raw("textDocument/semanticTokens/full", of(&file)).unwrap();
    let data: Vec<u64> = serde_json::from_value(answer["data"].clone()).unwrap();
    let (mut line, mut column, mut all) = (0, 0, Vec::new());
    for it in data.chunks(5) {
        column = if it[0] == 0 { column + it[1] } else { it[1] };
        line += it[0];
        all.push(format!("{line}:{column}+{} {}", it[2], legend[it[3] as usize]));
    }
    assert_eq!(
        all,
        [
            "0:0+5 comment",
            "1:0+8 keyword",
            "1:9+1 function",
            "2:2+4 keyword",
            "2:7+1 variable",
            "2:9+1 operator",
            "2:11+4 namespace",
            "2:15+1 operator",
            "2:16+14 method",
            "2:31+6 property",
            "2:37+1 operator",
            "2:39+3 string",
            "3:4+7 keyword",
            "3:12+3 number"
        ]
    );
    let yaml = folder.0.join("a.yaml");
    editor.open(&yaml, YAML);
    let answer = editor.ask_raw("textDocument/semanticTokens/full", of(&yaml)).unwrap();
    assert!(answer["data"].as_array().unwrap().len() >= 5 * 19, "{answer}");
}

#[test]
fn what_has_braces_folds() {
    let folder = Folder::new("fold");
    let file = folder.0.join("a.wf");
    let mut editor = Editor::new(None);
    editor.open(&file, SIMPLE);
    let folds = editor.ask_raw("textDocument/foldingRange", of(&file)).unwrap();
    let lines: Vec<(u64, u64)> = folds
        .as_array()
        .unwrap()
        .iter()
        .map(|it| (it["startLine"].as_u64().unwrap(), it["endLine"].as_u64().unwrap()))
        .collect();
    assert!(lines.contains(&(1, 19)) && lines.iter().any(|it| it.0 == 5), "{lines:?}");
    let mut params = of(&file);
    params["positions"] = json!([{ "line": 6, "character": 30 }]);
    let mut selection = editor.ask_raw("textDocument/selectionRange", params).unwrap()[0].clone();
    let mut depth = 0;
    while !selection.is_null() {
        depth += 1;
        selection = selection["parent"].clone();
    }
    assert!(depth >= 4, "{depth}");
}

#[test]
fn the_layout_is_that_of_the_command() {
    let folder = Folder::new("format");
    let (file, yaml) = (folder.0.join("a.wf"), folder.0.join("a.yaml"));
    let mut editor = Editor::new(None);
    let options = json!({ "tabSize": 2, "insertSpaces": true });
    let format = |editor: &mut Editor, path: &std::path::Path| {
        let mut params = of(path);
        params["options"] = options.clone();
        editor.ask_raw("textDocument/formatting", params).unwrap()
    };
    editor
        .open(&file, "workflow a {\n  step h = data.get_historical\n     timeout 30s\n  # kept\n  output h =   h\n}\n");
    let edits = format(&mut editor, &file);
    assert_eq!(edits.as_array().unwrap().len(), 2, "{edits}");
    assert_eq!(edits[0]["newText"], "    timeout 30s\n");
    assert_eq!(edits[1]["newText"], "  output h = h\n");
    editor.write(&file, SIMPLE);
    assert_eq!(format(&mut editor, &file), json!([]));
    // A file that cannot be read stays as it is.
    editor.write(&file, "workflow a {\n step x = (\n");
    assert_eq!(format(&mut editor, &file), Value::Null);
    editor.open(&yaml, YAML);
    assert_eq!(format(&mut editor, &yaml), json!([]));
}

#[test]
fn mends_are_offered_and_the_safe_ones_applied_at_once() {
    let folder = Folder::new("actions");
    let file = folder.0.join("a.wf");
    let mut editor = Editor::new(None);
    let text = "workflow a {\n  step h = data.get_historic;\n  let x = 30 s\n  output h = h\n}\n";
    editor.open(&file, text);
    let actions = |editor: &mut Editor, only: Value| {
        let mut params = of(&file);
        params["range"] = json!({ "start": { "line": 1, "character": 0 }, "end": { "line": 2, "character": 20 } });
        params["context"] = json!({ "diagnostics": [], "only": only });
        editor.ask_raw("textDocument/codeAction", params).unwrap()
    };
    let found = actions(&mut editor, Value::Null);
    let found = found.as_array().unwrap();
    let near = found.iter().find(|it| it["title"] == "a method with a similar name exists").unwrap();
    assert_eq!(near["isPreferred"], false);
    assert_eq!(near["edit"]["changes"][uri(&file)][0]["newText"], "get_historical");
    assert!(found.iter().any(|it| it["isPreferred"] == true), "{found:?}");
    let all = actions(&mut editor, json!(["source.fixAll"]));
    assert_eq!(all[0]["kind"], "source.fixAll");
    assert!(all[0]["edit"]["changes"][uri(&file)].as_array().unwrap().len() >= 2, "{all}");
    assert_eq!(all.as_array().unwrap().len(), 1);
    let yaml = folder.0.join("a.yaml");
    editor.open(&yaml, "a:\n  steps:\n    - h: {slice: data, method: get_historic}\n");
    let mut params = of(&yaml);
    params["range"] = json!({ "start": { "line": 2, "character": 32 }, "end": { "line": 2, "character": 32 } });
    params["context"] = json!({ "diagnostics": [] });
    let found = editor.ask_raw("textDocument/codeAction", params).unwrap();
    assert_eq!(found[0]["edit"]["changes"][uri(&yaml)][0]["newText"], "get_historical");
}

#[test]
fn a_call_says_what_it_takes() {
    let folder = Folder::new("signature");
    let file = folder.0.join("a.wf");
    let mut editor = Editor::new(None);
    let mut help = |text: &str| {
        let at = editor.open_at(&file, text);
        let answer = editor.ask_raw("textDocument/signatureHelp", serde_json::to_value(at).unwrap()).unwrap();
        let active = answer["activeParameter"].as_u64().map(|it| it as usize);
        let label = answer["signatures"][0]["label"].as_str().unwrap_or_default().to_owned();
        let parameter = active.and_then(|it| {
            let range: (usize, usize) =
                serde_json::from_value(answer["signatures"][0]["parameters"][it]["label"].clone()).ok()?;
            Some(label[range.0..range.1].to_owned())
        });
        (label, parameter.unwrap_or_default())
    };
    let (label, parameter) = help("workflow a {\n  step h = data.get_historical(symbol: ¦\"A\")\n}\n");
    assert!(label.starts_with("data.get_historical("), "{label}");
    assert!(parameter.starts_with("symbol: Symbol"), "{parameter}");
    let (label, parameter) =
        help("workflow a {\n  step h = data.get_historical(symbol: \"A\", period: ¦\n  step x = h\n}\n");
    assert!(label.starts_with("data.get_historical(") && parameter.starts_with("period"), "{label} {parameter}");
    let (_, parameter) = help("strategy s {\n  let f = sma(close, ¦20)\n}\n");
    assert_eq!(parameter, "period: Int = 30");
    let (label, parameter) = help("workflow a {\n  let m = max_by([{ a: 1 }], ¦\"a\")\n}\n");
    assert_eq!((label.as_str(), parameter.as_str()), ("max_by(list: [T], path: Text) -> T", "path: Text"));
    assert_eq!(help("workflow a {\n  let ¦m = 1\n}\n").0, "");
    let at = at_byte(&folder.0.join("none.wf"), "", 0);
    assert_eq!(editor.ask_raw("textDocument/signatureHelp", serde_json::to_value(at).unwrap()).unwrap(), Value::Null);
}
