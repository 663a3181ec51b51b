//! The standard normal distribution.

use std::f64::consts::PI;

/// Returns the standard normal distribution function: its power series near zero, a continued fraction in the tails
/// (Abramowitz and Stegun, 26.2.11 and 26.2.14).
pub fn normal(x: f64) -> f64 {
    let density = (-0.5 * x * x).exp() / (2.0 * PI).sqrt();
    if x.abs() < 4.0 {
        let mut term = x;
        let mut sum = x;
        for k in 1..200 {
            term *= x * x / f64::from(2 * k + 1);
            sum += term;
        }
        return 0.5 + density * sum;
    }
    let tail = density / (1..60).rev().fold(x.abs(), |below, k| x.abs() + f64::from(k) / below);
    if x > 0.0 { 1.0 - tail } else { tail }
}

/// Returns the point that a standard normal number is below with this probability, by bisection.
pub fn quantile(probability: f64) -> f64 {
    let (mut low, mut high) = (-40.0, 40.0);
    for _ in 0..100 {
        let middle = f64::midpoint(low, high);
        if normal(middle) < probability {
            low = middle;
        } else {
            high = middle;
        }
    }
    f64::midpoint(low, high)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn normal_is_exact() {
        for (x, p) in [
            (0.0, 0.5),
            (1.0, 0.841_344_746_068_542_9),
            (-1.96, 0.024_997_895_148_220_43),
            (-6.0, 9.865_876_450_377e-10),
        ] {
            assert!((normal(x) / p - 1.0).abs() < 1e-12, "{x}: {}", normal(x));
        }
        assert!((quantile(0.975) - 1.959_963_984_540_054).abs() < 1e-9);
    }
}
