//! `wf demo`: the bundled example.

use crate::{
    cli::{
        args::{DemoArgs, RunArgs, Target},
        commands::run,
        stop::Outcome,
    },
    slice::Registry,
};

/// Runs the bundled backtest.
pub fn run(args: &DemoArgs, registry: &Registry) -> Outcome {
    let target = Target { file: Some("simple_backtest".into()), ..Target::default() };
    let args = RunArgs {
        target,
        format: args.format,
        full: false,
        parallel: None,
        deadline: None,
        report: None,
        run_id: None,
        strict: false,
        quiet: false,
        trade: Vec::new(),
        verbose: false,
    };
    run::run(&args, registry)
}
