//! What runs bodies: `for`, `match` and `on`.

use super::{
    Arm, Batch, For, Match, Node, On, Work,
    body::{Place, number},
    scope::{Entry, What},
    walk::{Done, Walk, constant, indent},
};
use crate::{
    expr::{self, Context, Expr, Kind, nearest},
    slice::Effect,
    source::{Code, Diagnostic, Edit, Fix, Span},
    syntax::ast::{self, ArmBody, Pattern, Rhs},
    value::{Name, Percent, Ty, Value},
};

impl<'a> Walk<'_, 'a> {
    /// Checks what a step does.
    pub fn right_side(&mut self, rhs: &'a Rhs, want: Option<&Ty>) -> Done {
        match rhs {
            Rhs::Expr(it) => self.callee(it, want),
            Rhs::For(it) => self.for_(it),
            Rhs::Match(it) => self.match_(it, want),
        }
    }

    fn for_(&mut self, tree: &'a ast::For) -> Done {
        let from = self.scopes.uses.len();
        let list = self.lower(&tree.list, None);
        // What is no list that is known may be a stream.
        let unknown = list.ty == Ty::Unknown;
        let (item, streams) = match &list.ty {
            Ty::List(item) => ((**item).clone(), false),
            Ty::Stream(item) => ((**item).clone(), true),
            Ty::Unknown | Ty::Any => (Ty::Unknown, false),
            other => {
                let message = format!("expected a list, found {}", expr::in_words(other));
                let found = Diagnostic::new(Code::T001, tree.list.span, message);
                self.report(match other {
                    Ty::Optional(_) => found.here(format!("this is {other}")),
                    _ => found.note("`for` runs over a list or a stream"),
                });
                (Ty::Unknown, false)
            }
        };
        let parallel = tree.parallel.as_ref().map(|it| self.lower(it, Some(&Ty::Int)));
        if let (Some(Value::Int(..=0)), Some(at)) = (parallel.as_ref().and_then(constant), &tree.parallel) {
            let found = Diagnostic::new(Code::T007, at.span, "at least 1 runs at a time");
            self.report(found.fix("take the nearest bound", at.span, "1"));
        }
        let var = self.var(&tree.var, item, from);
        self.enter(tree.list.span.after().to(tree.body.span), [var]);
        let present = self.scopes.present.len();
        let filter = self.filter(tree.filter.as_ref());
        let body = self.statements(&tree.body.stmts, Place::For);
        self.scopes.present.truncate(present);
        let degraded = self.yielded.take();
        self.leave(&body.nodes, true);
        // What cannot be read may be what the body yields.
        let broken = tree.body.stmts.iter().any(|it| matches!(it, ast::Stmt::Bad(_)));
        let item = body.result.as_ref().map_or(if broken { Ty::Unknown } else { Ty::None }, |it| it.ty.clone());
        if matches!(item, Ty::Stream(_)) {
            self.report(Diagnostic::new(Code::T017, tree.span, "a stream cannot be an element of a list"));
        }
        let ty = match (unknown, streams) {
            (true, _) => Ty::Unknown,
            (_, true) => Ty::Stream(item.into()),
            _ => item.list(),
        };
        let effect = greatest(&body.nodes);
        let work = Work::For(Box::new(For { list, filter, parallel, body }));
        Done { work, ty, effect, degraded, network: None, orders: false }
    }

    /// Returns the entry of a loop variable, which carries what its list carries.
    fn var(&mut self, name: &ast::Name, ty: Ty, from: usize) -> Entry {
        let given = self.given_since(from);
        // A record that the file itself put together gives what is in it.
        let given = if matches!(ty.required(), Ty::Record(_)) { std::collections::HashSet::default() } else { given };
        let degraded = self.degraded_since(from, &self.scopes.accepted.clone()).map(|it| it.0);
        Entry { degraded, given, ..Entry::new(name, What::Var, 0).of(ty) }
    }

    /// Checks which elements count, and keeps what is shown to be there.
    fn filter(&mut self, tree: Option<&ast::Expr>) -> Option<Expr> {
        let filter = self.lower(tree?, Some(&Ty::Bool));
        let present: Vec<_> = expr::present_when(&filter).into_iter().map(|it| self.scopes.absolute(it)).collect();
        self.scopes.present.extend(present);
        Some(filter)
    }

    fn match_(&mut self, tree: &'a ast::Match, want: Option<&Ty>) -> Done {
        let on = self.lower(&tree.on, None);
        if matches!(on.kind, Kind::Context(Context::Mode)) {
            return self.match_mode(tree, want);
        }
        let cases = self.cases(&on);
        let mut covered: Vec<Value> = Vec::new();
        let (mut any, mut broken) = (false, false);
        let mut arms = Vec::new();
        let mut joined: Option<Ty> = None;
        let (mut effect, mut degraded, mut network, mut orders) = (Effect::Pure, None, None, false);
        for arm in &tree.arms {
            let complete = any || cases.as_ref().is_some_and(|it| it.iter().all(|case| covered.contains(case)));
            let mut patterns = Vec::new();
            let mut reached = false;
            for pattern in &arm.patterns {
                match self.pattern(pattern, cases.as_deref()) {
                    Some(None) => {
                        reached |= !complete;
                        any = true;
                    }
                    Some(Some(value)) if !any && !covered.contains(&value) => {
                        reached = true;
                        covered.push(value.clone());
                        patterns.push(value);
                    }
                    Some(Some(_)) => {}
                    None => (reached, broken) = (true, true),
                }
            }
            if !reached {
                self.never(arm, "the arms above cover it");
            }
            let any_here = arm.patterns.iter().any(|it| matches!(it, Pattern::Any(_)));
            let done = self.arm(&arm.body, want);
            joined = Some(match joined {
                None => done.ty.clone(),
                Some(ty) if on.ty == Ty::Unknown => ty.join(&done.ty).unwrap_or(Ty::Unknown),
                Some(ty) => ty.join(&done.ty).unwrap_or_else(|| {
                    let message = format!("this arm gives {}, the arms above {ty}", done.ty);
                    self.report(Diagnostic::new(Code::T001, arm_span(arm), message));
                    Ty::Unknown
                }),
            });
            effect = effect.max(done.effect);
            degraded = degraded.or(done.degraded);
            network = network.or(done.network);
            orders |= done.orders;
            let patterns = if any_here { Vec::new() } else { patterns };
            arms.push(Arm { patterns, work: done.work });
        }
        let missing: Vec<String> = match &cases {
            // A pattern that is misspelt may be the one that is missed.
            Some(cases) if !any && !broken => cases.iter().filter(|it| !covered.contains(it)).map(written).collect(),
            _ => Vec::new(),
        };
        if !missing.is_empty() {
            self.uncovered(tree, &missing, Vec::new());
        }
        let ty = joined.unwrap_or(Ty::Unknown);
        Done { work: Work::Match(Box::new(Match { on, arms })), ty, effect, degraded, network, orders }
    }

    /// Returns every value that a match must cover; nothing where that cannot be known.
    fn cases(&mut self, on: &Expr) -> Option<Vec<Value>> {
        let texts = |names: &[Name]| names.iter().map(|it| Value::Text(it.clone())).collect::<Vec<_>>();
        match &on.ty {
            Ty::Bool => Some(vec![Value::Bool(true), Value::Bool(false)]),
            Ty::Members(names) => Some(texts(names)),
            Ty::Unknown => None,
            other => {
                let message = format!("`match` looks at a choice of texts or at true and false, this is {other}");
                let found = Diagnostic::new(Code::T001, on.span, message);
                self.report(match other {
                    Ty::Optional(_) => found.note("where it may be none, say so first: `when … != none`"),
                    _ => found,
                });
                None
            }
        }
    }

    /// Returns the value that a pattern is for; nothing inside for `_`, nothing at all where it makes no sense.
    #[expect(clippy::option_option, reason = "any value, one value, and a mistake are three things")]
    fn pattern(&mut self, pattern: &Pattern, cases: Option<&[Value]>) -> Option<Option<Value>> {
        self.session.note(|it| it.pattern(pattern_span(pattern), cases));
        let (value, span) = match pattern {
            Pattern::Any(_) => return Some(None),
            Pattern::Bool(it, span) => (Value::Bool(*it), *span),
            Pattern::Text(it, span) => (Value::Text(it.clone()), *span),
            Pattern::Name(name) => {
                let message = format!("`{}` without quotes is a name, and a pattern is a text", name.text);
                let found = Diagnostic::new(Code::N003, name.span, message);
                self.report(found.fix("put it in quotes", name.span, format!("\"{}\"", name.text)));
                (Value::Text(name.text.clone()), name.span)
            }
        };
        let Some(cases) = cases else { return Some(Some(value)) };
        if cases.contains(&value) {
            return Some(Some(value));
        }
        let known: Vec<&str> = cases.iter().filter_map(Value::as_str).collect();
        let all = cases.iter().map(written).collect::<Vec<_>>().join(", ");
        let found = Diagnostic::new(Code::T008, span, format!("{} is not one of {all}", written(&value)));
        let near = nearest(value.as_str().unwrap_or_default(), known);
        self.report(
            near.into_iter().fold(found, |it, near| it.fix("a similar one exists", span, format!("\"{near}\""))),
        );
        None
    }

    /// A match on the mode is decided here: the step does what the arm of this mode does.
    fn match_mode(&mut self, tree: &'a ast::Match, want: Option<&Ty>) -> Done {
        let all: Vec<Value> = super::MODES.into_iter().map(Value::text).collect();
        let mut covered: Vec<Value> = Vec::new();
        let mut live: Option<&'a ast::Arm> = None;
        let (mut any, mut broken) = (false, false);
        for arm in &tree.arms {
            let mut reached = false;
            for pattern in &arm.patterns {
                match self.pattern(pattern, Some(&all)) {
                    Some(None) => {
                        reached |= !any && (self.modes.is_empty() || !self.modes.iter().all(|it| covers(&covered, it)));
                        any = true;
                        live = live.or(Some(arm));
                    }
                    Some(Some(value)) => {
                        let declared = value.as_str().is_some_and(|it| self.modes.iter().any(|mode| **mode == *it));
                        reached |= !any && !covered.contains(&value) && (self.modes.is_empty() || declared);
                        if value.as_str() == Some(&*self.mode) {
                            live = live.or(Some(arm));
                        }
                        covered.push(value);
                    }
                    None => (reached, broken) = (true, true),
                }
            }
            let misspelt = self.declared_modes().any(|it| !super::MODES.contains(&&*it.text));
            if !reached && !misspelt {
                let declared = self.modes.join(", ");
                self.never(arm, &format!("the arms above and `modes {declared}` leave nothing to it"));
            }
        }
        let missing: Vec<Name> = self.modes.iter().filter(|it| !any && !covers(&covered, it)).cloned().collect();
        let quoted = |it: &Name| format!("\"{it}\"");
        // A pattern that is misspelt may be the one that is missed.
        if broken {
            return live.map_or_else(|| Done::unknown(tree.span), |it| self.arm(&it.body, want));
        }
        if !missing.is_empty() {
            let declared = self.declared_modes().filter(|it| missing.contains(&it.text)).map(|it| it.span).collect();
            self.uncovered(tree, &missing.iter().map(quoted).collect::<Vec<_>>(), declared);
        } else if live.is_none() {
            self.uncovered(tree, &[quoted(&self.mode)], Vec::new());
        }
        match live {
            Some(arm) => self.arm(&arm.body, want),
            None => Done::unknown(tree.span),
        }
    }

    fn declared_modes(&self) -> impl Iterator<Item = &ast::Name> {
        let modes = |it: &'a ast::Stmt| if let ast::Stmt::Modes { modes, .. } = it { modes.as_slice() } else { &[] };
        self.tree.body.stmts.iter().flat_map(modes)
    }

    fn uncovered(&mut self, tree: &ast::Match, missing: &[String], declared: Vec<Span>) {
        let on = self.text(tree.on.span).trim();
        let on = if on.is_empty() || on.contains('\n') { "match".to_owned() } else { format!("match {on}") };
        let missing = missing.join(", ");
        let head = Span { end: tree.on.span.end.max(tree.span.start), ..tree.span };
        let mut found = Diagnostic::new(Code::T012, head, format!("`{on}` does not cover {missing}"));
        found = found.here(format!("no arm for {missing}"));
        if !declared.is_empty() {
            found = declared.into_iter().fold(found, |it, mode| it.label(mode, "declared here"));
            found = found.note("drop a mode from `modes` if this workflow must never run in it");
        }
        self.report(match self.like_another(tree, &missing) {
            Some(fix) => found.with_fix(fix),
            None => found.help(format!("add the missing arm: {missing} => …")),
        });
    }

    /// Returns the mend that adds a missing arm: it does what another does, save what is done live.
    fn like_another(&self, tree: &ast::Match, missing: &str) -> Option<Fix> {
        let is_live = |it: &Pattern| matches!(it, Pattern::Text(it, _) if &**it == "live");
        let arm = tree.arms.iter().rfind(|it| !it.patterns.iter().any(is_live))?;
        let (first, last) = (arm.patterns.first().map(pattern_span)?, arm.patterns.last().map(pattern_span)?);
        let edit = match &arm.body {
            ArmBody::Expr(body) if !self.is_yaml() => {
                let source = self.session.sources.get(arm.span.file)?;
                let text = format!("\n{}{missing} => {}", indent(source, arm.span), self.text(body.span));
                return Some(Fix {
                    title: "add the missing arm, here with what another does".to_owned(),
                    safe: false,
                    edits: vec![Edit { span: arm.span.after(), text }],
                });
            }
            _ if !self.is_yaml() => Edit { span: last.after(), text: format!(", {missing}") },
            _ => {
                let whole = self.text(first.to(last));
                let before = self.session.sources.get(arm.span.file)?.text().get(..first.range().start)?;
                let listed = before.trim_end_matches(['"', '\'', ' ']).ends_with('[') || arm.patterns.len() > 1;
                let quoted = before.ends_with(['"', '\'']);
                if listed || quoted {
                    return None;
                }
                Edit { span: first.to(last), text: format!("[{whole}, {missing}]") }
            }
        };
        Some(Fix { title: "let another arm do it too".to_owned(), safe: false, edits: vec![edit] })
    }

    fn never(&mut self, arm: &ast::Arm, why: &str) {
        let span = arm.patterns.iter().map(pattern_span).reduce(Span::to).unwrap_or(arm.span);
        let found = Diagnostic::new(Code::T012, span, "this arm can never be reached").here(why.to_owned());
        self.report(found.fix("remove it", arm.span, ""));
    }

    fn arm(&mut self, body: &'a ArmBody, want: Option<&Ty>) -> Done {
        let block = match body {
            ArmBody::Expr(it) => return self.callee(it, want),
            ArmBody::Block(it) => it,
        };
        self.enter(block.span, []);
        let body = self.statements(&block.stmts, Place::Arm);
        let degraded = self.yielded.take();
        self.leave(&body.nodes, true);
        let ty = body.result.as_ref().map_or(Ty::None, |it| it.ty.clone());
        let effect = greatest(&body.nodes);
        Done { work: Work::Block(Box::new(body)), ty, effect, degraded, network: None, orders: false }
    }

    /// Checks a handler of events.
    pub fn on(&mut self, tree: &'a ast::On, slot: usize) -> Node {
        let from = self.scopes.uses.len();
        let stream = self.lower(&tree.stream, None);
        let item = match &stream.ty {
            Ty::Stream(item) => (**item).clone(),
            Ty::Unknown | Ty::Any => Ty::Unknown,
            other => {
                let message = format!("expected a stream, found {}", expr::in_words(other));
                let found = Diagnostic::new(Code::T001, tree.stream.span, message);
                self.report(match other {
                    Ty::List(_) => found.note("a list is gone through with `step … = for x in … { }`"),
                    _ => found,
                });
                Ty::Unknown
            }
        };
        let every = tree.batch.as_ref().map(|it| self.lower(&it.every, Some(&Ty::Duration)));
        let max = tree.batch.as_ref().and_then(|it| it.max.as_ref()).map(|it| self.lower(it, Some(&Ty::Int)));
        if let Some(Value::Int(..=0)) = max.as_ref().and_then(constant) {
            let span = tree.batch.as_ref().and_then(|it| it.max.as_ref()).map_or(tree.span, |it| it.span);
            let found = Diagnostic::new(Code::T007, span, "at least 1 event is kept");
            self.report(found.fix("take the nearest bound", span, "1"));
        }
        let var = self.var(&tree.var, item.clone(), from);
        self.enter(tree.stream.span.after().to(tree.body.span), [var]);
        let present = self.scopes.present.len();
        let filter = self.filter(tree.filter.as_ref());
        let by = tree.batch.as_ref().and_then(|it| it.by.as_ref()).map(|it| self.lower(it, None));
        if let Some(by) = by.as_ref().filter(|it| !is_key(&it.ty)) {
            let message = format!("events are kept apart by a text, a symbol or a number, this is {}", by.ty);
            self.report(Diagnostic::new(Code::T001, by.span, message));
        }
        // In the body of a batch the events are one list, under its own name.
        if let (Some(batch), Some(frame)) = (&tree.batch, self.scopes.frame()) {
            let degraded = frame.entries.first().and_then(|it| it.degraded);
            *frame = super::scope::Frame { span: frame.span, ..super::scope::Frame::default() };
            frame.add(Entry { degraded, ..Entry::new(&batch.name, What::Var, 0).of(item.list()) });
            self.scopes.present.truncate(present);
        }
        let body = self.statements(&tree.body.stmts, Place::On);
        self.scopes.present.truncate(present);
        self.leave(&body.nodes, true);
        let batch = every.map(|every| Batch { every, by, max });
        let effect = greatest(&body.nodes);
        self.settle(slot, Ty::None, from, None, None);
        let work = Work::On(Box::new(On { stream, filter, batch, body }));
        Node::plain(tree.var.text.clone(), number(slot), Ty::None, work, effect, tree.span)
    }

    /// Reports a share that a `for` over a stream cannot tolerate.
    pub fn stream_tolerance(&mut self, share: Option<&Expr>, ty: &Ty) {
        let whole = Value::Percent(Percent(rust_decimal::Decimal::ONE));
        let Some(share) = share.filter(|_| matches!(ty, Ty::Stream(_))) else { return };
        if constant(share).is_some_and(|it| *it != whole) {
            let found = Diagnostic::new(Code::T007, share.span, "over a stream `tolerate 100%` is the only tolerance");
            let note = "a stream has no end, so there is no share of it: what fails is dropped and counted";
            self.report(found.note(note).fix("tolerate all", share.span, "100%"));
        }
    }
}

fn covers(covered: &[Value], mode: &str) -> bool {
    covered.iter().any(|it| it.as_str() == Some(mode))
}

/// Returns a case as a file writes it.
fn written(value: &Value) -> String {
    match value {
        Value::Text(it) => format!("\"{it}\""),
        other => other.to_string(),
    }
}

fn is_key(ty: &Ty) -> bool {
    matches!(ty, Ty::Unknown | Ty::Text | Ty::Symbol | Ty::Int | Ty::Bool | Ty::Date | Ty::Members(_) | Ty::Path)
}

/// Returns the greatest effect of these steps.
pub(super) fn greatest(nodes: &[Node]) -> Effect {
    nodes.iter().map(|it| it.effect).max().unwrap_or(Effect::Pure)
}

fn pattern_span(pattern: &Pattern) -> Span {
    match pattern {
        Pattern::Any(span) | Pattern::Text(_, span) | Pattern::Bool(_, span) => *span,
        Pattern::Name(name) => name.span,
    }
}

fn arm_span(arm: &ast::Arm) -> Span {
    match &arm.body {
        ArmBody::Expr(it) => it.span,
        ArmBody::Block(it) => it.span,
    }
}
