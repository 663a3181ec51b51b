//! What indicators are made of: windows with running sums and extremes, and exponential smoothing.

/// Below this TA-Lib takes a number for zero.
const NEARLY_ZERO: f64 = 1e-14;

#[inline(always)]
pub(super) fn is_zero(it: f64) -> bool {
    it.abs() < NEARLY_ZERO
}

/// For how many windows running sums are kept, where rounding would build up in them, before they are made afresh.
const FRESH: usize = 256;

/// The last values of a series.
pub(super) struct Ring {
    values: Box<[f64]>,
    at: usize,
}

impl Ring {
    pub(super) fn new(length: usize) -> Self {
        Self { values: vec![0.0; length].into(), at: 0 }
    }

    /// Puts a value in; returns the one that it takes the place of, 0 at first.
    #[inline(always)]
    pub(super) fn swap(&mut self, new: f64) -> f64 {
        let Some(slot) = self.values.get_mut(self.at) else { return new };
        let old = std::mem::replace(slot, new);
        self.at += 1;
        if self.at == self.values.len() {
            self.at = 0;
        }
        old
    }

    /// Returns the values, the oldest first.
    pub(super) fn values(&self) -> impl Iterator<Item = f64> + Clone + '_ {
        let (new, old) = self.values.split_at_checked(self.at).unwrap_or_default();
        old.iter().chain(new).copied()
    }

    /// Returns the values in no order.
    pub(super) fn unordered(&self) -> &[f64] {
        &self.values
    }
}

/// Counts bars down to the first value.
#[derive(Clone)]
pub(super) struct Wait(usize);

impl Wait {
    pub(super) fn new(bars: usize) -> Self {
        Self(bars)
    }

    /// Counts a bar; gives nothing as long as there are too few.
    #[inline(always)]
    pub(super) fn over(&mut self) -> Option<()> {
        if self.0 == 0 {
            return Some(());
        }
        self.0 -= 1;
        None
    }
}

/// The value of some bars ago.
pub(super) struct Lag {
    ring: Ring,
    wait: Wait,
}

impl Lag {
    pub(super) fn new(bars: usize) -> Self {
        Self { ring: Ring::new(bars), wait: Wait::new(bars) }
    }

    #[inline(always)]
    pub(super) fn push(&mut self, it: f64) -> Option<f64> {
        let old = self.ring.swap(it);
        self.wait.over()?;
        Some(old)
    }
}

/// Returns what is at a place of a group, which is below its length.
#[expect(clippy::indexing_slicing, reason = "each place is below the length, and known when this is compiled")]
#[inline(always)]
pub(super) fn at_place<const N: usize>(group: &[f64; N], place: usize) -> f64 {
    group[place]
}

/// The sum of a window; of fewer values as long as there are no more.
pub(super) struct Total {
    ring: Ring,
    sum: f64,
}

impl Total {
    pub(super) fn new(period: usize) -> Self {
        Self { ring: Ring::new(period), sum: 0.0 }
    }

    #[inline(always)]
    pub(super) fn push(&mut self, it: f64) -> f64 {
        self.sum += it - self.ring.swap(it);
        self.sum
    }
}

/// The sum of a window of values not below zero. It is made afresh where little is left of what has gone through it, so that
/// nothing but zeros comes to zero.
pub(super) struct Amount {
    ring: Ring,
    sum: f64,
    peak: f64,
}

impl Amount {
    pub(super) fn new(period: usize) -> Self {
        Self { ring: Ring::new(period), sum: 0.0, peak: 0.0 }
    }

    #[inline(always)]
    pub(super) fn push(&mut self, it: f64) -> f64 {
        self.sum += it - self.ring.swap(it);
        if self.sum > self.peak {
            self.peak = self.sum;
        } else if self.sum < self.peak * TELLING {
            self.sum = self.ring.values().sum();
            self.peak = self.sum;
        }
        self.sum
    }
}

/// The weighted sum of a window, with weights 1, 2, … from the oldest to the newest, and its plain sum, of distances
/// from a value near by.
pub(super) struct Weighted {
    ring: Ring,
    heaviest: f64,
    centre: f64,
    sum: f64,
    heavy: f64,
    wait: Wait,
    stale: usize,
}

impl Weighted {
    pub(super) fn new(period: usize) -> Self {
        Self {
            ring: Ring::new(period),
            heaviest: period as f64,
            centre: 0.0,
            sum: 0.0,
            heavy: 0.0,
            wait: Wait::new(period - 1),
            stale: 0,
        }
    }

    /// Returns the value near by, and the weighted sum and the plain sum of the distances from it.
    #[inline(always)]
    pub(super) fn push(&mut self, it: f64) -> Option<(f64, f64, f64)> {
        let old = self.ring.swap(it);
        self.wait.over()?;
        if self.stale == 0 {
            self.renew();
        } else {
            // Each step takes every weight down by one: the plain sum, with the value that leaves still in it.
            self.heavy += (it - self.centre) * self.heaviest - self.sum;
            self.sum += it - old;
        }
        self.stale -= 1;
        Some((self.centre, self.heavy, self.sum))
    }

    #[cold]
    fn renew(&mut self) {
        let centre = self.ring.values().sum::<f64>() / self.heaviest;
        let apart = self.ring.values().map(|it| it - centre);
        self.sum = apart.clone().sum();
        self.heavy = apart.zip(1_u32..).map(|(it, weight)| it * f64::from(weight)).sum();
        self.centre = centre;
        self.stale = FRESH.max(self.ring.unordered().len());
    }
}

/// Mean and population variance of a window. The running sums are of distances from a value near by, and are made afresh
/// now and then, and when what is left of them is small against what has gone through them: sums of the squares of prices
/// themselves lose the small differences in which a deviation lies.
pub(super) struct Moments {
    ring: Ring,
    share: f64,
    centre: f64,
    sum: f64,
    squares: f64,
    /// The most that the mean square has been since the sums were made.
    peak: f64,
    wait: Wait,
    stale: usize,
    often: usize,
}

/// How small a variance may be against the mean square that its digits still tell.
const TELLING: f64 = 1e-4;

impl Moments {
    pub(super) fn new(period: usize) -> Self {
        Self {
            ring: Ring::new(period),
            share: 1.0 / period as f64,
            centre: 0.0,
            sum: 0.0,
            squares: 0.0,
            peak: 0.0,
            wait: Wait::new(period - 1),
            stale: 0,
            often: FRESH.max(period),
        }
    }

    #[inline(always)]
    pub(super) fn push(&mut self, it: f64) -> Option<(f64, f64)> {
        let old = self.ring.swap(it) - self.centre;
        self.wait.over()?;
        let new = it - self.centre;
        self.sum += new - old;
        self.squares += new * new - old * old;
        let mut mean = self.sum * self.share;
        let square = self.squares * self.share;
        let mut variance = square - mean * mean;
        self.peak = if square > self.peak { square } else { self.peak };
        if self.stale == 0 || variance < self.peak * TELLING {
            self.renew();
            mean = self.sum * self.share;
            variance = self.squares * self.share - mean * mean;
        }
        self.stale -= 1;
        Some((self.centre + mean, if variance < NEARLY_ZERO { 0.0 } else { variance }))
    }

    #[cold]
    #[inline(never)]
    fn renew(&mut self) {
        self.centre = self.ring.values().sum::<f64>() * self.share;
        self.sum = self.ring.values().map(|it| it - self.centre).sum();
        self.squares = self.ring.values().map(|it| (it - self.centre) * (it - self.centre)).sum();
        self.peak = self.squares * self.share;
        self.stale = self.often;
    }
}

/// The extreme of a window at a constant cost a value, whatever the period: in blocks of `period`, a window is the tail of
/// one block and the head of the next, so its extreme is that of a suffix and a prefix (van Herk 1992, Gil and Werman 1993).
pub(super) struct Extreme<const HIGH: bool> {
    /// The values of this block so far, then the extremes of what is left of the block before.
    block: Box<[f64]>,
    at: usize,
    prefix: f64,
    wait: Wait,
}

/// The highest of a window.
pub(super) type Highest = Extreme<true>;
/// The lowest of a window.
pub(super) type Lowest = Extreme<false>;

impl<const HIGH: bool> Extreme<HIGH> {
    const WORST: f64 = if HIGH { f64::NEG_INFINITY } else { f64::INFINITY };

    pub(super) fn new(period: usize) -> Self {
        Self { block: vec![Self::WORST; period].into(), at: 0, prefix: Self::WORST, wait: Wait::new(period - 1) }
    }

    #[inline(always)]
    fn better(a: f64, b: f64) -> f64 {
        if (HIGH && b > a) || (!HIGH && b < a) { b } else { a }
    }

    #[inline(always)]
    pub(super) fn push(&mut self, it: f64) -> Option<f64> {
        self.prefix = Self::better(self.prefix, it);
        if let Some(slot) = self.block.get_mut(self.at) {
            *slot = it;
        }
        self.at += 1;
        let best = if let Some(suffix) = self.block.get(self.at) {
            Self::better(*suffix, self.prefix)
        } else {
            let best = self.prefix;
            let mut suffix = Self::WORST;
            for slot in self.block.iter_mut().rev() {
                suffix = Self::better(suffix, *slot);
                *slot = suffix;
            }
            (self.at, self.prefix) = (0, Self::WORST);
            best
        };
        self.wait.over()?;
        Some(best)
    }
}

/// Where the extreme of a window is. Of equals it is the last that came as the extreme; when that has left, the first of
/// those left, or the last with `LAST`, as TA-Lib has it.
pub(super) struct Place<const HIGH: bool, const LAST: bool> {
    ring: Ring,
    bars: usize,
    best: f64,
    /// How many bars ago it was.
    ago: usize,
    wait: Wait,
}

impl<const HIGH: bool, const LAST: bool> Place<HIGH, LAST> {
    pub(super) fn new(period: usize) -> Self {
        let best = if HIGH { f64::NEG_INFINITY } else { f64::INFINITY };
        Self { ring: Ring::new(period), bars: 0, best, ago: 0, wait: Wait::new(period - 1) }
    }

    fn better(a: f64, b: f64) -> bool {
        if HIGH { b > a } else { b < a }
    }

    /// Returns how many bars ago the extreme was, and counts bars.
    #[inline(always)]
    pub(super) fn push(&mut self, it: f64) -> Option<usize> {
        self.ring.swap(it);
        self.bars += 1;
        self.ago += 1;
        let period = self.ring.unordered().len();
        self.wait.over()?;
        if self.bars == period || self.ago >= period {
            self.search(period);
        } else if !Self::better(it, self.best) {
            (self.best, self.ago) = (it, 0);
        }
        Some(self.ago)
    }

    fn search(&mut self, period: usize) {
        let mut values = self.ring.values();
        (self.best, self.ago) = (values.next().unwrap_or_default(), period - 1);
        for (it, ago) in values.zip((0..period - 1).rev()) {
            if Self::better(self.best, it) || (LAST && !Self::better(it, self.best)) {
                (self.best, self.ago) = (it, ago);
            }
        }
    }

    /// Returns the place counted from the first bar.
    #[inline(always)]
    pub(super) fn index(&self) -> f64 {
        (self.bars - 1 - self.ago) as f64
    }
}

/// So many bars are smoothed at once.
pub(super) const STEPS: usize = 4;

/// Exponential smoothing, a ← a·kept + x·share, of several series side by side.
///
/// Each value needs the one before, a multiplication and an addition that nothing can hide. Four steps at once need no more
/// than one: after `n` of them the average is a·keptⁿ and what the new values alone come to, and those are summed up in pairs
/// and pairs of pairs (Kogge and Stone 1973). One value at a time is summed up in the same order.
#[derive(Clone)]
pub(super) struct Smooth<const N: usize> {
    share: [f64; N],
    /// `kept` to the first power, the second, and so on.
    powers: [[f64; N]; STEPS],
    base: [f64; N],
    place: usize,
    /// The last value, and the last two pairs.
    value: [f64; N],
    pairs: [[f64; N]; 2],
}

#[expect(clippy::indexing_slicing, reason = "each index is below N, each place below the steps")]
impl<const N: usize> Smooth<N> {
    pub(super) fn new(start: [f64; N], kept: [f64; N], share: [f64; N]) -> Self {
        let mut powers = [kept; STEPS];
        for place in 1..STEPS {
            powers[place] = std::array::from_fn(|at| powers[place - 1][at] * kept[at]);
        }
        Self { share, powers, base: start, place: 0, value: [0.0; N], pairs: [[0.0; N]; 2] }
    }

    #[inline(always)]
    pub(super) fn push(&mut self, it: [f64; N]) -> [f64; N] {
        let place = self.place;
        let value: [f64; N] = std::array::from_fn(|at| it[at] * self.share[at]);
        let [kept, squared, ..] = self.powers;
        let pair = if place == 0 { value } else { plus(value, self.value, kept) };
        let four = if place < 2 { pair } else { plus(pair, self.pairs[0], squared) };
        let given = plus(four, self.base, self.powers[place]);
        self.value = value;
        self.pairs = [self.pairs[1], pair];
        self.place = (place + 1) % STEPS;
        if self.place == 0 {
            self.base = given;
        }
        given
    }

    /// Says whether whole groups of four went before.
    #[inline(always)]
    pub(super) fn takes_four(&self) -> bool {
        self.place == 0
    }

    /// Takes four values, where it can.
    #[inline(always)]
    pub(super) fn push_four(&mut self, [a, b, c, d]: [[f64; N]; STEPS]) -> [[f64; N]; STEPS] {
        let weighed = |it: [f64; N]| -> [f64; N] { std::array::from_fn(|at| it[at] * self.share[at]) };
        let [a, b, c, d] = [weighed(a), weighed(b), weighed(c), weighed(d)];
        let [kept, squared, ..] = self.powers;
        let [a, b, c, d] = [a, plus(b, a, kept), plus(c, b, kept), plus(d, c, kept)];
        let fours = [a, b, plus(c, a, squared), plus(d, b, squared)];
        let given = std::array::from_fn(|place| plus(fours[place], self.base, self.powers[place]));
        self.base = given[STEPS - 1];
        given
    }
}

/// Returns `it` and so many times the one before.
#[expect(clippy::indexing_slicing, reason = "each index is below N")]
#[inline(always)]
fn plus<const N: usize>(it: [f64; N], before: [f64; N], times: [f64; N]) -> [f64; N] {
    std::array::from_fn(|at| before[at] * times[at] + it[at])
}

/// Exponential averages that start from the mean of their first values.
#[derive(Clone)]
pub(super) struct Seeded<const N: usize = 1> {
    wait: Wait,
    sum: [f64; N],
    period: f64,
    smooth: Smooth<N>,
    started: bool,
}

impl<const N: usize> Seeded<N> {
    /// Returns some over `period` values, where a new one has so much weight.
    pub(super) fn new(period: usize, share: f64) -> Self {
        Self {
            wait: Wait::new(period - 1),
            sum: [0.0; N],
            period: period as f64,
            smooth: Smooth::new([0.0; N], [1.0 - share; N], [share; N]),
            started: false,
        }
    }

    /// Returns Wilder's: a new value weighs 1/period.
    pub(super) fn wilder(period: usize) -> Self {
        Self::new(period, 1.0 / period as f64)
    }

    #[inline(always)]
    pub(super) fn push_all(&mut self, it: [f64; N]) -> Option<[f64; N]> {
        if self.started {
            return Some(self.smooth.push(it));
        }
        self.sum.iter_mut().zip(it).for_each(|(sum, it)| *sum += it);
        self.wait.over()?;
        self.started = true;
        self.smooth.base = self.sum.map(|it| it / self.period);
        Some(self.smooth.base)
    }

    /// Says whether the averages have started, and as many groups of four went into them since.
    #[inline(always)]
    pub(super) fn takes_four(&self) -> bool {
        self.started && self.smooth.takes_four()
    }

    /// Takes four values, where it can.
    #[inline(always)]
    pub(super) fn push_four(&mut self, it: [[f64; N]; STEPS]) -> [[f64; N]; STEPS] {
        self.smooth.push_four(it)
    }
}

impl Smooth<2> {
    /// Returns the smoothing that goes on from two averages.
    pub(super) fn joined(a: &Seeded, b: &Seeded) -> Self {
        let both = |of: fn(&Smooth<1>) -> [f64; 1]| [of(&a.smooth), of(&b.smooth)].map(|[it]| it);
        Self::new(both(|it| it.base), both(|it| it.powers[0]), both(|it| it.share))
    }
}

impl Seeded {
    /// Returns an EMA: a new value weighs 2/(period + 1).
    pub(super) fn ema(period: usize) -> Self {
        Self::new(period, 2.0 / (period as f64 + 1.0))
    }

    #[inline(always)]
    pub(super) fn push(&mut self, it: f64) -> Option<f64> {
        self.push_all([it]).map(|[it]| it)
    }
}
