//! Bars written into files, as they are read again to the last digit.

use std::{
    fs,
    io::Write,
    path::{Path, PathBuf},
    sync::Arc,
};

use arrow_array::{ArrayRef, Float64Array, RecordBatch, StringArray, TimestampMicrosecondArray};
use arrow_ipc::writer::FileWriter;
use arrow_schema::{ArrowError, DataType, Field, Schema, TimeUnit};
use parquet::{
    basic::{Compression, ZstdLevel},
    data_type::{ByteArray, ByteArrayType, DoubleType, Int64Type},
    errors::ParquetError,
    file::{
        metadata::KeyValue,
        properties::WriterProperties,
        writer::{SerializedFileWriter, SerializedRowGroupWriter},
    },
    schema::parser::parse_message_type,
};

use crate::{
    market::{BarSeries, time_text},
    slice::Fault,
};

/// How many bars are in a row group: what a period does not need of a file is left out by these.
const ROWS: usize = 65_536;
/// The key under which a file says of what calendar its bars are.
pub(super) const CALENDAR: &str = "wf.calendar";

/// Writes bars into a file, in the format that its name ends in. It is there whole or not at all.
///
/// # Errors
/// Where the name ends in none of `.csv`, `.parquet`, `.arrow` and `.feather`, or the file cannot be written.
pub fn write(bars: &BarSeries, path: &Path) -> Result<(), Fault> {
    let ending = path.extension().and_then(|it| it.to_str()).unwrap_or_default().to_lowercase();
    let cannot = |error: &dyn std::error::Error| {
        Fault::input(format_args!("`{}` cannot be written", path.display())).because(error)
    };
    match ending.as_str() {
        "csv" => whole(path, |file| csv(bars, file)).map_err(|it| cannot(&it)),
        "parquet" => whole(path, |file| parquet(bars, file).map_err(std::io::Error::other)).map_err(|it| cannot(&it)),
        "arrow" | "feather" => {
            whole(path, |file| arrow(bars, file).map_err(std::io::Error::other)).map_err(|it| cannot(&it))
        }
        _ => Err(Fault::input(format_args!(
            "`{}` is no file of bars: let its name end in `.csv`, `.parquet`, `.arrow` or `.feather`",
            path.display()
        ))),
    }
}

/// Writes a file beside its place, then puts it there.
fn whole(path: &Path, fill: impl FnOnce(&mut fs::File) -> std::io::Result<()>) -> std::io::Result<()> {
    let folder =
        path.parent().filter(|it| !it.as_os_str().is_empty()).map_or_else(|| PathBuf::from("."), Path::to_owned);
    fs::create_dir_all(&folder)?;
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    fill(file.as_file_mut())?;
    file.as_file().sync_all()?;
    file.persist(path)?;
    Ok(())
}

fn csv(bars: &BarSeries, file: &mut fs::File) -> std::io::Result<()> {
    let mut out = std::io::BufWriter::new(file);
    let adjusted = !bars.adjusted_close.is_empty();
    writeln!(out, "symbol,date,open,high,low,close,volume{}", if adjusted { ",adj_close" } else { "" })?;
    let prices = bars.open.iter().zip(bars.high.iter()).zip(bars.low.iter()).zip(bars.close.iter());
    for (at, ((time, (((open, high), low), close)), volume)) in
        bars.time.iter().zip(prices).zip(bars.volume.iter()).enumerate()
    {
        write!(out, "{},{},{open},{high},{low},{close},{volume}", bars.symbol, time_text(*time))?;
        match bars.adjusted_close.get(at) {
            Some(it) => writeln!(out, ",{it}")?,
            None => writeln!(out)?,
        }
    }
    out.flush()
}

fn parquet(bars: &BarSeries, file: &mut fs::File) -> Result<(), ParquetError> {
    let adjusted = if bars.adjusted_close.is_empty() { "" } else { "required double adj_close; " };
    let schema = format!(
        "message bars {{ required binary symbol (STRING); required int64 date (TIMESTAMP(MICROS, true)); required double open; \
         required double high; required double low; required double close; required double volume; {adjusted}}}"
    );
    let calendar = KeyValue::new(CALENDAR.into(), bars.origin.calendar.name().to_owned());
    let properties = WriterProperties::builder()
        .set_compression(Compression::ZSTD(ZstdLevel::default()))
        .set_key_value_metadata(Some(vec![calendar]))
        .build();
    let mut writer = SerializedFileWriter::new(file, Arc::new(parse_message_type(&schema)?), Arc::new(properties))?;
    for start in (0..bars.len()).step_by(ROWS) {
        let range = start..bars.len().min(start + ROWS);
        let mut group = writer.next_row_group()?;
        let symbol = ByteArray::from(bars.symbol.as_str());
        column::<ByteArrayType, _>(&mut group, &vec![symbol; range.len()])?;
        let times = bars.time.get(range.clone()).unwrap_or_default();
        column::<Int64Type, _>(&mut group, &times.iter().map(|it| it * 1_000_000).collect::<Vec<_>>())?;
        let columns = [&bars.open, &bars.high, &bars.low, &bars.close, &bars.volume, &bars.adjusted_close];
        for figures in columns.into_iter().filter(|it| !it.is_empty()) {
            column::<DoubleType, _>(&mut group, figures.get(range.clone()).unwrap_or_default())?;
        }
        group.close()?;
    }
    writer.close().map(|_| ())
}

fn arrow(bars: &BarSeries, file: &mut fs::File) -> Result<(), ArrowError> {
    let zone: Arc<str> = "UTC".into();
    let figures = [
        ("open", &bars.open),
        ("high", &bars.high),
        ("low", &bars.low),
        ("close", &bars.close),
        ("volume", &bars.volume),
        ("adj_close", &bars.adjusted_close),
    ];
    let figures = || figures.into_iter().filter(|it| !it.1.is_empty());
    let field = |name: &str, ty| Field::new(name, ty, false);
    let date = DataType::Timestamp(TimeUnit::Microsecond, Some(zone.clone()));
    let mut fields = vec![field("symbol", DataType::Utf8), field("date", date)];
    fields.extend(figures().map(|it| field(it.0, DataType::Float64)));
    let schema = Arc::new(Schema::new(fields));
    // A batch is compressed by nothing, so that other programs can map the file.
    let mut writer = FileWriter::try_new(std::io::BufWriter::new(file), &schema)?;
    for start in (0..bars.len()).step_by(ROWS) {
        let range = start..bars.len().min(start + ROWS);
        let symbols = std::iter::repeat_n(bars.symbol.as_str(), range.len());
        let times = bars.time.get(range.clone()).unwrap_or_default().iter().map(|it| it * 1_000_000);
        let times = TimestampMicrosecondArray::from_iter_values(times).with_timezone(zone.clone());
        let mut columns: Vec<ArrayRef> = vec![Arc::new(StringArray::from_iter_values(symbols)), Arc::new(times)];
        columns.extend(figures().map(|it| {
            let part = it.1.get(range.clone()).unwrap_or_default();
            Arc::new(Float64Array::from(part.to_vec())) as ArrayRef
        }));
        writer.write(&RecordBatch::try_new(schema.clone(), columns)?)?;
    }
    writer.finish()
}

fn column<T: parquet::data_type::DataType, W: Write + Send>(
    group: &mut SerializedRowGroupWriter<'_, W>,
    values: &[T::T],
) -> Result<(), ParquetError> {
    let Some(mut column) = group.next_column()? else {
        return Err(ParquetError::General("the schema has fewer columns than the bars".into()));
    };
    column.typed::<T>().write_batch(values, None, None)?;
    column.close()
}
