//! `wf completions`: the completion script of a shell.

use clap::CommandFactory as _;

use crate::cli::{
    args::Cli,
    say,
    stop::{Exit, Outcome},
};

/// Prints the script.
pub fn run(shell: clap_complete::Shell) -> Outcome {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "wf", &mut script);
    say::data(String::from_utf8_lossy(&script));
    Ok(Exit::Done)
}
