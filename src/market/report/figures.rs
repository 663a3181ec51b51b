//! The metrics of one report, each group of them computed when it is first asked for.

use std::sync::OnceLock;

use rust_decimal::{
    Decimal,
    prelude::{FromPrimitive as _, ToPrimitive as _},
};
use serde_json::{Value as Json, json};

use super::{
    BacktestReportData,
    measures::{MEASURES, Measure, MeasureGroup, MeasureUnit},
};
use crate::{
    market::{
        DAY_SECONDS, TradeRecord,
        metrics::{
            Activity, Basis, Metric, TradeResult, calendar, distribution, drawdowns, of_trades, performance, relative,
            returns_of,
        },
    },
    value::{Percent, Value},
};

/// The value of a metric, or why it has none.
#[derive(Clone, Copy, Debug)]
pub struct Measured {
    /// The metric.
    pub measure: &'static Measure,
    /// What it is, to 8 decimals.
    pub value: Result<Decimal, &'static str>,
}

/// What the metrics of a report are found from beside its equity and trades, and those that were found.
#[derive(Clone, Debug)]
pub(super) struct Figures {
    /// On what basis figures a year are computed.
    pub basis: Basis,
    /// At the close of how many bars something was held.
    pub exposed: usize,
    /// What was bought and sold.
    pub traded: f64,
    /// In the order of [`MeasureGroup::ALL`].
    found: [OnceLock<Vec<Measured>>; MeasureGroup::ALL.len()],
}

impl Figures {
    pub(super) fn new(basis: Basis, exposed: usize, traded: f64) -> Self {
        Self { basis, exposed, traded, found: Default::default() }
    }

    /// Returns the metrics of a group.
    pub(super) fn of(&self, group: MeasureGroup, report: &BacktestReportData) -> &[Measured] {
        let place = MeasureGroup::ALL.iter().position(|it| *it == group).and_then(|it| self.found.get(it));
        let find = || {
            let metrics = self.metrics(group, report);
            MEASURES.iter().filter(|it| it.group == group).map(|it| of_found(it, &metrics)).collect()
        };
        place.map_or(&[], |it| it.get_or_init(find))
    }

    fn metrics(&self, group: MeasureGroup, report: &BacktestReportData) -> Vec<Metric> {
        let (curve, basis) = (report.curve(), &self.basis);
        match group {
            MeasureGroup::Performance => performance(&curve, basis),
            MeasureGroup::Distribution => distribution(&curve, basis),
            MeasureGroup::Drawdown => drawdowns(&report.stamps(), &curve, basis),
            MeasureGroup::Calendar => calendar(&report.stamps(), &curve),
            MeasureGroup::Benchmark => relative(&returns_of(&curve), &returns_of(&report.benchmark()), basis),
            MeasureGroup::Trades => {
                let trades: Vec<_> = report.trades.iter().map(result).collect();
                let mean = curve.iter().sum::<f64>() / curve.len() as f64;
                let activity = Activity {
                    bars: report.bars,
                    exposed: self.exposed,
                    turnover: self.traded / mean,
                    years: (curve.len() as f64 - 1.0) / basis.periods,
                };
                of_trades(&trades, &activity)
            }
        }
    }
}

fn result(it: &TradeRecord) -> TradeResult {
    TradeResult {
        pnl: it.pnl.amount.to_f64().unwrap_or(f64::NAN),
        gain: it.gain.0.to_f64().unwrap_or(f64::NAN),
        bars: it.bars,
        days: (it.exit_date - it.entry_date) as f64 / DAY_SECONDS as f64,
    }
}

/// Returns a metric among those that were found.
pub(super) fn of_found(measure: &'static Measure, found: &[Metric]) -> Measured {
    Measured::of(measure, found.iter().find(|it| it.name == measure.name))
}

impl Measured {
    fn of(measure: &'static Measure, found: Option<&Metric>) -> Self {
        let exact =
            |it: f64| Decimal::from_f64(it).map(|it| it.round_dp(8).normalize()).ok_or("it is too large to be told");
        Self { measure, value: found.map_or(Err("it was not computed"), |it| it.value).and_then(exact) }
    }

    /// Returns it as expressions read it: none where it is undefined.
    pub fn value(&self) -> Value {
        match (self.value, self.measure.unit) {
            (Ok(it), MeasureUnit::Percent) => Percent(it).into(),
            (Ok(it), MeasureUnit::Number) => it.into(),
            (Err(_), _) => Value::None,
        }
    }

    /// Returns it as JSON, with the reason where it is undefined.
    pub fn json(&self) -> Json {
        match self.value {
            Ok(_) => self.value().to_json(crate::value::Detail::Summary),
            Err(reason) => json!({ "value": null, "reason": reason }),
        }
    }
}
