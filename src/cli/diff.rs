//! What differs between two texts.

/// Returns the unified diff from `before` to `after`.
pub fn unified(name: &str, before: &str, after: &str) -> String {
    similar::TextDiff::from_lines(before, after).unified_diff().header(name, &format!("{name} (formatted)")).to_string()
}
