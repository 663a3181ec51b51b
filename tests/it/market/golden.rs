//! The golden files.

use std::collections::BTreeMap;

/// Returns a column of `golden/indicators.csv`; NaN where a cell is empty.
pub(crate) fn column(name: &str) -> Vec<f64> {
    let mut reader = csv::Reader::from_reader(&include_bytes!("../../golden/indicators.csv")[..]);
    let at = reader.headers().unwrap().iter().position(|it| it == name).unwrap_or_else(|| panic!("no column `{name}`"));
    let cell = |it: csv::StringRecord| if it[at].is_empty() { f64::NAN } else { it[at].parse().unwrap() };
    reader.records().map(|it| cell(it.unwrap())).collect()
}

/// Returns the figures of `golden/metrics.json`.
pub(crate) fn metrics() -> BTreeMap<String, f64> {
    serde_json::from_str(include_str!("../../golden/metrics.json")).unwrap()
}
