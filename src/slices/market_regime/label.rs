//! From numbers to kinds of market.

use super::{
    features::TREND,
    hmm::{Observation, State},
};

/// How far from zero a trend is no longer called sideways, in standard deviations over 63 bars.
const SIDEWAYS: f64 = 0.5;
/// How many times its usual value the volatility of a crisis is.
const CRISIS: f64 = 1.75;
/// How sharp the borders between kinds are.
const SHARPNESS: f64 = 4.0;

/// Returns how much of each kind there is in a market of this drift and this volatility, in the order of
/// `RegimeKind::ALL`; they sum to 1. `drift` is in standard deviations over 63 bars, `turbulence` the logarithm of the
/// volatility against its usual value.
pub(super) fn kinds(drift: f64, turbulence: f64) -> [f64; 4] {
    let logistic = |it: f64| 1.0 / (1.0 + (-SHARPNESS * it).exp());
    let bull = logistic(drift - SIDEWAYS);
    let down = logistic(-drift - SIDEWAYS);
    let crisis = logistic(turbulence - CRISIS.ln());
    let calm = 1.0 - crisis;
    [bull, down * calm, (1.0 - bull - down) * calm, (1.0 - bull) * crisis]
}

/// Returns how much of each kind a state of the model is, by its mean return and volatility.
pub(super) fn kinds_of(state: &State, usual: f64) -> [f64; 4] {
    let [mean, volatility]: Observation = state.mean;
    let [variance, _] = state.variance;
    kinds(mean / variance.sqrt() * (TREND as f64).sqrt(), volatility - usual)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_has_its_corner() {
        let corners = [(2.0, 0.0), (-2.0, 0.0), (0.0, 0.0), (-2.0, 1.5)];
        for (at, (drift, turbulence)) in corners.into_iter().enumerate() {
            let shares = kinds(drift, turbulence);
            assert!((shares.iter().sum::<f64>() - 1.0).abs() < 1e-12);
            let likeliest = shares.iter().copied().fold(0.0, f64::max);
            assert!(shares.iter().position(|it| *it >= likeliest) == Some(at), "{drift} {turbulence}: {shares:?}");
        }
    }
}
