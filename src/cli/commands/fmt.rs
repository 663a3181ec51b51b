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

/// Formats the files in place, or says which are not formatted. A statement with a mistake stays as it is.
pub fn run(args: &FmtArgs, registry: &Registry) -> Outcome {
    if args.paths.iter().any(|it| it == Path::new("-")) {
        return standard_input(args, registry);
    }
    let mut exit = Exit::Done;
    let (mut changed, mut unreadable) = (0, Vec::new());
    let mut settings = Cache::new(None);
    let paths = files::workflows(&args.paths)?;
    for path in &paths {
        let source = match Source::read(path) {
            Ok(source) => source,
            Err(why) => {
                unreadable.push(why.to_string());
                continue;
            }
        };
        let (formatted, right) = formatted(args, &source, &project::options(settings.of(path)?), registry);
        if !right {
            exit = Exit::Failed;
        }
        if formatted == **source.text() {
            continue;
        }
        changed += 1;
        if differs(args, &path.display().to_string(), &source, &formatted) {
            exit = Exit::Failed;
        } else {
            files::replace(path, &formatted)?;
        }
    }
    if !args.check && !args.diff {
        say::err(format_args!("{changed} of {} files formatted\n", paths.len()));
    }
    // What cannot be read keeps nothing else from being formatted.
    match unreadable.pop() {
        None => Ok(exit),
        Some(last) => {
            unreadable.iter().for_each(|it| say::err(format_args!("error: {it}\n")));
            Err(Stop::usage(last))
        }
    }
}

/// With `--check` or `--diff`, says how a text differs from what it should be.
fn differs(args: &FmtArgs, name: &str, source: &Source, formatted: &str) -> bool {
    if args.diff {
        say::out(diff::unified(name, source.text(), formatted));
    }
    if args.check || args.diff {
        say::err(format_args!("`{name}` is not formatted\n"));
    }
    args.check || args.diff
}

/// Formats the standard input, in the form of the language in which it has fewer mistakes.
fn standard_input(args: &FmtArgs, registry: &Registry) -> Outcome {
    if args.paths.len() > 1 {
        return Err(Stop::usage("`-` stands for the standard input, and goes with no other path"));
    }
    let text = std::io::read_to_string(std::io::stdin())
        .map_err(|error| Stop::usage(format_args!("cannot read the standard input: {error}")))?;
    let mistakes = |name: &str| {
        let source = Source::new(name, None, text.as_str());
        syntax::parse(FileId::default(), &source).diagnostics.iter().filter(|it| it.is_error()).count()
    };
    let name = if mistakes("<stdin>.yaml") < mistakes("<stdin>.wf") { "<stdin>.yaml" } else { "<stdin>.wf" };
    let source = Source::new(name, None, text.as_str());
    let options = project::options(Cache::new(None).of(Path::new("."))?);
    let (formatted, right) = formatted(args, &source, &options, registry);
    let mut exit = if right { Exit::Done } else { Exit::Failed };
    if !(args.check || args.diff) {
        say::data(formatted);
    } else if formatted != text && differs(args, "<stdin>", &source, &formatted) {
        exit = Exit::Failed;
    }
    Ok(exit)
}

/// Returns the canonical text, and whether the file is right; what is wrong with it is printed.
fn formatted(args: &FmtArgs, source: &Source, options: &check::Options, registry: &Registry) -> (String, bool) {
    if args.explicit {
        return explicit(source, options, registry);
    }
    let parsed = syntax::parse(FileId::default(), source);
    let right = !parsed.diagnostics.iter().any(Diagnostic::is_error);
    if !right {
        let mut sources = Sources::default();
        sources.add(source.clone());
        say::err(render(&sources, &parsed.diagnostics, true));
    }
    (syntax::format_around(&parsed, source), right)
}

/// Returns the canonical text with every wired input written out; the text as it is where the file is not right.
fn explicit(source: &Source, options: &check::Options, registry: &Registry) -> (String, bool) {
    let mut sources = Sources::default();
    let root = sources.add(source.clone());
    let checked = check::check(&mut sources, root, registry, options);
    if checked.has_errors() {
        say::err(render(&sources, &checked.diagnostics, true));
        return (source.text().to_string(), false);
    }
    let modes = checked.workflows().iter().flat_map(|it| it.modes.iter().map(move |mode| (&it.name, mode)));
    let workflows: Vec<_> = modes.filter_map(|(name, mode)| checked.workflow(Some(name), Some(mode)).ok()).collect();
    let mut file = syntax::parse(root, source).file;
    check::make_explicit(&mut file, &workflows);
    (syntax::write(&file, source, file.form), true)
}
