//! Bars in Parquet files, read column by column.

use std::{collections::HashMap, fs::File, path::Path};

use parquet::{
    basic::{ConvertedType, LogicalType, TimeUnit},
    column::reader::{ColumnReader, ColumnReaderImpl},
    data_type::{ByteArray, DataType, FixedLenByteArray, Int96},
    errors::ParquetError,
    file::{
        metadata::{ColumnChunkMetaData, ParquetMetaData, RowGroupMetaData},
        reader::{ChunkReader, FileReader as _, RowGroupReader, SerializedFileReader},
        statistics::Statistics,
    },
    schema::types::ColumnDescriptor,
};

use super::{
    cells::{self, Dates},
    files::{Chunk, Format},
    table::{Columns, Layout, Role, Table},
    write::CALENDAR,
};
use crate::{
    market::{BarRows, Calendar, DAY_SECONDS},
    slice::Fault,
};

/// Parquet, as sources and file names call it.
pub(super) const FORMAT: Format =
    Format { name: "parquet", extensions: &["parquet", "pq"], row: "row", chunks, read: read_chunks };

fn open(path: &Path, source: &str) -> Result<SerializedFileReader<File>, Fault> {
    let cannot = |error: &dyn std::error::Error| Fault::input(format_args!("`{source}` cannot be read")).because(error);
    reader(File::open(path).map_err(|error| cannot(&error))?, source)
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
    let reader = open(path, source)?;
    let columns = columns(reader.metadata(), source, layout)?;
    let mut before = 0;
    let mut tables = Vec::with_capacity(groups.len());
    for (at, group) in reader.metadata().row_groups().iter().enumerate() {
        if groups.contains(&at) {
            tables.push(table(&reader, at, before, &columns, source, layout)?);
        }
        before += u64::try_from(group.num_rows()).unwrap_or(0);
    }
    Ok(tables)
}

/// Reads all of what has the form of a Parquet file.
pub(super) fn read<R: ChunkReader + 'static>(from: R, source: &str) -> Result<Table, Fault> {
    let (reader, layout) = (reader(from, source)?, Layout::default());
    let columns = columns(reader.metadata(), source, &layout)?;
    let mut all = Table::new();
    let mut before = 0;
    for (at, group) in reader.metadata().row_groups().iter().enumerate() {
        for (symbol, rows) in table(&reader, at, before, &columns, source, &layout)? {
            all.entry(symbol).or_default().append(rows);
        }
        before += u64::try_from(group.num_rows()).unwrap_or(0);
    }
    Ok(all)
}

/// Reads a row group; `before` is how many rows of the file are before it.
fn table<R: ChunkReader + 'static>(
    reader: &SerializedFileReader<R>,
    group: usize,
    before: u64,
    columns: &Columns,
    source: &str,
    layout: &Layout,
) -> Result<Table, Fault> {
    let broken = |error: ParquetError| Fault::input(format_args!("`{source}` is damaged")).because(&error);
    let group = reader.get_row_group(group).map_err(broken)?;
    let read = |role| columns.get(role).map(|at| column(&*group, at, source)).transpose();
    let figures = |role| Ok::<_, Fault>(read(role)?.map(|it| figures(it, source)).transpose()?.unwrap_or_default());
    let time = times(read(Role::Date)?.unwrap_or_default(), read(Role::Time)?, before, source, layout)?;
    let rows = BarRows {
        row: (before + 1..=before + time.len() as u64).collect(),
        time,
        open: figures(Role::Open)?,
        high: figures(Role::High)?,
        low: figures(Role::Low)?,
        close: figures(Role::Close)?,
        volume: figures(Role::Volume)?,
        adjusted_close: figures(Role::AdjustedClose)?,
    };
    let Some(at) = columns.get(Role::Symbol) else { return Ok(Table::from([(None, rows)])) };
    // Where the statistics say that there is one symbol only, its column need not be read.
    if let Some((first, last)) = text_range(group.metadata().column(at)).filter(|it| it.0 == it.1)
        && group.metadata().column(at).statistics().is_some_and(|it| {
            it.null_count_opt() == Some(0) && it.min_is_exact() && it.max_is_exact() && !first.is_empty()
        })
    {
        return Ok(Table::from([(Some(last), rows)]));
    }
    match column(&*group, at, source)? {
        Column::Texts(symbols) => Ok(by_symbol(&rows, &symbols)),
        _ => Err(Fault::input(format_args!("the symbols of `{source}` are no text"))),
    }
}

/// Parts rows by symbol. Rows of one symbol mostly stand together, so that columns are copied by whole stretches.
fn by_symbol(rows: &BarRows, symbols: &[ByteArray]) -> Table {
    let mut table: Vec<(&ByteArray, BarRows)> = Vec::new();
    let mut start = 0;
    let mut places: HashMap<&[u8], usize> = HashMap::new();
    for stretch in symbols.chunk_by(|a, b| a == b) {
        let range = start..start + stretch.len();
        start = range.end;
        let Some(symbol) = stretch.first() else { continue };
        let place = *places.entry(symbol.data()).or_insert_with(|| {
            table.push((symbol, BarRows::default()));
            table.len() - 1
        });
        if let Some((_, part)) = table.get_mut(place) {
            part.extend_from(rows, range);
        }
    }
    let text = |it: &ByteArray| String::from_utf8_lossy(it.data()).into_owned();
    table.into_iter().map(|(symbol, rows)| (Some(text(symbol)), rows)).collect()
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

/// A column's values; NaN and empty text where it has none.
enum Column {
    Figures(Vec<f64>),
    /// Seconds since 1970; none where it is null.
    Times(Vec<Option<i64>>),
    Texts(Vec<ByteArray>),
}

impl Default for Column {
    fn default() -> Self {
        Column::Texts(Vec::new())
    }
}

fn figures(column: Column, source: &str) -> Result<Vec<f64>, Fault> {
    match column {
        Column::Figures(it) => Ok(it),
        Column::Times(_) => Err(Fault::input(format_args!("`{source}` has times where prices are wanted"))),
        Column::Texts(it) => it
            .iter()
            .map(|cell| {
                let bad = |problem| {
                    Fault::input(format_args!("`{source}`: `{}` {problem}", String::from_utf8_lossy(cell.data())))
                };
                cells::number(cell.data()).map_err(bad)
            })
            .collect(),
    }
}

fn times(column: Column, clock: Option<Column>, before: u64, source: &str, layout: &Layout) -> Result<Vec<i64>, Fault> {
    let bad =
        |at: usize, problem: &str| Fault::input(format_args!("`{source}` row {}: {problem}", before + at as u64 + 1));
    let mut dates = Dates::new(layout);
    match (column, clock) {
        (Column::Times(it), None) => {
            it.into_iter().enumerate().map(|(at, it)| it.ok_or_else(|| bad(at, "the date is missing"))).collect()
        }
        (Column::Texts(it), None) => {
            let read = |(at, it): (usize, &ByteArray)| dates.instant(it.data(), None).map_err(|it| bad(at, &it));
            it.iter().enumerate().map(read).collect()
        }
        (Column::Texts(days), Some(Column::Texts(clocks))) => {
            let read = |(at, (day, clock)): (usize, (&ByteArray, &ByteArray))| {
                dates.instant(day.data(), Some(clock.data())).map_err(|it| bad(at, &it))
            };
            days.iter().zip(&clocks).enumerate().map(read).collect()
        }
        (Column::Figures(it), None) => {
            let read = |(at, it): (usize, f64)| {
                let text = if it.is_finite() { format!("{it:.0}") } else { String::new() };
                dates.instant_of(&text, "").map_err(|it| bad(at, &it))
            };
            it.into_iter().enumerate().map(read).collect()
        }
        _ => Err(Fault::input(format_args!(
            "`{source}` has a column for the day and one for the time of day that are no texts: join them in one timestamp"
        ))),
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
        return Err(Fault::input(format_args!(
            "column `{name}` of `{source}` holds lists or records, not one figure a row"
        )));
    }
    let scale = 10_f64.powi(decimal_scale(&kind).unwrap_or(0));
    let unit = time_unit(&kind);
    let reader = group.get_column_reader(at).map_err(broken)?;
    Ok(match reader {
        ColumnReader::Int32ColumnReader(it) => match unit {
            Some(_) => Column::Times(mapped(it, rows, None, |it| Some(i64::from(*it) * DAY_SECONDS)).map_err(broken)?),
            None => Column::Figures(mapped(it, rows, f64::NAN, |it| f64::from(*it) / scale).map_err(broken)?),
        },
        ColumnReader::Int64ColumnReader(it) => match unit {
            Some(unit) => Column::Times(mapped(it, rows, None, |it| Some(it.div_euclid(unit))).map_err(broken)?),
            None => Column::Figures(mapped(it, rows, f64::NAN, |it| *it as f64 / scale).map_err(broken)?),
        },
        ColumnReader::Int96ColumnReader(it) => {
            let second = |it: &Int96| Some(it.to_seconds());
            Column::Times(mapped(it, rows, None, second).map_err(broken)?)
        }
        ColumnReader::FloatColumnReader(it) => {
            Column::Figures(mapped(it, rows, f64::NAN, |it| f64::from(*it)).map_err(broken)?)
        }
        ColumnReader::DoubleColumnReader(it) => Column::Figures(mapped(it, rows, f64::NAN, |it| *it).map_err(broken)?),
        ColumnReader::ByteArrayColumnReader(it) => {
            Column::Texts(mapped(it, rows, ByteArray::from(""), ByteArray::clone).map_err(broken)?)
        }
        ColumnReader::FixedLenByteArrayColumnReader(it) if decimal_scale(&kind).is_some() => {
            let figure = |it: &FixedLenByteArray| big_endian(it.data()).map_or(f64::NAN, |it| it / scale);
            Column::Figures(mapped(it, rows, f64::NAN, figure).map_err(broken)?)
        }
        _ => {
            return Err(Fault::input(format_args!("column `{name}` of `{source}` is of a type that holds no figures")));
        }
    })
}

/// Reads all values of a column; `none` stands for null.
fn mapped<T: DataType, V: Clone>(
    mut reader: ColumnReaderImpl<T>,
    rows: usize,
    none: V,
    value: impl Fn(&T::T) -> V,
) -> Result<Vec<V>, ParquetError> {
    let (mut levels, mut found) = (Vec::new(), Vec::with_capacity(rows));
    loop {
        let (records, ..) = reader.read_records(rows.max(1), Some(&mut levels), None, &mut found)?;
        if records == 0 {
            break;
        }
    }
    if levels.len() <= found.len() {
        return Ok(found.iter().map(value).collect());
    }
    let mut found = found.iter();
    let next = |level: i16| if level > 0 { found.next().map(&value) } else { None };
    Ok(levels.into_iter().map(next).map(|it| it.unwrap_or_else(|| none.clone())).collect())
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
