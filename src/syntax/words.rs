//! The words of the language: which are reserved, which start what.

/// The words that no name may be without backticks, as the rule `reserved` of the grammar lists them.
pub const RESERVED: &[&str] = &[
    "use", "type", "workflow", "strategy", "modes", "param", "limits", "let", "step", "on", "output", "yield", "enter",
    "exit", "orders", "for", "in", "where", "parallel", "match", "when", "else", "and", "or", "not", "of", "by", "as",
    "true", "false", "none",
];

/// The words that start an item at the top of a file.
pub const ITEMS: &[&str] = &["use", "type", "workflow", "strategy", "test"];

/// The words that start a statement of a workflow, a strategy or a block.
pub const STATEMENTS: &[&str] =
    &["modes", "param", "limits", "let", "step", "on", "output", "yield", "enter", "exit", "orders", "deadline"];

/// The words that start a statement of a test.
pub const TEST_STATEMENTS: &[&str] = &["let", "mock", "fail", "delay", "at", "run", "expect"];

/// The words that start a clause of a step.
pub const CLAUSES: &[&str] = &["when", "after", "timeout", "retry", "every", "cache", "tolerate", "accept", "else"];

/// Says whether a word may not be a name without backticks.
pub fn is_reserved(word: &str) -> bool {
    RESERVED.contains(&word)
}

/// Says whether a text is a word: a letter or `_`, then letters, digits and `_`, of any script.
pub fn is_word(text: &str) -> bool {
    let mut chars = text.chars();
    chars.next().is_some_and(starts_word) && chars.all(continues_word)
}

/// Says whether a character may start a word.
pub fn starts_word(it: char) -> bool {
    it.is_ascii_alphabetic() || it == '_' || (!it.is_ascii() && pest::unicode::XID_START(it))
}

/// Says whether a character may stand inside a word.
pub fn continues_word(it: char) -> bool {
    it.is_ascii_alphanumeric() || it == '_' || (!it.is_ascii() && pest::unicode::XID_CONTINUE(it))
}

/// Returns what often stands behind the word of a clause, where that depends on nothing else.
pub fn usual(clause: &str) -> Option<&'static str> {
    Some(match clause {
        "timeout" => "30s",
        "retry" => "3",
        "every" => "60s",
        "cache" => "1d",
        "tolerate" => "20%",
        _ => return None,
    })
}
