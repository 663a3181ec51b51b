//! Which bars a value was made of, and how two such ranges lie to each other.

use std::rc::Rc;

use super::{Facts, What};
use crate::{
    source::Span,
    value::{DateRange, Duration, Value},
};

/// How many pairs of windows are compared at most.
const MOST_PAIRS: usize = 10_000;

/// Bars, as far as they are known.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::check) struct Bars {
    /// Of which symbol, or what else says which bars they are a part of.
    pub symbol: What,
    pub window: Window,
    pub timeframe: Option<Duration>,
    /// How many there can be at most, those that only warm up included.
    pub most: Option<u64>,
    /// How many of them can be decided on at most.
    pub decided: Option<u64>,
    /// The call that gives them.
    pub made: Span,
    /// What says which window it is, where something does.
    pub said: Option<Span>,
    /// What lets more bars come along.
    pub more: Option<More>,
    /// The input that says how long a bar is, and where it is written.
    pub length: Option<(&'static str, Option<Span>)>,
}

/// An input by which a call gives more bars.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::check) struct More {
    pub input: &'static str,
    /// Where it is written.
    pub written: Option<Span>,
    /// Whether they come on top of a window, only to warm up.
    pub on_top: bool,
}

/// Which of the bars of a symbol.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::check) enum Window {
    Unknown,
    All,
    /// From the first to the last day: a range of dates.
    Days(What),
    /// The latest ones.
    Last(u64),
}

/// How one window lies to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::check) enum Overlap {
    Unknown,
    /// They have no bar in common.
    None,
    /// Some bars of the one are in the other.
    Part,
    /// All bars of the one are in the other.
    Whole,
}

impl Bars {
    /// Returns what is still known of them outside of a body.
    pub fn outside(&self, body: u32) -> Self {
        let window = match &self.window {
            Window::Days(it) => match it.outside(body) {
                What::Unknown => Window::Unknown,
                known => Window::Days(known),
            },
            other => other.clone(),
        };
        Self { symbol: self.symbol.outside(body), window, ..self.clone() }
    }

    /// Says how many of these bars are in others.
    pub fn overlap(&self, others: &Self) -> Overlap {
        if self.symbol == What::Unknown || self.symbol != others.symbol {
            return Overlap::Unknown;
        }
        match (&self.window, &others.window) {
            (Window::Unknown, _) | (_, Window::Unknown) => Overlap::Unknown,
            (_, Window::All) => Overlap::Whole,
            (Window::All, _) => Overlap::Part,
            (Window::Last(a), Window::Last(b)) if a <= b => Overlap::Whole,
            (Window::Last(_), Window::Last(_)) => Overlap::Part,
            (Window::Days(a), Window::Days(b)) if a == b && *a != What::Unknown => Overlap::Whole,
            (Window::Days(a), Window::Days(b)) => days_overlap(a, b),
            _ => Overlap::Unknown,
        }
    }

    /// Says whether all of these bars lie behind others.
    pub fn is_after(&self, others: &Self) -> bool {
        let (Window::Days(a), Window::Days(b)) = (&self.window, &others.window) else { return false };
        let (these, those) = (days_of(a), days_of(b));
        let after = |(a, b): (&DateRange, &DateRange)| b.end < a.start;
        !these.is_empty()
            && !those.is_empty()
            && if same_round(a, b) {
                these.iter().zip(&those).all(after)
            } else {
                these.iter().map(|it| it.start).min() > those.iter().map(|it| it.end).max()
            }
    }
}

/// Says whether two values are items of one loop, each of the same round.
fn same_round(a: &What, b: &What) -> bool {
    matches!((a, b), (What::Each(a), What::Each(b)) if a.body == b.body)
}

/// Returns the range of dates that a known value is.
fn range(value: &Value) -> Option<DateRange> {
    if let Value::DateRange(it) = value { Some(*it) } else { None }
}

/// Returns every range of dates that a value may be.
pub(in crate::check) fn days_of(what: &What) -> Vec<DateRange> {
    match what {
        What::Const(it) => range(it).into_iter().collect(),
        What::Each(it) => {
            let all: Option<Vec<_>> = it.values().take(MOST_PAIRS).map(|it| range(&it)).collect();
            all.unwrap_or_default()
        }
        _ => Vec::new(),
    }
}

fn days_overlap(a: &What, b: &What) -> Overlap {
    let one = |(a, b): (&DateRange, &DateRange)| {
        if a.end < b.start || b.end < a.start {
            Overlap::None
        } else if b.start <= a.start && a.end <= b.end {
            Overlap::Whole
        } else {
            Overlap::Part
        }
    };
    let (these, those) = (days_of(a), days_of(b));
    if these.is_empty() || those.is_empty() || these.len().saturating_mul(those.len()) > MOST_PAIRS {
        return Overlap::Unknown;
    }
    let pairs: Vec<Overlap> = if same_round(a, b) {
        these.iter().zip(&those).map(one).collect()
    } else {
        these.iter().flat_map(|a| those.iter().map(move |b| (a, b))).map(one).collect()
    };
    let all = |is: fn(&Overlap) -> bool| pairs.iter().all(is);
    if all(|it| *it == Overlap::Whole) {
        Overlap::Whole
    } else if all(|it| *it == Overlap::None) {
        Overlap::None
    } else if all(|it| *it != Overlap::None) {
        Overlap::Part
    } else {
        Overlap::Unknown
    }
}

/// Returns the most bars of a length that days can have: markets are closed at the weekend.
pub(super) fn most_in(days: &What, timeframe: Duration) -> Option<u64> {
    let ranges = days_of(days);
    let working = ranges.iter().filter_map(|it| {
        let total = u64::try_from(it.start.until(it.end).ok()?.get_days()).ok()? + 1;
        // Of each seven days five; what is over of a week may be five too.
        Some(total / 7 * 5 + (total % 7).min(5))
    });
    let working = working.max()?;
    let day = Duration::DAY.0;
    let length = timeframe.0.max(1);
    // A longer bar may be cut short at both ends.
    Some(if length > day {
        working * u64::try_from(day).ok()? / u64::try_from(length).ok()? + 2
    } else {
        working.saturating_mul(u64::try_from(day / length).ok()?)
    })
}

/// Returns the bars that a value is.
pub(in crate::check) fn as_bars(facts: &Facts, at: Span) -> Option<Rc<Bars>> {
    match &facts.what {
        What::Bars(it) => Some(it.clone()),
        same @ What::Same(..) => Some(Rc::new(Bars {
            symbol: same.clone(),
            window: Window::All,
            timeframe: None,
            most: None,
            decided: None,
            made: at,
            said: None,
            more: None,
            length: None,
        })),
        _ => None,
    }
}
