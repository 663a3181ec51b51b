//! What `wf plan` says: the steps in order, what each may do, and the worst case.

use std::{fmt::Write as _, time::Duration};

use serde_json::{Value as Json, json};

use super::{BodyId, Plan, Work};
use crate::{
    plan::bounds::{known, span},
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
}

/// Returns the steps of a plan, in the order in which they could run one at a time.
pub fn steps(plan: &Plan) -> Vec<PlanStep> {
    let mut found = Vec::new();
    walk(plan, BodyId::ROOT, "", 0, &mut found);
    found
}

fn walk(plan: &Plan, id: BodyId, prefix: &str, depth: usize, found: &mut Vec<PlanStep>) {
    let body = plan.body(id);
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
        found.push(PlanStep {
            name: step.name.to_string(),
            depth,
            level: levels.get(*at as usize).copied().unwrap_or(0),
            does: step.works.iter().map(Work::label).collect(),
            effect: step.effect,
            conditional: step.when.is_some(),
            tries: retries.map(|it| it + step.works.len() as u64),
            timeout: step.timeout.as_ref().and_then(known).and_then(|it| span(&it)),
            time: plan.cost(step).time,
            needs: step.needs.iter().map(|it| body.step(*it).name.to_string()).collect(),
            path: path.clone(),
        });
        for work in &step.works {
            let sign = match work {
                Work::For { .. } => "[].",
                Work::Workflow { .. } => "/",
                _ => ".",
            };
            work.bodies().into_iter().for_each(|it| walk(plan, it, &format!("{path}{sign}"), depth + 1, found));
        }
    }
}

/// Returns a plan as `wf plan` prints it.
pub fn describe(plan: &Plan) -> String {
    let (steps, bounds) = (steps(plan), plan.bounds());
    let mut text =
        format!("{} in mode {}: {}\n\n", plan.workflow().name(), plan.workflow().mode(), counted(steps.len(), "step"));
    let width = steps.iter().map(|it| it.depth * 2 + it.name.len()).max().unwrap_or(0);
    let does = |it: &PlanStep| it.does.join(", else ");
    let doing = steps.iter().map(|it| does(it).chars().count()).max().unwrap_or(0);
    for (number, it) in steps.iter().enumerate() {
        let name = format!("{:indent$}{}", "", it.name, indent = it.depth * 2);
        let _ = write!(text, "{:>3}  {name:width$}  {:doing$}  {:8}", number + 1, does(it), effect(it.effect));
        let mut notes = Vec::new();
        if it.tries != Some(1) {
            notes.push(it.tries.map_or("any number of tries".into(), |it| format!("{it} tries")));
        }
        notes.extend(it.timeout.map(|it| format!("{} a try", shown(it))));
        notes.extend(it.conditional.then(|| "on condition".into()));
        let _ = writeln!(text, "  {}", notes.join(", "));
    }
    let text: String = text.lines().flat_map(|it| [it.trim_end(), "\n"]).collect();
    let mut text = text + "\nworst case\n";
    let number = |it: Option<u64>| it.map_or("not known before the run".into(), |it| it.to_string());
    let _ = writeln!(text, "  tries   {}", number(bounds.tries));
    let _ = writeln!(text, "  orders  {}", number(bounds.orders));
    let _ = writeln!(text, "  time    {}", bounds.time.map_or("no bound".into(), shown));
    if bounds.time.is_none() {
        for it in &bounds.endless {
            let _ = writeln!(text, "          `{}`: {}", it.path, it.why);
        }
    }
    for it in &bounds.fan_out {
        let elements = it.elements.map_or("an unknown number of elements".into(), |it| counted(it, "element"));
        let parallel = it.parallel.map_or("an unknown number".into(), |it| it.to_string());
        let _ = writeln!(text, "  loop    `{}`: {elements}, {parallel} at once", it.path);
    }
    text
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

/// Returns the name of an effect.
pub(crate) fn effect(it: Effect) -> &'static str {
    match it {
        Effect::Pure => "pure",
        Effect::Reads => "reads",
        Effect::Notifies => "notifies",
        Effect::Orders => "orders",
    }
}

fn shown(time: Duration) -> String {
    value::Duration(i64::try_from(time.as_millis()).unwrap_or(i64::MAX)).to_string()
}

fn counted(count: impl TryInto<u64>, what: &str) -> String {
    let count = count.try_into().unwrap_or(u64::MAX);
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}
