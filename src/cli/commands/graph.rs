//! `wf graph`: the graph of a workflow.

use crate::{
    cli::{
        args::{GraphArgs, GraphFormat},
        project::Project,
        say,
        stop::{Exit, Outcome},
    },
    plan::{self, export},
    slice::Registry,
};

/// Prints the graph.
pub fn run(args: &GraphArgs, registry: &Registry) -> Outcome {
    let project = Project::open(&args.target, registry)?;
    let plan = plan::plan(project.workflow(&args.target)?);
    let text = match args.format {
        GraphFormat::Svg => export::svg(&plan),
        GraphFormat::Dot => export::dot(&plan),
        GraphFormat::Mermaid => export::mermaid(&plan),
        GraphFormat::Json => format!("{:#}", export::json(&plan)),
    };
    say::data(format_args!("{}\n", text.trim_end()));
    Ok(Exit::Done)
}
