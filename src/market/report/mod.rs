//! What a backtest came to, for people and programs.

mod build;
mod figures;
mod gauge;
mod holdings;
mod measures;
mod objective;
mod orders;
mod trades;
mod walk;

use std::sync::Arc;

use rust_decimal::Decimal;
use schemars::{JsonSchema, Schema};
use serde_json::{Value as Json, json};

pub use build::{Assumptions, report};
pub use figures::Measured;
pub use gauge::Gauge;
pub use holdings::{Holdings, SymbolRecord};
pub use measures::{Better, MEASURES, Measure, MeasureGroup, MeasureUnit, measures_page};
pub use objective::{AnyMetric, Objective};
pub use trades::{OpenRecord, TradeRecord};

use figures::Figures;

use super::{
    BarSeries, Event, Exact, Ledger, Reading, date_of,
    metrics::{Basis, returns_of},
    time_text,
};
use crate::value::{Detail, Domain, Money, Nominal, Percent, Shared, Symbol, Value};

/// What a backtest came to: trades, equity, metrics, and the conventions that they follow.
#[derive(Clone, Debug, JsonSchema)]
#[schemars(rename = "BacktestReport", transform = with_measures)]
pub struct BacktestReportData {
    /// What was tested.
    pub strategy: String,
    /// What was traded.
    pub symbols: Vec<Symbol>,
    /// The cash at the first bar.
    pub capital: Money,
    /// Cash and positions at the last close.
    pub final_equity: Money,
    /// Every commission paid, and whatever borrowing cost.
    pub fees: Money,
    /// The day of the first bar.
    #[schemars(with = "String", extend("x-unit" = "Date"))]
    pub start: jiff::civil::Date,
    /// The day of the last bar.
    #[schemars(with = "String", extend("x-unit" = "Date"))]
    pub end: jiff::civil::Date,
    /// How many bars.
    pub bars: usize,
    /// What was bought and sold again, by time of exit.
    pub trades: Vec<TradeRecord>,
    /// What is still held at the end, at the last close.
    pub open: Vec<OpenRecord>,
    /// What every order was, and what became of it.
    #[schemars(with = "Vec<orders::OrderRow>")]
    pub orders: Arc<Ledger>,
    /// What happened because of limits.
    #[schemars(with = "Vec<EventRecord>")]
    pub events: Vec<Event>,
    /// How each figure was found: fills, costs, sizes, statistics.
    #[schemars(with = "serde_json::Map<String, Json>")]
    pub conventions: Vec<(String, String)>,
    /// The time of each bar.
    #[schemars(skip)]
    pub times: Arc<[i64]>,
    /// Cash and positions at the close of each bar.
    #[schemars(with = "Vec<EquityRecord>")]
    pub equity: Arc<[Exact]>,
    /// The bars that were traded, in the order of the symbols; those before the first of `times` are there too.
    #[schemars(skip)]
    pub traded: Vec<BarSeries>,
    #[schemars(skip)]
    figures: Figures,
}

/// A report as steps share it.
pub type BacktestReport = Shared<BacktestReportData>;

/// What happened because of a limit.
#[derive(JsonSchema)]
#[expect(dead_code, reason = "its schema is what is used")]
struct EventRecord {
    /// The day.
    #[schemars(extend("x-unit" = "Date"))]
    date: String,
    /// The instrument, where it was of one.
    symbol: Option<Symbol>,
    /// What was done: refused, reduced, breached (what opens is refused), halted, flattened, exceeded (by prices, nothing is
    /// done) or `margin_call`.
    what: String,
    /// The limit; none at a margin call.
    limit: Option<String>,
    /// What was found, or would have been: an amount, a share, a number or a time, as the limit counts.
    #[schemars(with = "Option<Json>")]
    value: Option<Json>,
    /// What the limit allows.
    #[schemars(with = "Option<Json>")]
    allowed: Option<Json>,
    /// In words.
    message: String,
}

/// What the account was worth at a close.
#[derive(JsonSchema)]
#[expect(dead_code, reason = "its schema is what is used")]
struct EquityRecord {
    /// The day.
    #[schemars(extend("x-unit" = "Date"))]
    date: String,
    /// Cash and positions.
    equity: f64,
}

/// What is found of a report when it is asked for.
#[derive(JsonSchema)]
#[expect(dead_code, reason = "its schema is what is used")]
struct Found {
    /// What was held at the close of each bar, from the fills of the orders.
    holdings: Vec<holdings::HoldingRow>,
    /// What each symbol came to.
    by_symbol: Vec<SymbolRecord>,
}

/// Adds the metrics to the schema: each is a field of a report, so that `report.sharpe` is one; and what else is found.
fn with_measures(schema: &mut Schema) {
    let found = schemars::generate::SchemaSettings::draft2020_12().with(|it| it.inline_subschemas = true);
    let found = found.into_generator().into_root_schema_for::<Found>();
    if let Some(Json::Object(properties)) = schema.get_mut("properties") {
        if let Some(Json::Object(found)) = found.get("properties") {
            properties.extend(found.clone());
        }
        for measure in MEASURES {
            properties.insert(measure.name.into(), measure.schema());
        }
    }
}

/// How a time is written: a day in expressions, and in what is printed with the time of day where there is one.
type Dated = fn(i64) -> Value;

fn as_day(seconds: i64) -> Value {
    date_of(seconds).into()
}

fn as_text(seconds: i64) -> Value {
    time_text(seconds).into()
}

impl BacktestReportData {
    /// Returns a metric by its name; it and what is found together with it are computed when they are first asked for.
    pub fn measured(&self, name: &str) -> Option<&Measured> {
        let measure = MEASURES.iter().find(|it| it.name == name)?;
        self.figures.of(measure.group, self).iter().find(|it| it.measure.name == name)
    }

    /// Returns every metric, in the order of [`MEASURES`].
    pub fn all_measured(&self) -> impl Iterator<Item = &Measured> {
        MeasureGroup::ALL.into_iter().flat_map(|it| self.figures.of(it, self))
    }

    /// Returns on what basis its figures a year are computed.
    pub fn basis(&self) -> Basis {
        self.figures.basis
    }

    /// Returns the return of each bar, the first of them on the capital.
    pub fn returns(&self) -> Vec<f64> {
        returns_of(&self.curve())
    }

    /// Returns the time of each value of the curve, in seconds since 1970 (UTC); the capital has that of the first bar.
    pub fn stamps(&self) -> Vec<i64> {
        let before = self.capital_before().and(self.times.first());
        before.into_iter().chain(self.times.iter()).copied().collect()
    }

    /// Returns what the capital would be worth at each value of the curve if the traded symbols had been bought in equal
    /// parts at the first close and held, without costs. What a symbol without a price yet is to get waits as cash.
    pub fn benchmark(&self) -> Vec<f64> {
        let capital = Exact::of(self.capital.amount).unwrap_or_default().float();
        let part = capital / self.traded.len().max(1) as f64;
        let mut worth = vec![0.0; self.times.len()];
        for bars in &self.traded {
            let mut next = 0;
            let (mut base, mut last) = (None, f64::NAN);
            for (time, worth) in self.times.iter().zip(&mut worth) {
                while bars.time.get(next).is_some_and(|it| it <= time) {
                    last = bars.close.get(next).copied().unwrap_or(f64::NAN);
                    next += 1;
                }
                base = base.or(Some(last).filter(|it| it.is_finite()));
                *worth += base.map_or(part, |base| part * last / base);
            }
        }
        self.capital_before().map(|_| capital).into_iter().chain(worth).collect()
    }

    fn capital_before(&self) -> Option<Exact> {
        gauge::capital_before(Exact::of(self.capital.amount).unwrap_or_default(), &self.equity)
    }

    /// Returns what the account was worth before its first bar's orders and at each close.
    pub fn curve(&self) -> Vec<f64> {
        gauge::curve_of(Exact::of(self.capital.amount).unwrap_or_default(), &self.equity)
    }

    fn events(&self, dated: Dated) -> Value {
        Value::list(self.events.iter().map(|it| {
            let symbol = it.instrument.and_then(|it| self.symbols.get(it)).cloned();
            Value::record([
                ("date", dated(it.time)),
                ("symbol", symbol.map_or(Value::None, Value::from)),
                ("what", it.what.as_str().into()),
                ("limit", it.limit.map_or(Value::None, |it| it.0.into())),
                ("value", it.limit.map_or(Value::None, |it| self.gauge(it.1))),
                ("allowed", it.limit.map_or(Value::None, |it| self.gauge(it.2))),
                ("message", it.message.as_str().into()),
            ])
        }))
    }

    /// Returns what a limit counts in as a value.
    fn gauge(&self, it: Reading) -> Value {
        match it {
            Reading::Amount(it) => Money::new(it.decimal().round_dp(8).normalize(), self.capital.currency).into(),
            Reading::Share(it) => Percent(it).into(),
            Reading::Count(it) => Value::Int(it.into()),
            Reading::Age(it) => it.into(),
        }
    }

    fn conventions(&self) -> Value {
        let basis = self.basis();
        let said = |it: &Measure| format!("{}; {}", it.formula, it.convention(&basis));
        let metrics = ("metrics", Value::record(MEASURES.iter().map(|it| (it.name, said(it).into()))));
        Value::record(self.conventions.iter().map(|(name, it)| (name.as_str(), it.as_str().into())).chain([metrics]))
    }

    fn equity(&self, dated: Dated) -> Value {
        let record = |(time, equity): (&i64, &Exact)| {
            Value::record([("date", dated(*time)), ("equity", equity.decimal().into())])
        };
        Value::list(self.times.iter().zip(self.equity.iter()).map(record))
    }

    fn equity_summary(&self) -> Json {
        let text = |it: Option<&Exact>| it.map(|it| it.decimal().normalize().to_string());
        json!({
            "count": self.equity.len(),
            "first": text(self.equity.first()),
            "last": text(self.equity.last()),
            "min": text(self.equity.iter().min()),
            "max": text(self.equity.iter().max()),
        })
    }
}

impl Domain for BacktestReportData {
    fn name(&self) -> &'static str {
        Self::NAME
    }
    fn field(&self, name: &str) -> Option<Value> {
        Some(match name {
            "strategy" => self.strategy.as_str().into(),
            "symbols" => Value::list(self.symbols.iter().cloned().map(Value::from)),
            "capital" => self.capital.into(),
            "final_equity" => self.final_equity.into(),
            "fees" => self.fees.into(),
            "start" => self.start.into(),
            "end" => self.end.into(),
            "bars" => Value::Int(i64::try_from(self.bars).ok()?),
            "trades" => Value::list(self.trades.iter().map(|it| it.value(as_day))),
            "open" => Value::list(self.open.iter().map(|it| it.value(as_day))),
            "orders" => self.orders(as_day),
            "events" => self.events(as_day),
            "conventions" => self.conventions(),
            "equity" => self.equity(as_day),
            "holdings" => self.holdings_value(as_day),
            "by_symbol" => self.by_symbol_value(),
            _ => self.measured(name)?.value(),
        })
    }
    fn to_json(&self, detail: Detail) -> Json {
        let shown = |it: Value| it.to_json(detail);
        let metrics: serde_json::Map<_, _> =
            self.all_measured().map(|it| (it.measure.name.into(), it.json())).collect();
        let symbol = if let [only] = &self.symbols[..] { json!(only.as_str()) } else { Json::Null };
        json!({
            "strategy": self.strategy,
            "symbol": symbol,
            "symbols": self.symbols.iter().map(Symbol::as_str).collect::<Vec<_>>(),
            "capital": shown(self.capital.into()),
            "final_equity": shown(self.final_equity.into()),
            "fees": shown(self.fees.into()),
            "start": self.start.to_string(),
            "end": self.end.to_string(),
            "bars": self.bars,
            "metrics": metrics,
            "trades": self.trades_json(detail),
            "open": self.open.iter().map(|it| shown(it.value(as_text))).collect::<Vec<_>>(),
            "equity": if detail == Detail::Full { shown(self.equity(as_text)) } else { self.equity_summary() },
            "holdings": if detail == Detail::Full { shown(self.holdings_value(as_text)) } else { self.holdings_summary() },
            "by_symbol": shown(self.by_symbol_value()),
            "orders": if detail == Detail::Full { shown(self.orders(as_text)) } else { self.orders_summary() },
            "events": shown(self.events(as_text)),
            "conventions": shown(self.conventions()),
        })
    }
    fn encode(&self) -> Vec<u8> {
        let said = self.to_json(Detail::Summary).to_string().into_bytes();
        let curve = self.times.iter().zip(self.equity.iter());
        let curve = curve.flat_map(|(time, equity)| time.to_le_bytes().into_iter().chain(equity.0.to_le_bytes()));
        said.into_iter().chain([0]).chain(curve).collect()
    }
}

impl Nominal for BacktestReportData {
    const NAME: &'static str = "BacktestReport";
}

/// Returns a share of a whole, rounded to what reports say.
fn ratio(part: Decimal, whole: Decimal) -> Option<Decimal> {
    part.checked_div(whole).map(|it| it.round_dp(8))
}
