//! How long indicators take over a million bars, in nanoseconds a bar, into columns that are there already. TA-Lib's C library
//! computes the same in the same run where Python has it: `python3`, or the interpreter that `WF_TALIB_PYTHON` names. It puts
//! each result into a new column, as its Python package always does.

#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    reason = "a bench may fail loudly and reads the time"
)]

use std::{collections::BTreeMap, hint::black_box, io::Write as _, process::Command, time::Instant};

use wf::market::indicators::{Inputs, find};

const BARS: usize = 1_000_000;
/// The fastest of so many is told, in each of so many rounds of both.
const REPEATS: usize = 7;
const ROUNDS: usize = 5;

/// Name, parameters, and the call of TA-Lib.
const MEASURED: &[(&str, &[f64], &str)] = &[
    ("sma", &[20.0], "SMA(c, 20)"),
    ("ema", &[20.0], "EMA(c, 20)"),
    ("rsi", &[14.0], "RSI(c, 14)"),
    ("atr", &[14.0], "ATR(h, l, c, 14)"),
    ("bbands", &[20.0, 2.0, 2.0], "BBANDS(c, 20, 2.0, 2.0)"),
    ("macd", &[12.0, 26.0, 9.0], "MACD(c)"),
    ("adx", &[14.0], "ADX(h, l, c, 14)"),
    ("stddev", &[20.0, 1.0], "STDDEV(c, 20)"),
    ("wma", &[20.0], "WMA(c, 20)"),
    ("stoch", &[14.0, 3.0, 3.0], "STOCH(h, l, c, 14, 3, 0, 3, 0)"),
    ("cci", &[14.0], "CCI(h, l, c, 14)"),
    ("mfi", &[14.0], "MFI(h, l, c, v, 14)"),
    ("highest", &[20.0], "MAX(c, 20)"),
    ("linearreg", &[14.0], "LINEARREG(c, 14)"),
    ("sar", &[0.02, 0.2], "SAR(h, l)"),
    ("obv", &[], "OBV(c, v)"),
    ("cdlengulfing", &[], "CDLENGULFING(o, h, l, c)"),
];

/// Reads the columns and prints the fastest time of each call.
const RIVAL: &str = "
import sys, time, numpy as np
from talib import *
o, h, l, c, v = np.fromfile(sys.argv[1]).reshape(5, -1)
for call in sys.argv[3:]:
    code = compile(call, 'call', 'eval')
    best = 1e9
    for _ in range(int(sys.argv[2])):
        start = time.perf_counter()
        eval(code)
        best = min(best, time.perf_counter() - start)
    print(best / len(c) * 1e9)
";

/// Returns a random walk: open, high, low, close, volume.
fn bars() -> [Vec<f64>; 5] {
    let mut state = 42_u64;
    let mut random = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as f64 / f64::from(1_u32 << 31)
    };
    let mut columns = [(); 5].map(|()| Vec::with_capacity(BARS));
    let mut close: f64 = 100.0;
    for _ in 0..BARS {
        let open = close;
        close = (close + (random() - 0.5) * 0.2).abs() + 1e-3;
        let (high, low) = (open.max(close) * (1.0 + random() * 1e-3), open.min(close) * (1.0 - random() * 1e-3));
        let bar = [open, high, low, close, (random() * 1e6).floor()];
        columns.iter_mut().zip(bar).for_each(|(column, it)| column.push(it));
    }
    columns
}

fn ours(bars: &[Vec<f64>; 5]) -> Vec<f64> {
    let [open, high, low, close, volume] = bars;
    let inputs = Inputs { values: close, other: low, open, high, low, close, volume };
    let mut columns = [(); 3].map(|()| vec![0.0; BARS]);
    let mut slots: Vec<&mut [f64]> = columns.iter_mut().map(|it| &mut it[..]).collect();
    let one = |(name, params, _): &(&str, &[f64], &str)| {
        let indicator = find(name).unwrap();
        let mut time = || {
            let start = Instant::now();
            indicator.fill(black_box(&inputs), params, &mut slots[..indicator.outputs.len()]);
            start.elapsed().as_secs_f64() / BARS as f64 * 1e9
        };
        (0..REPEATS).map(|_| time()).fold(f64::INFINITY, f64::min)
    };
    MEASURED.iter().map(one).collect()
}

fn rival(python: &str, file: &str) -> Option<Vec<f64>> {
    let calls = MEASURED.iter().map(|it| it.2);
    let said = Command::new(python).args(["-c", RIVAL, file, &REPEATS.to_string()]).args(calls).output().ok()?;
    let times: Vec<f64> = String::from_utf8(said.stdout).ok()?.lines().filter_map(|it| it.parse().ok()).collect();
    (times.len() == MEASURED.len()).then_some(times)
}

fn main() {
    let bars = bars();
    let mut file = tempfile::NamedTempFile::new().unwrap();
    for column in &bars {
        let bytes: Vec<u8> = column.iter().flat_map(|it| it.to_le_bytes()).collect();
        file.write_all(&bytes).unwrap();
    }
    let path = file.path().to_str().unwrap().to_owned();
    let python = std::env::var("WF_TALIB_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let mut best: BTreeMap<usize, (f64, f64)> = BTreeMap::new();
    let mut there = true;
    for _ in 0..ROUNDS {
        let mine = ours(&bars);
        let other = if there { rival(&python, &path) } else { None };
        there = other.is_some();
        for (at, mine) in mine.into_iter().enumerate() {
            let other = other.as_ref().map_or(f64::INFINITY, |it| it[at]);
            let best = best.entry(at).or_insert((f64::INFINITY, f64::INFINITY));
            *best = (best.0.min(mine), best.1.min(other));
        }
    }
    println!("{BARS} bars, nanoseconds a bar");
    if !there {
        println!("TA-Lib is not there: `{python}` cannot import talib (WF_TALIB_PYTHON names another interpreter)");
    }
    println!("{:<14}{:>8}{:>10}{:>8}", "", "wf", "TA-Lib", "ratio");
    for (at, (mine, other)) in best {
        println!("{:<14}{mine:>8.2}{other:>10.2}{:>7.2}x", MEASURED[at].0, other / mine);
    }
}
