//! What was held when, and what each symbol came to: from the fills and the closes, since nothing else changes a position.

use rust_decimal::Decimal;
use schemars::JsonSchema;
use serde_json::{Value as Json, json};

use super::{BacktestReportData, Dated};
use crate::{
    market::{Exact, Side, Units},
    value::{Money, Percent, Symbol, Value},
};

/// What was held at a close, as shares of equity.
#[derive(JsonSchema)]
#[expect(dead_code, reason = "its schema is what is used")]
pub(super) struct HoldingRow {
    /// The day.
    #[schemars(extend("x-unit" = "Date"))]
    date: String,
    /// Longs and shorts added.
    gross: Percent,
    /// Longs less shorts.
    net: Percent,
}

/// What a symbol came to.
#[derive(Clone, Debug, PartialEq, JsonSchema)]
pub struct SymbolRecord {
    /// The instrument.
    pub symbol: Symbol,
    /// How many of its trades were closed.
    pub trades: usize,
    /// What it earned, what is still open at the last close included, commissions and borrowing deducted.
    pub pnl: Money,
    /// Its commissions, and what borrowing it cost.
    pub fees: Money,
    /// The mean of its share of equity, longs and shorts alike, over all closes.
    pub weight: Percent,
    /// What it added to the variance of the account's returns, as a share of it: the covariance of what it earned at each bar
    /// with what all did, over the variance of that. All of them sum to 100 %.
    pub risk: Option<Percent>,
}

/// What was held of each symbol, and what each earned, at each close as a share of equity.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Holdings {
    /// For each symbol its share of equity at each close, negative for a short.
    pub weights: Vec<Vec<f64>>,
    /// For each symbol what it earned since the close before, as a share of equity then; borrowing is not taken off.
    earned: Vec<Vec<f64>>,
}

fn share(it: f64) -> Percent {
    Percent(Decimal::try_from(it).unwrap_or_default().round_dp(6).normalize())
}

impl BacktestReportData {
    /// Returns what was held when; nothing where no orders were kept.
    pub fn holdings(&self) -> Holdings {
        if !self.orders.is_kept() {
            return Holdings::default();
        }
        let mut fills: Vec<Vec<(i64, i64, Exact)>> = vec![Vec::new(); self.traded.len()];
        for fill in self.orders.fills() {
            let Some(order) = self.orders.order(fill.order) else { continue };
            let quantity = if order.side == Side::Buy { fill.quantity.0 } else { -fill.quantity.0 };
            if let Some(of) = fills.get_mut(order.instrument) {
                of.push((fill.time, quantity, Units(quantity).at(fill.price) + fill.fee));
            }
        }
        let capital = Exact::of(self.capital.amount).unwrap_or_default();
        let mut all = Holdings::default();
        for (bars, fills) in self.traded.iter().zip(fills) {
            let (mut fills, mut bar) = (fills.into_iter().peekable(), 0);
            let (mut held, mut close, mut worth, mut before) = (0, f64::NAN, 0.0, capital.float());
            let (mut weights, mut earned) = (Vec::new(), Vec::new());
            for (time, equity) in self.times.iter().zip(self.equity.iter()) {
                let mut paid = 0.0;
                while let Some((_, quantity, cost)) = fills.next_if(|it| it.0 <= *time) {
                    held += quantity;
                    paid += cost.float();
                }
                while bars.time.get(bar).is_some_and(|it| it <= time) {
                    close = bars.close.get(bar).copied().unwrap_or(f64::NAN);
                    bar += 1;
                }
                let now = if held == 0 { 0.0 } else { Units(held).float() * close };
                weights.push(now / equity.float());
                earned.push((now - worth - paid) / before);
                (worth, before) = (now, equity.float());
            }
            all.weights.push(weights);
            all.earned.push(earned);
        }
        all
    }

    /// Returns what each symbol came to, in their order.
    pub fn by_symbol(&self) -> Vec<SymbolRecord> {
        let holdings = self.holdings();
        let risks = holdings.risks().unwrap_or_default();
        let record = |(at, symbol): (usize, &Symbol)| {
            let closed = || self.trades.iter().filter(|it| it.symbol == *symbol);
            let open = || self.open.iter().filter(|it| it.symbol == *symbol);
            let sum = |amounts: &mut dyn Iterator<Item = Money>| {
                Money::new(amounts.map(|it| it.amount).sum::<Decimal>(), self.capital.currency)
            };
            let weights = holdings.weights.get(at).map(Vec::as_slice).unwrap_or_default();
            let mean = weights.iter().map(|it| it.abs()).sum::<f64>() / weights.len().max(1) as f64;
            SymbolRecord {
                symbol: symbol.clone(),
                trades: closed().count(),
                pnl: sum(&mut closed().map(|it| it.pnl).chain(open().map(|it| it.pnl))),
                fees: sum(&mut closed().map(|it| it.fees).chain(open().map(|it| it.fees))),
                weight: share(mean),
                risk: risks.get(at).copied().map(share),
            }
        };
        self.symbols.iter().enumerate().map(record).collect()
    }

    pub(super) fn holdings_value(&self, dated: Dated) -> Value {
        let holdings = self.holdings();
        let (gross, net) = (holdings.gross(), holdings.net());
        let rows = self.times.iter().zip(gross.into_iter().zip(net));
        Value::list(rows.map(|(time, (gross, net))| {
            Value::record([("date", dated(*time)), ("gross", share(gross).into()), ("net", share(net).into())])
        }))
    }

    pub(super) fn holdings_summary(&self) -> Json {
        let text = |it: f64| share(it).to_string();
        let holdings = self.holdings();
        let (gross, net) = (holdings.gross(), holdings.net());
        let mean = |it: &[f64]| it.iter().sum::<f64>() / it.len().max(1) as f64;
        let most = gross.iter().copied().fold(0.0, f64::max);
        json!({ "mean_gross": text(mean(&gross)), "max_gross": text(most), "mean_net": text(mean(&net)) })
    }

    pub(super) fn by_symbol_value(&self) -> Value {
        Value::list(self.by_symbol().into_iter().map(|it| {
            Value::record([
                ("symbol", it.symbol.into()),
                ("trades", Value::Int(i64::try_from(it.trades).unwrap_or(i64::MAX))),
                ("pnl", it.pnl.into()),
                ("fees", it.fees.into()),
                ("weight", it.weight.into()),
                ("risk", it.risk.map_or(Value::None, Value::from)),
            ])
        }))
    }
}

impl Holdings {
    fn over(&self, of: fn(f64) -> f64) -> Vec<f64> {
        let bars = self.weights.first().map_or(0, Vec::len);
        (0..bars).map(|bar| self.weights.iter().filter_map(|it| it.get(bar)).map(|it| of(*it)).sum()).collect()
    }

    /// Returns longs and shorts added at each close, as a share of equity.
    pub fn gross(&self) -> Vec<f64> {
        self.over(f64::abs)
    }

    /// Returns longs less shorts at each close, as a share of equity.
    pub fn net(&self) -> Vec<f64> {
        self.over(|it| it)
    }

    /// Returns what each symbol added to the variance of what all of them earned, as a share of it; none where nothing varied.
    fn risks(&self) -> Option<Vec<f64>> {
        let bars = self.earned.first()?.len();
        let whole: Vec<f64> = (0..bars).map(|bar| self.earned.iter().filter_map(|it| it.get(bar)).sum()).collect();
        let mean = |it: &[f64]| it.iter().sum::<f64>() / bars as f64;
        let middle = mean(&whole);
        let with = |own: &[f64]| {
            let mean = mean(own);
            own.iter().zip(&whole).map(|(a, b)| (a - mean) * (b - middle)).sum::<f64>()
        };
        let variance = with(&whole);
        (variance > 0.0).then(|| self.earned.iter().map(|it| with(it) / variance).collect())
    }
}
