//! Numbers with as many digits as people read.

use rust_decimal::{Decimal, prelude::ToPrimitive as _};
use serde_json::Value as Json;

use crate::value::Value;

/// The fields that are shares of one where they come as plain numbers.
const SHARES: &[&str] = &["total_return", "cagr", "volatility", "max_drawdown", "profitable_folds", "deflated_sharpe"];

/// How many plain values of a list are shown at most.
const MOST: usize = 12;

/// Returns a value of a report.
pub fn figure(value: &Value) -> String {
    match value {
        Value::Percent(it) => percent(it.0.to_f64().unwrap_or_default() * 100.0),
        Value::Decimal(it) if it.is_integer() => it.normalize().to_string(),
        // Formatting alone would cut the digits off.
        Value::Decimal(it) => format!("{:.2}", it.round_dp(2)),
        Value::Money(it) => money(it.amount, &it.currency.to_string()),
        Value::None => "–".into(),
        other => other.to_string(),
    }
}

/// Returns an amount without parts of the unit where it is large, with two digits of them where it is not.
pub fn money(amount: Decimal, currency: &str) -> String {
    let digits: u32 = if amount.abs() >= Decimal::ONE_THOUSAND { 0 } else { 2 };
    let text = amount.round_dp(digits).to_string();
    let (sign, text) = text.strip_prefix('-').map_or(("", &*text), |it| ("-", it));
    let (whole, part) = text.find('.').map_or((text, ""), |at| text.split_at(at));
    let mut grouped = String::new();
    for (at, digit) in whole.chars().enumerate() {
        if at > 0 && (whole.len() - at).is_multiple_of(3) {
            grouped.push('_');
        }
        grouped.push(digit);
    }
    format!("{sign}{grouped}{part} {currency}")
}

/// Returns a number that is in hundredths already.
fn percent(value: f64) -> String {
    if value != 0.0 && value.abs() < 1.0 { format!("{value:.2}%") } else { format!("{value:.1}%") }
}

/// Returns a number with about four digits that count.
fn number(value: f64) -> String {
    let size = value.abs();
    match size {
        _ if value.fract() == 0.0 && size < 1e12 => format!("{value:.0}"),
        _ if size >= 1_000.0 => format!("{value:.0}"),
        _ if size >= 0.01 => format!("{value:.2}"),
        _ => format!("{value:.1e}"),
    }
}

/// Returns what a field says on one line; nothing where it holds more than fits there.
pub fn inline(name: &str, value: &Json) -> Option<String> {
    match value {
        Json::Null => Some("–".into()),
        Json::Bool(it) => Some(it.to_string()),
        Json::Number(it) => {
            let value = it.as_f64()?;
            Some(if SHARES.contains(&name) { percent(value * 100.0) } else { number(value) })
        }
        Json::String(it) => Some(text(name, it)),
        Json::Array(items) => {
            if items.iter().any(|it| it.is_array() || it.is_object()) {
                return None;
            }
            let mut shown: Vec<_> = items.iter().take(MOST).filter_map(|it| inline(name, it)).collect();
            if items.len() > MOST {
                shown.push(format!("… {} more", items.len() - MOST));
            }
            Some(if shown.is_empty() { "none".into() } else { shown.join(", ") })
        }
        Json::Object(fields) => {
            let part = |name: &str| fields.get(name).and_then(Json::as_str);
            match (fields.len(), part("amount"), part("currency"), part("start"), part("end")) {
                (2, Some(amount), Some(currency), ..) => Some(money(amount.parse().ok()?, currency)),
                (2, _, _, Some(start), Some(end)) => Some(format!("{start}..{end}")),
                _ if fields.contains_key("reason") && fields.get("value").is_some_and(Json::is_null) => {
                    Some("–".into())
                }
                _ => {
                    let part = |(name, it): (&String, &Json)| Some(format!("{name} {}", inline(name, it)?));
                    let parts: Option<Vec<_>> = fields.iter().map(part).collect();
                    parts.map(|it| it.join(", ")).filter(|it| !it.is_empty() && it.chars().count() <= 60)
                }
            }
        }
    }
}

/// Returns a text; one that is a long number is cut to the digits that count.
fn text(name: &str, text: &str) -> String {
    let (digits, is_percent) = text.strip_suffix('%').map_or((text, false), |it| (it, true));
    match digits.parse::<f64>() {
        Ok(value) if is_percent => percent(value),
        Ok(value) if SHARES.contains(&name) => percent(value * 100.0),
        Ok(value) if digits.contains('.') && digits.len() > 6 => number(value),
        _ => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn numbers_have_the_digits_that_people_read() {
        let said = |name: &str, value: Json| inline(name, &value).unwrap_or_default();
        assert_eq!(said("x", json!({"amount": "18963.44665395", "currency": "USD"})), "18_963 USD");
        assert_eq!(said("x", json!({"amount": "-10.507", "currency": "USD"})), "-10.51 USD");
        assert_eq!(said("x", json!("89.634467%")), "89.6%");
        assert_eq!(said("total_return", json!(-0.006_503)), "-0.65%");
        assert_eq!(said("total_return", json!("-0.006503")), "-0.65%");
        assert_eq!(said("values", json!([1, 2, 3])), "1, 2, 3");
        assert_eq!(
            said("values", json!((1..=14).collect::<Vec<_>>())),
            "1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, … 2 more"
        );
        assert_eq!(said("sharpe", json!(-0.456_186_174)), "-0.46");
        assert_eq!(said("p", json!(0.000_000_678)), "6.8e-7");
        assert_eq!(said("trials", json!(1710)), "1710");
        assert_eq!(said("x", json!("0.79161068")), "0.79");
        assert_eq!(said("x", json!("2020.5")), "2020.5");
        assert_eq!(said("train", json!({"start": "2001-01-01", "end": "2002-12-31"})), "2001-01-01..2002-12-31");
        assert_eq!(said("params", json!({"fast": 40, "slow": 80})), "fast 40, slow 80");
        assert_eq!(said("sharpe", json!({"value": null, "reason": "no trade"})), "–");
    }
}
