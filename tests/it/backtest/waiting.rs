//! Entries that wait for a price, computed by hand.

use wf::market::{Costs, FillAt, Numbers, OrderRules, Outcome, Signals, Size, Target, Waits};

use super::support::{bars_of, d, exits, free, mirrored, percent, run, setup, signals};

/// One decision at the close of the first bar, of 10 shares.
fn waiting(rows: &[[f64; 4]], orders: OrderRules) -> Outcome {
    let orders = OrderRules { size: Size::Shares(10.0), ..orders };
    free(&bars_of("TEST", rows), Signals { orders, ..signals(rows.len(), &[0], &[]) })
}

fn at(price: f64) -> Option<Numbers> {
    Some(vec![price; 8].into())
}

fn limit(price: f64) -> Waits {
    Waits { limit: at(price), ..Waits::default() }
}

fn trigger(price: f64) -> Waits {
    Waits { trigger: at(price), ..Waits::default() }
}

fn both(trigger: f64, limit: f64) -> Waits {
    Waits { trigger: at(trigger), limit: at(limit) }
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
    let limited = |rows: &[[f64; 4]], valid| {
        entered(&waiting(rows, OrderRules { long: limit(98.0), valid, ..OrderRules::default() }))
    };
    assert_eq!(limited(&[CLOSE, [97.0, 99.0, 96.0, 98.0]], None), (vec![(1, "97".into())], "filled"));
    assert_eq!(limited(&[CLOSE, [99.0, 99.0, 96.0, 98.0]], None), (vec![(1, "98".into())], "filled"));
    let never = [CLOSE, [99.0, 101.0, 98.5, 100.0], [99.0, 101.0, 97.0, 100.0]];
    assert_eq!(limited(&never, None), (vec![], "expired"));
    assert_eq!(limited(&never, Some(2)), (vec![(2, "98".into())], "filled"));
    assert_eq!(limited(&never[..2], Some(2)), (vec![], "waiting"));
}

#[test]
fn a_trigger_fills_where_it_is_reached_and_at_the_open_where_that_gaps() {
    let triggered =
        |bar| entered(&waiting(&[CLOSE, bar], OrderRules { long: trigger(103.0), ..OrderRules::default() }));
    assert_eq!(triggered([101.0, 104.0, 100.0, 104.0]), (vec![(1, "103".into())], "filled"));
    assert_eq!(triggered([105.0, 106.0, 100.0, 104.0]), (vec![(1, "105".into())], "filled"));
    assert_eq!(triggered([101.0, 102.0, 100.0, 102.0]), (vec![], "expired"));
}

#[test]
fn a_limit_behind_a_trigger_bounds_the_price() {
    let bounded = |limit, rows: &[[f64; 4]]| {
        let orders = OrderRules { long: both(103.0, limit), valid: Some(2), ..OrderRules::default() };
        entered(&waiting(rows, orders))
    };
    // reached within the bar, below the limit
    assert_eq!(bounded(104.0, &[CLOSE, [101.0, 106.0, 100.0, 105.0]]).0, [(1, "103".into())]);
    // a gap above the limit: filled when the price comes back to it in the rest of the bar
    assert_eq!(bounded(104.0, &[CLOSE, [107.0, 108.0, 103.5, 105.0]]).0, [(1, "104".into())]);
    assert_eq!(bounded(104.0, &[CLOSE, [107.0, 108.0, 106.0, 107.0]]), (vec![], "waiting"));
    // the trigger has been reached, so of the order the limit is left
    assert_eq!(
        bounded(104.0, &[CLOSE, [107.0, 108.0, 106.0, 107.0], [102.0, 102.5, 101.0, 102.0]]).0,
        [(2, "102".into())]
    );
    // a limit below the trigger: whether the price came back to it after the trigger the bar does not say
    assert_eq!(
        bounded(102.0, &[CLOSE, [101.0, 104.0, 100.0, 103.0], [103.0, 103.0, 101.0, 102.0]]).0,
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
    assert_eq!(price(OrderRules { long: limit(98.0), ..OrderRules::default() }), d("98"));
    assert_eq!(price(OrderRules { long: trigger(103.0), ..OrderRules::default() }), d("105.06"));
    assert_eq!(price(OrderRules { long: both(103.0, 104.0), ..OrderRules::default() }), d("104"));
}

#[test]
fn in_the_bar_of_an_entry_within_it_the_stop_may_be_met_and_the_target_may_not() {
    let orders = || OrderRules {
        long: limit(98.0),
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
    let breakout = OrderRules { long: trigger(103.0), stop: at(2.0), ..OrderRules::default() };
    assert_eq!(exits(&waiting(&[CLOSE, [100.0, 104.0, 99.0, 104.0]], breakout)), [(1, d("101"), "stop")]);
}

#[test]
fn a_short_waits_on_the_other_side() {
    let orders = OrderRules { short: limit(102.0), size: Size::Shares(10.0), ..OrderRules::default() };
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
        |price| OrderRules { size: Size::Shares(10.0), long: limit(price), valid: Some(5), ..OrderRules::default() };
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
    let orders = OrderRules { long: limit(98.0), fill: FillAt::Close, ..OrderRules::default() };
    let outcome = waiting(&[CLOSE, [99.0, 99.0, 96.0, 98.0]], orders);
    assert_eq!(entered(&outcome).0, [(1, "98".into())]);
}

#[test]
fn each_side_waits_for_its_own_price() {
    let orders = || OrderRules {
        size: Size::Shares(10.0),
        long: limit(98.0),
        short: limit(102.0),
        valid: Some(3),
        ..OrderRules::default()
    };
    let bars = bars_of("TEST", &[CLOSE, [100.0, 103.0, 97.0, 100.0]]);
    let held = |it: Signals| free(&bars, Signals { orders: orders(), ..it });
    let (long, short) = (held(signals(2, &[0], &[])), held(mirrored(signals(2, &[0], &[]))));
    assert_eq!((entered(&long).0, entered(&short).0), (vec![(1, "98".into())], vec![(1, "102".into())]));
}

/// Replays with so much of each bar's volume of 1,000 that an order takes 4 shares.
fn thin(rows: &[[f64; 4]], signals: Signals, orders: OrderRules) -> Outcome {
    let mut setup = setup(10_000, Costs::default());
    setup.model.participation = Some(d("0.004"));
    let orders = OrderRules { size: Size::Shares(10.0), ..orders };
    run(&bars_of("TEST", rows), Signals { orders, ..signals }, &setup)
}

#[test]
fn what_the_volume_does_not_take_works_on_for_as_long_as_the_order_does() {
    let bought = |rows: &[[f64; 4]], orders| entered(&thin(rows, signals(rows.len(), &[0], &[]), orders));
    let for_bars = |valid| OrderRules { valid, ..OrderRules::default() };
    let fills = |days: &[i64], price: &str| days.iter().map(|it| (*it, price.to_owned())).collect::<Vec<_>>();
    assert_eq!(bought(&[CLOSE; 6], for_bars(None)), (fills(&[1], "100"), "partly_filled"));
    assert_eq!(bought(&[CLOSE; 6], for_bars(Some(2))), (fills(&[1, 2], "100"), "partly_filled"));
    assert_eq!(bought(&[CLOSE; 6], for_bars(Some(9))), (fills(&[1, 2, 3], "100"), "filled"));
    assert_eq!(bought(&[CLOSE; 2], for_bars(Some(9))), (fills(&[1], "100"), "partly_filled"));
    // a limit fills its rest only where the price is there again
    let rows = [CLOSE, [99.0, 99.0, 97.0, 99.0], CLOSE, [100.0, 100.0, 98.0, 99.0], [97.0; 4], [90.0; 4]];
    let orders = OrderRules { long: limit(98.0), ..for_bars(Some(9)) };
    assert_eq!(bought(&rows, orders), (vec![(1, "98".into()), (3, "98".into()), (4, "97".into())], "filled"));
}

#[test]
fn the_rest_of_an_entry_keeps_its_stop_and_ends_with_its_position() {
    let orders = || OrderRules { stop: at(5.0), valid: Some(9), ..OrderRules::default() };
    let rows = [CLOSE, CLOSE, [98.0, 98.0, 94.0, 96.0], CLOSE, CLOSE];
    let outcome = thin(&rows, signals(5, &[0], &[]), orders());
    // 4 at 100 with a stop at 95; 4 more at 98 leave it there; 8 are stopped, 4 of them in that bar, 4 at the next open
    assert_eq!(exits(&outcome), [(2, d("95"), "stop"), (3, d("100"), "stop")]);
    assert_eq!((outcome.book.held(0).0, entered(&outcome).1), (0, "partly_filled"));
    // an exit takes back what of the entry still works
    let outcome = thin(&[CLOSE; 6], signals(6, &[0], &[1]), OrderRules { valid: Some(9), ..OrderRules::default() });
    assert_eq!((entered(&outcome), exits(&outcome).len()), ((vec![(1, "100".into())], "partly_filled"), 1));
}
