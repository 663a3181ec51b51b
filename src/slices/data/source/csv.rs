//! Bars in CSV files: as Yahoo, Stooq, `MetaTrader` and most others write them, told apart by their header.

use std::{fs, ops::Range, path::Path};

use memchr::{memchr, memchr_iter};

use super::{
    cells::{self, Dates},
    files::{Chunk, Format},
    table::{Columns, Layout, Role, Table},
};
use crate::{
    market::{BarRows, spread},
    slice::Fault,
};

/// CSV, as sources and file names call it.
pub(super) const FORMAT: Format =
    Format { name: "csv", extensions: &["csv", "txt", "tsv"], row: "line", chunks, read: read_chunks };

/// How many bad cells a message describes; the rest are counted.
const SHOWN: usize = 3;
/// How many bytes are worth a thread of their own.
const PIECE: usize = 1 << 20;
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
    let sheet = Sheet::open(text, source, layout)?;
    let parts = match sheet.lines(text) {
        Some((body, line)) => {
            let parts = pieces(body, line);
            let read = |(part, line): &(&[u8], u64)| sheet.read_lines(part, *line, layout);
            let read = |range: Range<usize>| parts.get(range).unwrap_or_default().iter().map(read).collect();
            spread(parts.len(), &read)
        }
        None => vec![sheet.read_records(source, layout)?],
    };
    let mut bad: Vec<String> = Vec::new();
    let mut table = Table::new();
    for (rows, problems) in parts {
        bad.extend(problems);
        for (symbol, rows) in rows {
            table.entry(symbol).or_default().push(rows);
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

/// Parts lines into pieces of whole lines that are read side by side, each with the number of its first line.
fn pieces(body: &[u8], line: u64) -> Vec<(&[u8], u64)> {
    let (mut pieces, mut rest, mut line) = (Vec::new(), body, line);
    while rest.len() > PIECE {
        let (_, after) = rest.split_at(PIECE);
        let Some(end) = memchr(b'\n', after) else { break };
        let (piece, after) = rest.split_at(PIECE + end + 1);
        pieces.push((piece, line));
        line += memchr_iter(b'\n', piece).count() as u64;
        rest = after;
    }
    pieces.push((rest, line));
    pieces
}

fn broken(source: &str, error: &csv::Error) -> Fault {
    Fault::input(format_args!("`{source}` is no CSV")).because(error)
}

/// A text whose header has been read.
struct Sheet<'a> {
    reader: csv::Reader<&'a [u8]>,
    separator: u8,
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
        Ok(Self { reader, separator, header, columns })
    }

    /// Returns what follows the header and the number of its first line, where every line of it is a row: nothing is quoted,
    /// and lines end as they mostly do.
    fn lines(&self, text: &'a [u8]) -> Option<(&'a [u8], u64)> {
        let start = memchr(b'\n', text).map_or(text.len(), |it| it + 1);
        let (head, body) = text.split_at_checked(start)?;
        let ended = |at: usize| text.get(at + 1) == Some(&b'\n');
        let is_plain = memchr(b'"', text).is_none() && memchr_iter(b'\r', text).all(ended);
        (is_plain && !head.trim_ascii().is_empty()).then_some((body, 2))
    }

    /// Returns what each column of a line is; none where one is two things at once.
    fn plan(&self) -> Option<Vec<Cell>> {
        let mut plan = vec![Cell::Other; self.header.len()];
        for (role, at) in self.columns.all() {
            let cell = plan.get_mut(at).filter(|it| **it == Cell::Other)?;
            *cell = match role {
                Role::Date => Cell::Date,
                Role::Time => Cell::Time,
                Role::Symbol => Cell::Symbol,
                Role::Open => Cell::Figure(0),
                Role::High => Cell::Figure(1),
                Role::Low => Cell::Figure(2),
                Role::Close => Cell::Figure(3),
                Role::Volume => Cell::Figure(4),
                Role::AdjustedClose => Cell::Figure(5),
            };
        }
        Some(plan)
    }

    fn rows(&self, layout: &Layout) -> Rows<'_> {
        let has = |role| self.columns.get(role).is_some();
        Rows {
            header: &self.header,
            columns: &self.columns,
            volume: has(Role::Volume),
            adjusted: has(Role::AdjustedClose),
            dates: Dates::new(layout),
            table: Vec::new(),
            current: 0,
        }
    }

    /// Reads lines, of which the first has this number.
    fn read_lines(&self, text: &[u8], first: u64, layout: &Layout) -> Parsed {
        let (mut rows, plan, mut bad) = (self.rows(layout), self.plan(), Vec::new());
        let mut rest = text;
        let mut number = first;
        while !rest.is_empty() {
            let (line, after) = rest.split_at(memchr(b'\n', rest).unwrap_or(rest.len()));
            let line = line.strip_suffix(b"\r").unwrap_or(line);
            let read = plan.as_ref().and_then(|plan| rows.take(plan, line, self.separator, number, text.len()));
            if read.is_none() && !line.is_empty() {
                let record: csv::ByteRecord = line.split(|it| *it == self.separator).collect();
                if let Err(problem) = rows.add(&record, number) {
                    bad.push(format!("line {number}{problem}"));
                }
            }
            rest = after.get(1..).unwrap_or_default();
            number += 1;
        }
        (rows.table, bad)
    }

    /// Reads records, whatever is quoted in them.
    fn read_records(mut self, source: &str, layout: &Layout) -> Result<Parsed, Fault> {
        let mut reader = std::mem::replace(&mut self.reader, csv::Reader::from_reader(&[]));
        let (mut rows, mut bad) = (self.rows(layout), Vec::new());
        let mut record = csv::ByteRecord::new();
        while reader.read_byte_record(&mut record).map_err(|error| broken(source, &error))? {
            let line = record.position().map_or(0, csv::Position::line);
            if let Err(problem) = rows.add(&record, line) {
                bad.push(format!("line {line}{problem}"));
            }
        }
        Ok((rows.table, bad))
    }
}

/// The rows of each symbol in the order of their first ones, and what is wrong with others.
type Parsed = (Vec<(Option<String>, BarRows)>, Vec<String>);

/// What a cell of a line is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Cell {
    Other,
    Date,
    Time,
    Symbol,
    /// Open, high, low, close, volume, adjusted close.
    Figure(usize),
}

/// The rows that have been read.
struct Rows<'a> {
    columns: &'a Columns,
    header: &'a [String],
    /// Whether there are volumes and adjusted closes.
    volume: bool,
    adjusted: bool,
    dates: Dates,
    /// What was read of each symbol, in the order of their first rows.
    table: Vec<(Option<String>, BarRows)>,
    /// Where the symbol of the last row is: most rows are of the same.
    current: usize,
}

impl Rows<'_> {
    /// Takes a line in which nothing is wrong; none where something is, or may be. `left` is how many bytes may follow.
    fn take(&mut self, plan: &[Cell], line: &[u8], separator: u8, number: u64, left: usize) -> Option<()> {
        let (mut date, mut time, mut symbol) = (&[][..], None, None);
        let mut figures = [f64::NAN; 6];
        let mut rest = Some(line);
        for cell in plan {
            let from = rest?;
            let figure = if matches!(cell, Cell::Figure(_)) { cells::figure_until(from, separator) } else { None };
            let end = figure.map(|it| it.1).or_else(|| memchr(separator, from)).unwrap_or(from.len());
            let text = from.get(..end)?.trim_ascii();
            match cell {
                Cell::Figure(at) => {
                    *figures.get_mut(*at)? = figure.map_or_else(|| cells::number(text), |it| Ok(it.0)).ok()?;
                }
                Cell::Date => date = text,
                Cell::Time => time = Some(text),
                Cell::Symbol => symbol = Some(text),
                Cell::Other => {}
            }
            rest = from.get(end + 1..);
        }
        let time = self.dates.instant(date, time).ok()?;
        let rows = of_symbol(&mut self.table, &mut self.current, symbol);
        if rows.time.is_empty() && symbol.is_none() {
            rows.reserve(left / line.len().max(1) + 1);
        }
        let [open, high, low, close, volume, adjusted_close] = figures;
        rows.time.push(time);
        rows.open.push(open);
        rows.high.push(high);
        rows.low.push(low);
        rows.close.push(close);
        if self.volume {
            rows.volume.push(volume);
        }
        if self.adjusted {
            rows.adjusted_close.push(adjusted_close);
        }
        rows.row.push(number);
        Some(())
    }

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

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail loudly")]
    use proptest::prelude::*;

    use super::*;

    fn cell() -> impl Strategy<Value = String> {
        prop_oneof![
            6 => "[0-9]{1,4}\\.[0-9]{1,4}",
            2 => "(2020-01-[0-3][0-9]( 09:[0-9]{2})?|2020[01][0-9]{3}|09:30)",
            1 => "(|-|null| 1\\.5 |-3|1e3|1,5|12x|é|\\$5|AA|BB)",
        ]
    }

    proptest! {
        /// Line by line and in pieces a text says what its records say: the same rows, or the same mistakes.
        #[test]
        fn lines_say_what_records_say(
            rows in prop::collection::vec(prop::collection::vec(cell(), 6..9), 0..12),
            header in prop::sample::select(&["date,open,high,low,close,volume", "date;time;open;high;low;close;symbol"][..]),
        ) {
            let separator = if header.contains(';') { ";" } else { "," };
            let lines: Vec<String> = rows.iter().map(|it| it.join(separator)).collect();
            let text = format!("{header}\n{}\n", lines.join("\n"));
            let layout = Layout::default();
            let sheet = Sheet::open(text.as_bytes(), "x.csv", &layout).unwrap();
            let (body, first) = sheet.lines(text.as_bytes()).unwrap();
            let by_lines = sheet.read_lines(body, first, &layout);
            let by_records = Sheet::open(text.as_bytes(), "x.csv", &layout).unwrap().read_records("x.csv", &layout).unwrap();
            prop_assert_eq!(format!("{by_lines:?}"), format!("{by_records:?}"));
        }
    }

    #[test]
    fn pieces_are_whole_lines_with_their_numbers() {
        let body: String = (0..120_000).map(|it| format!("2020-01-02,{it},1,1,1,1\n")).collect();
        let pieces = pieces(body.as_bytes(), 2);
        assert!(pieces.len() > 2);
        let mut line = 2;
        for (piece, first) in &pieces {
            assert_eq!((*first, piece.last()), (line, Some(&b'\n')));
            line += piece.split(|it| *it == b'\n').count() as u64 - 1;
        }
        assert_eq!(pieces.iter().map(|it| it.0.len()).sum::<usize>(), body.len());
    }
}
