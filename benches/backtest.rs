//! What a backtest costs for each bar, beside a hand-written loop over the same prices that keeps its account in floating
//! point: one crossover over a million bars, and a sweep over pairs of averages on the bundled prices. All run in one
//! process, in turn, so that their ratios mean something on any machine.

#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    reason = "a bench may fail loudly and reads the time"
)]

use std::{
    hint::black_box,
    sync::Arc,
    time::{Duration as Elapsed, Instant},
};

use rust_decimal::Decimal;
use wf::{
    market::{
        Adjust, Amount, BarSeries, Costs, FillModel, Ground, Limits, OnBreach, Outcome, Script, Setup, Signals, Units,
        indicators::sma, run_signals,
    },
    slice::ports::{HistoryRequest, MarketData as _},
    slices::data::source::Bundled,
    strategy::{Axis, Strategy, from_text},
    value::{Duration, Mismatch, Percent, Symbol, Value},
};

const CROSS: &str = "strategy cross {
  param fast: Int in 2..400 = 10
  param slow: Int in 2..400 = 30
  enter long when crosses_above(sma(close, fast), sma(close, slow))
  exit long when crosses_below(sma(close, fast), sma(close, slow))
  orders { size: 100% of equity }
}";

fn cross(fast: i64, slow: i64) -> Strategy {
    from_text("cross", CROSS)
        .unwrap()
        .make(&Value::record([("fast", fast.into()), ("slow", slow.into())]))
        .unwrap()
        .to()
        .unwrap()
}

/// A price that wanders, the same in every run.
fn walk(length: usize) -> BarSeries {
    let mut state = 42_u64;
    let mut uniform = move || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as f64 / f64::from(1_u32 << 31) - 0.5
    };
    let mut close = 100.0_f64;
    let cents = |it: f64| (it * 100.0).round() / 100.0;
    let (mut open, mut high, mut low, mut closes) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for _ in 0..length {
        let first = cents(close);
        close = (close * (1.0 + 0.003 * uniform())).max(1.0);
        let last = cents(close);
        open.push(first);
        high.push(first.max(last) + 0.05);
        low.push(first.min(last) - 0.05);
        closes.push(last);
    }
    BarSeries {
        symbol: Symbol::new("WALK").unwrap(),
        timeframe: Duration(60_000),
        time: (0..length).map(|it| 60 * i64::try_from(it).unwrap()).collect(),
        open: open.into(),
        high: high.into(),
        low: low.into(),
        close: closes.into(),
        volume: vec![1_000.0; length].into(),
        adjusted_close: Arc::new([]),
        warmup: 0,
        notes: Arc::new([]),
        origin: wf::market::Origin::default(),
    }
}

/// Returns the middle of several times, in nanoseconds for each unit.
fn timed<T>(times: usize, units: usize, mut work: impl FnMut() -> T) -> f64 {
    black_box(work());
    let mut taken: Vec<Elapsed> = (0..times)
        .map(|_| {
            let start = Instant::now();
            black_box(work());
            start.elapsed()
        })
        .collect();
    taken.sort();
    taken[times / 2].as_secs_f64() * 1e9 / units as f64
}

fn trade(bars: &BarSeries, signals: &Signals, setup: &Setup) -> Outcome {
    let script = Script { signals: std::slice::from_ref(signals), turns: &[(0, 0)], shares: None, start: 0 };
    run_signals(bars, &script, setup).unwrap()
}

/// The floor: sums, crosses, fills at the next open without costs, and equity at every bar, in floating point.
fn by_hand(bars: &BarSeries, fast: usize, slow: usize) -> (Vec<f64>, usize) {
    let (open, close) = (&bars.open, &bars.close);
    let (mut short, mut long, mut before) = (0.0, 0.0, f64::NAN);
    let (mut cash, mut held, mut trades, mut order) = (10_000.0, 0.0, 0, 0);
    let mut equity = Vec::with_capacity(close.len());
    for bar in 0..close.len() {
        if order > 0 {
            (held, cash) = (cash / open[bar], 0.0);
        } else if order < 0 {
            (cash, held, trades) = (held * open[bar], 0.0, trades + 1);
        }
        order = 0;
        short += close[bar] - if bar >= fast { close[bar - fast] } else { 0.0 };
        long += close[bar] - if bar >= slow { close[bar - slow] } else { 0.0 };
        if bar + 1 >= slow {
            let now = short / fast as f64 - long / slow as f64;
            if held == 0.0 && before <= 0.0 && now > 0.0 {
                order = 1;
            } else if held > 0.0 && before >= 0.0 && now < 0.0 {
                order = -1;
            }
            before = now;
        }
        equity.push(cash + held * close[bar]);
    }
    (equity, trades)
}

fn share(bps: i64) -> Option<Percent> {
    Some(Percent(Decimal::new(bps, 4)))
}

fn one_cross(length: usize) {
    let bars = walk(length);
    let strategy = cross(10, 30);
    let mut free = Setup::new(10_000.into(), FillModel::new(Costs::default()));
    free.model.lot = Units(1);
    let costs = Costs { fee: share(1), slippage: share(2), ..Costs::default() };
    let limits = Limits {
        max_position: Some(Amount::Percent(Percent(Decimal::ONE))),
        max_drawdown: Some(Amount::Percent(Percent(Decimal::new(999, 3)))),
        max_daily_loss: Some(Amount::Percent(Percent(Decimal::new(50, 2)))),
        on_breach: OnBreach::Refuse,
        ..Limits::default()
    };
    let all = Setup { limits, ..Setup::new(10_000.into(), FillModel::new(costs)) };
    let signals = strategy.rules.signals(&bars).unwrap();
    let outcome = trade(&bars, &signals, &free);
    let (equity, trades) = by_hand(&bars, 10, 30);
    println!(
        "one cross over {length} bars: {} trades, final equity {} (by hand {trades}, {})",
        outcome.book.trips().len(),
        outcome.equity.last().unwrap().decimal().round_dp(4),
        equity.last().unwrap(),
    );
    let of = |what: &str, ns: f64| println!("  {what:<58}{ns:>8.2} ns a bar");
    of("by hand, floating point, no costs", timed(11, length, || by_hand(&bars, 10, 30)));
    of("signals", timed(11, length, || strategy.rules.signals(&bars).unwrap()));
    of("orders, fills, exact account; no costs", timed(11, length, || trade(&bars, &signals, &free)));
    of("orders, fills, exact account; costs and limits", timed(11, length, || trade(&bars, &signals, &all)));
    of(
        "signals and account, with costs and limits",
        timed(11, length, || {
            let signals = strategy.rules.signals(&bars).unwrap();
            trade(&bars, &signals, &all)
        }),
    );
}

/// The floor of a sweep: for each pair a pass over two columns that are there already, in floating point.
fn pair_by_hand(open: &[f64], close: &[f64], fast: &[f64], slow: &[f64]) -> f64 {
    let (mut cash, mut held, mut order, mut before) = (10_000.0, 0.0, 0, f64::NAN);
    for bar in 0..close.len() {
        if order > 0 {
            (held, cash) = (cash / open[bar], 0.0);
        } else if order < 0 {
            (cash, held) = (held * open[bar], 0.0);
        }
        let now = fast[bar] - slow[bar];
        order =
            i32::from(held == 0.0 && before <= 0.0 && now > 0.0) - i32::from(held > 0.0 && before >= 0.0 && now < 0.0);
        before = now;
    }
    cash + held * close[close.len() - 1]
}

/// Every pair of averages of 2 to 50 and 10 to 200 bars on the bundled prices of AAPL.
fn sweep() {
    let request = HistoryRequest {
        symbol: Symbol::new("AAPL").unwrap(),
        period: None,
        timeframe: Duration::DAY,
        adjust: Adjust::All,
    };
    let bars = Bundled.history(&request).unwrap();
    let axis = |name: &str, range: std::ops::RangeInclusive<i64>| Axis {
        name: name.into(),
        values: range.map(Value::from).collect(),
    };
    let axes = [axis("fast", 2..=50), axis("slow", 10..=200)];
    let pairs = (0..49_u32).flat_map(|fast| (0..191_u32).map(move |slow| vec![fast, slow]));
    let sets: Vec<Vec<u32>> = pairs.filter(|it| it[0] + 2 < it[1] + 10).collect();
    let mut setup = Setup::new(10_000.into(), FillModel::new(Costs::default()));
    setup.model.lot = Units(1);
    let family = cross(10, 30).rules.family().unwrap();
    let ground = Ground::new(&bars, 0).unwrap();
    let none = Value::record::<&str>([]);
    let run = || {
        let judge = |_: usize, signals: Result<&Signals, &Mismatch>| {
            let trial = ground.run(signals.unwrap(), &setup).unwrap();
            (trial.book.equity(), trial.book.trips().len())
        };
        family.sweep(&bars, &none, &axes, &sets, &wf::slice::Cancel::default(), &judge).unwrap()
    };
    let found = run();
    for at in [0, 17, 1_000, 4_321, sets.len() - 1] {
        let strategy = cross(i64::from(sets[at][0]) + 2, i64::from(sets[at][1]) + 10);
        let alone = trade(&bars, &strategy.rules.signals(&bars).unwrap(), &setup);
        assert_eq!(found[at], (*alone.equity.last().unwrap(), alone.book.trips().len()));
    }
    let best = (0..sets.len()).max_by_key(|it| found[*it].0).unwrap();
    let trades: usize = found.iter().map(|it| it.1).sum();
    println!(
        "\nsweep of {} pairs over {} bars: the best is {}/{} with {}; {} trades each",
        sets.len(),
        bars.len(),
        sets[best][0] + 2,
        sets[best][1] + 10,
        found[best].0.decimal().round_dp(2),
        trades / sets.len()
    );
    let averages: Vec<Vec<f64>> = (0..=200).map(|it| sma(&bars.close, it.max(1))).collect();
    let by_hand = || -> f64 {
        let one = |it: &Vec<u32>| {
            let (fast, slow) = (it[0] as usize + 2, it[1] as usize + 10);
            pair_by_hand(&bars.open, &bars.close, &averages[fast], &averages[slow])
        };
        sets.iter().map(one).sum()
    };
    let units = sets.len() * bars.len();
    let of = |what: &str, ns: f64| println!("  {what:<58}{ns:>8.3} ns a bar and pair");
    of("by hand, one thread, floating point, no costs", timed(5, units, by_hand));
    of("sweep, all processors, exact accounts", timed(5, units, run));
    let one_by_one = || {
        sets.iter().step_by(97).for_each(|it| {
            let strategy = cross(i64::from(it[0]) + 2, i64::from(it[1]) + 10);
            black_box(trade(&bars, &strategy.rules.signals(&bars).unwrap(), &setup));
        });
    };
    of("one by one, each with its own columns and curve", timed(3, sets.len().div_ceil(97) * bars.len(), one_by_one));
}

fn main() {
    // Another number of bars than a million may be given, to profile with; with 0 there is only the sweep.
    let bars = std::env::args().find_map(|it| it.parse().ok()).unwrap_or(1_000_000);
    if bars > 0 {
        one_cross(bars);
    }
    sweep();
}
