//! What a reader may have meant: the nearest of the names that are legal at a place.

use std::borrow::Cow;

/// Returns the candidate that `word` is likely a misspelling of.
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let lower = word.to_lowercase();
    let length = lower.chars().count();
    let letters_of_word = Letters::of(&lower);
    let mut best: Option<(usize, &str)> = None;
    for candidate in candidates {
        let is_lower = candidate.bytes().all(|it| it.is_ascii() && !it.is_ascii_uppercase());
        let other = if is_lower { Cow::Borrowed(candidate) } else { Cow::Owned(candidate.to_lowercase()) };
        let letters = if is_lower { other.len() } else { other.chars().count() };
        // A third of the letters may differ; a beginning or an end of three letters and more is a sign of its own.
        let shorter = length.min(letters);
        let part = shorter >= 3 && (other.starts_with(&lower) || lower.starts_with(&*other) || other.ends_with(&lower));
        // The distance is dear to find: what it is at least is found first.
        let too_far =
            |least: usize| (least > length.max(3) / 3 && !part) || best.is_some_and(|(best, _)| least >= best);
        if too_far(length.abs_diff(letters)) || too_far(letters_of_word.missing(&other)) {
            continue;
        }
        let distance = distance(&lower, &other);
        let near = distance <= length.max(3) / 3 && distance < length.max(letters);
        if (near || part) && best.is_none_or(|(least, _)| distance < least) {
            best = Some((distance, candidate));
        }
    }
    best.map(|(_, name)| name)
}

/// Returns how many letters must be put in, left out, changed or swapped with their neighbour.
fn distance(a: &str, b: &str) -> usize {
    // What both begin and end with costs nothing, and is most of what names of one file have in common.
    let same = |(a, b): &(char, char)| a == b;
    let begin: usize = a.chars().zip(b.chars()).take_while(same).map(|it| it.0.len_utf8()).sum();
    let (a, b) = (a.get(begin..).unwrap_or_default(), b.get(begin..).unwrap_or_default());
    let end: usize = a.chars().rev().zip(b.chars().rev()).take_while(same).map(|it| it.0.len_utf8()).sum();
    let (a, b) = (a.get(..a.len() - end).unwrap_or_default(), b.get(..b.len() - end).unwrap_or_default());
    if a.is_empty() || b.is_empty() { a.chars().count() + b.chars().count() } else { strsim::damerau_levenshtein(a, b) }
}

/// How often each letter stands in a word, whatever their order; a few letters share a place.
struct Letters([i32; 32]);

impl Letters {
    fn of(word: &str) -> Self {
        let mut counts = Self([0; 32]);
        word.chars().for_each(|it| counts.add(it, 1));
        counts
    }

    fn add(&mut self, letter: char, by: i32) {
        if let Some(count) = self.0.get_mut(letter as usize % 32) {
            *count += by;
        }
    }

    /// Returns how many letters one of the two words has that the other lacks: the distance is no less.
    fn missing(&self, other: &str) -> usize {
        let mut left = Self(self.0);
        other.chars().for_each(|it| left.add(it, -1));
        let sum = |pick: fn(i32) -> i32| left.0.iter().map(|it| pick(*it).unsigned_abs() as usize).sum::<usize>();
        sum(|it| it.max(0)).max(sum(|it| it.min(0)))
    }
}
