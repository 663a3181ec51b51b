//! Another name for a thing, everywhere that it is named; refused where that would change what a workflow does.

use std::{collections::BTreeMap, path::PathBuf, rc::Rc};

use lsp_types::{PrepareRenameResponse, RenameParams, TextDocumentPositionParams, TextEdit, Uri, WorkspaceEdit};

use super::{
    Answer, Refusal, inlay,
    references::{Declared, declared, uses},
    state::{Analysis, State},
};
use crate::{
    check::{
        Filled,
        index::{Call, DeclKind, Target},
    },
    expr::{BUILTINS, Context},
    source::{Diagnostic, Edit, Source, Span},
    syntax::words,
};

/// Says what would be renamed, or why it cannot be.
pub(super) fn prepare(state: &mut State<'_>, it: TextDocumentPositionParams) -> Answer<Option<PrepareRenameResponse>> {
    let Some((analysis, at)) = state.at(&it.text_document.uri, it.position) else { return Ok(None) };
    let Some((target, span)) = analysis.index.target(analysis.root, at) else {
        return Err(Refusal("nothing here has a name of its own".to_owned()));
    };
    renamable(&analysis, &target)?;
    let range = state.range(&analysis, span);
    let placeholder = bare(analysis.sources.slice(span)).to_owned();
    Ok(range.map(|range| PrepareRenameResponse::RangeWithPlaceholder { range, placeholder }))
}

/// Returns a name without the quotes or the sign before it.
fn bare(text: &str) -> &str {
    text.trim_matches(['`', '"', '\'']).trim_start_matches('$')
}

/// Says why a thing cannot be renamed here.
fn renamable(analysis: &Analysis, target: &Target) -> Answer<()> {
    let refused = |why: String| Err(Refusal(why));
    match target {
        Target::Declared(span) => match analysis.index.declaration(*span) {
            None => refused("what a test runs is renamed where it is declared".to_owned()),
            Some(it) if analysis.path_of(it.span.file).is_none() => refused(format!("`{}` is built in", it.name)),
            Some(it) if it.kind == DeclKind::Test => refused("a test has a title, which nothing else names".to_owned()),
            Some(it) if it.kind == DeclKind::Output => {
                refused(format!("who runs the workflow reads its output `{}` by this name", it.name))
            }
            Some(_) => Ok(()),
        },
        Target::Method(slice, name) => refused(format!("`{slice}.{name}` is of the catalogue")),
        Target::Slice(name) | Target::Function(name) | Target::Price(name) | Target::Type(name) => {
            refused(format!("`{name}` is of the language or its catalogue"))
        }
        Target::Input(_, _, name) => refused(format!("`{name}` is an input of a method of the catalogue")),
        Target::Field(_, name) => refused(format!("`{name}` is a field of a value, named by who makes the value")),
        Target::Setting(it) => refused(format!("`{}` is a setting of the language", it.name)),
        Target::Context(it) => refused(format!("`{}` is what every run knows by itself", it.name())),
        Target::File(_) => refused("a file is renamed where files are".to_owned()),
    }
}

/// Returns the edits that give a thing another name.
pub(super) fn rename(state: &mut State<'_>, params: RenameParams) -> Answer<Option<WorkspaceEdit>> {
    let it = params.text_document_position;
    let Some((analysis, at)) = state.at(&it.text_document.uri, it.position) else { return Ok(None) };
    let Some((target, _)) = analysis.index.target(analysis.root, at) else {
        return Err(Refusal("nothing here has a name of its own".to_owned()));
    };
    renamable(&analysis, &target)?;
    let new = bare(params.new_name.trim());
    let Some(of) = declared(&analysis, at) else { return Ok(None) };
    allowed(&of, new)?;
    if new == &*of.decl.name {
        return Ok(Some(WorkspaceEdit::default()));
    }
    let uses = uses(state, &of);
    taken(&uses, &of, new)?;
    let mut edits: BTreeMap<PathBuf, Vec<Edit>> = BTreeMap::new();
    for (path, analysis, places) in &uses {
        let own = edits.entry(path.clone()).or_default();
        for place in places {
            let written = analysis.sources.slice(*place);
            let Some(at) = written.find(&*of.decl.name) else {
                return Err(Refusal(format!("`{written}` names it in a way that cannot be rewritten")));
            };
            let start = place.start as usize + at;
            let span = Span::new(place.file, start, start + of.decl.name.len());
            own.push(Edit { span, text: new.to_owned() });
        }
        own.extend(written_out(analysis, &of, new));
    }
    verify(state, &uses, &edits, &of, new)?;
    #[expect(clippy::mutable_key_type, reason = "the protocol's own type")]
    let mut changes: std::collections::HashMap<Uri, Vec<TextEdit>> = std::collections::HashMap::new();
    for (path, analysis, _) in &uses {
        let (Some(uri), Some(edits)) = (state.uri(path), edits.get(path)) else { continue };
        let edit = |it: &Edit| Some(TextEdit { range: state.range(analysis, it.span)?, new_text: it.text.clone() });
        changes.insert(uri, edits.iter().filter_map(edit).collect());
    }
    Ok(Some(WorkspaceEdit { changes: Some(changes), ..WorkspaceEdit::default() }))
}

/// Says why a text cannot be the name of a thing.
fn allowed(of: &Declared, new: &str) -> Answer<()> {
    if !words::is_word(new) {
        return Err(Refusal(format!("`{new}` is no name: a letter or `_`, then letters, digits and `_`")));
    }
    if words::is_reserved(new) {
        return Err(Refusal(format!("`{new}` is a reserved word")));
    }
    if of.decl.kind == DeclKind::Param && Context::find(&of.decl.name).is_some() {
        let why =
            format!("the param `{0}` takes its value from the run by its name; another name would not", of.decl.name);
        return Err(Refusal(why));
    }
    if BUILTINS.iter().any(|it| it.name == new) && !of.decl.kind.is_value() {
        return Err(Refusal(format!("`{new}` is a builtin")));
    }
    Ok(())
}

/// Says what has the new name already, where the thing is named or declared.
fn taken(uses: &[(PathBuf, Rc<Analysis>, Vec<Span>)], of: &Declared, new: &str) -> Answer<()> {
    let refused = |what: &str| Err(Refusal(format!("`{new}` is taken: a {what} is called so")));
    for (_, analysis, places) in uses {
        let index = &analysis.index;
        if of.decl.kind.is_value() {
            for place in places {
                let visible = index.visible(place.file, place.start);
                // A param is named by who calls, where other names can be seen.
                let argument = index.calls.iter().any(|it| it.given.iter().any(|it| it.1.start == place.start));
                if let Some(it) = visible.iter().find(|it| *it.name == *new && !argument) {
                    return refused(it.kind.word());
                }
            }
            // A body inside may give the name to something of its own, which would then hide this.
            let mut inner = index.decls.iter().filter(|it| it.kind.is_value() && *it.name == *new);
            let hides = |span: Span| {
                index
                    .visible(span.file, span.start)
                    .iter()
                    .any(|it| it.declared.is_some_and(|it| it.range() == of.span.range()))
            };
            if let Some(it) = inner.find(|it| it.span.file == analysis.root && hides(it.span)) {
                return refused(it.kind.word());
            }
        } else if let Some((_, span)) = index.items.iter().find(|it| it.0 == new) {
            return refused(index.declaration(*span).map_or("thing", |it| it.kind.word()));
        }
    }
    Ok(())
}

/// Returns the arguments that say what was wired by the name that goes.
fn written_out(analysis: &Analysis, of: &Declared, new: &str) -> Vec<Edit> {
    let Some(Target::Declared(declared)) = of.target(analysis) else { return Vec::new() };
    let mut edits = Vec::new();
    for call in analysis.index.calls.iter().filter(|it| it.head.file == analysis.root) {
        let by_name =
            |it: &&crate::check::index::Wired| it.from == Some(declared) && matches!(it.filled, Filled::Name(_));
        let wired: Vec<&str> = call.wired.iter().filter(by_name).map(|it| &*it.input).collect();
        if wired.is_empty() {
            continue;
        }
        if analysis.is_yaml() {
            edits.extend(written_in_yaml(analysis, call, &wired, new));
            continue;
        }
        let args = call.args.map_or("", |it| analysis.sources.slice(it));
        let (span, before, after) = inlay::place_of_arguments(call, args);
        let arguments = wired.iter().map(|it| format!("{it}: {new}")).collect::<Vec<_>>().join(", ");
        edits.push(Edit { span, text: format!("{before}{arguments}{after}") });
    }
    edits
}

/// Returns the edit that gives the inputs of a call in YAML a value, in the layout that the call has.
fn written_in_yaml(analysis: &Analysis, call: &Call, inputs: &[&str], value: &str) -> Option<Edit> {
    let text = analysis.source()?.text();
    let pairs: Vec<String> = inputs.iter().map(|it| format!("{it}: ${value}")).collect();
    let line_of = |at: u32| text.get(..at as usize).unwrap_or_default().rsplit('\n').next().unwrap_or_default();
    let Some(with) = call.args else {
        let (line, with) = (line_of(call.head.end), format!("with: {{{}}}", pairs.join(", ")));
        if line.contains('{') {
            return Some(Edit { span: call.head.after(), text: format!(", {with}") });
        }
        let indent = line.len() - line.trim_start_matches([' ', '-']).len();
        return Some(Edit { span: call.head.after(), text: format!("\n{}{with}", " ".repeat(indent)) });
    };
    let written = analysis.sources.slice(with);
    let Some(inner) = written.strip_prefix('{').and_then(|it| it.strip_suffix('}')) else {
        let indent = line_of(with.start).chars().count();
        let lines: String = pairs.iter().map(|it| format!("{it}\n{}", " ".repeat(indent))).collect();
        return Some(Edit { span: with.before(), text: lines });
    };
    let comma = if inner.trim().is_empty() { "" } else { ", " };
    let at = with.start + 1 + u32::try_from(inner.trim_end().len()).ok()?;
    Some(Edit { span: Span { start: at, end: at, ..with }, text: format!("{comma}{}", pairs.join(", ")) })
}

/// Checks the files as they would be: nothing new may be wrong, and every input must be filled as it was.
fn verify(
    state: &mut State<'_>,
    uses: &[(PathBuf, Rc<Analysis>, Vec<Span>)],
    edits: &BTreeMap<PathBuf, Vec<Edit>>,
    of: &Declared,
    new: &str,
) -> Answer<()> {
    let texts: Vec<(PathBuf, Source)> = uses
        .iter()
        .filter_map(|(path, analysis, _)| {
            let source = analysis.source()?;
            let mut edits = edits.get(path)?.clone();
            edits.sort_by_key(|it| std::cmp::Reverse(it.span.start));
            let mut text = source.text().to_string();
            edits.iter().for_each(|it| text.replace_range(it.span.range(), &it.text));
            Some((path.clone(), Source::new(source.name(), source.path().map(ToOwned::to_owned), text)))
        })
        .collect();
    for (path, before, _) in uses {
        let after = state.analyse_among(path, &texts);
        let Some(after) = after else { continue };
        let errors = |it: &Analysis| it.checked.diagnostics.iter().filter(|it| it.is_error()).count();
        if errors(&after) > errors(before) {
            let new_one = |it: &&Diagnostic| {
                it.is_error() && !before.checked.diagnostics.iter().any(|old| old.message == it.message)
            };
            let why = after.checked.diagnostics.iter().find(new_one).map_or("", |it| &it.message);
            return Err(Refusal(format!("`{}` cannot be called `{new}`: {why}", of.decl.name)));
        }
        if wiring(before, &of.decl.name, new) != wiring(&after, &of.decl.name, new) {
            let why = format!("`{new}` would fill other inputs than `{}`, which are wired by name", of.decl.name);
            return Err(Refusal(why));
        }
    }
    Ok(())
}

/// Returns what fills each input of each call, whether it is written or wired.
fn wiring(analysis: &Analysis, old: &str, new: &str) -> Vec<(String, String)> {
    let own = analysis.index.calls.iter().filter(|it| it.head.file == analysis.root);
    let renamed = |text: &str| {
        let (head, rest) = text.split_once('.').map_or((text, ""), |(head, rest)| (head, rest));
        if head == new { format!("{old}.{rest}") } else { format!("{head}.{rest}") }
    };
    let of_call = |it: &Call| {
        let mut filled: Vec<(String, String)> =
            it.wired.iter().filter_map(|it| Some((renamed(&it.input), renamed(it.source()?)))).collect();
        for (name, span) in &it.given {
            let written = analysis.sources.slice(*span);
            let value = written.split_once(':').map_or("", |it| it.1).trim().trim_start_matches('$');
            // Only a plain name can be what was wired before.
            if words::is_word(value) {
                filled.push((renamed(name), renamed(value)));
            }
        }
        filled.sort();
        filled
    };
    own.flat_map(of_call).collect()
}
