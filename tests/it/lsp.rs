//! The language server, message by message: each capability in both forms of the language.

mod support;

mod completion;
mod diagnostics;
mod everywhere;
mod hover;
mod navigate;
mod rename;
mod shape;
mod tour;
