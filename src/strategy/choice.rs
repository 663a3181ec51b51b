//! Which strategy suits: a series over bars.

use std::sync::Arc;

use schemars::JsonSchema;
use serde_json::json;

use super::{Quality, Strategy};
use crate::{
    market::Bars,
    value::{Detail, Domain, Nominal, Percent, Shared, Value},
};

/// What was chosen at one bar, from bars up to it; in force until the next entry.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ChoiceAt {
    /// The bar.
    pub bar: usize,
    /// Which of the candidates.
    pub candidate: usize,
    /// How sure the choice is, from 0 to 1.
    pub confidence: f64,
}

/// Which strategy suits, for each window of bars: an entry at bar t uses bars up to t and nothing else.
#[derive(Clone, Debug, JsonSchema)]
#[schemars(rename = "StrategyChoice")]
pub struct ChoiceSeries {
    /// The bars that it was chosen on, where there are any.
    pub bars: Option<Bars>,
    /// The strategy in force at the last bar.
    pub strategy: Strategy,
    /// How sure the last choice is.
    pub confidence: Percent,
    /// How often the chosen strategy did better than the median candidate in windows the model had not seen.
    pub out_of_sample_accuracy: Option<Percent>,
    /// What made the choice.
    pub model: String,
    /// How good its choices were in windows the model had not seen: whether its confidence is to be believed.
    pub quality: Option<Quality>,
    /// What it chose from.
    #[schemars(skip)]
    pub candidates: Arc<[Strategy]>,
    /// The choices, by rising bar; none before the first.
    #[schemars(skip)]
    pub entries: Arc<[ChoiceAt]>,
}

/// A choice as steps share it.
pub type StrategyChoice = Shared<ChoiceSeries>;

impl ChoiceSeries {
    /// Returns the choice in force at a bar, where there is one yet.
    pub fn at(&self, bar: usize) -> Option<ChoiceAt> {
        let after = self.entries.partition_point(|it| it.bar <= bar);
        self.entries.get(after.checked_sub(1)?).copied()
    }
}

impl Domain for ChoiceSeries {
    fn name(&self) -> &'static str {
        Self::NAME
    }
    fn field(&self, name: &str) -> Option<Value> {
        Some(match name {
            "bars" => self.bars.clone().map_or(Value::None, Value::from),
            "strategy" => self.strategy.clone().into(),
            "confidence" => self.confidence.into(),
            "out_of_sample_accuracy" => self.out_of_sample_accuracy.map_or(Value::None, Value::from),
            "model" => self.model.as_str().into(),
            "quality" => Value::of(&self.quality).ok()?,
            _ => return None,
        })
    }
    fn to_json(&self, detail: Detail) -> serde_json::Value {
        json!({
            "strategy": self.strategy.to_json(detail),
            "confidence": self.confidence.to_string(),
            "out_of_sample_accuracy": self.out_of_sample_accuracy.map(|it| it.to_string()),
            "model": self.model,
            "quality": self.quality,
            "candidates": self.candidates.iter().map(|it| it.label()).collect::<Vec<_>>(),
            "choices": self.entries.len(),
        })
    }
    fn encode(&self) -> Vec<u8> {
        let candidates = self.candidates.iter().flat_map(|it| it.encode());
        let entries = self.entries.iter().flat_map(|it| {
            let numbers = [it.bar.to_le_bytes(), it.candidate.to_le_bytes(), it.confidence.to_le_bytes()];
            numbers.into_iter().flatten()
        });
        candidates.chain(entries).collect()
    }
}

impl Nominal for ChoiceSeries {
    const NAME: &'static str = "StrategyChoice";
}
