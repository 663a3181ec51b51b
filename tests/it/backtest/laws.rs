//! Laws that hold in every market.

use proptest::prelude::*;
use rust_decimal::{Decimal, RoundingStrategy};
use wf::market::{
    Amount, BarSeries, Bits, Costs, Exact, Fate, FillAt, FillModel, Ground, Happening, Limits, Numbers, OnBreach,
    OrderId, OrderKind, OrderRecord, OrderRules, Outcome, Price, Ratio, Reading, Reason, Script, Setup, Side, Signals,
    Size, Target, Units, Waits, run_signals,
};
use wf::value::{Leverage, Money, Percent};

use super::support::bars_of;

/// Returns bars of a random walk with gaps.
fn markets() -> impl Strategy<Value = BarSeries> {
    let step = (-60_i32..60, -40_i32..40, 0_i32..50, 0_i32..50);
    (500_i32..20_000, proptest::collection::vec(step, 2..40)).prop_map(|(start, steps)| {
        let mut last = f64::from(start) / 100.0;
        let rows: Vec<_> = steps
            .into_iter()
            .map(|(gap, change, up, down)| {
                let open = (last * (1.0 + f64::from(gap) / 1_000.0)).max(0.01);
                let close = (open * (1.0 + f64::from(change) / 500.0)).max(0.01);
                let high = open.max(close) * (1.0 + f64::from(up) / 1_000.0);
                let low = (open.min(close) * (1.0 - f64::from(down) / 1_000.0)).max(0.01);
                last = close;
                [open, high, low, close]
            })
            .collect();
        bars_of("TEST", &rows)
    })
}

fn sizes() -> impl Strategy<Value = Size> {
    prop_oneof![
        (1_u32..250).prop_map(|it| Size::EquityShare(f64::from(it) / 100.0)),
        (1_u32..100).prop_map(|it| Size::EquityRisk(f64::from(it) / 1_000.0)),
        (1_u32..20_000).prop_map(|it| Size::Notional(f64::from(it))),
        (1_u32..500).prop_map(|it| Size::Shares(f64::from(it))),
    ]
}

fn rules() -> impl Strategy<Value = OrderRules> {
    let options = (
        sizes(),
        1_u32..40,
        proptest::option::of(1_u32..60),
        proptest::option::of(1_u32..40),
        any::<bool>(),
        proptest::option::of(1_usize..8),
        0_usize..3,
        (waits(), waits(), proptest::option::of(1_usize..6)),
    );
    options.prop_map(|(size, stop, target, trail, close, max_holding, pyramid, (long, short, valid))| OrderRules {
        size,
        stop: Some(vec![f64::from(stop) / 4.0; 64].into()),
        target: target.map(|it| Target::Risk(f64::from(it) / 10.0)),
        trail: trail.map(|it| vec![f64::from(it) / 3.0; 64].into()),
        fill: if close { FillAt::Close } else { FillAt::NextOpen },
        max_holding,
        pyramid,
        long,
        short,
        valid,
    })
}

/// Returns prices at which entries wait: shares of the close, which `of_closes` makes prices of.
fn waits() -> impl Strategy<Value = Waits> {
    let shares = || {
        let share = prop_oneof![4 => 940_u32..1_060, 1 => Just(0_u32)].prop_map(|it| f64::from(it) / 1_000.0);
        proptest::option::weighted(0.3, proptest::collection::vec(share, 64).prop_map(Numbers::from))
    };
    (shares(), shares()).prop_map(|(limit, trigger)| Waits { limit, trigger })
}

/// Makes prices of shares of the closes; 0 is none.
fn of_closes(signals: Signals, bars: &BarSeries) -> Signals {
    let priced = |shares: Option<Numbers>| {
        let closes = bars.close.iter().chain(std::iter::repeat(&1.0));
        shares.map(|it| {
            it.iter().zip(closes).map(|(a, b)| if *a > 0.0 { a * b } else { f64::NAN }).collect::<Vec<_>>().into()
        })
    };
    let both = |it: Waits| Waits { limit: priced(it.limit), trigger: priced(it.trigger) };
    let (long, short) = (both(signals.orders.long), both(signals.orders.short));
    Signals { orders: OrderRules { long, short, ..signals.orders }, ..signals }
}

fn decisions() -> impl Strategy<Value = Signals> {
    let column = || proptest::collection::vec(proptest::bool::weighted(0.25), 64).prop_map(Bits::from);
    (column(), column(), column(), column(), rules()).prop_map(
        |(enter_long, exit_long, enter_short, exit_short, orders)| Signals {
            warmup: 0,
            enter_long,
            exit_long,
            enter_short,
            exit_short,
            orders,
            rules: Vec::new(),
        },
    )
}

fn costs() -> impl Strategy<Value = Costs> {
    let share = || proptest::option::of((0_i64..60).prop_map(|it| Percent(Decimal::new(it, 4))));
    let amount = |most: i64| proptest::option::of(0..most);
    let a_year = || proptest::option::of((0_i64..900).prop_map(|it| Percent(Decimal::new(it, 3))));
    let costs = (share(), amount(100), amount(500), share(), share(), a_year(), a_year());
    costs.prop_map(|(fee, per_share, minimum, slippage, spread, borrow, interest)| Costs {
        fee,
        fee_per_share: per_share.map(|it| Money::usd(Decimal::new(it, 3))),
        minimum_fee: minimum.map(|it| Money::usd(Decimal::new(it, 2))),
        slippage,
        spread,
        borrow,
        interest,
    })
}

/// What a backtest begins with, and the costs that it was made of.
#[derive(Clone, Debug)]
struct Terms {
    setup: Setup,
    costs: Costs,
}

fn setups() -> impl Strategy<Value = Terms> {
    let costs = costs();
    let limits = (
        proptest::option::of(5_i64..100),
        proptest::option::of(1_i64..20),
        proptest::option::of(1_i64..5),
        proptest::option::of(1_u32..4),
        proptest::option::of(1_i64..12),
        prop_oneof![Just(OnBreach::Refuse), Just(OnBreach::Halt), Just(OnBreach::FlattenAndHalt)],
        (proptest::option::of(20_i64..200), proptest::option::of(1_i64..5_000)),
    );
    let limits = limits.prop_map(|(position, loss, leverage, losses, band, on_breach, (gross, fall))| Limits {
        max_gross: gross.map(|it| Amount::Percent(Percent(Decimal::new(it, 2)))),
        max_drawdown: fall.map(|it| Amount::Money(Money::usd(it))),
        max_consecutive_losses: losses,
        price_band: band.map(|it| Percent(Decimal::new(it, 2))),
        max_position: position.map(|it| Amount::Percent(Percent(Decimal::new(it, 2)))),
        max_daily_loss: loss.map(|it| Amount::Percent(Percent(Decimal::new(it, 2)))),
        max_leverage: leverage.map(|it| Leverage(it.into())),
        on_breach,
        ..Limits::default()
    });
    let lot = prop_oneof![Just(Units::one()), Just(Units(1)), Just(Units(10_000_000))];
    let participation = proptest::option::of((1_i64..100).prop_map(|it| Decimal::new(it, 2)));
    let terms = (100_i64..100_000, costs, limits, lot, participation, 0_i64..50, any::<bool>());
    terms.prop_map(|(capital, costs, limits, lot, participation, margin, target_first)| {
        let mut model = FillModel::new(costs);
        (model.lot, model.participation) = (lot, participation);
        let (capital, margin) = (capital.into(), Ratio::percent(margin));
        let setup = Setup { capital, model, limits, margin, target_first, keeps_orders: true };
        Terms { setup, costs }
    })
}

/// Returns the signals of the first bars: later columns are cut, as they would be where the later bars are unknown.
fn cut(signals: &Signals, length: usize) -> Signals {
    Signals {
        warmup: signals.warmup,
        enter_long: signals.enter_long.first(length),
        exit_long: signals.exit_long.first(length),
        enter_short: signals.enter_short.first(length),
        exit_short: signals.exit_short.first(length),
        orders: signals.orders.clone(),
        rules: Vec::new(),
    }
}

fn replay(bars: &BarSeries, signals: &Signals, setup: &Setup) -> Outcome {
    let signals = [cut(signals, bars.len())];
    run_signals(bars, &Script { signals: &signals, turns: &[(0, 0)], shares: None, start: 0 }, setup).unwrap()
}

fn worth(outcome: &Outcome) -> Vec<Decimal> {
    outcome.equity.iter().map(|it| it.decimal()).collect()
}

/// Returns what the account was worth at each close as decimals say, from nothing but the fills, the closes and the rates
/// of borrowing.
fn by_decimals(bars: &BarSeries, outcome: &Outcome, capital: Decimal, costs: Costs) -> Vec<Decimal> {
    let rounded = |it: Decimal| it.round_dp_with_strategy(8, RoundingStrategy::MidpointAwayFromZero);
    let a_day = |it: Option<Percent>, of: Decimal| rounded(of.abs() * it.unwrap_or_default().0 / Decimal::from(365));
    let (mut cash, mut held, mut before) = (capital, Decimal::ZERO, Decimal::ZERO);
    let mut fills = outcome.book.ledger().fills().iter().peekable();
    let closes = bars.time.iter().zip(bars.close.iter());
    let all = closes.map(|(time, close)| {
        let borrow = if held < Decimal::ZERO { a_day(costs.borrow, held * before) } else { Decimal::ZERO };
        let interest = if cash < Decimal::ZERO { a_day(costs.interest, cash) } else { Decimal::ZERO };
        cash -= borrow + interest;
        while let Some(fill) = fills.next_if(|it| it.time == *time) {
            let side = Decimal::from(outcome.book.ledger().order(fill.order).unwrap().side.sign());
            held += side * fill.quantity.decimal();
            cash -= side * fill.quantity.decimal() * fill.price.decimal() + fill.fee.decimal();
        }
        before = Price::new(*close).unwrap().decimal();
        cash + held * before
    });
    all.collect()
}

/// Returns what was held at each close, longs and shorts alike, from nothing but the fills and the closes.
fn held_by_decimals(bars: &BarSeries, outcome: &Outcome) -> Vec<Decimal> {
    let (mut held, mut fills) = (Decimal::ZERO, outcome.book.ledger().fills().iter().peekable());
    let closes = bars.time.iter().zip(bars.close.iter());
    let all = closes.map(|(time, close)| {
        while let Some(fill) = fills.next_if(|it| it.time == *time) {
            let side = outcome.book.ledger().order(fill.order).unwrap().side.sign();
            held += Decimal::from(side) * fill.quantity.decimal();
        }
        (held * Price::new(*close).unwrap().decimal()).abs()
    });
    all.collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    /// At every bar: what the decimal account holds at that close is what the integers of the kernel say, to the last digit;
    /// what was earned explains the change of equity; and no later bar changes what an earlier one came to.
    #[test]
    fn accounts_add_up_at_every_bar_and_nothing_looks_ahead(
        bars in markets(), signals in decisions(), terms in setups(),
    ) {
        let (Terms { setup, costs }, signals) = (terms, of_closes(signals, &bars));
        let whole = replay(&bars, &signals, &setup);
        prop_assert_eq!(&by_decimals(&bars, &whole, setup.capital, costs), &worth(&whole));
        for length in 1..=bars.len() {
            let part = replay(&bars.first_bars(length), &signals, &setup);
            prop_assert_eq!(&part.equity[..], &whole.equity[..length]);
            let account = part.book.account();
            let close = Price::new(bars.close[length - 1]).unwrap();
            let held = account.position(0);
            let equity = account.cash.decimal() + held.quantity.decimal() * close.decimal();
            prop_assert_eq!(equity, part.equity[length - 1].decimal());
            prop_assert_eq!(equity, account.equity(&[close]).decimal());
            let earned = equity - setup.capital;
            let unrealised = held.unrealised(close).decimal();
            let closed: Decimal = part.book.trips().iter().map(|it| it.closed.pnl.decimal()).sum();
            prop_assert_eq!(earned, closed + unrealised - held.fees.decimal() - account.interest.decimal());
            prop_assert_eq!(earned, account.realised.decimal() + unrealised - account.fees.decimal());
            prop_assert!(whole.book.trips().starts_with(part.book.trips()));
            let (ledger, later) = (part.book.ledger(), whole.book.ledger());
            prop_assert!(later.fills().starts_with(ledger.fills()));
            for ((_, it), (_, after)) in ledger.orders().zip(later.orders()) {
                let told = |it: &OrderRecord| (it.decided, it.side, it.asked, it.allowed, it.kind, it.parent);
                prop_assert_eq!(told(it), told(after));
                prop_assert!(it.fate == Fate::Waiting || it == after, "{:?} became {:?}", it, after);
            }
        }
    }

    /// Without anybody who looks at every close, from event to event, an account comes to the same.
    #[test]
    fn leaps_come_to_what_steps_come_to(bars in markets(), signals in decisions(), terms in setups()) {
        let signals = cut(&of_closes(signals, &bars), bars.len());
        let stepped = replay(&bars, &signals, &terms.setup);
        let setup = Setup { keeps_orders: false, ..terms.setup };
        let leapt = Ground::new(&bars, 0).unwrap().run(&signals, &setup).unwrap();
        prop_assert_eq!(leapt.book.account(), stepped.book.account());
        prop_assert_eq!((leapt.exposed, leapt.book.events()), (stepped.exposed, stepped.book.events()));
        prop_assert_eq!(leapt.book.trips().len(), stepped.book.trips().len());
    }

    /// What becomes of an order is what its fills say, no order fills before it was given or after it ended, and of a
    /// bracket at most one order fills.
    #[test]
    fn every_order_is_accounted_for(bars in markets(), signals in decisions(), terms in setups()) {
        let outcome = replay(&bars, &of_closes(signals, &bars), &terms.setup);
        let ledger = outcome.book.ledger();
        for (id, order) in ledger.orders() {
            let fills: Vec<_> = ledger.fills().iter().filter(|it| it.order == id).collect();
            prop_assert_eq!(fills.iter().map(|it| it.quantity.0).sum::<i64>(), order.filled.0);
            prop_assert!(order.allowed <= order.asked);
            prop_assert!(order.filled <= order.allowed || order.parent != OrderId::default());
            prop_assert!(fills.iter().all(|it| (order.decided..=order.ended).contains(&it.time)), "{:?}", order);
            prop_assert!(order.fate != Fate::Refused || order.ended > order.decided || order.filled.0 == 0, "{:?}", order);
            prop_assert!(order.fate != Fate::Filled || order.filled.0 > 0, "{:?}", order);
            let of_bracket = ledger.orders().filter(|(_, it)| it.parent == id && it.filled.0 > 0).count();
            prop_assert!(of_bracket <= 1);
        }
        for trip in outcome.book.trips() {
            let (entry, exit) = (ledger.order(trip.orders.0).unwrap(), ledger.order(trip.orders.1).unwrap());
            prop_assert_eq!((entry.side, exit.side), (trip.closed.side, trip.closed.side.opposite()));
            prop_assert_eq!((entry.reason, exit.reason), (Reason::Entry, trip.reason));
            prop_assert!(ledger.reason(trip.orders.0).is_some());
        }
        prop_assert_eq!(ledger.fills().len() >= outcome.book.trips().len(), true);
    }

    /// No bar ends beyond a limit without an event that says so: at that bar, or at an earlier one since which it has been so.
    /// And no event says what was not.
    #[test]
    fn every_breach_of_a_limit_is_an_event(bars in markets(), signals in decisions(), terms in setups()) {
        let limits = &terms.setup.limits;
        let signals = of_closes(signals, &bars);
        let whole = replay(&bars, &signals, &terms.setup);
        let (events, silent) = whole.book.events();
        prop_assert_eq!(silent, 0);
        let of = |limit: &Option<Amount>, whole: Decimal| match limit.as_ref()? {
            Amount::Money(it) => Some(it.amount),
            Amount::Percent(it) => Some((it.0 * whole).max(Decimal::ZERO)),
        };
        let held = held_by_decimals(&bars, &whole);
        let (mut last, mut high) = (terms.setup.capital, terms.setup.capital);
        // What is traded at a close costs equity that was the highest, or too low, before it: the curve does not say that.
        let trades_at_close = signals.orders.fill == FillAt::Close;
        let mut was: Vec<&str> = Vec::new();
        for ((time, equity), held) in whole.times.iter().zip(&worth(&whole)).zip(held) {
            high = high.max(*equity);
            let leverage = limits.max_leverage.map(|it| (it.0 * equity).max(Decimal::ZERO));
            let (daily, fall) = (of(&limits.max_daily_loss, last), of(&limits.max_drawdown, high));
            let (daily, fall) = (daily.filter(|_| !trades_at_close), fall.filter(|_| !trades_at_close));
            let found = [
                ("max_position", held, of(&limits.max_position, *equity)),
                ("max_gross", held, of(&limits.max_gross, *equity)),
                ("max_leverage", held, leverage),
                ("max_daily_loss", (last - equity).max(Decimal::ZERO), daily),
                ("max_drawdown", high - equity, fall),
            ];
            let beyond: Vec<&str> =
                found.iter().filter(|(_, value, cap)| cap.is_some_and(|cap| *value > cap)).map(|it| it.0).collect();
            let is_close = |what: Happening| {
                use Happening::{Breached, Exceeded, Flattened, Halted};
                matches!(what, Breached | Exceeded | Flattened | Halted)
            };
            let told: Vec<&str> = events.iter().filter(|it| it.time == *time && is_close(it.what))
                .filter_map(|it| it.limit.map(|it| it.0)).filter(|it| *it != "max_consecutive_losses").collect();
            // A daily loss is of its day alone.
            let newly = |it: &&str| *it == "max_daily_loss" || !was.contains(it);
            let silent = beyond.iter().filter(|it| newly(it)).find(|it| !told.contains(it));
            prop_assert_eq!(silent, None, "on day {}: {:?}", time / super::support::DAY, found);
            // Where it is not yet a twentieth below it counts as the same breach.
            let near = found.iter().filter(|(name, value, cap)| {
                !name.contains("loss") && !name.contains("drawdown") && cap.is_some_and(|cap| *value > cap * Decimal::new(95, 2))
            });
            was.retain(|it| near.clone().any(|near| near.0 == *it));
            was.extend(&beyond);
            last = *equity;
        }
        for event in events.iter().filter(|it| it.what != Happening::MarginCall) {
            let (limit, value, allowed) = event.limit.unwrap();
            let over = match (value, allowed) {
                (Reading::Amount(a), Reading::Amount(b)) => a > b,
                (Reading::Share(a), Reading::Share(b)) => a >= b,
                (Reading::Count(a), Reading::Count(b)) => a >= b,
                (Reading::Age(a), Reading::Age(b)) => a > b,
                _ => false,
            };
            prop_assert!(over, "{limit}: {event:?}");
        }
    }

    /// The record that models learn from holds what the account holds, where nothing is cut and nothing added.
    #[test]
    fn a_record_holds_what_an_account_holds(bars in markets(), signals in decisions()) {
        let cents = |it: &[f64]| it.iter().map(|it| (it * 100.0).round() / 100.0).collect();
        let (open, high, low, close) = (cents(&bars.open), cents(&bars.high), cents(&bars.low), cents(&bars.close));
        let bars = BarSeries { open, high, low, close, ..bars };
        let mut signals = cut(&of_closes(signals, &bars), bars.len());
        signals.orders = OrderRules { size: Size::EquityShare(0.01), pyramid: 0, ..signals.orders };
        let mut setup = Setup::new(1_000_000.into(), FillModel::new(Costs::default()));
        (setup.model.lot, setup.keeps_orders) = (Units(1), true);
        let outcome = replay(&bars, &signals, &setup);
        let (mut held, mut fills) = (0, outcome.book.ledger().fills().iter().peekable());
        let signs = bars.time.iter().map(|time| {
            while let Some(fill) = fills.next_if(|it| it.time == *time) {
                held += outcome.book.ledger().order(fill.order).unwrap().side.sign() * fill.quantity.0;
            }
            held.signum() as f64
        });
        let signs: Vec<f64> = signs.collect();
        prop_assert_eq!(&wf::strategy::record(&bars, &signals, 0.0).held, &signs);
    }

    /// A limit never fills worse than it says, and an entry at a price never fills before that price was there.
    #[test]
    fn entries_fill_at_their_prices(bars in markets(), signals in decisions(), terms in setups()) {
        let outcome = replay(&bars, &of_closes(signals, &bars), &terms.setup);
        let ledger = outcome.book.ledger();
        for (at, fill) in ledger.fills().iter().enumerate() {
            let order = ledger.order(fill.order).unwrap();
            let is_rest = ledger.fills()[..at].iter().any(|it| it.order == fill.order);
            let bar = bars.time.iter().position(|it| *it == fill.time).unwrap();
            let (high, low) = (Price::new(bars.high[bar]).unwrap(), Price::new(bars.low[bar]).unwrap());
            let sign = order.side.sign();
            match order.kind {
                OrderKind::Limit(limit) | OrderKind::StopLimit { limit, .. } if order.reason == Reason::Entry => {
                    prop_assert!(sign * fill.price.0 <= sign * limit.0);
                    let there = if sign > 0 { low <= limit } else { high >= limit };
                    prop_assert!(there);
                }
                OrderKind::Stop(trigger) if order.reason == Reason::Entry && !is_rest => {
                    let there = if sign > 0 { high >= trigger } else { low <= trigger };
                    prop_assert!(there);
                    prop_assert!(sign * fill.price.0 >= sign * trigger.0);
                }
                _ => {}
            }
        }
    }

    /// A long bought without leverage never owes cash, and quantities are whole lots.
    #[test]
    fn cash_is_never_owed_without_leverage(bars in markets(), signals in decisions(), terms in setups()) {
        let (mut setup, signals) = (terms.setup, of_closes(signals, &bars));
        setup.limits.max_leverage = None;
        let mut signals = signals;
        signals.enter_short = Bits::none(64);
        for length in 1..=bars.len() {
            let part = replay(&bars.first_bars(length), &signals, &setup);
            prop_assert!(part.book.account().cash >= Exact::ZERO);
            prop_assert_eq!(part.book.held(0).0 % setup.model.lot.0, 0);
        }
    }

    /// Commissions and slippage in integers are those of decimals, and what is bought is the most that can be paid for.
    #[test]
    fn fills_cost_what_decimals_say(
        price in 1_i64..2_000_000_000_000, quantity in 1_i64..1_000_000_000, terms in setups(), costs in costs(),
        budget in 1_i64..1_000_000_000,
    ) {
        let (mut model, price, share) = (FillModel::new(costs), Price(price), |it: Option<Percent>| it.unwrap_or_default().0);
        model.lot = terms.setup.model.lot;
        let lots = |it: i64| Units(it.saturating_mul(10_000) / model.lot.0 * model.lot.0);
        let rounded = |it: Decimal| it.round_dp_with_strategy(8, RoundingStrategy::MidpointAwayFromZero);
        let amount = |it: Option<Money>| it.map_or(Decimal::ZERO, |it| it.amount);
        for (side, sign) in [(Side::Buy, Decimal::ONE), (Side::Sell, -Decimal::ONE)] {
            let worse = rounded(price.decimal() * (Decimal::ONE + sign * costs.price_impact()));
            prop_assert_eq!(model.market(side, price).decimal(), if worse.is_zero() { price.decimal() } else { worse });
        }
        let quantity = lots(quantity);
        let (rate, each) = (share(costs.fee), amount(costs.fee_per_share));
        let whole = quantity.decimal() * price.decimal() * rate;
        let fee = (rounded(whole) + rounded(quantity.decimal() * each)).max(amount(costs.minimum_fee));
        prop_assert_eq!(model.fee(quantity, price).decimal(), fee);

        let budget = Exact::of(Decimal::new(budget, 2)).unwrap();
        let cost = |it: Units| it.at(price) + model.fee(it, price);
        let most = model.affordable(quantity, price, budget);
        prop_assert_eq!(most.0 % model.lot.0, 0);
        prop_assert!(most.0 == 0 || cost(most) <= budget);
        // Commissions are rounded, those of a share to 1e-8, so the very last units may be a matter of that.
        let more = Units(most.0 + 2 * model.lot.0 + most.0 / 1_000_000_000);
        prop_assert!(more > quantity || cost(more) > budget, "{:?} of {:?}", most, quantity);
    }

    /// Where one bar holds both, the stop is what closes.
    #[test]
    fn a_stop_comes_before_a_target(
        stop in 1_u32..20, target in 1_u32..20, beyond in 0_u32..10, short in any::<bool>(),
    ) {
        let (above, below) = if short { (stop, target) } else { (target, stop) };
        let high = 100.0 + f64::from(above + beyond);
        let low = 100.0 - f64::from(below + beyond);
        let bars = bars_of("TEST", &[[100.0; 4], [100.0; 4], [100.0, high, low, 100.0]]);
        let entry = super::support::signals(3, &[0], &[]);
        let signals = Signals {
            orders: OrderRules {
                stop: Some(vec![f64::from(stop); 3].into()),
                target: Some(Target::Distance(vec![f64::from(target); 3].into())),
                ..OrderRules::default()
            },
            ..if short { super::support::mirrored(entry) } else { entry }
        };
        let outcome = super::support::free(&bars, signals);
        prop_assert_eq!(super::support::exits(&outcome)[0].2, "stop");
    }
}

/// The first bars of a series.
trait FirstBars {
    fn first_bars(&self, length: usize) -> BarSeries;
}

impl FirstBars for BarSeries {
    fn first_bars(&self, length: usize) -> BarSeries {
        let part = |it: &[f64]| it[..length].into();
        BarSeries {
            time: self.time[..length].into(),
            open: part(&self.open),
            high: part(&self.high),
            low: part(&self.low),
            close: part(&self.close),
            volume: part(&self.volume),
            ..self.clone()
        }
    }
}
