//! A simulated broker: orders held against the limits, filled by the fill model, booked in the account.

use super::{
    Account, Closed, Exact, Fill, FillModel, Guard, Limits, OnBreach, Order, OrderKind, Price, Ratio, Reason, Side,
    Standing, Units, Verdict,
};

/// How many events are kept; further ones are counted.
const KEPT_EVENTS: usize = 1_000;

/// When and in how lively a market an order fills.
#[derive(Clone, Copy, Debug)]
pub struct Moment {
    /// The time of the bar.
    pub time: i64,
    /// Which bar of its instrument it is.
    pub bar: usize,
    /// How much was traded in it.
    pub volume: f64,
}

/// A position, or a part of one, from entry to exit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RoundTrip {
    /// Which instrument.
    pub instrument: usize,
    /// What was closed.
    pub closed: Closed,
    /// When: the time of the bar.
    pub exit: i64,
    /// At what price.
    pub exit_price: Price,
    /// Over how many bars of its instrument it was held.
    pub bars: usize,
    /// Why it was closed.
    pub reason: Reason,
}

/// What happened to an order or to the account because of a limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Happening {
    /// An order was refused.
    Refused,
    /// An order was reduced.
    Reduced,
    /// A limit on losses was breached.
    Breached,
    /// Trading was halted.
    Halted,
    /// Every position was closed, and trading halted.
    Flattened,
}

impl Happening {
    /// Returns its name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Refused => "refused",
            Self::Reduced => "reduced",
            Self::Breached => "breached",
            Self::Halted => "halted",
            Self::Flattened => "flattened",
        }
    }
}

/// What happened because of a limit, and when.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// The time of the bar.
    pub time: i64,
    /// Which instrument, where it was of one.
    pub instrument: Option<usize>,
    /// What.
    pub what: Happening,
    /// In words.
    pub message: String,
}

/// A simulated broker with one account.
#[derive(Clone, Debug)]
pub struct Book {
    account: Account,
    model: FillModel,
    guard: Guard,
    /// The last price of each instrument; 0 before its first.
    prices: Vec<Price>,
    /// The bar at which each position was opened.
    opened: Vec<usize>,
    trips: Vec<RoundTrip>,
    events: Vec<Event>,
    silent: usize,
    cut: usize,
    traded: Exact,
}

impl Book {
    /// Returns a broker with an account of this capital, over so many instruments.
    pub fn new(capital: Exact, instruments: usize, model: FillModel, limits: &Limits) -> Self {
        Self {
            account: Account::new(capital, instruments),
            model,
            guard: Guard::new(limits, capital),
            prices: vec![Price::default(); instruments],
            opened: vec![0; instruments],
            trips: Vec::new(),
            events: Vec::new(),
            silent: 0,
            cut: 0,
            traded: Exact::ZERO,
        }
    }

    /// Returns the account.
    pub fn account(&self) -> &Account {
        &self.account
    }

    /// Returns the fill model.
    pub fn model(&self) -> &FillModel {
        &self.model
    }

    /// Returns the last price of each instrument; 0 before its first.
    pub fn prices(&self) -> &[Price] {
        &self.prices
    }

    /// Returns the last price of an instrument, where there is one.
    pub fn last(&self, instrument: usize) -> Option<Price> {
        self.prices.get(instrument).copied().filter(|it| it.0 > 0)
    }

    /// Returns what is held of an instrument.
    pub fn held(&self, instrument: usize) -> Units {
        self.account.position(instrument).quantity
    }

    /// Returns what was bought and sold again, by time of exit.
    pub fn trips(&self) -> &[RoundTrip] {
        &self.trips
    }

    /// Returns what happened because of limits, and how many further happenings were not kept.
    pub fn events(&self) -> (&[Event], usize) {
        (&self.events, self.silent)
    }

    /// Returns how many entries were made smaller because cash, or the volume of their bar, did not reach further.
    pub fn cut(&self) -> usize {
        self.cut
    }

    /// Returns what was bought and sold, at the prices of the fills.
    pub fn traded(&self) -> Exact {
        self.traded
    }

    /// Returns the most that may be held for each unit of equity.
    pub fn leverage(&self) -> Ratio {
        self.guard.leverage()
    }

    /// Says whether nothing more is traded.
    pub fn is_halted(&self) -> bool {
        self.guard.is_halted()
    }

    /// Says whether a limit on losses is set, so that every close must be marked.
    pub fn watches_losses(&self) -> bool {
        self.guard.watches_losses()
    }

    /// Takes note of a price.
    #[inline]
    pub fn quote(&mut self, instrument: usize, price: Price) {
        if let Some(last) = self.prices.get_mut(instrument) {
            *last = price;
        }
    }

    /// Returns cash and positions at the last prices.
    #[inline]
    pub fn equity(&self) -> Exact {
        self.account.equity(&self.prices)
    }

    /// Returns the most whole lots of a notional at the last price.
    pub fn lots(&self, instrument: usize, notional: Exact) -> Units {
        self.last(instrument).map_or(Units(0), |it| notional.buys(it, self.model.lot))
    }

    /// Holds an order against the limits when it is given, and returns what may be given of it. `held` is what will be
    /// held of its instrument when it fills, `others` what all other instruments will be worth, longs and shorts added.
    pub fn permit(&mut self, order: Order, held: Units, others: Exact, time: i64) -> Option<Order> {
        let (instrument, price) = (order.instrument, self.last(order.instrument)?);
        let standing = Standing { time, price, held, others, equity: self.equity() };
        let (quantity, what, why) = match self.guard.check(&order, &standing) {
            Verdict::Approved => return Some(order),
            Verdict::Reduced(quantity, why) => {
                (Units(quantity.0 - quantity.0 % self.model.lot.0.max(1)), Happening::Reduced, why)
            }
            Verdict::Refused(why) => (Units(0), Happening::Refused, why),
        };
        let what = if quantity.0 == 0 { Happening::Refused } else { what };
        self.note(time, Some(instrument), what, why);
        (quantity.0 > 0).then_some(Order { quantity, ..order })
    }

    /// Fills an order that was reached at `reference` and returns what was filled; an entry is cut to what the account can
    /// pay for at its leverage, and every order to what the volume can take.
    pub fn fill(&mut self, order: &Order, reference: Price, moment: &Moment) -> Option<Fill> {
        let instrument = order.instrument;
        let price = self.model.price(order.kind, order.side, reference);
        self.quote(instrument, reference);
        let held = self.held(instrument);
        let closes = held.0.signum() == -order.side.sign();
        let wanted = if closes { Units(order.quantity.0.min(held.0.abs())) } else { order.quantity };
        let mut quantity = self.model.available(wanted, moment.volume);
        if !closes {
            let budget = self.equity().times(self.guard.leverage()) - self.account.gross(&self.prices);
            quantity = self.model.affordable(quantity, price, budget);
            self.cut += usize::from(quantity < wanted);
        }
        if quantity.0 == 0 {
            return None;
        }
        let fee = self.model.fee(quantity, price);
        let fill = Fill { time: moment.time, instrument, side: order.side, quantity, price, fee, reason: order.reason };
        if let Some(opened) = self.opened.get_mut(instrument).filter(|_| held.0 == 0) {
            *opened = moment.bar;
        }
        if let Some(closed) = self.account.book(&fill) {
            let opened = self.opened.get(instrument).copied().unwrap_or_default();
            let (bars, exit) = (moment.bar.saturating_sub(opened), moment.time);
            self.trips.push(RoundTrip { instrument, closed, exit, exit_price: price, bars, reason: order.reason });
        }
        self.traded += quantity.at(price);
        Some(fill)
    }

    /// Fills what closes the whole position of an instrument, and says whether nothing is left of it.
    pub fn close(
        &mut self,
        instrument: usize,
        kind: OrderKind,
        reference: Price,
        reason: Reason,
        moment: &Moment,
    ) -> bool {
        let held = self.held(instrument).0;
        let (side, quantity) = (Side::of(held).opposite(), Units(held.abs()));
        self.fill(&Order { instrument, side, quantity, kind, reason }, reference, moment);
        self.held(instrument).0 == 0
    }

    /// Takes note of what the account is worth at the close of a bar, and says what to do where a limit on losses is newly
    /// breached.
    #[inline]
    pub fn mark(&mut self, time: i64, equity: Exact) -> Option<OnBreach> {
        let (on_breach, message) = self.guard.mark(time, equity)?;
        let what = match on_breach {
            OnBreach::Refuse => Happening::Breached,
            OnBreach::Halt => Happening::Halted,
            OnBreach::FlattenAndHalt => Happening::Flattened,
        };
        self.note(time, None, what, message);
        Some(on_breach)
    }

    fn note(&mut self, time: i64, instrument: Option<usize>, what: Happening, message: String) {
        if self.events.len() < KEPT_EVENTS {
            self.events.push(Event { time, instrument, what, message });
        } else {
            self.silent += 1;
        }
    }

    /// Returns the bar at which the position of an instrument was opened.
    pub fn opened(&self, instrument: usize) -> usize {
        self.opened.get(instrument).copied().unwrap_or_default()
    }
}
