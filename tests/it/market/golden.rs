//! The golden files.

use serde_json::Value as Json;

/// Returns a column of `golden/indicators.csv`; NaN where a cell is empty.
pub(crate) fn column(name: &str) -> Vec<f64> {
    let mut reader = csv::Reader::from_reader(&include_bytes!("../../golden/indicators.csv")[..]);
    let at = reader.headers().unwrap().iter().position(|it| it == name).unwrap_or_else(|| panic!("no column `{name}`"));
    let cell = |it: csv::StringRecord| if it[at].is_empty() { f64::NAN } else { it[at].parse().unwrap() };
    reader.records().map(|it| cell(it.unwrap())).collect()
}

/// Returns `golden/metrics.json`: what `golden/make_metrics.py` found with other programs.
pub(crate) fn metrics() -> Json {
    serde_json::from_str(include_str!("../../golden/metrics.json")).unwrap()
}

/// Returns `golden/overfitting.json`: what `golden/make_overfitting.py` found split by split.
pub(crate) fn overfitting() -> Json {
    serde_json::from_str(include_str!("../../golden/overfitting.json")).unwrap()
}
