//! The best of many trials on few bars is likely the luckiest.

use crate::{
    check::facts::Choice,
    source::{Code, Diagnostic},
    value::Duration,
};

/// The Sharpe ratio a year from which on luck alone is taken for the likely reason of a choice.
const LUCK: f64 = 3.0;

/// Trading days a year.
const YEAR: f64 = 252.0;

pub(super) fn check(choice: &Choice) -> Option<Diagnostic> {
    let (Some(trials), [on]) = (choice.among, &choice.on[..]) else { return None };
    let (bars, timeframe) = (on.decided?, on.timeframe?);
    let years = bars as f64 * (timeframe.0 as f64 / Duration::DAY.0 as f64) / YEAR;
    if trials < 2 || years <= 0.0 {
        return None;
    }
    // The greatest of n standard normal numbers is about sqrt(2 ln n), and the Sharpe ratio of y years without skill has a
    // deviation of 1 / sqrt(y): Bailey, Borwein, Lopez de Prado, Zhu, "Pseudo-mathematics and financial charlatanism" (2014).
    let luck = (2.0 * (trials as f64).ln() / years).sqrt();
    if luck < LUCK {
        return None;
    }
    let message = format!("the best of {trials} combinations on {bars} bars is likely the luckiest");
    let found = Diagnostic::new(Code::B012, choice.span, message);
    let found = found.label(on.said.unwrap_or(on.made), format!("at most {bars} bars"));
    let found =
        found.note(format!("without any skill the best of so many has a Sharpe ratio of about {luck:.1} there"));
    Some(found.help("try fewer combinations, or choose on a longer window"))
}
