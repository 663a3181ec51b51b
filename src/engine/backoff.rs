//! How long a step waits before its next try.

use std::time::Duration;

use rand_chacha::{
    ChaCha8Rng,
    rand_core::{Rng as _, SeedableRng as _},
};

use super::frame::mix;

/// How often a step may be tried again, and the least and greatest pause.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Backoff {
    /// How many further tries.
    pub max: u32,
    /// The least pause.
    pub low: Duration,
    /// The greatest pause.
    pub high: Duration,
}

impl Backoff {
    /// The pauses of a `retry` that does not name its own.
    pub(crate) const PAUSES: (Duration, Duration) = (Duration::from_millis(100), Duration::from_secs(10));

    /// Returns the pause after a failed try (from 1): its bound doubles with each, up to `high`, and it falls anywhere
    /// between half the bound and the bound, so that those who failed together do not come back together.
    pub(crate) fn pause(&self, seed: u64, failed: u32) -> Duration {
        let bound = self.low.saturating_mul(2u32.saturating_pow(failed.min(31))).min(self.high).max(self.low);
        let least = (bound / 2).max(self.low);
        let random = ChaCha8Rng::seed_from_u64(mix(seed ^ u64::from(failed))).next_u64();
        // The upper 53 bits are a fraction that a float holds exactly.
        let share = (random >> 11) as f64 / (1u64 << 53) as f64;
        least + bound.saturating_sub(least).mul_f64(share)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may fail loudly")]

    use super::*;

    #[test]
    fn pauses_grow_and_stay_within_their_bounds() {
        let backoff = Backoff { max: 8, low: Duration::from_secs(1), high: Duration::from_secs(20) };
        for seed in 0..200 {
            let pauses: Vec<_> = (1..=8).map(|it| backoff.pause(seed, it)).collect();
            assert!(pauses.iter().all(|it| (backoff.low..=backoff.high).contains(it)), "{pauses:?}");
            assert!(pauses[0] <= Duration::from_secs(2) && pauses[5] >= Duration::from_secs(10), "{pauses:?}");
            assert_eq!(pauses[2], backoff.pause(seed, 3), "the same seed and try give the same pause");
        }
        assert_ne!(backoff.pause(1, 3), backoff.pause(2, 3));
    }
}
