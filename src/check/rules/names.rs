//! Names are in `lower_snake_case`, those of types in `UpperCamelCase`, so that a reader sees what is what.

use std::collections::{HashMap, HashSet};

use super::FileView;
use crate::{
    check::visit,
    expr::{BUILTINS, Context},
    source::{Code, Diagnostic, Edit, Fix, Span},
    syntax::{
        ast::{self, ClauseKind, ExprKind, Form, Item, Stmt},
        words::is_reserved,
    },
};

/// Where each name is read.
type Uses<'a> = HashMap<&'a str, HashSet<Span>>;

/// A name that an item declares.
struct Declared<'a> {
    name: &'a ast::Name,
    /// Whether the item alone reads it.
    local: bool,
    /// Whether nothing outside shows it either, as results show steps.
    own: bool,
}

pub(super) fn check(view: &FileView<'_>, out: &mut Vec<Diagnostic>) {
    for item in &view.file.items {
        let mut found: Vec<Declared<'_>> = Vec::new();
        let body = match item {
            Item::Workflow(it) => Some((&it.name, &it.body)),
            Item::Strategy(it) => Some((&it.name, &it.body)),
            Item::Type(it) => {
                let text = &it.name.text;
                if text.starts_with(char::is_lowercase) || text.contains('_') {
                    let message = format!("`{text}` is the name of a type, which is in UpperCamelCase");
                    let found = Diagnostic::new(Code::F002, it.name.span, message);
                    out.push(found.help(format!("call it `{}`", camel(text))));
                }
                None
            }
            _ => None,
        };
        let Some((name, body)) = body else { continue };
        found.push(Declared { name, local: false, own: false });
        let mut uses = uses(item);
        block(body, &mut found, &mut uses);
        if found.iter().all(|it| is_snake(&it.name.text)) {
            continue;
        }
        let mut counts: HashMap<&str, usize> = HashMap::new();
        found.iter().for_each(|it| *counts.entry(&*it.name.text).or_default() += 1);
        for it in found.iter().filter(|it| !is_snake(&it.name.text)) {
            let text = &*it.name.text;
            let new = snake(text);
            let diagnostic = Diagnostic::new(Code::F002, it.name.span, format!("`{text}` is not in lower_snake_case"));
            let alone = counts.get(text) == Some(&1) && it.local && view.file.form == Form::Wf;
            let taken = counts.contains_key(&*new) || uses.contains_key(&*new) || is_reserved(&new);
            if !alone || taken {
                out.push(diagnostic.help(format!("call it `{new}`")));
                continue;
            }
            let places = uses.get(text).into_iter().flatten().chain([&it.name.span]);
            let edits = places.map(|span| Edit { span: *span, text: new.clone() }).collect();
            let safe = it.own && !means_something(view, &new);
            out.push(diagnostic.with_fix(Fix { title: format!("call it `{new}`, everywhere"), safe, edits }));
        }
    }
}

/// Says whether a name is looked for: by the wiring of an input, or as something that always is there.
fn means_something(view: &FileView<'_>, name: &str) -> bool {
    let registry = view.registry;
    let port = || registry.slices().flat_map(|it| registry.methods(it)).any(|it| it.input(name).is_some());
    let param = || {
        let workflows =
            view.file.items.iter().filter_map(|it| if let Item::Workflow(it) = it { Some(it) } else { None });
        let mut params = workflows.flat_map(|it| &it.body.stmts);
        params.any(|it| matches!(it, Stmt::Param(it) if *it.name.text == *name))
    };
    Context::find(name).is_some() || BUILTINS.iter().any(|it| it.name == name) || port() || param()
}

/// Collects what the statements of a block declare, and the names that their clauses say.
fn block<'a>(it: &'a ast::Block, found: &mut Vec<Declared<'a>>, uses: &mut Uses<'a>) {
    let mut declare = |name, local, own| found.push(Declared { name, local, own });
    let mut inner: Vec<&'a ast::Block> = Vec::new();
    for stmt in &it.stmts {
        match stmt {
            // Who calls or runs the workflow says params by name, and steps and outputs are keys of its results.
            Stmt::Param(it) => declare(&it.name, false, false),
            Stmt::Output { name, .. } => declare(name, false, false),
            Stmt::Let(it) => declare(&it.name, true, true),
            Stmt::On(it) => {
                declare(&it.var, true, true);
                it.batch.iter().for_each(|it| declare(&it.name, true, true));
                inner.push(&it.body);
            }
            Stmt::Step(it) => {
                declare(&it.name, true, false);
                for clause in &it.clauses {
                    if let ClauseKind::After(names) | ClauseKind::Accept(names) = &clause.kind {
                        names.iter().for_each(|it| uses.entry(&*it.text).or_default().extend([it.span]));
                    }
                }
                let others = it.clauses.iter().filter_map(|it| match &it.kind {
                    ClauseKind::Else(rhs) => Some(rhs),
                    _ => None,
                });
                for rhs in std::iter::once(&it.rhs).chain(others) {
                    match rhs {
                        ast::Rhs::Expr(_) => {}
                        ast::Rhs::For(it) => {
                            declare(&it.var, true, true);
                            inner.push(&it.body);
                        }
                        ast::Rhs::Match(it) => inner.extend(it.arms.iter().filter_map(|it| match &it.body {
                            ast::ArmBody::Block(it) => Some(it),
                            ast::ArmBody::Expr(_) => None,
                        })),
                    }
                }
            }
            _ => {}
        }
    }
    inner.into_iter().for_each(|it| block(it, found, uses));
}

/// Returns where each name is read.
fn uses(item: &Item) -> Uses<'_> {
    let mut found = Uses::new();
    visit::of_item(item, &mut |expr, _| {
        if let ExprKind::Ref(it) = &expr.kind {
            found.entry(&*it.text).or_default().insert(it.span);
        }
    });
    found
}

fn is_snake(text: &str) -> bool {
    !text.contains(char::is_uppercase)
}

fn snake(text: &str) -> String {
    let letters: Vec<char> = text.chars().collect();
    let mut out = String::new();
    for (at, letter) in letters.iter().enumerate() {
        let before = at.checked_sub(1).and_then(|it| letters.get(it));
        let next = letters.get(at + 1);
        // A new word: after a small letter, or the last capital of several before a small one.
        let starts = letter.is_uppercase()
            && before.is_some_and(|it| {
                !it.is_uppercase() && *it != '_' || it.is_uppercase() && next.is_some_and(|it| it.is_lowercase())
            });
        if starts {
            out.push('_');
        }
        out.extend(letter.to_lowercase());
    }
    out
}

fn camel(text: &str) -> String {
    let words = text.split('_').filter(|it| !it.is_empty());
    words
        .map(|word| word.chars().take(1).flat_map(char::to_uppercase).chain(word.chars().skip(1)).collect::<String>())
        .collect()
}
