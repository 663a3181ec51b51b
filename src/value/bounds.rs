//! Between what an input may be: declared at its field, held by the checker and by every call.

use std::{cmp::Ordering, fmt, str::FromStr};

use super::{Mismatch, Value, order};
use crate::syntax::literal;

/// Between what a value may be. The ends are literals of the language; a bare `0` is nothing of any unit.
///
/// A field declares them as `#[schemars(extend("x-within" = "0%..100%"))]`; either end may be left out (`1 bars..`),
/// and `above` before the lower end leaves that end itself out (`above 0`, `above 0%..100%`).
#[derive(Clone, Debug, PartialEq)]
pub struct Bounds {
    low: Option<Value>,
    high: Option<Value>,
    /// Whether the lower end itself is outside.
    above: bool,
}

impl Bounds {
    /// Checks a value, or each item of a list. Nothing is outside of no bounds.
    ///
    /// # Errors
    /// Says between what it must be.
    pub fn check(&self, value: &Value) -> Result<(), Mismatch> {
        match value {
            Value::None => Ok(()),
            Value::List(items) => items
                .iter()
                .enumerate()
                .try_for_each(|(at, it)| self.check(it).map_err(|error| error.at(&format!("[{at}]")))),
            _ if self.holds(value) => Ok(()),
            _ => Err(Mismatch::new(format_args!("must be {}, not {value}", self.in_words()))),
        }
    }

    /// Returns the end that is nearest to a value outside, where that end is a value that may be given.
    pub fn nearest(&self, value: &Value) -> Option<Value> {
        let end = match &self.low {
            Some(_) if self.is_below(value) && self.above => return None,
            Some(low) if self.is_below(value) => low,
            _ => self.high.as_ref()?,
        };
        // A bare `0` has the unit of what it stands for, and that is written with it.
        super::compare(end, value).map(|_| end.clone())
    }

    fn in_words(&self) -> String {
        match (&self.low, &self.high) {
            (Some(low), None) if self.above => format!("above {low}"),
            (Some(low), None) => format!("at least {low}"),
            (Some(low), Some(high)) if self.above => format!("above {low} and at most {high}"),
            (Some(low), Some(high)) => format!("from {low} to {high}"),
            (None, Some(high)) => format!("at most {high}"),
            (None, None) => "anything".to_owned(),
        }
    }

    /// Says whether a value is below the lower end, or at one that is itself outside.
    pub fn is_below(&self, value: &Value) -> bool {
        let wrong = if self.above { Ordering::is_le } else { Ordering::is_lt };
        self.low.as_ref().and_then(|it| against(value, it)).is_some_and(wrong)
    }

    /// What cannot be compared is of another type, which is said elsewhere.
    fn holds(&self, value: &Value) -> bool {
        !self.is_below(value) && !self.high.as_ref().and_then(|it| against(value, it)).is_some_and(Ordering::is_gt)
    }
}

/// Compares a value with an end.
fn against(value: &Value, end: &Value) -> Option<Ordering> {
    if matches!(end, Value::Int(0)) { order::sign(value) } else { super::compare(value, end) }
}

impl FromStr for Bounds {
    type Err = Mismatch;
    fn from_str(text: &str) -> Result<Self, Mismatch> {
        let (above, rest) = match (text.strip_prefix("above "), text.strip_prefix("in ")) {
            (Some(rest), _) => (true, rest),
            (None, rest) => (false, rest.unwrap_or(text)),
        };
        let (low, high) = rest.split_once("..").unwrap_or((rest, ""));
        let end = |text: &str| match text.trim() {
            "" => Ok(None),
            text => literal::read(text).map(Some).ok_or_else(|| Mismatch::foreign(text)),
        };
        Ok(Self { low: end(low)?, high: end(high)?, above })
    }
}

impl fmt::Display for Bounds {
    /// Writes them as a field declares them, so that they follow a type: `in 0%..100%`, `above 0`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let end = |it: &Option<Value>| it.as_ref().map_or_else(String::new, Value::to_string);
        match (&self.low, &self.high) {
            (Some(low), None) if self.above => write!(f, "above {low}"),
            (low, high) => write!(f, "{} {}..{}", if self.above { "above" } else { "in" }, end(low), end(high)),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail loudly")]
    use super::Bounds;
    use crate::syntax::literal;

    #[test]
    fn bounds_hold_what_is_between_their_ends() {
        let said = |bounds: &str, value: &str| {
            let value = literal::read(value).unwrap();
            let bounds: Bounds = bounds.parse().unwrap();
            let nearest = bounds.nearest(&value).map_or_else(|| "-".into(), |it| it.to_string());
            bounds.check(&value).map_or_else(|error| format!("{error}; {nearest}"), |()| "held".into())
        };
        assert_eq!(said("0%..100%", "0%"), "held");
        assert_eq!(said("0%..100%", "101%"), "must be from 0% to 100%, not 101%; 100%");
        assert_eq!(said("above 0%..100%", "0%"), "must be above 0% and at most 100%, not 0%; -");
        assert_eq!(said("above 0%..100%", "200%"), "must be above 0% and at most 100%, not 200%; 100%");
        assert_eq!(said("above 0", "0 EUR"), "must be above 0, not 0 EUR; -");
        assert_eq!(said("above 0", "1 EUR"), "held");
        assert_eq!(said("1 bars..", "0 bars"), "must be at least 1 bars, not 0 bars; 1 bars");
        assert_eq!(said("1..", "0"), "must be at least 1, not 0; 1");
        assert_eq!(said("above 0s", "0s"), "must be above 0s, not 0s; -");
        assert!("a lot".parse::<Bounds>().is_err());
    }
}
