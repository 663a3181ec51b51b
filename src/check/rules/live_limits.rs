//! What trades live says how much it may hold and lose.

use super::WorkflowView;
use crate::{
    check::{
        control::greatest,
        walk::{Walk, indent},
    },
    slice::Effect,
    source::{Code, Diagnostic, Span},
    syntax::ast::{self, Stmt},
    value::Value,
};

/// A limit that live trading cannot do without.
struct Required {
    name: &'static str,
    words: &'static str,
    /// What is offered where the house says nothing.
    usual: &'static str,
}

const REQUIRED: &[Required] = &[
    Required { name: "max_position", words: "position limit", usual: "5% of capital" },
    Required { name: "max_daily_loss", words: "daily loss limit", usual: "2% of capital" },
    Required { name: "max_drawdown", words: "drawdown limit", usual: "10%" },
    Required { name: "on_breach", words: "breach action", usual: "\"halt\"" },
];

pub(super) fn check(walk: &mut Walk<'_, '_>, view: &WorkflowView<'_>) {
    let WorkflowView { nodes, limits, .. } = view;
    let live = *walk.mode == *"live" && !walk.modes.is_empty();
    let unsure = walk.out.iter().any(|it| matches!(it.code, Code::N001 | Code::N002));
    if !live || greatest(nodes) != Effect::Orders || unsure {
        return;
    }
    let given = |it: &&Required| limits.iter().any(|(name, _)| **name == *it.name);
    let missing: Vec<&Required> = REQUIRED.iter().filter(|it| !given(it)).collect();
    if missing.is_empty() {
        return;
    }
    let tree = walk.tree;
    let block = tree.body.stmts.iter().find_map(|it| if let Stmt::Limits(it) = it { Some(it) } else { None });
    let mut found = match block {
        None => Diagnostic::new(Code::P001, tree.name.span, "live trading without limits").here("has no `limits`"),
        Some(block) => {
            let words: Vec<_> = missing.iter().map(|it| it.words).collect();
            let names: Vec<_> = missing.iter().map(|it| format!("`{}`", it.name)).collect();
            let message = format!("live trading without a {}", words.join(", a "));
            Diagnostic::new(Code::P002, block.keyword, message).here(format!("has no {}", names.join(", ")))
        }
    };
    let mode = tree.body.stmts.iter().find_map(|it| match it {
        Stmt::Modes { modes, .. } => modes.iter().find(|it| &*it.text == "live"),
        _ => None,
    });
    if let Some(mode) = mode {
        found = found.label(mode.span, "makes it mandatory");
    }
    let all = REQUIRED.iter().map(|it| it.name).collect::<Vec<_>>().join(", ");
    found = found.note(format!("required in live: {all}"));
    let house = &walk.session.options.house_limits;
    let offered: Vec<String> = (missing.iter())
        .map(|it| {
            let house = house.iter().find(|(name, _)| **name == *it.name).map(|(_, value)| match value {
                Value::Text(text) => format!("\"{text}\""),
                other => other.to_string(),
            });
            format!("{}: {}", it.name, house.unwrap_or_else(|| it.usual.to_owned()))
        })
        .collect();
    let title = if offered.len() == 1 { "add a limit" } else { "add limits" };
    walk.report(match place(walk, block, &offered) {
        Some((span, text)) => found.fix(title, span, text),
        None => found.help(format!("{title}: {}", offered.join(", "))),
    });
}

/// Returns where the missing limits go, and as what text.
fn place(walk: &Walk<'_, '_>, block: Option<&ast::Settings>, offered: &[String]) -> Option<(Span, String)> {
    let source = walk.session.sources.get(walk.tree.span.file).filter(|_| !walk.is_yaml())?;
    if let Some(block) = block {
        let inner = format!("\n{}  ", indent(source, block.span));
        let text = offered.iter().map(|it| format!("{inner}{it}")).collect();
        let end = block.span.end.saturating_sub(1);
        let last = block.fields.last().map(|it| it.value.span.after());
        return Some((last.unwrap_or(Span { start: end, end, ..block.span }), text));
    }
    let outer = format!("\n{}  ", indent(source, walk.tree.span));
    let lines: String = offered.iter().map(|it| format!("{outer}  {it}")).collect();
    let modes = walk.tree.body.stmts.iter().find_map(|it| match it {
        Stmt::Modes { span, .. } => Some(span.after()),
        _ => None,
    });
    let start = walk.tree.body.span.start + 1;
    let span = modes.unwrap_or(Span { start, end: start, ..walk.tree.body.span });
    Some((span, format!("{outer}limits {{{lines}{outer}}}")))
}
