//! `wf explain`: the wiring of a workflow, or the page of a check.

use crate::{
    check,
    cli::{
        args::{ContextArgs, ExplainArgs, Target},
        project::Project,
        say,
        stop::{Exit, Outcome, Stop},
    },
    slice::Registry,
    source::{Code, Severity},
};

/// Prints the explanation.
pub fn run(args: &ExplainArgs, registry: &Registry) -> Outcome {
    if let Some(code) = Code::parse(&args.what) {
        let severity = match code.severity() {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Hint => "hint",
        };
        say::out(format_args!("{code} ({severity}): {}\n", code.title()));
        return Ok(Exit::Done);
    }
    if args.what.to_ascii_uppercase().starts_with("WF-") {
        let stop = Stop::usage(format_args!("there is no check `{}`", args.what));
        return Err(stop.help("codes look like `WF-T010`; `wf check` prints one with each message"));
    }
    let context = ContextArgs { mode: args.mode.clone(), ..ContextArgs::default() };
    let target = Target { file: Some(args.what.clone()), name: args.name.clone(), context, ..Target::default() };
    let project = Project::open(&target, registry)?;
    let workflow = project.workflow(&target)?;
    say::out(check::wiring(&workflow));
    Ok(Exit::Done)
}
