//! Text to tree and back: both forms of the language, `.wf` and YAML, give one [`ast::File`].

pub mod ast;
pub mod literal;
pub mod yaml;

/// What reading a text gives.
#[derive(Debug)]
pub struct Parsed {
    /// The tree, as far as the text could be read.
    pub file: ast::File,
    /// Every mistake in it.
    pub diagnostics: Vec<crate::source::Diagnostic>,
}
