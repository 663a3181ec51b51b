//! A workflow file with all that belongs to it: its settings, its imports, what the checker says.

use std::{path::Path, sync::Arc};

use super::{
    args::Target,
    config::Config,
    lookup, say,
    stop::{Exit, Stop},
};
use crate::{
    check::{self, Checked, Workflow},
    expr::Context,
    slice::Registry,
    source::{Diagnostic, Source, Sources, render},
    value::Name,
};

/// A checked file.
pub struct Project {
    /// Every text that was read.
    pub sources: Sources,
    /// What the checker made of it.
    pub checked: Checked,
    /// The settings, the command line over them.
    pub config: Config,
    /// What `--set` says, name and text.
    pub set: Vec<(Name, String)>,
}

impl Project {
    /// Reads and checks the file of a target; its diagnostics are not printed yet.
    pub fn open(target: &Target, registry: &Registry) -> Result<Self, Stop> {
        let source = match (&target.file, &target.context.mode) {
            (Some(file), _) => lookup::find(file)?,
            (None, mode) => {
                let mode = mode.as_deref().unwrap_or("backtest");
                // Whether there is such a mode at all is the settings' to say.
                Config::default().overlay(&target.context)?;
                let name = lookup::of_mode(mode).ok_or_else(|| {
                    Stop::usage(format_args!("no workflow is bundled for mode `{mode}`"))
                        .help("name a workflow file; bundled are some for backtest, optimize and live")
                })?;
                lookup::find(name)?
            }
        };
        let set = target.context.set.iter().map(|it| split(it)).collect::<Result<_, _>>()?;
        let mut config = Config::find(target.context.config.as_deref(), folder_of(&source))?;
        config.overlay(&target.context)?;
        Ok(Self::check(source, config, set, registry))
    }

    /// Checks a text.
    pub fn check(source: Source, config: Config, set: Vec<(Name, String)>, registry: &Registry) -> Self {
        let mut sources = Sources::default();
        let root = sources.add(source);
        let options = options(&config);
        let checked = check::check(&mut sources, root, registry, &options);
        Self { sources, checked, config, set }
    }

    /// Returns the workflow that is asked for, in the mode that is asked for; prints what is wrong otherwise.
    pub fn workflow(&self, target: &Target) -> Result<Arc<Workflow>, Stop> {
        self.say(&self.checked.diagnostics);
        if self.checked.diagnostics.iter().any(Diagnostic::is_error) {
            return Err(Stop::said());
        }
        let name = target.name.as_deref().or(target.workflow.as_deref());
        let mode = self.config.given.get(&Context::Mode).and_then(|it| it.as_str());
        self.checked.workflow(name, mode).map_err(|refused| {
            self.say(&refused.diagnostics);
            let stop = Stop::usage(&refused.message);
            refused.help.into_iter().fold(stop, Stop::help)
        })
    }

    /// Prints diagnostics to standard error.
    pub fn say(&self, diagnostics: &[Diagnostic]) {
        if !diagnostics.is_empty() {
            say::err(render(&self.sources, diagnostics, true));
        }
    }

    /// Prints diagnostics that keep the command from going on.
    pub fn refuse(&self, diagnostics: &[Diagnostic]) -> Result<(), Stop> {
        if diagnostics.is_empty() {
            return Ok(());
        }
        self.say(diagnostics);
        Err(Stop::said())
    }
}

/// Returns what the checker must know of the settings.
pub fn options(config: &Config) -> check::Options {
    check::Options {
        root_dir: config.root.clone(),
        given: config.given.keys().copied().collect(),
        house_limits: config.limits.clone(),
        allowed: config.allow.iter().map(|it| it.0).collect(),
        library: lookup::text,
        ..check::Options::default()
    }
}

fn folder_of(source: &Source) -> &Path {
    source.path().and_then(Path::parent).filter(|it| !it.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

fn split(set: &str) -> Result<(Name, String), Stop> {
    match set.split_once('=') {
        Some((name, value)) if !name.trim().is_empty() => Ok((name.trim().into(), value.trim().into())),
        _ => Err(Stop { exit: Exit::Usage, message: format!("`--set {set}` has no `=`"), help: None }
            .help("write it as `--set fast=20`")),
    }
}
