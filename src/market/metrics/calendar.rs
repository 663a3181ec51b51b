//! Returns by day, month and year (UTC).

use jiff::civil::Date;

use super::{Metric, figures, over, problem};
use crate::market::{DAY_SECONDS, date_of};

/// A stretch of the calendar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Span {
    /// A day.
    Day,
    /// A month.
    Month,
    /// A year.
    Year,
}

impl Span {
    fn same(self, a: Date, b: Date) -> bool {
        match self {
            Self::Day => a == b,
            Self::Month => (a.year(), a.month()) == (b.year(), b.month()),
            Self::Year => a.year() == b.year(),
        }
    }
}

/// Returns the return of each stretch that has a value of the curve, with a day in it: last value over the last one before
/// it. `times` are those of the curve's values, in seconds; the first value only begins.
pub fn by(times: &[i64], equity: &[f64], span: Span) -> Vec<(Date, f64)> {
    let mut found: Vec<(Date, f64)> = Vec::new();
    let Some((mut before, mut last)) = equity.first().map(|it| (*it, *it)) else { return found };
    let mut day = i64::MIN;
    for (time, worth) in times.iter().zip(equity).skip(1) {
        let own = time.div_euclid(DAY_SECONDS);
        if own != day {
            day = own;
            let date = date_of(*time);
            if !found.last().is_some_and(|it| span.same(it.0, date)) {
                before = last;
                found.push((date, 0.0));
            }
        }
        last = *worth;
        if let Some(current) = found.last_mut() {
            current.1 = worth / before - 1.0;
        }
    }
    found
}

/// Returns the best and the worst day, month and year of a curve, and the share of its months that earned something.
pub fn calendar(times: &[i64], equity: &[f64]) -> Vec<Metric> {
    let of = |span| by(times, equity, span).into_iter().map(|it| it.1).collect::<Vec<f64>>();
    let (days, months, years) = (of(Span::Day), of(Span::Month), of(Span::Year));
    let most = |of: &[f64]| Ok(of.iter().copied().fold(f64::NEG_INFINITY, f64::max));
    let least = |of: &[f64]| Ok(of.iter().copied().fold(f64::INFINITY, f64::min));
    let won = months.iter().filter(|it| **it > 0.0).count() as f64;
    figures(
        problem(equity),
        [
            ("best_day", most(&days)),
            ("worst_day", least(&days)),
            ("best_month", most(&months)),
            ("worst_month", least(&months)),
            ("best_year", most(&years)),
            ("worst_year", least(&years)),
            ("positive_months", over(won, months.len() as f64, "there are no months")),
        ],
    )
}
