//! The windows of a walk-forward.

use jiff::civil::Date;

use super::apply;
use crate::{
    slice::Fault,
    syntax::ast::BinaryOp,
    value::{DateRange, Value},
};

/// The most elements that a list of combinations or windows may have.
pub(super) const MOST: usize = 1_000_000;

/// Cuts a period into windows to choose on, each with the one behind it to measure on, an embargo between the two. The
/// windows to measure on follow one another; those to choose on go along with them, or grow from the first day where they
/// are anchored. None where the period is too short for one pair.
///
/// # Errors
/// Lengths that are no periods or durations of whole days, windows of no length, or too many.
pub fn folds(
    period: DateRange,
    train: &Value,
    test: &Value,
    embargo: &Value,
    anchored: bool,
) -> Result<Vec<(DateRange, DateRange)>, Fault> {
    let plus = |date: Date, span: &Value| match apply::binary(BinaryOp::Add, &Value::Date(date), span)? {
        Value::Date(it) => Ok(it),
        other => Err(Fault::input(format_args!("`{other}` is no date"))),
    };
    let before = |date: Date| date.yesterday().map_err(|_| Fault::input("the date is outside of the calendar"));
    let windows = |train_start: Date| {
        let train_end = plus(train_start, train)?;
        let test_start = plus(train_end, embargo)?;
        if train_end <= train_start || test_start < train_end {
            return Err(Fault::input("the windows of `walk_forward` must be longer than nothing"));
        }
        Ok((train_start, train_end, test_start))
    };
    let mut folds = Vec::new();
    let mut fold = windows(period.start)?;
    loop {
        let (train_start, train_end, test_start) = fold;
        // A window to measure on ends where the next one starts, since months are not of one length.
        let next = windows(plus(train_start, test)?)?;
        if next.2 <= test_start {
            return Err(Fault::input("the windows of `walk_forward` must be longer than nothing"));
        }
        let test = DateRange { start: test_start, end: before(next.2)? };
        if test.end > period.end {
            return Ok(folds);
        }
        if folds.len() >= MOST {
            return Err(Fault::input(format_args!("`walk_forward` gives more than {MOST} folds")));
        }
        let start = if anchored { period.start } else { train_start };
        folds.push((DateRange { start, end: before(train_end)? }, test));
        fold = next;
    }
}
