//! `wf fmt`: the canonical layout.

use std::path::Path;

use crate::{
    check,
    cli::{
        args::FmtArgs,
        config::Cache,
        diff, files, project, say,
        stop::{Exit, Outcome, Stop},
    },
    slice::Registry,
    source::{Diagnostic, FileId, Source, Sources, render},
    syntax,
};

/// Formats the files in place, or says which are not formatted.
pub fn run(args: &FmtArgs, registry: &Registry) -> Outcome {
    if args.paths.iter().any(|it| it == Path::new("-")) {
        return standard_input();
    }
    let mut exit = Exit::Done;
    let mut changed = 0;
    let mut settings = Cache::new(None);
    let paths = files::workflows(&args.paths)?;
    for path in &paths {
        let source = Source::read(path).map_err(|it| Stop::usage(it.to_string()))?;
        let formatted = if args.explicit {
            explicit(&source, &project::options(settings.of(path)?), registry)
        } else {
            formatted(&source)
        };
        let Some(formatted) = formatted else {
            exit = Exit::Failed;
            continue;
        };
        if formatted == **source.text() {
            continue;
        }
        changed += 1;
        if args.diff {
            say::out(diff::unified(&path.display().to_string(), source.text(), &formatted));
        }
        if args.check || args.diff {
            say::err(format_args!("`{}` is not formatted\n", path.display()));
            exit = Exit::Failed;
        } else {
            files::replace(path, &formatted)?;
        }
    }
    if !args.check && !args.diff {
        say::err(format_args!("{changed} of {} files formatted\n", paths.len()));
    }
    Ok(exit)
}

fn standard_input() -> Outcome {
    let text = std::io::read_to_string(std::io::stdin())
        .map_err(|error| Stop::usage(format_args!("cannot read the standard input: {error}")))?;
    let source = Source::new("<stdin>.wf", None, text);
    match formatted(&source) {
        Some(text) => {
            say::data(text);
            Ok(Exit::Done)
        }
        None => Ok(Exit::Failed),
    }
}

/// Returns the canonical text; nothing, with the reason printed, where the file cannot be read.
fn formatted(source: &Source) -> Option<String> {
    let parsed = syntax::parse(FileId::default(), source);
    if parsed.diagnostics.iter().any(Diagnostic::is_error) {
        let mut sources = Sources::default();
        sources.add(source.clone());
        say::err(render(&sources, &parsed.diagnostics, true));
        return None;
    }
    Some(syntax::write(&parsed.file, source, parsed.file.form))
}

/// Returns the canonical text with every wired input written out; nothing where the file is not right.
fn explicit(source: &Source, options: &check::Options, registry: &Registry) -> Option<String> {
    let mut sources = Sources::default();
    let root = sources.add(source.clone());
    let checked = check::check(&mut sources, root, registry, options);
    if checked.has_errors() {
        anstream::eprint!("{}", render(&sources, &checked.diagnostics, true));
        return None;
    }
    let modes = checked.workflows().iter().flat_map(|it| it.modes.iter().map(move |mode| (&it.name, mode)));
    let workflows: Vec<_> = modes.filter_map(|(name, mode)| checked.workflow(Some(name), Some(mode)).ok()).collect();
    let mut file = syntax::parse(root, source).file;
    check::make_explicit(&mut file, &workflows);
    Some(syntax::write(&file, source, file.form))
}
