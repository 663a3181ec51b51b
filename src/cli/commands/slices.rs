//! `wf slices`: the catalogue.

use std::fmt::Write as _;

use serde_json::{Value as Json, json};

use crate::{
    cli::{
        args::{SlicesArgs, TextOrJson},
        config::nearest,
        say,
        stop::{Exit, Outcome, Stop},
    },
    slice::{Method, Registry},
    value::{Detail, Field},
};

/// Prints the catalogue, a slice or a method.
pub fn run(args: &SlicesArgs, registry: &Registry) -> Outcome {
    let text = match &args.name {
        None if args.format == TextOrJson::Json => format!("{:#}", catalogue(registry)),
        None => overview(registry),
        Some(name) => one(name, args.format, registry)?,
    };
    say::out(format_args!("{}\n", text.trim_end()));
    Ok(Exit::Done)
}

fn one(name: &str, format: TextOrJson, registry: &Registry) -> Result<String, Stop> {
    let (slice, method) = name.split_once('.').map_or((name, None), |(slice, method)| (slice, Some(method)));
    let methods = registry.methods(slice);
    if methods.is_empty() {
        let names: Vec<_> = registry.slices().collect();
        return Err(Stop::usage(format_args!("there is no slice `{slice}`")).help(nearest(slice, &names)));
    }
    let Some(method) = method else {
        return Ok(match format {
            TextOrJson::Json => format!("{:#}", slice_json(slice, registry)),
            TextOrJson::Human => slice_text(slice, registry),
        });
    };
    let names: Vec<_> = methods.iter().map(|it| it.name).collect();
    let Some(found) = registry.method(slice, method) else {
        let stop = Stop::usage(format_args!("slice `{slice}` has no method `{method}`"));
        return Err(stop.help(nearest(method, &names)));
    };
    Ok(match format {
        TextOrJson::Json => format!("{:#}", method_json(found)),
        TextOrJson::Human => method_text(found),
    })
}

/// Returns the whole catalogue as data.
pub fn catalogue(registry: &Registry) -> Json {
    let types = registry.domains().map(
        |it| json!({ "name": it.name, "doc": *it.doc, "fields": it.fields.iter().map(field_json).collect::<Vec<_>>() }),
    );
    json!({
        "version": 1,
        "slices": registry.slices().map(|it| slice_json(it, registry)).collect::<Vec<_>>(),
        "types": types.collect::<Vec<_>>(),
    })
}

fn slice_json(slice: &str, registry: &Registry) -> Json {
    json!({
        "name": slice,
        "doc": registry.slice_doc(slice),
        "methods": registry.methods(slice).iter().map(|it| method_json(it)).collect::<Vec<_>>(),
    })
}

fn method_json(method: &Method) -> Json {
    let mut json = json!({
        "name": method.name,
        "path": method.path(),
        "aliases": method.aliases,
        "doc": *method.doc,
        "signature": method.signature(),
        "effect": method.effect,
        "deterministic": method.deterministic,
        "network": method.network,
        "inputs": method.inputs.iter().map(field_json).collect::<Vec<_>>(),
        "output": method.output.to_string(),
    });
    if let Some(fields) = json.as_object_mut() {
        let mut add = |name: &str, value: Json| fields.insert(name.into(), value);
        method.role.map(|it| add("role", json!(it.name())));
        method.seed.map(|it| add("seed", json!(it)));
        method.repaints.then(|| add("repaints", json!(true)));
        (!method.deprecated.is_empty()).then(|| add("deprecated", json!(method.deprecated)));
    }
    json
}

fn field_json(field: &Field) -> Json {
    let mut json = json!({
        "name": *field.name,
        "type": field.ty.to_string(),
        "optional": field.is_optional(),
        "doc": *field.doc,
    });
    if let Some(fields) = json.as_object_mut() {
        let mut add = |name: &str, value: Json| fields.insert(name.into(), value);
        field.within.as_ref().map(|it| add("within", json!(it.to_string())));
        field.default.as_ref().map(|it| add("default", it.to_json(Detail::Full)));
    }
    json
}

/// The most letters of an input beside which its documentation stands.
const WIDEST: usize = 60;

fn overview(registry: &Registry) -> String {
    let mut out = String::new();
    for slice in registry.slices() {
        let _ = writeln!(out, "{slice}: {}", registry.slice_doc(slice).unwrap_or_default());
        for method in registry.methods(slice) {
            let _ = writeln!(out, "  {:<22} {}", method.name, first_line(&method.doc));
        }
    }
    out.push_str("\n`wf slices SLICE` shows its signatures, `wf slices SLICE.METHOD` one method in full\n");
    out
}

fn slice_text(slice: &str, registry: &Registry) -> String {
    let mut out = format!("{slice}: {}\n", registry.slice_doc(slice).unwrap_or_default());
    for method in registry.methods(slice) {
        let _ = write!(out, "\n{}\n  {}\n", method.signature(), first_line(&method.doc));
    }
    out
}

fn method_text(method: &Method) -> String {
    let mut out = format!("{}\n\n{}\n", method.signature(), method.doc);
    if !method.inputs.is_empty() {
        out.push_str("\nInputs\n");
        let inputs: Vec<_> = method.inputs.iter().map(|it| (it.to_string(), first_line(&it.doc))).collect();
        let widths = inputs.iter().map(|it| it.0.chars().count());
        let width = widths.filter(|it| *it <= WIDEST).max().unwrap_or(0);
        for (input, doc) in &inputs {
            // What a long one is for stands below it, so that it does not push all others to the right.
            let break_ = if input.chars().count() > width { format!("\n  {:width$}", "") } else { String::new() };
            let _ = writeln!(out, "  {input:<width$}{break_}  {doc}");
        }
    }
    let _ = writeln!(out, "\nGives {}; effect: {}", method.output, json!(method.effect).as_str().unwrap_or_default());
    if !method.aliases.is_empty() {
        let _ = writeln!(out, "Also called {}", method.aliases.join(", "));
    }
    out
}

fn first_line(doc: &str) -> &str {
    doc.lines().next().unwrap_or_default()
}
