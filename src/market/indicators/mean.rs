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
        let (bars, first) = (values.len(), of.period.by - 1);
        let early = values.iter().take(first).take_while(|it| it.is_finite()).count();
        to.iter_mut().take(early).for_each(|it| *it = f64::NAN);
        if early < first {
            return early;
        }
        let mut sums = Sums::default();
        let block = BLOCK.max(2 * of.period.by);
        let mut at = first;
        while at < bars {
            let fresh = values.get(at..bars.min(at + block)).unwrap_or_default();
            let whole =
                if all_finite(fresh) { fresh.len() } else { fresh.iter().take_while(|it| it.is_finite()).count() };
            let (Some(window), Some(to)) = (values.get(at - first..at + whole), to.get_mut(at..at + whole)) else {
                break;
            };
            sums.means(of, window, to);
            at += whole;
            if whole < fresh.len() {
                break;
            }
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

/// A whole number to divide by. A multiplication by its inverse takes a fraction of the time of a division but may miss the
/// last bit; what is missed can be told exactly where the number is below 2²⁶, and put right.
#[derive(Clone, Copy)]
struct Divisor {
    by: usize,
    inverse: f64,
}

impl Divisor {
    fn new(by: usize) -> Self {
        Self { by, inverse: 1.0 / by as f64 }
    }

    #[inline(always)]
    fn divide(self, it: f64) -> f64 {
        let by = self.by as f64;
        let near = it * self.inverse;
        // Each half has so few digits that its product has no rounding (Dekker 1971).
        let high = f64::from_bits(near.to_bits() & !0x7ff_ffff);
        let missed = (it - high * by) - (near - high) * by;
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
    /// Writes the mean of each whole window of these values.
    #[inline(always)]
    fn means(&mut self, of: &Sma, values: &[f64], to: &mut [f64]) {
        let Self { now, next, whole } = self;
        for it in [&mut *now, next, whole] {
            it.resize(values.len(), 0.0);
        }
        let period = of.period;
        // The first window ends here; what is summed up before it is part of a later one.
        let first = period.by - 1;
        let mut begun = false;
        for Doubling { width, part, .. } in &of.doublings {
            let sums = if *width == 1 { values } else { &**now };
            let last = period.by < 2 * width;
            if let Some((newer, _)) = part {
                let older = sums.get(first - newer..).unwrap_or_default();
                match (begun, last) {
                    (false, false) => whole.iter_mut().zip(older).for_each(|(whole, older)| *whole = *older),
                    (true, false) => whole.iter_mut().zip(older).for_each(|(whole, older)| *whole += older),
                    (false, true) => to.iter_mut().zip(older).for_each(|(to, sum)| *to = period.divide(*sum)),
                    (true, true) => {
                        let sums = whole.iter().zip(older);
                        to.iter_mut().zip(sums).for_each(|(to, (newer, older))| *to = period.divide(newer + older));
                    }
                }
                begun = true;
            }
            if !last {
                let (later, before) = (sums.get(*width..).unwrap_or_default(), sums);
                let doubled = next.get_mut(*width..).unwrap_or_default();
                doubled.iter_mut().zip(later.iter().zip(before)).for_each(|(it, (now, before))| *it = now + before);
                std::mem::swap(now, next);
            }
        }
    }
}

/// Says whether each value is finite, without a branch a value: what is not, times 0, is not a number and stays so in a sum.
#[inline(always)]
fn all_finite(values: &[f64]) -> bool {
    let (eights, rest) = values.as_chunks::<8>();
    let mut none = [0.0; 8];
    for eight in eights {
        none.iter_mut().zip(eight).for_each(|(none, it)| *none += it * 0.0);
    }
    none.iter().sum::<f64>() == 0.0 && rest.iter().all(|it| it.is_finite())
}
