//! A share that is a hundred times smaller than shares of its kind are.

use rust_decimal::Decimal;

use super::CallView;
use crate::{
    check::walk::{Walk, constant},
    source::{Code, Diagnostic},
    value::{Percent, Value},
};

/// The shares of capital that people put into one position or risk with it.
const SHARES: &[&str] = &["fraction", "risk", "size", "risk_per_trade", "max_position"];

pub(super) fn check(walk: &mut Walk<'_, '_>, call: &CallView<'_, '_>) {
    for input in call.inputs.iter().filter(|it| SHARES.contains(&&*it.name)) {
        let Some(Value::Percent(Percent(share))) = constant(&input.value) else { continue };
        // A tenth of a percent.
        if !share.is_sign_positive() || share.is_zero() || *share >= Decimal::new(1, 3) {
            continue;
        }
        let (found, meant) = (Percent(*share), Percent(share * Decimal::ONE_HUNDRED));
        let message = format!("{found} is a very small share; was {meant} meant?");
        let found = Diagnostic::new(Code::T005, input.value.span, message);
        walk.report(found.fix(format!("write {meant}"), input.value.span, meant.to_string()));
    }
}
