//! Where a comment of the YAML form belongs: what has no brackets is told by lines and columns.

use super::{
    Kind, Lines, Place, Slot, column, place as make,
    places::{Group, Part, Places},
    seek,
};
use crate::syntax::ast::{Comment, Form};

/// Returns the place of a comment, and whether it has to move there.
///
/// `below` is where the next line below starts that is neither blank nor a comment.
pub(super) fn place(
    places: &Places<'_>,
    lines: Lines<'_>,
    comment: &Comment,
    below: Option<u32>,
    to: Form,
) -> (Place, bool) {
    let seek = Seek { places, lines, at: comment.span.start, below, to };
    if let Some(group) = seek.brackets()
        && let Ok(found) = seek::inside(places, group, lines, comment)
    {
        return found;
    }
    if comment.trailing { seek.behind() } else { seek.alone() }
}

struct Seek<'a> {
    places: &'a Places<'a>,
    lines: Lines<'a>,
    at: u32,
    below: Option<u32>,
    to: Form,
}

impl<'a> Seek<'a> {
    fn part(&self, index: usize) -> Option<&'a Part> {
        self.places.parts.get(index)
    }

    fn group(&self, index: usize) -> Option<&'a Group> {
        self.places.groups.get(index)
    }

    /// Returns how many parts start before a place.
    fn started(&self, at: u32) -> usize {
        self.places.order.partition_point(|it| self.part(*it).is_some_and(|it| it.span.start < at))
    }

    /// Returns the part that starts first at or behind a place.
    fn next(&self, at: u32) -> Option<usize> {
        self.places.order.get(self.started(at)).copied()
    }

    /// Returns the outermost part that starts on the line of a place.
    fn on_line(&self, at: u32) -> Option<usize> {
        let start = self.lines.start(at);
        let end = start + u32::try_from(self.lines.line(at).len()).unwrap_or(0);
        self.next(start).filter(|it| self.part(*it).is_some_and(|it| it.span.start <= end))
    }

    /// Returns the part that started last before the comment.
    fn before(&self) -> Option<usize> {
        self.started(self.at).checked_sub(1).and_then(|it| self.places.order.get(it)).copied()
    }

    /// Returns the groups around a part, from the inside out.
    fn groups(&self, part: usize) -> impl Iterator<Item = usize> {
        self.chain(part).map(|it| it.group)
    }

    /// Returns the groups that the comment may be inside of, the innermost first.
    fn open(&self) -> impl Iterator<Item = &'a Group> {
        let parts = self.before().into_iter().flat_map(|it| self.chain(it));
        let groups = parts.flat_map(|it| it.groups.iter().filter_map(|it| self.group(*it)));
        groups.filter(|it| it.from <= self.at && self.at < it.span.end)
    }

    /// Returns the innermost group written with brackets in which the comment stands.
    fn brackets(&self) -> Option<&'a Group> {
        self.open().find(|it| {
            let flow = self.lines.text.get(it.span.range().start..).is_some_and(|it| it.starts_with(['{', '[']));
            // The bracket may be its first part's.
            flow && it.parts.first().and_then(|it| self.part(*it)).is_some_and(|first| first.span.start > it.span.start)
        })
    }

    /// Returns the group without parts in which the comment stands.
    fn empty(&self) -> Option<&'a Group> {
        self.open().find(|it| it.parts.is_empty())
    }

    fn at_part(part: &Part, slot: Slot) -> Place {
        make(part.kind, part.span, slot, "")
    }

    fn at_group(group: &Group, slot: Slot) -> Place {
        make(Kind::Group, group.span, slot, "")
    }

    /// Returns the place of a comment behind something on its line.
    fn behind(&self) -> (Place, bool) {
        let next = self.below.and_then(|it| self.on_line(it));
        let line = self.lines.line(self.at);
        let bare = line.get(..(self.at - self.lines.start(self.at)) as usize).unwrap_or_default().trim();
        let heads = bare.ends_with([':', '-', '{', '[']);
        // The group whose first part starts on the line below.
        let opened = next.and_then(|it| Some((it, self.part(it)?.group))).filter(|(part, group)| {
            let first =
                self.group(*group).is_some_and(|it| it.parts.first() == Some(part) && self.heads_line(it).is_some());
            *group > 0 && first && heads
        });
        if let Some(part) = self.on_line(self.at).and_then(|it| Some((it, self.part(it)?)))
            && part.1.span.start < self.at
        {
            let (index, part) = part;
            if part.span.end <= self.at {
                return (Self::at_part(part, Slot::Behind), false);
            }
            let holds = part.kind == Kind::Item && !part.groups.is_empty();
            let bracket = self.below.is_some_and(|it| self.lines.line(it).trim_start().starts_with(['{', '[']));
            let own = part.groups.first().and_then(|it| self.group(*it));
            if let Some(group) =
                own.filter(|it| holds || it.parts.is_empty() && (heads && bracket || bare.ends_with(['{', '['])))
            {
                return (Self::at_group(group, Slot::Open), false);
            }
            if let Some(group) = opened.and_then(|it| self.group(it.1)).filter(|it| it.owner == Some(index)) {
                return (Self::at_group(group, Slot::Open), false);
            }
            return (Self::at_part(part, Slot::Behind), false);
        }
        if let Some(group) = self.empty().filter(|_| heads) {
            return (Self::at_group(group, Slot::Open), false);
        }
        if let Some(group) = opened.and_then(|it| self.group(it.1)) {
            let body = group.owner.and_then(|it| self.part(it)).is_some_and(|it| it.kind == Kind::Item);
            if !body || !super::HOLDERS.contains(&bare) {
                return (Self::at_group(group, Slot::Open), false);
            }
        }
        let start = self.lines.start(self.at);
        let owner = self.before().and_then(|it| self.around(it, start));
        if let Some(part) = owner.filter(|_| bare.starts_with(['}', ']'])) {
            return (Self::at_part(part, Slot::Behind), false);
        }
        self.key(owner, line, Slot::BehindKey)
    }

    /// Returns a part and those around it, from the inside out.
    fn chain(&self, part: usize) -> impl Iterator<Item = &'a Part> {
        let outer = |it: &&'a Part| self.part(self.group(it.group)?.owner?);
        std::iter::successors(self.part(part), outer)
    }

    /// Returns the statement that a clause stands behind, else the part itself.
    fn statement(&self, part: &'a Part) -> Option<&'a Part> {
        let parts = &self.group(part.group)?.parts;
        let count = parts.partition_point(|it| self.part(*it).is_some_and(|it| it.span.start <= part.span.start));
        let mut before = parts.get(..count)?.iter().rev().filter_map(|it| self.part(*it));
        before.find(|it| it.kind != Kind::Clause)
    }

    /// Returns where the first part of a group starts, where that stands first on its line: so it has no brackets.
    fn heads_line(&self, group: &Group) -> Option<u32> {
        let start = group.parts.first().and_then(|it| self.part(*it))?.span.start;
        let before = self.lines.text.get(self.lines.start(start) as usize..start as usize)?;
        before.trim_matches([' ', '-', '$', '\'', '"']).is_empty().then_some(start)
    }

    /// Returns the innermost part around a part, it included, that does not end before a place.
    fn around(&self, part: usize, place: u32) -> Option<&'a Part> {
        self.chain(part).find(|it| it.span.end >= place)
    }

    /// Returns the place of a comment alone on its line.
    fn alone(&self) -> (Place, bool) {
        if let Some(group) = self.empty() {
            return (Self::at_group(group, Slot::Last), false);
        }
        let own = column(self.lines.text, self.at as usize);
        let below = self.below;
        let indent = |at: u32| {
            let line = self.lines.line(at);
            line.len() - line.trim_start_matches(' ').len()
        };
        let next = self.next(self.at);
        let deeper = below.is_none_or(|it| own > indent(it));
        if deeper && let Some(before) = self.before() {
            let holds_next = |group: usize| next.is_some_and(|it| self.groups(it).any(|it| it == group));
            let fits = |group: &usize| {
                let Some(group) = self.group(*group) else { return false };
                match group.owner.and_then(|it| self.part(it)).filter(|it| it.kind == Kind::Item) {
                    Some(item) => indent(item.span.start) < own,
                    None => self.heads_line(group).is_some_and(|it| indent(it) <= own),
                }
            };
            if let Some(group) = self.groups(before).filter(|it| !holds_next(*it)).find(fits) {
                return (seek::last(self.places, group), false);
            }
            // At the end of a section, before the key of the next.
            let section = |it: &Part| it.group > 0 && holds_next(it.group) && indent(it.span.start) <= own;
            if self.to == Form::Yaml
                && below.is_some_and(|it| self.on_line(it).is_none())
                && let Some(part) = self.chain(before).filter_map(|it| self.statement(it)).find(|it| section(it))
            {
                return (Self::at_part(part, Slot::Below), false);
            }
        }
        let Some(below) = below else { return (seek::last(self.places, 0), false) };
        if let Some(part) = self.on_line(below).and_then(|it| self.part(it)) {
            return (Self::at_part(part, Slot::Above), deeper);
        }
        let owner = self.before().and_then(|it| self.around(it, self.at));
        self.key(owner, self.lines.line(below), Slot::AboveKey)
    }

    /// Returns the place at a key that is no part; `.wf` has no such keys.
    fn key(&self, owner: Option<&Part>, line: &str, slot: Slot) -> (Place, bool) {
        let next = self.next(self.at).and_then(|it| self.part(it));
        if self.to == Form::Wf {
            let inner = next.filter(|next| owner.is_none_or(|it| next.span.start < it.span.end));
            return match inner.or(owner) {
                Some(part) => (Self::at_part(part, Slot::Above), true),
                None => (seek::last(self.places, 0), true),
            };
        }
        let key = line.trim_start_matches([' ', '-']).split(':').next().unwrap_or_default();
        match owner {
            Some(part) => (make(part.kind, part.span, slot, key), false),
            None => {
                (make(Kind::Group, self.places.groups.first().map(|it| it.span).unwrap_or_default(), slot, key), false)
            }
        }
    }
}
