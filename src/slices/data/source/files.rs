//! Files of bars: which file and which part of it holds a symbol's bars of a period, whatever its format.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    fs,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::SystemTime,
};

use super::{
    as_requested,
    folders::{self, Found},
    table::{Layout, Table},
    unknown,
};
use crate::{
    market::{Adjust, BarRows, BarSeries, DAY_SECONDS, RowNames, seconds_of},
    slice::{
        Fault,
        ports::{HistoryRequest, MarketData},
    },
    value::{DateRange, Symbol},
};

/// Reads parts of a file that messages call by the second argument.
type Read = fn(&Path, &str, &Layout, &[usize]) -> Result<Vec<Table>, Fault>;

/// A format of files.
#[derive(Clone, Copy)]
pub(super) struct Format {
    /// What sources call it.
    pub(super) name: &'static str,
    /// What names of its files end in; the first is the usual one.
    pub(super) extensions: &'static [&'static str],
    /// What people call a row.
    pub(super) row: &'static str,
    /// Tells what parts a file has, from little of it.
    pub(super) chunks: fn(&Path, &str, &Layout) -> Result<Vec<Chunk>, Fault>,
    /// Reads parts of a file.
    pub(super) read: Read,
}

/// A part of a file that is read on its own: a row group of a Parquet file, the whole of a CSV file.
#[derive(Clone, Debug)]
pub(super) struct Chunk {
    /// What bounds the symbols in it, where that is known.
    pub(super) symbols: Option<(String, String)>,
    /// The seconds of its first and last bar, where they are known.
    pub(super) days: Option<(i64, i64)>,
    /// Whether its rows say of which symbol they are.
    pub(super) names_symbols: bool,
    /// Whether its rows have adjusted closes.
    pub(super) adjusted: bool,
}

impl Chunk {
    fn may_hold(&self, symbol: &Symbol) -> bool {
        let upper = |it: &str| it.to_uppercase();
        let wanted = upper(symbol.as_str());
        // Where case is mixed the order of bytes tells nothing of the order of letters.
        let plain = |it: &str| !it.bytes().any(|it| it.is_ascii_lowercase());
        match &self.symbols {
            Some((first, last)) if plain(first) && plain(last) => *first <= wanted && wanted <= *last,
            _ => true,
        }
    }

    /// Says whether bars in it may matter to a period. What comes after the period matters where prices are adjusted for it.
    fn matters(&self, period: Option<DateRange>, adjust: Adjust) -> bool {
        let (Some((first, last)), Some(period)) = (self.days, period) else { return true };
        let after = self.adjusted && adjust != Adjust::None;
        last >= seconds_of(period.start) && (after || first < seconds_of(period.end) + DAY_SECONDS)
    }
}

/// By what a file is known to be unchanged.
type Stamp = (Option<SystemTime>, u64);
/// A part of a file as it was when it was read.
type Part = (PathBuf, Stamp, usize);

/// How many bars are kept for later requests: some 2 GB with their rows.
const KEPT: usize = 20_000_000;

/// Bars in files of one format.
pub(super) struct Files {
    format: Format,
    path: String,
    layout: Layout,
    kept: Mutex<Kept>,
}

/// What was read, as many runs want the same.
#[derive(Default)]
struct Kept {
    chunks: HashMap<(PathBuf, Stamp), Arc<[Chunk]>>,
    /// Parts that hold more than one symbol: the others are asked for next.
    tables: HashMap<Part, Arc<Table>>,
    series: HashMap<(Symbol, Vec<Part>), BarSeries>,
    bars: usize,
}

impl Kept {
    fn make_room(&mut self, bars: usize) {
        self.bars += bars;
        if self.bars > KEPT {
            *self = Self { bars, ..Self::default() };
        }
    }
}

impl Files {
    pub(super) fn open(format: Format, path: &str, layout: Layout) -> Result<Self, Fault> {
        let root = folders::root(path);
        if !root.exists() {
            let problem = format!("`{}:{path}`: there is no `{}`", format.name, root.display());
            return Err(Fault::input(problem));
        }
        Ok(Self { format, path: path.into(), layout, kept: Mutex::default() })
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn chunks(&self, path: &Path) -> Result<(Stamp, Arc<[Chunk]>), Fault> {
        let stamp = fs::metadata(path).map_or((None, 0), |it| (it.modified().ok(), it.len()));
        let key = (path.to_owned(), stamp);
        if let Some(it) = self.kept().chunks.get(&key) {
            return Ok((stamp, it.clone()));
        }
        let chunks: Arc<[Chunk]> = (self.format.chunks)(path, &path.display().to_string(), &self.layout)?.into();
        self.kept().chunks.insert(key, chunks.clone());
        Ok((stamp, chunks))
    }

    /// Returns the parts that may hold the bars of a symbol that matter to a request.
    fn parts(&self, files: &[Found], request: &HistoryRequest, pruned: bool) -> Result<Vec<Part>, Fault> {
        let mut parts = Vec::new();
        let named = self.layout.symbol.as_ref() == Some(&request.symbol) || Path::new(&self.path).is_file();
        for file in files {
            let (stamp, chunks) = match self.chunks(&file.path) {
                Ok(it) => it,
                Err(fault) if file.own || named => return Err(fault),
                // One of many files that are not known to be about the symbol.
                Err(_) => continue,
            };
            let wanted = |it: &Chunk| {
                (file.own || ((it.names_symbols || named) && it.may_hold(&request.symbol)))
                    && (!pruned || it.matters(request.period, request.adjust))
            };
            let wanted = chunks.iter().enumerate().filter(|it| wanted(it.1));
            parts.extend(wanted.map(|(at, _)| (file.path.clone(), stamp, at)));
        }
        Ok(parts)
    }

    /// Reads parts; those that hold more symbols than one are kept.
    fn tables(&self, parts: &[Part]) -> Result<Vec<Arc<Table>>, Fault> {
        let mut found: Vec<Option<Arc<Table>>> = {
            let kept = self.kept();
            parts.iter().map(|it| kept.tables.get(it).cloned()).collect()
        };
        let mut missing: BTreeMap<&Path, Vec<usize>> = BTreeMap::new();
        for ((path, _, at), _) in parts.iter().zip(&found).filter(|it| it.1.is_none()) {
            missing.entry(path).or_default().push(*at);
        }
        for (path, groups) in missing {
            let tables = (self.format.read)(path, &path.display().to_string(), &self.layout, &groups)?;
            for (group, table) in groups.into_iter().zip(tables) {
                let place = parts.iter().position(|it| it.0 == path && it.2 == group);
                let Some((place, part)) = place.and_then(|it| parts.get(it).map(|part| (it, part))) else { continue };
                let table = Arc::new(table);
                if table.len() > 1 {
                    let mut kept = self.kept();
                    kept.make_room(table.values().flatten().map(|it| it.time.len()).sum());
                    kept.tables.insert(part.clone(), table.clone());
                }
                if let Some(it) = found.get_mut(place) {
                    *it = Some(table);
                }
            }
        }
        Ok(found.into_iter().flatten().collect())
    }

    /// Returns the bars of a symbol that matter to a request, checked.
    pub(super) fn series(&self, request: &HistoryRequest) -> Result<BarSeries, Fault> {
        let symbol = &request.symbol;
        let mut files = folders::find(&self.path, &self.format, symbol, request.period);
        let mut parts = self.parts(&files, request, true)?;
        if parts.is_empty() {
            // So that the message can say of which days there are bars.
            files = folders::find(&self.path, &self.format, symbol, None);
            parts = self.parts(&files, request, false)?;
        }
        let key = (symbol.clone(), parts);
        if let Some(it) = self.kept().series.get(&key) {
            return Ok(it.clone());
        }
        let rows = self.rows(symbol, &files, &key.1)?;
        let source = files.first().map_or_else(|| self.path.clone(), |it| it.path.display().to_string());
        let names = RowNames { source, row: self.format.row };
        let series = BarSeries::from_rows(symbol.clone(), self.layout.timeframe, self.layout.calendar, rows, &names)
            .map_err(Fault::input)?;
        let mut kept = self.kept();
        kept.make_room(series.len());
        kept.series.insert(key, series.clone());
        Ok(series)
    }

    fn rows(&self, symbol: &Symbol, files: &[Found], parts: &[Part]) -> Result<Vec<BarRows>, Fault> {
        let mut all = Vec::new();
        let mut found = false;
        let mut nameless = None;
        for (table, part) in self.tables(parts)?.into_iter().zip(parts) {
            let by_file =
                files.iter().any(|it| it.own && it.path == part.0) || self.layout.symbol.as_ref() == Some(symbol);
            let is_it = |it: &Option<String>| match it {
                Some(it) => it.eq_ignore_ascii_case(symbol.as_str()),
                None => by_file,
            };
            let key = table.keys().find(|it| is_it(it)).cloned();
            let unnamed = table.contains_key(&None);
            match key {
                Some(key) => {
                    // What only this call holds is moved, not copied.
                    let rows = match Arc::try_unwrap(table) {
                        Ok(mut table) => table.remove(&key),
                        Err(shared) => shared.get(&key).cloned(),
                    };
                    all.extend(rows.unwrap_or_default());
                    found = true;
                }
                None if unnamed => nameless = Some(&part.0),
                None => {}
            }
        }
        match nameless {
            _ if found => Ok(all),
            Some(file) => Err(Fault::input(format_args!(
                "`{}` does not say that its bars are of `{symbol}`: add a column `symbol`, name the file `{symbol}.{}`, or \
                 say `data: {{symbol: {symbol}}}` in wf.yaml",
                file.display(),
                self.format.extensions.first().copied().unwrap_or_default(),
            ))),
            None => Err(unknown(symbol, &self.describe(), &self.symbols())),
        }
    }

    /// Returns the symbols that a file says it holds.
    fn symbols_of(&self, file: &Path) -> Result<Vec<String>, Fault> {
        let (stamp, chunks) = self.chunks(file)?;
        if !chunks.iter().any(|it| it.names_symbols) {
            let symbol = self.layout.symbol.as_ref().map(|it| it.as_str().to_owned());
            return Ok(vec![symbol.unwrap_or_else(|| folders::stem(file))]);
        }
        let mut names = Vec::new();
        let mut parts = Vec::new();
        for (at, chunk) in chunks.iter().enumerate() {
            match &chunk.symbols {
                Some((first, last)) if first == last => names.push(first.clone()),
                _ => parts.push((file.to_owned(), stamp, at)),
            }
        }
        let tables = self.tables(&parts)?;
        names.extend(tables.iter().flat_map(|it| it.keys().flatten().cloned()));
        Ok(names)
    }
}

impl MarketData for Files {
    fn history(&self, request: &HistoryRequest) -> Result<BarSeries, Fault> {
        as_requested(&self.series(request)?, request)
    }

    fn symbols(&self) -> Vec<Symbol> {
        let of_file = |it: &PathBuf| self.symbols_of(it).unwrap_or_default();
        let names: BTreeSet<String> = folders::symbols(&self.path, &self.format, of_file);
        names.iter().filter_map(|it| Symbol::new(it).ok()).collect()
    }

    fn describe(&self) -> String {
        format!("`{}:{}`", self.format.name, self.path)
    }
}
