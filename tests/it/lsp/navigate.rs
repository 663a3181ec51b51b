//! From a name to its declaration and back: in one file, across files, in the whole project.

use lsp_types::{DocumentSymbolResponse, GotoDefinitionResponse, Location, WorkspaceSymbolResponse, request as asked};
use serde_json::{Value, json};

use super::support::{Editor, Folder, at_byte, uri};

pub const LIB: &str = "## A cross of averages.\nstrategy cross {\n  param fast: Int = 5\n  let slow = sma(close, 50)\n  enter long when sma(close, fast) > slow\n  exit long when sma(close, fast) < slow\n}\n\nworkflow prices {\n  param symbol: Symbol = \"AAPL\"\n  step history = data.get_historical\n  output bars = history\n}\n";
pub const MAIN: &str = "use \"lib.wf\" { cross, prices }\n\nworkflow main {\n  step p = prices(symbol: \"MSFT\")\n  step result = backtest.execute(strategy: cross(fast: 3), bars: p.bars)\n  output result = result\n}\n";

fn shown(it: &Location) -> String {
    let name = it.uri.as_str().rsplit('/').next().unwrap();
    format!("{name}:{}:{}-{}", it.range.start.line, it.range.start.character, it.range.end.character)
}

fn definition(editor: &mut Editor, path: &std::path::Path, text: &str, word: &str) -> String {
    let at = at_byte(path, text, text.find(word).unwrap() + word.len());
    let answer = editor.ask_raw("textDocument/definition", serde_json::to_value(at).unwrap()).unwrap();
    match serde_json::from_value::<Option<GotoDefinitionResponse>>(answer).unwrap() {
        Some(GotoDefinitionResponse::Scalar(it)) => shown(&it),
        None => "nowhere".to_owned(),
        other => panic!("{other:?}"),
    }
}

fn references(editor: &mut Editor, path: &std::path::Path, text: &str, word: &str) -> Vec<String> {
    let mut params = serde_json::to_value(at_byte(path, text, text.find(word).unwrap() + word.len())).unwrap();
    params["context"] = json!({ "includeDeclaration": true });
    let answer = editor.ask_raw("textDocument/references", params).unwrap();
    let mut all: Vec<String> = serde_json::from_value::<Vec<Location>>(answer).unwrap().iter().map(shown).collect();
    all.sort();
    all
}

#[test]
fn a_name_leads_to_its_declaration_also_in_another_file() {
    let folder = Folder::new("definition");
    folder.write("lib.wf", LIB);
    let main = folder.write("main.wf", MAIN);
    let mut editor = Editor::new(Some(&folder.0));
    editor.open(&main, MAIN);
    for (word, wanted) in [
        ("lib", "lib.wf:0:0-0"),
        ("{ cross", "lib.wf:1:9-14"),
        ("= prices", "lib.wf:8:9-15"),
        ("prices(symbol", "lib.wf:9:8-14"),
        ("cross(fast", "lib.wf:2:8-12"),
        ("bars: p", "main.wf:3:7-8"),
        ("output result = result", "main.wf:4:7-13"),
        ("backtest", "nowhere"),
    ] {
        assert_eq!(definition(&mut editor, &main, MAIN, word), wanted, "{word}");
    }
    // With unsaved lines above it, the declaration is where the buffer has it.
    let lib = folder.0.join("lib.wf");
    editor.open(&lib, &format!("# one more\n{LIB}"));
    assert_eq!(definition(&mut editor, &main, MAIN, "{ cross"), "lib.wf:2:9-14");
}

#[test]
fn a_name_is_found_wherever_it_is_used() {
    let folder = Folder::new("references");
    let lib = folder.write("lib.wf", LIB);
    folder.write("main.wf", MAIN);
    folder.write("other.yaml", "use: [{path: lib.wf, names: [cross]}]\nother:\n  steps:\n    - h: {slice: data, method: get_historical}\n    - r: {slice: backtest, method: execute, with: {strategy: \"$cross(fast: 4)\"}}\n");
    let mut editor = Editor::new(Some(&folder.0));
    editor.open(&lib, LIB);
    assert_eq!(
        references(&mut editor, &lib, LIB, "strategy cross"),
        ["lib.wf:1:9-14", "main.wf:0:15-20", "main.wf:4:43-48", "other.yaml:0:29-34", "other.yaml:4:63-68"]
    );
    assert_eq!(
        references(&mut editor, &lib, LIB, "param fast"),
        ["lib.wf:2:8-12", "lib.wf:4:29-33", "lib.wf:5:28-32", "main.wf:4:49-53", "other.yaml:4:69-73"]
    );
    assert_eq!(references(&mut editor, &lib, LIB, "let slow"), ["lib.wf:3:6-10", "lib.wf:4:37-41", "lib.wf:5:36-40"]);
    let highlights = editor.ask_raw(
        "textDocument/documentHighlight",
        serde_json::to_value(at_byte(&lib, LIB, LIB.find("slow").unwrap())).unwrap(),
    );
    let highlights: Vec<Value> = serde_json::from_value(highlights.unwrap()).unwrap();
    assert_eq!(highlights.iter().map(|it| it["kind"].as_i64().unwrap()).collect::<Vec<_>>(), [3, 2, 2]);
}

#[test]
fn what_a_file_declares_is_told_as_a_tree_and_found_by_name() {
    let folder = Folder::new("symbols");
    let lib = folder.write("lib.wf", LIB);
    folder.write("main.wf", MAIN);
    let mut editor = Editor::new(Some(&folder.0));
    editor.open(&lib, LIB);
    let params = json!({ "textDocument": { "uri": uri(&lib) } });
    let Some(DocumentSymbolResponse::Nested(tree)) =
        serde_json::from_value(editor.ask_raw("textDocument/documentSymbol", params).unwrap()).unwrap()
    else {
        panic!("no tree")
    };
    let names = |it: &lsp_types::DocumentSymbol| {
        let children = it.children.iter().flatten().map(|it| it.name.as_str()).collect::<Vec<_>>().join(" ");
        format!("{}: {children}", it.name)
    };
    assert_eq!(tree.iter().map(names).collect::<Vec<_>>(), ["cross: fast slow", "prices: symbol history bars"]);
    let mut named = |query: &str| {
        let answer = editor.ask_raw("workspace/symbol", json!({ "query": query })).unwrap();
        let Some(WorkspaceSymbolResponse::Flat(found)) = serde_json::from_value(answer).unwrap() else { panic!() };
        found
            .into_iter()
            .map(|it| format!("{} in {}", it.name, it.container_name.unwrap_or_default()))
            .collect::<Vec<_>>()
    };
    assert_eq!(named("hist"), ["history in prices"]);
    assert_eq!(named("CRS"), ["cross in "]);
    // A file with errors has its symbols too.
    let broken = folder.0.join("broken.wf");
    editor.open(&broken, "workflow b {\n  step x = \n  step y = data.get_historical\n");
    let params = json!({ "textDocument": { "uri": uri(&broken) } });
    let answer = editor.ask_raw(<asked::DocumentSymbolRequest as asked::Request>::METHOD, params).unwrap();
    assert_eq!(answer[0]["name"], "b");
    assert_eq!(answer[0]["children"].as_array().unwrap().len(), 2);
}
