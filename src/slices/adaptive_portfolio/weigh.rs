//! How much of an account each of several symbols gets.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::solve::solve;
use crate::market::{Matrix, shrunk};

/// How an account is split.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Weighting {
    /// Each gets the same.
    Equal,
    /// Each gets the reciprocal of its volatility.
    #[default]
    InverseVolatility,
    /// Each adds the same to the variance of the whole.
    RiskParity,
    /// The whole has the least variance, no weight below zero.
    MinimumVariance,
    /// Each gets its return per unit of volatility, what fell gets nothing.
    Momentum,
}

impl Weighting {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Equal => "equal",
            Self::InverseVolatility => "inverse_volatility",
            Self::RiskParity => "risk_parity",
            Self::MinimumVariance => "minimum_variance",
            Self::Momentum => "momentum",
        }
    }

    /// Returns a weight for each column of returns: none below zero, and they sum to 1, or are all zero where nothing is
    /// worth holding.
    pub(super) fn weights(self, returns: &[Vec<f64>]) -> Vec<f64> {
        let raw = match self {
            Self::Equal => vec![1.0; returns.len()],
            Self::InverseVolatility => returns.iter().map(|it| 1.0 / volatility(it)).collect(),
            Self::Momentum => returns.iter().map(|it| (it.iter().sum::<f64>() / volatility(it)).max(0.0)).collect(),
            Self::RiskParity => risk_parity(&shrunk(returns)),
            Self::MinimumVariance => minimum_variance(&shrunk(returns)),
        };
        let total: f64 = raw.iter().sum();
        if total > 0.0 && total.is_finite() { raw.iter().map(|it| it / total).collect() } else { vec![0.0; raw.len()] }
    }
}

/// Returns the standard deviation, at least what a hundredth of a basis point is: what never moved has some risk.
fn volatility(returns: &[f64]) -> f64 {
    let count = returns.len().max(1) as f64;
    let mean = returns.iter().sum::<f64>() / count;
    (returns.iter().map(|it| (it - mean).powi(2)).sum::<f64>() / count).sqrt().max(1e-6)
}

/// Returns weights by which each symbol contributes equally to the variance, by cyclical coordinate descent: T. Griveau-
/// Billion, J.-C. Richard and T. Roncalli, "A Fast Algorithm for Computing High-dimensional Risk Parity Portfolios", 2013.
fn risk_parity(covariance: &Matrix) -> Vec<f64> {
    let budget = 1.0 / covariance.len() as f64;
    let mut weights: Vec<f64> = own(covariance).map(|it| 1.0 / it.max(1e-12).sqrt()).collect();
    for _ in 0..500 {
        let mut moved: f64 = 0.0;
        for (at, row) in covariance.iter().enumerate() {
            let variance = row.get(at).copied().unwrap_or_default().max(1e-12);
            let now = weights.get(at).copied().unwrap_or_default();
            let others = row.iter().zip(&weights).map(|(a, b)| a * b).sum::<f64>() - variance * now;
            let next = (-others + (others * others + 4.0 * variance * budget).sqrt()) / (2.0 * variance);
            moved = moved.max((next - now).abs() / next);
            if let Some(weight) = weights.get_mut(at) {
                *weight = next;
            }
        }
        if moved < 1e-10 {
            break;
        }
    }
    weights
}

/// Returns the long-only weights of least variance: symbols with a negative weight are taken out, the least first, until
/// none is left.
fn minimum_variance(covariance: &Matrix) -> Vec<f64> {
    let mut kept: Vec<usize> = (0..covariance.len()).collect();
    loop {
        let part: Matrix = kept
            .iter()
            .filter_map(|i| covariance.get(*i))
            .map(|row| kept.iter().filter_map(|j| row.get(*j)).copied().collect())
            .collect();
        let Some(solved) = solve(part, &vec![1.0; kept.len()]) else { return vec![1.0; covariance.len()] };
        let least = solved.iter().copied().enumerate().min_by(|a, b| a.1.total_cmp(&b.1));
        match least {
            Some((at, weight)) if weight < 0.0 => {
                kept.remove(at);
            }
            _ => {
                let mut weights = vec![0.0; covariance.len()];
                for (at, weight) in kept.iter().zip(solved) {
                    if let Some(to) = weights.get_mut(*at) {
                        *to = weight;
                    }
                }
                return weights;
            }
        }
    }
}

fn own(of: &Matrix) -> impl Iterator<Item = f64> + '_ {
    of.iter().enumerate().filter_map(|(at, row)| row.get(at)).copied()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may fail loudly")]

    use super::*;
    use crate::slices::sample::Noise;

    const ALL: [Weighting; 5] = [
        Weighting::Equal,
        Weighting::InverseVolatility,
        Weighting::RiskParity,
        Weighting::MinimumVariance,
        Weighting::Momentum,
    ];

    /// Three symbols with a common factor, the second twice as wild as the first, the third four times.
    fn returns() -> Vec<Vec<f64>> {
        let mut noise = Noise::new(9);
        let common: Vec<f64> = (0..4_000).map(|_| noise.normal()).collect();
        [1.0, 2.0, 4.0]
            .map(|scale| common.iter().map(|it| 0.001 + 0.005 * scale * (it + noise.normal())).collect())
            .to_vec()
    }

    #[test]
    fn weights_sum_to_one_and_none_is_below_zero() {
        for weighting in ALL {
            let weights = weighting.weights(&returns());
            assert!((weights.iter().sum::<f64>() - 1.0).abs() < 1e-9, "{weighting:?} {weights:?}");
            assert!(weights.iter().all(|it| *it >= 0.0), "{weighting:?} {weights:?}");
        }
    }

    #[test]
    fn inverse_volatility_is_so() {
        let weights = Weighting::InverseVolatility.weights(&returns());
        assert!((weights[0] / weights[1] - 2.0).abs() < 0.1 && (weights[0] / weights[2] - 4.0).abs() < 0.2);
    }

    #[test]
    fn risk_parity_shares_the_risk() {
        let covariance = shrunk(&returns());
        let weights = risk_parity(&covariance);
        let risk = |at: usize| weights[at] * covariance[at].iter().zip(&weights).map(|(a, b)| a * b).sum::<f64>();
        assert!((risk(0) / risk(1) - 1.0).abs() < 1e-6 && (risk(0) / risk(2) - 1.0).abs() < 1e-6);
    }

    #[test]
    fn no_small_change_lessens_the_least_variance() {
        let covariance = shrunk(&returns());
        let variance = |w: &[f64]| -> f64 {
            covariance.iter().zip(w).map(|(row, a)| a * row.iter().zip(w).map(|(x, b)| x * b).sum::<f64>()).sum()
        };
        let best = Weighting::MinimumVariance.weights(&returns());
        for from in 0..3 {
            for to in 0..3 {
                let mut other = best.clone();
                let moved = other[from].min(0.01);
                other[from] -= moved;
                other[to] += moved;
                assert!(variance(&other) >= variance(&best) - 1e-15, "{best:?}");
            }
        }
    }

    #[test]
    fn momentum_holds_nothing_of_what_fell() {
        let falling = returns().iter().map(|it| it.iter().map(|it| it - 0.01).collect()).collect::<Vec<_>>();
        assert_eq!(Weighting::Momentum.weights(&falling), [0.0; 3]);
    }
}
