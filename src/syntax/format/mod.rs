//! The canonical `.wf` text of a tree: one statement, one clause, one field of settings a line, two spaces a level.
//!
//! Literals keep their spelling, comments their place, and one blank line stays where the author had some.

mod expr;
mod printer;
mod stmt;

pub use expr::{expr_to_wf, ident, key, quoted, type_to_wf};

use printer::Printer;

use super::ast::{File, Item};
use crate::source::{Source, Span};

/// Returns a tree as canonical `.wf` text, whichever form it was read from; `source` is the text it was read from.
///
/// Writing the tree of the result gives the result again, and its tree is the same. What could not be read is given
/// back as it stands.
pub fn to_wf(file: &File, source: &Source) -> String {
    let mut printer = Printer::new(source, file);
    let mut before: Option<&Item> = None;
    for item in &file.items {
        let uses = matches!((before, item), (Some(Item::Use(_)), Item::Use(_)));
        printer.item(item, before.is_some() && !uses);
        before = Some(item);
    }
    printer.finish(Span::new(file.id, 0, u32::MAX as usize))
}
