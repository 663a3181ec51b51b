//! Folders of bars: files named after their symbols, files of many symbols, and Hive's folders called `key=value`.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use jiff::{ToSpan as _, civil::Date};

use super::files::Format;
use crate::value::{DateRange, Symbol};

/// What stands in a path for the symbol.
const PLACEHOLDER: &str = "{symbol}";
/// What folders of one symbol's files are called before the symbol.
const SYMBOL: &str = "symbol";

/// A file that may hold the bars of a symbol.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Found {
    pub(super) path: PathBuf,
    /// Whether it is of that symbol alone by its name or folder.
    pub(super) own: bool,
}

/// Returns what must exist for a path to be one.
pub(super) fn root(path: &str) -> &Path {
    path.split_once(PLACEHOLDER).map_or(Path::new(path), |(before, _)| folder_of(before))
}

/// Returns the files in which the bars of a symbol that matter to a period may be.
pub(super) fn find(path: &str, format: &Format, symbol: &Symbol, period: Option<DateRange>) -> Vec<Found> {
    let name = file_name(symbol);
    if path.contains(PLACEHOLDER) {
        let candidates = [&name, &name.to_lowercase()].map(|it| PathBuf::from(path.replace(PLACEHOLDER, it)));
        let file = candidates.into_iter().find(|it| it.is_file());
        return file.into_iter().map(|path| Found { path, own: true }).collect();
    }
    let path = Path::new(path);
    if path.is_file() {
        return vec![Found { path: path.to_owned(), own: named_after(path, &name) }];
    }
    let mut found = Vec::new();
    walk(path, &Wanted { format, symbol, name: &name, period }, Level::default(), &mut found);
    found
}

/// Returns the symbols of all files under a path: by their names, else as `of_file` tells.
pub(super) fn symbols(path: &str, format: &Format, of_file: impl Fn(&PathBuf) -> Vec<String>) -> BTreeSet<String> {
    if let Some((before, after)) = path.split_once(PLACEHOLDER) {
        let start = before.rsplit(['/', '\\']).next().unwrap_or_default();
        let names = entries(folder_of(before)).into_iter().filter_map(|it| Some(it.file_name()?.to_str()?.to_owned()));
        return names.filter_map(|it| Some(it.strip_prefix(start)?.strip_suffix(after)?.to_uppercase())).collect();
    }
    let path = Path::new(path);
    if path.is_file() {
        return of_file(&path.to_owned()).into_iter().collect();
    }
    let mut names = BTreeSet::new();
    let mut folders = vec![path.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in partitions(&folder) {
            if entry.key == SYMBOL {
                names.insert(entry.value);
            } else {
                folders.push(entry.path);
            }
        }
        names.extend(files_in(&folder, format).iter().flat_map(&of_file));
    }
    names
}

struct Wanted<'a> {
    format: &'a Format,
    symbol: &'a Symbol,
    name: &'a str,
    period: Option<DateRange>,
}

/// What the folders above a file say of it.
#[derive(Clone, Copy, Default)]
struct Level {
    own: bool,
    year: Option<i16>,
    month: Option<i8>,
}

fn walk(folder: &Path, wanted: &Wanted, level: Level, found: &mut Vec<Found>) {
    for entry in partitions(folder) {
        let mut level = level;
        let days = match entry.key.as_str() {
            SYMBOL
                if !entry.value.eq_ignore_ascii_case(wanted.symbol.as_str())
                    && !entry.value.eq_ignore_ascii_case(wanted.name) =>
            {
                continue;
            }
            SYMBOL => {
                level.own = true;
                None
            }
            "year" => {
                level.year = entry.value.parse().ok();
                level.year.and_then(|it| Some((Date::new(it, 1, 1).ok()?, Date::new(it, 12, 31).ok()?)))
            }
            "month" => {
                level.month = entry.value.parse().ok();
                first_of_month(level).map(|it| (it, it.last_of_month()))
            }
            "day" => {
                let day = || first_of_month(level)?.with().day(entry.value.parse().ok()?).build().ok();
                day().map(|it| (it, it))
            }
            "date" => entry.value.parse().ok().map(|it| (it, it)),
            _ => None,
        };
        if days.is_none_or(|days| overlaps(days, wanted.period)) {
            walk(&entry.path, wanted, level, found);
        }
    }
    let files = files_in(folder, wanted.format);
    if level.own {
        found.extend(files.into_iter().map(|path| Found { path, own: true }));
    } else if let Some(path) = files.iter().find(|it| named_after(it, wanted.name)) {
        found.push(Found { path: path.clone(), own: true });
    } else {
        found.extend(files.into_iter().map(|path| Found { path, own: false }));
    }
}

fn first_of_month(level: Level) -> Option<Date> {
    Date::new(level.year?, level.month?, 1).ok()
}

/// Says whether days of a partition may be in a period: partitions are of local days, which may be a day off. What comes after
/// the period is kept, since prices may be adjusted for it.
fn overlaps((_, last): (Date, Date), period: Option<DateRange>) -> bool {
    period.is_none_or(|it| last.saturating_add(1.day()) >= it.start)
}

/// A folder `key=value`.
struct Partition {
    key: String,
    value: String,
    path: PathBuf,
}

fn partitions(folder: &Path) -> Vec<Partition> {
    let partition = |path: PathBuf| {
        let (key, value) = path.file_name()?.to_str()?.split_once('=')?;
        let value = percent_encoding::percent_decode_str(value).decode_utf8().ok()?.into_owned();
        path.is_dir().then(|| Partition { key: key.to_lowercase(), value, path: path.clone() })
    };
    entries(folder).into_iter().filter_map(partition).collect()
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
pub(super) fn stem(path: &Path) -> String {
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

fn files_in(folder: &Path, format: &Format) -> Vec<PathBuf> {
    let fits = |it: &str| format.extensions.iter().any(|extension| it.eq_ignore_ascii_case(extension));
    let is_one = |it: &PathBuf| it.extension().and_then(|it| it.to_str()).is_some_and(fits);
    entries(folder).into_iter().filter(is_one).collect()
}
