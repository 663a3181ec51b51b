//! A simulated broker: orders held against the limits, filled by the fill model, booked in the account.

use super::{
    Account, Breach, Closed, DAY_SECONDS, EntryReason, Exact, Fate, Fill, FillModel, Guard, Ledger, Limits, OnBreach,
    Order, OrderId, Price, Ratio, Reading, Reason, Standing, Units, Verdict,
};

/// How many events are kept; further ones are counted.
const KEPT_EVENTS: usize = 1_000;

/// What is said of an entry that is cut to what the account has.
const UNPAID: &str = "the account can pay for no more";

/// What a bar made of an order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Filling {
    /// What was bought or sold.
    pub fill: Option<Fill>,
    /// What the volume of the bar did not take, and a later one may; nothing where the order is over.
    pub rest: Units,
}

/// When and in how lively a market an order fills.
#[derive(Clone, Copy, Debug)]
pub struct Moment {
    /// The time of the bar.
    pub time: i64,
    /// Which bar of its instrument it is.
    pub bar: usize,
    /// How much was traded in it.
    pub volume: f64,
    /// The last price that was known before it; 0 where none was.
    pub known: Price,
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
    /// The order that opened it, and the one that closed it.
    pub orders: (OrderId, OrderId),
}

/// What happened to an order or to the account because of a limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Happening {
    /// An order was refused.
    Refused,
    /// An order was reduced.
    Reduced,
    /// What is held grew beyond a limit by its prices; limits on sizes hold orders back, so nothing is done.
    Exceeded,
    /// A limit on losses was breached.
    Breached,
    /// Trading was halted.
    Halted,
    /// Every position was closed, and trading halted.
    Flattened,
    /// Equity fell below the maintenance margin, and every position is closed.
    MarginCall,
}

impl Happening {
    /// Returns its name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Refused => "refused",
            Self::Reduced => "reduced",
            Self::Exceeded => "exceeded",
            Self::Breached => "breached",
            Self::Halted => "halted",
            Self::Flattened => "flattened",
            Self::MarginCall => "margin_call",
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
    /// Which limit, what was found and what it allows, where it was one of the workflow's.
    pub limit: Option<(&'static str, Reading, Reading)>,
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
    /// The bar at which each position was opened, by which order, and what closing parts of it has earned.
    opened: Vec<Opened>,
    /// The least equity for each unit that is held.
    margin: Ratio,
    /// The day to which borrowing is paid.
    settled: i64,
    ledger: Ledger,
    trips: Vec<RoundTrip>,
    events: Vec<Event>,
    silent: usize,
    cut: usize,
    traded: Exact,
}

/// How a position began.
#[derive(Clone, Copy, Debug, Default)]
struct Opened {
    bar: usize,
    by: OrderId,
    earned: Exact,
}

impl Book {
    /// Returns a broker with an account of this capital, over so many instruments, whose positions need no margin.
    pub fn new(capital: Exact, instruments: usize, model: FillModel, limits: &Limits) -> Self {
        Self {
            account: Account::new(capital, instruments),
            model,
            guard: Guard::new(limits, capital),
            prices: vec![Price::default(); instruments],
            opened: vec![Opened::default(); instruments],
            margin: Ratio::NOTHING,
            settled: i64::MIN,
            ledger: Ledger::default(),
            trips: Vec::new(),
            events: Vec::new(),
            silent: 0,
            cut: 0,
            traded: Exact::ZERO,
        }
    }

    /// Returns it with a maintenance margin: the least equity for each unit that is held, longs and shorts added.
    #[must_use]
    pub fn with_margin(self, margin: Ratio) -> Self {
        Self { margin, ..self }
    }

    /// Returns it with a ledger, where one is to be kept.
    #[must_use]
    pub fn with_ledger(self, keeps: bool) -> Self {
        Self { ledger: if keeps { Ledger::kept() } else { Ledger::default() }, ..self }
    }

    /// Returns what every order was, and what became of it.
    pub fn ledger(&self) -> &Ledger {
        &self.ledger
    }

    /// Writes down how an order ended that had not yet.
    pub fn end(&mut self, id: OrderId, fate: Fate, time: i64, why: &str) {
        self.ledger.end(id, fate, time, why);
    }

    /// Writes down why an entry is given.
    pub fn explain(&mut self, reason: EntryReason) {
        self.ledger.explain(reason);
    }

    /// Returns the maintenance margin.
    pub fn margin(&self) -> Ratio {
        self.margin
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

    /// Returns how many entries were made smaller because cash did not reach further.
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

    /// Says whether a limit is set that is held against what the account is at a close, so that every close must be marked.
    pub fn watches_closes(&self) -> bool {
        self.guard.watches_losses() || self.guard.watches_sizes()
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

    /// Says whether borrowing costs something every day now: shares that are sold short, or cash.
    #[inline]
    pub fn borrows(&self) -> bool {
        let (shares, cash) = self.model.lends();
        (shares && self.account.positions.iter().any(|it| it.quantity.0 < 0))
            || (cash && self.account.cash < Exact::ZERO)
    }

    /// Pays for what was borrowed since the day to which it is paid, at the last prices. Called before anything else at a
    /// time.
    #[inline]
    pub fn settle(&mut self, time: i64) {
        if self.model.lends() != (false, false) {
            self.pay_until(time.div_euclid(DAY_SECONDS));
        }
    }

    fn pay_until(&mut self, day: i64) {
        let days = if self.settled == i64::MIN { 0 } else { day - self.settled };
        self.settled = day;
        if days <= 0 || !self.borrows() {
            return;
        }
        let owed = self.model.borrowing(days, Exact::ZERO, self.account.cash.min(Exact::ZERO)).1;
        for instrument in 0..self.prices.len() {
            let position = self.account.position(instrument);
            if position.quantity.0 < 0 {
                let value = position.value(self.last(instrument).unwrap_or_default());
                self.account.pay_borrow(instrument, self.model.borrowing(days, value, Exact::ZERO).0);
            }
        }
        self.account.pay_interest(owed);
    }

    /// Says whether more can be lost than is held: something is sold short, or cash is owed.
    #[inline]
    pub fn is_leveraged(&self) -> bool {
        self.account.cash < Exact::ZERO || self.account.positions.iter().any(|it| it.quantity.0 < 0)
    }

    /// Says so, and takes note of it, when equity is below the maintenance margin.
    pub fn calls_margin(&mut self, time: i64) -> bool {
        if !self.is_leveraged() {
            return false;
        }
        let (equity, gross) = (self.equity(), self.account.gross(&self.prices));
        let least = gross.times(self.margin);
        if gross == Exact::ZERO || equity >= least {
            return false;
        }
        let shown = |it: Exact| it.decimal().round_dp(2).normalize();
        let why = format!(
            "equity of {} is below {}, {} % of the {} held",
            shown(equity),
            shown(least),
            (self.margin.decimal() * rust_decimal::Decimal::ONE_HUNDRED).normalize(),
            shown(gross)
        );
        self.write(Event { time, instrument: None, what: Happening::MarginCall, limit: None, message: why });
        true
    }

    /// Gives an order without asking: one that closes a position.
    pub fn give(&mut self, order: Order, parent: OrderId, time: i64) -> Order {
        Order { id: self.ledger.give(&order, parent, time), ..order }
    }

    /// Holds an order against the limits when it is given, and returns what may be given of it. `held` is what will be
    /// held of its instrument when it fills, `others` what all other instruments will be worth, longs and shorts added,
    /// `quoted` when its last price was.
    pub fn permit(&mut self, order: Order, held: Units, others: Exact, time: i64, quoted: i64) -> Option<Order> {
        let order = self.give(order, OrderId::default(), time);
        let (instrument, price) = (order.instrument, self.last(order.instrument).unwrap_or_default());
        let standing = Standing { time, price, quoted, held, others, equity: self.equity() };
        let (quantity, what, breach) = match self.guard.check(&order, &standing) {
            Verdict::Approved => return Some(order),
            Verdict::Reduced(quantity, breach) => {
                (Units(quantity.0 - quantity.0 % self.model.lot.0.max(1)), Happening::Reduced, breach)
            }
            Verdict::Refused(breach) => (Units(0), Happening::Refused, breach),
        };
        let what = if quantity.0 == 0 { Happening::Refused } else { what };
        self.ledger.allow(order.id, quantity, time, &breach.why);
        self.note(time, Some(instrument), what, breach);
        (quantity.0 > 0).then_some(Order { quantity, ..order })
    }

    /// Fills an order that was reached at `reference`, as far as the volume takes it; an entry is cut to what the account can
    /// pay for at its leverage, and ends with that.
    pub fn fill(&mut self, order: &Order, reference: Price, moment: &Moment) -> Filling {
        let instrument = order.instrument;
        let price = self.model.price(order.kind, order.side, reference);
        self.quote(instrument, reference);
        let held = self.held(instrument);
        let closes = held.0.signum() == -order.side.sign();
        let wanted = if closes { Units(order.quantity.0.min(held.0.abs())) } else { order.quantity };
        let mut quantity = self.model.available(wanted, moment.volume);
        let mut rest = Units(wanted.0 - quantity.0);
        if !closes {
            if let Some(breach) = self.guard.outside_band(price, moment.known) {
                self.ledger.end(order.id, Fate::Refused, moment.time, &breach.why);
                self.note(moment.time, Some(instrument), Happening::Refused, breach);
                return Filling::default();
            }
            let taken = quantity;
            let budget = self.equity().times(self.guard.leverage()) - self.account.gross(&self.prices);
            quantity = self.model.affordable(quantity, price, budget);
            if quantity < taken {
                rest = Units(0);
                self.cut += 1;
            }
        }
        let is_cut = !closes && rest.0 == 0 && quantity < wanted;
        if quantity.0 == 0 {
            if is_cut {
                self.ledger.end(order.id, Fate::Cancelled, moment.time, UNPAID);
            }
            return Filling { fill: None, rest };
        }
        let fee = self.model.fee(quantity, price);
        let Order { side, reason, id, .. } = *order;
        let fill = Fill { time: moment.time, instrument, side, quantity, price, fee, reason, order: id };
        self.ledger.fill(order.id, &fill);
        if is_cut {
            self.ledger.end(order.id, Fate::Filled, moment.time, UNPAID);
        }
        if let Some(opened) = self.opened.get_mut(instrument).filter(|_| held.0 == 0) {
            *opened = Opened { bar: moment.bar, by: order.id, earned: Exact::ZERO };
        }
        if let Some(closed) = self.account.book(&fill) {
            let mut opened = self.opened.get(instrument).copied().unwrap_or_default();
            opened.earned += closed.pnl;
            if quantity.0 == held.0.abs() {
                self.guard.closed(opened.earned);
            } else if let Some(place) = self.opened.get_mut(instrument) {
                *place = opened;
            }
            let (bars, exit) = (moment.bar.saturating_sub(opened.bar), moment.time);
            let (orders, reason) = ((opened.by, order.id), order.reason);
            self.trips.push(RoundTrip { instrument, closed, exit, exit_price: price, bars, reason, orders });
        }
        self.traded += quantity.at(price);
        Filling { fill: Some(fill), rest }
    }

    /// Takes note of what the account is worth at the close of a bar, and says what to do where a limit on losses is newly
    /// breached.
    #[inline]
    pub fn mark(&mut self, time: i64, equity: Exact) -> Option<OnBreach> {
        if self.guard.watches_sizes() {
            let held = self.account.positions.iter().zip(&self.prices);
            let values = held.map(|(position, price)| position.value(*price).abs());
            for (instrument, breach) in self.guard.measure(equity, values) {
                self.note(time, instrument, Happening::Exceeded, breach);
            }
        }
        let mut told = None;
        for (on_breach, breach) in self.guard.mark(time, equity) {
            let what = match on_breach {
                Some(OnBreach::Halt) => Happening::Halted,
                Some(OnBreach::FlattenAndHalt) => Happening::Flattened,
                Some(OnBreach::Refuse) | None => Happening::Breached,
            };
            self.note(time, None, what, breach);
            told = told.or(on_breach);
        }
        told
    }

    fn note(&mut self, time: i64, instrument: Option<usize>, what: Happening, breach: Breach) {
        let Breach { limit, value, allowed, why } = breach;
        self.write(Event { time, instrument, what, limit: Some((limit, value, allowed)), message: why });
    }

    fn write(&mut self, event: Event) {
        if self.events.len() < KEPT_EVENTS {
            self.events.push(event);
        } else {
            self.silent += 1;
        }
    }

    /// Returns the bar at which the position of an instrument was opened.
    pub fn opened(&self, instrument: usize) -> usize {
        self.opened.get(instrument).map_or(0, |it| it.bar)
    }
}
