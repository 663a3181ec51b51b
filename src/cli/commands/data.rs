//! `wf data`: bars kept in a catalogue: imported, listed, described, exported.

use std::path::{Path, PathBuf};

use serde_json::json;

use crate::{
    cli::{
        args::{DataArgs, DataCommand, ExportArgs, ImportArgs, PricesArgs, TextOrJson},
        config::Config,
        say,
        stop::{Exit, Outcome, Stop},
    },
    market::{Adjust, BarSeries, Quality},
    slice::{
        Fault,
        ports::{HistoryRequest, MarketData as _},
    },
    slices::data::source::{self, Catalogue, Imported},
    syntax::literal,
    value::{DateRange, Duration, Symbol, Timeframe, Value},
};

/// Where bars are kept in a project that does not say where.
const FOLDER: &str = ".wf/data";

/// Does what is asked for.
pub fn run(args: &DataArgs) -> Outcome {
    let config = Config::find(args.config.as_deref(), Path::new("."))?;
    let root = root(args, &config);
    match &args.command {
        DataCommand::Import(it) => import(it, &root, &config),
        DataCommand::List { format } => list(&root, *format),
        DataCommand::Describe { prices, format } => describe(prices, &root, &config, *format),
        DataCommand::Export(it) => export(it, &root, &config),
    }
}

/// Returns the folder of the catalogue: what the command line says, else the settings, else that of the project.
fn root(args: &DataArgs, config: &Config) -> PathBuf {
    let set = || config.data.source.as_deref()?.strip_prefix("catalogue:").map(PathBuf::from);
    let project = || config.root.clone().unwrap_or_default().join(FOLDER);
    args.catalogue.clone().or_else(set).unwrap_or_else(project)
}

fn failed(fault: &Fault) -> Stop {
    Stop::usage(fault)
}

fn import(args: &ImportArgs, root: &Path, config: &Config) -> Outcome {
    let mut layout = config.data.layout.clone();
    if let Some(it) = &args.symbol {
        layout.symbol = Some(symbol(it)?);
    }
    let done = Catalogue::at(root).import(&args.path, &layout, args.replace).map_err(|it| failed(&it))?;
    let mut text = String::new();
    for it in &done {
        let Imported { symbol, timeframe, added, replaced, same, notes } = it;
        text.push_str(&format!(
            "{symbol} {timeframe}: {added} bars added, {replaced} replaced, {same} already there\n"
        ));
        notes.iter().for_each(|it| text.push_str(&format!("  {it}\n")));
    }
    say::out(text);
    Ok(Exit::Done)
}

fn list(root: &Path, format: TextOrJson) -> Outcome {
    let entries = Catalogue::open(root).and_then(|it| it.list()).map_err(|it| failed(&it))?;
    if format == TextOrJson::Json {
        let one = |it: &source::Entry| {
            json!({
                "symbol": it.symbol.as_str(),
                "timeframe": it.timeframe.to_string(),
                "bars": it.bars,
                "start": it.period.map(|it| it.start.to_string()),
                "end": it.period.map(|it| it.end.to_string()),
                "bytes": it.bytes,
            })
        };
        say::data(format!("{:#}\n", json!(entries.iter().map(one).collect::<Vec<_>>())));
        return Ok(Exit::Done);
    }
    let width = entries.iter().map(|it| it.symbol.as_str().len()).max().unwrap_or(0).max(6);
    let mut text = format!("{:width$} {:>9} {:>10}  {:22} {:>12}\n", "symbol", "timeframe", "bars", "period", "bytes");
    for it in &entries {
        let period = it.period.map_or(String::new(), |it| it.to_string());
        let (symbol, timeframe) = (it.symbol.as_str(), it.timeframe.to_string());
        text.push_str(&format!("{symbol:width$} {timeframe:>9} {:>10}  {period:22} {:>12}\n", it.bars, it.bytes));
    }
    say::out(text);
    Ok(Exit::Done)
}

/// Loads the bars that are asked for, as long as they are stored where it is not said.
fn load(args: &PricesArgs, root: &Path, config: &Config, adjust: Adjust) -> Result<BarSeries, Stop> {
    let symbol = symbol(&args.symbol)?;
    let timeframe = args.timeframe.as_deref().map(timeframe).transpose()?;
    let period = args.period.as_deref().map(period).transpose()?;
    let request = |own: Option<Duration>| HistoryRequest {
        symbol: symbol.clone(),
        period,
        timeframe: timeframe.or(own).unwrap_or(Duration::DAY),
        adjust,
    };
    let bars = match &args.source {
        Some(spec) => source::open_with(spec, &config.data.layout).and_then(|it| it.history(&request(None))),
        None => Catalogue::open(root).and_then(|it| it.history(&request(it.shortest(&symbol)))),
    };
    bars.map_err(|it| failed(&it))
}

fn describe(args: &PricesArgs, root: &Path, config: &Config, format: TextOrJson) -> Outcome {
    let bars = load(args, root, config, Adjust::None)?;
    let quality = bars.quality();
    let period = bars.period();
    if format == TextOrJson::Json {
        let whole = json!({
            "symbol": bars.symbol.as_str(),
            "timeframe": bars.timeframe.to_string(),
            "bars": bars.len(),
            "start": period.map(|it| it.start.to_string()),
            "end": period.map(|it| it.end.to_string()),
            "quality": quality,
            "notes": &*bars.notes,
        });
        say::data(format!("{whole:#}\n"));
        return Ok(Exit::Done);
    }
    let period = period.map_or(String::new(), |it| format!(", {it}"));
    let mut text = format!("{} {}: {} bars{period}\n", bars.symbol, bars.timeframe, bars.len());
    text.push_str(&said(&quality));
    bars.notes.iter().for_each(|it| text.push_str(&format!("  {it}\n")));
    say::out(text);
    Ok(Exit::Done)
}

fn said(quality: &Quality) -> String {
    let name = &quality.calendar;
    let mut text = match quality.missing.zip(quality.expected) {
        Some((missing, expected)) => {
            format!("  {missing} of the {expected} bars that the calendar {name} expects are missing\n")
        }
        None => format!(
            "  the calendar {name} does not say which bars to expect: `data: {{calendar: XNYS}}` in wf.yaml does\n"
        ),
    };
    for it in &quality.findings {
        let what = serde_json::to_value(it.what).ok().and_then(|it| it.as_str().map(|it| it.replace('_', " ")));
        let more = if it.count > it.first.len() as u64 { ", …" } else { "" };
        let (what, first) = (what.unwrap_or_default(), it.first.join(", "));
        text.push_str(&format!("  {what}: {} ({first}{more})\n", it.count));
    }
    text
}

fn export(args: &ExportArgs, root: &Path, config: &Config) -> Outcome {
    let adjust = match args.adjust.as_str() {
        "all" => Adjust::All,
        "splits" => Adjust::Splits,
        _ => Adjust::None,
    };
    let bars = load(&args.prices, root, config, adjust)?;
    source::write(&bars, &args.to).map_err(|it| failed(&it))?;
    say::err(format_args!("wrote {} bars to {}\n", bars.len(), args.to.display()));
    Ok(Exit::Done)
}

fn symbol(text: &str) -> Result<Symbol, Stop> {
    Symbol::new(text).map_err(|it| Stop::usage(format_args!("`{text}`: {it}")))
}

fn timeframe(text: &str) -> Result<Duration, Stop> {
    let read: Option<Timeframe> = literal::read(text).and_then(|it| it.to().ok());
    read.map(|it| it.0).ok_or_else(|| {
        Stop::usage(format_args!("`--timeframe {text}` is no timeframe"))
            .help("write it as `5m`, `1h`, `1d`, `1w` or `1mo`")
    })
}

fn period(text: &str) -> Result<DateRange, Stop> {
    match literal::read(text) {
        Some(Value::DateRange(it)) => Ok(it),
        _ => {
            Err(Stop::usage(format_args!("`--period {text}` is no period"))
                .help("write it as `2020-01-01..2020-12-31`"))
        }
    }
}
