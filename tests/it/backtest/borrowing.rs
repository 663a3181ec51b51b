//! Short sales, borrowed cash and margin, computed by hand.

use wf::{
    market::{Costs, Limits, Outcome, Ratio, Setup, Signals, Size},
    value::Leverage,
};

use super::support::{DAY, bars_at, d, equity, exits, flat, mirrored, percent, run, setup, shares, signals};

#[test]
fn what_is_sold_short_costs_its_value_by_calendar_days() {
    // Friday, Monday, Tuesday: 1970-01-02, 05 and 06
    let rows = [[100.0; 4], [100.0; 4], [110.0; 4], [110.0; 4], [110.0; 4]];
    let bars = bars_at("TEST", &[0, DAY, 4 * DAY, 5 * DAY, 9 * DAY], &rows);
    let costs = Costs { borrow: percent("36.5"), ..Costs::default() };
    let sold = mirrored(shares(signals(5, &[0], &[2]), 10.0));
    let outcome = run(&bars, sold, &setup(10_000, costs));
    // 0.1 % a day of 1,000 over the weekend, of 1,100 for the night before it is bought back at the open; then nothing
    assert_eq!(equity(&outcome)[..3], [d("10000"), d("10000"), d("9897")]);
    assert_eq!(equity(&outcome)[3..], [d("9895.9"), d("9895.9")]);
    let closed = outcome.book.trips()[0].closed;
    assert_eq!((closed.fees.decimal(), closed.pnl.decimal()), (d("4.1"), d("-104.1")));
    assert_eq!(outcome.book.account().borrow.decimal(), d("4.1"));
}

fn twice(prices: &[f64], costs: Costs) -> Outcome {
    let limits = Limits { max_leverage: Some(Leverage(d("4"))), ..Limits::default() };
    let mut bought = signals(prices.len(), &[0], &[]);
    bought.orders.size = Size::EquityShare(2.0);
    run(&flat(prices), bought, &Setup { limits, ..setup(10_000, costs) })
}

#[test]
fn borrowed_cash_costs_interest_that_is_of_no_trade() {
    let costs = Costs { interest: percent("36.5"), ..Costs::default() };
    let outcome = twice(&[100.0; 4], costs);
    // 10,000 owed: 10 a day, then 0.1 % of 10,010
    assert_eq!(equity(&outcome), [d("10000"), d("10000"), d("9990"), d("9979.99")]);
    assert_eq!(outcome.book.account().interest.decimal(), d("20.01"));
    assert_eq!(outcome.book.account().position(0).fees.decimal(), d("0"));
}

fn told(outcome: &Outcome) -> Vec<&'static str> {
    outcome.book.events().0.iter().map(|it| it.what.as_str()).collect()
}

#[test]
fn below_the_maintenance_margin_everything_is_closed_at_the_next_open() {
    // 200 shares for 20,000, of which 10,000 owed: at 67 equity is 3,400 of 13,400 (25.4 %), at 66 3,200 of 13,200 (24.2 %)
    let outcome = twice(&[100.0, 100.0, 67.0, 66.0, 65.0, 65.0], Costs::default());
    assert_eq!(exits(&outcome), [(4, d("65"), "margin_call")]);
    // from the first loss on more is held than twice the equity, which `max_leverage` allows
    assert_eq!(told(&outcome), ["exceeded", "margin_call"]);
    let message = &outcome.book.events().0[1].message;
    assert_eq!(message, "equity of 3200 is below 3300, 25 % of the 13200 held");
    assert_eq!(outcome.book.held(0).0, 0);
}

#[test]
fn a_short_sale_is_called_as_the_price_rises() {
    let sold = |margin| {
        let mut all = mirrored(signals(6, &[0], &[]));
        all.orders.size = Size::EquityShare(1.0);
        let setup = Setup { margin: Ratio::percent(margin), ..setup(10_000, Costs::default()) };
        run(&flat(&[100.0, 100.0, 150.0, 160.0, 161.0, 150.0]), all, &setup)
    };
    // cash 20,000 less 100 shares: at 160 4,000 of 16,000 are 25 % and enough, at 161 they are not
    assert_eq!(exits(&sold(25)), [(5, d("150"), "margin_call")]);
    assert_eq!(exits(&sold(20)), []);
    assert_eq!(exits(&sold(26)), [(4, d("161"), "margin_call")]);
}

#[test]
fn what_is_paid_for_is_never_called() {
    let prices = [100.0, 100.0, 10.0, 1.0, 0.1];
    let bought = Signals { orders: wf::market::OrderRules::default(), ..signals(5, &[0], &[]) };
    let outcome = run(&flat(&prices), bought, &setup(10_000, Costs::default()));
    assert_eq!((told(&outcome), exits(&outcome)), (vec![], vec![]));
}
