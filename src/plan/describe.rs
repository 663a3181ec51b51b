//! What `wf plan` says: the steps in order, what each may do, and the worst case.

use std::{
    collections::{HashMap, HashSet},
    fmt::Write as _,
    time::Duration,
};

use serde_json::{Value as Json, json};

use super::{BodyId, Plan, Work};
use crate::{
    plan::bounds::{Cost, known, span},
    slice::Effect,
    value::{self, Value},
};

/// A step as a plan shows it.
#[derive(Clone, Debug, PartialEq)]
pub struct PlanStep {
    /// Its path, with `[]` for the element of a loop.
    pub path: String,
    /// Its name.
    pub name: String,
    /// How deep it is nested.
    pub depth: usize,
    /// How many steps of its body must have come before it.
    pub level: u32,
    /// What it does, and what stands in for it in turn.
    pub does: Vec<String>,
    /// What it may do to the world.
    pub effect: Effect,
    /// Whether it runs only under a condition.
    pub conditional: bool,
    /// How often it is tried at most, where that is known.
    pub tries: Option<u64>,
    /// How long a try may take.
    pub timeout: Option<Duration>,
    /// How long it may take in all.
    pub time: Option<Duration>,
    /// The steps of its body that it waits for.
    pub needs: Vec<String>,
    /// Where the steps of the workflow that it calls are listed, where another step has called it before.
    pub same_as: Option<String>,
}

/// Returns the steps of a plan, in the order in which they could run one at a time.
pub fn steps(plan: &Plan) -> Vec<PlanStep> {
    let mut list = List { plan, costs: plan.costs(), listed: HashMap::new(), found: Vec::new() };
    list.body(BodyId::ROOT, "", 0);
    list.found
}

struct List<'a> {
    plan: &'a Plan,
    costs: HashMap<(BodyId, u32), Cost>,
    /// Under which path the steps of a body stand already: a workflow that is called often is listed once.
    listed: HashMap<BodyId, String>,
    found: Vec<PlanStep>,
}

impl List<'_> {
    fn body(&mut self, id: BodyId, prefix: &str, depth: usize) {
        let body = self.plan.body(id);
        let levels = body.levels();
        for at in body.order() {
            let step = body.step(*at);
            if step.is_let {
                continue;
            }
            let path = format!("{prefix}{}", step.name);
            let retries = step.retry.as_ref().map_or(Some(0), |it| match known(&it.max) {
                Some(Value::Int(it)) => u64::try_from(it).ok(),
                _ => None,
            });
            let place = self.found.len();
            self.found.push(PlanStep {
                name: step.name.to_string(),
                depth,
                level: levels.get(*at as usize).copied().unwrap_or(0),
                does: step.works.iter().map(Work::label).collect(),
                effect: step.effect,
                conditional: step.when.is_some(),
                tries: retries.map(|it| it.saturating_add(step.works.len() as u64)),
                timeout: step.timeout.as_ref().and_then(known).and_then(|it| span(&it)),
                time: self.costs.get(&(id, *at)).and_then(|it| it.time),
                needs: self.needs(id, *at),
                same_as: None,
                path: path.clone(),
            });
            for work in &step.works {
                let sign = match work {
                    Work::For { .. } => "[].",
                    Work::Workflow { .. } => "/",
                    _ => ".",
                };
                for inner in work.bodies() {
                    if let Some(before) = self.listed.get(&inner) {
                        let same_as = Some(before.clone());
                        self.found.iter_mut().skip(place).take(1).for_each(|it| it.same_as.clone_from(&same_as));
                    } else {
                        self.listed.insert(inner, path.clone());
                        self.body(inner, &format!("{path}{sign}"), depth + 1);
                    }
                }
            }
        }
    }

    /// Returns the steps that a step waits for; a `let` stands for those that it waits for itself.
    fn needs(&self, id: BodyId, step: u32) -> Vec<String> {
        let body = self.plan.body(id);
        let (mut left, mut seen, mut found) = (body.step(step).needs.clone(), HashSet::new(), Vec::new());
        while let Some(at) = left.pop() {
            if !seen.insert(at) {
                continue;
            }
            match body.step(at) {
                it if it.is_let => left.extend(&it.needs),
                _ => found.push(at),
            }
        }
        found.sort_unstable();
        found.into_iter().map(|it| body.step(it).name.to_string()).collect()
    }
}

/// Returns a plan as `wf plan` prints it.
pub fn describe(plan: &Plan) -> String {
    let (steps, bounds) = (steps(plan), plan.bounds());
    let workflow = plan.workflow();
    let mut text = format!("{} in mode {}: {}\n\n", workflow.name(), workflow.mode(), counted(steps.len(), "step"));
    let mut rows = vec![["", "step", "does", "effect", "waits for", "bounds"].map(String::from)];
    rows.extend((1..).zip(&steps).map(|(number, it)| row(number, it)));
    table(&rows, &mut text);
    let chain: Vec<_> = plan.root().longest_chain().into_iter().map(|it| &*plan.root().step(it).name).collect();
    if chain.len() > 1 {
        let _ = writeln!(text, "\nlongest chain\n  {}", chain.join(" > "));
    }
    text.push_str("\nworst case\n");
    let unknown = || "not known before the run".to_string();
    let tries = bounds.tries.map_or_else(unknown, |it| counted(it, "try"));
    let orders = match bounds.orders {
        Some(0) => "none".into(),
        Some(it) => format!("{} that may place orders", counted(it, "call")),
        None => unknown(),
    };
    let _ = writeln!(text, "  tries   {tries}");
    let _ = writeln!(text, "  orders  {orders}");
    let _ = writeln!(text, "  time    {}", bounds.time.map_or("no bound".into(), shown));
    if bounds.time.is_none() {
        let mut whys: Vec<(&str, Vec<String>)> = Vec::new();
        for it in &bounds.endless {
            let path = format!("`{}`", it.path);
            match whys.iter_mut().find(|why| why.0 == it.why) {
                Some((_, paths)) => paths.push(path),
                None => whys.push((it.why, vec![path])),
            }
        }
        for (why, paths) in whys {
            let _ = writeln!(text, "          {why}: {}", paths.join(", "));
        }
    }
    for it in &bounds.fan_out {
        let elements = it.elements.map_or("an unknown number of elements".into(), |it| counted(it, "element"));
        let parallel = it.parallel.map_or("an unknown number".into(), |it| it.to_string());
        let _ = writeln!(text, "  loop    `{}`: {elements}, {parallel} at once", it.path);
    }
    text
}

fn row(number: usize, it: &PlanStep) -> [String; 6] {
    let mut notes = Vec::new();
    if it.tries != Some(1) {
        notes.push(it.tries.map_or("any number of tries".into(), |it| counted(it, "try")));
    }
    notes.extend(it.timeout.map(|it| format!("{} a try", shown(it))));
    notes.extend(it.conditional.then(|| "on condition".into()));
    notes.extend(it.same_as.as_ref().map(|it| format!("steps as of `{it}`")));
    [
        format!("{number:>3}"),
        format!("{:indent$}{}", "", it.name, indent = it.depth * 2),
        it.does.join(", else "),
        it.effect.as_str().into(),
        it.needs.join(", "),
        notes.join(", "),
    ]
}

/// Sets rows in columns; what is empty throughout takes no place.
fn table(rows: &[[String; 6]], text: &mut String) {
    let wide = |column: usize, rows: &[[String; 6]]| {
        rows.iter().filter_map(|it| it.get(column)).map(|it| it.chars().count()).max().unwrap_or(0)
    };
    let below = rows.get(1..).unwrap_or_default();
    let widths: Vec<_> = (0..6).map(|it| if wide(it, below) == 0 { 0 } else { wide(it, rows) }).collect();
    for row in rows {
        let cells = row.iter().zip(&widths).filter(|it| *it.1 > 0).map(|(cell, width)| format!("{cell:width$}"));
        let _ = writeln!(text, "{}", cells.collect::<Vec<_>>().join("  ").trim_end());
    }
}

/// Returns a plan as `wf plan --format json` prints it; times in seconds, and null for what is not known.
pub fn describe_json(plan: &Plan) -> Json {
    let bounds = plan.bounds();
    let seconds = |it: Option<Duration>| it.map(|it| it.as_secs_f64());
    let steps = steps(plan).into_iter().map(|it| {
        json!({
            "name": it.name, "path": it.path, "level": it.level, "does": it.does, "effect": it.effect,
            "conditional": it.conditional, "tries": it.tries, "timeout_seconds": seconds(it.timeout),
            "worst_seconds": seconds(it.time), "needs": it.needs,
            "same_as": it.same_as,
        })
    });
    let chain = plan.root().longest_chain();
    json!({
        "workflow": &**plan.workflow().name(),
        "mode": &**plan.workflow().mode(),
        "meaning": plan.workflow().meaning(),
        "steps": steps.collect::<Vec<_>>(),
        "longest_chain": chain.iter().map(|it| &*plan.root().step(*it).name).collect::<Vec<_>>(),
        "worst_case": {
            "tries": bounds.tries, "seconds": seconds(bounds.time), "orders": bounds.orders,
            "endless": bounds.endless, "loops": bounds.fan_out,
        },
    })
}

fn shown(time: Duration) -> String {
    value::Duration(i64::try_from(time.as_millis()).unwrap_or(i64::MAX)).to_string()
}

fn counted(count: impl TryInto<u64>, what: &str) -> String {
    let count = count.try_into().unwrap_or(u64::MAX);
    match (count, what) {
        (1, _) => format!("1 {what}"),
        (_, "try") => format!("{count} tries"),
        _ => format!("{count} {what}s"),
    }
}
