//! A share that is a hundred times smaller or larger than shares of its kind are.

use rust_decimal::Decimal;

use super::FileView;
use crate::{
    check::visit,
    source::{Code, Diagnostic, Span},
    syntax::ast::{BinaryOp, Expr, ExprKind},
    value::{Percent, Value},
};

/// A kind of share, and between which bounds it is no surprise, in hundredths of a percent.
struct Kind {
    names: &'static [&'static str],
    words: &'static str,
    least: i64,
    most: i64,
}

const KINDS: &[Kind] = &[
    Kind { names: &["risk", "risk_per_trade"], words: "risk", least: 10, most: 5_000 },
    Kind {
        names: &["fraction", "size", "max_fraction", "max_position", "max_gross"],
        words: "share",
        least: 10,
        most: i64::MAX,
    },
    Kind { names: &["max_daily_loss", "max_drawdown"], words: "loss", least: 10, most: i64::MAX },
    Kind { names: &["stop", "trail"], words: "distance", least: 10, most: i64::MAX },
    Kind { names: &["target_volatility", "kelly_fraction"], words: "share", least: 100, most: i64::MAX },
    Kind { names: &["fee", "slippage", "spread"], words: "cost of a trade", least: 0, most: 500 },
];

pub(super) fn check(view: &FileView<'_>, out: &mut Vec<Diagnostic>) {
    visit::expressions(view.file, &mut |expr, name| {
        let kind = KINDS.iter().find(|it| name.is_some_and(|name| it.names.contains(&name)));
        let Some((kind, (share, span))) = kind.zip(percent(expr)) else { return };
        let (least, most) = (Decimal::new(kind.least, 4), Decimal::new(kind.most, 4));
        let (how, meant) = if share.is_zero() || share.is_sign_negative() {
            return;
        } else if share < least {
            ("small", Percent(share * Decimal::ONE_HUNDRED))
        } else if share >= most {
            ("large", Percent(share / Decimal::ONE_HUNDRED))
        } else {
            return;
        };
        let message = format!("{} is a very {how} {}; was {meant} meant?", Percent(share), kind.words);
        out.push(Diagnostic::new(Code::T005, span, message).fix(format!("write {meant}"), span, meant.to_string()));
    });
}

/// Returns the share that is written with `%`, alone or `of` something. Who writes basis points knows how small they are.
fn percent(expr: &Expr) -> Option<(Decimal, Span)> {
    match &expr.kind {
        ExprKind::Literal { value: Value::Percent(it), text } if text.ends_with('%') => Some((it.0, expr.span)),
        ExprKind::Binary { op: BinaryOp::Of, left, .. } => percent(left),
        _ => None,
    }
}
