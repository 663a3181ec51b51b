//! A strategy as a value.

use std::{borrow::Cow, fmt, sync::Arc};

use schemars::JsonSchema;
use serde_json::json;

use super::Family;
use crate::{
    market::{BarSeries, Signals},
    slice::Fault,
    value::{Detail, Domain, Duration, Nominal, Shared, Value},
};

/// What decides: the checked rules of a strategy with its parameters put in.
pub trait Rules: Send + Sync + fmt::Debug {
    /// Returns how many bars it must have seen before it decides.
    fn lookback(&self) -> usize;
    /// Returns how many bars of this timeframe it must have seen; more of short ones where a rule reads a slower timeframe.
    fn lookback_on(&self, _: Duration) -> usize {
        self.lookback()
    }
    /// Returns the slower timeframes that its rules read.
    fn timeframes(&self) -> &[Duration] {
        &[]
    }
    /// Returns the strategy whatever its parameters, where they can be varied.
    fn family(&self) -> Option<Family> {
        None
    }
    /// Returns the hash of their checked meaning, without their parameters.
    fn meaning(&self) -> Cow<'_, str>;
    /// Returns its decisions at every bar, each from bars up to it.
    fn signals(&self, bars: &BarSeries) -> Result<Signals, Fault>;
}

/// Rules that say when to enter and leave, with their parameters.
#[derive(Clone, Debug, JsonSchema)]
#[schemars(rename = "Strategy")]
pub struct StrategyValue {
    /// What it is called.
    pub name: String,
    /// Its parameters: a record.
    #[schemars(skip)]
    pub params: Value,
    /// What decides.
    #[schemars(skip)]
    pub rules: Arc<dyn Rules>,
}

/// A strategy as steps share it.
pub type Strategy = Shared<StrategyValue>;

impl StrategyValue {
    /// Returns it with its parameters, as in `sma_cross(fast: 20, slow: 50)`.
    pub fn label(&self) -> String {
        let Value::Record(params) = &self.params else { return self.name.clone() };
        let params: Vec<_> = params.iter().map(|(name, value)| format!("{name}: {value}")).collect();
        format!("{}({})", self.name, params.join(", "))
    }
}

impl Domain for StrategyValue {
    fn name(&self) -> &'static str {
        Self::NAME
    }
    fn field(&self, name: &str) -> Option<Value> {
        (name == "name").then(|| self.name.as_str().into())
    }
    fn to_json(&self, detail: Detail) -> serde_json::Value {
        json!({ "name": self.name, "params": self.params.to_json(detail) })
    }
    fn encode(&self) -> Vec<u8> {
        format!("{}{}", self.rules.meaning(), self.params.to_json(Detail::Full)).into_bytes()
    }
}

impl Nominal for StrategyValue {
    const NAME: &'static str = "Strategy";
}
