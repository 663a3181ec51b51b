//! How sure a choice may be: the probability that the model says, brought to what its record bears out.

/// How many windows' worth of doubt a record is held against.
const DOUBT: f64 = 24.0;
/// The spread of predictions that the doubt is counted in.
const SPREAD: f64 = 0.1;

/// What was chosen in windows that the model had not seen, and what came of it.
#[derive(Default)]
pub(super) struct Calibration {
    /// Sum of (prediction - 1/2)(outcome - 1/2), and of (prediction - 1/2)².
    agreement: f64,
    spread: f64,
    /// The variance of the first sum where there is nothing to it.
    noise: f64,
}

impl Calibration {
    /// Adds a window that has ended: what the model said, and whether the choice did better than the median candidate (1),
    /// as well (1/2) or worse (0).
    pub(super) fn add(&mut self, predicted: f64, outcome: f64) {
        self.agreement += (predicted - 0.5) * (outcome - 0.5);
        self.spread += (predicted - 0.5).powi(2);
        self.noise += ((predicted - 0.5) * (outcome - 0.5)).powi(2);
    }

    /// Returns how sure a choice may be of which the model says `predicted`: 1/2 plus the part of its claim that the
    /// record bears out, that is the slope of outcomes on predictions through one half, less its standard error, shrunk to
    /// zero as a ridge regression shrinks it (24 windows of doubt), and from 0 to 1. Without a record it is one half. Were the
    /// error not taken off, what luck adds would stay and what it takes would be cut at 0: chance would look like skill.
    pub(super) fn confidence(&self, predicted: f64) -> f64 {
        let slope = (self.agreement - self.noise.sqrt()) / (self.spread + DOUBT * SPREAD * SPREAD);
        (0.5 + slope.clamp(0.0, 1.0) * (predicted - 0.5)).clamp(0.0, 1.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::slices::sample::Noise;

    /// A record of `count` windows in which a choice of probability `p` does well as often as `truth(p)`.
    fn after(count: usize, truth: fn(f64) -> f64) -> Calibration {
        let mut noise = Noise::new(11);
        let mut it = Calibration::default();
        for _ in 0..count {
            let predicted = 0.5 + 0.25 * noise.uniform();
            it.add(predicted, f64::from(u8::from(noise.uniform() < truth(predicted))));
        }
        it
    }

    #[test]
    fn believes_what_proved_right_and_nothing_else() {
        assert!((Calibration::default().confidence(0.9) - 0.5).abs() < 1e-12);
        let honest = after(2_000, |it| it).confidence(0.7);
        assert!((honest - 0.7).abs() < 0.05, "{honest}");
        let boaster = after(2_000, |_| 0.5).confidence(0.7);
        assert!((boaster - 0.5).abs() < 0.04, "{boaster}");
        let wrong = after(2_000, |it| 1.0 - it).confidence(0.7);
        assert!((wrong - 0.5).abs() < 1e-12, "{wrong}");
    }
}
