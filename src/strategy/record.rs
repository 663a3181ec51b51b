//! What signals would have earned, bar by bar: the record from which models learn and by which portfolios follow. It
//! trades one unit of the account in floating point; money is the business of the backtest. An entry that waits for a price
//! is taken to fill at the next open.

use crate::market::{BarSeries, Bits, FillAt, Numbers, Signals, Target};

/// The record of signals: the entry at bar t is of bars up to t.
#[derive(Clone, Debug, PartialEq)]
pub struct Record {
    /// The logarithm of the growth of each bar, costs taken off.
    pub returns: Vec<f64>,
    /// What was held at each close: 1 long, -1 short, 0 nothing.
    pub held: Vec<f64>,
    /// What each close decided to hold from then on.
    pub decided: Vec<f64>,
}

/// A position that is open.
#[derive(Clone, Copy)]
struct Open {
    side: f64,
    stop: f64,
    target: f64,
    trail: f64,
    bars: usize,
}

/// Returns the record of these signals where `cost` is the share of what is traded that trading costs.
pub fn record(bars: &BarSeries, signals: &Signals, cost: f64) -> Record {
    let mut trader = Trader { bars, signals, cost, position: None, wanted: None, growth: 1.0 };
    let column = || Vec::with_capacity(bars.len());
    let mut record = Record { returns: column(), held: column(), decided: column() };
    for bar in 0..bars.len() {
        trader.growth = 1.0;
        trader.trade(bar);
        // Nothing can lose more than all there is.
        record.returns.push(trader.growth.max(1e-6).ln());
        let held = trader.position.map_or(0.0, |it| it.side);
        record.held.push(held);
        record.decided.push(trader.wanted.map_or(held, |it| it.0));
    }
    record
}

struct Trader<'a> {
    bars: &'a BarSeries,
    signals: &'a Signals,
    cost: f64,
    position: Option<Open>,
    /// What the close of the bar before decided to hold from the next open on.
    wanted: Option<(f64, usize)>,
    growth: f64,
}

impl Trader<'_> {
    fn trade(&mut self, bar: usize) {
        let price = |of: &[f64], at: usize| of.get(at).copied().unwrap_or(f64::NAN);
        let (open, close) = (price(&self.bars.open, bar), price(&self.bars.close, bar));
        if let (Some(position), Some(before)) = (self.position, bar.checked_sub(1)) {
            self.grow(position.side, price(&self.bars.close, before), open);
        }
        if let Some((side, decided)) = self.wanted.take() {
            self.hold(side, open, decided);
        }
        if let Some(mut position) = self.position {
            let (high, low) = (price(&self.bars.high, bar), price(&self.bars.low, bar));
            if let Some(exit) = position.exit(open, high, low) {
                self.grow(position.side, open, exit);
                self.hold(0.0, exit, bar);
            } else {
                self.grow(position.side, open, close);
                position.follow(high, low);
                self.position = Some(position);
            }
        }
        let held = self.position.map_or(0.0, |it| it.side);
        let wanted = self.decide(bar, held);
        if (wanted - held).abs() > 0.5 {
            match self.signals.orders.fill {
                FillAt::NextOpen => self.wanted = Some((wanted, bar)),
                FillAt::Close => self.hold(wanted, close, bar),
            }
        }
    }

    /// Returns what the close of a bar decides to hold.
    fn decide(&self, bar: usize, held: f64) -> f64 {
        let says = |of: &Bits| bar >= self.signals.warmup && of.get(bar);
        let too_long = self.position.zip(self.signals.orders.max_holding).is_some_and(|(it, most)| it.bars >= most);
        let leaves =
            too_long || (held > 0.0 && says(&self.signals.exit_long)) || (held < 0.0 && says(&self.signals.exit_short));
        if held.abs() > 0.5 && !leaves {
            return held;
        }
        match (says(&self.signals.enter_long), says(&self.signals.enter_short)) {
            (true, false) if held <= 0.0 => 1.0,
            (false, true) if held >= 0.0 => -1.0,
            _ => 0.0,
        }
    }

    /// Changes what is held at this price, with the orders of the bar that decided.
    fn hold(&mut self, side: f64, price: f64, decided: usize) {
        let before = self.position.map_or(0.0, |it| it.side);
        self.growth *= 1.0 - self.cost * (side - before).abs();
        let orders = &self.signals.orders;
        let at = |of: &Option<Numbers>| of.as_ref().and_then(|it| it.get(decided)).copied().unwrap_or(f64::NAN);
        let (stop, trail) = (at(&orders.stop), at(&orders.trail));
        let target = match &orders.target {
            Some(Target::Risk(times)) => times * if stop.is_nan() { trail } else { stop },
            Some(Target::Distance(it)) => it.get(decided).copied().unwrap_or(f64::NAN),
            None => f64::NAN,
        };
        // NaN falls out of min and max, so what there is of stop and trail counts.
        let nearest = stop.min(trail);
        self.position = (side.abs() > 0.5).then_some(Open {
            side,
            stop: price - side * nearest,
            target: price + side * target,
            trail,
            bars: 0,
        });
    }

    fn grow(&mut self, side: f64, from: f64, to: f64) {
        let change = side * (to / from - 1.0);
        if change.is_finite() {
            self.growth *= 1.0 + change;
        }
    }
}

impl Open {
    /// Returns the price at which a stop or target is hit in a bar: the stop first, and at the open where it gaps.
    fn exit(&self, open: f64, high: f64, low: f64) -> Option<f64> {
        let (against, along) = if self.side > 0.0 { (low, high) } else { (high, low) };
        if self.side * (against - self.stop) <= 0.0 {
            return Some(if self.side > 0.0 { open.min(self.stop) } else { open.max(self.stop) });
        }
        (self.side * (along - self.target) >= 0.0)
            .then(|| if self.side > 0.0 { open.max(self.target) } else { open.min(self.target) })
    }

    /// Draws a trailing stop after the best price of a bar.
    fn follow(&mut self, high: f64, low: f64) {
        self.bars += 1;
        if self.trail.is_nan() {
            return;
        }
        self.stop = if self.side > 0.0 { self.stop.max(high - self.trail) } else { self.stop.min(low + self.trail) };
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{market::OrderRules, slices::sample::candles};

    fn growth(signals: &Signals, cost: f64) -> f64 {
        let open = [100.0, 102.0, 104.0, 90.0, 95.0];
        let close = [101.0, 103.0, 105.0, 94.0, 96.0];
        let high = [101.5, 103.5, 105.5, 95.0, 97.0];
        let low = [99.5, 101.5, 103.5, 89.0, 94.0];
        let bars = candles("HAND", &open, &high, &low, &close, &[1.0; 5]);
        record(&bars, signals, cost).returns.iter().sum::<f64>().exp()
    }

    fn long_at(bar: usize, orders: OrderRules) -> Signals {
        let at = |when: usize| (0..5).map(|it| it == when).collect();
        Signals { enter_long: at(bar), exit_long: at(3), orders, ..Signals::default() }
    }

    #[test]
    fn fills_at_the_next_open() {
        // In at the open of bar 1, out at the open of bar 4.
        assert!((growth(&long_at(0, OrderRules::default()), 0.0) - 95.0 / 102.0).abs() < 1e-12);
        let costs = growth(&long_at(0, OrderRules::default()), 0.001);
        assert!((costs - 95.0 / 102.0 * 0.999 * 0.999).abs() < 1e-12);
    }

    #[test]
    fn a_stop_that_gaps_fills_at_the_open() {
        let orders = OrderRules { stop: Some(vec![3.0; 5].into()), ..OrderRules::default() };
        assert!((growth(&long_at(0, orders), 0.0) - 90.0 / 102.0).abs() < 1e-12);
    }

    #[test]
    fn a_target_fills_where_it_is() {
        let orders =
            OrderRules { stop: Some(vec![5.0; 5].into()), target: Some(Target::Risk(0.6)), ..OrderRules::default() };
        assert!((growth(&long_at(0, orders), 0.0) - 105.0 / 102.0).abs() < 1e-12);
    }

    #[test]
    fn a_short_earns_what_falls() {
        let signals = Signals { enter_short: vec![false, true, false, false, false].into(), ..Signals::default() };
        let expected = (2.0 - 105.0 / 104.0)
            * (2.0 - 90.0 / 105.0)
            * (2.0 - 94.0 / 90.0)
            * (2.0 - 95.0 / 94.0)
            * (2.0 - 96.0 / 95.0);
        assert!((growth(&signals, 0.0) - expected).abs() < 1e-12);
    }

    #[test]
    fn is_out_after_the_longest_holding() {
        let orders = OrderRules { max_holding: Some(2), ..OrderRules::default() };
        assert!((growth(&long_at(0, orders), 0.0) - 90.0 / 102.0).abs() < 1e-12);
    }
}
