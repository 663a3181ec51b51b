//! A truth for each bar, 64 of them to a word: what rules decide over many bars is found by leaps, not bar by bar.

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
        self.words.iter_mut().zip(&other.words).for_each(|(it, other)| *it |= other);
        let kept = std::mem::take(&mut self.words);
        *self = Self::of_words(kept, self.length);
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
    use proptest::prelude::*;

    use super::*;

    proptest! {
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
