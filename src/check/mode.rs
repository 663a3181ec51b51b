//! The modes of a workflow, and one message for what is found in several of them.

use std::collections::HashMap;

use crate::{
    source::{Code, Diagnostic, Span},
    syntax::ast,
    value::Name,
};

/// Returns the modes that a workflow declares, each once; none where it declares none.
pub(super) fn declared(workflow: &ast::Workflow) -> Vec<Name> {
    let mut modes: Vec<Name> = Vec::new();
    for stmt in &workflow.body.stmts {
        if let ast::Stmt::Modes { modes: names, .. } = stmt {
            for name in names.iter().filter(|it| super::MODES.contains(&&*it.text)) {
                if !modes.contains(&name.text) {
                    modes.push(name.text.clone());
                }
            }
        }
    }
    modes
}

/// Says whether a finding stands only where every mode has it: what one mode leaves unused another may use.
fn needs_all(found: &Diagnostic) -> bool {
    match found.code {
        Code::G002 | Code::G003 | Code::G004 => true,
        // What is there in this mode may be none in another.
        Code::T013 => found.message.ends_with("is never none"),
        _ => false,
    }
}

/// Returns what was found in a workflow, each thing once; what only some modes have says which.
pub(super) fn merge(modes: Vec<(Name, Vec<Diagnostic>)>) -> Vec<Diagnostic> {
    let count = modes.len();
    let mut merged: Vec<(Diagnostic, Vec<Name>)> = Vec::new();
    let mut at_place: HashMap<(Span, Code), Vec<usize>> = HashMap::new();
    for (mode, found) in modes {
        for each in found {
            let known = at_place.entry((each.span, each.code)).or_default();
            if let Some(at) = known.iter().find(|at| merged.get(**at).is_some_and(|(it, _)| *it == each)) {
                if let Some((_, seen)) = merged.get_mut(*at)
                    && seen.last() != Some(&mode)
                {
                    seen.push(mode.clone());
                }
            } else {
                known.push(merged.len());
                merged.push((each, vec![mode.clone()]));
            }
        }
    }
    let said = |(mut it, seen): (Diagnostic, Vec<Name>)| {
        if seen.len() < count {
            if needs_all(&it) {
                return None;
            }
            if !seen.iter().all(|mode| names(&it.message, mode)) {
                let word = if seen.len() == 1 { "mode" } else { "modes" };
                it.message = format!("{} in {word} {}", it.message, seen.join(", "));
            }
        }
        Some(it)
    };
    merged.into_iter().filter_map(said).collect()
}

/// Says whether a message names the mode already.
fn names(message: &str, mode: &str) -> bool {
    message.split(|it: char| !it.is_ascii_alphanumeric()).any(|it| it == mode)
}
