//! `wf explain`: the wiring of a workflow, or the page of a check.

use crate::{
    check,
    cli::{
        args::{ContextArgs, ExplainArgs, Target},
        project::Project,
        stop::{Exit, Outcome},
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
        anstream::println!("{code} ({severity}): {}", code.title());
        return Ok(Exit::Done);
    }
    let context = ContextArgs { mode: args.mode.clone(), ..ContextArgs::default() };
    let target = Target { file: Some(args.what.clone()), name: args.name.clone(), context, ..Target::default() };
    let project = Project::open(&target, registry)?;
    let workflow = project.workflow(&target)?;
    anstream::print!("{}", check::wiring(&workflow));
    Ok(Exit::Done)
}
