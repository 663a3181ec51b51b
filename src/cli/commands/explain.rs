//! `wf explain`: the wiring of a workflow, the page of a check, or how a metric is computed.

use std::path::Path;

use crate::{
    check,
    cli::{
        args::{ContextArgs, ExplainArgs, Target},
        config::nearest,
        lookup,
        project::Project,
        say,
        stop::{Exit, Outcome, Stop},
    },
    market::{MEASURES, Measure, measures_page, metrics::Basis},
    slice::Registry,
    source::{Code, all_pages},
    value::Duration,
};

/// What stands for the manual of the metrics.
const METRICS: &str = "metrics";

/// Prints the explanation, or writes or checks the pages of all checks or metrics.
pub fn run(args: &ExplainArgs, registry: &Registry) -> Outcome {
    match (&args.write, &args.check) {
        (Some(path), _) => {
            let unwritable = |error| Stop::usage(format_args!("cannot write `{}`: {error}", path.display()));
            std::fs::write(path, manual(&args.what)?).map_err(unwritable)?;
            Ok(Exit::Done)
        }
        (None, Some(path)) => is_current(path, &args.what),
        (None, None) => explained(args, registry),
    }
}

fn explained(args: &ExplainArgs, registry: &Registry) -> Outcome {
    if let Some(code) = Code::parse(&args.what) {
        say::out(styled(&code.page()));
        return Ok(Exit::Done);
    }
    if args.what.to_ascii_uppercase().starts_with("WF-") {
        return codes(&args.what);
    }
    if is_short(&args.what) {
        return codes(&format!("WF-{}", args.what));
    }
    // A workflow of a person may be called as a metric is.
    let named = MEASURES.iter().find(|it| it.name == args.what);
    match named {
        Some(measure) if lookup::find(&args.what).is_err() => say::out(metric(measure)),
        None if args.what == METRICS && lookup::find(&args.what).is_err() => say::out(styled(&measures_page())),
        _ => return wiring(args, registry),
    }
    Ok(Exit::Done)
}

/// Returns the generated manual that is asked for: that of the checks where nothing else is.
fn manual(what: &str) -> Result<String, Stop> {
    match what {
        "" => Ok(all_pages()),
        METRICS => Ok(measures_page()),
        _ => Err(Stop::usage(format_args!("there is no manual of `{what}`"))
            .help("without a name it is that of the checks; there is `metrics` too")),
    }
}

/// Returns what a metric says and how it is computed.
fn metric(it: &Measure) -> String {
    let source = it.source.map(|it| format!("source: {it}\n")).unwrap_or_default();
    let basis = Basis::of(Duration::DAY);
    format!("{}: {}\n\n    {}\n\nof daily bars: {}\n{source}", it.name, it.doc, it.formula, it.convention(&basis))
}

/// Says whether a text looks like a code without its head, as in `B04`.
fn is_short(what: &str) -> bool {
    let digits = what.strip_prefix(|it: char| it.is_ascii_alphabetic()).unwrap_or_default();
    !digits.is_empty() && digits.len() <= 3 && digits.bytes().all(|it| it.is_ascii_digit()) && !Path::new(what).exists()
}

fn wiring(args: &ExplainArgs, registry: &Registry) -> Outcome {
    let context = ContextArgs { mode: args.mode.clone(), ..ContextArgs::default() };
    let target = Target { file: Some(args.what.clone()), name: args.name.clone(), context, ..Target::default() };
    let project = Project::open(&target, registry)?;
    let workflow = project.workflow(&target)?;
    say::out(check::wiring(&workflow));
    Ok(Exit::Done)
}

/// Lists the checks whose codes begin so.
fn codes(begin: &str) -> Outcome {
    let upper = begin.to_ascii_uppercase();
    let listed: Vec<Code> = Code::ALL.iter().copied().filter(|it| it.as_str().starts_with(&upper)).collect();
    if listed.is_empty() {
        let names: Vec<&str> = Code::ALL.iter().map(|it| it.as_str()).collect();
        let near = nearest(&upper, &names);
        let help = if near.starts_with("did") { near } else { "`wf explain WF-` lists them".to_owned() };
        return Err(Stop::usage(format_args!("there is no check `{begin}`")).help(help));
    }
    let line = |it: Code| format!("{it}  {:7}  {}\n", it.severity().as_str(), it.title());
    say::out(listed.into_iter().map(line).collect::<String>());
    Ok(Exit::Done)
}

fn is_current(path: &Path, what: &str) -> Outcome {
    if std::fs::read_to_string(path).ok() == Some(manual(what)?) {
        return Ok(Exit::Done);
    }
    let path = path.display();
    let what = if what.is_empty() { String::new() } else { format!("{what} ") };
    say::err(format_args!("`{path}` is not current; mend it with `wf explain {what}--write {path}`\n"));
    Ok(Exit::Failed)
}

/// Returns a page as a terminal shows it: headings bold, what is in fences indented.
fn styled(page: &str) -> String {
    let (mut text, mut fenced) = (String::new(), false);
    for line in page.lines() {
        if line.starts_with("```") {
            fenced = !fenced;
        } else if fenced && !line.is_empty() {
            text += &format!("    {line}\n");
        } else if let Some(heading) = line.strip_prefix("# ").or_else(|| line.strip_prefix("## ")).filter(|_| !fenced) {
            text += &format!("\u{1b}[1m{heading}\u{1b}[0m\n");
        } else {
            text += &format!("{line}\n");
        }
    }
    text
}
