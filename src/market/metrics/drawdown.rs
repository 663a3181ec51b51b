//! How far and how long equity stood below its highest.

use super::{Basis, FEW, Metric, NO_FALL, figures, mean, over, problem};
use crate::market::DAY_SECONDS;

/// A fall of equity from a high until it is reached again.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Fall {
    /// At which value of the curve the high was.
    pub high: usize,
    /// At which it was lowest.
    pub low: usize,
    /// At which it was back; none where it never was.
    pub back: Option<usize>,
    /// How far it fell: a negative share.
    pub depth: f64,
}

/// How many of the deepest drawdowns the Sterling and the Burke ratio look at.
const DEEPEST: usize = 5;

/// Returns every fall of a curve, by time.
pub fn falls(equity: &[f64]) -> Vec<Fall> {
    let mut falls: Vec<Fall> = Vec::new();
    let (mut high, mut highest, mut below) = (0, f64::NEG_INFINITY, false);
    for (at, it) in equity.iter().enumerate() {
        let share = it / highest - 1.0;
        if *it < highest {
            if !below {
                falls.push(Fall { high, low: at, back: None, depth: share });
            } else if let Some(last) = falls.last_mut().filter(|last| share < last.depth) {
                (last.low, last.depth) = (at, share);
            }
            below = true;
        } else {
            if let Some(last) = falls.last_mut().filter(|_| below) {
                last.back = Some(at);
            }
            (high, highest, below) = (at, *it, false);
        }
    }
    falls
}

/// Returns the figures of a curve's drawdowns: `average_drawdown`, `longest_drawdown`, `longest_drawdown_days`,
/// `average_drawdown_days`, `time_under_water`, `ulcer_index`, `martin_ratio`, `pain_index`, `pain_ratio`,
/// `recovery_factor`, `sterling` and `burke`. `times` are those of its values, in seconds.
pub fn drawdowns(times: &[i64], equity: &[f64], basis: &Basis) -> Vec<Metric> {
    let falls = falls(equity);
    let periods = equity.len() as f64 - 1.0;
    let growth = equity.first().zip(equity.last()).map_or(f64::NAN, |(first, last)| last / first);
    let cagr = basis.annual(growth, periods);
    let excess = cagr - basis.risk_free_year();
    let (mut highest, mut squares, mut sum, mut under) = (f64::NEG_INFINITY, 0.0, 0.0, 0.0);
    for it in equity {
        highest = it.max(highest);
        let fall = it / highest - 1.0;
        squares += fall * fall;
        sum -= fall;
        under += f64::from(u8::from(fall < 0.0));
    }
    // One value of the equity is the capital before the first period.
    let ulcer = (squares / (periods - 1.0)).sqrt();
    let pain = sum / periods;
    let end = equity.len().saturating_sub(1);
    let time = |at: usize| times.get(at).copied().unwrap_or_default();
    let days = |it: &Fall| (time(it.back.unwrap_or(end)) - time(it.high)) as f64 / DAY_SECONDS as f64;
    let lengths: Vec<f64> = falls.iter().map(days).collect();
    let longest = falls.iter().map(|it| it.back.unwrap_or(end) - it.high).max().unwrap_or(0);
    let mut depths: Vec<f64> = falls.iter().map(|it| it.depth).collect();
    depths.sort_unstable_by(f64::total_cmp);
    let worst = depths.get(..DEEPEST.min(depths.len())).unwrap_or_default();
    let some = |it: f64| if falls.is_empty() { Err(NO_FALL) } else { Ok(it) };
    figures(
        problem(equity),
        [
            ("average_drawdown", some(mean(&depths))),
            ("longest_drawdown", Ok(longest as f64)),
            ("longest_drawdown_days", Ok(lengths.iter().copied().fold(0.0, f64::max))),
            ("average_drawdown_days", some(mean(&lengths))),
            ("time_under_water", Ok(under / periods)),
            ("ulcer_index", if periods < 2.0 { Err(FEW) } else { Ok(ulcer) }),
            ("martin_ratio", over(excess, ulcer, NO_FALL)),
            ("pain_index", Ok(pain)),
            ("pain_ratio", over(excess, pain, NO_FALL)),
            ("recovery_factor", over(growth - 1.0, -worst.first().copied().unwrap_or(0.0), NO_FALL)),
            ("sterling", some(mean(worst)).and_then(|it| over(excess, -it, NO_FALL))),
            ("burke", over(excess, worst.iter().map(|it| it * it).sum::<f64>().sqrt(), NO_FALL)),
        ],
    )
}
