//! Backtests: decisions replayed bar by bar against the simulated broker.

mod desk;
mod leap;
mod signals;
mod targets;
mod together;

use std::sync::Arc;

use rust_decimal::Decimal;
use thiserror::Error;

use super::{BarSeries, Book, DECIMALS, Exact, FillModel, Limits, Price, PriceBar, Ratio, time_text};

use signals::Watch;
pub use signals::{Ground, Script, Trial, run_signals};
pub use targets::run_targets;
pub use together::{Part, run_together};

/// With what a backtest begins.
#[derive(Clone, Debug)]
pub struct Setup {
    /// The cash at its first bar.
    pub capital: Decimal,
    /// At what prices orders fill, and what that costs.
    pub model: FillModel,
    /// What every order is held against.
    pub limits: Limits,
    /// The least equity for each unit that is held: below it at a close everything is closed at the next open.
    pub margin: Ratio,
    /// Whether of a stop and a target in one bar the target is met, not the stop.
    pub target_first: bool,
    /// Whether what every order was, and became, is kept.
    pub keeps_orders: bool,
}

/// What a backtest came to.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// The broker with its account, trades and events, at the last bar.
    pub book: Book,
    /// The times of its bars.
    pub times: Arc<[i64]>,
    /// Cash and positions at the close of each of them.
    pub equity: Vec<Exact>,
    /// At the close of how many of them something was held.
    pub exposed: usize,
}

/// Why a backtest cannot be made.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Unfit {
    /// There is nothing to trade on.
    #[error("there are no bars of `{0}` to trade on: {1}")]
    NoBars(String, String),
    /// A price is missing.
    #[error("the bar of `{symbol}` on {time} has the {column} {price}, which is no price above zero")]
    BadPrice {
        /// The instrument.
        symbol: String,
        /// The bar.
        time: String,
        /// Which price.
        column: &'static str,
        /// What stands there.
        price: String,
    },
    /// The capital is no sum to trade with.
    #[error("the capital is {0}: it must be above 0 and at most 1_000_000_000_000")]
    Capital(Decimal),
    /// The decisions are not those of the bars.
    #[error("there are decisions for {decided} bars and {bars} bars of `{symbol}`")]
    Length {
        /// The instrument.
        symbol: String,
        /// How many decisions.
        decided: usize,
        /// How many bars.
        bars: usize,
    },
    /// Risk is a distance to a stop, and there is none.
    #[error("a size or a target that counts in what is risked needs a stop, or one that trails")]
    RiskWithoutStop,
}

impl Setup {
    /// Returns what begins with so much capital, without limits, and with the maintenance margin that is usual for shares.
    pub fn new(capital: Decimal, model: FillModel) -> Self {
        let (limits, margin) = (Limits::default(), Ratio::percent(25));
        Self { capital, model, limits, margin, target_first: false, keeps_orders: false }
    }

    /// Returns a broker with the capital, over so many instruments.
    fn book(&self, instruments: usize) -> Result<Book, Unfit> {
        let most = Decimal::from(1_000_000_000_000_i64);
        let legal = Some(self.capital).filter(|it| *it > Decimal::ZERO && *it <= most);
        let capital = legal.and_then(|it| Exact::of(it.round_dp(DECIMALS))).ok_or(Unfit::Capital(self.capital))?;
        let book = Book::new(capital, instruments, self.model, &self.limits);
        Ok(book.with_margin(self.margin).with_ledger(self.keeps_orders))
    }
}

/// Reads one price of a bar.
fn price_of(bars: &BarSeries, column: &'static str, prices: &[f64], bar: usize) -> Result<Price, Unfit> {
    let price = prices.get(bar).copied().unwrap_or(f64::NAN);
    Price::new(price).ok_or_else(|| Unfit::BadPrice {
        symbol: bars.symbol.to_string(),
        time: bars.time.get(bar).map_or_else(|| bar.to_string(), |it| time_text(*it)),
        column,
        price: price.to_string(),
    })
}

#[inline]
fn price_bar(bars: &BarSeries, bar: usize) -> Result<PriceBar, Unfit> {
    let price = |prices: &[f64]| prices.get(bar).and_then(|it| Price::new(*it));
    let read = (price(&bars.open), price(&bars.high), price(&bars.low), price(&bars.close));
    let (Some(open), Some(high), Some(low), Some(close)) = read else { return bad_bar(bars, bar) };
    let time = bars.time.get(bar).copied().unwrap_or_default();
    Ok(PriceBar { time, open, high, low, close, volume: bars.volume.get(bar).copied().unwrap_or_default() })
}

/// Says which price of a bar is none.
#[cold]
fn bad_bar(bars: &BarSeries, bar: usize) -> Result<PriceBar, Unfit> {
    Ok(PriceBar {
        time: bars.time.get(bar).copied().unwrap_or_default(),
        open: price_of(bars, "open", &bars.open, bar)?,
        high: price_of(bars, "high", &bars.high, bar)?,
        low: price_of(bars, "low", &bars.low, bar)?,
        close: price_of(bars, "close", &bars.close, bar)?,
        volume: bars.volume.get(bar).copied().unwrap_or_default(),
    })
}
