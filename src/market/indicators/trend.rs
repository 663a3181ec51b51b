//! Which way prices go, and how surely.

use super::{Hlc, blank, from, is_zero, range::true_ranges};

/// Upward and downward movement and true range of a bar.
type Movement = (f64, f64, f64);

/// Returns the movements of each bar from the second on, as Wilder (1978) defines them: only the larger of the rise of the
/// high and the fall of the low counts, and neither where they are equal.
fn movements(bars: Hlc<'_>) -> impl Iterator<Item = Movement> + Clone + '_ {
    let pairs = bars.high.iter().zip(bars.low).zip(bars.high.iter().zip(bars.low).skip(1));
    pairs.zip(true_ranges(bars)).map(|(((high_before, low_before), (high, low)), range)| {
        let (up, down) = (high - high_before, low_before - low);
        let plus = if up > down && up > 0.0 { up } else { 0.0 };
        let minus = if down > up && down > 0.0 { down } else { 0.0 };
        (plus, minus, range)
    })
}

/// Wilder's running sums of movements: each step lets go of a `period`th and adds the new.
struct Directional {
    plus: f64,
    minus: f64,
    range: f64,
    period: f64,
}

impl Directional {
    /// Starts with the first `period - 1` movements.
    fn new(movements: &mut impl Iterator<Item = Movement>, period: usize) -> Self {
        let mut it = Self { plus: 0.0, minus: 0.0, range: 0.0, period: period as f64 };
        for (plus, minus, range) in movements.take(period - 1) {
            it.plus += plus;
            it.minus += minus;
            it.range += range;
        }
        it
    }

    fn step(&mut self, (plus, minus, range): Movement) {
        self.plus += plus - self.plus / self.period;
        self.minus += minus - self.minus / self.period;
        self.range += range - self.range / self.period;
    }

    /// Returns the upward and downward indicators in percent; 0 where nothing has moved.
    fn indicators(&self) -> (f64, f64) {
        let share = |it: f64| if is_zero(self.range) { 0.0 } else { 100.0 * (it / self.range) };
        (share(self.plus), share(self.minus))
    }

    /// Returns the directional index in percent, where there is one.
    fn index(&self) -> Option<f64> {
        if is_zero(self.range) {
            return None;
        }
        let (plus, minus) = self.indicators();
        let sum = plus + minus;
        (!is_zero(sum)).then(|| 100.0 * ((minus - plus).abs() / sum))
    }
}

/// Returns the positive directional indicator of Wilder (1978); the first is at `period`.
pub fn plus_di(bars: Hlc<'_>, period: usize) -> Vec<f64> {
    indicator(bars, period, |it| it.0)
}

/// Returns the negative directional indicator of Wilder (1978); the first is at `period`.
pub fn minus_di(bars: Hlc<'_>, period: usize) -> Vec<f64> {
    indicator(bars, period, |it| it.1)
}

fn indicator(bars: Hlc<'_>, period: usize, which: impl Fn((f64, f64)) -> f64) -> Vec<f64> {
    let period = period.max(2);
    let mut movements = movements(bars);
    let mut state = Directional::new(&mut movements, period);
    let mut out = blank(bars.len(), period);
    for (slot, it) in from(&mut out, period).iter_mut().zip(movements) {
        state.step(it);
        *slot = which(state.indicators());
    }
    out
}

/// Returns the average directional index of Wilder (1978): the mean of the directional index over `period` bars, then
/// smoothed; where there is none the value before is kept. The first is at `2·period - 1`.
pub fn adx(bars: Hlc<'_>, period: usize) -> Vec<f64> {
    let period = period.max(2);
    let mut movements = movements(bars);
    let mut state = Directional::new(&mut movements, period);
    let mut sum = 0.0;
    for it in movements.by_ref().take(period) {
        state.step(it);
        sum += state.index().unwrap_or(0.0);
    }
    let divisor = period as f64;
    let mut average = sum / divisor;
    let mut out = blank(bars.len(), 2 * period - 1);
    let mut slots = from(&mut out, 2 * period - 1).iter_mut();
    slots.by_ref().take(1).for_each(|it| *it = average);
    for (slot, it) in slots.zip(movements) {
        state.step(it);
        if let Some(index) = state.index() {
            average = (average * (divisor - 1.0) + index) / divisor;
        }
        *slot = average;
    }
    out
}

/// Returns the parabolic stop and reverse of Wilder (1978): the stop of a position that is always in the market. It starts
/// long unless the second bar falls more than it rises; `acceleration` is by how much it
/// speeds up at each new extreme, `most` where that ends. The first is at 1.
pub fn sar(high: &[f64], low: &[f64], acceleration: f64, most: f64) -> Vec<f64> {
    let length = high.len().min(low.len());
    let acceleration = acceleration.min(most);
    let mut bars = high.iter().zip(low).map(|(high, low)| (*high, *low));
    let Some((first, second)) = bars.next().zip(bars.clone().next()) else { return vec![f64::NAN; length] };
    let fall = first.1 - second.1;
    let mut long = !(fall > 0.0 && fall > second.0 - first.0);
    let (mut extreme, mut stop) = if long { (second.0, first.1) } else { (second.1, first.0) };
    let mut speed = acceleration;
    let mut before = second;
    let mut out = blank(length, 1);
    for (slot, bar) in from(&mut out, 1).iter_mut().zip(bars) {
        let (high, low) = bar;
        let (highest, lowest) = (high.max(before.0), low.min(before.1));
        before = bar;
        let reversed = if long { low <= stop } else { high >= stop };
        if reversed {
            *slot = if long { extreme.max(highest) } else { extreme.min(lowest) };
            long = !long;
            speed = acceleration;
            extreme = if long { high } else { low };
            stop = *slot + speed * (extreme - *slot);
            stop = if long { stop.min(lowest) } else { stop.max(highest) };
            continue;
        }
        *slot = stop;
        if if long { high > extreme } else { low < extreme } {
            extreme = if long { high } else { low };
            speed = (speed + acceleration).min(most);
        }
        stop += speed * (extreme - stop);
        stop = if long { stop.min(lowest) } else { stop.max(highest) };
    }
    out
}
