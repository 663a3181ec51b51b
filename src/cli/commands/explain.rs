//! `wf explain`: the wiring of a workflow, or the page of a check.

use std::path::Path;

use crate::{
    check,
    cli::{
        args::{ContextArgs, ExplainArgs, Target},
        config::nearest,
        project::Project,
        say,
        stop::{Exit, Outcome, Stop},
    },
    slice::Registry,
    source::{Code, all_pages},
};

/// Prints the explanation, or writes or checks the pages of all checks.
pub fn run(args: &ExplainArgs, registry: &Registry) -> Outcome {
    match (&args.write, &args.check, Code::parse(&args.what)) {
        (Some(path), _, _) => {
            let unwritable = |error| Stop::usage(format_args!("cannot write `{}`: {error}", path.display()));
            std::fs::write(path, all_pages()).map_err(unwritable)?;
            Ok(Exit::Done)
        }
        (None, Some(path), _) => Ok(is_current(path)),
        (None, None, Some(code)) => {
            say::out(styled(&code.page()));
            Ok(Exit::Done)
        }
        (None, None, None) if args.what.to_ascii_uppercase().starts_with("WF-") => codes(&args.what),
        (None, None, None) if is_short(&args.what) => codes(&format!("WF-{}", args.what)),
        (None, None, None) => wiring(args, registry),
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

fn is_current(path: &Path) -> Exit {
    if std::fs::read_to_string(path).ok().as_deref() == Some(&all_pages()) {
        return Exit::Done;
    }
    let path = path.display();
    say::err(format_args!("`{path}` is not current; mend it with `wf explain --write {path}`\n"));
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
