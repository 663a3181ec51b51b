//! How returns are spread: their tails, their shape, how steady they are.

use super::{Basis, FEW, Metric, ROUNDING, deviation, figures, mean, normal, over, problem, returns_of};

/// Fewer periods than this say nothing about the worst twentieth of them.
const TAIL: usize = 20;
/// The 5th percentile of the standard normal distribution.
const FIFTH: f64 = -1.644_853_626_951_472_2;

/// Returns `var_95`, `cvar_95`, `var_normal_95`, `tail_ratio`, `common_sense_ratio`, `skew`, `kurtosis`,
/// `autocorrelation`, `positive_bars`, `probabilistic_sharpe` and `stability` of an equity curve, its starting capital
/// first.
pub fn distribution(equity: &[f64], basis: &Basis) -> Vec<Metric> {
    let mut returns = returns_of(equity);
    let n = returns.len() as f64;
    let mean = mean(&returns);
    let (mut second, mut third, mut fourth, mut lagged) = (0.0, 0.0, 0.0, 0.0);
    let (mut won, mut lost, mut wins, mut moves, mut before) = (0.0, 0.0, 0.0, 0.0, 0.0);
    for it in &returns {
        let (from_mean, up) = (it - mean, it.max(0.0));
        let square = from_mean * from_mean;
        second += square;
        third += square * from_mean;
        fourth += square * square;
        lagged += from_mean * before;
        before = from_mean;
        won += up;
        lost += up - it;
        wins += f64::from(u8::from(*it > 0.0));
        moves += f64::from(u8::from(*it != 0.0));
    }
    let sigma = deviation(&returns);
    let varied = sigma > mean.abs() * ROUNDING;
    let shape = |least: f64, it: f64| match () {
        () if n < least => Err("there are too few periods for its moment"),
        () if !varied => Err("the returns do not vary"),
        () => Ok(it),
    };
    let (skewness, tailedness) = (third / n / (second / n).powf(1.5), fourth / n / (second / n).powi(2));
    let skew = skewness * (n * (n - 1.0)).sqrt() / (n - 2.0);
    let kurtosis = (n - 1.0) / ((n - 2.0) * (n - 3.0)) * ((n + 1.0) * tailedness - 3.0 * (n - 1.0));
    let sharpe = (mean - basis.risk_free) / sigma;
    let error = (1.0 - skewness * sharpe + (tailedness - 1.0) / 4.0 * sharpe * sharpe).max(1e-12);
    let tail = Tail::of(&mut returns).ok_or("there are fewer than 20 periods");
    let ratio = tail.and_then(|it| over(it.ninety_fifth, it.fifth.abs(), "the 5th percentile of returns is 0"));
    figures(
        problem(equity),
        [
            ("var_95", tail.map(|it| it.fifth)),
            ("cvar_95", tail.map(|it| it.worst)),
            ("var_normal_95", if n < 2.0 { Err(FEW) } else { Ok(mean + FIFTH * sigma) }),
            ("tail_ratio", ratio),
            ("common_sense_ratio", ratio.and_then(|it| Ok(it * over(won, lost, "no period lost")?))),
            ("skew", shape(3.0, skew)),
            ("kurtosis", shape(4.0, kurtosis)),
            ("autocorrelation", shape(3.0, lagged / second)),
            ("positive_bars", over(wins, moves, "equity never moved")),
            ("probabilistic_sharpe", shape(3.0, normal(sharpe * (n - 1.0).sqrt() / error.sqrt()))),
            ("stability", if n < 3.0 { Err("there are fewer than three periods") } else { stability(equity) }),
        ],
    )
}

/// Returns how straight the line of log equity is: R² of its regression on time, the capital before the first period left
/// out.
fn stability(equity: &[f64]) -> Result<f64, super::Undefined> {
    let first = equity.first().copied().unwrap_or(f64::NAN);
    let logs: Vec<f64> = equity.iter().skip(1).map(|it| (it / first).ln()).collect();
    let middle = (logs.len() as f64 - 1.0) / 2.0;
    let mean = mean(&logs);
    let (mut both, mut time, mut level) = (0.0, 0.0, 0.0);
    for (at, it) in logs.iter().enumerate() {
        let (x, y) = (at as f64 - middle, it - mean);
        both += x * y;
        time += x * x;
        level += y * y;
    }
    over(both * both, time * level, "equity never moved")
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
