//! Text to tree and back: both forms of the language, `.wf` and YAML, give one [`ast::File`].

pub mod ast;
pub mod dsl;
pub mod format;
pub mod literal;
pub mod same;
pub mod textmate;
pub mod words;
pub mod yaml;

use std::path::Path;

use crate::source::{Code, Diagnostic, FileId, Source, Span};

/// How many mistakes of one text are told apart: a file with more is something else than a workflow, or broken from some
/// place on, and nobody reads on.
pub const MAX_MISTAKES: usize = 1_000;

/// How many words, signs and comments one text may have, in YAML values and comments: some 25,000 statements.
///
/// Reading takes time and memory with their number, so this bounds both for any text of [`dsl::MAX_BYTES`].
pub const MAX_PARTS: usize = 250_000;

/// Returns what is said of a text that has too many parts, from the first that is too much.
pub(crate) fn too_long(span: Span, what: &str) -> Diagnostic {
    Diagnostic::new(Code::S010, span, format!("this file has more than {MAX_PARTS} {what}"))
        .help("split it into several files with `use`, and keep data in files of its own")
}

/// Returns what is said of a text with too many mistakes.
pub(crate) fn too_many(id: FileId) -> Diagnostic {
    let message = format!("this file has more than {MAX_MISTAKES} mistakes; the rest of it is not read");
    Diagnostic::new(Code::S010, Span::new(id, 0, 0), message).help("mend the first ones, and check it again")
}

/// What was read from a text: the tree, with `Bad` nodes where it could not be read, and what is wrong there.
#[derive(Clone, Debug)]
pub struct Parsed {
    /// The tree.
    pub file: ast::File,
    /// Every mistake, in the order of the file. One with more than [`MAX_MISTAKES`] is not read, and the first says so.
    pub diagnostics: Vec<Diagnostic>,
}

/// Reads a file in the form that its name says: YAML for `.yaml`, `.yml` and `.json`, else `.wf`.
pub fn parse(id: FileId, source: &Source) -> Parsed {
    match Path::new(source.name()).extension().and_then(|it| it.to_str()) {
        Some("yaml" | "yml" | "json") => yaml::parse(id, source),
        _ => dsl::parse(id, source),
    }
}

/// Writes a tree in a form, in its canonical layout, with the comments of the text that it was read from.
pub fn write(file: &ast::File, source: &Source, form: ast::Form) -> String {
    match form {
        ast::Form::Wf => format::to_wf(file, source),
        ast::Form::Yaml => yaml::write(file, source),
    }
}
