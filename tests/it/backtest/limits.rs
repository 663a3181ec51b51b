//! Limits: what they reduce, refuse and halt.

use wf::{
    market::{Amount, Costs, Event, Limits, OnBreach, Outcome, Setup, Signals},
    value::{Leverage, Money},
};

use super::support::{d, exits, flat, mirrored, percent, run, setup, signals};

fn limited(prices: &[f64], signals: Signals, limits: Limits) -> Outcome {
    let setup = Setup { limits, ..setup(10_000, Costs::default()) };
    run(&flat(prices), signals, &setup)
}

fn told(outcome: &Outcome) -> Vec<(i64, &'static str)> {
    let one = |it: &Event| (it.time / super::support::DAY - 1, it.what.as_str());
    outcome.book.events().0.iter().map(one).collect()
}

#[test]
fn an_order_is_reduced_to_the_largest_position() {
    let position = |limit| Limits { max_position: Some(limit), ..Limits::default() };
    for limit in [Amount::Money(Money::usd(2_000)), Amount::Percent(percent("20").unwrap())] {
        for side in [signals(3, &[0], &[]), mirrored(signals(3, &[0], &[]))] {
            let outcome = limited(&[100.0; 3], side, position(limit.clone()));
            assert_eq!(outcome.book.held(0).decimal().abs(), d("20"));
            assert_eq!(told(&outcome), [(0, "reduced")]);
        }
    }
}

#[test]
fn an_order_that_finds_no_room_is_refused() {
    let limits = Limits { max_position: Some(Amount::Money(Money::usd(50))), ..Limits::default() };
    let outcome = limited(&[100.0; 3], signals(3, &[0], &[]), limits);
    assert_eq!((told(&outcome), outcome.exposed), (vec![(0, "refused")], 0));
}

#[test]
fn leverage_above_one_is_bought_only_where_a_limit_allows_it() {
    let twice = |limits| {
        let mut signals = signals(3, &[0], &[]);
        signals.orders.size = wf::market::Size::EquityShare(3.0);
        limited(&[100.0; 3], signals, limits).book.held(0).decimal()
    };
    assert_eq!(twice(Limits::default()), d("100"));
    assert_eq!(twice(Limits { max_leverage: Some(Leverage(d("2"))), ..Limits::default() }), d("200"));
}

#[test]
fn after_a_loss_entries_of_the_day_are_refused_and_the_next_day_is_free() {
    let limits = Limits { max_daily_loss: Some(Amount::Percent(percent("5").unwrap())), ..Limits::default() };
    let mild = limited(&[100.0, 100.0, 96.0, 92.0, 92.0, 92.0], signals(6, &[0, 3], &[2]), limits.clone());
    assert_eq!(told(&mild), []);
    let outcome = limited(&[100.0, 100.0, 90.0, 90.0, 90.0, 90.0], signals(6, &[0, 3], &[2]), limits.clone());
    assert_eq!((told(&outcome), exits(&outcome).len()), (vec![(2, "breached")], 1));
    assert!(outcome.book.held(0).0 > 0, "the entry of the day after is taken");
    let mut reversing = signals(6, &[0], &[]);
    reversing.enter_short.set(2, true);
    let outcome = limited(&[100.0, 100.0, 90.0, 90.0, 90.0, 90.0], reversing, limits);
    assert_eq!(told(&outcome), [(2, "breached"), (2, "refused")]);
}

#[test]
fn a_drawdown_flattens_and_halts_where_told() {
    let limits = Limits {
        max_drawdown: Some(Amount::Percent(percent("10").unwrap())),
        on_breach: OnBreach::FlattenAndHalt,
        ..Limits::default()
    };
    let outcome = limited(&[100.0, 100.0, 95.0, 85.0, 84.0, 100.0], signals(6, &[0, 4], &[]), limits);
    assert_eq!(exits(&outcome), [(4, d("84"), "limit")]);
    assert_eq!(told(&outcome), [(3, "flattened")]);
    assert!(outcome.book.is_halted() && outcome.book.held(0).0 == 0);
}

#[test]
fn a_halt_leaves_positions_as_they_are() {
    let limits = Limits {
        max_drawdown: Some(Amount::Percent(percent("10").unwrap())),
        on_breach: OnBreach::Halt,
        ..Limits::default()
    };
    let outcome = limited(&[100.0, 100.0, 95.0, 85.0, 84.0, 100.0], signals(6, &[0], &[4]), limits);
    assert_eq!((exits(&outcome), told(&outcome)), (vec![], vec![(3, "halted")]));
}

#[test]
fn too_many_losses_in_a_row_pause_entries_for_the_day_or_halt() {
    // three trades of a bar each, all at a loss, then a fourth
    let prices = [100.0, 100.0, 99.0, 99.0, 98.0, 98.0, 97.0, 97.0, 96.0, 96.0];
    let trades = |on_breach| {
        let limits = Limits { max_consecutive_losses: Some(2), on_breach, ..Limits::default() };
        limited(&prices, signals(10, &[0, 2, 4, 6], &[1, 3, 5, 7]), limits)
    };
    let refused = trades(OnBreach::Refuse);
    // the second loss is known at the close of bar 4, whose own entry is refused; the next day is free, and counts anew
    assert_eq!(told(&refused), [(4, "breached"), (4, "refused")]);
    assert_eq!(refused.book.trips().len(), 3);
    let halted = trades(OnBreach::Halt);
    assert_eq!((told(&halted), halted.book.trips().len()), (vec![(4, "halted")], 2));
}

#[test]
fn an_entry_far_from_the_last_price_is_refused_and_an_exit_is_not() {
    let banded = |prices: &[f64], signals: Signals| {
        let limits = Limits { price_band: percent("5"), ..Limits::default() };
        limited(prices, signals, limits)
    };
    let outcome = banded(&[100.0, 106.0, 106.0], signals(3, &[0], &[]));
    assert_eq!((told(&outcome), outcome.exposed), (vec![(1, "refused")], 0));
    assert_eq!(outcome.book.events().0[0].message, "`price_band`: 106 is too far from the last price 100");
    assert_eq!(banded(&[100.0, 105.0, 105.0], signals(3, &[0], &[])).exposed, 2);
    assert_eq!(exits(&banded(&[100.0, 100.0, 80.0], signals(3, &[0], &[1]))), [(2, d("80"), "signal")]);
    // a limit that is further away is not given at all
    let mut waiting = signals(3, &[0], &[]);
    waiting.orders.long.limit = Some(vec![94.0; 3].into());
    assert_eq!(told(&banded(&[100.0; 3], waiting)), [(0, "refused")]);
}

#[test]
fn a_symbol_whose_last_price_is_old_is_not_ordered() {
    use super::support::{DAY, bars_at};
    use wf::{
        market::{Bars, TargetAt, TargetSeries, run_targets},
        value::Duration,
    };
    let priced = |symbol: &str, days: &[i64]| {
        let times: Vec<_> = days.iter().map(|it| it * DAY).collect();
        Bars::from(bars_at(symbol, &times, &vec![[10.0; 4]; days.len()]))
    };
    let bars = vec![priced("A", &[1, 2, 3, 4, 5, 6]), priced("B", &[1, 6])];
    let entry = TargetAt { time: 5 * DAY, weights: vec![0.5, 0.5].into() };
    let targets = TargetSeries::new(bars, vec![entry], "by hand");
    let held = |days: i64| {
        let limits = Limits { stale_data: Some(Duration(days * DAY * 1_000)), ..Limits::default() };
        let outcome = run_targets(&targets, &Setup { limits, ..setup(1_000, Costs::default()) }).unwrap();
        (outcome.book.held(0).decimal(), outcome.book.held(1).decimal(), outcome.book.events().0.len())
    };
    assert_eq!(held(4), (d("50"), d("50"), 0));
    assert_eq!(held(3), (d("50"), d("0"), 1));
}
