//! How a trade came about, for people: why it was entered, how it was sized, filled and left.

use super::BacktestReportData;
use crate::{
    market::{EntryReason, Exact, OrderFill, OrderId, OrderKind, OrderRecord, Price, Ratio, Side, Stake, time_text},
    value::{Money, Percent},
};

/// How many fills of an order are told one by one.
const FILLS: usize = 4;

impl BacktestReportData {
    /// Returns how a closed trade came about, as titles and texts; nothing where no orders were kept.
    pub fn walk(&self, trade: usize) -> Vec<(&'static str, String)> {
        let Some(trade) = self.trades.get(trade).filter(|_| self.orders.is_kept()) else { return Vec::new() };
        let (entry, exit) = trade.orders;
        let mut told = Vec::new();
        if let Some(order) = self.orders.order(entry) {
            let reason = self.orders.reason(entry);
            let rule = reason.and_then(|it| it.rule.as_deref()).map(|it| format!("`{it}` was true"));
            let why = rule.unwrap_or_else(|| order.reason.as_str().replace('_', " "));
            told.push(("decided", format!("{why} at the close of {}", time_text(order.decided))));
            if let Some(reason) = reason {
                told.push(("sized", self.sized(reason, order)));
            }
            told.extend(order.note.as_deref().map(|it| ("cut", it.to_owned())));
            told.push(("ordered", ordered(order)));
            told.push(("entered", self.filled(entry)));
            let protects = |it: &OrderRecord| {
                let why = it.reason.as_str().replace('_', " ");
                it.kind.price().filter(|_| it.parent == entry).map(|at| format!("{why} at {}", shown(at)))
            };
            let mut with: Vec<String> = self.orders.orders().filter_map(|it| protects(it.1)).collect();
            with.dedup();
            if !with.is_empty() {
                told.push(("protected", with.join(", ")));
            }
        }
        if let Some(order) = self.orders.order(exit) {
            let why = order.reason.as_str().replace('_', " ");
            let how = match order.kind {
                OrderKind::Market => format!("{why}, decided at the close of {}", time_text(order.decided)),
                kind => format!("{why}{}", kind.price().map(|it| format!(" at {}", shown(it))).unwrap_or_default()),
            };
            told.push(("left", how));
            told.push(("exited", self.filled(exit)));
        }
        let (bars, plural) = (trade.bars, if trade.bars == 1 { "bar" } else { "bars" });
        let money = |it: Money| format!("{} {}", it.amount.round_dp(2).normalize(), it.currency);
        let gain = Percent(trade.gain.0.round_dp(4).normalize());
        let (pnl, fees) = (money(trade.pnl), money(trade.fees));
        told.push(("result", format!("{pnl} after {fees} of fees, {gain} in {bars} {plural}")));
        told
    }

    fn sized(&self, reason: &EntryReason, order: &OrderRecord) -> String {
        let money = |it: Exact| format!("{} {}", it.decimal().round_dp(2).normalize(), self.capital.currency);
        let percent = |it: Ratio| Percent(it.decimal().round_dp(4).normalize());
        let what = match reason.stake {
            Stake::Share(it) => format!("{} of the equity of {}", percent(it), money(reason.equity)),
            Stake::Risk(it) => {
                let stop = reason.stop.map(|it| shown(Price(it))).unwrap_or_default();
                format!("{} of the equity of {} lost at a stop {stop} away", percent(it), money(reason.equity))
            }
            Stake::Notional(it) => format!("a notional of {}", money(it)),
            Stake::Shares(it) => format!("{} shares", it.decimal()),
        };
        format!("{what}, at {}: {} shares", shown(reason.price), order.asked.decimal())
    }

    /// Tells the fills of an order.
    fn filled(&self, id: OrderId) -> String {
        let fills: Vec<&OrderFill> = self.orders.fills().iter().filter(|it| it.order == id).collect();
        let told = fills.iter().take(FILLS).map(|it| {
            let fee = it.fee.decimal().round_dp(2).normalize();
            let fee = if fee.is_zero() { String::new() } else { format!(" (fee {fee})") };
            format!("{} at {} on {}{fee}", it.quantity.decimal(), shown(it.price), time_text(it.time))
        });
        let mut told: Vec<String> = told.collect();
        if fills.len() > FILLS {
            told.push(format!("{} more fills", fills.len() - FILLS));
        }
        told.join(", ")
    }
}

fn ordered(order: &OrderRecord) -> String {
    let side = if order.side == Side::Buy { "buy" } else { "sell" };
    let quantity = order.allowed.decimal();
    match order.kind {
        OrderKind::Market => format!("{side} {quantity} at the market"),
        OrderKind::Stop(at) => format!("{side} {quantity} once {} is reached", shown(at)),
        OrderKind::Limit(at) => format!("{side} {quantity} at {} or better", shown(at)),
        OrderKind::StopLimit { trigger, limit } => {
            format!("{side} {quantity} at {} or better once {} is reached", shown(limit), shown(trigger))
        }
    }
}

fn shown(price: Price) -> String {
    price.decimal().round_dp(4).normalize().to_string()
}
