//! Several instruments in one account.

use std::sync::Arc;

use proptest::prelude::*;
use rust_decimal::Decimal;
use wf::market::{
    Amount, BarSeries, Bars, Costs, FillAt, Limits, OrderRules, Outcome, Price, Setup, Signals, Size, TargetAt,
    TargetSeries, run_targets,
};

use super::support::{DAY, bars_at, d, equity, percent, run, setup, signals};

fn priced(symbol: &str, days: &[i64], prices: &[f64]) -> BarSeries {
    let times: Vec<_> = days.iter().map(|it| it * DAY).collect();
    bars_at(symbol, &times, &prices.iter().map(|it| [*it; 4]).collect::<Vec<_>>())
}

fn targets(bars: Vec<BarSeries>, entries: &[(i64, &[f64])]) -> TargetSeries {
    let entries: Vec<_> = entries.iter().map(|it| TargetAt { time: it.0 * DAY, weights: it.1.into() }).collect();
    TargetSeries::new(bars.into_iter().map(Bars::from).collect::<Vec<_>>(), entries, "by hand")
}

fn held(outcome: &Outcome) -> Vec<Decimal> {
    outcome.book.account().positions.iter().map(|it| it.quantity.decimal()).collect()
}

#[test]
fn weights_are_traded_at_the_next_open_and_sales_pay_for_purchases() {
    let a = priced("A", &[1, 2, 3, 4], &[10.0, 10.0, 20.0, 20.0]);
    let b = priced("B", &[1, 2, 3, 4], &[50.0, 50.0, 50.0, 100.0]);
    let both = targets(vec![a, b], &[(1, &[1.0, 0.0]), (3, &[0.0, 1.0])]);
    let outcome = run_targets(&both, &setup(10_000, Costs::default())).unwrap();
    // 1,000 A at 10; at 20 they are 20,000; sold at 20, and 400 B bought at the open of 100 are cut to 200
    assert_eq!(equity(&outcome), [d("10000"), d("10000"), d("20000"), d("20000")]);
    assert_eq!(held(&outcome), [d("0"), d("200")]);
    assert_eq!(outcome.book.trips()[0].closed.pnl.decimal(), d("10000"));
}

#[test]
fn a_symbol_without_a_bar_does_not_fill_and_keeps_its_price() {
    let a = priced("A", &[1, 2, 3, 4], &[10.0; 4]);
    let b = priced("B", &[1, 4], &[10.0, 20.0]);
    let outcome = run_targets(&targets(vec![a, b], &[(1, &[0.5, 0.5])]), &setup(1_000, Costs::default())).unwrap();
    assert_eq!(outcome.times.len(), 4);
    // 50 B were ordered at 10; their next open is 20 on day 4, where the cash pays for 25 of them
    assert_eq!(held(&outcome), [d("50"), d("25")]);
    assert_eq!(equity(&outcome), [d("1000"); 4]);
}

#[test]
fn a_weight_changes_by_the_difference_and_through_zero() {
    let a = priced("A", &[1, 2, 3, 4, 5], &[10.0; 5]);
    let outcome = |entries: &[(i64, &[f64])]| {
        held(&run_targets(&targets(vec![a.clone()], entries), &setup(1_000, Costs::default())).unwrap())
    };
    assert_eq!(outcome(&[(1, &[1.0]), (2, &[0.4])]), [d("40")]);
    assert_eq!(outcome(&[(1, &[1.0]), (2, &[-0.4])]), [d("-40")]);
    assert_eq!(outcome(&[(1, &[-0.4]), (2, &[0.4]), (3, &[0.0])]), [d("0")]);
}

#[test]
fn limits_see_what_the_other_symbols_will_be() {
    let a = priced("A", &[1, 2, 3, 4], &[10.0; 4]);
    let b = priced("B", &[1, 2, 3, 4], &[10.0; 4]);
    let limits = Limits {
        max_gross: Some(Amount::Percent(percent("100").unwrap())),
        max_position: Some(Amount::Percent(percent("80").unwrap())),
        ..Limits::default()
    };
    let setup = Setup { limits, ..setup(1_000, Costs::default()) };
    let rotated = run_targets(&targets(vec![a, b], &[(1, &[0.8, 0.0]), (2, &[0.0, 0.9])]), &setup).unwrap();
    assert_eq!(held(&rotated), [d("0"), d("80")]);
    assert_eq!(rotated.book.events().0.len(), 1);
}

#[test]
fn one_symbol_at_a_constant_weight_is_the_strategy_that_enters_once() {
    let bars = priced("A", &[1, 2, 3, 4, 5], &[10.0, 11.0, 12.0, 11.0, 13.0]);
    let costs = Costs { fee: percent("0.1"), slippage: percent("0.1"), ..Costs::default() };
    let by_weight = run_targets(&targets(vec![bars.clone()], &[(1, &[0.5])]), &setup(10_000, costs)).unwrap();
    let orders = OrderRules { size: Size::EquityShare(0.5), fill: FillAt::NextOpen, ..OrderRules::default() };
    let by_signal = run(&bars, Signals { orders, ..signals(5, &[0], &[]) }, &setup(10_000, costs));
    assert_eq!(by_weight.equity, by_signal.equity);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever the weights and whichever bars are missing: cash and positions are equity, and later bars change nothing.
    #[test]
    fn portfolios_add_up_and_do_not_look_ahead(
        walks in proptest::collection::vec(proptest::collection::vec((900_i32..1_100, proptest::bool::weighted(0.8)), 12), 3),
        weights in proptest::collection::vec(proptest::collection::vec(-60_i32..100, 3), 12),
        fee in 0_i64..40,
    ) {
        let series = |length: usize| -> Vec<BarSeries> {
            walks.iter().enumerate().map(|(at, walk)| {
                let mut price = 20.0;
                let mut rows = vec![(1, price)];
                for (day, (step, is_there)) in walk[..length].iter().enumerate() {
                    price = (price * f64::from(*step)).round() / 1_000.0;
                    if *is_there {
                        rows.push((day as i64 + 2, price));
                    }
                }
                let (days, prices): (Vec<_>, Vec<_>) = rows.into_iter().unzip();
                priced(["A", "B", "C"][at], &days, &prices)
            }).collect()
        };
        let entries: Vec<_> = weights.iter().enumerate().map(|(day, it)| {
            let weights: Arc<[f64]> = it.iter().map(|it| f64::from(*it) / 100.0).collect();
            TargetAt { time: (day as i64 + 1) * DAY, weights }
        }).collect();
        let costs = Costs { fee: Some(wf::value::Percent(Decimal::new(fee, 4))), ..Costs::default() };
        let replay = |length: usize| {
            let bars: Vec<_> = series(length).into_iter().map(Bars::from).collect();
            run_targets(&TargetSeries::new(bars, entries.clone(), "generated"), &setup(10_000, costs)).unwrap()
        };
        let whole = replay(12);
        for length in 0..12 {
            let part = replay(length);
            let known = part.equity.len();
            prop_assert_eq!(&part.equity[..], &whole.equity[..known]);
            let last: Vec<_> = series(length).iter().map(|it| Price::new(*it.close.last().unwrap()).unwrap()).collect();
            prop_assert_eq!(part.book.account().equity(&last), part.equity[known - 1]);
        }
    }
}
