//! What a run gives, for people: reports as a table, everything else as names and values.

use std::fmt::Write as _;

use serde_json::Value as Json;

use crate::{
    market::BacktestReport,
    value::{Detail, Name, Value},
};

/// How many lines a list or a record is shown in at most.
const MOST_LINES: usize = 12;

/// Returns the outputs as text: every backtest report in one table, then the rest.
pub fn text(outputs: &[(Name, Value)]) -> String {
    let mut out = String::new();
    let reports: Vec<_> = outputs.iter().flat_map(|(_, value)| reports(value)).collect();
    if !reports.is_empty() {
        out.push_str(&report_table(&reports));
    }
    for (name, value) in outputs.iter().filter(|(_, value)| !is_reports(value)) {
        if !out.is_empty() {
            out.push('\n');
        }
        plain(&mut out, name, &value.to_json(Detail::Summary), 0);
    }
    out
}

/// Returns every backtest report in a value, however deep.
pub fn reports(value: &Value) -> Vec<BacktestReport> {
    match value {
        Value::Domain(_) => BacktestReport::try_from(value.clone()).into_iter().collect(),
        Value::List(items) => items.iter().flat_map(reports).collect(),
        Value::Record(fields) => fields.iter().flat_map(|(_, it)| reports(it)).collect(),
        _ => Vec::new(),
    }
}

/// Says whether a value is nothing but reports, so that the table says it all.
fn is_reports(value: &Value) -> bool {
    match value {
        Value::Domain(it) => it.name() == "BacktestReport",
        Value::List(items) => !items.is_empty() && items.iter().all(is_reports),
        Value::Record(fields) => !fields.is_empty() && fields.iter().all(|(_, it)| is_reports(it)),
        _ => false,
    }
}

const COLUMNS: &[(&str, &str)] = &[
    ("return", "total_return"),
    ("CAGR", "cagr"),
    ("Sharpe", "sharpe"),
    ("max drawdown", "max_drawdown"),
    ("win rate", "win_rate"),
    ("exposure", "exposure"),
];

fn report_table(reports: &[BacktestReport]) -> String {
    let mut rows = vec![["symbol", "strategy", "from", "to", "trades"].map(String::from).to_vec()];
    if let Some(head) = rows.first_mut() {
        head.extend(COLUMNS.iter().map(|(title, _)| (*title).to_string()));
        head.push("final equity".into());
    }
    for report in reports {
        let symbols: Vec<_> = report.symbols.iter().map(|it| it.as_str()).collect();
        let closed = report.trades.len();
        let mut row = vec![
            symbols.join(" "),
            report.strategy.clone(),
            report.start.to_string(),
            report.end.to_string(),
            if report.open.is_empty() { closed.to_string() } else { format!("{closed} + {} open", report.open.len()) },
        ];
        row.extend(COLUMNS.iter().map(|(_, name)| {
            let value = report.measured(name).map_or(Value::None, |it| it.value());
            figure(&value)
        }));
        row.push(money(&Value::from(report.final_equity)));
        rows.push(row);
    }
    table(&rows)
}

/// Returns a figure with as many digits as people read.
fn figure(value: &Value) -> String {
    match value {
        Value::Percent(it) => format!("{:.1}%", it.0 * rust_decimal::Decimal::ONE_HUNDRED),
        Value::Decimal(it) => format!("{it:.2}"),
        Value::None => "–".into(),
        other => other.to_string(),
    }
}

fn money(value: &Value) -> String {
    match value {
        Value::Money(it) => crate::value::Money::new(it.amount.round_dp(2), it.currency).to_string(),
        other => other.to_string(),
    }
}

/// Returns rows as columns: the first two to the left, as text is, the others to the right, as numbers are.
pub fn table(rows: &[Vec<String>]) -> String {
    let count = rows.iter().map(Vec::len).max().unwrap_or(0);
    let width = |at: usize| rows.iter().filter_map(|it| it.get(at)).map(|it| it.chars().count()).max().unwrap_or(0);
    let widths: Vec<_> = (0..count).map(width).collect();
    let mut out = String::new();
    for row in rows {
        let mut line = String::new();
        for (at, (cell, width)) in row.iter().zip(&widths).enumerate() {
            let space = " ".repeat(width.saturating_sub(cell.chars().count()));
            let gap = if at > 0 { "  " } else { "" };
            let _ = if at < 2 { write!(line, "{gap}{cell}{space}") } else { write!(line, "{gap}{space}{cell}") };
        }
        let _ = writeln!(out, "{}", line.trim_end());
    }
    out
}

/// Writes a value as names and values, indented; long lists are cut and counted.
fn plain(out: &mut String, name: &str, value: &Json, depth: usize) {
    let indent = "  ".repeat(depth);
    match value {
        Json::Object(fields)
            if fields.len() == 2 && fields.contains_key("amount") && fields.contains_key("currency") =>
        {
            let part = |key: &str| fields.get(key).and_then(Json::as_str).unwrap_or_default().to_owned();
            let _ = writeln!(out, "{indent}{name}: {} {}", part("amount"), part("currency"));
        }
        Json::Object(fields) if fields.is_empty() => {}
        Json::Object(fields) => {
            let _ = writeln!(out, "{indent}{name}");
            for (name, value) in fields.iter().take(MOST_LINES * 2) {
                plain(out, name, value, depth + 1);
            }
        }
        Json::Array(items) if items.iter().all(|it| !it.is_object() && !it.is_array()) => {
            let shown: Vec<_> = items.iter().take(MOST_LINES).map(scalar).collect();
            let more = if items.len() > MOST_LINES {
                format!(", … {} more", items.len() - MOST_LINES)
            } else {
                String::new()
            };
            let _ = writeln!(out, "{indent}{name}: {}{more}", shown.join(", "));
        }
        Json::Array(items) => {
            let _ = writeln!(out, "{indent}{name}");
            for (at, item) in items.iter().enumerate().take(MOST_LINES) {
                match item {
                    Json::Object(fields) if fields.values().all(|it| !it.is_object() && !it.is_array()) => {
                        let parts: Vec<_> = fields.iter().map(|(name, it)| format!("{name} {}", scalar(it))).collect();
                        let _ = writeln!(out, "{indent}  {}", parts.join(", "));
                    }
                    other => plain(out, &format!("{}.", at + 1), other, depth + 1),
                }
            }
            if items.len() > MOST_LINES {
                let _ = writeln!(out, "{indent}  … {} more", items.len() - MOST_LINES);
            }
        }
        scalar_value => {
            let _ = writeln!(out, "{indent}{name}: {}", scalar(scalar_value));
        }
    }
}

fn scalar(value: &Json) -> String {
    match value {
        Json::Null => "none".into(),
        Json::String(it) => it.clone(),
        other => other.to_string(),
    }
}
