//! The JSON Schemas of what wf reads and prints, and where the generated ones are kept.

use serde_json::{Value as Json, json};

use super::{args::SchemaKind, commands::slices::catalogue};
use crate::{
    expr::Context,
    market::{Calendar, Limits},
    slice::{Registry, Role},
    slices::data::source::Layout,
    source::{Allow, Code},
    syntax,
    value::{Field, Ty, fields_of},
};

const DIALECT: &str = "https://json-schema.org/draft/2020-12/schema";

/// The generated files of the folder `schemas`: each name with its content.
pub fn files(registry: &Registry) -> Vec<(&'static str, String)> {
    let pretty = |it: Json| format!("{it:#}\n");
    vec![
        ("workflow.schema.json", pretty(of(SchemaKind::Workflow))),
        ("catalogue.schema.json", pretty(of(SchemaKind::Catalogue))),
        ("result.schema.json", pretty(of(SchemaKind::Result))),
        ("check.schema.json", pretty(of(SchemaKind::Check))),
        ("test.schema.json", pretty(of(SchemaKind::Test))),
        ("config.schema.json", pretty(of(SchemaKind::Config))),
        ("catalogue.json", pretty(catalogue(registry))),
    ]
}

/// Returns a schema.
pub fn of(kind: SchemaKind) -> Json {
    match kind {
        SchemaKind::Workflow => syntax::yaml::schema(),
        SchemaKind::Catalogue => catalogue_schema(),
        SchemaKind::Result => result_schema(),
        SchemaKind::Check => check_schema(),
        SchemaKind::Test => test_schema(),
        SchemaKind::Config => config_schema(),
    }
}

/// Returns the schema of an object with these fields, of which those without `?` are required.
fn object(fields: &[(&str, Json)]) -> Json {
    let name = |it: &str| it.trim_end_matches('?').to_string();
    let properties: serde_json::Map<_, _> = fields.iter().map(|(key, it)| (name(key), it.clone())).collect();
    let required: Vec<_> = fields.iter().filter(|(key, _)| !key.ends_with('?')).map(|(key, _)| key).collect();
    json!({ "type": "object", "properties": properties, "required": required, "additionalProperties": false })
}

fn titled(title: &str, description: &str, mut schema: Json) -> Json {
    if let Some(fields) = schema.as_object_mut() {
        fields.shift_insert(0, "$schema".into(), json!(DIALECT));
        fields.shift_insert(1, "title".into(), json!(title));
        fields.shift_insert(2, "description".into(), json!(description));
    }
    schema
}

fn text() -> Json {
    json!({ "type": "string" })
}

fn list(items: impl Into<Json>) -> Json {
    let items: Json = items.into();
    json!({ "type": "array", "items": items })
}

fn catalogue_schema() -> Json {
    let field = object(&[
        ("name", text()),
        ("type", text()),
        ("optional", json!({ "type": "boolean" })),
        ("doc", text()),
        ("within?", text()),
        ("default?", json!(true)),
    ]);
    let method = object(&[
        ("name", text()),
        ("path", text()),
        ("aliases", list(text())),
        ("doc", text()),
        ("signature", text()),
        ("effect", json!({ "enum": ["pure", "reads", "writes", "notifies", "orders"] })),
        ("deterministic", json!({ "type": "boolean" })),
        ("network", json!({ "type": "boolean" })),
        ("inputs", list(field.clone())),
        ("output", text()),
        ("role?", json!({ "enum": Role::NAMES })),
        ("seed?", text()),
        ("repaints?", json!({ "const": true })),
        ("deprecated?", list(text())),
    ]);
    let slice = object(&[("name", text()), ("doc", text()), ("methods", list(method))]);
    let ty = object(&[("name", text()), ("doc", text()), ("fields", list(field))]);
    let whole = object(&[("version", json!({ "const": 1 })), ("slices", list(slice)), ("types", list(ty))]);
    titled("wf catalogue", "What `wf slices --format json` prints.", whole)
}

fn result_schema() -> Json {
    let count = json!({ "type": "integer", "minimum": 0 });
    let seconds = json!({ "type": "number", "minimum": 0 });
    let kind = json!({ "enum": ["input", "transient", "permanent", "timed_out", "cancelled", "panicked"] });
    let error = object(&[
        ("kind", kind.clone()),
        ("message", text()),
        ("attempts", count.clone()),
        ("caused_by", list(text())),
    ]);
    let fault = object(&[("kind", kind), ("message", text()), ("caused_by", list(text()))]);
    let step = object(&[
        ("name", text()),
        ("path", text()),
        ("slice", json!({ "type": ["string", "null"] })),
        ("method", json!({ "type": ["string", "null"] })),
        ("status", json!({ "enum": ["succeeded", "degraded", "failed", "skipped", "cached", "not_run", "cancelled"] })),
        ("attempts", count.clone()),
        ("queued_seconds", seconds.clone()),
        ("seconds", seconds.clone()),
        ("error", json!({ "anyOf": [{ "type": "null" }, error] })),
    ]);
    let mut summary = object(&[
        ("total", count.clone()),
        ("succeeded", count.clone()),
        ("degraded", count.clone()),
        ("failed", count.clone()),
        ("skipped", count.clone()),
        ("cached", count.clone()),
        ("not_run", count.clone()),
        ("cancelled", count.clone()),
        ("trades?", count),
    ]);
    if let Some(fields) = summary.as_object_mut() {
        fields.insert("additionalProperties".into(), json!(true));
    }
    let whole = object(&[
        ("run", text()),
        ("workflow", text()),
        ("mode", json!({ "enum": ["backtest", "paper", "live", "optimize"] })),
        ("status", json!({ "enum": ["succeeded", "degraded", "failed", "cancelled"] })),
        ("seed", json!({ "type": "integer" })),
        ("started", json!({ "type": "string", "format": "date-time" })),
        ("seconds", seconds),
        ("outputs", json!({ "type": "object" })),
        ("summary", summary),
        ("steps", list(step)),
        ("critical_path", list(text())),
        ("error", json!({ "anyOf": [{ "type": "null" }, fault] })),
    ]);
    titled("wf result", "What `wf run --format json` prints.", whole)
}

/// Returns the schema of a finding of the checker or of a test.
fn finding() -> Json {
    let from_one = json!({ "type": "integer", "minimum": 1 });
    let place = object(&[("line", from_one.clone()), ("column", from_one)]);
    let range = object(&[("start", place.clone()), ("end", place)]);
    let edit = object(&[("file?", text()), ("range", range.clone()), ("text", text())]);
    let fix = object(&[("title", text()), ("safe", json!({ "type": "boolean" })), ("edits", list(edit))]);
    let label = object(&[
        ("file?", text()),
        ("range", range.clone()),
        ("message", text()),
        ("primary", json!({ "type": "boolean" })),
    ]);
    object(&[
        ("code", json!({ "type": "string", "pattern": "^WF-[A-Z][0-9]{3}$" })),
        ("severity", json!({ "enum": ["error", "warning", "hint"] })),
        ("message", text()),
        ("file", text()),
        ("range", range),
        ("labels", list(label)),
        ("notes", list(text())),
        ("fixes", list(fix)),
    ])
}

fn test_schema() -> Json {
    let count = json!({ "type": "integer", "minimum": 0 });
    let seconds = json!({ "type": "number", "minimum": 0 });
    let findings = list(json!({ "$ref": "#/$defs/finding" }));
    let test = object(&[
        ("file", text()),
        ("line", json!({ "type": "integer", "minimum": 1 })),
        ("name", text()),
        ("status", json!({ "enum": ["passed", "failed"] })),
        ("seconds", seconds.clone()),
        ("diagnostics", findings.clone()),
    ]);
    let mut whole = object(&[
        ("version", json!({ "const": 1 })),
        ("passed", count.clone()),
        ("failed", count),
        ("seconds", seconds),
        ("tests", list(test)),
        ("diagnostics", findings),
    ]);
    if let Some(fields) = whole.as_object_mut() {
        fields.insert("$defs".into(), json!({ "finding": finding() }));
    }
    titled(
        "wf tests",
        "What `wf test --format json` prints; files that cannot be tested are in its `diagnostics`.",
        whole,
    )
}

fn check_schema() -> Json {
    let count = json!({ "type": "integer", "minimum": 0 });
    let mut whole = object(&[
        ("version", json!({ "const": 1 })),
        ("files", count.clone()),
        ("errors", count.clone()),
        ("warnings", count),
        ("diagnostics", list(finding())),
    ]);
    if let Some(fields) = whole.as_object_mut() {
        fields.insert("additionalProperties".into(), json!(true));
    }
    titled("wf findings", "What `wf check --format json` prints.", whole)
}

fn config_schema() -> Json {
    let context: Vec<_> = Context::ALL.iter().map(|it| it.field()).collect();
    let limits = fields_of::<Limits>().unwrap_or_default();
    let source = json!({
        "type": "string",
        "description": "Where prices come from: bundled, csv:PATH, parquet:PATH, arrow:PATH or catalogue:PATH.",
        "pattern": "^(bundled|csv:.+|parquet:.+|arrow:.+|catalogue:.+)$",
    });
    let calendars: Vec<_> = Calendar::ALL.iter().map(|it| it.name()).collect();
    let columns: serde_json::Map<_, _> = Layout::roles().map(|it| (it.to_owned(), text())).collect();
    let columns = json!({
        "type": "object",
        "description": "What columns are called that have other names than the usual ones.",
        "properties": columns,
        "additionalProperties": false,
    });
    let described = |it: &str| json!({ "type": "string", "description": it });
    let data = object(&[
        ("source?", source),
        ("columns?", columns),
        ("symbol?", described("Whose bars the files are that do not say it.")),
        ("timeframe?", described("How long a bar is, as in 5m, where its files do not tell.")),
        ("calendar?", json!({ "enum": calendars, "description": "When the market is open; UTC says nothing of it." })),
        ("timezone?", described("The zone of times without one, as in America/New_York; else they are UTC.")),
    ]);
    let codes: serde_json::Map<_, _> = (Code::ALL.iter().filter(|it| it.allow() != Allow::Never))
        .map(|it| (it.to_string(), json!({ "type": "string", "minLength": 1, "description": it.title() })))
        .collect();
    let allow = json!({
        "type": "object",
        "description": "The checks that may find something in this project, each with the reason why that is meant.",
        "properties": codes,
        "additionalProperties": false,
    });
    let whole = object(&[
        ("context?", settings("What every workflow runs with.", &context)),
        ("limits?", settings("The house policy: a workflow may be tighter, never looser.", &limits)),
        ("allow?", allow),
        ("data?", data),
        ("store?", object(&[("path?", text())])),
    ]);
    titled("wf settings", "What `wf.yaml` may say; values are literals of the language, as in `10_000 USD`.", whole)
}

fn settings(description: &str, fields: &[Field]) -> Json {
    let property = |it: &Field| {
        let mut schema = literal_schema(it.ty.required());
        if let Some(fields) = schema.as_object_mut() {
            fields.insert("description".into(), json!(format!("{} ({})", it.doc, it.ty)));
        }
        (it.name.to_string(), schema)
    };
    let properties: serde_json::Map<_, _> = fields.iter().map(property).collect();
    json!({ "type": "object", "description": description, "properties": properties, "additionalProperties": false })
}

/// Returns the schema of a value of this type as YAML and JSON write it.
fn literal_schema(ty: &Ty) -> Json {
    match ty {
        Ty::Bool => json!({ "type": "boolean" }),
        Ty::Int => json!({ "type": "integer" }),
        Ty::Decimal => json!({ "type": "number" }),
        Ty::Members(names) => json!({ "enum": names.iter().map(|it| &**it).collect::<Vec<_>>() }),
        Ty::List(item) => list(literal_schema(item)),
        Ty::Record(fields) => settings("", fields),
        _ => text(),
    }
}
