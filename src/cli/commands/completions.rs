//! `wf completions`: the completion script of a shell.

use clap::CommandFactory as _;

use crate::cli::{
    args::Cli,
    stop::{Exit, Outcome},
};

/// Prints the script.
pub fn run(shell: clap_complete::Shell) -> Outcome {
    clap_complete::generate(shell, &mut Cli::command(), "wf", &mut std::io::stdout());
    Ok(Exit::Done)
}
