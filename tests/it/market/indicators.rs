//! Every indicator equals TA-Lib's to 1e-9 and starts at the same bar.

use wf::market::indicators::{Inputs, all, find};

use super::golden::column;

struct Bars {
    open: Vec<f64>,
    high: Vec<f64>,
    low: Vec<f64>,
    close: Vec<f64>,
    volume: Vec<f64>,
}

impl Bars {
    fn golden() -> Self {
        let [open, high, low, close, volume] = ["open", "high", "low", "close", "volume"].map(column);
        Self { open, high, low, close, volume }
    }

    fn inputs(&self, length: usize) -> Inputs<'_> {
        Inputs {
            values: &self.close[..length],
            other: &self.open[..length],
            open: &self.open[..length],
            high: &self.high[..length],
            low: &self.low[..length],
            close: &self.close[..length],
            volume: &self.volume[..length],
        }
    }
}

/// The golden columns: indicator, parameters, and the column of each output.
const GOLDEN: &[(&str, &[f64], &[&str])] = &[
    ("sma", &[20.0], &["sma20"]),
    ("ema", &[20.0], &["ema20"]),
    ("wma", &[10.0], &["wma10"]),
    ("rsi", &[14.0], &["rsi14"]),
    ("atr", &[14.0], &["atr14"]),
    ("macd", &[12.0, 26.0, 9.0], &["macd", "macd_sig", "macd_hist"]),
    ("bbands", &[20.0, 2.0, 2.0], &["bb_u", "bb_m", "bb_l"]),
    ("adx", &[14.0], &["adx14"]),
    ("plus_di", &[14.0], &["pdi14"]),
    ("minus_di", &[14.0], &["mdi14"]),
    ("stoch", &[14.0, 3.0, 3.0], &["stoch_k", "stoch_d"]),
    ("cci", &[20.0], &["cci20"]),
    ("obv", &[], &["obv"]),
    ("mfi", &[14.0], &["mfi14"]),
    ("roc", &[10.0], &["roc10"]),
    ("willr", &[14.0], &["willr14"]),
    ("sar", &[0.02, 0.2], &["psar"]),
];

fn first(values: &[f64]) -> usize {
    values.iter().position(|it| !it.is_nan()).unwrap()
}

#[test]
fn equal_to_ta_lib_with_the_same_first_value() {
    let bars = Bars::golden();
    for (name, params, outputs) in GOLDEN {
        let indicator = find(name).unwrap();
        let found = indicator.compute(&bars.inputs(400), params);
        assert_eq!(found.len(), outputs.len(), "{name}");
        for (values, output) in found.iter().zip(*outputs) {
            let wanted = column(output);
            assert_eq!(values.len(), wanted.len(), "{output}");
            assert_eq!(first(values), first(&wanted), "the first value of {output}");
            assert_eq!(first(values), indicator.lookback(params), "the look-back of {name}");
            for (bar, (value, wanted)) in values.iter().zip(&wanted).enumerate().skip(first(&wanted)) {
                let scale = wanted.abs().max(1.0);
                assert!((value - wanted).abs() <= 1e-9 * scale, "{output} at {bar}: {value}, TA-Lib has {wanted}");
            }
        }
    }
}

#[test]
fn the_golden_file_has_no_column_that_is_not_compared() {
    let header = include_str!("../../golden/indicators.csv").lines().next().unwrap();
    let compared: Vec<_> = GOLDEN.iter().flat_map(|it| it.2.iter().copied()).collect();
    let inputs = ["date", "open", "high", "low", "close", "volume"];
    assert_eq!(header.split(',').filter(|it| !inputs.contains(it) && !compared.contains(it)).count(), 0);
    assert_eq!(compared.len(), 22);
}

/// What has no golden column, computed the slow way from its definition.
#[test]
fn equal_to_the_definition_where_there_is_no_golden_column() {
    let bars = Bars::golden();
    let compute = |name: &str, params: &[f64]| find(name).unwrap().compute(&bars.inputs(400), params).remove(0);
    let close =
        |value: f64, wanted: f64, what: &str| assert!((value - wanted).abs() < 1e-9, "{what}: {value} {wanted}");
    for period in [1, 2, 7, 14, 399, 400] {
        let (highest, lowest) = (compute("highest", &[period as f64]), compute("lowest", &[period as f64]));
        let mut deviations = vec![];
        if period > 1 {
            deviations = compute("stddev", &[period as f64, 1.0]);
        }
        assert_eq!(first(&highest), period - 1);
        for bar in period - 1..400 {
            let window = &bars.close[bar + 1 - period..=bar];
            assert_eq!(highest[bar], window.iter().copied().fold(f64::MIN, f64::max), "{period} {bar}");
            assert_eq!(lowest[bar], window.iter().copied().fold(f64::MAX, f64::min), "{period} {bar}");
            if period > 1 {
                let mean = window.iter().sum::<f64>() / period as f64;
                let variance = window.iter().map(|it| (it - mean).powi(2)).sum::<f64>() / period as f64;
                close(deviations[bar], variance.sqrt(), "stddev");
            }
        }
    }
    let (mom, natr, atr, trange) =
        (compute("mom", &[10.0]), compute("natr", &[14.0]), compute("atr", &[14.0]), compute("trange", &[]));
    assert_eq!((first(&mom), first(&natr), first(&trange)), (10, 14, 1));
    for bar in 14..400 {
        close(mom[bar], bars.close[bar] - bars.close[bar - 10], "mom");
        close(natr[bar], atr[bar] / bars.close[bar] * 100.0, "natr");
        let (high, low, before) = (bars.high[bar], bars.low[bar], bars.close[bar - 1]);
        close(trange[bar], high.max(before) - low.min(before), "trange");
    }
}

/// A value at a bar uses bars up to it and nothing else; too few bars give nothing but NaN.
#[test]
fn what_comes_later_changes_nothing() {
    let bars = Bars::golden();
    for indicator in all() {
        let params = indicator.parameters(&[]).unwrap();
        let whole = indicator.compute(&bars.inputs(400), &params);
        for length in [0, 1, 2, 3, 13, 14, 15, 16, 17, 27, 28, 29, 33, 34, 100, 399] {
            let part = indicator.compute(&bars.inputs(length), &params);
            assert_eq!(part.len(), indicator.outputs.len());
            for (part, whole) in part.iter().zip(&whole) {
                assert_eq!(part.len(), length, "{}", indicator.name);
                for (bar, (a, b)) in part.iter().zip(whole).enumerate() {
                    assert!(a.to_bits() == b.to_bits() || a.is_nan() && b.is_nan(), "{} at {bar}", indicator.name);
                    assert_eq!(a.is_nan(), bar < indicator.lookback(&params), "{} at {bar}", indicator.name);
                }
            }
        }
    }
}

#[test]
fn flat_prices_give_zero_not_nan() {
    let flat = vec![50.1; 60];
    let volume = vec![0.0; 60];
    let inputs =
        Inputs { values: &flat, other: &flat, open: &flat, high: &flat, low: &flat, close: &flat, volume: &volume };
    for (name, wanted) in [("rsi", 0.0), ("stoch", 0.0), ("willr", 0.0), ("adx", 0.0), ("plus_di", 0.0), ("mfi", 0.0)] {
        let indicator = find(name).unwrap();
        let last = indicator.compute(&inputs, &indicator.parameters(&[]).unwrap())[0][59];
        assert_eq!(last, wanted, "{name}");
    }
}

#[test]
fn parameters_have_names_defaults_and_ranges() {
    let macd = find("macd").unwrap();
    assert_eq!(macd.parameters(&[5.0]), Ok(vec![5.0, 26.0, 9.0]));
    assert_eq!(macd.parameters(&[5.5]), Err("`fast` of `macd` is a whole number, not 5.5".into()));
    assert_eq!(find("rsi").unwrap().parameters(&[1.0]), Err("`period` of `rsi` is from 2 to 100000, not 1".into()));
    assert!(find("obv").unwrap().parameters(&[1.0]).is_err());
    assert_eq!(find("bollinger").map(|it| it.name), Some("bbands"));
}

/// Running sums lose digits; over many bars they must not lose those that are promised.
#[test]
fn long_series_stay_exact() {
    let mut state = 42_u64;
    let mut price = 100.0;
    let values: Vec<f64> = (0..60_000)
        .map(|_| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            price *= 1.0 + ((state >> 33) as f64 / f64::from(1_u32 << 31) - 0.5) * 1e-3;
            price
        })
        .collect();
    let inputs = Inputs { values: &values, ..Inputs::default() };
    let compute = |name: &str, params: &[f64]| find(name).unwrap().compute(&inputs, params);
    let (mean, weighted) = (compute("sma", &[20.0]).remove(0), compute("wma", &[20.0]).remove(0));
    let (deviation, bands) = (compute("stddev", &[20.0, 1.0]).remove(0), compute("bbands", &[20.0, 2.0, 2.0]));
    for (bar, window) in values.windows(20).enumerate().map(|(at, it)| (at + 19, it)) {
        let exact = window.iter().sum::<f64>() / 20.0;
        let variance = window.iter().map(|it| (it - exact).powi(2)).sum::<f64>() / 20.0;
        let weights = window.iter().zip(1..).map(|(it, weight)| it * f64::from(weight)).sum::<f64>() / 210.0;
        assert!((mean[bar] - exact).abs() < 1e-9, "sma at {bar}");
        assert!((weighted[bar] - weights).abs() < 1e-9, "wma at {bar}");
        assert!((deviation[bar] - variance.sqrt()).abs() < 1e-9, "stddev at {bar}");
        assert!((bands[0][bar] - exact - 2.0 * variance.sqrt()).abs() < 1e-9, "bbands at {bar}");
    }
}
