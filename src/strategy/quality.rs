//! How good a model's choices were in windows that it had not seen.

use schemars::JsonSchema;
use serde::Serialize;

/// How good a model's choices were in windows that it had not seen: whether its confidence is to be believed, and by what
/// it decides.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Quality {
    /// In how many windows it chose that have ended.
    pub windows: usize,
    /// In what share of them the choice did better than the median candidate; as good counts half.
    pub hit_rate: f64,
    /// The mean squared error of the confidence (Brier score): less is better.
    pub brier: f64,
    /// That of somebody who always says the hit rate of all these windows, known in hindsight.
    pub base_brier: f64,
    /// The mean logarithmic loss of the confidence: less is better.
    pub log_loss: f64,
    /// That of somebody who always says the hit rate of all these windows.
    pub base_log_loss: f64,
    /// How often choices of each confidence did better, by rising confidence: groups of equally many windows.
    pub reliability: Vec<Reliability>,
    /// What the model's predictions lose without each feature, the greatest loss first.
    pub importance: Vec<Importance>,
}

/// How often choices of about this confidence did better than the median candidate.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Reliability {
    /// The mean confidence.
    pub predicted: f64,
    /// The share that did better.
    pub observed: f64,
    /// How many choices.
    pub count: usize,
    /// The lower end of the 95 % interval of that share (Wilson).
    pub low: f64,
    /// The upper end.
    pub high: f64,
}

/// What the predictions of a model lose where a feature is exchanged among the rows.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Importance {
    /// Which feature.
    pub feature: String,
    /// By how much the mean squared error grows, out of sample: none or less where the feature does not help.
    pub loss: f64,
    /// The standard deviation of that over the exchanges.
    pub deviation: f64,
}
