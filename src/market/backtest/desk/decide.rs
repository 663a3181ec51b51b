//! What a desk decides at the close of a bar: to leave, to enter, and with how much.

use super::{Desk, Entry, Held};
use crate::market::{
    Book, EntryReason, Exact, FillAt, Numbers, Order, OrderId, OrderKind, Price, Reason, Side, Signals, Stake, Target,
    Units,
};

/// Returns the distance that a column has at a bar, where it has one.
pub(super) fn distance(column: Option<&Numbers>, bar: usize) -> Option<i64> {
    Price::distance(*column?.get(bar)?)
}

impl Desk<'_> {
    /// Says whether any strategy says anything at a bar, or a position has been held for long enough.
    #[inline]
    fn is_told(&self, bar: usize) -> bool {
        let says = |it: &Signals| {
            it.enter_long.get(bar) | it.exit_long.get(bar) | it.enter_short.get(bar) | it.exit_short.get(bar)
        };
        self.script.signals.iter().any(|it| says(it) || it.orders.max_holding.is_some())
    }

    pub(super) fn decide(&mut self, book: &mut Book, bar: usize, time: i64, close: Price, others: Exact) {
        if !self.is_told(bar) {
            return;
        }
        let leaves = self.held.and_then(|it| self.leaves(&it, bar));
        let turn = self.script.turns.partition_point(|it| it.0 <= bar).checked_sub(1);
        let in_force = turn.and_then(|it| self.script.turns.get(it)).map(|it| it.1);
        let wanted = in_force.and_then(|owner| Some((owner, self.wanted(owner, bar)?)));
        let mut fill = self.held.and_then(|it| self.script.signals.get(it.owner)).map(|it| it.orders.fill);
        let (mut exit, mut entry) = (leaves, None);
        if self.entry.is_some_and(|it| self.gives_up(&it, bar)) {
            self.withdraw(book, time, "the strategy leaves that side");
        }
        if let Some((owner, side)) = wanted {
            let signals = self.script.signals.get(owner);
            let adds = self.held.filter(|it| it.side == side && leaves.is_none());
            let may = adds.is_none_or(|it| it.owner == owner && signals.is_some_and(|s| it.added < s.orders.pyramid));
            if may {
                if exit.is_none() && self.held.is_some_and(|it| it.side != side) {
                    exit = Some(Reason::Reversal);
                }
                let held = if exit.is_some() { Units(0) } else { book.held(self.instrument) };
                self.withdraw(book, time, "a newer decision replaces it");
                entry = self.sized(book, owner, side, bar, time, held, others);
                fill = signals.map(|it| it.orders.fill).or(fill);
            }
        }
        if exit.is_none() && entry.is_none() {
            return;
        }
        let exit = exit.and_then(|reason| self.leaving(book, reason, time));
        if fill != Some(FillAt::Close) {
            (self.exit, self.entry) = (exit, entry.or(self.entry));
            return;
        }
        let moment = self.moment(book, bar, time);
        if let Some(order) = exit {
            self.close(book, order, close, &moment);
        }
        match entry {
            Some(entry) if entry.order.kind == OrderKind::Market => self.enter(book, entry, close, &moment),
            Some(entry) => self.entry = Some(entry),
            None => {}
        }
    }

    /// Says whether the strategy of a waiting entry leaves its side at this bar.
    fn gives_up(&self, entry: &Entry, bar: usize) -> bool {
        let signals = self.script.signals.get(entry.owner);
        signals.is_some_and(|it| it.exits(entry.order.side).get(bar))
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
    #[expect(clippy::too_many_arguments, reason = "a decision is all of these")]
    fn sized(
        &self,
        book: &mut Book,
        owner: usize,
        side: Side,
        bar: usize,
        time: i64,
        held: Units,
        others: Exact,
    ) -> Option<Entry> {
        let signals = self.script.signals.get(owner)?;
        let orders = &signals.orders;
        let stop = distance(orders.stop.as_ref(), bar);
        let trail = distance(orders.trail.as_ref(), bar);
        // An entry whose stop cannot be known is not made without it.
        if (orders.stop.is_some() && stop.is_none()) || (orders.trail.is_some() && trail.is_none()) {
            return None;
        }
        // What is risked is the way to the stop, which follows from the start where there is only one that trails.
        let risk = stop.or(trail);
        let target = match &orders.target {
            Some(Target::Risk(times)) => risk.and_then(|it| Price::distance(Price(it).float() * times)),
            Some(Target::Distance(column)) => distance(Some(column), bar),
            None => None,
        };
        let kind = orders.waits(side).kind(bar)?;
        let equity = book.equity().times(self.share);
        let stake = match self.script.shares {
            Some(shares) => Stake::share(*shares.get(bar)?)?,
            None => (*self.stakes.get(owner)?)?,
        };
        let price = kind.price().or(book.last(self.instrument))?;
        let quantity = stake.buys(equity, price, risk, book.model().lot)?;
        if quantity.0 == 0 {
            return None;
        }
        let (instrument, reason, id) = (self.instrument, Reason::Entry, OrderId::default());
        let order = Order { instrument, side, quantity, kind, reason, id };
        let given = book.permit(order, held, others, time, time);
        if let Some(order) = book.ledger().last() {
            let rule = signals.rule(side, bar).map(|it| it.text.clone());
            book.explain(EntryReason { order, rule, equity, stake, price, stop: risk });
        }
        let fills_now = kind == OrderKind::Market && orders.fill == FillAt::Close;
        let until = bar.saturating_add(orders.valid.unwrap_or(1).max(1)) - usize::from(fills_now);
        let (adds, opened, used) = (held.0 != 0, false, None);
        Some(Entry { owner, order: given?, stop, target, trail, until, adds, opened, used })
    }
}
