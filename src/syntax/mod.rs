//! Text to tree and back: both forms of the language, `.wf` and YAML, give one [`ast::File`].

pub mod ast;
pub mod literal;
