//! `wf explain`: the wiring of a workflow, or the page of a check, an indicator or a metric.

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
    market::{MEASURES, Measure, indicators, measures_page, metrics::Basis},
    slice::Registry,
    source::{Code, all_pages},
    value::Duration,
};

/// Prints the explanation, or writes or checks the pages of all checks, indicators or metrics.
pub fn run(args: &ExplainArgs, registry: &Registry) -> Outcome {
    if let Some(path) = &args.write {
        let unwritable = |error| Stop::usage(format_args!("cannot write `{}`: {error}", path.display()));
        std::fs::write(path, document(&args.what)?).map_err(unwritable)?;
        return Ok(Exit::Done);
    }
    if let Some(path) = &args.check {
        return Ok(is_current(path, &document(&args.what)?, &args.what));
    }
    if let Some(page) = manual(&args.what) {
        say::out(styled(&page));
    } else if args.what.to_ascii_uppercase().starts_with("WF-") {
        return codes(&args.what);
    } else if is_short(&args.what) {
        return codes(&format!("WF-{}", args.what));
    } else {
        return wiring(args, registry);
    }
    Ok(Exit::Done)
}

/// Returns what the manuals say under a name: of a check, of an indicator and of a metric, or of all of a kind. A workflow
/// that is called so comes first.
fn manual(what: &str) -> Option<String> {
    if let Some(code) = Code::parse(what) {
        return Some(code.page());
    }
    let indicator = indicators::find(what).map(|it| format!("# {}\n\n{}", it.name, it.page()));
    let pages = [indicator, MEASURES.iter().find(|it| it.name == what).map(metric)];
    let pages: Vec<_> = pages.into_iter().flatten().chain(document(what).ok().filter(|_| !what.is_empty())).collect();
    let page = pages.join("\n");
    (!page.is_empty() && lookup::find(what).is_err()).then_some(page)
}

/// Returns what a metric says and how it is computed.
fn metric(it: &Measure) -> String {
    let source = it.source.map(|it| format!("\nSource: {it}\n")).unwrap_or_default();
    let convention = it.convention(&Basis::of(Duration::DAY));
    format!(
        "# {}\n\nMetric: {}\n\n```text\n{}\n```\n\nOf daily bars: {convention}\n{source}",
        it.name, it.doc, it.formula
    )
}

/// What is asked for to see all indicators.
const ALL_INDICATORS: &str = "indicators";
/// What is asked for to see all metrics.
const ALL_METRICS: &str = "metrics";

/// Returns a document of all that there is of a kind.
fn document(what: &str) -> Result<String, Stop> {
    match what {
        "" => Ok(all_pages()),
        ALL_INDICATORS => Ok(indicators::page()),
        ALL_METRICS => Ok(measures_page()),
        other => {
            let stop = Stop::usage(format_args!("there is no document of `{other}`"));
            Err(stop
                .help("`wf explain --write FILE` is for the checks; there are `indicators` and `metrics` to be named"))
        }
    }
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

fn is_current(path: &Path, wanted: &str, what: &str) -> Exit {
    if std::fs::read_to_string(path).is_ok_and(|it| it == wanted) {
        return Exit::Done;
    }
    let (path, what) = (path.display(), if what.is_empty() { String::new() } else { format!("{what} ") });
    say::err(format_args!("`{path}` is not current; mend it with `wf explain {what}--write {path}`\n"));
    Exit::Failed
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
