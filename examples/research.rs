//! Writes `docs/research.md`: what choosing between strategies came to on the prices that come with wf.
//!
//! Run it with `cargo run --release --example research`; with `-- --write` it replaces the document, without it prints it.

use std::{fmt::Write as _, sync::Arc};

use wf::{
    check,
    engine::{self, RealClock, RunOptions},
    market::{
        BacktestReport, Regime,
        metrics::{Interval, intervals, returns_of},
    },
    plan,
    slice::Services,
    slices::{self, data},
    source::{Source, Sources, render},
    strategy::StrategyChoice,
    value::Value,
};

/// Where the document is, and what it says before its figures.
const DOCUMENT: &str = "docs/research.md";
const INTRODUCTION: &str = include_str!("research.md");
/// How often the returns of a result are resampled.
const RESAMPLES: usize = 1_000;

type Failure = Box<dyn std::error::Error>;

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let registry = slices::library();
    let mut sources = Sources::default();
    let file = sources.add(Source::read("workflows/research.wf".as_ref())?);
    let checked = check::check(&mut sources, file, &registry, &check::Options::default());
    eprint!("{}", render(&sources, &checked.diagnostics, false));
    let workflow = checked.workflow(None, None)?;
    let services = Services {
        clock: Arc::new(RealClock),
        market: data::source::open("bundled")?,
        notifier: Arc::new(|_: &str, _: &str, _: Value| ()),
        limits: Value::None,
    };
    let options = RunOptions::new(Arc::new(services));
    let result = engine::run(Arc::new(plan::plan(workflow)), options).await.map_err(|faults| {
        let all: Vec<_> = faults.iter().map(ToString::to_string).collect();
        all.join("; ")
    })?;
    let results = result.outputs.iter().find(|it| &*it.0 == "results").ok_or("the run gave no results")?;
    let mut tally = Tally::default();
    let tables = told(&results.1, &mut tally)?;
    let document = format!("{INTRODUCTION}{}{tables}", tally.told());
    if std::env::args().any(|it| it == "--write") {
        std::fs::write(DOCUMENT, document)?;
    } else {
        print!("{document}");
    }
    Ok(())
}

/// What all choices came to together.
#[derive(Default)]
struct Tally {
    choices: usize,
    /// How many had a better Brier score than the base rate, and the least and greatest share of windows that did better.
    skilled: usize,
    rates: Vec<f64>,
    /// How many ended above what was held, and how many so surely that the intervals of the Sharpe ratio are apart.
    above: usize,
    apart: usize,
}

impl Tally {
    fn told(&self) -> String {
        let Self { choices, skilled, above, apart, .. } = self;
        let low = self.rates.iter().copied().fold(f64::INFINITY, f64::min);
        let high = self.rates.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        format!(
            "\n## What it says\n\n\
             - Of {choices} choices (each model on each symbol) {skilled} had a better Brier score than the base rate. Between \
             {low:.1} % and {high:.1} % of the\n  windows did better than the median candidate, where chance is 50 %.\n\
             - {above} of {choices} ended above what was merely held; in {apart} of them the intervals of the Sharpe ratios are \
             apart. Of so many lines some end\n  high by luck, and which model did so differs from symbol to symbol.\n\
             - The confidence says as much by itself: it stays where chance is, and whoever sizes or filters by it takes no \
             comfort from a model\n  that has none to give.\n"
        )
    }
}

fn told(results: &Value, tally: &mut Tally) -> Result<String, Failure> {
    let mut out = String::new();
    for result in list(results)? {
        let symbol = field(result, "symbol")?.to_string();
        writeln!(
            out,
            "\n## {symbol}\n\n| what | total return | Sharpe ratio | its 95 % interval | growth a year, 95 % interval | drawdown |"
        )?;
        writeln!(out, "|---|---|---|---|---|---|")?;
        let held = BacktestReport::try_from(field(result, "held")?)?;
        out.push_str(&row("bought and held", &held));
        let mut choices = Vec::new();
        for (model, chosen) in ["forest", "boosted", "logistic"].into_iter().zip(list(&field(result, "chosen")?)?) {
            let report = BacktestReport::try_from(field(chosen, "report")?)?;
            out.push_str(&row(&format!("**chosen by {model}**"), &report));
            tally.choices += 1;
            tally.above += usize::from(total(&report) > total(&held));
            let (own, its) = (sharpe(&report), sharpe(&held));
            tally.apart += usize::from(own.zip(its).is_some_and(|(own, its)| own.low > its.high));
            choices.push((model, StrategyChoice::try_from(field(chosen, "choice")?)?));
        }
        for alone in list(&field(result, "alone")?)? {
            let report = BacktestReport::try_from(alone.clone())?;
            out.push_str(&row(report.strategy.split('(').next().unwrap_or_default(), &report));
        }
        out.push_str("\n| model | did better than the median candidate | Brier score (base rate) | log loss (base rate) | mean confidence | goes by most |\n|---|---|---|---|---|---|\n");
        for (model, choice) in &choices {
            let quality = choice.quality.as_ref().ok_or("no window has ended")?;
            tally.skilled += usize::from(quality.brier < quality.base_brier);
            tally.rates.push(100.0 * quality.hit_rate);
            let mean = choice.entries.iter().map(|it| it.confidence).sum::<f64>() / choice.entries.len() as f64;
            let first: Vec<_> = quality.importance.iter().take(3).map(|it| format!("`{}`", it.feature)).collect();
            writeln!(
                out,
                "| {model} | {:.1} % of {} windows | {:.4} ({:.4}) | {:.4} ({:.4}) | {:.1} % | {} |",
                100.0 * quality.hit_rate,
                quality.windows,
                quality.brier,
                quality.base_brier,
                quality.log_loss,
                quality.base_log_loss,
                100.0 * mean,
                first.join(", "),
            )?;
        }
        let regime = Regime::try_from(field(result, "regime")?)?;
        let scores: Vec<_> =
            regime.likelihoods.iter().map(|it| format!("{} states {:.4}", it.states, it.log_likelihood)).collect();
        writeln!(
            out,
            "\nRegimes: {} changes of the market were found; mean log-likelihood of a bar out of sample: {}.",
            regime.changes.len(),
            scores.join(", "),
        )?;
    }
    Ok(out)
}

fn total(report: &BacktestReport) -> f64 {
    let total = report.measured("total_return").and_then(|it| it.value.ok()).map(|it| it.to_string());
    total.and_then(|it| it.parse::<f64>().ok()).unwrap_or(f64::NAN)
}

fn sharpe(report: &BacktestReport) -> Option<Interval> {
    let found = intervals(&returns_of(&report.curve()), &report.basis(), RESAMPLES, 1);
    found.into_iter().find(|it| it.name == "sharpe")
}

/// Returns a row of the table of results.
fn row(name: &str, report: &BacktestReport) -> String {
    let found = intervals(&returns_of(&report.curve()), &report.basis(), RESAMPLES, 1);
    let of = |name: &str| found.iter().find(|it| it.name == name);
    let total = total(report);
    let (Some(sharpe), Some(cagr), Some(fall)) = (of("sharpe"), of("cagr"), of("max_drawdown")) else {
        return format!("| {name} | {:.1} % | – | – | – | – |\n", 100.0 * total);
    };
    format!(
        "| {name} | {:.1} % | {:.2} | {:.2} to {:.2} | {:.1} % to {:.1} % | {:.1} % |\n",
        100.0 * total,
        sharpe.value,
        sharpe.low,
        sharpe.high,
        100.0 * cagr.low,
        100.0 * cagr.high,
        100.0 * fall.value,
    )
}

fn field(of: &Value, name: &str) -> Result<Value, Failure> {
    of.field(name).ok_or_else(|| format!("there is no `{name}`").into())
}

fn list(of: &Value) -> Result<&[Value], Failure> {
    if let Value::List(items) = of { Ok(items) } else { Err(format!("{of} is no list").into()) }
}
