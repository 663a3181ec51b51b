//! What is asked of every result: growth, risk, and the one for the other.

use super::{Basis, FEW, Metric, NO_FALL, ROUNDING, figures, over, problem, steps};

/// Returns `total_return`, `cagr`, `volatility`, `downside_deviation`, `sharpe`, `sortino`, `max_drawdown`, `calmar`,
/// `omega` and `gain_to_pain` of an equity curve, its starting capital first.
pub fn performance(equity: &[f64], basis: &Basis) -> Vec<Metric> {
    let count = equity.len() as f64 - 1.0;
    let year = basis.periods.sqrt();
    let (mut sum, mut losses, mut above, mut below, mut downside) = (0.0, 0.0, 0.0, 0.0, 0.0);
    for it in steps(equity) {
        let excess = it - basis.target;
        let short = excess.min(0.0);
        sum += it;
        losses -= it.min(0.0);
        above += excess.max(0.0);
        below -= short;
        downside += short * short;
    }
    let mean = sum / count;
    let squares: f64 = steps(equity).map(|it| (it - mean) * (it - mean)).sum();
    let deviation = (squares / (count - 1.0)).sqrt();
    let downside = (downside / count).sqrt();
    let growth = equity.first().zip(equity.last()).map_or(f64::NAN, |(first, last)| last / first);
    let cagr = basis.annual(growth, count);
    let deepest = deepest(equity);
    let several = |it: f64| if count < 2.0 { Err(FEW) } else { Ok(it) };
    let varied = if deviation > mean.abs() * ROUNDING { deviation } else { 0.0 };
    let none_below = "no period is below the target";
    figures(
        problem(equity),
        [
            ("total_return", Ok(growth - 1.0)),
            ("cagr", Ok(cagr)),
            ("volatility", several(deviation * year)),
            ("downside_deviation", Ok(downside * year)),
            (
                "sharpe",
                several(mean).and_then(|_| over((mean - basis.risk_free) * year, varied, "the returns do not vary")),
            ),
            ("sortino", over((mean - basis.target) * year, downside, none_below)),
            ("max_drawdown", Ok(deepest)),
            ("calmar", over(cagr, -deepest, NO_FALL)),
            ("omega", over(above, below, none_below)),
            ("gain_to_pain", over(sum, losses, "no period lost")),
        ],
    )
}

/// Returns how far equity fell below its highest so far at most: a negative share.
fn deepest(equity: &[f64]) -> f64 {
    let (mut highest, mut deepest) = (f64::NEG_INFINITY, 0.0_f64);
    for it in equity {
        highest = it.max(highest);
        // A division a bar would cost more than all else here.
        if *it < (1.0 + deepest) * highest {
            deepest = (it / highest - 1.0).min(deepest);
        }
    }
    deepest
}
