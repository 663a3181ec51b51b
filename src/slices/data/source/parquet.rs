//! Bars in Parquet files, read column by column.

use std::{fs::File, path::Path};

use parquet::{
    basic::{ConvertedType, LogicalType, TimeUnit},
    column::reader::{ColumnReader, ColumnReaderImpl},
    data_type::DataType,
    errors::ParquetError,
    file::reader::{ChunkReader, FileReader as _, RowGroupReader, SerializedFileReader},
    schema::types::ColumnDescriptor,
};

use super::{
    cells,
    table::{Columns, Role, Table},
};
use crate::slice::Fault;

/// Reads a file.
///
/// # Errors
/// What keeps it from being read, and columns of types that hold no figures, dates or texts.
pub(super) fn read_file(path: &Path, source: &str) -> Result<Table, Fault> {
    let cannot = |error: &dyn std::error::Error| Fault::input(format_args!("`{source}` cannot be read")).because(error);
    read(File::open(path).map_err(|error| cannot(&error))?, source)
}

/// Reads what has the form of a Parquet file.
pub(super) fn read<R: ChunkReader + 'static>(from: R, source: &str) -> Result<Table, Fault> {
    let broken = |error: ParquetError| Fault::input(format_args!("`{source}` is no Parquet file")).because(&error);
    let reader = SerializedFileReader::new(from).map_err(broken)?;
    let schema = reader.metadata().file_metadata().schema_descr_ptr();
    let header: Vec<String> = schema.columns().iter().map(|it| it.path().string()).collect();
    let columns = Columns::find(source, &header)?;
    let mut table = Table::new();
    let mut before = 0_u64;
    for group in 0..reader.num_row_groups() {
        let group = reader.get_row_group(group).map_err(broken)?;
        let read = |role| columns.get(role).map(|at| column(&*group, at, source)).transpose();
        let times: Vec<i64> = times(read(Role::Date)?.unwrap_or_default(), before, source)?;
        let figures = |role| Ok::<_, Fault>(read(role)?.map(|it| figures(it, source)).transpose()?.unwrap_or_default());
        let (open, high, low) = (figures(Role::Open)?, figures(Role::High)?, figures(Role::Low)?);
        let (close, volume, adjusted) = (figures(Role::Close)?, figures(Role::Volume)?, figures(Role::AdjustedClose)?);
        let symbols = match read(Role::Symbol)? {
            Some(Column::Texts(it)) => it,
            Some(_) => return Err(Fault::input(format_args!("the symbols of `{source}` are no text"))),
            None => Vec::new(),
        };
        let count = times.len();
        // Rows of one symbol mostly stand together, so that columns are copied by whole stretches.
        let mut start = 0;
        while start < count {
            let symbol = symbols.get(start);
            let same = symbols.iter().skip(start).take_while(|it| Some(*it) == symbol).count();
            let end = if symbols.is_empty() { count } else { start + same.max(1) };
            let rows = table.entry(symbol.cloned()).or_default();
            let part = |it: &[f64]| it.get(start..end).unwrap_or_default().to_vec();
            rows.time.extend(times.get(start..end).unwrap_or_default());
            rows.open.extend(part(&open));
            rows.high.extend(part(&high));
            rows.low.extend(part(&low));
            rows.close.extend(part(&close));
            rows.volume.extend(part(&volume));
            rows.adjusted_close.extend(part(&adjusted));
            rows.row.extend((start..end).map(|it| before + it as u64 + 1));
            start = end;
        }
        before += count as u64;
    }
    Ok(table)
}

/// A column's values; NaN and empty text where it has none.
enum Column {
    Figures(Vec<f64>),
    /// Seconds since 1970; none where it is null.
    Times(Vec<Option<i64>>),
    Texts(Vec<String>),
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
                let figure = cells::number(cell, false);
                figure.ok_or_else(|| Fault::input(format_args!("`{source}`: `{cell}` is no number")))
            })
            .collect(),
    }
}

fn times(column: Column, before: u64, source: &str) -> Result<Vec<i64>, Fault> {
    let bad =
        |at: usize, problem: &str| Fault::input(format_args!("`{source}` row {}: {problem}", before + at as u64 + 1));
    let unix = |it: f64| Some(it).filter(|it| it.is_finite()).map(|it| format!("{it:.0}"));
    let read = |(at, cell): (usize, Option<String>)| {
        let cell = cell.ok_or_else(|| bad(at, "the date is missing"))?;
        cells::instant(&cell, None).map_err(|problem| bad(at, &problem))
    };
    match column {
        Column::Times(it) => {
            it.into_iter().enumerate().map(|(at, it)| it.ok_or_else(|| bad(at, "the date is missing"))).collect()
        }
        Column::Texts(it) => it.into_iter().map(Some).enumerate().map(read).collect(),
        Column::Figures(it) => it.into_iter().map(unix).enumerate().map(read).collect(),
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
    let figures = |it: Vec<Option<f64>>| Column::Figures(it.into_iter().map(|it| it.unwrap_or(f64::NAN)).collect());
    Ok(match reader {
        ColumnReader::Int32ColumnReader(it) => {
            let values = values(it, rows).map_err(broken)?;
            match unit {
                Some(_) => Column::Times(values.into_iter().map(|it| it.map(|it| i64::from(it) * 86_400)).collect()),
                None => figures(values.into_iter().map(|it| it.map(|it| f64::from(it) / scale)).collect()),
            }
        }
        ColumnReader::Int64ColumnReader(it) => {
            let values = values(it, rows).map_err(broken)?;
            match unit {
                Some(unit) => Column::Times(values.into_iter().map(|it| it.map(|it| it.div_euclid(unit))).collect()),
                None => figures(values.into_iter().map(|it| it.map(|it| it as f64 / scale)).collect()),
            }
        }
        ColumnReader::FloatColumnReader(it) => {
            figures(values(it, rows).map_err(broken)?.into_iter().map(|it| it.map(f64::from)).collect())
        }
        ColumnReader::DoubleColumnReader(it) => figures(values(it, rows).map_err(broken)?),
        ColumnReader::ByteArrayColumnReader(it) => {
            let values = values(it, rows).map_err(broken)?;
            let text = |it: Option<parquet::data_type::ByteArray>| {
                it.map_or(Ok(String::new()), |it| it.as_utf8().map(str::to_owned))
            };
            Column::Texts(values.into_iter().map(text).collect::<Result<_, _>>().map_err(broken)?)
        }
        ColumnReader::FixedLenByteArrayColumnReader(it) if decimal_scale(&kind).is_some() => {
            let values = values(it, rows).map_err(broken)?;
            figures(values.into_iter().map(|it| it.and_then(|it| big_endian(it.data())).map(|it| it / scale)).collect())
        }
        _ => {
            return Err(Fault::input(format_args!("column `{name}` of `{source}` is of a type that holds no figures")));
        }
    })
}

/// Reads all values of a column; none stands for null.
fn values<T: DataType>(mut reader: ColumnReaderImpl<T>, rows: usize) -> Result<Vec<Option<T::T>>, ParquetError> {
    let (mut levels, mut found) = (Vec::new(), Vec::with_capacity(rows));
    loop {
        let (records, ..) = reader.read_records(rows.max(1), Some(&mut levels), None, &mut found)?;
        if records == 0 {
            break;
        }
    }
    if levels.is_empty() {
        return Ok(found.into_iter().map(Some).collect());
    }
    let mut found = found.into_iter();
    Ok(levels.into_iter().map(|level| if level > 0 { found.next() } else { None }).collect())
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
