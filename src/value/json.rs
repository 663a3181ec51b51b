//! How values are shown: to people as literals of the language, to programs as JSON.

use std::fmt;

use serde_json::{Value as Json, json};

use super::Value;

/// How much of a bulk value is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Detail {
    /// Series are summarised.
    Summary,
    /// Everything.
    Full,
}

impl Value {
    /// Returns it as JSON: decimals are strings, percents end in `%`, money names its currency, dates are ISO 8601.
    pub fn to_json(&self, detail: Detail) -> Json {
        match self {
            Value::None => Json::Null,
            Value::Bool(it) => json!(it),
            Value::Int(it) => json!(it),
            Value::Decimal(it) => json!(it.normalize().to_string()),
            Value::Text(it) | Value::Path(it) => json!(&**it),
            Value::Money(it) => {
                json!({ "amount": it.amount.normalize().to_string(), "currency": it.currency.as_str() })
            }
            Value::BarCount(it) => json!(it.0),
            Value::Range(it) => {
                let mut range = json!({ "low": it.low.to_json(detail), "high": it.high.to_json(detail) });
                if let (Some(by), Some(fields)) = (&it.by, range.as_object_mut()) {
                    fields.insert("by".into(), by.to_json(detail));
                }
                range
            }
            Value::DateRange(it) => json!({ "start": it.start.to_string(), "end": it.end.to_string() }),
            Value::List(items) => items.iter().map(|it| it.to_json(detail)).collect(),
            Value::Record(fields) => {
                Json::Object(fields.iter().map(|(name, it)| (name.to_string(), it.to_json(detail))).collect())
            }
            Value::Domain(it) => it.to_json(detail),
            Value::Symbol(_)
            | Value::Percent(_)
            | Value::Duration(_)
            | Value::Period(_)
            | Value::Date(_)
            | Value::Time(_)
            | Value::DateTime(_)
            | Value::Quantity(_)
            | Value::Leverage(_)
            | Value::RMultiple(_) => json!(self.to_string()),
        }
    }
}

impl fmt::Display for Value {
    /// Writes it as a literal of the language where it has one; text without quotes.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Value::None => f.write_str("none"),
            Value::Bool(it) => it.fmt(f),
            Value::Int(it) => it.fmt(f),
            Value::Decimal(it) => it.normalize().fmt(f),
            Value::Text(it) | Value::Path(it) => f.write_str(it),
            Value::Symbol(it) => it.fmt(f),
            Value::Percent(it) => it.fmt(f),
            Value::Money(it) => it.fmt(f),
            Value::Duration(it) => it.fmt(f),
            Value::Period(it) => it.fmt(f),
            Value::Date(it) => it.fmt(f),
            Value::Time(it) => it.fmt(f),
            Value::DateTime(it) => it.fmt(f),
            Value::DateRange(it) => it.fmt(f),
            Value::BarCount(it) => it.fmt(f),
            Value::Quantity(it) => it.fmt(f),
            Value::Leverage(it) => it.fmt(f),
            Value::RMultiple(it) => it.fmt(f),
            Value::Range(it) => {
                write!(f, "{}..{}", it.low, it.high)?;
                it.by.iter().try_for_each(|by| write!(f, " by {by}"))
            }
            Value::List(items) => {
                f.write_str("[")?;
                for (at, it) in items.iter().enumerate() {
                    write!(f, "{}{it}", if at > 0 { ", " } else { "" })?;
                }
                f.write_str("]")
            }
            Value::Record(fields) => {
                f.write_str("{ ")?;
                for (at, (name, it)) in fields.iter().enumerate() {
                    write!(f, "{}{name}: {it}", if at > 0 { ", " } else { "" })?;
                }
                f.write_str(" }")
            }
            Value::Domain(it) => f.write_str(it.name()),
        }
    }
}
