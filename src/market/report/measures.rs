//! The metrics of a report: one table, from which fields, schema and JSON follow.

use rust_decimal::{Decimal, prelude::FromPrimitive as _};
use serde_json::{Value as Json, json};

use super::TradeRecord;
use crate::value::{Percent, Value};

/// In what a metric is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MeasureUnit {
    /// A share of a whole.
    Percent,
    /// A plain number.
    Number,
}

/// A metric: how it is called and what it says.
#[derive(Clone, Copy, Debug)]
pub struct Measure {
    /// Its name.
    pub name: &'static str,
    /// In what it is told.
    pub unit: MeasureUnit,
    /// What it says, with its convention.
    pub doc: &'static str,
    of: fn(&Sample<'_>) -> Result<f64, &'static str>,
}

/// The value of a metric, or why it has none.
#[derive(Clone, Debug, PartialEq)]
pub struct Measured {
    /// In what it is told.
    pub unit: MeasureUnit,
    /// What it is, to 8 decimals.
    pub value: Result<Decimal, &'static str>,
}

/// What metrics are found from.
pub(super) struct Sample<'a> {
    /// The return of each bar.
    pub returns: &'a [f64],
    /// What the account was worth, one more than there are returns.
    pub curve: &'a [f64],
    /// The closed trades.
    pub trades: &'a [TradeRecord],
    /// How many returns make a year.
    pub periods: f64,
    /// The share of bars at whose close something was held.
    pub exposure: f64,
    /// What was bought and sold, as a multiple of the mean equity.
    pub turnover: f64,
}

use MeasureUnit::{Number, Percent as Share};

/// Every metric of a report, in the order in which it is shown.
pub const MEASURES: &[Measure] = &[
    Measure { name: "total_return", unit: Share, doc: "Final equity over capital, less 1.", of: total_return },
    Measure {
        name: "cagr",
        unit: Share,
        doc: "Compound growth a year: the product of 1 + r, to the power of periods a year over periods, less 1.",
        of: cagr,
    },
    Measure {
        name: "volatility",
        unit: Share,
        doc: "Standard deviation of the returns (ddof 1) times the root of the periods a year.",
        of: volatility,
    },
    Measure {
        name: "sharpe",
        unit: Number,
        doc: "Mean over standard deviation (ddof 1) of the returns above a risk-free rate of 0, a year.",
        of: sharpe,
    },
    Measure {
        name: "sortino",
        unit: Number,
        doc: "Mean return over the root mean square of all returns below 0, a year.",
        of: sortino,
    },
    Measure {
        name: "max_drawdown",
        unit: Share,
        doc: "The furthest that equity fell below its highest so far, as a negative share of that.",
        of: |it| max_drawdown(it.curve),
    },
    Measure { name: "calmar", unit: Number, doc: "`cagr` over the size of `max_drawdown`.", of: calmar },
    Measure {
        name: "value_at_risk",
        unit: Share,
        doc: "The 5 % quantile of the returns, interpolated: a negative share.",
        of: value_at_risk,
    },
    Measure {
        name: "win_rate",
        unit: Share,
        doc: "The share of closed trades that earned more than their commissions.",
        of: win_rate,
    },
    Measure {
        name: "profit_factor",
        unit: Number,
        doc: "What winning trades earned over what losing trades lost.",
        of: profit_factor,
    },
    Measure { name: "average_trade", unit: Share, doc: "The mean return of a closed trade.", of: average_trade },
    Measure {
        name: "exposure",
        unit: Share,
        doc: "The share of bars at whose close something was held.",
        of: |it| Ok(it.exposure),
    },
    Measure {
        name: "turnover",
        unit: Number,
        doc: "What was bought and sold over the mean equity, in all.",
        of: |it| Ok(it.turnover),
    },
];

impl Measure {
    /// Returns what its field is in the schema of a report.
    pub(super) fn schema(&self) -> Json {
        match self.unit {
            Share => json!({ "description": self.doc, "anyOf": [{ "x-unit": "Percent" }, { "type": "null" }] }),
            Number => json!({ "description": self.doc, "type": ["number", "null"] }),
        }
    }

    pub(super) fn measure(&self, sample: &Sample<'_>) -> Measured {
        let value = (self.of)(sample).and_then(|it| {
            let exact = Decimal::from_f64(it).ok_or("it is too large to be told");
            exact.map(|it| it.round_dp(8).normalize())
        });
        Measured { unit: self.unit, value }
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

/// Returns the return of each step of a curve.
pub(super) fn returns(curve: &[f64]) -> Vec<f64> {
    curve.iter().zip(curve.iter().skip(1)).map(|(before, after)| after / before - 1.0).collect()
}

const FEW: &str = "there are fewer than 2 returns";
const STILL: &str = "the returns do not vary";
const RUINED: &str = "the equity fell to 0 or below";
const NO_TRADES: &str = "there are no closed trades";

fn mean(of: &[f64]) -> f64 {
    of.iter().sum::<f64>() / of.len() as f64
}

fn deviation(of: &[f64]) -> Result<f64, &'static str> {
    if of.len() < 2 {
        return Err(FEW);
    }
    let mean = mean(of);
    Ok((of.iter().map(|it| (it - mean).powi(2)).sum::<f64>() / (of.len() - 1) as f64).sqrt())
}

fn alive(it: &Sample<'_>) -> Result<(f64, f64), &'static str> {
    let (Some(first), Some(last)) = (it.curve.first(), it.curve.last()) else { return Err("there is no equity") };
    if it.curve.iter().any(|it| *it <= 0.0) { Err(RUINED) } else { Ok((*first, *last)) }
}

fn total_return(it: &Sample<'_>) -> Result<f64, &'static str> {
    let (Some(first), Some(last)) = (it.curve.first(), it.curve.last()) else { return Err("there is no equity") };
    Ok(last / first - 1.0)
}

fn cagr(it: &Sample<'_>) -> Result<f64, &'static str> {
    let (first, last) = alive(it)?;
    if it.returns.is_empty() {
        return Err("there are no returns");
    }
    Ok((last / first).powf(it.periods / it.returns.len() as f64) - 1.0)
}

fn volatility(it: &Sample<'_>) -> Result<f64, &'static str> {
    alive(it)?;
    Ok(deviation(it.returns)? * it.periods.sqrt())
}

fn sharpe(it: &Sample<'_>) -> Result<f64, &'static str> {
    alive(it)?;
    let deviation = deviation(it.returns)?;
    // Rounding leaves a trace of deviation in returns that are all the same.
    if deviation < 1e-15 { Err(STILL) } else { Ok(mean(it.returns) / deviation * it.periods.sqrt()) }
}

fn sortino(it: &Sample<'_>) -> Result<f64, &'static str> {
    alive(it)?;
    if it.returns.len() < 2 {
        return Err(FEW);
    }
    let below = it.returns.iter().map(|it| it.min(0.0).powi(2)).sum::<f64>() / it.returns.len() as f64;
    if below == 0.0 { Err("no return is below 0") } else { Ok(mean(it.returns) / below.sqrt() * it.periods.sqrt()) }
}

fn max_drawdown(curve: &[f64]) -> Result<f64, &'static str> {
    let Some(mut highest) = curve.first().copied() else { return Err("there is no equity") };
    let fall = |it: &f64| {
        highest = highest.max(*it);
        it / highest - 1.0
    };
    Ok(curve.iter().map(fall).fold(0.0, f64::min))
}

fn calmar(it: &Sample<'_>) -> Result<f64, &'static str> {
    let fall = max_drawdown(it.curve)?;
    if fall == 0.0 { Err("the equity never fell") } else { Ok(cagr(it)? / -fall) }
}

fn value_at_risk(it: &Sample<'_>) -> Result<f64, &'static str> {
    if it.returns.len() < 2 {
        return Err(FEW);
    }
    let mut sorted = it.returns.to_vec();
    sorted.sort_by(f64::total_cmp);
    let place = 0.05 * (sorted.len() - 1) as f64;
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a place in the list")]
    let below = place as usize;
    match (sorted.get(below), sorted.get(below + 1)) {
        (Some(low), Some(high)) => Ok(low + (high - low) * place.fract()),
        _ => Err(FEW),
    }
}

fn win_rate(it: &Sample<'_>) -> Result<f64, &'static str> {
    let won = it.trades.iter().filter(|it| it.pnl.amount > Decimal::ZERO).count();
    if it.trades.is_empty() { Err(NO_TRADES) } else { Ok(won as f64 / it.trades.len() as f64) }
}

fn profit_factor(it: &Sample<'_>) -> Result<f64, &'static str> {
    use rust_decimal::prelude::ToPrimitive as _;
    let earned: Decimal = it.trades.iter().map(|it| it.pnl.amount.max(Decimal::ZERO)).sum();
    let lost: Decimal = it.trades.iter().map(|it| (-it.pnl.amount).max(Decimal::ZERO)).sum();
    if it.trades.is_empty() {
        return Err(NO_TRADES);
    }
    earned.checked_div(lost).and_then(|it| it.to_f64()).ok_or("no trade lost")
}

fn average_trade(it: &Sample<'_>) -> Result<f64, &'static str> {
    use rust_decimal::prelude::ToPrimitive as _;
    let sum: Decimal = it.trades.iter().map(|it| it.gain.0).sum();
    let count = Decimal::from(it.trades.len());
    sum.checked_div(count).and_then(|it| it.to_f64()).ok_or(NO_TRADES)
}
