//! The mean of a window.

use pulp::NullaryFnOnce;

use super::{
    state::{Inputs, Out, State},
    window::{Ring, Total, Wait},
};

/// The mean of a window, of a sum that is made of nothing but the window's values.
///
/// A sum of 2 values and the one of 2 bars ago are a sum of 4, two of these one of 8, and so on; the widths that add up to the
/// period are the sum of the window. That takes as many additions as the period has digits in binary, of which none waits for
/// the bar before, and nothing that has left the window is left in it: a running sum keeps the rounding of all that ever went
/// through it, and with it averages that are equal come out one above the other.
pub(super) struct Sma {
    doublings: Box<[Doubling]>,
    period: Divisor,
    wait: Wait,
}

/// Sums of so many values, a power of 2.
struct Doubling {
    width: usize,
    /// The sums up to `width` bars ago.
    before: Ring,
    /// Where they are part of the window: behind how many newer values, and the sums up to as many bars ago.
    part: Option<(usize, Ring)>,
}

impl Sma {
    pub(super) fn new(period: usize) -> Self {
        let widths = (0..usize::BITS).map(|it| 1 << it).take_while(|it| *it <= period);
        let doubling = |width: usize| {
            let newer = period & (width - 1);
            let part = (period & width != 0).then(|| (newer, Ring::new(newer)));
            Doubling { width, before: Ring::new(width), part }
        };
        Self { doublings: widths.map(doubling).collect(), period: Divisor::new(period), wait: Wait::new(period - 1) }
    }
}

impl State for Sma {
    type Row = f64;
    type Out = f64;
    #[inline(always)]
    fn push(&mut self, it: f64) -> Option<f64> {
        let (mut sum, mut whole) = (it, None);
        for Doubling { before, part, .. } in &mut self.doublings {
            if let Some((_, ring)) = part {
                let older = ring.swap(sum);
                whole = Some(whole.map_or(older, |newer: f64| newer + older));
            }
            sum += before.swap(sum);
        }
        self.wait.over()?;
        Some(self.period.divide(whole?))
    }

    fn column(self, of: &Inputs<'_>, slots: &mut <f64 as Out>::Slots<'_>) -> usize {
        let means = Means { of: &self, values: of.values, to: slots };
        // By the widest instructions of the machine at hand: which those are is not known when this is built.
        match pulp::Arch::new() {
            #[cfg(target_arch = "x86_64")]
            pulp::Arch::V4(simd) => simd.vectorize(means),
            #[cfg(target_arch = "x86_64")]
            pulp::Arch::V3(simd) => simd.vectorize(means),
            _ => means.call(),
        }
    }
}

/// The means of a column up to a gap.
struct Means<'a> {
    of: &'a Sma,
    values: &'a [f64],
    to: &'a mut [f64],
}

impl NullaryFnOnce for Means<'_> {
    type Output = usize;

    /// Returns how many bars there are up to a gap.
    #[inline(always)]
    fn call(self) -> usize {
        let Self { of, values, to } = self;
        let (bars, first) = (values.len(), of.period.period - 1);
        let early = values.iter().take(first).take_while(|it| it.is_finite()).count();
        to.iter_mut().take(early).for_each(|it| *it = f64::NAN);
        if early < first {
            return early;
        }
        let mut sums = Sums::default();
        let block = BLOCK.max(2 * of.period.period);
        let mut at = first;
        while at < bars {
            let fresh = values.get(at..bars.min(at + block)).unwrap_or_default();
            let Some(to) = to.get_mut(at..at + fresh.len()) else { break };
            if !sums.means(of, values.get(at - first..at + fresh.len()).unwrap_or_default(), to) {
                let there = fresh.iter().take_while(|it| it.is_finite()).count();
                if there < fresh.len() {
                    // The bars before the gap once more.
                    if let (Some(window), Some(to)) = (values.get(at - first..at + there), to.get_mut(..there)) {
                        sums.means(of, window, to);
                    }
                    return at + there;
                }
            }
            at += fresh.len();
        }
        at
    }
}

/// The mean of a window by a running sum: what is smoothed within another indicator, one value at a time, and compared with
/// nothing of its kind.
pub(super) struct RunningMean {
    total: Total,
    share: f64,
    wait: Wait,
}

impl RunningMean {
    pub(super) fn new(period: usize) -> Self {
        Self { total: Total::new(period), share: 1.0 / period as f64, wait: Wait::new(period - 1) }
    }
}

impl State for RunningMean {
    type Row = f64;
    type Out = f64;
    #[inline(always)]
    fn push(&mut self, it: f64) -> Option<f64> {
        let sum = self.total.push(it);
        self.wait.over()?;
        Some(sum * self.share)
    }
}

/// So many bars, or two periods, are averaged at once: few enough to stay in the fastest cache.
const BLOCK: usize = 512;

/// The period to divide by, to the nearest float. A multiplication by the inverse takes a fraction of the time of a division but
/// may miss the last bit; what is missed can be told exactly where the period is below 2²⁶, and put right.
#[derive(Clone, Copy)]
struct Divisor {
    period: usize,
    by: f64,
    inverse: f64,
}

impl Divisor {
    fn new(period: usize) -> Self {
        Self { period, by: period as f64, inverse: 1.0 / period as f64 }
    }

    /// Returns the mean of which this is the sum.
    #[inline(always)]
    fn divide(self, sum: f64) -> f64 {
        let near = sum * self.inverse;
        // Each half has so few digits that its product has no rounding (Dekker 1971).
        let high = f64::from_bits(near.to_bits() & !0x7ff_ffff);
        let missed = (sum - high * self.by) - (near - high) * self.by;
        near + missed * self.inverse
    }
}

/// Sums of the values of a block, reused from block to block.
#[derive(Default)]
struct Sums {
    now: Vec<f64>,
    next: Vec<f64>,
    whole: Vec<f64>,
}

impl Sums {
    /// Writes the mean of each whole window of these values; says whether they are all finite.
    #[inline(always)]
    fn means(&mut self, of: &Sma, values: &[f64], to: &mut [f64]) -> bool {
        let Self { now, next, whole } = self;
        for it in [&mut *now, next, whole] {
            it.resize(values.len(), 0.0);
        }
        let Some((last, doublings)) = of.doublings.split_last() else { return true };
        // The first window ends here; what is summed up before it is part of a later one.
        let (period, first) = (of.period, of.period.period - 1);
        let mut begun = false;
        for Doubling { width, part, .. } in doublings {
            let sums = if *width == 1 { values } else { &**now };
            if let Some((newer, _)) = part {
                let older = whole.iter_mut().zip(sums.get(first - newer..).unwrap_or_default());
                if begun {
                    older.for_each(|(whole, older)| *whole += older);
                } else {
                    older.for_each(|(whole, older)| *whole = *older);
                }
                begun = true;
            }
            // The last doubling is made while the means are, of which it is always part.
            if 2 * width < last.width {
                let (later, before) = (sums.get(*width..).unwrap_or_default(), sums);
                let doubled = next.get_mut(*width..).unwrap_or_default();
                doubled.iter_mut().zip(later.iter().zip(before)).for_each(|(it, (now, before))| *it = now + before);
                std::mem::swap(now, next);
            }
        }
        let half = last.width / 2;
        let newer = last.part.as_ref().map_or(0, |it| it.0);
        let sums = if half <= 1 { values } else { &**now };
        let later = sums.get(first - newer..).unwrap_or_default();
        let earlier = sums.get(first - newer - half..).unwrap_or_default();
        match (half > 0, begun) {
            (false, _) => to.iter_mut().zip(later).for_each(|(to, sum)| *to = period.divide(*sum)),
            (true, false) => {
                let sums = later.iter().zip(earlier);
                to.iter_mut().zip(sums).for_each(|(to, (later, earlier))| *to = period.divide(later + earlier));
            }
            (true, true) => {
                let sums = whole.iter().zip(later.iter().zip(earlier));
                to.iter_mut().zip(sums).for_each(|(to, (newer, (a, b)))| *to = period.divide(newer + (a + b)));
            }
        }
        // What is not finite stays so in a sum, and these sums hold every value.
        let width = half.max(1);
        let all = sums.iter().skip(width - 1).step_by(width).chain(sums.last());
        all.fold(0.0, |none, it| none + it * 0.0) == 0.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::slices::sample::Noise;

    #[test]
    fn a_mean_is_the_nearest_float_to_the_sum_over_the_period() {
        let mut noise = Noise::new(5);
        for period in (1..600).chain([4_095, 4_096, 50_001]) {
            for scale in [1e-6, 0.01, 1.0, 1e3, 1e9] {
                let sum = (noise.uniform() - 0.5) * scale * period as f64;
                let mean = Divisor::new(period).divide(sum);
                assert!(mean.to_bits() == (sum / period as f64).to_bits(), "{sum} / {period}: {mean}");
            }
        }
    }

    #[test]
    fn averages_that_are_equal_are_the_same_number() {
        // In cents the last ten of these add up to a third of what all thirty do.
        let cents = [1_010, 1_030, 990, 1_000, 1_005, 995, 1_020, 980, 1_000, 970];
        let prices: Vec<f64> = cents.iter().cycle().take(30).map(|it| f64::from(*it) / 100.0).collect();
        let last = |period: usize| {
            let mut sma = Sma::new(period);
            prices.iter().fold(None, |_, it| sma.push(*it)).unwrap_or_default()
        };
        assert!(last(10).to_bits() == last(30).to_bits(), "{} {}", last(10), last(30));
        assert!(last(10).to_bits() == last(20).to_bits());
    }
}
