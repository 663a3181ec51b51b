//! Nominal types: opaque to the engine, shared by pointer, known to the catalogue by name.

use std::{any::Any, borrow::Cow, fmt, ops::Deref, sync::Arc};

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::{Detail, Mismatch, Value, hex};

/// A value of a nominal type, as the engine sees it.
pub trait Domain: Any + Send + Sync + fmt::Debug {
    /// Returns the name of its type.
    fn name(&self) -> &'static str;
    /// Returns one of its fields.
    fn field(&self, name: &str) -> Option<Value>;
    /// Returns what a person or another program is shown of it.
    fn to_json(&self, detail: Detail) -> serde_json::Value;
    /// Returns the bytes that identify its content, the same in every process.
    fn encode(&self) -> Vec<u8>;
    /// Says whether it has some fields alone, as what stands for a value in a test: methods cannot work with it.
    fn is_partial(&self) -> bool {
        false
    }
    /// Returns what identifies the content, whichever process made it, in 64 hex digits.
    fn hash(&self) -> String {
        let digest = Sha256::new().chain_update(self.name()).chain_update([0]).chain_update(self.encode()).finalize();
        hex(&digest)
    }
}

/// A nominal type, as the catalogue sees it. Its own JSON Schema says its doc and its fields.
pub trait Nominal: Domain + JsonSchema + Sized {
    /// Its name.
    const NAME: &'static str;
}

/// The handle by which steps share one domain value, as in `type Bars = Shared<BarSeries>`.
#[derive(Debug, Serialize, Deserialize)]
#[serde(bound = "T: Nominal", try_from = "Value", into = "Value")]
pub struct Shared<T>(Arc<T>);

impl<T> Shared<T> {
    /// Says whether both are one value in memory, not merely equal.
    pub fn is(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl<T> Clone for Shared<T> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<T> Deref for Shared<T> {
    type Target = T;
    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T: Nominal> From<T> for Shared<T> {
    fn from(it: T) -> Self {
        Self(Arc::new(it))
    }
}

impl<T: Nominal> From<Arc<T>> for Shared<T> {
    fn from(it: Arc<T>) -> Self {
        Self(it)
    }
}

impl<T: Nominal> From<Shared<T>> for Value {
    fn from(it: Shared<T>) -> Self {
        Value::Domain(it.0)
    }
}

impl<T: Nominal> TryFrom<Value> for Shared<T> {
    type Error = Mismatch;
    fn try_from(value: Value) -> Result<Self, Mismatch> {
        match value {
            Value::Domain(it) if (&*it as &dyn Any).is::<T>() => {
                let it: Arc<dyn Any + Send + Sync> = it;
                it.downcast().map(Self).map_err(|_| Mismatch::new("its type has changed"))
            }
            Value::Domain(it) if it.is_partial() && it.name() == T::NAME => {
                Err(Mismatch::new(format_args!("expected a whole {}, found one with some fields alone", T::NAME)))
            }
            other => Err(Mismatch::expected(T::NAME, &other)),
        }
    }
}

impl<T: Nominal> JsonSchema for Shared<T> {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> Cow<'static, str> {
        T::NAME.into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "object", "x-domain": T::NAME })
    }
}

impl JsonSchema for Value {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> Cow<'static, str> {
        "Any".into()
    }
    /// A value of any type.
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        true.into()
    }
}

/// Returns the bytes that identify a record-like domain value: the JSON of what it shows in full.
pub fn encode_record(value: &dyn Domain) -> Vec<u8> {
    value.to_json(Detail::Full).to_string().into_bytes()
}

/// Makes domain types of small serde structs: their fields are the struct's, and so is what is shown of them.
#[macro_export]
macro_rules! records { ($($T:ident),+ $(,)?) => { $(
    impl $crate::value::Domain for $T {
        fn name(&self) -> &'static str {
            stringify!($T)
        }
        fn field(&self, name: &str) -> Option<$crate::value::Value> {
            $crate::value::Value::of(self).ok()?.field(name)
        }
        fn to_json(&self, detail: $crate::value::Detail) -> serde_json::Value {
            $crate::value::Value::of(self).map_or(serde_json::Value::Null, |it| it.to_json(detail))
        }
        fn encode(&self) -> Vec<u8> {
            $crate::value::encode_record(self)
        }
    }
    impl $crate::value::Nominal for $T {
        const NAME: &'static str = stringify!($T);
    }
)+ } }

/// Declares a port that takes any of several domain types.
#[macro_export]
macro_rules! union { ($(#[$meta:meta])* $vis:vis enum $Name:ident { $($Case:ident($T:ty)),+ $(,)? }) => {
    $(#[$meta])*
    #[derive(Clone, Debug)]
    $vis enum $Name { $(#[allow(missing_docs, reason = "a case says what its type says")] $Case($T)),+ }
    impl TryFrom<$crate::value::Value> for $Name {
        type Error = $crate::value::Mismatch;
        fn try_from(value: $crate::value::Value) -> Result<Self, $crate::value::Mismatch> {
            $(if let Ok(it) = <$T>::try_from(value.clone()) { return Ok(Self::$Case(it)) })+
            let wanted = [$(<$T as schemars::JsonSchema>::schema_name()),+].join(" | ");
            Err($crate::value::Mismatch::expected(wanted, &value))
        }
    }
    impl<'de> serde::Deserialize<'de> for $Name {
        fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
            let value = <$crate::value::Value as serde::Deserialize>::deserialize(from)?;
            Self::try_from(value).map_err(serde::de::Error::custom)
        }
    }
    impl schemars::JsonSchema for $Name {
        fn inline_schema() -> bool { true }
        fn schema_name() -> std::borrow::Cow<'static, str> { stringify!($Name).into() }
        fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
            schemars::json_schema!({ "anyOf": [$(generator.subschema_for::<$T>()),+] })
        }
    }
} }
