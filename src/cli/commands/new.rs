//! `wf new`: a project to start from.

use std::path::Path;

use crate::cli::{
    args::NewArgs,
    say,
    stop::{Exit, Outcome, Stop},
};

const SETTINGS: &str = "\
# What every workflow of this project runs with, unless the command line says otherwise.
context:
  symbols: [AAPL, MSFT]
  capital: 10_000 USD
  costs: {fee: 1bps, slippage: 2bps}
# The house policy: a workflow may be tighter, never looser.
limits: {max_position: 100%, max_drawdown: 50%}
data: {source: bundled} # or csv:PATH, parquet:PATH, arrow:PATH, catalogue:PATH
";

const STRATEGY: &str = "\
## Holds the stock while its short average is above its long one.
strategy trend {
  param fast: Int in 2..100 by 1 = 20
  param slow: Int in 5..400 by 5 = 100

  let fast_ma = sma(close, fast)
  let slow_ma = sma(close, slow)

  enter long when crosses_above(fast_ma, slow_ma)
  exit long when crosses_below(fast_ma, slow_ma)

  orders {
    size: 100% of equity
    fill: \"next_open\"
  }
}
";

const WORKFLOW: &str = "\
use \"./strategies/trend.wf\" { trend }

## Backtests one strategy on one symbol; several symbols are several runs.
workflow NAME {
  param fast: Int in 2..100 = 20
  param slow: Int in 5..400 = 100

  step history = data.get_historical
  step report = backtest.execute(strategy: trend(fast: fast, slow: slow))
  output report = report
}
";

/// Writes the project.
pub fn run(args: &NewArgs) -> Outcome {
    let name = &args.name;
    let legal = name.starts_with(|it: char| it.is_ascii_lowercase())
        && name.chars().all(|it| it.is_ascii_lowercase() || it.is_ascii_digit() || it == '_');
    if !legal {
        return Err(Stop::usage(format_args!("`{name}` cannot name a workflow"))
            .help("use small letters, digits and `_`, beginning with a letter, as in `my_desk`"));
    }
    let folder = Path::new(name);
    if folder.exists() {
        return Err(Stop::usage(format_args!("`{name}` exists already")).help("choose another name, or remove it"));
    }
    let files = [
        ("wf.yaml".to_string(), SETTINGS.to_string()),
        ("strategies/trend.wf".to_string(), STRATEGY.to_string()),
        (format!("{name}.wf"), WORKFLOW.replace("NAME", name)),
    ];
    for (path, text) in files {
        let path = folder.join(path);
        let write = || {
            std::fs::create_dir_all(path.parent().unwrap_or(folder))?;
            std::fs::write(&path, text)
        };
        write().map_err(|error| Stop::usage(format_args!("cannot write `{}`: {error}", path.display())))?;
        say::out(format_args!("wrote {}\n", path.display()));
    }
    say::out(format_args!("\ncd {name} && wf run {name}.wf\n"));
    Ok(Exit::Done)
}
