//! Where text is and what is wrong with it: files, spans, diagnostics and their codes.

mod code;
mod diagnostic;
mod file;

pub use code::{Code, Severity};
pub use diagnostic::{Diagnostic, Edit, Fix, Label};
pub use file::{FileId, LineColumn, Source, Sources, Span};
