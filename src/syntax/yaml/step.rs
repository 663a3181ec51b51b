//! Steps, what they do, and their clauses.

use super::{
    Reader, Wanted,
    fields::{Fields, has, key_text},
    statement::BLOCK,
    tree::{Entry, Kind, Node},
};
use crate::{
    source::{Code, Diagnostic, Span},
    syntax::{
        ast::{Arm, ArmBody, Clause, ClauseKind, Expr, ExprKind, For, Match, Name, Pattern, Rhs, Step, Stmt},
        words,
    },
};

/// The keys of a call.
pub(super) const CALL: &[&str] = &["slice", "method", "with", "run", "value"];

/// The keys of a loop.
pub(super) const FOR: &[&str] = &["for", "in", "where", "parallel", "steps", "yield"];

/// The keys of a choice.
pub(super) const MATCH: &[&str] = &["match", "cases"];

/// The keys of the clauses.
pub(super) const CLAUSES: &[&str] =
    &["when", "after", "timeout", "retry", "every", "cache", "tolerate", "accept", "else"];

/// The keys of `retry`.
pub(super) const RETRY: &[&str] = &["max", "backoff"];

/// The keys that a step has beside what it does and its clauses.
pub(super) const STEP: &[&str] = &["type"];

/// The keys that a case has beside what it does.
pub(super) const ARM: &[&str] = &["is"];

/// Returns the keys of something that a node does, as far as the node shows what that is.
fn keys(node: &Node, more: &[&'static str]) -> Vec<&'static str> {
    let own = if has(node, "for") {
        FOR
    } else if has(node, "match") {
        MATCH
    } else {
        CALL
    };
    own.iter().chain(more).copied().collect()
}

impl Reader<'_> {
    /// Reads an entry that is no other statement than a step.
    pub fn step_entry(&mut self, node: &Node, entries: &[Entry], into: &mut Vec<Stmt>) {
        let Some(first) = entries.first() else { return };
        if entries.len() == 1 {
            let step = self.step(&first.key, &first.value, node);
            return into.push(step);
        }
        let is_step_key = |it: &Entry| {
            key_text(it).is_some_and(|key| [CALL, FOR, MATCH, CLAUSES, STEP].iter().any(|keys| keys.contains(&key)))
        };
        let rest = entries.get(1..).unwrap_or_default();
        // `- name: fetch` with the keys beside it, as other tools write it.
        if matches!(key_text(first), Some("name" | "id" | "step")) && rest.iter().all(is_step_key) {
            let found = Diagnostic::new(Code::S007, first.key.span, "the name of a step is its key");
            let name = first.value.scalar().map_or("name", |it| &*it.text);
            self.report(found.help(format!("write `- {name}: {{…}}`, with the other keys inside")));
        } else if first.value.is_empty() && rest.iter().all(is_step_key) {
            let name = key_text(first).unwrap_or_default();
            let found = Diagnostic::new(
                Code::S001,
                first.key.span,
                format!("the keys of `{name}` stand beside it, not inside"),
            );
            let place = rest.first().map_or(node.span, |it| it.key.span);
            self.report(found.label(place, "this belongs to it").help("indent them by two more spaces"));
        } else {
            let place = rest.first().map_or(node.span, |it| it.key.span);
            let found = Diagnostic::new(Code::S001, place, "a second key in one step");
            self.report(
                found.label(first.key.span, "the step").help("start a new step with `- `, or indent the key further"),
            );
            let step = self.step(&first.key, &first.value, node);
            return into.push(step);
        }
        into.push(Stmt::Bad(node.span));
    }

    fn step(&mut self, key: &Node, value: &Node, whole: &Node) -> Stmt {
        let bad = Stmt::Bad(whole.span);
        let Some(name) = self.name(key) else { return bad };
        let doc = self.doc(whole.span);
        let span = whole.span;
        match &value.kind {
            Kind::Bad => return bad,
            Kind::Scalar(_) if value.is_empty() => {
                let found = Diagnostic::new(Code::S001, key.span, format!("the step `{}` does nothing", name.text));
                self.report(found.help("add `{slice: …, method: …}`"));
                return bad;
            }
            Kind::Map(_) => {}
            _ => {
                let rhs = Rhs::Expr(self.called(value, "a step"));
                return Stmt::Step(Step { doc, name, ty: None, rhs, clauses: Vec::new(), span });
            }
        }
        let more: Vec<&'static str> = STEP.iter().chain(CLAUSES).copied().collect();
        let what = format!("the step `{}`", name.text);
        let Some(fields) = self.fields(value, &what, &keys(value, &more)) else { return bad };
        let ty = fields.get("type").map(|it| self.ty(it));
        let rhs = self.rhs(&fields, &name, &what);
        let clauses = self.clauses(&fields);
        Stmt::Step(Step { doc, name, ty, rhs, clauses, span })
    }

    /// Reads what a step, an arm or an `else` does.
    fn rhs(&mut self, fields: &Fields<'_>, at: &Name, what: &str) -> Rhs {
        if fields.has("for") {
            return self.for_rhs(fields);
        }
        if let Some(on) = fields.entry("match") {
            return self.match_rhs(fields, on);
        }
        Rhs::Expr(self.call(fields, at, what))
    }

    fn call(&mut self, fields: &Fields<'_>, at: &Name, what: &str) -> Expr {
        for (key, entry) in &fields.entries {
            match *key {
                "slice" => self.wants(entry.value.span, || Wanted::Slice),
                "method" => self.wants(entry.value.span, || {
                    let slice = fields.get("slice").and_then(|it| it.scalar());
                    Wanted::Method(slice.map(|it| it.text.clone()))
                }),
                "run" => self.wants(entry.value.span, || Wanted::Workflow),
                _ => {}
            }
        }
        let bad = Expr { kind: ExprKind::Bad, span: fields.span };
        let kinds: Vec<&(&str, &Entry)> =
            fields.entries.iter().filter(|it| ["slice", "method", "run", "value"].contains(&it.0)).collect();
        if let [first, .., last] = kinds.as_slice()
            && !(kinds.len() == 2 && fields.has("slice") && fields.has("method"))
        {
            let found = Diagnostic::new(
                Code::S001,
                last.1.key.span,
                format!("`{}` and `{}` exclude each other", first.0, last.0),
            );
            self.report(found.label(first.1.key.span, "this already says what it does"));
            return bad;
        }
        let callee = match (fields.entry("slice"), fields.entry("method")) {
            (Some(slice), Some(method)) => {
                let (slice, method) = (self.path(&slice.value), self.name(&method.value));
                slice.zip(method).map(|(of, name)| {
                    let span = of.span.to(name.span);
                    Expr { kind: ExprKind::Field(Box::new(of), name), span }
                })
            }
            (Some(one), None) | (None, Some(one)) => {
                if !fields.partial {
                    let other = if fields.has("slice") { "method" } else { "slice" };
                    self.report(Diagnostic::new(Code::S001, one.key.span, format!("`{other}` is missing in {what}")));
                }
                None
            }
            (None, None) => match (fields.get("run"), fields.entry("value")) {
                (Some(run), _) => self.path(run),
                (None, Some(value)) => {
                    if let Some(with) = fields.entry("with") {
                        let found = Diagnostic::new(Code::S001, with.key.span, "`with` belongs to `method` or `run`");
                        self.report(found);
                    }
                    return self.value_of(value, "value");
                }
                (None, None) => {
                    if !fields.partial {
                        let found = Diagnostic::new(Code::S001, at.span, format!("{what} does nothing"));
                        self.report(found.help("add `slice` and `method`, or `run`, `value`, `for` or `match`"));
                    }
                    None
                }
            },
        };
        let with = fields.entry("with");
        let args = with.map(|it| self.args(&it.value, "arguments by their names"));
        let Some(callee) = callee else { return bad };
        let (Some(with), Some(args)) = (with, args) else { return callee };
        let span = callee.span.to(with.span());
        Expr { kind: ExprKind::Call { callee: Box::new(callee), args, args_span: with.value.span }, span }
    }

    fn for_rhs(&mut self, fields: &Fields<'_>) -> Rhs {
        let var = fields.get("for").and_then(|it| self.name(it));
        let list = fields.get("in").map(|it| self.condition(it, "in"));
        let filter = fields.get("where").map(|it| self.condition(it, "where"));
        let parallel = fields.entry("parallel").map(|it| self.value_of(it, "parallel"));
        let body = self.inner_block(fields);
        let span = fields.entry("for").map_or(fields.span, Entry::span).to(body.span);
        let bad = Rhs::Expr(Expr { kind: ExprKind::Bad, span });
        match (var, list) {
            (Some(var), Some(list)) => Rhs::For(Box::new(For { var, list, filter, parallel, body, span })),
            (Some(var), None) => {
                if !fields.partial {
                    self.report(Diagnostic::new(Code::S001, var.span, "`in` is missing: what the loop runs over"));
                }
                bad
            }
            _ => bad,
        }
    }

    fn match_rhs(&mut self, fields: &Fields<'_>, on: &Entry) -> Rhs {
        let span = match fields.entry("cases") {
            Some(cases) => on.span().to(cases.span()),
            None => on.span(),
        };
        let on = self.condition(&on.value, "match");
        let mut arms = Vec::new();
        match fields.get("cases").map(|it| (&it.kind, it)) {
            Some((Kind::List(items), _)) => {
                for each in items {
                    arms.extend(self.arm(each));
                }
            }
            Some((_, other)) => {
                self.expected(other, "a list of cases", "a case is as `- {is: paper, slice: …, method: …}`");
            }
            None if !fields.partial => {
                self.report(Diagnostic::new(Code::S001, on.span, "`cases` is missing: what is done for each value"));
            }
            None => {}
        }
        Rhs::Match(Box::new(Match { on, arms, span }))
    }

    fn arm(&mut self, node: &Node) -> Option<Arm> {
        let span = node.span;
        let block = BLOCK.iter().any(|key| has(node, key));
        let keys = if block { ARM.iter().chain(BLOCK).copied().collect() } else { keys(node, ARM) };
        let fields = self.fields(node, "a case", &keys)?;
        let Some(is) = fields.entry("is") else {
            if !fields.partial {
                let found =
                    Diagnostic::new(Code::S001, self.first_line(span), "`is` is missing: which value this case is for");
                self.report(found.help("use `is: _` for all others"));
            }
            return None;
        };
        let patterns = match &is.value.kind {
            Kind::List(items) => items.iter().filter_map(|it| self.pattern(it)).collect(),
            _ => self.pattern(&is.value).into_iter().collect(),
        };
        let body = if block {
            ArmBody::Block(self.inner_block(&fields))
        } else {
            let at = Name { text: "is".into(), span: is.key.span };
            match self.rhs(&fields, &at, "this case") {
                Rhs::Expr(it) => ArmBody::Expr(it),
                Rhs::For(_) | Rhs::Match(_) => {
                    let found = Diagnostic::new(Code::S001, span, "a case does a call or has `steps`");
                    self.report(found.help("put the `for` or `match` into a step of the case"));
                    ArmBody::Expr(Expr { kind: ExprKind::Bad, span })
                }
            }
        };
        Some(Arm { patterns, body, span })
    }

    fn pattern(&mut self, node: &Node) -> Option<Pattern> {
        let Some(scalar) = node.scalar() else {
            self.expected(node, "a text, `true`, `false` or `_`", "");
            return None;
        };
        Some(match &*scalar.text {
            "_" if scalar.plain => Pattern::Any(node.span),
            "true" if scalar.plain => Pattern::Bool(true, node.span),
            "false" if scalar.plain => Pattern::Bool(false, node.span),
            text => match text.strip_prefix('$') {
                Some(rest) if rest.starts_with('$') => Pattern::Text(rest.into(), node.span),
                Some(name) => Pattern::Name(Name { text: name.into(), span: node.span }),
                None => Pattern::Text(scalar.text.clone(), node.span),
            },
        })
    }

    fn clauses(&mut self, fields: &Fields<'_>) -> Vec<Clause> {
        let mut clauses = Vec::new();
        for (key, entry) in fields.entries.iter().filter(|it| CLAUSES.contains(&it.0)) {
            let (keyword, span) = (entry.key.span, entry.span());
            let mut push = |kind| clauses.push(Clause { kind, span, keyword });
            if entry.value.is_empty() {
                let found = Diagnostic::new(Code::S005, keyword, format!("`{key}` has no value"));
                // Behind the colon.
                let place = Span { start: keyword.end + 1, end: keyword.end + 1, ..keyword };
                self.report(match words::usual(key) {
                    Some(usual) => found.fix(format!("for example `{key}: {usual}`"), place, format!(" {usual}")),
                    None => found.help("write one, or remove the key"),
                });
                push(ClauseKind::Bad);
                continue;
            }
            let value = &entry.value;
            match *key {
                "when" => push(ClauseKind::When(self.condition(value, key))),
                "after" => push(ClauseKind::After(self.names(value))),
                "accept" => push(ClauseKind::Accept(self.names(value))),
                "timeout" => push(ClauseKind::Timeout(self.value(value))),
                "every" => push(ClauseKind::Every(self.value(value))),
                "cache" => push(ClauseKind::Cache(self.value(value))),
                "tolerate" => push(ClauseKind::Tolerate(self.value(value))),
                "retry" => push(self.retry(value)),
                _ => match &value.kind {
                    Kind::List(items) => {
                        for each in items {
                            let rhs = self.otherwise(each);
                            clauses.push(Clause { kind: ClauseKind::Else(rhs), span: each.span, keyword });
                        }
                    }
                    _ => push(ClauseKind::Else(self.otherwise(value))),
                },
            }
        }
        clauses
    }

    fn retry(&mut self, node: &Node) -> ClauseKind {
        if node.map().is_none() {
            return ClauseKind::Retry { max: self.value(node), backoff: None };
        }
        let Some(fields) = self.fields(node, "`retry`", RETRY) else { return ClauseKind::Bad };
        let backoff = fields.get("backoff").map(|it| self.range(it, "backoff"));
        let Some(max) = fields.entry("max") else {
            if !fields.partial {
                self.report(Diagnostic::new(Code::S001, node.span, "`max` is missing: how often it is tried again"));
            }
            return ClauseKind::Bad;
        };
        ClauseKind::Retry { max: self.value_of(max, "max"), backoff }
    }

    fn otherwise(&mut self, node: &Node) -> Rhs {
        let rhs = [CALL, FOR, MATCH].iter().flat_map(|it| it.iter()).any(|key| has(node, key));
        if !rhs {
            return Rhs::Expr(self.called(node, "`else`"));
        }
        let at = Name { text: "else".into(), span: node.span.before() };
        match self.fields(node, "`else`", &keys(node, &[])) {
            Some(fields) => self.rhs(&fields, &at, "this `else`"),
            None => Rhs::Expr(Expr { kind: ExprKind::Bad, span: node.span }),
        }
    }

    /// Reads a value where a call is likely meant: a plain `a.b` would only be a text.
    fn called(&mut self, node: &Node, what: &str) -> Expr {
        let value = self.value(node);
        let Some(scalar) = node.scalar().filter(|it| it.plain) else { return value };
        let dotted =
            matches!(value.kind, ExprKind::Text(_)) && scalar.text.contains(['.', '(']) && !scalar.text.contains(' ');
        if !dotted {
            return value;
        }
        let found = Diagnostic::new(Code::S001, node.span, format!("`{}` is only a text in {what}", scalar.text));
        self.report(found.safe_fix("start an expression with `$`", node.span, format!("${}", scalar.text)));
        Expr { kind: ExprKind::Bad, span: node.span }
    }
}
