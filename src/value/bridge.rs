//! The bridge between values and typed Rust: serde, with `Value` as one more format.
//!
//! One trick carries it: a `Value` read from a `Value`, or written into one, is handed over whole through a
//! thread-local slot. Units and domain handles are `#[serde(try_from = "Value", into = "Value")]`, so the derives of
//! serde carry them between steps without looking inside. Every other format sees what [`Value::to_json`] shows.

use std::{cell::Cell, fmt, iter::Enumerate, slice::Iter};

use rust_decimal::{Decimal, prelude::FromPrimitive as _, prelude::ToPrimitive as _};
use serde::{
    Deserialize, Serialize,
    de::{self, DeserializeSeed, Deserializer, IntoDeserializer as _, Visitor},
    ser::{self, Impossible, Serializer},
};

use super::{Detail, Mismatch, Name, Value};

/// Marks a request for the whole value. No other type may use this name.
const WHOLE: &str = "$wf::value";

thread_local! {
    /// Filled just before a visitor or a serializer that knows `WHOLE` is called, and emptied by it.
    static READ: Cell<Option<Value>> = const { Cell::new(None) };
    static WRITTEN: Cell<Option<Value>> = const { Cell::new(None) };
}

/// A value as other formats see it.
struct Plain<'a>(&'a Value);

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Whole;
        impl<'de> Visitor<'de> for Whole {
            type Value = Value;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a value")
            }
            /// Comes from a `Value` with the slot filled; a null of another format finds it empty.
            fn visit_unit<E: de::Error>(self) -> Result<Value, E> {
                Ok(READ.take().unwrap_or_default())
            }
            /// Only another format comes here; what comes from a `Value` was handed over.
            fn visit_newtype_struct<D: Deserializer<'de>>(self, _: D) -> Result<Value, D::Error> {
                Err(de::Error::custom("a value is read from text by its type, not by itself"))
            }
        }
        from.deserialize_newtype_struct(WHOLE, Whole)
    }
}

impl Serialize for Value {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        WRITTEN.set(Some(self.clone()));
        to.serialize_newtype_struct(WHOLE, &Plain(self))
    }
}

impl Serialize for Plain<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        WRITTEN.take();
        self.0.to_json(Detail::Full).serialize(to)
    }
}

// ---- reading ---------------------------------------------------------------------------------------------------------

impl<'de> Deserializer<'de> for &'de Value {
    type Error = Mismatch;
    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mismatch> {
        match self {
            Value::None => visitor.visit_unit(),
            Value::Bool(it) => visitor.visit_bool(*it),
            Value::Int(it) => visitor.visit_i64(*it),
            Value::Decimal(it) => visitor.visit_f64(it.to_f64().unwrap_or(f64::NAN)),
            Value::Text(it) => visitor.visit_borrowed_str(it),
            Value::List(items) => visitor.visit_seq(Items(items.iter().enumerate())),
            Value::Record(fields) => visitor.visit_map(Fields(fields.iter(), None)),
            other => Err(de::Error::invalid_type(de::Unexpected::Other(other.kind()), &visitor)),
        }
    }
    /// Asked by `Value::deserialize`, and so by everything that is `try_from = "Value"`.
    fn deserialize_newtype_struct<V: Visitor<'de>>(self, name: &str, visitor: V) -> Result<V::Value, Mismatch> {
        if name != WHOLE {
            return visitor.visit_newtype_struct(self);
        }
        READ.set(Some(self.clone()));
        visitor.visit_unit()
    }
    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mismatch> {
        if let Value::None = self { visitor.visit_none() } else { visitor.visit_some(self) }
    }
    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Mismatch> {
        let Value::Text(it) = self else { return Err(Mismatch::expected("Text", self)) };
        visitor.visit_enum(it.as_ref().into_deserializer())
    }
    /// A record and nothing else: serde would also fill a struct from a list, by position.
    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Mismatch> {
        let Value::Record(fields) = self else { return Err(Mismatch::expected("a record", self)) };
        visitor.visit_map(Fields(fields.iter(), None))
    }
    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mismatch> {
        visitor.visit_unit()
    }
    serde::forward_to_deserialize_any! { bool i8 i16 i32 i64 u8 u16 u32 u64 f32 f64 char str string bytes byte_buf
    unit unit_struct seq tuple tuple_struct map identifier }
}

struct Items<'de>(Enumerate<Iter<'de, Value>>);
impl<'de> de::SeqAccess<'de> for Items<'de> {
    type Error = Mismatch;
    fn next_element_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, Mismatch> {
        let Some((index, item)) = self.0.next() else { return Ok(None) };
        seed.deserialize(item).map(Some).map_err(|error| error.at(&format!("[{index}]")))
    }
    fn size_hint(&self) -> Option<usize> {
        Some(self.0.len())
    }
}

struct Fields<'de>(Iter<'de, (Name, Value)>, Option<&'de (Name, Value)>);
impl<'de> de::MapAccess<'de> for Fields<'de> {
    type Error = Mismatch;
    fn next_key_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, Mismatch> {
        self.1 = self.0.next();
        self.1.map(|(name, _)| seed.deserialize(de::value::BorrowedStrDeserializer::new(name))).transpose()
    }
    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, Mismatch> {
        let (name, value) = self.1.ok_or_else(|| Mismatch::new("a value before its name"))?;
        seed.deserialize(value).map_err(|error| error.at(name))
    }
}

impl de::Error for Mismatch {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self::new(message)
    }
    fn missing_field(name: &'static str) -> Self {
        Self::missing(name)
    }
}

// ---- writing ---------------------------------------------------------------------------------------------------------

/// Writes typed values as `Value`s.
pub(super) struct ToValue;

type Written = Result<Value, Mismatch>;
type Never = Impossible<Value, Mismatch>;
macro_rules! write_as { ($($f:ident($it:ident: $T:ty) $value:expr;)+) => {
    $(fn $f(self, $it: $T) -> Written { Ok($value) })+
} }

impl Serializer for ToValue {
    type Ok = Value;
    type Error = Mismatch;
    type SerializeSeq = Parts<Value>;
    type SerializeTuple = Never;
    type SerializeTupleStruct = Never;
    type SerializeTupleVariant = Never;
    type SerializeMap = Never;
    type SerializeStruct = Parts<(Name, Value)>;
    type SerializeStructVariant = Never;
    write_as! {
        serialize_bool(it: bool) Value::Bool(it);
        serialize_i8(it: i8) Value::Int(it.into());
        serialize_i16(it: i16) Value::Int(it.into());
        serialize_i32(it: i32) Value::Int(it.into());
        serialize_i64(it: i64) Value::Int(it);
        serialize_u8(it: u8) Value::Int(it.into());
        serialize_u16(it: u16) Value::Int(it.into());
        serialize_u32(it: u32) Value::Int(it.into());
        serialize_u64(it: u64) Value::Int(it.try_into().map_err(|_| Mismatch::foreign(it))?);
        serialize_f32(it: f32) Value::Decimal(Decimal::from_f32(it).ok_or_else(|| Mismatch::foreign(it))?);
        serialize_f64(it: f64) Value::Decimal(Decimal::from_f64(it).ok_or_else(|| Mismatch::foreign(it))?);
        serialize_char(it: char) Value::Text(it.to_string().into());
        serialize_str(it: &str) Value::Text(it.into());
        serialize_unit_struct(_it: &'static str) Value::None;
    }
    fn serialize_none(self) -> Written {
        Ok(Value::None)
    }
    fn serialize_unit(self) -> Written {
        Ok(Value::None)
    }
    fn serialize_unit_variant(self, _: &str, _: u32, variant: &str) -> Written {
        Ok(Value::Text(variant.into()))
    }
    fn serialize_some<T: Serialize + ?Sized>(self, it: &T) -> Written {
        it.serialize(self)
    }
    fn serialize_newtype_struct<T: Serialize + ?Sized>(self, name: &str, it: &T) -> Written {
        if name == WHOLE {
            return Ok(WRITTEN.take().unwrap_or_default());
        }
        it.serialize(self)
    }
    fn serialize_seq(self, length: Option<usize>) -> Result<Parts<Value>, Mismatch> {
        Ok(Parts(Vec::with_capacity(length.unwrap_or(0))))
    }
    fn serialize_struct(self, _: &str, length: usize) -> Result<Parts<(Name, Value)>, Mismatch> {
        Ok(Parts(Vec::with_capacity(length)))
    }
    // The rest are no types of the language. `Ty::of` refuses most of them when a method is registered.
    fn serialize_bytes(self, _: &[u8]) -> Written {
        Err(Mismatch::foreign("a byte string"))
    }
    fn serialize_newtype_variant<T: Serialize + ?Sized>(self, name: &str, _: u32, _: &str, _: &T) -> Written {
        Err(Mismatch::foreign(name))
    }
    fn serialize_tuple(self, _: usize) -> Result<Never, Mismatch> {
        Err(Mismatch::foreign("a tuple"))
    }
    fn serialize_tuple_struct(self, name: &str, _: usize) -> Result<Never, Mismatch> {
        Err(Mismatch::foreign(name))
    }
    fn serialize_tuple_variant(self, name: &str, _: u32, _: &str, _: usize) -> Result<Never, Mismatch> {
        Err(Mismatch::foreign(name))
    }
    fn serialize_map(self, _: Option<usize>) -> Result<Never, Mismatch> {
        Err(Mismatch::foreign("a map"))
    }
    fn serialize_struct_variant(self, name: &str, _: u32, _: &str, _: usize) -> Result<Never, Mismatch> {
        Err(Mismatch::foreign(name))
    }
}

/// The parts of a list or a record under way.
pub(super) struct Parts<T>(Vec<T>);
impl ser::SerializeSeq for Parts<Value> {
    type Ok = Value;
    type Error = Mismatch;
    fn serialize_element<T: Serialize + ?Sized>(&mut self, it: &T) -> Result<(), Mismatch> {
        self.0.push(it.serialize(ToValue).map_err(|error| error.at(&format!("[{}]", self.0.len())))?);
        Ok(())
    }
    fn end(self) -> Written {
        Ok(Value::List(self.0.into()))
    }
}
impl ser::SerializeStruct for Parts<(Name, Value)> {
    type Ok = Value;
    type Error = Mismatch;
    fn serialize_field<T: Serialize + ?Sized>(&mut self, name: &'static str, it: &T) -> Result<(), Mismatch> {
        self.0.push((name.into(), it.serialize(ToValue).map_err(|error| error.at(name))?));
        Ok(())
    }
    fn end(self) -> Written {
        Ok(Value::Record(self.0.into()))
    }
}
impl ser::Error for Mismatch {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self::new(message)
    }
}
