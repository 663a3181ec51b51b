//! How to split an account over symbols: a series over time.

use std::sync::Arc;

use rust_decimal::{Decimal, prelude::FromPrimitive as _};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{Bars, risk_shares, shrunk, time_text};
use crate::value::{Detail, Domain, Nominal, Percent, Shared, Symbol, Value};

/// The weights decided at one instant, from bars up to it; in force until the next entry.
#[derive(Clone, Debug, PartialEq)]
pub struct TargetAt {
    /// The time of the bars at whose close it was decided, as in `BarSeries::time`.
    pub time: i64,
    /// For each symbol the share of equity to hold as a notional, negative for a short: 0.25 is a quarter. What is left
    /// to 1 is cash.
    pub weights: Arc<[f64]>,
}

/// The share of equity to hold of one symbol.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct TargetWeight {
    /// The instrument.
    pub symbol: Symbol,
    /// The share of equity, negative for a short.
    pub weight: Percent,
    /// What it adds to the variance of all, as a share of it, by the shrunk covariances of the returns over the last 63
    /// times; all of them sum to 100 %. None where there are too few bars, or nothing is held.
    pub risk: Option<Percent>,
}

/// How to split an account over symbols, for each rebalance: an entry at time t uses bars up to t and nothing else.
#[derive(Clone, Debug, JsonSchema)]
#[schemars(rename = "Targets")]
pub struct TargetSeries {
    /// What to hold, in the order of the weights.
    pub symbols: Vec<Symbol>,
    /// The weights in force at the end.
    pub weights: Vec<TargetWeight>,
    /// Whether the limits allow them.
    pub approved: bool,
    /// Why not, or what was reduced.
    pub reasons: Vec<String>,
    /// How they were found.
    pub method: String,
    /// How far a weight may be from its target before it is traded; what is entered or left is traded always.
    pub band: Percent,
    /// What is estimated to be traded in a year, as a share of equity; none where nobody has.
    pub turnover: Option<Percent>,
    /// What else there is to know of them.
    pub notes: Vec<String>,
    /// The bars of each symbol, in the order of `symbols`.
    #[schemars(skip)]
    pub bars: Arc<[Bars]>,
    /// The weights over time, by rising time.
    #[schemars(skip)]
    pub entries: Arc<[TargetAt]>,
}

/// Targets as steps share them.
pub type Targets = Shared<TargetSeries>;

impl TargetSeries {
    /// Returns approved targets of these bars; each entry has one weight for each of them.
    pub fn new(bars: impl Into<Arc<[Bars]>>, entries: impl Into<Arc<[TargetAt]>>, method: impl Into<String>) -> Self {
        let (bars, entries): (Arc<[Bars]>, Arc<[TargetAt]>) = (bars.into(), entries.into());
        let symbols: Vec<_> = bars.iter().map(|it| it.symbol.clone()).collect();
        let last = entries.last().map(|it| it.weights.clone()).unwrap_or_default();
        let risks = entries.last().and_then(|it| risks(&bars, &it.weights, it.time)).unwrap_or_default();
        let share = |it: f64| Percent(Decimal::from_f64(it).unwrap_or_default().round_dp(6));
        let weights = symbols.iter().zip(last.iter()).enumerate().map(|(at, (symbol, weight))| {
            let risk = risks.get(at).copied().map(share);
            TargetWeight { symbol: symbol.clone(), weight: share(*weight), risk }
        });
        let (weights, method, band) = (weights.collect(), method.into(), Percent::default());
        let (reasons, notes) = (Vec::new(), Vec::new());
        Self { weights, symbols, approved: true, reasons, method, band, turnover: None, notes, bars, entries }
    }

    /// Returns these targets with other entries.
    #[must_use]
    pub fn with_entries(&self, entries: impl Into<Arc<[TargetAt]>>, approved: bool, reasons: Vec<String>) -> Self {
        let (band, turnover, notes) = (self.band, self.turnover, self.notes.clone());
        let fresh = Self::new(self.bars.clone(), entries, self.method.clone());
        Self { approved, reasons, band, turnover, notes, ..fresh }
    }

    /// Returns the weights in force at a time, where there are any yet.
    pub fn at(&self, time: i64) -> Option<&TargetAt> {
        let after = self.entries.partition_point(|it| it.time <= time);
        self.entries.get(after.checked_sub(1)?)
    }
}

/// Over how many returns the risk of the last weights is measured.
const RETURNS: usize = 63;

/// Returns what each weight adds to the variance of all at a time, as a share of it.
fn risks(bars: &[Bars], weights: &[f64], time: i64) -> Option<Vec<f64>> {
    let known = |bars: &Bars| bars.time.partition_point(|it| *it <= time);
    let last = bars.iter().flat_map(|it| it.time.iter().take(known(it)).rev().take(RETURNS + 1));
    let mut times: Vec<i64> = last.copied().collect();
    times.sort_unstable();
    times.dedup();
    let times = times.get(times.len().checked_sub(RETURNS + 1)?..)?;
    let held: Vec<(usize, f64)> = weights.iter().copied().enumerate().filter(|it| it.1 != 0.0).collect();
    let returns = held.iter().map(|(at, _)| {
        let bars = bars.get(*at)?;
        let close = |time: &i64| {
            let bar = bars.time.partition_point(|it| it <= time).checked_sub(1)?;
            bars.close.get(bar).copied()
        };
        let closes = times.iter().map(close).collect::<Option<Vec<f64>>>()?;
        Some(closes.iter().zip(closes.iter().skip(1)).map(|(a, b)| (b / a).ln()).collect())
    });
    let returns = returns.collect::<Option<Vec<Vec<f64>>>>()?;
    let shares = risk_shares(&shrunk(&returns), &held.iter().map(|it| it.1).collect::<Vec<_>>())?;
    let mut all = vec![0.0; weights.len()];
    for ((at, _), share) in held.iter().zip(shares) {
        if let Some(it) = all.get_mut(*at) {
            *it = share;
        }
    }
    Some(all)
}

impl Domain for TargetSeries {
    fn name(&self) -> &'static str {
        Self::NAME
    }
    fn field(&self, name: &str) -> Option<Value> {
        Some(match name {
            "symbols" => Value::list(self.symbols.iter().cloned().map(Value::from)),
            "weights" => Value::of(&self.weights).ok()?,
            "approved" => self.approved.into(),
            "reasons" => Value::list(self.reasons.iter().map(|it| it.as_str().into())),
            "method" => self.method.as_str().into(),
            "band" => self.band.into(),
            "turnover" => self.turnover.map_or(Value::None, Value::from),
            "notes" => Value::list(self.notes.iter().map(|it| it.as_str().into())),
            _ => return None,
        })
    }
    fn to_json(&self, detail: Detail) -> serde_json::Value {
        let weights: serde_json::Map<_, _> =
            self.weights.iter().map(|it| (it.symbol.to_string(), json!(it.weight.to_string()))).collect();
        let risk: serde_json::Map<_, _> =
            self.weights.iter().filter_map(|it| Some((it.symbol.to_string(), json!(it.risk?.to_string())))).collect();
        let mut shown = json!({
            "weights": weights,
            "risk": risk,
            "approved": self.approved,
            "reasons": self.reasons,
            "method": self.method,
            "band": self.band.to_string(),
            "turnover": self.turnover.map(|it| it.to_string()),
            "notes": self.notes,
            "rebalances": self.entries.len(),
        });
        if let (Detail::Full, Some(fields)) = (detail, shown.as_object_mut()) {
            let entry = |it: &TargetAt| json!({ "time": time_text(it.time), "weights": &*it.weights });
            fields.insert("entries".into(), self.entries.iter().map(entry).collect());
        }
        shown
    }
    fn encode(&self) -> Vec<u8> {
        let entries = self
            .entries
            .iter()
            .flat_map(|it| it.time.to_le_bytes().into_iter().chain(it.weights.iter().flat_map(|it| it.to_le_bytes())));
        let said = self.reasons.iter().chain(&self.notes).flat_map(|it| it.bytes().chain([0]));
        let said = said.chain([u8::from(self.approved)]).chain(self.band.0.serialize());
        self.bars.iter().flat_map(|it| it.encode()).chain(entries).chain(said).collect()
    }
}

impl Nominal for TargetSeries {
    const NAME: &'static str = "Targets";
}
