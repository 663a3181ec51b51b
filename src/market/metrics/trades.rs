//! What trading itself came to.

use super::{Metric, Undefined, deviation, figures, mean, over};

/// What a closed trade gave.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TradeResult {
    /// Profit or loss after costs, in the currency of the account.
    pub pnl: f64,
    /// The same as a share of what was bought or sold short.
    pub gain: f64,
    /// How many bars it was open.
    pub bars: usize,
    /// How many days it was open.
    pub days: f64,
}

/// How much an account traded.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Activity {
    /// How many bars there are.
    pub bars: usize,
    /// At the close of how many of them something was held.
    pub exposed: usize,
    /// What was bought and sold, over the mean equity.
    pub turnover: f64,
    /// How many years there are: periods over periods a year.
    pub years: f64,
}

const NO_TRADES: Undefined = "there are no closed trades";

/// Returns the figures of closed trades, in the order of their exits, and of how much was traded.
pub fn of_trades(trades: &[TradeResult], activity: &Activity) -> Vec<Metric> {
    let count = trades.len() as f64;
    let all: Vec<f64> = trades.iter().map(|it| it.pnl).collect();
    let (won, lost): (Vec<f64>, Vec<f64>) = all.iter().filter(|it| **it != 0.0).partition(|it| **it > 0.0);
    let no_loss = if trades.is_empty() { NO_TRADES } else { "no trade has lost" };
    let no_win = if trades.is_empty() { NO_TRADES } else { "no trade has won" };
    let some = |it: f64| if trades.is_empty() { Err(NO_TRADES) } else { Ok(it) };
    let win = if won.is_empty() { Err(no_win) } else { Ok(mean(&won)) };
    let loss = if lost.is_empty() { Err(no_loss) } else { Ok(mean(&lost)) };
    let payoff = win.and_then(|win| Ok(win / -loss?));
    let win_rate = over(won.len() as f64, count, NO_TRADES);
    let spread = if all.len() < 2 { Err("there are fewer than two closed trades") } else { Ok(deviation(&all)) };
    let most = |of: &[f64]| of.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let mean_of = |of: fn(&TradeResult) -> f64| some(trades.iter().map(of).sum::<f64>() / count);
    figures(
        None,
        [
            ("closed_trades", Ok(count)),
            ("win_rate", win_rate),
            ("profit_factor", over(won.iter().sum(), -lost.iter().sum::<f64>(), no_loss)),
            ("payoff_ratio", payoff),
            ("expectancy", some(mean(&all))),
            ("average_trade", mean_of(|it| it.gain)),
            ("average_win", win),
            ("average_loss", loss),
            ("largest_win", win.map(|_| most(&won))),
            ("largest_loss", loss.map(|_| lost.iter().copied().fold(f64::INFINITY, f64::min))),
            ("winning_streak", some(streak(&all, |it| it > 0.0))),
            ("losing_streak", some(streak(&all, |it| it < 0.0))),
            ("kelly", win_rate.and_then(|rate| Ok(rate - (1.0 - rate) / payoff?))),
            ("sqn", spread.and_then(|it| over(count.sqrt() * mean(&all), it, "the trades do not differ"))),
            ("average_bars", mean_of(|it| it.bars as f64)),
            ("average_days", mean_of(|it| it.days)),
            ("trades_per_year", over(count, activity.years, "there are no periods")),
            ("exposure", over(activity.exposed as f64, activity.bars as f64, "there are no bars")),
            ("turnover", Ok(activity.turnover)),
        ],
    )
}

/// Returns the length of the longest run of trades for which something holds.
fn streak(all: &[f64], holds: fn(f64) -> bool) -> f64 {
    let (mut longest, mut current) = (0, 0);
    for it in all {
        current = if holds(*it) { current + 1 } else { 0 };
        longest = current.max(longest);
    }
    f64::from(longest)
}
