//! What a trial comes to: its objective, what it breaks, and what is kept of its returns.

use rust_decimal::{Decimal, prelude::ToPrimitive as _};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::{
    market::{
        AnyMetric, Assumptions, BarSeries, Gauge, MeasureUnit, Objective, Script, Setup, Signals,
        metrics::{Sums, returns_of},
        run_signals,
    },
    slice::Fault,
    union,
    value::{Percent, Value},
};

/// A number, which Rust's types of it do not name as files do.
#[derive(Clone, Copy, Debug)]
pub(super) struct Number(Decimal);

impl TryFrom<Value> for Number {
    type Error = crate::value::Mismatch;
    fn try_from(value: Value) -> Result<Self, Self::Error> {
        crate::value::number(&value).map(Self).ok_or_else(|| crate::value::Mismatch::expected("a number", &value))
    }
}

impl JsonSchema for Number {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Decimal".into()
    }
    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "number" })
    }
}

union! {
    /// A bound of a metric, in what the metric is told.
    pub(super) enum Bound { Percent(Percent), Number(Number) }
}

/// What a metric of a trial must keep for the trial to be chosen.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Constraint {
    /// The metric.
    metric: AnyMetric,
    /// What it must at least be.
    at_least: Option<Bound>,
    /// What it may at most be.
    at_most: Option<Bound>,
}

/// A constraint whose bounds are in the unit of its metric.
pub(super) struct Rule {
    metric: AnyMetric,
    least: Option<f64>,
    most: Option<f64>,
}

impl Constraint {
    /// Returns the rule that it says.
    ///
    /// # Errors
    /// No bound at all, or one in another unit than the metric's.
    pub fn rule(&self) -> Result<Rule, Fault> {
        let name = self.metric.name();
        if self.at_least.is_none() && self.at_most.is_none() {
            return Err(Fault::input(format_args!(
                "the constraint of `{name}` says neither `at_least` nor `at_most`: give one of them"
            )));
        }
        let read = |bound: &Bound| match (bound, self.metric.measure().unit) {
            (Bound::Percent(it), MeasureUnit::Percent) => Ok(it.0.to_f64().unwrap_or(f64::NAN)),
            (Bound::Number(it), MeasureUnit::Number) => Ok(it.0.to_f64().unwrap_or(f64::NAN)),
            (Bound::Number(it), _) => Err(Fault::input(format_args!("`{name}` is a percent: write `{}%`", it.0))),
            (Bound::Percent(it), _) => Err(Fault::input(format_args!("`{name}` is a number, `{it}` is a percent"))),
        };
        Ok(Rule {
            metric: self.metric,
            least: self.at_least.as_ref().map(read).transpose()?,
            most: self.at_most.as_ref().map(read).transpose()?,
        })
    }
}

impl Rule {
    /// Says how a trial breaks it, where it does. An undefined metric keeps no bound.
    fn broken(&self, gauge: &Gauge<'_>) -> Option<String> {
        let name = self.metric.name();
        let Some(value) = gauge.measured(self.metric.measure()) else { return Some(format!("`{name}` is undefined")) };
        let told = |it: f64| {
            let exact = Decimal::try_from(it).unwrap_or_default().round_dp(6).normalize();
            match self.metric.measure().unit {
                MeasureUnit::Percent => Percent(exact).to_string(),
                MeasureUnit::Number => exact.to_string(),
            }
        };
        let below = self.least.filter(|it| value < *it).map(|it| ("below", it));
        let (how, bound) = below.or_else(|| self.most.filter(|it| value > *it).map(|it| ("above", it)))?;
        Some(format!("`{name}` is {}, {how} {}", told(value), told(bound)))
    }
}

/// What a trial came to.
#[derive(Clone, Debug)]
pub(super) struct Tried {
    /// The objective, where it is defined, be the trial chosen or not.
    pub objective: Option<f64>,
    pub total_return: Option<f64>,
    pub trades: usize,
    /// Why it is not to be chosen, where it is not.
    pub problem: Option<String>,
    /// Whether it ran at all: a set that makes no strategy is no trial.
    pub ran: bool,
    /// The sums of its returns, by part.
    pub sums: Vec<Sums>,
}

impl Tried {
    /// Returns what a set comes to that cannot be tried.
    pub fn refused(why: String) -> Self {
        Self { objective: None, total_return: None, trades: 0, problem: Some(why), ran: false, sums: Vec::new() }
    }

    /// Returns the objective where the trial may be chosen.
    pub fn value(&self) -> Option<f64> {
        self.objective.filter(|_| self.problem.is_none())
    }
}

/// By what trials are judged.
pub(super) struct Judge<'a> {
    pub bars: &'a BarSeries,
    pub setup: &'a Setup,
    pub made: &'a Assumptions<'a>,
    pub objective: Objective,
    pub rules: &'a [Rule],
    /// Where the parts of the returns begin, and where the last one ends.
    pub edges: &'a [usize],
}

impl Judge<'_> {
    /// Replays the decisions of a set of parameters.
    pub fn judge(&self, signals: &Signals) -> Tried {
        let script =
            Script { signals: std::slice::from_ref(signals), turns: &[(0, 0)], shares: None, start: self.bars.warmup };
        let outcome = match run_signals(self.bars, &script, self.setup) {
            Ok(it) => it,
            Err(why) => return Tried::refused(why.to_string()),
        };
        let gauge = Gauge::new(&outcome, self.made);
        let objective = gauge.measured(self.objective.measure());
        let problem = self.rules.iter().find_map(|it| it.broken(&gauge));
        Tried {
            objective,
            total_return: AnyMetric::find("total_return").and_then(|it| gauge.measured(it.measure())),
            trades: gauge.trades(),
            problem,
            ran: true,
            sums: self.sums(gauge.curve()),
        }
    }

    fn sums(&self, curve: &[f64]) -> Vec<Sums> {
        let returns = returns_of(curve);
        // An order that filled at the very first close brings one return more, before those of all others.
        let wanted = self.edges.last().copied().unwrap_or(0);
        let returns = returns.get(returns.len().saturating_sub(wanted)..).unwrap_or_default();
        let part = |ends: &[usize]| match ends {
            [from, to] => Sums::of(returns.get(*from..*to).unwrap_or_default()),
            _ => Sums::default(),
        };
        self.edges.windows(2).map(part).collect()
    }
}
