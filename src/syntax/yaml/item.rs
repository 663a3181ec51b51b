//! What stands at the top of a file.

use std::{collections::HashMap, rc::Rc};

use super::{
    Reader, Wanted,
    fields::{key_text, nearest},
    statement::{STRATEGY, WORKFLOW},
    tree::{Entry, Kind, Node},
};
use crate::{
    source::{Code, Diagnostic, Span},
    syntax::{
        MAX_MISTAKES,
        ast::{Item, Strategy, TypeDecl, Use, UseWhat, Workflow},
    },
};

/// The keys of the top that name no workflow.
pub(super) const RESERVED: &[&str] = &["use", "types", "strategies", "tests"];

/// The words with which a key of the top says what it declares, where the order of a file goes back and forth.
pub(super) const WORDS: &[&str] = &["use", "type", "strategy", "test"];

/// The keys of an import.
pub(super) const USE: &[&str] = &["path", "names", "as"];

impl Reader<'_> {
    /// Reads a whole file from the nodes at its top.
    pub fn file(&mut self, roots: &[Rc<Node>]) -> Vec<Item> {
        let mut items = Vec::new();
        let mut seen: HashMap<&str, Span> = HashMap::new();
        let broken = !self.diagnostics.is_empty();
        if roots.iter().all(|it| it.is_empty()) {
            if !broken {
                let what = "nothing is written here";
                let found = Diagnostic::new(Code::S001, Span::new(self.id, 0, 0), what);
                self.report(found.help(
                    "start with a workflow, as in `name: {steps: [{fetch: {slice: data, method: get_historical}}]}`",
                ));
            }
            return items;
        }
        for root in roots {
            let Some(entries) = root.map() else {
                self.wants(root.span, || Wanted::Key(RESERVED.to_vec()));
                // A piece between two mistakes says nothing on its own.
                if !broken && !root.is_bad() {
                    self.expected(root, "workflows by their names", "a file is a map, as in `name: {steps: […]}`");
                    items.push(Item::Bad(root.span));
                }
                continue;
            };
            for entry in entries {
                if self.diagnostics.len() > MAX_MISTAKES {
                    return items;
                }
                self.wants(entry.key.span, || Wanted::Key(RESERVED.to_vec()));
                let Some(key) = key_text(entry) else {
                    if !entry.key.is_bad() {
                        self.report(Diagnostic::new(Code::S001, entry.key.span, "a key must be a text"));
                    }
                    continue;
                };
                if let Some(first) = seen.get(key) {
                    let found = Diagnostic::new(Code::S008, entry.key.span, format!("`{key}` is given twice"));
                    self.report(
                        found.here("again").label(*first, "first here").help("remove one of them, or rename it"),
                    );
                    continue;
                }
                seen.insert(key, entry.key.span);
                self.item(entry, key, &mut items);
            }
        }
        items
    }

    fn item(&mut self, entry: &Entry, key: &str, items: &mut Vec<Item>) {
        if entry.value.is_empty() {
            let found = Diagnostic::new(Code::S001, entry.key.span, format!("`{key}` holds nothing"));
            return self.report(found.help("indent what belongs to it, or remove it"));
        }
        match key {
            "use" => self.imports(&entry.value, items),
            "types" => {
                for each in self.named(&entry.value, "types by their names") {
                    items.extend(self.type_decl(each, &each.key, 0));
                }
            }
            "strategies" => {
                for each in self.named(&entry.value, "strategies by their names") {
                    items.push(self.strategy(each, 0));
                }
            }
            "tests" => {
                for each in self.named(&entry.value, "tests by their names") {
                    items.push(Item::Test(self.trial(each, 0)));
                }
            }
            _ => {
                // Where the order of a file goes back and forth between kinds, a key names its own.
                let word = |word: &str| key.strip_prefix(word).is_some_and(|it| it.starts_with(' '));
                if word("use") {
                    self.imports(&entry.value, items);
                } else if word("type") {
                    items.extend(self.type_decl(entry, &entry.key, 5));
                } else if word("strategy") {
                    items.push(self.strategy(entry, 9));
                } else if word("test") {
                    items.push(Item::Test(self.trial(entry, 5)));
                } else {
                    items.push(self.workflow(entry, key));
                }
            }
        }
    }

    fn imports(&mut self, node: &Node, items: &mut Vec<Item>) {
        match &node.kind {
            Kind::List(list) => items.extend(list.iter().map(|it| self.import(it))),
            _ => items.push(self.import(node)),
        }
    }

    fn import(&mut self, node: &Node) -> Item {
        let span = node.span;
        if let Some(scalar) = node.scalar().filter(|it| !it.text.is_empty()) {
            self.wants(span, || Wanted::File);
            return Item::Use(Use { path: scalar.text.clone(), path_span: span, what: UseWhat::All, span });
        }
        let Some(fields) = self.fields(node, "an import", USE) else { return Item::Bad(span) };
        if let Some(path) = fields.get("path") {
            self.wants(path.span, || Wanted::File);
        }
        let Some((path, path_span)) = fields.get("path").and_then(|it| Some((it.scalar()?.text.clone(), it.span)))
        else {
            if !fields.partial {
                self.report(Diagnostic::new(Code::S001, node.span, "`path` is missing: which file is imported"));
            }
            return Item::Bad(node.span);
        };
        let what = match (fields.get("names"), fields.entry("as")) {
            (Some(_), Some(other)) => {
                let found = Diagnostic::new(Code::S001, other.key.span, "`names` and `as` exclude each other");
                self.report(found.help("remove one of them"));
                UseWhat::All
            }
            (Some(names), None) => UseWhat::Names(self.names(names)),
            (None, Some(name)) => self.name(&name.value).map_or(UseWhat::All, UseWhat::As),
            (None, None) => UseWhat::All,
        };
        Item::Use(Use { path, path_span, what, span })
    }

    fn type_decl(&mut self, entry: &Entry, key: &Node, skip: usize) -> Option<Item> {
        let name = self.name_after(key, skip)?;
        let ty = self.ty(&entry.value);
        Some(Item::Type(TypeDecl { doc: self.doc(key.span), name, ty, span: entry.span() }))
    }

    fn strategy(&mut self, entry: &Entry, skip: usize) -> Item {
        let Some(name) = self.name_after(&entry.key, skip) else { return Item::Bad(entry.span()) };
        let body = self.block(&entry.value, &format!("the strategy `{}`", name.text), STRATEGY);
        Item::Strategy(Strategy { doc: self.doc(entry.key.span), name, body, span: entry.span() })
    }

    fn workflow(&mut self, entry: &Entry, key: &str) -> Item {
        // A misspelt reserved key, or the inside of a workflow without its name, has another shape than a workflow.
        if !matches!(entry.value.kind, Kind::Map(_)) {
            let span = entry.key.span;
            let found = if WORKFLOW.contains(&key) {
                let found = Diagnostic::new(Code::S007, span, format!("`{key}` stands outside a workflow"));
                Some(found.help("write the name of the workflow above it, and indent what belongs to it"))
            } else if let Some(near) = nearest(key, RESERVED.iter().copied()) {
                let found = Diagnostic::new(Code::S007, span, format!("unknown key `{key}` at the top of the file"));
                Some(found.fix("a similar key exists", span, near))
            } else {
                None
            };
            if let Some(found) = found {
                self.report(found);
                return Item::Bad(entry.span());
            }
        }
        let Some(name) = self.name(&entry.key) else { return Item::Bad(entry.span()) };
        let body = self.block(&entry.value, &format!("the workflow `{key}`"), WORKFLOW);
        Item::Workflow(Workflow { doc: self.doc(entry.key.span), name, body, span: entry.span() })
    }

    /// Reads the name of a key behind the word that says what it is.
    fn name_after(&mut self, key: &Node, skip: usize) -> Option<crate::syntax::ast::Name> {
        if skip == 0 {
            return self.name(key);
        }
        let mut name = self.name(key)?;
        let text = name.text.clone();
        let rest = text.get(skip..).unwrap_or_default().trim();
        let rest = rest.strip_prefix('`').and_then(|it| it.strip_suffix('`')).unwrap_or(rest);
        name.text = rest.into();
        if let Some(at) = self.source.slice(name.span).rfind(rest) {
            let start = name.span.range().start + at;
            name.span = Span::new(self.id, start, start + rest.len());
        }
        Some(name)
    }
}
