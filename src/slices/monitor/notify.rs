//! Notifications.

use rust_decimal::Decimal;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    slice::{Fault, Notify},
    value::{Detail, Value},
};

/// Publishes an event under the topic `event`, with data of any kind.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct LogEvent {
    /// What happened.
    event: String,
    /// What belongs to it.
    #[serde(default)]
    #[schemars(with = "serde_json::Value", default = "absent")]
    data: Value,
}

/// Publishes a trade or an order's result under the topic `trade`.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct LogTrade {
    /// The trade: an order's result, or a record.
    #[schemars(with = "serde_json::Value")]
    trade: Value,
}

/// Publishes figures of an account under the topic `metrics`.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct UpdateMetrics {
    /// The account: a snapshot of positions, or a record of figures.
    #[schemars(with = "serde_json::Value")]
    account: Value,
}

/// Compares a figure with a threshold and, where the rule is met, publishes an alert under the topic `alert`; says
/// whether it did.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Alert {
    /// What the alert says.
    message: String,
    /// The figure: a number, percent, amount, duration or count.
    #[schemars(with = "serde_json::Value")]
    value: Value,
    /// What it is compared with, of the same unit.
    #[schemars(with = "serde_json::Value")]
    threshold: Value,
    /// On which side of the threshold the alert is raised.
    #[serde(default)]
    when: Side,
    /// How grave it is.
    #[serde(default)]
    severity: Severity,
}

/// On which side of a threshold an alert is raised.
#[derive(Clone, Copy, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Side {
    /// Above it.
    #[default]
    Above,
    /// Below it.
    Below,
}

/// How grave an alert is.
#[derive(Clone, Copy, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Severity {
    /// Good to know.
    Info,
    /// Somebody should look.
    #[default]
    Warning,
    /// Somebody must look now.
    Critical,
}

/// Whether an alert was raised.
#[derive(Serialize, JsonSchema)]
pub(super) struct Raised {
    /// Whether the rule was met.
    raised: bool,
}

fn absent() -> serde_json::Value {
    serde_json::Value::Null
}

pub(super) fn log_event(Notify(to): Notify, input: LogEvent) -> Result<(), Fault> {
    to.notify("event", &input.event, input.data);
    Ok(())
}

pub(super) fn log_trade(Notify(to): Notify, input: LogTrade) -> Result<(), Fault> {
    let said = input.trade.to_json(Detail::Summary).to_string();
    to.notify("trade", &said, input.trade);
    Ok(())
}

pub(super) fn update_metrics(Notify(to): Notify, input: UpdateMetrics) -> Result<(), Fault> {
    let said = input.account.to_json(Detail::Summary).to_string();
    to.notify("metrics", &said, input.account);
    Ok(())
}

pub(super) fn alert(Notify(to): Notify, input: Alert) -> Result<Raised, Fault> {
    let Alert { message, value, threshold, when, severity } = input;
    let (Some(figure), Some(border)) = (figure(&value), figure(&threshold)) else {
        let odd = if figure(&value).is_none() { &value } else { &threshold };
        return Err(Fault::input(format_args!("expected a number or an amount, found {}", odd.kind())));
    };
    let number = |it: &Value| matches!(it, Value::Int(_) | Value::Decimal(_));
    let currencies =
        if let (Value::Money(a), Value::Money(b)) = (&value, &threshold) { a.currency == b.currency } else { true };
    if !currencies || (value.kind() != threshold.kind() && !(number(&value) && number(&threshold))) {
        return Err(Fault::input(format_args!("`{value}` and `{threshold}` are not of the same unit")));
    }
    let raised = match when {
        Side::Above => figure > border,
        Side::Below => figure < border,
    };
    if raised {
        let data = Value::record([("value", value), ("threshold", threshold), ("severity", Value::of(&severity)?)]);
        to.notify("alert", &message, data);
    }
    Ok(Raised { raised })
}

/// Returns the number in a value that has one.
fn figure(of: &Value) -> Option<Decimal> {
    Some(match of {
        Value::Int(it) => Decimal::from(*it),
        Value::Decimal(it) => *it,
        Value::Percent(it) => it.0,
        Value::Money(it) => it.amount,
        Value::Duration(it) => Decimal::from(it.0),
        Value::BarCount(it) => Decimal::from(it.0),
        Value::Leverage(it) => it.0,
        Value::RMultiple(it) => it.0,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may fail loudly")]

    use std::sync::{Arc, Mutex};

    use super::*;
    use crate::{slice::ports::Notifier, value::Money};

    #[derive(Default)]
    struct Heard(Mutex<Vec<(String, String, Value)>>);

    impl Notifier for Heard {
        fn notify(&self, topic: &str, message: &str, data: Value) {
            self.0.lock().unwrap().push((topic.into(), message.into(), data));
        }
    }

    fn alert_of(value: Value, threshold: Value, when: Side) -> (Result<bool, String>, usize) {
        let heard = Arc::new(Heard::default());
        let input = Alert { message: "look".into(), value, threshold, when, severity: Severity::default() };
        let raised = alert(Notify(heard.clone()), input).map(|it| it.raised).map_err(|it| it.message);
        let count = heard.0.lock().unwrap().len();
        (raised, count)
    }

    #[test]
    fn an_alert_is_raised_by_its_rule_only() {
        let usd = |it: i64| Value::from(Money::usd(it));
        assert_eq!(alert_of(usd(90), usd(100), Side::Below), (Ok(true), 1));
        assert_eq!(alert_of(usd(90), usd(100), Side::Above), (Ok(false), 0));
        assert_eq!(alert_of(Value::Int(3), Value::Decimal(Decimal::TWO), Side::Above), (Ok(true), 1));
        let mixed = alert_of(usd(90), Value::Int(100), Side::Above);
        assert_eq!(mixed, (Err("`90 USD` and `100` are not of the same unit".into()), 0));
    }

    #[test]
    fn events_arrive_with_their_data() {
        let heard = Arc::new(Heard::default());
        log_event(Notify(heard.clone()), LogEvent { event: "filled".into(), data: Value::Int(3) }).unwrap();
        assert_eq!(heard.0.lock().unwrap()[..], [("event".to_owned(), "filled".to_owned(), Value::Int(3))]);
    }
}
