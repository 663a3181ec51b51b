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
