//! What may stand at the cursor.
//!
//! A mark is put where the cursor is, and the checker looks at that text: what it then knows of the mark is what is offered.

mod offers;
mod wf;
mod yaml;

use lsp_types::{
    CompletionItem, CompletionItemKind, CompletionParams, CompletionResponse, CompletionTextEdit, Documentation,
    InsertTextFormat, MarkupContent, MarkupKind, Range, TextEdit,
};

use super::{
    Answer, place,
    state::{Analysis, State},
};
use crate::source::{Source, Span};

/// What stands for the cursor: no person gives such a name.
const MARK: &str = "wf__";

/// Something that may stand at the cursor.
#[derive(Clone, Debug)]
struct Offer {
    label: String,
    kind: CompletionItemKind,
    /// Its type, or what it is in a word.
    detail: String,
    doc: String,
    /// What is written, where that is more than the label.
    insert: Option<String>,
    /// The same with places to fill in.
    snippet: Option<String>,
    /// What comes first has the least.
    rank: u8,
}

impl Offer {
    fn new(label: impl Into<String>, kind: CompletionItemKind) -> Self {
        let (detail, doc) = (String::new(), String::new());
        Self { label: label.into(), kind, detail, doc, insert: None, snippet: None, rank: 5 }
    }

    fn detail(mut self, detail: impl Into<String>) -> Self {
        self.detail = detail.into();
        self
    }

    fn doc(mut self, doc: impl Into<String>) -> Self {
        self.doc = doc.into();
        self
    }

    fn insert(mut self, text: impl Into<String>) -> Self {
        self.insert = Some(text.into());
        self
    }

    fn rank(mut self, rank: u8) -> Self {
        self.rank = rank;
        self
    }

    fn item(self, range: Range, snippets: bool) -> CompletionItem {
        let snippet = self.snippet.filter(|_| snippets);
        let format = snippet.as_ref().map(|_| InsertTextFormat::SNIPPET);
        let text = snippet.or(self.insert).unwrap_or_else(|| self.label.clone());
        let value = self.doc;
        CompletionItem {
            kind: Some(self.kind),
            detail: (!self.detail.is_empty()).then_some(self.detail),
            documentation: (!value.is_empty())
                .then_some(Documentation::MarkupContent(MarkupContent { kind: MarkupKind::Markdown, value })),
            sort_text: Some(format!("{}{}", self.rank, self.label)),
            insert_text_format: format,
            text_edit: Some(CompletionTextEdit::Edit(TextEdit { range, new_text: text })),
            label: self.label,
            ..CompletionItem::default()
        }
    }
}

/// What is asked: a text and a byte of it.
struct Question<'s, 'a> {
    state: &'s mut State<'a>,
    path: std::path::PathBuf,
    source: Source,
    at: usize,
}

impl Question<'_, '_> {
    /// Returns what the checker makes of the text with `text` in place of some bytes.
    fn probe(&mut self, replace: &std::ops::Range<usize>, text: &str) -> Analysis {
        let mut whole = self.source.text().to_string();
        whole.replace_range(replace.clone(), text);
        let source = Source::new(self.source.name(), self.source.path().map(ToOwned::to_owned), whole);
        self.state.analyse(&self.path, source)
    }
}

/// Returns the place of the mark that was put at a byte.
fn mark(analysis: &Analysis, at: usize) -> Span {
    Span::new(analysis.root, at, at + MARK.len())
}

/// Says what may stand at the cursor.
pub(super) fn complete(state: &mut State<'_>, params: CompletionParams) -> Answer<Option<CompletionResponse>> {
    let it = params.text_document_position;
    let path = place::path(&it.text_document.uri);
    let Some(source) = state.documents.get(&path).map(|it| it.source.clone()) else { return Ok(None) };
    let at = state.encoding.offset(&source, it.position) as usize;
    let (encoding, snippets) = (state.encoding, state.snippets);
    let is_yaml = path.extension().is_some_and(|it| it == "yaml" || it == "yml" || it == "json");
    // A file in which nothing stands yet may become one.
    let is_begun = source.text().split_whitespace().nth(1).is_some();
    if is_yaml && is_begun && !super::state::is_workflow(&path, source.text()) {
        return Ok(None);
    }
    let mut question = Question { state, path, source: source.clone(), at };
    let (replace, mut offers) = if is_yaml { yaml::offers(&mut question) } else { wf::offers(&mut question) };
    offers.sort_by(|a, b| (a.rank, &a.label).cmp(&(b.rank, &b.label)));
    offers.dedup_by(|a, b| a.label == b.label);
    let span = Span::new(crate::source::FileId(0), replace.start, replace.end);
    let range = encoding.range(&source, span);
    Ok(Some(CompletionResponse::Array(offers.into_iter().map(|it| it.item(range, snippets)).collect())))
}
