//! What every order was, what became of it, and why a trade was made, as reports show it.

use rust_decimal::Decimal;
use schemars::JsonSchema;
use serde_json::{Map, Value as Json, json};

use super::{BacktestReportData, Dated, as_text};
use crate::{
    market::{Exact, Ledger, OrderFill, OrderId, OrderKind, OrderRecord, Price, Side, Stake},
    value::{Detail, Money, Symbol, Value},
};

/// What an order was, and what became of it.
#[derive(JsonSchema)]
#[expect(dead_code, reason = "its schema is what is used")]
pub(super) struct OrderRow {
    /// Its number, from 1 on in the order in which orders were given.
    id: usize,
    /// The entry whose stop or target it is.
    parent: Option<usize>,
    /// The instrument.
    symbol: Symbol,
    /// The day of the bar at whose close it was decided; of a stop or a target, of the bar in which its entry filled.
    #[schemars(extend("x-unit" = "Date"))]
    decided: String,
    /// `buy` or `sell`.
    side: String,
    /// How much was asked for.
    quantity: f64,
    /// `market`, `stop`, `limit` or `stop_limit`.
    kind: String,
    /// The price that it waited for.
    trigger: Option<f64>,
    /// The worst price at which it could fill.
    limit: Option<f64>,
    /// Why: entry, signal, reversal, stop, `trailing_stop`, target, `max_holding`, rebalance, limit or `margin_call`.
    why: String,
    /// What became of it: filled, `partly_filled`, reduced, cancelled, expired, refused or waiting.
    became: String,
    /// The day of the bar at which it ended.
    #[schemars(extend("x-unit" = "Date"))]
    ended: String,
    /// How much of it was filled.
    filled: f64,
    /// What was done to it, in words.
    note: Option<String>,
    /// Its fills.
    fills: Vec<FillRow>,
}

/// A fill of an order.
#[derive(JsonSchema)]
#[expect(dead_code, reason = "its schema is what is used")]
struct FillRow {
    /// The day of the bar.
    #[schemars(extend("x-unit" = "Date"))]
    date: String,
    /// At what price, slippage included.
    price: f64,
    /// How much.
    quantity: f64,
    /// The commission.
    fee: Money,
}

/// The fills of a ledger, by order.
struct Fills<'a>(Vec<&'a OrderFill>);

impl<'a> Fills<'a> {
    fn of(ledger: &'a Ledger) -> Self {
        let mut all: Vec<_> = ledger.fills().iter().collect();
        all.sort_by_key(|it| it.order);
        Self(all)
    }

    fn one(&self, id: OrderId) -> &[&'a OrderFill] {
        let from = self.0.partition_point(|it| it.order < id);
        let until = self.0.partition_point(|it| it.order <= id);
        self.0.get(from..until).unwrap_or_default()
    }
}

fn price(it: Price) -> Decimal {
    it.decimal().normalize()
}

fn number(id: OrderId) -> Value {
    if id == OrderId::default() { Value::None } else { Value::Int(id.0.into()) }
}

impl BacktestReportData {
    /// Returns every order.
    pub(super) fn orders(&self, dated: Dated) -> Value {
        let fills = Fills::of(&self.orders);
        Value::list(self.orders.orders().map(|(id, it)| self.order(id, it, &fills, dated)))
    }

    fn order(&self, id: OrderId, it: &OrderRecord, fills: &Fills<'_>, dated: Dated) -> Value {
        let (kind, trigger, limit) = match it.kind {
            OrderKind::Market => ("market", None, None),
            OrderKind::Stop(at) => ("stop", Some(at), None),
            OrderKind::Limit(at) => ("limit", None, Some(at)),
            OrderKind::StopLimit { trigger, limit } => ("stop_limit", Some(trigger), Some(limit)),
        };
        let at = |it: Option<Price>| it.map_or(Value::None, |it| price(it).into());
        Value::record([
            ("id", number(id)),
            ("parent", number(it.parent)),
            ("symbol", self.symbols.get(it.instrument).cloned().map_or(Value::None, Value::from)),
            ("decided", dated(it.decided)),
            ("side", if it.side == Side::Buy { "buy" } else { "sell" }.into()),
            ("quantity", it.asked.decimal().into()),
            ("kind", kind.into()),
            ("trigger", at(trigger)),
            ("limit", at(limit)),
            ("why", it.reason.as_str().into()),
            ("became", it.what().into()),
            ("ended", dated(it.ended)),
            ("filled", it.filled.decimal().into()),
            ("note", it.note.as_deref().map_or(Value::None, Value::from)),
            ("fills", Value::list(fills.one(id).iter().map(|it| self.fill(it, dated)))),
        ])
    }

    fn fill(&self, it: &OrderFill, dated: Dated) -> Value {
        Value::record([
            ("date", dated(it.time)),
            ("price", price(it.price).into()),
            ("quantity", it.quantity.decimal().into()),
            ("fee", self.amount(it.fee)),
        ])
    }

    fn amount(&self, it: Exact) -> Value {
        Money::new(it.decimal().normalize(), self.capital.currency).into()
    }

    /// Returns how many orders there were, and what became of them.
    pub(super) fn orders_summary(&self) -> Json {
        let mut became = Map::new();
        for (_, it) in self.orders.orders() {
            let count = became.get(it.what()).and_then(Json::as_u64).unwrap_or_default() + 1;
            became.insert(it.what().into(), json!(count));
        }
        json!({ "count": self.orders.orders().len(), "became": became })
    }

    /// Returns the trades; in full each with its `why`: which rule of which order entered, why it was so large, and what
    /// filled.
    pub(super) fn trades_json(&self, detail: Detail) -> Json {
        let fills = (detail == Detail::Full && self.orders.is_kept()).then(|| Fills::of(&self.orders));
        let trades = self.trades.iter().map(|trade| {
            let mut shown = trade.value(as_text).to_json(detail);
            if let (Some(fills), Json::Object(fields)) = (&fills, &mut shown) {
                fields.insert("why".into(), self.why(trade.orders, fills).to_json(detail));
            }
            shown
        });
        trades.collect()
    }

    fn why(&self, (entry, exit): (OrderId, OrderId), fills: &Fills<'_>) -> Value {
        let of = |id: OrderId| Value::list(fills.one(id).iter().map(|it| self.fill(it, as_text)));
        let (opened, closed) = (self.orders.order(entry), self.orders.order(exit));
        let note = |it: Option<&OrderRecord>| it.and_then(|it| it.note.as_deref()).map_or(Value::None, Value::from);
        let mut all = vec![
            ("entry_order", number(entry)),
            ("decided", opened.map_or(Value::None, |it| as_text(it.decided))),
            ("asked", opened.map_or(Value::None, |it| it.asked.decimal().into())),
            ("limited", note(opened)),
            ("entry_fills", of(entry)),
        ];
        if let Some(reason) = self.orders.reason(entry) {
            let size = match reason.stake {
                Stake::Share(it) => format!("{} % of equity", percent(it.decimal())),
                Stake::Risk(it) => format!("{} % of equity lost at the stop", percent(it.decimal())),
                Stake::Notional(it) => format!("a notional of {}", it.decimal().normalize()),
                Stake::Shares(it) => format!("{} shares", it.decimal()),
            };
            all.extend([
                ("rule", reason.rule.as_deref().map_or(Value::None, Value::from)),
                ("size", size.into()),
                ("equity", self.amount(reason.equity)),
                ("price", price(reason.price).into()),
                ("stop_distance", reason.stop.map_or(Value::None, |it| price(Price(it)).into())),
            ]);
        }
        all.extend([
            ("exit_order", number(exit)),
            ("exit_decided", closed.map_or(Value::None, |it| as_text(it.decided))),
            ("exit_reason", closed.map_or(Value::None, |it| it.reason.as_str().into())),
            ("exit_fills", of(exit)),
        ]);
        Value::record(all)
    }
}

fn percent(share: Decimal) -> Decimal {
    (share * Decimal::ONE_HUNDRED).normalize()
}
