//! Files that several checks of one command import: each is read and parsed once.

use std::{
    collections::HashMap,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use crate::{
    source::{Diagnostic, FileId, Source, Unreadable},
    syntax::{self, ast},
};

/// The files that were imported so far. Who checks again, after files may have changed, takes a new one.
#[derive(Debug, Default)]
pub struct Imports(Mutex<HashMap<PathBuf, Import>>);

#[derive(Debug)]
struct Import {
    source: Source,
    /// What was read, by the number that the file had: places carry it.
    parsed: HashMap<FileId, (Arc<ast::File>, Vec<Diagnostic>)>,
}

impl Imports {
    /// Returns the text of an imported file, which messages call `name`.
    pub(super) fn read(&self, path: &Path, name: String) -> Result<Source, Box<Unreadable>> {
        if let Some(known) = self.known().get(path) {
            return Ok(known.source.called(name));
        }
        let source = Source::read(path)?;
        let import = Import { source: source.clone(), parsed: HashMap::new() };
        self.known().entry(path.to_owned()).or_insert(import);
        Ok(source.called(name))
    }

    /// Returns the tree of a text and what is wrong with it.
    pub(super) fn parse(&self, id: FileId, source: &Source) -> (Arc<ast::File>, Vec<Diagnostic>) {
        let is_it = |it: &&mut Import| Arc::ptr_eq(it.source.text(), source.text());
        let known = source.path().and_then(|it| self.known().get_mut(it).filter(is_it)?.parsed.get(&id).cloned());
        known.unwrap_or_else(|| {
            let read = syntax::parse(id, source);
            let parsed = (Arc::new(read.file), read.diagnostics);
            if let Some(path) = source.path()
                && let Some(import) = self.known().get_mut(path).filter(is_it)
            {
                import.parsed.insert(id, parsed.clone());
            }
            parsed
        })
    }

    fn known(&self) -> MutexGuard<'_, HashMap<PathBuf, Import>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
