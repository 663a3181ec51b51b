//! `wf fmt`: the canonical layout.

use std::path::Path;

use crate::{
    cli::{
        args::FmtArgs,
        diff, files, say,
        stop::{Exit, Outcome, Stop},
    },
    source::{Diagnostic, FileId, Source, Sources, render},
    syntax,
};

/// Formats the files in place, or says which are not formatted.
pub fn run(args: &FmtArgs) -> Outcome {
    if args.paths.iter().any(|it| it == Path::new("-")) {
        return standard_input();
    }
    let mut exit = Exit::Done;
    let mut changed = 0;
    let paths = files::workflows(&args.paths)?;
    for path in &paths {
        let source = Source::read(path).map_err(|it| Stop::usage(it.to_string()))?;
        let Some(formatted) = formatted(&source) else {
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
            std::fs::write(path, formatted)
                .map_err(|error| Stop::usage(format_args!("cannot write `{}`: {error}", path.display())))?;
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
