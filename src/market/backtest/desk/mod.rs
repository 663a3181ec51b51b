//! A desk that trades one instrument of an account by the decisions of strategies: what it holds, and what waits to be
//! filled.

mod decide;

use decide::distance;

use super::{Script, Setup, Unfit, Watch, leap::Cursors, price_bar};
use crate::market::{
    BarSeries, Book, Exact, Fate, FillAt, FillModel, Moment, OnBreach, Order, OrderId, OrderKind, Price, PriceBar,
    Ratio, Reason, Side, Stake, Units,
};

/// A position and what closes it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Held {
    pub(super) owner: usize,
    pub(super) side: Side,
    pub(super) since: usize,
    pub(super) stop: Option<Price>,
    pub(super) target: Option<Price>,
    /// The best price since the entry, and the stop that trails behind it.
    best: Price,
    trail: Option<Price>,
    pub(super) trails: bool,
    added: usize,
    /// The orders of stop and target: what fills one of them cancels the other.
    bracket: [OrderId; 2],
}

/// An entry that waits for its fill.
#[derive(Clone, Copy, Debug)]
pub(super) struct Entry {
    owner: usize,
    order: Order,
    stop: Option<i64>,
    target: Option<i64>,
    trail: Option<i64>,
    /// The last bar at which it may fill.
    until: usize,
    /// Whether it adds to a position.
    adds: bool,
    /// Whether it has filled in part, and the bar whose volume it has used up.
    opened: bool,
    used: Option<usize>,
}

/// What trades.
pub(super) struct Desk<'a> {
    pub(super) bars: &'a BarSeries,
    pub(super) script: Script<'a>,
    /// Which of the account's instruments.
    pub(super) instrument: usize,
    /// The share of the account that it may count as its own.
    share: Ratio,
    /// The size of each strategy, where it has a legal one.
    stakes: Vec<Option<Stake>>,
    /// Where each strategy decides next.
    pub(super) cursors: Vec<Cursors>,
    target_first: bool,
    pub(super) held: Option<Held>,
    /// What waits for the next open, and an entry that may wait for longer.
    pub(super) exit: Option<Order>,
    pub(super) entry: Option<Entry>,
}

/// Returns the price at a distance from another, up or down; none below zero.
fn moved(from: Price, sign: i64, distance: i64) -> Option<Price> {
    from.0.checked_add(sign * distance).filter(|it| *it > 0).map(Price)
}

impl<'a> Desk<'a> {
    /// Returns a desk that holds nothing and trades an instrument with a share of the account.
    pub(super) fn new(
        bars: &'a BarSeries,
        script: &Script<'a>,
        setup: &Setup,
        instrument: usize,
        share: Ratio,
    ) -> Self {
        let stakes = script.signals.iter().map(|it| Stake::of(&it.orders.size, setup.model.lot)).collect();
        let (cursors, target_first) = (vec![Cursors::default(); script.signals.len()], setup.target_first);
        let (held, exit, entry) = (None, None, None);
        Self { bars, script: *script, instrument, share, stakes, cursors, target_first, held, exit, entry }
    }

    /// Trades to the last bar, alone in its account, and returns at the close of how many bars something was held.
    pub(super) fn run(mut self, book: &mut Book, watch: &mut impl Watch) -> Result<usize, Unfit> {
        let (mut exposed, mut bar) = (0, self.script.start);
        loop {
            let next = self.next_event(book, bar);
            let (from, held) = (bar, self.held.is_some());
            bar = self.pass(book, from..next, watch);
            exposed += usize::from(held) * (bar - from);
            let close = self.bars.close.get(bar).and_then(|it| Price::new(*it));
            let (Some(time), Some(close)) = (self.bars.time.get(bar), close) else {
                return Ok(exposed);
            };
            book.settle(*time);
            if self.meets_prices() {
                let prices = price_bar(self.bars, bar)?;
                let moment = self.moment(book, bar, *time);
                self.leave_at_open(book, &prices, &moment);
                self.enter_at_open(book, &prices, &moment);
                self.within(book, &prices, &moment);
            }
            book.quote(0, close);
            self.watch(book, bar, *time, close);
            let called = self.exit.is_some_and(|it| it.reason == Reason::MarginCall);
            if !called && book.calls_margin(*time) {
                self.close_all(book, Reason::MarginCall, *time);
            }
            let traded = book.traded();
            self.at_close(book, bar, *time, close, Exact::ZERO);
            if book.traded() != traded {
                self.watch(book, bar, *time, close);
            }
            watch.marked(book.equity());
            exposed += usize::from(self.held.is_some());
            bar += 1;
        }
    }

    /// Says whether the prices within a bar matter: something fills at its open, or may be reached in it.
    pub(super) fn meets_prices(&self) -> bool {
        let bracket = |it: &Held| it.stop.is_some() || it.target.is_some() || it.trails;
        self.entry.is_some() || self.exit.is_some() || self.held.as_ref().is_some_and(bracket)
    }

    pub(super) fn moment(&self, book: &Book, bar: usize, time: i64) -> Moment {
        let volume = self.bars.volume.get(bar).copied().unwrap_or_default();
        Moment { time, bar, volume, known: book.last(self.instrument).unwrap_or_default() }
    }

    /// Fills at the open what was decided to close the position.
    pub(super) fn leave_at_open(&mut self, book: &mut Book, prices: &PriceBar, moment: &Moment) {
        if let Some(order) = self.exit {
            self.close(book, order, prices.open, moment);
        }
    }

    /// Fills at the open an entry that takes it.
    pub(super) fn enter_at_open(&mut self, book: &mut Book, prices: &PriceBar, moment: &Moment) {
        let reached = |it: &mut Entry| FillModel::reached(it.order.kind, it.order.side, prices) == Some(prices.open);
        if let Some(entry) = self.entry.take_if(reached) {
            self.enter(book, entry, prices.open, moment);
        }
    }

    /// Closes the position; what the volume does not take waits for the next open.
    fn close(&mut self, book: &mut Book, order: Order, reference: Price, moment: &Moment) {
        let held = book.held(self.instrument).0;
        let order = Order { side: Side::of(held).opposite(), quantity: Units(held.abs()), ..order };
        if let Some(other) = self.exit.take().filter(|it| it.id != order.id) {
            book.end(other.id, Fate::Cancelled, moment.time, "the position was closed by another order");
        }
        if self.held.is_some() {
            book.fill(&order, reference, moment);
        }
        if let Some(entry) = self.entry.take_if(|it| it.adds) {
            book.end(entry.order.id, Fate::Cancelled, moment.time, "the position that it would add to was closed");
        }
        if book.held(self.instrument).0 != 0 {
            self.exit = Some(Order { kind: OrderKind::Market, ..order });
            return;
        }
        for id in self.held.take().map_or([OrderId::default(); 2], |it| it.bracket) {
            book.end(id, Fate::Cancelled, moment.time, "the position was closed by another order");
        }
    }

    /// Fills an entry; what the volume does not take of it works on in later bars.
    fn enter(&mut self, book: &mut Book, entry: Entry, reference: Price, moment: &Moment) {
        let id = entry.order.id;
        if self.held.is_some_and(|it| it.side != entry.order.side) {
            book.end(id, Fate::Cancelled, moment.time, "the position on the other side is still open");
            return;
        }
        let filling = book.fill(&entry.order, reference, moment);
        if filling.rest.0 > 0 && entry.until <= moment.bar {
            book.end(id, Fate::Expired, moment.time, "the volume did not take all of it in time");
        } else if filling.rest.0 > 0 {
            let opened = entry.opened || filling.fill.is_some();
            let order = Order { quantity: filling.rest, kind: entry.order.kind.rest(), ..entry.order };
            self.entry = Some(Entry { order, adds: entry.adds || opened, opened, used: Some(moment.bar), ..entry });
        }
        let Some(fill) = filling.fill else { return };
        let (side, sign) = (fill.side, fill.side.sign());
        let at = |sign: i64, distance: Option<i64>| distance.and_then(|it| moved(fill.price, sign, it));
        let (stop, target, trail) = (at(-sign, entry.stop), at(sign, entry.target), at(-sign, entry.trail));
        let (owner, since, best) = (entry.owner, moment.bar, fill.price);
        let trails = self.script.signals.get(owner).is_some_and(|it| it.orders.trail.is_some());
        let bracket = [OrderId::default(); 2];
        let fresh = Held { owner, side, since, stop, target, best, trail, trails, added: 0, bracket };
        let mut held = match self.held {
            None => fresh,
            // More of the same entry leaves its stop and target where they are.
            Some(held) if entry.opened => held,
            // An addition takes the whole position to its own stop and target.
            Some(held) => Held { stop, target, added: held.added + 1, ..held },
        };
        if book.ledger().is_kept() {
            let instrument = self.instrument;
            let (side, quantity) = (side.opposite(), Units(book.held(instrument).0.abs()));
            for id in held.bracket {
                book.end(id, Fate::Cancelled, moment.time, "the position was added to");
            }
            let mut give = |kind: Option<OrderKind>, reason: Reason| {
                let order = Order { instrument, side, quantity, kind: kind?, reason, id: OrderId::default() };
                Some(book.give(order, fill.order, moment.time).id)
            };
            let (level, reason) = held.stopped().unzip();
            let stop = give(level.map(OrderKind::Stop), reason.unwrap_or(Reason::Stop));
            let target = give(target.map(OrderKind::Limit), Reason::Target);
            held.bracket = [stop, target].map(Option::unwrap_or_default);
        }
        self.held = Some(held);
    }

    /// Meets stop, trailing stop, target and a waiting entry within a bar. Where both a stop and the target lie in it the
    /// stop is first, since bars do not say which was; only a target that the open is already beyond is first for certain.
    /// An entry that fills within the bar may meet its stop in it, at its price, and its target only in the next one.
    pub(super) fn within(&mut self, book: &mut Book, prices: &PriceBar, moment: &Moment) {
        // What the volume did not take of an exit has the next one; nothing else closes the position meanwhile.
        let met = self.held.filter(|_| self.exit.is_none()).and_then(|it| self.met(&it, prices));
        let first = met.filter(|it| self.entry.is_none() || it.1 == prices.open);
        if let Some((order, at)) = first {
            self.close(book, order, at, moment);
        }
        if self.entry.is_some() && self.enter_within(book, prices, moment) {
            return;
        }
        match met {
            Some((order, at)) if first.is_none() => self.close(book, order, at, moment),
            Some(_) => {}
            None => self.follow(prices.high, prices.low, moment.bar),
        }
    }

    /// Fills a waiting entry whose price lies within the bar, and says whether it did.
    fn enter_within(&mut self, book: &mut Book, prices: &PriceBar, moment: &Moment) -> bool {
        let Some(mut entry) = self.entry.take_if(|it| it.used != Some(moment.bar)) else { return false };
        let (kind, side) = (entry.order.kind, entry.order.side);
        let Some(at) = FillModel::reached(kind, side, prices) else {
            entry.order.kind = FillModel::after(kind, side, prices);
            self.entry = Some(entry);
            return false;
        };
        let before = book.held(self.instrument);
        self.enter(book, entry, at, moment);
        let Some(held) = self.held.filter(|_| book.held(self.instrument) != before) else { return false };
        let far = if side == Side::Buy { prices.low } else { prices.high };
        match held.stopped().filter(|(level, _)| side.sign() * far.0 <= side.sign() * level.0) {
            Some((level, reason)) => {
                let order = self.bracket(&held, OrderKind::Stop(level), reason);
                self.close(book, order, level, moment);
            }
            // Of this bar only its close is known to be later than the entry.
            None => self.follow(prices.close, prices.close, moment.bar),
        }
        true
    }

    /// Returns the order of the bracket that a bar reaches first, and where.
    fn met(&self, held: &Held, prices: &PriceBar) -> Option<(Order, Price)> {
        let side = held.side.opposite();
        let reached = |kind, reason| FillModel::reached(kind, side, prices).map(|at| (kind, at, reason));
        let stopped = held.stopped().and_then(|(level, reason)| reached(OrderKind::Stop(level), reason));
        let gained = held.target.and_then(|level| reached(OrderKind::Limit(level), Reason::Target));
        let (kind, at, reason) = match (stopped, gained) {
            (Some(stop), Some(target)) if stop.1 != prices.open && (target.1 == prices.open || self.target_first) => {
                target
            }
            (Some(stop), _) => stop,
            (None, target) => target?,
        };
        Some((self.bracket(held, kind, reason), at))
    }

    fn bracket(&self, held: &Held, kind: OrderKind, reason: Reason) -> Order {
        let [stop, target] = held.bracket;
        let id = if reason == Reason::Target { target } else { stop };
        Order { instrument: self.instrument, side: held.side.opposite(), quantity: Units(0), kind, reason, id }
    }

    /// Draws the trailing stop after the best price of a bar.
    fn follow(&mut self, high: Price, low: Price, bar: usize) {
        let Some(held) = &mut self.held else { return };
        let sign = held.side.sign();
        held.best = if sign > 0 { held.best.max(high) } else { held.best.min(low) };
        let trail = self.script.signals.get(held.owner).and_then(|it| it.orders.trail.as_ref());
        if let Some(level) = distance(trail, bar).and_then(|it| moved(held.best, -sign, it)) {
            held.trail = Some(held.trail.filter(|it| sign * it.0 > sign * level.0).unwrap_or(level));
        }
    }

    /// Decides at the close of a bar; `others` is what the account's other instruments will be worth, longs and shorts
    /// added.
    pub(super) fn at_close(&mut self, book: &mut Book, bar: usize, time: i64, close: Price, others: Exact) {
        if let Some(entry) = self.entry.take_if(|it| it.until <= bar) {
            book.end(entry.order.id, Fate::Expired, time, "its price was not reached in time");
        }
        // A rest that the volume did not take goes on to be closed; nothing else is decided meanwhile.
        if self.exit.is_some() || book.is_halted() {
            return;
        }
        self.decide(book, bar, time, close, others);
    }

    /// Has a close held against the limits, and does what that asks for; what it trades at that close may breach another one.
    pub(super) fn watch(&mut self, book: &mut Book, bar: usize, time: i64, close: Price) {
        while let Some(breach) = book.mark(time, book.equity()) {
            self.react(book, breach, time, Some((close, self.moment(book, bar, time))));
        }
    }

    /// Does what a breach of a limit on losses asks for.
    /// Where this instrument has a close now, what fills at closes is closed at it.
    pub(super) fn react(&mut self, book: &mut Book, breach: OnBreach, time: i64, close: Option<(Price, Moment)>) {
        self.withdraw(book, time, "a limit on losses was breached");
        match breach {
            OnBreach::FlattenAndHalt => {
                self.close_all(book, Reason::Limit, time);
                let fills_now = self.held.and_then(|it| self.script.signals.get(it.owner)).map(|it| it.orders.fill);
                let now = close.filter(|_| fills_now == Some(FillAt::Close));
                if let (Some(order), Some((close, moment))) = (self.exit, now) {
                    self.close(book, order, close, &moment);
                }
            }
            OnBreach::Halt => {
                // A stop or a target that has begun to fill goes on, as those that have not stay in force.
                let decided =
                    |it: &mut Order| !matches!(it.reason, Reason::Stop | Reason::TrailingStop | Reason::Target);
                if let Some(order) = self.exit.take_if(decided) {
                    book.end(order.id, Fate::Cancelled, time, "trading was halted");
                }
            }
            OnBreach::Refuse => {}
        }
    }

    /// Has the position closed at the next open, whatever strategies say.
    pub(super) fn close_all(&mut self, book: &mut Book, reason: Reason, time: i64) {
        self.withdraw(book, time, "every position is to be closed");
        if self.exit.is_none() {
            self.exit = self.leaving(book, reason, time);
        }
    }

    /// Withdraws an entry that waits.
    fn withdraw(&mut self, book: &mut Book, time: i64, why: &str) {
        if let Some(entry) = self.entry.take() {
            book.end(entry.order.id, Fate::Cancelled, time, why);
        }
    }

    /// Gives the order that closes what is held at the next open.
    fn leaving(&self, book: &mut Book, reason: Reason, time: i64) -> Option<Order> {
        let held = self.held?;
        let (side, quantity) = (held.side.opposite(), Units(book.held(self.instrument).0.abs()));
        let (kind, id) = (OrderKind::Market, OrderId::default());
        let order = Order { instrument: self.instrument, side, quantity, kind, reason, id };
        Some(book.give(order, OrderId::default(), time))
    }

    /// Returns what this desk will hold once what waits is filled, at the last price.
    pub(super) fn committed(&self, book: &Book) -> Exact {
        let price = book.last(self.instrument).unwrap_or_default();
        let held = if self.exit.is_some() { Units(0) } else { Units(book.held(self.instrument).0.abs()) };
        let waits = self.entry.map_or(Units(0), |it| it.order.quantity);
        held.at(price) + waits.at(price)
    }
}

impl Held {
    /// Returns the tighter of stop and trailing stop.
    fn stopped(&self) -> Option<(Price, Reason)> {
        let sign = self.side.sign();
        match (self.stop, self.trail) {
            (Some(stop), Some(trail)) if sign * trail.0 > sign * stop.0 => Some((trail, Reason::TrailingStop)),
            (Some(stop), _) => Some((stop, Reason::Stop)),
            (None, trail) => trail.map(|it| (it, Reason::TrailingStop)),
        }
    }
}
