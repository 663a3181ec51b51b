//! A file is laid out as `wf fmt` lays it out.

use super::FileView;
use crate::{
    source::{Code, Diagnostic, Span},
    syntax,
};

pub(super) fn check(view: &FileView<'_>, out: &mut Vec<Diagnostic>) {
    let Some(source) = view.sources.get(view.file.id).filter(|_| view.options.style) else { return };
    // What cannot be read cannot be laid out.
    if out.iter().any(|it| it.span.file == view.file.id && it.code.as_str().starts_with("WF-S")) {
        return;
    }
    let (old, new) = (source.text(), syntax::write(view.file, source, view.file.form));
    if **old == *new {
        return;
    }
    // Only the lines that change are touched.
    let same = |pairs: &mut dyn Iterator<Item = (&str, &str)>| {
        pairs.take_while(|(a, b)| a == b).map(|(a, _)| a.len()).sum::<usize>()
    };
    let before = same(&mut old.split_inclusive('\n').zip(new.split_inclusive('\n')));
    let (a, b) = (old.get(before..).unwrap_or_default(), new.get(before..).unwrap_or_default());
    let after = same(&mut a.split_inclusive('\n').rev().zip(b.split_inclusive('\n').rev()));
    let end = old.len().saturating_sub(after);
    let text = b.get(..b.len().saturating_sub(after)).unwrap_or_default();
    let first = a.split_inclusive('\n').next().map_or(0, str::len);
    let span = Span::new(view.file.id, before, (before + first).min(end));
    let found = Diagnostic::new(Code::F001, span, "this is not laid out as `wf fmt` does");
    let whole = Span::new(view.file.id, before, end);
    out.push(found.safe_fix("format the file", whole, text));
}
