//! Where prices come from: what is bundled, CSV files, Parquet files, Arrow files.

mod arrow;
mod bundled;
mod catalogue;
mod cells;
mod column;
mod csv;
mod files;
mod folders;
mod parquet;
mod table;
mod write;

use std::{path::Path, sync::Arc};

pub use bundled::Bundled;
pub use catalogue::{Catalogue, Entry, Imported};
pub use table::Layout;
pub use write::write;

use self::files::Files;
use crate::{
    market::BarSeries,
    slice::{
        Fault,
        ports::{HistoryRequest, MarketData},
    },
    value::Symbol,
};

/// Opens the source that a configuration names: `bundled`, `csv:PATH`, `parquet:PATH`, `arrow:PATH` or `catalogue:PATH`.
/// PATH is a file, a folder of files (named after their symbols, or with a column of symbols), a folder of folders
/// `symbol=AAPL`, or a path in which `{symbol}` stands for the symbol.
///
/// # Errors
/// Where there is no such kind of source, or nothing at the path.
pub fn open(spec: &str) -> Result<Arc<dyn MarketData>, Fault> {
    open_with(spec, &Layout::default())
}

/// Opens a source whose files are laid out as is said.
///
/// # Errors
/// Where there is no such kind of source, or nothing at the path.
pub fn open_with(spec: &str, layout: &Layout) -> Result<Arc<dyn MarketData>, Fault> {
    let (kind, path) = spec.split_once(':').unwrap_or((spec, ""));
    let format = match kind {
        "bundled" if path.is_empty() => return Ok(Arc::new(Bundled)),
        "catalogue" if !path.is_empty() => return Ok(Arc::new(Catalogue::open(Path::new(path))?)),
        "csv" | "catalogue" => csv::FORMAT,
        "parquet" => parquet::FORMAT,
        "arrow" => arrow::FORMAT,
        _ => {
            return Err(Fault::input(format_args!(
                "there is no data source `{spec}`: there are `bundled`, `csv:PATH`, `parquet:PATH`, `arrow:PATH` and \
                 `catalogue:PATH`"
            )));
        }
    };
    if path.is_empty() {
        return Err(Fault::input(format_args!("the data source `{spec}` names no file: write `{kind}:PATH`")));
    }
    Ok(Arc::new(Files::open(format, path, layout.clone())?))
}

/// Adjusts, cuts and resamples what a source has as a request wants it. It is adjusted first: only then do bars across a
/// split or a dividend add up to longer ones.
fn as_requested(series: &BarSeries, request: &HistoryRequest) -> Result<BarSeries, Fault> {
    let adjusted = series.adjusted(request.adjust);
    let part = match request.period {
        Some(period) => adjusted.between(period, 0).map_err(Fault::input)?,
        None => adjusted,
    };
    part.resampled(request.timeframe).map_err(Fault::input)
}

/// How many symbols a message lists.
const LISTED: usize = 12;

/// Returns the fault of a symbol that a source does not have, with the nearest that it has.
fn unknown(symbol: &Symbol, source: &str, has: &[Symbol]) -> Fault {
    let wanted = symbol.as_str().to_uppercase();
    let near = |it: &&Symbol| strsim::damerau_levenshtein(&it.as_str().to_uppercase(), &wanted);
    let guess = has.iter().min_by_key(near).filter(|it| near(it) <= wanted.len().div_ceil(3));
    let guess = guess.map_or(String::new(), |it| format!(", did you mean `{it}`?"));
    let listed: Vec<_> = has.iter().take(LISTED).map(Symbol::as_str).collect();
    let more = if has.len() > LISTED { format!(" and {} more", has.len() - LISTED) } else { String::new() };
    let list = if listed.is_empty() { "no symbols".into() } else { format!("{}{more}", listed.join(", ")) };
    Fault::input(format_args!("there is no `{symbol}` in {source}{guess} (it has {list})"))
}
