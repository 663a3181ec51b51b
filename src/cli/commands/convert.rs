//! `wf convert`: the other form of a file.

use crate::{
    cli::{
        args::{ConvertArgs, FormArg},
        say,
        stop::{Exit, Outcome, Stop},
    },
    source::{Diagnostic, Source, Sources, render},
    syntax::{self, ast::Form},
};

/// Prints the file in the form that is asked for.
pub fn run(args: &ConvertArgs) -> Outcome {
    let source = Source::read(&args.file).map_err(|it| Stop::usage(it.to_string()))?;
    let mut sources = Sources::default();
    let id = sources.add(source.clone());
    let parsed = syntax::parse(id, &source);
    if parsed.diagnostics.iter().any(Diagnostic::is_error) {
        say::err(render(&sources, &parsed.diagnostics, true));
        return Ok(Exit::Failed);
    }
    let form = match args.to {
        FormArg::Wf => Form::Wf,
        FormArg::Yaml => Form::Yaml,
    };
    say::data(syntax::write(&parsed.file, &source, form));
    Ok(Exit::Done)
}
