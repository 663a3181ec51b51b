//! `ml_strategy.train`, `save` and `load`: a model that outlives a run.

use std::sync::Arc;

use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{
    features::FEATURES,
    learner::{Fitted, Kind, Predicts},
    onnx::Onnx,
    predict::{Candidates, horizon},
    walk::LEAST_WINDOWS,
};
use crate::{
    market::{BarSeries, Bars, Patterns, Regime},
    slice::{Fault, Pure, Reading, Unfit, Writing},
    strategy::Strategy,
    value::{BarCount, Detail, Domain, Nominal, Percent, Shared, Value},
};

/// The version of the files that models are kept in.
const VERSION: u32 = 1;
const FORMAT: &str = "wf model";

/// A model that has been trained, here or elsewhere.
#[derive(Clone, Debug, JsonSchema)]
#[schemars(rename = "Model")]
pub(super) struct TrainedModel {
    /// What it is.
    pub model: String,
    /// The last day that it has seen: it is asked about later bars only.
    #[schemars(with = "String", extend("x-unit" = "Date"))]
    pub trained_until: Date,
    /// For how many bars its choices hold; none where its file does not say so.
    pub horizon: Option<BarCount>,
    /// What says how probable it is that a candidate does better than the median candidate.
    #[schemars(skip)]
    pub predicts: Arc<dyn Predicts>,
    /// What a file of it holds.
    #[schemars(skip)]
    pub bytes: Arc<[u8]>,
}

/// A model as steps share it.
pub(super) type Trained = Shared<TrainedModel>;

/// A file that keeps a model.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Kept<M> {
    format: String,
    version: u32,
    kind: Kind,
    features: Vec<String>,
    horizon: u64,
    /// The first and the last day of the bars that it was trained on.
    trained_from: Date,
    trained_until: Date,
    windows: usize,
    model: M,
}

impl Domain for TrainedModel {
    fn name(&self) -> &'static str {
        Self::NAME
    }
    fn field(&self, name: &str) -> Option<Value> {
        Some(match name {
            "model" => self.model.as_str().into(),
            "trained_until" => Value::Date(self.trained_until),
            "horizon" => self.horizon.map_or(Value::None, Value::from),
            _ => return None,
        })
    }
    fn to_json(&self, _: Detail) -> serde_json::Value {
        json!({
            "model": self.model,
            "trained_until": self.trained_until.to_string(),
            "horizon": self.horizon.map(|it| it.to_string()),
        })
    }
    fn encode(&self) -> Vec<u8> {
        [self.trained_until.to_string().as_bytes(), &self.bytes].concat()
    }
}

impl Nominal for TrainedModel {
    const NAME: &'static str = "Model";
}

impl TrainedModel {
    /// Returns the first bar that is later than what the model has seen.
    ///
    /// # Errors
    /// There is none: its choices would know what came of them.
    pub(super) fn first_unseen(&self, bars: &BarSeries) -> Result<usize, Fault> {
        let seen = (0..bars.len()).take_while(|it| bars.date(*it).is_some_and(|it| it <= self.trained_until)).count();
        if seen < bars.len() {
            return Ok(seen);
        }
        let last = bars.date(bars.len().saturating_sub(1)).map(|it| it.to_string()).unwrap_or_default();
        Err(Fault::input(format_args!(
            "the model has seen bars up to {} and is asked about bars up to {last}: it would know what came of its \
             choices; train it on earlier bars, or ask it about later ones",
            self.trained_until,
        )))
    }
}

/// Trains a model on bars as a whole, to be used on later ones.
///
/// It is the model of `predict_best`, trained once on every window that has ended by the last bar. Given to
/// `predict_best` it chooses after that bar only, and starts without a record: its confidence is 50 % until its choices
/// have borne it out.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Train {
    /// The bars, oldest first.
    bars: Bars,
    /// What kind of market it was.
    regime: Regime,
    /// What patterns there were.
    patterns: Option<Patterns>,
    /// What there was to choose from; the built-in strategies where it is not said.
    candidates: Option<Vec<Strategy>>,
    /// For how many bars a choice holds.
    #[serde(default = "horizon")]
    #[schemars(extend("x-within" = "in 5 bars..252 bars"))]
    horizon: BarCount,
    /// What a trade costs, as a share of what is traded.
    #[serde(default = "super::predict::cost")]
    #[schemars(extend("x-within" = "in 0%..100%"))]
    cost: Percent,
    /// Which model is trained.
    #[serde(default)]
    model: Kind,
    /// From what the randomness of the model follows.
    #[serde(default)]
    seed: i64,
}

pub(super) fn train(_: Pure, input: Train) -> Result<Trained, Fault> {
    let Train { bars, regime, patterns, candidates, horizon, cost, model, seed } = input;
    let candidates = Candidates::of(candidates)?;
    let windows = candidates.windows(&bars, &regime, patterns.as_ref(), horizon, cost, LEAST_WINDOWS)?;
    let fitted = model.train(&windows, u64::from_ne_bytes(seed.to_ne_bytes()))?;
    let period = bars.period().ok_or_else(|| Fault::input("there are no bars to train on"))?;
    let kept = Kept {
        format: FORMAT.to_owned(),
        version: VERSION,
        kind: model,
        features: FEATURES.iter().map(|it| it.0.to_owned()).collect(),
        horizon: horizon.0,
        trained_from: period.start,
        trained_until: period.end,
        windows: windows.iter().filter(|it| it.outcomes.is_some()).count(),
        model: &fitted,
    };
    let bytes = serde_json::to_vec(&kept).map_err(|it| Fault::permanent("the model cannot be kept").because(&it))?;
    Ok(TrainedModel {
        model: describe(kept.kind, kept.windows, kept.trained_from, kept.trained_until),
        trained_until: period.end,
        horizon: Some(horizon),
        predicts: Arc::new(fitted),
        bytes: bytes.into(),
    }
    .into())
}

fn describe(kind: Kind, windows: usize, from: Date, until: Date) -> String {
    format!("{}, trained on {windows} windows of {from}..{until}", kind.describe())
}

/// Writes a model to a file, from which `ml_strategy.load` reads it in another run.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Save {
    /// The model.
    trained: Trained,
    /// The file, within the folder in which wf runs; one that is there is replaced.
    path: String,
}

/// What was written.
#[derive(Serialize, JsonSchema)]
pub(super) struct Saved {
    /// Where it is.
    path: String,
    /// The last day that the model has seen.
    #[schemars(with = "String", extend("x-unit" = "Date"))]
    trained_until: Value,
    /// The SHA-256 of the file.
    sha256: String,
}

pub(super) fn save(grant: Writing, input: Save) -> Result<Saved, Fault> {
    use sha2::Digest as _;
    grant.file(&input.path, &input.trained.bytes)?;
    let sha256 = sha2::Sha256::digest(&input.trained.bytes).iter().map(|it| format!("{it:02x}")).collect();
    Ok(Saved { path: input.path, trained_until: Value::Date(input.trained.trained_until), sha256 })
}

/// Reads a model from a file: one that `ml_strategy.save` wrote, or a person's own in the ONNX format.
///
/// A model of another version of wf, or trained on other features, is refused. An ONNX model has one input, `features`,
/// of type float32 and shape [rows, 24], and an output `probabilities` of one or two columns, the last of them the
/// probability that the candidate of the row does better than the median candidate; `docs/models.md` says what the
/// features are and how to train one. The file, or `trained_until`, says which day is the last that it has seen.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Load {
    /// The file; a path counts from the folder in which wf runs.
    path: String,
    /// The last day that the model has seen, where its file does not say so.
    #[schemars(with = "Option<String>", extend("x-unit" = "Date"))]
    #[serde(default)]
    trained_until: Option<Value>,
}

pub(super) fn load(grant: Reading, input: Load) -> Result<Trained, Fault> {
    let said = if let Some(Value::Date(it)) = input.trained_until { Some(it) } else { None };
    Ok(read(&input.path, grant.file(&input.path)?, said)?.into())
}

/// Says whether a file can be loaded, before a run.
pub(super) fn fits(path: &Value) -> Result<(), Unfit> {
    let Value::Text(path) = path else { return Ok(()) };
    let unreadable = |error: std::io::Error| {
        let missing = error.kind() == std::io::ErrorKind::NotFound;
        let why = if missing { "there is no such file".to_owned() } else { error.to_string() };
        let note = "a path counts from the folder in which wf runs".to_owned();
        Unfit { message: format!("`{path}` cannot be read: {why}"), note }
    };
    let bytes = std::fs::read(&**path).map_err(unreadable)?;
    // The day that it was trained until may come from the call.
    read(path, bytes, Some(Date::ZERO)).map(drop)
}

fn read(path: &str, bytes: Vec<u8>, said: Option<Date>) -> Result<TrainedModel, Unfit> {
    let is_ours = bytes.iter().find(|it| !it.is_ascii_whitespace()) == Some(&b'{');
    if is_ours { own(path, bytes) } else { from_onnx(path, bytes, said) }
}

fn own(path: &str, bytes: Vec<u8>) -> Result<TrainedModel, Unfit> {
    #[derive(Deserialize)]
    struct Head {
        format: String,
        version: u32,
        features: Vec<String>,
    }
    let wrong = |note: String| Unfit { message: format!("`{path}` is no model that can be used"), note };
    let head: Head = serde_json::from_slice(&bytes).map_err(|it| wrong(format!("it is no file of a model: {it}")))?;
    if head.format != FORMAT || head.version != VERSION {
        let (its, number) = (&head.format, head.version);
        return Err(wrong(format!("it is `{its}` version {number}, and this is read: `{FORMAT}` version {VERSION}")));
    }
    let its = head.features.iter().map(String::as_str);
    if !its.eq(FEATURES.iter().map(|it| it.0)) {
        let pairs = head.features.iter().map(String::as_str).chain(std::iter::repeat("nothing"));
        let odd = FEATURES.iter().zip(pairs).find(|(own, its)| own.0 != *its);
        let odd =
            odd.map_or_else(String::new, |(own, its)| format!("; `{}` is supplied where it takes `{its}`", own.0));
        let count = head.features.len();
        return Err(wrong(format!(
            "it takes {count} features, and {} are supplied{odd}: train it anew",
            FEATURES.len()
        )));
    }
    let kept: Kept<Fitted> = serde_json::from_slice(&bytes).map_err(|it| wrong(it.to_string()))?;
    Ok(TrainedModel {
        model: describe(kept.kind, kept.windows, kept.trained_from, kept.trained_until),
        trained_until: kept.trained_until,
        horizon: Some(BarCount(kept.horizon)),
        predicts: Arc::new(kept.model),
        bytes: bytes.into(),
    })
}

fn from_onnx(path: &str, bytes: Vec<u8>, said: Option<Date>) -> Result<TrainedModel, Unfit> {
    let wrong = |note: String| Unfit { message: format!("`{path}` is no model that can be used"), note };
    let model = Onnx::read(bytes.clone()).map_err(wrong)?;
    let known = match model.said("trained_until") {
        Some(text) => {
            Some(text.parse().map_err(|_| wrong(format!("its `trained_until` is `{text}`, which is no day")))?)
        }
        None => None,
    };
    let Some(trained_until) = known.max(said) else {
        let note =
            "neither the file nor `trained_until` says which day is the last that it has seen, and nobody else knows";
        return Err(wrong(note.to_owned()));
    };
    let model_name = model.said("producer").map_or_else(String::new, |it| format!(" by {it}"));
    Ok(TrainedModel {
        model: format!("ONNX model `{path}`{model_name}, trained until {trained_until}"),
        trained_until,
        horizon: None,
        predicts: Arc::new(model),
        bytes: bytes.into(),
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may fail loudly")]

    use super::*;
    use crate::{
        market::RegimeSeries,
        slice::Cancel,
        slices::{
            ml_strategy::{onnx::tests::file, predict},
            sample::{candidates, head, moody},
        },
        strategy::StrategyChoice,
        value::BarCount,
    };

    fn pure() -> Pure {
        Pure { cancel: Cancel::default() }
    }

    fn trained(bars: &Bars, model: Kind) -> Trained {
        let input = Train {
            bars: bars.clone(),
            regime: RegimeSeries::neutral().into(),
            patterns: None,
            candidates: Some(candidates()),
            horizon: BarCount(20),
            cost: predict::cost(),
            model,
            seed: 1,
        };
        train(pure(), input).unwrap()
    }

    fn chosen(bars: &Bars, trained: &Trained) -> Result<StrategyChoice, Fault> {
        let input = Value::record([
            ("bars", Value::from(bars.clone())),
            ("regime", Shared::from(RegimeSeries::neutral()).into()),
            ("candidates", Value::list(candidates().into_iter().map(Value::from))),
            ("trained", trained.clone().into()),
        ]);
        predict::predict_best(pure(), input.to().unwrap())
    }

    #[test]
    fn a_model_that_is_kept_and_read_again_chooses_the_same() {
        let bars = moody(900, 6);
        let early = head(&bars, 600);
        for kind in [Kind::Forest, Kind::Boosted, Kind::Logistic] {
            let model = trained(&early, kind);
            let again: Trained = read("kept.json", model.bytes.to_vec(), None).unwrap().into();
            assert_eq!((&again.model, again.trained_until), (&model.model, early.period().unwrap().end));
            let (own, its) = (chosen(&bars, &model).unwrap(), chosen(&bars, &again).unwrap());
            assert_eq!(own.entries, its.entries);
            // It chooses after what it has seen only, and begins without a record.
            assert!(own.entries[0].bar >= 600 && own.entries.len() > 10, "{:?}", own.entries);
            assert!((own.entries[0].confidence - 0.5).abs() < 1e-12);
        }
    }

    #[test]
    fn what_comes_later_changes_no_choice_of_a_trained_model() {
        let bars = moody(900, 6);
        let model = trained(&head(&bars, 500), Kind::Boosted);
        let whole = chosen(&bars, &model).unwrap();
        for cut in [620, 700, 811] {
            let part = chosen(&head(&bars, cut), &model).unwrap();
            let upto: Vec<_> = whole.entries.iter().filter(|it| it.bar < cut).copied().collect();
            assert_eq!(part.entries[..], upto[..]);
        }
    }

    #[test]
    fn a_model_that_has_seen_the_future_is_refused() {
        let bars = moody(900, 6);
        let fault = chosen(&bars, &trained(&bars, Kind::Logistic)).unwrap_err();
        let last = bars.period().unwrap().end;
        let expected =
            format!("the model has seen bars up to {last} and is asked about bars up to {last}: it would know");
        assert!(fault.message.starts_with(&expected), "{fault}");
    }

    #[test]
    fn a_file_that_does_not_fit_is_named() {
        let note = |text: &str| read("m.json", text.into(), None).unwrap_err().note;
        assert!(note("{}").starts_with("it is no file of a model"), "{}", note("{}"));
        let old = r#"{"format":"wf model","version":7,"features":[]}"#;
        assert_eq!(note(old), "it is `wf model` version 7, and this is read: `wf model` version 1");
        let other = r#"{"format":"wf model","version":1,"features":["return_5","moon"]}"#;
        assert_eq!(
            note(other),
            "it takes 2 features, and 24 are supplied; `return_21` is supplied where it takes `moon`: train it anew"
        );
        let onnx = |name: &str, said: Option<Date>| {
            read(name, std::fs::read(file(name)).unwrap(), said).map(|it| it.trained_until)
        };
        let day = jiff::civil::date;
        assert!(onnx("undated.onnx", None).unwrap_err().note.starts_with("neither the file nor `trained_until`"));
        assert_eq!(onnx("undated.onnx", Some(day(2011, 1, 1))).unwrap(), day(2011, 1, 1));
        // Nobody makes a model younger than it says it is.
        assert_eq!(onnx("linear.onnx", Some(day(2001, 1, 1))).unwrap(), day(2009, 12, 31));
        assert_eq!(
            onnx("misdated.onnx", None).unwrap_err().note,
            "its `trained_until` is `last year`, which is no day"
        );
        assert!(fits(&"nowhere.onnx".into()).unwrap_err().message.starts_with("`nowhere.onnx` cannot be read"));
        assert_eq!(fits(&file("linear.onnx").as_str().into()), Ok(()));
    }
}
