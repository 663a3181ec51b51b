//! The language as a TextMate grammar, for editors that colour text without a language server.
//!
//! It follows from the lists of words and units, so it cannot fall behind the language.

use serde_json::{Value as Json, json};

use super::{
    literal::UNITS,
    words::{CLAUSES, ITEMS, RESERVED, STATEMENTS, TEST_STATEMENTS},
};

/// The words of RESERVED and of clauses that continue a statement or an expression.
const CONTINUATIONS: &[&str] = &["as", "in", "by", "where", "parallel", "backoff", "max"];

/// The words that are operators.
const OPERATORS: &[&str] = &["and", "or", "not", "of", "in", "by"];

/// The words that stand for values.
const CONSTANTS: &[&str] = &["true", "false", "none"];

/// Returns the grammar.
pub fn grammar() -> Json {
    let number = r"\d[\d_]*(?:\.\d[\d_]*)?";
    json!({
        "$schema": "https://raw.githubusercontent.com/martinring/tmlanguage/master/tmlanguage.json",
        "name": "wf",
        "scopeName": "source.wf",
        "fileTypes": ["wf"],
        "patterns": [{ "include": "#all" }],
        "repository": {
            "all": { "patterns": [
                { "include": "#comment" },
                { "include": "#string" },
                { "include": "#quoted" },
                { "include": "#declaration" },
                { "include": "#callee" },
                { "include": "#rule" },
                { "include": "#clause" },
                { "include": "#keyword" },
                { "include": "#literal" },
                { "include": "#constant" },
                { "include": "#call" },
                { "include": "#key" },
                { "include": "#operator" },
                { "include": "#type" },
            ] },
            "comment": { "patterns": [
                { "name": "comment.line.documentation.wf", "match": "##.*$" },
                { "name": "comment.line.number-sign.wf", "match": "#.*$" },
            ] },
            "string": {
                "name": "string.quoted.double.wf",
                "begin": "\"",
                "end": r#""|$"#,
                "patterns": [{ "name": "constant.character.escape.wf", "match": r"\\." }],
            },
            "quoted": { "name": "variable.other.quoted.wf", "match": "`[^`\\n]+`" },
            // `step name`, `param name`: the name is what is declared.
            "declaration": { "patterns": [
                declaration("workflow|strategy|type", "entity.name.type.wf", "storage.type.wf"),
                declaration("step|output", "entity.name.function.wf", "keyword.control.wf"),
                declaration("param|let", "variable.other.definition.wf", "storage.type.wf"),
                declaration("for|on", "variable.parameter.wf", "keyword.control.wf"),
            ] },
            // What a test replaces or holds up, and what a step calls: `slice.method`.
            "callee": {
                "match": r"\b([a-z_][\w]*)(\.)([a-z_][\w]*)(?=\s*\()|(?<==|=>|\belse)\s*\b([a-z_]\w*)(\.)([a-z_]\w*)\b",
                "captures": {
                    "1": { "name": "entity.name.namespace.wf" },
                    "2": { "name": "punctuation.accessor.wf" },
                    "3": { "name": "support.function.wf" },
                    "4": { "name": "entity.name.namespace.wf" },
                    "5": { "name": "punctuation.accessor.wf" },
                    "6": { "name": "support.function.wf" },
                },
            },
            "rule": {
                "match": r"\b(enter|exit)\s+(long|short)\b",
                "captures": {
                    "1": { "name": "keyword.control.wf" },
                    "2": { "name": "constant.language.side.wf" },
                },
            },
            // These words may be names elsewhere: only at the start of a line are they clauses and statements.
            "clause": {
                "match": format!(r"^\s*({})\b(?!\s*[:=.(,)])", unreserved().join("|")),
                "captures": { "1": { "name": "keyword.control.clause.wf" } },
            },
            "keyword": { "patterns": [
                { "name": "keyword.operator.word.wf", "match": words(OPERATORS) },
                { "name": "keyword.control.wf", "match": words(&reserved()) },
                { "name": "keyword.control.wf", "match": r"\b(?:backoff(?=\s*\d)|max(?=\s*\d))" },
            ] },
            "literal": { "patterns": [
                {
                    "name": "constant.numeric.date.wf",
                    "match": r"\b\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}(?::\d{2})?(?:Z|[+-]\d{2}:\d{2})?)?\b",
                },
                { "name": "constant.numeric.time.wf", "match": r"\b\d{2}:\d{2}(?::\d{2})?\b" },
                {
                    "match": format!(r"\b({number})(\s+(?:[A-Z]{{3,6}}|bars|shares|contracts|lots)\b|{})", units()),
                    "captures": {
                        "1": { "name": "constant.numeric.wf" },
                        "2": { "name": "keyword.other.unit.wf" },
                    },
                },
                { "name": "constant.numeric.wf", "match": format!(r"\b{number}\b") },
            ] },
            "constant": { "name": "constant.language.wf", "match": words(CONSTANTS) },
            "call": { "name": "support.function.wf", "match": r"\b[a-z_]\w*(?=\()" },
            "key": { "name": "variable.parameter.key.wf", "match": r"\b[A-Za-z_]\w*(?=\s*:(?!:))" },
            "operator": { "name": "keyword.operator.wf", "match": r"=>|==|!=|<=|>=|\.\.|[-+*/<>=|?]" },
            "type": { "name": "support.type.wf", "match": r"\b[A-Z][A-Za-z0-9]*[a-z][A-Za-z0-9]*\b" },
        },
    })
}

fn declaration(words: &str, name: &str, keyword: &str) -> Json {
    json!({
        "match": format!(r"\b({words})\s+([^\W\d]\w*)(?=\s*(?:[=:{{]|\bin\b|$))"),
        "captures": { "1": { "name": keyword }, "2": { "name": name } },
    })
}

/// The reserved words that are neither operators nor values.
fn reserved() -> Vec<&'static str> {
    RESERVED.iter().copied().filter(|it| !OPERATORS.contains(it) && !CONSTANTS.contains(it)).collect()
}

/// The words of statements and clauses that are not reserved.
fn unreserved() -> Vec<&'static str> {
    let all = [ITEMS, STATEMENTS, TEST_STATEMENTS, CLAUSES, CONTINUATIONS].concat();
    let mut own: Vec<_> = all.into_iter().filter(|it| !RESERVED.contains(it)).collect();
    own.sort_unstable();
    own.dedup();
    own
}

fn words(words: &[&str]) -> String {
    format!(r"\b(?:{})\b", words.join("|"))
}

/// The units that stand right behind their number, the longest first, so that `mo` is not read as `m`.
fn units() -> String {
    let mut units: Vec<&str> = UNITS.to_vec();
    units.sort_by_key(|it| std::cmp::Reverse(it.len()));
    let one = |it: &&str| if *it == "%" { (*it).to_owned() } else { format!(r"{it}\b") };
    units.iter().map(one).collect::<Vec<_>>().join("|")
}
