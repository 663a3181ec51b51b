//! `wf check`: every problem in every workflow file under the paths.

use std::{
    collections::HashSet,
    path::{Path, PathBuf},
    sync::Arc,
};

use crate::{
    check::{self, Imports},
    cli::{
        args::{CheckArgs, CheckFormat, Deny},
        config, files, fix, project, say,
        stop::{Exit, Outcome, Stop},
        workers,
    },
    slice::Registry,
    source::{self, Diagnostic, FileId, Severity, Source, Sources},
};

/// Checks the files and prints what was found.
pub fn run(args: &CheckArgs, registry: &Registry) -> Outcome {
    let paths = files::workflows(&args.paths)?;
    let mut found = check_all(&paths, args, registry)?;
    if args.fix {
        let fixed = fix_all(&mut found, &paths, args, registry)?;
        say::err(format_args!("{fixed} problem{} fixed\n", if fixed == 1 { "" } else { "s" }));
    }
    let denied = match args.deny {
        None => Severity::Error,
        Some(Deny::Warnings) => Severity::Warning,
        Some(Deny::Hints) => Severity::Hint,
    };
    match args.format {
        CheckFormat::Json => {
            say::data(format_args!("{:#}\n", source::report_json(&found.sources, paths.len(), &found.diagnostics)));
        }
        CheckFormat::Sarif => {
            say::data(format_args!("{:#}\n", source::sarif(&found.sources, &found.diagnostics)));
        }
        CheckFormat::Junit => {
            let names: Vec<String> = paths.iter().map(|it| it.display().to_string()).collect();
            say::data(source::junit(&found.sources, &names, &found.diagnostics, denied));
        }
        CheckFormat::Github => say::data(source::github(&found.sources, &found.diagnostics)),
        CheckFormat::Human => {
            say::err(source::render(&found.sources, &found.diagnostics, true));
            say::err(format_args!("{}\n", source::summary(paths.len(), &found.diagnostics)));
        }
    }
    Ok(match found.diagnostics.iter().any(|it| it.severity >= denied) {
        _ if found.unreadable => Exit::Usage,
        true => Exit::Failed,
        false => Exit::Done,
    })
}

/// How often the files are mended and checked again: a fix may lay another mistake bare, or wait for one that it overlaps.
const MAX_ROUNDS: usize = 8;

/// Applies the safe fixes until there are none, and returns how many there were.
fn fix_all(found: &mut Found, paths: &[PathBuf], args: &CheckArgs, registry: &Registry) -> Result<usize, Stop> {
    let mut fixed = 0;
    for _ in 0..MAX_ROUNDS {
        let now = fix::apply(&found.sources, &found.diagnostics)?;
        if now == 0 {
            break;
        }
        fixed += now;
        *found = check_all(paths, args, registry)?;
    }
    Ok(fixed)
}

/// What was found in several files.
#[derive(Default)]
struct Found {
    sources: Sources,
    diagnostics: Vec<Diagnostic>,
    /// Whether one of the files could not be read.
    unreadable: bool,
}

/// Checks the files on every processor; what is found comes in the order of the files.
fn check_all(paths: &[PathBuf], args: &CheckArgs, registry: &Registry) -> Result<Found, Stop> {
    let imports = Arc::new(Imports::default());
    let cache = || config::Cache::new(args.config.as_deref());
    let all = workers::each(paths, cache, |cache, path| {
        cache.of(path).map(|config| {
            let options = check::Options { imports: imports.clone(), style: args.style, ..project::options(config) };
            check_one(path, &options, registry)
        })
    });
    let mut seen = HashSet::new();
    let mut whole = Found::default();
    for found in all {
        let found = found?;
        let offset = whole.sources.append(found.sources);
        whole.unreadable |= found.unreadable;
        for mut diagnostic in found.diagnostics {
            diagnostic.shift(offset);
            // A file that several import is reported once.
            let name = whole.sources.get(diagnostic.span.file).map(|it| it.name().to_owned());
            if seen.insert((name, diagnostic.span.range(), diagnostic.code, diagnostic.message.clone())) {
                whole.diagnostics.push(diagnostic);
            }
        }
    }
    Ok(whole)
}

fn check_one(path: &Path, options: &check::Options, registry: &Registry) -> Found {
    let mut sources = Sources::default();
    match Source::read(path) {
        Ok(source) => {
            let root: FileId = sources.add(source);
            let checked = check::check(&mut sources, root, registry, options);
            Found { sources, diagnostics: checked.diagnostics, unreadable: false }
        }
        Err(unreadable) => {
            let diagnostic = unreadable.diagnostic(&mut sources);
            Found { sources, diagnostics: vec![diagnostic], unreadable: true }
        }
    }
}
