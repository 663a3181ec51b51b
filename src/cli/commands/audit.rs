//! `wf audit`: what is proved on data rather than on text.

use std::{path::Path, sync::Arc};

use crate::{
    cli::{
        args::{AuditArgs, AuditCommand, LookAheadArgs},
        config::Config,
        say,
        stop::{Exit, Outcome, Stop},
    },
    expr::Template,
    market::{Adjust, BarSeries, time_text},
    slice::ports::HistoryRequest,
    slices::data::source,
    source::Source,
    strategy::{all_from, library, look_ahead, with_defaults},
    value::{Duration, Symbol},
};

/// Does what is asked for.
pub fn run(args: &AuditArgs) -> Outcome {
    match &args.command {
        AuditCommand::LookAhead(it) => look(it),
    }
}

/// Evaluates strategies on all bars and on the first ones only, and says which decisions knew what came later.
fn look(args: &LookAheadArgs) -> Outcome {
    let strategies = strategies(args)?;
    let bars = bars(args)?;
    let step = (bars.len() / args.cuts.max(1)).max(1);
    let cuts: Vec<usize> = (step..bars.len()).step_by(step).collect();
    let (mut text, mut peeks) = (String::new(), 0);
    for template in &strategies {
        let name = template.name();
        let Some(strategy) = with_defaults(&**template) else {
            text.push_str(&format!("  – {name}: not tried, since a parameter of it has no default\n"));
            continue;
        };
        match look_ahead(&*strategy.rules, &bars, &cuts).map_err(Stop::usage)? {
            None => text.push_str(&format!("  ✓ {name}: every decision stays as it was\n")),
            Some(peek) => {
                peeks += 1;
                let at = |bar: usize| bars.time.get(bar).map_or_else(String::new, |it| time_text(*it));
                text.push_str(&format!(
                    "  ✗ {name}: {} on {} is decided otherwise when only the bars up to {} are known\n",
                    peek.what,
                    at(peek.bar),
                    at(peek.known.saturating_sub(1)),
                ));
            }
        }
    }
    say::out(format_args!(
        "{} {}: {} bars, cut at {} places\n{text}",
        bars.symbol,
        bars.timeframe,
        bars.len(),
        cuts.len()
    ));
    Ok(if peeks == 0 { Exit::Done } else { Exit::Failed })
}

fn strategies(args: &LookAheadArgs) -> Result<Vec<Arc<dyn Template>>, Stop> {
    let Some(path) = &args.file else { return Ok(library()) };
    let text = std::fs::read_to_string(path)
        .map_err(|error| Stop::usage(format_args!("cannot read `{}`: {error}", path.display())))?;
    let found = all_from(&Source::new(path.display().to_string(), None, text));
    if found.is_empty() {
        let message = format_args!("`{}` holds no strategy that is right", path.display());
        return Err(Stop::usage(message).help(format_args!("`wf check {}` says what is wrong", path.display())));
    }
    Ok(found)
}

fn bars(args: &LookAheadArgs) -> Result<BarSeries, Stop> {
    let config = Config::find(args.config.as_deref(), Path::new("."))?;
    let symbol = Symbol::new(&args.symbol).map_err(Stop::usage)?;
    let request = HistoryRequest { symbol, period: None, timeframe: Duration::DAY, adjust: Adjust::All };
    let spec = args.source.as_deref().or(config.data.source.as_deref()).unwrap_or("bundled");
    source::open_with(spec, &config.data.layout).and_then(|it| it.history(&request)).map_err(Stop::usage)
}
