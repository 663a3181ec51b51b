//! Bars of one symbol, as columns.

use std::sync::Arc;

use schemars::JsonSchema;
use serde_json::json;

use crate::value::{Detail, Domain, Duration, Nominal, Shared, Symbol, Value};

/// Open, high, low, close and volume of one symbol, oldest first.
#[derive(Clone, Debug, JsonSchema)]
#[schemars(rename = "Bars")]
pub struct BarSeries {
    /// The instrument.
    pub symbol: Symbol,
    /// How long a bar is.
    pub timeframe: Duration,
    /// When each bar starts, in seconds since 1970 (UTC), strictly rising.
    #[schemars(skip)]
    pub time: Arc<[i64]>,
    /// First price of each bar.
    #[schemars(skip)]
    pub open: Arc<[f64]>,
    /// Highest price of each bar.
    #[schemars(skip)]
    pub high: Arc<[f64]>,
    /// Lowest price of each bar.
    #[schemars(skip)]
    pub low: Arc<[f64]>,
    /// Last price of each bar.
    #[schemars(skip)]
    pub close: Arc<[f64]>,
    /// How much was traded in each bar.
    #[schemars(skip)]
    pub volume: Arc<[f64]>,
    /// What to multiply each bar's prices with to adjust for splits and dividends after it; empty where nothing is to adjust.
    #[schemars(skip)]
    pub adjustment: Arc<[f64]>,
    /// How many bars at the start only warm up indicators and are not traded.
    #[schemars(skip)]
    pub warmup: usize,
    /// What was noticed and mended when it was loaded.
    #[schemars(skip)]
    pub notes: Arc<[String]>,
}

/// Bars as steps share them.
pub type Bars = Shared<BarSeries>;

impl BarSeries {
    /// Returns how many bars there are.
    pub fn len(&self) -> usize {
        self.time.len()
    }

    /// Says whether there are none.
    pub fn is_empty(&self) -> bool {
        self.time.is_empty()
    }
}

impl Domain for BarSeries {
    fn name(&self) -> &'static str {
        Self::NAME
    }
    fn field(&self, name: &str) -> Option<Value> {
        match name {
            "symbol" => Some(self.symbol.clone().into()),
            "timeframe" => Some(self.timeframe.into()),
            _ => None,
        }
    }
    fn to_json(&self, _: Detail) -> serde_json::Value {
        json!({ "symbol": self.symbol.as_str(), "bars": self.len() })
    }
    fn encode(&self) -> Vec<u8> {
        let columns = [&self.open, &self.high, &self.low, &self.close, &self.volume, &self.adjustment];
        let floats = columns.into_iter().flat_map(|it| it.iter().flat_map(|it| it.to_le_bytes()));
        let times = self.time.iter().flat_map(|it| it.to_le_bytes());
        self.symbol.as_str().bytes().chain([0]).chain(times).chain(floats).collect()
    }
}

impl Nominal for BarSeries {
    const NAME: &'static str = "Bars";
}
