//! What is asked of every result: growth, risk, and the one for the other.

use super::{Basis, FEW, Metric, NO_FALL, ROUNDING, figures, over, problem};

/// Returns `total_return`, `cagr`, `volatility`, `downside_deviation`, `sharpe`, `sortino`, `max_drawdown`, `calmar`,
/// `omega` and `gain_to_pain` of an equity curve, its starting capital first.
pub fn performance(equity: &[f64], basis: &Basis) -> Vec<Metric> {
    let count = equity.len() as f64 - 1.0;
    let year = basis.periods.sqrt();
    let first = equity.first().copied().unwrap_or(f64::NAN);
    // One pass, since a search asks for this at every trial. Squares are of what is left of returns without the first of
    // them, which is near enough to the mean that nothing cancels.
    let near = equity.get(1).map_or(0.0, |it| it / first - 1.0);
    let (mut before, mut highest, mut deepest) = (first, first, 0.0);
    let (mut rest, mut squares, mut losses, mut above, mut below, mut downside) = (0.0, 0.0, 0.0, 0.0, 0.0, 0.0);
    for it in equity.iter().skip(1) {
        let gain = it / before - 1.0;
        before = *it;
        rest += gain - near;
        squares += (gain - near) * (gain - near);
        losses -= gain.min(0.0);
        let short = (gain - basis.target).min(0.0);
        above += (gain - basis.target).max(0.0);
        below -= short;
        downside += short * short;
        highest = it.max(highest);
        // Most bars set no record, and a division at each would cost more than all else here.
        if *it < (1.0 + deepest) * highest {
            deepest = it / highest - 1.0;
        }
    }
    let mean = near + rest / count;
    let deviation = ((squares - rest * rest / count).max(0.0) / (count - 1.0)).sqrt();
    let downside = (downside / count).sqrt();
    let growth = before / first;
    let cagr = basis.annual(growth, count);
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
            ("gain_to_pain", over(mean * count, losses, "no period lost")),
        ],
    )
}
