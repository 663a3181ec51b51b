//! Bars in CSV files: as Yahoo, Stooq, `MetaTrader` and most others write them, told apart by their header.

use std::{fs, path::Path};

use super::{
    cells::{self, Dates},
    files::{Chunk, Format},
    table::{Columns, Layout, Role, Table},
};
use crate::{market::BarRows, slice::Fault};

/// CSV, as sources and file names call it.
pub(super) const FORMAT: Format =
    Format { name: "csv", extensions: &["csv", "txt", "tsv"], row: "line", chunks, read: read_chunks };

/// How many bad cells a message describes; the rest are counted.
const SHOWN: usize = 3;
/// How many bytes of a file tell what its columns are.
const HEAD: u64 = 64 * 1024;

/// A file of text is read as one.
fn chunks(path: &Path, source: &str, layout: &Layout) -> Result<Vec<Chunk>, Fault> {
    use std::io::Read as _;
    let mut head = Vec::new();
    let read = fs::File::open(path).and_then(|it| it.take(HEAD).read_to_end(&mut head));
    read.map_err(|error| Fault::input(format_args!("`{source}` cannot be read")).because(&error))?;
    let columns = Sheet::open(&head, source, layout)?.columns;
    let has = |role| columns.get(role).is_some();
    Ok(vec![Chunk { symbols: None, days: None, names_symbols: has(Role::Symbol), adjusted: has(Role::AdjustedClose) }])
}

fn read_chunks(path: &Path, source: &str, layout: &Layout, _: &[usize]) -> Result<Vec<Table>, Fault> {
    let text =
        fs::read(path).map_err(|error| Fault::input(format_args!("`{source}` cannot be read")).because(&error))?;
    parse(&text, source, layout).map(|it| vec![it])
}

/// Reads the text of a file; cells are separated by what separates most in the header: comma, semicolon or tab.
///
/// # Errors
/// Columns that are missing, and every cell that is no number or date, with its line and column.
pub(super) fn parse(text: &[u8], source: &str, layout: &Layout) -> Result<Table, Fault> {
    let Sheet { mut reader, header, columns } = Sheet::open(text, source, layout)?;
    let mut rows = Rows { header: &header, dates: Dates::new(layout), table: Vec::new(), current: 0, columns };
    let mut bad = Vec::new();
    let mut record = csv::ByteRecord::new();
    while reader.read_byte_record(&mut record).map_err(|error| broken(source, &error))? {
        let line = record.position().map_or(0, csv::Position::line);
        if let Err(problem) = rows.add(&record, line) {
            bad.push(format!("line {line}{problem}"));
        }
    }
    if bad.is_empty() {
        return Ok(rows.table.into_iter().collect());
    }
    let more = bad.len().saturating_sub(SHOWN);
    let more = if more > 0 { format!("; and {more} more") } else { String::new() };
    bad.truncate(SHOWN);
    let what = if bad.len() == 1 { "that line" } else { "those lines" };
    Err(Fault::input(format_args!("`{source}` {}{more}; correct or delete {what}", bad.join("; "))))
}

fn broken(source: &str, error: &csv::Error) -> Fault {
    Fault::input(format_args!("`{source}` is no CSV")).because(error)
}

/// A text whose header has been read.
struct Sheet<'a> {
    reader: csv::Reader<&'a [u8]>,
    header: Vec<String>,
    columns: Columns,
}

impl<'a> Sheet<'a> {
    fn open(text: &'a [u8], source: &str, layout: &Layout) -> Result<Self, Fault> {
        let first = text.split(|it| *it == b'\n').next().unwrap_or_default();
        if std::str::from_utf8(first).is_err() {
            return Err(Fault::input(format_args!("`{source}` is no text in UTF-8; save it as CSV in UTF-8")));
        }
        let count = |byte: u8| first.split(|it| *it == byte).count();
        let separator = [b',', b';', b'\t'].into_iter().max_by_key(|it| (count(*it), *it == b',')).unwrap_or(b',');
        let mut reader = csv::ReaderBuilder::new().delimiter(separator).flexible(true).from_reader(text);
        let header: Vec<String> =
            reader.headers().map_err(|error| broken(source, &error))?.iter().map(str::to_owned).collect();
        let columns = Columns::find(source, &header, layout)?;
        Ok(Self { reader, header, columns })
    }
}

/// The rows that have been read.
struct Rows<'a> {
    columns: Columns,
    header: &'a [String],
    dates: Dates,
    /// What was read of each symbol, in the order of their first rows.
    table: Vec<(Option<String>, BarRows)>,
    /// Where the symbol of the last row is: most rows are of the same.
    current: usize,
}

impl Rows<'_> {
    /// Adds the figures of a row to those of its symbol, or says what is wrong with them.
    fn add(&mut self, record: &csv::ByteRecord, line: u64) -> Result<(), String> {
        if record.len() < self.header.len() {
            if record.iter().all(<[u8]>::is_empty) {
                return Ok(());
            }
            return Err(format!(" has {} cells where the header has {}", record.len(), self.header.len()));
        }
        let cell = |role| self.columns.get(role).and_then(|at| record.get(at)).map(<[u8]>::trim_ascii);
        let title = |role| self.columns.get(role).and_then(|it| self.header.get(it)).map_or("", |it| it.trim());
        let said = |role| String::from_utf8_lossy(cell(role).unwrap_or_default());
        let number = |role| {
            cells::number(cell(role).unwrap_or_default())
                .map_err(|problem| format!(", column `{}`: `{}` {problem}", title(role), said(role)))
        };
        let optional = |role| self.columns.get(role).map(|_| number(role)).transpose();
        let (date, time) = (cell(Role::Date).unwrap_or_default(), cell(Role::Time));
        if date.is_empty() && record.iter().all(<[u8]>::is_empty) {
            return Ok(());
        }
        let time =
            self.dates.instant(date, time).map_err(|problem| format!(", column `{}`: {problem}", title(Role::Date)))?;
        let open = number(Role::Open)?;
        let high = number(Role::High)?;
        let low = number(Role::Low)?;
        let close = number(Role::Close)?;
        let volume = optional(Role::Volume)?;
        let adjusted_close = optional(Role::AdjustedClose)?;
        let rows = of_symbol(&mut self.table, &mut self.current, cell(Role::Symbol));
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
}

/// Returns the rows of a symbol, which is mostly that of the row before.
fn of_symbol<'a>(
    table: &'a mut Vec<(Option<String>, BarRows)>,
    current: &mut usize,
    symbol: Option<&[u8]>,
) -> &'a mut BarRows {
    let is_it = |it: &(Option<String>, BarRows)| it.0.as_deref().map(str::as_bytes) == symbol;
    if !table.get(*current).is_some_and(is_it) {
        *current = table.iter().position(is_it).unwrap_or_else(|| {
            table.push((symbol.map(|it| String::from_utf8_lossy(it).into_owned()), BarRows::default()));
            table.len() - 1
        });
    }
    #[expect(clippy::indexing_slicing, reason = "the place was just found or made")]
    &mut table[*current].1
}
