//! The YAML form of the language: to the tree and back.
//!
//! | `.wf` | YAML |
//! |---|---|
//! | `workflow w { }` | the key `w` at the top; `use`, `types`, `strategies` and `tests` are reserved |
//! | `use "p.wf" { a }`, `as ns` | `use: [{path: p.wf, names: [a]}]`, `as: ns` |
//! | `step s = a.b(x: e)` | `- s: {slice: a, method: b, with: {x: e}}` |
//! | `step s = f(x: e)` | `- s: {run: f, with: {x: e}}` |
//! | `step s = e` | `- s: $e` or `- s: {value: $e}` |
//! | `step s = for v in l where c { … yield e }` | `- s: {for: v, in: $l, where: $c, steps: […], yield: $e}` |
//! | `step s = match m { "p" => … }` | `- s: {match: $m, cases: [{is: p, …}]}` |
//! | clauses | keys of the same names; `retry: {max: 3, backoff: 1s..20s}`; `else: […]` for several |
//! | any statement among the steps | `- let: {x: e}`, `- on: x`, `- output: {x: e}`, `- param: {p: {type: T}}`, … |
//! | `mock a.b = e`, `run r = w(x: e)` in a test | `- mock: {a.b: e}`, `- run: w` with `as` and `with` |
//! | `fail a.b 2 times as "input"` | `- fail: a.b` with `times` and `as` |
//!
//! A scalar that starts with `$` is an expression (`$$` is a dollar), a plain scalar that reads as a literal is that
//! literal, and any other is text. `##` comments right above a key are its documentation.

mod broken;
mod fields;
mod item;
mod places;
mod scalar;
mod schema;
mod statement;
mod step;
mod tree;
mod trial;
mod write;

pub use schema::schema;
pub use write::write;

use std::collections::BTreeSet;

use crate::{
    source::{Code, Diagnostic, FileId, Source, Span},
    syntax::{
        MAX_MISTAKES, Parsed,
        ast::{Comment, File, Form},
        comments, too_many,
    },
};

/// Reads the YAML form.
///
/// The tree holds all that could be read; every mistake is reported once, at its place.
pub fn parse(id: FileId, source: &Source) -> Parsed {
    let mut diagnostics = Vec::new();
    let tree = tree::grow(id, source, &mut diagnostics);
    let comments = tree.comments;
    let stops = diagnostics.iter().filter(|it| it.code != Code::N003).map(|it| it.span.start).collect();
    let mut reader =
        Reader { id, source, stops, diagnostics, comments: &comments, depth: 0, blocks: 0, watch: None, seen: None };
    let mut items = reader.file(&tree.root);
    let mut diagnostics = reader.diagnostics;
    // What an anchor stands for is read wherever it is used; its mistakes are made once.
    let mut seen = BTreeSet::new();
    diagnostics.retain(|it| seen.insert((it.span, it.code, it.message.clone())));
    diagnostics.sort_by_key(|it| it.span);
    if diagnostics.len() > MAX_MISTAKES {
        diagnostics.truncate(MAX_MISTAKES);
        diagnostics.insert(0, too_many(id));
        items.clear();
    }
    Parsed { file: File { id, form: Form::Yaml, items, comments }, diagnostics }
}

/// What may stand at a place of a YAML text, where the tree of the language does not show it.
#[derive(Clone, Debug, PartialEq)]
pub enum Wanted {
    /// One of these keys.
    Key(Vec<&'static str>),
    /// A slice.
    Slice,
    /// A method of this slice, or of any.
    Method(Option<std::sync::Arc<str>>),
    /// A workflow.
    Workflow,
    /// A file to import.
    File,
}

/// Returns what may stand where the byte `at` is, so that an editor can offer it.
pub fn wanted(id: FileId, source: &Source, at: u32) -> Option<Wanted> {
    let mut diagnostics = Vec::new();
    let tree = tree::grow(id, source, &mut diagnostics);
    let (comments, stops) = (tree.comments, Vec::new());
    let mut reader = Reader {
        id,
        source,
        stops,
        diagnostics,
        comments: &comments,
        depth: 0,
        blocks: 0,
        watch: Some(at),
        seen: None,
    };
    reader.file(&tree.root);
    reader.seen
}

/// Turns nodes into the tree of the language.
struct Reader<'s> {
    id: FileId,
    source: &'s Source,
    diagnostics: Vec<Diagnostic>,
    comments: &'s [Comment],
    /// Where the text is not YAML.
    stops: Vec<u32>,
    /// How many lists and records are around what is being read.
    depth: usize,
    /// How many blocks are.
    blocks: usize,
    /// The place of which somebody wants to know what may stand there, and what that is.
    watch: Option<u32>,
    seen: Option<Wanted>,
}

impl Reader<'_> {
    /// Takes note of what may stand at a place, where somebody wants to know.
    fn wants(&mut self, span: Span, what: impl FnOnce() -> Wanted) {
        if self.watch.is_some_and(|at| span.start <= at && at <= span.end) {
            self.seen = Some(what());
        }
    }

    fn report(&mut self, diagnostic: Diagnostic) {
        self.diagnostics.push(diagnostic);
    }

    /// Returns what the `##` comments right above a key say.
    fn doc(&self, key: Span) -> Option<std::sync::Arc<str>> {
        let text = self.source.text();
        let start = text.get(..key.range().start).and_then(|it| it.rfind('\n')).map_or(0, |it| it + 1);
        let line = text.get(start..).unwrap_or_default();
        let indent = line.len() - line.trim_start_matches(' ').len();
        comments::doc(self.comments, text, u32::try_from(start + indent).unwrap_or(key.start), indent)
    }
}
