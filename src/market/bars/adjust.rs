//! Adjusting prices for splits and dividends.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::BarSeries;
use crate::market::time::date_of;

/// For what prices are adjusted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Adjust {
    /// Splits and dividends: what a holder's return was.
    #[default]
    All,
    /// Splits alone.
    Splits,
    /// Nothing: what was traded.
    None,
}

/// A factor that changes by more than this from one bar to the next is no ordinary dividend.
const JUMP: f64 = 1.2;
/// How near a jump is to a ratio of whole numbers where it is that split: room for sources that round to cents.
const NEARNESS: f64 = 0.005;

impl BarSeries {
    /// Returns the bars adjusted for what comes after them.
    ///
    /// The source's adjusted close gives the factor `adjusted_close / close` of each bar. `All` multiplies open, high and
    /// low with it and takes the adjusted close as the close; `Splits` takes only the jumps of the factor that are a ratio
    /// of small whole numbers (2:1, 3:2, 1:10), so that the last bar stays as traded. Both divide volume by the splits.
    /// Without an adjusted close the bars stay as they are, and `notes` says so.
    #[must_use]
    pub fn adjusted(&self, adjust: Adjust) -> Self {
        let mut out = self.clone();
        if adjust == Adjust::None {
            return out;
        }
        if self.adjusted_close.is_empty() {
            out.note("the source has no adjusted close: prices are taken as they are".into());
            return out;
        }
        let splits = self.split_factors(&mut out);
        out.adjusted_close = [].into();
        out.volume = self.volume.iter().zip(&splits).map(|(volume, split)| volume / split).collect();
        let times = |it: &[f64], factors: &[f64]| -> Vec<f64> { it.iter().zip(factors).map(|(a, b)| a * b).collect() };
        let factors = match adjust {
            Adjust::All => self.adjusted_close.iter().zip(self.close.iter()).map(|(to, from)| to / from).collect(),
            Adjust::Splits | Adjust::None => splits,
        };
        out.close =
            if adjust == Adjust::All { self.adjusted_close.clone() } else { times(&self.close, &factors).into() };
        out.open = times(&self.open, &factors).into();
        // The close was not multiplied but taken, so that a high that is the close may lie a rounding below it.
        let close = || out.close.iter();
        out.high = times(&self.high, &factors).into_iter().zip(close()).map(|(it, close)| it.max(*close)).collect();
        out.low = times(&self.low, &factors).into_iter().zip(close()).map(|(it, close)| it.min(*close)).collect();
        out
    }

    /// Returns what to multiply each bar's prices with for the splits after it, and notes them.
    fn split_factors(&self, notes: &mut Self) -> Vec<f64> {
        let factors: Vec<f64> = self.adjusted_close.iter().zip(self.close.iter()).map(|(to, from)| to / from).collect();
        let mut splits = vec![1.0; factors.len()];
        let mut product = 1.0;
        let mut found = Vec::new();
        let jumps = factors.iter().zip(factors.iter().skip(1)).map(|(before, after)| after / before);
        for ((jump, split), time) in jumps.zip(&mut splits).zip(self.time.iter().skip(1)).rev() {
            if !(1.0 / JUMP..=JUMP).contains(&jump) {
                let day = date_of(*time);
                if let Some((new, old)) = split_ratio(jump) {
                    product *= f64::from(old) / f64::from(new);
                    found.push(format!("{new}-for-{old} split on {day}"));
                } else {
                    found.push(format!("the adjustment jumps by {jump:.3} on {day}, which is no split"));
                }
            }
            *split = product;
        }
        found.into_iter().rev().for_each(|it| notes.note(it));
        splits
    }
}

/// Returns the split `new : old` that a jump of the factor stands for, the simplest that is near enough.
fn split_ratio(jump: f64) -> Option<(u32, u32)> {
    let near = |new: u32, old: u32| (jump * f64::from(old) / f64::from(new) - 1.0).abs() < NEARNESS;
    let forward = (1..=4).flat_map(|old| (old + 1..=100).map(move |new| (new, old)));
    let reverse = (2..=100).map(|old| (1, old));
    forward.chain(reverse).find(|(new, old)| near(*new, *old))
}

#[cfg(test)]
mod tests {
    use super::split_ratio;

    #[test]
    fn a_split_is_a_ratio_of_small_whole_numbers() {
        assert_eq!(split_ratio(2.0), Some((2, 1)));
        assert_eq!(split_ratio(1.4999), Some((3, 2)));
        assert_eq!(split_ratio(0.1), Some((1, 10)));
        assert_eq!(split_ratio(1.37), None);
    }
}
