//! What signals would have earned, bar by bar: the record from which models learn and by which portfolios follow. It
//! decides and fills as the backtest does, but for additions to a position and what volume or limits hold back, and trades
//! one unit of the account in floating point; money is the business of the backtest.

use crate::market::{
    BarSeries, Bits, FillAt, FillModel, Numbers, OrderKind, OrderRules, Price, PriceBar, Side, Signals, Target,
};

/// The record of signals: the entry at bar t is of bars up to t.
#[derive(Clone, Debug, PartialEq)]
pub struct Record {
    /// The logarithm of the growth of each bar, costs taken off.
    pub returns: Vec<f64>,
    /// What was held at each close: 1 long, -1 short, 0 nothing.
    pub held: Vec<f64>,
    /// What each close decided to hold from then on; an entry that waits for a price counts once it has filled.
    pub decided: Vec<f64>,
}

/// A position that is open.
#[derive(Clone, Copy)]
struct Open {
    side: Side,
    stop: f64,
    target: f64,
    /// The best price since the entry, and the stop that trails behind it.
    best: f64,
    trail: f64,
    /// The bar in which it was opened.
    since: usize,
}

/// An entry that waits for its fill.
#[derive(Clone, Copy)]
struct Entry {
    side: Side,
    kind: OrderKind,
    /// The bar that decided it, and the last one at which it may fill.
    decided: usize,
    until: usize,
}

fn sign(side: Side) -> f64 {
    if side == Side::Buy { 1.0 } else { -1.0 }
}

fn at(column: &[f64], bar: usize) -> f64 {
    column.get(bar).copied().unwrap_or(f64::NAN)
}

/// Returns the record of these signals where `cost` is the share of what is traded that trading costs.
pub fn record(bars: &BarSeries, signals: &Signals, cost: f64) -> Record {
    let mut trader = Trader { bars, signals, cost, position: None, leaves: false, entry: None, growth: 1.0 };
    let column = || Vec::with_capacity(bars.len());
    let mut record = Record { returns: column(), held: column(), decided: column() };
    for bar in 0..bars.len() {
        trader.growth = 1.0;
        trader.trade(bar);
        // Nothing can lose more than all there is.
        record.returns.push(trader.growth.max(1e-6).ln());
        let held = trader.position.map_or(0.0, |it| sign(it.side));
        let enters = trader.entry.filter(|it| it.kind == OrderKind::Market).map(|it| sign(it.side));
        record.held.push(held);
        record.decided.push(enters.unwrap_or(if trader.leaves { 0.0 } else { held }));
    }
    record
}

struct Trader<'a> {
    bars: &'a BarSeries,
    signals: &'a Signals,
    cost: f64,
    position: Option<Open>,
    /// Whether the position is closed at the next open.
    leaves: bool,
    entry: Option<Entry>,
    growth: f64,
}

impl Trader<'_> {
    fn trade(&mut self, bar: usize) {
        let (open, close) = (at(&self.bars.open, bar), at(&self.bars.close, bar));
        if let (Some(position), Some(before)) = (self.position, bar.checked_sub(1)) {
            self.grow(position.side, at(&self.bars.close, before), open);
        }
        if std::mem::take(&mut self.leaves) {
            self.hold(None, open, bar);
        }
        let within = self.entry.and_then(|it| self.enter(&it, bar, open));
        let (high, low) = (at(&self.bars.high, bar), at(&self.bars.low, bar));
        match (within, self.position) {
            (Some(price), Some(position)) => {
                // Of this bar only its close is known to be later than the entry.
                let far = if position.side == Side::Buy { low } else { high };
                if sign(position.side) * (far - position.stopped()) <= 0.0 {
                    self.grow(position.side, price, position.stopped());
                    self.hold(None, position.stopped(), bar);
                } else {
                    self.grow(position.side, price, close);
                    self.follow(close, close, bar);
                }
            }
            (_, Some(position)) => {
                if let Some(exit) = position.exit(open, high, low) {
                    self.grow(position.side, open, exit);
                    self.hold(None, exit, bar);
                } else {
                    self.grow(position.side, open, close);
                    self.follow(high, low, bar);
                }
            }
            (_, None) => {}
        }
        self.entry = self.entry.filter(|it| it.until > bar);
        self.decide(bar, close);
    }

    /// Fills an entry where a bar reaches it; returns its price where that lies within the bar.
    fn enter(&mut self, entry: &Entry, bar: usize, open: f64) -> Option<f64> {
        if entry.kind == OrderKind::Market {
            self.entry = None;
            self.hold(Some(entry), open, bar);
            return None;
        }
        let price = |of: &[f64]| of.get(bar).and_then(|it| Price::new(*it));
        let (series, time, volume) = (self.bars, 0, 0.0);
        let (high, low, close) = (price(&series.high)?, price(&series.low)?, price(&series.close)?);
        let prices = PriceBar { time, open: price(&series.open)?, high, low, close, volume };
        let Some(reached) = FillModel::reached(entry.kind, entry.side, &prices) else {
            self.entry = Some(Entry { kind: FillModel::after(entry.kind, entry.side, &prices), ..*entry });
            return None;
        };
        self.entry = None;
        let is_open = reached == prices.open;
        self.hold(Some(entry), if is_open { open } else { reached.float() }, bar);
        (!is_open).then(|| reached.float())
    }

    /// Decides at the close of a bar what to leave and what to enter.
    fn decide(&mut self, bar: usize, close: f64) {
        let orders = &self.signals.orders;
        let says = |of: &Bits| bar >= self.signals.warmup && of.get(bar);
        let exits = |side: Side| says(self.signals.exits(side));
        let fills = bar + usize::from(orders.fill == FillAt::NextOpen);
        let too_long = self.position.zip(orders.max_holding).is_some_and(|(it, most)| fills - it.since >= most);
        let mut leaves = too_long || self.position.is_some_and(|it| exits(it.side));
        self.entry = self.entry.filter(|it| !exits(it.side));
        let wanted = match (says(&self.signals.enter_long), says(&self.signals.enter_short)) {
            (true, false) => Some(Side::Buy),
            (false, true) => Some(Side::Sell),
            _ => None,
        };
        // A position that stays takes no more of its own side.
        let stays = |side: Side| !leaves && self.position.is_some_and(|it| it.side == side);
        let wanted = wanted.filter(|it| !exits(*it) && !stays(*it));
        if let Some(side) = wanted {
            leaves |= self.position.is_some();
            self.entry = Entry::of(orders, side, bar);
        }
        if orders.fill == FillAt::NextOpen {
            self.leaves = leaves;
            return;
        }
        if leaves {
            self.hold(None, close, bar);
        }
        if let Some(entry) = self.entry.take_if(|it| it.kind == OrderKind::Market) {
            self.hold(Some(&entry), close, bar);
        }
    }

    /// Closes what is held at this price, or opens what an entry asks for.
    fn hold(&mut self, entry: Option<&Entry>, price: f64, bar: usize) {
        self.growth *= 1.0 - self.cost;
        let orders = &self.signals.orders;
        self.position = entry.map(|entry| {
            let distance = |of: Option<&Numbers>| of.map_or(f64::NAN, |it| at(it, entry.decided));
            let (stop, trail) = (distance(orders.stop.as_ref()), distance(orders.trail.as_ref()));
            let target = match &orders.target {
                Some(Target::Risk(times)) => times * if stop.is_nan() { trail } else { stop },
                Some(Target::Distance(it)) => at(it, entry.decided),
                None => f64::NAN,
            };
            let sign = sign(entry.side);
            let (stop, target, trail) = (price - sign * stop, price + sign * target, price - sign * trail);
            Open { side: entry.side, stop, target, best: price, trail, since: bar }
        });
    }

    /// Draws a trailing stop after the best price of a bar.
    fn follow(&mut self, high: f64, low: f64, bar: usize) {
        let Some(held) = &mut self.position else { return };
        let Some(trail) = &self.signals.orders.trail else { return };
        held.best = if held.side == Side::Buy { held.best.max(high) } else { held.best.min(low) };
        let level = held.best - sign(held.side) * at(trail, bar);
        // NaN falls out of min and max.
        held.trail = if held.side == Side::Buy { held.trail.max(level) } else { held.trail.min(level) };
    }

    fn grow(&mut self, side: Side, from: f64, to: f64) {
        let change = sign(side) * (to / from - 1.0);
        if change.is_finite() {
            self.growth *= 1.0 + change;
        }
    }
}

impl Entry {
    /// Returns an entry that is decided at a bar; none where a price or a distance that it needs is not known.
    fn of(orders: &OrderRules, side: Side, bar: usize) -> Option<Self> {
        let known = |column: &Option<Numbers>| column.as_ref().is_none_or(|it| Price::distance(at(it, bar)).is_some());
        let kind = orders.waits(side).kind(bar)?;
        let until = bar.saturating_add(orders.valid.unwrap_or(1).max(1));
        (known(&orders.stop) && known(&orders.trail)).then_some(Self { side, kind, decided: bar, until })
    }
}

impl Open {
    /// Returns the tighter of stop and trailing stop; NaN where there is neither.
    fn stopped(&self) -> f64 {
        if self.side == Side::Buy { self.stop.max(self.trail) } else { self.stop.min(self.trail) }
    }

    /// Returns the price at which a stop or target is hit in a bar: at the open where that is beyond it already, and else the
    /// stop first.
    fn exit(&self, open: f64, high: f64, low: f64) -> Option<f64> {
        let (against, along) = if self.side == Side::Buy { (low, high) } else { (high, low) };
        let (sign, stop) = (sign(self.side), self.stopped());
        if sign * (open - stop) <= 0.0 || sign * (open - self.target) >= 0.0 {
            return Some(open);
        }
        let stopped = sign * (against - stop) <= 0.0;
        let gained = sign * (along - self.target) >= 0.0;
        if stopped { Some(stop) } else { gained.then_some(self.target) }
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
