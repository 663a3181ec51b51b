//! YAML text to a tree of scalars, lists and maps with exact places, in bounded memory.

use std::{collections::BTreeMap, rc::Rc, sync::Arc};

use granit_parser::{Event, Parser, ScalarStyle, StructureStyle, Tag, options};

use super::broken;
use crate::{
    source::{Code, Diagnostic, FileId, Source, Span},
    syntax::{MAX_PARTS, ast::Comment, too_long},
};

/// How deep lists and maps may be nested. A level of the language takes up to three levels of YAML.
const MAX_DEPTH: usize = 192;

/// How many nodes the aliases of one file may stand for.
const MAX_EXPANDED: usize = 100_000;

/// How often reading starts again behind a mistake that ends it.
const MAX_RESTARTS: usize = 10;

/// A node and where it stands.
#[derive(Debug)]
pub(super) struct Node {
    pub kind: Kind,
    pub span: Span,
    /// Whether reading broke off inside it, so that nothing can be said to be missing.
    pub broken: bool,
    /// How many nodes it is, itself and aliases expanded.
    weight: usize,
    /// How many levels are under it, itself included.
    height: usize,
}

#[derive(Debug)]
pub(super) enum Kind {
    Scalar(Scalar),
    List(Vec<Rc<Node>>),
    Map(Vec<Entry>),
    /// What could not be read; it has been reported.
    Bad,
}

/// A text as YAML gives it.
#[derive(Debug)]
pub(super) struct Scalar {
    /// What it says, escapes resolved.
    pub text: Arc<str>,
    /// Whether it stands without quotes.
    pub plain: bool,
}

/// A key and its value.
#[derive(Debug)]
pub(super) struct Entry {
    pub key: Rc<Node>,
    pub value: Rc<Node>,
}

impl Entry {
    /// Returns the place from the key to the end of the value.
    pub fn span(&self) -> Span {
        // The value of an alias stands elsewhere.
        if self.value.span.start >= self.key.span.end { self.key.span.to(self.value.span) } else { self.key.span }
    }
}

impl Node {
    /// Returns what it is called in messages.
    pub fn what(&self) -> &'static str {
        match &self.kind {
            Kind::Scalar(it) if it.plain && it.text.is_empty() => "nothing",
            Kind::Scalar(_) => "a text",
            Kind::List(_) => "a list",
            Kind::Map(_) => "a map",
            Kind::Bad => "what cannot be read",
        }
    }

    pub fn scalar(&self) -> Option<&Scalar> {
        if let Kind::Scalar(it) = &self.kind { Some(it) } else { None }
    }

    pub fn map(&self) -> Option<&[Entry]> {
        if let Kind::Map(it) = &self.kind { Some(it) } else { None }
    }

    pub fn is_bad(&self) -> bool {
        matches!(self.kind, Kind::Bad)
    }

    /// Says whether nothing stands there at all.
    pub fn is_empty(&self) -> bool {
        self.scalar().is_some_and(|it| it.plain && it.text.is_empty())
    }
}

/// What a text holds.
#[derive(Debug)]
pub(super) struct Tree {
    /// The entries of the map at the top.
    pub root: Vec<Rc<Node>>,
    pub comments: Vec<Comment>,
}

/// Reads a text as far as it can be read; after a mistake it goes on with the next key at the start of a line.
pub(super) fn grow(id: FileId, source: &Source, diagnostics: &mut Vec<Diagnostic>) -> Tree {
    let mut tree = Tree { root: Vec::new(), comments: Vec::new() };
    let mut from = 0;
    for _ in 0..=MAX_RESTARTS {
        let mut grower = Grower::new(id, source, from);
        let stopped = grower.run();
        diagnostics.append(&mut grower.diagnostics);
        tree.root.append(&mut grower.roots);
        tree.comments.append(&mut grower.comments);
        let Some(stopped) = stopped else { break };
        let Some(next) = next_key(source.text(), stopped) else { break };
        from = next;
    }
    tree
}

/// Returns the start of the first line behind the line of `from` that may start with a key of the top.
fn next_key(text: &str, from: usize) -> Option<usize> {
    let mut at = from;
    while let Some(length) = text.get(at..)?.find('\n') {
        at += length + 1;
        let head = text.get(at..)?.chars().next()?;
        if head.is_alphabetic() || matches!(head, '_' | '"' | '\'') {
            return Some(at);
        }
    }
    None
}

/// A list or map that is not closed yet.
pub(super) struct Open {
    map: bool,
    /// Whether it is written with brackets.
    pub flow: bool,
    pub start: usize,
    children: Vec<Rc<Node>>,
    anchor: usize,
    bad: bool,
}

struct Grower<'s> {
    id: FileId,
    source: &'s Source,
    /// Where reading starts in the text.
    base: usize,
    stack: Vec<Open>,
    roots: Vec<Rc<Node>>,
    anchors: BTreeMap<usize, Rc<Node>>,
    /// How many nodes aliases have stood for so far.
    expanded: usize,
    comments: Vec<Comment>,
    diagnostics: Vec<Diagnostic>,
    /// The end of what was read last.
    reached: usize,
}

impl<'s> Grower<'s> {
    fn new(id: FileId, source: &'s Source, base: usize) -> Self {
        Self {
            id,
            source,
            base,
            stack: Vec::new(),
            roots: Vec::new(),
            anchors: BTreeMap::new(),
            expanded: 0,
            comments: Vec::new(),
            diagnostics: Vec::new(),
            reached: base,
        }
    }

    /// Reads on to the end or to the first mistake, and returns where that is.
    fn run(&mut self) -> Option<usize> {
        let text: &'s str = self.source.text().get(self.base..).unwrap_or_default();
        let options = options! {
            emit_unresolved_aliases: true,
            max_buffered_comment_events: MAX_PARTS,
            flow_nesting_limit: MAX_DEPTH,
            block_nesting_limit: MAX_DEPTH,
            simple_key_max_lookahead: 4096,
        };
        let mut documents = 0;
        let mut parts = 0;
        for next in Parser::new_from_str_with_options(text, options) {
            let (event, place) = match next {
                Ok(next) => next,
                Err(error) => {
                    let at = self.base + error.marker().byte_offset().unwrap_or(text.len());
                    let found = broken::explain(self.id, self.source, error.kind(), at, self.reached, &self.stack);
                    let resume = (found.span.start as usize).max(at);
                    self.diagnostics.push(found);
                    while !self.stack.is_empty() {
                        self.close(None, true);
                    }
                    return Some(resume);
                }
            };
            let range = place.byte_range().unwrap_or(0..0);
            let span = Span::new(self.id, self.base + range.start, self.base + range.end);
            parts += 1;
            if parts > MAX_PARTS {
                self.diagnostics.push(too_long(span, "values and comments"));
                self.stack.clear();
                self.roots.clear();
                return None;
            }
            if let Event::DocumentStart(..) = event {
                documents += 1;
                if documents > 1 {
                    let found = Diagnostic::new(Code::S001, span, "a file holds one document; a second starts here");
                    self.diagnostics.push(found.help("put it in a file of its own"));
                    return None;
                }
            }
            self.event(event, span, place.tag_span().map(|it| it.byte_range().unwrap_or(0..0)));
        }
        None
    }

    fn event(&mut self, event: Event<'_>, span: Span, tag: Option<std::ops::Range<usize>>) {
        let tag = tag.map(|it| Span::new(self.id, self.base + it.start, self.base + it.end));
        match event {
            Event::Comment(text, _) => {
                let before = self.source.text().get(..span.range().start).unwrap_or_default();
                let line = before.rsplit('\n').next().unwrap_or_default();
                let trailing = !line.trim().is_empty();
                self.comments.push(Comment { text: text.trim_end().into(), span, trailing });
            }
            Event::Scalar(text, style, anchor, written) => {
                let plain = style == ScalarStyle::Plain && !self.is_text_tag(written.as_deref(), tag.unwrap_or(span));
                let raw = self.source.slice(span);
                // A place ends where its text does, not at the blanks or comments behind it.
                let span = Span::new(self.id, span.range().start, span.range().start + raw.trim_end().len());
                let text: Arc<str> = if span.start == span.end && plain { "".into() } else { text.as_ref().into() };
                self.reached = span.range().end;
                let kind = Kind::Scalar(Scalar { text, plain });
                self.add(Node { kind, span, broken: false, weight: 1, height: 1 }, anchor);
            }
            Event::SequenceStart(style, anchor, tag_written) => {
                self.is_text_tag(tag_written.as_deref(), tag.unwrap_or(span));
                self.open(false, style == StructureStyle::Flow, anchor, span);
            }
            Event::MappingStart(style, anchor, tag_written) => {
                self.is_text_tag(tag_written.as_deref(), tag.unwrap_or(span));
                self.open(true, style == StructureStyle::Flow, anchor, span);
            }
            Event::SequenceEnd | Event::MappingEnd => self.close(Some(span), false),
            Event::Alias(id) => self.alias(id, span),
            Event::UnresolvedAlias(name) => {
                let name = name.into_owned();
                self.diagnostics.push(
                    Diagnostic::new(Code::N003, span, format!("no anchor above is called `{name}`"))
                        .help(format!("mark what it stands for with `&{name}`, or put the text in quotes")),
                );
                self.bad(span);
            }
            _ => {}
        }
    }

    /// Says whether a tag makes its node a text; any other is reported.
    fn is_text_tag(&mut self, tag: Option<&Tag>, span: Span) -> bool {
        let Some(tag) = tag else { return false };
        if tag.is_yaml_core_schema_tag("str") {
            return true;
        }
        if !tag.is_yaml_core_schema() {
            self.diagnostics.push(
                Diagnostic::new(Code::S001, span, format!("`{}` means nothing here", self.source.slice(span)))
                    .help("remove the tag, or put the text in quotes"),
            );
        }
        false
    }

    fn open(&mut self, map: bool, flow: bool, anchor: usize, span: Span) {
        self.reached = self.reached.max(span.range().end);
        self.stack.push(Open { map, flow, start: span.range().start, children: Vec::new(), anchor, bad: false });
    }

    fn close(&mut self, end: Option<Span>, broken: bool) {
        let Some(open) = self.stack.pop() else { return };
        let last = open.children.iter().map(|it| it.span.range().end).max().unwrap_or(open.start);
        let first = open.children.first().map_or(open.start, |it| it.span.range().start);
        let (start, end) = match end {
            Some(end) if open.flow => (open.start, end.range().end),
            _ if open.flow => (open.start, last.max(self.reached)),
            // A block has no brackets; what is marked for it may lie on the line before.
            _ => (first.max(open.start), last.max(open.start)),
        };
        self.reached = self.reached.max(end);
        let weight = open.children.iter().fold(1, |sum: usize, it| sum.saturating_add(it.weight));
        let height = 1 + open.children.iter().map(|it| it.height).max().unwrap_or(0);
        let kind = if open.bad {
            Kind::Bad
        } else if open.map {
            let mut entries = Vec::with_capacity(open.children.len() / 2);
            let mut children = open.children.into_iter();
            while let Some(key) = children.next() {
                let value = children.next().unwrap_or_else(|| Rc::new(Self::nothing(key.span.after(), true)));
                entries.push(Entry { key, value });
            }
            Kind::Map(entries)
        } else {
            Kind::List(open.children)
        };
        let span = Span::new(self.id, start, end);
        self.add(Node { kind, span, broken, weight, height }, open.anchor);
    }

    fn nothing(span: Span, broken: bool) -> Node {
        let kind = if broken { Kind::Bad } else { Kind::Scalar(Scalar { text: "".into(), plain: true }) };
        Node { kind, span, broken, weight: 1, height: 1 }
    }

    fn bad(&mut self, span: Span) {
        let node = Self::nothing(span, true);
        self.add(node, 0);
    }

    fn alias(&mut self, id: usize, span: Span) {
        let Some(node) = self.anchors.get(&id).cloned() else {
            let text = self.source.slice(span);
            self.diagnostics.push(Diagnostic::new(
                Code::S001,
                span,
                format!("`{text}` stands inside what it stands for"),
            ));
            return self.bad(span);
        };
        self.expanded = self.expanded.saturating_add(node.weight);
        if self.expanded > MAX_EXPANDED || self.stack.len() + node.height > MAX_DEPTH {
            // One message is enough: what follows is most likely more of the same.
            if !self.diagnostics.iter().any(|it| it.code == Code::S010) {
                let what = "the aliases of this file stand for too much";
                let bound = format!("they may stand for {MAX_EXPANDED} values, nested {MAX_DEPTH} deep at most");
                self.diagnostics.push(Diagnostic::new(Code::S010, span, what).note(bound));
            }
            return self.bad(span);
        }
        self.push(node);
    }

    fn add(&mut self, node: Node, anchor: usize) {
        let node = Rc::new(node);
        if anchor > 0 {
            self.anchors.insert(anchor, Rc::clone(&node));
        }
        self.push(node);
    }

    fn push(&mut self, node: Rc<Node>) {
        match self.stack.last_mut() {
            Some(open) => open.children.push(node),
            None => self.roots.push(node),
        }
    }
}
