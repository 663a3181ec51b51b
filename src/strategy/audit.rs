//! Whether decisions know the future: what was decided on the first bars must stay decided when later bars are added.

use super::Rules;
use crate::{
    market::{BarSeries, Bits, Numbers, Signals, Target},
    slice::Fault,
};

/// A decision that is another one once later bars are known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Peek {
    /// The first bar whose decision changes.
    pub bar: usize,
    /// How many bars were known where it was still the other.
    pub known: usize,
    /// What is decided otherwise.
    pub what: &'static str,
}

/// Evaluates rules on all bars, and on only the first so many of them for each of `cuts`, and returns the first decision that
/// knows what lies behind a cut; none where all stay as they were.
///
/// # Errors
/// What evaluating the rules fails with.
pub fn look_ahead(rules: &dyn Rules, bars: &BarSeries, cuts: &[usize]) -> Result<Option<Peek>, Fault> {
    let whole = rules.signals(bars)?;
    for known in cuts.iter().copied().filter(|it| (1..bars.len()).contains(it)) {
        let part = rules.signals(&bars.first(known))?;
        let changed = columns(&whole).into_iter().zip(columns(&part)).filter_map(|((what, whole), (_, part))| {
            let bar = whole.first_difference(&part, known)?;
            Some(Peek { bar, known, what })
        });
        if let Some(first) = changed.min_by_key(|it| it.bar) {
            return Ok(Some(first));
        }
    }
    Ok(None)
}

/// A column of decisions.
enum Decided<'a> {
    Truths(&'a Bits),
    Numbers(Option<&'a Numbers>),
}

impl Decided<'_> {
    /// Returns the first of so many bars at which the other says something else.
    fn first_difference(&self, other: &Self, bars: usize) -> Option<usize> {
        (0..bars).find(|bar| match (self, other) {
            (Self::Truths(a), Self::Truths(b)) => a.get(*bar) != b.get(*bar),
            (Self::Numbers(a), Self::Numbers(b)) => {
                let at = |it: Option<&Numbers>| it.and_then(|it| it.get(*bar)).map(|it| it.to_bits());
                at(*a) != at(*b)
            }
            _ => true,
        })
    }
}

fn columns(signals: &Signals) -> Vec<(&'static str, Decided<'_>)> {
    let orders = &signals.orders;
    let target = if let Some(Target::Distance(it)) = &orders.target { Some(it) } else { None };
    vec![
        ("`enter long`", Decided::Truths(&signals.enter_long)),
        ("`exit long`", Decided::Truths(&signals.exit_long)),
        ("`enter short`", Decided::Truths(&signals.enter_short)),
        ("`exit short`", Decided::Truths(&signals.exit_short)),
        ("`stop`", Decided::Numbers(orders.stop.as_ref())),
        ("`trail`", Decided::Numbers(orders.trail.as_ref())),
        ("`target`", Decided::Numbers(target)),
        ("`limit`", Decided::Numbers(orders.long.limit.as_ref())),
        ("`trigger`", Decided::Numbers(orders.long.trigger.as_ref())),
        ("`short_limit`", Decided::Numbers(orders.short.limit.as_ref())),
        ("`short_trigger`", Decided::Numbers(orders.short.trigger.as_ref())),
    ]
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail loudly")]

    use std::borrow::Cow;

    use super::*;
    use crate::{slices::sample::moody, strategy::candidates};

    /// Enters where the next bar closes higher.
    #[derive(Debug)]
    struct Seer;

    impl Rules for Seer {
        fn lookback(&self) -> usize {
            0
        }
        fn meaning(&self) -> Cow<'_, str> {
            "seer".into()
        }
        fn signals(&self, bars: &BarSeries) -> Result<Signals, Fault> {
            let rises =
                |bar: usize| bars.close.get(bar + 1).zip(bars.close.get(bar)).is_some_and(|(next, it)| next > it);
            let enter_long: Bits = (0..bars.len()).map(rises).collect();
            let none = || Bits::none(bars.len());
            Ok(Signals { exit_long: none(), enter_short: none(), exit_short: none(), enter_long, ..Signals::default() })
        }
    }

    #[test]
    fn who_knows_the_next_bar_is_found_out() {
        let bars = moody(600, 7);
        let peek = look_ahead(&Seer, &bars, &(1..60).collect::<Vec<_>>()).unwrap().unwrap();
        assert_eq!((peek.bar + 1, peek.what), (peek.known, "`enter long`"));
    }

    #[test]
    fn no_strategy_that_comes_with_wf_knows_the_future() {
        let bars = moody(600, 7);
        for strategy in candidates() {
            let cuts: Vec<usize> = (1..bars.len()).step_by(37).collect();
            assert_eq!(look_ahead(&*strategy.rules, &bars, &cuts).unwrap(), None, "{}", strategy.name);
        }
    }
}
