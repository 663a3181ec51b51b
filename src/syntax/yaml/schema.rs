//! The JSON Schema of the YAML form, by which editors complete keys and mark unknown ones.
//!
//! It is strict on keys, which it takes from the lists that the reader goes by, and loose on values: what an expression
//! or a literal means is for the checker to say.

use serde_json::{Map, Value as Json, json};

use super::{
    item::{RESERVED, USE, WORDS},
    statement::{BLOCK, LET, ON, PARAM, STATEMENTS, STRATEGY, WORKFLOW, rule},
    step::{ARM, CALL, CLAUSES, FOR, MATCH, RETRY, STEP},
    trial,
};

/// Returns the JSON Schema (draft 2020-12) of files in the YAML form.
pub fn schema() -> Json {
    let worded: Map<_, _> = WORDS.iter().map(|word| (format!("^{word} "), key(word))).collect();
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "wf workflow",
        "description": "The YAML form of a workflow file: workflows by their names, beside `use`, `types`, `strategies` and `tests`.",
        "type": "object",
        "properties": properties(RESERVED),
        "patternProperties": worded,
        "additionalProperties": reference("workflow"),
        "$defs": {
            "workflow": open(keyed(WORKFLOW, &[]), "A workflow: steps in order, and what they run with."),
            "strategy": open(keyed(STRATEGY, &[]), "A strategy: rules that are decided at the close of each bar."),
            "import": any([&text("A file, relative to this one."), &keyed(USE, &["path"])]),
            "param": keyed(PARAM, &["type"]),
            "type": any([
                &text("A type, as in `Int`, `[Symbol]` or `Money<USD>`."),
                &json!({ "type": "array", "items": reference("type"), "minItems": 1, "maxItems": 1 }),
                &json!({ "type": "object", "additionalProperties": reference("type") }),
            ]),
            "value": { "description": "A literal, a text, a list, a record, or an expression that starts with `$`." },
            "values": named("value"),
            "names": any([&json!({ "type": "string" }), &json!({ "type": "array", "items": { "type": "string" } })]),
            "step": { "anyOf": step() },
            "statement": { "anyOf": statements(|it| !in_strategies_only(it), Some("step")) },
            "rule": { "anyOf": statements(in_strategies, None) },
            "case": { "anyOf": [call(&[ARM, CALL].concat(), &["is"]), keyed(&[ARM, BLOCK].concat(), &["is"])] },
            "otherwise": { "anyOf": otherwise() },
            "trial": { "anyOf": trial::STATEMENTS.iter().map(|it| keyed(&trial::keys(it), &[it])).collect::<Vec<_>>() },
            "event": {
                "type": "object", "minProperties": 1, "maxProperties": 1, "additionalProperties": reference("value"),
            },
        },
    })
}

/// Returns what a key holds and what it is for; the same key means the same everywhere.
fn key(word: &str) -> Json {
    let (of, doc) = match word {
        "use" => (any([&reference("import"), &list("import")]), "What is taken from other files."),
        "types" => (named("type"), "Types by their names."),
        "strategies" => (named("strategy"), "Strategies by their names."),
        "tests" => (json!({ "type": "object", "additionalProperties": list("trial") }), "Tests by their names."),
        "test" => (list("trial"), "A test: what is mocked, run and expected."),
        "strategy" => (reference("strategy"), "A strategy."),
        "path" => (json!({ "type": "string" }), "The file, relative to this one."),
        "names" => (reference("names"), "Which of its names are taken."),
        "modes" => (reference("names"), "The modes it runs in, the default first."),
        "params" | "param" => (named("param"), "What may be set from outside, by name."),
        "limits" => (reference("values"), "What no order may break."),
        "deadline" => (reference("value"), "How long all of it may take."),
        "steps" => (list("statement"), "What is done; each entry is a step by its name or another statement."),
        "rules" => (list("rule"), "When to enter and to exit."),
        "outputs" | "output" => {
            (reference("values"), "What it gives, by name; without it, the results that nothing uses.")
        }
        "yield" => (reference("value"), "What the block gives."),
        "let" => (reference("values"), "Values by their names."),
        "orders" => (reference("values"), "How large orders are and where they stop."),
        "enter" | "exit" => (json!({ "enum": ["long", "short"] }), "Which side."),
        "type" => (reference("type"), "The type."),
        "in" => (reference("value"), "The list, the stream or, of a param, the range."),
        "default" => (reference("value"), "The value where nobody sets one."),
        "slice" => (json!({ "type": "string" }), "The slice whose method is called."),
        "method" => (json!({ "type": "string" }), "The method that is called."),
        "run" => (json!({ "type": "string" }), "The workflow or function that is called."),
        "with" => (reference("values"), "Arguments by their names; what is left out is wired by name and type."),
        "value" => (reference("value"), "The value of the step."),
        "for" => (json!({ "type": "string" }), "The name of the element in a loop."),
        "where" => (reference("value"), "Which elements or events are taken."),
        "parallel" => (reference("value"), "How many elements run side by side."),
        "match" => (reference("value"), "The value that decides between the cases."),
        "cases" => (list("case"), "What is done for which value."),
        "is" => (
            any([&scalar(), &json!({ "type": "array", "items": scalar() })]),
            "The value or values of this case; `_` is every other.",
        ),
        "when" => (reference("value"), "The condition."),
        "after" => (reference("names"), "Steps that must be done before."),
        "timeout" => (reference("value"), "How long one try may take."),
        "retry" => (any([&plain(), &keyed(RETRY, &["max"])]), "How often it is tried again after a passing error."),
        "max" => (reference("value"), "How many at most."),
        "backoff" => (reference("value"), "The pause before another try, from the first to the longest: `1s..20s`."),
        "every" => (reference("value"), "How often it is done anew, or how long events are gathered."),
        "cache" => (reference("value"), "How long its result stays good."),
        "tolerate" => (reference("value"), "The share of elements that may fail."),
        "accept" => (reference("names"), "Degraded values that it may work with."),
        "else" => (
            any([&reference("otherwise"), &list("otherwise")]),
            "What is done instead after all tries failed; several are tried in order.",
        ),
        "on" => (plain(), "The name of the event; of a `let` in a strategy, its slower timeframe."),
        "by" => (reference("value"), "By what events are kept apart."),
        "as" => {
            (json!({ "type": "string" }), "The name under which it is known here; of a `fail`, which kind of fault.")
        }
        "at" => (reference("value"), "When it happens."),
        "mock" => (reference("event"), "A method and what it gives instead."),
        "delay" => (reference("event"), "A method and how long it takes."),
        "fail" => (json!({ "type": "string" }), "The method that fails, as `slice.method`."),
        "times" => (reference("value"), "How many calls of it fail; all where it is not said."),
        "expect" => (reference("value"), "What must hold."),
        _ => (json!({}), ""),
    };
    if doc.is_empty() { of } else { open(of, doc) }
}

/// Puts a description before the rest of a schema.
fn open(mut schema: Json, description: &str) -> Json {
    if let Some(fields) = schema.as_object_mut() {
        fields.shift_insert(0, "description".into(), json!(description));
    }
    schema
}

fn reference(name: &str) -> Json {
    json!({ "$ref": format!("#/$defs/{name}") })
}

fn text(description: &str) -> Json {
    json!({ "description": description, "type": "string" })
}

fn scalar() -> Json {
    json!({ "type": ["string", "number", "boolean"] })
}

/// Returns the schema of what is no map: a literal, an expression, a text.
fn plain() -> Json {
    json!({ "type": ["string", "number", "boolean", "null"] })
}

fn any<const N: usize>(of: [&Json; N]) -> Json {
    json!({ "anyOf": of.to_vec() })
}

fn list(of: &str) -> Json {
    json!({ "type": "array", "items": reference(of) })
}

/// Returns the schema of a map by names that a person chose; it may be empty.
fn named(of: &str) -> Json {
    json!({ "type": ["object", "null"], "additionalProperties": reference(of) })
}

fn properties(keys: &[&str]) -> Map<String, Json> {
    keys.iter().map(|it| ((*it).to_owned(), key(it))).collect()
}

/// Returns the schema of a map with these keys and no other.
fn keyed(keys: &[&str], required: &[&str]) -> Json {
    json!({
        "type": "object", "properties": properties(keys), "required": required, "additionalProperties": false,
    })
}

/// Returns the schema of a call, which says in one of three ways what is called.
fn call(keys: &[&str], required: &[&str]) -> Json {
    let mut schema = keyed(keys, required);
    if let Some(fields) = schema.as_object_mut() {
        let ways = json!([{ "required": ["slice", "method"] }, { "required": ["run"] }, { "required": ["value"] }]);
        fields.insert("oneOf".into(), ways);
    }
    schema
}

fn step() -> Vec<Json> {
    let with = |own: &[&'static str]| [own, STEP, CLAUSES].concat();
    vec![
        json!({ "type": ["string", "number", "boolean", "array"] }),
        call(&with(CALL), &[]),
        keyed(&with(FOR), &["for", "in"]),
        keyed(&with(MATCH), &["match", "cases"]),
    ]
}

/// Returns the schemas of what an `else` may be: what a step may do, or a value, which may be a record.
fn otherwise() -> Vec<Json> {
    let does = [CALL, FOR, MATCH].concat();
    vec![
        plain(),
        call(CALL, &[]),
        keyed(FOR, &["for", "in"]),
        keyed(MATCH, &["match", "cases"]),
        json!({ "type": "object", "propertyNames": { "not": { "enum": does } } }),
    ]
}

/// Says whether a statement may stand among the rules of a strategy.
fn in_strategies(word: &str) -> bool {
    matches!(word, "let" | "param") || in_strategies_only(word)
}

fn in_strategies_only(word: &str) -> bool {
    matches!(word, "enter" | "exit" | "orders")
}

/// Returns the schemas of the entries of a list of statements, and of what an entry by another key is.
fn statements(which: impl Fn(&str) -> bool, named: Option<&str>) -> Vec<Json> {
    let one = |word: &&'static str| match *word {
        "let" => keyed(LET, &["let"]),
        "on" => keyed(ON, &["on", "in"]),
        "enter" | "exit" => keyed(&rule(word), &[word, "when"]),
        _ => keyed(&[word], &[word]),
    };
    let named = named.map(|of| {
        json!({
            "type": "object",
            "propertyNames": { "not": { "enum": STATEMENTS } },
            "additionalProperties": reference(of),
            "minProperties": 1,
            "maxProperties": 1,
        })
    });
    named.into_iter().chain(STATEMENTS.iter().filter(|it| which(it)).map(one)).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, reason = "a test may fail loudly")]
    use super::*;

    #[test]
    fn every_key_is_described() {
        let lists = [RESERVED, WORKFLOW, STRATEGY, BLOCK, STATEMENTS, USE, PARAM, LET, ON, CALL, FOR, MATCH, CLAUSES];
        let tests: Vec<_> = trial::STATEMENTS.iter().flat_map(|it| trial::keys(it)).collect();
        for word in lists.iter().chain(&[RETRY, STEP, ARM, WORDS, &tests]).flat_map(|it| it.iter()) {
            assert!(key(word)["description"].is_string(), "{word}");
        }
    }

    #[test]
    fn every_reference_is_defined_and_every_definition_used() {
        let schema = schema();
        let text = schema.to_string();
        let defined = schema["$defs"].as_object().unwrap();
        let used: std::collections::BTreeSet<&str> =
            text.split("#/$defs/").skip(1).map(|it| it.split('"').next().unwrap()).collect();
        assert_eq!(used, defined.keys().map(String::as_str).collect());
    }
}
