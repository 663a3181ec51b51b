//! Newtypes for what has a unit, as literals of the language give them.

use std::{borrow::Cow, fmt, sync::Arc};

use rust_decimal::Decimal;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

use super::{Mismatch, Value};

/// What an instrument is called: 1 to 32 letters, digits, `.`, `-`, `/`, `_`, `^`, `=` or `:`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "Value", into = "Value")]
pub struct Symbol(Arc<str>);

impl Symbol {
    /// Reads a symbol, or says what is wrong with it.
    pub fn new(text: &str) -> Result<Self, Mismatch> {
        let legal = |it: char| it.is_ascii_alphanumeric() || "._-/^=:".contains(it);
        if (1..=32).contains(&text.len()) && text.chars().all(legal) {
            Ok(Self(text.into()))
        } else {
            Err(Mismatch::new(format_args!("`{text}` is no symbol: 1 to 32 letters, digits or . - / _ ^ = :")))
        }
    }

    /// Returns it as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A share of a whole: 0.05 is 5 %.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "Value", into = "Value")]
pub struct Percent(pub Decimal);

/// An amount in one currency.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "Value", into = "Value")]
pub struct Money {
    /// How much.
    pub amount: Decimal,
    /// Of what.
    pub currency: Currency,
}

impl Money {
    /// Returns an amount of a currency.
    pub fn new(amount: impl Into<Decimal>, currency: Currency) -> Self {
        Self { amount: amount.into(), currency }
    }

    /// Returns an amount of US dollars.
    pub fn usd(amount: impl Into<Decimal>) -> Self {
        Self::new(amount, Currency::USD)
    }
}

/// A currency or coin by its code of 3 to 6 capital letters.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Currency([u8; 6]);

impl Currency {
    /// US dollars.
    pub const USD: Self = Self(*b"USD\0\0\0");

    /// Reads a code.
    pub fn new(code: &str) -> Option<Self> {
        let legal = (3..=6).contains(&code.len()) && code.bytes().all(|it| it.is_ascii_uppercase());
        let mut bytes = [0; 6];
        bytes.iter_mut().zip(code.bytes()).for_each(|(to, from)| *to = from);
        legal.then_some(Self(bytes))
    }

    /// Returns the code.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default().trim_end_matches('\0')
    }
}

impl fmt::Debug for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A span of time in milliseconds: `60s`, `5m`, `1d` (24 hours).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "Value", into = "Value")]
pub struct Duration(pub i64);

impl Duration {
    /// One day of 24 hours.
    pub const DAY: Self = Self(86_400_000);
    /// A month as a timeframe: a twelfth of the mean year of the calendar, a length that no other timeframe has.
    pub const MONTH: Self = Self(2_629_746_000);

    /// Returns how many months this is as a timeframe; none where it is a span of fixed length.
    pub fn months(self) -> Option<i64> {
        (self.0 > 0 && self.0 % Self::MONTH.0 == 0).then_some(self.0 / Self::MONTH.0)
    }

    /// Returns it as the standard library's duration; a negative one is zero.
    pub fn to_std(self) -> std::time::Duration {
        std::time::Duration::from_millis(u64::try_from(self.0).unwrap_or(0))
    }
}

/// A span of calendar months: `24mo`, `1y`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "Value", into = "Value")]
pub struct Period {
    /// How many months.
    pub months: i32,
}

/// Days from the first to the last, both included.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "Value", into = "Value")]
pub struct DateRange {
    /// The first day.
    pub start: jiff::civil::Date,
    /// The last day.
    pub end: jiff::civil::Date,
}

/// A number of bars.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "Value", into = "Value")]
pub struct BarCount(pub u64);

/// How much of an instrument.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "Value", into = "Value")]
pub struct Quantity {
    /// How many.
    pub amount: Decimal,
    /// Of what.
    pub unit: QuantityUnit,
}

/// What a quantity counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum QuantityUnit {
    /// Shares, coins or units.
    Shares,
    /// Contracts.
    Contracts,
    /// Lots.
    Lots,
}

impl QuantityUnit {
    /// Returns the word of the language for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Shares => "shares",
            Self::Contracts => "contracts",
            Self::Lots => "lots",
        }
    }
}

/// How many times the capital: `2x`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "Value", into = "Value")]
pub struct Leverage(pub Decimal);

/// How many times the initial risk: `3R`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "Value", into = "Value")]
pub struct RMultiple(pub Decimal);

macro_rules! units { ($($T:ident: $json:literal)+) => { $(
    impl TryFrom<Value> for $T {
        type Error = Mismatch;
        fn try_from(value: Value) -> Result<Self, Mismatch> {
            if let Value::$T(it) = value { Ok(it) } else { Err(Mismatch::expected(stringify!($T), &value)) }
        }
    }
    impl From<$T> for Value {
        fn from(it: $T) -> Self {
            Value::$T(it)
        }
    }
    impl JsonSchema for $T {
        fn inline_schema() -> bool {
            true
        }
        fn schema_name() -> Cow<'static, str> {
            stringify!($T).into()
        }
        fn json_schema(_: &mut SchemaGenerator) -> Schema {
            // Without a `type`, schemars takes the schema for one that null fits too, and `Option` leaves no trace.
            json_schema!({ "type": $json, "x-unit": stringify!($T) })
        }
    }
)+ } }
units! {
    Symbol: "string" Percent: "string" Money: "object" Duration: "string" Period: "string" DateRange: "object"
    BarCount: "integer" Quantity: "string" Leverage: "string" RMultiple: "string"
}

/// How long bars are: a span of time, or months of the calendar.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(try_from = "Value")]
pub struct Timeframe(pub Duration);

impl TryFrom<Value> for Timeframe {
    type Error = Mismatch;
    fn try_from(value: Value) -> Result<Self, Mismatch> {
        match value {
            Value::Duration(it) if it.0 > 0 => Ok(Self(it)),
            Value::Period(it) if it.months > 0 => Ok(Self(Duration(Duration::MONTH.0 * i64::from(it.months)))),
            other => Err(Mismatch::expected("a timeframe above 0", &other)),
        }
    }
}

impl JsonSchema for Timeframe {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> Cow<'static, str> {
        "Timeframe".into()
    }
    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        json_schema!({ "anyOf": [Duration::json_schema(generator), Period::json_schema(generator)] })
    }
}

// ---- how each is written in the language -----------------------------------------------------------------------------

/// Puts `_` between groups of three digits from `10_000` on, as literals of the language may have them.
fn grouped(number: Decimal) -> String {
    let text = number.normalize().to_string();
    let (whole, rest) = text.split_once('.').map_or((text.as_str(), None), |(whole, rest)| (whole, Some(rest)));
    let (sign, digits) = whole.strip_prefix('-').map_or(("", whole), |it| ("-", it));
    let mut out = String::from(sign);
    for (at, digit) in digits.chars().enumerate() {
        if digits.len() > 4 && at > 0 && (digits.len() - at) % 3 == 0 {
            out.push('_');
        }
        out.push(digit);
    }
    if let Some(rest) = rest {
        out.push('.');
        out.push_str(rest);
    }
    out
}

macro_rules! display { ($($T:ty, $it:ident => $text:expr;)+) => { $(
    impl fmt::Display for $T {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            let $it = self;
            f.write_str(&$text)
        }
    }
)+ } }
display! {
    Symbol, it => it.0;
    Currency, it => it.as_str();
    Percent, it => format!("{}%", (it.0 * Decimal::ONE_HUNDRED).normalize());
    Money, it => format!("{} {}", grouped(it.amount), it.currency);
    Period, it => if it.months % 12 == 0 { format!("{}y", it.months / 12) } else { format!("{}mo", it.months) };
    DateRange, it => format!("{}..{}", it.start, it.end);
    BarCount, it => format!("{} bars", it.0);
    QuantityUnit, it => it.as_str();
    Quantity, it => format!("{} {}", grouped(it.amount), it.unit);
    Leverage, it => format!("{}x", it.0.normalize());
    RMultiple, it => format!("{}R", it.0.normalize());
    Duration, it => {
        let units = [(604_800_000, "w"), (86_400_000, "d"), (3_600_000, "h"), (60_000, "m"), (1_000, "s")];
        let unit = units.into_iter().find(|(size, unit)| if it.0 == 0 { *unit == "s" } else { it.0 % size == 0 });
        match it.months() {
            Some(months) => format!("{months}mo"),
            None => unit.map_or_else(|| format!("{}ms", it.0), |(size, unit)| format!("{}{unit}", it.0 / size)),
        }
    };
}
