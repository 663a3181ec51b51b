//! Texts, places in them, and what is wrong there: [`render`] for people, the others for programs.
//! Where text is and what is wrong with it: files, spans, diagnostics and their codes.

mod code;
mod diagnostic;
mod file;
mod mend;
mod page;
mod read;
mod render;
mod report;

pub use code::{Allow, Code, Remedy, Severity};
pub use diagnostic::{Diagnostic, Edit, Fix, Label};
pub use file::{FileId, LineColumn, Source, Sources, Span};
pub use mend::safe_fixes;
pub use page::all_pages;
pub use read::{MAX_BYTES, Unreadable};
pub use render::render;
pub use report::{MAX_PER_FILE, Shown, count, github, junit, report_json, sarif, shown, summary, to_json};
