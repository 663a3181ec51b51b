//! What the server knows: the open buffers, and what the checker said of each file that was asked for.

use std::{
    collections::{BTreeMap, HashMap},
    path::{Path, PathBuf},
    rc::Rc,
    sync::Arc,
};

use lsp_types::{Location, Position, Range, TextDocumentContentChangeEvent, Uri};

use super::{place, position::Encoding};
use crate::{
    check::{Checked, Options, check_and_index, index::Index},
    slice::Registry,
    source::{FileId, Source, Sources, Span},
    syntax::ast,
};

/// What tells the settings of a file, or why they cannot be read.
pub type Settings<'a> = dyn Fn(&Path) -> Result<Options, String> + 'a;

/// An open buffer.
pub(super) struct Document {
    pub uri: Uri,
    pub source: Source,
    pub version: i32,
}

/// What the checker made of a file.
pub(super) struct Analysis {
    /// Where the file is, or what a buffer without one goes by.
    path: PathBuf,
    pub sources: Sources,
    pub root: FileId,
    pub checked: Checked,
    pub index: Index,
}

impl Analysis {
    /// Returns the text of the file itself.
    pub fn source(&self) -> Option<&Source> {
        self.sources.get(self.root)
    }

    /// Returns where a text stands; nothing for one that is built in.
    pub fn path_of(&self, file: FileId) -> Option<&Path> {
        let own = (file == self.root).then_some(self.path.as_path());
        own.or_else(|| self.sources.get(file)?.path())
    }

    /// Returns the tree of the file itself.
    pub fn file(&self) -> Option<&ast::File> {
        self.index.files.first().map(|it| &**it)
    }

    /// Says whether the file is written in YAML.
    pub fn is_yaml(&self) -> bool {
        self.file().is_some_and(|it| it.form == ast::Form::Yaml)
    }

    /// Says whether what is at this path went into it.
    fn reads(&self, path: &Path) -> bool {
        self.sources.iter().any(|(_, it)| it.path() == Some(path))
    }

    /// Says whether something that it wanted to import was not there.
    fn misses(&self) -> bool {
        self.checked.diagnostics.iter().any(|it| it.code == crate::source::Code::N011)
    }
}

/// What the server knows.
pub(super) struct State<'a> {
    pub registry: &'a Registry,
    settings: &'a Settings<'a>,
    pub encoding: Encoding,
    /// Whether the editor fills in places of a text that is inserted.
    pub snippets: bool,
    pub folders: Vec<PathBuf>,
    pub documents: BTreeMap<PathBuf, Document>,
    buffers: Arc<HashMap<PathBuf, Arc<str>>>,
    analyses: HashMap<PathBuf, Rc<Analysis>>,
    /// Files whose findings the editor has not been told since they may have changed.
    pub stale: bool,
    /// What was last told of each file.
    pub told: BTreeMap<PathBuf, (Option<i32>, Vec<lsp_types::Diagnostic>)>,
    /// What people are to be told, once.
    pub messages: Vec<String>,
    said: Vec<String>,
}

impl<'a> State<'a> {
    pub fn new(registry: &'a Registry, settings: &'a Settings<'a>, encoding: Encoding) -> Self {
        Self {
            registry,
            settings,
            encoding,
            snippets: false,
            folders: Vec::new(),
            documents: BTreeMap::new(),
            buffers: Arc::default(),
            analyses: HashMap::new(),
            stale: false,
            told: BTreeMap::new(),
            messages: Vec::new(),
            said: Vec::new(),
        }
    }

    /// Takes note of the text of a buffer.
    pub fn open(&mut self, uri: Uri, text: &str, version: i32) {
        let path = place::path(&uri);
        let source = source_of(&path, &uri, text);
        Arc::make_mut(&mut self.buffers).insert(path.clone(), source.text().clone());
        self.documents.insert(path, Document { uri, source, version });
        // It may be what others wanted to import.
        self.forget_all();
    }

    /// Takes note of changes, each on the text that the one before it made.
    pub fn change(&mut self, uri: &Uri, changes: Vec<TextDocumentContentChangeEvent>, version: i32) {
        let path = place::path(uri);
        let Some(document) = self.documents.get_mut(&path) else { return };
        for change in changes {
            let text = match change.range {
                None => change.text,
                Some(range) => {
                    let start = self.encoding.offset(&document.source, range.start) as usize;
                    let end = (self.encoding.offset(&document.source, range.end) as usize).max(start);
                    let mut text = document.source.text().to_string();
                    text.replace_range(start..end, &change.text);
                    text
                }
            };
            document.source = source_of(&path, uri, &text);
        }
        document.version = version;
        Arc::make_mut(&mut self.buffers).insert(path.clone(), document.source.text().clone());
        self.forget(&path);
    }

    /// Takes note that a buffer is closed: the file counts again.
    pub fn close(&mut self, uri: &Uri) {
        let path = place::path(uri);
        self.documents.remove(&path);
        Arc::make_mut(&mut self.buffers).remove(&path);
        self.forget_all();
    }

    /// Forgets what was made of a file and of all that import it.
    fn forget(&mut self, path: &Path) {
        self.analyses.retain(|root, it| root != path && !it.reads(path) && !it.misses());
        self.stale = true;
    }

    /// Forgets what was made of every file.
    pub fn forget_all(&mut self) {
        self.analyses.clear();
        self.stale = true;
    }

    /// Returns the text at a path: the buffer, else the file.
    pub fn source(&self, path: &Path) -> Option<Source> {
        match self.documents.get(path) {
            Some(it) => Some(it.source.clone()),
            None => Source::read(path).ok(),
        }
    }

    /// Returns the settings of a file; what is wrong with them is said once.
    fn options(&mut self, path: &Path) -> Options {
        let options = (self.settings)(path).unwrap_or_else(|message| {
            if !self.said.contains(&message) {
                self.said.push(message.clone());
                self.messages.push(message);
            }
            Options::default()
        });
        Options { buffers: self.buffers.clone(), ..options }
    }

    /// Returns what the checker makes of a file, which is looked at anew only where something changed.
    pub fn analysis(&mut self, path: &Path) -> Option<Rc<Analysis>> {
        if let Some(known) = self.analyses.get(path) {
            return Some(known.clone());
        }
        let source = self.source(path).filter(|it| is_workflow(path, it.text()))?;
        let made = Rc::new(self.analyse(path, source));
        self.analyses.insert(path.to_owned(), made.clone());
        Some(made)
    }

    /// Returns what the checker makes of a text in the place of a file.
    pub fn analyse(&mut self, path: &Path, source: Source) -> Analysis {
        let options = self.options(path);
        let mut sources = Sources::default();
        let root = sources.add(source);
        let (checked, index) = check_and_index(&mut sources, root, self.registry, &options);
        Analysis { path: path.to_owned(), sources, root, checked, index }
    }

    /// Returns what the checker makes of a file, with these texts in place of what they are now.
    pub fn analyse_among(&mut self, path: &Path, texts: &[(PathBuf, Source)]) -> Option<Analysis> {
        let source = texts.iter().find(|it| it.0 == path).map(|it| it.1.clone()).or_else(|| self.source(path))?;
        let mut buffers = (*self.buffers).clone();
        buffers.extend(texts.iter().map(|(path, it)| (path.clone(), it.text().clone())));
        let kept = std::mem::replace(&mut self.buffers, Arc::new(buffers));
        let analysis = self.analyse(path, source);
        self.buffers = kept;
        Some(analysis)
    }

    /// Returns what the checker makes of a buffer, and the byte of a position in it.
    pub fn at(&mut self, uri: &Uri, position: Position) -> Option<(Rc<Analysis>, u32)> {
        let analysis = self.of(uri)?;
        let at = self.encoding.offset(analysis.source()?, position);
        Some((analysis, at))
    }

    /// Returns what the checker makes of a buffer.
    pub fn of(&mut self, uri: &Uri) -> Option<Rc<Analysis>> {
        self.analysis(&place::path(uri))
    }

    /// Returns the range of a place in its text.
    pub fn range(&self, analysis: &Analysis, span: Span) -> Option<Range> {
        Some(self.encoding.range(analysis.sources.get(span.file)?, span))
    }

    /// Returns where a place is for an editor; nothing for a text that is built in.
    pub fn location(&self, analysis: &Analysis, span: Span) -> Option<Location> {
        let source = analysis.sources.get(span.file)?;
        Some(Location { uri: self.uri(analysis.path_of(span.file)?)?, range: self.encoding.range(source, span) })
    }

    /// Returns the address of a path, as the editor wrote it where it is open.
    pub fn uri(&self, path: &Path) -> Option<Uri> {
        self.documents.get(path).map(|it| it.uri.clone()).or_else(|| place::uri(path))
    }

    /// Returns every workflow file that is open or in the folders of the project.
    pub fn files(&self) -> Vec<PathBuf> {
        let mut files: Vec<PathBuf> = self.documents.keys().cloned().collect();
        for folder in &self.folders {
            walk(folder, 0, &mut files);
        }
        files.sort();
        files.dedup();
        files
    }
}

/// How deep folders are searched, and how many files are looked at.
const MAX_DEPTH: usize = 8;
const MAX_FILES: usize = 2_000;

fn walk(folder: &Path, depth: usize, files: &mut Vec<PathBuf>) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        let (name, Ok(kind)) = (entry.file_name(), entry.file_type()) else { continue };
        let Some(name) = name.to_str().filter(|it| !it.starts_with('.')) else { continue };
        if files.len() >= MAX_FILES {
            return;
        }
        if kind.is_dir() && depth < MAX_DEPTH && name != "target" && name != "node_modules" {
            walk(&entry.path(), depth + 1, files);
        } else if kind.is_file() && [".wf", ".yaml", ".yml"].iter().any(|it| name.ends_with(it)) {
            let path = entry.path();
            files.push(path.canonicalize().unwrap_or(path));
        }
    }
}

/// Says whether a file is a workflow: YAML is written for many other programs too.
pub(super) fn is_workflow(path: &Path, text: &str) -> bool {
    match path.extension().and_then(|it| it.to_str()) {
        Some("yaml" | "yml" | "json") => {
            let is_settings = path.file_name().is_some_and(|it| it == "wf.yaml");
            let says = |line: &str| {
                let line = line.trim_start_matches([' ', '-', '"', '{']);
                ["steps:", "steps\":", "strategies:", "outputs:", "modes:"].iter().any(|it| line.starts_with(it))
            };
            !is_settings && text.lines().any(says)
        }
        _ => true,
    }
}

fn source_of(path: &Path, uri: &Uri, text: &str) -> Source {
    let name = path.display().to_string();
    Source::new(name, place::is_file(uri).then(|| path.to_owned()), text.strip_prefix('\u{feff}').unwrap_or(text))
}
