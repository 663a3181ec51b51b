//! Bars in CSV files: as Yahoo, Stooq, `MetaTrader` and most others write them, told apart by their header.

use std::{fs::File, io::Read as _, path::Path};

use super::{
    cells,
    table::{Columns, Role, Table},
};
use crate::{market::BarRows, slice::Fault};

/// How many bad cells a message describes; the rest are counted.
const SHOWN: usize = 3;

/// Reads a file; cells are separated by what separates most in the header: comma, semicolon or tab.
///
/// # Errors
/// What keeps it from being read, and every cell that is no number or date, with its line and column.
pub(super) fn read(path: &Path, source: &str) -> Result<Table, Fault> {
    let mut text = Vec::new();
    let read = File::open(path).and_then(|mut it| it.read_to_end(&mut text));
    read.map_err(|error| Fault::input(format_args!("`{source}` cannot be read")).because(&error))?;
    let text = String::from_utf8(text)
        .map_err(|_| Fault::input(format_args!("`{source}` is no text in UTF-8; save it as CSV in UTF-8")))?;
    parse(&text, source)
}

/// Reads the text of a file.
pub(super) fn parse(text: &str, source: &str) -> Result<Table, Fault> {
    let first = text.lines().next().unwrap_or_default();
    let separator =
        [b',', b';', b'\t'].into_iter().max_by_key(|it| (bytes_of(first, *it), *it == b',')).unwrap_or(b',');
    let mut reader = csv::ReaderBuilder::new().delimiter(separator).flexible(true).from_reader(text.as_bytes());
    let broken = |error: csv::Error| Fault::input(format_args!("`{source}` is no CSV")).because(&error);
    let header: Vec<String> = reader.headers().map_err(broken)?.iter().map(str::to_owned).collect();
    let columns = Columns::find(source, &header)?;
    let mut table = Table::new();
    let mut bad = Vec::new();
    let mut record = csv::StringRecord::new();
    while reader.read_record(&mut record).map_err(broken)? {
        let line = record.position().map_or(0, csv::Position::line);
        if record.iter().all(str::is_empty) {
            continue;
        }
        let row = Row { record: &record, header: &header, columns: &columns, decimal_comma: separator != b',' };
        let into = |table: &mut Table| row.add(line, table);
        if let Err(problem) = into(&mut table) {
            bad.push(format!("line {line}{problem}"));
        }
    }
    if bad.is_empty() {
        return Ok(table);
    }
    let more = bad.len().saturating_sub(SHOWN);
    let more = if more > 0 { format!("; and {more} more") } else { String::new() };
    bad.truncate(SHOWN);
    let what = if bad.len() == 1 { "that line" } else { "those lines" };
    Err(Fault::input(format_args!("`{source}` {}{more}; correct or delete {what}", bad.join("; "))))
}

fn bytes_of(line: &str, byte: u8) -> usize {
    line.bytes().filter(|it| *it == byte).count()
}

struct Row<'a> {
    record: &'a csv::StringRecord,
    header: &'a [String],
    columns: &'a Columns,
    decimal_comma: bool,
}

impl Row<'_> {
    /// Adds the figures to those of its symbol, or says what is wrong with them.
    fn add(&self, line: u64, table: &mut Table) -> Result<(), String> {
        if self.record.len() < self.header.len() {
            return Err(format!(" has {} cells where the header has {}", self.record.len(), self.header.len()));
        }
        let time = cells::instant(self.cell(Role::Date).unwrap_or_default(), self.cell(Role::Time))
            .map_err(|problem| format!(", column `{}`: {problem}", self.title(Role::Date)))?;
        let open = self.number(Role::Open)?;
        let high = self.number(Role::High)?;
        let low = self.number(Role::Low)?;
        let close = self.number(Role::Close)?;
        let volume = self.optional(Role::Volume)?;
        let adjusted_close = self.optional(Role::AdjustedClose)?;
        let symbol = self.cell(Role::Symbol).map(str::to_owned);
        let rows: &mut BarRows = table.entry(symbol).or_default();
        rows.time.push(time);
        rows.open.push(open);
        rows.high.push(high);
        rows.low.push(low);
        rows.close.push(close);
        rows.volume.extend(volume);
        rows.adjusted_close.extend(adjusted_close);
        rows.row.push(line);
        Ok(())
    }

    fn cell(&self, role: Role) -> Option<&str> {
        self.record.get(self.columns.get(role)?).map(str::trim)
    }

    fn title(&self, role: Role) -> &str {
        self.columns.get(role).and_then(|it| self.header.get(it)).map_or("", |it| it.trim())
    }

    fn number(&self, role: Role) -> Result<f64, String> {
        let cell = self.cell(role).unwrap_or_default();
        let figure = cells::number(cell, self.decimal_comma);
        figure.ok_or_else(|| format!(", column `{}`: `{cell}` is no number", self.title(role)))
    }

    fn optional(&self, role: Role) -> Result<Option<f64>, String> {
        self.columns.get(role).map(|_| self.number(role)).transpose()
    }
}
