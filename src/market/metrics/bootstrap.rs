//! How sure a figure is: the stationary bootstrap of D. N. Politis and J. P. Romano, "The Stationary Bootstrap", Journal of
//! the American Statistical Association 89(428), 1994.

use rand_chacha::{
    ChaCha8Rng,
    rand_core::{Rng as _, SeedableRng as _},
};

use super::{Basis, performance, value_of};

/// Between which values a figure lies in so many of the resamples.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Interval {
    /// Which metric.
    pub name: &'static str,
    /// What it is in the sample itself.
    pub value: f64,
    /// The 2.5th percentile of the resamples.
    pub low: f64,
    /// The 97.5th percentile of the resamples.
    pub high: f64,
}

/// The metrics whose intervals are found.
const NAMES: [&str; 3] = ["sharpe", "cagr", "max_drawdown"];
/// Fewer returns than this cannot be resampled in blocks.
const LEAST: usize = 30;

/// Returns the 95 % intervals of `sharpe`, `cagr` and `max_drawdown` over so many resamples of the returns: blocks from
/// random places, of geometric lengths with the mean n^(1/3), the last return followed by the first. Nothing where there
/// are fewer than 30 returns. The same seed gives the same intervals.
pub fn intervals(returns: &[f64], basis: &Basis, resamples: usize, seed: u64) -> Vec<Interval> {
    if returns.len() < LEAST {
        return Vec::new();
    }
    let mut draw = ChaCha8Rng::seed_from_u64(seed);
    let ends = 1.0 / (returns.len() as f64).cbrt();
    let mut found: [Vec<f64>; 3] = Default::default();
    let mut curve = Vec::with_capacity(returns.len() + 1);
    for _ in 0..resamples {
        curve.clear();
        let (mut worth, mut at) = (1.0, 0);
        curve.push(worth);
        for step in 0..returns.len() {
            let jump = step == 0 || unit(&mut draw) < ends;
            at = if jump { place(&mut draw, returns.len()) } else { (at + 1) % returns.len() };
            worth *= 1.0 + returns.get(at).copied().unwrap_or_default();
            curve.push(worth);
        }
        let metrics = performance(&curve, basis);
        for (name, found) in NAMES.iter().zip(&mut found) {
            found.extend(value_of(&metrics, name));
        }
    }
    let mut worth = 1.0;
    let sample: Vec<f64> = std::iter::once(1.0)
        .chain(returns.iter().map(|it| {
            worth *= 1.0 + it;
            worth
        }))
        .collect();
    let sample = performance(&sample, basis);
    let interval = |(name, mut found): (&'static str, Vec<f64>)| {
        found.sort_unstable_by(f64::total_cmp);
        let value = value_of(&sample, name)?;
        Some(Interval { name, value, low: percentile(&found, 0.025)?, high: percentile(&found, 0.975)? })
    };
    NAMES.into_iter().zip(found).filter_map(interval).collect()
}

/// Returns a number from 0 to less than 1.
fn unit(draw: &mut ChaCha8Rng) -> f64 {
    (draw.next_u64() >> 11) as f64 / (1_u64 << 53) as f64
}

/// Returns one of so many places, each as likely: the high half of a product of 64 bits each.
fn place(draw: &mut ChaCha8Rng, count: usize) -> usize {
    usize::try_from((u128::from(draw.next_u64()) * count as u128) >> 64).unwrap_or(0)
}

/// Returns a percentile of sorted values, interpolated.
fn percentile(sorted: &[f64], share: f64) -> Option<f64> {
    let at = share * (sorted.len().checked_sub(1)? as f64);
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a place in a list that is not empty")]
    let (low, high) = (at.floor() as usize, at.ceil() as usize);
    let (low, high) = (sorted.get(low)?, sorted.get(high)?);
    Some(low + (high - low) * at.fract())
}
