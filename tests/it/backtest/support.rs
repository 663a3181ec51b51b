//! Small markets and small strategies.

use std::sync::Arc;

use rust_decimal::Decimal;
use wf::{
    market::{BarSeries, Costs, FillModel, OrderRules, Outcome, RoundTrip, Script, Setup, Signals, Size, run_signals},
    value::{Duration, Money, Percent, Symbol},
};

pub const DAY: i64 = 86_400;

/// Reads a decimal.
pub fn d(text: &str) -> Decimal {
    text.parse().unwrap()
}

/// Returns daily bars of open, high, low and close, from 1970-01-02 on, with a volume of 1,000.
pub fn bars_of(symbol: &str, rows: &[[f64; 4]]) -> BarSeries {
    let times: Vec<_> = (1..=rows.len() as i64).map(|it| it * DAY).collect();
    bars_at(symbol, &times, rows)
}

pub fn bars_at(symbol: &str, times: &[i64], rows: &[[f64; 4]]) -> BarSeries {
    let column = |at: usize| -> Arc<[f64]> { rows.iter().map(|it| it[at]).collect() };
    BarSeries {
        symbol: Symbol::new(symbol).unwrap(),
        timeframe: Duration::DAY,
        time: times.into(),
        open: column(0),
        high: column(1),
        low: column(2),
        close: column(3),
        volume: vec![1_000.0; rows.len()].into(),
        adjusted_close: Arc::new([]),
        warmup: 0,
        notes: Arc::new([]),
        origin: wf::market::Origin::default(),
    }
}

/// Returns flat bars: open, high, low and close are one price.
pub fn flat(prices: &[f64]) -> BarSeries {
    bars_of("TEST", &prices.iter().map(|it| [*it; 4]).collect::<Vec<_>>())
}

/// Returns signals that enter and leave at these bars.
pub fn signals(bars: usize, enter_long: &[usize], exit_long: &[usize]) -> Signals {
    let column = |at: &[usize]| (0..bars).map(|it| at.contains(&it)).collect();
    Signals {
        enter_long: column(enter_long),
        exit_long: column(exit_long),
        enter_short: column(&[]),
        exit_short: column(&[]),
        ..Signals::default()
    }
}

/// Returns the same signals on the short side.
pub fn mirrored(signals: Signals) -> Signals {
    Signals {
        enter_short: signals.enter_long,
        exit_short: signals.exit_long,
        enter_long: signals.enter_short,
        exit_long: signals.exit_short,
        ..signals
    }
}

pub fn shares(signals: Signals, shares: f64) -> Signals {
    Signals { orders: OrderRules { size: Size::Shares(shares), ..signals.orders }, ..signals }
}

pub fn percent(text: &str) -> Option<Percent> {
    Some(Percent(d(text) / Decimal::ONE_HUNDRED))
}

pub fn usd(text: &str) -> Option<Money> {
    Some(Money::usd(d(text)))
}

pub fn setup(capital: i64, costs: Costs) -> Setup {
    Setup { keeps_orders: true, ..Setup::new(capital.into(), FillModel::new(costs)) }
}

pub fn run(bars: &BarSeries, signals: Signals, setup: &Setup) -> Outcome {
    run_signals(bars, &Script { signals: &[signals], turns: &[(0, 0)], shares: None, start: 0 }, setup).unwrap()
}

/// Runs without costs, on 10,000.
pub fn free(bars: &BarSeries, signals: Signals) -> Outcome {
    run(bars, signals, &setup(10_000, Costs::default()))
}

/// Returns exit bar, exit price and reason of each trade.
pub fn exits(outcome: &Outcome) -> Vec<(usize, Decimal, &'static str)> {
    let one = |it: &RoundTrip| ((it.exit / DAY - 1) as usize, it.exit_price.decimal().normalize(), it.reason.as_str());
    outcome.book.trips().iter().map(one).collect()
}

pub fn equity(outcome: &Outcome) -> Vec<Decimal> {
    outcome.equity.iter().map(|it| it.decimal().normalize()).collect()
}
