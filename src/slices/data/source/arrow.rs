//! Bars in Arrow's own files, which are also Feather's of version 2, and in streams of Arrow that were saved.

use std::{
    fs::File,
    io::{BufReader, Read as _, Seek as _, SeekFrom},
    panic::catch_unwind,
    path::Path,
    sync::Arc,
};

use arrow_array::{
    AnyDictionaryArray, Array, ArrayRef, ArrowPrimitiveType, BinaryArray, LargeBinaryArray, LargeStringArray,
    RecordBatch, StringArray, StringViewArray,
    cast::AsArray as _,
    types::{
        Date32Type, Date64Type, Decimal32Type, Decimal64Type, Decimal128Type, Float16Type, Float32Type, Float64Type,
        Int8Type, Int16Type, Int32Type, Int64Type, TimestampMicrosecondType, TimestampMillisecondType,
        TimestampNanosecondType, TimestampSecondType, UInt8Type, UInt16Type, UInt32Type, UInt64Type,
    },
};
use arrow_ipc::reader::StreamReader;
use arrow_schema::{ArrowError, DataType, TimeUnit};

use super::{
    column::{Column, Texts, by_symbol, nested, no_figures, rows},
    files::{Chunk, Format},
    table::{Columns, Layout, Role, Table},
};
use crate::{market::DAY_SECONDS, slice::Fault};

/// Arrow, as sources and file names call it.
pub(super) const FORMAT: Format =
    Format { name: "arrow", extensions: &["arrow", "feather", "arrows", "ipc"], row: "row", chunks, read: read_chunks };

/// What a file begins and ends with; a stream has neither.
const MAGIC: [u8; 6] = *b"ARROW1";
/// To a multiple of which place a file pads what it begins with, before the stream in it, and where that is at the latest.
const ALIGNED: usize = 8;
const LATEST: u64 = 256;

/// Opens the stream of batches that a file is, or holds between what it begins and ends with.
fn open(path: &Path, source: &str, places: Option<Vec<usize>>) -> Result<StreamReader<BufReader<File>>, Fault> {
    let cannot = |error: std::io::Error| Fault::input(format_args!("`{source}` cannot be read")).because(&error);
    let mut file = File::open(path).map_err(cannot)?;
    let mut start = Vec::new();
    file.by_ref().take(LATEST).read_to_end(&mut start).map_err(cannot)?;
    if start.starts_with(b"FEA1") {
        return Err(Fault::input(format_args!(
            "`{source}` is Feather of version 1, which nothing writes any more: write it again as version 2"
        )));
    }
    if let Some(padding) = start.strip_prefix(&MAGIC) {
        let mut end = MAGIC.map(|_| 0);
        let from_end = -i64::try_from(MAGIC.len()).unwrap_or(0);
        file.seek(SeekFrom::End(from_end)).and_then(|_| file.read_exact(&mut end)).map_err(cannot)?;
        if end != MAGIC {
            return Err(Fault::input(format_args!("`{source}` is damaged: it does not end as an Arrow file does")));
        }
        let zeros = padding.iter().take_while(|it| **it == 0).count();
        let stream = (MAGIC.len() + zeros) / ALIGNED * ALIGNED;
        file.seek(SeekFrom::Start(stream as u64)).map_err(cannot)?;
    } else {
        file.rewind().map_err(cannot)?;
    }
    let no_arrow = |error: ArrowError| Fault::input(format_args!("`{source}` is no Arrow file")).because(&error);
    StreamReader::try_new(BufReader::new(file), places).map_err(no_arrow)
}

fn columns(reader: &StreamReader<BufReader<File>>, source: &str, layout: &Layout) -> Result<Columns, Fault> {
    let header: Vec<String> = reader.schema().fields().iter().map(|it| it.name().clone()).collect();
    Columns::find(source, &header, layout)
}

/// A file is read as one: it says nothing of what is in its batches.
fn chunks(path: &Path, source: &str, layout: &Layout) -> Result<Vec<Chunk>, Fault> {
    let columns = columns(&open(path, source, None)?, source, layout)?;
    let has = |role| columns.get(role).is_some();
    Ok(vec![Chunk { symbols: None, days: None, names_symbols: has(Role::Symbol), adjusted: has(Role::AdjustedClose) }])
}

fn read_chunks(path: &Path, source: &str, layout: &Layout, _: &[usize]) -> Result<Vec<Table>, Fault> {
    // The decoder gives up on some damaged batches by a panic.
    let read = || read_batches(path, source, layout).map(|it| vec![it]);
    catch_unwind(read).unwrap_or_else(|_| Err(Fault::input(format_args!("`{source}` is damaged"))))
}

fn read_batches(path: &Path, source: &str, layout: &Layout) -> Result<Table, Fault> {
    let columns = columns(&open(path, source, None)?, source, layout)?;
    let (places, columns) = columns.alone();
    let mut all = Table::new();
    let mut before = 0;
    for batch in open(path, source, Some(places))? {
        let batch =
            batch.map_err(|error: ArrowError| Fault::input(format_args!("`{source}` is damaged")).because(&error))?;
        for (symbol, rows) in table(&batch, before, &columns, source, layout)? {
            all.entry(symbol).or_default().extend(rows);
        }
        before += batch.num_rows() as u64;
    }
    Ok(all)
}

/// Reads a batch; `before` is how many rows of the file are before it.
fn table(batch: &RecordBatch, before: u64, columns: &Columns, source: &str, layout: &Layout) -> Result<Table, Fault> {
    let schema = batch.schema();
    let read = |at: usize| match (batch.columns().get(at), schema.fields().get(at)) {
        (Some(array), Some(field)) => column(array, field.name(), source),
        _ => Err(Fault::input(format_args!("`{source}` is damaged: a batch has fewer columns than the file"))),
    };
    let rows = rows(before, source, layout, |role| columns.get(role).map(read).transpose())?;
    match columns.get(Role::Symbol) {
        Some(at) => by_symbol(rows, read(at)?, source),
        None => Ok(Table::from([(None, vec![rows])])),
    }
}

fn column(array: &ArrayRef, name: &str, source: &str) -> Result<Column, Fault> {
    if let Some(texts) = texts(array) {
        return Ok(Column::Texts(texts));
    }
    let scaled = |scale: i8| 10_f64.powi(i32::from(scale));
    Ok(match array.data_type() {
        DataType::Float64 => figures::<Float64Type>(array, |it| it),
        DataType::Float32 => figures::<Float32Type>(array, f64::from),
        DataType::Float16 => figures::<Float16Type>(array, f64::from),
        DataType::Int8 => figures::<Int8Type>(array, f64::from),
        DataType::Int16 => figures::<Int16Type>(array, f64::from),
        DataType::Int32 => figures::<Int32Type>(array, f64::from),
        DataType::Int64 => figures::<Int64Type>(array, |it| it as f64),
        DataType::UInt8 => figures::<UInt8Type>(array, f64::from),
        DataType::UInt16 => figures::<UInt16Type>(array, f64::from),
        DataType::UInt32 => figures::<UInt32Type>(array, f64::from),
        DataType::UInt64 => figures::<UInt64Type>(array, |it| it as f64),
        DataType::Decimal32(_, scale) => figures::<Decimal32Type>(array, |it| f64::from(it) / scaled(*scale)),
        DataType::Decimal64(_, scale) => figures::<Decimal64Type>(array, |it| it as f64 / scaled(*scale)),
        DataType::Decimal128(_, scale) => figures::<Decimal128Type>(array, |it| it as f64 / scaled(*scale)),
        DataType::Null => Column::Figures(vec![f64::NAN; array.len()]),
        DataType::Date32 => times::<Date32Type>(array, |it| i64::from(it) * DAY_SECONDS),
        DataType::Date64 => times::<Date64Type>(array, |it| it.div_euclid(1_000)),
        DataType::Timestamp(unit, _) => match unit {
            TimeUnit::Second => times::<TimestampSecondType>(array, |it| it),
            TimeUnit::Millisecond => times::<TimestampMillisecondType>(array, |it| it.div_euclid(1_000)),
            TimeUnit::Microsecond => times::<TimestampMicrosecondType>(array, |it| it.div_euclid(1_000_000)),
            TimeUnit::Nanosecond => times::<TimestampNanosecondType>(array, |it| it.div_euclid(1_000_000_000)),
        },
        it if it.is_nested() => return Err(nested(name, source)),
        _ => return Err(no_figures(name, source)),
    })
}

fn figures<T: ArrowPrimitiveType>(array: &ArrayRef, of: impl Fn(T::Native) -> f64) -> Column {
    let array = array.as_primitive::<T>();
    if array.null_count() == 0 {
        return Column::Figures(array.values().iter().map(|it| of(*it)).collect());
    }
    Column::Figures(array.iter().map(|it| it.map_or(f64::NAN, &of)).collect())
}

fn times<T: ArrowPrimitiveType>(array: &ArrayRef, of: impl Fn(T::Native) -> i64) -> Column {
    let array = array.as_primitive::<T>();
    let missing = if array.null_count() == 0 { None } else { (0..array.len()).find(|at| array.is_null(*at)) };
    Column::Times(array.values().iter().map(|it| of(*it)).collect(), missing)
}

/// Returns the texts of an array, where it is one of texts, or of numbers that stand for some.
fn texts(array: &ArrayRef) -> Option<Texts> {
    fn all<'a, T: AsRef<[u8]> + ?Sized + 'a>(values: impl ExactSizeIterator<Item = Option<&'a T>>) -> Texts {
        let mut texts = Texts::with_room(values.len());
        values.for_each(|it| texts.push(it.map_or(&[], AsRef::as_ref)));
        texts
    }
    let any = array.as_any();
    if let Some(it) = any.downcast_ref::<StringArray>() {
        return Some(all(it.iter()));
    }
    if let Some(it) = any.downcast_ref::<LargeStringArray>() {
        return Some(all(it.iter()));
    }
    if let Some(it) = any.downcast_ref::<StringViewArray>() {
        return Some(all(it.iter()));
    }
    if let Some(it) = any.downcast_ref::<BinaryArray>() {
        return Some(all(it.iter()));
    }
    if let Some(it) = any.downcast_ref::<LargeBinaryArray>() {
        return Some(all(it.iter()));
    }
    let dictionary: &dyn AnyDictionaryArray = array.as_any_dictionary_opt()?;
    let values = texts(&Arc::clone(dictionary.values()))?;
    let values: Vec<&[u8]> = values.iter().collect();
    let mut told = Texts::with_room(array.len());
    let keys = if values.is_empty() { vec![0; array.len()] } else { dictionary.normalized_keys() };
    for (at, key) in keys.into_iter().enumerate() {
        let value = values.get(key).filter(|_| array.is_valid(at));
        told.push(value.copied().unwrap_or_default());
    }
    Some(told)
}
