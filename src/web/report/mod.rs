//! The page of a run: one HTML file with its style, its script and its figures, that fetches nothing.
//!
//! Whatever a person or a file named comes as JSON and is shown as text, never as markup.

mod backtest;
mod found;
mod search;
mod series;

use serde_json::{Value as Json, json};
use sha2::{Digest as _, Sha256};

use crate::{
    engine::{RunResult, StepReport},
    market::{MEASURES, MeasureUnit, metrics::Basis},
    value::Detail,
};

const PAGE: &str = include_str!("assets/page.html");
const STYLE: &str = include_str!("assets/style.css");
/// In the order in which each needs those before it.
const SCRIPTS: [&str; 7] = [
    include_str!("assets/base.js"),
    include_str!("assets/chart.js"),
    include_str!("assets/parts.js"),
    include_str!("assets/backtest.js"),
    include_str!("assets/search.js"),
    include_str!("assets/choice.js"),
    include_str!("assets/page.js"),
];

/// How many steps are told, those apart in which something went wrong.
const STEPS: usize = 2_000;

/// What a run was made from, which its result does not know.
#[derive(Clone, Debug, Default)]
pub struct Provenance {
    /// What the workflow says about itself.
    pub doc: Option<String>,
    /// Each text that was read, by its name, the workflow's own first.
    pub sources: Vec<(String, String)>,
    /// What the run was given: names and values, as people write them.
    pub inputs: Vec<(String, String)>,
    /// Where its prices came from.
    pub data: String,
}

/// Returns the page of a run.
pub fn page(result: &RunResult, made: &Provenance) -> String {
    let title = format!("{} – wf", result.workflow);
    let script = SCRIPTS.join("\n");
    let data = in_script(&figures(result, made));
    let fill = |part: &str| match part {
        "title" => markup(&title),
        "style" => STYLE.to_owned(),
        "data" => data.clone(),
        "script" => script.clone(),
        _ => String::new(),
    };
    // The parts alternate: text, name, text.
    let parts = PAGE.split("@@").enumerate();
    parts.map(|(at, part)| if at % 2 == 0 { part.to_owned() } else { fill(part) }).collect()
}

/// Returns a text as markup that shows it.
fn markup(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// Returns JSON that cannot end the script element that it stands in.
fn in_script(json: &Json) -> String {
    json.to_string().replace('<', "\\u003c").replace('>', "\\u003e").replace('&', "\\u0026")
}

fn figures(result: &RunResult, made: &Provenance) -> Json {
    let found = found::outputs(&result.outputs);
    let mut bases: Vec<Basis> = Vec::new();
    let reports: Vec<Json> = found
        .reports
        .iter()
        .map(|(label, report)| {
            let basis = report.basis();
            let place = bases.iter().position(|it| *it == basis).unwrap_or(bases.len());
            if place == bases.len() {
                bases.push(basis);
            }
            backtest::figures(label, report, place, found.reports.len(), result.seed)
        })
        .collect();
    let measures = MEASURES.iter().map(|it| {
        let is_share = it.unit == MeasureUnit::Percent;
        json!([it.name, it.group.name(), is_share, it.doc, it.formula, it.source])
    });
    let conventions = bases.iter().map(|basis| MEASURES.iter().map(|it| it.convention(basis)).collect::<Vec<_>>());
    json!({
        "version": env!("CARGO_PKG_VERSION"),
        "run": {
            "id": &*result.run,
            "workflow": &*result.workflow,
            "doc": made.doc,
            "mode": &*result.mode,
            "status": result.status,
            "seed": result.seed,
            "started": result.started.to_string(),
            "seconds": result.took.as_secs_f64(),
            "error": result.error.as_ref().map(ToString::to_string),
            "summary": result.summary,
        },
        "inputs": made.inputs,
        "data": made.data,
        "sources": made.sources.iter().map(|(name, text)| json!([name, text, hash(text)])).collect::<Vec<_>>(),
        "measures": measures.collect::<Vec<_>>(),
        "conventions": conventions.collect::<Vec<_>>(),
        "reports": reports,
        "searches": found.searches.iter().map(|(name, it)| search::search(name, it)).collect::<Vec<_>>(),
        "validations": found.validations,
        "trials": found.trials,
        "choices": found.choices,
        "others": found.others,
        "steps": steps(result),
        "critical_path": result.critical_path(),
    })
}

/// Returns the first steps, and all of the others that something went wrong in.
fn steps(result: &RunResult) -> Vec<Json> {
    let all = result.steps();
    all.iter()
        .enumerate()
        .filter(|(at, it)| *at < STEPS || it.fault.is_some())
        .take(2 * STEPS)
        .map(|it| step(it.1))
        .collect()
}

fn step(it: &StepReport) -> Json {
    json!([
        it.path,
        it.method.as_ref().map(|it| it.path()),
        it.status,
        it.attempts,
        it.queued.as_secs_f64(),
        it.running.as_secs_f64(),
        it.fault.as_ref().map(ToString::to_string),
    ])
}

fn hash(text: &str) -> String {
    Sha256::digest(text.as_bytes()).iter().map(|it| format!("{it:02x}")).collect()
}

/// Returns a value as other outputs are shown.
fn summary(value: &crate::value::Value) -> Json {
    value.to_json(Detail::Summary)
}
