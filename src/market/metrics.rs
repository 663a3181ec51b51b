//! What a result was worth: return, risk and trades, each figure with its convention, and with a reason where it is undefined.
//!
//! `r[t] = E[t] / E[t-1] - 1` over the equity E, the first value included; A is the number of periods a year.

use std::borrow::Cow;

use schemars::JsonSchema;
use serde::Serialize;

use crate::value::Duration;

/// One figure of a result.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Metric {
    /// What it is called.
    pub name: Cow<'static, str>,
    /// Its value; none where it is undefined.
    pub value: Option<f64>,
    /// Why it is undefined, where it is.
    pub reason: Option<Cow<'static, str>>,
    /// How it is computed.
    pub convention: Cow<'static, str>,
}

/// On what basis figures a year are computed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Basis {
    /// How many periods a year has.
    pub periods: f64,
    /// The risk-free return of a period, which the Sharpe ratio takes off.
    pub risk_free: f64,
    /// The least acceptable return of a period, below which the Sortino and the Omega ratio see a loss.
    pub target: f64,
}

/// What a closed trade gave.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TradeResult {
    /// Profit or loss after costs, in the currency of the account.
    pub pnl: f64,
    /// How many bars it was open.
    pub bars: usize,
}

/// Trading days of a year.
const DAYS: f64 = 252.0;
/// Hours of a trading session.
const SESSION: f64 = 6.5;
/// Fewer periods than this say nothing about the worst twentieth of them.
const TAIL: usize = 20;
/// A spread smaller than this share of the mean is a rounding.
const ROUNDING: f64 = 1e-10;

impl Basis {
    /// Returns the basis of bars of this length: 252 days of 6.5 hours a year, no risk-free return, target 0.
    pub fn of(timeframe: Duration) -> Self {
        let days = timeframe.0.max(1) as f64 / Duration::DAY.0 as f64;
        let periods = if days < 1.0 {
            DAYS * (SESSION / (days * 24.0)).max(1.0)
        } else if days < 7.0 {
            DAYS / days
        } else {
            (365.25 / days).round().max(1.0)
        };
        Self { periods, risk_free: 0.0, target: 0.0 }
    }
}

/// Returns the value of the metric of this name, where it is there and defined.
pub fn value_of(metrics: &[Metric], name: &str) -> Option<f64> {
    metrics.iter().find(|it| it.name == name)?.value
}

/// Returns the figures of an equity curve, its starting capital first: `total_return`, `cagr`, `volatility`, `sharpe`,
/// `sortino`, `max_drawdown`, `calmar`, `omega`, `var_95`, `cvar_95`, `ulcer_index`, `tail_ratio`.
pub fn of_equity(equity: &[f64], basis: &Basis) -> Vec<Metric> {
    let returns: Vec<f64> = equity.iter().zip(equity.iter().skip(1)).map(|(old, new)| new / old - 1.0).collect();
    let sound = equity.iter().all(|it| it.is_finite() && *it > 0.0);
    let drawdown = Drawdown::of(equity);
    let growth = equity.first().zip(equity.last()).map_or(f64::NAN, |(first, last)| last / first);
    let problem = if returns.is_empty() {
        Some("there are no returns")
    } else {
        (!sound).then_some("the equity is not above 0 throughout")
    };
    figures(returns, growth, drawdown, basis, problem)
}

/// Why a figure is undefined.
type Undefined = &'static str;

fn figures(
    mut returns: Vec<f64>,
    growth: f64,
    drawdown: Drawdown,
    basis: &Basis,
    problem: Option<Undefined>,
) -> Vec<Metric> {
    let count = returns.len() as f64;
    let year = basis.periods.sqrt();
    let mean = returns.iter().sum::<f64>() / count;
    let deviation = (returns.iter().map(|it| (it - mean).powi(2)).sum::<f64>() / (count - 1.0)).sqrt();
    let (mut above, mut below, mut downside) = (0.0, 0.0, 0.0);
    for excess in returns.iter().map(|it| it - basis.target) {
        above += excess.max(0.0);
        below -= excess.min(0.0);
        downside += excess.min(0.0).powi(2);
    }
    let downside = (downside / count).sqrt();
    let cagr = growth.powf(basis.periods / count) - 1.0;
    let tail = Tail::of(&mut returns);
    let several = |it: f64| if returns.len() < 2 { Err("there are fewer than two periods") } else { Ok(it) };
    let over = |it: f64, by: f64, reason: Undefined| if by > 0.0 { Ok(it / by) } else { Err(reason) };
    let varied = if deviation > mean.abs() * ROUNDING { deviation } else { 0.0 };
    let tail = tail.ok_or("there are fewer than 20 periods");
    let metric = |name: &'static str, value: Result<f64, Undefined>, convention: Cow<'static, str>| {
        Metric::new(name, problem.map_or(value, Err), convention)
    };
    let annual = |text: &str| format!("{text}, {} periods a year", basis.periods).into();
    vec![
        metric("total_return", Ok(growth - 1.0), "last equity over first, less 1".into()),
        metric("cagr", Ok(cagr), annual("compound return a year")),
        metric("volatility", several(deviation * year), annual("standard deviation of returns (ddof 1)")),
        metric(
            "sharpe",
            several(mean).and_then(|_| over((mean - basis.risk_free) * year, varied, "the returns do not vary")),
            annual(&format!("mean over standard deviation (ddof 1), risk-free {} a period", basis.risk_free)),
        ),
        metric(
            "sortino",
            over((mean - basis.target) * year, downside, "no period is below the target"),
            annual(&format!("mean over downside deviation of all periods, target {} a period", basis.target)),
        ),
        metric("max_drawdown", Ok(drawdown.deepest), "least equity over the highest before it, less 1".into()),
        metric("calmar", over(cagr, -drawdown.deepest, "there is no drawdown"), annual("cagr over max_drawdown")),
        metric(
            "omega",
            over(above, below, "no period is below the target"),
            format!("gains over losses, target {} a period", basis.target).into(),
        ),
        metric("var_95", tail.map(|it| it.fifth), "historical: the 5th percentile of returns, interpolated".into()),
        metric("cvar_95", tail.map(|it| it.worst), "historical: the mean of the worst twentieth of returns".into()),
        metric(
            "ulcer_index",
            several(drawdown.ulcer),
            "root of the sum of squared drawdowns over periods less 1".into(),
        ),
        metric(
            "tail_ratio",
            tail.and_then(|it| over(it.ninety_fifth, it.fifth.abs(), "the 5th percentile of returns is 0")),
            "95th percentile of returns over the size of the 5th".into(),
        ),
    ]
}

/// Returns the figures of closed trades: `trades`, `win_rate`, `profit_factor`, `payoff_ratio`, `expectancy`,
/// `average_bars`; and `exposure`, the share of `bars` with an open position.
pub fn of_trades(trades: &[TradeResult], bars_exposed: usize, bars: usize) -> Vec<Metric> {
    let count = trades.len() as f64;
    let part = |which: fn(&f64) -> bool| trades.iter().map(|it| it.pnl).filter(which);
    let (wins, losses) = (part(|it| *it > 0.0).count() as f64, part(|it| *it < 0.0).count() as f64);
    let (gains, lost) = (part(|it| *it > 0.0).sum::<f64>(), -part(|it| *it < 0.0).sum::<f64>());
    let over = |it: f64, by: f64, reason| if by > 0.0 { Ok(it / by) } else { Err(reason) };
    let no_trades = "there are no closed trades";
    let no_loss = if trades.is_empty() { no_trades } else { "no trade has lost" };
    let no_win = if trades.is_empty() { no_trades } else { "no trade has won" };
    let payoff = over(gains, wins, no_win).and_then(|win| Ok(win / over(lost, losses, no_loss)?));
    let total_bars = trades.iter().map(|it| it.bars as f64).sum::<f64>();
    vec![
        Metric::new("trades", Ok(count), "closed trades".into()),
        Metric::new("win_rate", over(wins, count, no_trades), "trades that won over all, after costs".into()),
        Metric::new(
            "profit_factor",
            over(gains, lost, no_loss),
            "what trades won over what trades lost, after costs".into(),
        ),
        Metric::new("payoff_ratio", payoff, "mean win over mean loss, after costs".into()),
        Metric::new(
            "expectancy",
            over(gains - lost, count, no_trades),
            "mean profit of a trade in currency, after costs".into(),
        ),
        Metric::new("average_bars", over(total_bars, count, no_trades), "mean number of bars of a trade".into()),
        Metric::new(
            "exposure",
            over(bars_exposed as f64, bars as f64, "there are no bars"),
            "bars with an open position over all".into(),
        ),
    ]
}

impl Metric {
    /// Returns a figure, or the reason for which it is undefined; what is not finite is undefined.
    pub fn new(name: &'static str, value: Result<f64, &'static str>, convention: Cow<'static, str>) -> Self {
        let value = value.and_then(|it| if it.is_finite() { Ok(it) } else { Err("it is not finite") });
        let reason = value.err().map(Cow::Borrowed);
        Self { name: name.into(), value: value.ok(), reason, convention }
    }
}

/// How far equity fell from its highest.
#[derive(Clone, Copy)]
struct Drawdown {
    deepest: f64,
    ulcer: f64,
}

impl Drawdown {
    fn of(equity: &[f64]) -> Self {
        let (mut highest, mut deepest, mut squares) = (f64::NEG_INFINITY, 0.0, 0.0);
        for it in equity {
            highest = it.max(highest);
            let fall = it / highest - 1.0;
            deepest = fall.min(deepest);
            squares += fall * fall;
        }
        // One value of the equity is the capital before the first period.
        let periods = equity.len() as f64 - 1.0;
        Self { deepest, ulcer: (squares / (periods - 1.0)).sqrt() }
    }
}

/// The ends of the distribution of returns.
#[derive(Clone, Copy)]
struct Tail {
    fifth: f64,
    worst: f64,
    ninety_fifth: f64,
}

impl Tail {
    /// Reorders the returns.
    fn of(returns: &mut [f64]) -> Option<Self> {
        let last = returns.len().checked_sub(1).filter(|it| it + 1 >= TAIL)?;
        // In whole twentieths: a product with 0.05 may fall a rounding short of a whole number.
        let (rank, part) = (last / 20, (last % 20) as f64 / 20.0);
        let (lower, at, upper) = returns.select_nth_unstable_by(rank, f64::total_cmp);
        let worst = (lower.iter().sum::<f64>() + *at) / (rank + 1) as f64;
        let next = upper.iter().copied().fold(f64::INFINITY, f64::min);
        let fifth = *at + part * (next - *at);
        let (lower, at, _) = returns.select_nth_unstable_by(last - rank, f64::total_cmp);
        let before = lower.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        Some(Self { fifth, worst, ninety_fifth: *at - part * (*at - before) })
    }
}
