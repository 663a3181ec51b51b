//! The language server: it reads what the checker says of every place and speaks the protocol of editors.
//!
//! One thread and one loop. What an editor sends while the server is busy is taken in at once, so that of many edits only
//! the last text is checked, and a request that was cancelled meanwhile is not answered at length. Names and types are the
//! checker's: see [`check::index`](crate::check::index).

mod actions;
mod completion;
mod definition;
mod describe;
mod diagnostics;
mod formatting;
mod hover;
mod inlay;
mod place;
mod position;
mod references;
mod rename;
mod signature;
mod state;
mod structure;
mod symbols;
mod tokens;

use std::{
    collections::VecDeque,
    panic::{AssertUnwindSafe, catch_unwind},
};

use lsp_server::{Connection, ErrorCode, Message, Notification, ProtocolError, Request, RequestId, Response};
use lsp_types::{
    CodeActionKind, CodeActionOptions, CodeActionProviderCapability, CompletionOptions,
    DidChangeWatchedFilesRegistrationOptions, FileSystemWatcher, FoldingRangeProviderCapability, GlobPattern,
    HoverProviderCapability, InitializeParams, InitializeResult, OneOf, PositionEncodingKind, Registration,
    RegistrationParams, RenameOptions, SelectionRangeProviderCapability, SemanticTokensFullOptions,
    SemanticTokensLegend, SemanticTokensOptions, SemanticTokensServerCapabilities, ServerCapabilities, ServerInfo,
    SignatureHelpOptions, TextDocumentSyncCapability, TextDocumentSyncKind, WorkDoneProgressOptions,
    notification::{self as told, Notification as _},
    request::{self as asked, Request as Asked},
};

pub use state::Settings;

use position::Encoding;
use state::State;

use crate::slice::Registry;

/// Why a request has no result.
#[derive(Debug)]
pub(crate) struct Refusal(pub String);

/// What a request comes to.
type Answer<T> = Result<T, Refusal>;

/// Serves an editor until it goes.
///
/// # Errors
/// Where the editor does not keep to the protocol at the start or at the end.
pub fn serve(connection: &Connection, registry: &Registry, settings: &Settings<'_>) -> Result<(), ProtocolError> {
    let (id, params) = connection.initialize_start()?;
    let params: InitializeParams = serde_json::from_value(params).unwrap_or_default();
    let general = params.capabilities.general.as_ref();
    let encoding = Encoding::negotiate(general.and_then(|it| it.position_encodings.as_deref()));
    let mut state = State::new(registry, settings, encoding);
    state.folders = folders(&params);
    let completion = params.capabilities.text_document.as_ref().and_then(|it| it.completion.as_ref());
    state.snippets =
        completion.and_then(|it| it.completion_item.as_ref()).and_then(|it| it.snippet_support).unwrap_or(false);
    let result = InitializeResult {
        capabilities: capabilities(encoding.kind()),
        server_info: Some(ServerInfo { name: "wf".into(), version: Some(env!("CARGO_PKG_VERSION").into()) }),
    };
    connection.initialize_finish(id, serde_json::to_value(result).unwrap_or_default())?;
    if watches(&params) {
        watch(connection);
    }
    Server { connection, state, queue: VecDeque::new() }.run()
}

/// Says whether the editor tells of changes on the disk, where it is asked to.
fn watches(params: &InitializeParams) -> bool {
    let workspace = params.capabilities.workspace.as_ref();
    let files = workspace.and_then(|it| it.did_change_watched_files.as_ref());
    files.and_then(|it| it.dynamic_registration).unwrap_or(false)
}

/// Asks the editor to tell of workflow files that change on the disk.
fn watch(connection: &Connection) {
    let watcher = FileSystemWatcher { glob_pattern: GlobPattern::String("**/*.{wf,yaml,yml}".to_owned()), kind: None };
    let options = DidChangeWatchedFilesRegistrationOptions { watchers: vec![watcher] };
    let registration = Registration {
        id: "files".to_owned(),
        method: told::DidChangeWatchedFiles::METHOD.to_owned(),
        register_options: serde_json::to_value(options).ok(),
    };
    let params = RegistrationParams { registrations: vec![registration] };
    let request = Request::new("watch".to_owned().into(), asked::RegisterCapability::METHOD.to_owned(), params);
    _ = connection.sender.send(request.into());
}

#[expect(deprecated, reason = "older editors name their folder in one of these")]
fn folders(params: &InitializeParams) -> Vec<std::path::PathBuf> {
    let folders = params.workspace_folders.iter().flatten().map(|it| place::path(&it.uri));
    let folders: Vec<_> = folders.collect();
    if folders.is_empty() { params.root_uri.iter().map(place::path).collect() } else { folders }
}

fn capabilities(encoding: PositionEncodingKind) -> ServerCapabilities {
    ServerCapabilities {
        position_encoding: Some(encoding),
        text_document_sync: Some(TextDocumentSyncCapability::Kind(TextDocumentSyncKind::INCREMENTAL)),
        completion_provider: Some(CompletionOptions {
            trigger_characters: Some([".", ":", "(", "\"", "$", "{", "/"].map(str::to_owned).to_vec()),
            ..CompletionOptions::default()
        }),
        hover_provider: Some(HoverProviderCapability::Simple(true)),
        signature_help_provider: Some(SignatureHelpOptions {
            trigger_characters: Some(["(", ","].map(str::to_owned).to_vec()),
            ..SignatureHelpOptions::default()
        }),
        definition_provider: Some(OneOf::Left(true)),
        references_provider: Some(OneOf::Left(true)),
        document_highlight_provider: Some(OneOf::Left(true)),
        document_symbol_provider: Some(OneOf::Left(true)),
        workspace_symbol_provider: Some(OneOf::Left(true)),
        code_action_provider: Some(CodeActionProviderCapability::Options(CodeActionOptions {
            code_action_kinds: Some(vec![CodeActionKind::QUICKFIX, actions::FIX_ALL]),
            ..CodeActionOptions::default()
        })),
        document_formatting_provider: Some(OneOf::Left(true)),
        rename_provider: Some(OneOf::Right(RenameOptions {
            prepare_provider: Some(true),
            work_done_progress_options: WorkDoneProgressOptions::default(),
        })),
        folding_range_provider: Some(FoldingRangeProviderCapability::Simple(true)),
        selection_range_provider: Some(SelectionRangeProviderCapability::Simple(true)),
        semantic_tokens_provider: Some(SemanticTokensServerCapabilities::SemanticTokensOptions(
            SemanticTokensOptions {
                legend: SemanticTokensLegend {
                    token_types: tokens::TYPES.to_vec(),
                    token_modifiers: tokens::MODIFIERS.to_vec(),
                },
                full: Some(SemanticTokensFullOptions::Bool(true)),
                ..SemanticTokensOptions::default()
            },
        )),
        inlay_hint_provider: Some(OneOf::Left(true)),
        ..ServerCapabilities::default()
    }
}

struct Server<'c, 'a> {
    connection: &'c Connection,
    state: State<'a>,
    queue: VecDeque<Message>,
}

impl Server<'_, '_> {
    fn run(mut self) -> Result<(), ProtocolError> {
        loop {
            self.gather();
            let message = if let Some(message) = self.queue.pop_front() {
                message
            } else {
                self.tell();
                let Ok(message) = self.connection.receiver.recv() else { return Ok(()) };
                message
            };
            match message {
                Message::Request(request) => {
                    if self.connection.handle_shutdown(&request)? {
                        return Ok(());
                    }
                    let id = request.id.clone();
                    let answer = catch_unwind(AssertUnwindSafe(|| self.answer(request)));
                    self.send(answer.unwrap_or_else(|_| {
                        Response::new_err(id, ErrorCode::InternalError as i32, "the server failed on this".into())
                    }));
                }
                Message::Notification(told) => {
                    _ = catch_unwind(AssertUnwindSafe(|| self.note(told)));
                }
                Message::Response(_) => {}
            }
        }
    }

    fn send(&self, message: impl Into<Message>) {
        // An editor that is gone is noticed at the next message.
        _ = self.connection.sender.send(message.into());
    }

    /// Takes in all that has come, and lets go of requests that are no longer wanted.
    fn gather(&mut self) {
        while let Ok(message) = self.connection.receiver.try_recv() {
            if let Some(id) = cancelled(&message) {
                let before = self.queue.len();
                self.queue.retain(|it| !matches!(it, Message::Request(it) if it.id == id));
                if self.queue.len() < before {
                    let code = ErrorCode::RequestCanceled as i32;
                    self.send(Response::new_err(id, code, "cancelled".into()));
                }
            } else {
                self.queue.push_back(message);
            }
        }
    }

    /// Tells the editor what is wrong, where that may have changed.
    fn tell(&mut self) {
        if std::mem::take(&mut self.state.stale) {
            let told = catch_unwind(AssertUnwindSafe(|| diagnostics::news(&mut self.state))).unwrap_or_default();
            for news in told {
                self.send(Notification::new(told::PublishDiagnostics::METHOD.into(), news));
            }
        }
        for message in std::mem::take(&mut self.state.messages) {
            let params = lsp_types::ShowMessageParams { typ: lsp_types::MessageType::WARNING, message };
            self.send(Notification::new(told::ShowMessage::METHOD.into(), params));
        }
    }

    fn note(&mut self, it: Notification) {
        match it.method.as_str() {
            told::DidOpenTextDocument::METHOD => {
                let Some(it) = read::<lsp_types::DidOpenTextDocumentParams>(it) else { return };
                self.state.open(it.text_document.uri, &it.text_document.text, it.text_document.version);
            }
            told::DidChangeTextDocument::METHOD => {
                let Some(it) = read::<lsp_types::DidChangeTextDocumentParams>(it) else { return };
                self.state.change(&it.text_document.uri, it.content_changes, it.text_document.version);
            }
            told::DidCloseTextDocument::METHOD => {
                let Some(it) = read::<lsp_types::DidCloseTextDocumentParams>(it) else { return };
                self.state.close(&it.text_document.uri);
            }
            told::DidSaveTextDocument::METHOD | told::DidChangeWatchedFiles::METHOD => self.state.forget_all(),
            told::DidChangeWorkspaceFolders::METHOD => {
                let Some(it) = read::<lsp_types::DidChangeWorkspaceFoldersParams>(it) else { return };
                let gone: Vec<_> = it.event.removed.iter().map(|it| place::path(&it.uri)).collect();
                self.state.folders.retain(|it| !gone.contains(it));
                self.state.folders.extend(it.event.added.iter().map(|it| place::path(&it.uri)));
            }
            _ => {}
        }
    }

    fn answer(&mut self, request: Request) -> Response {
        match request.method.as_str() {
            asked::Completion::METHOD => self.reply::<asked::Completion>(request, completion::complete),
            asked::HoverRequest::METHOD => self.reply::<asked::HoverRequest>(request, hover::hover),
            asked::SignatureHelpRequest::METHOD => self.reply::<asked::SignatureHelpRequest>(request, signature::help),
            asked::InlayHintRequest::METHOD => self.reply::<asked::InlayHintRequest>(request, inlay::hints),
            asked::GotoDefinition::METHOD => self.reply::<asked::GotoDefinition>(request, definition::definition),
            asked::References::METHOD => self.reply::<asked::References>(request, references::references),
            asked::DocumentHighlightRequest::METHOD => {
                self.reply::<asked::DocumentHighlightRequest>(request, references::highlight)
            }
            asked::PrepareRenameRequest::METHOD => self.reply::<asked::PrepareRenameRequest>(request, rename::prepare),
            asked::Rename::METHOD => self.reply::<asked::Rename>(request, rename::rename),
            asked::DocumentSymbolRequest::METHOD => {
                self.reply::<asked::DocumentSymbolRequest>(request, symbols::of_document)
            }
            asked::WorkspaceSymbolRequest::METHOD => {
                self.reply::<asked::WorkspaceSymbolRequest>(request, symbols::of_workspace)
            }
            asked::SemanticTokensFullRequest::METHOD => {
                self.reply::<asked::SemanticTokensFullRequest>(request, tokens::tokens)
            }
            asked::FoldingRangeRequest::METHOD => self.reply::<asked::FoldingRangeRequest>(request, structure::folding),
            asked::SelectionRangeRequest::METHOD => {
                self.reply::<asked::SelectionRangeRequest>(request, structure::selection)
            }
            asked::Formatting::METHOD => self.reply::<asked::Formatting>(request, formatting::format),
            asked::CodeActionRequest::METHOD => self.reply::<asked::CodeActionRequest>(request, actions::actions),
            other => {
                let message = format!("`{other}` is nothing that this server does");
                Response::new_err(request.id, ErrorCode::MethodNotFound as i32, message)
            }
        }
    }

    fn reply<R: Asked>(
        &mut self,
        request: Request,
        answer: impl FnOnce(&mut State<'_>, R::Params) -> Answer<R::Result>,
    ) -> Response {
        let id: RequestId = request.id;
        let params = match serde_json::from_value::<R::Params>(request.params) {
            Ok(params) => params,
            Err(error) => return Response::new_err(id, ErrorCode::InvalidParams as i32, error.to_string()),
        };
        match answer(&mut self.state, params) {
            Ok(result) => Response::new_ok(id, result),
            Err(Refusal(why)) => Response::new_err(id, ErrorCode::RequestFailed as i32, why),
        }
    }
}

fn read<T: serde::de::DeserializeOwned>(it: Notification) -> Option<T> {
    serde_json::from_value(it.params).ok()
}

/// Returns the request that a message takes back.
fn cancelled(message: &Message) -> Option<RequestId> {
    let Message::Notification(it) = message else { return None };
    if it.method != told::Cancel::METHOD {
        return None;
    }
    let params: lsp_types::CancelParams = serde_json::from_value(it.params.clone()).ok()?;
    Some(match params.id {
        lsp_types::NumberOrString::Number(it) => it.into(),
        lsp_types::NumberOrString::String(it) => it.into(),
    })
}
