//! An editor that speaks with a server in memory.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    str::FromStr as _,
    thread::JoinHandle,
    time::Duration,
};

use lsp_server::{Connection, Message, Notification, Request, RequestId, Response};
use lsp_types::{
    CompletionItem, CompletionParams, CompletionResponse, Hover, HoverContents, HoverParams, Position,
    PublishDiagnosticsParams, TextDocumentIdentifier, TextDocumentPositionParams, Uri, request as asked,
};
use serde_json::{Value, json};
use wf::{check::Options, lsp, slices};

/// A folder that goes with the test that made it.
pub struct Folder(pub PathBuf);

impl Folder {
    pub fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("wf-lsp-{}-{name}", std::process::id()));
        _ = std::fs::remove_dir_all(&path);
        std::fs::create_dir_all(&path).unwrap();
        Self(path.canonicalize().unwrap())
    }

    pub fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.0.join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, text).unwrap();
        path
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        _ = std::fs::remove_dir_all(&self.0);
    }
}

/// An editor.
pub struct Editor {
    connection: Option<Connection>,
    server: Option<JoinHandle<()>>,
    next: i32,
    versions: BTreeMap<String, i32>,
    pub told: BTreeMap<String, PublishDiagnosticsParams>,
    /// Every message, with who sent it.
    pub log: Vec<(&'static str, Value)>,
    pub capabilities: Value,
}

impl Editor {
    pub fn new(folder: Option<&Path>) -> Self {
        Self::with(
            folder,
            json!({ "textDocument": { "completion": { "completionItem": { "snippetSupport": false } } } }),
        )
    }

    pub fn with(folder: Option<&Path>, capabilities: Value) -> Self {
        let (theirs, ours) = Connection::memory();
        let settings = |path: &Path| {
            let root_dir = path.ancestors().find(|it| it.join("wf.yaml").is_file()).map(Path::to_owned);
            Ok(Options { root_dir, ..Options::default() })
        };
        let server = std::thread::spawn(move || lsp::serve(&theirs, &slices::library(), &settings).unwrap());
        let mut editor = Self {
            connection: Some(ours),
            server: Some(server),
            next: 0,
            versions: BTreeMap::new(),
            told: BTreeMap::new(),
            log: Vec::new(),
            capabilities: Value::Null,
        };
        let folders = folder.map(|it| vec![json!({ "uri": uri(it), "name": "project" })]);
        let params = json!({ "capabilities": capabilities, "workspaceFolders": folders });
        editor.capabilities = editor.ask_raw("initialize", params).unwrap();
        editor.tell("initialized", json!({}));
        editor
    }

    pub fn send(&self, message: Message) {
        self.connection.as_ref().unwrap().sender.send(message).unwrap();
    }

    pub fn receive(&mut self) -> Message {
        let receiver = &self.connection.as_ref().unwrap().receiver;
        let message = receiver.recv_timeout(Duration::from_secs(60)).unwrap();
        if let Message::Notification(it) = &message
            && it.method == "textDocument/publishDiagnostics"
        {
            let params: PublishDiagnosticsParams = serde_json::from_value(it.params.clone()).unwrap();
            self.told.insert(params.uri.as_str().to_owned(), params);
        }
        self.log.push(("server", serde_json::to_value(&message).unwrap()));
        message
    }

    pub fn tell(&mut self, method: &str, params: Value) {
        let message = Message::Notification(Notification { method: method.into(), params });
        self.log.push(("editor", serde_json::to_value(&message).unwrap()));
        self.send(message);
    }

    pub fn ask_raw(&mut self, method: &str, params: Value) -> Result<Value, String> {
        self.next += 1;
        let id = RequestId::from(self.next);
        let message = Message::Request(Request { id: id.clone(), method: method.into(), params });
        self.log.push(("editor", serde_json::to_value(&message).unwrap()));
        self.send(message);
        loop {
            if let Message::Response(Response { id: of, response_result, .. }) = self.receive()
                && of == id
            {
                return response_result.map_err(|it| it.message);
            }
        }
    }

    pub fn ask<R: asked::Request>(&mut self, params: R::Params) -> Result<R::Result, String> {
        let value = self.ask_raw(R::METHOD, serde_json::to_value(params).unwrap())?;
        Ok(serde_json::from_value(value).unwrap())
    }

    pub fn open(&mut self, path: &Path, text: &str) {
        self.versions.insert(uri(path), 1);
        let item = json!({ "uri": uri(path), "languageId": "wf", "version": 1, "text": text });
        self.tell("textDocument/didOpen", json!({ "textDocument": item }));
    }

    /// Puts another text in place of the whole.
    pub fn write(&mut self, path: &Path, text: &str) {
        self.change(path, json!([{ "text": text }]));
    }

    pub fn change(&mut self, path: &Path, changes: Value) {
        let version = self.versions.get_mut(&uri(path)).unwrap();
        *version += 1;
        let document = json!({ "uri": uri(path), "version": *version });
        self.tell("textDocument/didChange", json!({ "textDocument": document, "contentChanges": changes }));
    }

    /// Returns what is wrong with the last text of a buffer: line and column from 0, code and first line of the message.
    pub fn findings(&mut self, path: &Path) -> Vec<String> {
        let version = self.versions.get(&uri(path)).copied();
        while self.told.get(&uri(path)).is_none_or(|it| it.version != version) {
            self.receive();
        }
        self.told[&uri(path)].diagnostics.iter().map(shown).collect()
    }

    /// Opens `text` with the cursor at `¦`, and returns the position.
    pub fn open_at(&mut self, path: &Path, text: &str) -> TextDocumentPositionParams {
        let at = text.find('¦').unwrap();
        let text = text.replace('¦', "");
        if self.versions.contains_key(&uri(path)) {
            self.write(path, &text);
        } else {
            self.open(path, &text);
        }
        at_byte(path, &text, at)
    }

    pub fn complete(&mut self, path: &Path, text: &str) -> Vec<CompletionItem> {
        let text_document_position = self.open_at(path, text);
        let params = CompletionParams {
            text_document_position,
            work_done_progress_params: Default::default(),
            partial_result_params: Default::default(),
            context: None,
        };
        match self.ask::<asked::Completion>(params).unwrap() {
            Some(CompletionResponse::Array(items)) => items,
            _ => Vec::new(),
        }
    }

    /// Returns what is offered, in the order of an editor.
    pub fn labels(&mut self, path: &Path, text: &str) -> Vec<String> {
        let mut items = self.complete(path, text);
        items.sort_by(|a, b| a.sort_text.cmp(&b.sort_text));
        items.into_iter().map(|it| it.label).collect()
    }

    pub fn hover(&mut self, path: &Path, text: &str) -> String {
        let text_document_position_params = self.open_at(path, text);
        let params = HoverParams { text_document_position_params, work_done_progress_params: Default::default() };
        match self.ask::<asked::HoverRequest>(params).unwrap() {
            Some(Hover { contents: HoverContents::Markup(it), .. }) => it.value,
            _ => String::new(),
        }
    }

    pub fn uri(path: &Path) -> Uri {
        Uri::from_str(&uri(path)).unwrap()
    }

    pub fn document(path: &Path) -> TextDocumentIdentifier {
        TextDocumentIdentifier { uri: Self::uri(path) }
    }
}

impl Drop for Editor {
    fn drop(&mut self) {
        if std::thread::panicking() {
            return;
        }
        self.ask_raw("shutdown", Value::Null).unwrap();
        self.tell("exit", Value::Null);
        self.connection.take();
        self.server.take().unwrap().join().unwrap();
    }
}

pub fn uri(path: &Path) -> String {
    format!("file://{}", path.display())
}

/// Returns the position of a byte, in UTF-16.
pub fn at_byte(path: &Path, text: &str, at: usize) -> TextDocumentPositionParams {
    TextDocumentPositionParams { text_document: Editor::document(path), position: position(text, at) }
}

pub fn position(text: &str, at: usize) -> Position {
    let before = &text[..at];
    let line = before.matches('\n').count() as u32;
    let start = before.rfind('\n').map_or(0, |it| it + 1);
    Position { line, character: before[start..].encode_utf16().count() as u32 }
}

pub fn shown(it: &lsp_types::Diagnostic) -> String {
    let Some(lsp_types::NumberOrString::String(code)) = &it.code else { panic!("{it:?}") };
    let first = it.message.lines().next().unwrap();
    format!("{}:{} {code} {first}", it.range.start.line, it.range.start.character)
}
