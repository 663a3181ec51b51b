//! A folder of bars that were imported: `symbol=AAPL/timeframe=1d/bars.parquet`.

use std::{
    collections::BTreeMap,
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};

use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};

use super::{arrow, csv, files::Files, parquet, table::Layout, unknown, write};
use crate::{
    market::{Adjust, BarSeries, Calendar, date_of, time_text},
    slice::{
        Fault,
        ports::{HistoryRequest, MarketData},
    },
    syntax::literal,
    value::{DateRange, Duration, Symbol, Timeframe},
};

/// What no name of a folder may have in it on any system, and what would look like another partition.
const ESCAPED: &AsciiSet = &CONTROLS
    .add(b'/')
    .add(b'\\')
    .add(b':')
    .add(b'*')
    .add(b'?')
    .add(b'"')
    .add(b'<')
    .add(b'>')
    .add(b'|')
    .add(b'%')
    .add(b'=')
    .add(b'.');

/// The only file of a folder.
const FILE: &str = "bars.parquet";
/// How many conflicts a message describes; the rest are counted.
const SHOWN: usize = 3;

/// Imported bars.
pub struct Catalogue {
    root: PathBuf,
    /// Files that were opened, which keep what they read.
    open: Mutex<BTreeMap<PathBuf, Arc<Files>>>,
}

/// What is stored of a symbol.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// The instrument.
    pub symbol: Symbol,
    /// How long a bar is.
    pub timeframe: Duration,
    /// How many bars there are.
    pub bars: u64,
    /// From the first to the last day.
    pub period: Option<DateRange>,
    /// How many bytes they take on disk.
    pub bytes: u64,
}

/// What an import did with the bars of a symbol.
#[derive(Clone, Debug, PartialEq)]
pub struct Imported {
    /// The instrument.
    pub symbol: Symbol,
    /// How long a bar is.
    pub timeframe: Duration,
    /// How many bars were not there before.
    pub added: u64,
    /// How many bars have other figures than before.
    pub replaced: u64,
    /// How many were there with the same figures.
    pub same: u64,
    /// What was noticed when they were read.
    pub notes: Vec<String>,
}

impl Catalogue {
    /// Returns the catalogue in a folder, which an import creates.
    pub fn at(root: &Path) -> Self {
        Self { root: root.to_owned(), open: Mutex::default() }
    }

    /// Opens the catalogue in a folder.
    ///
    /// # Errors
    /// Where there is no such folder.
    pub fn open(root: &Path) -> Result<Self, Fault> {
        if !root.is_dir() {
            return Err(Fault::input(format_args!(
                "there is no catalogue `{}`: `wf data import PATH` makes one",
                root.display()
            )));
        }
        Ok(Self::at(root))
    }

    /// Returns what is stored, by symbol and timeframe.
    ///
    /// # Errors
    /// A file that cannot be read.
    pub fn list(&self) -> Result<Vec<Entry>, Fault> {
        let mut all = Vec::new();
        for symbol in self.symbols() {
            for (timeframe, path) in self.timeframes(&symbol) {
                let (bars, seconds) = parquet::extent(&path, &path.display().to_string())?;
                let period = seconds.map(|(first, last)| DateRange { start: date_of(first), end: date_of(last) });
                let bytes = fs::metadata(&path).map_or(0, |it| it.len());
                all.push(Entry { symbol: symbol.clone(), timeframe, bars, period, bytes });
            }
        }
        Ok(all)
    }

    /// Returns the shortest timeframe that is stored of a symbol.
    pub fn shortest(&self, symbol: &Symbol) -> Option<Duration> {
        self.timeframes(symbol).first_key_value().map(|it| *it.0)
    }

    /// Takes the bars of a CSV, Parquet or Arrow file or folder, each symbol whole or not at all. Bars that are there already with the
    /// same prices and volume stay as they are.
    ///
    /// # Errors
    /// Where the files cannot be read; where bars contradict those that are there, unless `replace` says that the new ones count.
    pub fn import(&self, path: &Path, layout: &Layout, replace: bool) -> Result<Vec<Imported>, Fault> {
        let told = [csv::FORMAT, arrow::FORMAT].into_iter().find(|it| holds(path, it.extensions));
        let format = told.unwrap_or(parquet::FORMAT);
        let files = Files::open(format, &path.display().to_string(), layout.clone())?;
        let symbols = layout.symbol.clone().map_or_else(|| files.symbols(), |it| vec![it]);
        if symbols.is_empty() {
            return Err(Fault::input(format_args!(
                "there are no bars in `{}`: it wants CSV, Parquet or Arrow files",
                path.display()
            )));
        }
        symbols.into_iter().map(|it| self.store(&files.series(&whole(it))?, replace)).collect()
    }

    fn store(&self, new: &BarSeries, replace: bool) -> Result<Imported, Fault> {
        let path = self.place(&new.symbol, new.timeframe);
        let old = if path.is_file() { Some(self.read(&new.symbol, new.timeframe, &path)?) } else { None };
        let merged = Merge::of(old.as_ref(), new);
        if let (false, Some(old)) = (replace, &old) {
            merged.refuse_conflicts(old, new)?;
        }
        if merged.changes {
            write::write(&merged.bars, &path)?;
        }
        Ok(Imported {
            symbol: new.symbol.clone(),
            timeframe: new.timeframe,
            added: merged.added,
            replaced: merged.conflicts.len() as u64,
            same: merged.same,
            notes: new.notes.to_vec(),
        })
    }

    fn read(&self, symbol: &Symbol, timeframe: Duration, path: &Path) -> Result<BarSeries, Fault> {
        self.files(symbol, timeframe, path)?.series(&whole(symbol.clone()))
    }

    fn files(&self, symbol: &Symbol, timeframe: Duration, path: &Path) -> Result<Arc<Files>, Fault> {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(it) = open.get(path) {
            return Ok(it.clone());
        }
        let name = path.display().to_string();
        let calendar = parquet::calendar(path, &name)?;
        let layout = Layout { symbol: Some(symbol.clone()), timeframe: Some(timeframe), calendar, ..Layout::default() };
        let files = Arc::new(Files::open(parquet::FORMAT, &name, layout)?);
        open.insert(path.to_owned(), files.clone());
        Ok(files)
    }

    fn place(&self, symbol: &Symbol, timeframe: Duration) -> PathBuf {
        let symbol = utf8_percent_encode(symbol.as_str(), ESCAPED);
        self.root.join(format!("symbol={symbol}")).join(format!("timeframe={timeframe}")).join(FILE)
    }

    /// Returns what is stored of a symbol, the shortest timeframe first.
    fn timeframes(&self, symbol: &Symbol) -> BTreeMap<Duration, PathBuf> {
        let folder = self.root.join(format!("symbol={}", utf8_percent_encode(symbol.as_str(), ESCAPED)));
        let entries = fs::read_dir(folder).into_iter().flatten().flatten();
        let timeframe = |it: fs::DirEntry| {
            let name = it.file_name().to_str()?.strip_prefix("timeframe=")?.to_owned();
            let path = it.path().join(FILE);
            let timeframe: Timeframe = literal::read(&name)?.to().ok()?;
            path.is_file().then_some((timeframe.0, path))
        };
        entries.filter_map(timeframe).collect()
    }
}

impl MarketData for Catalogue {
    fn history(&self, request: &HistoryRequest) -> Result<BarSeries, Fault> {
        let stored = self.timeframes(&request.symbol);
        // The longest that makes up what is wanted is the least to read; where none does, the message is about the shortest.
        let fits = |it: &&Duration| BarSeries::makes_up(**it, request.timeframe);
        let best = stored.keys().rev().find(fits).or_else(|| stored.keys().next());
        match best.and_then(|it| stored.get(it).map(|path| (*it, path))) {
            Some((timeframe, path)) => self.files(&request.symbol, timeframe, path)?.history(request),
            None => Err(unknown(&request.symbol, &self.describe(), &self.symbols())),
        }
    }

    fn symbols(&self) -> Vec<Symbol> {
        let name = |it: fs::DirEntry| {
            let name = it.file_name().to_str()?.strip_prefix("symbol=")?.to_owned();
            Symbol::new(&percent_encoding::percent_decode_str(&name).decode_utf8().ok()?).ok()
        };
        let mut all: Vec<Symbol> = fs::read_dir(&self.root).into_iter().flatten().flatten().filter_map(name).collect();
        all.sort();
        all
    }

    fn describe(&self) -> String {
        format!("`catalogue:{}`", self.root.display())
    }
}

/// All that there is of a symbol, as it was traded.
fn whole(symbol: Symbol) -> HistoryRequest {
    HistoryRequest { symbol, period: None, timeframe: Duration::DAY, adjust: Adjust::None }
}

/// Says whether a file, or one of a folder's, ends in one of these.
fn holds(path: &Path, extensions: &[&str]) -> bool {
    let is_one = |it: &Path| it.extension().and_then(|it| it.to_str()).is_some_and(|it| extensions.contains(&it));
    is_one(path) || fs::read_dir(path).into_iter().flatten().flatten().any(|it| is_one(&it.path()))
}

/// What comes of old and new bars together.
struct Merge {
    bars: BarSeries,
    added: u64,
    same: u64,
    /// The times at which both have bars with other figures.
    conflicts: Vec<i64>,
    /// Whether old bars that the new do not have are adjusted on another basis than the new.
    rebased: bool,
    changes: bool,
}

/// The figures of a bar: prices, volume, adjusted close.
type Figures = [f64; 6];

fn rows(bars: &BarSeries) -> impl Iterator<Item = (i64, Figures)> {
    let figure = |it: &[f64], at: usize| it.get(at).copied().unwrap_or(f64::NAN);
    bars.time.iter().enumerate().map(move |(at, time)| {
        let columns = [&bars.open, &bars.high, &bars.low, &bars.close, &bars.volume, &bars.adjusted_close];
        (*time, columns.map(|it| figure(it, at)))
    })
}

impl Merge {
    fn of(old: Option<&BarSeries>, new: &BarSeries) -> Self {
        let mut all: BTreeMap<i64, Figures> = old.into_iter().flat_map(rows).collect();
        let before = all.len();
        let (mut added, mut same, mut changed, mut rebased) = (0, 0, false, false);
        let mut conflicts = Vec::new();
        for (time, figures) in rows(new) {
            let bits = |it: &Figures| it.map(f64::to_bits);
            match all.insert(time, figures) {
                None => added += 1,
                Some(kept) => {
                    let [.., old_adjusted] = kept;
                    let [.., adjusted] = figures;
                    rebased |=
                        old_adjusted.is_nan() != adjusted.is_nan() || (old_adjusted / adjusted - 1.0).abs() > 1e-6;
                    changed |= bits(&kept) != bits(&figures);
                    let differs = bits(&kept).iter().zip(bits(&figures)).take(5).any(|(a, b)| *a != b);
                    if differs { conflicts.push(time) } else { same += 1 }
                }
            }
        }
        let covered = before as u64 == same + conflicts.len() as u64;
        let column = |at: usize| all.values().filter_map(|it| it.get(at).copied()).collect::<Arc<[f64]>>();
        let adjusted = column(5);
        let mut bars = BarSeries {
            time: all.keys().copied().collect(),
            open: column(0),
            high: column(1),
            low: column(2),
            close: column(3),
            volume: column(4),
            adjusted_close: if adjusted.iter().any(|it| it.is_nan()) { [].into() } else { adjusted },
            ..new.clone()
        };
        let calendar = old.map_or(Calendar::Utc, |it| it.origin.calendar);
        if bars.origin.calendar == Calendar::Utc {
            bars.origin.calendar = calendar;
        }
        let mixed = old.is_some_and(|it| it.adjusted_close.is_empty() != new.adjusted_close.is_empty());
        let changes = old.is_none() || added > 0 || changed || bars.origin.calendar != calendar;
        Self { bars, added, same, conflicts, rebased: (rebased || mixed) && !covered, changes }
    }

    fn refuse_conflicts(&self, old: &BarSeries, new: &BarSeries) -> Result<(), Fault> {
        let names = format!("`{}` {}", new.symbol, new.timeframe);
        let advice = "nothing of it was imported; `--replace` lets the new ones count";
        if !self.conflicts.is_empty() {
            let close = |bars: &BarSeries, time: i64| {
                bars.time.binary_search(&time).ok().and_then(|at| bars.close.get(at).copied()).unwrap_or(f64::NAN)
            };
            let mut message =
                format!("{names}: {} bars have other figures than in the catalogue", self.conflicts.len());
            for (at, time) in self.conflicts.iter().take(SHOWN).enumerate() {
                let sign = if at == 0 { ": " } else { "; " };
                let (before, after) = (close(old, *time), close(new, *time));
                // Writing to a text cannot fail.
                let _ = write!(message, "{sign}{} closed at {before}, now {after}", time_text(*time));
            }
            return Err(Fault::input(format_args!("{message}; {advice}")));
        }
        if self.rebased {
            return Err(Fault::input(format_args!(
                "{names}: the adjusted closes are on another basis than those in the catalogue, and not all of these are in \
                 the file; {advice}, or import a file with all of its history"
            )));
        }
        Ok(())
    }
}
