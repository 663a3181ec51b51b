//! One instrument, traded by the signals of one strategy or of several in turn.

use super::{Outcome, Setup, Unfit, desk::Desk, price_of};
use crate::market::{BarSeries, Book, Exact, OrderRules, Price, Ratio, Signals, Size, Target};

/// Whose signals are traded, and with how much.
#[derive(Clone, Copy, Debug)]
pub struct Script<'a> {
    /// The signals of each strategy.
    pub signals: &'a [Signals],
    /// From which bar on which of them decides entries, by rising bar. Each position stays with the strategy that opened
    /// it: that one's exits, stop and target close it, whichever decides entries by then.
    pub turns: &'a [(usize, usize)],
    /// The share of equity to hold as decided at each bar, in the place of the strategies' own sizes; NaN where none is
    /// known, and then no entry is made.
    pub shares: Option<&'a [f64]>,
    /// The first bar: decisions before it are not taken.
    pub start: usize,
}

/// Sees what an account is worth at every close.
pub(super) trait Watch {
    /// Says whether it wants to.
    fn looks(&self) -> bool;
    /// Sees what it is worth at the next close.
    fn marked(&mut self, equity: Exact);
    /// Sees that it is worth the same at so many closes.
    fn kept(&mut self, bars: usize, equity: Exact);
}

/// What the account was worth at each close.
impl Watch for Vec<Exact> {
    fn looks(&self) -> bool {
        true
    }
    #[inline]
    fn marked(&mut self, equity: Exact) {
        self.push(equity);
    }
    fn kept(&mut self, bars: usize, equity: Exact) {
        self.resize(self.len() + bars, equity);
    }
}

/// Nobody looks.
impl Watch for () {
    fn looks(&self) -> bool {
        false
    }
    fn marked(&mut self, _: Exact) {}
    fn kept(&mut self, _: usize, _: Exact) {}
}

/// Replays the signals of strategies over their bars.
///
/// At each bar: what was decided at the last close fills at the open; then stop, trailing stop and target are met within
/// the bar; then its close is marked, held against the limits, and decided on.
///
/// # Errors
/// No bars, a price that is none, decisions of other bars, or a capital that is no sum to trade with.
pub fn run_signals(bars: &BarSeries, script: &Script<'_>, setup: &Setup) -> Result<Outcome, Unfit> {
    fit(bars, script)?;
    let mut equity = Vec::with_capacity(bars.len().saturating_sub(script.start));
    let (book, exposed) = replay(bars, script, setup, &mut equity)?;
    let times = match script.start {
        0 => bars.time.clone(),
        start => bars.time.get(start..).unwrap_or_default().into(),
    };
    Ok(Outcome { book, times, equity, exposed })
}

/// What one of many backtests came to: the same as [`run_signals`] says, without what the account was worth on the way.
#[derive(Clone, Debug)]
pub struct Trial {
    /// The broker with its account and trades, at the last bar.
    pub book: Book,
    /// At the close of how many bars something was held.
    pub exposed: usize,
}

/// Bars whose closes are known to be prices, so that many backtests over them need not look again.
#[derive(Clone, Copy, Debug)]
pub struct Ground<'a> {
    bars: &'a BarSeries,
    start: usize,
}

impl<'a> Ground<'a> {
    /// Checks the closes from a bar on.
    ///
    /// # Errors
    /// A price that is none.
    pub fn new(bars: &'a BarSeries, start: usize) -> Result<Self, Unfit> {
        check_closes(bars, start)?;
        Ok(Self { bars, start })
    }

    /// Replays the signals of a strategy from the first of the bars on.
    ///
    /// # Errors
    /// As those of [`run_signals`].
    pub fn run(&self, signals: &Signals, setup: &Setup) -> Result<Trial, Unfit> {
        let signals = std::slice::from_ref(signals);
        let script = Script { signals, turns: &[(0, 0)], shares: None, start: self.start };
        check_script(self.bars, &script)?;
        let (book, exposed) = replay(self.bars, &script, setup, &mut ())?;
        Ok(Trial { book, exposed })
    }
}

/// Every close is marked or decided on, so a bad one is found before anything is traded.
fn check_closes(bars: &BarSeries, start: usize) -> Result<(), Unfit> {
    match bars.close.iter().skip(start).position(|it| Price::new(*it).is_none()) {
        Some(bad) => price_of(bars, "close", &bars.close, start + bad).map(|_| ()),
        None => Ok(()),
    }
}

/// Checks that the decisions are those of the bars, and the closes prices.
pub(super) fn fit(bars: &BarSeries, script: &Script<'_>) -> Result<(), Unfit> {
    check_closes(bars, script.start)?;
    check_script(bars, script)
}

fn check_script(bars: &BarSeries, script: &Script<'_>) -> Result<(), Unfit> {
    for signals in script.signals {
        let decided = [&signals.enter_long, &signals.exit_long, &signals.enter_short, &signals.exit_short];
        if let Some(wrong) = decided.into_iter().find(|it| it.len() != bars.len()) {
            let (symbol, decided) = (bars.symbol.to_string(), wrong.len());
            return Err(Unfit::Length { symbol, decided, bars: bars.len() });
        }
        let OrderRules { size, stop, trail, target, .. } = &signals.orders;
        let sized = matches!(size, Size::EquityRisk(_)) && script.shares.is_none();
        if (sized || matches!(target, Some(Target::Risk(_)))) && stop.is_none() && trail.is_none() {
            return Err(Unfit::RiskWithoutStop);
        }
    }
    if script.start >= bars.len() {
        let why = format!("{} of {} are needed to begin", script.start, bars.len());
        return Err(Unfit::NoBars(bars.symbol.to_string(), why));
    }
    Ok(())
}

fn replay(
    bars: &BarSeries,
    script: &Script<'_>,
    setup: &Setup,
    watch: &mut impl Watch,
) -> Result<(Book, usize), Unfit> {
    let mut book = setup.book(1)?;
    let exposed = Desk::new(bars, script, setup, 0, Ratio::ONE).run(&mut book, watch)?;
    Ok((book, exposed))
}
