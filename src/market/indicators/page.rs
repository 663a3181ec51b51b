//! The reference of all indicators, `docs/indicators.md`, from their table.

use super::{
    average::KINDS,
    registry::{GROUPS, Indicator, Output},
};

const INTRODUCTION: &str = "# Indicators

<!-- Written by `wf explain indicators --write`; the text of an indicator is in its entry in src/market/indicators/. -->

What strategies and `analyze.indicators` compute. `wf explain rsi` prints the entry of one.

- Values equal those of TA-Lib 0.8.2 to 1e-9 (relative where they are above 1), and the first is at the same bar. Bars are counted
  from 0; *t* is the bar of the value, *p* the period, *x* the series.
- A series that is not given is the one behind its `=`. In a strategy it comes first, as in `sma(close, 20)`; an indicator of whole
  bars takes none, as in `atr(14)`. Of several outputs one is picked by its name, as in `macd(close).signal`.
- A bar of which something that the indicator reads is missing or not finite is a gap: it has no value, and the indicator starts anew
  behind it. A bar at a time gives the same values as a column, to the last bit.

Where it differs from TA-Lib, on purpose:

- The averages within `bbands`, `stoch`, `stochf` and `stochrsi` are simple ones; `macdext`, `apo`, `ppo` and `ma` take a kind, 0 to 6
  (no MAMA, no T3).
- `stoch` looks at 14 bars where nothing is said (TA-Lib: 5). `highest` and `lowest` are TA-Lib's MAX and MIN, `keltner` its KC.
- `plus_di` and `minus_di` begin at a period of 2 (TA-Lib gives shares, not percent, at 1); `var` has no deviations, which TA-Lib
  reads and ignores.
- Running sums that would lose digits are made afresh, so that a spike that has left a window leaves nothing behind, and what does not
  vary has a deviation, variance and correlation of exactly 0.
- `maxindex`, `minindex` and `minmaxindex` count from the first bar, or the first behind a gap. `vwap` is not reset by day.
";

/// Returns the reference of all indicators.
pub fn page() -> String {
    let mut text = INTRODUCTION.to_owned();
    for group in GROUPS {
        text += &format!("\n## {}\n", group.title);
        for it in group.indicators {
            text += &format!("\n### {}\n\n{}", it.name, it.page());
        }
    }
    text
}

impl Indicator {
    /// Returns its entry in the reference, without its heading.
    pub fn page(&self) -> String {
        let reads: Vec<&str> = self.inputs.iter().map(|it| it.series().map_or(it.name(), |_| "a series")).collect();
        let reads = if reads == ["a series"; 2] { "two series".to_owned() } else { reads.join(", ") };
        let defaults: Vec<f64> = self.params.iter().map(|it| it.default).collect();
        let bar = self.lookback(&defaults);
        let with = if self.params.is_empty() { "" } else { ", with the defaults" };
        let mut text = format!(
            "{}\n\n- Call: `{}{}`\n- Reads: {reads}\n- First value: at bar {bar}{with}\n- Gives: {}\n- Formula: {}\n- Source: {}\n",
            self.doc,
            self.name,
            self.signature(),
            self.outputs.iter().map(shown).collect::<Vec<_>>().join("; "),
            self.formula,
            self.source,
        );
        for it in self.params {
            let kind = if it.whole { "whole, " } else { "" };
            let meaning = if it.name.ends_with("kind") { format!(" ({KINDS})") } else { String::new() };
            text += &format!("- `{}`: {kind}{} to {}{meaning}\n", it.name, it.min, it.max);
        }
        if !self.aliases.is_empty() {
            text += &format!("- Also called: `{}`\n", self.aliases.join("`, `"));
        }
        text
    }
}

fn shown(it: &Output) -> String {
    let reach = match it.reach {
        (low, high) if low.is_finite() && high.is_finite() => format!(", {low} to {high}"),
        (low, _) if low.is_finite() => format!(", {low} or more"),
        _ => String::new(),
    };
    format!("`{}` ({}{reach})", it.name, it.unit)
}
