//! What a reader may have meant: the nearest of the names that are legal at a place.

use std::borrow::Cow;

/// Returns the candidate that `word` is likely a misspelling of.
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let lower = word.to_lowercase();
    let length = lower.chars().count();
    let mut best: Option<(usize, &str)> = None;
    for candidate in candidates {
        let is_lower = candidate.bytes().all(|it| it.is_ascii() && !it.is_ascii_uppercase());
        let other = if is_lower { Cow::Borrowed(candidate) } else { Cow::Owned(candidate.to_lowercase()) };
        let letters = if is_lower { other.len() } else { other.chars().count() };
        // A third of the letters may differ; a beginning or an end of three letters and more is a sign of its own.
        let shorter = length.min(letters);
        let part = shorter >= 3 && (other.starts_with(&lower) || lower.starts_with(&*other) || other.ends_with(&lower));
        // The distance is no less than the difference of the lengths, and dear to find.
        let least = length.abs_diff(letters);
        if (least > length.max(3) / 3 && !part) || best.is_some_and(|(best, _)| least >= best) {
            continue;
        }
        let distance = strsim::damerau_levenshtein(&lower, &other);
        let near = distance <= length.max(3) / 3 && distance < length.max(letters);
        if (near || part) && best.is_none_or(|(least, _)| distance < least) {
            best = Some((distance, candidate));
        }
    }
    best.map(|(_, name)| name)
}
