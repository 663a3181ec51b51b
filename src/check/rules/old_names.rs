//! A method is called by the name that it has, not by one that it had.

use crate::{
    check::walk::Walk,
    slice::Method,
    source::{Code, Diagnostic},
    syntax::ast,
};

pub(in crate::check) fn check(walk: &mut Walk<'_, '_>, method: &Method, slice: &ast::Name, name: &ast::Name) {
    if !method.deprecated.contains(&&*name.text) {
        return;
    }
    let message = format!("`{}.{}` is deprecated", slice.text, name.text);
    let found = Diagnostic::new(Code::F005, name.span, message);
    walk.report(found.safe_fix(format!("it is called `{}` now", method.name), name.span, method.name));
}
