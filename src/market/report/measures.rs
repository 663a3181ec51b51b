//! The metrics of a report: one table, from which fields, schema and JSON follow.

use std::borrow::Cow;

use rust_decimal::{
    Decimal,
    prelude::{FromPrimitive as _, ToPrimitive as _},
};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};
use serde_json::{Value as Json, json};

use super::TradeRecord;
use crate::{
    market::metrics::{Basis, Metric, TradeResult, of_equity, of_trades},
    value::{Percent, Value},
};

/// In what a metric is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MeasureUnit {
    /// A share of a whole.
    Percent,
    /// A plain number.
    Number,
}

/// A metric of a report: how it is called and what it says.
#[derive(Clone, Copy, Debug)]
pub struct Measure {
    /// Its name.
    pub name: &'static str,
    /// In what it is told.
    pub unit: MeasureUnit,
    /// What it says.
    pub doc: &'static str,
}

/// The value of a metric, or why it has none.
#[derive(Clone, Debug, PartialEq)]
pub struct Measured {
    /// In what it is told.
    pub unit: MeasureUnit,
    /// What it is, to 8 decimals.
    pub value: Result<Decimal, &'static str>,
    /// How it is computed.
    pub convention: Cow<'static, str>,
}

/// What metrics are found from.
pub(super) struct Sample<'a> {
    /// What the account was worth, its capital first.
    pub curve: &'a [f64],
    /// The closed trades.
    pub trades: &'a [TradeRecord],
    /// On what basis figures a year are computed.
    pub basis: Basis,
    /// How many bars there are, and at the close of how many something was held.
    pub bars: usize,
    pub exposed: usize,
    /// What was bought and sold.
    pub traded: f64,
}

use MeasureUnit::{Number, Percent as Share};

const fn measure(name: &'static str, unit: MeasureUnit, doc: &'static str) -> Measure {
    Measure { name, unit, doc }
}

const SHARPE: Measure = measure("sharpe", Number, "Mean return over its standard deviation, a year.");

/// Every metric of a report, in the order in which it is shown.
pub const MEASURES: &[Measure] = &[
    measure("total_return", Share, "Final equity over capital, less 1."),
    measure("cagr", Share, "Compound growth a year."),
    measure("volatility", Share, "Standard deviation of the returns, a year."),
    SHARPE,
    measure("sortino", Number, "Mean return over the downside deviation, a year."),
    measure("max_drawdown", Share, "The furthest that equity fell below its highest so far: a negative share."),
    measure("calmar", Number, "`cagr` over the size of `max_drawdown`."),
    measure("omega", Number, "Gains over losses of the returns."),
    measure("var_95", Share, "Value at risk: the 5th percentile of the returns, a negative share."),
    measure("cvar_95", Share, "The mean of the worst twentieth of the returns, a negative share."),
    measure("ulcer_index", Share, "How deep and how long equity was below its highest."),
    measure("tail_ratio", Number, "The 95th percentile of the returns over the size of the 5th."),
    measure("win_rate", Share, "The share of closed trades that won, after costs."),
    measure("profit_factor", Number, "What closed trades won over what they lost, after costs."),
    measure("payoff_ratio", Number, "The mean win over the mean loss, after costs."),
    measure("expectancy", Number, "The mean profit of a closed trade in the currency of the account, after costs."),
    measure("average_trade", Share, "The mean return of a closed trade, after costs."),
    measure("average_bars", Number, "The mean number of bars of a closed trade."),
    measure("exposure", Share, "The share of bars at whose close something was held."),
    measure("turnover", Number, "What was bought and sold over the mean equity, in all."),
];

impl Measure {
    /// Returns what its field is in the schema of a report.
    pub(super) fn schema(&self) -> Json {
        match self.unit {
            Share => json!({ "description": self.doc, "anyOf": [{ "x-unit": "Percent" }, { "type": "null" }] }),
            Number => json!({ "description": self.doc, "type": ["number", "null"] }),
        }
    }

    fn measured(&self, metrics: &[Metric]) -> Measured {
        let found = metrics.iter().find(|it| it.name == self.name);
        let reason = found.and_then(|it| it.reason.as_ref()).map_or("it was not computed", |it| match it {
            Cow::Borrowed(it) => it,
            Cow::Owned(_) => "it is undefined",
        });
        let exact =
            |it: f64| Decimal::from_f64(it).map(|it| it.round_dp(8).normalize()).ok_or("it is too large to be told");
        let value = found.and_then(|it| it.value).ok_or(reason).and_then(exact);
        let convention = found.map_or("".into(), |it| it.convention.clone());
        Measured { unit: self.unit, value, convention }
    }
}

/// A metric, chosen by its name: the objective of a search, say.
#[derive(Clone, Copy, Debug)]
pub struct Objective(&'static Measure);

impl Objective {
    /// Returns the metric of a name.
    pub fn find(name: &str) -> Option<Self> {
        MEASURES.iter().find(|it| it.name == name).map(Self)
    }

    /// Returns the name of the metric.
    pub fn name(self) -> &'static str {
        self.0.name
    }

    /// Says whether less of it is better.
    pub fn wants_less(self) -> bool {
        ["volatility", "ulcer_index", "turnover"].contains(&self.0.name)
    }
}

impl Default for Objective {
    /// The Sharpe ratio.
    fn default() -> Self {
        Self(&SHARPE)
    }
}

impl JsonSchema for Objective {
    fn schema_name() -> Cow<'static, str> {
        "Objective".into()
    }
    fn inline_schema() -> bool {
        true
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "enum": MEASURES.iter().map(|it| it.name).collect::<Vec<_>>() })
    }
}

impl Serialize for Objective {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(self.name())
    }
}

impl<'de> Deserialize<'de> for Objective {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let name = Cow::<str>::deserialize(from)?;
        Self::find(&name).ok_or_else(|| {
            let names: Vec<_> = MEASURES.iter().map(|it| it.name).collect();
            D::Error::custom(format_args!("`{name}` is no metric; there are {}", names.join(", ")))
        })
    }
}

impl Measured {
    /// Returns it as expressions read it: none where it is undefined.
    pub fn value(&self) -> Value {
        match (self.value, self.unit) {
            (Ok(it), Share) => Percent(it).into(),
            (Ok(it), Number) => it.into(),
            (Err(_), _) => Value::None,
        }
    }

    /// Returns it as JSON, with the reason where it is undefined.
    pub(super) fn json(&self) -> Json {
        match self.value {
            Ok(_) => self.value().to_json(crate::value::Detail::Summary),
            Err(reason) => json!({ "value": null, "reason": reason }),
        }
    }
}

/// Returns every metric of a sample, in the order of [`MEASURES`].
pub(super) fn measured(sample: &Sample<'_>) -> Vec<Measured> {
    let result = |it: &TradeRecord| TradeResult { pnl: it.pnl.amount.to_f64().unwrap_or(f64::NAN), bars: it.bars };
    let trades: Vec<_> = sample.trades.iter().map(result).collect();
    let gains: Decimal = sample.trades.iter().map(|it| it.gain.0).sum();
    let average = gains.checked_div(Decimal::from(trades.len())).and_then(|it| it.to_f64());
    let mean = sample.curve.iter().sum::<f64>() / sample.curve.len() as f64;
    let metrics: Vec<_> = of_equity(sample.curve, &sample.basis)
        .into_iter()
        .chain(of_trades(&trades, sample.exposed, sample.bars))
        .chain([
            Metric::new(
                "average_trade",
                average.ok_or("there are no closed trades"),
                "mean of the trades' returns".into(),
            ),
            Metric::new("turnover", Ok(sample.traded / mean), "notional of all fills over mean equity".into()),
        ])
        .collect();
    MEASURES.iter().map(|it| it.measured(&metrics)).collect()
}
