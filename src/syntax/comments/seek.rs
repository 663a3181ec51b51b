//! Where a comment of the `.wf` form belongs.

use super::{
    Kind, Lines, Place, Slot, place as make,
    places::{Group, Places},
};
use crate::syntax::ast::Comment;

/// Returns the place of a comment, and whether it has to move there.
pub(super) fn place(places: &Places<'_>, lines: Lines<'_>, comment: &Comment) -> (Place, bool) {
    let mut group = places.groups.first();
    while let Some(here) = group {
        match inside(places, here, lines, comment) {
            Ok(found) => return found,
            Err(deeper) => group = places.groups.get(deeper),
        }
    }
    (last(places, 0), true)
}

/// Returns the place of a comment in a group, or the group inside it in which the comment stands.
pub(super) fn inside(
    places: &Places<'_>,
    group: &Group,
    lines: Lines<'_>,
    comment: &Comment,
) -> Result<(Place, bool), usize> {
    let at = comment.span.start;
    let part = |index: usize| group.parts.get(index).and_then(|it| places.parts.get(*it));
    let next = group.parts.partition_point(|it| places.parts.get(*it).is_some_and(|it| it.span.start <= at));
    let before = next.checked_sub(1).and_then(part);
    if let Some(before) = before.filter(|it| at < it.end) {
        let open = |it: &&usize| places.groups.get(**it).is_some_and(|it| it.from <= at && at < it.span.end);
        return match before.groups.iter().find(open) {
            Some(group) => Err(*group),
            // In the midst of an expression there is no line of its own.
            None => Ok((make(before.kind, before.span, Slot::Above, ""), true)),
        };
    }
    let line = lines.start(at);
    Ok(match (before, part(next)) {
        (Some(it), _) if comment.trailing && line <= it.end => (make(it.kind, it.span, Slot::Behind, ""), false),
        (None, _) if comment.trailing && line <= group.from => (make(Kind::Group, group.span, Slot::Open, ""), false),
        (_, Some(it)) => (make(it.kind, it.span, Slot::Above, ""), comment.trailing),
        (_, None) => (make(Kind::Group, group.span, Slot::Last, ""), comment.trailing),
    })
}

/// Returns the place at the end of a group.
pub(super) fn last(places: &Places<'_>, group: usize) -> Place {
    let span = places.groups.get(group).map(|it| it.span).unwrap_or_default();
    make(Kind::Group, span, Slot::Last, "")
}
