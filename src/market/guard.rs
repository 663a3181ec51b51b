//! Holds every order against the limits.

use rust_decimal::Decimal;

use super::{Amount, DAY_SECONDS, DECIMALS, Exact, Limits, OnBreach, Order, Price, Ratio, Units, time_text};
use crate::value::Duration;

/// What becomes of an order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It may be given.
    Approved,
    /// So much of it may be given, and why not more.
    Reduced(Units, Breach),
    /// It may not be given, and why.
    Refused(Breach),
}

/// What a limit counts in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reading {
    /// An amount in the currency of the account.
    Amount(Exact),
    /// A share of a whole.
    Share(Decimal),
    /// A number of orders or trades.
    Count(u32),
    /// A time.
    Age(Duration),
}

/// A limit, what was found and what it allows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Breach {
    /// The name of the limit.
    pub limit: &'static str,
    /// What was found, or would have been.
    pub value: Reading,
    /// What it allows.
    pub allowed: Reading,
    /// All of it in words.
    pub why: String,
}

/// The account as an order finds it.
#[derive(Clone, Copy, Debug)]
pub struct Standing {
    /// Now: the time of the bar.
    pub time: i64,
    /// The last price of the order's instrument.
    pub price: Price,
    /// When that was.
    pub quoted: i64,
    /// What is held of it.
    pub held: Units,
    /// What is held of all other instruments, longs and shorts added.
    pub others: Exact,
    /// Cash and positions.
    pub equity: Exact,
}

/// A limit: an amount, or a share of equity.
#[derive(Clone, Copy, Debug)]
enum Cap {
    Amount(Exact),
    Share(Ratio),
}

impl Cap {
    /// Reads a limit; what is too large to be counted is none.
    fn of(limit: Option<&Amount>) -> Option<Self> {
        match limit? {
            Amount::Money(it) => Exact::of(it.amount.round_dp(DECIMALS)).map(Self::Amount),
            Amount::Percent(it) => Ratio::of(it.0).map(Self::Share),
        }
    }

    fn of_whole(self, whole: Exact) -> Exact {
        match self {
            Self::Amount(it) => it,
            Self::Share(it) => whole.times(it),
        }
    }
}

/// A limit on what is lost since some time.
#[derive(Clone, Debug)]
struct Loss {
    name: &'static str,
    cap: Cap,
    /// What equity was then, and how low it may be.
    from: Exact,
    floor: Exact,
    /// By how much it was too low at the last close, where it was.
    breach: Option<Breach>,
}

impl Loss {
    fn new(name: &'static str, limit: Option<&Amount>, from: Exact) -> Option<Self> {
        let mut it = Self { name, cap: Cap::of(limit)?, from, floor: from, breach: None };
        it.since(from);
        Some(it)
    }

    fn since(&mut self, from: Exact) {
        (self.from, self.floor) = (from, from - self.cap.of_whole(from));
    }

    #[inline]
    fn is_over(&self, equity: Exact) -> bool {
        equity < self.floor.min(self.from)
    }

    fn breach(&self, time: i64, equity: Exact) -> Breach {
        let (lost, most) = (self.from - equity, self.cap.of_whole(self.from));
        let (name, on) = (self.name, time_text(time));
        let why = format!("`{name}` is breached on {on}: {} lost, {} allowed", shown(lost), shown(most));
        Breach { limit: name, value: Reading::Amount(lost), allowed: Reading::Amount(most), why }
    }

    /// Takes note of the equity at a close; says so where it is newly too low.
    fn mark(&mut self, time: i64, equity: Exact) -> Option<Breach> {
        let found = self.is_over(equity).then(|| self.breach(time, equity));
        let newly = self.breach.is_none();
        self.breach = found;
        self.breach.clone().filter(|_| newly)
    }
}

/// Returns an amount as people read it.
fn shown(it: Exact) -> Decimal {
    it.decimal().round_dp(2).normalize()
}

/// How much of what a limit allows may be held before that counts as within it again, so that prices that go to and fro
/// about it are told once.
const WITHIN: Ratio = Ratio::percent(95);

/// Limits on what is held, and what was beyond them at the last close.
#[derive(Clone, Debug, Default)]
struct Sizes {
    max_position: Option<Cap>,
    max_gross: Option<Cap>,
    max_leverage: Option<Ratio>,
    positions: Vec<bool>,
    gross: bool,
    leverage: bool,
}

impl Sizes {
    /// Returns the names and caps of what limits all that is held together, with so much equity.
    fn together(&self, equity: Exact) -> [(&'static str, Option<Exact>); 2] {
        let leverage = self.max_leverage.map(|it| equity.times(it));
        [("max_gross", self.max_gross.map(|it| it.of_whole(equity))), ("max_leverage", leverage)]
    }

    /// Returns what is newly beyond the limits at a close: of which instrument, where it is of one. Prices did that, or the
    /// open at which an order filled, since orders are held against the limits when they are given.
    fn measure(
        &mut self,
        equity: Exact,
        values: impl ExactSizeIterator<Item = Exact> + Clone,
    ) -> Vec<(Option<usize>, Breach)> {
        let mut found = Vec::new();
        let beyond = |limit: &'static str, value: Exact, allowed: Exact| {
            let why = format!("`{limit}`: {} is held, {} allowed", shown(value), shown(allowed));
            Breach { limit, value: Reading::Amount(value), allowed: Reading::Amount(allowed), why }
        };
        let mut hold = |was: &mut bool, of: Option<usize>, limit: &'static str, value: Exact, cap: Exact| {
            let allowed = cap.max(Exact::ZERO);
            if value > allowed && !*was {
                found.push((of, beyond(limit, value, allowed)));
                *was = true;
            } else if *was {
                *was = value > allowed.times(WITHIN);
            }
        };
        if let Some(cap) = self.max_position.map(|it| it.of_whole(equity)) {
            self.positions.resize(values.len(), false);
            for (instrument, (value, was)) in values.clone().zip(&mut self.positions).enumerate() {
                hold(was, Some(instrument), "max_position", value, cap);
            }
        }
        let gross = values.fold(Exact::ZERO, |sum, it| sum + it);
        let together = self.together(equity);
        for ((limit, cap), was) in together.into_iter().zip([&mut self.gross, &mut self.leverage]) {
            if let Some(cap) = cap {
                hold(was, None, limit, gross, cap);
            }
        }
        found
    }
}

/// Holds every order against the limits, and watches what the account loses.
#[derive(Clone, Debug)]
pub struct Guard {
    sizes: Sizes,
    max_orders_per_minute: Option<u32>,
    max_consecutive_losses: Option<u32>,
    price_band: Option<Ratio>,
    /// In seconds.
    stale_data: Option<i64>,
    on_breach: OnBreach,
    daily: Option<Loss>,
    drawdown: Option<Loss>,
    last: Exact,
    /// When the next day begins.
    tomorrow: i64,
    /// Within these nothing has to be looked at before the next day: no limit is breached, and no new height reached.
    calm: (Exact, Exact),
    /// What halted trading.
    halted: Option<Breach>,
    minute: i64,
    orders: u32,
    /// How many trades in a row have lost, and whether that is too many and has not been said yet.
    losses: u32,
    struck: bool,
    /// Until when too many of them refuse orders.
    paused: i64,
}

impl Guard {
    /// Returns a guard of these limits over an account of this equity.
    pub fn new(limits: &Limits, equity: Exact) -> Self {
        Self {
            sizes: Sizes {
                max_position: Cap::of(limits.max_position.as_ref()),
                max_gross: Cap::of(limits.max_gross.as_ref()),
                max_leverage: limits.max_leverage.and_then(|it| Ratio::of(it.0)),
                ..Sizes::default()
            },
            max_orders_per_minute: limits.max_orders_per_minute,
            max_consecutive_losses: limits.max_consecutive_losses,
            price_band: limits.price_band.and_then(|it| Ratio::of(it.0)),
            stale_data: limits.stale_data.map(|it| it.0.div_euclid(1_000)),
            on_breach: limits.on_breach,
            daily: Loss::new("max_daily_loss", limits.max_daily_loss.as_ref(), equity),
            drawdown: Loss::new("max_drawdown", limits.max_drawdown.as_ref(), equity),
            last: equity,
            tomorrow: i64::MIN,
            calm: (equity, equity),
            halted: None,
            minute: i64::MIN,
            orders: 0,
            losses: 0,
            struck: false,
            paused: i64::MIN,
        }
    }

    /// Says whether a limit on losses is set.
    pub fn watches_losses(&self) -> bool {
        self.daily.is_some() || self.drawdown.is_some()
    }

    /// Says whether a limit on what is held is set.
    pub fn watches_sizes(&self) -> bool {
        let Sizes { max_position, max_gross, max_leverage, .. } = &self.sizes;
        max_position.is_some() || max_gross.is_some() || max_leverage.is_some()
    }

    /// Returns what is newly beyond a limit at a close where so much of each instrument is held, longs and shorts alike; of
    /// which instrument, where it is of one.
    pub fn measure(
        &mut self,
        equity: Exact,
        values: impl ExactSizeIterator<Item = Exact> + Clone,
    ) -> Vec<(Option<usize>, Breach)> {
        self.sizes.measure(equity, values)
    }

    /// Says whether nothing more is traded.
    pub fn is_halted(&self) -> bool {
        self.halted.is_some()
    }

    /// Returns the most that may be held for each unit of equity: 1 where no limit says it.
    pub fn leverage(&self) -> Ratio {
        self.sizes.max_leverage.unwrap_or(Ratio::ONE)
    }

    /// Says what becomes of an order. What closes a position is refused only after a halt.
    pub fn check(&mut self, order: &Order, standing: &Standing) -> Verdict {
        if let Some(by) = &self.halted {
            return Verdict::Refused(Breach { why: format!("trading is halted: {}", by.why), ..by.clone() });
        }
        let held = standing.held.0;
        let closes = held.signum() == -order.side.sign();
        if closes && order.quantity.0 <= held.abs() {
            return Verdict::Approved;
        }
        if let Some(breach) = [&self.daily, &self.drawdown].into_iter().flatten().find_map(|it| it.breach.as_ref()) {
            return Verdict::Refused(breach.clone());
        }
        if standing.time < self.paused {
            return Verdict::Refused(self.too_many_losses(self.max_consecutive_losses.unwrap_or_default()));
        }
        if let Some(most) = self.stale_data.filter(|it| standing.time - standing.quoted > *it) {
            let (age, most) = (Duration((standing.time - standing.quoted) * 1_000), Duration(most * 1_000));
            let quoted = time_text(standing.quoted);
            let why = format!("`stale_data`: the last price is of {quoted}, {age} old; {most} allowed");
            let (value, allowed) = (Reading::Age(age), Reading::Age(most));
            return Verdict::Refused(Breach { limit: "stale_data", value, allowed, why });
        }
        if let Some(why) = order.kind.price().and_then(|it| self.outside_band(it, standing.price)) {
            return Verdict::Refused(why);
        }
        if let Some(most) = self.max_orders_per_minute {
            let minute = standing.time.div_euclid(60);
            self.orders = if minute == self.minute { self.orders + 1 } else { 1 };
            self.minute = minute;
            if self.orders > most {
                let why = format!("`max_orders_per_minute`: more than {most} orders in a minute");
                let (value, allowed) = (Reading::Count(self.orders), Reading::Count(most));
                return Verdict::Refused(Breach { limit: "max_orders_per_minute", value, allowed, why });
            }
        }
        let Standing { equity, others, price, .. } = *standing;
        let position = ("max_position", self.sizes.max_position.map(|it| it.of_whole(equity)), Exact::ZERO);
        let together = self.sizes.together(equity).map(|(name, cap)| (name, cap, others));
        let caps = [position].into_iter().chain(together);
        let caps = caps.filter_map(|(name, cap, others)| Some((name, cap?, others)));
        let tightest = caps.min_by_key(|(_, cap, others)| (*cap - *others).max(Exact::ZERO));
        let Some((name, most, others)) = tightest else { return Verdict::Approved };
        let cap = (most - others).max(Exact::ZERO);
        // What this order makes of the position, and how much of that the cap leaves room for.
        let wanted = Units(held + order.side.sign() * order.quantity.0);
        let price = order.kind.price().unwrap_or(price);
        let value = Units(wanted.0.abs()).at(price);
        if value <= cap {
            return Verdict::Approved;
        }
        let quantity = order.quantity.0 - (wanted.0.abs() - cap.buys(price, Units(1)).0);
        let why = format!("`{name}` leaves room for {} of it", shown(cap));
        let breach =
            Breach { limit: name, value: Reading::Amount(value + others), allowed: Reading::Amount(most), why };
        if quantity > 0 { Verdict::Reduced(Units(quantity), breach) } else { Verdict::Refused(breach) }
    }

    /// Says why a price is too far from the last one known, where it is.
    pub fn outside_band(&self, price: Price, known: Price) -> Option<Breach> {
        let band = self.price_band.filter(|_| known.0 > 0)?;
        let one = Units::one();
        let (apart, most) = ((one.at(price) - one.at(known)).abs(), one.at(known).times(band));
        let breach = || {
            let shown = |it: Price| it.decimal().normalize();
            let why = format!("`price_band`: {} is too far from the last price {}", shown(price), shown(known));
            let share = apart.decimal().checked_div(known.decimal()).unwrap_or_default().round_dp(8).normalize();
            let (value, allowed) = (Reading::Share(share), Reading::Share(band.decimal().normalize()));
            Breach { limit: "price_band", value, allowed, why }
        };
        (apart > most).then(breach)
    }

    /// Takes note of what a trade earned.
    pub fn closed(&mut self, pnl: Exact) {
        let Some(most) = self.max_consecutive_losses else { return };
        self.losses = if pnl < Exact::ZERO { self.losses + 1 } else { 0 };
        self.struck |= self.losses >= most.max(1);
    }

    fn too_many_losses(&self, lost: u32) -> Breach {
        let most = self.max_consecutive_losses.unwrap_or_default();
        let why = format!("`max_consecutive_losses` is breached: {lost} trades in a row lost");
        let (value, allowed) = (Reading::Count(lost), Reading::Count(most));
        Breach { limit: "max_consecutive_losses", value, allowed, why }
    }

    /// Takes note of the equity at the close of a bar; returns the limits on losses that are breached and were not before,
    /// and what is done about each: nothing more where trading is halted already.
    #[inline]
    pub fn mark(&mut self, time: i64, equity: Exact) -> Vec<(Option<OnBreach>, Breach)> {
        let is_calm = time < self.tomorrow && equity >= self.calm.0 && equity <= self.calm.1;
        if !self.struck && (is_calm || !self.watches_losses()) {
            self.last = equity;
            return Vec::new();
        }
        self.look(time, equity)
    }

    fn look(&mut self, time: i64, equity: Exact) -> Vec<(Option<OnBreach>, Breach)> {
        if time >= self.tomorrow {
            self.tomorrow = (time.div_euclid(DAY_SECONDS) + 1) * DAY_SECONDS;
            if let Some(daily) = &mut self.daily {
                daily.since(self.last);
                daily.breach = None;
            }
        }
        self.last = equity;
        if let Some(it) = self.drawdown.as_mut().filter(|it| equity > it.from) {
            it.since(equity);
        }
        let losses = || [&self.daily, &self.drawdown].into_iter().flatten();
        let calm = !losses().any(|it| it.is_over(equity));
        let floor = losses().map(|it| it.floor.min(it.from)).max().filter(|_| calm);
        self.calm.0 = floor.unwrap_or(if calm { equity } else { Exact(i128::MAX) });
        self.calm.1 = self.drawdown.as_ref().map_or(Exact(i128::MAX), |it| it.from);
        let mut found: Vec<Breach> = [&mut self.daily, &mut self.drawdown]
            .into_iter()
            .flatten()
            .filter_map(|it| it.mark(time, equity))
            .collect();
        if std::mem::take(&mut self.struck) {
            self.paused = (time.div_euclid(DAY_SECONDS) + 1) * DAY_SECONDS;
            found.push(self.too_many_losses(self.losses));
            self.losses = 0;
        }
        let act = |breach: Breach| {
            let acts = self.halted.is_none().then_some(self.on_breach);
            if acts.is_some_and(|it| it != OnBreach::Refuse) {
                self.halted = Some(breach.clone());
            }
            (acts, breach)
        };
        found.into_iter().map(act).collect()
    }
}
