//! What a run gives, for people: reports as a table, everything else as names and values.

use std::fmt::Write as _;

use serde_json::Value as Json;

use super::figures::{figure, inline, money};
use crate::{
    market::{BacktestReport, Event, Happening, MEASURES},
    value::{Detail, Name, Value},
};

/// How many lines a list is shown in at most.
const MOST_LINES: usize = 12;

/// How many reports are told side by side at most.
const MOST_COLUMNS: usize = 6;

/// How wide a table of reports may be.
const WIDTH: usize = 120;

/// Returns the outputs as text: every backtest report in one table, where everything is wanted all their metrics in
/// another, then the rest.
pub fn text(outputs: &[(Name, Value)], all: bool) -> String {
    let mut out = String::new();
    let reports: Vec<_> = outputs.iter().flat_map(|(_, value)| reports(value)).collect();
    if !reports.is_empty() {
        out.push_str(&report_table(&reports));
        if all {
            let _ = write!(out, "\n{}", metric_table(&reports));
        }
    }
    for (name, value) in outputs.iter().filter(|(_, value)| !is_reports(value)) {
        let mut json = without_reports(value).to_json(Detail::Summary);
        // The table has said it already.
        if let Some(fields) = json.as_object_mut().filter(|_| !reports.is_empty()) {
            fields.shift_remove("reports");
        }
        if !out.is_empty() {
            out.push('\n');
        }
        plain(&mut out, name, &json, 0);
    }
    out
}

/// Returns how the trades of these numbers, from 1 on, came about in each backtest.
pub fn walks(outputs: &[(Name, Value)], trades: &[u32]) -> String {
    let mut out = String::new();
    for report in outputs.iter().flat_map(|(_, value)| reports(value)) {
        for number in trades {
            let at = (*number as usize).saturating_sub(1);
            let of = report.trades.len();
            let symbols: Vec<_> = report.symbols.iter().map(|it| it.as_str()).collect();
            let Some(trade) = report.trades.get(at) else {
                let _ = writeln!(out, "\n{}: there is no trade {number} among {of} closed ones", symbols.join(" "));
                continue;
            };
            let (side, symbol) = (trade.side, &trade.symbol);
            let _ = writeln!(out, "\ntrade {number} of {of}: {side} {symbol}");
            for (title, text) in report.walk(at) {
                let _ = writeln!(out, "  {title:<10} {text}");
            }
        }
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

/// Says whether a value is nothing but reports, so that the table says it all. What a failed symbol gives, an empty record,
/// is as little to be shown.
fn is_reports(value: &Value) -> bool {
    match value {
        Value::Domain(it) => it.name() == "BacktestReport",
        Value::List(items) => !items.is_empty() && items.iter().all(is_reports),
        Value::Record(fields) => fields.iter().all(|(_, it)| is_reports(it)),
        _ => false,
    }
}

/// Returns a value without the reports among its fields, which the table has said already.
fn without_reports(value: &Value) -> Value {
    let Value::Record(fields) = value else { return value.clone() };
    let others = fields.iter().filter(|(_, it)| reports(it).is_empty() || !is_reports(it));
    Value::Record(others.map(|(name, it)| (name.clone(), without_reports(it))).collect())
}

const COLUMNS: &[(&str, &str)] = &[
    ("return", "total_return"),
    ("CAGR", "cagr"),
    ("Sharpe", "sharpe"),
    ("drawdown", "max_drawdown"),
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
        let (closed, open) = (report.trades.len(), report.open.len());
        let mut row = vec![
            cut(&symbols.join(" "), 20),
            report.strategy.clone(),
            report.start.to_string(),
            report.end.to_string(),
            if open == 0 { closed.to_string() } else { format!("{closed}+{open}") },
        ];
        row.extend(COLUMNS.iter().map(|(_, name)| {
            let value = report.measured(name).map_or(Value::None, |it| it.value());
            figure(&value)
        }));
        row.push(money(report.final_equity.amount, &report.final_equity.currency.to_string()));
        rows.push(row);
    }
    let others: usize = widths(&rows).iter().enumerate().map(|(at, it)| if at == 1 { 2 } else { it + 2 }).sum();
    let left = WIDTH.saturating_sub(others.saturating_sub(2)).max("strategy".len());
    rows.iter_mut().filter_map(|it| it.get_mut(1)).for_each(|it| *it = cut(it, left));
    let mut out = table(&rows);
    if let Some(report) = reports.iter().find(|it| !it.open.is_empty()) {
        let (closed, open) = (report.trades.len(), report.open.len());
        let _ = writeln!(out, "(trades {closed}+{open}: {closed} closed, {open} still open at the end)");
    }
    for report in reports.iter().take(MOST_COLUMNS) {
        let ends = |it: &&Event| matches!(it.what, Happening::Halted | Happening::Flattened);
        if let Some(event) = report.events.iter().find(ends) {
            let symbols: Vec<_> = report.symbols.iter().map(|it| it.as_str()).collect();
            let _ = writeln!(out, "({}: a limit ended all trading: {})", cut(&symbols.join(" "), 20), event.message);
        }
    }
    out
}

/// Returns every metric of the first reports, a column for each.
fn metric_table(reports: &[BacktestReport]) -> String {
    let shown = reports.get(..MOST_COLUMNS.min(reports.len())).unwrap_or_default();
    let mut rows = vec![vec!["about".to_owned(), "metric".to_owned()]];
    if let Some(head) = rows.first_mut() {
        head.extend(shown.iter().map(|it| {
            let symbols: Vec<_> = it.symbols.iter().map(|it| it.as_str()).collect();
            cut(&symbols.join(" "), 16)
        }));
    }
    for measure in MEASURES {
        let value = |it: &BacktestReport| it.measured(measure.name).map_or(Value::None, |it| it.value());
        let mut row = vec![measure.group.name().to_owned(), measure.name.to_owned()];
        row.extend(shown.iter().map(|it| figure(&value(it))));
        rows.push(row);
    }
    let mut out = table(&rows);
    if reports.len() > shown.len() {
        let _ = writeln!(out, "… {} more in `--format json`", reports.len() - shown.len());
    }
    out
}

/// Returns a text of at most so many letters.
fn cut(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    let head: String = text.chars().take(most.saturating_sub(1)).collect();
    format!("{}…", head.trim_end())
}

fn widths(rows: &[Vec<String>]) -> Vec<usize> {
    let count = rows.iter().map(Vec::len).max().unwrap_or(0);
    let width = |at: usize| rows.iter().filter_map(|it| it.get(at)).map(|it| it.chars().count()).max().unwrap_or(0);
    (0..count).map(width).collect()
}

/// Returns rows as columns: the first two to the left, as text is, the others to the right, as numbers are.
pub fn table(rows: &[Vec<String>]) -> String {
    let widths = widths(rows);
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

/// Writes a value as names and values, indented; what fits on a line stands on one, lists of records are tables, and long
/// ones are cut and counted.
fn plain(out: &mut String, name: &str, value: &Json, depth: usize) {
    let indent = "  ".repeat(depth);
    if let Some(line) = in_short(value).or_else(|| inline(name, value)) {
        let _ = writeln!(out, "{indent}{name}: {line}");
        return;
    }
    let _ = writeln!(out, "{indent}{name}");
    match value {
        Json::Object(fields) => {
            let known = fields.iter().filter(|(_, it)| !it.is_null());
            known.for_each(|(name, it)| plain(out, name, it, depth + 1));
        }
        Json::Array(items) => {
            match rows(items) {
                Some(mut rows) => {
                    let others = fitted(&mut rows, WIDTH.saturating_sub(2 * depth));
                    table(&rows).lines().for_each(|it| {
                        let _ = writeln!(out, "{indent}  {it}");
                    });
                    if !others.is_empty() {
                        let _ = writeln!(out, "{indent}  (and {}: `--format json`)", others.join(", "));
                    }
                }
                None => {
                    for (at, item) in items.iter().enumerate().take(MOST_LINES) {
                        plain(out, &format!("{}.", at + 1), item, depth + 1);
                    }
                }
            }
            if items.len() > MOST_LINES {
                let _ = writeln!(out, "{indent}  … {} more", items.len() - MOST_LINES);
            }
        }
        _ => {}
    }
}

/// Returns what one line of a ranking says: which symbols, and how they did.
fn in_short(value: &Json) -> Option<String> {
    let symbols = inline("symbols", value.get("symbols")?)?;
    Some(format!("{symbols}, {}", inline("total_return", value.get("total_return")?)?))
}

/// Returns the first records of a list as rows under their names, without what none of them has; nothing where one holds more
/// than a row can say.
fn rows(items: &[Json]) -> Option<Vec<Vec<String>>> {
    let fields = items.first()?.as_object()?;
    let has = |name: &&String| items.iter().any(|it| it.get(*name).is_some_and(|it| !it.is_null()));
    let names: Vec<&String> = fields.keys().filter(has).collect();
    let mut rows = vec![names.iter().map(|it| it.replace('_', " ")).collect::<Vec<_>>()];
    for item in items.iter().take(MOST_LINES) {
        let own = item.as_object().filter(|it| it.len() == fields.len())?;
        rows.push(names.iter().map(|name| inline(name, own.get(*name)?)).collect::<Option<_>>()?);
    }
    (rows.iter().all(|it| it.len() > 1)).then_some(rows)
}

/// Cuts rows to the columns that a line has room for, and returns the names of the others.
fn fitted(rows: &mut [Vec<String>], room: usize) -> Vec<String> {
    let mut end = 0;
    let mut fits = |width: &usize| {
        end += width + 2;
        end <= room + 2
    };
    let kept = widths(rows).iter().map_while(|it| fits(it).then_some(())).count().max(2);
    let mut others = Vec::new();
    for row in rows {
        let cut = row.split_off(kept.min(row.len()));
        if others.is_empty() {
            others = cut;
        }
    }
    others
}
