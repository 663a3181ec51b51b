//! Small cases computed by hand.

use wf::market::{
    Costs, FillAt, FillModel, OrderKind, OrderRules, Price, PriceBar, Script, Side, Signals, Target, run_signals,
};

use super::support::{bars_of, d, equity, exits, flat, free, mirrored, percent, run, setup, shares, signals, usd};

#[test]
fn an_entry_is_cut_to_what_the_next_open_leaves_and_every_cost_is_paid() {
    let rows = [[99.0, 101.0, 98.0, 100.0], [101.0, 105.0, 100.0, 104.0], [110.0, 111.0, 109.0, 110.0]];
    let costs = Costs { fee: percent("0.1"), slippage: percent("0.1"), ..Costs::default() };
    let outcome = run(&bars_of("TEST", &rows), signals(3, &[0], &[1]), &setup(10_000, costs));
    // 100 shares at the close of 100; at 101 + 10 bps = 101.101 and 0.1 % commission 10,000 pays for 98.
    // cash 10,000 - 9,907.898 - 9.907898 = 82.194102; the sale at 110 - 10 bps = 109.89 brings 10,769.22 - 10.76922
    let trade = outcome.book.trips()[0];
    assert_eq!(trade.closed.quantity.decimal(), d("98"));
    assert_eq!(trade.closed.entry_price(), d("101.101"));
    assert_eq!(trade.exit_price.decimal(), d("109.89"));
    assert_eq!(trade.closed.fees.decimal(), d("20.677118"));
    assert_eq!(trade.closed.pnl.decimal(), d("840.644882"));
    assert_eq!(equity(&outcome), [d("10000"), d("82.194102") + d("98") * d("104"), d("10840.644882")]);
    assert_eq!(outcome.book.cut(), 1);
}

#[test]
fn the_minimum_commission_and_the_one_a_share_are_paid() {
    let per_share = Costs { fee_per_share: usd("0.01"), minimum_fee: usd("1"), ..Costs::default() };
    let of = |quantity| {
        let outcome = run(&flat(&[10.0; 3]), shares(signals(3, &[0], &[1]), quantity), &setup(10_000, per_share));
        outcome.book.trips()[0].closed.fees
    };
    assert_eq!(of(10.0).decimal(), d("2"));
    assert_eq!(of(300.0).decimal(), d("6"));
}

#[test]
fn half_the_spread_is_paid_on_either_side() {
    let spread = Costs { spread: percent("1"), ..Costs::default() };
    let outcome = run(&flat(&[100.0; 3]), shares(signals(3, &[0], &[1]), 10.0), &setup(10_000, spread));
    // bought at 100.5, sold at 99.5
    assert_eq!(outcome.book.trips()[0].closed.pnl.decimal(), d("-10"));
}

#[test]
fn a_short_sale_earns_what_the_price_falls() {
    let outcome = free(&flat(&[50.0, 50.0, 45.0, 40.0]), mirrored(shares(signals(4, &[0], &[2]), 10.0)));
    assert_eq!(equity(&outcome), [d("10000"), d("10000"), d("10050"), d("10100")]);
    assert_eq!(outcome.book.trips()[0].closed.side, Side::Sell);
    assert_eq!(outcome.book.trips()[0].closed.pnl.decimal(), d("100"));
}

#[test]
fn an_open_position_is_marked_and_not_closed() {
    let outcome = free(&flat(&[10.0, 10.0, 12.0]), shares(signals(3, &[0], &[]), 100.0));
    assert_eq!(outcome.book.trips(), []);
    assert_eq!(equity(&outcome)[2], d("10200"));
    assert_eq!(outcome.book.held(0).decimal(), d("100"));
    assert_eq!(outcome.exposed, 2);
}

fn with_orders(rows: &[[f64; 4]], orders: OrderRules) -> Vec<(usize, rust_decimal::Decimal, &'static str)> {
    let signals = Signals { orders, ..signals(rows.len(), &[0], &[]) };
    exits(&free(&bars_of("TEST", rows), signals))
}

fn stop_and_target(rows: &[[f64; 4]]) -> Vec<(usize, rust_decimal::Decimal, &'static str)> {
    let count = rows.len();
    let target = Some(Target::Distance(vec![10.0; count].into()));
    with_orders(rows, OrderRules { stop: Some(vec![5.0; count].into()), target, ..OrderRules::default() })
}

const ENTRY: [[f64; 4]; 2] = [[100.0; 4], [100.0; 4]];

#[test]
fn a_stop_fills_at_its_price_and_at_the_open_where_that_gaps() {
    let [a, b] = ENTRY;
    assert_eq!(stop_and_target(&[a, b, [99.0, 100.0, 94.0, 97.0]]), [(2, d("95"), "stop")]);
    assert_eq!(stop_and_target(&[a, b, [90.0, 99.0, 89.0, 97.0]]), [(2, d("90"), "stop")]);
}

#[test]
fn a_target_fills_at_its_price_and_better_where_the_open_is() {
    let [a, b] = ENTRY;
    assert_eq!(stop_and_target(&[a, b, [105.0, 111.0, 104.0, 106.0]]), [(2, d("110"), "target")]);
    assert_eq!(stop_and_target(&[a, b, [112.0, 113.0, 111.0, 112.0]]), [(2, d("112"), "target")]);
}

#[test]
fn of_stop_and_target_in_one_bar_the_stop_is_first_unless_the_open_is_beyond_the_target() {
    let [a, b] = ENTRY;
    assert_eq!(stop_and_target(&[a, b, [100.0, 120.0, 80.0, 100.0]]), [(2, d("95"), "stop")]);
    assert_eq!(stop_and_target(&[a, b, [112.0, 120.0, 80.0, 100.0]]), [(2, d("112"), "target")]);
}

#[test]
fn a_stop_is_met_in_the_bar_of_the_entry_too() {
    assert_eq!(stop_and_target(&[[100.0; 4], [100.0, 101.0, 94.0, 100.0]]), [(1, d("95"), "stop")]);
}

#[test]
fn a_stop_and_a_target_of_a_short_lie_on_the_other_sides() {
    let rows = |last| [[100.0; 4], [100.0; 4], last];
    let short = |rows: [[f64; 4]; 3]| {
        let (stop, target) = (Some(vec![5.0; 3]), Some(Target::Risk(2.0)));
        let orders = OrderRules { stop: stop.map(Into::into), target, ..OrderRules::default() };
        exits(&free(&bars_of("TEST", &rows), Signals { orders, ..mirrored(signals(3, &[0], &[])) }))
    };
    assert_eq!(short(rows([101.0, 106.0, 100.0, 101.0])), [(2, d("105"), "stop")]);
    assert_eq!(short(rows([107.0, 108.0, 100.0, 101.0])), [(2, d("107"), "stop")]);
    assert_eq!(short(rows([99.0, 100.0, 89.0, 95.0])), [(2, d("90"), "target")]);
}

#[test]
fn a_trailing_stop_follows_the_highest_price_of_the_bars_before() {
    let rows = [
        [100.0; 4],
        [100.0, 101.0, 99.0, 101.0],
        [101.0, 110.0, 100.0, 109.0],
        // 110 - 4 = 106 is where it trails now; the high of this bar itself raises it only afterwards
        [109.0, 120.0, 105.0, 118.0],
    ];
    let orders = OrderRules { trail: Some(vec![4.0; 4].into()), ..OrderRules::default() };
    assert_eq!(with_orders(&rows, orders), [(3, d("106"), "trailing_stop")]);
}

#[test]
fn a_position_is_held_for_as_many_bars_as_it_may() {
    let orders = OrderRules { max_holding: Some(2), ..OrderRules::default() };
    let outcome = free(&flat(&[10.0; 6]), Signals { orders, ..signals(6, &[0], &[]) });
    assert_eq!(exits(&outcome), [(3, d("10"), "max_holding")]);
    assert_eq!(outcome.book.trips()[0].bars, 2);
}

#[test]
fn an_entry_on_the_other_side_reverses() {
    let mut both = shares(signals(5, &[0], &[]), 10.0);
    both.enter_short.set(2, true);
    let outcome = free(&flat(&[10.0, 10.0, 10.0, 12.0, 11.0]), both);
    assert_eq!(exits(&outcome), [(3, d("12"), "reversal")]);
    assert_eq!(outcome.book.held(0).decimal(), d("-10"));
    assert_eq!(equity(&outcome)[4], d("10030"));
}

#[test]
fn entries_that_contradict_each_other_are_none() {
    let mut both = signals(3, &[0], &[]);
    both.enter_short.set(0, true);
    assert_eq!(free(&flat(&[10.0; 3]), both).exposed, 0);
}

#[test]
fn additions_are_made_at_most_as_often_as_allowed() {
    let added = signals(6, &[0, 1, 2, 3], &[4]);
    let orders = OrderRules { pyramid: 2, size: wf::market::Size::Shares(10.0), ..OrderRules::default() };
    let outcome = free(&flat(&[10.0, 10.0, 11.0, 12.0, 13.0, 14.0]), Signals { orders, ..added });
    let trade = outcome.book.trips()[0].closed;
    assert_eq!((trade.quantity.decimal(), trade.entry_price()), (d("30"), d("11")));
    assert_eq!(trade.pnl.decimal(), d("90"));
}

#[test]
fn a_risk_of_equity_is_what_the_stop_loses() {
    let [a, b] = ENTRY;
    let orders = OrderRules {
        size: wf::market::Size::EquityRisk(0.01),
        stop: Some(vec![5.0; 3].into()),
        ..OrderRules::default()
    };
    let bars = bars_of("TEST", &[a, b, [99.0, 100.0, 94.0, 97.0]]);
    let outcome = free(&bars, Signals { orders, ..signals(3, &[0], &[]) });
    assert_eq!(outcome.book.trips()[0].closed.pnl.decimal(), d("-100"));
}

#[test]
fn what_is_risked_is_the_way_to_the_trailing_stop_where_there_is_no_other() {
    let [a, b] = ENTRY;
    let orders = |trail: Option<f64>| OrderRules {
        size: wf::market::Size::EquityRisk(0.01),
        trail: trail.map(|it| vec![it; 3].into()),
        target: Some(Target::Risk(2.0)),
        ..OrderRules::default()
    };
    let bars = bars_of("TEST", &[a, b, [101.0, 110.0, 100.0, 108.0]]);
    let outcome = free(&bars, Signals { orders: orders(Some(5.0)), ..signals(3, &[0], &[]) });
    let trip = outcome.book.trips()[0];
    assert_eq!((trip.exit_price.decimal(), trip.closed.pnl.decimal()), (d("110"), d("200")));
    let signals = [Signals { orders: orders(None), ..signals(3, &[0], &[]) }];
    let script = wf::market::Script { signals: &signals, turns: &[(0, 0)], shares: None, start: 0 };
    let setup = super::support::setup(10_000, wf::market::Costs::default());
    let why = wf::market::run_signals(&bars, &script, &setup).unwrap_err().to_string();
    assert_eq!(why, "a size or a target that counts in what is risked needs a stop, or one that trails");
}

#[test]
fn orders_may_fill_at_the_close_that_decides() {
    let orders = OrderRules { fill: FillAt::Close, ..OrderRules::default() };
    let rows = [[1.0, 10.0, 1.0, 10.0], [30.0, 30.0, 11.0, 12.0], [20.0, 21.0, 15.0, 15.0]];
    let outcome = free(&bars_of("TEST", &rows), Signals { orders, ..signals(3, &[0], &[1]) });
    assert_eq!(equity(&outcome), [d("10000"), d("12000"), d("12000")]);
    assert_eq!(outcome.book.trips()[0].bars, 1);
}

#[test]
fn what_the_volume_does_not_take_is_not_bought_and_is_sold_later() {
    let mut thin = flat(&[10.0; 6]);
    thin.volume = vec![1000.0, 100.0, 100.0, 30.0, 30.0, 30.0].into();
    let mut terms = setup(10_000, Costs::default());
    terms.model.participation = Some(d("0.5"));
    let outcome = run(&thin, shares(signals(6, &[0], &[2]), 80.0), &terms);
    let sold: Vec<_> = outcome.book.trips().iter().map(|it| it.closed.quantity.decimal()).collect();
    assert_eq!(sold, [d("15"), d("15"), d("15")]);
    assert_eq!(outcome.book.held(0).decimal(), d("5"));
}

#[test]
fn a_limit_fills_at_the_better_of_open_and_limit() {
    let bar = |open, high, low| {
        let price = |it: f64| Price::new(it).unwrap();
        PriceBar { time: 0, open: price(open), high: price(high), low: price(low), close: price(open), volume: 1.0 }
    };
    let reached = |side, bar: PriceBar| {
        FillModel::reached(OrderKind::Limit(Price::new(100.0).unwrap()), side, &bar).map(Price::float)
    };
    assert_eq!(reached(Side::Buy, bar(98.0, 101.0, 97.0)), Some(98.0));
    assert_eq!(reached(Side::Buy, bar(103.0, 104.0, 99.0)), Some(100.0));
    assert_eq!(reached(Side::Buy, bar(103.0, 104.0, 100.5)), None);
    assert_eq!(reached(Side::Sell, bar(102.0, 103.0, 97.0)), Some(102.0));
    assert_eq!(reached(Side::Sell, bar(97.0, 101.0, 96.0)), Some(100.0));
}

#[test]
fn a_position_stays_with_the_strategy_that_opened_it() {
    let bars = flat(&[10.0; 8]);
    let (first, second) = (shares(signals(8, &[0], &[4]), 10.0), shares(signals(8, &[1, 5], &[2]), 20.0));
    let all = [first, second];
    let script = Script { signals: &all, turns: &[(0, 0), (1, 1)], shares: None, start: 0 };
    let outcome = run_signals(&bars, &script, &setup(10_000, Costs::default())).unwrap();
    // the second strategy's entry at 1 finds a position, its exit at 2 is not this position's; its entry at 5 is taken
    assert_eq!(exits(&outcome), [(5, d("10"), "signal")]);
    assert_eq!(outcome.book.trips()[0].closed.quantity.decimal(), d("10"));
    assert_eq!(outcome.book.held(0).decimal(), d("20"));
}

#[test]
fn a_bad_price_is_said_with_its_day_and_column() {
    let mut bars = flat(&[10.0; 3]);
    bars.close = vec![10.0, f64::NAN, 10.0].into();
    let failed = run_signals(
        &bars,
        &Script { signals: &[signals(3, &[], &[])], turns: &[(0, 0)], shares: None, start: 0 },
        &setup(10_000, Costs::default()),
    );
    let message = failed.err().map(|it| it.to_string());
    assert_eq!(
        message.as_deref(),
        Some("the bar of `TEST` on 1970-01-03 has the close NaN, which is no price above zero")
    );
}
