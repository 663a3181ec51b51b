//! From tree to checked workflow: names, wiring, types, units, graph, safety.
//!
//! A file is checked once for each mode that it declares, against the catalogue alone: no network and no data.

mod advice;
mod allow;
mod asked;
mod body;
mod call;
mod canon;
mod case;
mod clauses;
pub mod compare;
mod control;
mod explain;
mod explicit;
mod facts;
mod graph;
mod imports;
mod in_yaml;
pub mod index;
mod load;
mod mocked;
mod mode;
mod order;
mod patch;
mod program;
mod removals;
mod rules;
mod scope;
mod session;
mod swap;
#[doc(hidden)]
pub mod testing;
mod trial;
mod visit;
mod walk;
mod wire;
mod workflow;
mod worst;

use std::{collections::HashMap, path::PathBuf, sync::Arc};

pub use case::{About, Act, Change, Fact, Happens, Test, Trial, degraded_output, is_own_output, step_output};
pub use explain::wiring;
pub use explicit::make_explicit;
pub use imports::Imports;
pub use workflow::{
    Arm, Backoff, Batch, Body, Call, Filled, For, Input, Match, Node, On, Output, Param, Retry, SlotInfo, SubWorkflow,
    Work, Workflow,
};
pub(crate) use worst::{known, span};

use crate::{
    expr::{Context, nearest},
    slice::Registry,
    source::{Code, Diagnostic, FileId, Sources, Span},
    syntax::ast,
    value::{Name, Value},
};

/// The modes that a workflow can declare.
pub const MODES: [&str; 4] = ["backtest", "optimize", "paper", "live"];

/// What a check needs to know beside the text and the catalogue.
#[derive(Clone, Debug)]
pub struct Options {
    /// The folder that no import leaves; the root file's own where nothing is said.
    pub root_dir: Option<PathBuf>,
    /// Returns a text that is built in, by the name of its source.
    pub library: fn(&str) -> Option<&'static str>,
    /// The context values that a person gave, on the command line or in `wf.yaml`.
    pub given: Vec<Context>,
    /// The limits that no live workflow may be looser than.
    pub house_limits: Vec<(Name, Value)>,
    /// The checks that whoever owns the policy allows to find something.
    pub allowed: Vec<Code>,
    /// Whether layout and arguments that say nothing are looked at too.
    pub style: bool,
    /// What other checks of the same command have imported.
    pub imports: Arc<Imports>,
    /// Texts that stand in for files, by their real paths: what an editor has not saved yet.
    pub buffers: Arc<HashMap<PathBuf, Arc<str>>>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            root_dir: None,
            library: |_| None,
            given: Vec::new(),
            house_limits: Vec::new(),
            allowed: Vec::new(),
            style: false,
            imports: Arc::default(),
            buffers: Arc::default(),
        }
    }
}

/// What a check found.
#[derive(Clone, Debug)]
pub struct Checked {
    /// Every finding, by place; `source::shown` picks the ones that people are shown.
    pub diagnostics: Vec<Diagnostic>,
    workflows: Vec<Listed>,
    tests: Vec<Test>,
    built: HashMap<(Name, Name), Arc<Workflow>>,
    /// What keeps a workflow that others call from running by itself.
    alone: HashMap<Name, Vec<Diagnostic>>,
    stem: String,
}

/// A workflow of the checked file.
#[derive(Clone, Debug)]
pub struct Listed {
    /// Its name.
    pub name: Name,
    /// What its doc comment says.
    pub doc: Option<Arc<str>>,
    /// The modes that it can run in, the default first.
    pub modes: Vec<Name>,
    /// Where its name stands.
    pub span: Span,
}

/// Why a workflow cannot be had.
#[derive(Clone, Debug, PartialEq)]
pub struct Refused {
    /// What is wrong, in one line.
    pub message: String,
    /// What may help.
    pub help: Option<String>,
    /// What the check found, where that is the reason and it is not among the file's own findings.
    pub diagnostics: Vec<Diagnostic>,
}

impl std::fmt::Display for Refused {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Refused {}

/// Checks a file and what it imports.
pub fn check(sources: &mut Sources, root: FileId, registry: &Registry, options: &Options) -> Checked {
    run(sources, root, registry, options, None).0
}

/// Checks a file and what it imports, and takes note of what every place is: what an editor wants to know.
pub fn check_and_index(
    sources: &mut Sources,
    root: FileId,
    registry: &Registry,
    options: &Options,
) -> (Checked, index::Index) {
    let (checked, project, draft) = run(sources, root, registry, options, Some(index::Draft::default()));
    (checked, draft.unwrap_or_default().finish(project))
}

fn run(
    sources: &mut Sources,
    root: FileId,
    registry: &Registry,
    options: &Options,
    index: Option<index::Draft>,
) -> (Checked, load::Project, Option<index::Draft>) {
    let mut project = load::load(sources, root, options);
    let mut diagnostics = std::mem::take(&mut project.diagnostics);
    let mut session = session::Session::new(&project, sources, registry, options, index);
    let (workflows, alone, tests) = session.everything();
    let built = session.built();
    diagnostics.append(&mut session.findings());
    let index = session.index.into_inner();
    rules::files(&project, sources, registry, options, &mut diagnostics);
    one_each(&project, sources, root, &mut diagnostics);
    let mut diagnostics = allow::apply(&project, sources, diagnostics);
    diagnostics.retain(|it| !options.allowed.contains(&it.code));
    let form = |file| project.units.iter().find(|it| it.file.id == file).map_or(ast::Form::Wf, |it| it.file.form);
    in_yaml::adapt(sources, &form, &mut diagnostics);
    removals::widen(sources, &mut diagnostics);
    diagnostics.sort_by(|a, b| (a.span, a.code, &a.message).cmp(&(b.span, b.code, &b.message)));
    diagnostics.dedup_by(|a, b| a == b);
    let stem = sources.get(root).map_or("", |it| it.name());
    let stem = stem.rsplit(['/', '\\']).next().unwrap_or(stem);
    let stem = stem.rsplit_once('.').map_or(stem, |(stem, _)| stem).to_owned();
    (Checked { diagnostics, workflows, tests, built, alone, stem }, project, index)
}

/// Takes out what only follows from another mistake, and says of a file with nothing in it that there is nothing.
fn one_each(project: &load::Project, sources: &Sources, root: FileId, diagnostics: &mut Vec<Diagnostic>) {
    let is_lost = |it: &Diagnostic| {
        let text = sources.slice(it.span);
        matches!(it.code, Code::N001 | Code::N003)
            && project
                .lost
                .iter()
                .any(|(file, name)| *file == it.span.file && name.as_ref().is_none_or(|it| **it == *text))
    };
    diagnostics.retain(|it| !is_lost(it));
    // Under a key that is written wrong nothing is declared, and all that names it would be blamed.
    let declares = |it: &Diagnostic| {
        let edits = it.fixes.iter().flat_map(|it| &it.edits);
        it.code == Code::S007 && edits.into_iter().any(|it| matches!(&*it.text, "steps" | "params"))
    };
    let undeclared: Vec<_> = diagnostics.iter().filter(|it| declares(it)).map(|it| it.span.file).collect();
    diagnostics.retain(|it| it.code != Code::N003 || !undeclared.contains(&it.span.file));
    // Where a bracket is missing, what stands on its line may belong elsewhere.
    let line = |span: Span| sources.get(span.file).map(|it| (span.file, it.line_column(span.start).line));
    let torn: Vec<_> = diagnostics.iter().filter(|it| it.code == Code::S002).map(|it| line(it.span)).collect();
    let syntax = |it: &Diagnostic| it.code.as_str().starts_with("WF-S");
    diagnostics.retain(|it| torn.is_empty() || syntax(it) || !torn.contains(&line(it.span)));
    // What cannot be read may be what uses a thing.
    let unread = |it: &Diagnostic| matches!(it.code, Code::S001 | Code::S002 | Code::S003 | Code::S007 | Code::N009);
    let unread: std::collections::HashSet<FileId> =
        diagnostics.iter().filter(|it| unread(it)).map(|it| it.span.file).collect();
    diagnostics.retain(|it| !(matches!(it.code, Code::G002 | Code::G003) && unread.contains(&it.span.file)));
    let nothing = project.units.iter().any(|it| it.file.id == root && it.file.items.is_empty());
    if nothing && diagnostics.is_empty() {
        let found = Diagnostic::new(Code::S001, Span::new(root, 0, 0), "nothing is written here");
        diagnostics
            .push(found.help("start with a workflow, as in `workflow name { step prices = data.get_historical }`"));
    }
}

impl Checked {
    /// Returns the workflows of the file, in its order.
    pub fn workflows(&self) -> &[Listed] {
        &self.workflows
    }

    /// Returns the tests of the file, in its order; they can be trusted only where nothing found is an error.
    pub fn tests(&self) -> &[Test] {
        &self.tests
    }

    /// Says whether anything found is an error.
    pub fn has_errors(&self) -> bool {
        self.diagnostics.iter().any(Diagnostic::is_error)
    }

    /// Returns a workflow as it was found right in a mode: without a name the one called like the file, else the first;
    /// without a mode its default.
    ///
    /// # Errors
    /// Where the file has errors, there is no such workflow, or it does not run in that mode.
    pub fn workflow(&self, name: Option<&str>, mode: Option<&str>) -> Result<Arc<Workflow>, Refused> {
        let refused = |message: String, help| Refused { message, help, diagnostics: Vec::new() };
        if self.has_errors() {
            return Err(refused("the file has errors".to_owned(), None));
        }
        let names = || self.workflows.iter().map(|it| &*it.name);
        let listed = if let Some(name) = name {
            self.workflows.iter().find(|it| *it.name == *name).ok_or_else(|| {
                let near = nearest(name, names()).map(|it| format!("did you mean `{it}`?"));
                let all = format!("it has: {}", names().collect::<Vec<_>>().join(", "));
                refused(format!("the file has no workflow `{name}`"), Some(near.unwrap_or(all)))
            })?
        } else {
            let like_file = self.workflows.iter().find(|it| *it.name == *self.stem);
            let first = like_file.or(self.workflows.first());
            first.ok_or_else(|| {
                let help = "a workflow starts with `workflow NAME {`; strategies and types are for others to import";
                refused("the file has no workflow to run".to_owned(), Some(help.to_owned()))
            })?
        };
        let declared = || listed.modes.iter().map(|it| &**it).collect::<Vec<_>>().join(", ");
        let default = listed.modes.first().map_or("backtest", |it| &**it);
        let mode = mode.unwrap_or(default);
        if !listed.modes.iter().any(|it| **it == *mode) {
            let message = format!("`{}` does not run in mode {mode}", listed.name);
            return Err(refused(message, Some(format!("its modes: {}", declared()))));
        }
        if let Some(found) = self.alone.get(&listed.name).filter(|it| it.iter().any(Diagnostic::is_error)) {
            let message = format!("`{}` does not run by itself in mode {mode}", listed.name);
            let help = Some("run a workflow that calls it, or give it `modes`".to_owned());
            return Err(Refused { message, help, diagnostics: found.clone() });
        }
        let key = (listed.name.clone(), Name::from(mode));
        self.built.get(&key).cloned().ok_or_else(|| refused(format!("`{}` was not checked", listed.name), None))
    }
}
