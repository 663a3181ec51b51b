//! The literals of the language, one by one: what their text means.

use jiff::civil;
use rust_decimal::Decimal;

use crate::{
    source::{Code, Diagnostic, Span},
    value::{
        BarCount, Currency, DateRange, Duration, Leverage, Money, Percent, Period, Quantity, QuantityUnit, RMultiple,
        Value,
    },
};

/// What is wrong with a text that looks like a literal.
#[derive(Clone, Debug, PartialEq)]
pub enum Bad {
    /// `30sec`: no such unit.
    Unit(String),
    /// `10_000USD`: a space is missing before the currency.
    NoSpace,
    /// `2024-02-30`: no such day or time.
    Date,
    /// `2020-01-02..2019-01-01`: it ends before it starts.
    Backwards,
    /// More digits than a number can have.
    TooLarge,
}

impl Bad {
    /// Returns the report of a bad literal `text` that stands at `span`, with the mend where one is known.
    pub fn diagnostic(&self, text: &str, span: Span) -> Diagnostic {
        match self {
            Self::Unit(unit) => {
                let digits = text.strip_suffix(unit.as_str()).unwrap_or(text);
                let found = Diagnostic::new(Code::T006, span, format!("there is no unit `{unit}`"));
                let found = found.note(format!("the units are: {}", UNITS.join(", ")));
                match meant(unit) {
                    Some(known) => found.safe_fix(format!("write `{digits}{known}`"), span, format!("{digits}{known}")),
                    None => found,
                }
            }
            Self::NoSpace => {
                let end = text.trim_end_matches(|it: char| it.is_ascii_alphabetic()).len();
                let (digits, currency) = text.split_at(end);
                let at = Span { start: span.start + u32::try_from(end).unwrap_or(0), ..span }.before();
                let message = format!("`{text}` needs a space before the currency");
                let found = Diagnostic::new(Code::S004, span, message);
                found.safe_fix(format!("write `{digits} {currency}`"), at, " ")
            }
            Self::Date if is_time(text) => Diagnostic::new(Code::T015, span, format!("`{text}` is not a time of day")),
            Self::Date => {
                Diagnostic::new(Code::T015, span, format!("`{text}` is not a date")).here("no such day or time")
            }
            Self::Backwards => {
                let found = Diagnostic::new(Code::T015, span, format!("the range `{text}` ends before it starts"));
                match text.split_once("..") {
                    Some((start, end)) => found.fix("swap its ends", span, format!("{end}..{start}")),
                    None => found,
                }
            }
            Self::TooLarge => {
                Diagnostic::new(Code::T007, span, format!("`{text}` is larger or finer than a value can be"))
            }
        }
    }
}

/// Says that a number is followed by a word for its unit instead of the unit.
pub(super) fn unit_in_words(span: Span, number: &str, word: &str) -> Option<Diagnostic> {
    let known = meant(word)?;
    let found = Diagnostic::new(Code::T006, span, format!("there is no unit `{word}`"));
    let found = found.note(format!("the units are: {}", UNITS.join(", ")));
    Some(found.fix(format!("write `{number}{known}`"), span, format!("{number}{known}")))
}

/// Returns the unit that a person likely meant by a word for it, or by a wrong case of it.
fn meant(unit: &str) -> Option<&'static str> {
    let lower = unit.to_ascii_lowercase();
    Some(match lower.as_str() {
        "sec" | "secs" | "second" | "seconds" => "s",
        "min" | "mins" | "minute" | "minutes" => "m",
        "hr" | "hrs" | "hour" | "hours" => "h",
        "day" | "days" => "d",
        "week" | "weeks" | "wk" => "w",
        "month" | "months" | "mon" => "mo",
        "year" | "years" | "yr" | "yrs" => "y",
        "msec" | "millis" | "milliseconds" => "ms",
        "bp" | "bips" => "bps",
        "pct" | "percent" => "%",
        "us" | "ns" => return None,
        other => UNITS.iter().find(|it| it.eq_ignore_ascii_case(other))?,
    })
}

/// The suffixes that stand right behind a number, in the order in which messages name them.
pub const UNITS: &[&str] = &["ms", "s", "m", "h", "d", "w", "mo", "y", "%", "bps", "x", "R"];

/// Reads a literal, or nothing where the text is none.
pub fn read(text: &str) -> Option<Value> {
    parse(text)?.ok()
}

/// Reads a text that is exactly one literal: nothing where it does not look like one, an error where it is a bad one.
pub fn parse(text: &str) -> Option<Result<Value, Bad>> {
    match text {
        "true" => return Some(Ok(Value::Bool(true))),
        "false" => return Some(Ok(Value::Bool(false))),
        "none" => return Some(Ok(Value::None)),
        _ => {}
    }
    if let Some((start, end)) = text.split_once("..") {
        return match (is_date(start) && is_date(end)).then(|| (start.parse(), end.parse()))? {
            (Ok(start), Ok(end)) if start > end => Some(Err(Bad::Backwards)),
            (Ok(start), Ok(end)) => Some(Ok(Value::DateRange(DateRange { start, end }))),
            _ => Some(Err(Bad::Date)),
        };
    }
    if is_date(text) {
        return Some(text.parse::<civil::Date>().map(Value::Date).map_err(|_| Bad::Date));
    }
    if text.get(..10).is_some_and(is_date) && text.get(10..11) == Some("T") {
        return Some(date_time(text).ok_or(Bad::Date));
    }
    if is_time(text) {
        return Some(text.parse::<civil::Time>().map(Value::Time).map_err(|_| Bad::Date));
    }
    let (sign, digits) = text.strip_prefix('-').map_or((Decimal::ONE, text), |rest| (Decimal::NEGATIVE_ONE, rest));
    if !digits.starts_with(|it: char| it.is_ascii_digit()) {
        return None;
    }
    let end = number_end(digits);
    let (number, rest) = digits.split_at(end);
    let number = number.replace('_', "");
    let whole = !number.contains('.');
    let Ok(amount) = number.parse::<Decimal>() else { return Some(Err(Bad::TooLarge)) };
    let amount = amount * sign;
    if rest.is_empty() {
        let int = if whole { i64::try_from(amount).ok() } else { None };
        return Some(Ok(int.map_or(Value::Decimal(amount), Value::Int)));
    }
    with_unit(amount, rest)
}

/// Returns where the digits, underscores and decimal point of a number end.
fn number_end(digits: &str) -> usize {
    let run = |text: &str| text.find(|it: char| !it.is_ascii_digit() && it != '_').unwrap_or(text.len());
    let whole = run(digits);
    match digits.get(whole..).and_then(|rest| rest.strip_prefix('.')) {
        Some(fraction) if fraction.starts_with(|it: char| it.is_ascii_digit()) => whole + 1 + run(fraction),
        _ => whole,
    }
}

fn with_unit(amount: Decimal, rest: &str) -> Option<Result<Value, Bad>> {
    let unit = rest.trim_start_matches(' ');
    if unit.is_empty() || !unit.chars().all(|it| it.is_ascii_alphabetic() || it == '%') {
        return None;
    }
    if unit.len() < rest.len() {
        let quantity = |unit| Value::Quantity(Quantity { amount, unit });
        return match unit {
            "bars" => Some(u64::try_from(amount).map(|it| Value::BarCount(BarCount(it))).map_err(|_| Bad::TooLarge)),
            "shares" => Some(Ok(quantity(QuantityUnit::Shares))),
            "contracts" => Some(Ok(quantity(QuantityUnit::Contracts))),
            "lots" => Some(Ok(quantity(QuantityUnit::Lots))),
            code => Currency::new(code).map(|currency| Ok(Value::Money(Money { amount, currency }))),
        };
    }
    let duration = |millis: i64| {
        let scaled = amount.checked_mul(Decimal::from(millis)).filter(|it| it.is_integer());
        scaled.and_then(|it| i64::try_from(it).ok()).map(|it| Value::Duration(Duration(it))).ok_or(Bad::TooLarge)
    };
    let months = |each: i32| {
        let scaled = amount.checked_mul(Decimal::from(each)).filter(Decimal::is_integer);
        scaled.and_then(|it| i32::try_from(it).ok()).map(|months| Value::Period(Period { months })).ok_or(Bad::TooLarge)
    };
    Some(match unit {
        "%" => Ok(Value::Percent(Percent(amount / Decimal::ONE_HUNDRED))),
        "bps" => Ok(Value::Percent(Percent(amount / Decimal::from(10_000)))),
        "ms" => duration(1),
        "s" => duration(1_000),
        "m" => duration(60_000),
        "h" => duration(3_600_000),
        "d" => duration(86_400_000),
        "w" => duration(604_800_000),
        "mo" => months(1),
        "y" => months(12),
        "x" => Ok(Value::Leverage(Leverage(amount))),
        "R" => Ok(Value::RMultiple(RMultiple(amount))),
        other if Currency::new(other).is_some() => Err(Bad::NoSpace),
        other => Err(Bad::Unit(other.into())),
    })
}

fn shape(text: &str, pattern: &str) -> bool {
    text.len() == pattern.len()
        && text
            .bytes()
            .zip(pattern.bytes())
            .all(|(it, like)| if like == b'0' { it.is_ascii_digit() } else { it == like })
}

fn is_date(text: &str) -> bool {
    shape(text, "0000-00-00")
}

fn is_time(text: &str) -> bool {
    shape(text, "00:00") || shape(text, "00:00:00")
}

/// Reads an instant; one without offset is in UTC.
fn date_time(text: &str) -> Option<Value> {
    let bare = |it: &str| it.parse::<civil::DateTime>().ok()?.to_zoned(jiff::tz::TimeZone::UTC).ok();
    let instant = text.parse::<jiff::Timestamp>().ok().or_else(|| bare(text).map(|it| it.timestamp()));
    instant.map(Value::DateTime)
}
