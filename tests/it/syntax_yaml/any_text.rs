//! No text makes the reader or the writer fail.

use proptest::prelude::*;
use wf::{
    source::{FileId, Source, Sources, render},
    syntax::{self, ast::Form, yaml},
};

use super::{
    round_trip::{FILES, to_yaml},
    same_tree::shape,
};

fn try_all(text: &str) {
    let mut sources = Sources::default();
    let id = sources.add(Source::new("a.yaml", None, text));
    let source = sources.get(id).unwrap();
    let parsed = yaml::parse(id, source);
    let length = text.len() as u32;
    for each in &parsed.diagnostics {
        assert!(each.span.file == FileId(0) && each.span.end <= length, "{each:?}");
    }
    let written = syntax::write(&parsed.file, source, Form::Yaml);
    render(&sources, &parsed.diagnostics, false);
    if parsed.diagnostics.is_empty() {
        let again = Source::new("a.yaml", None, written.as_str());
        let second = yaml::parse(FileId(0), &again);
        if written == text {
            return;
        }
        assert!(second.diagnostics.is_empty(), "{:?}\n{text}\n-----\n{written}", second.diagnostics);
        assert_eq!(syntax::write(&second.file, &again, Form::Yaml), written, "{text}");
        assert_eq!(shape(&second.file), shape(&parsed.file), "{text}\n-----\n{written}");
        assert_eq!(second.file.comments.len(), parsed.file.comments.len(), "{text}\n-----\n{written}");
    }
}

fn files() -> impl Strategy<Value = String> {
    prop::sample::select(FILES).prop_map(|(name, text)| to_yaml(name, text))
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn of_any_kind(text in "[ a-c:{}\\[\\],\"'$#&*|>!%@`\\n\\t\\-é0-9.\\\\]{0,60}") {
        try_all(&text);
    }

    #[test]
    fn of_the_words_of_the_language(parts in prop::collection::vec(prop::sample::select(&[
        "w:\n", "  steps:\n", "    - a: ", "{", "}", "[", "]", "slice: a", ", ", "method: b", "with: ", "for: x", "in: $xs", "steps: ",
        "\n", "  ", "      ", "- let: {x: ", "$f(a, b)", "'$g(x: 1)'", "\"$h(\\\"x\\\")\"", "else: null", "2%", "10_000 USD", "# note",
        "## doc", "strategies:\n", "tests:\n", "use:\n", "types:\n", "rules:\n", "enter: long", "when: $x", "&a ", "*a", "|\n", "match: $m",
        "cases: ", "is: _", "yield: $x", "params: ", "type: Int", "default: 3", "\u{feff}", "\r\n", "---\n", "...\n", "? ", "!!str ",
    ][..]), 0..25)) {
        try_all(&parts.concat());
    }

    #[test]
    fn that_was_right_once(text in files(), cuts in prop::collection::vec((0..10_000usize, 0..20usize, "[ a:{}\\[\\]\"'$#,\\n\\-|]{0,3}"), 1..4)) {
        let mut text = text;
        for (at, length, new) in cuts {
            let start = text.floor_char_boundary(at % (text.len() + 1));
            let end = text.floor_char_boundary((start + length).min(text.len())).max(start);
            text.replace_range(start..end, &new);
        }
        try_all(&text);
    }
}
