//! Whether a value is in the range or list that a parameter says.

use super::{apply, in_words};
use crate::value::{Mismatch, Value};

/// Checks a value against what a parameter must be in: a range or a list.
///
/// # Errors
/// Says what it is outside of. A step of a range is a search axis and no bound.
pub fn check_within(value: &Value, within: &Value) -> Result<(), Mismatch> {
    match apply::contains(within, value) {
        Ok(true) => Ok(()),
        Ok(false) => {
            let within = match within {
                Value::Range(it) => format!("{}..{}", it.low, it.high),
                other => other.to_string(),
            };
            Err(Mismatch::new(format_args!("{value} is outside `in {within}`")))
        }
        Err(_) => {
            let ty = super::lower::literal_ty(value);
            Err(Mismatch::new(format_args!("{} cannot be in `{within}`", in_words(&ty))))
        }
    }
}

/// Returns the bound of a range that is nearest to a value outside of it.
pub fn nearest_within(value: &Value, within: &Value) -> Option<Value> {
    let Value::Range(it) = within else { return None };
    Some(if apply::compare(value, &it.low)?.is_lt() { it.low.clone() } else { it.high.clone() })
}
