//! What trades live says how much it may hold and lose.

use super::WorkflowView;
use crate::{
    check::{
        control::greatest,
        in_yaml,
        walk::{Walk, indent},
    },
    slice::Effect,
    source::{Code, Diagnostic, Edit, Fix, Span},
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
    // A statement that cannot be read may be the one that is missed.
    let unsure = walk.out.iter().any(|it| matches!(it.code, Code::N001 | Code::N002))
        || walk.tree.body.stmts.iter().any(|it| matches!(it, Stmt::Bad(_)));
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
            let message = format!("live trading without {}", listed(&words));
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
    let offered: Vec<(&str, String)> = (missing.iter())
        .map(|it| {
            let house = house.iter().find(|(name, _)| **name == *it.name).map(|(_, value)| match value {
                Value::Text(text) => format!("\"{text}\""),
                other => other.to_string(),
            });
            (it.name, house.unwrap_or_else(|| it.usual.to_owned()))
        })
        .collect();
    let title = if offered.len() == 1 { "add a limit" } else { "add limits" };
    let edits: Vec<Edit> = edit(walk, block, &offered).into_iter().collect();
    walk.report(found.with_fix(Fix { title: title.to_owned(), safe: false, edits }));
}

/// Returns `a x, a y and a z`.
fn listed(words: &[&str]) -> String {
    match words {
        [] => String::new(),
        [only] => format!("a {only}"),
        [most @ .., last] => format!("a {} and a {last}", most.join(", a ")),
    }
}

/// Returns the edit that adds the missing limits.
fn edit(walk: &Walk<'_, '_>, block: Option<&ast::Settings>, offered: &[(&str, String)]) -> Option<Edit> {
    let sources = walk.session.sources;
    let source = sources.get(walk.tree.span.file)?;
    let modes = walk.tree.body.stmts.iter().find_map(|it| match it {
        Stmt::Modes { span, .. } => Some(*span),
        _ => None,
    });
    if walk.is_yaml() {
        let entries = offered.iter().map(|(name, value)| format!("{name}: {}", in_yaml::value(value)));
        let Some(block) = block else {
            let limits = entries.collect::<Vec<_>>().join(", ");
            return in_yaml::behind(sources, modes?, &format!("limits: {{{limits}}}"));
        };
        let last = block.fields.last()?.value.span;
        let edits = entries.map(|it| in_yaml::behind(sources, last, &it)).collect::<Option<Vec<_>>>()?;
        let span = edits.first()?.span;
        return Some(Edit { span, text: edits.into_iter().map(|it| it.text).collect() });
    }
    let lines = |inner: &str| offered.iter().map(|(name, value)| format!("{inner}{name}: {value}")).collect::<String>();
    if let Some(block) = block {
        let outer = format!("\n{}", indent(source, block.span));
        let text = lines(&format!("{outer}  "));
        if let Some(last) = block.fields.last() {
            return Some(Edit { span: last.value.span.after(), text });
        }
        // All between the braces gives way.
        let open = block.span.start + u32::try_from(sources.slice(block.span).find('{')?).ok()? + 1;
        let span = Span { start: open, end: block.span.end.saturating_sub(1), ..block.span };
        return Some(Edit { span, text: text + &outer });
    }
    let outer = format!("\n{}  ", indent(source, walk.tree.span));
    let start = walk.tree.body.span.start + 1;
    let span = modes.map_or(Span { start, end: start, ..walk.tree.body.span }, Span::after);
    Some(Edit { span, text: format!("{outer}limits {{{}{outer}}}", lines(&format!("{outer}  "))) })
}
