//! What a reader may have meant: the nearest of the names that are legal at a place.

/// Returns the candidate that `word` is likely a misspelling of.
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let lower = word.to_lowercase();
    let length = lower.chars().count();
    let mut best: Option<(usize, &str)> = None;
    for candidate in candidates {
        let other = candidate.to_lowercase();
        let distance = strsim::damerau_levenshtein(&lower, &other);
        let shorter = length.min(other.chars().count());
        // A third of the letters may differ; a beginning or an end of three letters and more is a sign of its own.
        let part = shorter >= 3 && (other.starts_with(&lower) || lower.starts_with(&other) || other.ends_with(&lower));
        let near = distance <= length.max(3) / 3 && distance < length.max(other.chars().count());
        if (near || part) && best.is_none_or(|(least, _)| distance < least) {
            best = Some((distance, candidate));
        }
    }
    best.map(|(_, name)| name)
}
