//! Bars from what is bundled and from files: what is right is read to the last digit, what is wrong is said with its place.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

use parquet::{
    data_type::{ByteArray, ByteArrayType, DoubleType, Int32Type},
    file::{
        reader::{FileReader as _, SerializedFileReader},
        writer::SerializedFileWriter,
    },
    schema::parser::parse_message_type,
};

use wf::{
    market::{Adjust, BarSeries},
    slice::{
        Body, Cancel, Ctx, Fault, Services,
        ports::{Clock, HistoryRequest, MarketData, Notifier},
    },
    slices::{
        data::source::{self, Layout},
        library,
    },
    syntax::literal,
    value::{DateRange, Duration, Symbol, Value},
};

const WEEK: Duration = Duration(7 * 86_400_000);

/// A folder of its own for each test, taken away at its end.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("wf-market-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }
    fn write(&self, name: &str, text: &str) -> String {
        let path = self.0.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap();
        path.display().to_string()
    }
    fn path(&self) -> String {
        self.0.display().to_string()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

pub(crate) fn request(symbol: &str) -> HistoryRequest {
    let symbol = Symbol::new(symbol).unwrap();
    HistoryRequest { symbol, period: None, timeframe: Duration::DAY, adjust: Adjust::None }
}

fn period(text: &str) -> Option<DateRange> {
    let (start, end) = text.split_once("..").unwrap();
    Some(DateRange { start: start.parse().unwrap(), end: end.parse().unwrap() })
}

pub(crate) fn bundled(request: &HistoryRequest) -> BarSeries {
    source::open("bundled").unwrap().history(request).unwrap()
}

/// What a source says of a symbol: the bars, or the message.
fn read(spec: &str, symbol: &str) -> Result<BarSeries, String> {
    source::open(spec).and_then(|it| it.history(&request(symbol))).map_err(|it: Fault| it.to_string())
}

#[test]
fn the_bundled_prices_are_those_of_their_source() {
    let it = source::open("bundled").unwrap();
    let symbols: Vec<_> = it.symbols().iter().map(ToString::to_string).collect();
    assert_eq!(symbols, ["AAPL", "FB", "GOOG", "IBM", "MSFT"]);
    let counts: Vec<_> = symbols.iter().map(|it| bundled(&request(it)).len()).collect();
    assert_eq!(counts, [3270, 196, 2148, 3270, 3270]);
    let bars = bundled(&request("AAPL"));
    let first = (bars.open[0], bars.high[0], bars.low[0], bars.close[0], bars.volume[0], bars.adjusted_close[0]);
    assert_eq!(first, (118.56, 132.06, 118.5, 130.31, 9_616_100.0, 4.186_662_803_811));
    assert_eq!(bars.period(), period("2000-03-01..2013-03-01"));
    assert!(bars.notes.is_empty(), "no day of the calendar is missing: {:?}", bars.notes);
}

#[test]
fn adjusted_closes_are_the_ones_of_the_source_and_splits_halve() {
    let raw = bundled(&request("AAPL"));
    let all = bundled(&HistoryRequest { adjust: Adjust::All, ..request("AAPL") });
    assert_eq!(all.close, raw.adjusted_close);
    let splits = bundled(&HistoryRequest { adjust: Adjust::Splits, ..request("AAPL") });
    assert_eq!((splits.close[0], splits.volume[0]), (130.31 / 4.0, 9_616_100.0 * 4.0));
    assert_eq!(splits.close.last(), raw.close.last());
    let notes: Vec<_> = splits.notes.iter().filter(|it| it.contains("split")).collect();
    assert_eq!(notes, ["2-for-1 split on 2000-06-21", "2-for-1 split on 2005-02-28"]);
    // A dividend of an eighth of the price is no split.
    let msft = bundled(&HistoryRequest { adjust: Adjust::Splits, ..request("MSFT") });
    assert_eq!(msft.notes.iter().filter(|it| it.contains("split")).count(), 1);
    for bars in [&all, &splits] {
        let sound = |at: usize| {
            let (low, high) = (bars.low[at], bars.high[at]);
            low > 0.0 && [bars.open[at], bars.close[at]].iter().all(|it| (low..=high).contains(it))
        };
        assert!((0..bars.len()).all(sound));
    }
}

#[test]
fn a_period_and_a_week_cut_and_join_bars() {
    let bars = bundled(&HistoryRequest { period: period("2010-01-01..2010-01-31"), ..request("IBM") });
    assert_eq!((bars.len(), bars.period()), (19, period("2010-01-04..2010-01-29")));
    let weeks = bundled(&HistoryRequest {
        timeframe: WEEK,
        ..HistoryRequest { period: period("2010-01-04..2010-01-15"), ..request("IBM") }
    });
    assert_eq!((weeks.len(), weeks.period()), (2, period("2010-01-04..2010-01-11")));
    assert_eq!((weeks.open[0], weeks.close[0]), (bars.open[0], bars.close[4]));
    assert_eq!(weeks.high[1], bars.high[5..10].iter().copied().fold(0.0, f64::max));
    assert_eq!(weeks.low[1], bars.low[5..10].iter().copied().fold(1e9, f64::min));
    assert_eq!(weeks.volume[0], bars.volume[..5].iter().sum::<f64>());
    let before = source::open("bundled")
        .unwrap()
        .history(&HistoryRequest { period: period("1990-01-01..1990-12-31"), ..request("IBM") });
    assert_eq!(
        before.unwrap_err().message,
        "`IBM` has no bars from 1990-01-01 to 1990-12-31: its bars are of 2000-03-01 to 2013-03-01"
    );
    let fine =
        source::open("bundled").unwrap().history(&HistoryRequest { timeframe: Duration(3_600_000), ..request("IBM") });
    assert_eq!(
        fine.unwrap_err().message,
        "`IBM` has bars of 1d, `1h` was asked for: shorter ones cannot be made of them"
    );
}

/// Weekly bars across a split are only right where prices are adjusted before they are joined.
#[test]
fn a_week_with_a_split_has_no_jump() {
    let all = HistoryRequest {
        timeframe: WEEK,
        adjust: Adjust::Splits,
        period: period("2000-06-19..2000-06-23"),
        ..request("AAPL")
    };
    let week = bundled(&all);
    assert_eq!(week.len(), 1);
    assert!(week.high[0] / week.low[0] < 1.3, "{} {}", week.high[0], week.low[0]);
}

#[test]
fn an_unknown_symbol_is_named_with_the_nearest() {
    let list = "(it has AAPL, FB, GOOG, IBM, MSFT)";
    let error = |symbol| read("bundled", symbol).unwrap_err();
    assert_eq!(error("APPL"), format!("there is no `APPL` in the bundled prices, did you mean `AAPL`? {list}"));
    assert_eq!(error("aapl"), format!("there is no `aapl` in the bundled prices, did you mean `AAPL`? {list}"));
    assert_eq!(error("NOPE"), format!("there is no `NOPE` in the bundled prices {list}"));
    let refused = |spec| source::open(spec).err().unwrap().to_string();
    assert!(
        refused("yahoo").contains("there are `bundled`, `csv:PATH`, `parquet:PATH`, `arrow:PATH` and `catalogue:PATH`")
    );
    assert!(refused("csv:").contains("write `csv:PATH`"));
    assert!(refused("csv:/no/such/file.csv").contains("there is no `/no/such/file.csv`"));
}

#[test]
fn the_usual_csv_layouts_are_read() {
    let folder = Folder::new("layouts");
    let yahoo = "Date,Open,High,Low,Close,Adj Close,Volume\n2020-01-02,10,12,9,11,5.5,100\n2020-01-03,null,null,null,null,null,null\n2020-01-06,11,13,10,12,6,200\n";
    let stooq = "<TICKER>,<PER>,<DATE>,<TIME>,<OPEN>,<HIGH>,<LOW>,<CLOSE>,<VOL>,<OPENINT>\nIBM,D,20200102,000000,10,12,9,11,100,0\nIBM,D,20200106,000000,11,13,10,12,200,0\n";
    let semicolons =
        "Date;Open;High;Low;Close;Volume\n2020-01-06;11.0;13.0;10.0;12.0;200\n2020-01-02;10.0;12.0;9.0;11.0;100\n";
    let sheet = "symbol,timestamp,open,high,low,close,volume\nIBM,2020-01-02T00:00:00Z,10,12,9,11,100\nMSFT,2020-01-02,1,2,1,2,1\nIBM,2020-01-06,11,13,10,12,200\n";
    for (name, text) in [("ibm_yahoo.csv", yahoo), ("stooq.csv", stooq), ("IBM.csv", semicolons), ("sheet.csv", sheet)]
    {
        let spec = format!("csv:{}", folder.write(name, text));
        let bars = read(&spec, "IBM").unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!((&*bars.close, &*bars.volume), (&[11.0, 12.0][..], &[100.0, 200.0][..]), "{name}");
        assert_eq!(
            (bars.period(), bars.adjusted_close.len()),
            (period("2020-01-02..2020-01-06"), if name == "ibm_yahoo.csv" { 2 } else { 0 }),
            "{name}"
        );
        let notes = bars.notes.join("; ");
        assert_eq!(notes.contains("line 3: no prices, left out"), name == "ibm_yahoo.csv", "{name}: {notes}");
        assert_eq!(notes.contains("newest bar came first"), name == "IBM.csv", "{name}: {notes}");
    }
    for spec in [format!("csv:{}", folder.path()), format!("csv:{}/{{symbol}}.csv", folder.path())] {
        assert_eq!(read(&spec, "IBM").unwrap().len(), 2, "{spec}");
        let unknown = read(&spec, "IBN").unwrap_err();
        assert!(unknown.contains("did you mean `IBM`?"), "{unknown}");
        assert!(read(&spec, "../x").is_err());
    }
    let sheet = source::open(&format!("csv:{}/sheet.csv", folder.path())).unwrap();
    assert_eq!(sheet.symbols(), ["IBM", "MSFT"].map(|it| Symbol::new(it).unwrap()));
}

#[test]
fn every_kind_of_bad_row_is_said_with_its_place_and_mend() {
    let folder = Folder::new("bad");
    let good = "2020-01-02,10,12,9,11,100";
    let cases = [
        ("2020-01-03,10,12,9,1x,100", "line 3, column `Close`: `1x` is no number; correct or delete that line"),
        (
            "2020-01-03,10,12,9,\"11,5\",100",
            "line 3, column `Close`: `11,5` has a comma that may be a decimal comma; write the figure with a point",
        ),
        ("2020-01-03,10,12,9", "line 3 has 4 cells where the header has 6; correct or delete that line"),
        (
            "03/01/2020,10,12,9,11,100",
            "line 3, column `Date`: `03/01/2020` cannot be read, days and months can be confused",
        ),
        ("soon,10,12,9,11,100", "line 3, column `Date`: `soon` cannot be read, it is no date; write it as 2020-01-31"),
        (",10,12,9,11,100", "line 3, column `Date`: the date is missing"),
        ("2020-01-03,10,12,9,,100", "line 3, 2020-01-03: the close is missing; correct or delete that line"),
        ("2020-01-03,10,8,9,8.5,100", "line 3, 2020-01-03: the high 8 is below the low 9"),
        ("2020-01-03,-10,12,9,11,100", "line 3, 2020-01-03: the open is -10, a price is above 0"),
        ("2020-01-03,0,12,9,11,100", "line 3, 2020-01-03: the open is 0, a price is above 0"),
        ("2020-01-03,10,12,9,inf,100", "line 3, 2020-01-03: the close is inf, a price is above 0"),
        ("2020-01-03,10,12,9,14,100", "line 3, 2020-01-03: the close 14 is not between the low 9 and the high 12"),
        ("2020-01-03,10,12,9,11,-1", "line 3, 2020-01-03: the volume is -1, it cannot be less than 0"),
        ("2020-01-02,10,12,9,11.5,100", "line 3, 2020-01-02: line 2 has other figures for the same time"),
    ];
    for (row, wanted) in cases {
        let path = folder.write("X.csv", &format!("Date,Open,High,Low,Close,Volume\n{good}\n{row}\n"));
        let error = read(&format!("csv:{path}"), "X").unwrap_err();
        assert!(error.contains(wanted) && error.starts_with(&format!("`{path}` ")), "{row}: {error}");
    }
    let many = (1..=9).map(|day| format!("2020-02-0{day},10,8,9,9,1\n")).collect::<Vec<_>>().concat();
    let path = folder.write("X.csv", &format!("Date,Open,High,Low,Close,Volume\n{many}"));
    let error = read(&format!("csv:{path}"), "X").unwrap_err();
    assert!(
        error.contains("line 2, ")
            && error.contains("; line 4, ")
            && error.ends_with("; and 6 more; correct or delete those lines"),
        "{error}"
    );
}

#[test]
fn whole_files_that_cannot_be_bars_say_why() {
    let folder = Folder::new("whole");
    let error = |name: &str, text: &str| read(&format!("csv:{}", folder.write(name, text)), "X").unwrap_err();
    assert!(
        error("X.csv", "Date,Open,High,Low\n")
            .contains("has no column `close`: its columns are `Date`, `Open`, `High`, `Low`")
    );
    assert!(
        error("X.csv", "2020-01-02,10,12,9,11,100\n")
            .contains("line 1 holds figures, not the names of columns: put a line")
    );
    assert!(error("X.csv", "").contains("has no column `date`, `open`, `high`, `low`, `close`"));
    assert!(error("X.csv", "Date,Open,High,Low,Close\n").contains("there is no `X`"));
    assert!(error("other.csv", "Date,Open,High,Low,Close\n2020-01-02,1,1,1,1\n").contains("name the file `X.csv`"));
    fs::write(folder.0.join("X.csv"), [0xff, 0xfe, 0x00]).unwrap();
    assert!(read(&format!("csv:{}/X.csv", folder.path()), "X").unwrap_err().contains("is no text in UTF-8"));
    folder.write("X.parquet", "PAR1 but not really");
    let broken = read(&format!("parquet:{}", folder.path()), "X").unwrap_err();
    assert!(broken.contains("X.parquet` is no Parquet file"), "{broken}");
}

#[test]
fn what_files_do_not_say_is_said_in_the_layout() {
    let folder = Folder::new("layout");
    let text = "Day;Start;First;Top;Bottom;Closing\n2020-07-02;09:30;10;12;9;11\n2020-07-02;09:35;11;13;10;12\n";
    let spec = format!("csv:{}", folder.write("prices.csv", text));
    let mut layout = Layout::default();
    layout.symbol = Symbol::new("IBM").ok();
    layout.timeframe = Some(Duration(300_000));
    layout.timezone = jiff::tz::TimeZone::get("America/New_York").ok();
    for (role, name) in [("time", "Start"), ("open", "First"), ("high", "top"), ("low", "Bottom"), ("close", "Closing")]
    {
        layout.column(role, name).unwrap();
    }
    let wanted = HistoryRequest { timeframe: Duration(300_000), ..request("IBM") };
    let bars = source::open_with(&spec, &layout).unwrap().history(&wanted).unwrap();
    assert_eq!((bars.len(), bars.close[1], bars.timeframe), (2, 12.0, Duration(300_000)));
    assert_eq!(wf::market::time_text(bars.time[0]), "2020-07-02T13:30:00Z");
    assert_eq!(source::open_with(&spec, &layout).unwrap().symbols(), std::slice::from_ref(&wanted.symbol));
    layout.column("close", "Last").unwrap();
    let error = source::open_with(&spec, &layout).unwrap().history(&wanted).unwrap_err().message;
    assert!(
        error.contains("has no column `Last`, which `columns` names as its close: its columns are `Day`"),
        "{error}"
    );
    let error = layout.column("closing", "x").unwrap_err().message;
    assert!(error.starts_with("there is no column `closing`: there are date, time, open"), "{error}");
}

#[test]
fn a_folder_may_hold_files_of_many_symbols() {
    let folder = Folder::new("many");
    folder.write("2019.csv", "symbol,date,open,high,low,close\nIBM,2019-12-31,1,1,1,1\nMSFT,2019-12-31,3,3,3,3\n");
    folder.write("2020.csv", "symbol,date,open,high,low,close\nMSFT,2020-01-02,4,4,4,4\nIBM,2020-01-02,2,2,2,2\n");
    folder.write("notes.txt", "nothing of interest\n");
    folder.write("AAPL.csv", "date,open,high,low,close\n2020-01-02,5,5,5,5\n");
    let spec = format!("csv:{}", folder.path());
    assert_eq!(*read(&spec, "IBM").unwrap().close, [1.0, 2.0]);
    assert_eq!(*read(&spec, "AAPL").unwrap().close, [5.0]);
    assert!(read(&spec, "MSFX").unwrap_err().contains("did you mean `MSFT`? (it has AAPL, IBM, MSFT)"));
}

#[test]
fn mended_rows_are_noted() {
    let folder = Folder::new("mended");
    let rows =
        "2020-01-02,10,12,9,11,100\n2020-01-02,10,12,9,11,100\n2020-01-03,10,12,9,12.001,\n2020-01-20,10,12,9,11,1\n";
    let path = folder.write("X.csv", &format!("Date,Open,High,Low,Close,Volume\n{rows}"));
    let bars = read(&format!("csv:{path}"), "X").unwrap();
    assert_eq!((bars.len(), bars.high[1], bars.volume[1]), (3, 12.001, 0.0));
    let wanted = [
        format!("`{path}` line 3: the same bar again, left out"),
        format!("`{path}` line 4: open or close outside of low to high by a rounding, high and low widened"),
        format!("`{path}` line 4: no volume, taken as 0"),
        "no bars between 2020-01-03 and 2020-01-20".into(),
    ];
    assert_eq!(*bars.notes, wanted);
}

#[test]
fn parquet_is_read_from_a_file_a_folder_and_partitions() {
    let folder = Folder::new("parquet");
    let whole = folder.0.join("stocks.parquet");
    fs::copy(concat!(env!("CARGO_MANIFEST_DIR"), "/data/stocks.parquet"), &whole).unwrap();
    let from_file = read(&format!("parquet:{}", whole.display()), "GOOG").unwrap();
    let from_bundle = bundled(&request("GOOG"));
    assert_eq!((from_file.close, from_file.time), (from_bundle.close, from_bundle.time));
    fs::create_dir_all(folder.0.join("parts/symbol=FB")).unwrap();
    fs::copy(&whole, folder.0.join("parts/symbol=FB/0.parquet")).unwrap();
    let parts = format!("parquet:{}/parts", folder.path());
    assert_eq!(read(&parts, "FB").unwrap().len(), 196);
    assert!(read(&parts, "IBM").unwrap_err().contains("(it has FB)"));
}

/// The files are written by pyarrow and pandas: `tests/golden/make_arrow.py`.
#[test]
fn arrow_is_read_from_files_feather_and_streams_in_every_type() {
    let golden = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/arrow");
    let read = |file: &str, symbol| source::open(&format!("arrow:{golden}/{file}")).unwrap().history(&request(symbol));
    for (file, symbol) in
        ["plain.arrow", "pandas.feather", "stream.arrows"].into_iter().flat_map(|it| [(it, "FB"), (it, "GOOG")])
    {
        let period = period("2012-05-18..2013-03-01");
        let wanted = bundled(&HistoryRequest { period, ..request(symbol) });
        let found = read(file, symbol).unwrap();
        assert_eq!(found.len(), 196, "{file}");
        assert_eq!((&found.time, &found.open, &found.close), (&wanted.time, &wanted.open, &wanted.close), "{file}");
        assert_eq!((&found.high, &found.low, &found.volume), (&wanted.high, &wanted.low, &wanted.volume), "{file}");
        assert_eq!(found.adjusted_close, wanted.adjusted_close, "{file}");
    }
    assert!(read("plain.arrow", "IBM").unwrap_err().message.contains("(it has FB, GOOG)"));
    // The file of a symbol in a folder; a price that is missing is said with its row.
    let whole = read("", "FB").unwrap_err().message;
    assert!(whole.contains("FB.feather` row 4"), "{whole}");
}

#[test]
fn what_is_wrong_with_an_arrow_file_is_said() {
    let folder = Folder::new("arrow");
    let golden = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/arrow");
    let error = |name: &str, bytes: &[u8]| {
        let path = folder.0.join(name);
        fs::write(&path, bytes).unwrap();
        read(&format!("arrow:{}", path.display()), "FB").unwrap_err()
    };
    assert!(error("X.arrow", b"no such thing").contains("X.arrow` is no Arrow file"));
    assert!(error("X.arrow", b"").contains("X.arrow` is no Arrow file"));
    assert!(error("X.feather", b"FEA1").contains("Feather of version 1"));
    let plain = fs::read(format!("{golden}/plain.arrow")).unwrap();
    assert!(error("X.arrow", &plain[..plain.len() - 100]).contains("does not end as an Arrow file does"));
    let stream = fs::read(format!("{golden}/stream.arrows")).unwrap();
    assert!(error("X.arrows", &stream[..stream.len() - 100]).contains("is damaged"));
    // Whatever stands in it, it is read or refused.
    let path = folder.0.join("X.arrow");
    let mut state = 7_u64;
    for bytes in [plain, stream] {
        for _ in 0..400 {
            let mut broken = bytes.clone();
            for _ in 0..3 {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                // What describes the columns and the batches is at the start.
                let at = (state >> 33) as usize % broken.len().min(4_000);
                broken[at] = (state >> 25) as u8;
            }
            fs::write(&path, broken).unwrap();
            let _ = read(&format!("arrow:{}", path.display()), "FB");
        }
    }
}

/// Writes rows of a symbol, a day and a close, a row group for each list.
fn write_parquet(path: &Path, groups: &[&[(&str, i32, f64)]]) {
    let schema = "message bars { required binary symbol (STRING); required int32 date (DATE); required double open;
        required double high; required double low; optional double close; optional int32 extra (DECIMAL(9, 2)); }";
    let schema = Arc::new(parse_message_type(schema).unwrap());
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    let mut file = SerializedFileWriter::new(fs::File::create(path).unwrap(), schema, Arc::default()).unwrap();
    for rows in groups {
        let mut group = file.next_row_group().unwrap();
        let symbols: Vec<_> = rows.iter().map(|it| ByteArray::from(it.0)).collect();
        let days: Vec<_> = rows.iter().map(|it| it.1).collect();
        let prices: Vec<_> = rows.iter().map(|it| it.2).collect();
        let mut column = group.next_column().unwrap().unwrap();
        column.typed::<ByteArrayType>().write_batch(&symbols, None, None).unwrap();
        column.close().unwrap();
        let mut column = group.next_column().unwrap().unwrap();
        column.typed::<Int32Type>().write_batch(&days, None, None).unwrap();
        column.close().unwrap();
        for levels in [None, None, None, Some(vec![1; rows.len()])] {
            let mut column = group.next_column().unwrap().unwrap();
            column.typed::<DoubleType>().write_batch(&prices, levels.as_deref(), None).unwrap();
            column.close().unwrap();
        }
        let mut column = group.next_column().unwrap().unwrap();
        column.typed::<Int32Type>().write_batch(&[], Some(&vec![0; rows.len()]), None).unwrap();
        column.close().unwrap();
        group.close().unwrap();
    }
    file.close().unwrap();
}

/// Overwrites every page of data of the row groups but one, so that reading them fails.
fn damage_all_but(path: &Path, kept: usize) {
    let file = SerializedFileReader::new(fs::File::open(path).unwrap()).unwrap();
    let mut bytes = fs::read(path).unwrap();
    for (at, group) in file.metadata().row_groups().iter().enumerate().filter(|it| it.0 != kept) {
        for column in group.columns() {
            let (start, length) = column.byte_range();
            let range = usize::try_from(start).unwrap()..usize::try_from(start + length).unwrap();
            bytes[range].fill(0xff);
        }
        assert_ne!(at, kept);
    }
    fs::write(path, bytes).unwrap();
}

#[test]
fn only_the_row_groups_that_are_wanted_are_read() {
    let folder = Folder::new("pruned");
    let path = folder.0.join("all.parquet");
    let groups: [&[_]; 3] = [
        &[("AA", 18_262, 1.0), ("AA", 18_263, 2.0)],
        &[("AA", 18_627, 3.0)],
        &[("BB", 18_262, 4.0), ("CC", 18_262, 5.0)],
    ];
    let spec = format!("parquet:{}", path.display());
    for (kept, symbol, days, close) in [
        (0, "AA", "2020-01-01..2020-01-31", 1.0),
        (1, "AA", "2020-12-31..2020-12-31", 3.0),
        (2, "BB", "2020-01-01..2020-01-01", 4.0),
    ] {
        write_parquet(&path, &groups);
        damage_all_but(&path, kept);
        let source = source::open(&spec).unwrap();
        let bars = source.history(&HistoryRequest { period: period(days), ..request(symbol) }).unwrap();
        assert_eq!(bars.close[0], close);
        let all = HistoryRequest { period: period("2019-01-01..2021-12-31"), ..request("AA") };
        assert!(source.history(&all).unwrap_err().message.contains("is damaged"));
    }
    write_parquet(&path, &groups);
    let source = source::open(&spec).unwrap();
    let none = source.history(&HistoryRequest { period: period("2022-01-01..2022-12-31"), ..request("AA") });
    assert!(none.unwrap_err().message.contains("its bars are of 2020-01-01 to 2020-12-31"));
    assert_eq!(source.symbols().len(), 3);
}

#[test]
fn partitions_of_symbols_and_years_are_found_and_pruned() {
    let folder = Folder::new("hive");
    let file = |place: &str| folder.0.join(place).join("0.parquet");
    write_parquet(&file("symbol=A%2FB/year=2020"), &[&[("A/B", 18_262, 1.0)]]);
    write_parquet(&file("symbol=A%2FB/year=2021"), &[&[("A/B", 18_628, 2.0)]]);
    write_parquet(&file("symbol=CC/year=2021"), &[&[("CC", 18_628, 3.0)]]);
    let source = source::open(&format!("parquet:{}", folder.path())).unwrap();
    assert_eq!(*source.history(&request("A/B")).unwrap().close, [1.0, 2.0]);
    fs::write(file("symbol=A%2FB/year=2020"), "damaged").unwrap();
    let late = HistoryRequest { period: period("2021-01-01..2021-12-31"), ..request("A/B") };
    let error = source.history(&late);
    assert!(error.unwrap_err().message.contains("2020"), "the day before may be in it");
    let later = HistoryRequest { period: period("2021-01-02..2021-12-31"), ..request("CC") };
    assert!(source.history(&later).unwrap_err().message.contains("its bars are of 2021-01-01"));
}

// ---- the methods -----------------------------------------------------------------------------------------------------

struct Now(jiff::Timestamp);
impl Clock for Now {
    fn now(&self) -> jiff::Timestamp {
        self.0
    }
    fn sleep(&self, _: std::time::Duration) -> futures::future::BoxFuture<'static, ()> {
        Box::pin(async {})
    }
}

struct Silent;
impl Notifier for Silent {
    fn notify(&self, _: &str, _: &str, _: Value) {}
}

/// Calls a method of the slice on the bundled prices, on a day.
fn call(method: &str, today: &str, input: &[(&str, Value)]) -> Result<Value, Fault> {
    let market: Arc<dyn MarketData> = source::open("bundled").unwrap();
    let clock = Arc::new(Now(format!("{today}T00:00:00Z").parse().unwrap()));
    let services = Services { clock, market, notifier: Arc::new(Silent), limits: Value::None };
    let ctx = Ctx { services: Arc::new(services), cancel: Cancel::default(), seed: 0 };
    let registry = library();
    let Body::Compute(body) = &registry.method("data", method).unwrap().body else { panic!("it does not compute") };
    body(&ctx, Value::record(input.iter().cloned()))
}

fn literal(text: &str) -> Value {
    literal::read(text).unwrap()
}

fn symbol(text: &str) -> (&'static str, Value) {
    ("symbol", Symbol::new(text).unwrap().into())
}

fn bars_of(value: &Value) -> wf::market::Bars {
    value.to().unwrap()
}

#[test]
fn the_signatures_are_those_of_the_catalogue() {
    let registry = library();
    let signature = |name| registry.method("data", name).unwrap().signature();
    assert_eq!(
        signature("get_historical"),
        "data.get_historical(symbol: Symbol, period: DateRange?, timeframe: Duration above 0 = 1d, adjust: \"all\" | \"splits\" | \"none\" = \"all\") -> Bars"
    );
    assert_eq!(
        signature("get_recent"),
        "data.get_recent(symbol: Symbol, timeframe: Duration above 0 = 1d, lookback: BarCount in 1 bars.. = 500 bars) -> Bars"
    );
    assert_eq!(signature("slice"), "data.slice(bars: Bars, period: DateRange, warmup: BarCount = 0 bars) -> Bars");
    for alias in ["get_data", "fetch_market_data"] {
        assert_eq!(registry.method("data", alias).unwrap().name, "get_historical");
    }
}

#[test]
fn history_slice_and_description_belong_together() {
    let history = call("get_historical", "2026-01-01", &[symbol("AAPL")]).unwrap();
    let bars = bars_of(&history);
    assert_eq!((bars.len(), bars.close[0]), (3270, 4.186_662_803_811));
    let input = [("bars", history), ("period", literal("2005-01-01..2005-12-31")), ("warmup", literal("200 bars"))];
    let part = call("slice", "2026-01-01", &input).unwrap();
    let cut = bars_of(&part);
    assert_eq!((cut.warmup, cut.len(), cut.date(200).unwrap().to_string()), (200, 452, "2005-01-03".into()));
    let early =
        [("bars", Value::from(bars)), ("period", literal("2000-03-03..2000-03-31")), ("warmup", literal("200 bars"))];
    let early = bars_of(&call("slice", "2026-01-01", &early).unwrap());
    assert_eq!(early.warmup, 2);
    assert!(early.notes.iter().any(|it| it == "only 2 of the 200 bars wanted to warm up are there"));
    let said = call("describe", "2026-01-01", &[("bars", part)]).unwrap();
    assert_eq!(said.field("count"), Some(literal("452 bars")));
    assert_eq!(said.field("warmup"), Some(literal("200 bars")));
}

#[test]
fn recent_bars_are_those_complete_on_the_clock_of_the_run() {
    let ask = |today, lookback| call("get_recent", today, &[symbol("IBM"), ("lookback", literal(lookback))]);
    let recent = bars_of(&ask("2010-01-06", "3 bars").unwrap());
    assert_eq!(recent.period(), period("2009-12-31..2010-01-05"));
    assert!(!recent.notes.iter().any(|it| it.starts_with("the last bar")));
    let old = bars_of(&ask("2026-01-01", "500 bars").unwrap());
    assert_eq!(old.period().unwrap().end.to_string(), "2013-03-01");
    assert_eq!(old.notes.last().unwrap(), "the last bar is of 2013-03-01, today is 2026-01-01");
    let early = ask("2000-01-01", "3 bars").unwrap_err();
    assert_eq!(early.message, "no bar of `IBM` is complete on 2000-01-01: its first is of 2000-03-01");
}

#[test]
fn bars_are_identified_by_all_that_matters() {
    use wf::value::Domain as _;
    let bars = bundled(&request("FB"));
    let mut warm = bars.clone();
    warm.warmup = 10;
    assert_ne!(bars.hash(), warm.hash());
    assert_eq!(bars.hash(), bundled(&request("FB")).hash());
}
