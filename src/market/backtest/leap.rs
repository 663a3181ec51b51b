//! Leaps from one bar at which something can happen to the next: what lies between changes nothing but what an account is
//! worth.

use std::ops::Range;

use super::{
    Watch,
    desk::{Desk, Held},
};
use crate::market::{Bits, Book, FillAt, Price, Side};

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
pub(super) struct Cursors {
    entries: [Cursor; 2],
    exits: [Cursor; 2],
}

impl Desk<'_> {
    /// Returns the first bar from this one on at which something may be decided or filled, or the bar behind the last.
    /// What passes before it changes nothing but what the account is worth.
    pub(super) fn next_event(&mut self, book: &Book, from: usize) -> usize {
        if self.entry.is_some() || self.exit.is_some() {
            return from;
        }
        let Some(held) = self.held else { return self.next_entry(book, from, None) };
        let (script, end) = (self.script, self.bars.len());
        let (Some(signals), Some(cursors)) = (script.signals.get(held.owner), self.cursors.get_mut(held.owner)) else {
            return end;
        };
        if held.trails || book.borrows() {
            return from;
        }
        let mut until = end;
        if !book.is_halted() {
            let side = usize::from(held.side == Side::Sell);
            if let Some(cursor) = cursors.exits.get_mut(side) {
                until = until.min(cursor.next(signals.exits(held.side), from));
            }
            let pyramids = script.signals.iter().any(|it| it.orders.pyramid > 0);
            until = until.min(self.next_entry(book, from, (!pyramids).then(|| held.side.opposite())));
            if let Some(most) = signals.orders.max_holding {
                let fills = usize::from(signals.orders.fill == FillAt::NextOpen);
                until = until.min((held.since + most).saturating_sub(fills).max(from));
            }
        }
        let until = self.next_reached(&held, from, until);
        if book.is_leveraged() { self.next_margin(book, from, until) } else { until }
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

    /// Returns the first bar from one to another at whose close equity may be below the maintenance margin.
    fn next_margin(&self, book: &Book, from: usize, until: usize) -> usize {
        let held = book.held(self.instrument);
        let cash = book.account().cash.float() / held.float();
        // Cash and a position of q at a price p are short of the margin m where c + q·p < m·|q|·p: with c / q for c, that
        // is beyond -c / (1 - m) for a long and beyond -c / (1 + m) for a short.
        let margin = book.margin().fraction() * held.0.signum() as f64;
        let level = -cash / (1.0 - margin);
        let sign = if held.0 < 0 { 1.0 } else { -1.0 };
        let room = level - sign * level.abs() * 1e-9;
        let closes = self.bars.close.get(from..until).unwrap_or_default();
        closes.iter().position(|it| sign * (it - room) >= 0.0 || !room.is_finite()).map_or(until, |it| from + it)
    }

    /// Returns the first bar from this one on at which the strategy in force wants to enter on a side, or on either; where
    /// there is none, or nothing is traded any more, the bar behind the last.
    fn next_entry(&mut self, book: &Book, from: usize, side: Option<Side>) -> usize {
        let (end, mut bar) = (self.bars.len(), from);
        while bar < end && !book.is_halted() {
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
    pub(super) fn pass(&mut self, book: &mut Book, bars: Range<usize>, watch: &mut impl Watch) -> usize {
        let series = self.bars;
        let (Some(closes), Some(times)) = (series.close.get(bars.clone()), series.time.get(bars.clone())) else {
            return bars.end;
        };
        let account = book.account();
        let (cash, held) = (account.cash, account.position(0).quantity);
        if held.0 == 0 {
            watch.kept(closes.len(), cash);
        } else if watch.looks() || book.watches_closes() {
            for (bar, (close, time)) in bars.clone().zip(closes.iter().zip(times)) {
                let close = Price::new(*close).unwrap_or_default();
                let worth = cash + held.at(close);
                book.quote(0, close);
                if let Some(breach) = book.mark(*time, worth) {
                    self.react(book, breach, *time, Some((close, self.moment(book, bar, *time))));
                    self.watch(book, bar, *time, close);
                    watch.marked(book.equity());
                    return bar + 1;
                }
                watch.marked(worth);
            }
        }
        if let Some(close) = closes.last() {
            book.quote(0, Price::new(*close).unwrap_or_default());
        }
        bars.end
    }
}
