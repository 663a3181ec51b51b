//! The tests of a file.

use std::sync::Arc;

use super::{
    Reader,
    fields::{Fields, key_text},
    tree::{Entry, Kind, Node},
};
use crate::{
    source::{Code, Diagnostic, Span},
    syntax::ast::{Callee, ExprKind, Let, Name, Test, TestStmt},
};

/// The keys by which an entry of a test is known; `at` decides first, for it has another beside it.
pub(super) const STATEMENTS: &[&str] = &["at", "let", "mock", "fail", "delay", "run", "expect"];

/// What `at` has one of beside it.
pub(super) const EVENTS: &[&str] = &["fail", "delay", "mock"];

/// Returns the keys of an entry of a test, the one that decides first.
pub(super) fn keys(key: &'static str) -> Vec<&'static str> {
    let more: &[&'static str] = match key {
        "at" => &["fail", "delay", "mock", "times", "as"],
        "let" => &["type"],
        "fail" => &["times", "as"],
        "run" => &["as", "with"],
        _ => &[],
    };
    std::iter::once(key).chain(more.iter().copied()).collect()
}

impl Reader<'_> {
    /// Reads a test, whose name stands `skip` bytes into its key.
    pub fn trial(&mut self, entry: &Entry, skip: usize) -> Test {
        let text = key_text(entry).unwrap_or_default();
        let name: Arc<str> = text.get(skip..).unwrap_or_default().trim().into();
        let mut stmts = Vec::new();
        match &entry.value.kind {
            Kind::List(items) => {
                for each in items {
                    self.trial_entry(each, &mut stmts);
                }
            }
            _ => self.expected(
                &entry.value,
                "a list of what the test does",
                "as in `- run: workflow` and `- expect: $…`",
            ),
        }
        Test { name, name_span: entry.key.span, stmts, span: entry.span() }
    }

    fn trial_entry(&mut self, node: &Node, into: &mut Vec<TestStmt>) {
        let span = node.span;
        if node.is_bad() {
            return into.push(TestStmt::Bad(span));
        }
        let key = STATEMENTS.iter().find(|key| super::fields::has(node, key));
        let Some(key) = key else {
            let known = format!("a test has: {}", STATEMENTS.join(", "));
            match node.map().and_then(|it| it.first()).and_then(|it| Some((key_text(it)?, it.key.span))) {
                Some((text, place)) => {
                    let found =
                        Diagnostic::new(Code::S007, place, format!("unknown key `{text}` in a test")).note(known);
                    let near = super::fields::nearest(text, STATEMENTS.iter().copied());
                    self.report(match near {
                        Some(near) => found.fix("a similar key exists", place, near),
                        None => found,
                    });
                }
                None => self.expected(node, "a statement of a test", &known),
            }
            return into.push(TestStmt::Bad(span));
        };
        let Some(fields) = self.fields(node, &format!("`{key}` of a test"), &keys(key)) else { return };
        let Some(entry) = fields.entry(key) else { return into.push(TestStmt::Bad(span)) };
        match *key {
            "at" => {
                let time = self.value_of(entry, "at");
                let then = EVENTS.iter().find_map(|key| Some((*key, fields.entry(key)?)));
                let then = if let Some((key, entry)) = then {
                    self.event(key, entry, &fields, entry.span())
                } else {
                    let what = "`at` needs `fail`, `delay` or `mock` beside it";
                    self.report(Diagnostic::new(Code::S001, entry.key.span, what));
                    TestStmt::Bad(span)
                };
                into.push(TestStmt::At { time, then: Box::new(then), span });
            }
            "let" => self.trial_let(&fields, entry, into),
            "run" => {
                let Some(workflow) = self.path(&entry.value) else { return into.push(TestStmt::Bad(span)) };
                let name = fields.get("as").and_then(|it| self.name(it));
                let args = fields.get("with").map(|it| self.args(it, "arguments by their names")).unwrap_or_default();
                let args_span = fields.get("with").map_or(workflow.span.after(), |it| it.span);
                into.push(TestStmt::Run { name, workflow, args, args_span, span });
            }
            "expect" => into.push(TestStmt::Expect { that: self.condition(&entry.value, "expect"), span }),
            _ => {
                let stmt = self.event(key, entry, &fields, span);
                into.push(stmt);
            }
        }
    }

    fn trial_let(&mut self, fields: &Fields<'_>, entry: &Entry, into: &mut Vec<TestStmt>) {
        let ty = fields.get("type").map(|it| self.ty(it));
        for each in self.named(&entry.value, "values by their names") {
            let Some(name) = self.name(&each.key) else { continue };
            let value = self.value_of(each, &name.text);
            into.push(TestStmt::Let(Let { name, ty: ty.clone(), value, on: None, span: fields.span }));
        }
    }

    /// Reads `mock`, `fail` or `delay`.
    fn event(&mut self, key: &str, entry: &Entry, fields: &Fields<'_>, span: Span) -> TestStmt {
        if key == "fail" {
            let Some(callee) = self.callee(&entry.value) else { return TestStmt::Bad(span) };
            let times = fields.entry("times").map(|it| self.value_of(it, "times"));
            let kind = fields.entry("as").map(|it| self.value_of(it, "as"));
            return TestStmt::Fail { callee, times, kind, span };
        }
        let Some([one]) = entry.value.map() else {
            let what = if key == "mock" { "one method and its value" } else { "one method and how long" };
            self.expected(&entry.value, what, &format!("as in `{key}: {{data.get_historical: …}}`"));
            return TestStmt::Bad(span);
        };
        let Some(callee) = self.callee(&one.key) else { return TestStmt::Bad(span) };
        let value = self.value_of(one, key);
        if key == "mock" { TestStmt::Mock { callee, value, span } } else { TestStmt::Delay { callee, by: value, span } }
    }

    fn callee(&mut self, node: &Node) -> Option<Callee> {
        let path = self.path(node)?;
        let found = |name: Option<(Name, Name)>| name.map(|(slice, method)| Callee { slice, method });
        if let ExprKind::Field(of, method) = path.kind
            && let ExprKind::Ref(slice) = of.kind
        {
            return found(Some((slice, method)));
        }
        self.report(Diagnostic::new(Code::S001, node.span, "a method is written as `slice.method`"));
        None
    }
}
