//! The same rules as other engines, on the same prices: the same trades and the same equity.

use wf::{
    market::{Adjust, BarSeries, Costs, Exact, FillAt, OrderRules, Signals, Units},
    slice::ports::{HistoryRequest, MarketData as _},
    slices::data::source::Bundled,
    value::{Duration, Symbol},
};

use super::support::{run, setup};

pub fn prices(symbol: &str, adjust: Adjust) -> BarSeries {
    let symbol = Symbol::new(symbol).unwrap();
    let request = HistoryRequest { symbol, period: None, timeframe: Duration::DAY, adjust };
    Bundled.history(&request).unwrap()
}

/// Returns the crosses of two moving averages, from sums of whole 1e-4 dollars so that ties are ties.
fn crosses(close: &[f64], fast: usize, slow: usize) -> Signals {
    let units: Vec<i64> = close.iter().map(|it| (it * 1e4).round() as i64).collect();
    let sum = |bar: usize, window: usize| units[bar + 1 - window..=bar].iter().sum::<i64>();
    let above = |bar: usize| (sum(bar, fast) * slow as i64 - sum(bar, slow) * fast as i64).signum();
    let mut signals = super::support::signals(close.len(), &[], &[]);
    for bar in slow..close.len() {
        signals.enter_long.set(bar, above(bar - 1) <= 0 && above(bar) > 0);
        signals.exit_long.set(bar, above(bar - 1) >= 0 && above(bar) < 0);
    }
    signals
}

/// The reference: SMA(10) over SMA(30), long only, everything in, in fractions of shares, at the close that decides. The
/// figures are those of vectorbt 1.2.0 and backtrader 1.9.78 on the same prices (backtesting.py 0.6.6 gives 6.41954).
#[test]
fn goog_gives_the_trades_and_the_equity_of_other_engines() {
    let bars = prices("GOOG", Adjust::None);
    let orders = OrderRules { fill: FillAt::Close, ..OrderRules::default() };
    let signals = Signals { orders, ..crosses(&bars.close, 10, 30) };
    let mut terms = setup(10_000, Costs::default());
    terms.model.lot = Units(1);
    let outcome = run(&bars, signals, &terms);
    let ratio = outcome.equity.last().unwrap().float() / 10_000.0;
    assert_eq!((bars.len(), outcome.book.trips().len()), (2_148, 32));
    assert!((ratio - 6.419_539_116).abs() < 1e-8, "{ratio}");
}

/// With adjusted prices, which have more digits than money, the account still adds up to the last of them.
#[test]
fn aapl_adjusted_adds_up() {
    let bars = prices("AAPL", Adjust::All);
    let outcome = run(&bars, crosses(&bars.close, 10, 30), &setup(10_000, Costs::default()));
    let account = outcome.book.account();
    let last = outcome.book.last(0).unwrap();
    assert_eq!(account.equity(&[last]), *outcome.equity.last().unwrap());
    let earned = outcome.book.trips().iter().fold(Exact::ZERO, |sum, it| sum + it.closed.pnl);
    assert_eq!(account.capital + earned + account.position(0).unrealised(last), account.equity(&[last]));
}
