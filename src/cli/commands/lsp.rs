//! `wf lsp`: the language server, on standard input and output.

use std::path::Path;

use crate::{
    check::Options,
    cli::{
        config::Config,
        project,
        stop::{Exit, Outcome, Stop},
    },
    lsp,
    slice::Registry,
};

/// Serves an editor until it goes.
pub fn run(registry: &Registry) -> Outcome {
    let (connection, threads) = lsp_server::Connection::stdio();
    let alone = "an editor starts `wf lsp` and speaks the Language Server Protocol with it";
    let gone = |error| Stop::usage(format_args!("no editor speaks here: {error}")).help(alone);
    lsp::serve(&connection, registry, &settings).map_err(gone)?;
    // What writes to the editor ends when nobody can send any more.
    drop(connection);
    threads.join().map_err(|error| Stop::usage(format_args!("the editor is gone: {error}")))?;
    Ok(Exit::Done)
}

/// Returns what the checker must know of the settings of a file.
fn settings(file: &Path) -> Result<Options, String> {
    let folder = file.parent().filter(|it| !it.as_os_str().is_empty()).unwrap_or(Path::new("."));
    Config::find(None, folder).map(|it| project::options(&it)).map_err(|stop| stop.message)
}
