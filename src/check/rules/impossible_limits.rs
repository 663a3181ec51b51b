//! A limit of nothing lets no order through, which is no way to say so.

use super::LimitView;
use crate::{
    check::{
        program::{LIMITS, share_of},
        walk::Walk,
    },
    expr::Kind,
    source::{Code, Diagnostic},
};

pub(super) fn check(walk: &mut Walk<'_, '_>, limit: &LimitView<'_>) {
    let bounds = LIMITS.iter().find(|it| it.name == limit.name.text).and_then(|it| it.within.as_ref());
    let known = match &limit.value.kind {
        Kind::Const(value) => Some(value.clone()),
        _ => share_of(limit.value),
    };
    if bounds.zip(known).is_none_or(|(bounds, known)| bounds.check(&known).is_ok()) {
        return;
    }
    let (name, written) = (&limit.name.text, walk.text(limit.span).trim());
    let found = Diagnostic::new(Code::P010, limit.span, format!("no order can pass `{name}: {written}`"));
    let live = walk.modes.iter().any(|it| **it == *"live");
    walk.report(match written.strip_prefix('-').map(str::trim_start) {
        Some(amount) => found.fix("take the amount without its sign", limit.span, amount),
        None if live => found.help("drop `live` from `modes` where nothing may be traded, or say how much may be"),
        None => found.help("say how much may be traded, or leave the limit out"),
    });
}
