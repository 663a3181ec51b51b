//! What comments belong to: each has one place in the tree, found by one rule for a form and written by one for the other.
//!
//! A place is above or behind a part (what can have a line of its own: a statement, a clause, an argument, …), behind
//! the opening bracket of a group of parts, or last in it. A writer puts the comment of a place where the reader finds
//! that place again; so the text of a tree with its places is stable, and the same after a trip through the other form.

mod places;
mod seek;
mod seek_yaml;

use std::{collections::BTreeMap, sync::Arc};

use super::ast::{Comment, File, Form};
use crate::source::{Source, Span};
use places::Places;
pub(super) use places::is_lost;

/// Returns what the `##` comments right above a place say. Other comments among them are passed over, a blank line or
/// what stands further right than `indent` ends them: that belongs to the block above.
pub(super) fn doc(comments: &[Comment], text: &str, place: u32, indent: usize) -> Option<Arc<str>> {
    let mut lines = Vec::new();
    let mut start = place as usize;
    let count = comments.partition_point(|it| it.span.start < place);
    for comment in comments.get(..count).unwrap_or_default().iter().rev() {
        let between = text.get(comment.span.range().end..start).unwrap_or("\n\n");
        let adjacent = between.bytes().filter(|it| *it == b'\n').count() == 1 && between.trim().is_empty();
        start = comment.span.range().start;
        if !adjacent || comment.trailing || column(text, start) > indent {
            break;
        }
        if let Some(line) = comment.text.strip_prefix('#') {
            lines.push(shown(line.strip_prefix(' ').unwrap_or(line)));
        }
    }
    lines.reverse();
    (!lines.is_empty()).then(|| lines.join("\n").into())
}

/// Returns a comment with blanks for what no terminal should obey and no line of YAML can have.
pub(super) fn shown(said: &str) -> String {
    let text: String = said.chars().map(|it| if it == '\t' || is_printable(it) { it } else { ' ' }).collect();
    text.trim_end().to_owned()
}

/// Says whether a character may stand in a line of either form as it is.
pub(super) fn is_printable(it: char) -> bool {
    !it.is_control() && !matches!(it, '\u{feff}' | '\u{fffe}' | '\u{ffff}' | '\u{2028}' | '\u{2029}')
}

/// What has a line of its own in the canonical layout.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    Item,
    Stmt,
    Clause,
    Arm,
    Setting,
    Arg,
    Element,
    Member,
    /// No part: a group of them.
    Group,
}

/// Where at a part or a group a comment stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Slot {
    /// On lines of their own above a part.
    Above,
    /// Behind a part, on its line.
    Behind,
    /// Behind the opening bracket of a group.
    Open,
    /// On lines of their own behind the last part of a group.
    Last,
    /// In YAML, below a statement, before a key that is no part.
    Below,
    /// In YAML, above a key that is no part.
    AboveKey,
    /// In YAML, behind a key that is no part, or its value.
    BehindKey,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Place {
    start: u32,
    end: u32,
    kind: Kind,
    slot: Slot,
    /// The key of YAML.
    key: String,
}

/// A comment at its place.
#[derive(Clone, Debug)]
pub(super) struct Note {
    /// What follows its `#`.
    pub text: String,
    /// Whether the line above is blank.
    pub blank: bool,
}

/// The comments of a file by their places.
#[derive(Debug, Default)]
pub(super) struct Notes {
    at: BTreeMap<Place, Vec<Note>>,
}

impl Notes {
    /// Finds the place of each comment of a file, which is to be written in a form.
    pub fn of(file: &File, source: &Source, to: Form) -> Self {
        let mut notes = Self::default();
        if file.comments.is_empty() {
            return notes;
        }
        let places = Places::of(file, source.text());
        let lines = Lines { text: source.text() };
        let below = if file.form == Form::Yaml { lines.below(&file.comments) } else { Vec::new() };
        for (index, comment) in file.comments.iter().enumerate() {
            if places.is_verbatim(comment.span.start) {
                continue;
            }
            let (mut place, moved) = match file.form {
                Form::Wf => seek::place(&places, lines, comment),
                Form::Yaml => seek_yaml::place(&places, lines, comment, below.get(index).copied().flatten(), to),
            };
            let mut plain = moved;
            // Only one stands behind something; another goes to where it is not lost.
            if matches!(place.slot, Slot::Behind | Slot::Open) && notes.at.contains_key(&place) {
                place.slot = if place.slot == Slot::Open { Slot::Last } else { Slot::Above };
                plain = true;
            }
            // What stood elsewhere does not become the doc of what it now stands above.
            let text = if plain { comment.text.trim_start_matches('#') } else { &comment.text };
            let blank = !comment.trailing && !moved && lines.blank_above(comment.span.start, file.form);
            notes.at.entry(place).or_default().push(Note { text: text.trim_end().to_owned(), blank });
        }
        notes
    }

    /// Takes the comments of a place.
    pub fn take(&mut self, kind: Kind, span: Span, slot: Slot) -> Vec<Note> {
        self.take_key(kind, span, slot, "")
    }

    /// Takes the comments of a key that is no part itself.
    pub fn take_key(&mut self, kind: Kind, span: Span, slot: Slot, key: &str) -> Vec<Note> {
        if self.at.is_empty() {
            return Vec::new();
        }
        self.at.remove(&place(kind, span, slot, key)).unwrap_or_default()
    }

    /// Says whether a place has comments, and whether the first has a blank line above.
    pub fn first(&self, kind: Kind, span: Span, slot: Slot, key: &str) -> Option<&Note> {
        if self.at.is_empty() {
            return None;
        }
        self.at.get(&place(kind, span, slot, key)).and_then(|it| it.first())
    }

    /// Says whether a place has comments.
    pub fn has(&self, kind: Kind, span: Span, slot: Slot) -> bool {
        self.first(kind, span, slot, "").is_some()
    }

    /// Says whether a comment has its place in a stretch, at one of the groups that may be written over several lines.
    pub fn inside(&self, span: Span, form: Form) -> bool {
        let from = Place { start: span.start, end: 0, kind: Kind::Item, slot: Slot::Above, key: String::new() };
        let until = Place { start: span.end, ..from.clone() };
        // Without brackets, what has one part spans no more than that.
        let only = |it: &Place| form == Form::Yaml && matches!(it.kind, Kind::Arg | Kind::Member);
        let own = |it: &Place| it.start == span.start && it.end == span.end && it.kind != Kind::Group && !only(it);
        !self.at.is_empty() && self.at.range(from..until).any(|it| it.0.end <= span.end && !own(it.0))
    }

    /// Moves comments from one place to the end of another.
    pub fn give(&mut self, kind: Kind, span: Span, slot: Slot, notes: Vec<Note>) {
        if !notes.is_empty() {
            self.at.entry(place(kind, span, slot, "")).or_default().extend(notes);
        }
    }

    /// Moves the comments inside a stretch that is written on one line to above the part that it is of.
    pub fn lift(&mut self, inside: Span, kind: Kind, part: Span) {
        let from = Place { start: inside.start, end: 0, kind: Kind::Item, slot: Slot::Above, key: String::new() };
        let until = Place { start: inside.end, ..from.clone() };
        let own = |it: &Place| it.kind == kind && it.start == part.start && it.end == part.end;
        let within = |it: &Place| it.end <= inside.end && !own(it);
        let found: Vec<Place> = self.at.range(from..until).map(|it| it.0).filter(|it| within(it)).cloned().collect();
        for each in found {
            let notes = self.at.remove(&each).unwrap_or_default();
            self.give(kind, part, Slot::Above, notes.into_iter().map(Note::plain).collect());
        }
    }

    /// Returns the keys with comments that are no parts themselves, of a part.
    pub fn keys(&self, kind: Kind, part: Span) -> Vec<(String, Slot)> {
        let from = place(kind, part, Slot::AboveKey, "");
        let own = self
            .at
            .range(from..)
            .take_while(|it| it.0.kind == kind && it.0.start == part.start && it.0.end == part.end);
        own.map(|it| (it.0.key.clone(), it.0.slot)).collect()
    }

    /// Takes what is left.
    pub fn rest(&mut self) -> Vec<Note> {
        std::mem::take(&mut self.at).into_values().flatten().map(Note::plain).collect()
    }
}

impl Note {
    /// Returns it as no doc.
    pub fn plain(self) -> Self {
        Self { text: self.text.trim_start_matches('#').to_owned(), blank: false }
    }
}

fn place(kind: Kind, span: Span, slot: Slot, key: &str) -> Place {
    Place { start: span.start, end: span.end, kind, slot, key: key.to_owned() }
}

/// The keys of the YAML form that hold statements and are none.
pub(super) const HOLDERS: &[&str] = &["steps:", "params:", "outputs:", "rules:", "let:"];

/// The lines of a text.
#[derive(Clone, Copy)]
pub(super) struct Lines<'t> {
    pub text: &'t str,
}

impl<'t> Lines<'t> {
    /// Returns the byte at which the line of a place starts.
    pub fn start(self, at: u32) -> u32 {
        at - u32::try_from(column(self.text, at as usize)).unwrap_or(0)
    }

    /// Returns the line of a place.
    pub fn line(self, at: u32) -> &'t str {
        self.text.get(self.start(at) as usize..).and_then(|it| it.split('\n').next()).unwrap_or_default()
    }

    /// Returns for each comment where the next line below starts that is neither blank nor a comment.
    fn below(self, comments: &[Comment]) -> Vec<Option<u32>> {
        let mut found = vec![None; comments.len()];
        let mut next: Option<(u32, Option<u32>)> = None;
        for (comment, found) in comments.iter().zip(&mut found).rev() {
            let mut start = comment.span.range().end;
            start += self.text.get(start..).and_then(|it| it.find('\n')).map_or(self.text.len(), |it| it + 1);
            *found = loop {
                let Some(line) = self.text.get(start..).and_then(|it| it.split_inclusive('\n').next()) else {
                    break None;
                };
                let said = line.trim();
                let here = u32::try_from(start).ok();
                match next {
                    Some((at, below)) if said.starts_with('#') && here.is_some_and(|it| it <= at) => break below,
                    _ if !said.is_empty() && !said.starts_with('#') => break here,
                    _ => start += line.len(),
                }
            };
            next = Some((comment.span.start, *found));
        }
        found
    }

    /// Says whether the line of a place, with nothing but marks of a list before it, follows an empty one.
    pub fn blank_above(self, at: u32, form: Form) -> bool {
        let before = self.text.get(..at as usize).unwrap_or_default();
        let Some((mut above, line)) = before.rsplit_once('\n') else { return false };
        // In YAML the key that holds the statements stands between the blank line and the first of them.
        while let Some((more, key)) = above.rsplit_once('\n')
            && form == Form::Yaml
            && HOLDERS.contains(&key.split('#').next().unwrap_or_default().trim())
        {
            above = more;
        }
        let first = line.chars().all(|it| it.is_whitespace() || matches!(it, '-' | '?'));
        first && above.rsplit('\n').next().is_some_and(|it| it.trim().is_empty())
    }
}

/// Returns how many bytes stand before a byte on its line.
pub(super) fn column(text: &str, at: usize) -> usize {
    text.get(..at).map_or(0, |it| at - it.rfind('\n').map_or(0, |it| it + 1))
}
