//! A result beside another: the market, or what was traded, merely held.

use super::{Basis, FEW, Metric, NO_RETURNS, ROUNDING, deviation, figures, mean, over};

/// Returns the figures of returns beside those of a benchmark over the same periods: `benchmark_return`, `excess_return`,
/// `alpha`, `beta`, `correlation`, `r_squared`, `tracking_error`, `information_ratio`, `treynor`, `up_capture` and
/// `down_capture`.
pub fn relative(returns: &[f64], benchmark: &[f64], basis: &Basis) -> Vec<Metric> {
    let n = returns.len() as f64;
    let problem = if returns.is_empty() {
        Some(NO_RETURNS)
    } else if returns.len() != benchmark.len() {
        Some("the benchmark has other periods")
    } else if returns.len() < 2 {
        Some(FEW)
    } else {
        None
    };
    let growth = |of: &[f64]| of.iter().map(|it| 1.0 + it).product::<f64>();
    let (own_mean, its_mean) = (mean(returns), mean(benchmark));
    let (mut own, mut its, mut both) = (0.0, 0.0, 0.0);
    for (a, b) in returns.iter().zip(benchmark) {
        let (a, b) = (a - own_mean, b - its_mean);
        own += a * a;
        its += b * b;
        both += a * b;
    }
    let varies = |squares: f64, mean: f64| (squares / (n - 1.0)).sqrt() > mean.abs() * ROUNDING;
    let beta = if varies(its, its_mean) { Ok(both / its) } else { Err("the benchmark does not vary") };
    let steady = "the returns do not vary";
    let correlation =
        beta.and_then(|_| if varies(own, own_mean) { Ok(both / (own * its).sqrt()) } else { Err(steady) });
    let active: Vec<f64> = returns.iter().zip(benchmark).map(|(a, b)| a - b).collect();
    let year = basis.periods.sqrt();
    let risk_free = basis.risk_free;
    let alpha = beta.map(|beta| (1.0 + own_mean - risk_free - beta * (its_mean - risk_free)).powf(basis.periods) - 1.0);
    let cagr = basis.annual(growth(returns), n);
    let captured = |which: fn(f64) -> bool, none| {
        let some = || returns.iter().zip(benchmark).filter(|(_, it)| which(**it));
        let count = some().count() as f64;
        // As logarithms: the product of the good half of many periods is beyond all numbers.
        let annual = |logs: f64| (logs * basis.periods / count).exp_m1();
        let own = annual(some().map(|it| it.0.ln_1p()).sum());
        let its = annual(some().map(|it| it.1.ln_1p()).sum());
        if count > 0.0 { Ok(own / its) } else { Err(none) }
    };
    figures(
        problem,
        [
            ("benchmark_return", Ok(growth(benchmark) - 1.0)),
            ("excess_return", Ok(cagr - basis.annual(growth(benchmark), n))),
            ("alpha", alpha),
            ("beta", beta),
            ("correlation", correlation),
            ("r_squared", correlation.map(|it| it * it)),
            ("tracking_error", Ok(deviation(&active) * year)),
            (
                "information_ratio",
                over(mean(&active) * year, deviation(&active), "it does not differ from its benchmark"),
            ),
            (
                "treynor",
                beta.and_then(|it| {
                    let excess = cagr - basis.risk_free_year();
                    if it == 0.0 { Err("beta is 0") } else { Ok(excess / it) }
                }),
            ),
            ("up_capture", captured(|it| it > 0.0, "the benchmark never rose")),
            ("down_capture", captured(|it| it < 0.0, "the benchmark never fell")),
        ],
    )
}
