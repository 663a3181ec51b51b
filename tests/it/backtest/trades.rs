//! Trade by trade and to the cent what backtesting.py and vectorbt trade on the bundled prices, by the same rules and costs.

use std::collections::{BTreeMap, BTreeSet};

use wf::{
    market::{
        Adjust, BarSeries, Costs, FillAt, OrderRules, Outcome, Part, Ratio, Reason, RoundTrip, Script, Setup, Side,
        Signals, run_together,
    },
    source::Source,
    strategy::{all_from, with_defaults},
};

use super::{
    peers::prices,
    support::{percent, run, setup, usd},
};

/// Less than half a cent is the same to the cent.
const CENT: f64 = 0.005;
const CAPITAL: i64 = 100_000;

/// A trade of another program.
#[derive(Debug)]
struct Trade {
    side: String,
    size: f64,
    entry: String,
    entry_price: f64,
    exit: String,
    exit_price: f64,
    fees: f64,
    pnl: f64,
}

/// By case, engine and symbol.
type Golden<T> = BTreeMap<(String, String, String), Vec<T>>;

fn read<T>(bytes: &[u8], row: impl Fn(&[&str]) -> T) -> Golden<T> {
    let mut all: Golden<T> = BTreeMap::new();
    for it in csv::Reader::from_reader(bytes).records().map(Result::unwrap) {
        let cells: Vec<&str> = it.iter().collect();
        let key = (cells[0].to_owned(), cells[1].to_owned(), cells[2].to_owned());
        all.entry(key).or_default().push(row(&cells[3..]));
    }
    all
}

fn trades() -> Golden<Trade> {
    let number = |it: &str| it.parse::<f64>().unwrap();
    read(include_bytes!("../../golden/trades.csv"), |it| Trade {
        side: it[0].into(),
        size: number(it[1]),
        entry: it[2].into(),
        entry_price: number(it[3]),
        exit: it[4].into(),
        exit_price: number(it[5]),
        fees: number(it[6]),
        pnl: number(it[7]),
    })
}

fn curves() -> Golden<(String, f64)> {
    read(include_bytes!("../../golden/equity.csv"), |it| (it[0].to_owned(), it[1].parse().unwrap()))
}

/// Returns with what a case trades: its strategy, its costs, and whether it fills at the close that decides.
fn terms(case: &str) -> (&str, Costs, FillAt) {
    let (free, fee) = (Costs::default(), |it| Costs { fee: percent(it), ..Costs::default() });
    match case {
        "sma_cross" => (case, free, FillAt::Close),
        "sma_cross_costs" => ("sma_cross", Costs { slippage: percent("0.05"), ..fee("0.1") }, FillAt::Close),
        "ema_reversal" => (case, fee("0.1"), FillAt::NextOpen),
        "ema_reversal_slips" => ("ema_reversal", Costs { slippage: percent("0.05"), ..fee("0.1") }, FillAt::NextOpen),
        "together" => ("ema_long", fee("0.1"), FillAt::NextOpen),
        "rsi_reversion" | "breakout_trigger" => (case, fee("0.05"), FillAt::NextOpen),
        "bollinger_breakout" | "donchian_trail" => (case, free, FillAt::Close),
        "bollinger_next_open" => {
            (case, Costs { fee_per_share: usd("0.005"), minimum_fee: usd("1"), ..free }, FillAt::NextOpen)
        }
        "macd_cross" => (case, Costs { minimum_fee: usd("5"), ..free }, FillAt::NextOpen),
        "short_breakdown" => (case, Costs { minimum_fee: usd("2"), ..fee("0.02") }, FillAt::NextOpen),
        "dip_limit" => (case, free, FillAt::NextOpen),
        other => panic!("no case is called `{other}`"),
    }
}

fn signals(strategy: &str, fill: FillAt, bars: &BarSeries) -> Signals {
    let source = Source::new("trades.wf", None, include_str!("../../golden/trades.wf"));
    let template = all_from(&source).into_iter().find(|it| it.name() == strategy).unwrap();
    let signals = with_defaults(&*template).unwrap().rules.signals(bars).unwrap();
    Signals { orders: OrderRules { fill, ..signals.orders }, ..signals }
}

fn day(time: i64) -> String {
    jiff::Timestamp::from_second(time).unwrap().strftime("%Y-%m-%d").to_string()
}

fn near(a: f64, b: f64) -> bool {
    (a - b).abs() < CENT
}

/// Says whether prices are equal to the sixth decimal, to which they are written.
fn same_price(a: f64, b: f64) -> bool {
    (a - b).abs() < 6e-7
}

/// Says what is different about a trade, where anything is.
fn difference(wf: &RoundTrip, it: &Trade) -> Option<String> {
    let side = if wf.closed.side == Side::Buy { "long" } else { "short" };
    let entry_price = wf.closed.cost.float() / wf.closed.quantity.float();
    let same = side == it.side
        && wf.closed.quantity.float() == it.size
        && day(wf.closed.opened) == it.entry
        && day(wf.exit) == it.exit
        && same_price(entry_price, it.entry_price)
        && same_price(wf.exit_price.float(), it.exit_price)
        && near(wf.closed.fees.float(), it.fees)
        && near(wf.closed.pnl.float(), it.pnl);
    (!same).then(|| {
        let Trade { size, entry, exit, exit_price, fees, pnl, .. } = it;
        format!(
            "wf: {side} {} from {} at {entry_price} to {} at {} by {}, fees {}, pnl {}; it: {} {size} from {entry} at {} to {exit} \
             at {exit_price}, fees {fees}, pnl {pnl}",
            wf.closed.quantity.float(),
            day(wf.closed.opened),
            day(wf.exit),
            wf.exit_price.float(),
            wf.reason.as_str(),
            wf.closed.fees.float(),
            wf.closed.pnl.float(),
            it.side,
            it.entry_price,
        )
    })
}

fn sorted<'a>(trips: impl Iterator<Item = &'a RoundTrip>) -> Vec<RoundTrip> {
    let mut trips: Vec<RoundTrip> = trips.copied().collect();
    trips.sort_by_key(|it| (it.exit, it.closed.opened));
    trips
}

/// Adds to the complaints what is not the same to the cent.
fn compare(key: &str, trips: &[RoundTrip], golden: &[Trade], wrong: &mut Vec<String>) {
    if trips.len() != golden.len() {
        wrong.push(format!("{key}: {} trades, it has {}", trips.len(), golden.len()));
    }
    let first = trips.iter().zip(golden).find_map(|(wf, it)| difference(wf, it));
    wrong.extend(first.map(|it| format!("{key}: {it}")));
}

fn compare_equity(key: &str, outcome: &Outcome, golden: &[(String, f64)], wrong: &mut Vec<String>) {
    let marks: BTreeMap<String, f64> =
        outcome.times.iter().map(|it| day(*it)).zip(outcome.equity.iter().map(|it| it.float())).collect();
    let first = golden.iter().find(|(on, it)| !marks.get(on).is_some_and(|wf| near(*wf, *it)));
    wrong.extend(first.map(|(on, it)| format!("{key}: equity on {on} is {:?}, it has {it}", marks.get(on))));
}

/// Trades without the entries at the closes of bars in which a stop or a target was met: vectorbt carries out one order a bar,
/// and takes no notice of a decision at the close of such a bar.
fn one_order_a_bar(bars: &BarSeries, mut signals: Signals, setup: &Setup) -> Outcome {
    loop {
        let outcome = run(bars, signals.clone(), setup);
        let trips = outcome.book.trips();
        let again = trips
            .iter()
            .zip(trips.iter().skip(1))
            .find(|(a, b)| matches!(a.reason, Reason::Stop | Reason::Target) && a.exit == b.closed.opened);
        let Some((met, _)) = again else { return outcome };
        let bar = bars.time.iter().position(|it| *it == met.exit).unwrap();
        signals.enter_long.set(bar, false);
    }
}

#[test]
fn every_trade_is_that_of_backtesting_py_and_of_vectorbt_to_the_cent() {
    let (trades, curves, mut wrong) = (trades(), curves(), Vec::new());
    let (mut seen, mut reasons, mut at_once) = (BTreeSet::new(), BTreeSet::new(), 0);
    for (key, curve) in curves.iter().filter(|it| it.0.0 != "together") {
        let (case, engine, symbol) = key;
        let (strategy, costs, fill) = terms(case);
        let bars = prices(symbol, Adjust::All);
        let (signals, setup) = (signals(strategy, fill, &bars), setup(CAPITAL, costs));
        let outcome = if engine == "vectorbt" && signals.orders.stop.is_some() {
            one_order_a_bar(&bars, signals, &setup)
        } else {
            run(&bars, signals, &setup)
        };
        let name = format!("{case} {symbol} by {engine}");
        let golden = trades.get(key).map_or(&[][..], Vec::as_slice);
        compare(&name, &sorted(outcome.book.trips().iter()), golden, &mut wrong);
        compare_equity(&name, &outcome, curve, &mut wrong);
        seen.insert(case.as_str());
        let trips = outcome.book.trips();
        reasons.extend(trips.iter().map(|it| it.reason.as_str()));
        at_once += trips.iter().filter(|it| it.closed.opened == it.exit).count();
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    // What the cases are there to show does happen in them.
    assert_eq!((seen.len(), at_once), (12, 13), "cases, and trades that end in the bar in which they began");
    let all = ["max_holding", "reversal", "signal", "stop", "target", "trailing_stop"];
    assert!(all.iter().all(|it| reasons.contains(it)), "{reasons:?}");
}

#[test]
fn several_symbols_in_one_account_trade_as_in_vectorbt() {
    let (trades, curves) = (trades(), curves());
    let (strategy, costs, fill) = terms("together");
    let symbols = ["AAPL", "FB", "GOOG", "IBM", "MSFT"];
    let bars = symbols.map(|it| prices(it, Adjust::All));
    let signals = bars.each_ref().map(|it| [signals(strategy, fill, it)]);
    let part = |(bars, signals)| {
        let script = Script { signals, turns: &[(0, 0)], shares: None, start: 0 };
        Part { bars, script, share: Ratio::ONE }
    };
    let parts: Vec<Part<'_>> = bars.iter().zip(signals.iter().map(|it| &it[..])).map(part).collect();
    let setup: Setup = setup(CAPITAL, costs);
    let outcome = run_together(&parts, &setup).unwrap();
    let mut wrong = Vec::new();
    for (at, symbol) in symbols.iter().enumerate() {
        let key = ("together".to_owned(), "vectorbt".to_owned(), (*symbol).to_owned());
        let trips = sorted(outcome.book.trips().iter().filter(|it| it.instrument == at));
        compare(&format!("together {symbol}"), &trips, &trades[&key], &mut wrong);
    }
    let key = ("together".to_owned(), "vectorbt".to_owned(), "all".to_owned());
    compare_equity("together", &outcome, &curves[&key], &mut wrong);
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
