//! What is wrong with a value, and where in it.

use std::fmt;

use super::Value;

/// What is wrong with a value, and where in it.
#[derive(Clone, Debug, PartialEq)]
pub struct Mismatch {
    path: String,
    message: String,
}

impl Mismatch {
    /// Returns a mismatch of the value as a whole.
    pub fn new(message: impl fmt::Display) -> Self {
        Self { path: String::new(), message: message.to_string() }
    }

    /// Returns a mismatch between what is wanted and what there is.
    pub fn expected(wanted: impl fmt::Display, found: &Value) -> Self {
        match found {
            Value::None => Self::new(format_args!("expected {wanted}, found none")),
            Value::List(_) | Value::Record(_) | Value::Domain(_) | Value::Range(_) => {
                Self::new(format_args!("expected {wanted}, found {}", found.kind()))
            }
            _ => Self::new(format_args!("expected {wanted}, found `{found}`")),
        }
    }

    /// Returns a missing field.
    pub fn missing(name: &str) -> Self {
        Self { path: name.into(), message: "is missing".into() }
    }

    /// Returns what no value of the language can hold.
    pub fn foreign(what: impl fmt::Display) -> Self {
        Self::new(format_args!("{what} is no value of the language"))
    }

    /// Returns the same mismatch seen from one level further out.
    #[must_use]
    pub fn at(mut self, step: &str) -> Self {
        let dot = if self.path.is_empty() || self.path.starts_with('[') { "" } else { "." };
        self.path = format!("{step}{dot}{}", self.path);
        self
    }

    /// Returns where in the value it is, empty for the whole.
    pub fn path(&self) -> &str {
        &self.path
    }
}

impl fmt::Display for Mismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.path.is_empty() { f.write_str(&self.message) } else { write!(f, "`{}`: {}", self.path, self.message) }
    }
}

impl std::error::Error for Mismatch {}
