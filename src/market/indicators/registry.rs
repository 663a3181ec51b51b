//! The list of all indicators: names, parameters, inputs and outputs, for strategies, the catalogue and the docs.

use super::{
    Hlc, adx, atr, bbands, cci, ema, highest, lowest, macd, mfi, minus_di, mom, natr, obv, plus_di, roc, rsi, sar, sma,
    stddev, stoch, trange, willr, wma,
};

/// A column that an indicator reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Column {
    /// Any series; the close where none is said.
    Values,
    /// First prices.
    Open,
    /// Highest prices.
    High,
    /// Lowest prices.
    Low,
    /// Last prices.
    Close,
    /// Volumes.
    Volume,
}

/// What an indicator computes on; all columns that it reads have the same length, the others may be empty.
#[derive(Clone, Copy, Debug, Default)]
pub struct Inputs<'a> {
    /// The series of an indicator of [`Column::Values`].
    pub values: &'a [f64],
    /// First prices.
    pub open: &'a [f64],
    /// Highest prices.
    pub high: &'a [f64],
    /// Lowest prices.
    pub low: &'a [f64],
    /// Last prices.
    pub close: &'a [f64],
    /// Volumes.
    pub volume: &'a [f64],
}

impl<'a> Inputs<'a> {
    /// Returns the columns of bars; the series is the close.
    pub fn of(bars: &'a crate::market::BarSeries) -> Self {
        Self {
            values: &bars.close,
            open: &bars.open,
            high: &bars.high,
            low: &bars.low,
            close: &bars.close,
            volume: &bars.volume,
        }
    }

    fn hlc(&self) -> Hlc<'a> {
        Hlc { high: self.high, low: self.low, close: self.close }
    }
}

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

/// An indicator: what it is called and how it is computed.
#[derive(Debug)]
pub struct Indicator {
    /// TA-Lib's name in lower case.
    pub name: &'static str,
    /// Other names of it.
    pub aliases: &'static [&'static str],
    /// What it is, in a sentence.
    pub doc: &'static str,
    /// The columns that it reads.
    pub inputs: &'static [Column],
    /// Its parameters, in the order in which `compute` takes them.
    pub params: &'static [Param],
    /// The names of its outputs, in the order in which `compute` gives them.
    pub outputs: &'static [&'static str],
    /// From the least to the greatest that its values can be.
    pub reach: (f64, f64),
    /// Returns how many bars come before its first value, for these parameters.
    pub lookback: fn(&[f64]) -> usize,
    /// Computes its outputs, each as long as the input, NaN before the first value; it takes
    /// every parameter, as `parameters` returns them.
    pub compute: fn(&Inputs<'_>, &[f64]) -> Vec<Vec<f64>>,
}

impl Indicator {
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
}

/// Returns an indicator by its name or an alias.
pub fn find(name: &str) -> Option<&'static Indicator> {
    ALL.iter().find(|it| it.name == name || it.aliases.contains(&name))
}

/// The most bars that a period may have, as in TA-Lib.
const MOST: f64 = 100_000.0;

/// Returns a number of bars.
const fn bars(name: &'static str, default: f64, min: f64) -> Param {
    Param { name, default, min, max: MOST, whole: true }
}

const fn real(name: &'static str, default: f64, min: f64, max: f64) -> Param {
    Param { name, default, min, max, whole: false }
}

/// Returns a parameter that is a number of bars.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the range of parameters is checked")]
fn at(params: &[f64], index: usize) -> usize {
    params.get(index).copied().unwrap_or_default() as usize
}

fn real_at(params: &[f64], index: usize) -> f64 {
    params.get(index).copied().unwrap_or_default()
}

const ANY: (f64, f64) = (f64::NEG_INFINITY, f64::INFINITY);
const PERCENT: (f64, f64) = (0.0, 100.0);
const POSITIVE: (f64, f64) = (0.0, f64::INFINITY);

const SERIES: &[Column] = &[Column::Values];
const BARS: &[Column] = &[Column::High, Column::Low, Column::Close];

/// A list entry for an indicator with one output.
const fn single(
    name: &'static str,
    doc: &'static str,
    inputs: &'static [Column],
    params: &'static [Param],
    lookback: fn(&[f64]) -> usize,
    compute: fn(&Inputs<'_>, &[f64]) -> Vec<Vec<f64>>,
) -> Indicator {
    Indicator { name, aliases: &[], doc, inputs, params, outputs: &["value"], reach: ANY, lookback, compute }
}

/// Every indicator, by family.
pub const ALL: &[Indicator] = &[
    single(
        "sma",
        "Simple moving average.",
        SERIES,
        &[bars("period", 30.0, 1.0)],
        |p| at(p, 0) - 1,
        |i, p| vec![sma(i.values, at(p, 0))],
    ),
    single(
        "ema",
        "Exponential moving average, seeded with a simple one.",
        SERIES,
        &[bars("period", 30.0, 1.0)],
        |p| at(p, 0) - 1,
        |i, p| vec![ema(i.values, at(p, 0))],
    ),
    single(
        "wma",
        "Linearly weighted moving average.",
        SERIES,
        &[bars("period", 30.0, 1.0)],
        |p| at(p, 0) - 1,
        |i, p| vec![wma(i.values, at(p, 0))],
    ),
    Indicator {
        reach: PERCENT,
        ..single(
            "rsi",
            "Relative strength index of Wilder, 0 to 100.",
            SERIES,
            &[bars("period", 14.0, 2.0)],
            |p| at(p, 0),
            |i, p| vec![rsi(i.values, at(p, 0))],
        )
    },
    single(
        "mom",
        "Change over a number of bars.",
        SERIES,
        &[bars("period", 10.0, 1.0)],
        |p| at(p, 0),
        |i, p| vec![mom(i.values, at(p, 0))],
    ),
    single(
        "roc",
        "Change over a number of bars in percent.",
        SERIES,
        &[bars("period", 10.0, 1.0)],
        |p| at(p, 0),
        |i, p| vec![roc(i.values, at(p, 0))],
    ),
    Indicator {
        outputs: &["macd", "signal", "histogram"],
        ..single(
            "macd",
            "Moving average convergence and divergence: fast EMA less slow EMA, its own EMA, and their difference.",
            SERIES,
            &[bars("fast", 12.0, 2.0), bars("slow", 26.0, 2.0), bars("signal", 9.0, 1.0)],
            |p| at(p, 0).max(at(p, 1)) + at(p, 2) - 2,
            |i, p| macd(i.values, at(p, 0), at(p, 1), at(p, 2)).into(),
        )
    },
    Indicator {
        aliases: &["bollinger"],
        outputs: &["upper", "middle", "lower"],
        ..single(
            "bbands",
            "Bollinger bands: a simple moving average and population standard deviations above and below it.",
            SERIES,
            &[bars("period", 5.0, 2.0), real("above", 2.0, 0.0, 1e3), real("below", 2.0, 0.0, 1e3)],
            |p| at(p, 0) - 1,
            |i, p| bbands(i.values, at(p, 0), real_at(p, 1), real_at(p, 2)).into(),
        )
    },
    single(
        "stddev",
        "Population standard deviation (ddof 0) of the last values.",
        SERIES,
        &[bars("period", 5.0, 2.0), real("deviations", 1.0, -1e3, 1e3)],
        |p| at(p, 0) - 1,
        |i, p| vec![stddev(i.values, at(p, 0), real_at(p, 1))],
    ),
    Indicator {
        aliases: &["max"],
        ..single(
            "highest",
            "Highest of the last values.",
            SERIES,
            &[bars("period", 30.0, 1.0)],
            |p| at(p, 0) - 1,
            |i, p| vec![highest(i.values, at(p, 0))],
        )
    },
    Indicator {
        aliases: &["min"],
        ..single(
            "lowest",
            "Lowest of the last values.",
            SERIES,
            &[bars("period", 30.0, 1.0)],
            |p| at(p, 0) - 1,
            |i, p| vec![lowest(i.values, at(p, 0))],
        )
    },
    Indicator {
        reach: POSITIVE,
        aliases: &["true_range"],
        ..single(
            "trange",
            "True range: the swing of a bar, a gap to the close before included.",
            BARS,
            &[],
            |_| 1,
            |i, _| vec![trange(i.hlc())],
        )
    },
    Indicator {
        reach: POSITIVE,
        ..single(
            "atr",
            "Average true range of Wilder.",
            BARS,
            &[bars("period", 14.0, 1.0)],
            |p| at(p, 0),
            |i, p| vec![atr(i.hlc(), at(p, 0))],
        )
    },
    Indicator {
        reach: POSITIVE,
        ..single(
            "natr",
            "Average true range in percent of the close.",
            BARS,
            &[bars("period", 14.0, 1.0)],
            |p| at(p, 0),
            |i, p| vec![natr(i.hlc(), at(p, 0))],
        )
    },
    Indicator {
        reach: PERCENT,
        outputs: &["k", "d"],
        ..single(
            "stoch",
            "Slow stochastic oscillator: where the close stands in its recent range, smoothed, and smoothed again.",
            BARS,
            &[bars("fast_k", 14.0, 1.0), bars("slow_k", 3.0, 1.0), bars("slow_d", 3.0, 1.0)],
            |p| at(p, 0) + at(p, 1) + at(p, 2) - 3,
            |i, p| stoch(i.hlc(), at(p, 0), at(p, 1), at(p, 2)).into(),
        )
    },
    Indicator {
        reach: (-100.0, 0.0),
        ..single(
            "willr",
            "Williams' %R: how far the close is below the recent high, -100 to 0.",
            BARS,
            &[bars("period", 14.0, 2.0)],
            |p| at(p, 0) - 1,
            |i, p| vec![willr(i.hlc(), at(p, 0))],
        )
    },
    single(
        "cci",
        "Commodity channel index.",
        BARS,
        &[bars("period", 14.0, 2.0)],
        |p| at(p, 0) - 1,
        |i, p| vec![cci(i.hlc(), at(p, 0))],
    ),
    Indicator {
        reach: PERCENT,
        ..single(
            "adx",
            "Average directional index of Wilder: how strong a trend is.",
            BARS,
            &[bars("period", 14.0, 2.0)],
            |p| 2 * at(p, 0) - 1,
            |i, p| vec![adx(i.hlc(), at(p, 0))],
        )
    },
    Indicator {
        reach: PERCENT,
        ..single(
            "plus_di",
            "Positive directional indicator of Wilder.",
            BARS,
            &[bars("period", 14.0, 2.0)],
            |p| at(p, 0),
            |i, p| vec![plus_di(i.hlc(), at(p, 0))],
        )
    },
    Indicator {
        reach: PERCENT,
        ..single(
            "minus_di",
            "Negative directional indicator of Wilder.",
            BARS,
            &[bars("period", 14.0, 2.0)],
            |p| at(p, 0),
            |i, p| vec![minus_di(i.hlc(), at(p, 0))],
        )
    },
    Indicator {
        aliases: &["psar"],
        ..single(
            "sar",
            "Parabolic stop and reverse of Wilder.",
            &[Column::High, Column::Low],
            &[real("acceleration", 0.02, 0.0, 1.0), real("maximum", 0.2, 0.0, 1.0)],
            |_| 1,
            |i, p| vec![sar(i.high, i.low, real_at(p, 0), real_at(p, 1))],
        )
    },
    single(
        "obv",
        "On-balance volume.",
        &[Column::Close, Column::Volume],
        &[],
        |_| 0,
        |i, _| vec![obv(i.close, i.volume)],
    ),
    Indicator {
        reach: PERCENT,
        ..single(
            "mfi",
            "Money flow index, 0 to 100.",
            &[Column::High, Column::Low, Column::Close, Column::Volume],
            &[bars("period", 14.0, 2.0)],
            |p| at(p, 0),
            |i, p| vec![mfi(i.hlc(), i.volume, at(p, 0))],
        )
    },
];
