//! A name of an inner body hides none that can be seen from there: who reads it would take one for the other.

use crate::{
    check::{scope::What, walk::Walk},
    source::{Code, Diagnostic},
};

/// Looks at the names of the innermost body.
pub(in crate::check) fn check(walk: &mut Walk<'_, '_>) {
    let Some((own, around)) = walk.scopes.frames.split_last() else { return };
    let mut found = Vec::new();
    for entry in own.entries.iter().filter(|it| it.first) {
        let hides = around.iter().rev().find_map(|frame| {
            let other = frame.entries.get(*frame.names.get(&entry.name)?)?;
            // The step that this body is of, and those below, cannot be meant in it.
            other.is_above(frame.at).then_some(other)
        });
        let Some(hidden) = hides else { continue };
        let what = match hidden.what {
            What::Param => "parameter",
            other => other.word(),
        };
        let message = format!("`{}` hides the {what} of the same name", entry.name);
        let it = Diagnostic::new(Code::N008, entry.declared, message).label(hidden.declared, "hidden in this body");
        let it = it.help("call one of the two otherwise");
        // What whoever starts the run says would not count in this body.
        found.push(if matches!(hidden.what, What::Param) { it.error() } else { it });
    }
    walk.out.append(&mut found);
}
