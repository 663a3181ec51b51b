//! Several strategies on several instruments, all in one account.

use super::{Outcome, Script, Setup, Unfit, desk::Desk, price_bar, signals::fit};
use crate::market::{BarSeries, Book, Exact, Moment, PriceBar, Ratio, Reason};

/// A strategy, or several in turn, on the bars of one instrument.
#[derive(Clone, Copy, Debug)]
pub struct Part<'a> {
    /// The bars.
    pub bars: &'a BarSeries,
    /// Whose signals are traded on them.
    pub script: Script<'a>,
    /// The share of the account that it may count as its own when it decides how much to buy.
    pub share: Ratio,
}

/// A desk and the bar that it comes to next.
struct Seat<'a> {
    desk: Desk<'a>,
    next: usize,
}

impl Seat<'_> {
    fn time(&self) -> Option<i64> {
        self.desk.bars.time.get(self.next).copied()
    }
}

/// Replays strategies over the bars of their instruments, all in one account.
///
/// Time goes over every time at which any part has a bar. What was decided fills at each instrument's next open: first what
/// closes, then what opens, in the order of the parts; an instrument without a bar at a time keeps its price.
///
/// # Errors
/// As those of [`run_signals`](super::run_signals), of any part.
pub fn run_together(parts: &[Part<'_>], setup: &Setup) -> Result<Outcome, Unfit> {
    if parts.is_empty() {
        return Err(Unfit::NoBars("nothing".into(), "there are no parts".into()));
    }
    let mut seats = Vec::with_capacity(parts.len());
    for (instrument, part) in parts.iter().enumerate() {
        fit(part.bars, &part.script)?;
        let desk = Desk::new(part.bars, &part.script, setup, instrument, part.share);
        seats.push(Seat { desk, next: part.script.start });
    }
    let mut book = setup.book(parts.len())?;
    let (mut times, mut equity, mut exposed) = (Vec::new(), Vec::new(), 0);
    while let Some(time) = seats.iter().filter_map(Seat::time).min() {
        step(&mut seats, &mut book, time)?;
        times.push(time);
        equity.push(book.equity());
        exposed += usize::from(book.account().positions.iter().any(|it| !it.is_flat()));
    }
    Ok(Outcome { book, times: times.into(), equity, exposed })
}

/// Trades the bars of one time.
fn step(seats: &mut [Seat<'_>], book: &mut Book, time: i64) -> Result<(), Unfit> {
    book.settle(time);
    let mut today: Vec<Option<(PriceBar, Moment)>> = Vec::with_capacity(seats.len());
    for seat in seats.iter_mut() {
        let bar = (seat.time() == Some(time)).then_some(seat.next);
        today.push(match bar {
            Some(bar) => {
                seat.next += 1;
                Some((price_bar(seat.desk.bars, bar)?, seat.desk.moment(book, bar, time)))
            }
            None => None,
        });
    }
    let trade = |seats: &mut [Seat<'_>], book: &mut Book, of: fn(&mut Desk<'_>, &mut Book, &PriceBar, &Moment)| {
        for (seat, (prices, moment)) in seats.iter_mut().zip(&today).filter_map(|(it, at)| Some((it, at.as_ref()?))) {
            of(&mut seat.desk, book, prices, moment);
        }
    };
    trade(seats, book, |desk, book, prices, _| book.quote(desk.instrument, prices.open));
    trade(seats, book, |desk, book, prices, moment| desk.leave_at_open(book, prices, moment));
    trade(seats, book, |desk, book, prices, moment| desk.enter_at_open(book, prices, moment));
    trade(seats, book, |desk, book, prices, moment| desk.within(book, prices, moment));
    trade(seats, book, |desk, book, prices, _| book.quote(desk.instrument, prices.close));
    let watch = |seats: &mut [Seat<'_>], book: &mut Book| {
        while let Some(breach) = book.mark(time, book.equity()) {
            for (seat, now) in seats.iter_mut().zip(&today) {
                let now = now.map(|(prices, moment)| (prices.close, Moment { known: prices.close, ..moment }));
                seat.desk.react(book, breach, time, now);
            }
        }
    };
    watch(seats, book);
    let called = |it: &Seat<'_>| it.desk.exit.is_some_and(|it| it.reason == Reason::MarginCall);
    if !seats.iter().any(called) && book.calls_margin(time) {
        seats.iter_mut().for_each(|it| it.desk.close_all(book, Reason::MarginCall, time));
    }
    let traded = book.traded();
    let mut committed: Vec<Exact> = seats.iter().map(|it| it.desk.committed(book)).collect();
    for (at, (seat, now)) in seats.iter_mut().zip(&today).enumerate() {
        let Some((prices, moment)) = now else { continue };
        let others = committed.iter().enumerate().filter(|(other, _)| *other != at);
        let others = others.fold(Exact::ZERO, |sum, (_, it)| sum + *it);
        seat.desk.at_close(book, moment.bar, time, prices.close, others);
        if let Some(it) = committed.get_mut(at) {
            *it = seat.desk.committed(book);
        }
    }
    if book.traded() != traded {
        watch(seats, book);
    }
    Ok(())
}
