//! A value is declared above what uses it, so that a file reads from top to bottom.

use crate::{
    check::{
        order::Early,
        walk::{Walk, indent},
    },
    source::{Code, Diagnostic, Edit, Fix, Span},
    syntax::ast::Stmt,
};

pub(in crate::check) fn check(walk: &mut Walk<'_, '_>, stmts: &[Stmt], early: &[Early]) {
    for it in early {
        let (Some(user), Some(declared)) = (stmts.get(it.at), stmts.get(it.declared)) else { continue };
        let message = format!("`{}` is used before the line that declares it", it.name);
        let found = Diagnostic::new(Code::N007, it.span, message);
        let place = match declared {
            Stmt::Step(it) => it.name.span,
            Stmt::Let(it) => it.name.span,
            other => other.span(),
        };
        let found = found.label(place, "declared here");
        let edits = if it.movable { moved(walk, declared.span(), user.span()) } else { None };
        let title = "move it up".to_owned();
        walk.report(found.with_fix(Fix { title, safe: false, edits: edits.unwrap_or_default() }));
    }
}

/// Returns the edits that move a statement above another.
fn moved(walk: &Walk<'_, '_>, what: Span, above: Span) -> Option<Vec<Edit>> {
    let source = walk.session.sources.get(what.file).filter(|_| !walk.is_yaml() && what.file == above.file)?;
    let text = source.text();
    let before = text.get(..what.start as usize)?;
    // The line goes with the statement where nothing else stands before it there.
    let line = before.trim_end_matches([' ', '\t']);
    let start = if line.ends_with('\n') { line.len() - 1 } else { what.start as usize };
    let start = u32::try_from(start).ok().filter(|it| *it >= above.end)?;
    let moved = format!("{}\n{}", walk.text(what), indent(source, above));
    Some(vec![Edit { span: above.before(), text: moved }, Edit { span: Span { start, ..what }, text: String::new() }])
}
