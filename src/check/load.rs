//! A file and everything that it imports.

use std::{
    collections::HashMap,
    path::{Component, Path, PathBuf},
    sync::Arc,
};

use super::Options;
use crate::{
    expr::nearest,
    source::{Code, Diagnostic, FileId, Source, Sources, Span},
    syntax::ast,
    value::Name,
};

/// The files of one check, the root first.
pub(super) struct Project {
    pub units: Vec<Unit>,
    /// What is wrong with the texts themselves and with their imports.
    pub diagnostics: Vec<Diagnostic>,
    /// The names that a file wanted to import and could not; all names where it does not say which.
    pub lost: Vec<(FileId, Option<Name>)>,
}

/// One file.
pub(super) struct Unit {
    pub file: Arc<ast::File>,
    /// What its own names and the imported ones stand for.
    pub items: HashMap<Name, ItemRef>,
    /// What stands behind `use … as ns`.
    pub namespaces: HashMap<Name, usize>,
    /// What it imports by name, in the order of the file.
    pub imports: Vec<Import>,
    /// Which file each of its `use` items brings in.
    pub opened: Vec<(usize, usize)>,
}

/// A name that an import brings in, or the namespace.
pub(super) struct Import {
    pub name: Name,
    pub span: Span,
    /// The whole statement.
    pub statement: Span,
    /// Whether the statement brings in nothing else.
    pub alone: bool,
}

/// An item of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct ItemRef {
    pub unit: usize,
    pub item: usize,
}

impl Project {
    /// Returns an item.
    pub fn item(&self, at: ItemRef) -> Option<&ast::Item> {
        self.units.get(at.unit)?.file.items.get(at.item)
    }

    /// Returns what a path of one name or of a namespace and a name stands for in a file.
    pub fn find(&self, unit: usize, path: &str) -> Option<ItemRef> {
        let unit = self.units.get(unit)?;
        match path.split_once('.') {
            None => unit.items.get(path).copied(),
            Some((namespace, name)) => {
                let target = *unit.namespaces.get(namespace)?;
                self.units.get(target)?.items.get(name).copied().filter(|it| it.unit == target)
            }
        }
    }

    /// Returns how many things a file can name, at least.
    pub fn visible_count(&self, unit: usize) -> usize {
        let Some(it) = self.units.get(unit) else { return 0 };
        let others = it.namespaces.values().filter_map(|it| self.units.get(*it)).map(|it| it.items.len());
        it.items.len() + others.sum::<usize>()
    }

    /// Returns everything that a file can name, with the names that it uses for it.
    pub fn visible(&self, unit: usize) -> Vec<(String, ItemRef)> {
        let Some(it) = self.units.get(unit) else { return Vec::new() };
        let mut all: Vec<_> = it.items.iter().map(|(name, at)| (name.to_string(), *at)).collect();
        for (namespace, target) in &it.namespaces {
            let own = self.units.get(*target).into_iter().flat_map(|it| &it.items);
            all.extend(own.filter(|(_, at)| at.unit == *target).map(|(name, at)| (format!("{namespace}.{name}"), *at)));
        }
        all.sort();
        all
    }
}

/// Returns the name of an item, where it has one.
pub(super) fn name_of(item: &ast::Item) -> Option<&ast::Name> {
    match item {
        ast::Item::Type(it) => Some(&it.name),
        ast::Item::Workflow(it) => Some(&it.name),
        ast::Item::Strategy(it) => Some(&it.name),
        ast::Item::Use(_) | ast::Item::Test(_) | ast::Item::Bad(_) => None,
    }
}

/// Reads the root and all that it imports, however far.
pub(super) fn load(sources: &mut Sources, root: FileId, options: &Options) -> Project {
    let mut loader = Loader {
        sources,
        options,
        units: Vec::new(),
        places: Vec::new(),
        edges: Vec::new(),
        out: Vec::new(),
        lost: Vec::new(),
    };
    let place = loader.place_of(root);
    loader.add(root, place);
    // The list grows while it is walked: every new file has imports of its own.
    let mut at = 0;
    while at < loader.units.len() {
        loader.import(at);
        at += 1;
    }
    loader.report_cycles();
    loader.bind();
    Project { units: loader.units, diagnostics: loader.out, lost: loader.lost }
}

/// How many mistakes the imports may have before the folder is no longer searched for what they may have meant.
const MAX_SOUGHT: usize = 100;

/// What identifies a text: the real path of a file, or the name of one that is built in.
#[derive(Clone, Debug, PartialEq)]
enum Place {
    File(PathBuf),
    BuiltIn(String),
    Nowhere,
}

/// Returns where a file really is; of one that is not saved yet, where it would be.
fn real(path: &Path) -> PathBuf {
    path.canonicalize().unwrap_or_else(|_| {
        let folder = path.parent().filter(|it| !it.as_os_str().is_empty()).unwrap_or(Path::new("."));
        match (folder.canonicalize(), path.file_name()) {
            (Ok(folder), Some(name)) => folder.join(name),
            _ => path.to_owned(),
        }
    })
}

struct Edge {
    from: usize,
    to: usize,
    /// Which item of `from`.
    item: usize,
}

struct Loader<'a> {
    sources: &'a mut Sources,
    options: &'a Options,
    units: Vec<Unit>,
    places: Vec<Place>,
    edges: Vec<Edge>,
    out: Vec<Diagnostic>,
    lost: Vec<(FileId, Option<Name>)>,
}

impl Loader<'_> {
    fn place_of(&self, id: FileId) -> Place {
        let Some(source) = self.sources.get(id) else { return Place::Nowhere };
        match source.path() {
            Some(path) => Place::File(real(path)),
            None if (self.options.library)(source.name()).is_some() => Place::BuiltIn(source.name().to_owned()),
            None => Place::Nowhere,
        }
    }

    fn add(&mut self, id: FileId, place: Place) -> usize {
        let empty = || ast::File { id, form: ast::Form::Wf, items: Vec::new(), comments: Vec::new() };
        let file = match self.sources.get(id) {
            Some(source) => {
                let (file, diagnostics) = self.options.imports.parse(id, source);
                self.out.extend(diagnostics);
                file
            }
            None => empty().into(),
        };
        self.units.push(Unit {
            file,
            items: HashMap::new(),
            namespaces: HashMap::new(),
            imports: Vec::new(),
            opened: Vec::new(),
        });
        self.places.push(place);
        self.units.len() - 1
    }

    fn import(&mut self, from: usize) {
        let Some(unit) = self.units.get(from) else { return };
        let uses: Vec<(usize, Arc<str>, Span)> = (unit.file.items.iter().enumerate())
            .filter_map(
                |(at, it)| if let ast::Item::Use(it) = it { Some((at, it.path.clone(), it.path_span)) } else { None },
            )
            .collect();
        // An import that cannot be read may have brought in anything.
        let broken = |it: &ast::Item| matches!(it, ast::Item::Bad(at) if self.sources.slice(*at).starts_with("use"));
        if unit.file.items.iter().any(broken) {
            self.lost.push((unit.file.id, None));
        }
        for (item, path, span) in uses {
            match self.open(from, &path) {
                Ok(to) => self.edges.push(Edge { from, to, item }),
                Err(refusal) => {
                    let message = format!("cannot import `{path}`: {}", refusal.why);
                    let mut found = Diagnostic::new(Code::N011, span, message);
                    if let Some(name) = refusal.nearest {
                        found = found.fix("a file with a similar name exists", span, format!("\"{name}\""));
                    }
                    self.out.push(found);
                    self.lose(from, item);
                }
            }
        }
    }

    /// Notes the names that an import does not bring in, so that each use of them is no mistake of its own.
    fn lose(&mut self, from: usize, item: usize) {
        let Some(unit) = self.units.get(from) else { return };
        let Some(ast::Item::Use(it)) = unit.file.items.get(item) else { return };
        match &it.what {
            ast::UseWhat::All => self.lost.push((unit.file.id, None)),
            ast::UseWhat::As(name) => self.lost.push((unit.file.id, Some(name.text.clone()))),
            ast::UseWhat::Names(names) => {
                self.lost.extend(names.iter().map(|it| (unit.file.id, Some(it.text.clone()))));
            }
        }
    }

    /// Returns the file that an import names, read at most once.
    fn open(&mut self, from: usize, path: &str) -> Result<usize, Refusal> {
        if path.contains("://") {
            return Err(Refusal::new("imports are files of the project, not addresses"));
        }
        if path.is_empty() || path.contains('\0') {
            return Err(Refusal::new("this is no path"));
        }
        if Path::new(path).is_absolute() {
            return Err(Refusal::new("the path must be relative to this file"));
        }
        let place = self.places.get(from).cloned().unwrap_or(Place::Nowhere);
        let target = match &place {
            Place::File(here) => self.file(here, path)?,
            Place::BuiltIn(here) => {
                let name = joined(here, path).ok_or_else(|| Refusal::new("it is outside the library"))?;
                (self.options.library)(&name).ok_or_else(|| Refusal::new("there is no such file in the library"))?;
                Place::BuiltIn(name)
            }
            Place::Nowhere => return Err(Refusal::new("this text is no file, so nothing is beside it")),
        };
        if target == place {
            return Err(Refusal::new("a file cannot import itself"));
        }
        if let Some(known) = self.places.iter().position(|it| *it == target) {
            return Ok(known);
        }
        let source = match &target {
            Place::File(real) => {
                let shown = self.shown(from, path);
                match self.options.buffers.get(real) {
                    Some(text) => Source::new(shown, Some(real.clone()), text.clone()),
                    None => self.options.imports.read(real, shown).map_err(|it| Refusal::new(&it.message))?,
                }
            }
            Place::BuiltIn(name) => Source::new(name.as_str(), None, (self.options.library)(name).unwrap_or_default()),
            Place::Nowhere => return Err(Refusal::new("it cannot be read")),
        };
        let id = self.sources.add(source);
        Ok(self.add(id, target))
    }

    /// Returns what messages call an imported file: as its importer would be called from the same place.
    fn shown(&self, from: usize, path: &str) -> String {
        let importer = self.units.get(from).and_then(|it| self.sources.get(it.file.id)).map_or("", |it| it.name());
        joined(importer, path).unwrap_or_else(|| path.to_owned())
    }

    fn file(&self, here: &Path, path: &str) -> Result<Place, Refusal> {
        let folder = here.parent().unwrap_or(Path::new("."));
        let root = self.options.root_dir.clone().or_else(|| match self.places.first() {
            Some(Place::File(first)) => first.parent().map(Path::to_owned),
            _ => None,
        });
        let root = root.unwrap_or_else(|| folder.to_owned());
        let root = root.canonicalize().unwrap_or(root);
        // What leaves the root is refused before anybody learns whether it exists; links are followed, then asked again.
        let outside = || Refusal::new("it is outside the project's folder");
        if !plain(&folder.join(path)).starts_with(&root) {
            return Err(outside());
        }
        // A buffer may have no file yet.
        if self.options.buffers.contains_key(&plain(&folder.join(path))) {
            return Ok(Place::File(plain(&folder.join(path))));
        }
        let real = folder
            .join(path)
            .canonicalize()
            .map_err(|_| Refusal { why: "there is no such file".to_owned(), nearest: self.near(folder, path) })?;
        if real.starts_with(&root) { Ok(Place::File(real)) } else { Err(outside()) }
    }

    /// Returns the path that an import may have meant; for the first few of a file only, since the folder is read for it.
    fn near(&self, folder: &Path, path: &str) -> Option<String> {
        (self.out.len() < MAX_SOUGHT).then(|| neighbour(folder, path)).flatten()
    }

    /// Reports each import that closes a circle.
    fn report_cycles(&mut self) {
        let mut state = vec![Visit::New; self.units.len()];
        let mut stack: Vec<(usize, usize)> = vec![(0, 0)];
        if let Some(first) = state.first_mut() {
            *first = Visit::Open;
        }
        let mut closing = Vec::new();
        while let Some((unit, next)) = stack.pop() {
            let Some((at, edge)) = self.edges.iter().enumerate().filter(|(_, it)| it.from == unit).nth(next) else {
                if let Some(it) = state.get_mut(unit) {
                    *it = Visit::Done;
                }
                continue;
            };
            stack.push((unit, next + 1));
            match state.get(edge.to) {
                Some(Visit::Open) => closing.push(at),
                Some(Visit::New) => {
                    if let Some(it) = state.get_mut(edge.to) {
                        *it = Visit::Open;
                    }
                    stack.push((edge.to, 0));
                }
                _ => {}
            }
        }
        for at in closing {
            let Some(Edge { from, item, .. }) = self.edges.get(at) else { continue };
            if let Some(ast::Item::Use(it)) = self.units.get(*from).and_then(|unit| unit.file.items.get(*item)) {
                let message = format!("cannot import `{}`: the files import each other in a circle", it.path);
                self.out.push(Diagnostic::new(Code::N011, it.path_span, message));
            }
        }
    }

    /// Gives every file its names: its own first, then the imported ones.
    fn bind(&mut self) {
        let own: Vec<HashMap<Name, (usize, Span)>> = (self.units.iter())
            .map(|unit| {
                let mut names: HashMap<Name, (usize, Span)> = HashMap::new();
                for (item, name) in unit.file.items.iter().enumerate().filter_map(|(at, it)| Some((at, name_of(it)?))) {
                    if let Some((_, first)) = names.get(&name.text) {
                        self.out.push(same_name(&name.text, name.span, *first));
                    } else {
                        names.insert(name.text.clone(), (item, name.span));
                    }
                }
                names
            })
            .collect();
        for (at, (unit, names)) in self.units.iter_mut().zip(&own).enumerate() {
            let mut places: HashMap<Name, Span> = names.iter().map(|(name, it)| (name.clone(), it.1)).collect();
            unit.items = names.iter().map(|(name, it)| (name.clone(), ItemRef { unit: at, item: it.0 })).collect();
            for edge in self.edges.iter().filter(|it| it.from == at) {
                unit.opened.push((edge.item, edge.to));
                let (Some(ast::Item::Use(it)), Some(theirs)) = (unit.file.items.get(edge.item), own.get(edge.to))
                else {
                    continue;
                };
                let wanted: Vec<(Name, Span, bool)> = match &it.what {
                    ast::UseWhat::As(name) => {
                        unit.namespaces.insert(name.text.clone(), edge.to);
                        let import =
                            Import { name: name.text.clone(), span: name.span, statement: it.span, alone: true };
                        unit.imports.push(import);
                        continue;
                    }
                    ast::UseWhat::All => {
                        let mut all: Vec<_> = theirs.keys().map(|name| (name.clone(), it.path_span, false)).collect();
                        all.sort();
                        all
                    }
                    ast::UseWhat::Names(names) => {
                        names.iter().map(|name| (name.text.clone(), name.span, true)).collect()
                    }
                };
                let alone = wanted.len() == 1;
                for (name, span, named) in wanted {
                    let Some((item, _)) = theirs.get(&name) else {
                        self.out.push(missing(&it.path, &name, span, theirs.keys().map(|it| &**it)));
                        self.lost.push((unit.file.id, Some(name)));
                        continue;
                    };
                    if let Some(first) = places.get(&name) {
                        self.out.push(same_name(&name, span, *first));
                        continue;
                    }
                    places.insert(name.clone(), span);
                    unit.items.insert(name.clone(), ItemRef { unit: edge.to, item: *item });
                    if named {
                        unit.imports.push(Import { name, span, statement: it.span, alone });
                    }
                }
            }
        }
    }
}

#[derive(Clone, Copy, PartialEq)]
enum Visit {
    New,
    Open,
    Done,
}

/// Why a file cannot be imported.
struct Refusal {
    why: String,
    nearest: Option<String>,
}

impl Refusal {
    fn new(why: &str) -> Self {
        Self { why: why.to_owned(), nearest: None }
    }
}

fn same_name(name: &str, span: Span, first: Span) -> Diagnostic {
    Diagnostic::new(Code::N006, span, format!("two things are called `{name}`")).label(first, "the first one is here")
}

fn missing<'a>(path: &str, name: &str, span: Span, names: impl Iterator<Item = &'a str>) -> Diagnostic {
    let mut names: Vec<&str> = names.collect();
    names.sort_unstable();
    let found = Diagnostic::new(Code::N011, span, format!("`{path}` has no `{name}`"));
    match nearest(name, names.iter().copied()) {
        Some(near) => found.fix("a similar name exists", span, near),
        None if names.is_empty() => found.note("nothing is declared there"),
        None => found.note(format!("it has: {}", names.join(", "))),
    }
}

/// Returns a path without `.` and `..`, by its letters alone.
fn plain(path: &Path) -> PathBuf {
    let mut out = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => {
                out.pop();
            }
            other => out.push(other),
        }
    }
    out
}

/// Returns the path beside `here`, with `/` between its parts; nothing where it would leave the top.
fn joined(here: &str, path: &str) -> Option<String> {
    let mut parts: Vec<&str> = here.split('/').collect();
    parts.pop();
    for part in path.split('/') {
        match part {
            "." | "" => {}
            ".." => {
                parts.pop()?;
            }
            other => parts.push(other),
        }
    }
    Some(parts.join("/"))
}

/// Returns the path of the file whose name is nearest, in the folder that the path names.
fn neighbour(folder: &Path, path: &str) -> Option<String> {
    let (head, name) = path.rsplit_once('/').map_or(("", path), |(head, name)| (head, name));
    let entries = std::fs::read_dir(folder.join(head)).ok()?;
    let mut names: Vec<String> =
        entries.flatten().take(1_000).filter_map(|it| it.file_name().into_string().ok()).collect();
    names.sort();
    let near = nearest(name, names.iter().map(String::as_str))?;
    Some(if head.is_empty() { near.to_owned() } else { format!("{head}/{near}") })
}
