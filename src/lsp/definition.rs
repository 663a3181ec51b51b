//! Where the thing under the cursor is declared.

use lsp_types::{GotoDefinitionParams, GotoDefinitionResponse, Location, Range};

use super::{Answer, state::State};
use crate::check::index::Target;

/// Returns where the thing under the cursor is declared; the catalogue has no places.
pub(super) fn definition(
    state: &mut State<'_>,
    params: GotoDefinitionParams,
) -> Answer<Option<GotoDefinitionResponse>> {
    let it = params.text_document_position_params;
    let Some((analysis, at)) = state.at(&it.text_document.uri, it.position) else { return Ok(None) };
    let location = match analysis.index.target(analysis.root, at) {
        Some((Target::Declared(span), _)) => state.location(&analysis, span),
        Some((Target::File(id), _)) => {
            analysis.path_of(id).and_then(|it| state.uri(it)).map(|uri| Location { uri, range: Range::default() })
        }
        _ => None,
    };
    Ok(location.map(GotoDefinitionResponse::Scalar))
}
