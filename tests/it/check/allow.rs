//! Who may say that a finding is meant, and that what is allowed runs.

use super::catalogue;
use wf::{
    check::{Checked, Options, check},
    source::{Code, Source, Sources},
};

fn checked(name: &str, text: &str, allowed: Vec<Code>) -> Checked {
    let mut sources = Sources::default();
    let root = sources.add(Source::new(name, None, text));
    check(&mut sources, root, &catalogue::desk(), &Options { allowed, ..Options::default() })
}

fn codes(checked: &Checked) -> Vec<Code> {
    checked.diagnostics.iter().map(|it| it.code).collect()
}

const AT_THE_CLOSE: &str = "\
strategy dip {
  enter long when close < sma(close, 20)
  exit long when close > sma(close, 20)
  orders {
    # ALLOW
    fill: \"close\"
  }
}

workflow tested {
  step prices = data.get_historical
  step report = backtest.execute(strategy: dip, costs: { fee: 1bps })
}
";

#[test]
fn what_a_file_allows_runs() {
    assert_eq!(codes(&checked("a.wf", AT_THE_CLOSE, Vec::new())), [Code::B002]);
    let allowed = AT_THE_CLOSE.replace("ALLOW", "wf: allow(WF-B002) decided on the indicative price");
    let found = checked("a.wf", &allowed, Vec::new());
    assert_eq!(codes(&found), []);
    assert!(found.workflow(None, None).is_ok());
}

#[test]
fn yaml_allows_on_the_line_or_the_line_above() {
    let text = "\
momentum:
  steps:
    - prices: {slice: data, method: get_historical}
    - regime: {slice: market_regime, method: detect}
    # wf: allow(WF-G002) the chart reads it by name
    - patterns: {slice: analyze, method: find_patterns}
    - choice: {slice: ml_strategy, method: predict_best, with: {patterns: null}}
    - report: {slice: backtest, method: execute} # wf: allow(B007) gross figures
  outputs: {report: $report}
";
    assert_eq!(codes(&checked("a.yaml", text, Vec::new())), []);
    assert_eq!(codes(&checked("a.yaml", &text.replace("the chart reads it by name", ""), Vec::new())).len(), 2);
}

const RETRIED: &str = "\
workflow trade {
  modes paper
  step prices = data.get_historical
  step regime = market_regime.detect
  step choice = ml_strategy.predict_best
  step sizing = position_sizing.calculate
  step checked = risk.check
  step order = paper_trade.execute(sizing: checked)
    # ALLOW
    retry 3
}
";

#[test]
fn the_policy_is_its_owners() {
    let in_file = RETRIED.replace("ALLOW", "wf: allow(WF-P005) our broker never loses an answer");
    assert_eq!(codes(&checked("a.wf", &in_file, Vec::new())), [Code::F004, Code::P005]);
    let found = checked("a.wf", RETRIED, vec![Code::P005]);
    assert_eq!(codes(&found), []);
    assert!(found.workflow(None, Some("paper")).is_ok());
}
