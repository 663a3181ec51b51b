//! Text to tree and back: both forms of the language, `.wf` and YAML, give one [`ast::File`].

pub mod ast;
pub mod dsl;
pub mod format;
pub mod literal;
pub mod same;
pub mod words;
pub mod yaml;

use std::path::Path;

use crate::source::{Diagnostic, FileId, Source};

/// What was read from a text: the tree, with `Bad` nodes where it could not be read, and what is wrong there.
#[derive(Clone, Debug)]
pub struct Parsed {
    /// The tree.
    pub file: ast::File,
    /// Every mistake, in the order of the file; no bound is put on their number here.
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
