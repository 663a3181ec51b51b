//! Laws that hold in every market.

use proptest::prelude::*;
use rust_decimal::{Decimal, RoundingStrategy};
use wf::market::{
    Amount, BarSeries, Bits, Costs, Exact, FillAt, FillModel, Limits, OnBreach, OrderRules, Outcome, Price, Script,
    Setup, Side, Signals, Size, Target, Units, run_signals,
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
    );
    options.prop_map(|(size, stop, target, trail, close, max_holding, pyramid)| OrderRules {
        size,
        stop: Some(vec![f64::from(stop) / 4.0; 64].into()),
        target: target.map(|it| Target::Risk(f64::from(it) / 10.0)),
        trail: trail.map(|it| vec![f64::from(it) / 3.0; 64].into()),
        fill: if close { FillAt::Close } else { FillAt::NextOpen },
        max_holding,
        pyramid,
    })
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
        },
    )
}

fn costs() -> impl Strategy<Value = Costs> {
    let share = || proptest::option::of((0_i64..60).prop_map(|it| Percent(Decimal::new(it, 4))));
    let costs = (share(), proptest::option::of(0_i64..100), proptest::option::of(0_i64..500), share(), share());
    costs.prop_map(|(fee, per_share, minimum, slippage, spread)| Costs {
        fee,
        fee_per_share: per_share.map(|it| Money::usd(Decimal::new(it, 3))),
        minimum_fee: minimum.map(|it| Money::usd(Decimal::new(it, 2))),
        slippage,
        spread,
    })
}

fn setups() -> impl Strategy<Value = Setup> {
    let costs = costs();
    let limits = (
        proptest::option::of(5_i64..100),
        proptest::option::of(1_i64..20),
        proptest::option::of(1_i64..4),
        prop_oneof![Just(OnBreach::Refuse), Just(OnBreach::Halt), Just(OnBreach::FlattenAndHalt)],
    );
    let limits = limits.prop_map(|(position, loss, leverage, on_breach)| Limits {
        max_position: position.map(|it| Amount::Percent(Percent(Decimal::new(it, 2)))),
        max_daily_loss: loss.map(|it| Amount::Percent(Percent(Decimal::new(it, 2)))),
        max_leverage: leverage.map(|it| Leverage(it.into())),
        on_breach,
        ..Limits::default()
    });
    let lot = prop_oneof![Just(Units::one()), Just(Units(1)), Just(Units(10_000_000))];
    let participation = proptest::option::of((1_i64..100).prop_map(|it| Decimal::new(it, 2)));
    (100_i64..100_000, costs, limits, lot, participation).prop_map(|(capital, costs, limits, lot, participation)| {
        let mut model = FillModel::new(costs);
        (model.lot, model.participation) = (lot, participation);
        Setup { capital: capital.into(), model, limits }
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
    }
}

fn replay(bars: &BarSeries, signals: &Signals, setup: &Setup) -> Outcome {
    let signals = [cut(signals, bars.len())];
    run_signals(bars, &Script { signals: &signals, turns: &[(0, 0)], shares: None, start: 0 }, setup).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    /// At every bar: what the decimal account holds at that close is what the integers of the kernel say, to the last digit;
    /// what was earned explains the change of equity; and no later bar changes what an earlier one came to.
    #[test]
    fn accounts_add_up_at_every_bar_and_nothing_looks_ahead(
        bars in markets(), signals in decisions(), setup in setups(),
    ) {
        let whole = replay(&bars, &signals, &setup);
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
            prop_assert_eq!(earned, closed + unrealised - held.fees.decimal());
            prop_assert_eq!(earned, account.realised.decimal() + unrealised - account.fees.decimal());
            prop_assert!(whole.book.trips().starts_with(part.book.trips()));
        }
    }

    /// A long bought without leverage never owes cash, and quantities are whole lots.
    #[test]
    fn cash_is_never_owed_without_leverage(bars in markets(), signals in decisions(), setup in setups()) {
        let mut setup = setup;
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
        price in 1_i64..2_000_000_000_000, quantity in 1_i64..1_000_000_000, setup in setups(), costs in costs(),
        budget in 1_i64..1_000_000_000,
    ) {
        let (mut model, price, share) = (FillModel::new(costs), Price(price), |it: Option<Percent>| it.unwrap_or_default().0);
        model.lot = setup.model.lot;
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
        // The commission is rounded, so the very last units may be a matter of its rounding.
        let more = Units(most.0 + 2 * model.lot.0);
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
