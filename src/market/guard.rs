//! Holds every order against the limits.

use super::{Amount, DAY_SECONDS, DECIMALS, Exact, Limits, OnBreach, Order, Price, Ratio, Units, time_text};
use crate::value::Duration;

/// What becomes of an order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It may be given.
    Approved,
    /// So much of it may be given, and why not more.
    Reduced(Units, String),
    /// It may not be given, and why.
    Refused(String),
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
#[derive(Clone, Copy, Debug)]
struct Loss {
    name: &'static str,
    cap: Cap,
    /// What equity was then, and how low it may be.
    from: Exact,
    floor: Exact,
}

impl Loss {
    fn new(name: &'static str, limit: Option<&Amount>, from: Exact) -> Option<Self> {
        let mut it = Self { name, cap: Cap::of(limit)?, from, floor: from };
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

    fn told(&self, time: i64, equity: Exact) -> String {
        let shown = |it: Exact| it.decimal().round_dp(2).normalize();
        let (lost, most) = (shown(self.from - equity), shown(self.cap.of_whole(self.from)));
        format!("`{}` is breached on {}: {lost} lost, {most} allowed", self.name, time_text(time))
    }
}

/// Holds every order against the limits, and watches what the account loses.
#[derive(Clone, Debug)]
pub struct Guard {
    max_position: Option<Cap>,
    max_gross: Option<Cap>,
    max_leverage: Option<Ratio>,
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
    /// What the account lost too much by, when, and what it was worth then; while it has.
    breach: Option<(Loss, i64, Exact)>,
    halted: bool,
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
            max_position: Cap::of(limits.max_position.as_ref()),
            max_gross: Cap::of(limits.max_gross.as_ref()),
            max_leverage: limits.max_leverage.and_then(|it| Ratio::of(it.0)),
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
            breach: None,
            halted: false,
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

    /// Says whether nothing more is traded.
    pub fn is_halted(&self) -> bool {
        self.halted
    }

    /// Returns the most that may be held for each unit of equity: 1 where no limit says it.
    pub fn leverage(&self) -> Ratio {
        self.max_leverage.unwrap_or(Ratio::ONE)
    }

    /// Says what becomes of an order. What closes a position is refused only after a halt.
    pub fn check(&mut self, order: &Order, standing: &Standing) -> Verdict {
        if self.halted {
            return Verdict::Refused("trading is halted".into());
        }
        let held = standing.held.0;
        let closes = held.signum() == -order.side.sign();
        if closes && order.quantity.0 <= held.abs() {
            return Verdict::Approved;
        }
        if let Some((loss, time, equity)) = &self.breach {
            return Verdict::Refused(loss.told(*time, *equity));
        }
        if standing.time < self.paused {
            return Verdict::Refused(self.told_losses());
        }
        if let Some(most) = self.stale_data.filter(|it| standing.time - standing.quoted > *it) {
            let (age, most) = (standing.time - standing.quoted, Duration(most * 1_000));
            let quoted = time_text(standing.quoted);
            let why =
                format!("`stale_data`: the last price is of {quoted}, {} old; {most} allowed", Duration(age * 1_000));
            return Verdict::Refused(why);
        }
        if let Some(why) = order.kind.price().and_then(|it| self.outside_band(it, standing.price)) {
            return Verdict::Refused(why);
        }
        if let Some(most) = self.max_orders_per_minute {
            let minute = standing.time.div_euclid(60);
            self.orders = if minute == self.minute { self.orders + 1 } else { 1 };
            self.minute = minute;
            if self.orders > most {
                return Verdict::Refused(format!("more than {most} orders in a minute"));
            }
        }
        let Standing { equity, others, price, .. } = *standing;
        let caps = [
            (self.max_position.map(|it| it.of_whole(equity)), "max_position"),
            (self.max_gross.map(|it| it.of_whole(equity) - others), "max_gross"),
            (self.max_leverage.map(|it| equity.times(it) - others), "max_leverage"),
        ];
        let tightest =
            caps.into_iter().filter_map(|(cap, name)| Some((cap?.max(Exact::ZERO), name))).min_by_key(|it| it.0);
        let Some((cap, name)) = tightest else { return Verdict::Approved };
        // What this order makes of the position, and how much of that the cap leaves room for.
        let wanted = Units(held + order.side.sign() * order.quantity.0);
        let price = order.kind.price().unwrap_or(price);
        if Units(wanted.0.abs()).at(price) <= cap {
            return Verdict::Approved;
        }
        let allowed = order.quantity.0 - (wanted.0.abs() - cap.buys(price, Units(1)).0);
        let why = format!("`{name}` leaves room for {} of it", cap.decimal().round_dp(2).normalize());
        if allowed > 0 { Verdict::Reduced(Units(allowed), why) } else { Verdict::Refused(why) }
    }

    /// Says why a price is too far from the last one known, where it is.
    pub fn outside_band(&self, price: Price, known: Price) -> Option<String> {
        let band = self.price_band.filter(|_| known.0 > 0)?;
        let one = Units::one();
        let (apart, most) = ((one.at(price) - one.at(known)).abs(), one.at(known).times(band));
        let shown = |it: Price| it.decimal().normalize();
        let told = || format!("`price_band`: {} is too far from the last price {}", shown(price), shown(known));
        (apart > most).then(told)
    }

    /// Takes note of what a trade earned.
    pub fn closed(&mut self, pnl: Exact) {
        let Some(most) = self.max_consecutive_losses else { return };
        self.losses = if pnl < Exact::ZERO { self.losses + 1 } else { 0 };
        self.struck |= self.losses >= most.max(1);
    }

    fn told_losses(&self) -> String {
        let most = self.max_consecutive_losses.unwrap_or_default();
        format!("`max_consecutive_losses` is breached: {most} trades in a row lost")
    }

    /// Says so when too many trades in a row have lost since it was last asked.
    fn struck(&mut self, time: i64) -> Option<(OnBreach, String)> {
        (self.struck, self.losses) = (false, 0);
        if self.halted {
            return None;
        }
        self.paused = (time.div_euclid(DAY_SECONDS) + 1) * DAY_SECONDS;
        self.halted = self.on_breach != OnBreach::Refuse;
        Some((self.on_breach, self.told_losses()))
    }

    /// Takes note of the equity at the close of a bar; says so when a limit on losses is breached that was not before.
    #[inline]
    pub fn mark(&mut self, time: i64, equity: Exact) -> Option<(OnBreach, String)> {
        let found = if !self.watches_losses() {
            None
        } else if time < self.tomorrow && equity >= self.calm.0 && equity <= self.calm.1 {
            self.last = equity;
            None
        } else {
            self.look(time, equity)
        };
        if self.struck && found.is_none() { self.struck(time) } else { found }
    }

    fn look(&mut self, time: i64, equity: Exact) -> Option<(OnBreach, String)> {
        if time >= self.tomorrow {
            self.tomorrow = (time.div_euclid(DAY_SECONDS) + 1) * DAY_SECONDS;
            self.daily.iter_mut().for_each(|it| it.since(self.last));
        }
        self.last = equity;
        if let Some(it) = self.drawdown.as_mut().filter(|it| equity > it.from) {
            it.since(equity);
        }
        let over = [self.daily, self.drawdown].into_iter().flatten().find(|it| it.is_over(equity));
        let was_breached = self.breach.is_some();
        self.breach = over.map(|it| (it, time, equity));
        let floors = [self.daily, self.drawdown].into_iter().flatten().map(|it| it.floor.min(it.from));
        let floor = if over.is_some() { Exact(i128::MAX) } else { floors.max().unwrap_or(equity) };
        self.calm = (floor, self.drawdown.map_or(Exact(i128::MAX), |it| it.from));
        let newly = over.filter(|_| !was_breached && !self.halted)?;
        self.halted = self.on_breach != OnBreach::Refuse;
        Some((self.on_breach, newly.told(time, equity)))
    }
}
