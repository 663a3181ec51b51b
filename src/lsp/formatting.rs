//! The canonical layout, as `wf fmt` writes it; a file that cannot be read is left as it is.

use lsp_types::{DocumentFormattingParams, Range, TextEdit};
use similar::{ChangeTag, TextDiff};

use super::{Answer, place, state::State};
use crate::{
    source::{Diagnostic, FileId},
    syntax,
};

/// Returns the edits that give a file its layout, line by line, so that cursors and marks stay where they are.
pub(super) fn format(state: &mut State<'_>, params: DocumentFormattingParams) -> Answer<Option<Vec<TextEdit>>> {
    let path = place::path(&params.text_document.uri);
    let Some(document) = state.documents.get(&path) else { return Ok(None) };
    let source = &document.source;
    if !super::state::is_workflow(&path, source.text()) {
        return Ok(None);
    }
    let parsed = syntax::parse(FileId::default(), source);
    if parsed.diagnostics.iter().any(Diagnostic::is_error) {
        return Ok(None);
    }
    let formatted = syntax::write(&parsed.file, source, parsed.file.form);
    let diff = TextDiff::from_lines(&**source.text(), formatted.as_str());
    let mut edits: Vec<TextEdit> = Vec::new();
    let mut at = 0_usize;
    for change in diff.iter_all_changes() {
        let from = state.encoding.position(source, u32::try_from(at).unwrap_or(u32::MAX));
        let (to, text) = match change.tag() {
            ChangeTag::Equal => {
                at += change.value().len();
                continue;
            }
            ChangeTag::Delete => {
                at += change.value().len();
                (state.encoding.position(source, u32::try_from(at).unwrap_or(u32::MAX)), "")
            }
            ChangeTag::Insert => (from, change.value()),
        };
        match edits.last_mut() {
            Some(last) if last.range.end == from => {
                last.range.end = to;
                last.new_text.push_str(text);
            }
            _ => edits.push(TextEdit { range: Range { start: from, end: to }, new_text: text.to_owned() }),
        }
    }
    Ok(Some(edits))
}
