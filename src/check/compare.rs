//! What two workflows differ in: steps, wiring, limits and effects, not text.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::{
    Backoff, Body, Call, Input, Node, Work, Workflow,
    explain::{literal, written},
};
use crate::{
    expr::{Expr, Kind, canonical},
    source::Source,
    syntax::{
        ast,
        format::{expr_to_wf, type_to_wf},
    },
    value::Name,
};

/// A difference between two files.
#[derive(Clone, Debug, PartialEq)]
pub struct Difference {
    /// What differs, as in ``step `results[].prices` `` or `limits`.
    pub subject: String,
    /// Which trait of it: an input, a clause, a limit; none where the whole subject came, went or got another name.
    pub aspect: Option<String>,
    /// What it was; none where it is new.
    pub before: Option<String>,
    /// What it is now; none where it is gone.
    pub after: Option<String>,
}

/// Something that has traits: a step, a parameter, the limits, an output, a strategy.
#[derive(Clone, Debug, PartialEq)]
struct Subject {
    kind: &'static str,
    /// The path of a step; the name of anything else; empty for what there is one of.
    path: String,
    facts: Vec<Fact>,
}

/// A trait of a subject.
#[derive(Clone, Debug, PartialEq)]
struct Fact {
    aspect: String,
    shown: String,
    /// Equal where the trait means the same.
    meaning: String,
}

impl Subject {
    fn new(kind: &'static str, path: impl Into<String>) -> Self {
        Self { kind, path: path.into(), facts: Vec::new() }
    }

    fn said(mut self, aspect: impl Into<String>, shown: impl Into<String>) -> Self {
        let shown = shown.into();
        self.facts.push(Fact { aspect: aspect.into(), meaning: shown.clone(), shown });
        self
    }

    /// What people call it.
    fn title(&self) -> String {
        if self.path.is_empty() { self.kind.to_owned() } else { format!("{} `{}`", self.kind, self.path) }
    }

    /// Returns how many traits it shares with another, where it is likely the same thing under another name: it does the
    /// same, and most of its traits are the same.
    fn likeness(&self, other: &Subject) -> Option<usize> {
        let does_the_same = self.facts.first() == other.facts.first();
        let shared = self.facts.iter().filter(|it| other.facts.contains(it)).count();
        (does_the_same && 2 * shared > self.facts.len().max(other.facts.len())).then_some(shared)
    }

    fn parent(&self) -> &str {
        self.path.rfind(['.', '/']).map_or("", |at| self.path.get(..at).unwrap_or_default())
    }
}

/// Returns what changed in meaning from one checked workflow to another. A step that only has another name is renamed,
/// and what reads it reads the same.
pub fn workflows(before: &Workflow, after: &Workflow) -> Vec<Difference> {
    let new = Listing::of(after, HashMap::new());
    let mut renames = HashMap::new();
    loop {
        let old = Listing::of(before, renames.clone());
        let known = renames.len();
        renamed(&old.subjects, &new.subjects, &mut renames);
        if renames.len() == known {
            let mut found: Vec<Difference> = renames.iter().map(|(old, new)| rename(old, new)).collect();
            found.sort_by(|a, b| a.subject.cmp(&b.subject));
            found.extend(differences(&old.subjects, &new.subjects));
            return found;
        }
    }
}

/// Returns what changed in the strategies that two files declare.
pub fn strategies(before: (&ast::File, &Source), after: (&ast::File, &Source)) -> Vec<Difference> {
    let all = |(file, source): (&ast::File, &Source)| -> Vec<Subject> {
        let mut found = Vec::new();
        for item in &file.items {
            if let ast::Item::Strategy(it) = item {
                found.push(strategy(it, source));
            }
        }
        found
    };
    differences(&all(before), &all(after))
}

fn rename(old: &str, new: &str) -> Difference {
    let (kind, path) = old.split_once(' ').unwrap_or(("step", old));
    let subject = format!("{kind} `{path}`");
    Difference { subject, aspect: None, before: Some(path.to_owned()), after: Some(new.to_owned()) }
}

/// Notes which steps and lets of the old list stand in the new one under another name: `kind path` -> new name.
fn renamed(old: &[Subject], new: &[Subject], renames: &mut HashMap<String, String>) {
    let names = |all: &[Subject]| -> HashSet<(&'static str, String)> {
        all.iter().map(|it| (it.kind, it.path.clone())).collect()
    };
    let (had, has) = (names(old), names(new));
    let may = |it: &&Subject| matches!(it.kind, "step" | "let") && !it.facts.is_empty();
    let mut taken: HashSet<&str> = HashSet::new();
    for gone in old.iter().filter(may).filter(|it| !has.contains(&(it.kind, it.path.clone()))) {
        let free = new.iter().filter(may).filter(|it| {
            it.kind == gone.kind
                && it.parent() == gone.parent()
                && !had.contains(&(it.kind, it.path.clone()))
                && !taken.contains(it.path.as_str())
        });
        let alike = free.filter_map(|it| Some((gone.likeness(it)?, it))).rev();
        if let Some((_, same)) = alike.max_by_key(|it| it.0) {
            taken.insert(&same.path);
            let name = same.path.get(same.parent().len()..).unwrap_or_default().trim_start_matches(['.', '/']);
            renames.insert(format!("{} {}", gone.kind, gone.path), name.to_owned());
        }
    }
}

fn differences(old: &[Subject], new: &[Subject]) -> Vec<Difference> {
    let key = |it: &Subject| (it.kind, it.path.clone());
    let of = |all: &[Subject]| -> BTreeMap<(&'static str, String), usize> {
        all.iter().enumerate().map(|(at, it)| (key(it), at)).collect()
    };
    let (in_old, in_new) = (of(old), of(new));
    let mut found = Vec::new();
    for it in new {
        let before = in_old.get(&key(it)).and_then(|at| old.get(*at));
        match before {
            Some(before) => facts(before, it, &mut found),
            // The traits of what there is one of are told one by one: each new limit, say.
            None if it.path.is_empty() => facts(&Subject::new(it.kind, ""), it, &mut found),
            None => found.push(whole(it, None, Some(summary(it)))),
        }
    }
    for it in old.iter().filter(|it| !in_new.contains_key(&key(it))) {
        if it.path.is_empty() {
            facts(it, &Subject::new(it.kind, ""), &mut found);
        } else {
            found.push(whole(it, Some(summary(it)), None));
        }
    }
    found
}

fn whole(it: &Subject, before: Option<String>, after: Option<String>) -> Difference {
    Difference { subject: it.title(), aspect: None, before, after }
}

/// What a subject is in one line: its first trait, which is what it does.
fn summary(it: &Subject) -> String {
    match it.facts.first() {
        Some(first) if matches!(&*first.aspect, "call" | "value" | "type" | "rules") => first.shown.clone(),
        Some(first) => format!("{} {}", first.aspect, first.shown),
        None => String::new(),
    }
}

fn facts(old: &Subject, new: &Subject, found: &mut Vec<Difference>) {
    let of = |all: &Subject, aspect: &str| all.facts.iter().find(|it| it.aspect == aspect).cloned();
    let mut tell = |aspect: &str, before: Option<Fact>, after: Option<Fact>| {
        let shown = |it: Option<Fact>| it.map(|it| it.shown);
        let aspect = Some(aspect.to_owned());
        found.push(Difference { subject: new.title(), aspect, before: shown(before), after: shown(after) });
    };
    for fact in &new.facts {
        let before = of(old, &fact.aspect);
        // The same text of another meaning names something that changed, which is told where it is.
        if before.as_ref().is_none_or(|it| it.meaning != fact.meaning && it.shown != fact.shown) {
            tell(&fact.aspect, before, Some(fact.clone()));
        }
    }
    for fact in &old.facts {
        if of(new, &fact.aspect).is_none() {
            tell(&fact.aspect, Some(fact.clone()), None);
        }
    }
}

/// The subjects of a workflow and of those that it calls.
struct Listing {
    subjects: Vec<Subject>,
    /// Other names for steps and lets: `kind path` -> name.
    renames: HashMap<String, String>,
    frames: Vec<Vec<Name>>,
    /// The workflows and strategies that are listed already.
    seen: HashSet<String>,
}

impl Listing {
    fn of(workflow: &Workflow, renames: HashMap<String, String>) -> Self {
        let mut listing = Self { subjects: Vec::new(), renames, frames: Vec::new(), seen: HashSet::new() };
        listing.workflow(workflow, "");
        listing
    }

    /// Lists a workflow; `prefix` is empty for the one that is compared, else the name of a called one and a slash.
    fn workflow(&mut self, it: &Workflow, prefix: &str) {
        let outer = std::mem::take(&mut self.frames);
        self.frames.push(self.names(&it.body, prefix));
        for param in &it.params {
            let mut subject =
                Subject::new("param", format!("{prefix}{}", param.name)).said("type", param.ty.to_string());
            if let Some(within) = &param.within {
                subject = subject.said("in", literal(within));
            }
            self.optional(&mut subject, "default", param.default.as_ref());
            self.subjects.push(subject);
        }
        let mut limits = Subject::new("limits", prefix.trim_end_matches('/'));
        for (name, value) in &it.limits {
            self.optional(&mut limits, name, Some(value));
        }
        self.optional(&mut limits, "deadline", it.deadline.as_ref());
        self.subjects.push(limits);
        self.frames.pop();
        self.body(&it.body, prefix);
        self.frames.push(self.names(&it.body, prefix));
        for output in &it.outputs {
            let mut subject = Subject::new("output", format!("{prefix}{}", output.name));
            self.optional(&mut subject, "value", Some(&output.value));
            self.subjects.push(subject);
        }
        self.frames = outer;
    }

    /// The names of a body's slots, the other names of renamed steps in their place.
    fn names(&self, body: &Body, prefix: &str) -> Vec<Name> {
        let name = |name: &Name| {
            let path = format!("{prefix}{name}");
            let other = ["step", "let"].iter().find_map(|kind| self.renames.get(&format!("{kind} {path}")));
            other.map_or_else(|| name.clone(), |it| Name::from(it.as_str()))
        };
        body.slots.iter().map(|it| name(&it.name)).collect()
    }

    fn body(&mut self, it: &Body, prefix: &str) {
        self.frames.push(self.names(it, prefix));
        for node in &it.nodes {
            self.node(node, it, prefix);
        }
        self.frames.pop();
    }

    fn node(&mut self, it: &Node, body: &Body, prefix: &str) {
        let kind = if it.is_let { "let" } else { "step" };
        let named = format!("{prefix}{}", it.name);
        let path = match self.renames.get(&format!("{kind} {named}")) {
            Some(name) => format!("{prefix}{name}"),
            None => named,
        };
        let at = self.subjects.len();
        self.subjects.push(Subject::new(kind, path.clone()));
        let mut subject = Subject::new(kind, path.clone());
        self.work(&mut subject, &it.work, "", &path);
        for (at, other) in it.otherwise.iter().enumerate() {
            let role = if at == 0 { "else".to_owned() } else { format!("else {}", at + 1) };
            self.work(&mut subject, other, &role, &path);
        }
        for (word, value) in [
            ("when", &it.when),
            ("timeout", &it.timeout),
            ("every", &it.every),
            ("cache", &it.cache),
            ("tolerate", &it.tolerate),
        ] {
            self.optional(&mut subject, word, value.as_ref());
        }
        if let Some(retry) = &it.retry {
            self.optional(&mut subject, "retry", Some(&retry.max));
            if let Backoff::Range(range) = &retry.backoff {
                self.optional(&mut subject, "backoff", Some(range));
            }
        }
        if !it.is_let {
            subject = subject.said("effect", it.effect.as_str()).said("type", it.ty.to_string());
        }
        let name = |at: &u32| body.nodes.get(*at as usize).map(|it| it.name.to_string());
        let after: Vec<String> = it.order_only.iter().filter_map(name).collect();
        if !after.is_empty() {
            subject = subject.said("after", after.join(", "));
        }
        if let Some(place) = self.subjects.get_mut(at) {
            *place = subject;
        }
    }

    /// Says what a step does; `role` is empty for its main work, else which `else` or arm it is.
    fn work(&mut self, subject: &mut Subject, it: &Work, role: &str, path: &str) {
        let aspect = |what: &str| match role {
            "" => what.to_owned(),
            role => format!("{role} {what}").trim_end().to_owned(),
        };
        match it {
            Work::Call(it) => {
                say(subject, aspect(if role.is_empty() { "call" } else { "" }), &it.written);
                self.inputs_of(subject, it, role);
            }
            Work::Value(it) => self.optional(subject, &aspect(if role.is_empty() { "value" } else { "" }), Some(it)),
            Work::For(it) => {
                self.optional(subject, &aspect("for"), Some(&it.list));
                self.optional(subject, &aspect("parallel"), it.parallel.as_ref());
                self.inner(subject, it.filter.as_ref(), &it.body, &aspect(""), &format!("{path}[]."));
            }
            Work::Match(it) => {
                self.optional(subject, &aspect("match"), Some(&it.on));
                for arm in &it.arms {
                    let patterns: Vec<String> = arm.patterns.iter().map(literal).collect();
                    let patterns = if patterns.is_empty() { "_".to_owned() } else { patterns.join(", ") };
                    self.work(subject, &arm.work, &format!("{}{patterns} =>", aspect("")), path);
                }
            }
            Work::Block(it) => self.inner(subject, None, it, &aspect(""), &format!("{path}.")),
            Work::Workflow(it) => {
                say(subject, aspect(if role.is_empty() { "call" } else { "" }), it.workflow.name());
                self.inputs(subject, &it.inputs, role);
                if self.seen.insert(format!("workflow {}", it.workflow.name())) {
                    self.workflow(&it.workflow, &format!("{}/", it.workflow.name()));
                }
            }
            Work::On(it) => {
                self.optional(subject, &aspect("on"), Some(&it.stream));
                if let Some(batch) = &it.batch {
                    self.optional(subject, &aspect("batch every"), Some(&batch.every));
                    self.optional(subject, &aspect("batch max"), batch.max.as_ref());
                }
                self.inner(subject, it.filter.as_ref(), &it.body, &aspect(""), &format!("{path}[]."));
            }
        }
    }

    /// Lists a nested body; its filter and what it yields are traits of the step that holds it.
    fn inner(&mut self, subject: &mut Subject, filter: Option<&Expr>, it: &Body, role: &str, prefix: &str) {
        self.body(it, prefix);
        self.frames.push(self.names(it, prefix));
        let aspect = |what: &str| format!("{role} {what}").trim_start().to_owned();
        self.optional(subject, &aspect("where"), filter);
        self.optional(subject, &aspect("yield"), it.result.as_ref());
        self.frames.pop();
    }

    fn inputs_of(&mut self, subject: &mut Subject, it: &Call, role: &str) {
        self.inputs(subject, &it.inputs, role);
        // An input that is left to its default means what it means with the default written out.
        for field in &it.method.inputs {
            let Some(default) = field.default.as_ref().filter(|_| !it.inputs.iter().any(|it| it.name == field.name))
            else {
                continue;
            };
            let meaning = canonical(&Expr::constant(default.clone()), &|_| String::new());
            let fact = Fact { aspect: input(role, &field.name), shown: literal(default), meaning };
            subject.facts.push(fact);
        }
    }

    fn inputs(&mut self, subject: &mut Subject, inputs: &[Input], role: &str) {
        for it in inputs {
            self.optional(subject, &input(role, &it.name), Some(&it.value));
        }
    }

    fn optional(&mut self, subject: &mut Subject, aspect: &str, it: Option<&Expr>) {
        let Some(it) = it else { return };
        let frames = &self.frames;
        let name = |slot: crate::expr::Slot| {
            let frame = frames.len().checked_sub(usize::from(slot.up) + 1).and_then(|at| frames.get(at));
            frame.and_then(|it| it.get(slot.index as usize)).map(ToString::to_string).unwrap_or_default()
        };
        let (shown, meaning) = (written(it, frames), canonical(it, &name));
        subject.facts.push(Fact { aspect: aspect.to_owned(), shown, meaning });
        self.made(it);
    }

    /// Lists the strategies that an expression makes.
    fn made(&mut self, it: &Expr) {
        it.visit(&mut |it| {
            if let Kind::Make(template, _) = &it.kind
                && self.seen.insert(format!("strategy {}", template.name()))
            {
                let rules = template.meaning().get(..12).unwrap_or_default();
                self.subjects.push(Subject::new("strategy", template.name()).said("rules", rules));
            }
        });
    }
}

fn input(role: &str, name: &Name) -> String {
    format!("{role} input {name}").trim_start().to_owned()
}

fn say(subject: &mut Subject, aspect: String, shown: &str) {
    subject.facts.push(Fact { aspect, shown: shown.to_owned(), meaning: shown.to_owned() });
}

/// The traits of a strategy as its file declares it.
fn strategy(it: &ast::Strategy, source: &Source) -> Subject {
    let mut subject = Subject::new("strategy", &*it.name.text);
    let mut counts: HashMap<String, usize> = HashMap::new();
    let text = |it: &ast::Expr| expr_to_wf(it, source);
    for stmt in &it.body.stmts {
        match stmt {
            ast::Stmt::Param(it) => {
                let mut shown = type_to_wf(&it.ty, source);
                for (word, value) in [("in", &it.within), ("=", &it.default)] {
                    if let Some(value) = value {
                        shown = format!("{shown} {word} {}", text(value));
                    }
                }
                subject = subject.said(format!("param {}", it.name.text), shown);
            }
            ast::Stmt::Let(it) => {
                let on = it.on.as_ref().map(|it| format!(" on {}", text(it))).unwrap_or_default();
                subject = subject.said(format!("let {}", it.name.text), format!("{}{on}", text(&it.value)));
            }
            ast::Stmt::Rule(it) => {
                let rule = format!("{} {}", it.action.as_str(), it.side.as_str());
                let count = counts.entry(rule.clone()).or_default();
                *count += 1;
                let aspect = if *count == 1 { rule } else { format!("{rule} {count}") };
                subject = subject.said(aspect, text(&it.when));
            }
            ast::Stmt::Orders(it) => {
                for field in &it.fields {
                    subject = subject.said(format!("orders {}", field.name.text), text(&field.value));
                }
            }
            _ => {}
        }
    }
    subject
}
