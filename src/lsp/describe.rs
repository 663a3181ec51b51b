//! What is said of a thing in words: signature, type, units, default and documentation, in Markdown.

use super::state::Analysis;
use crate::{
    check::index::{Decl, DeclKind, Target, fields},
    expr::{BUILTINS, in_words},
    market::indicators,
    slice::{Effect, Method, Registry},
    source::Span,
    strategy::FUNCTIONS,
    value::{Field, Ty},
};

/// Returns a block of the language with a text under it.
pub(super) fn block(code: &str, doc: &str) -> String {
    let doc = doc.trim();
    if doc.is_empty() { format!("```wf\n{code}\n```") } else { format!("```wf\n{code}\n```\n\n{doc}") }
}

/// Returns what is said of what a place refers to.
pub(super) fn target(registry: &Registry, analysis: &Analysis, target: &Target) -> Option<String> {
    Some(match target {
        Target::Declared(span) => declaration(registry, analysis, analysis.index.declaration(*span)?),
        Target::File(id) => {
            let source = analysis.sources.get(*id)?;
            let names = analysis.index.decls.iter().filter(|it| it.span.file == *id && is_item(it.kind));
            let names: Vec<String> = names.map(|it| format!("{} {}", it.kind.word(), it.name)).collect();
            block(&format!("use \"{}\"", source.name()), &names.join(", "))
        }
        Target::Slice(name) => slice(registry, name),
        Target::Method(slice, name) => method(registry.method(slice, name)?),
        Target::Input(slice, name, input) => field(registry, registry.method(slice, name)?.input(input)?),
        Target::Field(ty, name) => field(registry, fields(registry, ty).iter().find(|it| it.name == *name)?),
        Target::Setting(it) => field(registry, it),
        Target::Function(name) => function(name)?,
        Target::Price(name) => block(&format!("{name}: Series<Decimal>"), &format!("The {name} of each bar.")),
        Target::Context(it) => {
            let doc = format!(
                "{}\n\nWhat the run knows by itself: from the command line, else `wf.yaml`, else built in.",
                it.doc()
            );
            block(&format!("{}: {}", it.name(), it.ty()), &doc)
        }
        Target::Type(name) => match registry.domain(name) {
            Some(_) => nominal(registry, name),
            None => block(&format!("type {name}"), &Ty::named(name).map(|it| in_words(&it)).unwrap_or_default()),
        },
    })
}

fn is_item(kind: DeclKind) -> bool {
    matches!(kind, DeclKind::Workflow | DeclKind::Strategy | DeclKind::Type)
}

/// Returns what is said of something that a file declares.
fn declaration(registry: &Registry, analysis: &Analysis, it: &Decl) -> String {
    let doc = it.doc.as_deref().unwrap_or_default();
    match it.kind {
        DeclKind::Workflow | DeclKind::Strategy => block(&signature(analysis, it), doc),
        DeclKind::Type => block(head(analysis.sources.slice(it.whole)), doc),
        DeclKind::Param if !analysis.is_yaml() => {
            let code = analysis.sources.slice(it.whole).split_whitespace().collect::<Vec<_>>().join(" ");
            block(&code, &units(registry, it.ty.as_ref(), doc))
        }
        DeclKind::Namespace | DeclKind::Test => block(head(analysis.sources.slice(it.whole)), doc),
        kind => {
            let ty = it.ty.as_ref().map_or_else(String::new, |it| format!(": {it}"));
            block(&format!("{} {}{ty}", kind.word(), it.name), &units(registry, it.ty.as_ref(), doc))
        }
    }
}

/// Returns the first line of a statement.
fn head(text: &str) -> &str {
    text.lines().next().unwrap_or_default().trim_end()
}

/// Returns a workflow or strategy with what it takes.
pub(super) fn signature(analysis: &Analysis, it: &Decl) -> String {
    let params = it.params.iter().map(|param| {
        let decl = param_of(analysis, it, &param.name);
        let ty = decl.and_then(|it| it.ty.as_ref()).map_or_else(String::new, |it| format!(": {it}"));
        format!("{}{ty}", param.name)
    });
    format!("{} {}({})", it.kind.word(), it.name, params.collect::<Vec<_>>().join(", "))
}

/// Returns the param of this name of a workflow or strategy.
fn param_of<'a>(analysis: &'a Analysis, of: &Decl, name: &str) -> Option<&'a Decl> {
    let inside = |it: Span| it.file == of.whole.file && of.whole.start <= it.start && it.end <= of.whole.end;
    analysis.index.decls.iter().find(|it| it.kind == DeclKind::Param && *it.name == *name && inside(it.span))
}

/// Returns a documentation with what is to be known of a type: its words, and of a nominal one its fields.
fn units(registry: &Registry, ty: Option<&Ty>, doc: &str) -> String {
    let Some(ty) = ty else { return doc.to_owned() };
    let mut text = doc.trim().to_owned();
    let more = match ty.required() {
        Ty::Domain(name) => nominal(registry, name),
        it => {
            let words = in_words(it);
            if words == it.to_string() { String::new() } else { words }
        }
    };
    if !text.is_empty() && !more.is_empty() {
        text.push_str("\n\n");
    }
    text + &more
}

/// Returns what is said of a slice.
pub(super) fn slice(registry: &Registry, name: &str) -> String {
    let mut text = block(name, registry.slice_doc(name).unwrap_or_default());
    text.push('\n');
    for it in registry.methods(name) {
        text.push_str(&format!("\n- `{}`: {}", it.name, first_line(&it.doc)));
    }
    text
}

/// Returns what is said of a method.
pub(super) fn method(it: &Method) -> String {
    let inputs: Vec<String> = it.inputs.iter().map(|it| format!("\n  {it},")).collect();
    let inputs = if inputs.is_empty() { String::new() } else { format!("{}\n", inputs.concat()) };
    let mut text = block(&format!("{}({inputs}) -> {}", it.path(), it.output), &it.doc);
    for input in it.inputs.iter().filter(|it| !it.doc.is_empty()) {
        text.push_str(&format!("\n- `{}`: {}", input.name, first_line(&input.doc)));
    }
    let effect = match it.effect {
        Effect::Pure => "Computes from its inputs alone.",
        Effect::Reads => "Reads prices, files or the network.",
        Effect::Writes => "Writes files.",
        Effect::Notifies => "Tells people or other programs.",
        Effect::Orders => "Places orders.",
    };
    text.push_str(&format!("\n\n{effect}"));
    text
}

/// Returns what is said of an input, a setting or a field.
pub(super) fn field(registry: &Registry, it: &Field) -> String {
    block(&it.to_string(), &units(registry, Some(&it.ty), &it.doc))
}

/// Returns what is said of a builtin, an indicator or a function of strategies.
pub(super) fn function(name: &str) -> Option<String> {
    if let Some(it) = BUILTINS.iter().find(|it| it.name == name) {
        return Some(block(&format!("{}{}", it.name, it.signature), it.doc));
    }
    if let Some(it) = FUNCTIONS.iter().find(|it| it.name == name) {
        return Some(block(&format!("{}{}", it.name, it.signature), it.doc));
    }
    let it = indicators::find(name)?;
    let mut text = block(&format!("{}{}", it.name, it.signature()), it.doc);
    text.push_str(&format!("\n\n`{}` ({})", it.formula, it.source));
    if it.outputs.len() > 1 {
        let names: Vec<&str> = it.outputs.iter().map(|it| it.name).collect();
        text.push_str(&format!("\n\nGives {}.", names.join(", ")));
    }
    if !it.aliases.is_empty() {
        text.push_str(&format!("\n\nAlso called {}.", it.aliases.join(", ")));
    }
    Some(text)
}

fn nominal(registry: &Registry, name: &str) -> String {
    let Some(it) = registry.domain(name) else { return String::new() };
    let mut text = format!("`{name}`: {}", it.doc.trim());
    for field in &it.fields {
        text.push_str(&format!("\n- `{field}`: {}", first_line(&field.doc)));
    }
    text
}

pub(super) fn first_line(doc: &str) -> &str {
    doc.lines().next().unwrap_or_default()
}
