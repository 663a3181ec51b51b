//! `analyze.indicators`.

use std::sync::Arc;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::{
    market::{
        Bars,
        indicators::{Indicator, Inputs, all, find},
    },
    slice::{Fault, Pure},
    value::{Detail, Domain, Nominal, Shared, Value},
};

/// Indicators over bars: columns of one value a bar.
#[derive(Clone, Debug, JsonSchema)]
#[schemars(rename = "Indicators")]
pub struct IndicatorColumns {
    /// The bars.
    pub bars: Bars,
    /// Each at the last bar.
    pub latest: Vec<Latest>,
    /// Each over all bars, in the order of `latest`; NaN before its first value.
    #[schemars(skip)]
    pub columns: Vec<Arc<[f64]>>,
}

/// An indicator at the last bar.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Latest {
    /// What was asked for, with every parameter and, of several outputs, which: `macd(12, 26, 9).signal`.
    pub name: String,
    /// Its value; none where there are too few bars.
    pub value: Option<f64>,
    /// The first bar with a value, from 0; none where there are too few bars.
    pub first: Option<usize>,
}

/// Returns indicators over bars, computed as TA-Lib computes them.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct IndicatorsOf {
    /// The bars, oldest first.
    bars: Bars,
    /// Which, as in `rsi` (with its defaults), `sma(20)` or `macd(12, 26, 9)`.
    names: Vec<String>,
}

pub(super) fn indicators(_: Pure, input: IndicatorsOf) -> Result<Shared<IndicatorColumns>, Fault> {
    let bars = &input.bars;
    let (mut latest, mut columns) = (Vec::new(), Vec::new());
    for spec in &input.names {
        let (indicator, params) = read(spec)?;
        let said: Vec<String> = params.iter().map(f64::to_string).collect();
        let called = if said.is_empty() {
            indicator.name.to_owned()
        } else {
            format!("{}({})", indicator.name, said.join(", "))
        };
        let outputs = indicator.compute(&Inputs::of(bars).with(indicator.inputs, &[]), &params);
        for (output, column) in indicator.outputs.iter().zip(outputs) {
            let name = if indicator.outputs.len() > 1 { format!("{called}.{}", output.name) } else { called.clone() };
            let value = column.last().copied().filter(|it| it.is_finite());
            latest.push(Latest { name, value, first: column.iter().position(|it| it.is_finite()) });
            columns.push(column.into());
        }
    }
    Ok(IndicatorColumns { bars: input.bars.clone(), latest, columns }.into())
}

/// Reads what is asked for, as in `sma(20)`.
fn read(spec: &str) -> Result<(&'static Indicator, Vec<f64>), Fault> {
    let spec = spec.trim();
    let (name, inside) = match spec.split_once('(') {
        None => (spec, ""),
        Some((name, rest)) => match rest.strip_suffix(')') {
            Some(inside) => (name.trim_end(), inside),
            None => return Err(Fault::input(format_args!("`{spec}` lacks its closing `)`"))),
        },
    };
    let indicator = find(&name.to_lowercase()).ok_or_else(|| unknown(name))?;
    let number = |it: &str| {
        let text = it.trim();
        text.parse().map_err(|_| Fault::input(format_args!("`{text}` in `{spec}` is no number")))
    };
    let given = inside.split(',').filter(|it| !it.trim().is_empty()).map(number).collect::<Result<Vec<f64>, _>>()?;
    Ok((indicator, indicator.parameters(&given).map_err(Fault::input)?))
}

fn unknown(name: &str) -> Fault {
    let names = all().flat_map(|it| std::iter::once(&it.name).chain(it.aliases));
    let near = names.map(|it| (strsim::damerau_levenshtein(it, &name.to_lowercase()), *it)).min();
    Fault::input(match near {
        Some((distance, near)) if distance <= 2 => format!("`{name}` is no indicator; did you mean `{near}`?"),
        _ => {
            let names: Vec<_> = all().map(|it| it.name).collect();
            format!("`{name}` is no indicator; there are {}", names.join(", "))
        }
    })
}

impl Domain for IndicatorColumns {
    fn name(&self) -> &'static str {
        Self::NAME
    }
    fn field(&self, name: &str) -> Option<Value> {
        match name {
            "bars" => Some(self.bars.clone().into()),
            "latest" => Value::of(&self.latest).ok(),
            _ => None,
        }
    }
    fn to_json(&self, detail: Detail) -> serde_json::Value {
        let entry = |(latest, column): (&Latest, &Arc<[f64]>)| {
            let mut shown = json!({ "name": latest.name, "value": latest.value, "first": latest.first });
            if let (Detail::Full, Some(fields)) = (detail, shown.as_object_mut()) {
                // JSON has no NaN: what has no value is null.
                fields.insert("values".into(), column.iter().map(|it| json!(it)).collect());
            }
            shown
        };
        let all: Vec<_> = self.latest.iter().zip(&self.columns).map(entry).collect();
        json!({ "symbol": self.bars.symbol.as_str(), "indicators": all })
    }
    fn encode(&self) -> Vec<u8> {
        let names = self.latest.iter().flat_map(|it| it.name.bytes().chain([0]));
        let columns = self.columns.iter().flat_map(|it| it.iter().flat_map(|it| it.to_le_bytes()));
        self.bars.encode().into_iter().chain(names).chain(columns).collect()
    }
}

impl Nominal for IndicatorColumns {
    const NAME: &'static str = "Indicators";
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may fail loudly")]

    use super::*;
    use crate::{slice::Cancel, slices::sample::moody};

    fn of(names: &[&str]) -> Result<Shared<IndicatorColumns>, String> {
        let names = names.iter().map(|it| (*it).to_owned()).collect();
        indicators(Pure { cancel: Cancel::default() }, IndicatorsOf { bars: moody(60, 1), names })
            .map_err(|it| it.message)
    }

    #[test]
    fn computes_what_is_asked_for() {
        let all = of(&["sma(20)", " RSI ", "macd( 12,26 , 9)", "sma(100)"]).unwrap();
        let names: Vec<_> = all.latest.iter().map(|it| it.name.as_str()).collect();
        assert_eq!(names[..2], ["sma(20)", "rsi(14)"]);
        assert_eq!((all.latest[0].first, all.latest[1].first), (Some(19), Some(14)));
        assert!(names[2].starts_with("macd(12, 26, 9)."), "{names:?}");
        let mean = all.bars.close.iter().rev().take(20).sum::<f64>() / 20.0;
        assert!((all.latest[0].value.unwrap() - mean).abs() < 1e-9);
        assert_eq!(all.latest.last().unwrap().value, None);
    }

    #[test]
    fn says_what_was_meant() {
        assert_eq!(of(&["smaa(20)"]).unwrap_err(), "`smaa` is no indicator; did you mean `sma`?");
        assert_eq!(of(&["sma(20"]).unwrap_err(), "`sma(20` lacks its closing `)`");
        assert_eq!(of(&["sma(x)"]).unwrap_err(), "`x` in `sma(x)` is no number");
        assert!(of(&["sma(1, 2, 3)"]).is_err());
    }
}
