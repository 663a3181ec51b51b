//! What reading a million bars costs, from CSV, Parquet and Arrow, beside reading the bytes of the files alone.

#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a bench may fail loudly and reads the time"
)]

use std::{fs, hint::black_box, path::Path, sync::Arc, time::Instant};

use parquet::{
    basic::Compression,
    data_type::{ByteArray, ByteArrayType, DoubleType, Int64Type},
    file::{properties::WriterProperties, writer::SerializedFileWriter},
    schema::parser::parse_message_type,
};
use wf::{
    market::Adjust,
    slice::ports::HistoryRequest,
    slices::data::source,
    value::{Duration, Symbol},
};

const BARS: i64 = 1_000_000;
const ROUNDS: usize = 5;
const SCHEMA: &str = "message bars { required binary symbol (STRING); required int64 date (TIMESTAMP(MICROS, true)); \
    required double open; required double high; required double low; required double close; required double volume; }";

/// The prices of a bar: a walk that never leaves its range, in cents.
fn bar(at: i64) -> [f64; 5] {
    let price = |step: i64| ((at * 7 + step) % 9_000 + 1_000) as f64 / 100.0;
    [price(2), price(2) + 0.05, price(2) - 0.05, price(2) + 0.01, ((at * 31) % 10_000) as f64]
}

/// The start of a bar of a minute.
fn minute(at: i64) -> i64 {
    1_262_304_000 + at * 60
}

fn write_csv(path: &Path) {
    let mut text = String::from("date,open,high,low,close,volume\n");
    for at in 0..BARS {
        let time = jiff::Timestamp::from_second(minute(at)).unwrap().strftime("%Y-%m-%d %H:%M:%S");
        let [open, high, low, close, volume] = bar(at);
        text.push_str(&format!("{time},{open:.2},{high:.2},{low:.2},{close:.2},{volume}\n"));
    }
    fs::write(path, text).unwrap();
}

fn write_parquet(path: &Path, compression: Compression) {
    let properties = WriterProperties::builder().set_compression(compression).build();
    let schema = Arc::new(parse_message_type(SCHEMA).unwrap());
    let mut file = SerializedFileWriter::new(fs::File::create(path).unwrap(), schema, Arc::new(properties)).unwrap();
    for start in (0..BARS).step_by(131_072) {
        let range = start..BARS.min(start + 131_072);
        let mut group = file.next_row_group().unwrap();
        let mut column = group.next_column().unwrap().unwrap();
        let symbols: Vec<_> = range.clone().map(|_| ByteArray::from("X")).collect();
        column.typed::<ByteArrayType>().write_batch(&symbols, None, None).unwrap();
        column.close().unwrap();
        let mut column = group.next_column().unwrap().unwrap();
        let times: Vec<_> = range.clone().map(|it| minute(it) * 1_000_000).collect();
        column.typed::<Int64Type>().write_batch(&times, None, None).unwrap();
        column.close().unwrap();
        for figure in 0..5 {
            let mut column = group.next_column().unwrap().unwrap();
            let figures: Vec<_> = range.clone().filter_map(|it| bar(it).get(figure).copied()).collect();
            column.typed::<DoubleType>().write_batch(&figures, None, None).unwrap();
            column.close().unwrap();
        }
        group.close().unwrap();
    }
    file.close().unwrap();
}

/// Prints the best time of some rounds, of which each starts anew.
fn measure(name: &str, path: &Path, work: impl Fn() -> usize) {
    let round = |_| {
        let start = Instant::now();
        assert_eq!(i64::try_from(black_box(work())), Ok(BARS));
        start.elapsed().as_secs_f64()
    };
    let best = (0..ROUNDS).map(round).fold(f64::INFINITY, f64::min);
    let size = fs::metadata(path).unwrap().len() as f64;
    println!("{name:<34} {:>7.1} ns a bar {:>8.0} MB/s", best * 1e9 / BARS as f64, size / best / 1e6);
}

fn main() {
    // Other programs can read the files where they are kept.
    let kept = std::env::var_os("KEEP").map(std::path::PathBuf::from);
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| kept.as_deref().unwrap_or(folder.path()).join(name);
    let request = HistoryRequest {
        symbol: Symbol::new("X").unwrap(),
        period: None,
        timeframe: Duration(60_000),
        adjust: Adjust::None,
    };
    let files = [("csv", "X.csv"), ("parquet", "X.parquet"), ("parquet", "X_zstd.parquet"), ("arrow", "X.arrow")];
    write_csv(&path("X.csv"));
    write_parquet(&path("X.parquet"), Compression::UNCOMPRESSED);
    write_parquet(&path("X_zstd.parquet"), Compression::ZSTD(parquet::basic::ZstdLevel::default()));
    let bars = source::open(&format!("parquet:{}", path("X.parquet").display())).unwrap().history(&request).unwrap();
    source::write(&bars, &path("X.arrow")).unwrap();
    for (kind, name) in files {
        let file = path(name);
        let spec = format!("{kind}:{}", file.display());
        measure(&format!("the bytes of {name}"), &file, || {
            let bytes = fs::read(&file).unwrap();
            black_box(bytes.iter().fold(0_u64, |sum, it| sum + u64::from(*it)));
            usize::try_from(BARS).unwrap()
        });
        measure(&format!("{name} to bars"), &file, || source::open(&spec).unwrap().history(&request).unwrap().len());
        let kept = source::open(&spec).unwrap();
        kept.history(&request).unwrap();
        measure(&format!("{name} again"), &file, || kept.history(&request).unwrap().len());
    }
}
