//! What files declare: of one file as a tree, of the project by name.

use lsp_types::{
    DocumentSymbol, DocumentSymbolParams, DocumentSymbolResponse, SymbolInformation, SymbolKind, WorkspaceSymbolParams,
    WorkspaceSymbolResponse,
};

use super::{
    Answer,
    state::{Analysis, State},
};
use crate::check::index::{Decl, DeclKind};

fn kind(it: DeclKind) -> SymbolKind {
    match it {
        DeclKind::Workflow => SymbolKind::FUNCTION,
        DeclKind::Strategy => SymbolKind::CLASS,
        DeclKind::Type => SymbolKind::STRUCT,
        DeclKind::Test => SymbolKind::EVENT,
        DeclKind::Namespace => SymbolKind::NAMESPACE,
        DeclKind::Param => SymbolKind::PROPERTY,
        DeclKind::Let => SymbolKind::CONSTANT,
        DeclKind::Step => SymbolKind::METHOD,
        DeclKind::Var => SymbolKind::VARIABLE,
        DeclKind::Output => SymbolKind::FIELD,
    }
}

/// Returns what a file declares, each thing inside the one that holds it.
pub(super) fn of_document(
    state: &mut State<'_>,
    params: DocumentSymbolParams,
) -> Answer<Option<DocumentSymbolResponse>> {
    let Some(analysis) = state.of(&params.text_document.uri) else { return Ok(None) };
    let mut own: Vec<&Decl> = analysis.index.decls.iter().filter(|it| it.span.file == analysis.root).collect();
    own.sort_by_key(|it| (it.whole.start, std::cmp::Reverse(it.whole.end), it.span.start));
    // What is open holds what comes next, as long as it is around it.
    let mut done: Vec<DocumentSymbol> = Vec::new();
    let mut open: Vec<(&Decl, DocumentSymbol)> = Vec::new();
    let mut close = |open: &mut Vec<(&Decl, DocumentSymbol)>| {
        let Some((_, symbol)) = open.pop() else { return };
        match open.last_mut() {
            Some((_, outer)) => outer.children.get_or_insert_default().push(symbol),
            None => done.push(symbol),
        }
    };
    for decl in own {
        while open.last().is_some_and(|(it, _)| it.whole.end < decl.whole.end || it.whole.end <= decl.whole.start) {
            close(&mut open);
        }
        if let Some(symbol) = symbol(state, &analysis, decl) {
            open.push((decl, symbol));
        }
    }
    while !open.is_empty() {
        close(&mut open);
    }
    Ok(Some(DocumentSymbolResponse::Nested(done)))
}

#[expect(deprecated, reason = "the field must be given")]
fn symbol(state: &State<'_>, analysis: &Analysis, it: &Decl) -> Option<DocumentSymbol> {
    // The whole must cover the name, which a loop variable of YAML may stand outside of.
    let whole = if it.whole.start <= it.span.start && it.span.end <= it.whole.end { it.whole } else { it.span };
    Some(DocumentSymbol {
        name: if it.name.is_empty() { "?".to_owned() } else { it.name.to_string() },
        detail: it.ty.as_ref().map(ToString::to_string),
        kind: kind(it.kind),
        tags: None,
        deprecated: None,
        range: state.range(analysis, whole)?,
        selection_range: state.range(analysis, it.span)?,
        children: None,
    })
}

/// How many symbols of a project are told at once.
const MOST: usize = 1_000;

/// Returns what the files of the project declare whose names hold these letters, in their order.
#[expect(deprecated, reason = "the field must be given")]
pub(super) fn of_workspace(
    state: &mut State<'_>,
    params: WorkspaceSymbolParams,
) -> Answer<Option<WorkspaceSymbolResponse>> {
    let mut found = Vec::new();
    for path in state.files() {
        let Some(analysis) = state.analysis(&path) else { continue };
        let own = analysis.index.decls.iter().filter(|it| it.span.file == analysis.root);
        let named = own
            .filter(|it| !matches!(it.kind, DeclKind::Var | DeclKind::Namespace) && matches(&it.name, &params.query));
        for it in named {
            let Some(location) = state.location(&analysis, it.span) else { continue };
            let holder = analysis.index.decls.iter().find(|outer| {
                matches!(outer.kind, DeclKind::Workflow | DeclKind::Strategy)
                    && outer.span != it.span
                    && outer.whole.file == it.whole.file
                    && outer.whole.start <= it.whole.start
                    && it.whole.end <= outer.whole.end
            });
            found.push(SymbolInformation {
                name: it.name.to_string(),
                kind: kind(it.kind),
                tags: None,
                deprecated: None,
                location,
                container_name: holder.map(|it| it.name.to_string()),
            });
            if found.len() >= MOST {
                return Ok(Some(WorkspaceSymbolResponse::Flat(found)));
            }
        }
    }
    Ok(Some(WorkspaceSymbolResponse::Flat(found)))
}

/// Says whether a name has these letters in this order, whatever their case.
fn matches(name: &str, query: &str) -> bool {
    let mut letters = name.chars().flat_map(char::to_lowercase);
    query.chars().flat_map(char::to_lowercase).all(|wanted| letters.any(|it| it == wanted))
}
