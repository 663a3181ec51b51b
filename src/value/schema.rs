//! Types of the language, read from the JSON Schemas that schemars derives: what checker, editor and docs know.

use std::sync::Arc;

use rust_decimal::Decimal;
use schemars::{JsonSchema, generate::SchemaSettings};
use serde_json::Value as Json;

use super::{Field, Mismatch, Ty, Value};
use crate::syntax::literal;

/// Returns the type of what a method takes; an error where no type of the language is like it.
pub fn ty_of<T: JsonSchema>() -> Result<Ty, Mismatch> {
    read(&schema::<T>(false))
}

/// Returns the fields of a struct as a method takes it.
pub fn fields_of<T: JsonSchema>() -> Result<Vec<Field>, Mismatch> {
    fields(&schema::<T>(false))
}

/// Returns the fields of a struct as a method or a domain type gives it.
pub fn fields_of_output<T: JsonSchema>() -> Result<Vec<Field>, Mismatch> {
    fields(&schema::<T>(true))
}

/// Returns what the doc comment of a type says.
pub fn doc_of<T: JsonSchema>() -> Arc<str> {
    doc(&schema::<T>(false))
}

fn schema<T: JsonSchema>(output: bool) -> Json {
    let settings = SchemaSettings::draft2020_12().with(|it| it.inline_subschemas = true);
    let settings = if output { settings.for_serialize() } else { settings.for_deserialize() };
    settings.into_generator().into_root_schema_for::<T>().to_value()
}

fn doc(schema: &Json) -> Arc<str> {
    schema["description"].as_str().unwrap_or_default().into()
}

fn fields(schema: &Json) -> Result<Vec<Field>, Mismatch> {
    match read(schema)? {
        Ty::Record(fields) => Ok(fields.to_vec()),
        Ty::None => Ok(Vec::new()),
        other => Err(Mismatch::new(format_args!("a record is wanted, this is {other}"))),
    }
}

fn read(schema: &Json) -> Result<Ty, Mismatch> {
    let foreign = || Mismatch::foreign(schema);
    let only_described = |it: &serde_json::Map<_, _>| {
        it.keys().all(|key| ["description", "title", "$schema", "default", "x-within"].contains(&key.as_str()))
    };
    if schema == &Json::Bool(true) || schema.as_object().is_some_and(only_described) {
        return Ok(Ty::Any);
    }
    let text = |key| schema.get(key).and_then(Json::as_str);
    // The cases of `type`, `enum` and `anyOf` without null, and whether null was among them.
    let cases = |key: &str| -> (Vec<&Json>, bool) {
        let all = schema.get(key).and_then(Json::as_array).map_or(&[][..], Vec::as_slice);
        let is_null = |it: &&Json| it.is_null() || *it == "null" || it["type"] == "null";
        (all.iter().filter(|it| !is_null(it)).collect(), all.iter().any(|it| is_null(&it)))
    };
    let ((kinds, a), (members, b), (any, c)) = (cases("type"), cases("enum"), cases("anyOf"));
    let kind = schema["type"].as_str().or_else(|| kinds.first()?.as_str());
    let names = |it: &[&Json]| {
        let names: Option<Vec<&str>> = it.iter().map(|it| it.as_str()).collect();
        names.map(Ty::members).ok_or_else(foreign)
    };
    let ty = if let Some(name) = text("x-domain") {
        Ty::domain(name)
    } else if let Some(name) = text("x-unit") {
        Ty::named(name).ok_or_else(foreign)?
    } else if let [only] = any[..] {
        read(only)?
    } else if !any.is_empty() {
        Ty::Union(any.into_iter().map(read).collect::<Result<_, _>>()?)
    } else if !members.is_empty() {
        names(&members)?
    } else if let Some(variants) = schema["oneOf"].as_array() {
        names(&variants.iter().map(|it| &it["const"]).collect::<Vec<_>>())?
    } else {
        match (kind, schema["properties"].as_object()) {
            (Some("null"), _) => Ty::None,
            (Some("boolean"), _) => Ty::Bool,
            (Some("integer"), _) => Ty::Int,
            (Some("number"), _) => Ty::Decimal,
            (Some("string"), _) => Ty::Text,
            (Some("array"), _) if schema.get("items").is_some() => read(&schema["items"])?.list(),
            (Some("object"), Some(properties)) => {
                let required = |name: &String| {
                    schema["required"].as_array().is_some_and(|it| it.iter().any(|it| it.as_str() == Some(name)))
                };
                let field = |(name, it): (&String, &Json)| read_field(name, it, required(name));
                Ty::Record(properties.iter().map(field).collect::<Result<_, _>>()?)
            }
            (Some("object"), None) => Ty::Record(Arc::new([])),
            _ => return Err(foreign()),
        }
    };
    Ok(if a || b || c { ty.optional() } else { ty })
}

fn read_field(name: &str, schema: &Json, required: bool) -> Result<Field, Mismatch> {
    let ty = read(schema).map_err(|error| error.at(name))?;
    let default = match schema.get("default").filter(|it| !it.is_null()) {
        Some(json) if !required => Some(from_json(json, &ty).map_err(|error| error.at(name))?),
        _ => None,
    };
    let within = schema.get("x-within").and_then(Json::as_str).map(|it| it.parse().map(Arc::new)).transpose();
    let within = within.map_err(|error: Mismatch| error.at(name))?;
    Ok(Field { name: name.into(), ty, default, within, doc: doc(schema) })
}

/// Reads a value from JSON by its type, since JSON knows no units: text is a literal of the language where the type wants
/// one.
pub fn from_json(json: &Json, ty: &Ty) -> Result<Value, Mismatch> {
    let value = match (json, ty.required()) {
        (Json::Null, _) => Value::None,
        (Json::Bool(it), _) => Value::Bool(*it),
        (Json::Number(it), Ty::BarCount) => {
            Value::BarCount(super::BarCount(it.as_u64().ok_or_else(|| Mismatch::foreign(it))?))
        }
        (Json::Number(it), _) => match it.as_i64() {
            Some(it) => Value::Int(it),
            None => Value::Decimal(it.to_string().parse::<Decimal>().map_err(|_| Mismatch::foreign(it))?),
        },
        (Json::String(it), Ty::Text | Ty::Members(_) | Ty::Any) => Value::text(it.as_str()),
        (Json::String(it), Ty::Path) => Value::Path(it.as_str().into()),
        (Json::String(it), Ty::Symbol) => Value::Symbol(super::Symbol::new(it)?),
        (Json::String(it), Ty::Decimal) => Value::Decimal(it.parse().map_err(|_| Mismatch::foreign(it))?),
        (Json::String(it), _) => literal::read(it).ok_or_else(|| Mismatch::foreign(it))?,
        (Json::Array(items), Ty::List(of)) => {
            Value::List(items.iter().map(|it| from_json(it, of)).collect::<Result<_, _>>()?)
        }
        (Json::Object(given), Ty::Money(_)) => {
            let part = |key| given.get(key).and_then(Json::as_str).unwrap_or_default();
            let literal = format!("{} {}", part("amount"), part("currency"));
            literal::read(&literal).ok_or_else(|| Mismatch::foreign(json))?
        }
        (Json::Object(given), Ty::Record(fields)) => {
            let field = |(name, it): (&String, &Json)| {
                let ty = fields.iter().find(|it| *it.name == **name).map_or(&Ty::Any, |it| &it.ty);
                Ok((name.as_str().into(), from_json(it, ty)?))
            };
            Value::Record(given.iter().map(field).collect::<Result<_, Mismatch>>()?)
        }
        _ => return Err(Mismatch::foreign(json)),
    };
    ty.mismatch(&value).map_or(Ok(value), Err)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, dead_code, reason = "a test may fail loudly, and reads types alone")]
    use schemars::JsonSchema;

    use super::{fields_of, fields_of_output};
    use crate::{
        market::Bars,
        value::{BarCount, DateRange, Money, Percent},
    };

    /// Takes of each kind one that may be left out.
    #[derive(JsonSchema)]
    struct Taken {
        percent: Option<Percent>,
        money: Option<Money>,
        period: Option<DateRange>,
        count: Option<BarCount>,
        bars: Option<Bars>,
        needed: Money,
    }

    #[test]
    fn what_is_optional_in_rust_is_optional_in_the_language() {
        let wanted = [
            "percent: Percent?",
            "money: Money?",
            "period: DateRange?",
            "count: BarCount?",
            "bars: Bars?",
            "needed: Money",
        ];
        for fields in [fields_of::<Taken>(), fields_of_output::<Taken>()] {
            let found: Vec<String> = fields.unwrap().iter().map(ToString::to_string).collect();
            assert_eq!(found, wanted);
        }
    }
}
