//! The keys of a map: which are known, which stand twice, which of them was meant.

use super::{
    Reader, Wanted,
    tree::{Entry, Node},
};
use crate::source::{Code, Diagnostic, Span};

/// The known entries of a map, in the order of the file.
pub(super) struct Fields<'t> {
    pub entries: Vec<(&'static str, &'t Entry)>,
    pub span: Span,
    /// Whether reading broke off inside, or a key was misspelt, so that nothing can be said to be missing.
    pub partial: bool,
}

impl<'t> Fields<'t> {
    /// Returns the value of a key.
    pub fn get(&self, key: &str) -> Option<&'t Node> {
        self.entry(key).map(|it| &*it.value)
    }

    /// Returns a key with its value.
    pub fn entry(&self, key: &str) -> Option<&'t Entry> {
        self.entries.iter().find(|it| it.0 == key).map(|it| it.1)
    }

    pub fn has(&self, key: &str) -> bool {
        self.entry(key).is_some()
    }
}

/// Says whether a node is a map with a key.
pub(super) fn has(node: &Node, key: &str) -> bool {
    node.map().is_some_and(|it| it.iter().any(|entry| key_text(entry) == Some(key)))
}

/// Returns the text of a key.
pub(super) fn key_text(entry: &Entry) -> Option<&str> {
    entry.key.scalar().map(|it| &*it.text)
}

impl Reader<'_> {
    /// Returns the entries of a map whose keys are `legal` in `what`, and reports all else.
    pub fn fields<'t>(&mut self, node: &'t Node, what: &str, legal: &[&'static str]) -> Option<Fields<'t>> {
        let Some(map) = node.map() else {
            self.expected(node, &format!("the keys of {what}"), &format!("{what} has: {}", legal.join(", ")));
            return None;
        };
        let mut fields =
            Fields { entries: Vec::new(), span: node.span, partial: node.broken || self.breaks_off(node.span) };
        for entry in map {
            let Some(text) = key_text(entry) else {
                if !entry.key.is_bad() {
                    self.report(Diagnostic::new(Code::S001, entry.key.span, "a key must be a text"));
                }
                fields.partial = true;
                continue;
            };
            let Some(key) = legal.iter().find(|it| **it == text) else {
                self.unknown(entry, text, what, legal, map);
                fields.partial = true;
                continue;
            };
            if let Some(first) = fields.entry(key) {
                self.twice(entry, text, first.key.span);
            } else {
                fields.entries.push((key, entry));
            }
        }
        Some(fields)
    }

    /// Returns the entries of a map whose keys are names that a person chose.
    pub fn named<'t>(&mut self, node: &'t Node, what: &str) -> Vec<&'t Entry> {
        let Some(map) = node.map() else {
            if !node.is_empty() {
                self.expected(node, what, "");
            }
            return Vec::new();
        };
        let mut entries: Vec<&Entry> = Vec::new();
        for entry in map {
            let first = entries.iter().find(|it| key_text(it).is_some() && key_text(it) == key_text(entry));
            match (first, key_text(entry)) {
                (Some(first), Some(text)) => self.twice(entry, text, first.key.span),
                _ => entries.push(entry),
            }
        }
        entries
    }

    /// Says whether reading stopped right behind a place, so that what is missing there may follow.
    fn breaks_off(&self, span: Span) -> bool {
        self.stops.iter().any(|stop| {
            let between = self.source.text().get(span.range().end..*stop as usize);
            *stop >= span.start && between.is_none_or(|it| it.trim().is_empty())
        })
    }

    /// Returns the first line of a place, which is enough to mark it.
    pub fn first_line(&self, span: Span) -> Span {
        let length = self.source.slice(span).lines().next().map_or(0, |it| it.trim_end().len());
        Span::new(self.id, span.range().start, span.range().start + length)
    }

    fn unknown(&mut self, entry: &Entry, text: &str, what: &str, legal: &[&'static str], map: &[Entry]) {
        let span = entry.key.span;
        if text == "<<" {
            let found = Diagnostic::new(Code::S007, span, "maps are not merged here");
            return self.report(found.help("write the keys out"));
        }
        self.wants(span, || {
            let free = legal.iter().filter(|it| !map.iter().any(|entry| key_text(entry) == Some(it)));
            Wanted::Key(free.copied().collect())
        });
        let found = Diagnostic::new(Code::S007, span, format!("unknown key `{text}` in {what}"));
        let found = found.note(format!("{what} has: {}", legal.join(", ")));
        let free = legal.iter().copied().filter(|it| !map.iter().any(|entry| key_text(entry) == Some(it)));
        self.report(match nearest(text, free) {
            Some(near) => found.fix("a similar key exists", span, near),
            None => found,
        });
    }

    fn twice(&mut self, entry: &Entry, text: &str, first: Span) {
        let found = Diagnostic::new(Code::S008, entry.key.span, format!("`{text}` is given twice"));
        self.report(found.here("again").label(first, "first here").help("remove one of them"));
    }

    /// Reports that a node is not what is wanted.
    pub fn expected(&mut self, node: &Node, what: &str, background: &str) {
        if node.is_bad() {
            return;
        }
        let place = self.first_line(node.span);
        let found = Diagnostic::new(Code::S001, place, format!("expected {what}, found {}", node.what()));
        self.report(if background.is_empty() { found } else { found.note(background) });
    }
}

/// Returns the word that was most likely meant, if one is close.
pub(super) fn nearest<'a>(text: &str, words: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let reach = (text.chars().count() / 3).clamp(1, 3);
    words.map(|it| (strsim::osa_distance(text, it), it)).filter(|it| it.0 <= reach).min_by_key(|it| it.0).map(|it| it.1)
}
