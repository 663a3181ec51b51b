//! The table of all indicators: names, parameters, inputs and outputs, for strategies, the catalogue and the docs.

use std::fmt;

use super::{
    average, band, candle, momentum, oscillator, price, range,
    state::{Column, Inputs, Kind, Of, Row as _, State, Stream},
    statistics, trend, volume,
};

/// A parameter of an indicator.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Param {
    /// Its name.
    pub name: &'static str,
    /// What it is where it is not said.
    pub default: f64,
    /// The least it may be.
    pub min: f64,
    /// The most it may be.
    pub max: f64,
    /// Whether it is a whole number, as numbers of bars are.
    pub whole: bool,
}

/// An output of an indicator.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Output {
    /// Its name.
    pub name: &'static str,
    /// What its values are counted in.
    pub unit: &'static str,
    /// From the least to the greatest that its values can be.
    pub reach: (f64, f64),
}

/// An indicator: what it is called and how it is computed.
#[derive(Clone, Copy)]
pub struct Indicator {
    /// TA-Lib's name in lower case.
    pub name: &'static str,
    /// Other names of it.
    pub aliases: &'static [&'static str],
    /// What it is, in a sentence.
    pub doc: &'static str,
    /// How it is computed.
    pub formula: &'static str,
    /// Who defined it.
    pub source: &'static str,
    /// The columns that it reads.
    pub inputs: &'static [Column],
    /// Its parameters, in the order in which they are given.
    pub params: &'static [Param],
    /// Its outputs, in the order in which they are computed.
    pub outputs: &'static [Output],
    lookback: fn(&[f64]) -> usize,
    kind: &'static dyn Kind,
}

/// Indicators of a kind.
#[derive(Clone, Copy, Debug)]
pub struct Group {
    /// What they have in common.
    pub title: &'static str,
    /// They.
    pub indicators: &'static [Indicator],
}

/// All indicators by what they tell.
pub const GROUPS: &[Group] = &[
    Group { title: "Averages", indicators: average::ALL },
    Group { title: "Bands and channels", indicators: band::ALL },
    Group { title: "Momentum", indicators: momentum::ALL },
    Group { title: "Oscillators", indicators: oscillator::ALL },
    Group { title: "Trend", indicators: trend::ALL },
    Group { title: "Volatility", indicators: range::ALL },
    Group { title: "Volume", indicators: volume::ALL },
    Group { title: "Prices", indicators: price::ALL },
    Group { title: "Statistics", indicators: statistics::ALL },
    Group { title: "Candlestick patterns: one candle", indicators: candle::ONE },
    Group { title: "Candlestick patterns: several candles", indicators: candle::SEVERAL },
];

/// Returns all indicators.
pub fn all() -> impl Iterator<Item = &'static Indicator> {
    GROUPS.iter().flat_map(|it| it.indicators)
}

/// Returns an indicator by its name or an alias.
pub fn find(name: &str) -> Option<&'static Indicator> {
    all().find(|it| it.name == name || it.aliases.contains(&name))
}

impl Indicator {
    /// Returns one whose single output is in the unit of its input.
    pub(super) const fn new<S: State + Send + 'static, F: Fn(&[f64]) -> S + Copy + Send + Sync + 'static>(
        name: &'static str,
        doc: &'static str,
        kind: &'static Of<F>,
        lookback: fn(&[f64]) -> usize,
    ) -> Self {
        Self {
            name,
            aliases: &[],
            doc,
            formula: "",
            source: "",
            inputs: S::Row::COLUMNS,
            params: &[],
            outputs: VALUE,
            lookback,
            kind,
        }
    }

    pub(super) const fn params(self, params: &'static [Param]) -> Self {
        Self { params, ..self }
    }

    pub(super) const fn outputs(self, outputs: &'static [Output]) -> Self {
        Self { outputs, ..self }
    }

    pub(super) const fn aliases(self, aliases: &'static [&'static str]) -> Self {
        Self { aliases, ..self }
    }

    pub(super) const fn by(self, formula: &'static str, source: &'static str) -> Self {
        Self { formula, source, ..self }
    }

    /// Returns how many bars come before its first value; it takes every parameter, as `parameters` returns them.
    pub fn lookback(&self, params: &[f64]) -> usize {
        (self.lookback)(params)
    }

    /// Returns the parameters with defaults for those not given.
    ///
    /// # Errors
    /// Says which parameter is out of its range or too many.
    pub fn parameters(&self, given: &[f64]) -> Result<Vec<f64>, String> {
        if given.len() > self.params.len() {
            return Err(format!("`{}` has {} parameters, {} are given", self.name, self.params.len(), given.len()));
        }
        let defaults = self.params.iter().skip(given.len()).map(|it| it.default);
        let all: Vec<f64> = given.iter().copied().chain(defaults).collect();
        for (param, value) in self.params.iter().zip(&all) {
            if param.whole && value.fract() != 0.0 {
                return Err(format!("`{}` of `{}` is a whole number, not {value}", param.name, self.name));
            }
            if !(param.min..=param.max).contains(value) {
                let range = format!("from {} to {}", param.min, param.max);
                return Err(format!("`{}` of `{}` is {range}, not {value}", param.name, self.name));
            }
        }
        Ok(all)
    }

    /// Computes its outputs into columns: NaN where there is no value, before the first and behind a gap. A bar of which
    /// something that it reads is not finite is a gap, behind which it starts anew.
    pub fn fill(&self, inputs: &Inputs<'_>, params: &[f64], columns: &mut [&mut [f64]]) {
        self.kind.fill(params, inputs, columns);
    }

    /// Returns its outputs as columns as long as the input.
    pub fn compute(&self, inputs: &Inputs<'_>, params: &[f64]) -> Vec<Vec<f64>> {
        let mut columns = vec![vec![0.0; self.kind.length(inputs)]; self.outputs.len()];
        let mut slots: Vec<&mut [f64]> = columns.iter_mut().map(|it| &mut it[..]).collect();
        self.fill(inputs, params, &mut slots);
        columns
    }

    /// Returns it ready to take bars one at a time; the values are those of the columns to the last bit.
    pub fn stream(&self, params: &[f64]) -> Stream {
        Stream::new(self.kind.start(params), self.outputs.len())
    }

    /// Returns the price of a series that it reads where none is said, for each of its series.
    pub fn series(&self) -> impl Iterator<Item = (Column, Column)> + use<> {
        self.inputs.iter().filter_map(|it| Some((*it, it.series()?)))
    }

    /// Returns what it is called with as files write it, as in `(values: Series = close, period: Int = 14)`.
    pub fn signature(&self) -> String {
        let series = self.series().map(|(it, usual)| format!("{}: Series = {}", it.name(), usual.name()));
        let params = self.params.iter().map(|it| {
            let ty = if it.whole { "Int" } else { "Decimal" };
            format!("{}: {ty} = {}", it.name, it.default)
        });
        format!("({})", series.chain(params).collect::<Vec<_>>().join(", "))
    }
}

impl fmt::Debug for Indicator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Indicator").field("name", &self.name).finish_non_exhaustive()
    }
}

/// The most bars that a period may have, as in TA-Lib.
const MOST: f64 = 100_000.0;
const ANY: (f64, f64) = (f64::NEG_INFINITY, f64::INFINITY);

/// A single output in the unit of the input.
const VALUE: &[Output] = &[in_unit("value", PRICE)];

/// What the input is counted in.
pub(super) const PRICE: &str = "as the input";

pub(super) const fn bars(name: &'static str, default: f64, min: f64) -> Param {
    Param { name, default, min, max: MOST, whole: true }
}

pub(super) const fn real(name: &'static str, default: f64, min: f64, max: f64) -> Param {
    Param { name, default, min, max, whole: false }
}

pub(super) const fn in_unit(name: &'static str, unit: &'static str) -> Output {
    Output { name, unit, reach: ANY }
}

/// Returns an output whose values are not below zero.
pub(super) const fn positive(name: &'static str, unit: &'static str) -> Output {
    Output { name, unit, reach: (0.0, f64::INFINITY) }
}

/// Returns an output from `low` to `high`.
pub(super) const fn within(name: &'static str, unit: &'static str, low: f64, high: f64) -> Output {
    Output { name, unit, reach: (low, high) }
}

/// Returns a parameter that is a number of bars.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "parameters are checked, at least zero")]
pub(super) fn at(params: &[f64], index: usize) -> usize {
    real_at(params, index) as usize
}

/// Returns a parameter.
pub(super) fn real_at(params: &[f64], index: usize) -> f64 {
    params.get(index).copied().unwrap_or_default()
}
