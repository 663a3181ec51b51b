//! Keys and passwords come from the environment or a file, never from a workflow.

use super::FileView;
use crate::{
    check::visit,
    source::{Code, Diagnostic},
    syntax::ast::{self, ExprKind},
};

/// The names of what is secret.
const NAMES: &[&str] = &["api_key", "apikey", "secret", "api_secret", "token", "access_token", "password", "passwd"];

/// How keys of well-known services begin.
const HEADS: &[&str] =
    &["sk-", "sk_live_", "pk_live_", "ghp_", "gho_", "github_pat_", "xoxb-", "xoxp-", "AKIA", "AIza"];

pub(super) fn check(view: &FileView<'_>, out: &mut Vec<Diagnostic>) {
    let file = view.file;
    visit::expressions(file, &mut |expr, name| {
        let ExprKind::Text(text) = &expr.kind else { return };
        let named = name.filter(|it| NAMES.contains(&it.to_ascii_lowercase().as_str()) && !text.is_empty());
        if named.is_none() && !is_key(text) {
            return;
        }
        let called = named.map_or_else(|| "API_KEY".to_owned(), str::to_ascii_uppercase);
        let call = format!("secret(\"{called}\")");
        let call = if file.form == ast::Form::Yaml { format!("${call}") } else { call };
        let found = Diagnostic::new(Code::P007, expr.span, "a secret is written in this file");
        let found = found.note("whoever reads the file, now or in its history, has it: it must be changed as well");
        out.push(found.fix("take it from the environment or from a file", expr.span, call));
    });
}

/// Says whether a text looks like a key: it begins like one of a known kind, or is long and without order.
fn is_key(text: &str) -> bool {
    let plain = text.chars().all(|it| it.is_ascii_alphanumeric() || "_-+/=".contains(it));
    if !plain || text.len() < 20 {
        return false;
    }
    if HEADS.iter().any(|it| text.starts_with(it)) {
        return true;
    }
    let has = |test: fn(&u8) -> bool| text.bytes().any(|it| test(&it));
    let mixed = has(u8::is_ascii_uppercase) && has(u8::is_ascii_lowercase) && has(u8::is_ascii_digit);
    text.len() >= 32 && mixed && entropy(text) > 4.0
}

/// Returns how much one letter of a text tells, in bits (Shannon's entropy).
fn entropy(text: &str) -> f64 {
    let mut counts = std::collections::BTreeMap::new();
    for byte in text.bytes() {
        *counts.entry(byte).or_insert(0_u32) += 1;
    }
    let total = text.len() as f64;
    counts.values().map(|it| f64::from(*it) / total).map(|it| -it * it.log2()).sum()
}
