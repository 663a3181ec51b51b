//! The clauses of a step: each at most once, with a value of the right kind, on a step that takes it.

use super::{
    Backoff, Retry,
    walk::{Walk, constant},
};
use crate::{
    expr::{self, Expr, Kind, Slot, nearest},
    source::{Code, Diagnostic, Span},
    syntax::ast::{self, ClauseKind},
    value::{Duration, Percent, Ty, Value},
};

/// The clauses of a step, checked.
#[derive(Default)]
pub(super) struct Clauses<'a> {
    /// The condition and where its clause stands.
    pub when: Option<(Expr, Span)>,
    /// What the condition shows to be there: body and slot.
    pub present: Vec<(usize, usize)>,
    /// The slots of this body that must have ended, and where that is said.
    pub after: Vec<(usize, Span)>,
    pub timeout: Option<Expr>,
    pub retry: Option<Retry>,
    pub every: Option<Expr>,
    pub cache: Option<Expr>,
    pub tolerate: Option<Expr>,
    pub accepted: Vec<(usize, usize)>,
    pub otherwise: Vec<(&'a ast::Rhs, Span)>,
    /// Where each word stands, for rules.
    pub words: Vec<(&'static str, Span)>,
}

impl Clauses<'_> {
    /// Returns where a clause stands.
    pub fn span(&self, word: &str) -> Option<Span> {
        self.words.iter().find(|(it, _)| *it == word).map(|it| it.1)
    }
}

impl<'a> Walk<'_, 'a> {
    /// Checks the clauses of a step, save what its `else` does.
    pub fn clauses(&mut self, tree: &'a ast::Step) -> Clauses<'a> {
        let mut clauses = Clauses::default();
        for clause in &tree.clauses {
            let word = word(&clause.kind);
            let repeats = matches!(word, "else" | "after" | "accept" | "");
            // The reader of the text has said that it is there twice.
            if clauses.span(word).is_some() && !repeats {
                continue;
            }
            clauses.words.push((word, clause.span));
            match &clause.kind {
                ClauseKind::When(it) => {
                    let condition = self.lower(it, Some(&Ty::Bool));
                    let slots = expr::present_when(&condition);
                    clauses.present = slots.into_iter().map(|it| self.scopes.absolute(it)).collect();
                    clauses.accepted.extend(sound_when(&condition).into_iter().map(|it| self.scopes.absolute(it)));
                    clauses.when = Some((condition, clause.span));
                }
                ClauseKind::After(names) => names.iter().for_each(|it| self.after(it, &mut clauses)),
                ClauseKind::Accept(names) => {
                    for name in names {
                        self.step_named(name);
                        match self.scopes.locate(&name.text) {
                            Some(at) => clauses.accepted.push(at),
                            None => self.no_step(name),
                        }
                    }
                }
                ClauseKind::Timeout(it) => clauses.timeout = Some(self.duration(it, word)),
                ClauseKind::Every(it) => clauses.every = Some(self.duration(it, word)),
                ClauseKind::Cache(it) => clauses.cache = Some(self.duration(it, word)),
                ClauseKind::Retry { max, backoff } => clauses.retry = Some(self.retry(max, backoff.as_ref())),
                ClauseKind::Tolerate(it) => clauses.tolerate = Some(self.tolerate(it, tree, clause)),
                ClauseKind::Else(rhs) => clauses.otherwise.push((rhs, clause.span)),
                ClauseKind::Bad => {}
            }
        }
        clauses
    }

    fn no_step(&mut self, name: &ast::Name) {
        let names = expr::Scope::names(self);
        let found = Diagnostic::new(Code::N003, name.span, format!("nothing here is called `{}`", name.text));
        let near = nearest(&name.text, names.iter().map(|(it, _)| &**it));
        let found = near.into_iter().fold(found, |it, near| it.fix("a similar name exists", name.span, near));
        self.report(found);
    }

    /// Takes note for the index of a step that a clause names.
    fn step_named(&self, name: &ast::Name) {
        let declared = self.scopes.locate(&name.text).and_then(|it| self.scopes.entry(it)).map(|it| it.declared);
        self.session.note(|it| it.step(name.span, declared));
    }

    fn after(&mut self, name: &ast::Name, clauses: &mut Clauses<'a>) {
        self.step_named(name);
        let Some((depth, index)) = self.scopes.locate(&name.text) else { return self.no_step(name) };
        if let Some(entry) = self.scopes.entry_mut((depth, index)) {
            // To wait for a step is a use of it: it is there for what it does.
            entry.used = true;
        }
        if depth == self.scopes.depth() {
            clauses.after.push((index, name.span));
        } else {
            // What is around this body waits in its stead.
            self.scopes.read((depth, index), Some(name.span));
        }
    }

    /// Checks a length of time, which is longer than none.
    pub fn duration(&mut self, tree: &ast::Expr, word: &str) -> Expr {
        let value = self.lower(tree, Some(&Ty::Duration));
        if let Some(Value::Duration(Duration(..=0))) = constant(&value) {
            self.report(Diagnostic::new(Code::T007, tree.span, format!("`{word}` must be longer than no time")));
        }
        value
    }

    fn retry(&mut self, max: &ast::Expr, backoff: Option<&ast::Expr>) -> Retry {
        let max_tree = max;
        let max = self.lower(max_tree, Some(&Ty::Int));
        if let Some(Value::Int(..=0)) = constant(&max) {
            let found = Diagnostic::new(Code::T007, max_tree.span, "`retry` counts further tries: at least 1");
            self.report(found.fix("take the nearest bound", max_tree.span, "1").help("or remove the `retry`"));
        }
        let range = Ty::Range(Ty::Duration.into());
        let backoff = match backoff {
            None => Backoff::Default,
            Some(tree) => Backoff::Range(self.lower(tree, Some(&range))),
        };
        Retry { max, backoff }
    }

    fn tolerate(&mut self, tree: &ast::Expr, step: &ast::Step, clause: &ast::Clause) -> Expr {
        let share = self.lower(tree, Some(&Ty::Percent));
        let broken = matches!(&step.rhs, ast::Rhs::Expr(it) if matches!(it.kind, ast::ExprKind::Bad));
        if !broken && !matches!(step.rhs, ast::Rhs::For(_)) {
            let found = Diagnostic::new(Code::S006, clause.keyword, "`tolerate` belongs to a `for`");
            self.report(found.note("it says what share of the elements may fail; for one step there is `else`"));
        }
        if let Some(Value::Percent(Percent(it))) = constant(&share)
            && (it.is_sign_negative() || *it > rust_decimal::Decimal::ONE)
        {
            let found = Diagnostic::new(Code::T007, tree.span, "a share of the elements is from 0% to 100%");
            let bound = if it.is_sign_negative() { "0%" } else { "100%" };
            self.report(found.fix("take the nearest bound", tree.span, bound));
        }
        share
    }
}

/// Returns the slots that are not degraded where a condition is true.
fn sound_when(condition: &Expr) -> Vec<Slot> {
    match &condition.kind {
        Kind::Binary(ast::BinaryOp::And, a, b) => [sound_when(a), sound_when(b)].concat(),
        Kind::Not(inner) => match &inner.kind {
            Kind::Builtin(builtin, args) if builtin.name == "degraded" => {
                args.iter().filter_map(|it| if let Kind::Slot(slot) = &it.kind { Some(*slot) } else { None }).collect()
            }
            _ => Vec::new(),
        },
        _ => Vec::new(),
    }
}

/// Returns the word of a clause.
fn word(kind: &ClauseKind) -> &'static str {
    match kind {
        ClauseKind::When(_) => "when",
        ClauseKind::After(_) => "after",
        ClauseKind::Timeout(_) => "timeout",
        ClauseKind::Retry { .. } => "retry",
        ClauseKind::Every(_) => "every",
        ClauseKind::Cache(_) => "cache",
        ClauseKind::Tolerate(_) => "tolerate",
        ClauseKind::Accept(_) => "accept",
        ClauseKind::Else(_) => "else",
        ClauseKind::Bad => "",
    }
}
