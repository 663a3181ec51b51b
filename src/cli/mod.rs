//! The command line: the composition root, which alone knows the whole library.

pub mod args;
pub mod commands;
pub mod config;
mod diff;
mod figures;
mod files;
mod fix;
mod log;
mod lookup;
mod outputs;
mod progress;
mod project;
mod results;
mod say;
pub mod schemas;
mod set;
mod stop;
mod tests;
mod workers;

use std::process::ExitCode;

use clap::Parser as _;

use args::{Cli, Command};
use stop::{Outcome, Stop};

use crate::{slice::Registry, slices};

/// Reads the command line, does what it says, and returns the exit status by contract.
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    let outcome = dispatch(cli.command, &slices::library());
    let exit = outcome.unwrap_or_else(|stop| {
        if !stop.message.is_empty() {
            say::err(format_args!("error: {}\n", stop.message));
        }
        if let Some(help) = &stop.help {
            say::err(format_args!("help: {help}\n"));
        }
        stop.exit
    });
    ExitCode::from(exit.code())
}

fn dispatch(command: Command, registry: &Registry) -> Outcome {
    registry.validate().map_err(|problem| Stop::usage(format_args!("the catalogue is broken:\n{problem}")))?;
    match command {
        Command::Run(args) => commands::run::run(&args, registry),
        Command::Check(args) => commands::check::run(&args, registry),
        Command::Fmt(args) => commands::fmt::run(&args, registry),
        Command::Convert(args) => commands::convert::run(&args),
        Command::Explain(args) => commands::explain::run(&args, registry),
        Command::Diff(args) => commands::diff::run(&args, registry),
        Command::Graph(args) => commands::graph::run(&args, registry),
        Command::Plan(args) => commands::plan::run(&args, registry),
        Command::Slices(args) => commands::slices::run(&args, registry),
        Command::Schema(args) => commands::schema::run(&args, registry),
        Command::Test(args) => commands::test::run(&args, registry),
        Command::Demo(args) => commands::demo::run(&args, registry),
        Command::New(args) => commands::new::run(&args),
        Command::Lsp { .. } => commands::lsp::run(registry),
        Command::Data(args) => commands::data::run(&args),
        Command::Audit(args) => commands::audit::run(&args),
        Command::Completions { shell } => commands::completions::run(shell),
    }
}
