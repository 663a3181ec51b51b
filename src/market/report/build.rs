//! Makes the report of a backtest.

use rust_decimal::Decimal;

use super::{BacktestReportData, OpenRecord, TradeRecord, figures::Figures, measures::HELD, ratio};
use crate::{
    market::{BarSeries, Costs, Exact, FillAt, Outcome, Price, Side, date_of, metrics::Basis},
    value::{Currency, Duration, Money, Percent},
};

/// How a backtest was made, for its conventions.
#[derive(Clone, Debug)]
pub struct Assumptions<'a> {
    /// What was tested.
    pub label: String,
    /// The bars of each instrument, in the order of the account.
    pub bars: Vec<&'a BarSeries>,
    /// In what the account is kept.
    pub currency: Currency,
    /// What trading cost, where that was said.
    pub costs: Option<Costs>,
    /// When orders filled.
    pub fill: FillAt,
    /// How much was bought and sold.
    pub size: String,
    /// Further conventions.
    pub others: Vec<(String, String)>,
}

impl Assumptions<'_> {
    /// Returns on what basis figures a year are computed.
    pub(super) fn basis(&self) -> Basis {
        Basis::of(self.bars.first().map_or(Duration::DAY, |it| it.timeframe))
    }
}

fn side(quantity: Side) -> &'static str {
    if quantity == Side::Buy { "long" } else { "short" }
}

/// Returns the report of what a backtest came to.
pub fn report(outcome: &Outcome, made: &Assumptions<'_>) -> BacktestReportData {
    let (book, account) = (&outcome.book, outcome.book.account());
    let money = |amount: Exact| Money::new(amount.decimal().normalize(), made.currency);
    let symbols: Vec<_> = made.bars.iter().map(|it| it.symbol.clone()).collect();
    let trades = book.trips().iter().filter_map(|trip| {
        let closed = &trip.closed;
        Some(TradeRecord {
            symbol: symbols.get(trip.instrument)?.clone(),
            side: side(closed.side),
            quantity: closed.quantity.decimal(),
            entry_date: closed.opened,
            entry_price: closed.entry_price().normalize(),
            exit_date: trip.exit,
            exit_price: trip.exit_price.decimal().normalize(),
            fees: money(closed.fees),
            pnl: money(closed.pnl),
            gain: Percent(ratio(closed.pnl.decimal(), closed.cost.decimal()).unwrap_or_default()),
            bars: trip.bars,
            exit_reason: trip.reason.as_str(),
            orders: trip.orders,
        })
    });
    let trades: Vec<_> = trades.collect();
    let open = account.positions.iter().enumerate().filter(|(_, it)| !it.is_flat()).filter_map(|(instrument, held)| {
        let (price, bars) = (book.last(instrument).unwrap_or(Price::default()), made.bars.get(instrument)?);
        let pnl = held.unrealised(price) - held.fees;
        Some(OpenRecord {
            symbol: symbols.get(instrument)?.clone(),
            side: side(Side::of(held.quantity.0)),
            quantity: held.quantity.decimal().abs(),
            entry_date: held.opened,
            entry_price: held.average().normalize(),
            price: price.decimal().normalize(),
            value: money(held.value(price)),
            fees: money(held.fees),
            pnl: money(pnl),
            gain: Percent(ratio(pnl.decimal(), held.cost.abs().decimal()).unwrap_or_default()),
            bars: bars.len().saturating_sub(1).saturating_sub(book.opened(instrument)),
        })
    });
    let open = open.collect();
    let day = |time: Option<&i64>| date_of(time.copied().unwrap_or_default());
    let basis = made.basis();
    BacktestReportData {
        strategy: made.label.clone(),
        capital: money(account.capital),
        final_equity: money(outcome.equity.last().copied().unwrap_or(account.capital)),
        fees: money(account.fees),
        start: day(outcome.times.first()),
        end: day(outcome.times.last()),
        bars: outcome.times.len(),
        trades,
        open,
        orders: book.ledger().clone().into(),
        events: book.events().0.to_vec(),
        conventions: conventions(outcome, made, &basis),
        times: outcome.times.clone(),
        equity: outcome.equity.clone().into(),
        traded: made.bars.iter().map(|it| (*it).clone()).collect(),
        figures: Figures::new(basis, outcome.exposed, book.traded().float()),
        symbols,
    }
}

/// Says what trading cost.
fn told(costs: Option<Costs>) -> String {
    let Some(costs) = costs.filter(|it| *it != Costs::default()) else {
        return "no costs: commission, slippage and spread are 0".into();
    };
    let parts = [
        costs.fee.map(|it| format!("commission {it} of what is traded")),
        costs.fee_per_share.map(|it| format!("commission {it} a share")),
        costs.minimum_fee.map(|it| format!("at least {it} an order")),
        costs.slippage.map(|it| format!("slippage {it} of the price")),
        costs.spread.map(|it| format!("half of a spread of {it} of the price")),
    ];
    let parts: Vec<_> = parts.into_iter().flatten().collect();
    format!("{}; limits such as targets pay no slippage and no spread", parts.join(", "))
}

/// Says what borrowing cost.
fn borrowing(costs: Option<Costs>) -> String {
    let costs = costs.unwrap_or_default();
    let a_year = |it: Option<Percent>| it.map_or_else(|| "nothing".into(), |it| format!("{it} a year"));
    let how = "by calendar days over 365, at each bar for what was held at the close before";
    format!(
        "shares sold short cost {} of their value, owed cash {}; {how}",
        a_year(costs.borrow),
        a_year(costs.interest)
    )
}

fn conventions(outcome: &Outcome, made: &Assumptions<'_>, basis: &Basis) -> Vec<(String, String)> {
    let book = &outcome.book;
    let fill = match made.fill {
        FillAt::NextOpen => "decided at the close of a bar, filled at the next open of the instrument; no bar, no fill",
        FillAt::Close => "decided and filled at the close of the same bar",
    };
    let leverage = book.leverage().decimal().normalize();
    let (kept, silent) = book.events();
    let mut all = vec![
        ("fill", fill.into()),
        (
            "stops",
            "a stop that gaps fills at the open, else at its price; stop and target in one bar: the stop first".into(),
        ),
        ("costs", told(made.costs)),
        ("size", made.size.clone()),
        ("lot", format!("quantities are rounded down to whole lots of {}", book.model().lot.decimal())),
        (
            "buying_power",
            format!("an entry is cut to what equity pays for at a leverage of {leverage}; {} were cut", book.cut()),
        ),
        ("short_sales", "proceeds are cash; borrowing is always possible; cash earns nothing".into()),
        ("borrowing", borrowing(made.costs)),
        (
            "margin",
            format!(
                "where equity is below {} % of what is held at a close, everything is closed at the next open",
                (book.margin().decimal() * Decimal::ONE_HUNDRED).normalize()
            ),
        ),
        ("rounding", "prices, slippage and commissions to 8 decimals, half away from 0; equity exact".into()),
        ("open_positions", "marked at the last close, not closed; they are not in the trades".into()),
        ("returns", "of equity from close to close, the capital included; standard deviations have ddof 1".into()),
        ("periods", format!("{} bars a year", basis.periods)),
        ("risk_free_rate", format!("{} a bar", basis.risk_free)),
        ("benchmark", HELD.into()),
        ("trades", "profit factor, win rate and average are of closed trades, commissions deducted".into()),
    ];
    if let Some(share) = book.model().participation {
        all.push(("participation", format!("an order takes at most {} of a bar's volume", Percent(share))));
    }
    if silent > 0 {
        all.push(("events", format!("the first {} are kept; {silent} more happened", kept.len())));
    }
    all.into_iter().map(|(name, it)| (name.to_owned(), it)).chain(made.others.iter().cloned()).collect()
}
