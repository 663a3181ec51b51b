//! A truth for each bar, 64 of them to a word: what rules decide over many bars is found by leaps, not bar by bar.

#![allow(
    clippy::inline_always,
    clippy::float_cmp,
    reason = "wide instructions are used only by what is inlined where they are known; columns are compared exactly"
)]

use pulp::NullaryFnOnce;

/// A truth for each bar.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Bits {
    /// The first bar is the lowest bit of the first word; bits behind the last bar are 0.
    words: Vec<u64>,
    length: usize,
}

const WORD: usize = u64::BITS as usize;

impl Bits {
    /// Returns so many that are all false.
    pub fn none(length: usize) -> Self {
        Self { words: vec![0; length.div_ceil(WORD)], length }
    }

    /// Returns so many that all say the same.
    pub fn all(length: usize, is: bool) -> Self {
        Self::of_words(vec![if is { u64::MAX } else { 0 }; length.div_ceil(WORD)], length)
    }

    /// Returns what words of 64 bars say, the lowest bit first; what lies behind the last bar is cut off.
    pub fn of_words(mut words: Vec<u64>, length: usize) -> Self {
        words.resize(length.div_ceil(WORD), 0);
        if let (Some(last), used @ 1..) = (words.last_mut(), length % WORD) {
            *last &= (1 << used) - 1;
        }
        Self { words, length }
    }

    /// Returns its words: 64 bars each, the lowest bit first.
    pub fn words(&self) -> &[u64] {
        &self.words
    }

    /// Returns how many bars there are.
    pub fn len(&self) -> usize {
        self.length
    }

    /// Says whether there are no bars.
    pub fn is_empty(&self) -> bool {
        self.length == 0
    }

    /// Returns what is said of a bar; false where there is none.
    #[inline]
    pub fn get(&self, bar: usize) -> bool {
        self.words.get(bar / WORD).is_some_and(|it| it >> (bar % WORD) & 1 == 1)
    }

    /// Says something of a bar, where there is one.
    pub fn set(&mut self, bar: usize, is: bool) {
        if let Some(word) = self.words.get_mut(bar / WORD).filter(|_| bar < self.length) {
            *word = *word & !(1 << (bar % WORD)) | u64::from(is) << (bar % WORD);
        }
    }

    /// Returns the first bar from this one on that is true.
    #[inline]
    pub fn next(&self, from: usize) -> Option<usize> {
        let first = from / WORD;
        let mut mask = u64::MAX << (from % WORD);
        for (at, word) in self.words.iter().enumerate().skip(first) {
            let found = word & mask;
            if found != 0 {
                return Some(at * WORD + found.trailing_zeros() as usize);
            }
            mask = u64::MAX;
        }
        None
    }

    /// Returns every bar that is true, in order.
    pub fn ones(&self) -> impl Iterator<Item = usize> + '_ {
        std::iter::successors(self.next(0), |it| self.next(it + 1))
    }

    /// Returns what is said of each bar, in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = bool> + '_ {
        (0..self.length).map(|it| self.get(it))
    }

    /// Returns what `of` says of the words of both.
    #[must_use]
    pub fn zip(&self, other: &Self, of: impl Fn(u64, u64) -> u64) -> Self {
        Self::of_words(self.words.iter().zip(&other.words).map(|(a, b)| of(*a, *b)).collect(), self.length)
    }

    /// Returns what is false.
    #[must_use]
    pub fn not(&self) -> Self {
        Self::of_words(self.words.iter().map(|it| !it).collect(), self.length)
    }

    /// Returns what was said so many bars ago; false of the first bars.
    #[must_use]
    pub fn back(&self, bars: usize) -> Self {
        let (whole, rest) = (bars / WORD, bars % WORD);
        let before = std::iter::once(&0).chain(&self.words);
        let moved = self.words.iter().zip(before).map(|(now, before)| match rest {
            0 => *now,
            rest => now << rest | before >> (WORD - rest),
        });
        let words = std::iter::repeat_n(0, whole).chain(moved).take(self.words.len()).collect();
        Self::of_words(words, self.length)
    }

    /// Makes every bar before this one false.
    pub fn clear_before(&mut self, bar: usize) {
        let bar = bar.min(self.length);
        let (whole, rest) = (bar / WORD, bar % WORD);
        self.words.iter_mut().take(whole).for_each(|it| *it = 0);
        if let Some(word) = self.words.get_mut(whole) {
            *word &= u64::MAX << rest;
        }
    }

    /// Returns the first bars.
    #[must_use]
    pub fn first(&self, length: usize) -> Self {
        let length = length.min(self.length);
        Self::of_words(self.words.iter().take(length.div_ceil(WORD)).copied().collect(), length)
    }
}

impl std::ops::BitOrAssign<&Bits> for Bits {
    /// Makes true what is true in either.
    fn bitor_assign(&mut self, other: &Self) {
        *self = self.zip(other, |a, b| a | b);
    }
}

/// How two columns compare at each bar. Where one of them has no number nothing is true.
#[derive(Clone, Debug)]
pub struct Compared {
    /// Where the first is above the second.
    pub above: Bits,
    /// Where it is below.
    pub below: Bits,
    /// Where they are equal.
    pub equal: Bits,
}

/// What a column is compared with.
#[derive(Clone, Copy, Debug)]
pub enum Against<'a> {
    /// A column of the same length.
    Column(&'a [f64]),
    /// One number.
    Number(f64),
}

/// Compares a column with a second one, or with a number, by the widest instructions of the machine at hand: which those are
/// is not known when this is built.
pub fn compare(a: &[f64], b: Against<'_>) -> Compared {
    match pulp::Arch::new() {
        #[cfg(target_arch = "x86_64")]
        pulp::Arch::V4(simd) => simd.vectorize(Comparison { a, b, by: simd }),
        #[cfg(target_arch = "x86_64")]
        pulp::Arch::V3(simd) => simd.vectorize(Comparison { a, b, by: simd }),
        _ => Comparison { a, b, by: Plain }.call(),
    }
}

/// Compares 64 pairs: where the first is above, where it is below, where they are equal.
trait Words: Copy {
    fn words(self, a: &[f64; WORD], b: &[f64; WORD]) -> [u64; 3];
}

struct Comparison<'a, W> {
    a: &'a [f64],
    b: Against<'a>,
    by: W,
}

impl<W: Words> NullaryFnOnce for Comparison<'_, W> {
    type Output = Compared;

    #[inline(always)]
    fn call(self) -> Compared {
        let (length, by) = (self.a.len(), self.by);
        let blank = || Vec::with_capacity(length.div_ceil(WORD));
        let (mut above, mut below, mut equal) = (blank(), blank(), blank());
        let mut push = |words: [u64; 3]| {
            let [is_above, is_below, is_equal] = words;
            above.push(is_above);
            below.push(is_below);
            equal.push(is_equal);
        };
        let (whole, rest) = self.a.as_chunks::<WORD>();
        let padded = |of: &[f64]| {
            let mut all = [f64::NAN; WORD];
            all.iter_mut().zip(of).for_each(|(to, from)| *to = *from);
            all
        };
        match self.b {
            Against::Number(it) => {
                let number = [it; WORD];
                whole.iter().for_each(|it| push(by.words(it, &number)));
                if !rest.is_empty() {
                    push(by.words(&padded(rest), &number));
                }
            }
            Against::Column(column) => {
                let (others, other) = column.as_chunks::<WORD>();
                whole.iter().zip(others).for_each(|(a, b)| push(by.words(a, b)));
                if !rest.is_empty() {
                    push(by.words(&padded(rest), &padded(other)));
                }
            }
        }
        let bits = |words| Bits { words, length };
        Compared { above: bits(above), below: bits(below), equal: bits(equal) }
    }
}

/// What every machine can do.
#[derive(Clone, Copy)]
struct Plain;

impl Words for Plain {
    fn words(self, a: &[f64; WORD], b: &[f64; WORD]) -> [u64; 3] {
        let pairs = || a.iter().zip(b).rev();
        let all = |of: fn(f64, f64) -> bool| pairs().fold(0, |all, (a, b)| all << 1 | u64::from(of(*a, *b)));
        [all(|a, b| a > b), all(|a, b| a < b), all(|a, b| a == b)]
    }
}

#[cfg(target_arch = "x86_64")]
mod wide {
    use std::arch::x86_64::{__m256d, __m512d, _CMP_EQ_OQ, _CMP_GT_OQ, _CMP_LT_OQ};

    use pulp::{
        cast,
        x86::{V3, V4},
    };

    use super::{WORD, Words};

    /// Four numbers at a time.
    impl Words for V3 {
        #[inline(always)]
        fn words(self, a: &[f64; WORD], b: &[f64; WORD]) -> [u64; 3] {
            let mut all = [0; 3];
            for (place, (a, b)) in a.as_chunks::<4>().0.iter().zip(b.as_chunks::<4>().0).enumerate() {
                let (a, b): (__m256d, __m256d) = (cast(*a), cast(*b));
                let signs = |it: __m256d| u64::from(self.avx._mm256_movemask_pd(it).cast_unsigned()) << (4 * place);
                let [above, below, equal] = &mut all;
                *above |= signs(self.avx._mm256_cmp_pd::<_CMP_GT_OQ>(a, b));
                *below |= signs(self.avx._mm256_cmp_pd::<_CMP_LT_OQ>(a, b));
                *equal |= signs(self.avx._mm256_cmp_pd::<_CMP_EQ_OQ>(a, b));
            }
            all
        }
    }

    /// Eight numbers at a time.
    impl Words for V4 {
        #[inline(always)]
        fn words(self, a: &[f64; WORD], b: &[f64; WORD]) -> [u64; 3] {
            let mut all = [0; 3];
            for (place, (a, b)) in a.as_chunks::<8>().0.iter().zip(b.as_chunks::<8>().0).enumerate() {
                let (a, b): (__m512d, __m512d) = (cast(*a), cast(*b));
                let [above, below, equal] = &mut all;
                *above |= u64::from(self.avx512f._mm512_cmp_pd_mask::<_CMP_GT_OQ>(a, b)) << (8 * place);
                *below |= u64::from(self.avx512f._mm512_cmp_pd_mask::<_CMP_LT_OQ>(a, b)) << (8 * place);
                *equal |= u64::from(self.avx512f._mm512_cmp_pd_mask::<_CMP_EQ_OQ>(a, b)) << (8 * place);
            }
            all
        }
    }
}

impl FromIterator<bool> for Bits {
    fn from_iter<T: IntoIterator<Item = bool>>(all: T) -> Self {
        let (mut words, mut length) = (Vec::new(), 0);
        for is in all {
            if length % WORD == 0 {
                words.push(0);
            }
            if let Some(word) = words.last_mut() {
                *word |= u64::from(is) << (length % WORD);
            }
            length += 1;
        }
        Self { words, length }
    }
}

impl From<Vec<bool>> for Bits {
    fn from(all: Vec<bool>) -> Self {
        all.into_iter().collect()
    }
}

impl std::fmt::Debug for Bits {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} bars, true at ", self.length)?;
        f.debug_list().entries(self.ones()).finish()
    }
}

#[cfg(test)]
mod tests {
    #![allow(
        clippy::indexing_slicing,
        clippy::float_cmp,
        reason = "a test may fail loudly, and compares as the columns do"
    )]

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn compares_as_one_number_with_another(
            pairs in proptest::collection::vec((-3_i8..3, -3_i8..3), 0..200), nothing in 0_usize..200, number in -3_i8..3,
        ) {
            let column = |of: fn(&(i8, i8)) -> i8| -> Vec<f64> { pairs.iter().map(|it| f64::from(of(it))).collect() };
            let (mut a, b, number) = (column(|it| it.0), column(|it| it.1), f64::from(number));
            a.iter_mut().skip(nothing).take(1).for_each(|it| *it = f64::NAN);
            for side in [Against::Column(&b), Against::Number(number)] {
                let compared = compare(&a, side);
                for (bar, a) in a.iter().enumerate() {
                    let b = if let Against::Column(it) = side { it[bar] } else { number };
                    let said = [&compared.above, &compared.below, &compared.equal].map(|it| it.get(bar));
                    prop_assert_eq!(said, [*a > b, *a < b, *a == b]);
                }
                prop_assert_eq!(compared.above.len(), a.len());
            }
        }

        #[test]
        fn moves_as_a_list_does(list in proptest::collection::vec(any::<bool>(), 0..300), by in 0_usize..320) {
            let bits: Bits = list.iter().copied().collect();
            let moved = std::iter::repeat_n(false, by).chain(list.iter().copied()).take(list.len());
            prop_assert_eq!(bits.back(by), moved.collect::<Bits>());
            prop_assert_eq!(bits.not(), list.iter().map(|it| !it).collect::<Bits>());
            prop_assert_eq!(Bits::all(list.len(), true).zip(&bits, |a, b| a & !b), bits.not());
        }

        #[test]
        fn says_what_a_list_says(list in proptest::collection::vec(any::<bool>(), 0..300), at in 0_usize..320) {
            let mut bits: Bits = list.iter().copied().collect();
            prop_assert_eq!(bits.len(), list.len());
            prop_assert_eq!(bits.iter().collect::<Vec<_>>(), &list[..]);
            prop_assert_eq!(bits.get(at), list.get(at).copied().unwrap_or_default());
            let next = list.iter().skip(at).position(|it| *it).map(|it| it + at);
            prop_assert_eq!(bits.next(at), next);
            let kept = &list[..at.min(list.len())];
            prop_assert_eq!(bits.first(at).iter().collect::<Vec<_>>(), kept);
            let other = Bits::of_words(vec![u64::MAX; 9], list.len());
            prop_assert_eq!(other.ones().count(), list.len());
            bits.clear_before(at);
            let cleared = list.iter().enumerate().map(|(bar, it)| bar >= at && *it);
            prop_assert_eq!(&bits, &cleared.collect::<Bits>());
            bits.set(at, true);
            prop_assert_eq!(bits.get(at), at < list.len());
        }
    }
}
