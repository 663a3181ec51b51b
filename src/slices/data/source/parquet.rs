//! Bars in Parquet files, read column by column.

use std::{
    collections::BTreeMap,
    fs::File,
    io::{self, BufReader, Read, Seek as _, SeekFrom},
    ops::Range,
    path::Path,
    sync::{Arc, Mutex, PoisonError},
};

use bytes::Bytes;

use parquet::{
    basic::{ConvertedType, LogicalType, TimeUnit},
    column::reader::{ColumnReader, ColumnReaderImpl},
    data_type::{ByteArray, DataType, FixedLenByteArray, Int96},
    errors::ParquetError,
    file::{
        metadata::{ColumnChunkMetaData, ParquetMetaData, RowGroupMetaData},
        reader::{ChunkReader, FileReader as _, Length, RowGroupReader, SerializedFileReader},
        statistics::Statistics,
    },
    schema::types::ColumnDescriptor,
};

use super::{
    column::{Column, Texts, by_symbol, nested, no_figures, rows},
    files::{Chunk, Format},
    table::{Columns, Layout, Role, Table},
    write::CALENDAR,
};
use crate::{
    market::{Calendar, DAY_SECONDS, spread_over},
    slice::Fault,
};

/// Parquet, as sources and file names call it.
pub(super) const FORMAT: Format =
    Format { name: "parquet", extensions: &["parquet", "pq"], row: "row", chunks, read: read_chunks };

/// A file that several threads read at places of their own.
struct Shared {
    file: Arc<Mutex<File>>,
    length: u64,
}

/// A place in such a file.
struct Place {
    file: Arc<Mutex<File>>,
    at: u64,
}

impl Read for Place {
    fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        file.seek(SeekFrom::Start(self.at))?;
        let count = file.read(to)?;
        self.at += count as u64;
        Ok(count)
    }
}

impl Length for Shared {
    fn len(&self) -> u64 {
        self.length
    }
}

impl ChunkReader for Shared {
    type T = BufReader<Place>;

    fn get_read(&self, start: u64) -> Result<Self::T, ParquetError> {
        Ok(BufReader::new(Place { file: self.file.clone(), at: start }))
    }

    fn get_bytes(&self, start: u64, length: usize) -> Result<Bytes, ParquetError> {
        // What a damaged file claims is not reserved before it is known to be there.
        if start.checked_add(length as u64).is_none_or(|end| end > self.length) {
            return Err(ParquetError::EOF(format!("{length} bytes at {start} of {}", self.length)));
        }
        let mut bytes = Vec::with_capacity(length);
        Place { file: self.file.clone(), at: start }.take(length as u64).read_to_end(&mut bytes)?;
        if bytes.len() < length {
            return Err(ParquetError::EOF(format!("the file ends {} bytes early", length - bytes.len())));
        }
        Ok(bytes.into())
    }
}

fn open(path: &Path, source: &str) -> Result<SerializedFileReader<Shared>, Fault> {
    let cannot = |error: io::Error| Fault::input(format_args!("`{source}` cannot be read")).because(&error);
    let file = File::open(path).map_err(cannot)?;
    let length = file.metadata().map_err(cannot)?.len();
    reader(Shared { file: Arc::new(Mutex::new(file)), length }, source)
}

fn reader<R: ChunkReader + 'static>(from: R, source: &str) -> Result<SerializedFileReader<R>, Fault> {
    SerializedFileReader::new(from)
        .map_err(|error| Fault::input(format_args!("`{source}` is no Parquet file")).because(&error))
}

fn columns(metadata: &ParquetMetaData, source: &str, layout: &Layout) -> Result<Columns, Fault> {
    let schema = metadata.file_metadata().schema_descr();
    let header: Vec<String> = schema.columns().iter().map(|it| it.path().string()).collect();
    Columns::find(source, &header, layout)
}

/// Tells what is in each row group by its statistics, so that those that are not wanted are not read.
fn chunks(path: &Path, source: &str, layout: &Layout) -> Result<Vec<Chunk>, Fault> {
    let reader = open(path, source)?;
    let columns = columns(reader.metadata(), source, layout)?;
    let chunk = |group: &RowGroupMetaData| {
        let of = |role| columns.get(role).map(|at| group.column(at));
        Chunk {
            symbols: of(Role::Symbol).and_then(text_range),
            days: of(Role::Date).filter(|_| columns.get(Role::Time).is_none()).and_then(time_range),
            names_symbols: columns.get(Role::Symbol).is_some(),
            adjusted: columns.get(Role::AdjustedClose).is_some(),
        }
    };
    Ok(reader.metadata().row_groups().iter().map(chunk).collect())
}

/// Returns how many rows a file has, and the seconds of its first and last bar.
pub(super) fn extent(path: &Path, source: &str) -> Result<(u64, Option<(i64, i64)>), Fault> {
    let groups = chunks(path, source, &Layout::default())?;
    let rows = open(path, source)?.metadata().file_metadata().num_rows();
    let widest = |a: (i64, i64), b: (i64, i64)| (a.0.min(b.0), a.1.max(b.1));
    Ok((u64::try_from(rows).unwrap_or(0), groups.iter().filter_map(|it| it.days).reduce(widest)))
}

/// Returns the calendar that a file says its bars are of.
pub(super) fn calendar(path: &Path, source: &str) -> Result<Calendar, Fault> {
    let reader = open(path, source)?;
    let mut pairs = reader.metadata().file_metadata().key_value_metadata().into_iter().flatten();
    let name = pairs.find(|it| it.key == CALENDAR).and_then(|it| it.value.clone());
    Ok(name.and_then(|it| Calendar::find(&it)).unwrap_or_default())
}

/// Reads row groups.
fn read_chunks(path: &Path, source: &str, layout: &Layout, groups: &[usize]) -> Result<Vec<Table>, Fault> {
    tables(&open(path, source)?, groups, source, layout)
}

/// Reads all of what has the form of a Parquet file.
pub(super) fn read<R: ChunkReader + 'static>(from: R, source: &str) -> Result<Table, Fault> {
    let reader = reader(from, source)?;
    let groups: Vec<usize> = (0..reader.metadata().num_row_groups()).collect();
    let mut all = Table::new();
    for (symbol, rows) in tables(&reader, &groups, source, &Layout::default())?.into_iter().flatten() {
        all.entry(symbol).or_default().extend(rows);
    }
    Ok(all)
}

/// Reads row groups: every column of each by itself.
fn tables<R: ChunkReader + 'static>(
    reader: &SerializedFileReader<R>,
    groups: &[usize],
    source: &str,
    layout: &Layout,
) -> Result<Vec<Table>, Fault> {
    let columns = columns(reader.metadata(), source, layout)?;
    let all = reader.metadata().row_groups();
    let only = |group: usize| {
        let (at, group) = (columns.get(Role::Symbol)?, all.get(group)?);
        only_text(group.column(at))
    };
    let symbols: Vec<Option<String>> = groups.iter().map(|it| only(*it)).collect();
    let mut wanted = Vec::new();
    for (group, symbol) in groups.iter().zip(&symbols) {
        let needed = columns.all().filter(|it| symbol.is_none() || it.0 != Role::Symbol);
        wanted.extend(needed.map(|(role, at)| (*group, role, at)));
    }
    let broken = |error: ParquetError| Fault::input(format_args!("`{source}` is damaged")).because(&error);
    let read = |(group, role, at): &(usize, Role, usize)| {
        let column = reader.get_row_group(*group).map_err(broken).and_then(|it| column(&*it, *at, source));
        column.map(|it| ((*group, *role), it))
    };
    let read = |range: Range<usize>| wanted.get(range).unwrap_or_default().iter().map(read).collect();
    let rows_of = |it: &usize| all.get(*it).and_then(|it| usize::try_from(it.num_rows()).ok()).unwrap_or(0);
    let read: Vec<Result<_, Fault>> = spread_over(groups.iter().map(rows_of).sum(), wanted.len(), &read);
    let mut read: BTreeMap<(usize, Role), Column> = read.into_iter().collect::<Result<_, _>>()?;
    let mut tables = Vec::with_capacity(groups.len());
    for (group, symbol) in groups.iter().zip(symbols) {
        let before = (0..*group).map(|it| rows_of(&it) as u64).sum();
        let rows = rows(before, source, layout, |role| Ok(read.remove(&(*group, role))))?;
        tables.push(match read.remove(&(*group, Role::Symbol)) {
            Some(symbols) => by_symbol(rows, symbols, source)?,
            None => Table::from([(symbol, vec![rows])]),
        });
    }
    Ok(tables)
}

/// Returns the text that all rows of a column have, where the statistics say so: then it need not be read.
fn only_text(column: &ColumnChunkMetaData) -> Option<String> {
    let exact = |it: &Statistics| it.null_count_opt() == Some(0) && it.min_is_exact() && it.max_is_exact();
    column.statistics().filter(|it| exact(it))?;
    let (first, last) = text_range(column)?;
    (first == last && !first.is_empty()).then_some(last)
}

/// Returns the least and the greatest text of a column, or what bounds them, where its statistics tell.
fn text_range(column: &ColumnChunkMetaData) -> Option<(String, String)> {
    match column.statistics()? {
        Statistics::ByteArray(it) => {
            let text = |it: &ByteArray| it.as_utf8().ok().map(str::to_owned);
            Some((text(it.min_opt()?)?, text(it.max_opt()?)?))
        }
        _ => None,
    }
}

/// Returns the first and the last second of a column, where its statistics tell.
fn time_range(column: &ColumnChunkMetaData) -> Option<(i64, i64)> {
    let unit = time_unit(column.column_descr())?;
    match column.statistics()? {
        Statistics::Int32(it) => {
            Some((i64::from(*it.min_opt()?) * DAY_SECONDS, i64::from(*it.max_opt()?) * DAY_SECONDS))
        }
        Statistics::Int64(it) => Some((it.min_opt()?.div_euclid(unit), it.max_opt()?.div_euclid(unit))),
        _ => None,
    }
}

/// Reads one column of a row group.
fn column(group: &dyn RowGroupReader, at: usize, source: &str) -> Result<Column, Fault> {
    let name = group.metadata().column(at).column_path().string();
    let broken =
        |error: ParquetError| Fault::input(format_args!("column `{name}` of `{source}` is damaged")).because(&error);
    let kind = group.metadata().column(at).column_descr_ptr();
    let rows = usize::try_from(group.metadata().num_rows()).unwrap_or(0);
    if kind.max_rep_level() > 0 || kind.max_def_level() > 1 {
        return Err(nested(&name, source));
    }
    let scale = 10_f64.powi(decimal_scale(&kind).unwrap_or(0));
    let unit = time_unit(&kind);
    let reader = group.get_column_reader(at).map_err(broken)?;
    let figures = |it: Vec<f64>| Column::Figures(it);
    let times = |(times, missing)| Column::Times(times, missing);
    Ok(match reader {
        ColumnReader::Int32ColumnReader(it) => match unit {
            Some(_) => mapped(it, rows, 0, |it| i64::from(it) * DAY_SECONDS).map(times),
            None => mapped(it, rows, f64::NAN, |it| f64::from(it) / scale).map(|it| figures(it.0)),
        },
        ColumnReader::Int64ColumnReader(it) => match unit {
            // A divisor that is known is a product.
            Some(1_000) => mapped(it, rows, 0, |it| it.div_euclid(1_000)).map(times),
            Some(1_000_000) => mapped(it, rows, 0, |it| it.div_euclid(1_000_000)).map(times),
            Some(unit) => mapped(it, rows, 0, |it| it.div_euclid(unit)).map(times),
            None => mapped(it, rows, f64::NAN, |it| it as f64 / scale).map(|it| figures(it.0)),
        },
        ColumnReader::Int96ColumnReader(it) => mapped(it, rows, 0, |it: Int96| it.to_seconds()).map(times),
        ColumnReader::FloatColumnReader(it) => mapped(it, rows, f64::NAN, f64::from).map(|it| figures(it.0)),
        ColumnReader::DoubleColumnReader(it) => mapped(it, rows, f64::NAN, |it| it).map(|it| figures(it.0)),
        ColumnReader::ByteArrayColumnReader(it) => mapped(it, rows, ByteArray::from(""), |it| it).map(|(found, _)| {
            let mut texts = Texts::with_room(found.len());
            found.iter().for_each(|it| texts.push(it.data()));
            Column::Texts(texts)
        }),
        ColumnReader::FixedLenByteArrayColumnReader(it) if decimal_scale(&kind).is_some() => {
            let figure = |it: FixedLenByteArray| big_endian(it.data()).map_or(f64::NAN, |it| it / scale);
            mapped(it, rows, f64::NAN, figure).map(|it| figures(it.0))
        }
        _ => return Err(no_figures(&name, source)),
    }
    .map_err(broken)?)
}

/// Reads all values of a column, and tells the first row that has none; `none` stands there.
fn mapped<T: DataType, V: Clone>(
    mut reader: ColumnReaderImpl<T>,
    rows: usize,
    none: V,
    value: impl Fn(T::T) -> V,
) -> Result<(Vec<V>, Option<usize>), ParquetError> {
    let (mut levels, mut found) = (Vec::new(), Vec::with_capacity(rows));
    loop {
        let (records, ..) = reader.read_records(rows.max(1), Some(&mut levels), None, &mut found)?;
        if records == 0 {
            break;
        }
    }
    if levels.len() <= found.len() {
        return Ok((found.into_iter().map(value).collect(), None));
    }
    let missing = levels.iter().position(|it| *it == 0);
    let mut found = found.into_iter();
    let next = |level: i16| if level > 0 { found.next().map(&value) } else { None };
    Ok((levels.into_iter().map(next).map(|it| it.unwrap_or_else(|| none.clone())).collect(), missing))
}

fn decimal_scale(kind: &ColumnDescriptor) -> Option<i32> {
    let decimal = matches!(kind.logical_type_ref(), Some(LogicalType::Decimal(_)));
    (decimal || kind.converted_type() == ConvertedType::DECIMAL).then(|| kind.type_scale())
}

/// Returns how many of a column's units are a second, where it holds days (then it is one) or instants.
fn time_unit(kind: &ColumnDescriptor) -> Option<i64> {
    match (kind.logical_type_ref(), kind.converted_type()) {
        (Some(LogicalType::Date), _) | (_, ConvertedType::DATE) => Some(1),
        (Some(LogicalType::Timestamp(it)), _) => Some(match it.unit {
            TimeUnit::MILLIS => 1_000,
            TimeUnit::MICROS => 1_000_000,
            TimeUnit::NANOS => 1_000_000_000,
        }),
        (_, ConvertedType::TIMESTAMP_MILLIS) => Some(1_000),
        (_, ConvertedType::TIMESTAMP_MICROS) => Some(1_000_000),
        _ => None,
    }
}

/// Reads a whole number of at most 16 bytes, the highest byte first.
fn big_endian(bytes: &[u8]) -> Option<f64> {
    let first = *bytes.first()?;
    let sign = if first & 0x80 == 0 { 0 } else { -1 };
    (bytes.len() <= 16).then(|| bytes.iter().fold(sign, |sum: i128, byte| (sum << 8) | i128::from(*byte)) as f64)
}
