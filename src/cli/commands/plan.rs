//! `wf plan`: what a run would do.

use crate::{
    cli::{
        args::{PlanArgs, TextOrJson},
        project::Project,
        say,
        stop::{Exit, Outcome},
    },
    plan,
    slice::Registry,
};

/// Prints the plan.
pub fn run(args: &PlanArgs, registry: &Registry) -> Outcome {
    let project = Project::open(&args.target, registry)?;
    let plan = plan::plan(project.workflow(&args.target)?);
    match args.format {
        TextOrJson::Human => say::out(plan::describe(&plan)),
        TextOrJson::Json => say::data(format_args!("{:#}\n", plan::describe_json(&plan))),
    }
    Ok(Exit::Done)
}
