//! Values and their types at run time: what travels between steps, its units, and how Rust types take part in it.

mod bounds;
mod bridge;
mod domain;
mod json;
mod mismatch;
mod order;
mod schema;
mod ty;
mod units;

use std::sync::Arc;

use rust_decimal::Decimal;
use serde::{Serialize, de::DeserializeOwned};

pub use bounds::Bounds;
pub use domain::{Domain, Nominal, Shared, encode_record};
pub use json::Detail;
pub use mismatch::Mismatch;
pub use order::{compare, number};
pub use schema::{doc_of, fields_of, fields_of_output, from_json, ty_of};
pub use ty::{Field, Ty, one_of};
pub use units::{
    BarCount, Currency, DateRange, Duration, Leverage, Money, Percent, Period, Quantity, QuantityUnit, RMultiple,
    Symbol, Timeframe,
};

/// A name of a field.
pub type Name = Arc<str>;

/// Returns bytes, as those of a hash, in hex digits.
pub fn hex(bytes: &[u8]) -> String {
    let mut digits = String::with_capacity(bytes.len() * 2);
    digits.extend(bytes.iter().flat_map(|it| [it >> 4, it & 0xf]).filter_map(|it| char::from_digit(it.into(), 16)));
    digits
}

/// A value on its way between steps. A clone costs one reference count at most.
#[derive(Clone, Debug, Default)]
pub enum Value {
    /// Nothing.
    #[default]
    None,
    /// A truth value.
    Bool(bool),
    /// A whole number without unit.
    Int(i64),
    /// A number without unit.
    Decimal(Decimal),
    /// Text.
    Text(Arc<str>),
    /// What an instrument is called.
    Symbol(Symbol),
    /// Where a file is.
    Path(Arc<str>),
    /// A share of a whole.
    Percent(Percent),
    /// An amount in a currency.
    Money(Money),
    /// A span of time.
    Duration(Duration),
    /// A span of calendar months.
    Period(Period),
    /// A day.
    Date(jiff::civil::Date),
    /// A time of day.
    Time(jiff::civil::Time),
    /// An instant.
    DateTime(jiff::Timestamp),
    /// Days from the first to the last, both included.
    DateRange(DateRange),
    /// A number of bars.
    BarCount(BarCount),
    /// How much of an instrument.
    Quantity(Quantity),
    /// How many times the capital.
    Leverage(Leverage),
    /// How many times the risk.
    RMultiple(RMultiple),
    /// `low..high by step`: bounds and search axes.
    Range(Arc<RangeValue>),
    /// Values of one type.
    List(Arc<[Value]>),
    /// Named values.
    Record(Arc<[(Name, Value)]>),
    /// A value of a nominal type, shared by pointer.
    Domain(Arc<dyn Domain>),
}

/// `low..high by step`, both ends included.
#[derive(Clone, Debug)]
pub struct RangeValue {
    /// The least.
    pub low: Value,
    /// The greatest.
    pub high: Value,
    /// The step of a search axis.
    pub by: Option<Value>,
}

impl Value {
    /// Returns a text.
    pub fn text(text: impl Into<Arc<str>>) -> Self {
        Value::Text(text.into())
    }

    /// Returns a list.
    pub fn list(items: impl IntoIterator<Item = Value>) -> Self {
        Value::List(items.into_iter().collect())
    }

    /// Returns a record with these fields.
    pub fn record<N: Into<Name>>(fields: impl IntoIterator<Item = (N, Value)>) -> Self {
        Value::Record(fields.into_iter().map(|(name, value)| (name.into(), value)).collect())
    }

    /// Reads a typed value; the domain values in it are shared, never copied.
    pub fn to<T: DeserializeOwned>(&self) -> Result<T, Mismatch> {
        T::deserialize(self)
    }

    /// Writes a typed value; the domain values in it are shared, never copied.
    pub fn of<T: Serialize + ?Sized>(typed: &T) -> Result<Self, Mismatch> {
        typed.serialize(bridge::ToValue)
    }

    /// Returns a field of a record or of a domain value.
    pub fn field(&self, name: &str) -> Option<Value> {
        match self {
            Value::Record(fields) => fields.iter().find(|it| *it.0 == *name).map(|it| it.1.clone()),
            Value::Domain(domain) => domain.field(name),
            _ => None,
        }
    }

    /// Says whether it is nothing.
    pub fn is_none(&self) -> bool {
        matches!(self, Value::None)
    }

    /// Returns the text of a text, symbol or path.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Value::Text(it) | Value::Path(it) => Some(it),
            Value::Symbol(it) => Some(it.as_str()),
            _ => None,
        }
    }

    /// Returns the name of its type, as the language calls it.
    pub fn kind(&self) -> &'static str {
        match self {
            Value::None => "none",
            Value::Bool(_) => "Bool",
            Value::Int(_) => "Int",
            Value::Decimal(_) => "Decimal",
            Value::Text(_) => "Text",
            Value::Symbol(_) => "Symbol",
            Value::Path(_) => "Path",
            Value::Percent(_) => "Percent",
            Value::Money(_) => "Money",
            Value::Duration(_) => "Duration",
            Value::Period(_) => "Period",
            Value::Date(_) => "Date",
            Value::Time(_) => "Time",
            Value::DateTime(_) => "DateTime",
            Value::DateRange(_) => "DateRange",
            Value::BarCount(_) => "BarCount",
            Value::Quantity(_) => "Quantity",
            Value::Leverage(_) => "Leverage",
            Value::RMultiple(_) => "RMultiple",
            Value::Range(_) => "a range",
            Value::List(_) => "a list",
            Value::Record(_) => "a record",
            Value::Domain(domain) => domain.name(),
        }
    }
}

impl PartialEq for Value {
    /// Equal by meaning: an `Int` equals the same `Decimal`, and domain values are equal when their content is.
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Value::None, Value::None) => true,
            (Value::Bool(a), Value::Bool(b)) => a == b,
            (Value::Int(a), Value::Int(b)) => a == b,
            (Value::Decimal(a), Value::Decimal(b)) => a == b,
            (Value::Int(a), Value::Decimal(b)) | (Value::Decimal(b), Value::Int(a)) => Decimal::from(*a) == *b,
            (Value::Percent(a), Value::Percent(b)) => a == b,
            (Value::Money(a), Value::Money(b)) => a == b,
            (Value::Duration(a), Value::Duration(b)) => a == b,
            (Value::Period(a), Value::Period(b)) => a == b,
            (Value::Date(a), Value::Date(b)) => a == b,
            (Value::Time(a), Value::Time(b)) => a == b,
            (Value::DateTime(a), Value::DateTime(b)) => a == b,
            (Value::DateRange(a), Value::DateRange(b)) => a == b,
            (Value::BarCount(a), Value::BarCount(b)) => a == b,
            (Value::Quantity(a), Value::Quantity(b)) => a == b,
            (Value::Leverage(a), Value::Leverage(b)) => a == b,
            (Value::RMultiple(a), Value::RMultiple(b)) => a == b,
            (Value::Range(a), Value::Range(b)) => (&a.low, &a.high, &a.by) == (&b.low, &b.high, &b.by),
            (Value::List(a), Value::List(b)) => a == b,
            (Value::Record(a), Value::Record(b)) => {
                a.len() == b.len() && a.iter().all(|(name, it)| other.field(name).is_some_and(|b| *it == b))
            }
            (Value::Domain(a), Value::Domain(b)) => Arc::ptr_eq(a, b) || a.hash() == b.hash(),
            _ => self.as_str().is_some() && self.as_str() == other.as_str(),
        }
    }
}

macro_rules! from { ($($T:ty => $variant:ident)+) => { $(
    impl From<$T> for Value {
        fn from(it: $T) -> Self {
            Value::$variant(it.into())
        }
    }
)+ } }
from! {
    bool => Bool i64 => Int u32 => Int Decimal => Decimal &str => Text String => Text Arc<str> => Text
    jiff::civil::Date => Date jiff::civil::Time => Time jiff::Timestamp => DateTime
}
