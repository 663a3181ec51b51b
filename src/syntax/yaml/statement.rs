//! The statements of workflows, strategies and blocks.

use super::{
    Reader, Wanted,
    fields::{Fields, has, key_text},
    tree::{Entry, Kind, Node},
};
use crate::{
    source::{Code, Diagnostic, Span},
    syntax::ast::{Action, Batch, Block, Let, On, Param, Rule, Setting, Settings, Side, Stmt},
};

/// The keys of a workflow.
pub(super) const WORKFLOW: &[&str] = &["modes", "params", "limits", "deadline", "steps", "outputs", "yield"];

/// The keys of a strategy.
pub(super) const STRATEGY: &[&str] = &["params", "let", "rules", "orders"];

/// The keys of a block inside a workflow.
pub(super) const BLOCK: &[&str] = &["steps", "yield"];

/// The keys by which an entry among the steps is another statement than a step, the one that decides first.
pub(super) const STATEMENTS: &[&str] =
    &["let", "enter", "exit", "on", "yield", "output", "param", "modes", "limits", "deadline", "orders"];

/// The keys of a param.
pub(super) const PARAM: &[&str] = &["type", "in", "default"];

/// The keys of the statement `let` among others.
pub(super) const LET: &[&str] = &["let", "type", "on"];

/// The keys of a handler.
pub(super) const ON: &[&str] = &["on", "in", "where", "every", "by", "max", "as", "steps", "yield"];

/// Returns the keys of a rule that enters or exits.
pub(super) fn rule(key: &'static str) -> [&'static str; 2] {
    [key, "when"]
}

impl Reader<'_> {
    /// Reads the block that the keys of a map make.
    pub fn block(&mut self, node: &Node, what: &str, legal: &[&'static str]) -> Block {
        let mut block = Block { stmts: Vec::new(), span: node.span };
        if node.is_bad() || !self.enter(node.span) {
            return block;
        }
        if let Some(fields) = self.fields(node, what, legal) {
            for (key, entry) in &fields.entries {
                self.section(key, entry, &mut block.stmts);
            }
        }
        self.blocks -= 1;
        block
    }

    /// Reads the block inside something that has keys of its own.
    pub fn inner_block(&mut self, fields: &Fields<'_>) -> Block {
        let mut block = Block { stmts: Vec::new(), span: fields.span };
        if !self.enter(fields.span) {
            return block;
        }
        let mut span: Option<Span> = None;
        for (key, entry) in fields.entries.iter().filter(|it| BLOCK.contains(&it.0)) {
            self.section(key, entry, &mut block.stmts);
            span = Some(span.map_or(entry.span(), |it| it.to(entry.span())));
        }
        self.blocks -= 1;
        block.span = span.unwrap_or(block.span);
        block
    }

    fn section(&mut self, key: &str, entry: &Entry, into: &mut Vec<Stmt>) {
        let (value, span, keyword) = (&*entry.value, entry.span(), entry.key.span);
        match key {
            "steps" | "rules" => match &value.kind {
                Kind::List(items) => {
                    for each in items {
                        self.statement(each, into);
                    }
                }
                Kind::Map(_) => {
                    let found = Diagnostic::new(
                        Code::S001,
                        self.first_line(value.span),
                        format!("`{key}` is a list, and this is a map"),
                    );
                    self.report(found.help("start each with `- `, for their order counts"));
                    into.push(Stmt::Bad(value.span));
                }
                _ if value.is_empty() => {
                    let found = Diagnostic::new(Code::S001, keyword, format!("`{key}` holds nothing"));
                    self.report(found.help(format!("write `{key}: []` where it is meant to be empty")));
                }
                _ => self.expected(value, "a list", "each entry is as `- name: {slice: …, method: …}`"),
            },
            "modes" => into.push(Stmt::Modes { modes: self.names(value), span }),
            "params" | "param" => {
                for each in self.named(value, "params by their names") {
                    let param = self.param(each);
                    into.push(param);
                }
            }
            "limits" => into.push(Stmt::Limits(self.settings(value, keyword, span))),
            "orders" => into.push(Stmt::Orders(self.settings(value, keyword, span))),
            "deadline" => into.push(Stmt::Deadline { value: self.value_of(entry, key), span }),
            "yield" => into.push(Stmt::Yield { value: self.value_of(entry, key), span }),
            "outputs" | "output" => {
                for each in self.named(value, "outputs by their names") {
                    let Some(name) = self.name(&each.key) else { continue };
                    let value = self.value_of(each, &name.text);
                    into.push(Stmt::Output { name, value, span: each.span() });
                }
            }
            _ => {
                for each in self.named(value, "values by their names") {
                    let Some(name) = self.name(&each.key) else { continue };
                    let value = self.value_of(each, &name.text);
                    into.push(Stmt::Let(Let { name, ty: None, value, on: None, span: each.span() }));
                }
            }
        }
    }

    /// Reads the value of a key that cannot do without one.
    pub fn value_of(&mut self, entry: &Entry, key: &str) -> crate::syntax::ast::Expr {
        if entry.value.is_empty() {
            let found = Diagnostic::new(Code::S005, entry.key.span, format!("`{key}` has no value"));
            self.report(found.help(format!("write one, or `{key}: null` for none")));
            return crate::syntax::ast::Expr { kind: crate::syntax::ast::ExprKind::Bad, span: entry.key.span };
        }
        self.value(&entry.value)
    }

    fn param(&mut self, entry: &Entry) -> Stmt {
        let bad = Stmt::Bad(entry.span());
        let Some(name) = self.name(&entry.key) else { return bad };
        let what = format!("the param `{}`", name.text);
        let Some(fields) = self.fields(&entry.value, &what, PARAM) else { return bad };
        let Some(ty) = fields.get("type") else {
            if !fields.partial {
                let found = Diagnostic::new(Code::S001, entry.key.span, format!("{what} has no `type`"));
                self.report(found.help("add one, as in `type: Int`"));
            }
            return bad;
        };
        let ty = self.ty(ty);
        let within = fields.get("in").map(|it| self.range(it, "in"));
        let default = fields.entry("default").map(|it| self.value_of(it, "default"));
        Stmt::Param(Param { doc: self.doc(entry.key.span), name, ty, within, default, span: entry.span() })
    }

    fn settings(&mut self, node: &Node, keyword: Span, span: Span) -> Settings {
        let mut fields = Vec::new();
        for each in self.named(node, "settings by their names") {
            let Some(name) = self.name(&each.key) else { continue };
            let value = self.value_of(each, &name.text);
            fields.push(Setting { name, value });
        }
        Settings { fields, keyword, span }
    }

    /// Reads an entry of a list of steps or rules.
    fn statement(&mut self, node: &Node, into: &mut Vec<Stmt>) {
        if node.is_bad() {
            return into.push(Stmt::Bad(node.span));
        }
        let Some(entries) = node.map().filter(|it| !it.is_empty()) else {
            self.wants(node.span, || Wanted::Key(STATEMENTS.to_vec()));
            self.expected(node, "a step", "a step is written as `- name: {slice: …, method: …}`");
            return into.push(Stmt::Bad(node.span));
        };
        let decisive =
            STATEMENTS.iter().find_map(|key| entries.iter().find(|it| key_text(it) == Some(key)).zip(Some(*key)));
        let Some((entry, key)) = decisive else {
            if let Some(first) = entries.first() {
                self.wants(first.key.span, || Wanted::Key(STATEMENTS.to_vec()));
            }
            return self.step_entry(node, entries, into);
        };
        let step = has(&entry.value, "slice") && has(&entry.value, "method") || has(&entry.value, "run");
        if step && entries.len() == 1 {
            let found = Diagnostic::new(Code::N009, entry.key.span, format!("`{key}` is a reserved word"));
            let quoted = format!("'`{key}`'");
            self.report(found.safe_fix("put it in backticks", entry.key.span, quoted));
            return self.step_entry(node, entries, into);
        }
        match key {
            "let" => self.let_entry(node, into),
            "on" => {
                let on = self.on_entry(node);
                into.push(on);
            }
            "enter" | "exit" => {
                let rule = self.rule(node, entry, key);
                into.push(rule);
            }
            _ => {
                if let Some(fields) = self.fields(node, &format!("the statement `{key}`"), &[key]) {
                    let first = into.len();
                    for (key, entry) in fields.entries {
                        self.section(key, entry, into);
                    }
                    // A statement alone in its entry begins where the entry does.
                    let doc = self.doc(node.span);
                    if let [only] = into.get_mut(first..).unwrap_or_default() {
                        match only {
                            Stmt::Param(it) => {
                                it.span.start = node.span.start;
                                it.doc = doc.or(it.doc.take());
                            }
                            Stmt::Output { span, .. } => span.start = node.span.start,
                            _ => {}
                        }
                    }
                }
            }
        }
    }

    fn let_entry(&mut self, node: &Node, into: &mut Vec<Stmt>) {
        let Some(fields) = self.fields(node, "the statement `let`", LET) else { return };
        let first = into.len();
        if let Some(entry) = fields.entry("let") {
            self.section("let", entry, into);
        }
        let ty = fields.get("type").map(|it| self.ty(it));
        let on = fields.entry("on").map(|it| self.value_of(it, "on"));
        let alone = into.len() == first + 1;
        match into.last_mut() {
            Some(Stmt::Let(it)) if alone => {
                it.ty = ty;
                it.on = on;
                it.span = node.span;
            }
            _ if ty.is_some() || on.is_some() => {
                let found =
                    Diagnostic::new(Code::S001, node.span, "`type` and `on` belong to one `let`, and here are several");
                self.report(found.help("give each an entry of its own"));
            }
            _ => {}
        }
    }

    fn rule(&mut self, node: &Node, entry: &Entry, key: &'static str) -> Stmt {
        let Some(fields) = self.fields(node, &format!("the rule `{key}`"), &rule(key)) else {
            return Stmt::Bad(node.span);
        };
        let side = match entry.value.scalar().map(|it| &*it.text) {
            Some("long") => Side::Long,
            Some("short") => Side::Short,
            _ => {
                let found = Diagnostic::new(Code::S001, entry.value.span, format!("`{key}` is `long` or `short`"));
                self.report(found);
                return Stmt::Bad(node.span);
            }
        };
        let Some(when) = fields.get("when") else {
            if !fields.partial {
                let found = Diagnostic::new(
                    Code::S001,
                    node.span,
                    format!("this rule has no `when`: it says not when to {key}"),
                );
                self.report(found);
            }
            return Stmt::Bad(node.span);
        };
        let when = self.condition(when, "when");
        let action = if key == "enter" { Action::Enter } else { Action::Exit };
        Stmt::Rule(Rule { action, side, when, head: entry.span(), span: node.span })
    }

    fn on_entry(&mut self, node: &Node) -> Stmt {
        let bad = Stmt::Bad(node.span);
        let Some(fields) = self.fields(node, "the statement `on`", ON) else { return bad };
        let var = fields.get("on").and_then(|it| self.name(it));
        let stream = fields.get("in").map(|it| self.condition(it, "in"));
        let filter = fields.get("where").map(|it| self.condition(it, "where"));
        let batch = self.batch(&fields);
        let body = self.inner_block(&fields);
        match (var, stream) {
            (Some(var), Some(stream)) => Stmt::On(On { var, stream, filter, batch, body, span: node.span }),
            (Some(var), None) if !fields.partial => {
                let found = Diagnostic::new(Code::S001, var.span, "`in` is missing: which stream the events come from");
                self.report(found);
                bad
            }
            _ => bad,
        }
    }

    fn batch(&mut self, fields: &Fields<'_>) -> Option<Batch> {
        let Some(every) = fields.entry("every") else {
            if let Some((key, entry)) = fields.entries.iter().find(|it| ["by", "max", "as"].contains(&it.0)) {
                let found = Diagnostic::new(
                    Code::S001,
                    entry.key.span,
                    format!("`{key}` needs `every`: events are gathered for a while"),
                );
                self.report(found);
            }
            return None;
        };
        let mut span = every.span();
        for (_, entry) in fields.entries.iter().filter(|it| ["by", "max", "as"].contains(&it.0)) {
            span = span.to(entry.span());
        }
        let value = self.value_of(every, "every");
        let by = fields.get("by").map(|it| self.condition(it, "by"));
        let max = fields.entry("max").map(|it| self.value_of(it, "max"));
        let Some(name) = fields.get("as") else {
            let found =
                Diagnostic::new(Code::S001, every.key.span, "`as` is missing: what the gathered events are called");
            self.report(found);
            return None;
        };
        Some(Batch { every: value, by, max, name: self.name(name)?, span })
    }
}
