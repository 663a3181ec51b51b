//! A folder of its own for each test, and the program called in it.

use std::{
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::atomic::{AtomicUsize, Ordering},
};

use serde_json::Value as Json;

/// A folder that goes when the test ends.
pub struct Folder(pub PathBuf);

impl Folder {
    pub fn new() -> Self {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let name = format!("wf-cli-{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        let path = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    pub fn with(self, name: &str, text: impl AsRef<[u8]>) -> Self {
        let path = self.0.join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
        self
    }

    pub fn text(&self, name: &str) -> String {
        std::fs::read_to_string(self.0.join(name)).unwrap()
    }

    pub fn wf(&self, args: &[&str]) -> Said {
        wf(&self.0, args)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// What the program said and how it ended.
#[derive(Debug)]
pub struct Said {
    pub out: String,
    pub err: String,
    pub code: i32,
}

impl Said {
    pub fn json(&self) -> Json {
        serde_json::from_str(&self.out).unwrap_or_else(|it| panic!("{it}: {self:?}"))
    }

    /// Asserts the exit status and returns itself.
    #[track_caller]
    pub fn ends(self, code: i32) -> Self {
        assert_eq!(self.code, code, "{}\n{}", self.out, self.err);
        self
    }

    /// Asserts that standard error holds a text.
    #[track_caller]
    pub fn says(self, text: &str) -> Self {
        assert!(self.err.contains(text), "`{text}` is not in\n{}", self.err);
        self
    }

    /// Asserts that standard output holds a text.
    #[track_caller]
    pub fn shows(self, text: &str) -> Self {
        assert!(self.out.contains(text), "`{text}` is not in\n{}", self.out);
        self
    }
}

pub fn command(folder: &Path, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_wf"));
    command.args(args).current_dir(folder).stdin(Stdio::null()).env("NO_COLOR", "1");
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("WF_")) {
        command.env_remove(name);
    }
    command
}

pub fn wf(folder: &Path, args: &[&str]) -> Said {
    let output = command(folder, args).output().unwrap();
    let said = Said {
        out: String::from_utf8_lossy(&output.stdout).into_owned(),
        err: String::from_utf8_lossy(&output.stderr).into_owned(),
        code: output.status.code().unwrap_or(-1),
    };
    assert!(!said.err.contains("panicked"), "{}", said.err);
    said
}

/// Calls the program where the shipped workflows are.
pub fn here(args: &[&str]) -> Said {
    wf(Path::new(env!("CARGO_MANIFEST_DIR")), args)
}

/// Returns the diagnostics of `wf check --format json` that have a severity.
pub fn found(said: &Said, severity: &str) -> Vec<Json> {
    let all = said.json()["diagnostics"].as_array().unwrap().clone();
    all.into_iter().filter(|it| it["severity"] == severity).collect()
}

/// A workflow that is right and has something for every mistake.
pub const WF: &str = r#"workflow demo {
  param capital: Money<USD> = 10_000 USD

  step prices = data.get_historical(symbol: "AAPL")
    timeout 30s
  step regime = market_regime.detect(bars: prices)
  step choice = ml_strategy.predict_best(bars: prices, regime: regime)
  step size = position_sizing.calculate(bars: prices, choice: choice, regime: regime, capital: 50% of capital)
  step report = backtest.execute(bars: prices, strategy: choice, sizing: size, costs: { fee: 1bps, slippage: 2bps })
  output report = report
}
"#;

/// A workflow that runs at once, on one symbol.
pub const QUICK: &str = r#"strategy hold {
  param floor: Int in 1..100 = 1
  enter long when close > floor
  exit long when close < floor
  orders { size: 50% of equity }
}

workflow quick {
  param capital: Money<USD> in 1_000 USD..1_000_000 USD = 10_000 USD
  param floor: Int in 1..100 = 1
  step prices = data.get_historical
  step report = backtest.execute(strategy: hold(floor: floor), capital: capital, costs: { fee: 1bps, slippage: 2bps })
  output report = report
}
"#;

pub const YAML: &str = "demo:
  params:
    capital: {type: Money<USD>, default: 10_000 USD}
  steps:
    - prices: {slice: data, method: get_historical, with: {symbol: AAPL}, timeout: 30s}
    - regime: {slice: market_regime, method: detect, with: {bars: $prices}}
    - choice: {slice: ml_strategy, method: predict_best, with: {bars: $prices, regime: $regime}}
    - size: {slice: position_sizing, method: calculate, with: {bars: $prices, choice: $choice, regime: $regime, capital: $50% of capital}}
    - report: {slice: backtest, method: execute, with: {bars: $prices, strategy: $choice, sizing: $size, costs: {fee: 1bps, slippage: 2bps}}}
  outputs:
    report: $report
";
