//! Holds every order against the limits.

use rust_decimal::Decimal;

use super::{Amount, DAY_SECONDS, Exact, Limits, OnBreach, Order, Price, Units, time_text};

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
    /// What is held of it.
    pub held: Units,
    /// What is held of all other instruments, longs and shorts added.
    pub others: Decimal,
    /// Cash and positions.
    pub equity: Decimal,
}

/// Holds every order against the limits, and watches what the account loses.
#[derive(Clone, Debug)]
pub struct Guard {
    limits: Limits,
    highest: Exact,
    last: Exact,
    day: i64,
    day_start: Exact,
    /// Why the account lost too much, while it has.
    breach: Option<String>,
    halted: bool,
    minute: i64,
    orders: u32,
}

fn amount_of(limit: &Amount, whole: Decimal) -> Decimal {
    match limit {
        Amount::Money(it) => it.amount,
        Amount::Percent(it) => it.0 * whole,
    }
}

impl Guard {
    /// Returns a guard of these limits over an account of this equity.
    pub fn new(limits: Limits, equity: Exact) -> Self {
        let (highest, last, day_start) = (equity, equity, equity);
        Self {
            limits,
            highest,
            last,
            day: i64::MIN,
            day_start,
            breach: None,
            halted: false,
            minute: i64::MIN,
            orders: 0,
        }
    }

    /// Says whether nothing more is traded.
    pub fn is_halted(&self) -> bool {
        self.halted
    }

    /// Returns the most that may be held for each unit of equity: 1 where no limit says it.
    pub fn leverage(&self) -> Decimal {
        self.limits.max_leverage.map_or(Decimal::ONE, |it| it.0)
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
        if let Some(breach) = &self.breach {
            return Verdict::Refused(breach.clone());
        }
        if let Some(most) = self.limits.max_orders_per_minute {
            let minute = standing.time.div_euclid(60);
            self.orders = if minute == self.minute { self.orders + 1 } else { 1 };
            self.minute = minute;
            if self.orders > most {
                return Verdict::Refused(format!("more than {most} orders in a minute"));
            }
        }
        let equity = standing.equity;
        let caps = [
            (self.limits.max_position.as_ref().map(|it| amount_of(it, equity)), "max_position"),
            (self.limits.max_gross.as_ref().map(|it| amount_of(it, equity) - standing.others), "max_gross"),
            (self.limits.max_leverage.map(|it| it.0 * equity - standing.others), "max_leverage"),
        ];
        let tightest = caps.into_iter().filter_map(|(cap, name)| Some((cap?, name))).min_by_key(|it| it.0);
        let Some((cap, name)) = tightest else { return Verdict::Approved };
        // What this order makes of the position, and how much of that the cap leaves room for.
        let wanted = Units(held + order.side.sign() * order.quantity.0);
        let room = Units::floor(cap.max(Decimal::ZERO) / standing.price.decimal(), Units(1));
        if wanted.0.abs() <= room.0 {
            return Verdict::Approved;
        }
        let allowed = order.quantity.0 - (wanted.0.abs() - room.0);
        let why = format!("`{name}` leaves room for {} of it", cap.max(Decimal::ZERO).round_dp(2).normalize());
        if allowed > 0 { Verdict::Reduced(Units(allowed), why) } else { Verdict::Refused(why) }
    }

    /// Takes note of the equity at the close of a bar; says so when a limit on losses is breached that was not before.
    pub fn mark(&mut self, time: i64, equity: Exact) -> Option<(OnBreach, String)> {
        if self.limits.max_daily_loss.is_none() && self.limits.max_drawdown.is_none() {
            return None;
        }
        let day = time.div_euclid(DAY_SECONDS);
        if day != self.day {
            (self.day, self.day_start) = (day, self.last);
        }
        self.last = equity;
        self.highest = self.highest.max(equity);
        let breach = self.breached(time, equity);
        let is_new = breach.is_some() && self.breach.is_none() && !self.halted;
        self.breach = breach;
        let on_breach = self.limits.on_breach;
        self.halted |= is_new && on_breach != OnBreach::Refuse;
        self.breach.clone().filter(|_| is_new).map(|it| (on_breach, it))
    }

    fn breached(&self, time: i64, equity: Exact) -> Option<String> {
        let over = |limit: &Option<Amount>, from: Exact, what: &str| {
            let limit = limit.as_ref().filter(|_| equity < from)?;
            let (lost, most) = (Exact(from.0 - equity.0).decimal(), amount_of(limit, from.decimal()));
            let text = || {
                let (lost, most) = (lost.round_dp(2).normalize(), most.round_dp(2).normalize());
                format!("`{what}` is breached on {}: {lost} lost, {most} allowed", time_text(time))
            };
            (lost > most).then(text)
        };
        let daily = over(&self.limits.max_daily_loss, self.day_start, "max_daily_loss");
        daily.or_else(|| over(&self.limits.max_drawdown, self.highest, "max_drawdown"))
    }
}
