//! Entries that wait for a price, computed by hand.

use wf::market::{Costs, FillAt, Numbers, OrderRules, Outcome, Signals, Size, Target};

use super::support::{bars_of, d, exits, free, mirrored, percent, run, setup, signals};

/// One decision at the close of the first bar, of 10 shares.
fn waiting(rows: &[[f64; 4]], orders: OrderRules) -> Outcome {
    let orders = OrderRules { size: Size::Shares(10.0), ..orders };
    free(&bars_of("TEST", rows), Signals { orders, ..signals(rows.len(), &[0], &[]) })
}

fn at(price: f64) -> Option<Numbers> {
    Some(vec![price; 8].into())
}

/// Returns bar, price and what became of the first order.
fn entered(outcome: &Outcome) -> (Vec<(i64, String)>, &'static str) {
    let ledger = outcome.book.ledger();
    let (id, order) = ledger.orders().next().unwrap();
    let fills = ledger.fills().iter().filter(|it| it.order == id);
    let fills = fills.map(|it| (it.time / super::support::DAY - 1, it.price.decimal().normalize().to_string()));
    (fills.collect(), order.what())
}

const CLOSE: [f64; 4] = [100.0; 4];

#[test]
fn a_limit_fills_at_the_open_or_at_its_price_and_expires() {
    let limit = |rows: &[[f64; 4]], valid| {
        entered(&waiting(rows, OrderRules { limit: at(98.0), valid, ..OrderRules::default() }))
    };
    assert_eq!(limit(&[CLOSE, [97.0, 99.0, 96.0, 98.0]], None), (vec![(1, "97".into())], "filled"));
    assert_eq!(limit(&[CLOSE, [99.0, 99.0, 96.0, 98.0]], None), (vec![(1, "98".into())], "filled"));
    let never = [CLOSE, [99.0, 101.0, 98.5, 100.0], [99.0, 101.0, 97.0, 100.0]];
    assert_eq!(limit(&never, None), (vec![], "expired"));
    assert_eq!(limit(&never, Some(2)), (vec![(2, "98".into())], "filled"));
    assert_eq!(limit(&never[..2], Some(2)), (vec![], "waiting"));
}

#[test]
fn a_trigger_fills_where_it_is_reached_and_at_the_open_where_that_gaps() {
    let trigger = |bar| entered(&waiting(&[CLOSE, bar], OrderRules { trigger: at(103.0), ..OrderRules::default() }));
    assert_eq!(trigger([101.0, 104.0, 100.0, 104.0]), (vec![(1, "103".into())], "filled"));
    assert_eq!(trigger([105.0, 106.0, 100.0, 104.0]), (vec![(1, "105".into())], "filled"));
    assert_eq!(trigger([101.0, 102.0, 100.0, 102.0]), (vec![], "expired"));
}

#[test]
fn a_limit_behind_a_trigger_bounds_the_price() {
    let both = |limit, rows: &[[f64; 4]]| {
        let orders = OrderRules { trigger: at(103.0), limit: at(limit), valid: Some(2), ..OrderRules::default() };
        entered(&waiting(rows, orders))
    };
    // reached within the bar, below the limit
    assert_eq!(both(104.0, &[CLOSE, [101.0, 106.0, 100.0, 105.0]]).0, [(1, "103".into())]);
    // a gap above the limit: filled when the price comes back to it in the rest of the bar
    assert_eq!(both(104.0, &[CLOSE, [107.0, 108.0, 103.5, 105.0]]).0, [(1, "104".into())]);
    assert_eq!(both(104.0, &[CLOSE, [107.0, 108.0, 106.0, 107.0]]), (vec![], "waiting"));
    // the trigger has been reached, so of the order the limit is left
    assert_eq!(
        both(104.0, &[CLOSE, [107.0, 108.0, 106.0, 107.0], [102.0, 102.5, 101.0, 102.0]]).0,
        [(2, "102".into())]
    );
    // a limit below the trigger: whether the price came back to it after the trigger the bar does not say
    assert_eq!(
        both(102.0, &[CLOSE, [101.0, 104.0, 100.0, 103.0], [103.0, 103.0, 101.0, 102.0]]).0,
        [(2, "102".into())]
    );
}

#[test]
fn a_limit_pays_no_slippage_and_a_trigger_does_up_to_its_limit() {
    let costs = Costs { slippage: percent("2"), ..Costs::default() };
    let price = |orders: OrderRules| {
        let orders = OrderRules { size: Size::Shares(10.0), ..orders };
        let signals = Signals { orders, ..signals(2, &[0], &[]) };
        let outcome = run(&bars_of("TEST", &[CLOSE, [99.0, 104.0, 97.0, 100.0]]), signals, &setup(10_000, costs));
        outcome.book.ledger().fills()[0].price.decimal().normalize()
    };
    assert_eq!(price(OrderRules { limit: at(98.0), ..OrderRules::default() }), d("98"));
    assert_eq!(price(OrderRules { trigger: at(103.0), ..OrderRules::default() }), d("105.06"));
    assert_eq!(price(OrderRules { trigger: at(103.0), limit: at(104.0), ..OrderRules::default() }), d("104"));
}

#[test]
fn in_the_bar_of_an_entry_within_it_the_stop_may_be_met_and_the_target_may_not() {
    let orders = || OrderRules {
        limit: at(98.0),
        stop: at(3.0),
        target: Some(Target::Distance(vec![4.0; 8].into())),
        ..OrderRules::default()
    };
    let with = |rows: &[[f64; 4]]| exits(&waiting(rows, orders()));
    assert_eq!(with(&[CLOSE, [100.0, 103.0, 94.0, 97.0]]), [(1, d("95"), "stop")]);
    // 102 is the target; whether 103 came before the entry at 98 the bar does not say
    assert_eq!(with(&[CLOSE, [100.0, 103.0, 97.0, 100.0]]), []);
    assert_eq!(with(&[CLOSE, [100.0, 103.0, 97.0, 100.0], [101.0, 102.0, 100.0, 101.0]]), [(2, d("102"), "target")]);
    // filled at the open: the whole bar is later
    assert_eq!(with(&[CLOSE, [97.0, 103.0, 96.0, 100.0]]), [(1, d("101"), "target")]);
    // an entry upward whose stop lies above the open fills there, not at the open, which was earlier
    let breakout = OrderRules { trigger: at(103.0), stop: at(2.0), ..OrderRules::default() };
    assert_eq!(exits(&waiting(&[CLOSE, [100.0, 104.0, 99.0, 104.0]], breakout)), [(1, d("101"), "stop")]);
}

#[test]
fn a_short_waits_on_the_other_side() {
    let orders = OrderRules { limit: at(102.0), size: Size::Shares(10.0), ..OrderRules::default() };
    let signals = Signals { orders, ..mirrored(signals(2, &[0], &[])) };
    let outcome = free(&bars_of("TEST", &[CLOSE, [100.0, 103.0, 99.0, 100.0]]), signals);
    assert_eq!(entered(&outcome).0, [(1, "102".into())]);
    assert_eq!(outcome.book.held(0).decimal(), d("-10"));
}

#[test]
fn a_bracket_is_one_that_cancels_the_other() {
    let orders = OrderRules {
        size: Size::Shares(10.0),
        stop: at(5.0),
        target: Some(Target::Risk(2.0)),
        ..OrderRules::default()
    };
    let rows = [CLOSE, CLOSE, [105.0, 111.0, 104.0, 110.0]];
    let outcome = free(&bars_of("TEST", &rows), Signals { orders, ..signals(3, &[0], &[]) });
    let told: Vec<_> = outcome
        .book
        .ledger()
        .orders()
        .map(|(id, it)| (id.0, it.parent.0, it.reason.as_str(), it.kind.price().map(|it| it.float()), it.what()))
        .collect();
    assert_eq!(
        told,
        [
            (1, 0, "entry", None, "filled"),
            (2, 1, "stop", Some(95.0), "cancelled"),
            (3, 1, "target", Some(110.0), "filled"),
        ]
    );
}

#[test]
fn a_newer_decision_or_an_exit_takes_back_what_waits() {
    let orders =
        |limit| OrderRules { size: Size::Shares(10.0), limit: at(limit), valid: Some(5), ..OrderRules::default() };
    let told = |decisions: Signals| {
        let outcome = free(&bars_of("TEST", &[CLOSE; 6]), Signals { orders: orders(90.0), ..decisions });
        let told = |it: &wf::market::OrderRecord| (it.what(), it.note.as_deref().unwrap_or_default().to_owned());
        outcome.book.ledger().orders().map(|it| told(it.1)).collect::<Vec<_>>()
    };
    let replaced = told(signals(6, &[0, 2], &[]));
    assert_eq!(replaced, [("cancelled", "a newer decision replaces it".into()), ("waiting", String::new())]);
    assert_eq!(told(signals(6, &[0], &[2])), [("cancelled", "the strategy leaves that side".into())]);
}

#[test]
fn an_entry_that_waits_fills_in_a_later_bar_even_where_exits_fill_at_the_close() {
    let orders = OrderRules { limit: at(98.0), fill: FillAt::Close, ..OrderRules::default() };
    let outcome = waiting(&[CLOSE, [99.0, 99.0, 96.0, 98.0]], orders);
    assert_eq!(entered(&outcome).0, [(1, "98".into())]);
}
