//! The tree to what is written of it.

use std::collections::BTreeSet;

use super::out::{Out, Pair};
use crate::{
    source::{Source, Span},
    syntax::{
        ast::{
            Arg, ArgKind, Arm, ArmBody, Block, Callee, Clause, ClauseKind, Expr, ExprKind, File, Item, Name, On, Param,
            Pattern, Rhs, Setting, Settings, Step, Stmt, TestStmt, TypeExpr, TypeKind, UseWhat,
        },
        comments::Kind,
        format::{expr_to_wf, type_to_wf},
        yaml::{
            item::{RESERVED, WORDS},
            scalar::is_plain_range,
            statement::{BLOCK, STATEMENTS, STRATEGY, WORKFLOW},
        },
    },
    value::Value,
};

pub(super) struct Build<'s> {
    pub source: &'s Source,
    /// Whether something could not be read.
    pub bad: bool,
}

fn statement(span: Span) -> Option<(Kind, Span)> {
    Some((Kind::Stmt, span))
}

fn word(name: &Name) -> Out {
    Out::Word(if name.text.contains('.') { format!("`{}`", name.text) } else { name.text.to_string() })
}

fn words(names: &[Name]) -> Out {
    Out::List(names.iter().map(|it| Pair::item(None, word(it))).collect(), None)
}

/// Returns a name as a key, in backticks where it would be taken for one of `taken`.
fn key(name: &str, taken: &[&str]) -> String {
    if taken.contains(&name) { format!("`{name}`") } else { name.into() }
}

impl Build<'_> {
    pub fn file(&mut self, file: &File) -> Vec<Pair> {
        let mut pairs: Vec<Pair> = Vec::new();
        let mut last = "";
        let mut seen = BTreeSet::new();
        let mut uses = 0;
        for item in &file.items {
            let (plural, single) = match item {
                Item::Use(_) => ("use", ""),
                Item::Type(_) => ("types", "type "),
                Item::Strategy(_) => ("strategies", "strategy "),
                Item::Test(_) => ("tests", "test "),
                Item::Workflow(_) | Item::Bad(_) => ("", ""),
            };
            let joined = !plural.is_empty() && last == plural;
            // A key stands once, so of a second group of a kind each has a key of its own.
            let again = !joined && !seen.insert(plural);
            let alone = plural.is_empty() || again && plural != "use";
            let Some(pair) = self.item(item, if alone { single } else { "" }) else { continue };
            if joined && let Some(Out::List(into, _) | Out::Map(into, _)) = pairs.last_mut().map(|it| &mut it.value) {
                into.push(pair.statement());
            } else if alone {
                pairs.push(pair.statement());
            } else if plural == "use" {
                uses += 1;
                let key = if uses == 1 { "use".to_owned() } else { format!("use {uses}") };
                pairs.push(Pair::new(&key, None, Out::List(vec![pair.statement()], None)).tall());
            } else {
                pairs.push(Pair::new(plural, None, Out::Map(vec![pair.statement()], None)).tall());
            }
            last = if alone { "" } else { plural };
        }
        pairs
    }

    fn item(&mut self, item: &Item, prefix: &str) -> Option<Pair> {
        Some(match item {
            Item::Use(it) => {
                let mut pairs = vec![Pair::new("path", None, Out::Text(it.path.to_string()))];
                match &it.what {
                    UseWhat::All => {}
                    UseWhat::As(name) => pairs.push(Pair::new("as", None, word(name))),
                    UseWhat::Names(names) => pairs.push(Pair::new("names", None, words(names))),
                }
                Pair::item(Some((Kind::Item, it.span)), Out::Map(pairs, None))
            }
            Item::Type(it) => {
                Pair::new(&format!("{prefix}{}", it.name.text), Some((Kind::Item, it.span)), self.ty(&it.ty))
            }
            Item::Strategy(it) => {
                self.holder(&format!("{prefix}{}", it.name.text), it.span, &it.body, STRATEGY, "rules")
            }
            Item::Workflow(it) => {
                let worded =
                    WORDS.iter().any(|word| it.name.text.strip_prefix(word).is_some_and(|it| it.starts_with(' ')));
                let name = if worded { format!("`{}`", it.name.text) } else { key(&it.name.text, RESERVED) };
                self.holder(&name, it.span, &it.body, WORKFLOW, "steps")
            }
            Item::Test(it) => {
                let stmts = it.stmts.iter().filter_map(|it| self.trial(it)).collect();
                Pair::new(&format!("{prefix}{}", it.name), Some((Kind::Item, it.span)), Out::List(stmts, Some(it.span)))
                    .tall()
            }
            Item::Bad(_) => {
                self.bad = true;
                return None;
            }
        })
    }

    fn holder(&mut self, name: &str, span: Span, body: &Block, legal: &[&'static str], list: &'static str) -> Pair {
        let mut pairs = self.block(body, legal, list);
        let mut pair = Pair::new(name, Some((Kind::Item, span)), Out::Map(Vec::new(), Some(body.span))).tall();
        if body.stmts.is_empty()
            && let Some(only) = pairs.last_mut()
        {
            only.last = pair.last.take();
        }
        pair.value = Out::Map(pairs, Some(body.span));
        pair
    }

    /// Returns the keys of a block: a kind of statement has one if all of its kind stand together, else they are
    /// among the entries of the list, where any order can be written.
    fn block(&mut self, block: &Block, legal: &[&'static str], list: &'static str) -> Vec<Pair> {
        let kinds: Vec<&'static str> = block
            .stmts
            .iter()
            .map(|it| section(it, list))
            .map(|it| if legal.contains(&it) { it } else { list })
            .collect();
        let range = listed(&kinds, list);
        let mut pairs: Vec<Pair> = Vec::new();
        for (index, stmt) in block.stmts.iter().enumerate() {
            if range.contains(&index) {
                let Some(item) = self.statement(stmt) else { continue };
                if index > range.start
                    && let Some(Out::List(into, _)) = pairs.last_mut().map(|it| &mut it.value)
                {
                    into.push(item);
                } else {
                    pairs.push(Pair::new(list, None, Out::List(vec![item], None)).tall());
                }
                continue;
            }
            let kind = kinds.get(index).copied().unwrap_or(list);
            let Some(pair) = self.entry(stmt) else { continue };
            let joins =
                index.checked_sub(1).is_some_and(|before| kinds.get(before) == Some(&kind) && !range.contains(&before));
            match pairs.last_mut().map(|it| &mut it.value) {
                Some(Out::Map(into, _)) if joins && MANY.contains(&kind) => into.push(pair),
                _ if MANY.contains(&kind) => pairs.push(Pair::new(kind, None, Out::Map(vec![pair], None)).tall()),
                _ => pairs.push(pair),
            }
        }
        if pairs.is_empty() {
            pairs.push(Pair::new(list, None, Out::List(Vec::new(), None)));
        }
        pairs
    }

    /// Returns the keys of a block inside a workflow. A comment at its end stands deeper than they do, for what has
    /// the block may have more keys.
    fn inner_block(&mut self, block: &Block) -> Vec<Pair> {
        let mut pairs = self.block(block, BLOCK, "steps");
        if let Some(Out::List(_, group)) =
            pairs.first_mut().filter(|it| it.key.as_deref() == Some("steps")).map(|it| &mut it.value)
        {
            *group = Some(block.span);
        }
        match pairs.last_mut() {
            // Its value may be a group of its own.
            Some(last) if last.part.is_some() => last.closes = Some(block.span),
            Some(last) => last.last = Some(block.span),
            None => {}
        }
        pairs
    }

    /// Returns a statement under the key of its kind.
    fn entry(&mut self, stmt: &Stmt) -> Option<Pair> {
        let pair = match stmt {
            Stmt::Modes { modes, span } => Pair::new("modes", statement(*span), words(modes)),
            Stmt::Param(it) => self.param(it),
            Stmt::Limits(it) => self.settings("limits", it),
            Stmt::Orders(it) => self.settings("orders", it),
            Stmt::Deadline { value, span } => Pair::new("deadline", statement(*span), self.value(value)),
            Stmt::Let(it) => Pair::new(&it.name.text, statement(it.span), self.value(&it.value)),
            Stmt::Output { name, value, span } => Pair::new(&name.text, statement(*span), self.value(value)),
            Stmt::Yield { value, span } => Pair::new("yield", statement(*span), self.value(value)),
            Stmt::Step(_) | Stmt::On(_) | Stmt::Rule(_) | Stmt::Bad(_) => {
                self.bad = true;
                return None;
            }
        };
        Some(pair.statement())
    }

    /// Returns a statement as an entry of a list.
    fn statement(&mut self, stmt: &Stmt) -> Option<Pair> {
        let (pairs, span) = match stmt {
            Stmt::Step(it) => (vec![self.step(it)], it.span),
            Stmt::On(it) => (self.on(it), it.span),
            Stmt::Rule(it) => {
                let when = Pair::new("when", None, self.condition(&it.when));
                (vec![Pair::new(it.action.as_str(), None, Out::Word(it.side.as_str().into())), when], it.span)
            }
            Stmt::Let(it) => {
                let value = self.value(&it.value);
                let mut pairs =
                    vec![Pair::new("let", None, Out::Map(vec![Pair::new(&it.name.text, None, value)], None))];
                pairs.extend(it.ty.as_ref().map(|it| Pair::new("type", None, self.ty(it))));
                pairs.extend(it.on.as_ref().map(|it| Pair::new("on", None, self.value(it))));
                (pairs, it.span)
            }
            Stmt::Param(it) => (vec![Pair::new("param", None, Out::Map(vec![inner(self.param(it))], None))], it.span),
            Stmt::Output { span, .. } => {
                (vec![Pair::new("output", None, Out::Map(vec![inner(self.entry(stmt)?)], None))], *span)
            }
            Stmt::Limits(it) | Stmt::Orders(it) => (vec![inner(self.entry(stmt)?)], it.span),
            Stmt::Modes { span, .. } | Stmt::Deadline { span, .. } | Stmt::Yield { span, .. } => {
                (vec![inner(self.entry(stmt)?)], *span)
            }
            Stmt::Bad(_) => {
                self.bad = true;
                return None;
            }
        };
        Some(Pair::item(Some((Kind::Stmt, span)), Out::Map(pairs, None)).statement().tall())
    }

    fn param(&mut self, it: &Param) -> Pair {
        let mut pairs = vec![Pair::new("type", None, self.ty(&it.ty))];
        pairs.extend(it.within.as_ref().map(|it| Pair::new("in", None, self.range(it))));
        pairs.extend(it.default.as_ref().map(|it| Pair::new("default", None, self.value(it))));
        Pair::new(&it.name.text, statement(it.span), Out::Map(pairs, None))
    }

    fn settings(&mut self, word: &str, it: &Settings) -> Pair {
        let field = |it: &Setting| {
            Pair::new(&it.name.text, Some((Kind::Setting, it.span())), self.value(&it.value)).statement()
        };
        let fields = it.fields.iter().map(field).collect();
        Pair::new(word, statement(it.span), Out::Map(fields, Some(it.inside()))).tall()
    }

    fn on(&mut self, it: &On) -> Vec<Pair> {
        let mut pairs = vec![Pair::new("on", None, word(&it.var)), Pair::new("in", None, self.condition(&it.stream))];
        pairs.extend(it.filter.as_ref().map(|it| Pair::new("where", None, self.condition(it))));
        if let Some(batch) = &it.batch {
            pairs.push(Pair::new("every", None, self.value(&batch.every)));
            pairs.extend(batch.by.as_ref().map(|it| Pair::new("by", None, self.condition(it))));
            pairs.extend(batch.max.as_ref().map(|it| Pair::new("max", None, self.value(it))));
            pairs.push(Pair::new("as", None, word(&batch.name)));
        }
        pairs.extend(self.inner_block(&it.body));
        pairs
    }

    fn step(&mut self, it: &Step) -> Pair {
        let name = key(&it.name.text, STATEMENTS);
        let short = it.ty.is_none() && it.clauses.is_empty();
        let mut pairs: Vec<Pair> = it.ty.iter().map(|it| Pair::new("type", None, self.ty(it))).collect();
        pairs.extend(self.rhs(&it.rhs));
        if short
            && let [only] = pairs.as_slice()
            && only.key.as_deref() == Some("value")
            && !matches!(only.value, Out::Map(..) | Out::Text(_))
            && let Some(only) = pairs.pop()
        {
            return Pair::new(&name, None, only.value);
        }
        let mut clauses = it.clauses.as_slice();
        while let Some((clause, rest)) = clauses.split_first() {
            let alike = 1 + rest.iter().take_while(|it| both_else(clause, it)).count();
            let (these, rest) = clauses.split_at(alike);
            pairs.extend(self.clause(clause, these));
            clauses = rest;
        }
        let pair = Pair::new(&name, None, Out::Map(pairs, None));
        if matches!(it.rhs, Rhs::Expr(_)) { pair } else { pair.tall() }
    }

    fn clause(&mut self, clause: &Clause, these: &[Clause]) -> Option<Pair> {
        let place = Some((Kind::Clause, clause.span));
        Some(match &clause.kind {
            ClauseKind::When(it) => Pair::new("when", place, self.condition(it)),
            ClauseKind::After(names) => Pair::new("after", place, words(names)),
            ClauseKind::Timeout(it) => Pair::new("timeout", place, self.value(it)),
            ClauseKind::Retry { max, backoff: None } => Pair::new("retry", place, self.value(max)),
            ClauseKind::Retry { max, backoff: Some(backoff) } => {
                let pairs =
                    vec![Pair::new("max", None, self.value(max)), Pair::new("backoff", None, self.range(backoff))];
                Pair::new("retry", place, Out::Map(pairs, None))
            }
            ClauseKind::Every(it) => Pair::new("every", place, self.value(it)),
            ClauseKind::Cache(it) => Pair::new("cache", place, self.value(it)),
            ClauseKind::Tolerate(it) => Pair::new("tolerate", place, self.value(it)),
            ClauseKind::Accept(names) => Pair::new("accept", place, words(names)),
            ClauseKind::Else(rhs) if these.len() == 1 => Pair::new("else", place, self.otherwise(rhs)),
            ClauseKind::Else(_) => {
                let each = these.iter().filter_map(|it| {
                    let ClauseKind::Else(rhs) = &it.kind else { return None };
                    Some(Pair::item(Some((Kind::Clause, it.span)), self.otherwise(rhs)))
                });
                Pair::new("else", None, Out::List(each.collect(), None))
            }
            ClauseKind::Bad => {
                self.bad = true;
                return None;
            }
        })
    }

    fn otherwise(&mut self, rhs: &Rhs) -> Out {
        let mut pairs = self.rhs(rhs);
        match pairs.as_slice() {
            [only] if only.key.as_deref() == Some("value") && matches!(only.value, Out::Word(_) | Out::Expr(..)) => {
                pairs.pop().map_or(Out::Map(Vec::new(), None), |it| it.value)
            }
            _ => Out::Map(pairs, None),
        }
    }

    fn rhs(&mut self, rhs: &Rhs) -> Vec<Pair> {
        match rhs {
            Rhs::Expr(it) => self.call(it),
            Rhs::For(it) => {
                let mut pairs =
                    vec![Pair::new("for", None, word(&it.var)), Pair::new("in", None, self.condition(&it.list))];
                pairs.extend(it.filter.as_ref().map(|it| Pair::new("where", None, self.condition(it))));
                pairs.extend(it.parallel.as_ref().map(|it| Pair::new("parallel", None, self.value(it))));
                pairs.extend(self.inner_block(&it.body));
                pairs
            }
            Rhs::Match(it) => {
                let arms: Vec<Pair> = it.arms.iter().map(|it| self.arm(it)).collect();
                let cases = Pair::new("cases", None, Out::List(arms, Some(it.span))).tall();
                vec![Pair::new("match", None, self.condition(&it.on)), cases]
            }
        }
    }

    fn arm(&mut self, arm: &Arm) -> Pair {
        let mut patterns: Vec<Out> = arm.patterns.iter().map(pattern).collect();
        let is = match patterns.len() {
            1 => patterns.pop().unwrap_or(Out::Word("_".into())),
            _ => Out::List(patterns.into_iter().map(|it| Pair::item(None, it)).collect(), None),
        };
        let mut pairs = vec![Pair::new("is", None, is)];
        match &arm.body {
            ArmBody::Expr(it) => pairs.extend(self.call(it)),
            ArmBody::Block(it) => pairs.extend(self.inner_block(it)),
        }
        Pair::item(Some((Kind::Arm, arm.span)), Out::Map(pairs, None)).statement()
    }

    /// Returns the keys of a call, or `value` where it is none that has keys.
    fn call(&mut self, it: &Expr) -> Vec<Pair> {
        let (callee, args) = match &it.kind {
            ExprKind::Call { callee, args, args_span } if named(args) => (&**callee, Some((args, *args_span))),
            _ => (it, None),
        };
        let mut pairs = match &callee.kind {
            ExprKind::Ref(name) => vec![Pair::new("run", None, word(name))],
            ExprKind::Field(of, method) if matches!(of.kind, ExprKind::Ref(_)) => {
                let ExprKind::Ref(slice) = &of.kind else { return Vec::new() };
                vec![
                    Pair::new("slice", None, word(slice)),
                    Pair::new("method", None, Out::Word(method.text.to_string())),
                ]
            }
            _ => return vec![Pair::new("value", None, self.value(it))],
        };
        if let Some((args, span)) = args {
            pairs.push(Pair::new("with", None, self.args(args, span)));
        }
        pairs
    }

    fn args(&mut self, args: &[Arg], span: Span) -> Out {
        let each = args.iter().filter_map(|it| match &it.kind {
            ArgKind::Named(name, value) => Some(Pair::new(&name.text, Some((Kind::Arg, it.span)), self.value(value))),
            _ => None,
        });
        Out::Map(each.collect(), Some(span))
    }

    fn value(&mut self, it: &Expr) -> Out {
        match &it.kind {
            ExprKind::Literal { value: Value::None, .. } => Out::Word("null".into()),
            ExprKind::Literal { text, .. } => Out::Word(text.to_string()),
            ExprKind::Text(text) => Out::Text(text.to_string()),
            ExprKind::List(items) => {
                let each = items.iter().map(|it| Pair::item(Some((Kind::Element, it.span)), self.value(it)));
                Out::List(each.collect(), Some(it.span))
            }
            ExprKind::Record(fields) if named(fields) => self.args(fields, it.span),
            _ => self.expression(it),
        }
    }

    fn expression(&mut self, it: &Expr) -> Out {
        self.bad |= has_bad(it);
        Out::Expr(expr_to_wf(it, self.source), it.span)
    }

    /// Returns a value where a text without `$` would be taken for an expression.
    fn condition(&mut self, it: &Expr) -> Out {
        if matches!(it.kind, ExprKind::Text(_)) { self.expression(it) } else { self.value(it) }
    }

    fn range(&mut self, it: &Expr) -> Out {
        let text = expr_to_wf(it, self.source);
        if is_plain_range(&text) { Out::Word(text) } else { self.condition(it) }
    }

    fn ty(&mut self, it: &TypeExpr) -> Out {
        match &it.kind {
            TypeKind::List(of) => Out::List(vec![Pair::item(None, self.ty(of))], None),
            TypeKind::Record(fields) => {
                let each = fields
                    .iter()
                    .map(|(name, of)| Pair::new(&name.text, Some((Kind::Member, name.span.to(of.span))), self.ty(of)));
                Out::Map(each.collect(), Some(it.span))
            }
            TypeKind::Bad => {
                self.bad = true;
                Out::Word(self.source.slice(it.span).into())
            }
            _ => Out::Word(type_to_wf(it, self.source)),
        }
    }

    fn trial(&mut self, stmt: &TestStmt) -> Option<Pair> {
        let (pairs, span) = match stmt {
            TestStmt::Let(it) => {
                let mut pairs = vec![Pair::new(
                    "let",
                    None,
                    Out::Map(vec![Pair::new(&it.name.text, None, self.value(&it.value))], None),
                )];
                pairs.extend(it.ty.as_ref().map(|it| Pair::new("type", None, self.ty(it))));
                (pairs, it.span)
            }
            TestStmt::Mock { callee, value, span } => (
                vec![Pair::new(
                    "mock",
                    None,
                    Out::Map(vec![Pair::new(&method(callee), None, self.value(value))], None),
                )],
                *span,
            ),
            TestStmt::Fail { callee, times, kind, span } => {
                let mut pairs = vec![Pair::new("fail", None, Out::Word(method(callee)))];
                pairs.extend(times.as_ref().map(|it| Pair::new("times", None, self.value(it))));
                pairs.extend(kind.as_ref().map(|it| Pair::new("as", None, self.value(it))));
                (pairs, *span)
            }
            TestStmt::Delay { callee, by, span } => (
                vec![Pair::new("delay", None, Out::Map(vec![Pair::new(&method(callee), None, self.value(by))], None))],
                *span,
            ),
            TestStmt::At { time, then, span } => {
                let mut pairs = vec![Pair::new("at", None, self.value(time))];
                if let Some(Pair { value: Out::Map(more, _), .. }) = self.trial(then) {
                    pairs.extend(more);
                }
                (pairs, *span)
            }
            TestStmt::Run { name, workflow, args, args_span, span } => {
                let mut pairs = vec![Pair::new("run", None, Out::Word(expr_to_wf(workflow, self.source)))];
                pairs.extend(name.as_ref().map(|it| Pair::new("as", None, Out::Word(it.text.to_string()))));
                if !args.is_empty() {
                    pairs.push(Pair::new("with", None, self.args(args, *args_span)));
                }
                (pairs, *span)
            }
            TestStmt::Expect { that, span } => (vec![Pair::new("expect", None, self.condition(that))], *span),
            TestStmt::Bad(_) => {
                self.bad = true;
                return None;
            }
        };
        Some(Pair::item(Some((Kind::Stmt, span)), Out::Map(pairs, None)).statement().tall())
    }
}

/// Returns a statement as what its entry of a list holds: the entry is the statement.
fn inner(pair: Pair) -> Pair {
    Pair { part: None, statement: false, ..pair }
}

/// The keys that hold several statements.
const MANY: &[&str] = &["params", "outputs", "let"];

/// Returns the key under which a statement can stand; `list` for one that stands in the list only.
fn section(stmt: &Stmt, list: &'static str) -> &'static str {
    match stmt {
        Stmt::Modes { .. } => "modes",
        Stmt::Param(_) => "params",
        Stmt::Limits(_) => "limits",
        Stmt::Deadline { .. } => "deadline",
        Stmt::Output { .. } => "outputs",
        Stmt::Yield { .. } => "yield",
        Stmt::Orders(_) => "orders",
        Stmt::Let(it) if it.ty.is_none() && it.on.is_none() => "let",
        Stmt::Let(_) | Stmt::Step(_) | Stmt::On(_) | Stmt::Rule(_) | Stmt::Bad(_) => list,
    }
}

/// Returns which statements stand in the list: from the first to the last that can stand nowhere else, and all that
/// would need a key a second time.
fn listed(kinds: &[&'static str], list: &str) -> std::ops::Range<usize> {
    let first = kinds.iter().position(|it| *it == list).unwrap_or(0);
    let mut range = first..kinds.iter().rposition(|it| *it == list).map_or(first, |it| it + 1);
    loop {
        let mut seen: Vec<(&str, usize)> = Vec::new();
        let again = kinds.iter().enumerate().find_map(|(index, kind)| {
            if range.contains(&index) {
                return None;
            }
            let before = seen.iter().find(|it| it.0 == *kind).map(|it| it.1);
            let adjacent = before.is_some_and(|it| it + 1 == index) && MANY.contains(kind);
            seen.retain(|it| it.0 != *kind);
            seen.push((kind, index));
            (before.is_some() && !adjacent).then_some(index)
        });
        let Some(index) = again else { return range };
        range = if range.is_empty() { index..index + 1 } else { range.start.min(index)..range.end.max(index + 1) };
    }
}

fn named(args: &[Arg]) -> bool {
    let mut seen = BTreeSet::new();
    args.iter().all(|it| matches!(&it.kind, ArgKind::Named(name, _) if seen.insert(&*name.text)))
}

fn both_else(a: &Clause, b: &Clause) -> bool {
    matches!((&a.kind, &b.kind), (ClauseKind::Else(_), ClauseKind::Else(_)))
}

fn pattern(it: &Pattern) -> Out {
    match it {
        Pattern::Any(_) => Out::Word("_".into()),
        Pattern::Text(text, _) => Out::Text(text.to_string()),
        Pattern::Bool(value, _) => Out::Word(value.to_string()),
        Pattern::Name(name) => Out::Expr(name.text.to_string(), name.span),
    }
}

fn method(it: &Callee) -> String {
    format!("{}.{}", it.slice.text, it.method.text)
}

/// Says whether something in an expression could not be read.
fn has_bad(it: &Expr) -> bool {
    let arg = |it: &Arg| match &it.kind {
        ArgKind::Named(_, value) | ArgKind::Positional(value) | ArgKind::Spread(value) => has_bad(value),
    };
    match &it.kind {
        ExprKind::Bad => true,
        ExprKind::Literal { .. } | ExprKind::Text(_) | ExprKind::Ref(_) => false,
        ExprKind::Field(of, _) | ExprKind::Unary(_, of) | ExprKind::Paren(of) => has_bad(of),
        ExprKind::Index(a, b) => has_bad(a) || has_bad(b),
        ExprKind::Call { callee, args, .. } => has_bad(callee) || args.iter().any(arg),
        ExprKind::List(items) => items.iter().any(has_bad),
        ExprKind::Record(args) => args.iter().any(arg),
        ExprKind::Binary { left, right, .. } => has_bad(left) || has_bad(right),
    }
}
