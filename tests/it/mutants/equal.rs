//! Texts that mean what a text means.

use wf::{
    source::{FileId, Source},
    syntax::{self, ast::Form, words::RESERVED},
};

use super::words::{Kind, tokens};

/// Returns texts that mean the same: what was done, the name of the file, the text.
pub fn all(name: &str, text: &str) -> Vec<(String, String, String)> {
    let mut out = Vec::new();
    let mut put = |what: String, text: String| out.push((what, name.to_owned(), text));
    let source = Source::new(name, None, text);
    let parsed = syntax::parse(FileId::default(), &source);
    put("formatted".into(), syntax::write(&parsed.file, &source, Form::Wf));
    put("with two-byte line ends".into(), text.replace('\n', "\r\n"));
    put("with tabs".into(), text.replace("  ", "\t"));
    put("with a byte-order mark".into(), format!("\u{feff}{text}"));
    put("with blank lines".into(), text.replace('\n', "\n\n"));
    put("with comments".into(), text.replace('\n', " # a comment\n"));
    let words = tokens(text);
    let word = |at: usize| words.get(at).map_or("", |it| &text[it.at.clone()]);
    for at in 0..words.len() {
        // One name changed wherever it is read.
        let declares = ["step", "let", "param"].contains(&word(at.wrapping_sub(1)));
        let own = word(at);
        // What is named like an input or the context is wired by that name, and a field or an argument is another thing.
        let elsewhere = (0..words.len()).any(|it| {
            word(it) == own && it != at && (word(it + 1) == ":" || [".", "\""].contains(&word(it.wrapping_sub(1))))
        });
        if declares
            && words[at].kind == Kind::Word
            && !RESERVED.contains(&own)
            && !elsewhere
            && is_read(&words, text, at)
        {
            let mut renamed = String::new();
            let mut last = 0;
            for (place, it) in words.iter().enumerate() {
                let is_slice = word(place + 1) == "." && word(place.wrapping_sub(1)) == "=";
                if it.kind == Kind::Word && word(place) == own && !is_slice {
                    renamed.push_str(&text[last..it.at.start]);
                    renamed.push_str("renamed_");
                    last = it.at.start;
                }
            }
            renamed.push_str(&text[last..]);
            put(format!("`{own}` renamed"), renamed);
        }
        // A comma behind the last argument.
        if word(at) == ")" && !["(", ","].contains(&word(at.wrapping_sub(1))) && at > 2 && calls(&words, text, at) {
            put(
                format!("a comma before byte {}", words[at].at.start),
                format!("{},{}", &text[..words[at].at.start], &text[words[at].at.start..]),
            );
        }
        if words[at].kind == Kind::Number
            && word(at + 1) != "USD"
            && word(at + 1) != "bars"
            && word(at.wrapping_sub(1)) == ":"
        {
            let it = &words[at].at;
            put(
                format!("brackets round byte {}", it.start),
                format!("{}({}){}", &text[..it.start], word(at), &text[it.end..]),
            );
        }
    }
    let yaml = syntax::write(&parsed.file, &source, Form::Yaml);
    out.push(("as YAML".into(), name.replace(".wf", ".yaml"), yaml));
    out
}

/// Says whether a declared name is read by name: one that is wired by its type or its name alone is another matter.
fn is_read(words: &[super::words::Token], text: &str, declared: usize) -> bool {
    let own = &text[words[declared].at.clone()];
    (declared + 1..words.len()).any(|it| words[it].kind == Kind::Word && &text[words[it].at.clone()] == own)
}

/// Says whether a closing bracket ends the arguments of a call.
fn calls(words: &[super::words::Token], text: &str, close: usize) -> bool {
    let mut deep = 0;
    for at in (0..=close).rev() {
        match &text[words[at].at.clone()] {
            ")" => deep += 1,
            "(" => deep -= 1,
            _ => {}
        }
        if deep == 0 {
            return at > 0 && words[at - 1].kind == Kind::Word && !RESERVED.contains(&&text[words[at - 1].at.clone()]);
        }
    }
    false
}
