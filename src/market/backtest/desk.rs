//! A desk that trades one instrument by the decisions of strategies: what it holds, what waits to be filled, and at which
//! bars something can happen at all.

use std::ops::Range;

use rust_decimal::{Decimal, prelude::FromPrimitive as _};

use super::{Script, Setup, Unfit, Watch, price_bar};
use crate::market::{
    BarSeries, Bits, Book, DECIMALS, Exact, FillAt, FillModel, Moment, Numbers, OnBreach, Order, OrderKind, Price,
    PriceBar, Ratio, Reason, Side, Signals, Size, Target, Units,
};

/// A position and what closes it.
#[derive(Clone, Copy, Debug)]
struct Held {
    owner: usize,
    side: Side,
    since: usize,
    stop: Option<Price>,
    target: Option<Price>,
    /// The best price since the entry, and the stop that trails behind it.
    best: Price,
    trail: Option<Price>,
    trails: bool,
    added: usize,
}

/// An entry that waits for its fill.
#[derive(Clone, Copy, Debug)]
struct Entry {
    owner: usize,
    order: Order,
    stop: Option<i64>,
    target: Option<i64>,
    trail: Option<i64>,
}

/// How much an entry buys: the size of a strategy in what the account counts in.
#[derive(Clone, Copy, Debug)]
enum Stake {
    Share(Ratio),
    Risk(Ratio),
    Notional(Exact),
    Shares(Units),
}

impl Stake {
    /// Reads a size; none where it is no number above zero.
    fn of(size: &Size, lot: Units) -> Option<Self> {
        let decimal = |it: f64| Decimal::from_f64(it).filter(|it| *it > Decimal::ZERO);
        match *size {
            Size::EquityShare(it) => share(it).map(Self::Share),
            Size::EquityRisk(it) => share(it).map(Self::Risk),
            Size::Notional(it) => Exact::of(decimal(it)?.round_dp(DECIMALS)).map(Self::Notional),
            Size::Shares(it) => Some(Self::Shares(Units::floor(decimal(it)?, lot))),
        }
    }
}

/// Reads a share of equity; none where it is not above zero.
fn share(it: f64) -> Option<Ratio> {
    Ratio::float(it).filter(|_| it > 0.0)
}

/// What trades.
pub(super) struct Desk<'a> {
    bars: &'a BarSeries,
    script: Script<'a>,
    /// The size of each strategy, where it has a legal one.
    stakes: Vec<Option<Stake>>,
    /// Where each strategy decides next.
    cursors: Vec<Cursors>,
    book: Book,
    held: Option<Held>,
    /// Orders that wait for the next open.
    exit: Option<Reason>,
    entry: Option<Entry>,
}

/// Where a column is true next, so that it is searched once however often that is asked.
#[derive(Clone, Copy, Debug)]
struct Cursor {
    from: usize,
    next: usize,
}

impl Default for Cursor {
    /// Knows of no bar yet.
    fn default() -> Self {
        Self { from: 1, next: 0 }
    }
}

impl Cursor {
    /// Returns the first bar from this one on at which a column is true, or the largest number.
    #[inline]
    fn next(&mut self, column: &Bits, from: usize) -> usize {
        if !(self.from..=self.next).contains(&from) {
            *self = Self { from, next: column.next(from).unwrap_or(usize::MAX) };
        }
        self.next
    }
}

/// The cursors of a strategy: each by side.
#[derive(Clone, Copy, Debug, Default)]
struct Cursors {
    entries: [Cursor; 2],
    exits: [Cursor; 2],
}

/// Returns the price at a distance from another, up or down; none below zero.
fn moved(from: Price, sign: i64, distance: i64) -> Option<Price> {
    from.0.checked_add(sign * distance).filter(|it| *it > 0).map(Price)
}

fn distance(column: Option<&Numbers>, bar: usize) -> Option<i64> {
    Price::distance(*column?.get(bar)?)
}

impl<'a> Desk<'a> {
    /// Returns a desk with the capital that holds nothing.
    pub(super) fn new(bars: &'a BarSeries, script: &Script<'a>, setup: &Setup) -> Result<Self, Unfit> {
        let stakes = script.signals.iter().map(|it| Stake::of(&it.orders.size, setup.model.lot)).collect();
        let (book, cursors) = (setup.book(1)?, vec![Cursors::default(); script.signals.len()]);
        Ok(Self { bars, script: *script, stakes, cursors, book, held: None, exit: None, entry: None })
    }

    /// Trades to the last bar, and returns the broker and at the close of how many bars something was held.
    pub(super) fn run(mut self, watch: &mut impl Watch) -> Result<(Book, usize), Unfit> {
        let (mut exposed, mut bar) = (0, self.script.start);
        loop {
            let next = self.next_event(bar);
            let (from, held) = (bar, self.held.is_some());
            bar = self.pass(from..next, watch);
            exposed += usize::from(held) * (bar - from);
            let close = self.bars.close.get(bar).and_then(|it| Price::new(*it));
            let (Some(time), Some(close)) = (self.bars.time.get(bar), close) else {
                return Ok((self.book, exposed));
            };
            if self.meets_prices() {
                let prices = price_bar(self.bars, bar)?;
                let moment = Moment { time: *time, bar, volume: prices.volume };
                self.at_open(&prices, &moment);
                self.within(&prices, &moment);
            }
            self.book.quote(0, close);
            self.at_close(bar, *time, close);
            watch.marked(self.book.equity());
            exposed += usize::from(self.held.is_some());
            bar += 1;
        }
    }

    /// Says whether the prices within a bar matter: something fills at its open, or may be reached in it.
    fn meets_prices(&self) -> bool {
        let bracket = |it: &Held| it.stop.is_some() || it.target.is_some() || it.trails;
        self.entry.is_some() || self.exit.is_some() || self.held.as_ref().is_some_and(bracket)
    }

    /// Returns the first bar from this one on at which something may be decided or filled, or the bar behind the last.
    /// What passes before it changes nothing but what the account is worth.
    fn next_event(&mut self, from: usize) -> usize {
        if self.entry.is_some() || self.exit.is_some() {
            return from;
        }
        let Some(held) = self.held else { return self.next_entry(from, None) };
        let (script, end) = (self.script, self.bars.len());
        let (Some(signals), Some(cursors)) = (script.signals.get(held.owner), self.cursors.get_mut(held.owner)) else {
            return end;
        };
        if held.trails {
            return from;
        }
        let mut until = end;
        if !self.book.is_halted() {
            let side = usize::from(held.side == Side::Sell);
            if let Some(cursor) = cursors.exits.get_mut(side) {
                until = until.min(cursor.next(signals.exits(held.side), from));
            }
            let pyramids = script.signals.iter().any(|it| it.orders.pyramid > 0);
            until = until.min(self.next_entry(from, (!pyramids).then(|| held.side.opposite())));
            if let Some(most) = signals.orders.max_holding {
                let fills = usize::from(signals.orders.fill == FillAt::NextOpen);
                until = until.min((held.since + most).saturating_sub(fills).max(from));
            }
        }
        self.next_reached(&held, from, until)
    }

    /// Returns the first bar from one to another whose prices may reach the stop or the target.
    fn next_reached(&self, held: &Held, from: usize, until: usize) -> usize {
        // Prices are compared as they came, with room for their rounding; what is found is looked at exactly.
        let within = |level: Option<Price>, slack: f64| level.map(|it| it.float() * (1.0 + slack));
        let (below, above) = if held.side == Side::Buy { (held.stop, held.target) } else { (held.target, held.stop) };
        let (low, high) = (self.bars.low.get(from..until), self.bars.high.get(from..until));
        let reaches = |prices: Option<&[f64]>, level: Option<f64>, sign: f64| {
            let (prices, level) = (prices?, level?);
            prices.iter().position(|it| sign * (it - level) >= 0.0 || it.is_nan())
        };
        let down = reaches(low, within(below, 1e-9), -1.0).unwrap_or(until - from);
        let up = reaches(high.and_then(|it| it.get(..down)), within(above, -1e-9), 1.0);
        from + up.unwrap_or(down)
    }

    /// Returns the first bar from this one on at which the strategy in force wants to enter on a side, or on either; where
    /// there is none, or nothing is traded any more, the bar behind the last.
    fn next_entry(&mut self, from: usize, side: Option<Side>) -> usize {
        let (end, mut bar) = (self.bars.len(), from);
        while bar < end && !self.book.is_halted() {
            let turn = self.script.turns.partition_point(|it| it.0 <= bar);
            let until = self.script.turns.get(turn).map_or(end, |it| it.0.min(end));
            let owner = turn.checked_sub(1).and_then(|it| self.script.turns.get(it)).map(|it| it.1);
            let signals = owner.and_then(|it| self.script.signals.get(it));
            if let (Some(signals), Some(cursors)) = (signals, owner.and_then(|it| self.cursors.get_mut(it))) {
                let first = signals.warmup.max(bar);
                let sides = [Side::Buy, Side::Sell].into_iter().zip(&mut cursors.entries);
                let sides = sides.filter(|(it, _)| side.is_none_or(|side| side == *it));
                let found = sides.map(|(it, cursor)| cursor.next(signals.entries(it), first)).min();
                if let Some(found) = found.filter(|it| *it < until) {
                    return found;
                }
            }
            bar = until;
        }
        end
    }

    /// Marks what is held at the closes of these bars, between which nothing is decided or filled, and returns the bar
    /// behind them; where a limit on losses is breached, the bar behind that.
    fn pass(&mut self, bars: Range<usize>, watch: &mut impl Watch) -> usize {
        let series = self.bars;
        let (Some(closes), Some(times)) = (series.close.get(bars.clone()), series.time.get(bars.clone())) else {
            return bars.end;
        };
        let account = self.book.account();
        let (cash, held) = (account.cash, account.position(0).quantity);
        if held.0 == 0 {
            watch.kept(closes.len(), cash);
        } else if watch.looks() || self.book.watches_losses() {
            for (bar, (close, time)) in bars.clone().zip(closes.iter().zip(times)) {
                let close = Price::new(*close).unwrap_or_default();
                let worth = cash + held.at(close);
                if let Some(breach) = self.book.mark(*time, worth) {
                    self.book.quote(0, close);
                    self.react(breach, close, &self.moment(bar, *time));
                    watch.marked(self.book.equity());
                    return bar + 1;
                }
                watch.marked(worth);
            }
        }
        if let Some(close) = closes.last() {
            self.book.quote(0, Price::new(*close).unwrap_or_default());
        }
        bars.end
    }

    fn at_open(&mut self, prices: &PriceBar, moment: &Moment) {
        if let Some(reason) = self.exit {
            self.close(OrderKind::Market, prices.open, reason, moment);
        }
        if let Some(entry) = self.entry.take() {
            self.enter(&entry, prices.open, moment);
        }
    }

    /// Closes the position; what the volume does not take waits for the next open.
    fn close(&mut self, kind: OrderKind, reference: Price, reason: Reason, moment: &Moment) {
        let flat = self.held.is_none() || self.book.close(0, kind, reference, reason, moment);
        self.exit = (!flat).then_some(reason);
        if flat {
            self.held = None;
        }
    }

    fn enter(&mut self, entry: &Entry, reference: Price, moment: &Moment) {
        if self.held.is_some_and(|it| it.side != entry.order.side) {
            return;
        }
        let Some(fill) = self.book.fill(&entry.order, reference, moment) else { return };
        let (side, sign) = (fill.side, fill.side.sign());
        let at = |sign: i64, distance: Option<i64>| distance.and_then(|it| moved(fill.price, sign, it));
        let (stop, target, trail) = (at(-sign, entry.stop), at(sign, entry.target), at(-sign, entry.trail));
        let (owner, since, best) = (entry.owner, moment.bar, fill.price);
        let trails = self.script.signals.get(owner).is_some_and(|it| it.orders.trail.is_some());
        let fresh = Held { owner, side, since, stop, target, best, trail, trails, added: 0 };
        // An addition takes the whole position to its own stop and target.
        let added = |held: Held| Held { stop, target, added: held.added + 1, ..held };
        self.held = Some(self.held.map_or(fresh, added));
    }

    /// Meets stop, trailing stop and target within a bar. Where both a stop and the target lie in it the stop is first,
    /// since bars do not say which was; only a target that the open is already beyond is first for certain.
    fn within(&mut self, prices: &PriceBar, moment: &Moment) {
        let Some(mut held) = self.held else { return };
        let side = held.side.opposite();
        let sign = held.side.sign();
        let tighter = |a: Price, b: Price| sign * a.0 > sign * b.0;
        let stop = match (held.stop, held.trail) {
            (Some(stop), Some(trail)) if tighter(trail, stop) => Some((trail, Reason::TrailingStop)),
            (Some(stop), _) => Some((stop, Reason::Stop)),
            (None, trail) => trail.map(|it| (it, Reason::TrailingStop)),
        };
        let reached = |kind, reason| FillModel::reached(kind, side, prices).map(|at| (kind, at, reason));
        let stopped = stop.and_then(|(level, reason)| reached(OrderKind::Stop(level), reason));
        let gained = held.target.and_then(|level| reached(OrderKind::Limit(level), Reason::Target));
        let first = match (stopped, gained) {
            (Some(stop), Some(target)) if target.1 == prices.open && stop.1 != prices.open => Some(target),
            (Some(stop), _) => Some(stop),
            (None, target) => target,
        };
        if let Some((kind, reference, reason)) = first {
            self.close(kind, reference, reason, moment);
            return;
        }
        held.best = if sign > 0 { held.best.max(prices.high) } else { held.best.min(prices.low) };
        let trail = self.script.signals.get(held.owner).and_then(|it| it.orders.trail.as_ref());
        if let Some(level) = distance(trail, moment.bar).and_then(|it| moved(held.best, -sign, it)) {
            held.trail = Some(held.trail.filter(|it| tighter(*it, level)).unwrap_or(level));
        }
        self.held = Some(held);
    }

    fn at_close(&mut self, bar: usize, time: i64, close: Price) {
        if let Some(breach) = self.book.mark(time, self.book.equity()) {
            self.react(breach, close, &self.moment(bar, time));
        }
        // A rest that the volume did not take goes on to be closed; nothing else is decided meanwhile.
        if self.exit.is_some() || self.book.is_halted() {
            return;
        }
        self.decide(bar, time, close);
    }

    /// Does what a breach of a limit on losses asks for.
    fn react(&mut self, breach: OnBreach, close: Price, moment: &Moment) {
        match breach {
            OnBreach::FlattenAndHalt => {
                self.exit = self.held.is_some().then_some(Reason::Limit);
                let fills_now = self.held.and_then(|it| self.script.signals.get(it.owner)).map(|it| it.orders.fill);
                if fills_now == Some(FillAt::Close) {
                    self.close(OrderKind::Market, close, Reason::Limit, moment);
                }
            }
            OnBreach::Halt => self.exit = None,
            OnBreach::Refuse => {}
        }
    }

    fn moment(&self, bar: usize, time: i64) -> Moment {
        Moment { time, bar, volume: self.bars.volume.get(bar).copied().unwrap_or_default() }
    }

    /// Says whether any strategy says anything at a bar, or a position has been held for long enough.
    #[inline]
    fn is_told(&self, bar: usize) -> bool {
        let says = |it: &Signals| {
            it.enter_long.get(bar) | it.exit_long.get(bar) | it.enter_short.get(bar) | it.exit_short.get(bar)
        };
        self.script.signals.iter().any(|it| says(it) || it.orders.max_holding.is_some())
    }

    fn decide(&mut self, bar: usize, time: i64, close: Price) {
        if !self.is_told(bar) {
            return;
        }
        let leaves = self.held.and_then(|it| self.leaves(&it, bar));
        let turn = self.script.turns.partition_point(|it| it.0 <= bar).checked_sub(1);
        let in_force = turn.and_then(|it| self.script.turns.get(it)).map(|it| it.1);
        let wanted = in_force.and_then(|owner| Some((owner, self.wanted(owner, bar)?)));
        let mut fill = self.held.and_then(|it| self.script.signals.get(it.owner)).map(|it| it.orders.fill);
        let (mut exit, mut entry) = (leaves, None);
        if let Some((owner, side)) = wanted {
            let signals = self.script.signals.get(owner);
            let adds = self.held.filter(|it| it.side == side && leaves.is_none());
            let may = adds.is_none_or(|it| it.owner == owner && signals.is_some_and(|s| it.added < s.orders.pyramid));
            if may {
                if exit.is_none() && self.held.is_some_and(|it| it.side != side) {
                    exit = Some(Reason::Reversal);
                }
                let held = if exit.is_some() { Units(0) } else { self.book.held(0) };
                entry = self.sized(owner, side, bar, time, held);
                fill = signals.map(|it| it.orders.fill).or(fill);
            }
        }
        if exit.is_none() && entry.is_none() {
            return;
        }
        if fill == Some(FillAt::Close) {
            let moment = self.moment(bar, time);
            if let Some(reason) = exit {
                self.close(OrderKind::Market, close, reason, &moment);
            }
            if let Some(entry) = entry {
                self.enter(&entry, close, &moment);
            }
        } else {
            (self.exit, self.entry) = (exit, entry);
        }
    }

    /// Says why the strategy that opened a position leaves it at this bar, where it does.
    fn leaves(&self, held: &Held, bar: usize) -> Option<Reason> {
        let signals = self.script.signals.get(held.owner)?;
        if signals.exits(held.side).get(bar) {
            return Some(Reason::Signal);
        }
        let fills = bar + usize::from(signals.orders.fill == FillAt::NextOpen);
        signals.orders.max_holding.filter(|most| fills - held.since >= *most).map(|_| Reason::MaxHolding)
    }

    /// Returns the side that a strategy would enter at this bar; none where it would enter both, or leave at once.
    #[inline]
    fn wanted(&self, owner: usize, bar: usize) -> Option<Side> {
        let signals = self.script.signals.get(owner).filter(|it| bar >= it.warmup)?;
        match (signals.enter_long.get(bar), signals.enter_short.get(bar)) {
            (true, false) => (!signals.exit_long.get(bar)).then_some(Side::Buy),
            (false, true) => (!signals.exit_short.get(bar)).then_some(Side::Sell),
            _ => None,
        }
    }

    /// Returns the entry of a strategy at this bar, as large as its size and the limits make it.
    fn sized(&mut self, owner: usize, side: Side, bar: usize, time: i64, held: Units) -> Option<Entry> {
        let orders = &self.script.signals.get(owner)?.orders;
        let stop = distance(orders.stop.as_ref(), bar);
        let trail = distance(orders.trail.as_ref(), bar);
        // An entry whose stop cannot be known is not made without it.
        if (orders.stop.is_some() && stop.is_none()) || (orders.trail.is_some() && trail.is_none()) {
            return None;
        }
        let target = match &orders.target {
            Some(Target::Risk(times)) => stop.and_then(|it| Price::distance(Price(it).float() * times)),
            Some(Target::Distance(column)) => distance(Some(column), bar),
            None => None,
        };
        let equity = self.book.equity();
        let stake = match self.script.shares {
            Some(shares) => Stake::Share(share(*shares.get(bar)?)?),
            None => (*self.stakes.get(owner)?)?,
        };
        let quantity = match stake {
            Stake::Share(share) => self.book.lots(0, equity.times(share)),
            Stake::Risk(share) => equity.times(share).buys(Price(stop?), self.book.model().lot),
            Stake::Notional(amount) => self.book.lots(0, amount),
            Stake::Shares(shares) => shares,
        };
        if quantity.0 == 0 {
            return None;
        }
        let order = Order { instrument: 0, side, quantity, kind: OrderKind::Market, reason: Reason::Entry };
        let order = self.book.permit(order, held, Exact::ZERO, time)?;
        Some(Entry { owner, order, stop, target, trail })
    }
}
