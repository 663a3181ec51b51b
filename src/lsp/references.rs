//! Everywhere that the thing under the cursor is named, in this file and in all that import it.

use std::{path::PathBuf, rc::Rc};

use lsp_types::{DocumentHighlight, DocumentHighlightKind, DocumentHighlightParams, Location, ReferenceParams};

use super::{
    Answer,
    state::{Analysis, State},
};
use crate::{
    check::index::{Decl, Target},
    source::Span,
};

/// Something that a file declares, told apart from all others by where its name stands.
pub(super) struct Declared {
    pub path: PathBuf,
    pub span: Span,
    pub decl: Decl,
}

/// Returns what is declared by what stands at a byte.
pub(super) fn declared(analysis: &Analysis, at: u32) -> Option<Declared> {
    let (Target::Declared(span), _) = analysis.index.target(analysis.root, at)? else { return None };
    let decl = analysis.index.declaration(span)?.clone();
    let path = analysis.path_of(span.file)?.to_owned();
    Some(Declared { path, span, decl })
}

impl Declared {
    /// Returns what it is in another check, which counts its files otherwise.
    pub fn target(&self, analysis: &Analysis) -> Option<Target> {
        let (file, _) = analysis.sources.iter().find(|(it, _)| analysis.path_of(*it) == Some(&self.path))?;
        Some(Target::Declared(Span { file, ..self.span }))
    }
}

/// Returns every file that names a declared thing, with its places there; the declaration counts.
pub(super) fn uses(state: &mut State<'_>, of: &Declared) -> Vec<(PathBuf, Rc<Analysis>, Vec<Span>)> {
    let mut found = Vec::new();
    let mut files = state.files();
    if !files.contains(&of.path) {
        files.push(of.path.clone());
    }
    for path in files {
        let name = &*of.decl.name;
        // What does not even hold the name needs no look.
        if state.source(&path).is_none_or(|it| !it.text().contains(name)) {
            continue;
        }
        let Some(analysis) = state.analysis(&path) else { continue };
        let Some(target) = of.target(&analysis) else { continue };
        let mut places: Vec<Span> = analysis.index.references(&target).filter(|it| it.file == analysis.root).collect();
        if path == of.path {
            places.push(Span { file: analysis.root, ..of.span });
        }
        places.sort();
        places.dedup();
        if !places.is_empty() {
            found.push((path, analysis, places));
        }
    }
    found
}

/// Returns everywhere that the thing under the cursor is named.
pub(super) fn references(state: &mut State<'_>, params: ReferenceParams) -> Answer<Option<Vec<Location>>> {
    let it = params.text_document_position;
    let Some((analysis, at)) = state.at(&it.text_document.uri, it.position) else { return Ok(None) };
    let mut found = Vec::new();
    if let Some(of) = declared(&analysis, at) {
        for (path, analysis, places) in uses(state, &of) {
            let own =
                |it: &&Span| params.context.include_declaration || path != of.path || it.range() != of.span.range();
            found.extend(places.iter().filter(own).filter_map(|it| state.location(&analysis, *it)));
        }
    } else if let Some((target, _)) = analysis.index.target(analysis.root, at) {
        // What is of the catalogue is named in every file that uses it.
        for path in state.files() {
            let Some(analysis) = state.analysis(&path) else { continue };
            let places = analysis.index.references(&target).filter(|it| it.file == analysis.root);
            found.extend(places.filter_map(|it| state.location(&analysis, it)));
        }
    }
    Ok(Some(found))
}

/// Returns everywhere in this file that the thing under the cursor is named.
pub(super) fn highlight(
    state: &mut State<'_>,
    params: DocumentHighlightParams,
) -> Answer<Option<Vec<DocumentHighlight>>> {
    let it = params.text_document_position_params;
    let Some((analysis, at)) = state.at(&it.text_document.uri, it.position) else { return Ok(None) };
    let Some((target, _)) = analysis.index.target(analysis.root, at) else { return Ok(None) };
    let own = |it: Span| it.file == analysis.root;
    let shown = |span, kind| Some(DocumentHighlight { range: state.range(&analysis, span)?, kind: Some(kind) });
    let read = analysis.index.references(&target).filter(|it| own(*it));
    let mut found: Vec<_> = read.filter_map(|it| shown(it, DocumentHighlightKind::READ)).collect();
    if let Target::Declared(span) = target
        && own(span)
        && analysis.index.declaration(span).is_some()
    {
        found.extend(shown(span, DocumentHighlightKind::WRITE));
    }
    found.sort_by_key(|it| (it.range.start.line, it.range.start.character));
    Ok(Some(found))
}
