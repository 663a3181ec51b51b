//! Every indicator equals TA-Lib's to 1e-9, starts at the same bar, and gives the same bits bar by bar as in columns.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use wf::market::indicators::{Column, Indicator, Inputs, Sample, all, find};

/// The bars of a series: open, high, low, close, volume.
#[derive(Clone, Debug, Default)]
struct Bars([Vec<f64>; 5]);

impl Bars {
    fn inputs(&self) -> Inputs<'_> {
        let [open, high, low, close, volume] = &self.0;
        Inputs { values: close, other: low, open, high, low, close, volume }
    }

    fn of<'a>(&'a self, indicator: &Indicator) -> Inputs<'a> {
        self.inputs().with(indicator.inputs, &[])
    }

    fn samples(&self, indicator: &Indicator) -> impl Iterator<Item = Sample> {
        let [open, high, low, close, volume] = &self.0;
        let first = indicator.inputs.contains(&Column::First);
        (0..close.len()).map(move |at| Sample {
            values: if first { high[at] } else { close[at] },
            other: low[at],
            open: open[at],
            high: high[at],
            low: low[at],
            close: close[at],
            volume: volume[at],
        })
    }
}

fn series() -> BTreeMap<String, Bars> {
    let mut reader = csv::Reader::from_reader(&include_bytes!("../../golden/series.csv")[..]);
    let mut all: BTreeMap<String, Bars> = BTreeMap::new();
    for row in reader.records().map(Result::unwrap) {
        let bars = all.entry(row[0].to_owned()).or_default();
        bars.0.iter_mut().zip(row.iter().skip(1)).for_each(|(column, it)| column.push(it.parse().unwrap()));
    }
    all
}

fn numbers(text: &str) -> Vec<f64> {
    text.split_whitespace().map(|it| it.parse().unwrap()).collect()
}

/// Returns the bars and values that a row of the golden file tells of a column of so many bars.
fn told(indicator: &str, first: usize, values: &str, length: usize) -> Vec<(usize, f64)> {
    if indicator.starts_with("cdl") {
        let mut column = vec![0.0; length];
        for it in values.split_whitespace() {
            let (bar, value) = it.split_once(':').unwrap();
            column[bar.parse::<usize>().unwrap()] = value.parse().unwrap();
        }
        return column.into_iter().enumerate().skip(first).collect();
    }
    let bars = (first..length).filter(|at| *at < first + 10 || (at - first).is_multiple_of(7) || *at == length - 1);
    let (bars, values): (Vec<_>, _) = (bars.collect(), numbers(values));
    assert_eq!(bars.len(), values.len(), "{indicator}");
    bars.into_iter().zip(values).collect()
}

#[test]
fn equal_to_ta_lib_on_every_series_at_every_setting() {
    let series = series();
    let (mut wrong, mut settings) = (Vec::new(), BTreeMap::<String, BTreeSet<String>>::new());
    let mut reader = csv::Reader::from_reader(&include_bytes!("../../golden/talib.csv")[..]);
    for row in reader.records().map(Result::unwrap) {
        let (on, name, at, first) = (&row[0], &row[1], row[3].parse::<usize>().unwrap(), row[4].parse().unwrap());
        let indicator = find(name).unwrap_or_else(|| panic!("no indicator `{name}`"));
        let params = indicator.parameters(&numbers(&row[2])).unwrap();
        settings.entry(name.to_owned()).or_default().insert(row[2].to_owned());
        assert_eq!(indicator.lookback(&params), first, "the first value of {name} {params:?}");
        let column = indicator.compute(&series[on].of(indicator), &params).remove(at);
        assert!(column.iter().take(first).all(|it| it.is_nan()), "{name} {params:?} has a value before its first");
        for (bar, wanted) in told(name, first, &row[5], column.len()) {
            let found = column[bar];
            if found.is_nan() || (found - wanted).abs() > 1e-9 * wanted.abs().max(1.0) {
                wrong.push(format!("{name} {params:?}, output {at} of {on} at {bar}: {found}, TA-Lib has {wanted}"));
                break;
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    for indicator in all() {
        let count = settings.get(indicator.name).map_or(0, BTreeSet::len);
        assert!(count >= indicator.params.len().clamp(1, 2), "`{}` is compared at {count} settings", indicator.name);
    }
}

/// Returns bars that are as good as any: walks, still stretches, equal prices, spikes, and gaps of a price or a whole bar.
fn bars() -> impl Strategy<Value = Bars> {
    let step = prop_oneof![6 => -2.0..2.0, 2 => Just(0.0), 1 => -60.0..60.0];
    let bar = (step, 0.0..1.0, 0.0..1.0, 0_u32..5_000, 0_u8..60);
    prop::collection::vec(bar, 0..260).prop_map(|rows| {
        let mut price: f64 = 100.0;
        let mut bars = Bars::default();
        for (step, up, down, volume, gap) in rows {
            let (open, step): (f64, f64) = (price, step);
            price = (price + step).abs() + 0.01;
            let (high, low) = (open.max(price) + up, open.min(price) - down);
            let mut bar = [open, high, low, price, f64::from(volume)];
            match gap {
                0 => bar = [f64::NAN; 5],
                1 => bar[usize::from(gap) + volume as usize % 4] = f64::NAN,
                2 => bar[volume as usize % 4] = f64::INFINITY,
                3 => (bar[1], bar[2]) = (price, price),
                _ => {}
            }
            bars.0.iter_mut().zip(bar).for_each(|(column, it)| column.push(it));
        }
        bars
    })
}

/// Returns parameters in their ranges, periods short enough for the bars.
fn settings(indicator: &Indicator, seeds: &[u32]) -> Vec<f64> {
    let one = |(param, seed): (&wf::market::indicators::Param, &u32)| {
        if param.whole {
            (param.min + f64::from(seed % 24)).min(param.max)
        } else {
            (param.default * f64::from(1 + seed % 3)).min(param.max)
        }
    };
    indicator.params.iter().zip(seeds).map(one).collect()
}

fn same(a: f64, b: f64) -> bool {
    a.to_bits() == b.to_bits() || a.is_nan() && b.is_nan()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn a_stream_gives_the_bits_of_the_column(bars in bars(), seeds in prop::collection::vec(0_u32..1_000, 6)) {
        for indicator in all() {
            let params = settings(indicator, &seeds);
            let params = indicator.parameters(&params).unwrap();
            let columns = indicator.compute(&bars.of(indicator), &params);
            let mut stream = indicator.stream(&params);
            for (bar, sample) in bars.samples(indicator).enumerate() {
                let given = stream.push(&sample);
                for (at, column) in columns.iter().enumerate() {
                    let value = given.map_or(f64::NAN, |it| it[at]);
                    prop_assert!(
                        same(value, column[bar]),
                        "{} {params:?} at {bar}: {value} streamed, {} in the column", indicator.name, column[bar]
                    );
                }
            }
        }
    }

    #[test]
    fn behind_a_gap_it_starts_anew(bars in bars(), seeds in prop::collection::vec(0_u32..1_000, 6)) {
        for indicator in all() {
            let params = indicator.parameters(&settings(indicator, &seeds)).unwrap();
            let columns = indicator.compute(&bars.of(indicator), &params);
            let lookback = indicator.lookback(&params);
            let length = columns[0].len();
            let read = |it: &Column| match it {
                Column::Open => 0,
                Column::High | Column::First => 1,
                Column::Low | Column::Second => 2,
                Column::Close | Column::Values => 3,
                Column::Volume => 4,
            };
            let gap = |bar: usize| indicator.inputs.iter().any(|it| !bars.0[read(it)][bar].is_finite());
            let mut since = 0;
            for bar in 0..length {
                since = if gap(bar) { 0 } else { since + 1 };
                for column in &columns {
                    prop_assert_eq!(column[bar].is_nan(), since <= lookback, "{} {:?} at {}", indicator.name, params, bar);
                }
            }
        }
    }
}

/// A run of bars longer than the blocks in which columns are gone through, with a gap at every place of a block's edge.
#[test]
fn gaps_at_the_edges_of_blocks_are_gaps() {
    let mut bars = series().remove("candles").unwrap();
    for bar in [0, 1, 511, 512, 513, 1_023, 1_024, 2_047, 2_999] {
        bars.0.iter_mut().for_each(|it| it[bar] = f64::NAN);
    }
    for indicator in all() {
        let params = indicator.parameters(&[]).unwrap();
        let columns = indicator.compute(&bars.of(indicator), &params);
        let mut stream = indicator.stream(&params);
        for (bar, sample) in bars.samples(indicator).enumerate() {
            let given = stream.push(&sample);
            for (at, column) in columns.iter().enumerate() {
                assert!(same(given.map_or(f64::NAN, |it| it[at]), column[bar]), "{} at {bar}", indicator.name);
            }
        }
    }
}

#[test]
fn the_reference_is_current() {
    let there = std::fs::read_to_string("docs/indicators.md").unwrap_or_default();
    assert!(
        there == wf::market::indicators::page(),
        "docs/indicators.md is not current: run `cargo run -- explain indicators --write docs/indicators.md`"
    );
}
