//! Types of the language.

use std::{fmt, sync::Arc};

use super::{Currency, Mismatch, Name, Value};

/// A type of the language.
#[derive(Clone, Debug, PartialEq)]
pub enum Ty {
    /// Of what could not be read or resolved; it agrees with everything, so that nothing cascades.
    Unknown,
    /// Anything at all, as `monitor.log_event` takes it.
    Any,
    /// Nothing.
    None,
    /// A truth value.
    Bool,
    /// A whole number without unit.
    Int,
    /// A number without unit; an `Int` is one.
    Decimal,
    /// Text.
    Text,
    /// What an instrument is called.
    Symbol,
    /// Where a file is.
    Path,
    /// A share of a whole, `2%` and `5bps`.
    Percent,
    /// An amount in this or in any currency.
    Money(Option<Currency>),
    /// `250ms 60s 5m 4h 1d 1w`.
    Duration,
    /// `24mo 1y`.
    Period,
    /// `2020-01-01`.
    Date,
    /// `09:30`.
    Time,
    /// `2020-01-01T09:30Z`.
    DateTime,
    /// `2015-01-01..2024-12-31`.
    DateRange,
    /// `500 bars`.
    BarCount,
    /// `100 shares`.
    Quantity,
    /// `2x`.
    Leverage,
    /// `3R`.
    RMultiple,
    /// One of these texts.
    Members(Arc<[Name]>),
    /// A nominal type of the catalogue.
    Domain(Name),
    /// `[T]`.
    List(Arc<Ty>),
    /// `{ a: T, b: U? }`; a value may have more fields.
    Record(Arc<[Field]>),
    /// `T?`.
    Optional(Arc<Ty>),
    /// One of these, at least two, none of them optional or a union.
    Union(Arc<[Ty]>),
    /// `low..high by step`.
    Range(Arc<Ty>),
    /// One value for each bar, in strategies.
    Series(Arc<Ty>),
    /// Values as they come.
    Stream(Arc<Ty>),
}

/// A field of a record.
#[derive(Clone, Debug, PartialEq)]
pub struct Field {
    /// Its name.
    pub name: Name,
    /// Its type.
    pub ty: Ty,
    /// Its default, as written in a schema; a field with one may be left out.
    pub default: Option<Value>,
    /// What its documentation says.
    pub doc: Arc<str>,
}

impl Ty {
    /// Returns `[self]`.
    #[must_use]
    pub fn list(self) -> Self {
        Ty::List(Arc::new(self))
    }

    /// Returns `self?`; what is optional, none, any or unknown stays as it is.
    #[must_use]
    pub fn optional(self) -> Self {
        match self {
            Ty::Optional(_) | Ty::None | Ty::Any | Ty::Unknown => self,
            other => Ty::Optional(Arc::new(other)),
        }
    }

    /// Returns the type without its `?`.
    pub fn required(&self) -> &Self {
        if let Ty::Optional(inner) = self { inner } else { self }
    }

    /// Says whether nothing is a value of it.
    pub fn takes_none(&self) -> bool {
        matches!(self, Ty::Optional(_) | Ty::None | Ty::Any | Ty::Unknown)
    }

    /// Returns the nominal type of this name.
    pub fn domain(name: &str) -> Self {
        Ty::Domain(name.into())
    }

    /// Returns the texts of this choice.
    pub fn members<'a>(names: impl IntoIterator<Item = &'a str>) -> Self {
        Ty::Members(names.into_iter().map(Name::from).collect())
    }

    /// Returns a record with these required fields.
    pub fn record<'a>(fields: impl IntoIterator<Item = (&'a str, Ty)>) -> Self {
        let field = |(name, ty): (&str, Ty)| Field { name: name.into(), ty, default: None, doc: "".into() };
        Ty::Record(fields.into_iter().map(field).collect())
    }

    /// Says whether every value of `self` is a value of `wanted`, as it stands. Quoted text that becomes a symbol, path
    /// or member is the business of `expr`, which has the text.
    pub fn fits(&self, wanted: &Ty) -> bool {
        match (self, wanted) {
            (Ty::Unknown, _) | (_, Ty::Unknown | Ty::Any) => true,
            (Ty::Optional(a), Ty::Optional(b)) => a.fits(b),
            (Ty::None, Ty::Optional(_)) => true,
            (_, Ty::Optional(b)) => self.fits(b),
            (Ty::Union(cases), _) => cases.iter().all(|it| it.fits(wanted)),
            (_, Ty::Union(cases)) => cases.iter().any(|it| self.fits(it)),
            (Ty::Int, Ty::Decimal) | (Ty::Members(_), Ty::Text) | (Ty::Money(_), Ty::Money(None)) => true,
            (Ty::Members(a), Ty::Members(b)) => a.iter().all(|it| b.contains(it)),
            (Ty::List(a), Ty::List(b)) | (Ty::Range(a), Ty::Range(b)) => a.fits(b),
            (Ty::Series(a), Ty::Series(b)) | (Ty::Stream(a), Ty::Stream(b)) => a.fits(b),
            (Ty::Record(a), Ty::Record(b)) => b.iter().all(|wanted| {
                let given = a.iter().find(|it| it.name == wanted.name);
                given.map_or(wanted.ty.takes_none() || wanted.default.is_some(), |it| it.ty.fits(&wanted.ty))
            }),
            _ => self == wanted,
        }
    }

    /// Returns the type that both have a place in, if there is one: for the arms of a match and the items of a list.
    pub fn join(&self, other: &Ty) -> Option<Ty> {
        match (self, other) {
            _ if self.fits(other) => Some(other.clone()),
            _ if other.fits(self) => Some(self.clone()),
            (Ty::None, it) | (it, Ty::None) => Some(it.clone().optional()),
            (Ty::Optional(a), b) | (b, Ty::Optional(a)) => a.join(b.required()).map(Ty::optional),
            (Ty::Money(_), Ty::Money(_)) => None,
            (Ty::Members(a), Ty::Members(b)) => {
                let new = b.iter().filter(|it| !a.contains(it));
                Some(Ty::Members(a.iter().chain(new).cloned().collect()))
            }
            (Ty::List(a), Ty::List(b)) => a.join(b).map(Ty::list),
            _ => None,
        }
    }

    /// Says what keeps `value` from being of this type.
    pub fn mismatch(&self, value: &Value) -> Option<Mismatch> {
        let fits = match (self, value) {
            (Ty::Record(fields), Value::Record(_)) => return fields.iter().find_map(|it| it.mismatch(value)),
            (Ty::List(ty), Value::List(items)) => {
                let item = |(index, it)| ty.mismatch(it).map(|error| error.at(&format!("[{index}]")));
                return items.iter().enumerate().find_map(item);
            }
            (Ty::Range(ty), Value::Range(it)) => return ty.mismatch(&it.low).or_else(|| ty.mismatch(&it.high)),
            (Ty::Optional(_), Value::None) => true,
            (Ty::Optional(ty), _) => return ty.mismatch(value),
            (Ty::Union(cases), _) => cases.iter().any(|ty| ty.mismatch(value).is_none()),
            (Ty::Members(names), Value::Text(it)) => names.contains(it),
            (Ty::Money(Some(currency)), Value::Money(it)) => it.currency == *currency,
            (Ty::Domain(name), Value::Domain(it)) => **name == *it.name(),
            (Ty::Decimal, Value::Int(_)) | (Ty::Any | Ty::Unknown, _) => true,
            (Ty::Domain(_) | Ty::List(_) | Ty::Record(_) | Ty::Range(_) | Ty::Series(_) | Ty::Stream(_), _) => false,
            (Ty::Money(None), _) => value.kind() == "Money",
            (ty, _) => ty.to_string() == value.kind(),
        };
        (!fits).then(|| Mismatch::expected(self, value))
    }
}

impl Field {
    /// Says whether it may be left out.
    pub fn is_optional(&self) -> bool {
        self.default.is_some() || self.ty.takes_none()
    }

    fn mismatch(&self, record: &Value) -> Option<Mismatch> {
        match record.field(&self.name) {
            Some(value) => self.ty.mismatch(&value).map(|error| error.at(&self.name)),
            None if self.is_optional() => None,
            None => Some(Mismatch::missing(&self.name)),
        }
    }
}

/// How many of many words are told.
const MOST_WORDS: usize = 12;

/// Returns words in quotes, the first of them where they are many.
pub fn one_of(words: &[Arc<str>], between: &str) -> String {
    let told = words.iter().take(MOST_WORDS).map(|it| format!("\"{it}\"")).collect::<Vec<_>>().join(between);
    let left = words.len().saturating_sub(MOST_WORDS);
    if left == 0 { told } else { format!("{told}{between}… {left} more") }
}

impl fmt::Display for Ty {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Ty::Unknown => f.write_str("?"),
            Ty::Any => f.write_str("Any"),
            Ty::None => f.write_str("none"),
            Ty::Bool => f.write_str("Bool"),
            Ty::Int => f.write_str("Int"),
            Ty::Decimal => f.write_str("Decimal"),
            Ty::Text => f.write_str("Text"),
            Ty::Symbol => f.write_str("Symbol"),
            Ty::Path => f.write_str("Path"),
            Ty::Percent => f.write_str("Percent"),
            Ty::Money(None) => f.write_str("Money"),
            Ty::Money(Some(currency)) => write!(f, "Money<{currency}>"),
            Ty::Duration => f.write_str("Duration"),
            Ty::Period => f.write_str("Period"),
            Ty::Date => f.write_str("Date"),
            Ty::Time => f.write_str("Time"),
            Ty::DateTime => f.write_str("DateTime"),
            Ty::DateRange => f.write_str("DateRange"),
            Ty::BarCount => f.write_str("BarCount"),
            Ty::Quantity => f.write_str("Quantity"),
            Ty::Leverage => f.write_str("Leverage"),
            Ty::RMultiple => f.write_str("RMultiple"),
            Ty::Members(names) => f.write_str(&one_of(names, " | ")),
            Ty::Domain(name) => f.write_str(name),
            Ty::List(ty) => write!(f, "[{ty}]"),
            Ty::Record(fields) => {
                write!(f, "{{ {} }}", fields.iter().map(Field::to_string).collect::<Vec<_>>().join(", "))
            }
            Ty::Optional(ty) if matches!(**ty, Ty::Union(_) | Ty::Members(_)) => write!(f, "({ty})?"),
            Ty::Optional(ty) => write!(f, "{ty}?"),
            Ty::Union(cases) => f.write_str(&cases.iter().map(Ty::to_string).collect::<Vec<_>>().join(" | ")),
            Ty::Range(ty) => write!(f, "Range<{ty}>"),
            Ty::Series(ty) => write!(f, "Series<{ty}>"),
            Ty::Stream(ty) => write!(f, "Stream<{ty}>"),
        }
    }
}

impl fmt::Display for Field {
    /// Writes it as signatures have it, as in `lookback: BarCount = 500 bars`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.name, self.ty)?;
        match &self.default {
            Some(Value::Text(it)) => write!(f, " = \"{it}\""),
            Some(it) => write!(f, " = {it}"),
            None => Ok(()),
        }
    }
}

impl Ty {
    /// Returns the basic or unit type of this name, as files and schemas write it.
    pub fn named(name: &str) -> Option<Self> {
        Some(match name {
            "Any" => Ty::Any,
            "Bool" => Ty::Bool,
            "Int" => Ty::Int,
            "Decimal" => Ty::Decimal,
            "Text" => Ty::Text,
            "Symbol" => Ty::Symbol,
            "Path" => Ty::Path,
            "Percent" => Ty::Percent,
            "Money" => Ty::Money(None),
            "Duration" => Ty::Duration,
            "Period" => Ty::Period,
            "Date" => Ty::Date,
            "Time" => Ty::Time,
            "DateTime" => Ty::DateTime,
            "DateRange" => Ty::DateRange,
            "BarCount" => Ty::BarCount,
            "Quantity" => Ty::Quantity,
            "Leverage" => Ty::Leverage,
            "RMultiple" => Ty::RMultiple,
            _ => return None,
        })
    }
}
