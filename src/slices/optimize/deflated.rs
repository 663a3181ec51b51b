//! The deflated Sharpe ratio: D. H. Bailey and M. López de Prado, "The Deflated Sharpe Ratio: Correcting for Selection
//! Bias, Backtest Overfitting and Non-Normality", Journal of Portfolio Management 40(5), 2014.

use std::f64::consts::E;

use crate::market::metrics::{normal, quantile};

/// The Euler-Mascheroni constant.
const EULER: f64 = 0.577_215_664_901_532_9;

/// What the returns of a chosen strategy say about its skill.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Deflated {
    /// The probability that the true Sharpe ratio is above what the best of so many worthless trials would show.
    pub probability: f64,
    /// The Sharpe ratio, a period, that the best of so many worthless trials is expected to show.
    pub benchmark: f64,
    /// Third standardised moment of the returns.
    pub skewness: f64,
    /// Fourth standardised moment of the returns; 3 for normal ones.
    pub kurtosis: f64,
}

/// Returns the deflated Sharpe ratio of returns chosen among `trials`, whose Sharpe ratios a period have a variance; none
/// with fewer than 3 returns or where they do not vary.
///
/// DSR = Φ((SR − SR0)·√(T − 1) / √(1 − γ3·SR + (γ4 − 1)/4·SR²)), SR0 = √V·((1 − γ)·Φ⁻¹(1 − 1/N) + γ·Φ⁻¹(1 − 1/(N·e))),
/// with the Sharpe ratio SR a period, its skewness γ3 and kurtosis γ4, T returns and N trials. V, the variance of the
/// Sharpe ratios of the trials, is taken to be that of the estimate itself where it is not known, as it is where all
/// trials are worthless.
pub(super) fn deflated(returns: &[f64], trials: usize, spread: Option<f64>) -> Option<Deflated> {
    let count = returns.len() as f64;
    let mean = returns.iter().sum::<f64>() / count;
    let moment = |power: i32| returns.iter().map(|it| (it - mean).powi(power)).sum::<f64>() / count;
    let variance = moment(2);
    if returns.len() < 3 || variance.is_nan() || variance <= 1e-24 {
        return None;
    }
    let sigma = variance.sqrt();
    let (skewness, kurtosis) = (moment(3) / sigma.powi(3), moment(4) / sigma.powi(4));
    // The sample deviation of the ratio has ddof 1, as that of the metrics.
    let sharpe = mean / (sigma * (count / (count - 1.0)).sqrt());
    let error = (1.0 - skewness * sharpe + (kurtosis - 1.0) / 4.0 * sharpe * sharpe).max(1e-12);
    let trials = trials.max(1) as f64;
    let benchmark = if trials > 1.0 {
        let expected = (1.0 - EULER) * quantile(1.0 - 1.0 / trials) + EULER * quantile(1.0 - 1.0 / (trials * E));
        spread.unwrap_or(error / (count - 1.0)).sqrt() * expected
    } else {
        0.0
    };
    let probability = normal((sharpe - benchmark) * (count - 1.0).sqrt() / error.sqrt());
    Some(Deflated { probability, benchmark, skewness, kurtosis })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail loudly")]

    use super::*;
    use crate::slices::sample::Noise;

    #[test]
    fn agrees_with_the_worked_example_of_the_paper() {
        // Annual Sharpe 2.5 over 1,250 days, skewness -3, kurtosis 10, 100 trials whose annual Sharpes have variance 1/2:
        // the paper gives a probability of 0.9004. The formula is taken apart here since V is given there.
        let (sharpe, count) = (2.5 / 250_f64.sqrt(), 1_250.0_f64);
        let expected = (1.0 - EULER) * quantile(0.99) + EULER * quantile(1.0 - 1.0 / (100.0 * E));
        let benchmark = (0.5 / 250.0_f64).sqrt() * expected;
        let error = 1.0 + 3.0 * sharpe + (10.0 - 1.0) / 4.0 * sharpe * sharpe;
        let probability = normal((sharpe - benchmark) * (count - 1.0).sqrt() / error.sqrt());
        assert!((probability - 0.9004).abs() < 5e-4, "{probability}");
    }

    #[test]
    fn more_trials_make_the_same_returns_worth_less() {
        let mut noise = Noise::new(3);
        let returns: Vec<f64> = (0..1_000).map(|_| 0.0006 + 0.01 * noise.normal()).collect();
        let of = |trials| deflated(&returns, trials, None).unwrap().probability;
        assert!(of(1) > of(10) && of(10) > of(1_000));
        assert_eq!(deflated(&[0.01; 50], 10, None), None);
    }

    #[test]
    fn the_best_of_worthless_trials_is_not_believed() {
        let mut noise = Noise::new(17);
        let best = (0..50).map(|_| {
            let all: Vec<Vec<f64>> = (0..40).map(|_| (0..250).map(|_| 0.01 * noise.normal()).collect()).collect();
            let sum = |it: &Vec<f64>| it.iter().sum::<f64>();
            let chosen = all.into_iter().max_by(|a, b| sum(a).total_cmp(&sum(b))).unwrap();
            deflated(&chosen, 40, None).unwrap().probability
        });
        let mean = best.sum::<f64>() / 50.0;
        assert!((mean - 0.5).abs() < 0.12, "{mean}");
    }
}
