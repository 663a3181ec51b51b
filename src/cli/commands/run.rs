//! `wf run`: checks a workflow, then runs it.

use std::{path::Path, sync::Arc, time::Duration};

use crate::{
    check::Workflow,
    cli::{
        args::{RunArgs, RunFormat},
        log::{self, Logged},
        outputs,
        progress::{JsonLines, Lines},
        project::Project,
        results, say, set,
        stop::{Exit, Outcome, Stop},
    },
    engine::{self, CancelToken, RealClock, RunOptions, RunResult, Status},
    expr::{Context, Kind},
    plan,
    slice::{Fault, Registry, Services},
    syntax::literal,
    value::{Detail, Name, Symbol, Value},
    web::report::{self, Provenance},
};

/// How long running steps may take to end after Ctrl-C.
const GRACE: Duration = Duration::from_secs(5);

/// Checks, plans, runs, prints.
pub fn run(args: &RunArgs, registry: &Registry) -> Outcome {
    log::start(args.verbose);
    args.report.as_deref().map_or(Ok(()), writable)?;
    let mut project = Project::open(&args.target, registry)?;
    let workflow = project.workflow(&args.target)?;
    project.refuse(&plan::unsupported(&workflow))?;
    let inputs = set::values(&mut project, &workflow)?;
    let options = options(args, &project, inputs)?;
    let symbols = symbols(&project, &workflow);
    let made = provenance(&project, &workflow, &options);
    let plan = Arc::new(plan::plan(workflow));

    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| Stop::usage(format_args!("cannot start the threads of a run: {error}")))?;
    let result = runtime.block_on(async {
        stop_on_signals(options.cancel.clone());
        match &symbols[..] {
            [] => engine::run(plan, options).await,
            [one] => {
                let mut options = options;
                options.give(Context::Symbol, one.clone().into());
                engine::run(plan, options).await
            }
            several => engine::run_each(plan, several, options).await,
        }
    });
    // A step that computes without end must not keep the program alive after its grace.
    runtime.shutdown_background();
    let result = result.map_err(|faults| refused(&faults))?;
    print(&result, args);
    if let Some(path) = &args.report {
        let unwritable = |error| Stop::usage(format_args!("cannot write `{}`: {error}", path.display()));
        std::fs::write(path, report::page(&result, &made)).map_err(unwritable)?;
        if !args.quiet {
            say::err(format_args!("report: {}\n", path.display()));
        }
    }
    Ok(exit(&result, args.strict))
}

fn options(args: &RunArgs, project: &Project, inputs: Vec<(Name, Value)>) -> Result<RunOptions, Stop> {
    let market = project.config.data.open()?;
    let clock = Arc::new(RealClock);
    let services = Services { clock, market, notifier: Arc::new(Logged), limits: Value::None };
    let mut options = RunOptions::new(Arc::new(services));
    options.inputs = inputs.into_iter().collect();
    for (name, value) in &project.config.given {
        options.give(*name, value.clone());
    }
    options.parallel = args.parallel.map(usize::from);
    options.grace = GRACE;
    options.run = args.run_id.as_deref().map(Arc::from);
    options.deadline = args.deadline.as_deref().map(deadline).transpose()?;
    options.summarise = trades;
    if args.format == RunFormat::Jsonl {
        options.subscribers.push(Box::new(JsonLines));
    } else if !args.quiet
        && let Some(lines) = Lines::new(args.verbose)
    {
        options.subscribers.push(Box::new(lines));
    }
    Ok(options)
}

/// Refuses a place for the page that is none, before anything runs for it.
fn writable(path: &Path) -> Result<(), Stop> {
    let folder = path.parent().filter(|it| !it.as_os_str().is_empty()).unwrap_or(Path::new("."));
    if folder.is_dir() {
        return Ok(());
    }
    let text = format!("cannot write `{}`: there is no folder `{}`", path.display(), folder.display());
    Err(Stop::usage(text).help("make the folder first"))
}

/// Returns what the page of a run says about where it came from.
fn provenance(project: &Project, workflow: &Workflow, options: &RunOptions) -> Provenance {
    let mut inputs: Vec<(String, String)> = Vec::new();
    for param in workflow.params() {
        let given = options.inputs.get(&param.name);
        let context = param.context.filter(|it| param.default.is_none() || options.given.contains(it));
        let value = given.or_else(|| options.context.get(&context?)).or_else(|| match &param.default.as_ref()?.kind {
            Kind::Const(it) => Some(it),
            _ => None,
        });
        inputs.extend(value.map(|it| (param.name.to_string(), it.to_string())));
    }
    for context in &options.given {
        let value = options.context.get(context).filter(|_| !inputs.iter().any(|it| it.0 == context.name()));
        inputs.extend(value.map(|it| (context.name().to_owned(), it.to_string())));
    }
    Provenance {
        doc: workflow.doc().map(str::to_owned),
        sources: project.sources.iter().map(|(_, it)| (it.name().to_owned(), it.text().to_string())).collect(),
        inputs,
        data: options.services.market.describe(),
    }
}

fn deadline(text: &str) -> Result<Duration, Stop> {
    match literal::read(text) {
        Some(Value::Duration(it)) => Ok(it.to_std()),
        _ => Err(Stop::usage(format_args!("`--deadline {text}` is no duration")).help("write it as `10m` or `90s`")),
    }
}

/// Returns the symbols that the workflow runs for one by one, each once; none where it is not about one symbol, or says
/// itself which.
fn symbols(project: &Project, workflow: &Workflow) -> Vec<Symbol> {
    let given = project.config.given.get(&Context::Symbols).cloned();
    let has_default = workflow.params().iter().any(|it| it.context == Some(Context::Symbol) && it.default.is_some());
    let is_set = project.config.given.contains_key(&Context::Symbol);
    if !workflow.wants_symbol() || is_set || (given.is_none() && has_default) {
        return Vec::new();
    }
    let listed: Vec<Symbol> = given.unwrap_or_else(|| Context::Symbols.default_value()).to().unwrap_or_default();
    let mut once = Vec::with_capacity(listed.len());
    listed.into_iter().for_each(|it| {
        if !once.contains(&it) {
            once.push(it);
        }
    });
    once
}

/// Counts the closed trades of all reports among the outputs.
fn trades(outputs: &[(Name, Value)]) -> Vec<(&'static str, serde_json::Value)> {
    let reports: Vec<_> = outputs.iter().flat_map(|(_, it)| outputs::reports(it)).collect();
    if reports.is_empty() {
        return Vec::new();
    }
    vec![("trades", reports.iter().map(|it| it.trades.len()).sum::<usize>().into())]
}

/// The first Ctrl-C stops the run in order; the second ends the program at once.
fn stop_on_signals(cancel: CancelToken) {
    tokio::spawn(async move {
        if tokio::signal::ctrl_c().await.is_err() {
            return;
        }
        say::err(format_args!(
            "stopping: running steps have {} s to end; press Ctrl-C again to stop at once\n",
            GRACE.as_secs()
        ));
        cancel.cancel();
        if tokio::signal::ctrl_c().await.is_ok() {
            std::process::exit(i32::from(Exit::Cancelled.code()));
        }
    });
}

fn refused(faults: &[Fault]) -> Stop {
    let all: Vec<_> = faults.iter().map(ToString::to_string).collect();
    Stop::usage(all.join("\nerror: "))
}

fn print(result: &RunResult, args: &RunArgs) {
    let detail = if args.full { Detail::Full } else { Detail::Summary };
    match args.format {
        RunFormat::Human => say::out(results::human(result, args.verbose, &args.trade)),
        RunFormat::Table => say::out(results::table(result)),
        RunFormat::Json => say::data(format_args!("{:#}\n", result.to_json(detail))),
        RunFormat::Jsonl => say::data(format_args!("{}\n", result.to_json(detail))),
    }
}

fn exit(result: &RunResult, strict: bool) -> Exit {
    match result.status {
        Status::Cancelled => Exit::Cancelled,
        Status::Failed => Exit::Failed,
        Status::Degraded if strict => Exit::Failed,
        _ => Exit::Done,
    }
}
