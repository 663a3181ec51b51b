//! Files of bars: which file holds a symbol, whatever its format.

use std::{
    collections::{BTreeSet, HashMap},
    fs,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
    time::SystemTime,
};

use super::{as_requested, table::Table, unknown};
use crate::{
    market::{BarRows, BarSeries, RowNames},
    slice::{
        Fault,
        ports::{HistoryRequest, MarketData},
    },
    value::Symbol,
};

/// A format of files.
#[derive(Clone, Copy)]
pub(super) struct Format {
    /// What sources and file names call it.
    pub(super) name: &'static str,
    /// Reads a file that messages call by its second argument.
    pub(super) read: fn(&Path, &str) -> Result<Table, Fault>,
}

/// What stands in a path for the symbol.
const PLACEHOLDER: &str = "{symbol}";
/// What folders of one symbol's files are called before the symbol.
const PARTITION: &str = "symbol=";

/// Bars in files of one format.
pub(super) struct Files {
    format: Format,
    path: String,
    /// Files as they were when last read: many symbols may be in one, and many runs want the same.
    read: Mutex<HashMap<PathBuf, (Stamp, Arc<Table>)>>,
}

/// By what a file is known to be unchanged.
type Stamp = (Option<SystemTime>, u64);

impl Files {
    pub(super) fn open(format: Format, path: &str) -> Result<Self, Fault> {
        let root = path.split(PLACEHOLDER).next().unwrap_or(path);
        let root = if root.len() == path.len() { Path::new(path) } else { folder_of(root) };
        if !root.exists() {
            let problem = format!("`{}:{path}`: there is no `{}`", format.name, root.display());
            return Err(Fault::input(problem));
        }
        Ok(Self { format, path: path.into(), read: Mutex::default() })
    }

    /// Returns the files in which the bars of a symbol may be, and whether they are of that symbol alone by their name.
    fn files_of(&self, symbol: &Symbol) -> (Vec<PathBuf>, bool) {
        let name = file_name(symbol);
        if self.path.contains(PLACEHOLDER) {
            let candidates = [&name, &name.to_lowercase()].map(|it| PathBuf::from(self.path.replace(PLACEHOLDER, it)));
            return (candidates.into_iter().find(|it| it.is_file()).into_iter().collect(), true);
        }
        let path = Path::new(&self.path);
        if path.is_file() {
            return (vec![path.to_owned()], named_after(path, &name));
        }
        let partition = path.join(format!("{PARTITION}{name}"));
        if partition.is_dir() {
            return (files_in(&partition, self.format.name), true);
        }
        let own = files_in(path, self.format.name).into_iter().find(|it| named_after(it, &name));
        (own.into_iter().collect(), true)
    }

    fn table(&self, path: &Path) -> Result<Arc<Table>, Fault> {
        let stamp = fs::metadata(path).map_or((None, 0), |it| (it.modified().ok(), it.len()));
        let mut read = self.read.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, table)) = read.get(path).filter(|it| it.0 == stamp) {
            return Ok(table.clone());
        }
        let table = Arc::new((self.format.read)(path, &path.display().to_string())?);
        read.insert(path.to_owned(), (stamp, table.clone()));
        Ok(table)
    }

    fn rows(&self, symbol: &Symbol) -> Result<(BarRows, String), Fault> {
        let (files, own) = self.files_of(symbol);
        let mut all: Option<BarRows> = None;
        let mut nameless = None;
        for file in &files {
            let table = self.table(file)?;
            let is_it = |it: &String| it.eq_ignore_ascii_case(symbol.as_str());
            let key = table.keys().find(|it| it.as_ref().is_some_and(is_it) || (it.is_none() && own));
            if let Some(rows) = key.and_then(|it| table.get(it)) {
                all.get_or_insert_default().append(rows.clone());
            } else if table.keys().any(Option::is_none) {
                nameless = Some(file);
            }
        }
        let source = files.first().map_or_else(|| self.path.clone(), |it| it.display().to_string());
        match (all, nameless) {
            (Some(rows), _) => Ok((rows, source)),
            (None, Some(file)) => Err(Fault::input(format_args!(
                "`{}` does not say that its bars are of `{symbol}`: add a column `symbol`, or name the file `{symbol}.{}`",
                file.display(),
                self.format.name,
            ))),
            (None, None) => Err(unknown(symbol, &self.describe(), &self.symbols())),
        }
    }
}

impl MarketData for Files {
    fn history(&self, request: &HistoryRequest) -> Result<BarSeries, Fault> {
        let (rows, source) = self.rows(&request.symbol)?;
        let row = if self.format.name == "csv" { "line" } else { "row" };
        let names = RowNames { source, row };
        let series = BarSeries::from_rows(request.symbol.clone(), None, rows, &names).map_err(Fault::input)?;
        as_requested(&series, request)
    }

    fn symbols(&self) -> Vec<Symbol> {
        let path = Path::new(&self.path);
        let names: BTreeSet<String> = if let Some((before, after)) = self.path.split_once(PLACEHOLDER) {
            let start = before.rsplit(['/', '\\']).next().unwrap_or_default();
            let names =
                entries(folder_of(before)).into_iter().filter_map(|it| Some(it.file_name()?.to_str()?.to_owned()));
            names.filter_map(|it| Some(it.strip_prefix(start)?.strip_suffix(after)?.to_uppercase())).collect()
        } else if path.is_file() {
            let table = self.table(path).unwrap_or_default();
            table.keys().map(|it| it.clone().unwrap_or_else(|| stem(path))).collect()
        } else {
            let partition = |it: PathBuf| Some(it.file_name()?.to_str()?.strip_prefix(PARTITION)?.to_owned());
            let partitions = entries(path).into_iter().filter_map(partition);
            partitions.chain(files_in(path, self.format.name).iter().map(|it| stem(it))).collect()
        };
        names.iter().filter_map(|it| Symbol::new(it).ok()).collect()
    }

    fn describe(&self) -> String {
        format!("`{}:{}`", self.format.name, self.path)
    }
}

/// Returns the symbol as part of a file's name: no symbol leads out of its folder.
fn file_name(symbol: &Symbol) -> String {
    symbol.as_str().replace(['/', ':'], "-").replace("..", "-")
}

/// Says whether a file is called after a symbol: `AAPL.csv`, `aapl_us_d.csv`, `AAPL-1d.csv`.
fn named_after(path: &Path, name: &str) -> bool {
    let stem = path.file_stem().and_then(|it| it.to_str()).unwrap_or_default();
    let exact = stem.eq_ignore_ascii_case(name);
    let rest = stem.get(..name.len()).filter(|it| it.eq_ignore_ascii_case(name)).and(stem.get(name.len()..));
    exact || rest.is_some_and(|it| it.starts_with(['_', '-', '.', ' ']))
}

/// Returns the symbol that a file is called after.
fn stem(path: &Path) -> String {
    let stem = path.file_stem().and_then(|it| it.to_str()).unwrap_or_default();
    stem.split(['_', ' ']).next().unwrap_or(stem).to_uppercase()
}

fn folder_of(prefix: &str) -> &Path {
    let end = prefix.rfind(['/', '\\']).map_or(0, |it| it + 1);
    match prefix.get(..end) {
        None | Some("") => Path::new("."),
        Some(it) => Path::new(it),
    }
}

/// Returns what is in a folder, by name; nothing where it cannot be read.
fn entries(folder: &Path) -> Vec<PathBuf> {
    let mut paths: Vec<PathBuf> = fs::read_dir(folder).into_iter().flatten().flatten().map(|it| it.path()).collect();
    paths.sort();
    paths
}

fn files_in(folder: &Path, extension: &str) -> Vec<PathBuf> {
    let is_one = |it: &PathBuf| it.extension().is_some_and(|it| it.eq_ignore_ascii_case(extension));
    entries(folder).into_iter().filter(is_one).collect()
}
