//! Made-up bars and strategies for the tests of the slices.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may fail loudly")]

use std::{borrow::Cow, sync::Arc};

use crate::{
    market::{BarSeries, Bars, Bits, Origin, Signals},
    slice::Fault,
    strategy::{Rules, Strategy, StrategyValue},
    value::{Duration, Symbol, Value},
};

/// Noise that is the same on every machine: splitmix64, and normals by adding twelve uniforms.
pub struct Noise(u64);

impl Noise {
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub fn uniform(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = self.0;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((bits ^ (bits >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
    }

    pub fn normal(&mut self) -> f64 {
        (0..12).map(|_| self.uniform()).sum::<f64>() - 6.0
    }
}

/// Returns daily bars whose closes follow these log returns, from 2000-01-03 on, with a little noise within each bar.
pub fn bars_of(symbol: &str, returns: impl IntoIterator<Item = f64>, seed: u64) -> Bars {
    let mut noise = Noise::new(seed);
    let (mut open, mut high, mut low, mut close, mut volume) = (vec![], vec![], vec![], vec![], vec![]);
    let mut last = 100.0_f64;
    for change in returns {
        let start = last * (0.001 * noise.normal()).exp();
        last *= change.exp();
        open.push(start);
        close.push(last);
        high.push(start.max(last) * (1.0 + 0.004 * noise.uniform()));
        low.push(start.min(last) * (1.0 - 0.004 * noise.uniform()));
        volume.push(1e6 * (0.5 + noise.uniform()));
    }
    candles(symbol, &open, &high, &low, &close, &volume)
}

/// Returns daily bars of these columns.
pub fn candles(symbol: &str, open: &[f64], high: &[f64], low: &[f64], close: &[f64], volume: &[f64]) -> Bars {
    BarSeries {
        symbol: Symbol::new(symbol).unwrap(),
        timeframe: Duration::DAY,
        time: (0_i64..).zip(close).map(|(day, _)| 946_857_600 + day * 86_400).collect(),
        open: open.into(),
        high: high.into(),
        low: low.into(),
        close: close.into(),
        volume: volume.into(),
        adjusted_close: Arc::new([]),
        warmup: 0,
        notes: Arc::new([]),
        origin: Origin::default(),
    }
    .into()
}

/// Returns a market that changes its mind every 150 bars: rises calmly, drifts, falls wildly.
pub fn moody(count: usize, seed: u64) -> Bars {
    let mut noise = Noise::new(seed);
    let returns = (0..count).map(|at| {
        let (mean, sigma) = [(0.0015, 0.007), (0.0, 0.010), (-0.0025, 0.028)][(at / 150) % 3];
        mean + sigma * noise.normal()
    });
    bars_of("MOOD", returns.collect::<Vec<_>>(), seed + 1)
}

/// Returns the first bars of a series.
pub fn head(bars: &Bars, count: usize) -> Bars {
    let cut = |it: &Arc<[f64]>| -> Arc<[f64]> { it.iter().take(count).copied().collect() };
    BarSeries {
        time: bars.time.iter().take(count).copied().collect(),
        open: cut(&bars.open),
        high: cut(&bars.high),
        low: cut(&bars.low),
        close: cut(&bars.close),
        volume: cut(&bars.volume),
        ..(**bars).clone()
    }
    .into()
}

/// Long above the close of `window` bars ago (turned around by `sign` -1), else out of the market.
#[derive(Clone, Copy, Debug)]
pub struct Momentum {
    pub window: usize,
    pub sign: f64,
}

impl Rules for Momentum {
    fn lookback(&self) -> usize {
        self.window
    }
    fn meaning(&self) -> Cow<'_, str> {
        format!("{}{}", if self.sign > 0.0 { "with" } else { "against" }, self.window).into()
    }
    fn signals(&self, bars: &BarSeries) -> Result<Signals, Fault> {
        let up = |at: usize| at >= self.window && self.sign * (bars.close[at] - bars.close[at - self.window]) > 0.0;
        let enter_long: Bits = (0..bars.len()).map(up).collect();
        Ok(Signals {
            warmup: self.window,
            exit_long: enter_long.iter().map(|it| !it).collect(),
            enter_long,
            enter_short: Bits::none(bars.len()),
            exit_short: Bits::none(bars.len()),
            ..Signals::default()
        })
    }
}

/// Returns momentum and its reverse over several windows.
pub fn candidates() -> Vec<Strategy> {
    let all = [(5, 1.0), (20, 1.0), (60, 1.0), (5, -1.0), (20, -1.0), (60, -1.0)];
    all.into_iter()
        .map(|(window, sign)| {
            let name = format!("{}{window}", if sign > 0.0 { "with" } else { "against" });
            StrategyValue { name, params: Value::None, rules: Arc::new(Momentum { window, sign }) }.into()
        })
        .collect()
}
