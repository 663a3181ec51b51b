//! Several strategies in one account.

use proptest::prelude::*;
use wf::market::{
    Amount, BarSeries, Costs, Limits, Outcome, Part, Price, Ratio, Script, Setup, Signals, Size, run_together,
};

use super::support::{DAY, bars_at, d, equity, percent, run, setup, signals};

fn priced(symbol: &str, days: &[i64], prices: &[f64]) -> BarSeries {
    let times: Vec<_> = days.iter().map(|it| it * DAY).collect();
    bars_at(symbol, &times, &prices.iter().map(|it| [*it; 4]).collect::<Vec<_>>())
}

fn together(parts: &[(&BarSeries, &Signals, i64)], setup: &Setup) -> Outcome {
    let part = |it: &(&BarSeries, &Signals, i64)| (it.0.clone(), vec![it.1.clone()], it.2);
    let owned: Vec<_> = parts.iter().map(part).collect();
    let parts: Vec<_> = owned
        .iter()
        .map(|(bars, signals, share)| {
            let script = Script { signals, turns: &[(0, 0)], shares: None, start: 0 };
            Part { bars, script, share: Ratio::percent(*share) }
        })
        .collect();
    run_together(&parts, setup).unwrap()
}

fn held(outcome: &Outcome) -> Vec<String> {
    outcome.book.account().positions.iter().map(|it| it.quantity.decimal().to_string()).collect()
}

#[test]
fn each_buys_with_its_share_and_both_live_of_one_cash() {
    let (a, b) = (priced("A", &[1, 2, 3, 4], &[10.0, 10.0, 20.0, 20.0]), priced("B", &[1, 2, 4], &[50.0; 3]));
    let (first, second) = (signals(4, &[0], &[]), signals(3, &[1], &[]));
    let outcome = together(&[(&a, &first, 60), (&b, &second, 40)], &setup(1_000, Costs::default()));
    // 600 of A at 10 on the second day; B decides on that day with 40 % of 1,000 and has its next bar on the fourth
    assert_eq!(held(&outcome), ["60", "8"]);
    assert_eq!(equity(&outcome), [d("1000"), d("1000"), d("1600"), d("1600")]);
    assert_eq!(outcome.book.account().cash.decimal().normalize(), d("0"));
    assert_eq!(outcome.exposed, 3);
}

#[test]
fn limits_see_what_all_of_them_are_about_to_hold() {
    let (a, b) = (priced("A", &[1, 2], &[10.0; 2]), priced("B", &[1, 2], &[10.0; 2]));
    let both = signals(2, &[0], &[]);
    let limits = Limits { max_gross: Some(Amount::Percent(percent("75").unwrap())), ..Limits::default() };
    let setup = Setup { limits, ..setup(1_000, Costs::default()) };
    let outcome = together(&[(&a, &both, 50), (&b, &both, 50)], &setup);
    assert_eq!(held(&outcome), ["50", "25"]);
    assert_eq!(outcome.book.events().0.len(), 1);
}

#[test]
fn a_margin_call_closes_all_of_them() {
    let (a, b) = (priced("A", &[1, 2, 3, 4], &[10.0, 10.0, 18.0, 18.0]), priced("B", &[1, 2, 3, 4], &[10.0; 4]));
    let (short, long) = (super::support::mirrored(signals(4, &[0], &[])), signals(4, &[0], &[]));
    let outcome = together(&[(&a, &short, 60), (&b, &long, 40)], &setup(1_000, Costs::default()));
    // 60 short and 40 long: at 18 equity is 520 of 1,080 + 400, which is 35 %
    let call = Setup { margin: Ratio::percent(40), ..setup(1_000, Costs::default()) };
    assert_eq!(held(&outcome), ["-60", "40"]);
    let outcome = together(&[(&a, &short, 60), (&b, &long, 40)], &call);
    assert_eq!(held(&outcome), ["0", "0"]);
    assert!(outcome.book.trips().iter().all(|it| it.reason.as_str() == "margin_call"));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 100, failure_persistence: None, ..ProptestConfig::default() })]

    /// One alone is the backtest of one; several add up at every close, and later bars change nothing.
    #[test]
    fn parts_add_up_and_one_alone_is_the_backtest_of_one(
        walks in proptest::collection::vec(proptest::collection::vec((920_i32..1_080, proptest::bool::weighted(0.8)), 14), 3),
        enters in proptest::collection::vec(proptest::collection::vec(0_u8..6, 16), 3),
        shares in proptest::collection::vec(10_i64..100, 3), stop in 1_u32..8, borrow in 0_i64..300,
    ) {
        let series = |at: usize, length: usize| {
            let (mut price, mut days, mut prices) = (20.0, vec![1], vec![20.0]);
            for (day, (step, is_there)) in walks[at][..length].iter().enumerate() {
                price = (price * f64::from(*step)).round() / 1_000.0;
                if *is_there {
                    days.push(day as i64 + 2);
                    prices.push(price);
                }
            }
            priced(["A", "B", "C"][at], &days, &prices)
        };
        let decided = |at: usize, bars: usize| {
            let says = |what: u8| enters[at].iter().take(bars).map(|it| *it == what).collect();
            let mut signals = Signals {
                enter_long: says(0), exit_long: says(1), enter_short: says(2), exit_short: says(3), ..Signals::default()
            };
            signals.orders.stop = Some(vec![f64::from(stop) / 4.0; 20].into());
            signals.orders.size = Size::EquityShare(1.0);
            signals
        };
        let costs = Costs { fee: percent("0.1"), borrow: percent(&borrow.to_string()), ..Costs::default() };
        let terms = setup(10_000, costs);
        let run_to = |length: usize| {
            let all: Vec<_> = (0..3).map(|at| series(at, length)).collect();
            let signals: Vec<_> = (0..3).map(|at| decided(at, all[at].len())).collect();
            let parts: Vec<_> = (0..3).map(|at| (&all[at], &signals[at], shares[at])).collect();
            (together(&parts, &terms), all.clone())
        };
        let whole = run_to(14).0;
        for length in 0..14 {
            let (part, bars) = run_to(length);
            let known = part.equity.len();
            prop_assert_eq!(&part.equity[..], &whole.equity[..known]);
            let last: Vec<_> = bars.iter().map(|it| Price::new(*it.close.last().unwrap()).unwrap()).collect();
            prop_assert_eq!(part.book.account().equity(&last), part.equity[known - 1]);
        }
        let bars = series(0, 14);
        let alone = decided(0, bars.len());
        let one = together(&[(&bars, &alone, 100)], &terms);
        let same = run(&bars, alone, &terms);
        prop_assert_eq!(one.equity, same.equity);
        prop_assert_eq!(one.book.ledger(), same.book.ledger());
    }
}
