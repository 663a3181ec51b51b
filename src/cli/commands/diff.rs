//! `wf diff`: what changed in meaning between two workflow files.

use std::{collections::BTreeSet, fmt::Write as _};

use serde_json::{Value as Json, json};

use crate::{
    check::{
        Listed,
        compare::{self, Difference},
    },
    cli::{
        args::{DiffArgs, Target, TextOrJson},
        project::Project,
        say,
        stop::{Exit, Outcome, Stop},
    },
    slice::Registry,
    source::{FileId, Source},
    syntax,
};

/// Prints the differences.
pub fn run(args: &DiffArgs, registry: &Registry) -> Outcome {
    let before = open(&args.before, registry)?;
    let after = open(&args.after, registry)?;
    let mut groups = workflows(&before, &after);
    let (old, new) = (root(&before)?, root(&after)?);
    let (old_tree, new_tree) = (syntax::parse(FileId::default(), old), syntax::parse(FileId::default(), new));
    let own = compare::strategies((&old_tree.file, old), (&new_tree.file, new));
    // What a strategy of these files says in full need not be told as a hash by the workflows that use it.
    let told: BTreeSet<String> = own.iter().map(|it| it.subject.clone()).collect();
    groups.iter_mut().for_each(|it| it.differences.retain(|it| !told.contains(&it.subject)));
    groups.push(Group { title: "strategies".to_owned(), modes: None, differences: own });
    groups.retain(|it| !it.differences.is_empty());
    match args.format {
        TextOrJson::Json => say::data(format_args!("{:#}\n", to_json(args, &groups))),
        TextOrJson::Human => say::out(for_people(args, &groups)),
    }
    Ok(if args.exit_code && !groups.is_empty() { Exit::Failed } else { Exit::Done })
}

/// The differences of one workflow in some modes, or of the strategies.
struct Group {
    title: String,
    /// The modes that they are of; none where they are of all.
    modes: Option<Vec<String>>,
    differences: Vec<Difference>,
}

fn open(file: &str, registry: &Registry) -> Result<Project, Stop> {
    let project = Project::open(&Target { file: Some(file.to_owned()), ..Target::default() }, registry)?;
    if project.checked.has_errors() {
        project.say(&project.checked.diagnostics);
        return Err(Stop::said());
    }
    Ok(project)
}

fn root(project: &Project) -> Result<&Source, Stop> {
    project.sources.get(FileId::default()).ok_or_else(|| Stop::usage("there is nothing to compare"))
}

/// Compares the workflows of one name, and the two that are left over where it is one each.
fn workflows(before: &Project, after: &Project) -> Vec<Group> {
    let (old, new) = (before.checked.workflows(), after.checked.workflows());
    let has = |all: &[Listed], it: &Listed| all.iter().any(|other| other.name == it.name);
    let gone: Vec<&Listed> = old.iter().filter(|it| !has(new, it)).collect();
    let come: Vec<&Listed> = new.iter().filter(|it| !has(old, it)).collect();
    let mut groups = Vec::new();
    let mut whole = |title: String, was: Option<String>, is: Option<String>| {
        let only = Difference { subject: "workflow".to_owned(), aspect: None, before: was, after: is };
        groups.push(Group { title, modes: None, differences: vec![only] });
    };
    let mut pairs: Vec<(&Listed, &Listed)> =
        new.iter().filter_map(|it| Some((old.iter().find(|other| other.name == it.name)?, it))).collect();
    if let ([was], [is]) = (gone.as_slice(), come.as_slice()) {
        whole(format!("workflow {} -> {}", was.name, is.name), Some(was.name.to_string()), Some(is.name.to_string()));
        pairs.push((was, is));
    } else {
        come.iter().for_each(|it| whole(format!("workflow {}", it.name), None, Some(it.name.to_string())));
        gone.iter().for_each(|it| whole(format!("workflow {}", it.name), Some(it.name.to_string()), None));
    }
    for (was, is) in pairs {
        groups.extend(in_modes(before, was, after, is));
    }
    groups
}

/// Compares a workflow mode by mode: first what differs in every mode that both have, then what differs in some.
fn in_modes(before: &Project, was: &Listed, after: &Project, is: &Listed) -> Vec<Group> {
    let title = format!("workflow {}", is.name);
    let modes = |it: &Listed| it.modes.iter().map(ToString::to_string).collect::<Vec<_>>();
    let mut groups = Vec::new();
    if was.modes != is.modes {
        let (before, after) = (Some(modes(was).join(", ")), Some(modes(is).join(", ")));
        let only = Difference { subject: "modes".to_owned(), aspect: None, before, after };
        groups.push(Group { title: title.clone(), modes: None, differences: vec![only] });
    }
    let mut found: Vec<(Difference, Vec<String>)> = Vec::new();
    let mut compared = 0;
    for mode in is.modes.iter().filter(|it| was.modes.contains(it)) {
        let (Ok(old), Ok(new)) =
            (before.checked.workflow(Some(&was.name), Some(mode)), after.checked.workflow(Some(&is.name), Some(mode)))
        else {
            continue;
        };
        compared += 1;
        for difference in compare::workflows(&old, &new) {
            match found.iter_mut().find(|it| it.0 == difference) {
                Some((_, modes)) => modes.push(mode.to_string()),
                None => found.push((difference, vec![mode.to_string()])),
            }
        }
    }
    for (difference, modes) in found {
        let modes = (modes.len() < compared).then_some(modes);
        match groups.iter_mut().find(|it| it.modes == modes) {
            Some(group) => group.differences.push(difference),
            None => groups.push(Group { title: title.clone(), modes, differences: vec![difference] }),
        }
    }
    groups
}

fn to_json(args: &DiffArgs, groups: &[Group]) -> Json {
    let one = |group: &Group, it: &Difference| {
        json!({
            "in": group.title,
            "modes": group.modes,
            "subject": it.subject,
            "aspect": it.aspect,
            "before": it.before,
            "after": it.after,
        })
    };
    let all: Vec<Json> =
        groups.iter().flat_map(|group| group.differences.iter().map(move |it| one(group, it))).collect();
    json!({ "version": 1, "before": args.before, "after": args.after, "same": all.is_empty(), "differences": all })
}

fn for_people(args: &DiffArgs, groups: &[Group]) -> String {
    if groups.is_empty() {
        return format!("`{}` and `{}` mean the same\n", args.before, args.after);
    }
    let mut out = String::new();
    for group in groups {
        let modes = group.modes.as_ref().map(|it| format!(" (mode {})", it.join(", "))).unwrap_or_default();
        _ = writeln!(out, "{}{modes}", group.title);
        let mut subject = "";
        for it in &group.differences {
            let Some(aspect) = &it.aspect else {
                subject = "";
                _ = match (&it.before, &it.after) {
                    (Some(_), Some(name)) if it.subject != "modes" => {
                        writeln!(out, "  ~ {} is now called `{name}`", it.subject)
                    }
                    _ => writeln!(out, "  {}", change(&it.subject, it)),
                };
                continue;
            };
            if subject != it.subject {
                subject = &it.subject;
                _ = writeln!(out, "  ~ {subject}");
            }
            _ = writeln!(out, "      {}", change(aspect, it));
        }
        out.push('\n');
    }
    let count: usize = groups.iter().map(|it| it.differences.len()).sum();
    _ = writeln!(out, "{count} difference{} in meaning", if count == 1 { "" } else { "s" });
    out
}

/// Writes a difference as a line: `+` for what came, `-` for what went, `~` for what changed.
fn change(what: &str, it: &Difference) -> String {
    match (&it.before, &it.after) {
        (None, after) => format!("+ {what}: {}", after.as_deref().unwrap_or_default()),
        (Some(before), None) => format!("- {what}: {before}"),
        (Some(before), Some(after)) => format!("~ {what}: {before} -> {after}"),
    }
}
