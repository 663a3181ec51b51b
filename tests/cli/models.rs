//! Models that outlive a run: trained in one, kept, and asked in another.

use crate::support::Folder;

const TRAIN: &str = r#"workflow train {
  param until: Text = "models/choice.json"
  step history = data.get_historical(symbol: "AAPL", period: 2000-03-01..2004-12-31)
  step regime = market_regime.detect(bars: history)
  step trained = ml_strategy.train(bars: history, regime: regime, model: "logistic", seed: 1)
  step saved = ml_strategy.save(trained: trained, path: until)
  output saved = saved
}
"#;

fn apply(path: &str, from: &str, to: &str) -> String {
    format!(
        r#"workflow apply {{
  step trained = ml_strategy.load(path: "{path}")
  step history = data.get_historical(symbol: "AAPL", period: {from}..{to})
  step regime = market_regime.detect(bars: history)
  step choice = ml_strategy.predict_best(bars: history, regime: regime, trained: trained)
  output choice = choice
}}
"#
    )
}

#[test]
fn a_model_that_was_kept_chooses_in_another_run_and_never_in_its_past() {
    let folder = Folder::new().with("train.wf", TRAIN);
    let apply_later = apply("models/choice.json", "2003-01-01", "2007-12-31");
    let apply_before = apply("models/choice.json", "2000-03-01", "2004-12-31");
    let folder = folder.with("apply.wf", apply_later).with("early.wf", apply_before);
    // Before it is there, the check says so.
    let missing = folder.wf(&["check", "apply.wf"]).ends(1);
    missing.says("WF-N012").says("`models/choice.json` cannot be read: there is no such file");
    let saved = folder.wf(&["run", "train.wf", "--format", "json", "--quiet"]).ends(0).json();
    assert_eq!(saved["outputs"]["saved"]["trained_until"], "2004-12-31");
    let chosen = folder.wf(&["run", "apply.wf", "--format", "json", "--quiet"]).ends(0).json();
    let choice = &chosen["outputs"]["choice"];
    let model = choice["model"].as_str().unwrap();
    assert!(model.starts_with("logistic regression, trained on 51 windows of 2000-03-01..2004-12-31; "), "{model}");
    assert!(choice["quality"]["windows"].as_u64().unwrap() > 20, "{choice}");
    let refused = folder.wf(&["run", "early.wf", "--format", "json", "--quiet"]).ends(1);
    assert!(refused.out.contains("the model has seen bars up to 2004-12-31"), "{}", refused.out);
    // No file is written elsewhere.
    let outside = folder.wf(&["run", "train.wf", "--set", "until=\"../choice.json\"", "--quiet"]);
    assert_ne!(outside.code, 0);
    assert!(!folder.0.join("../choice.json").exists());
}

#[test]
fn a_model_of_ones_own_chooses_where_it_fits_and_is_refused_before_the_run_where_not() {
    let model = |name: &str| std::fs::read(format!("tests/golden/models/{name}.onnx")).unwrap();
    let folder = Folder::new().with("mine.onnx", model("network")).with("narrow.onnx", model("narrow"));
    let folder = folder.with("mine.wf", apply("mine.onnx", "2008-01-01", "2012-12-31"));
    let folder = folder.with("narrow.wf", apply("narrow.onnx", "2008-01-01", "2012-12-31"));
    let chosen = folder.wf(&["run", "mine.wf", "--format", "json", "--quiet"]).ends(0).json();
    let choice = &chosen["outputs"]["choice"];
    assert!(choice["model"].as_str().unwrap().contains("ONNX model `mine.onnx`"), "{choice}");
    assert!(choice["choices"].as_u64().unwrap() > 20, "{choice}");
    let said = folder.wf(&["run", "narrow.wf"]);
    assert_ne!(said.code, 0);
    said.says("error[WF-N012]").says("its input is `features`: float32 [rows, 23]");
}
