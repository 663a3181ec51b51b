//! The prices that come with the program.

use std::sync::OnceLock;

use bytes::Bytes;

use super::{as_requested, parquet, unknown};
use crate::{
    market::{BarSeries, Calendar, RowNames},
    slice::{
        Fault,
        ports::{HistoryRequest, MarketData},
    },
    value::{Duration, Symbol},
};

/// Daily bars of five stocks; `data/README.md` says where they come from.
static FILE: &[u8] = include_bytes!("../../../../data/stocks.parquet");

/// Daily bars of AAPL, FB, GOOG, IBM and MSFT, 2000 to 2013, embedded in the program. They are decoded once a process.
#[derive(Clone, Copy, Debug, Default)]
pub struct Bundled;

fn series() -> Result<&'static [BarSeries], Fault> {
    static SERIES: OnceLock<Result<Vec<BarSeries>, Fault>> = OnceLock::new();
    SERIES.get_or_init(decode).as_deref().map_err(Clone::clone)
}

fn decode() -> Result<Vec<BarSeries>, Fault> {
    let names = RowNames { source: "stocks.parquet".into(), row: "row" };
    let table = parquet::read(Bytes::from_static(FILE), &names.source)?;
    let one = |(symbol, parts): (Option<String>, _)| {
        let symbol = Symbol::new(&symbol.unwrap_or_default())?;
        BarSeries::from_rows(symbol, Some(Duration::DAY), Calendar::Xnys, parts, &names).map_err(Fault::permanent)
    };
    table.into_iter().map(one).collect()
}

impl MarketData for Bundled {
    fn history(&self, request: &HistoryRequest) -> Result<BarSeries, Fault> {
        let found = series()?.iter().find(|it| it.symbol == request.symbol);
        let series = found.ok_or_else(|| unknown(&request.symbol, &self.describe(), &self.symbols()))?;
        as_requested(series, request)
    }
    fn symbols(&self) -> Vec<Symbol> {
        series().unwrap_or_default().iter().map(|it| it.symbol.clone()).collect()
    }
    fn describe(&self) -> String {
        "the bundled prices".into()
    }
}
