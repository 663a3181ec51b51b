//! Several instruments in one account, held at target weights.

use super::{Outcome, Setup, Unfit, price_bar};
use crate::market::{
    BarSeries, Book, Exact, Fate, Moment, OnBreach, Order, OrderId, OrderKind, PriceBar, Ratio, Reason, Side, TargetAt,
    TargetSeries, Units,
};

/// One instrument's bars, read along with the others'.
struct Track<'a> {
    bars: &'a BarSeries,
    next: usize,
    /// What is to be held from its next bar on, where that was decided.
    wanted: Option<Units>,
    reason: Reason,
    /// The orders that close and open what it takes.
    orders: [OrderId; 2],
}

/// Replays targets over the bars of their instruments, all in one account.
///
/// Time goes over every time at which any instrument has a bar. Weights decided at a close are orders for each instrument's
/// next open: first what closes, then what opens. An instrument without a bar at a time does not fill and keeps its price.
///
/// # Errors
/// No bars or weights, a price that is none, or a capital that is no sum to trade with.
pub fn run_targets(targets: &TargetSeries, setup: &Setup) -> Result<Outcome, Unfit> {
    let names = || targets.symbols.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    let Some(first) = targets.entries.first() else {
        return Err(Unfit::NoBars(names(), "the targets have no entry".into()));
    };
    let mut tracks: Vec<_> = targets.bars.iter().map(|bars| Track::new(bars, first.time)).collect();
    let mut book = setup.book(tracks.len())?;
    let band = Ratio::of(targets.band.0).unwrap_or(Ratio::NOTHING);
    let (mut times, mut equity, mut exposed, mut entry) = (Vec::new(), Vec::new(), 0, 0);
    for (instrument, track) in tracks.iter().enumerate() {
        // What was last traded before the first entry is a price that it may be decided on.
        if let Some(before) = track.next.checked_sub(1) {
            book.quote(instrument, price_bar(track.bars, before)?.close);
        }
    }
    while let Some(time) = tracks.iter().filter_map(Track::time).min() {
        book.settle(time);
        let mut today: Vec<(usize, PriceBar, Moment)> = Vec::with_capacity(tracks.len());
        for (instrument, track) in tracks.iter_mut().enumerate() {
            if track.time() == Some(time) {
                let prices = price_bar(track.bars, track.next)?;
                let known = book.last(instrument).unwrap_or_default();
                book.quote(instrument, prices.open);
                today.push((instrument, prices, Moment { time, bar: track.next, volume: prices.volume, known }));
                track.next += 1;
            }
        }
        for (instrument, prices, moment) in &today {
            if let Some(track) = tracks.get(*instrument) {
                track.close(*instrument, &mut book, prices, moment);
            }
        }
        for (instrument, prices, moment) in &today {
            if let Some(track) = tracks.get_mut(*instrument) {
                track.open(*instrument, &mut book, prices, moment);
            }
        }
        for (instrument, prices, _) in &today {
            book.quote(*instrument, prices.close);
        }
        match book.mark(time, book.equity()) {
            Some(OnBreach::FlattenAndHalt) => leave_all(&mut tracks, &mut book, Reason::Limit, time),
            Some(OnBreach::Halt) => {
                tracks.iter_mut().for_each(|it| it.withdraw(&mut book, time, "trading was halted"));
            }
            Some(OnBreach::Refuse) | None => {}
        }
        let is_called = |it: &Track<'_>| it.wanted.is_some() && it.reason == Reason::MarginCall;
        let called = tracks.iter().any(is_called) || book.calls_margin(time);
        if called && !tracks.iter().any(is_called) {
            leave_all(&mut tracks, &mut book, Reason::MarginCall, time);
        }
        let due = targets.entries.get(entry..).unwrap_or_default().iter().take_while(|it| it.time <= time).count();
        if due > 0 && !book.is_halted() {
            entry += due;
            if let Some(latest) = targets.entries.get(entry - 1).filter(|_| !called) {
                decide(latest, band, &mut tracks, &mut book, time);
            }
        }
        times.push(time);
        equity.push(book.equity());
        exposed += usize::from(book.account().positions.iter().any(|it| !it.is_flat()));
    }
    if times.is_empty() {
        return Err(Unfit::NoBars(names(), "none is at or after the first entry of the targets".into()));
    }
    Ok(Outcome { book, times: times.into(), equity, exposed })
}

/// Has everything closed at the next opens.
fn leave_all(tracks: &mut [Track<'_>], book: &mut Book, reason: Reason, time: i64) {
    for (instrument, track) in tracks.iter_mut().enumerate() {
        track.withdraw(book, time, "every position is to be closed");
        if book.held(instrument).0 != 0 {
            track.want(instrument, Units(0), reason, book, time);
        }
    }
}

/// Turns weights into what is to be held of each instrument, as the limits allow it.
///
/// What is no further from its weight than the band is kept as it is, save what is entered or left.
fn decide(entry: &TargetAt, band: Ratio, tracks: &mut [Track<'_>], book: &mut Book, time: i64) {
    let equity = book.equity();
    let plan = entry.weights.iter().enumerate().map(|(instrument, weight)| {
        let sign = if *weight < 0.0 { -1 } else { 1 };
        let notional = Ratio::float(weight.abs()).map_or(Exact::ZERO, |it| equity.times(it));
        let (held, wanted) = (book.held(instrument), Units(sign * book.lots(instrument, notional).0));
        let worth = held.at(book.last(instrument).unwrap_or_default()).abs();
        let keeps = held.0.signum() == wanted.0.signum() && (worth - notional).abs() <= equity.times(band);
        (held, if keeps && !band.is_zero() { held } else { wanted })
    });
    let plan: Vec<_> = plan.collect();
    // What closes is always allowed; what is added to one side is held against the limits, with what the others keep.
    let kept = |(held, wanted): &(Units, Units)| {
        if held.0.signum() == wanted.0.signum() { held.0.signum() * held.0.abs().min(wanted.0.abs()) } else { 0 }
    };
    let worth = |instrument: usize, quantity: i64, book: &Book| {
        book.last(instrument).map_or(Exact::ZERO, |it| Units(quantity.abs()).at(it))
    };
    let kept_worth = plan.iter().enumerate().map(|(instrument, it)| worth(instrument, kept(it), book));
    let mut gross = kept_worth.fold(Exact::ZERO, |sum, it| sum + it);
    for ((instrument, track), both) in tracks.iter_mut().enumerate().zip(&plan) {
        let (held, wanted) = *both;
        let (keeps, side) = (kept(both), Side::of(wanted.0));
        let adds = Units(wanted.0.abs() - keeps.abs());
        let (mut allowed, mut opens) = (keeps, OrderId::default());
        track.withdraw(book, time, "newer weights replace it");
        if adds.0 > 0 {
            let (kind, reason, id) = (OrderKind::Market, Reason::Rebalance, OrderId::default());
            let order = Order { instrument, side, quantity: adds, kind, reason, id };
            let others = gross - worth(instrument, keeps, book);
            let given = book.permit(order, Units(keeps), others, time, track.quoted());
            let added = given.map_or(0, |it| it.quantity.0);
            gross += worth(instrument, added, book);
            allowed += side.sign() * added;
            opens = given.map_or(opens, |it| it.id);
        }
        if allowed != held.0 {
            track.want(instrument, Units(allowed), Reason::Rebalance, book, time);
        }
        track.orders[1] = opens;
    }
}

impl<'a> Track<'a> {
    fn new(bars: &'a BarSeries, start: i64) -> Self {
        let next = bars.time.partition_point(|it| *it < start);
        Self { bars, next, wanted: None, reason: Reason::Rebalance, orders: [OrderId::default(); 2] }
    }

    fn time(&self) -> Option<i64> {
        self.bars.time.get(self.next).copied()
    }

    /// Returns when its last bar was.
    fn quoted(&self) -> i64 {
        self.next.checked_sub(1).and_then(|it| self.bars.time.get(it)).copied().unwrap_or_default()
    }

    /// Asks for what is to be held, and gives the order for what must be closed for it.
    fn want(&mut self, instrument: usize, wanted: Units, reason: Reason, book: &mut Book, time: i64) {
        (self.wanted, self.reason) = (Some(wanted), reason);
        self.orders = [OrderId::default(); 2];
        if let Some(order) = self.closing(instrument, book.held(instrument)) {
            self.orders[0] = book.give(order, OrderId::default(), time).id;
        }
    }

    /// Asks for nothing any more.
    fn withdraw(&mut self, book: &mut Book, time: i64, why: &str) {
        for id in std::mem::take(&mut self.orders) {
            book.end(id, Fate::Cancelled, time, why);
        }
        self.wanted = None;
    }

    /// Returns what is to be closed of what is held.
    fn closing(&self, instrument: usize, held: Units) -> Option<Order> {
        let wanted = self.wanted?;
        let keeps = if held.0.signum() == wanted.0.signum() { wanted.0.abs().min(held.0.abs()) } else { 0 };
        let (side, quantity) = (Side::of(held.0).opposite(), Units(held.0.abs() - keeps));
        let order =
            Order { instrument, side, quantity, kind: OrderKind::Market, reason: self.reason, id: self.orders[0] };
        (quantity.0 > 0).then_some(order)
    }

    /// Fills at the open what makes the position smaller.
    fn close(&self, instrument: usize, book: &mut Book, prices: &PriceBar, moment: &Moment) {
        if let Some(order) = self.closing(instrument, book.held(instrument)) {
            book.fill(&order, prices.open, moment);
        }
    }

    /// Fills at the open what makes the position larger; what the volume does not take, and what is still to close, waits
    /// for the next bar.
    fn open(&mut self, instrument: usize, book: &mut Book, prices: &PriceBar, moment: &Moment) {
        let (Some(wanted), held) = (self.wanted, book.held(instrument)) else { return };
        let change = wanted.0 - held.0;
        if change == 0 {
            self.wanted = None;
        } else if held.0 == 0 || held.0.signum() == change.signum() {
            let (side, quantity) = (Side::of(change), Units(change.abs()));
            let (kind, reason, id) = (OrderKind::Market, self.reason, self.orders[1]);
            let filling = book.fill(&Order { instrument, side, quantity, kind, reason, id }, prices.open, moment);
            if filling.rest.0 == 0 {
                self.wanted = None;
            }
        }
    }
}
