//! Searches for parameters: folds, joined equity, trials.

use serde_json::{Map, Value as Json, json};

use super::{found::trial_table, series, summary};
use crate::{
    market::{BacktestReport, Objective},
    value::Value,
};

/// Fewer trials than this are no table.
const LEAST: usize = 2;

/// Returns a search with its equity as columns.
pub(super) fn search(name: &str, report: &Json) -> Json {
    let mut fields: Map<String, Json> = numeric(report).as_object().cloned().unwrap_or_default();
    let points = fields.remove("equity");
    let points = points.as_ref().and_then(Json::as_array).into_iter().flatten();
    let point = |it: &Json| Some((seconds(it.get("time")?.as_str()?)?, it.get("equity")?.as_f64()?));
    let (times, equity): (Vec<i64>, Vec<f64>) = points.filter_map(point).unzip();
    let kept = series::extremes(&equity, series::POINTS);
    let equity: Vec<f64> = kept.iter().filter_map(|it| equity.get(*it)).copied().collect();
    let times: Vec<i64> = kept.iter().filter_map(|it| times.get(*it)).copied().collect();
    fields.insert("name".into(), name.into());
    fields.insert("times".into(), series::times(&times));
    fields.insert("equity".into(), series::numbers(&equity));
    if fields.get("trials").is_some_and(Json::is_array) {
        fields.remove("trials");
    }
    Json::Object(fields)
}

/// Returns a value with its decimals, which are texts in JSON, as numbers.
fn numeric(value: &Json) -> Json {
    match value {
        Json::Object(fields) => fields.iter().map(|(name, it)| (name.clone(), numeric(it))).collect(),
        Json::Array(items) => items.iter().map(numeric).collect(),
        Json::String(text) => {
            let digits = text.strip_prefix('-').unwrap_or(text);
            let is_plain = digits.chars().all(|it| it.is_ascii_digit() || it == '.');
            let is_code = digits.len() > 1 && digits.starts_with('0') && !digits.starts_with("0.");
            let number = text.parse::<f64>().ok().filter(|_| is_plain && !is_code);
            number.map_or_else(|| value.clone(), series::number)
        }
        _ => value.clone(),
    }
}

/// Reads a time as reports write it: a day, or a day with its time.
fn seconds(text: &str) -> Option<i64> {
    let day = || text.parse::<jiff::civil::Date>().ok().map(crate::market::seconds_of);
    text.parse::<jiff::Timestamp>().map(|it| it.as_second()).ok().or_else(day)
}

/// Returns the table of a list of trials: records with `params` and a `report` or an `objective`; none where it is none.
pub(super) fn trials(name: &str, items: &[Value]) -> Option<Json> {
    let objective = Objective::default().name();
    let mut told = "objective";
    let rows: Option<Vec<_>> = items
        .iter()
        .map(|it| {
            let Value::Record(_) = it else { return None };
            let params = it.field("params").filter(|it| matches!(it, Value::Record(_)))?;
            let value = match (it.field("objective"), it.field("report")) {
                (Some(it @ (Value::Int(_) | Value::Decimal(_) | Value::Percent(_))), _) => it.to::<f64>().ok(),
                // A trial whose objective is undefined is a trial all the same.
                (Some(Value::None), None) => None,
                (_, Some(report)) => {
                    told = objective;
                    let report = BacktestReport::try_from(report).ok()?;
                    report.measured(objective).and_then(|it| f64::try_from(it.value.ok()?).ok())
                }
                _ => return None,
            };
            Some((numeric(&summary(&params)), value))
        })
        .collect();
    rows.filter(|it| it.len() >= LEAST).map(|rows| trial_table(name, told, rows))
}

/// Returns the table of trials that a search brings along, where it does: a list of `{params, objective}`.
pub(super) fn table(name: &str, trials: Option<&Json>, objective: Option<&Json>) -> Option<Json> {
    let row = |it: &Json| Some((it.get("params")?.clone(), it.get("objective").and_then(Json::as_f64)));
    let trials = trials.map(numeric);
    let rows: Vec<_> = trials.as_ref()?.as_array()?.iter().map(row).collect::<Option<_>>()?;
    let objective = objective.and_then(Json::as_str).unwrap_or("objective");
    (rows.len() >= LEAST).then(|| trial_table(name, objective, rows))
}

/// Returns the table of a search with what it chose and how far that may be believed; none where a record is no search.
pub(super) fn searched(name: &str, record: &Value) -> Option<Json> {
    let (Value::List(rows), Value::Text(metric)) = (record.field("table")?, record.field("metric")?) else {
        return None;
    };
    let row = |it: &Value| {
        let shown = numeric(&summary(it));
        let of = |name: &str| shown.get(name).cloned().unwrap_or_default();
        let near = of("neighbours");
        let near = |name: &str| near.get(name).cloned().unwrap_or_default();
        json!({
            "params": of("params"), "objective": of("objective"), "problem": it.field("problem").map(|it| summary(&it)),
            "mean": near("mean"), "worst": near("worst"),
        })
    };
    let of = |name: &str| record.field(name).map(|it| numeric(&summary(&it)));
    let mut table = trial_table(name, &metric, Vec::new());
    let fields = table.as_object_mut()?;
    fields.insert("rows".into(), rows.iter().map(row).collect());
    fields.insert("chosen".into(), of("params").unwrap_or_default());
    fields.insert("overfitting".into(), of("overfitting").and_then(|it| it.get("probability").cloned()).into());
    for name in ["trials", "stopped", "deflated_sharpe", "lone_peak"] {
        fields.insert(name.into(), of(name).into());
    }
    (!rows.is_empty()).then_some(table)
}

/// Returns a cross-validation; none where a record is none.
pub(super) fn validation(name: &str, record: &Value) -> Option<Json> {
    let all = ["paths", "splits", "groups", "mean_sharpe"].iter().all(|it| record.field(it).is_some());
    let mut shown = numeric(&summary(record));
    shown.as_object_mut().filter(|_| all)?.insert("name".into(), name.into());
    Some(shown)
}
